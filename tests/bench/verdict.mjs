// Judging two runs of an hour in wasm: how long it takes, and the memory that it takes.
//   node tests/bench/verdict.mjs
import assert from "node:assert/strict";
import { loops, measure, SMOKE, spread } from "./compare.mjs";
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
const { verdict } = measure({ verdict: (count) => wasm.bench_compare(count) }, 3);
const ms = verdict.map((ns) => ns / 1e6).toSorted((a, b) => a - b);
const median = ms[ms.length >> 1];
const met = (good) => (SMOKE ? "not measured" : good ? "met" : "missed");
console.log(
  `compare.hour: ${spread(verdict)} a verdict on ${SECONDS} s, goal at most ${MS_MAX} ms: ${met(median <= MS_MAX)}; ` +
    `${OPERATIONS} operations ${(OPERATIONS * median).toFixed(0)} ms; ratio ${(median / MS_MAX).toFixed(2)}`,
);
const bytes = wasm.bench_compare_bytes();
assert.ok(bytes <= BYTES_MAX, `${bytes} bytes`);
console.log(`  ${bytes} bytes of memory, at most ${BYTES_MAX}: ratio ${(bytes / BYTES_MAX).toFixed(2)}`);
