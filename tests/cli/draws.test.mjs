// Commands that let the core be checked from outside: hist, keys, mix.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { likelihood } from "../e2e/chi_square.mjs";
import { MIXES } from "../mixes.mjs";
import { sentinel } from "./fake.mjs";

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);
let folder;

before(() => (folder = mkdtempSync(join(tmpdir(), "sentinel-cli-"))));
after(() => rmSync(folder, { recursive: true }));

const file = (name, text) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

async function prints(args, input) {
  const { code, stdout, stderr } = await sentinel(args, { input });
  assert.deepEqual([code, stderr], [0, ""], args.join(" "));
  return stdout;
}

// The lines "name count" as pairs.
const pairs = async (...args) =>
  (await prints(args)).trimEnd().split("\n").map((line) => [line.split(" ")[0], Number(line.split(" ")[1])]);

const hist = async (input, ...args) => JSON.parse(await prints(["hist", ...args], input));

// --- hist -------------------------------------------------------------------------------------------------------

test("values below 256 are exact, and percentiles are those of the nearest rank", async () => {
  const values = [3, 250, 17, 17, 0, 99, 4, 120, 120, 120];
  const sorted = values.toSorted((a, b) => a - b);
  const answer = await hist(values.join("\n"), "--percentiles", "0,10,10.1,50,99.9,100");
  assert.deepEqual(Object.keys(answer), ["count", "min", "max", "mean", "percentiles"]);
  assert.deepEqual([answer.count, answer.min, answer.max, answer.mean], [10, 0, 250, 75]);
  for (const [p, value] of Object.entries(answer.percentiles)) {
    assert.equal(value, sorted[Math.max(1, Math.ceil((p * 10) / 100)) - 1], p);
  }
});

test("larger values are at most 0.4 % off, and their sum is exact", async () => {
  const values = Array.from({ length: 5000 }, (_, i) => (i * i * 7919) % 90_000_001);
  const sorted = values.toSorted((a, b) => a - b);
  const answer = await hist(values.join("\n"));
  assert.deepEqual(Object.keys(answer.percentiles), ["50", "90", "95", "99", "99.9"]);
  assert.deepEqual([answer.min, answer.max, answer.mean], [sorted[0], sorted.at(-1), sum(values) / 5000]);
  for (const [p, value] of Object.entries(answer.percentiles)) {
    const exact = sorted[Math.ceil((p * 5000) / 100) - 1];
    assert.ok(Math.abs(value - exact) <= exact * 0.004, `p${p}: ${value} instead of ${exact}`);
  }
});

test("counts, blanks, empty lines and the end of a file without a line end", async () => {
  const answer = await hist("5 2\r\n\n \t7\t3 \n9 0\n11", "--percentiles=50");
  assert.deepEqual(answer, { count: 6, min: 5, max: 11, mean: 7, percentiles: { 50: 7 } });
});

test("no values", async () => {
  assert.equal(await prints(["hist", "--percentiles", "50,99.90"]), '{"count":0,"min":null,"max":null,"mean":null,"percentiles":{"50":null,"99.90":null}}\n');
});

test("files are merged, in any order, to what all of their lines give", async () => {
  const parts = [0, 1, 2].map((part) => Array.from({ length: 400 }, (_, i) => `${(i * 7 + part * 100_003) % 900_000} ${1 + (i % 3)}`).join("\n"));
  const [a, b, c] = parts.map((text, i) => file(`part${i}`, text));
  const whole = await prints(["hist"], parts.join("\n"));
  assert.equal(await prints(["hist", "--merge", a, b, c]), whole);
  assert.equal(await prints(["hist", c, "--merge", a, b]), whole);
  assert.equal(await prints(["hist", "--merge", a, "-", c], parts[1]), whole);
  assert.equal(await prints(["hist", a]), await prints(["hist"], parts[0]));
});

test("a value that is too large is counted as the largest, and said so", async () => {
  const { code, stdout, stderr } = await sentinel(["hist", "--percentiles", "50"], { input: "4294967296 2\n" });
  assert.equal(code, 0);
  assert.deepEqual(JSON.parse(stdout), { count: 2, min: 4294967295, max: 4294967295, mean: 4294967295, percentiles: { 50: 4294967295 } });
  assert.match(stderr, /^2 values above 4294967295 µs were counted as that\.$/m);
  const one = await sentinel(["hist"], { input: "4294967296\n7\n" });
  assert.match(one.stderr, /^1 value above 4294967295 µs was counted as that\.$/m);
});

for (const [line, shown] of [
  ["x"],
  ["-1"],
  ["1.5"],
  ["1e3"],
  ["0x10"],
  ["1 2 3"],
  ["1 -2"],
  ["1 4294967296"],
  ["18446744073709551616"],
  ["1,2"],
  ["7\0", "7?"],
  [`5${" ".repeat(300)}6`, "?"],
]) {
  test(`a line that is no value: ${JSON.stringify(line).slice(0, 40)}`, async () => {
    const { code, stdout, stderr } = await sentinel(["hist"], { input: `1\n${line}\n2\n` });
    assert.deepEqual([code, stdout], [104, ""]);
    assert.match(stderr, /^stdin, line 2: expected a value in microseconds/);
    assert.ok(stderr.includes(`${shown ?? line}".`), stderr);
  });
}

test("the file and the line are named, and so is a file that is not there", async () => {
  const good = file("good", "1\n2\n");
  const bad = await sentinel(["hist", "--merge", good, file("bad", "1\n\nx 2\n")]);
  assert.deepEqual([bad.code, bad.stdout], [104, ""]);
  assert.match(bad.stderr, /bad, line 3: expected a value/);
  const absent = await sentinel(["hist", "--merge", good, join(folder, "absent")]);
  assert.equal(absent.code, 104);
  assert.match(absent.stderr, /absent could not be opened/);
  const directory = await sentinel(["hist", folder]);
  assert.equal(directory.code, 104);
  assert.match(directory.stderr, /could not be read/);
});

// --- keys -------------------------------------------------------------------------------------------------------

const keys = (distribution, count, ...more) => pairs("keys", "--distribution", distribution, "--keyspace", `${count}`, ...more);

test("keys that were drawn, in order, and all draws", async () => {
  const counts = await keys("zipfian:0.99", 1000, "--draws", "5000");
  const numbers = counts.map(([key]) => Number(key));
  assert.equal(sum(counts.map(([, count]) => count)), 5000);
  assert.deepEqual(numbers, numbers.toSorted((a, b) => a - b));
  assert.equal(new Set(numbers).size, numbers.length);
  assert.ok(numbers.length < 1000 && numbers.at(-1) < 1000 && counts.every(([, count]) => count > 0));
});

test("ranks are the keys before they are scattered", async () => {
  const ranks = await keys("zipfian:1", 100, "--ranks", "--seed", "7");
  const scattered = await keys("zipfian:1", 100, "--seed", "7");
  const counts = (list) => list.map(([, count]) => count).toSorted((a, b) => a - b);
  assert.deepEqual(counts(ranks), counts(scattered));
  assert.equal(ranks[0][0], "0");
  const harmonic = sum(Array.from({ length: 100 }, (_, i) => 1 / (i + 1)));
  for (const rank of [0, 1, 2]) {
    const share = 1 / (rank + 1) / harmonic;
    assert.ok(Math.abs(ranks[rank][1] / 10_000 - share) < 4 * Math.sqrt((share * (1 - share)) / 10_000), `rank ${rank}`);
  }
  assert.notDeepEqual(await keys("zipfian:1", 100, "--seed", "8"), scattered);
  assert.deepEqual(await keys("zipfian:1", 100, "--seed", "7"), scattered);
});

test("sequential takes k = 1 to the number of draws", async () => {
  assert.deepEqual(await keys("sequential", 4, "--draws", "6"), [["0", 1], ["1", 2], ["2", 2], ["3", 1]]);
});

test("hotset: a fifth of the keys has four fifths of the draws", async () => {
  const counts = await keys("hotset:0.2:0.8", 50);
  const hot = sum(counts.filter(([key]) => Number(key) < 10).map(([, count]) => count));
  assert.ok(Math.abs(hot - 8000) < 4 * 40, `${hot}`);
});

test("latest: most draws are near the newest", async () => {
  const ranks = await keys("latest:1.5", 1_000_000_000, "--draws", "1000", "--ranks");
  const near = sum(ranks.filter(([rank]) => Number(rank) < 10).map(([, count]) => count));
  assert.ok(near > 700, `${near}`); // 76 % of them
  assert.deepEqual(await keys("latest:100", 5, "--draws", "6"), [["0", 1], ["1", 2], ["2", 1], ["3", 1], ["4", 1]]);
});

// --- mix --------------------------------------------------------------------------------------------------------

test("mix draws every operation by its weight, in the order of the workload", async () => {
  const counts = await pairs("mix", "--draws", "20000");
  const { operations } = JSON.parse(await prints(["plan", "-", "--json"], '{"preset":"sustained","targetSystems":["d1_reads","d1_writes","kv_get","kv_put","r2_download","r2_upload","auth_flows","post_crud","media_ops"]}'));
  assert.equal(sum(counts.map(([, count]) => count)), 20_000);
  for (const { operation, share } of operations) {
    const [, count] = counts.find(([name]) => name === operation);
    assert.ok(Math.abs(count / 20_000 - share) < 4 * Math.sqrt((share * (1 - share)) / 20_000), `${operation} ${count}`);
  }
  assert.deepEqual(await pairs("mix", "systems", "--draws", "20000"), counts);
  assert.notDeepEqual(await pairs("mix", "--draws", "20000", "--seed", "2"), counts);
});

test("mix of some systems has their operations alone, drawn or not", async () => {
  const counts = await pairs("mix", "d1_reads,kv_get", "--draws", "1");
  assert.deepEqual(counts.map(([name]) => name), ["select_test_records", "count_test_records", "select_posts_listing", "kv_get_simple", "kv_get_json", "kv_list"]);
  assert.equal(sum(counts.map(([, count]) => count)), 1);
});

test("mix shows one digest of what is sent, to which those of all shards add up", async () => {
  const digest = async (...more) => BigInt(`0x${JSON.parse(await prints(["mix", "systems", "--draws", "2000", "--json", ...more])).digest}`);
  const whole = await digest();
  for (const shards of [7, 20]) {
    let total = 0n;
    for (let i = 0; i < shards; i++) total += await digest("--shard", `${i}/${shards}`);
    assert.equal(BigInt.asUintN(64, total), whole);
  }
  assert.notEqual(await digest("--seed", "2"), whole);
  const { operations } = JSON.parse(await prints(["mix", "systems", "--draws", "2000", "--json"]));
  assert.equal(operations.reduce((sum, { count }) => sum + count, 0), 2000);
});

test("mix of a workload's file, with a weight of 0", async () => {
  const steps = [{ kv: "get", key: "${key(posts)}" }];
  const workload = {
    systems: { a: 1 },
    keys: { posts: { count: 100, distribution: "zipfian:0.99" } },
    operations: [{ operation: "often", system: "a", weight: 3, steps }, { operation: "never", system: "a", weight: 0, steps }, { operation: "seldom", system: "a", steps }],
  };
  const path = file("workload.json", JSON.stringify(workload));
  const counts = await pairs("mix", path, "--draws", "4000");
  assert.deepEqual(counts.map(([name]) => name), ["often", "never", "seldom"]);
  assert.equal(counts[1][1], 0);
  assert.ok(Math.abs(counts[0][1] - 3000) < 4 * 27.4, `${counts[0][1]}`);
  assert.deepEqual(await sentinel(["mix", "-", "--draws", "4000"], { input: JSON.stringify(workload) }), await sentinel(["mix", path, "--draws", "4000"]));
  workload.keys.posts.distribution = "zipfian:-1";
  const { code, stdout, stderr } = await sentinel(["mix", "-"], { input: JSON.stringify(workload) });
  assert.deepEqual([code, stdout], [104, ""]);
  assert.match(stderr, /-: this workload cannot be used \(plan\.value\)\.\n {2}at \$\.keys\.posts\.distribution: expected uniform, sequential, zipfian:0\.99/);
});

// --- Arguments --------------------------------------------------------------------------------------------------

for (const [args, words] of [
  [["hist", "a", "b"], /"b" is one file too many; --merge takes several/],
  [["hist", "--merge"], /--merge needs the files/],
  [["hist", "--percentiles", "50,"], /--percentiles: expected at most 32 different numbers from 0 to 100, such as 50,99\.9, got "50,"/],
  [["hist", "--percentiles", "101"], /--percentiles: expected/],
  [["hist", "--percentiles", "50,50"], /--percentiles: expected/],
  [["hist", "--percentiles", '5"'], /--percentiles: expected/],
  [["hist", "--percentiles", Array.from({ length: 33 }, (_, i) => i).join()], /--percentiles: expected/],
  [["hist", "--percentiles", `0.${"0".repeat(300)}`], /--percentiles: expected/],
  [["keys"], /`sentinel keys` needs --distribution TEXT and --keyspace COUNT/],
  [["keys", "--distribution", "uniform"], /needs --distribution TEXT and --keyspace COUNT/],
  [["keys", "--distribution", "zipfian", "--keyspace", "5"], /--distribution: expected uniform, sequential, zipfian:0\.99, hotset:0\.2:0\.8 or latest:0\.99, got "zipfian"/],
  [["keys", "--distribution", "uniform", "--keyspace", "0"], /--keyspace: expected a whole number from 1 to 1000000000, got "0"/],
  [["keys", "--distribution", "uniform", "--keyspace", "5", "--draws", "0"], /--draws: expected a whole number from 1 to 100000000/],
  [["keys", "more"], /"more" is one argument too many/],
  [["mix", "d1_reads,nothing"], /d1_reads,nothing: this workload cannot be used \(plan\.value\)\.\n {2}at \$\.targetSystems\[1\]: expected one of/],
  [["mix", "d1_reads,"], /at \$\.targetSystems\[1\]: expected one of/],
  [["mix", Array(33).fill("kv_get").join()], /"kv_get" is one system too many: at most 32/],
  [["mix", "./absent.json"], /absent\.json could not be opened/],
  [["mix", "systems", "more"], /"more" is one argument too many/],
]) {
  test(`104: sentinel ${args.join(" ").slice(0, 60)}`, async () => {
    const { code, stdout, stderr } = await sentinel(args);
    assert.deepEqual([code, stdout], [104, ""]);
    assert.match(stderr, words);
  });
}

// --- built-in mixes ---------------------------------------------------------------------------------------------

for (const [workload, weights] of Object.entries(MIXES)) {
  test(`${workload}: 100,000 draws of three seeds are distributed as its weights`, async () => {
    const total = sum(Object.values(weights));
    for (const seed of [1, 2, 3]) {
      const drawn = Object.fromEntries(await pairs("mix", workload, "--draws", "100000", "--seed", String(seed)));
      assert.deepEqual(Object.keys(drawn).sort(), Object.keys(weights).sort());
      const p = likelihood(Object.entries(weights).map(([name, weight]) => [drawn[name], (weight / total) * 100_000]));
      assert.ok(p > 0.001, `seed ${seed}: p = ${p}`);
    }
  });
}
