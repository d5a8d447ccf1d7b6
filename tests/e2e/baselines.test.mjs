// Baselines: made of runs, kept when the runs are gone, and compared with every further run by themselves.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const PATH = "/api/sentinel/baselines";
const PLAN = { preset: undefined, profileType: "sustained", targetOperations: 30, durationSeconds: 1, concurrency: 5, targetSystems: ["kv_get"] };

const row = (s, id) => s.env.DB.prepare("SELECT status, validity, active, plan_hash, comparison, length(compared) AS bytes FROM sentinel_runs WHERE id = ?").bind(id).first();

// A run that has ended and whose figures are in the database.
async function run(s, plan = {}) {
  const id = await s.create({ ...PLAN, ...plan });
  await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt });
  const kept = await s.eventually("what it measured is kept", async () => {
    const found = await row(s, id);
    return found.active === null && found.bytes > 0 && found;
  });
  return { id, ...kept };
}

// The machine that tests run on may be too busy for a valid run.
async function validRun(s, plan) {
  for (let tries = 0; tries < 4; tries++) {
    const found = await run(s, plan);
    if (found.validity === "valid") return found;
  }
  return assert.fail("four runs were not valid");
}

const comparison = async (s, id) => (await s.get(`/api/sentinel/${id}`)).run.comparison;

e2e("a run is compared with its plan's baseline, once, and keeps what was found", () => sentinel, async (s) => {
  const first = await validRun(s);
  assert.equal(await comparison(s, first.id), null); // there was no baseline when it ended
  const { baseline } = await s.post(PATH, { name: "Monday", description: "v1", runs: [first.id] }, 201);
  assert.deepEqual([baseline.name, baseline.description, baseline.active, baseline.runs, baseline.planHash], ["Monday", "v1", true, [first.id], first.plan_hash]);
  assert.deepEqual(baseline.floors, { 50: 0.05, 90: 0.05, 99: 0.1 });
  assert.equal(baseline.ended, 30);
  const mixed = await s.post(PATH, { name: "mixed", runs: [first.id, baseline.id] }, 400);
  assert.deepEqual([mixed.code, mixed.path], ["baseline.run", "$.runs[1]"]);

  // The run that it was made of may go.  (Through the API it would have to wait for its second sweep.)
  await s.env.DB.prepare("DELETE FROM sentinel_runs WHERE id = ?").bind(first.id).run();
  assert.deepEqual((await s.get(`${PATH}/${baseline.id}`)).baseline, baseline);

  const second = await run(s);
  const found = await s.eventually("it is compared", async () => {
    const now = await comparison(s, second.id);
    return now.verdict !== null && now;
  });
  assert.deepEqual(found.baseline, { id: baseline.id, name: "Monday" });
  // A second is too little to say anything of percentiles, and that is what is said.
  if (second.validity === "invalid") {
    assert.equal(found.verdict, "invalid");
  } else {
    assert.equal(found.verdict, "inconclusive");
    assert.match(found.percentiles["50"].reason, /fewer than 30 seconds/);
    assert.equal(found.errors.verdict, "same");
    assert.ok(found.percentiles["50"].settledS >= 30);
  }
  assert.ok(found.percentiles["50"].ratio > 0);
  assert.equal(found.errors.after.planned, 30);

  // Nobody asks for the third: the tick compares it.
  const third = await run(s);
  assert.equal((await row(s, third.id)).comparison, null);
  await s.eventually("the tick compares it", async () => {
    await s.worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
    return (await row(s, third.id)).comparison !== null;
  });
  const stored = JSON.parse((await row(s, third.id)).comparison);
  assert.equal(stored.baseline.id, baseline.id);
  assert.deepEqual(await comparison(s, third.id), stored);

  // Whatever becomes of the baseline; and the report has it in both forms.
  await s.ask("PATCH", `${PATH}/${baseline.id}`, { body: { name: "Tuesday", floors: { 50: 1 } } });
  const again = await s.ask("PATCH", `${PATH}/${baseline.id}`, { body: { active: false } });
  assert.deepEqual([again.status, again.json.baseline.active, again.json.baseline.floors[50]], [200, false, 1]);
  assert.deepEqual(await comparison(s, second.id), found);
  assert.deepEqual((await s.get(`/api/sentinel/${second.id}/report`)).comparison, found);
  assert.match(await s.get(`/api/sentinel/${second.id}/report?format=text`), /\nComparison {2}(inconclusive|invalid), beside the baseline "Monday"\./);
  assert.equal((await s.ask("DELETE", `${PATH}/${baseline.id}`)).status, 204);
  await s.get(`${PATH}/${baseline.id}`, 404);
  assert.deepEqual(await comparison(s, second.id), found);
  const { runs } = await s.get(`/api/sentinel?planHash=${first.plan_hash}`);
  assert.deepEqual(runs.map(({ id }) => id), [third.id, second.id]);
  assert.ok(runs[0].achievedPerS > 0);
});
