// `sentinel workload` and --workload: what comes with Sentinel, somebody's own, and what is wrong with it.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import test from "node:test";
import { root } from "../made.mjs";
import { sentinel } from "./fake.mjs";

const examples = readdirSync(`${root}docs/examples`).map((name) => `${root}docs/examples/${name}`);

async function json(...args) {
  const { code, stdout, stderr } = await sentinel([...args, "--json"]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

// A file with this workload.
function file(name, workload) {
  const path = `${root}build/tests/${name}.json`;
  mkdirSync(`${root}build/tests`, { recursive: true });
  writeFileSync(path, typeof workload === "string" ? workload : JSON.stringify(workload));
  return path;
}

const total = (operations) => operations.reduce((sum, { share }) => sum + share, 0);

test("workloads that come with Sentinel are listed, and each is shown with its own text", async () => {
  const { workloads } = await json("workload", "list");
  const names = readdirSync(`${root}src/plan/workloads`).sort().map((name) => name.replace(".json", ""));
  assert.deepEqual(workloads.map(({ name }) => name), names);
  const { stdout } = await sentinel(["workload", "list"]);
  assert.deepEqual(stdout.trim().split("\n").map((line) => line.split(" ")[0]), names);
  for (const { name, operations, targets, systems } of workloads) {
    assert.ok(Math.abs(total(operations) - 1) < 1e-9, name);
    assert.ok(systems.length > 0 && targets.every(({ service, name: binding }) => service && binding), name);
    const shown = await json("workload", "show", name);
    assert.deepEqual(shown.definition, JSON.parse(readFileSync(`${root}src/plan/workloads/${name}.json`, "utf8")));
    assert.deepEqual([shown.operations.map(({ operation }) => operation), shown.targets], [operations.map(({ operation }) => operation), targets]);
    assert.equal(shown.placeholders, undefined, "nothing is rendered unless somebody asks");
    assert.ok((await json("workload", "check", name)).examplesOmitted === 0, name);
  }
});

test("the examples of the documentation check, as text and as JSON", async () => {
  assert.equal(examples.length, 3);
  const { code, stdout, stderr } = await sentinel(["workload", "check", ...examples]);
  assert.equal(code, 0, stderr);
  for (const path of examples) {
    const workload = JSON.parse(readFileSync(path, "utf8"));
    const checked = await json("workload", "check", path);
    assert.deepEqual([checked.name, checked.description], [workload.name, workload.description]);
    assert.deepEqual(checked.operations.map(({ operation, share }) => [operation, Math.round(share * 100)]), workload.operations.map(({ operation, weight }) => [operation, weight]));
    for (const { operation, examples: rendered } of checked.operations) {
      assert.deepEqual(rendered.map(({ k }) => k), [1, 2, 3, 4, 5]);
      assert.ok(stdout.includes(`\n${operation} `), operation);
    }
    assert.deepEqual([checked.prepare.length, checked.cleanup.length], [workload.prepare.length, workload.cleanup.length]);
  }
  assert.ok(stdout.split("\n").every((line) => [...line].length <= 100), "lines fit a terminal");
});

const SMALL = {
  name: "small",
  keys: { posts: { count: 10, distribution: "uniform" } },
  operations: [
    {
      operation: "a",
      weight: 3,
      steps: [
        { d1: "SELECT id FROM t WHERE id = ?1 AND n = ?2", bind: ["${run}_${tenant}_${k}", { number: "${k%2}" }], expect: { rowsAtLeast: 1, contains: "${time}" } },
        { thinkMs: 250, parallel: [{ kv: "get", key: "p_${key(posts)}" }, { kv: "get", keys: ["a", "b_${k}"], probability: 0.5 }] },
        { kv: "put", key: "one", value: "${text(300)}", background: true },
      ],
    },
    { operation: "b", steps: [{ do: "call", name: "o", method: "put", args: ["x", "${choice('long':1)}".padEnd(300, "-")] }] },
  ],
  prepare: [{ count: 4, steps: [{ kv: "put", key: "p_${i}", value: "v" }] }],
  cleanup: [{ per: "a", steps: [{ kv: "delete", key: "x_${k}" }] }, { every: 7, steps: [{ kv: "delete", key: "y_${i}" }] }],
};

test("what is rendered is what would be sent, with placeholders for what only a run has", async () => {
  const path = file("small", SMALL);
  const checked = await json("workload", "check", path, "--count", "3");
  const [a, b] = checked.operations;
  assert.deepEqual([a.share, b.share], [0.75, 0.25]);
  assert.deepEqual(checked.placeholders, { run: "RUN", data: "DATA", tenant: "TENANT", time: "2026-01-01T00:00:00.000Z" });
  assert.deepEqual(a.steps.map(({ call, target, stage, background, probability, thinkMs }) => [call, target, stage, background, probability, thinkMs]), [
    ["d1.all", "TARGET_DB", 1, undefined, undefined, undefined],
    ["kv.get", "TARGET_KV", 2, undefined, undefined, { min: 250, max: 250 }],
    ["kv.getMany", "TARGET_KV", 2, undefined, 0.5, undefined],
    ["kv.put", "TARGET_KV", 3, true, undefined, undefined],
  ]);
  assert.deepEqual(a.steps[0].statements, [{ sql: SMALL.operations[0].steps[0].d1, times: 1 }]);
  for (const { k, calls } of a.examples) {
    assert.deepEqual(calls[0], { step: 0, bind: [[`RUN_TENANT_${k}`, k % 2]], looks: [{ contains: "1767225600000" }] });
    assert.deepEqual([calls[1].step, calls[1].thinkMs], [1, 250]);
    assert.match(calls[1].values.key, /^p_[0-9]$/);
    const many = calls.find(({ step }) => step === 2);
    if (many) assert.deepEqual(many.values, { type: "text", keys: ["a", `b_${k}`] });
    const put = calls.find(({ step }) => step === 3);
    assert.deepEqual([put.values.key, put.values.value.payload, put.values.value.length], ["one", "bytes", 300]);
  }
  const [{ calls }] = b.examples;
  assert.deepEqual([calls[0].values.name, calls[0].values.method, calls[0].values.args[0]], ["o", "put", "x"]);
  assert.equal(calls[0].values.args[1].begins.length, 200);
  assert.deepEqual(checked.prepare[0].examples, [{ i: 0, calls: [{ step: 0, values: { key: "p_0", value: "v" } }] }]);
  assert.deepEqual(checked.cleanup.map(({ per, every, examples: [{ k, i }] }) => [per, every, k, i]), [["a", undefined, 1, undefined], [undefined, 7, undefined, 0]]);
  assert.equal(checked.warnings[0].path, "a.steps[3].key");
  assert.match(checked.warnings[0].message, /^above 1\.3 operations a second one key is written more than once a second; KV/);

  const of = async (...args) => (await json("workload", "check", path, ...args)).operations;
  assert.notDeepEqual(await of("--seed", "2"), await of());
  assert.deepEqual(await of("--seed", "2"), await of("--seed", "2"));
  assert.deepEqual((await of("--operation", "b", "--count", "0")).map(({ operation, examples }) => [operation, examples]), [["b", undefined]]);
});

// More than a plan can use at once.
const MANY = {
  systems: { a: 1, c: 1 },
  operations: Array.from({ length: 40 }, (_, i) => ({ operation: `o-${i}`, system: i < 25 ? "a" : "c", steps: [{ kv: "get", key: "x" }] })),
};

test("of a workload that has too many operations some systems are checked", async () => {
  for (const [systems, count] of [["a", 25], ["c", 15]]) {
    const { operations } = await json("workload", "check", file("many", MANY), "--systems", systems);
    assert.equal(operations.length, count);
    assert.ok(operations.every(({ system, share }) => system === systems && Math.abs(share - 1 / count) < 1e-9));
  }
  const shown = await json("workload", "show", "systems", "--systems", "kv_get,kv_put");
  assert.deepEqual(shown.systems.toSorted(), ["kv_get", "kv_put"]);
});

test("a terminal shows what is sent where, and how steps follow one another", async () => {
  const { code, stdout } = await sentinel(["workload", "check", file("small", SMALL), "--count", "1"]);
  assert.equal(code, 0);
  for (const line of [
    /^a +custom +75\.0 %$/m,
    /^ {4}1 {2}d1\.all of TARGET_DB: SELECT id FROM t WHERE id = \?1 AND n = \?2$/m,
    /^ {7}expects at least 1 row$/m,
    /^ {4}2 {2}kv\.get of TARGET_KV, after thinking 250 ms$/m,
    /^ {4}3 {2}kv\.getMany of TARGET_KV, together with the one before, in 50 % of the operations$/m,
    /^ {4}4 {2}kv\.put of TARGET_KV, in the background$/m,
    /^ {4}1 {2}'RUN_TENANT_1', 1$/m,
    /^ {7}expects in it '1767225600000'$/m,
    /^ {4}2 {2}thinks 250 ms; key 'p_\d', type 'text'$/m,
    /^ {4}4 {2}key 'one', value 300 bytes$/m,
    /^prepare, 4 times$/m,
    /^cleanup, for each a$/m,
    /^cleanup, for every 7 operations$/m,
    /^ {2}Warning +a\.steps\[3\]\.key: above 1\.3 operations a second/m,
  ]) assert.match(stdout, line);
});

test("what cannot be used is refused with its place", async () => {
  const of = (step) => ({ operations: [{ operation: "a", steps: [step] }] });
  const at = (path) => new RegExp(`at \\$${path.replace(/[[\]]/g, "\\$&")}: expected `);
  for (const [args, said] of [
    [["check", file("wrong", of({ d1: "DROP TABLE t" }))], at(".operations[0].steps[0].d1")],
    [["check", file("wrong2", of({ d1: "SELECT 1; SELECT 2" }))], /there is more/],
    [["check", file("wrong3", of({ kv: "get", key: "${key(none)}" }))], at(".operations[0].steps[0].key")],
    [["check", file("wrong4", { ...of({ kv: "get", key: "a" }), name: 7 })], at(".name")],
    [["check", file("wrong5", '{\n"operations": [}')], /wrong5\.json, line 2, column 16: expected/],
    [["check", "none.json"], /could not be opened/],
    [["check", "none"], /no workload "none"/],
    [["check"], /needs a workload's file/],
    [["check", file("small", SMALL), "--operation", "c"], /no operation "c"; it has\n {2}a\n {2}b/],
    [["check", file("small", SMALL), "--count", "101"], /from 0 to 100/],
    [["show"], /needs the name/],
    [["show", "nothing"], /no workload "nothing"/],
    [["look"], /list, show NAME or check FILE/],
    [["check", file("many", MANY)], /at most 32 operations in the systems that are used/],
    [["check", file("many", MANY), "--systems", "a,b"], /at \$\.targetSystems\[1\]: expected one of a, c/],
    [["check", file("small", SMALL), "--systems", "a"], /at \$\.targetSystems: expected no targetSystems/],
    [["list", "--systems", "a"], /--systems goes with show and check/],
    [["list", "x"], /list, show NAME or check FILE/],
    [[], /needs list/],
  ]) {
    const { code, stdout, stderr } = await sentinel(["workload", ...args]);
    assert.deepEqual([code, stdout], [104, ""], args.join(" "));
    assert.match(stderr, said);
  }
  const both = await sentinel(["workload", "check", file("wrong", of({ d1: "DROP TABLE t" })), file("small", SMALL)]);
  assert.equal(both.code, 104, "one that is wrong among several");
  assert.match(both.stdout, /^small$/m);
});

test("--workload takes the place of a plan's own, and alone it is run as smoke", async () => {
  const path = file("small", SMALL);
  const operations = async (...args) => (await json(...args)).operations.map(({ operation }) => operation);
  assert.deepEqual(await operations("plan", "ramp", "--workload", path), ["a", "b"]);
  assert.deepEqual(await operations("plan", file("plan", { preset: "ramp", workload: "grove", seed: 5 }), "--workload", path), ["a", "b"]);
  assert.deepEqual(await operations("mix", "--workload", path), ["a", "b"]);
  const alone = await json("plan", "--workload", path);
  assert.deepEqual([alone.preset, alone.operations.length], ["smoke", 2]);
  assert.ok((await operations("plan", "--workload", "grove")).includes("post-read"));
  for (const example of examples) {
    const { code, stderr } = await sentinel(["simulate", "--workload", example]);
    assert.equal(code, 0, stderr);
  }
  for (const [args, said] of [
    [["plan", "smoke", "--workload", "none"], /no workload "none"/],
    [["plan", "smoke", "--workload", file("wrong5", '{\n"operations": [}')], /wrong5\.json, line 2/],
    [["plan", "smoke", "--workload", file("wrong6", "[]")], /at \$\.workload: expected a workload as an object/],
    [["mix", "grove", "--workload", path], /One workload at a time/],
    [["run", "--workload", "none"], /no workload "none"/],
  ]) {
    const { code, stderr } = await sentinel(args);
    assert.equal(code, 104, args.join(" "));
    assert.match(stderr, said);
  }
});

test("an estimate tells statements apart by their words, in small letters and over several lines as well", async () => {
  const estimate = async (sql) => {
    const workload = file("words", { operations: [{ operation: "one", steps: [{ d1: sql }] }] });
    return (await json("plan", "smoke", "--workload", workload)).cost.target;
  };
  const same = [
    ["SELECT id FROM sentinel_posts LIMIT 20", "select id\nfrom sentinel_posts\nlimit 20"],
    ["UPDATE sentinel_posts SET title = '' WHERE id = 1", "update\nsentinel_posts set title = '' where id = 1"],
  ];
  for (const [capitals, small] of same) assert.deepEqual(await estimate(small), await estimate(capitals), small);
  assert.notDeepEqual(await estimate(same[0][0]), await estimate(same[1][0]));
});
