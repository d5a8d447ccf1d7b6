// The blog platform when something goes wrong: the machine is killed in mid-run, and values change behind the run's back.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../made.mjs";
import { held } from "../../targets.mjs";
import { assertAccounted, e2e, start } from "../harness.mjs";
import { inTargets, launch, migrated, newState } from "../process.mjs";

// --- Killed in mid-run -------------------------------------------------------------------------------------------

// Keys that each probe object keeps, as its file has them: no Worker runs that could be asked.
function keptOnDisk(state) {
  const folder = join(state.folder, "state", "v3", "do");
  const all = {};
  for (const type of readdirSync(folder).filter((name) => name.endsWith("ProbeObject"))) {
    for (const name of readdirSync(join(folder, type)).filter((file) => file.endsWith(".sqlite"))) {
      const file = new DatabaseSync(join(folder, type, name));
      const tables = file.prepare("SELECT name FROM sqlite_master WHERE name = '_cf_KV'").all();
      const keys = tables.length > 0 ? file.prepare("SELECT COUNT(*) AS n FROM _cf_KV").get().n : 0;
      if (keys > 0) all[name] = keys;
      file.close();
    }
  }
  return all;
}

async function targetsOnDisk(state) {
  return { ...(await inTargets(state, (env) => held(env))), objects: keptOnDisk(state) };
}

test("a run of grove outlives a kill of the whole machine, and leaves the targets as they were", { timeout: 180_000 }, async () => {
  const state = migrated(newState());
  let worker;
  try {
    const plan = { preset: undefined, profileType: "sustained", concurrency: 10, workload: "grove", targetOperations: 600, durationSeconds: 20 };
    worker = await launch(state);
    const id = await worker.create({ ...plan, startImmediately: false });
    await worker.stop();
    const untouched = await inTargets(state, (env) => held(env));
    worker = await launch(state);
    await worker.post(`/api/sentinel/${id}`, { action: "start" });
    await worker.eventually("6 s into the load", async () => (await worker.get(`/api/sentinel/${id}`)).run.elapsedS >= 6, 60_000);
    await worker.kill();
    const during = await targetsOnDisk(state);
    assert.ok(Object.keys(during.objects).length === 100, `${Object.keys(during.objects).length} objects were prepared`);
    assert.ok(during["KV keys"].length >= 160 && during["R2 objects"].length >= 150 && during["table sentinel_posts"] >= 100);
    await sleep(1000);
    worker = await launch(state);
    assert.equal((await worker.tick()).status, 200);
    const { end, report } = await worker.over(id);
    assert.equal(end.status, "completed", end.reason);
    assertAccounted(end.counts);
    assert.deepEqual([report.validity.accounting.difference, end.counts.failed], [0, 0], JSON.stringify(report.exemplars.errors));
    assert.ok(end.counts.completed > 300, JSON.stringify(end.counts));
    for (const shard of report.shards) assert.equal(shard.incarnation, 2);
    await worker.stop();
    assert.deepEqual(await targetsOnDisk(state), { ...untouched, objects: {} });
  } finally {
    await worker?.stop();
    state.discard();
  }
});

// --- One wrong value ---------------------------------------------------------------------------------------------

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

// The same traffic, of which nine tenths ask for the first key of each keyspace.
function hot() {
  const workload = JSON.parse(readFileSync(`${root}src/plan/workloads/grove.json`, "utf8"));
  for (const name of ["posts", "users", "media"]) workload.keys[name].distribution = "hotset:0.01:0.9";
  return workload;
}

// What is changed, and who finds it.
const wrongs = [
  {
    what: "a row in D1",
    change: ({ TARGET_DB }, prefix) => TARGET_DB.prepare("UPDATE sentinel_posts SET slug = 'changed' WHERE id = ?").bind(`${prefix}_post_0`).run(),
    key: "_post_0",
    operation: "post-read",
    step: 1,
  },
  { what: "a value in KV", change: ({ TARGET_KV }, prefix) => TARGET_KV.put(`${prefix}_session_0`, "x".repeat(200)), key: "_session_0", operation: "auth-flow", step: 1 },
  { what: "an object in R2", change: ({ TARGET_R2 }, prefix) => TARGET_R2.put(`${prefix}/media_0.bin`, "changed"), key: "/media_0.bin", operation: "media-fetch", step: 2 },
  {
    what: "what an object keeps",
    change: ({ PROBES }, prefix) => PROBES.getByName(`${prefix}_session_0`).put("user", "User 1"),
    key: "_session_0",
    operation: "auth-flow",
    step: 3,
  },
];

for (const { what, change, key, operation, step } of wrongs) {
  e2e(`${what} that is changed behind the run's back is found, and named`, () => sentinel, async (s) => {
    const untouched = await s.targets();
    const id = await s.create({ preset: undefined, profileType: "sustained", concurrency: 10, workload: hot(), targetOperations: 200, durationSeconds: 4, seed: 1 });
    const prefix = `sentinel_test_${id}_default`;
    let changed;
    const messages = await s.follow(id, { onMessage: ({ stage, counts }) => stage === "load" && counts.completed > 20 && (changed ??= change(s.env, prefix)) });
    await changed;
    const { state } = messages.at(-1);
    assertAccounted(state.counts);
    const report = await s.get(`/api/sentinel/${id}/report`);
    const { failed, completed, errors } = report.operations.find((one) => one.operation === operation && one.phase === "all");
    assert.deepEqual(report.total.errors, { data: state.counts.failed });
    assert.ok(failed > 0 && failed === state.counts.failed, `${failed} of ${state.counts.failed}`);
    assert.deepEqual(errors, { data: failed });
    assert.ok(completed > 0, "it was wrong from the start");
    for (const one of report.exemplars.errors) {
      assert.deepEqual([one.operation, one.step, one.error], [operation, step, "data"]);
      assert.ok(one.text.startsWith("not what was prepared: ") && one.text.endsWith(`${id.slice(-8)}_default${key}`), one.text);
    }
    assert.ok(report.exemplars.errors.length > 0);
    const text = await s.get(`/api/sentinel/${id}/report?format=text`);
    assert.ok(text.replaceAll(/\s+/g, "").includes(`_default${key}`), text);
    assert.deepEqual(await s.targets(), untouched);
    await s.eventually("the tenant may run again", async () => {
      const { active } = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
      return active === null;
    });
  });
}
