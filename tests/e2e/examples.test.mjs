// The workloads of docs/examples on real bindings: what they expect holds, and the targets are left as they were.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before } from "node:test";
import { root } from "../made.mjs";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const files = readdirSync(`${root}docs/examples`).filter((name) => name.endsWith(".json"));
assert.deepEqual(files, ["images.json", "sessions.json", "shop.json"]);

for (const file of files) {
  e2e(`${file} runs without a failure, and cleans up`, () => sentinel, async (s) => {
    const workload = JSON.parse(readFileSync(`${root}docs/examples/${file}`, "utf8"));
    const held = await s.targets();
    const id = await s.create({ preset: undefined, profileType: "sustained", concurrency: 10, targetOperations: 200, durationSeconds: 5, workload });
    const { state } = (await s.follow(id, { timeoutMs: 60_000 })).at(-1);
    const report = await s.get(`/api/sentinel/${id}/report`);
    assertAccounted(state.counts);
    assert.deepEqual([state.status, state.counts.failed, state.counts.completed], ["completed", 0, 200], JSON.stringify(report.exemplars.errors.slice(0, 3)));
    assert.equal(report.validity.validity, "valid", JSON.stringify(report.validity.reasons));
    const seen = new Set(report.operations.map(({ operation }) => operation));
    for (const { operation } of workload.operations) assert.ok(seen.has(operation), `no ${operation} in 200 operations`);
    assert.deepEqual(await s.targets(), held);
  });
}
