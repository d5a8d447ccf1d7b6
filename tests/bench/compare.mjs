// Times several ways of doing the same thing, in turn: what else the machine does meanwhile hits all of them alike.
import { readFileSync } from "node:fs";
import { made } from "../made.mjs";

// With BENCH_SMOKE nothing is learned but that the benches still run.
export const SMOKE = process.env.BENCH_SMOKE === "1";
const ROUNDS = SMOKE ? 1 : 21;
const WARM_UP = SMOKE ? 0 : 3; // until the optimising compilers have had their turn

// The loops of tests/bench/loops.c in an instance of their own.
export const loops = () =>
  new WebAssembly.Instance(new WebAssembly.Module(readFileSync(made("build/tests/bench.wasm")))).exports;

export const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
export const median = (numbers) => sorted(numbers)[numbers.length >> 1];

// `sides` maps names to functions that do something `count` times, from number `first` on.  Gives the nanoseconds of
// each, per round.
export function measure(sides, count) {
  count = SMOKE ? 100 : count;
  const ns = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  for (let round = 0; round < WARM_UP + ROUNDS; round++) {
    for (const [name, side] of Object.entries(sides)) {
      const begin = process.hrtime.bigint();
      side(count, 1 + round * count);
      const took = Number(process.hrtime.bigint() - begin) / count;
      if (round >= WARM_UP) ns[name].push(took);
    }
  }
  return ns;
}

const number = (ns) => ns.toFixed(ns < 10 ? 1 : 0);

// Says whether a goal is met.  One that is missed makes the bench end with an error.
export function verdict(met) {
  if (SMOKE) return "not measured";
  if (!met) process.exitCode = 1;
  return met ? "met" : "missed";
}

export function spread(ns) {
  const inOrder = sorted(ns);
  return `${number(median(ns))} ns (${number(inOrder[0])} to ${number(inOrder.at(-1))})`;
}

// The median of the rounds' ratios, which varies less than the ratio of the medians; with the goal, if there is one.
export function ratio(ours, theirs, goal) {
  const value = median(ours.map((ns, i) => ns / theirs[i]));
  if (goal === undefined) return value.toFixed(2);
  return `${value.toFixed(2)}, goal at most ${goal}: ${verdict(value <= goal)}`;
}
