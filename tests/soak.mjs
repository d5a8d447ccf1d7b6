// Ten minutes on the local runtime: does anything grow that should not?
//   SOAK_MINUTES=3 node tests/soak.mjs
//
// One run of a steady load over six systems.  While it goes on, every ten seconds: the resident memory of workerd, the rows of
// the control database, how late operations started.  The first two minutes are warm-up, in which the runtime fills its heap;
// what memory grew by after them is the slope of a straight line through the rest, by least squares.
//
// The local runtime itself keeps some kilobytes for every call of a binding, whoever makes it.  So behind the load a bare loop
// makes the same calls at the same rate, and its slope is measured in the same way.  Sentinel may take half as much again, and
// 4 KiB an operation; a leak below that is not seen.  In fewer than five minutes there is no slope to judge by: it is shown.
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { bareConfiguration, SQL, weightsOf } from "./bench/bare.mjs";
import { assertAccounted, start } from "./e2e/harness.mjs";

const MINUTES = Number(process.env.SOAK_MINUTES ?? 10);
if (!Number.isInteger(MINUTES) || MINUTES < 3 || MINUTES > 45) throw new Error("SOAK_MINUTES is a whole number from 3 to 45");

const PER_S = 60;
const LOAD_S = 60 * MINUTES, WARM_UP_S = 120, JUDGED_MINUTES = 5;
const BARE_S = Math.max(60, LOAD_S / 5), MARGIN_S = 10;
const SAMPLE_S = 10, BARE_SAMPLE_S = 2;
const KIB_BOUND = (bareKib) => 1.5 * Math.max(0, bareKib) + 4; // an operation
const ROWS_BOUND = (minutes) => 4 * minutes + 4; // a blob of the series a minute, and statistics that are replaced
const LAG_P99_MS = 50; // above it a run is invalid
const SLOWER_MS = (before) => 2 * before + 10; // the last minute's p95, after that of the third

const SYSTEMS = ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_upload", "r2_download"];
const END_S = LOAD_S + BARE_S + MARGIN_S;
const PLAN = {
  name: "soak",
  preset: undefined,
  targetOperations: undefined,
  durationSeconds: undefined,
  profileType: "custom",
  loadCurve: [[0, PER_S], [LOAD_S, PER_S], [LOAD_S, 0], [END_S, 0]].map(([second, opsPerSecond]) => ({ second, opsPerSecond })),
  concurrency: 20,
  targetSystems: SYSTEMS,
};

// Rows of all of our tables in the control database.
async function countRows({ DB }) {
  const { results } = await DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'sentinel_*'").all();
  const counts = await DB.batch(results.map(({ name }) => DB.prepare(`SELECT COUNT(*) AS n FROM ${name}`)));
  return counts.reduce((sum, count) => sum + count.results[0].n, 0);
}

// Resident, of the workerds that this process has started.
function workerdKib() {
  const listed = execFileSync("ps", ["-e", "-o", "ppid=,rss=,comm="], { encoding: "utf8" });
  return listed
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([parent, , name]) => Number(parent) === process.pid && name?.startsWith("workerd"))
    .reduce((sum, [, kib]) => sum + Number(kib), 0);
}

const mean = (numbers) => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

// Of y over x, by least squares.
function slope(points) {
  const [x, y] = [mean(points.map(([at]) => at)), mean(points.map(([, of]) => of))];
  const over = points.reduce((sum, [at, of]) => sum + (at - x) * (of - y), 0);
  return over / points.reduce((sum, [at]) => sum + (at - x) ** 2, 0);
}

// Looks every so often while `work` goes on.
async function watching(everyS, look, work) {
  const seen = [];
  let over = false;
  const done = work().finally(() => (over = true));
  done.catch(() => {}); // it is looked at below
  for (let due = Date.now(); !over; due += everyS * 1000) {
    await sleep(Math.max(0, due - Date.now()));
    if (!over) seen.push(await look());
  }
  return { seen, result: await done };
}

async function sample(s, id) {
  const { validity, total, series } = await s.get(`/api/sentinel/${id}/report`);
  const { p50, p99 } = validity.lagMs.harness;
  return { second: series.started.length, kib: workerdKib(), rows: await countRows(s.env), p50, p99, completed: total.completed };
}

// By minute: median of what the frames say of their last ten seconds, which counts from when operations were due; how late
// they have started so far; memory and rows at its end.
function byMinute(samples, frames) {
  return Array.from({ length: MINUTES }, (_, minute) => {
    const within = (second) => Math.ceil(second / 60) === minute + 1;
    const p95 = median(frames.filter(({ elapsedS, window }) => within(elapsedS) && window.p95Ms !== null).map(({ window }) => window.p95Ms));
    const last = samples.filter(({ second }) => within(second)).at(-1);
    return { minute: minute + 1, p95, ...last };
  });
}

function judge(samples, frames, bare, end) {
  const minutes = byMinute(samples, frames);
  for (const { minute, p95, p99, kib, rows, completed } of minutes) {
    console.log(
      `minute ${minute}: ${completed} done, response p95 ${p95} ms, start lag p99 ${p99} ms so far, workerd ${(kib / 1024).toFixed(0)} MiB, ${rows} rows`,
    );
  }
  const warm = samples.filter(({ second }) => second > WARM_UP_S);
  const kibPerS = slope(warm.map(({ second, kib }) => [second, kib])), bareKibPerS = slope(bare);
  const [kib, bareKib] = [kibPerS / PER_S, bareKibPerS / PER_S];
  const steady = minutes.filter(({ minute }) => minute * 60 > WARM_UP_S);
  const over = (warm.at(-1).second - warm[0].second) / 60, rows = warm.at(-1).rows - warm[0].rows;
  const { validity, reasons, lagMs } = end.validity;
  const faults = [
    [MINUTES >= JUDGED_MINUTES && kib > KIB_BOUND(bareKib), `workerd grew by more than ${KIB_BOUND(bareKib).toFixed(1)} KiB an operation`],
    [rows > ROWS_BOUND(over), `the control database grew by more than ${ROWS_BOUND(over).toFixed(0)} rows`],
    [!(lagMs.harness.p99 <= LAG_P99_MS), `operations start late: p99 ${lagMs.harness.p99} ms`],
    [!(steady.at(-1).p95 <= SLOWER_MS(steady[0].p95)), `answers come later and later: p95 ${steady[0].p95} ms, then ${steady.at(-1).p95} ms`],
    [warm.at(-1).completed - warm[0].completed < 0.95 * PER_S * 60 * over, "less was done than was asked for"],
    [validity !== "valid", `the run is ${validity}: ${reasons.join(" ")}`],
  ];
  console.log(
    `soak: ${MINUTES} minutes, ${end.total.completed} of ${end.load.planned} operations; in the last ${over.toFixed(1)} minutes workerd grew by ` +
      `${kib.toFixed(1)} KiB an operation (${((kibPerS * 60) / 1024).toFixed(1)} MiB a minute), ${bareKib.toFixed(1)} KiB with a bare loop, at most ` +
      `${KIB_BOUND(bareKib).toFixed(1)}${MINUTES < JUDGED_MINUTES ? " in a longer soak" : ""}; ${rows} rows more, at most ${ROWS_BOUND(over).toFixed(0)}; start lag p99 ${lagMs.harness.p99} ms, at most ${LAG_P99_MS}`,
  );
  return faults.filter(([is]) => is).map(([, words]) => words);
}

async function soak(s) {
  const id = await s.create(PLAN);
  await s.follow(id, { until: ({ stage }) => stage === "load", timeoutMs: 60_000 });
  const frames = [];
  const load = () =>
    s.follow(id, {
      onMessage: (message) => message.type === "frame" && message.elapsedS > 0 && frames.push(message),
      until: ({ type, elapsedS }) => type === "frame" && elapsedS >= LOAD_S,
      timeoutMs: (LOAD_S + 60) * 1000,
    });
  const { seen: samples } = await watching(SAMPLE_S, () => sample(s, id), load);
  // Rows of numbers that the run has not had; its clean-up deletes them too.
  const body = { how: "paced", run: id, after: PER_S * LOAD_S, weights: weightsOf(SYSTEMS), sql: SQL, seconds: BARE_S, perS: PER_S };
  const { seen: bare } = await watching(BARE_SAMPLE_S, () => [Date.now() / 1000, workerdKib()], () => s.post("/bare", body));
  await s.eventually("the end", async () => (await s.get(`/api/sentinel/${id}`)).run.endedAt, 180_000);
  const report = await s.get(`/api/sentinel/${id}/report`);
  assertAccounted(report.validity.accounting.terms);
  return judge(samples, frames, bare, report);
}

const sentinel = await start(bareConfiguration());
try {
  const faults = await soak(sentinel);
  for (const fault of faults) console.log(`  ${fault}`);
  console.log(faults.length === 0 ? "soak: nothing grew" : "soak: failed");
  if (faults.length > 0) process.exitCode = 1;
} finally {
  await sentinel.stop();
}
