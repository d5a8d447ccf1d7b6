// What runs cost: the ledger against what the databases and stores say themselves, estimates against it, and the budget.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { e2e, start } from "./harness.mjs";
import { assertStatements, balanced } from "./ledger.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

// long/cost.test.mjs has the other workloads.
for (const [workload, targetOperations] of Object.entries({ systems: 300, grove: 200 })) {
  e2e(`${workload}: the ledger is what was metered, row for row, and the estimate comes near it`, () => sentinel, async (s) => {
    const run = await balanced(s, workload, { targetOperations, durationSeconds: 6 });
    const compared = assertStatements(workload, run);
    assert.ok(compared >= 12, `${compared} statements were compared`);
  });
}

const GREEDY = {
  operations: [
    {
      operation: "walk",
      weight: 1,
      steps: [{ d1: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT MAX(i) AS i FROM n", rows: { read: 1 } }],
    },
  ],
};

e2e("a run that costs more than its estimate said stops at its budget, and its reason says so", () => sentinel, async (s) => {
  const held = await s.targets();
  const plan = { preset: undefined, profileType: "sustained", targetOperations: 6000, durationSeconds: 300, concurrency: 5, workload: GREEDY };
  const { plan: { cost } } = await s.post("/api/sentinel/plan", plan);
  const maxCostUsd = cost.usd * 1.05;
  const refused = await s.ask("POST", "/api/sentinel", { body: { ...plan, maxCostUsd: cost.usd / 2 } });
  assert.deepEqual([refused.status, refused.json.code, refused.json.path], [400, "plan.cost", "$.maxCostUsd"]);
  assert.match(refused.json.expected, /^at least \$0\.0\d+, which is what this plan is estimated to cost: \$0\.0\d+ at the target and \$0\.0\d+ for Sentinel/);
  const id = await s.create({ ...plan, maxCostUsd });
  const { state } = (await s.follow(id, { timeoutMs: 80_000 })).at(-1);
  assert.equal(state.status, "cancelled");
  assert.match(state.reason, /^it had cost \$0\.0\d+, and maxCostUsd lets it cost \$0\.0\d+; what was in flight/);
  assert.equal(state.endedBy, "budget");
  assert.ok(state.counts.cancelled > 0);
  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.ok(report.cost.usd >= maxCostUsd && report.cost.usd < maxCostUsd * 1.5, `${report.cost.usd} of ${maxCostUsd}`);
  assert.equal(report.cost.rows[0].suspect, true);
  assert.deepEqual(await s.targets(), held);
});
