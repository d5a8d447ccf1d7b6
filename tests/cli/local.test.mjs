// Commands that need no Worker: plan, curve, simulate.
import assert from "node:assert/strict";
import test from "node:test";
import { sentinel } from "./fake.mjs";

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

async function json(...args) {
  const { code, stdout, stderr } = await sentinel([...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

for (const [preset, planned, duration] of [
  ["smoke", 100, 30],
  ["spike", 10_000, 300],
  ["sustained", 50_000, 600],
  ["oscillation", 30_000, 600],
  ["ramp", 100_000, 900],
  ["stress", 500_000, 1800],
  ["soak", 360_000, 3600],
  ["three-phase", 18_889, 600],
]) {
  test(`the curve of ${preset} holds exactly what it plans`, async () => {
    const curve = await json("curve", preset);
    assert.deepEqual([curve.plannedOps, curve.durationS, curve.perSecond.length], [planned, duration, duration]);
    assert.equal(sum(curve.perSecond), planned);
    assert.equal(sum(curve.phases.map(({ ops }) => ops)), planned);
    assert.equal(curve.phases.at(-1).endS, duration);
    assert.ok(Math.max(...curve.perSecond) <= Math.ceil(curve.peakPerS));
    assert.equal(curve.arrivalsUs, undefined);
  });
}

test("shards own every operation once", async () => {
  const whole = await json("curve", "smoke", "--arrivals", "1000");
  const parts = [];
  for (let i = 0; i < 3; i++) parts.push(await json("curve", "smoke", "--arrivals", "1000", "--shard", `${i}/3`));
  assert.equal(whole.arrivalsUs.length, 100);
  assert.deepEqual([whole.arrivalsUs[0], whole.arrivalsUs.at(-1)], [300_000, 30_000_000]);
  assert.equal(sum(parts.map(({ plannedOps }) => plannedOps)), 100);
  assert.deepEqual(parts.flatMap(({ arrivalsUs }) => arrivalsUs).sort((a, b) => a - b), whole.arrivalsUs);
  const seconds = whole.perSecond.map((_, s) => sum(parts.map(({ perSecond }) => perSecond[s])));
  assert.deepEqual(seconds, whole.perSecond);
});

test("Poisson arrivals of the shards are those of the whole", async () => {
  const input = '{"preset":"oscillation","arrivals":"poisson","targetOperations":5000,"seed":4}';
  const arrivals = async (...args) => {
    const { code, stdout, stderr } = await sentinel(["curve", "-", "--json", "--arrivals", "9999", ...args], { input });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).arrivalsUs;
  };
  const parts = [];
  for (let i = 0; i < 4; i++) parts.push(...(await arrivals("--shard", `${i}/4`)));
  const whole = await arrivals();
  assert.equal(whole.length, 5000);
  assert.deepEqual(parts.sort((a, b) => a - b), whole);
});

test("only as many arrivals as were asked for", async () => {
  const { arrivalsUs } = await json("curve", "smoke", "--arrivals", "3");
  assert.deepEqual(arrivalsUs, [300_000, 600_000, 900_000]);
});

test("the curve as people see it", async () => {
  const { code, stdout } = await sentinel(["curve", "smoke"]);
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines.length, 13); // ten rows, the axis, an empty line, one phase
  for (const line of lines.slice(0, 10)) assert.match(line, / \|[ #]+$/);
  assert.match(lines[0], /^ +3\.3\/s \|#{30}$/); // also where ten operations lie on three seconds
  assert.match(lines[10], /\+-{30} 30 s$/);
  assert.match(lines[12], /^ {2}steady +0 to +30 s +100 operations$/);
});

test("no curve is drawn above the peak that its plan names", async () => {
  for (const preset of ["smoke", "spike", "sustained", "oscillation", "ramp", "stress", "soak", "three-phase"]) {
    const [, drawn] = (await sentinel(["curve", preset])).stdout.match(/^ +([\d.]+)\/s/);
    const [, most] = (await sentinel(["plan", preset])).stdout.match(/at most ([\d.]+) a second/);
    assert.ok(Number(drawn) <= Number(most) && Number(drawn) > 0.9 * Number(most), `${preset}: ${drawn}/s drawn of ${most}`);
  }
  const [, part] = (await sentinel(["curve", "sustained", "--shard", "1/4"])).stdout.match(/^ +([\d.]+)\/s/);
  const [, whole] = (await sentinel(["curve", "sustained"])).stdout.match(/^ +([\d.]+)\/s/);
  assert.ok(Math.abs(part * 4 - whole) < 0.5, `${part} of ${whole}`);
});

test("a plan, its shares, its hash", async () => {
  const plan = await json("plan", "smoke");
  assert.deepEqual([plan.preset, plan.plannedOps, plan.concurrency, plan.slots, plan.shards], ["smoke", 100, 5, 5, 1]);
  assert.match(plan.planHash, /^[0-9a-f]{16}$/);
  assert.deepEqual(plan.perSecond, (await json("curve", "smoke")).perSecond);
  assert.deepEqual(plan.limits[0], { limit: "targetOperations", value: 100, max: 1000000 });
  assert.ok(Math.abs(sum(plan.operations.map(({ share }) => share)) - 1) < 1e-9);
  assert.equal((await json("plan", "smoke")).planHash, plan.planHash);
  const { stdout } = await sentinel(["plan", "smoke"]);
  assert.ok(stdout.includes(plan.planHash) && stdout.includes("100 in 30 s"));
});

test("bounds are raised by an option", async () => {
  const plan = await json("plan", "soak", "--limits", "operator");
  assert.deepEqual([plan.bounds, plan.limits[0].max], ["operator", 200000000]);
  const { code, stderr } = await sentinel(["plan", "soak", "--limits", "all"]);
  assert.equal(code, 104);
  assert.match(stderr, /expected default or operator, got "all"/);
});

test("a plan that is refused says where and what was expected", async () => {
  for (const command of ["plan", "curve", "simulate"]) {
    const { code, stdout, stderr } = await sentinel([command, "-"], { input: '{"preset":"smoke","concurrency":501}' });
    assert.deepEqual([code, stdout], [104, ""]);
    assert.match(stderr, /-: this plan cannot be used \(plan\.\S+\)\.\n {2}at \$\.concurrency: expected \S/);
  }
  const { code, stderr } = await sentinel(["plan", "no-such-preset"]);
  assert.equal(code, 104);
  assert.match(stderr, /at \$\.preset: expected /);
});

test("a simulated run: the same seed gives the same report", async () => {
  const args = ["simulate", "smoke", "--seed", "7", "--evictions", "1", "--json"];
  const first = await sentinel(args);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^Seed 7: completed/);
  assert.equal(JSON.parse(first.stdout).schema, "sentinel.report/1");
  assert.equal((await sentinel(args)).stdout, first.stdout);
});

for (const [safety, status, most] of [
  [true, "failed", 700],
  [false, "completed", 3000],
]) {
  test(`safety ${safety}: a simulated target that has nothing of what is read`, async () => {
    const plan = { profileType: "sustained", targetOperations: 3000, durationSeconds: 60, concurrency: 10, safety, prepare: "none", targetSystems: ["kv_get"] };
    const args = ["simulate", "-", "--json"];
    const { stdout, stderr } = await sentinel(args, { input: JSON.stringify(plan) });
    const { run, validity } = JSON.parse(stdout);
    const { completed, failed } = validity.accounting.terms;
    assert.equal(run.status, status, stderr);
    assert.equal(run.verdict, safety ? "failed" : "none");
    assert.ok(completed + failed <= most && failed > completed && failed > 300, `${completed} completed, ${failed} failed`);
  });
}
