// How much memory an instance of the core takes in a role, once it is open.
//   node tests/bench/memory.mjs run | shard
// Of a shard also what its memory is made of: the table in docs/architecture.md, which tests/wasm/memory.test.mjs compares.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { ROLE } from "../../worker-shim/abi.js";
import { root, wasmModule } from "../made.mjs";
import { loops, verdict } from "./compare.mjs";

const KIB = 1024;
// What may be taken at most (docs/architecture.md): a shard with everything, a run's machine without its inbox and outbox.
const GOAL_KIB = { run: 2048, shard: 512 };
const ISOLATE_KIB = 128 * KIB; // what the platform gives all objects of an isolate together

// How much crosses at once, which the module keeps to itself, in KiB.
function room(role, box) {
  const text = readFileSync(`${root}src/wasm/room.h`, "utf8");
  return Number(text.match(new RegExp(`#define SN_${role}_${box} (\\d+)`))[1]) / KIB;
}

function open(role) {
  const core = new WebAssembly.Instance(wasmModule("build/core.wasm")).exports;
  if (core.sn_open(ROLE[role]) !== 0) throw new Error(`role ${role} cannot be opened`);
  return { all: core.memory.buffer.byteLength / KIB, inboxAt: core.sn_inbox(0) / KIB, dataEnd: core.__heap_base.value / KIB };
}

// What a shard's memory is made of, in KiB.  The machine ends where the inbox begins, and begins within the data.
export function shardParts() {
  const { all, inboxAt } = open("SHARD");
  const size = loops().bench_shard_part;
  const [machine, plan, results, steps, seconds, backlog, operations, schedule] = Array.from({ length: 8 }, (_, i) => size(i) / KIB);
  const stack = Number(readFileSync(`${root}Makefile`, "utf8").match(/-z stack-size=(\d+)/)[1]) / KIB;
  const inbox = room("SHARD", "INBOX"), outbox = room("SHARD", "OUTBOX");
  const parts = {
    "stack": stack,
    "constants": inboxAt - machine - stack,
    "the plan, as it came and opened": plan,
    "results of operations since the last checkpoint, at most 1,024": results,
    "results of single steps, at most 2,048": steps,
    "seconds since the last checkpoint, operations kept whole": seconds,
    "reports that the run has not stored": backlog,
    "operations under way, what was captured": operations,
    "schedule, state": schedule,
    "the rest of the machine": machine - plan - results - steps - seconds - backlog - operations - schedule,
    "inbox": inbox,
    "outbox": outbox,
  };
  const used = Object.values(parts).reduce((sum, kib) => sum + kib, 0);
  return { parts: { ...parts, "up to whole pages of 64 KiB": all - used }, all, machine };
}

const said = (ratio, goal, of, met) => `ratio ${ratio.toFixed(2)} (goal at most 1, which is ${goal} KiB of ${of}: ${verdict(met)})`;

function sayShard() {
  const { parts, all, machine } = shardParts();
  console.log(`shard.memory: ${all} KiB in all, ${machine.toFixed(0)} of them its machine; ${said(all / GOAL_KIB.shard, GOAL_KIB.shard, "everything", all <= GOAL_KIB.shard)}`);
  for (const [name, kib] of Object.entries(parts)) console.log(`  ${kib.toFixed(1).padStart(6)} KiB ${name}`);
  console.log(`  an isolate's 128 MB are those of ${Math.floor(ISOLATE_KIB / all)} shards, and of nothing else`);
}

function sayRun() {
  const { all, inboxAt, dataEnd } = open("RUN");
  const machine = inboxAt - dataEnd;
  const boxes = room("RUN", "INBOX") + room("RUN", "OUTBOX");
  console.log(
    `run.memory: ${all} KiB in all: ${dataEnd.toFixed(0)} of stack and data, ${boxes.toFixed(0)} of inbox and outbox, ${machine.toFixed(0)} of machine; ` +
      said(machine / GOAL_KIB.run, GOAL_KIB.run, "machine", machine <= GOAL_KIB.run),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) ({ shard: sayShard, run: sayRun })[process.argv[2]]();
