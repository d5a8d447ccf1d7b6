// Two reports are compared: of simulated targets of which it is known what became of them, and of intervals that are none.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";

const binary = new URL("../../build/sentinel", import.meta.url).pathname;
const plan = new URL("../../docs/plans/compared.json", import.meta.url).pathname;
let folder;

before(() => {
  folder = mkdtempSync(join(tmpdir(), "sentinel-reports-"));
});

after(() => rmSync(folder, { recursive: true }));

const run = (...args) => spawnSync(binary, args, { encoding: "utf8", cwd: folder, maxBuffer: 1 << 24 });

// Reports of a minute at 400 operations a second; made once.
const made = new Map();
function simulated(name, seed, ...options) {
  if (!made.has(name)) {
    const { stdout, status, stderr } = run("simulate", plan, "--seed", String(seed), "--json", ...options);
    assert.equal(status, 0, stderr);
    writeFileSync(join(folder, name), stdout);
    made.set(name, JSON.parse(stdout));
  }
  return name;
}
const base = () => simulated("base.json", 1, "--target-ms", "50");

function compare(first, second, ...options) {
  const { stdout, stderr, status } = run("compare", first, second, "--json", ...options);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  return JSON.parse(stdout);
}
const verdicts = ({ percentiles }) => Object.values(percentiles).map(({ verdict }) => verdict);
const changed = (verdict) => verdict === "slower" || verdict === "faster";

test("a report's intervals are its response times", () => {
  base();
  const { intervals, total, series } = made.get("base.json");
  assert.equal(intervals.layout, "log-linear-128-us");
  assert.equal(intervals.blockS, 2); /* of blocks of a second there would be more counters than there is room for */
  assert.equal(intervals.blocks.length, Math.ceil(intervals.endS / 2));
  assert.deepEqual(intervals.operations, ["select_test_records", "count_test_records", "select_posts_listing"]);
  let all = 0, above = 0;
  const at = total.responseMs.p99;
  for (const { s, counts } of intervals.blocks) {
    let block = 0;
    for (const list of counts) {
      for (let i = 0, bucket = -1; i < list.length; i += 2) {
        bucket += list[i];
        block += list[i + 1];
        const shift = Math.max(0, Math.floor(bucket / 128) - 1); // as docs/report.md says it
        if ((bucket - 128 * shift) * 2 ** shift > at * 1010) above += list[i + 1];
      }
    }
    const seconds = [...series.completed.slice(s, s + 2), ...series.failed.slice(s, s + 2)];
    assert.equal(block, seconds.reduce((a, b) => a + b));
    all += block;
  }
  assert.equal(all, 24000);
  assert.ok(above > 200 && above <= 240, `${above} of 24,000 lie above p99`);
});

test("a run beside itself is the same, to the last digit", () => {
  const { verdict, percentiles, a12, ks, operations } = compare(base(), base());
  assert.equal(verdict, "same");
  for (const { ratio, low, high } of Object.values(percentiles)) assert.ok(ratio === 1 && low <= 1 && high >= 1);
  assert.deepEqual([a12, ks], [0.5, 0]);
  assert.equal(operations.length, 3);
});

test("nothing changed: neither slower nor faster, in any percentile", () => {
  for (const seed of [2, 3, 4]) {
    const found = compare(base(), simulated(`again-${seed}.json`, seed, "--target-ms", "50"));
    assert.deepEqual(verdicts(found).filter(changed), []);
    assert.ok(!changed(found.verdict));
  }
});

test("a tenth slower is slower, and the other way around faster", () => {
  const slow = simulated("slow.json", 5, "--target-ms", "55");
  const slower = compare(base(), slow), faster = compare(slow, base());
  assert.equal(slower.verdict, "slower");
  assert.ok(slower.percentiles[90].ratio > 1.06 && slower.percentiles[90].ratio < 1.14);
  assert.equal(slower.percentiles[90].verdict, "slower");
  assert.equal(faster.percentiles[90].verdict, "faster");
  assert.ok(Math.abs(slower.percentiles[50].ratio * faster.percentiles[50].ratio - 1) < 1e-5);
  const { status } = run("compare", base(), slow, "--fail-on", "slower");
  assert.equal(status, 99);
});

// At 400 a second every 250th operation is above the tripled tail's knee: p99 moves by more than its floor, p50 hardly.
test("a tail of three in a hundred that takes three times as long moves p99, and hardly the median", () => {
  const { percentiles, a12 } = compare(base(), simulated("tail.json", 6, "--target-ms", "50", "--target-tail", "0.03"));
  assert.equal(percentiles[99].verdict, "slower");
  assert.ok(percentiles[99].ratio > 1.1);
  assert.ok(!changed(percentiles[50].verdict));
  assert.ok(a12 < 0.53);
});

test("a database that takes 800 a second, and then only 380 of the 400 that are asked for", () => {
  const queue = ["--faults", "database-queues", "--target-ms"];
  const fine = simulated("queue.json", 7, ...queue, "1.25"), saturated = simulated("saturated.json", 8, ...queue, "2.63");
  const { verdict, percentiles } = compare(fine, saturated);
  assert.equal(verdict, "slower");
  // A queue that grows all the time has no three stretches that are alike; but few of its operations were as quick as before.
  assert.deepEqual(verdicts({ percentiles }), ["slower", "slower", "slower"]);
  assert.ok(percentiles[50].ratio > 100); // it queues for seconds
});

test("operations are judged by themselves too, and do not count towards the whole", () => {
  base();
  const changedReport = structuredClone(made.get("base.json"));
  for (const block of changedReport.intervals.blocks) {
    const [, list] = block.counts;
    if (list?.length > 0) list[0] += 64; // all values of the second operation move by half a power of two
  }
  writeFileSync(join(folder, "one.json"), JSON.stringify(changedReport));
  const { operations } = compare(base(), "one.json");
  assert.deepEqual(operations.map(({ operation }) => operation), made.get("base.json").intervals.operations);
  assert.deepEqual(operations.map(({ percentiles }) => percentiles[50].verdict), ["same", "slower", "same"]);
  const { stdout } = run("compare", base(), "one.json");
  assert.match(stdout, /each operation by itself +p50 +p90 +p99\n {2}select_test_records +\+0\.0 % same/);
});

test("where one of them does not tell operations apart only the whole is judged", () => {
  base();
  const folded = structuredClone(made.get("base.json"));
  folded.intervals.operations = null;
  for (const block of folded.intervals.blocks) {
    const counts = new Map();
    for (const list of block.counts)
      for (let i = 0, bucket = -1; i < list.length; i += 2) counts.set((bucket += list[i]), (counts.get(bucket) ?? 0) + list[i + 1]);
    let last = -1;
    block.counts = [[...counts].toSorted(([a], [b]) => a - b).flatMap(([bucket, count]) => {
      const distance = bucket - last;
      last = bucket;
      return [distance, count];
    })];
  }
  writeFileSync(join(folder, "folded.json"), JSON.stringify(folded));
  const { verdict, ks, operations } = compare(base(), "folded.json");
  assert.deepEqual([verdict, ks, operations], ["same", 0, []]);
});

test("of reports the clock's step is known", () => {
  const floor = (name) => compare(name, name).percentiles[50].floor;
  base();
  const finer = structuredClone(made.get("base.json"));
  finer.validity.clockStepMs = 0.001;
  writeFileSync(join(folder, "finer.json"), JSON.stringify(finer));
  assert.equal(floor("finer.json"), 0.05);
  finer.validity.clockStepMs = 10;
  writeFileSync(join(folder, "coarse.json"), JSON.stringify(finer));
  assert.ok(floor("coarse.json") > 0.25);
});

for (const [change, words] of [
  [(it) => { it.layout = "log-linear-64-us"; }, /bad.json, at \$.intervals.layout: expected "log-linear-128-us"/],
  [(it) => { it.blockS = 0; }, /at \$.intervals.blockS: expected/],
  [(it) => { it.endS = 1.5; }, /at \$.intervals.endS: expected/],
  [(it) => { it.seconds = 99999; }, /at \$.intervals.seconds: expected/],
  [(it) => { it.seconds = it.endS + 1; }, /at \$.intervals: expected at most 120 blocks/],
  [(it) => { it.operations = Array(33).fill("x"); }, /at \$.intervals.operations: expected at most 32/],
  [(it) => { it.operations.pop(); }, /at \$.intervals.blocks\[0\]: expected "counts"/],
  [(it) => { it.blocks[3].s = it.blocks[2].s; }, /at \$.intervals.blocks\[3\]: expected the second at which a block begins/],
  [(it) => { it.blocks[3].s = -1; }, /blocks\[3\]: expected the second/],
  [(it) => { it.blocks[3].counts = null; }, /blocks\[3\]: expected "counts"/],
  [(it) => { it.blocks[3].counts[0] = 5; }, /blocks\[3\]: expected a list of distances/],
  [(it) => { it.blocks[3].counts[0].pop(); }, /blocks\[3\]: expected a list of distances/],
  [(it) => { it.blocks[3].counts[0][0] = 0; }, /blocks\[3\]: expected a list of distances/],
  [(it) => { it.blocks[3].counts[0][1] = 0; }, /blocks\[3\]: expected a list of distances/],
  [(it) => { it.blocks[3].counts[0][0] = 4000; }, /blocks\[3\]: expected a list of distances/],
  [(it) => { it.blocks[3].counts[0] = ["1", 1]; }, /blocks\[3\]: expected a list of distances/],
  [(it) => { it.blocks.pop(); }, /at \$.intervals: expected at most 120 blocks up to "endS"/],
  [(it) => { it.blocks = []; }, /at \$.intervals: expected/],
]) {
  test(`intervals that are none are refused: ${words}`, () => {
    base();
    const bad = structuredClone(made.get("base.json"));
    change(bad.intervals);
    writeFileSync(join(folder, "bad.json"), JSON.stringify(bad));
    const { status, stdout, stderr } = run("compare", base(), "bad.json");
    assert.equal(status, 104);
    assert.equal(stdout, "");
    assert.match(stderr, words);
  });
}

test("what is drawn of reports is no wider than the terminal", () => {
  const { stdout } = run("compare", base(), base());
  const drawn = stdout.split("\n").filter((line) => line.includes(" | "));
  assert.ok(drawn.length > 5);
  assert.deepEqual(drawn.filter((line) => line.length > 80), []);
});
