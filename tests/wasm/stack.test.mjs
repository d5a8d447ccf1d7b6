// The stack is small, since every shard has one: whatever a step does has to fit, with room to spare.  Running out of it
// would trap (the stack lies at the bottom of the memory), and a trap costs an object its instance.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { made, root, wasmModule } from "../made.mjs";
import { deepest, functionsOf } from "./frames.mjs";

const STACK = Number(readFileSync(`${root}Makefile`, "utf8").match(/-z stack-size=(\d+)/)[1]);
const SPARE = STACK / 8;
// How often what calls itself may be on one path.
const TIMES = {
  parse_value: 64, // cJSON: CJSON_NESTING_LIMIT
  cJSON_Delete: 64,
  sn_read_object: 8, // a field whose value is an object of fields; no plan has more inside each other
  sn_template_compile: 8, // it does not call itself: a table of functions of its type is taken for a way back
};

const functions = functionsOf(readFileSync(made("build/tests/named.wasm")));

test("no path of calls needs more of the stack than there is, with an eighth to spare", () => {
  const { bytes, names } = deepest(functions, "sn_step", TIMES);
  const said = `${bytes} bytes of ${STACK}: ${names.join(" > ")}`;
  assert.ok(bytes > 4096, `so little says that frames are not recognized: ${said}`);
  assert.ok(bytes <= STACK - SPARE, said);
});

test("a function that comes back to itself has to be counted", () => {
  assert.throws(() => deepest(functions, "sn_step", {}), /can come back to themselves/);
});

const stackOf = (memory) => new Uint8Array(memory.buffer, 0, STACK);

// What the instances of a module leave of a pattern on their stacks.
function watched() {
  const memories = [];
  const Instance = WebAssembly.Instance;
  WebAssembly.Instance = class extends Instance {
    constructor(module) {
      super(module);
      memories.push(this.exports.memory);
      stackOf(this.exports.memory).fill(0xa5);
    }
  };
  const left = (memory) => stackOf(memory).findIndex((byte) => byte !== 0xa5);
  return { most: () => STACK - Math.min(...memories.map(left)), done: () => (WebAssembly.Instance = Instance) };
}

// A step of the API that reads, compiles, sizes and prices the largest of the workloads.
test("what a preview takes of the product's own stack is within the deepest path", async () => {
  const { Core } = await import("../../worker-shim/core.js");
  const { ROLE } = await import("../../worker-shim/abi.js");
  const { Pool, serve } = await import("../../worker-shim/api.js");
  const { most, done } = watched();
  const pool = new Pool(() => new Core(wasmModule("build/core.wasm"), ROLE.API));
  const body = { profileType: "sustained", workload: "grove", targetOperations: 5000, durationSeconds: 60, concurrency: 50 };
  const request = new Request("https://sentinel.example/api/sentinel/plan", {
    method: "POST",
    headers: { authorization: "Bearer t", "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await serve(pool, request, { SENTINEL_TOKEN: "t" });
  assert.equal(answer.status, 200, await answer.text());
  done();
  assert.ok(most() >= 2048, `${most()} bytes are less than a plan's error alone`);
  assert.ok(most() <= deepest(functions, "sn_step", TIMES).bytes, `${most()} bytes`);
});
