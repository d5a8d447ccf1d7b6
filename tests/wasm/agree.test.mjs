// The same figures natively and as wasm, with equal bits (design: where only + − × ÷ √ and integers are used).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { likelihood } from "../e2e/chi_square.mjs";
import { made, wasmModule } from "../made.mjs";
import { MIXES } from "../mixes.mjs";

const native = execFileSync(made("build/tests/vectors"), { maxBuffer: 1 << 24, encoding: "utf8" }).trimEnd().split("\n");

function wasmVectors() {
  const { sn_vectors_make, sn_vectors, memory } = new WebAssembly.Instance(wasmModule("build/tests/vectors.wasm")).exports;
  const length = sn_vectors_make();
  return Buffer.from(memory.buffer, sn_vectors(), length).toString().trimEnd().split("\n");
}

const wasm = wasmVectors();

for (const name of ["random", "real", "keyspace", "key", "keys", "due", "wave", "rate", "count", "percentile", "mean", "hist", "delta", "payload", "plan", "kind", "step", "compare", "intervals", "student", "history", "mix"]) {
  test(`${name}: native = wasm`, () => {
    const of = (lines) => lines.filter((line) => line.split(/[ .]/)[0] === name);
    assert.ok(of(native).length > 0, "there is nothing to compare");
    assert.deepEqual(of(wasm), of(native));
  });
}

test("everything else: native = wasm", () => {
  assert.ok(native.length > 3000, `${native.length} lines`);
  assert.deepEqual(wasm, native);
});

// "mix WORKLOAD/OPERATION SEED COUNT", of 100,000 draws each.
for (const [workload, weights] of Object.entries(MIXES)) {
  test(`${workload}: what is drawn in wasm is distributed as its weights`, () => {
    const total = Object.values(weights).reduce((sum, weight) => sum + weight, 0);
    for (const seed of [1, 2, 3]) {
      const drawn = wasm.map((line) => line.split(" ")).filter(([name, what, s]) => name === "mix" && what.split("/")[0] === workload && Number(s) === seed);
      const counts = Object.fromEntries(drawn.map(([, what, , count]) => [what.split("/")[1], parseInt(count, 16)]));
      assert.deepEqual(Object.keys(counts).sort(), Object.keys(weights).sort());
      const p = likelihood(Object.entries(weights).map(([name, weight]) => [counts[name], (weight / total) * 100_000]));
      assert.ok(p > 0.001, `seed ${seed}: p = ${p}`);
    }
  });
}

test("every workload that comes with Sentinel was drawn", () => {
  assert.deepEqual([...new Set(wasm.filter((line) => line.startsWith("mix ")).map((line) => line.slice(4).split("/")[0]))].sort(), Object.keys(MIXES).sort());
});

test("the payload block is the same as the core's", async () => {
  const { Core, payloadBlock } = await import("../../worker-shim/core.js");
  const { ROLE } = await import("../../worker-shim/abi.js");
  const block = payloadBlock(new Core(wasmModule("build/core.wasm"), ROLE.SHARD));
  // The first eight bytes are a function of place 0 alone (src/load/payload.c); all of it is printable ASCII.
  assert.match(Buffer.from(block).toString("latin1"), /^[A-Za-z0-9_-]{1048576}$/);
});
