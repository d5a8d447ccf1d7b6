// When operation k is due, in wasm and, where the schedule needs no 64-bit numbers, by the same search in JavaScript.
import assert from "node:assert/strict";
import { loops, measure, ratio, spread } from "./compare.mjs";

const STEP = 20; // shards
const END_US = 3600e6;
const curves = {
  sustained: { from: 100, to: 100, period: 0, planned: 360000, poisson: false },
  ramp: { from: 0, to: 200, period: 0, planned: 360000, poisson: false },
  sine: { from: 50, to: 150, period: 600e6, planned: 360000, poisson: false },
  poisson: { from: 100, to: 100, period: 0, planned: 360000, poisson: true },
};

// src/load/segment.c and profile.c for a curve of one piece, operation for operation.
function sine(turns) {
  let sign = 1;
  if (turns >= 0.5) {
    turns -= 0.5;
    sign = -1;
  }
  if (turns > 0.25) turns = 0.5 - turns;
  const x = turns * (2 * Math.PI);
  let sum = 1;
  for (let n = 22; n > 0; n -= 2) sum = 1 - ((x * x) / (n * (n + 1))) * sum;
  return sign * x * sum;
}

function plainDue({ from, to, period, planned }) {
  const length = END_US / 1e6;
  const wave = (middle, height) => (at) => {
    const half = sine((at % period) / period / 2);
    return middle * (at / 1e6) + ((height * (period / 1e6)) / Math.PI) * (half * half);
  };
  const line = (a, b) => (at) => {
    const x = at / 1e6;
    return x * (a + 0.5 * ((b - a) / length) * x);
  };
  const curve = (a, b) => (period > 0 ? wave((a + b) / 2, b - (a + b) / 2) : line(a, b));
  const area = period > 0 ? curve(from, to)(END_US) : ((from + to) / 2) * length;
  const scale = planned / area;
  const [a, b] = [from * scale, to * scale];
  const integral = curve(a, b);
  const almost = 1 + 8 * Number.EPSILON;
  const dueBy = (at, k) => at >= END_US || (at > 0 && integral(at) * almost >= k);
  const guess = (k) => {
    const [first, last] = period > 0 ? [(a + b) / 2, (a + b) / 2] : [a, b];
    const divisor = first + Math.sqrt(Math.max(first * first + 2 * k * ((last - first) / length), 0));
    return Math.trunc(Math.min(divisor > 0 ? (2 * k) / divisor : length, length) * 1e6);
  };
  return (k) => {
    let low = guess(k);
    let high = low;
    for (let step = 1; low > 0 && dueBy(low, k); step *= 2) low = Math.max(low - step, 0);
    for (let step = 1; high < END_US && !dueBy(high, k); step *= 2) high = Math.min(high + step, END_US);
    while (high - low > 1) {
      const middle = low + Math.floor((high - low) / 2);
      if (dueBy(middle, k)) high = middle;
      else low = middle;
    }
    return high;
  };
}

for (const [name, curve] of Object.entries(curves)) {
  const wasm = loops();
  const { from, to, period, planned, poisson } = curve;
  assert.equal(wasm.bench_profile(END_US, from, to, period, planned, Number(poisson)), 0);
  const sides = { ours: (count) => wasm.bench_due(STEP, count) };
  if (!poisson) {
    const due = plainDue(curve);
    sides.plain = (count) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += due(1 + ((i * STEP) % planned));
      return sum;
    };
    assert.equal(sides.plain(1000), sides.ours(1000), `${name}: not the same search`);
  }
  const ns = measure(sides, 100000);
  const beside = poisson ? "" : `, ${spread(ns.plain)} in JavaScript; ratio ${ratio(ns.ours, ns.plain)}`;
  console.log(`profile.due: ${name} ${spread(ns.ours)} an operation${beside}`);
}
