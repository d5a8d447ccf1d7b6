// On the free plan an invocation may make 50 calls: shards work in many short slices.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, configuration, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start(configuration({ platform: "free" }))));
after(() => sentinel.stop());

e2e("a run on the free plan completes in short slices", () => sentinel, async () => {
  const plan = { targetOperations: 600, durationSeconds: 6, concurrency: 10, targetSystems: ["d1_reads", "d1_writes", "r2_upload"] };
  const targets = await sentinel.targets();
  const id = await sentinel.create(plan);
  await sentinel.follow(id);
  const report = await sentinel.get(`/api/sentinel/${id}/report`);
  assert.notEqual(report.validity.validity, "invalid", JSON.stringify(report.validity.reasons));
  assert.equal(report.run.counts?.completed ?? report.validity.accounting.terms.completed, 600);
  for (const shard of report.shards) {
    assertAccounted(shard.counts);
    assert.ok(shard.slices > 300 / 45, `shard ${shard.index} worked in ${shard.slices} slices`);
  }
  assert.deepEqual(await sentinel.targets(), targets);
});

e2e("what a free day cannot carry is refused", () => sentinel, async () => {
  const { json, status } = await sentinel.ask("POST", "/api/sentinel", { body: { preset: "sustained" } });
  assert.equal(status, 400);
  assert.equal(json.code, "plan.limit");
  assert.match(json.expected, /a day: at most 1000 writes to KV/);
});
