// Recording and merging, beside hdr-histogram-js with as many significant digits: its wasm build and its JavaScript.
//   node tests/bench/hist.mjs record | merge
import assert from "node:assert/strict";
import hdr from "hdr-histogram-js";
import { loops, measure, ratio, spread } from "./compare.mjs";
import { latencies } from "./latencies.mjs";

const VALUES = 65536; // as in latencies.mjs
const MERGED = 100000; // values in each of the histograms that are merged

const wasm = loops();
const values = latencies();
new Uint32Array(wasm.memory.buffer, wasm.bench_values(), VALUES).set(values);
await hdr.initWebAssembly();

// Nothing here is above a minute: a range that is as short as it may be is to their advantage.
const theirs = (useWebAssembly) =>
  hdr.build({ highestTrackableValue: 6e7, numberOfSignificantValueDigits: 2, autoResize: false, useWebAssembly });
const record = (histogram, count) => {
  for (let i = 0; i < count; i++) histogram.recordValue(values[i % VALUES]);
};

// Buckets are 1/128 wide here and there; ours gives their middle, theirs the highest value.
function checkAgreement(ofMerged, histogram) {
  assert.equal(wasm.bench_count(ofMerged), histogram.totalCount);
  for (const p of [1, 50, 90, 99, 99.9]) {
    const [our, their] = [wasm.bench_percentile(p, ofMerged), histogram.getValueAtPercentile(p)];
    assert.ok(Math.abs(our / their - 1) < 0.01, `p${p} is ${our} here and ${their} there`);
  }
}

function benchRecord() {
  const [compiled, script] = [theirs(true), theirs(false)];
  wasm.bench_clear();
  const ns = measure(
    {
      ours: (count) => wasm.bench_record(count),
      compiled: (count) => record(compiled, count),
      script: (count) => record(script, count),
    },
    1000000,
  );
  checkAgreement(0, compiled);
  checkAgreement(0, script);
  console.log(
    `hist.record: ${spread(ns.ours)} a value, hdr-histogram-js ${spread(ns.compiled)} in wasm, ` +
      `${spread(ns.script)} in JavaScript; ratio ${ratio(ns.ours, ns.compiled, 0.25)}`,
  );
  console.log(`  beside its JavaScript: ratio ${ratio(ns.ours, ns.script)}`);
}

function benchMerge() {
  const [compiled, script] = [theirs(true), theirs(false)];
  const [intoCompiled, intoScript] = [theirs(true), theirs(false)];
  wasm.bench_clear();
  wasm.bench_record(MERGED);
  record(compiled, MERGED);
  record(script, MERGED);
  const add = (into, from, count) => {
    for (let i = 0; i < count; i++) into.add(from);
  };
  const ns = measure(
    {
      ours: (count) => wasm.bench_merge(count),
      compiled: (count) => add(intoCompiled, compiled, count),
      script: (count) => add(intoScript, script, count),
    },
    2000,
  );
  checkAgreement(1, intoCompiled);
  checkAgreement(1, intoScript);
  console.log(
    `hist.merge: ${spread(ns.ours)} a histogram of ${MERGED} values, hdr-histogram-js ${spread(ns.compiled)} in wasm, ` +
      `${spread(ns.script)} in JavaScript; ratio ${ratio(ns.ours, ns.compiled, 0.1)}`,
  );
  console.log(`  beside its JavaScript: ratio ${ratio(ns.ours, ns.script)}`);
}

const benches = { record: benchRecord, merge: benchMerge };
benches[process.argv[2]]();
