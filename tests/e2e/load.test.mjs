// The load is the load that was asked for: counted in every second and every phase, and measured from when it was due.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before } from "node:test";
import { made } from "../made.mjs";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const sum = (numbers) => numbers.reduce((total, n) => total + n, 0);
const loading = (message) => message.type === "frame" && message.stage === "load" && message.counts.completed >= 20;

// What the native program says of the plan that the Worker got.
function curveOf(plan) {
  const input = JSON.stringify(plan);
  return JSON.parse(execFileSync(made("build/sentinel"), ["curve", "-", "--json"], { input, encoding: "utf8" }));
}

// A run to its end.  `during` is called once the load goes on.
async function run(s, plan, during = () => {}) {
  const id = await s.create({ preset: undefined, targetOperations: undefined, durationSeconds: undefined, ...plan });
  await s.follow(id, { until: loading });
  await during();
  const { state } = (await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt })).at(-1);
  assert.equal(state.status, "completed", state.reason);
  assertAccounted(state.counts);
  await s.eventually("the tenant may run again", async () => {
    const row = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null;
  });
  return { state, report: await s.get(`/api/sentinel/${id}/report`) };
}

// Per second and per phase, and nothing outside of the curve.
function assertIsCurve({ series, load, phases, total }, curve) {
  const dealt = series.started.map((n, second) => n + series.dropped[second]);
  assert.deepEqual(dealt.slice(0, curve.perSecond.length), curve.perSecond);
  assert.equal(sum(dealt), curve.plannedOps);
  assert.deepEqual(series.planned.slice(0, curve.perSecond.length), curve.perSecond);
  assert.equal(load.phases.length, curve.phases.length);
  for (const [i, { name, startS, endS, ops }] of curve.phases.entries()) {
    assert.deepEqual([load.phases[i].name, load.phases[i].planned], [name, ops]);
    assert.equal(sum(dealt.slice(startS, endS)), ops, name);
    const dropped = sum(series.dropped.slice(startS, endS));
    assert.equal(phases[i].completed + phases[i].failed + dropped, ops, name);
  }
  assert.equal(total.completed + total.failed + sum(series.dropped), curve.plannedOps);
}

const SHAPES = [
  {
    profileType: "ramp",
    durationSeconds: 6,
    concurrency: 20,
    rampConfig: { startOpsPerSecond: 5, endOpsPerSecond: 60, rampUpSeconds: 3, holdSeconds: 2, rampDownSeconds: 1 },
    targetSystems: ["d1_reads", "kv_get"],
  },
  {
    profileType: "spike",
    targetOperations: 180,
    durationSeconds: 5,
    concurrency: 20,
    spikeConfig: { warmupSeconds: 2, spikeDurationSeconds: 1, cooldownSeconds: 2, spikeMultiplier: 6 },
    targetSystems: ["d1_reads", "kv_get"],
  },
];

for (const plan of SHAPES) {
  e2e(`a ${plan.profileType} is started as it was drawn, second by second`, () => sentinel, async (s) => {
    const curve = curveOf(plan);
    const { report } = await run(s, plan);
    assertIsCurve(report, curve);
    assert.equal(sum(report.series.started), curve.plannedOps);
  });
}

e2e("what a target that stands still keeps from starting is dropped in the second in which it was due", () => sentinel, async (s) => {
  const plan = { profileType: "sustained", targetOperations: 200, durationSeconds: 5, concurrency: 5, maxLateMs: 400, targetSystems: ["kv_get"] };
  const { report } = await run(s, plan, () => s.ask("POST", "/hold?what=TARGET_KV&ms=1500"));
  assertIsCurve(report, curveOf(plan));
  const { dropped } = report.validity.accounting.terms;
  assert.ok(dropped.slots > 20, JSON.stringify(dropped));
  assert.deepEqual([dropped.harness, dropped.shardDown], [0, 0]);
  assert.equal(report.validity.limitedBy, "target");
});

// The coordinated-omission test: one object plays a tenant, and for three seconds it is busy with itself.  A generator that waits
// for its answers would show a handful of slow operations.
e2e("an object that stalls for 3 s shows in what visitors waited, and nothing is left out", () => sentinel, async (s) => {
  const look = { operation: "look", steps: [{ do: "call", name: "one_for_all", method: "get", args: ["n"] }] };
  const plan = { profileType: "sustained", targetOperations: 1040, durationSeconds: 8, concurrency: 10, targetSystems: undefined, workload: { operations: [look] } };
  const { report } = await run(s, plan, () => s.ask("POST", "/stand?name=one_for_all&ms=3000"));
  assertIsCurve(report, curveOf(plan));
  assert.deepEqual([report.total.completed, sum(report.series.dropped)], [1040, 0]);
  const { responseMs, serviceMs } = report.total;
  const said = JSON.stringify({ responseMs, serviceMs });
  // 390 of the 1,040 were due meanwhile: the first waited for 3 s, the last for none.  Ten had been sent.
  assert.ok(responseMs.max >= 2900 && serviceMs.max >= 2900, said);
  assert.ok(responseMs.p90 > 2000 && responseMs.p95 > 2400 && responseMs.p99 >= 2500, said);
  assert.ok(serviceMs.p95 < 500 && serviceMs.p95 * 5 < responseMs.p95, said);
  assert.ok(serviceMs.p90 * 20 < responseMs.p90, said);
  assert.ok(report.validity.lagMs.slots.count >= 300, JSON.stringify(report.validity.lagMs));
  assert.equal(report.validity.limitedBy, "target", "what stood still was the target");
  const text = await s.get(`/api/sentinel/${report.run.id}/report?format=text`);
  assert.match(text, /it is what\s+limited\s+this\s+run/);
});
