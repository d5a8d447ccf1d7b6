// A run that looks for the highest rate by itself, on a database that serves one query after the other, each for ten
// milliseconds: about a hundred a second.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "../harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const PLAN = {
  preset: "capacity",
  targetOperations: 60_000,
  durationSeconds: 300,
  concurrency: 20,
  searchStepSeconds: 5,
  targetSystems: ["d1_reads"],
  thresholds: { op_duration: ["p(90)<400"], op_failed: ["rate<0.01"] },
};

e2e("the rate that a database carries is searched and found", () => sentinel, async (s) => {
  await s.ask("POST", "/queue?what=TARGET_DB&ms=10");
  const id = await s.create(PLAN);
  const loading = ({ type, stage, elapsedS }) => type === "frame" && stage === "load" && elapsedS >= 2;
  await s.follow(id, { until: loading, timeoutMs: 60_000 });
  const refused = await s.ask("POST", `/api/sentinel/${id}`, { body: { action: "scale", factor: 2 } });
  const { state } = (await s.follow(id, { timeoutMs: 300_000 })).at(-1);
  await s.ask("POST", "/queue?what=TARGET_DB&ms=0");
  const { capacity, load } = await s.get(`/api/sentinel/${id}/report`);

  assert.equal(refused.status, 409, "nobody else scales it");
  assert.equal(state.status, "completed", state.reason);
  assertAccounted(state.counts);
  assert.equal(capacity.search.outcome, "found", JSON.stringify(capacity.search));
  assert.equal(state.verdict, "passed");
  assert.ok(capacity.search.ratePerS > 75 && capacity.search.ratePerS < 106, JSON.stringify(capacity.search));
  assert.ok(capacity.search.highPerS > 90 && capacity.search.highPerS < 130, JSON.stringify(capacity.search));
  assert.ok(load.timeline.filter(({ what }) => what === "scale").length >= capacity.search.tried - 1);
  assert.equal(load.timeline.at(-1).what, "stop");
}, 420_000);
