// The ledger of every workload that comes with Sentinel is what was metered, its estimate comes near it, and its statements
// read and write what it says of them.
import { after, before } from "node:test";
import { COORDINATION, MIXES } from "../../mixes.mjs";
import { e2e, start } from "../harness.mjs";
import { assertStatements, balanced } from "../ledger.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

// Those whose number of operations belongs to them run as their preset.
const plan = (workload) =>
  COORDINATION.includes(workload)
    ? { preset: workload, profileType: undefined, workload: undefined, concurrency: undefined, targetOperations: undefined, durationSeconds: undefined }
    : { targetOperations: 300, durationSeconds: 10 };

for (const workload of Object.keys(MIXES)) {
  e2e(`${workload}: the ledger is what was metered, call for call, and the estimate is within a fifth of it`, () => sentinel, async (s) => {
    const run = await balanced(s, workload, plan(workload));
    assertStatements(workload, run);
  }, 180_000);
}
