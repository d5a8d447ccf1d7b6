// A database that serves one query after the other, each for ten milliseconds, carries a hundred a second.  A report of a load
// that rises above that says so, names it, and blames nobody else.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "../harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const PLAN = {
  preset: undefined,
  targetOperations: undefined,
  durationSeconds: 30,
  profileType: "ramp",
  concurrency: 20,
  rampConfig: { startOpsPerSecond: 20, endOpsPerSecond: 300, rampUpSeconds: 20, holdSeconds: 4, rampDownSeconds: 6 },
  targetSystems: ["d1_reads", "kv_get"],
};

e2e("a database that queues is found, and how much it carries", () => sentinel, async (s) => {
  await s.ask("POST", "/queue?what=TARGET_DB&ms=10");
  const id = await s.create(PLAN);
  const { state } = (await s.follow(id, { timeoutMs: 120_000 })).at(-1);
  await s.ask("POST", "/queue?what=TARGET_DB&ms=0");
  const { capacity } = await s.get(`/api/sentinel/${id}/report`);
  const text = await s.get(`/api/sentinel/${id}/report?format=text`);

  assert.equal(state.status, "completed", state.reason);
  assertAccounted(state.counts);
  assert.equal(capacity.outcome, "found", JSON.stringify(capacity));
  assert.equal(capacity.bottleneck.system, "d1_reads");
  assert.equal(capacity.symptom, "queueing");
  assert.deepEqual(capacity.systems.map(({ system }) => system), ["d1_reads"]);
  // Four of five operations are queries, so a hundred queries a second are 125 operations.
  const [{ fromPerS, ownFromPerS }] = capacity.systems;
  assert.ok(fromPerS > 70 && fromPerS < 170, `${fromPerS}`);
  assert.ok(ownFromPerS < fromPerS);
  assert.ok(capacity.saturatedAtPerS > 110 && capacity.saturatedAtPerS < 140, `${capacity.saturatedAtPerS}`);
  assert.ok(capacity.quiet.serviceMs < 30 && capacity.beyond.serviceMs > 2 * capacity.quiet.serviceMs);
  assert.match(text, /Saturated at [0-9.]+ operations a second/);
  assert.match(text, /The bottleneck is d1_reads/);
}, 180_000);
