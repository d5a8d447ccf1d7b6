// What the reports of shards cost the run that takes them: 10,000, each of a second in which a hundred operations ended.
import assert from "node:assert/strict";
import { latencies } from "./latencies.mjs";
import { loops, SMOKE, verdict } from "./compare.mjs";

const SHARDS = 100, RESULTS = 100, GOAL_MS = 1000;
const SECONDS = SMOKE ? 2 : 100;

const wasm = loops();
const values = latencies();
new Uint32Array(wasm.memory.buffer, wasm.bench_values(), values.length).set(values);

// Three times: the first one also compiles.
let bestNs = Infinity, bytes = 0;
for (let round = 0; round < 3; round++) {
  let ns = 0;
  wasm.bench_run();
  for (let second = 0; second < SECONDS; second++) {
    bytes = wasm.bench_report(second, RESULTS);
    const begin = process.hrtime.bigint();
    wasm.bench_take(SHARDS);
    ns += Number(process.hrtime.bigint() - begin);
  }
  assert.equal(wasm.bench_taken(), SECONDS * SHARDS * RESULTS);
  bestNs = Math.min(bestNs, ns);
}
const ms = bestNs / 1e6, ratio = ms / GOAL_MS;
console.log(
  `run.merge: ${ms.toFixed(0)} ms for ${SECONDS * SHARDS} reports of ${bytes} bytes, ${(bestNs / 1e3 / SECONDS / SHARDS).toFixed(1)} µs each; ` +
    `ratio ${ratio.toFixed(3)} (goal below 1, which is a second: ${verdict(ratio < 1)})`,
);
