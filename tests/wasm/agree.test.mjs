// The same figures natively and as wasm, with equal bits (design: where only + − × ÷ √ and integers are used).
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { made, wasmModule } from "../made.mjs";

const native = execFileSync(made("build/tests/vectors"), { maxBuffer: 1 << 24, encoding: "utf8" }).trimEnd().split("\n");

function wasmVectors() {
  const { sn_vectors_make, sn_vectors, memory } = new WebAssembly.Instance(wasmModule("build/tests/vectors.wasm")).exports;
  const length = sn_vectors_make();
  return Buffer.from(memory.buffer, sn_vectors(), length).toString().trimEnd().split("\n");
}

const wasm = wasmVectors();

for (const name of ["random", "real", "keyspace", "key", "keys", "due", "wave", "rate", "count", "percentile", "mean", "hist", "delta", "payload", "plan", "kind", "step", "compare", "student", "history"]) {
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

test("the payload block is the same as the core's", async () => {
  const { Core, payloadBlock } = await import("../../worker-shim/core.js");
  const { ROLE } = await import("../../worker-shim/abi.js");
  const block = payloadBlock(new Core(wasmModule("build/core.wasm"), ROLE.SHARD));
  // The first eight bytes are a function of place 0 alone (src/load/payload.c); all of it is printable ASCII.
  assert.match(Buffer.from(block).toString("latin1"), /^[A-Za-z0-9_-]{1048576}$/);
});
