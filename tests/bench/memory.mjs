// How much memory an instance of the core takes in each role, once it is open.
import { readFileSync } from "node:fs";
import { ROLE } from "../../worker-shim/abi.js";

const module = new WebAssembly.Module(readFileSync("build/core.wasm"));
for (const [name, role] of Object.entries(ROLE)) {
  const core = new WebAssembly.Instance(module).exports;
  const before = core.memory.buffer.byteLength;
  if (core.sn_open(role) !== 0) throw new Error(`role ${name} cannot be opened`);
  const after = core.memory.buffer.byteLength;
  console.log(`${name.toLowerCase()}.memory: ${after / 1024} KiB in all, ${before / 1024} KiB of it stack and data`);
}
