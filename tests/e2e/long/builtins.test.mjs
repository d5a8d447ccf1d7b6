// Every workload that comes with Sentinel on as much data as it has by itself, and each of them on nothing.
import { after, before } from "node:test";
import { COORDINATION, MIXES } from "../../mixes.mjs";
import { finds, misses } from "../builtins.mjs";
import { e2e, start } from "../harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

for (const workload of Object.keys(MIXES).filter((name) => !COORDINATION.includes(name))) {
  e2e(`${workload}: what it prepared is found by 400 operations`, () => sentinel, (s) =>
    finds(s, workload, { targetOperations: 400, durationSeconds: 10 }));
  e2e(`${workload}: where nothing was prepared its reads fail, as wrong data`, () => sentinel, (s) =>
    misses(s, workload, { targetOperations: 40, durationSeconds: 1 }));
}
