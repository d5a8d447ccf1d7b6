// How much memory an instance of the core takes in a role, once it is open.
//   node tests/bench/memory.mjs run | shard
import { readFileSync } from "node:fs";
import { ROLE } from "../../worker-shim/abi.js";
import { root } from "../made.mjs";

const KIB = 1024;
// What may be taken at most (docs/architecture.md): a shard with everything, a run's machine without its inbox and outbox.
const GOAL_KIB = { run: 2048, shard: 512 };

// How much crosses at once, which the module keeps to itself.
function room(role) {
  const text = readFileSync(`${root}src/wasm/room.h`, "utf8");
  const size = (box) => Number(text.match(new RegExp(`#define SN_${role}_${box} (\\d+)`))[1]);
  return (size("INBOX") + size("OUTBOX")) / KIB;
}

const name = process.argv[2];
const role = name.toUpperCase();
const core = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(`${root}build/core.wasm`))).exports;
if (core.sn_open(ROLE[role]) !== 0) throw new Error(`role ${name} cannot be opened`);
const all = core.memory.buffer.byteLength / KIB;
// The machine begins where stack and data end, and the inbox follows it.
const before = core.__heap_base.value / KIB;
const machine = core.sn_inbox(0) / KIB - before;
const judged = name === "run" ? machine : all;
const kib = (n) => n.toFixed(0);
console.log(
  `${name}.memory: ${all} KiB in all: ${kib(before)} of stack and data, ${kib(room(role))} of inbox and outbox, ${kib(machine)} of machine; ` +
    `ratio ${(judged / GOAL_KIB[name]).toFixed(2)} (goal at most 1, which is ${GOAL_KIB[name]} KiB of ${name === "run" ? "machine" : "everything"}: ` +
    `${judged <= GOAL_KIB[name] ? "met" : "missed"})`,
);
