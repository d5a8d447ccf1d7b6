// A run's verdict, and runs that a threshold ends.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const PLAN = { preset: undefined, profileType: "sustained", concurrency: 5 };

async function run(s, plan) {
  const id = await s.create({ ...PLAN, ...plan });
  const { state } = (await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt })).at(-1);
  assertAccounted(state.counts);
  await s.eventually("the tenant may run again", async () => {
    const row = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null;
  });
  const row = await s.env.DB.prepare("SELECT status, verdict FROM sentinel_runs WHERE id = ?").bind(id).first();
  assert.deepEqual([row.status, row.verdict], [state.status, state.verdict]);
  return { state, report: await s.get(`/api/sentinel/${id}/report`) };
}

const outcomes = ({ thresholds }) => thresholds.map(({ metric, threshold, outcome }) => `${metric} ${threshold} ${outcome}`);

e2e("a run passes when every threshold is met, and says with which figures", () => sentinel, async (s) => {
  const { state, report } = await run(s, {
    targetOperations: 300,
    durationSeconds: 5,
    targetSystems: ["kv_get", "d1_reads"],
    thresholds: {
      "op_duration{system:kv_get}": ["med<5000"],
      op_failed: [{ threshold: "rate<0.01", window: 3 }],
      ops: ["rate>30", "count==300"],
      rows_read: ["count>=1"],
    },
  });
  assert.deepEqual([state.status, state.validity, state.verdict, state.abortedBy], ["completed", "valid", "passed", null]);
  assert.deepEqual(outcomes(report), [
    "op_duration{system:kv_get} med<5000 passed",
    "op_failed rate<0.01 passed",
    "ops rate>30 passed",
    "ops count==300 passed",
    "rows_read count>=1 passed",
  ]);
  assert.equal(report.thresholds[3].value, 300);
  assert.equal(report.thresholds[4].value, report.total.rowsRead);
  assert.equal(report.run.verdict, "passed");
});

e2e("a run fails by a threshold that is not met, and is undecided by one that too little is known of", () => sentinel, async (s) => {
  const plan = { targetOperations: 60, durationSeconds: 3, targetSystems: ["kv_get"] };
  const missed = await run(s, { ...plan, thresholds: [{ metric: "throughput_ops_sec", operator: ">", value: 5000 }] });
  assert.deepEqual([missed.state.status, missed.state.verdict], ["completed", "failed"]);
  const few = await run(s, { ...plan, thresholds: { op_duration: ["p(99)<60000"] } });
  assert.deepEqual([few.state.verdict, few.report.thresholds[0].outcome], ["undecided", "undecided"]);
});

e2e("a threshold that ends the run does so, cleans up, and says which, when and at what load", () => sentinel, async (s) => {
  const before = await s.targets();
  const { state, report } = await run(s, {
    targetOperations: 2000,
    durationSeconds: 40,
    targetSystems: ["kv_put", "d1_writes"],
    thresholds: { op_duration: [{ threshold: "max<0", abortOnFail: true, delayAbortEval: "2s" }] },
  });
  assert.deepEqual([state.status, state.verdict], ["failed", "failed"]);
  assert.deepEqual([state.abortedBy, state.endedBy], ["op_duration max<0", "threshold"]);
  assert.match(state.reason, /^the threshold op_duration max<0 was not met: \d+ ms after \d+ s, when 50.0 operations a second/);
  assert.ok(state.counts.cancelled > 1000, JSON.stringify(state.counts));
  assert.ok(report.thresholds[0].failedAtS >= 2 && report.thresholds[0].failedAtS <= 8, JSON.stringify(report.thresholds));
  assert.ok(report.load.timeline.some(({ what }) => what === "stop"));
  assert.deepEqual(await s.targets(), before);
});

e2e("a run of which nearly everything fails is ended, though nobody asked for it", () => sentinel, async (s) => {
  const workload = { operations: [{ operation: "gone", steps: [{ kv: "get", key: "nobody_${k}", expect: { found: true } }] }] };
  const { state, report } = await run(s, { workload, targetOperations: 1000, durationSeconds: 50 });
  assert.deepEqual([state.status, state.verdict, state.abortedBy], ["failed", "failed", "op_failed rate<=0.5 over 10 s"]);
  assert.ok(report.thresholds[0].failedAtS >= 10 && report.thresholds[0].failedAtS < 20, JSON.stringify(report.thresholds));
});
