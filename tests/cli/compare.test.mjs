// Slower or faster than before, and when it changed: files in, verdicts out.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";

const binary = new URL("../../build/sentinel", import.meta.url).pathname;
let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "sentinel-compare-"));
});

after(() => rmSync(folder, { recursive: true }));

const run = (args, { input, columns } = {}) => {
  const env = { ...process.env, COLUMNS: columns ?? "" };
  const { status, stdout, stderr } = spawnSync(binary, args, { input, env, encoding: "utf8", cwd: folder });
  return { status, stdout, stderr };
};

const file = (name, text) => {
  writeFileSync(join(folder, name), text);
  return name;
};

// Every second a hundred values from 4 to 6 ms, a few of 20 ms, and a little of its own; the same for the same seed.
function intervals({ seconds = 60, factor = 1, tail = 1, seed = 1, start = 0, count = 1n } = {}) {
  let state = seed;
  const unit = () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  const lines = [];
  for (let second = 0; second < seconds; second++) {
    const level = 0.98 + 0.04 * unit();
    for (let i = 0; i < 100; i++) lines.push(`${start + second} ${Math.round((4000 + 2000 * unit()) * level * factor)} ${count}`);
    for (let i = 0; i < 3; i++) lines.push(`${start + second} ${Math.round(20000 * level * factor * tail)} ${count}`);
  }
  return lines;
}

const save = (name, options) => file(name, intervals(options).join("\n") + "\n");
const json = (args, options) => {
  const { status, stdout, stderr } = run([...args, "--json"], options);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  return JSON.parse(stdout);
};
const verdicts = ({ percentiles }) => Object.values(percentiles).map(({ verdict }) => verdict);

test("the same, slower, faster, and a slower tail", () => {
  const base = save("base.tsv");
  const same = json(["compare", "--intervals", base, save("again.tsv", { seed: 2 })]);
  assert.equal(same.verdict, "same");
  assert.deepEqual(Object.keys(same.percentiles), ["50", "90", "99"]);
  const slow = save("slow.tsv", { seed: 3, factor: 1.3 });
  const slower = json(["compare", "--intervals", base, slow]);
  assert.equal(slower.verdict, "slower");
  assert.deepEqual(verdicts(slower), ["slower", "slower", "slower"]);
  for (const { ratio, low, high } of Object.values(slower.percentiles)) assert.ok(low > 1 && low <= ratio && ratio <= high);
  const faster = json(["compare", "--intervals", slow, base]);
  assert.deepEqual(verdicts(faster), ["faster", "faster", "faster"]);
  assert.ok(Math.abs(faster.percentiles[50].ratio * slower.percentiles[50].ratio - 1) < 1e-5);
  const tail = json(["compare", "--intervals", base, save("tail.tsv", { seed: 4, tail: 3 })]);
  assert.deepEqual(verdicts(tail), ["same", "same", "slower"]);
  assert.equal(tail.verdict, "slower");
});

test("the same words for the same values, in whatever order, wherever they start, and however they are written", () => {
  const lines = intervals({ seed: 5, factor: 1.04 });
  const base = save("base.tsv");
  const plain = run(["compare", "--intervals", base, file("plain.tsv", lines.join("\n")), "--json"]).stdout;
  const shuffled = lines.toReversed().map((line, i) => (i % 7 === 0 ? `# ${i}\n\n` : "") + line.replaceAll(" ", "\t"));
  const other = file("other.tsv", shuffled.join("\r\n") + "\r\n");
  assert.equal(run(["compare", "--intervals", base, other, "--json"]).stdout, plain);
  const late = save("late.tsv", { seed: 5, factor: 1.04, start: 1790000000 });
  assert.equal(run(["compare", "--intervals", base, late, "--json"]).stdout, plain);
  assert.equal(run(["compare", "--intervals", base, "-", "--json"], { input: lines.join("\n") }).stdout, plain);
});

test("counts may have 64 bits", () => {
  const base = save("base.tsv"), many = save("many.tsv", { seed: 6, factor: 1.2, count: 3000000000000000n });
  const once = save("once.tsv", { seed: 6, factor: 1.2 });
  const [a, b] = [many, once].map((name) => json(["compare", "--intervals", base, name]));
  assert.deepEqual(verdicts(a), verdicts(b));
  assert.equal(a.percentiles[99].afterUs, b.percentiles[99].afterUs);
});

test("what is short is inconclusive, and says how long it takes", () => {
  const short = json(["compare", "--intervals", save("base.tsv"), save("short.tsv", { seconds: 20, factor: 2 })]);
  assert.deepEqual(verdicts(short), ["inconclusive", "inconclusive", "inconclusive"]);
  assert.match(short.percentiles[50].reason, /30 seconds/);
  assert.equal(short.percentiles[50].settledS, 30);
});

test("a step of the clock is no difference", () => {
  const even = (us) => Array.from({ length: 60 }, (_, s) => `${s} ${us} 100\n${s} 9000 3`).join("\n");
  const two = file("two.tsv", even(2000)), three = file("three.tsv", even(3000));
  assert.equal(json(["compare", "--intervals", two, three]).percentiles[50].verdict, "slower");
  for (const step of ["1ms", "1000us"])
    assert.equal(json(["compare", "--intervals", "--clock-step", step, two, three]).percentiles[50].verdict, "same");
});

test("baselines that differ among themselves raise the floor", () => {
  const names = [1, 1.1, 1, 1.1].map((factor, i) => save(`base${i}.tsv`, { seed: 10 + i, factor }));
  const after_ = save("after.tsv", { seed: 20, factor: 1.15 });
  assert.equal(json(["compare", "--intervals", names[0], after_]).percentiles[50].verdict, "slower");
  const many = json(["compare", "--intervals", ...names, after_]);
  assert.ok(many.percentiles[50].floor > 0.1 && many.percentiles[50].floor < 0.12);
  assert.notEqual(many.percentiles[50].verdict, "slower");
});

test("--fail-on says which verdicts end with 99", () => {
  const base = save("base.tsv"), slow = save("slow.tsv", { seed: 3, factor: 1.3 });
  assert.equal(run(["compare", "--intervals", base, slow]).status, 0);
  assert.equal(run(["compare", "--intervals", "--fail-on", "inconclusive,slower", base, slow]).status, 99);
  assert.equal(run(["compare", "--intervals", "--fail-on", "faster", base, slow]).status, 0);
});

for (const columns of ["60", "80", "200"]) {
  test(`for people it is at most ${columns} columns wide where it is drawn`, () => {
    const { stdout, status } = run(["compare", "--intervals", save("base.tsv"), save("slow.tsv", { seed: 3, factor: 1.3 })], { columns });
    assert.equal(status, 0);
    assert.match(stdout, /^slower: slow.tsv, beside base.tsv\n/);
    assert.match(stdout, /p50 .*\+.* % to .*slower/);
    const drawn = stdout.split("\n").filter((line) => line.includes(" | "));
    assert.ok(drawn.length > 5 && drawn.every((line) => line.length <= Number(columns)));
    assert.ok(drawn.some((line) => /#+ +\| +#/.test(line) || /# +\| #/.test(line)));
  });
}

for (const [text, words] of [
  ["0 1000 1\n0 x 1\n", /bad.tsv, line 2: expected a second, a value in microseconds and a count.*; got "0 x 1"/],
  ["0 1000\n", /line 1: expected a second/],
  ["0 1000 1 1\n", /line 1: expected a second/],
  ["0 1000 -1\n", /line 1: expected/],
  ["0 1000 1.5\n", /line 1: expected/],
  ["0 1000 18446744073709551616\n", /line 1: expected/],
  ["0 1000 1\n\n# a word\n86400 1000 1\n", /line 4: expected a second within a day/],
  ["", /bad.tsv holds no values/],
  ["# nothing\n3 4 0\n", /bad.tsv holds no values/],
  ["\0 1 2\n", /line 1: expected/],
  [`0 1 ${"9".repeat(100000)}\n`, /line 1: expected.*…/],
  ["\x1b[31m 1 1\n", /line 1: expected[^\x1b]*$/],
]) {
  test(`what is no file of intervals is refused: ${JSON.stringify(text.slice(0, 30))}`, () => {
    const { status, stdout, stderr } = run(["compare", "--intervals", save("base.tsv"), file("bad.tsv", text)]);
    assert.equal(status, 104);
    assert.equal(stdout, "");
    assert.match(stderr, words);
  });
}

for (const [args, words] of [
  [["compare"], /needs BEFORE AFTER/],
  [["compare", "--intervals", "base.tsv"], /needs two files/],
  [["compare", "--intervals", "base.tsv", "nowhere.tsv"], /nowhere.tsv could not be opened/],
  [["compare", "--intervals", "-", "-"], /"-" can stand for one file/],
  [["compare", "--intervals", "--clock-step", "1", "base.tsv", "base.tsv"], /--clock-step: expected a time/],
  [["compare", "--intervals", "--clock-step", "2000ms", "base.tsv", "base.tsv"], /--clock-step: expected a time/],
  [["compare", "--intervals", "--fail-on", "slow", "base.tsv", "base.tsv"], /--fail-on: expected/],
  [["compare", "a.json", "b.json", "c.json"], /Two reports are compared/],
  [["history"], /`sentinel history` needs a file/],
  [["history", "nowhere.tsv"], /could not be opened/],
]) {
  test(`refused: ${args.join(" ")}`, () => {
    save("base.tsv");
    const { status, stderr } = run(args);
    assert.equal(status, 104);
    assert.match(stderr, words);
  });
}

// What a report holds of what is compared.
const report = ({ hash = "00000000000000aa", validity = "valid", started = 10000, failed = 0, p50 = 5, p99 = 20 } = {}) => ({
  schema: "sentinel.report/1",
  validity: { validity, delivery: { planned: 10000, started } },
  run: { planHash: hash },
  total: { completed: started - failed, failed, responseMs: { p50, p90: 9, p99, "p99.9": null } },
});
const saveReport = (name, options) => file(name, JSON.stringify(report(options)));

test("reports tell sizes and errors, and no intervals", () => {
  const base = saveReport("base.json");
  const slow = json(["compare", base, saveReport("slow.json", { p50: 50 })]);
  assert.equal(slow.verdict, "inconclusive");
  assert.deepEqual(verdicts(slow), ["inconclusive", "inconclusive", "inconclusive"]);
  assert.equal(slow.percentiles[50].ratio, 10);
  assert.equal(slow.percentiles[50].low, null);
  assert.match(slow.percentiles[50].reason, /percentiles and not seconds/);
  assert.equal(slow.notJudged["99.9"].ratio, null);
  const failing = json(["compare", base, saveReport("failing.json", { failed: 100 })]);
  assert.deepEqual([failing.verdict, failing.errors.verdict, failing.errors.after.failed], ["slower", "slower", 100]);
  const { stdout } = run(["compare", base, "failing.json"]);
  assert.match(stdout, /^slower: failing.json[^]*errors 0.00 % before, 1.00 % after: slower[^]*p50 /);
});

test("a run that did not do what was asked of it makes the comparison invalid", () => {
  const base = saveReport("base.json");
  for (const options of [{ validity: "invalid" }, { validity: "unknown" }, { started: 9899 }]) {
    const bad = saveReport("bad.json", options);
    const after_ = json(["compare", base, bad]), before_ = json(["compare", bad, base]);
    assert.deepEqual([after_.verdict, before_.verdict], ["invalid", "invalid"]);
    assert.match(after_.invalid, /The run after/);
    assert.match(before_.invalid, /The run before/);
  }
  assert.equal(json(["compare", base, saveReport("good.json", { started: 9900, validity: "degraded" })]).verdict, "inconclusive");
});

for (const [text, words] of [
  [JSON.stringify(report({ hash: "00000000000000bb" })), /different plans \(planHash 0+aa and 0+bb\)/],
  ["{}", /bad.json: expected a report/],
  ["0 1 2\n", /bad.json: expected a report.*--intervals/],
  [JSON.stringify({ ...report(), run: {} }), /bad.json, at \$.run.planHash: expected/],
  [JSON.stringify({ ...report(), total: {} }), /bad.json, at \$.total.completed: expected a whole number/],
  [JSON.stringify({ ...report(), validity: { validity: "valid", delivery: { planned: -1 } } }), /at \$.validity.delivery.planned/],
  ["[".repeat(100000), /bad.json: expected a report/],
]) {
  test(`what is no report of the same plan is refused: ${text.slice(0, 40)}`, () => {
    const { status, stdout, stderr } = run(["compare", saveReport("base.json"), file("bad.json", text)]);
    assert.equal(status, 104);
    assert.equal(stdout, "");
    assert.match(stderr, words);
  });
}

const series = (levels, from = 0) =>
  levels.flatMap(([len, level]) => Array.from({ length: len }, () => level))
    .map((level, i) => `${from + i} ${level * (1 + 0.01 * Math.sin(i * 12.9898) * Math.cos(i * 78.233))}`).join("\n");

test("history finds what changed", () => {
  const [change, ...others] = json(["history", file("step.tsv", series([[30, 100], [30, 112]], 100))]);
  assert.deepEqual(others, []);
  assert.equal(change.index, 130);
  assert.ok(Math.abs(change.before - 100) < 1 && Math.abs(change.after - 112) < 1 && change.p < 0.001);
  assert.ok(Math.abs(change.change - 0.12) < 0.01);
  const two = json(["history", "-"], { input: series([[40, 10], [40, 12], [40, 10]]) });
  assert.deepEqual(two.map(({ index }) => index), [40, 80]);
  for (const none of ["", "# empty\n", "1 5\n", series([[100, 7]]), series([[50, 100], [50, 103]])])
    assert.deepEqual(json(["history", file("none.tsv", none)]), []);
  const { stdout } = run(["history", "step.tsv"]);
  assert.match(stdout, /\*[^]*from 130 on: 11[12].*\(\+12\.\d %\), p /);
});

for (const [text, words] of [
  ["0 nan\n", /line 1: expected a whole number that says which run, a blank, and a number; got "0 nan"/],
  ["0 1\n1 inf\n", /line 2: expected/],
  ["0 1e400\n", /line 1: expected a value from/],
  ["0\n", /line 1: expected/],
  ["0 1 2\n", /line 1: expected/],
  ["-1 1\n", /line 1: expected/],
  ["5 1\n5 1\n", /line 2: expected runs in order/],
  [Array.from({ length: 10001 }, (_, i) => `${i} 1`).join("\n"), /line 10001: expected at most 10000 values/],
]) {
  test(`what is no series is refused: ${JSON.stringify(text.slice(0, 20))}`, () => {
    const { status, stderr } = run(["history", file("bad.tsv", text)]);
    assert.equal(status, 104);
    assert.match(stderr, words);
  });
}
