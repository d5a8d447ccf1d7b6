// A hundred shards at once: 500 calls in flight are 500 calls in flight, and never more than an object may have.
//
// Local workerd enforces nothing of that, so the calls are counted where they leave the objects (gauge.js).
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "../harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const SHARDS = 100, SLOTS = 5, CONTROL = 1;

// Each call takes two seconds, so that the rate asks for 600 calls in flight.
const PLAN = {
  preset: undefined,
  profileType: "sustained",
  targetOperations: 3600,
  durationSeconds: 12,
  concurrency: SHARDS * SLOTS,
  maxLateMs: 5000,
  targetSystems: ["kv_get"],
};

e2e("100 shards keep 500 calls in flight, five and one each", () => sentinel, async (s) => {
  const held = await s.targets();
  await s.ask("POST", "/gauge");
  await s.ask("POST", "/slow?what=TARGET_KV&ms=2000");
  const id = await s.create(PLAN);
  const { state } = (await s.follow(id, { timeoutMs: 85_000 })).at(-1);
  await s.ask("POST", "/slow?what=TARGET_KV&ms=0");
  const { most, objects } = await s.get("/gauge");

  assert.equal(state.status, "completed", state.reason);
  assertAccounted(state.counts);
  const run = objects[s.env.RUNS.idFromName(id).toString()];
  const shards = (await s.worker.listDurableObjectIds("ShardObject")).map((shard) => objects[shard]);
  assert.equal(shards.length, SHARDS);
  for (const gauge of shards) {
    assert.ok(gauge.mostTargets <= SLOTS, JSON.stringify(gauge));
    assert.ok(gauge.most <= SLOTS + CONTROL, JSON.stringify(gauge));
  }
  assert.ok(run.most <= SLOTS + CONTROL, JSON.stringify(run));
  assert.ok(most <= SHARDS * SLOTS && most >= 0.95 * SHARDS * SLOTS, `${most} calls in flight at most`);

  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.equal(report.shards.length, SHARDS);
  let completed = 0;
  for (const { index, counts, difference, lost, heardAt } of report.shards) {
    assertAccounted(counts);
    assert.deepEqual([difference, lost, counts.planned], [0, false, 36], `shard ${index}`);
    assert.ok(heardAt !== null && counts.completed > 0, `shard ${index} has nothing to tell: ${JSON.stringify(counts)}`);
    completed += counts.completed;
  }
  assert.equal(completed, state.counts.completed);
  assert.equal(report.validity.limitedBy, "concurrency");
  assert.ok(report.validity.concurrencyNeeded >= 600, `${report.validity.concurrencyNeeded} would be needed`);
  assert.deepEqual(await s.targets(), held);
});
