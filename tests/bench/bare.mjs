// What the bare loops of worker.js have to be told to do the same as the built-in workload.
import { readFileSync } from "node:fs";
import { configuration } from "../e2e/harness.mjs";
import { root } from "../made.mjs";

const workload = JSON.parse(readFileSync(`${root}src/plan/workloads/systems.json`, "utf8"));

// The Worker with the class of the bare loops; an operator's, who may ask for more than anybody else.
export const bareConfiguration = () => configuration({ limits: "operator", main: "tests/bench/worker.js", name: "bench", objects: { BARE: "BareObject" } });

// The shares of operations: a system's weight is shared out among its operations.
export function weightsOf(systems) {
  const inSystem = (system) => workload.operations.filter((operation) => operation.system === system);
  const total = (system) => inSystem(system).reduce((sum, { weight = 1 }) => sum + weight, 0);
  return systems.flatMap((system) =>
    inSystem(system).map(({ operation, weight = 1 }) => [operation, (workload.systems[system] * weight) / total(system)]),
  );
}

// In the order of plain.mjs.
export const SQL = ["insert_test_record", "update_test_record", "select_test_records", "count_test_records", "select_posts_listing"].map(
  (name) => workload.operations.find(({ operation }) => operation === name).steps[0].d1,
);
