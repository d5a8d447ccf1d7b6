// Judging two runs of an hour in wasm: how long it takes, and the memory that it takes.
//   node tests/bench/verdict.mjs
import assert from "node:assert/strict";
import { loops, measure, median, spread, verdict } from "./compare.mjs";
import { latencies } from "./latencies.mjs";

const [SECONDS, RATE, OPERATIONS] = [3600, 20, 20];
const MS_MAX = 100; // of CPU, and for twenty operations as many times
const BYTES_MAX = 2 * 1024 * 1024;

const wasm = loops();
const values = latencies();
new Uint32Array(wasm.memory.buffer, wasm.bench_values(), values.length).set(values);
wasm.bench_runs(SECONDS, RATE);
assert.equal(wasm.bench_blocks(), 120);
assert.equal(wasm.bench_compare(1), 0); // the same
const { judged } = measure({ judged: (count) => wasm.bench_compare(count) }, 3);
const ms = median(judged) / 1e6;
console.log(
  `compare.hour: ${spread(judged)} a verdict on ${SECONDS} s, goal at most ${MS_MAX} ms: ${verdict(ms <= MS_MAX)}; ` +
    `${OPERATIONS} operations ${(OPERATIONS * ms).toFixed(0)} ms; ratio ${(ms / MS_MAX).toFixed(2)}`,
);
const bytes = wasm.bench_compare_bytes();
console.log(`  ${bytes} bytes of memory, goal at most ${BYTES_MAX}: ${verdict(bytes <= BYTES_MAX)}; ratio ${(bytes / BYTES_MAX).toFixed(2)}`);
