// What a shard costs on the local runtime, beside loops that do the same calls and nothing else.
//   node tests/bench/shard.mjs lag | overhead | noop
//
// Both sides work in one run, by turns: while the run's curve is at zero the bare loop has the machine, with the data that
// the run has prepared.
import assert from "node:assert/strict";
import { start } from "../e2e/harness.mjs";
import { bareConfiguration, SQL, weightsOf } from "./bare.mjs";
import { verdict } from "./compare.mjs";

const SLOTS = 5;
const BUSY_S = 5, BARE_S = 5, IDLE_S = 9; // while it is idle the bare loop works; it begins with a frame, up to 2 s late

const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
const median = (numbers) => sorted(numbers)[numbers.length >> 1];
const percentile = (numbers, p) => sorted(numbers)[Math.max(0, Math.ceil((p / 100) * numbers.length) - 1)];

// Whole seconds of the bare loop, without the first and the last, as of the run.
const middle = (answers) => answers.flatMap(({ perSecond }) => perSecond.slice(1, -1));

// A run of one shard that is busy `rounds` times, at `perS`; in between the bare loop does what `bare` says.
async function turns(s, { system, perS, rounds, bare, plan = {}, busy = () => {}, busyS = BUSY_S }) {
  const starts = Array.from({ length: rounds }, (_, i) => i * (busyS + IDLE_S));
  const curve = starts.flatMap((at) => [[at, perS], [at + busyS, perS], [at + busyS, 0], [at + busyS + IDLE_S, 0]]);
  const id = await s.create({
    preset: undefined,
    profileType: "custom",
    targetOperations: undefined,
    durationSeconds: undefined,
    concurrency: SLOTS,
    loadCurve: curve.map(([second, opsPerSecond]) => ({ second, opsPerSecond })),
    targetSystems: [system],
    ...plan,
  });
  const answers = [];
  for (const at of starts) {
    await s.follow(id, { until: (m) => m.type === "frame" && m.stage === "load" && m.elapsedS > at, timeoutMs: 60_000 });
    await busy();
    const idle = (m) => m.type === "frame" && m.stage === "load" && m.elapsedS >= at + busyS + 0.5;
    await s.follow(id, { until: idle, timeoutMs: 60_000 });
    const body = { run: id, weights: weightsOf([system]), sql: SQL, seconds: BARE_S, ...bare };
    answers.push(await s.post("/bare", body));
  }
  await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt, timeoutMs: 60_000 });
  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.equal(report.run.status, "completed", report.run.reason);
  await s.eventually("the tenant may run again", async () => {
    const row = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null;
  });
  // Whole seconds in the middle of each busy time.
  const perSecond = starts.flatMap((at) => report.series.completed.slice(at + 1, at + busyS - 1));
  return { report, perSecond, answers };
}

const figure = (ms) => (ms === null ? "-" : Number(ms.toFixed(1)));

async function lag(s) {
  // A thousand operations of each side, without which there is no p99.
  for (const [perS, busyS, rounds] of [[50, 6, 4], [200, 5, 3], [500, 5, 3]]) {
    const { report, answers } = await turns(s, { system: "kv_get", perS, rounds, busyS, bare: { how: "paced", perS } });
    const { harness, slots } = report.validity.lagMs;
    const lags = answers.flatMap(({ lagsMs }) => lagsMs);
    const theirs = { p50: percentile(lags, 50), p99: percentile(lags, 99), max: Math.max(...lags) };
    const said = (of) => `p50 ${figure(of.p50)}, p99 ${figure(of.p99)}, max ${figure(of.max)} ms`;
    assert.ok(harness.p99 !== null, `${harness.count} operations are too few for a p99`);
    assert.ok(lags.length >= 1000, `${lags.length} calls of the bare loop are too few for a p99`);
    // The report has whole milliseconds, rounded up.
    const ratio = harness.p99 / Math.max(1, Math.ceil(theirs.p99));
    console.log(
      `shard.lag: ${perS} a second: ${said(harness)} (${slots.count} more waited for a slot), beside ${said(theirs)} of a bare loop; ` +
        `ratio ${ratio.toFixed(2)} (goal at most 1.5: ${verdict(ratio <= 1.5)})`,
    );
  }
}

async function overhead(s) {
  for (const [system, perS] of [["d1_reads", 2000], ["kv_get", 3000], ["r2_download", 2000]]) {
    const plan = { maxLateMs: 100 };
    const { report, perSecond, answers } = await turns(s, { system, perS, rounds: 3, bare: { how: "closed", inFlight: SLOTS }, plan });
    assert.equal(report.total.failed, 0);
    const ours = median(perSecond), theirs = median(middle(answers));
    const ratio = ours / theirs;
    console.log(
      `shard.overhead: ${system}: ${ours} operations a second, ${theirs} with a bare loop, ${SLOTS} in flight; ` +
        `ratio ${ratio.toFixed(2)} (goal at least 0.95: ${verdict(ratio >= 0.95)})`,
    );
  }
}

// A plan asks for 10,000 a second at most, and no more than that shows how fast a shard is.  So the target stands still for
// a while, and what has gathered then is sent as fast as the shard can: the best second counts.  What gathers has to last for
// longer than a second, else it is that what is measured.
async function noop(s) {
  const hold = () => s.ask("POST", "/instant?on=1&holdMs=12000");
  await s.ask("POST", "/instant?on=1");
  const bare = { how: "closed", inFlight: SLOTS };
  const { report, answers } = await turns(s, { system: "kv_get", perS: 10_000, rounds: 2, busyS: 16, bare, plan: { prepare: "none" }, busy: hold });
  await s.ask("POST", "/instant?on=0");
  assert.equal(report.total.failed, 0);
  const ours = Math.max(...report.series.completed), theirs = median(middle(answers));
  const ratio = ours / theirs;
  console.log(
    `shard.noop: ${ours} operations in the best second, when the target answers at once; KV itself answers ${theirs} a second with ` +
      `${SLOTS} in flight; ratio ${ratio.toFixed(1)} (goal at least 20: ${verdict(ratio >= 20)})`,
  );
}

const benches = { lag, overhead, noop };
const s = await start(bareConfiguration());
try {
  await benches[process.argv[2]](s);
} finally {
  await s.stop();
}
