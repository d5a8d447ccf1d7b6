// When the local runtime itself has too much to do, a run stays under control: it reports, it obeys, nobody is taken for
// lost, and its report says what was saturated.
//
// workerd has one thread for all.  Eighty-four objects that keep five calls in flight each leave it no time for timers.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "../harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const SHARDS = 84;

// Twice and more what the runtime can do, so that every slot is busy all the time.
const PLAN = {
  preset: undefined,
  profileType: "sustained",
  targetOperations: 120_000,
  durationSeconds: 60,
  concurrency: SHARDS * 5,
  maxLateMs: 3000,
  targetSystems: ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_download", "r2_upload"],
};
const CONTROL_MS = 3000;

e2e("a saturated runtime's run reports, obeys and says what was saturated", () => sentinel, async (s) => {
  const held = await s.targets();
  const id = await s.create(PLAN);
  const gaps = [];
  let frameMs = 0;
  const underLoad = ({ type, stage, counts, elapsedS }) => {
    if (type !== "frame" || stage !== "load") return false;
    if (frameMs > 0) gaps.push(Date.now() - frameMs);
    frameMs = Date.now();
    return elapsedS >= 20 && counts.inFlight > 0;
  };
  await s.follow(id, { until: underLoad, timeoutMs: 90_000 });

  const cancelMs = Date.now();
  await s.post(`/api/sentinel/${id}`, { action: "cancel" });
  const answeredMs = Date.now() - cancelMs;
  let overMs;
  const loadOver = ({ stage }) => {
    if (stage && stage !== "load") overMs ??= Date.now() - cancelMs;
  };
  const { state } = (await s.follow(id, { timeoutMs: 120_000, onMessage: loadOver })).at(-1);
  const { validity, shards } = await s.get(`/api/sentinel/${id}/report`);

  assert.equal(state.status, "cancelled", state.reason);
  assertAccounted(state.counts);
  assert.ok(answeredMs < CONTROL_MS, `the cancel was answered after ${answeredMs} ms`);
  assert.ok(overMs < 2 * CONTROL_MS, `the load was over ${overMs} ms after it was cancelled`);
  assert.ok(gaps.length >= 15 && Math.max(...gaps) < CONTROL_MS, `ms between frames: ${gaps}`);
  assert.deepEqual(shards.filter(({ lost }) => lost), []);
  assert.equal(validity.shards.replaced, 0);
  assert.equal(validity.limitedBy, "machine");
  assert.match(validity.reasons.join(" "), /The machine that runs Sentinel was saturated: for [0-9.]+ % of the load/);
  assert.deepEqual(await s.targets(), held);
}, 240_000);
