// Ten minutes on the local runtime: does anything grow that should not?
//   SOAK_S=120 node tests/soak.mjs
//
// One run of a steady load over six systems.  While it goes on, at sixty moments: the memory of workerd, the rows of the
// control database, and how late operations start.  The first third is warm-up.  Ends with an error when something grew.
//
// The local runtime itself keeps some tens of kilobytes for every call of a binding, whoever makes it.  So at the end, when
// the run has nothing more to send, a bare loop makes the same calls at the same rate, and what memory grows by for each
// is what a run may take as well.
import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { bareConfiguration, SQL, weightsOf } from "./bench/bare.mjs";
import { assertAccounted, start } from "./e2e/harness.mjs";

const SOAK_S = Number(process.env.SOAK_S ?? 600);
const PER_S = 60;
const SAMPLES = 60;
if (!Number.isInteger(SOAK_S) || SOAK_S < 60 || SOAK_S > 3600) throw new Error("SOAK_S is a whole number from 60 to 3600");

const SYSTEMS = ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_upload", "r2_download"];
const BARE_S = Math.ceil(SOAK_S / 5); // at the end
const BARE_MARGIN_S = 4;
const BUSY_S = SOAK_S - BARE_S;

const PLAN = {
  name: "soak",
  profileType: "custom",
  loadCurve: [[0, PER_S], [BUSY_S, PER_S], [BUSY_S, 0], [SOAK_S, 0]].map(([second, opsPerSecond]) => ({ second, opsPerSecond })),
  concurrency: 20,
  targetSystems: SYSTEMS,
  startImmediately: true,
};

// Rows of all of our tables in the control database.
async function countRows({ DB }) {
  const { results } = await DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'sentinel_*'").all();
  const counts = await DB.batch(results.map(({ name }) => DB.prepare(`SELECT COUNT(*) AS n FROM ${name}`)));
  return counts.reduce((sum, count) => sum + count.results[0].n, 0);
}

// Of the workerds that this process has started.
function workerdKib() {
  const listed = execFileSync("ps", ["-e", "-o", "ppid=,rss=,comm="], { encoding: "utf8" });
  return listed
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([parent, , name]) => Number(parent) === process.pid && name?.startsWith("workerd"))
    .reduce((sum, [, kib]) => sum + Number(kib), 0);
}

async function sample(s, id) {
  const { validity, total, series } = await s.get(`/api/sentinel/${id}/report`);
  return {
    elapsedS: series.started.length,
    kib: workerdKib(),
    rows: await countRows(s.env),
    lagMs: validity.lagMs.harness,
    completed: total.completed,
  };
}

const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1];

// What is wrong with the samples after the warm-up, one sentence each.
function judge(samples, bareKib, end) {
  const third = Math.floor(samples.length / 3);
  const [middle, last] = [samples.slice(third, 2 * third), samples.slice(2 * third)];
  const [from, to] = [middle[0], last.at(-1)];
  const faults = [];
  // Both thirds by their medians, whose moments lie half of the time apart: single moments know of rubbish that is there
  // and will be collected.
  const kib = [middle, last].map((part) => median(part.map((one) => one.kib)));
  const perCall = (kib[1] - kib[0]) / (median(last.map((one) => one.completed)) - median(middle.map((one) => one.completed)));
  const bare = Math.max(0, bareKib) / (PER_S * (BARE_S - BARE_MARGIN_S));
  if (perCall > 1.5 * bare + 4) faults.push(`workerd grew by ${perCall.toFixed(1)} KiB an operation, and by ${bare.toFixed(1)} for a bare loop`);
  // The database takes a few rows a minute, whatever is sent.
  const minutes = (to.elapsedS - from.elapsedS) / 60, rows = to.rows - from.rows;
  if (rows > 4 * minutes + 4) faults.push(`the control database grew by ${rows} rows in ${minutes.toFixed(1)} minutes`);
  const p99 = [middle.at(-1).lagMs.p99, end.validity.lagMs.harness.p99];
  if (!(p99[1] <= 50)) faults.push(`operations start late: p99 ${p99[1]} ms`);
  if (!(p99[1] <= 2 * p99[0] + 5)) faults.push(`operations start later and later: p99 ${p99[0]} ms, then ${p99[1]} ms`);
  if (to.completed - from.completed < 0.9 * PER_S * (to.elapsedS - from.elapsedS)) faults.push("less and less was done");
  if (end.validity.validity !== "valid") faults.push(`the run is ${end.validity.validity}: ${end.validity.reasons.join(" ")}`);
  console.log(
    `soak: ${SOAK_S} s, ${end.total.completed} of ${end.load.planned} operations; workerd ${(kib[0] / 1024).toFixed(0)}, then ` +
      `${(kib[1] / 1024).toFixed(0)} MiB, ${perCall.toFixed(1)} KiB an operation, ${bare.toFixed(1)} for a bare loop; ` +
      `${rows} rows more in ${minutes.toFixed(1)} minutes; start lag p99 ${p99[0]}, then ${p99[1]} ms`,
  );
  return faults;
}

async function soak(s) {
  const { run } = await s.post("/api/sentinel", PLAN, 201);
  await s.eventually("the load", async () => {
    const { run: now } = await s.get(`/api/sentinel/${run.id}`);
    if (now.endedAt) throw new Error(`the run is over: ${now.reason}`);
    return now.counts.completed > 0;
  }, 60_000);
  const samples = [];
  const beginMs = Date.now();
  for (let i = 1; i <= SAMPLES; i++) {
    await sleep(Math.max(0, beginMs + (i * (BUSY_S - 3) * 1000) / SAMPLES - Date.now()));
    samples.push(await sample(s, run.id));
    const { elapsedS, kib, rows, lagMs, completed } = samples.at(-1);
    if (i % 6 === 0) {
      console.log(`${elapsedS} s: ${completed} done, workerd ${(kib / 1024).toFixed(0)} MiB, ${rows} rows, lag p99 ${lagMs.p99} ms`);
    }
  }
  await s.follow(run.id, { until: (m) => m.type === "frame" && m.elapsedS >= BUSY_S + 1 });
  const beforeKib = workerdKib();
  await s.post("/bare", { how: "paced", run: run.id, weights: weightsOf(SYSTEMS), sql: SQL, seconds: BARE_S - BARE_MARGIN_S, perS: PER_S });
  const bareKib = workerdKib() - beforeKib;
  await s.eventually("the end", async () => (await s.get(`/api/sentinel/${run.id}`)).run.endedAt, 120_000);
  const report = await s.get(`/api/sentinel/${run.id}/report`);
  assertAccounted(report.validity.accounting.terms);
  return judge(samples, bareKib, report);
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
