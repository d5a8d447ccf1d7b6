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
  const asked = [], gaps = [];
  let frameMs = 0, askedAt = 0;
  const underLoad = ({ type, stage, counts, elapsedS }) => {
    if (type !== "frame" || stage !== "load") return false;
    if (frameMs > 0) gaps.push(Date.now() - frameMs);
    frameMs = Date.now();
    if (Date.now() - askedAt > 1000) {
      askedAt = Date.now();
      const beganMs = Date.now();
      s.get(`/api/sentinel/${id}`).then(() => asked.push(Date.now() - beganMs));
    }
    return elapsedS >= 20 && counts.inFlight > 0;
  };
  await s.follow(id, { until: underLoad, timeoutMs: 90_000 });

  const cancelMs = Date.now();
  await s.post(`/api/sentinel/${id}`, { action: "cancel" });
  const answeredMs = Date.now() - cancelMs;
  const messages = await s.follow(id, { timeoutMs: 90_000 });
  const drained = messages.find(({ stage }) => stage && stage !== "load");
  const { state } = messages.at(-1);
  const report = await s.get(`/api/sentinel/${id}/report`);
  const { counts } = state;
  console.log(JSON.stringify({ gaps, asked, answeredMs, state: state.status, validity: report.validity, counts, elapsedS: state.elapsedS, drained: drained?.stage }));
  assert.equal(state.status, "cancelled", state.reason);
  assertAccounted(counts);
  assert.ok(answeredMs < CONTROL_MS, `the cancel was answered after ${answeredMs} ms`);
  assert.ok(Math.max(...gaps) < CONTROL_MS, `frames came ${gaps} ms apart`);
  assert.deepEqual(report.shards.filter(({ lost }) => lost), []);
  assert.deepEqual(await s.targets(), held);
}, 240_000);
