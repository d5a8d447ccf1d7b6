// Schedules in the control database.
import assert from "node:assert/strict";
import test from "node:test";
import { UNIQUE, id, insert, open, text, update } from "./sql.mjs";

const schedule = (db, n, { tenant = "default", next = 1790000040, active = 1 } = {}) =>
  db.run("SCHEDULE_INSERT", id(n), tenant, `schedule ${n}`, null, "* * * * *", "standard", "UTC", "skip", "skip", 0, '{"preset":"smoke"}',
    null, "smoke", "00000000000000ff", "sustained", 100, 30, 5, '["d1_reads"]', null, null, active, next, next, "[]", 1790000000);
const due = (db, now = 1790000041) => db.all("SCHEDULES_DUE", now);
const scheduled = (db, run, n, revision, { active = 1, replaces = 0, minute = 1790000040 } = {}) =>
  db.run("SCHEDULE_RUN_INSERT", id(run), id(n), "default", revision, active, "schedule", 1790000041, 1790000041, minute, replaces);
const claim = (db, n, revision, run, next = 1790000100) =>
  db.run("SCHEDULE_CLAIM", id(n), revision, next, next, "[]", 1790000040, run ? "starting" : "skipped", null, run ? id(run) : null, 1790000041);

test("a tenant has fifty schedules, and another its own", () => {
  const db = open();
  for (let n = 0; n < 50; n++) assert.equal(schedule(db, n), 1);
  assert.equal(schedule(db, 50), 0);
  assert.equal(schedule(db, 51, { tenant: "another" }), 1);
  assert.equal(db.all("SCHEDULE_LIST", "default").length, 50);
  assert.deepEqual(db.all("SCHEDULE_GET", id(51), "default"), []);
  assert.equal(due(db).length, 8); // one tick's
});

test("a minute is claimed once, and has one run", () => {
  const db = open();
  schedule(db, 1);
  assert.deepEqual(due(db).map(({ busy, waiting, revision }) => [busy, waiting, revision]), [[0, 0, 0]]);
  assert.equal(scheduled(db, 100, 1, 0), 1);
  assert.equal(claim(db, 1, 0, 100), 1);
  assert.deepEqual([scheduled(db, 100, 1, 0), claim(db, 1, 0, 100)], [0, 0]); // the second tick of the same instant
  assert.equal(scheduled(db, 100, 1, 1), 0); // the same minute later: its run is there
  assert.deepEqual(due(db), []);
  const [row] = db.all("SCHEDULE_GET", id(1), "default");
  assert.deepEqual([row.failed_starts, row.last_run_id, row.passed_over, row.next_run_at], [1, id(100), 0, 1790000100]);
  assert.equal(db.run("SCHEDULE_STARTED", id(1), id(100), "started", 1790000042), 1);
  assert.equal(db.run("SCHEDULE_STARTED", id(1), id(101), "started", 1790000042), 0);
  assert.equal(db.all("SCHEDULE_GET", id(1), "default")[0].failed_starts, 0);
  const run = db.db.prepare("SELECT name, active, triggered_by, config_snapshot, schedule_id, schedule_minute FROM sentinel_runs").get();
  assert.deepEqual({ ...run }, { name: "schedule 1", active: 1, triggered_by: "schedule", config_snapshot: '{"preset":"smoke"}', schedule_id: id(1), schedule_minute: 1790000040 });
});

test("a run that waits for another, and one that takes its place", () => {
  const db = open();
  insert(db, 7, { active: 1 });
  schedule(db, 1);
  assert.equal(due(db)[0].busy, 1);
  assert.throws(() => scheduled(db, 100, 1, 0), UNIQUE);
  assert.equal(scheduled(db, 100, 1, 0, { active: null, replaces: 1 }), 1);
  assert.equal(due(db)[0].waiting, 1);
  assert.deepEqual(db.all("RUNS_REPLACED").map((row) => row.id), [id(7)]);
  assert.deepEqual(db.all("SCHEDULE_PLAN", id(1), id(100)), [{ name: "schedule 1", plan: '{"preset":"smoke"}', replaces_run_id: id(7) }]);
  update(db, 7, 1, "cancelled", null);
  assert.deepEqual(db.all("RUNS_REPLACED"), []);
  assert.deepEqual(db.all("RUNS_DUE", 1790000041, 1789913641).map((row) => row.id), [id(100)]);
});

test("a change keeps what it does not name; a pause has its reason until somebody ends it", () => {
  const db = open();
  schedule(db, 1);
  const change = (revision, { plan = null, maintenance = [0, null], retimed = 0, active = 1, next = null } = {}) =>
    db.run("SCHEDULE_UPDATE", id(1), "default", "other", null, "0 4 * * *", "standard", "UTC", "queue", "once", 60,
      ...(plan ? [plan, null, "spike", "01", "spike", 5, 6, 7, "[]"] : Array(9).fill(null)), ...maintenance, 0, null, retimed, active, next, next, "[]", 1790000050, revision);
  const row = () => db.all("SCHEDULE_GET", id(1), "default")[0];
  assert.equal(change(1), 0);
  assert.equal(change(0, { maintenance: [1, '{"enabled":true}'] }), 1);
  assert.deepEqual([row().name, row().plan, row().profile_type, row().maintenance, row().next_run_at], ["other", '{"preset":"smoke"}', "sustained", '{"enabled":true}', 1790000040]);
  assert.equal(db.run("SCHEDULE_PAUSE", id(1), 1, "why", 1790000051), 1);
  assert.deepEqual([row().is_active, row().paused_reason, row().next_run_at, due(db).length], [0, "why", null, 0]);
  assert.equal(change(2, { active: 0 }), 1);
  assert.equal(row().paused_reason, "why");
  assert.equal(change(3, { retimed: 1, next: 1790000100, plan: '{"preset":"spike"}' }), 1);
  assert.deepEqual([row().is_active, row().paused_reason, row().next_run_at, row().plan, row().target_operations], [1, null, 1790000100, '{"preset":"spike"}', 5]);
  assert.equal(row().maintenance, '{"enabled":true}');
});

test("what a schedule's audit tells of is of a schedule that is there", () => {
  const db = open();
  schedule(db, 1);
  const audit = (n, revision) => db.run("SCHEDULE_AUDIT", 1790000000000000, "default", "schedule", "pause", null, "why", id(n), revision);
  assert.deepEqual([audit(1, null), audit(1, 0), audit(1, 1), audit(2, null)], [1, 1, 0, 0]);
  schedule(db, 3);
  scheduled(db, 100, 3, 0);
  claim(db, 3, 0, 100);
  db.run("RUN_DELETE", id(100), "default");
  assert.equal(db.all("SCHEDULE_GET", id(3), "default")[0].last_run_id, null);
  assert.equal(db.run("SCHEDULE_DELETE", id(3), "another"), 0);
  assert.equal(db.run("SCHEDULE_DELETE", id(3), "default"), 1);
});

test("everything is stopped: what runs, waits, or would begin; another tenant's goes on", () => {
  const db = open();
  const at = 1790000050;
  schedule(db, 1);
  schedule(db, 2, { active: 0 });
  schedule(db, 3, { tenant: "another" });
  insert(db, 10, { active: 1 });
  insert(db, 11, { scheduled: 1790000060 });
  insert(db, 12); // nothing starts it by itself
  insert(db, 13, { tenant: "another", active: 1 });
  insert(db, 14, { scheduled: 1790000060 });
  update(db, 14, 1, "cancelled", null);
  db.db.prepare("UPDATE sentinel_runs SET completed_at = 1790000031 WHERE id = ?").run(id(14));
  scheduled(db, 15, 1, 0, { active: null });
  const stop = (now, reason) => {
    db.run("STOP_AUDIT_RUNS", now * 1000000, "default", "operate", "stop-all", reason);
    const runs = db.run("STOP_RUNS", "default", now, reason);
    const listed = db.all("RUNS_STOPPING", "default");
    db.run("STOP_AUDIT_SCHEDULES", now * 1000000, "default", "operate", "stop-all", reason);
    return [runs, db.run("STOP_SCHEDULES", "default", `Everything was stopped: ${reason}`, now), listed];
  };
  const [runs, schedules, listed] = stop(at, "why");
  assert.deepEqual([runs, schedules], [3, 1]);
  assert.equal(listed[0].id, id(10), "the active one first");
  assert.deepEqual(listed.map((row) => [row.id, row.stop_reason, row.stopping]).sort(), [10, 11, 15].map((n) => [id(n), "why", 3]));
  const audit = db.db.prepare("SELECT coalesce(run_id, schedule_id) AS id, action, detail FROM sentinel_audit WHERE tenant_id = 'default' ORDER BY 1").all();
  assert.deepEqual(audit.map((row) => ({ ...row })), [1, 10, 11, 15].map((n) => ({ id: id(n), action: "stop-all", detail: "why" })));
  // Nothing of it is started any more: not by its time, not by its schedule, not by a person, not by a tick that had read before.
  assert.deepEqual(db.all("RUNS_DUE", 1790000070, 1789913641), []);
  assert.deepEqual(due(db).map((row) => row.id), [id(3)]);
  assert.deepEqual([scheduled(db, 100, 1, 0), claim(db, 1, 0, 100)], [0, 0]);
  assert.equal(db.run("RUN_ACTIVATE", id(11), "default", at), 0);
  assert.equal(db.run("RUN_ACTIVATE_DUE", id(11), at, 1790000000), 0);
  const [row] = db.all("SCHEDULE_GET", id(1), "default");
  assert.deepEqual([row.is_active, row.paused_reason, row.next_run_at], [0, "Everything was stopped: why", null]);
  // The tick tells those that have not ended; a second time changes nothing.
  assert.deepEqual(db.all("RUNS_TO_STOP").map((row) => [row.id, row.active, row.stop_reason]).sort(), [[id(10), 1, "why"], [id(11), null, "why"], [id(15), null, "why"]]);
  assert.deepEqual(stop(at + 1, "again").slice(0, 2), [0, 0]);
  assert.equal(db.all("RUNS_STOPPING", "default")[0].stop_reason, "why");
  update(db, 10, 2, "draining", 1);
  assert.equal(db.all("RUNS_TO_STOP").length, 2, "what drains has heard of it, or ends by itself");
  assert.match(db.plan(text.RUNS_TO_STOP), /sentinel_runs_stopping/);
  assert.match(db.plan(text.RUNS_STOPPING), /sentinel_runs_stopping/);
});
