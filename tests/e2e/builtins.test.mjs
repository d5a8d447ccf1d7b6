// Workloads that come with Sentinel on real bindings, on little data: between them these have every operation, and every scenario.
// long/builtins.test.mjs has all workloads, on more.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { finds, misses } from "./builtins.mjs";
import { e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const LITTLE = { systems: undefined, ycsb: { records: 100 } };
const data = (workload) => (workload in LITTLE ? LITTLE[workload] : { posts: 10 });

// A scenario is run as one, with its phases and its tenants, in a thousandth of its time.
const SCENARIOS = ["launch-day", "multi-tenant-chaos", "auth-stress"];
const scenario = (preset) => ({ preset, profileType: undefined, workload: undefined, durationSeconds: preset === "launch-day" ? 1 : 2 });

for (const workload of ["systems", "grove", "ycsb", ...SCENARIOS]) {
  const plan = SCENARIOS.includes(workload) ? scenario(workload) : { targetOperations: 30, durationSeconds: 1 };
  e2e(`${workload}: what it prepared is found, what is sent is its mix, and the targets are left as they were`, () => sentinel, async (s) => {
    const report = await finds(s, workload, { data: data(workload), ...plan });
    const phases = report.phases.map(({ phase, name }) => phase ?? name);
    assert.deepEqual(phases.includes("ramp-down"), SCENARIOS.includes(workload), phases.join(" "));
    if (workload !== "grove") return;
    const { steps } = report.operations.find(({ operation, phase }) => operation === "post-read" && phase === "all");
    assert.deepEqual(steps.map(({ budgetMs }) => budgetMs), [400, 400, 100, null]);
    for (const { budgetMs, withinBudget, serviceMs } of steps.slice(0, 3)) assert.equal(withinBudget === 1, serviceMs.max <= budgetMs, `${withinBudget}`);
  });
}

// Between them they have every operation, but for those of systems.test.mjs.
for (const workload of ["grove", "auth-stress", "ycsb"]) {
  e2e(`${workload}: where nothing was prepared its reads fail, as wrong data`, () => sentinel, (s) =>
    misses(s, workload, { data: data(workload), targetOperations: 60, durationSeconds: 1 }));
}
