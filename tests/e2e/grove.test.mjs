// The built-in blog platform on real bindings.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { likelihood } from "./chi_square.mjs";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

async function run(s, plan) {
  const id = await s.create({ preset: undefined, profileType: "sustained", concurrency: 10, workload: "grove", targetOperations: 200, durationSeconds: 5, ...plan });
  const { state } = (await s.follow(id, { timeoutMs: 60_000 })).at(-1);
  assertAccounted(state.counts);
  return { state, report: await s.get(`/api/sentinel/${id}/report`) };
}

const WEIGHTS = { "auth-flow": 10, "blog-list": 25, "post-read": 35, "post-write": 5, "media-upload": 5, "media-fetch": 10, "analytics-ping": 5, "comment-read": 3, "comment-write": 2 };
const OPERATIONS = 400;

e2e("a blog's traffic finds what was prepared, and leaves the targets as they were", () => sentinel, async (s) => {
  const held = await s.targets();
  const { state, report } = await run(s, { targetOperations: OPERATIONS, durationSeconds: 6, seed: 1 });
  assert.deepEqual([state.status, state.counts.failed, state.counts.completed], ["completed", 0, OPERATIONS], JSON.stringify(report.exemplars));
  assert.notEqual(report.validity.validity, "invalid", JSON.stringify(report.validity.reasons));
  const counted = report.operations.filter(({ phase }) => phase === "all");
  assert.deepEqual(counted.map(({ operation }) => operation), Object.keys(WEIGHTS));
  const p = likelihood(counted.map(({ operation, completed }) => [completed, (OPERATIONS * WEIGHTS[operation]) / 100]));
  assert.ok(p > 0.001, `so far from the weights are draws with a likelihood of ${p}`);
  const { steps } = report.operations.find(({ operation, phase }) => operation === "post-read" && phase === "all");
  assert.deepEqual(steps.map(({ budgetMs }) => budgetMs), [400, 400, 100, null]);
  for (const { budgetMs, withinBudget, serviceMs } of steps.slice(0, 3)) assert.equal(withinBudget === 1, serviceMs.max <= budgetMs, `${withinBudget}`);
  assert.deepEqual(await s.targets(), held);
});

e2e("without what is prepared its reads fail loudly, as wrong data", () => sentinel, async (s) => {
  const held = await s.targets();
  const { state, report } = await run(s, { prepare: "none" });
  assert.equal(state.status, "completed");
  const all = report.operations.filter(({ phase }) => phase === "all");
  for (const name of ["auth-flow", "post-read", "media-fetch"]) {
    const { completed, failed, errors } = all.find(({ operation }) => operation === name);
    assert.deepEqual([completed, errors], [0, { data: failed }], name);
  }
  assert.deepEqual(await s.targets(), held);
});
