// What belongs to a neighbour, who has nearly the same name: a run neither finds it nor removes it.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { pages } from "../targets.mjs";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const TENANT = "a";

// Runs 1 and 10, tenants a and a_b: each name begins as the run's own does, or is how that begins.
const neighbours = (run) => [
  { run: `${run}0`, tenant: TENANT },
  { run: run.slice(0, -1), tenant: TENANT },
  { run, tenant: `${TENANT}_b` },
  { run, tenant: `${TENANT}_json` },
];

const columns = {
  tenant_id: ({ tenant }) => tenant,
  run_id: ({ run }) => run,
  data: () => "{}",
  prepared: () => 1,
  status: () => "published",
};

// A row in every table that a workload writes.
async function plantRows({ TARGET_DB }, neighbour, prefix) {
  const { results } = await TARGET_DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'sentinel_*'").all();
  for (const { name } of results) {
    const { results: all } = await TARGET_DB.prepare(`PRAGMA table_info("${name}")`).all();
    const needed = all.filter((column) => column.notnull && column.dflt_value === null || column.pk);
    const values = needed.map((column) => columns[column.name]?.(neighbour) ?? (column.type === "INTEGER" ? 1 : `${prefix}_${column.name}_1`));
    const list = needed.map((column) => `"${column.name}"`).join(", ");
    await TARGET_DB.prepare(`INSERT INTO "${name}" (${list}) VALUES (${values.map(() => "?").join(", ")})`).bind(...values).run();
  }
  return results.length;
}

async function plant({ env }, neighbour) {
  const prefix = `sentinel_test_${neighbour.run}_${neighbour.tenant}`;
  assert.ok((await plantRows(env, neighbour, prefix)) >= 8);
  for (const name of ["_session_1", "_tag_1", "_1", "/1", "/json_1", "/session_1"]) await env.TARGET_KV.put(prefix + name, "a neighbour's");
  for (const name of ["/post_1.md", "/media_1.bin", "/small_1.txt"]) await env.TARGET_R2.put(prefix + name, "a neighbour's");
  await env.PROBES.getByName(`${prefix}_session_1`).put("user", "a neighbour's");
}

// Everything, whole.
async function contents(s) {
  const { TARGET_DB, TARGET_KV, TARGET_R2 } = s.env;
  const { objects, ...held } = await s.targets();
  const all = { objects };
  for (const name of Object.keys(held).filter((what) => what.startsWith("table ")))
    all[name] = (await TARGET_DB.prepare(`SELECT * FROM "${name.slice(6)}" ORDER BY 1, 2, 3`).all()).results;
  for (const name of held["KV keys"]) all[`key ${name}`] = await TARGET_KV.get(name);
  for (const name of held["R2 objects"]) all[`object ${name}`] = await (await TARGET_R2.get(name)).text();
  return all;
}

// Created first, so that its neighbours can be planted around it.
async function runAmong(s, plan) {
  const id = await s.create({ preset: undefined, profileType: "sustained", concurrency: 10, targetOperations: 60, durationSeconds: 2, tenants: [TENANT], startImmediately: false, ...plan });
  for (const neighbour of neighbours(id)) await plant(s, neighbour);
  const planted = await contents(s);
  await s.post(`/api/sentinel/${id}`, { action: "start" });
  let during;
  const messages = await s.follow(id, { onMessage: ({ stage }) => stage === "load" && (during ??= s.targets()) });
  const { state } = messages.at(-1);
  assertAccounted(state.counts);
  assert.equal(state.status, "completed", state.reason);
  const most = await during;
  assert.ok(most["KV keys"].length > Object.keys(planted).filter((name) => name.startsWith("key ")).length || plan.prepare === "none", "the run wrote nothing");
  assert.deepEqual(await contents(s), planted);
  await s.eventually("the tenant may run again", async () => {
    const { active } = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return active === null;
  });
  return { state, report: await s.get(`/api/sentinel/${id}/report`) };
}

for (const workload of ["grove", "systems"]) {
  e2e(`a run of ${workload} removes exactly its own, whatever its neighbours are called`, () => sentinel, async (s) => {
    const { state } = await runAmong(s, { workload });
    assert.deepEqual([state.counts.failed, state.counts.completed], [0, 60]);
  });
}

e2e("what only a neighbour has is not found", () => sentinel, async (s) => {
  const { report } = await runAmong(s, { prepare: "none", targetSystems: ["kv_get", "r2_download", "d1_reads"] });
  for (const { operation, completed, failed, errors } of report.operations.filter(({ phase }) => phase === "all"))
    assert.deepEqual([completed, errors], [0, { data: failed }], operation);
});

e2e("the tests see every page of what the targets hold, and what objects keep", () => sentinel, async (s) => {
  const before = await s.targets();
  const names = ["1", "2", "3", "4", "5"].map((n) => `page_${n}`);
  for (const name of names) await s.env.TARGET_KV.put(name, "x");
  for (const name of names) await s.env.TARGET_R2.put(name, "x");
  const probe = s.env.PROBES.getByName("page");
  for (const name of names) await probe.put(name, 1);
  const { objects, ...held } = await s.targets(2);
  assert.deepEqual(held["KV keys"].filter((name) => name.startsWith("page_")), names);
  assert.deepEqual(held["R2 objects"].filter((name) => name.startsWith("page_")), names);
  assert.equal(Object.values(objects).reduce((sum, n) => sum + n, 0), Object.values(before.objects).reduce((sum, n) => sum + n, 0) + 5);
  assert.deepEqual(await pages((page) => s.env.TARGET_KV.list({ ...page, prefix: "page_" }), ({ keys }) => keys.map(({ name }) => name), 1), names);
  for (const name of names) await s.env.TARGET_KV.delete(name);
  await s.env.TARGET_R2.delete(names);
  await probe.clear();
  assert.deepEqual(await s.targets(), before);
});
