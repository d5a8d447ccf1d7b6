// Workloads that a plan writes out: how their steps flow, and what their templates draw.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { root } from "../made.mjs";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

async function run(s, plan) {
  const id = await s.create({ preset: undefined, profileType: "sustained", concurrency: 10, ...plan });
  const { state } = (await s.follow(id)).at(-1);
  assertAccounted(state.counts);
  return { id, state, report: await s.get(`/api/sentinel/${id}/report`) };
}

const whole = (report) => Object.fromEntries(report.operations.filter(({ phase }) => phase === "all").map((one) => [one.operation, one]));

e2e("steps go together, in the background, by chance and after a time to think", () => sentinel, async (s) => {
  const held = await s.targets();
  const { workload } = JSON.parse(readFileSync(`${root}tests/sim/plans/flow.json`, "utf8"));
  const { id, state, report } = await run(s, { targetOperations: 120, durationSeconds: 4, workload });
  assert.deepEqual([state.status, state.validity, state.counts.failed, state.counts.completed], ["completed", "valid", 0, 120]);
  const { page, ping, look } = whole(report);
  assert.equal(look.steps, undefined);
  assert.deepEqual(page.steps.map(({ call, background }) => [call, background]), [
    ["kv.get", false], ["kv.get", false], ["kv.get", false], ["d1.all", false], ["d1.all", false], ["kv.put", true], ["d1.all", false],
  ]);
  for (const one of [page, ping]) {
    const sure = one.steps.filter((_step, i) => (one === page ? [0, 1, 3, 4, 5] : [0, 1]).includes(i));
    for (const step of sure) assert.deepEqual([step.completed, step.failed], [one.completed, 0]);
  }
  const drawn = page.steps[2].completed / page.completed;
  assert.ok(drawn > 0.2 && drawn < 0.8, `${drawn} of a half were drawn`);
  // Each page thinks 120 ms and more; what a visitor waits for is three calls one after the other.
  assert.ok(page.responseMs.mean < 100, `${page.responseMs.mean} ms`);
  assert.deepEqual(await s.targets(), held, "what was written in the background is cleaned up too");
  const text = await s.get(`/api/sentinel/${id}/report?format=text`);
  assert.match(text, /Step of +call +completed/);
  assert.match(text, /6 kv\.put \* /);
});

const INSERT = "INSERT INTO sentinel_test_data (id, tenant_id, run_id, prepared, data) VALUES (?1, ?2, ?3, 0, json_object('good', ?4, 'price', ?5, 'size', ?6, 'day', ?7, 'text', ?8, 'blob', hex(?9)))";
const SELECT =
  "SELECT id FROM sentinel_test_data WHERE id = ?1 AND length(id) = 36 AND data ->> 'size' IN ('S', 'M', 'größer') " +
  "AND (data ->> 'good', data ->> 'price') IN (VALUES ('spade', '12'), ('rake, \"fine\"', '9.5')) AND data ->> 'day' = ?2 " +
  "AND data ->> 'text' = ?3 AND length(data ->> 'text') BETWEEN 1 AND 90 AND length(data ->> 'blob') = 40";

e2e("what templates draw arrives as it was drawn, and reads back the same", () => sentinel, async (s) => {
  const held = await s.targets();
  const { state, report } = await run(s, {
    targetOperations: 60,
    durationSeconds: 2,
    workload: {
      feeds: {
        goods: { csv: 'name,price\nspade,12\n"rake, ""fine""",9.5\n' },
        days: { pick: "sequence", rows: [{ day: "mon" }, { day: "tue" }] },
      },
      operations: [
        {
          operation: "write-and-read",
          steps: [
            {
              d1: INSERT,
              bind: ["${uuid}", "${tenant}", "${run}", "${feed.goods.name}", "${feed.goods.price}", "${choice('S','M':3,'größer')}", "${feed.days.day}", "${text(30,0.5,90)}", "${bytes(20)}"],
            },
            { d1: SELECT, bind: ["${uuid}", "${feed.days.day}", "${text(30,0.5,90)}"], expect: { found: true } },
            { kv: "put", key: "sentinel_test_${run}_${k}", value: "${text(30,0.5,90)}", ttl: 7200, metadata: { size: "${choice('S','M':3,'größer')}" } },
            { kv: "get", key: "sentinel_test_${run}_${k}", expect: { found: true } },
          ],
        },
      ],
      cleanup: [
        { every: 100, steps: [{ d1: "DELETE FROM sentinel_test_data WHERE tenant_id = ?1 AND run_id = ?2", bind: ["${tenant}", "${run}"] }] },
        { per: "write-and-read", steps: [{ kv: "delete", key: "sentinel_test_${run}_${k}" }] },
      ],
    },
  });
  assert.deepEqual([state.status, state.validity, state.counts.completed], ["completed", "valid", 60], JSON.stringify(report.exemplars.errors[0]));
  assert.deepEqual(await s.targets(), held);
});

// The example of docs/workloads.md.
const page = readFileSync(`${root}docs/workloads.md`, "utf8");
const capturing = [...page.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, text]) => JSON.parse(text)).find(({ operation }) => operation === "insert-and-read");
const cleanup = [
  { every: 100, steps: [{ d1: "DELETE FROM sentinel_test_data WHERE tenant_id = ?1 AND run_id = ?2", bind: ["${tenant}", "${run}"] }] },
];

e2e("what an answer gave is in the steps that follow", () => sentinel, async (s) => {
  const held = await s.targets();
  const { state, report } = await run(s, { targetOperations: 60, durationSeconds: 2, workload: { operations: [capturing], cleanup } });
  assert.deepEqual([state.status, state.counts.completed], ["completed", 60], JSON.stringify(report.exemplars.errors[0]));
  assert.deepEqual(await s.targets(), held);
});

e2e("what is not there to capture, or too long, fails by its name, and what follows is never sent", () => sentinel, async (s) => {
  const wrong = { none: "not captured: id is not there, or empty", long: "not captured: id is longer than 64 bytes", line: "not captured: id has a line break, and is to be in a header" };
  const put = { kv: "put", key: "sentinel_test_${run}_${captured.id}", value: "x" };
  const fetch = { do: "fetch", name: "sentinel_test_${run}_none", path: "/", headers: { "x-id": "${captured.id}" } };
  const operations = Object.keys(wrong).map((operation) => ({
    operation,
    steps: [
      { d1: "SELECT 1 AS one, hex(zeroblob(33)) AS long, 'a' || char(10) || 'b' AS line", capture: { id: { column: operation } } },
      operation === "line" ? fetch : put,
    ],
  }));
  const held = await s.targets();
  const { state, report } = await run(s, { targetOperations: 40, durationSeconds: 2, workload: { operations } });
  assert.deepEqual([state.counts.completed, state.counts.failed], [0, 40]);
  for (const [operation, text] of Object.entries(wrong)) {
    const error = report.exemplars.errors.find((one) => one.operation === operation);
    assert.deepEqual([error.error, error.step, error.text], ["data", 1, text]);
    assert.deepEqual(whole(report)[operation].steps.map(({ completed, failed }) => [completed, failed > 0]), [[0, true], [0, false]]);
  }
  assert.deepEqual(await s.targets(), held);
});

e2e("a workload that cannot be used is refused with its place", () => sentinel, async (s) => {
  const plan = { preset: "smoke", workload: { operations: [{ operation: "o", steps: [{ kv: "get", key: "${oops}" }] }] } };
  const { json } = await s.ask("POST", "/api/sentinel/plan", { body: plan });
  assert.deepEqual([json.status, json.code, json.path], [400, "plan.template", "$.workload.operations[0].steps[0].key"]);
});

e2e("each of several tenants finds what was prepared for it", () => sentinel, async (s) => {
  const held = await s.targets();
  const targetSystems = ["d1_reads", "d1_writes", "kv_get", "auth_flows", "media_ops"];
  const { state, report } = await run(s, { targetOperations: 80, durationSeconds: 3, targetSystems, tenants: ["a", "a_b", "c"] });
  assert.deepEqual([state.status, state.validity, state.counts.completed], ["completed", "valid", 80], JSON.stringify(report.exemplars.errors[0]));
  assert.deepEqual(await s.targets(), held);
});
