// Data that outlives its run: prepared once, found again, done anew where it was cut off, and removed when somebody asks for it.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const PLAN = { preset: undefined, profileType: "sustained", concurrency: 5, workload: "grove", data: { posts: 10 }, targetOperations: 40, durationSeconds: 1, prepare: "reuse" };

const remembered = async (s) => (await s.env.TARGET_DB.prepare("SELECT * FROM sentinel_data ORDER BY created_at, mark").all()).results;

async function run(s, plan = {}, follow = {}) {
  const id = await s.create({ ...PLAN, ...plan });
  const messages = await s.follow(id, follow);
  const { state } = messages.at(-1);
  assertAccounted(state.counts);
  await s.eventually("the tenant may run again", async () => {
    const { active } = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return active === null;
  });
  return { id, state, frames: messages.filter(({ type }) => type === "frame"), report: await s.get(`/api/sentinel/${id}/report`) };
}

// Completed, and with nothing that failed.
async function good(s, plan) {
  const { state, report, frames, id } = await run(s, plan);
  assert.deepEqual([state.status, state.validity, state.counts.failed, report.cleanup.failed], ["completed", "valid", 0, 0], JSON.stringify([state.reason, report.exemplars.errors]));
  return { id, state, report, frames };
}

e2e("a second run finds what the first has prepared, and a third takes it away", () => sentinel, async (s) => {
  const empty = await s.targets();
  const first = await good(s);
  assert.deepEqual([first.state.reused, first.report.prepare.reused], [false, false]);
  assert.ok(first.state.prepared > 40 && first.state.prepared === first.state.toPrepare);
  const kept = await s.targets();
  const [row, ...more] = await remembered(s);
  assert.match(row.mark, /^data-[0-9a-f]{16}$/);
  assert.deepEqual([more.length, row.items, row.run_id, row.ready_at > 0], [0, first.state.prepared, first.id, true]);
  assert.deepEqual([kept["table sentinel_posts"], kept["table sentinel_users"], kept["R2 objects"].length], [10, 10, 15]);
  // Nothing of the run itself is left, and nothing of the data goes away by itself.
  for (const name of [...kept["KV keys"], ...kept["R2 objects"]]) assert.ok(name.startsWith(`sentinel_test_${row.mark}_default`), name);
  const { keys } = await s.env.TARGET_KV.list();
  assert.deepEqual(keys.filter(({ expiration }) => expiration !== undefined), []);

  // At another rate, which without a seed would be another load.
  const second = await good(s, { targetOperations: 60, name: "faster" });
  assert.notEqual(second.report.run.planHash, first.report.run.planHash);
  assert.deepEqual([second.state.reused, second.report.prepare], [true, { items: 0, failed: 0, reused: true }]);
  assert.ok(second.frames.every(({ reused, prepared, toPrepare }) => reused && prepared === 0 && toPrepare === 0));
  assert.match(await s.get(`/api/sentinel/${second.id}/report?format=text`), /The data of an earlier run was there/);
  assert.deepEqual(await s.targets(), kept);
  assert.deepEqual(await remembered(s), [row]);

  const last = await good(s, { prepare: "remove" });
  assert.deepEqual([last.state.reused, last.report.run.planHash], [true, first.report.run.planHash]);
  assert.deepEqual(await s.targets(), empty);
});

e2e("another seed, another size and other tenants are other data", () => sentinel, async (s) => {
  const empty = await s.targets();
  const others = [{ seed: 1 }, { seed: 2 }, { seed: 1, data: { posts: 20 } }, { seed: 1, tenants: ["anna", "ben"] }];
  for (const plan of others) assert.equal((await good(s, { ...plan, targetOperations: 10 })).state.reused, false);
  const marks = (await remembered(s)).map(({ mark }) => mark);
  assert.equal(new Set(marks).size, others.length);
  for (const plan of others) assert.equal((await good(s, { ...plan, targetOperations: 10, prepare: "remove" })).state.reused, true);
  assert.deepEqual(await s.targets(), empty);
});

e2e("what was cut off in prepare is prepared again", () => sentinel, async (s) => {
  const empty = await s.targets();
  const plan = { data: { posts: 300 }, concurrency: 10, seed: 7 };
  const cut = await run(s, plan, {
    onMessage: ({ type, prepared }, socket) => type === "frame" && prepared > 0 && !socket.cancelled && (socket.cancelled = s.post(`/api/sentinel/${socket.url.split("/").at(-2)}`, { action: "cancel" })),
  });
  assert.deepEqual([cut.state.status, cut.state.counts.completed], ["cancelled", 0]);
  assert.ok(cut.state.prepared < cut.state.toPrepare, "it had prepared everything");
  assert.deepEqual((await remembered(s)).map(({ ready_at }) => ready_at), [null]);
  const again = await good(s, plan);
  assert.deepEqual([again.state.reused, again.state.prepared], [false, again.state.toPrepare]);
  assert.equal((await good(s, plan)).state.reused, true);
  // Removed by a run that is cancelled as soon as it begins: the clean-up takes the data away all the same.
  const id = await s.create({ ...PLAN, ...plan, prepare: "remove", targetOperations: 100, durationSeconds: 20 });
  await s.follow(id, { until: ({ type, stage }) => type === "frame" && stage === "load" });
  await s.post(`/api/sentinel/${id}`, { action: "cancel" });
  await s.follow(id);
  assert.deepEqual(await s.targets(), empty);
});

e2e("a database that cannot remember is told of, and nothing is sent to it", () => sentinel, async (s) => {
  const before = await s.targets();
  await s.env.TARGET_DB.prepare("ALTER TABLE sentinel_data RENAME TO hidden").run();
  try {
    const { state } = await run(s);
    assert.equal(state.status, "failed");
    assert.match(state.reason, /^the database that is bound as TARGET_DB has no table sentinel_data, .* migrations\/target/);
    assert.equal(state.prepared, 0);
  } finally {
    await s.env.TARGET_DB.prepare("ALTER TABLE hidden RENAME TO sentinel_data").run();
  }
  assert.deepEqual(await s.targets(), before);
});
