// Schedules whose runs meet others, fail, or were missed.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { e2e, start } from "../harness.mjs";
import { API, PLAN, change, create, due, ended, minute, runsOf, tick } from "../schedules.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

e2e("a run now is a run of the schedule's plan", () => sentinel, async (s) => {
  const { id } = await create(s, {});
  const { run } = await s.post(`${API}/${id}/run`, undefined, 201);
  assert.equal((await s.ask("POST", `${API}/${id}/run`)).json.code, "run.active");
  assert.equal((await s.ask("POST", `${API}/${id}/run`, { body: { plan: {} } })).json.code, "body.range");
  assert.equal((await s.follow(run.id)).at(-1).state.status, "completed");
  assert.deepEqual((await runsOf(s, id)).map((row) => [row.id, row.triggered_by]), [[run.id, "manual"]]);
  await ended(s, run.id);
  await s.ask("DELETE", `${API}/${id}`);
});

e2e("where another run is active one is skipped, one waits, and one takes its place", () => sentinel, async (s) => {
  const active = await s.create({ durationSeconds: 60, targetSystems: ["d1_reads"] });
  const schedules = {};
  for (const overlap of ["skip", "queue"]) schedules[overlap] = (await create(s, { overlap, timezone: "UTC" })).id;
  for (const id of Object.values(schedules)) await due(s, id);
  await tick(s);
  const shown = async (id) => (await s.get(`${API}/${id}`)).schedule;
  assert.deepEqual([(await shown(schedules.skip)).last.outcome, (await shown(schedules.skip)).passedOver], ["skipped", 1]);
  assert.equal((await shown(schedules.queue)).last.outcome, "waiting");
  const [waiting] = await runsOf(s, schedules.queue);
  assert.deepEqual([waiting.status, waiting.active], ["pending", null]);
  await s.post(`/api/sentinel/${waiting.id}`, { action: "cancel" });

  schedules.replace = (await create(s, { overlap: "replace", timezone: "UTC" })).id;
  await due(s, schedules.replace);
  await tick(s);
  const [next] = await runsOf(s, schedules.replace);
  assert.equal(next.replaces_run_id, active);
  assert.equal(await ended(s, active), "cancelled");
  await tick(s);
  assert.equal((await s.follow(next.id)).at(-1).state.status, "completed");
  await ended(s, next.id);
  for (const id of Object.values(schedules)) await s.ask("DELETE", `${API}/${id}`);
});

e2e("a plan that cannot be run any more holds up nobody, and pauses its schedule after three starts", () => sentinel, async (s) => {
  const bad = await create(s, { timezone: "UTC", name: "Bad" });
  await s.env.DB.prepare("UPDATE sentinel_schedules SET plan = '{\"preset\":\"gone\"}' WHERE id = ?").bind(bad.id).run();
  for (let n = 1; n <= 3; n++) {
    await due(s, bad.id, 60 * (5 - n));
    await tick(s);
    const { schedule } = await s.get(`${API}/${bad.id}`);
    assert.deepEqual([schedule.last.outcome, schedule.failedStarts, schedule.active], ["failed", n, n < 3]);
    assert.match(schedule.last.message, /\$\.preset/);
  }
  const { schedule } = await s.get(`${API}/${bad.id}`);
  assert.match(schedule.reason, /^Three starts in a row have failed\..*\$\.preset/);
  assert.deepEqual((await runsOf(s, bad.id)).map(({ status, active }) => [status, active]), Array(3).fill(["failed", null]));
  const { results } = await s.env.DB.prepare("SELECT action FROM sentinel_audit WHERE schedule_id = ? AND role = 'schedule' ORDER BY id").bind(bad.id).all();
  assert.deepEqual(results.map(({ action }) => action), ["fail", "fail", "fail", "pause"]);

  const good = await change(s, bad.id, { plan: PLAN, active: true });
  assert.deepEqual([good.failedStarts, good.reason, good.active], [0, null, true]);
  await due(s, bad.id);
  await tick(s);
  const run = (await runsOf(s, bad.id)).at(-1);
  assert.equal((await s.follow(run.id)).at(-1).state.status, "completed");
  await ended(s, run.id);
  await s.ask("DELETE", `${API}/${bad.id}`);
});

e2e("what was missed for longer than ten minutes is made up for where the rule says so", () => sentinel, async (s) => {
  const skip = await create(s, { timezone: "UTC", cron: "*/5 * * * *" });
  await due(s, skip.id, 7200);
  await s.env.DB.prepare("UPDATE sentinel_schedules SET cron_expression = ?2 WHERE id = ?1").bind(skip.id, "0 0 1 1 *").run();
  await tick(s);
  const { schedule } = await s.get(`${API}/${skip.id}`);
  assert.deepEqual([schedule.last.outcome, schedule.passedOver], ["missed", 1]);
  const once = await create(s, { timezone: "UTC", catchUp: "once" });
  await due(s, once.id, 7200);
  await tick(s);
  const [run] = await runsOf(s, once.id);
  assert.ok(run.schedule_minute <= minute() - 600);
  await s.follow(run.id);
  await ended(s, run.id);
  for (const { id } of [skip, once]) await s.ask("DELETE", `${API}/${id}`);
});
