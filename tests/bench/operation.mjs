// What it costs to know what operation k does, up to the values that a binding is called with: C and the shim's reading
// beside the same thing in JavaScript alone.
//   node tests/bench/operation.mjs [system…]
import assert from "node:assert/strict";
import { EFFECT } from "../../worker-shim/abi.js";
import { eachEffect, encode, payloadText } from "../../worker-shim/core.js";
import { perform } from "../../worker-shim/perform.js";
import { fillShape } from "../../worker-shim/shape.js";
import { weightsOf } from "./bare.mjs";
import { loops, measure, ratio, spread } from "./compare.mjs";
import { plainOperations, SYSTEMS } from "./plain.mjs";

const systems = process.argv.length > 2 ? process.argv.slice(2) : SYSTEMS;
const NOW_MS = 1795446241462;
const RUN = "01890a5d-ac96-774b-bcce-b302099a8057"; // as in loops.c
const plan = {
  profileType: "sustained",
  targetOperations: 1000000,
  durationSeconds: 3600,
  concurrency: 50,
  targetSystems: systems,
};

// The shim's host, as far as reading asks for it.
function openedHost(wasm) {
  const payload = (offset, length) => {
    const filled = wasm.bench_payload(offset, length);
    return new Uint8Array(wasm.memory.buffer, wasm.bench_text(), filled).slice();
  };
  const host = { shapes: [], machine: { core: { payload } } };
  payloadText(host.machine.core); // once per isolate, and of no operation
  return host;
}

function ourOperations() {
  const wasm = loops();
  const bytes = new Uint8Array(wasm.memory.buffer);
  const view = new DataView(wasm.memory.buffer);
  const start = wasm.bench_text();
  const host = openedHost(wasm);
  const json = encode(JSON.stringify(plan));
  bytes.set(json, start);
  assert.equal(wasm.bench_plan(json.length), 0, "the plan is refused");
  // A shape comes with the first step that needs it.
  return (use) => {
    const of = (effect) => {
      const given = host.shapes[effect.arg1 >>> 16];
      if (effect.kind === EFFECT.STEP) use(effect, fillShape(host, effect, given), given);
      else perform[effect.kind](host, effect);
    };
    return (k) => eachEffect(bytes, view, start, start + wasm.bench_operation(k, NOW_MS * 1000), of);
  };
}

const opened = ourOperations();
const plain = plainOperations({ seed: 7, run: RUN, tenant: "default", weights: weightsOf(systems) });

// What a call is but for what is drawn: both sides have to make the same ones.
function shape(target, action, groups) {
  const of = (value) => (typeof value === "string" ? value.replace(/[0-9a-zA-Z_-]{100,}|[0-9a-f]{16}|\d+/g, "*") : typeof value);
  return JSON.stringify([target, action, groups.map(({ values }) => values.map(of))]);
}

const TARGETS = { TARGET_DB: 2, TARGET_KV: 3, TARGET_R2: 4 }; // as plain.mjs numbers them

function checkShapes() {
  const seen = { ours: new Set(), plain: new Set() };
  const ours = opened((effect, groups, { binding }) => seen.ours.add(shape(TARGETS[binding], effect.arg0, groups)));
  for (let k = 1; k <= 5000; k++) {
    ours(k);
    const { target, action, groups } = plain(k, NOW_MS);
    seen.plain.add(shape(target, action, groups));
  }
  assert.deepEqual([...seen.plain].sort(), [...seen.ours].sort(), "tests/bench/plain.mjs makes other calls than the workload");
}

// A binding copies what it is given, so a text that is still in pieces has to be put together: asking for a character
// does that.
let used = 0;
function use(groups) {
  for (const { values } of groups) {
    for (const value of values) used += typeof value === "string" ? value.charCodeAt(value.length - 1) : 1;
  }
}

checkShapes();
const ours = opened((_effect, groups) => use(groups));
const ns = measure(
  {
    ours: (count, first) => {
      for (let k = first; k < first + count; k++) ours(k);
    },
    plain: (count, first) => {
      for (let k = first; k < first + count; k++) use(plain(k, NOW_MS).groups);
    },
  },
  200000,
);
console.log(
  `core.operation: ${spread(ns.ours)} an operation with C and shim, ${spread(ns.plain)} in JavaScript alone; ` +
    `ratio ${ratio(ns.ours, ns.plain, 1)}`,
);
