// The built-in workload, system by system: on what was prepared, on nothing, and without tables.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const SYSTEMS = ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_download", "r2_upload", "auth_flows", "post_crud", "media_ops"];

// A run to its end.  Gives its state and its report.
async function run(s, plan) {
  const id = await s.create({ preset: undefined, profileType: "sustained", concurrency: 5, ...plan });
  const { state } = (await s.follow(id)).at(-1);
  assertAccounted(state.counts);
  await s.eventually("the tenant may run again", async () => {
    const row = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null;
  });
  return { state, report: await s.get(`/api/sentinel/${id}/report`) };
}

const whole = (report) => report.operations.filter(({ phase }) => phase === "all");

for (const system of SYSTEMS) {
  e2e(`${system} alone is valid without a failure, and leaves nothing behind`, () => sentinel, async (s) => {
    const held = await s.targets();
    const { state, report } = await run(s, { targetOperations: 40, durationSeconds: 2, targetSystems: [system] });
    assert.deepEqual([state.status, state.validity, state.counts.failed, state.counts.completed], ["completed", "valid", 0, 40]);
    for (const { operation, completed } of whole(report)) assert.ok(completed > 0, `${operation} was never sent`);
    assert.equal(report.cleanup.failed, 0);
    assert.deepEqual(await s.targets(), held);
  });
}

// What reads finds nothing; what only writes goes on.  kv_list finds the counters that rate_limit_check writes.
const MISSED = ["update_test_record", "select_test_records", "count_test_records", "select_posts_listing", "kv_get_simple", "kv_get_json", "r2_download", "r2_list", "session_lookup", "list_posts", "list_media", "fetch_media"];

e2e("on an unprepared target every read fails loudly, as wrong data", () => sentinel, async (s) => {
  const { state, report } = await run(s, {
    targetOperations: 300,
    durationSeconds: 5,
    prepare: "none",
    targetSystems: SYSTEMS.filter((system) => system !== "kv_put"), // which writes keys that kv_get reads
  });
  assert.equal(state.status, "completed");
  for (const { operation, completed, failed, errors } of whole(report)) {
    if (MISSED.includes(operation)) assert.deepEqual([completed, errors], [0, failed > 0 ? { data: failed } : {}], operation);
    else if (operation !== "kv_list") assert.equal(failed, 0, operation);
  }
  assert.ok(state.counts.failed > 200);
});

e2e("without the target's tables the run fails and says why", () => sentinel, async (s) => {
  const { state, report } = await run(s, { targetOperations: 40, durationSeconds: 2, targetSystems: ["post_crud"] });
  assert.equal(state.counts.failed, 0, JSON.stringify(report.exemplars));
  await s.env.TARGET_DB.prepare("ALTER TABLE sentinel_posts RENAME TO hidden_posts").run();
  try {
    const unprepared = await run(s, { targetOperations: 40, durationSeconds: 2, prepare: "none", targetSystems: ["post_crud"] });
    assert.deepEqual(unprepared.report.total.errors, { client: 40 });
    assert.match(unprepared.report.exemplars.errors[0].text, /no such table/);
    const prepared = await run(s, { targetOperations: 40, durationSeconds: 2, targetSystems: ["post_crud"] });
    assert.equal(prepared.state.status, "failed");
    assert.match(prepared.state.reason, /could not be prepared/);
    assert.equal(prepared.state.validity, "invalid");
  } finally {
    await s.env.TARGET_DB.prepare("ALTER TABLE hidden_posts RENAME TO sentinel_posts").run();
  }
});

// Upper 0.1 % point of chi-square with n degrees of freedom (Wilson and Hilferty 1931): within 1 % from n = 8 on.
const chiSquareLimit = (n) => n * (1 - 2 / (9 * n) + 3.0902 * Math.sqrt(2 / (9 * n))) ** 3;

const WEIGHTS = { d1_reads: 60, d1_writes: 5, kv_get: 15, kv_put: 5, r2_download: 8, r2_upload: 2, auth_flows: 10, post_crud: 10, media_ops: 10 };

for (const seed of [1, 2, 3]) {
  e2e(`what is sent is the mix that was asked for, seed ${seed}`, () => sentinel, async (s) => {
    const plan = { targetOperations: 600, durationSeconds: 4, concurrency: 20, seed, targetSystems: SYSTEMS };
    const { state, report } = await run(s, plan);
    assert.deepEqual([state.status, state.counts.failed], ["completed", 0]);
    const kinds = whole(report);
    const of = (system) => kinds.filter((kind) => kind.system === system).length;
    const chi = kinds.reduce((sum, { system, completed }) => {
      const expected = (600 * WEIGHTS[system]) / 125 / of(system);
      return sum + (completed - expected) ** 2 / expected;
    }, 0);
    assert.equal(kinds.length, 21);
    assert.ok(chi < chiSquareLimit(kinds.length - 1), `chi-square ${chi}`);
  });
}
