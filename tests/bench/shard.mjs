// What a shard costs on the local runtime, beside loops that do the same calls and nothing else.
//   node tests/bench/shard.mjs lag | overhead | noop
//
// Both sides work in one run, by turns: while the run's curve is at zero the bare loop has the machine, with the data that
// the run has prepared.
import assert from "node:assert/strict";
import { start } from "../e2e/harness.mjs";
import { bareConfiguration, SQL, weightsOf } from "./bare.mjs";
import { median, sorted, verdict } from "./compare.mjs";

const SLOTS = 5;
const LEAD_S = 5; // to be scaled in
const BUSY_S = 5, BARE_S = 5, IDLE_S = 9; // while it is idle the bare loop works; it begins with a frame, up to 2 s late

const percentile = (numbers, p) => sorted(numbers)[Math.max(0, Math.ceil((p / 100) * numbers.length) - 1)];

// A run of one shard that is busy for `busyS` seconds and idle for `idleS`, so many times.  A shard is planned with 500
// operations a second at most; what it can do shows when a plan for one of them is scaled up by `factor`.  Gives the run's id,
// and when each busy time begins, in seconds.
async function rounds(s, { system, perS, factor = 1, times, busyS, idleS, plan }) {
  const starts = Array.from({ length: times }, (_, i) => LEAD_S + i * (busyS + idleS));
  const curve = starts.flatMap((at) => [[at, 0], [at, perS], [at + busyS, perS], [at + busyS, 0]]);
  const id = await s.create({
    preset: undefined,
    profileType: "custom",
    targetOperations: undefined,
    durationSeconds: undefined,
    concurrency: SLOTS,
    loadCurve: [[0, 0], ...curve, [starts.at(-1) + busyS + idleS, 0]].map(([second, opsPerSecond]) => ({ second, opsPerSecond })),
    targetSystems: [system],
    ...plan,
  });
  await s.follow(id, { until: (m) => m.type === "frame" && m.stage === "load" && m.elapsedS > 0, timeoutMs: 60_000 });
  if (factor !== 1) await s.post(`/api/sentinel/${id}`, { action: "scale", factor });
  return { id, starts };
}

const bareLoop = (s, id, system, what) => s.post("/bare", { run: id, weights: weightsOf([system]), sql: SQL, ...what });

async function ended(s, id) {
  await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt, timeoutMs: 60_000 });
  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.equal(report.run.status, "completed", report.run.reason);
  assert.equal(report.shards.length, 1);
  await s.eventually("the tenant may run again", async () => {
    const row = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null;
  });
  return report;
}

// After each busy time the bare loop does what `bare` says.
async function turns(s, { bare, busy = () => {}, busyS = BUSY_S, ...what }) {
  const { id, starts } = await rounds(s, { busyS, idleS: IDLE_S, ...what });
  const answers = [];
  for (const at of starts) {
    await s.follow(id, { until: (m) => m.type === "frame" && m.stage === "load" && m.elapsedS > at, timeoutMs: 60_000 });
    await busy();
    const idle = (m) => m.type === "frame" && m.stage === "load" && m.elapsedS >= at + busyS + 0.5;
    await s.follow(id, { until: idle, timeoutMs: 60_000 });
    answers.push(await bareLoop(s, id, what.system, bare()));
  }
  return { report: await ended(s, id), answers };
}

const figure = (ms) => (ms === null ? "-" : Number(ms.toFixed(1)));

async function lag(s) {
  // A thousand operations of each side, without which there is no p99.
  for (const [perS, busyS, times] of [[50, 6, 4], [200, 5, 3], [500, 5, 3]]) {
    const { report, answers } = await turns(s, { system: "kv_get", perS, times, busyS, bare: () => ({ how: "paced", perS, seconds: BARE_S }) });
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

// What the machine has to give changes from one ten seconds to the next by more than what is looked for.  So the sides change
// places every two seconds, each counts a second of its own, and what is judged is the median of the pairs' ratios.
async function overhead(s) {
  const PAIRS = 40, TURN_S = 2;
  for (const system of ["d1_reads", "kv_get", "r2_download"]) {
    const { id, starts } = await rounds(s, { system, perS: 300, factor: 10, times: PAIRS, busyS: TURN_S, idleS: TURN_S, plan: { maxLateMs: 100 } });
    const { loadStartedAt } = (await s.get(`/api/sentinel/${id}`)).run;
    const secondMs = (second) => Date.parse(loadStartedAt) + second * 1000;
    const windows = starts.map((at) => ({ fromMs: secondMs(at + TURN_S) + 600, toMs: secondMs(at + TURN_S) + 1600 }));
    const { answered } = await bareLoop(s, id, system, { how: "closed", inFlight: SLOTS, windows });
    const report = await ended(s, id);
    assert.equal(report.total.failed, 0);
    const ours = starts.map((at) => report.series.completed[at + 1]);
    const ratios = sorted(ours.map((count, pair) => count / answered[pair]));
    const ratio = median(ratios);
    console.log(
      `shard.overhead: ${system}: ${median(ours)} operations a second, ${median(answered)} with a bare loop, ${SLOTS} in flight; ` +
        `ratio ${ratio.toFixed(2)}, half of ${PAIRS} pairs within ${ratios[PAIRS >> 2].toFixed(2)} to ${ratios[PAIRS - (PAIRS >> 2) - 1].toFixed(2)} ` +
        `(goal at least 0.95: ${verdict(ratio >= 0.95)})`,
    );
  }
}

// No load can be asked for that is more than a shard is able to send.  So the target stands still for a while, and what has
// gathered then is sent as fast as the shard can: the best second counts.  What gathers has to last for longer than a second,
// else it is that what is measured.
async function noop(s) {
  const hold = () => s.ask("POST", "/instant?on=1&holdMs=12000");
  await s.ask("POST", "/instant?on=1");
  const second = (from, i) => ({ fromMs: from + 1000 * i, toMs: from + 1000 * (i + 1) });
  const bare = () => ({ how: "closed", inFlight: SLOTS, windows: [1, 2, 3, 4].map((i) => second(Date.now(), i)) });
  const { report, answers } = await turns(s, { system: "kv_get", perS: 500, factor: 20, times: 2, busyS: 16, bare, plan: { prepare: "none" }, busy: hold });
  await s.ask("POST", "/instant?on=0");
  assert.equal(report.total.failed, 0);
  const ours = Math.max(...report.series.completed), theirs = median(answers.flatMap(({ answered }) => answered));
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
