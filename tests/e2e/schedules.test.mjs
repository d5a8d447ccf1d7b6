// Schedules, from the request to the run that starts by itself.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { e2e, start } from "./harness.mjs";
import { API, PLAN, SCHEDULE, change, create, due, ended, minute, runsOf, tick } from "./schedules.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

e2e("a schedule is created, shown, changed, paused, enabled and deleted", () => sentinel, async (s) => {
  const answer = await s.ask("POST", API, { body: SCHEDULE });
  assert.equal(answer.status, 201, answer.text);
  const { schedule } = answer.json;
  assert.equal(answer.response.headers.get("location"), `${API}/${schedule.id}`);
  assert.deepEqual([schedule.active, schedule.overlap, schedule.catchUp, schedule.dialect, schedule.words], [true, "skip", "skip", "standard", "At 02:30 every day"]);
  assert.equal(schedule.nextRuns.length, 5);
  for (const { at, local } of schedule.nextRuns) {
    assert.equal(Date.parse(at), Date.parse(local));
    assert.ok(Date.parse(at) > Date.now());
    assert.match(local, /T0[23]:[03]0:00\+0[12]:00$/); // 03:00 where 02:30 is skipped
  }
  assert.deepEqual([schedule.plan, schedule.maintenance, schedule.alerts], [PLAN, null, null]);

  const { schedules } = await s.get(API);
  assert.deepEqual(schedules.map(({ id, words, plan }) => [id, words, plan]), [[schedule.id, "At 02:30 every day", undefined]]);

  const tokyo = await change(s, schedule.id, { timezone: "Asia/Tokyo", name: "Tokyo's night" });
  assert.deepEqual([tokyo.name, tokyo.plan], ["Tokyo's night", PLAN]);
  assert.match(tokyo.nextRuns[0].local, /T02:30:00\+09:00$/);
  const paused = await change(s, schedule.id, { active: false });
  assert.deepEqual([paused.active, paused.nextRuns], [false, []]);
  const enabled = await change(s, schedule.id, { active: true });
  assert.deepEqual(enabled.nextRuns, tokyo.nextRuns);

  const { results: audit } = await s.env.DB.prepare("SELECT role, action FROM sentinel_audit WHERE schedule_id = ? ORDER BY id").bind(schedule.id).all();
  assert.deepEqual(audit.map(({ role, action }) => `${role} ${action}`), ["admin schedule", "admin change schedule", "admin change schedule", "admin change schedule"]);
  assert.equal((await s.ask("DELETE", `${API}/${schedule.id}`)).status, 204);
  for (const method of ["GET", "DELETE", "PATCH"])
    assert.equal((await s.ask(method, `${API}/${schedule.id}`, { body: method === "PATCH" ? {} : undefined })).json.code, "schedule.unknown", method);
});

e2e("what cannot be kept is refused with its place", () => sentinel, async (s) => {
  const rows = [
    [{ ...SCHEDULE, cron: "61 2 * * *" }, "schedule.cron", "$.cron"],
    [{ ...SCHEDULE, cron: "0 0 30 2 *" }, "schedule.cron", "$.cron"],
    [{ ...SCHEDULE, timezone: "Europe/Atlantis" }, "schedule.timezone", "$.timezone"],
    [{ ...SCHEDULE, timezone: "../etc/passwd" }, "schedule.timezone", "$.timezone"],
    [{ ...SCHEDULE, timezone: "Europe/Atlantis", active: false }, "schedule.timezone", "$.timezone"],
    [{ ...SCHEDULE, overlap: "both" }, "plan.value", "$.overlap"],
    [{ ...SCHEDULE, jitterSeconds: 3601 }, "plan.range", "$.jitterSeconds"],
    [{ ...SCHEDULE, plan: { ...PLAN, durationSeconds: 0 } }, "plan.range", "$.plan.durationSeconds"],
    [{ ...SCHEDULE, plan: { ...PLAN, startImmediately: true } }, "plan.unknown-field", "$.plan.startImmediately"],
    [{ ...SCHEDULE, plan: "smoke" }, "plan.type", "$.plan"],
    [{ ...SCHEDULE, plan: undefined }, "plan.missing", "$.plan"],
    [{ ...SCHEDULE, name: "" }, "plan.range", "$.name"],
    [{ ...SCHEDULE, maintenance: { component: "api" } }, "plan.target", "$.maintenance"],
    [{ ...SCHEDULE, at: "noon" }, "plan.unknown-field", "$.at"],
    [{ preset: "hourly" }, "plan.value", "$.preset"],
    ["{", "json.syntax", "$"],
  ];
  for (const [body, code, path] of rows) {
    const answer = await s.ask("POST", API, { body });
    assert.deepEqual([answer.status, answer.json.code, answer.json.path], [400, code, path], `${JSON.stringify(body)}: ${answer.text}`);
    assert.ok(answer.json.expected.length > 0);
  }
  assert.deepEqual((await s.get(API)).schedules, []);
});

e2e("presets by one call, a preview, and no more than fifty", () => sentinel, async (s) => {
  const weekly = (await s.post(API, { preset: "weekly", timezone: "Australia/Lord_Howe" }, 201)).schedule;
  assert.deepEqual([weekly.name, weekly.cron, weekly.timezone], ["Weekly Infrastructure Validation", "0 0 * * 0", "Australia/Lord_Howe"]);
  const daily = (await s.post(API, { preset: "daily" }, 201)).schedule;
  assert.deepEqual([daily.name, daily.cron, daily.plan], ["Daily Smoke Test", "0 4 * * *", { preset: "smoke" }]);
  const { words, nextRuns } = await s.post(`${API}/preview`, { cron: "0 0 29 2 *", timezone: "Africa/Casablanca" });
  assert.equal(words, "At 00:00 on the 29th of the month in February");
  assert.deepEqual(nextRuns.map(({ local }) => local.slice(5, 16)), Array(5).fill("02-29T00:00"));

  const more = await Promise.all(Array.from({ length: 49 }, () => s.ask("POST", API, { body: { ...SCHEDULE, timezone: "UTC" } })));
  assert.deepEqual(more.map(({ status }) => status).sort().slice(-2), [201, 409]);
  assert.equal(more.find(({ status }) => status === 409).json.code, "schedule.limit");
  await s.env.DB.exec("DELETE FROM sentinel_schedules");
});

e2e("a minute that is due has one run, however often the tick fires", () => sentinel, async (s) => {
  const { id } = await create(s, { cron: "* * * * *", timezone: "Asia/Kolkata" });
  await tick(s);
  assert.deepEqual(await runsOf(s, id), []); // its minute has not come
  await due(s, id);
  await Promise.all([tick(s), tick(s), tick(s)]);
  await tick(s);
  const [run, ...others] = await runsOf(s, id);
  assert.deepEqual(others, []);
  assert.equal(run.triggered_by, "schedule");
  const { state } = (await s.follow(run.id)).at(-1);
  assert.deepEqual([state.status, state.name], ["completed", "Nightly"], state.reason);

  const { schedule } = await s.get(`${API}/${id}`);
  assert.deepEqual([schedule.last.outcome, schedule.last.runId, schedule.failedStarts], ["started", run.id, 0]);
  assert.ok(Date.parse(schedule.nextRuns[0].at) / 1000 > run.schedule_minute);
  await ended(s, run.id);
  const { results: audit } = await s.env.DB.prepare("SELECT role, action, run_id FROM sentinel_audit WHERE schedule_id = ? AND role = 'schedule'").bind(id).all();
  assert.deepEqual(audit, [{ role: "schedule", action: "start", run_id: run.id }]);
  // The same minute again, as if the claim had been forgotten: its run is there.
  await s.env.DB.prepare("UPDATE sentinel_schedules SET next_run_at = ?1, next_start_at = ?1 WHERE id = ?2").bind(run.schedule_minute, id).run();
  await s.env.DB.prepare("UPDATE sentinel_schedules SET cron_expression = '0 0 1 1 *' WHERE id = ?").bind(id).run();
  await tick(s);
  assert.deepEqual((await runsOf(s, id)).map((row) => row.id), [run.id]);
  const again = (await s.get(`${API}/${id}`)).schedule;
  assert.deepEqual([again.last.outcome, again.failedStarts], ["started", 0]);
  await s.ask("DELETE", `${API}/${id}`);
});
