// Steps on real bindings, one at a time: the examples of docs/steps.md, and what becomes of answers that are wrong.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { made, root } from "../made.mjs";
import { configuration, e2e, start } from "./harness.mjs";

const SELF = '\n[[services]]\nbinding = "TARGET_SERVICE"\nservice = "sentinel"\n';

let sentinel;
before(async () => {
  made("build/tests/steps.wasm");
  sentinel = await start(configuration({ main: "tests/e2e/steps_worker.js", name: "steps", more: SELF }));
  await sentinel.env.TARGET_DB.exec("CREATE TABLE shop_items (id TEXT PRIMARY KEY, label TEXT, price REAL)");
});
after(() => sentinel.stop());

// What each of an operation's steps answered.
async function perform(s, steps, k = 7) {
  const text = JSON.stringify({ systems: { all: 1 }, operations: [{ operation: "one", system: "all", steps }] });
  const workload = JSON.parse(text.replaceAll("https://shop.example", s.url.origin));
  const { status, text: answer, json } = await s.ask("POST", "/steps", { body: { workload, k } });
  assert.equal(status, 200, answer);
  return json;
}

const page = readFileSync(`${root}docs/steps.md`, "utf8");
const examples = [...page.matchAll(/^## (.*)$(?:(?!^## )[^])*?^```json\n([^]*?)^```$/gm)];
assert.equal(examples.length, page.match(/^```json$/gm).length, "each example has a heading of its own");

for (const [, heading, text] of examples) {
  e2e(`the example of "${heading}"`, () => sentinel, async (s) => {
    const held = await s.targets();
    const answers = await perform(s, JSON.parse(text));
    assert.deepEqual(answers.filter(({ verdict }) => verdict !== "ok"), []);
    assert.deepEqual(await s.targets(), held);
    const captured = { D1: ["item_7_0"], "Durable Objects": ["user 7"], "HTTP, and other Workers": ["/items/7", "7"] };
    assert.deepEqual(answers.flatMap((answer) => answer.captured ?? []), captured[heading] ?? []);
  });
}

const verdicts = (answers) => answers.map(({ verdict }) => verdict);

e2e("a value that was changed behind a run's back is wrong data, whoever keeps it", () => sentinel, async (s) => {
  await s.env.TARGET_KV.put("changed", "x".repeat(50));
  await s.env.TARGET_R2.put("changed", "x".repeat(50));
  const wrong = { bytes: 50, same: "${text(50)}" };
  const answers = await perform(s, [
    { kv: "get", key: "changed", expect: wrong },
    { r2: "get", key: "changed", expect: wrong },
    { kv: "get", key: "changed", expect: { contains: "y" } },
    { kv: "get", key: "missing", expect: { same: "${text(50)}" } },
    { kv: "get", key: "changed", capture: { field: { pointer: "/id" } } },
    { d1: "SELECT 1 AS one", expect: { same: '[{"one":2}]' } },
    { d1: "SELECT 1 AS one", expect: { same: '[{"one":1}]' } },
  ]);
  assert.deepEqual(verdicts(answers), ["data", "data", "data", "data", "data", "data", "ok"]);
  await s.env.TARGET_KV.delete("changed");
  await s.env.TARGET_R2.delete("changed");
});

e2e("a status that was not expected has a class", () => sentinel, async (s) => {
  const asked = [404, 408, 429, 500, 503, 302, 204, 200].map((status) => ({ http: "GET", url: `https://shop.example/echo?status=${status}` }));
  assert.deepEqual(verdicts(await perform(s, asked)), ["client", "transient", "throttled", "platform", "throttled", "ok", "ok", "ok"]);
  const expecting = asked.map((step) => ({ ...step, expect: { status: [404, "500-503"] } }));
  assert.deepEqual(verdicts(await perform(s, expecting)), ["ok", "transient", "throttled", "ok", "ok", "data", "data", "data"]);
  const service = await perform(s, [{ service: "DELETE", path: "/echo?status=404" }, { do: "fetch", name: "r1_x", path: "/none" }]);
  assert.deepEqual(service.map(({ status, verdict }) => [status, verdict]), [[404, "client"], [404, "client"]]);
});

e2e("a probe object counts, toggles and stalls", () => sentinel, async (s) => {
  const call = (method, args, same) => ({ do: "call", name: "r1_probe", method, args, ...(same !== undefined && { expect: { same } }) });
  const steps = [
    call("add", ["n"], "1"),
    call("add", ["n", 41], "42"),
    call("toggle", ["user_1"], "true"),
    call("toggle", ["user_2"], "true"),
    call("toggle", ["user_1"], "false"),
    call("count", ["user_"], "1"),
    call("count", [], "2"),
    call("stall", [20]),
    { do: "fetch", name: "r1_probe", path: "/n", expect: { same: "42" } },
    { do: "fetch", name: "r1_probe", path: "/user_2", method: "DELETE", expect: { status: 204 } },
    call("clear", []),
    call("count", [], "0"),
    { do: "call", name: "r1_probe", method: "none" },
  ];
  const answers = await perform(s, steps);
  assert.deepEqual(verdicts(answers.slice(0, -1)), Array(12).fill("ok"), JSON.stringify(answers));
  assert.match(answers.at(-1).error, /none/);
  assert.equal(answers.at(-1).verdict, "client");
});

e2e("what a step's SQL may have around it, D1 takes too", () => sentinel, async (s) => {
  const texts = ["SELECT 1;", "SELECT 1 -- done\n ; \r\n", "/* a */ -- b\nSELECT ';' AS [a;b]", "SELECT 1 --", "SELECT 1 /* ; */"];
  const steps = [...texts.map((d1) => ({ d1 })), { d1: "batch", statements: texts.map((sql) => ({ sql })) }];
  assert.deepEqual(verdicts(await perform(s, steps)), Array(steps.length).fill("ok"));
});

e2e("another binding is another target, and a session of D1 is one", () => sentinel, async (s) => {
  const answers = await perform(s, [
    { d1: "SELECT 1", session: "first-primary", expect: { found: true } },
    { d1: "batch", session: "first-unconstrained", statements: [{ sql: "SELECT 1", times: 2 }] },
    { kv: "get", key: "x", binding: "NO_SUCH_KV" },
  ]);
  assert.deepEqual([answers[0].verdict, answers[1].rows, answers[2].verdict], ["ok", 2, "harness"]);
});
