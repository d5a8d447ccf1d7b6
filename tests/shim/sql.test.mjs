// The control database's statements against its migration, in the SQLite that Node brings along.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import test from "node:test";
import { SQL } from "../../worker-shim/abi.js";

const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const files = readdirSync(new URL("../../migrations/", import.meta.url)).filter((name) => name.endsWith(".sql"));
const migration = files.sort().map((name) => read(`migrations/${name}`)).join("\n");
const numbers = [...read("include/sentinel/base/sql.h").matchAll(/X\((\w+), (\d+),/g)];
const text = Object.fromEntries(numbers.map(([, name, number]) => [name, SQL[number]]));

function open() {
  const db = new DatabaseSync(":memory:");
  db.exec("PRAGMA foreign_keys = ON"); // as D1 has it
  db.exec(migration);
  return {
    run: (name, ...values) => db.prepare(text[name]).run(...values).changes,
    all: (name, ...values) => db.prepare(text[name]).all(...values).map((row) => ({ ...row })),
    plan: (sql) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map((row) => row.detail).join("\n"),
    db,
  };
}

// Some are for the database that is tested.
function target() {
  const db = new DatabaseSync(":memory:");
  db.exec(readdirSync(new URL("../../migrations/target/", import.meta.url)).sort().map((name) => read(`migrations/target/${name}`)).join("\n"));
  return db;
}
const isTargets = (name) => name.startsWith("DATA_");

const id = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
const UNIQUE = /UNIQUE constraint failed/;

// What the API binds when it creates a run.
function insert(db, n, { tenant = "default", active = null, at = 1790000000, profile = "sustained", scheduled = null } = {}) {
  return db.run("RUN_INSERT", id(n), tenant, `run ${n}`, null, profile, "smoke", 100, 30, 5,
    '["d1_reads"]', active, "{}", "00000000000000ff", "api", at, scheduled);
}

// What a RunObject binds when something changed.
function update(db, n, revision, status, active, planned = 100) {
  return db.run("RUN_UPDATE", id(n), revision, status, active, 1790000001, null, 100, 98, 2,
    1.5, 1, 2, 3, 9.25, 0.5, 33.3, 2, '{"timeout":2}', "valid", "none", null, 1790000031, planned);
}

test("every statement of the list prepares, and has a text of its own", () => {
  const { db } = open();
  assert.ok(numbers.length >= 12);
  assert.equal(new Set(numbers.map(([, , number]) => number)).size, numbers.length);
  for (const [, name] of numbers) assert.doesNotThrow(() => (isTargets(name) ? target() : db).prepare(text[name]), name);
});

test("lists walk an index, whole and by status, and sort nothing", () => {
  const { plan } = open();
  const whole = plan(text.RUN_LIST);
  assert.match(whole, /^SEARCH sentinel_runs USING INDEX sentinel_runs_by_time \(tenant_id=\? AND \(created_at,id\)<\(\?,\?\)\)$/);
  const byStatus = plan(text.RUN_LIST_STATUS);
  assert.match(byStatus, /^SEARCH sentinel_runs USING INDEX sentinel_runs_by_status \(tenant_id=\? AND status=\? AND \(created_at,id\)<\(\?,\?\)\)$/);
});

test("no statement scans a whole table", () => {
  const control = open();
  const others = target();
  const planOfTarget = (sql) => others.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map((row) => row.detail).join("\n");
  for (const [, name] of numbers) {
    const plan = isTargets(name) ? planOfTarget : control.plan;
    // An index of active runs holds only those: walking it is reading no more than is asked for.
    const plans = plan(text[name]).split("\n").filter((line) => !line.includes("sentinel_runs_one_active"));
    for (const line of plans) assert.doesNotMatch(line, /^ *SCAN (?!CONSTANT ROW|sqlite_master)/, name);
  }
});

test("the control database is told from others", () => {
  assert.deepEqual(open().all("TARGET_OWN"), [{ name: "sentinel_runs" }]);
  const other = target();
  other.exec("CREATE VIEW sentinel_runs AS SELECT 1");
  assert.deepEqual(other.prepare(text.TARGET_OWN).all().map(({ name }) => name), ["sentinel_data"], "it remembers data");
});

test("data is ready once somebody has said so, and each thing may be said twice", () => {
  const db = target();
  const say = (name, ...values) => db.prepare(text[name]).run(...values).changes;
  const find = (mark) => db.prepare(text.DATA_FIND).all(mark).map((row) => row.ready_at);
  assert.deepEqual(find("data-1"), []);
  for (let i = 0; i < 2; i++) say("DATA_BEGIN", "data-1", 100, id(1), 1790000000);
  assert.deepEqual(find("data-1"), [null]);
  for (let i = 0; i < 2; i++) say("DATA_READY", "data-1", 100, id(2), 1790000009);
  assert.deepEqual(find("data-1"), [1790000009]);
  assert.equal(say("DATA_BEGIN", "data-1", 100, id(3), 1790000010), 0, "who finds it changes nothing");
  assert.deepEqual({ ...db.prepare("SELECT items, run_id, created_at FROM sentinel_data").get() }, { items: 100, run_id: id(1), created_at: 1790000000 });
  say("DATA_READY", "data-2", 5, id(4), 1790000020);
  assert.deepEqual([say("DATA_SPOIL", "data-1"), find("data-1"), find("data-2")], [1, [null], [1790000020]]);
  assert.deepEqual([say("DATA_GONE", "data-1"), say("DATA_GONE", "data-1"), find("data-2")], [1, 0, [1790000020]]);
});

test("one active run per tenant, for whoever asks first", () => {
  const db = open();
  insert(db, 1, { active: 1 });
  assert.throws(() => insert(db, 2, { active: 1 }), UNIQUE);
  insert(db, 3);
  insert(db, 4, { tenant: "another", active: 1 });
  assert.deepEqual(db.all("RUN_ACTIVE", "default"), [{ id: id(1) }]);
  assert.throws(() => db.run("RUN_ACTIVATE", id(3), "default", 1790000002), UNIQUE);
  assert.equal(update(db, 1, 1, "completed", null), 1);
  assert.equal(db.run("RUN_ACTIVATE", id(3), "another", 1790000002), 0); // a run of somebody else
  assert.equal(db.run("RUN_ACTIVATE", id(3), "default", 1790000002), 1);
  assert.equal(db.run("RUN_ACTIVATE", id(1), "default", 1790000002), 0); // ended
  assert.equal(db.all("RUNS_TO_POKE").length, 2);
});

test("a run's row takes newer revisions only", () => {
  const db = open();
  insert(db, 1, { active: 1 });
  assert.equal(update(db, 1, 2, "running", 1), 1);
  assert.equal(update(db, 1, 2, "failed", null), 0);
  assert.equal(update(db, 1, 1, "failed", null), 0);
  const [row] = db.all("RUN_GET", id(1), "default");
  assert.equal(row.status, "running");
  assert.equal(row.successful_operations, 98);
  assert.deepEqual(db.all("RUN_GET", id(1), "another"), []);
});

test("the row keeps the most that the run was ever to do, so that whoever has to can sweep up after all of it", () => {
  const db = open();
  insert(db, 1, { active: 1 });
  const planned = () => db.all("RUN_PLAN", id(1))[0].target_operations;
  assert.equal(planned(), 100);
  update(db, 1, 1, "running", 1, 250); // extended
  update(db, 1, 2, "draining", 1, 180); // and stopped
  assert.equal(planned(), 250);
});

test("a row that no object stands behind is closed once, and never over the object's head", () => {
  const db = open();
  insert(db, 1, { active: 1 });
  assert.equal(update(db, 1, 1, "running", 1), 1);
  assert.equal(db.run("RUN_ABANDON", id(1), "why", 1790000100, 0), 0); // the object has written meanwhile
  assert.equal(db.run("RUN_ABANDON", id(1), "why", 1790000100, 1), 1);
  assert.equal(db.run("RUN_ABANDON", id(1), "why", 1790000100, 1), 0);
  const [row] = db.all("RUN_GET", id(1), "default");
  assert.deepEqual([row.status, row.active, row.notes, row.completed_at], ["failed", null, "why", 1790000100]);
});

test("a start that never arrived gives the place back, unless somebody asked again", () => {
  const db = open();
  insert(db, 1);
  db.run("RUN_ACTIVATE", id(1), "default", 1790000010);
  assert.equal(db.run("RUN_RELEASE", id(1), 1790000100, 1790000009), 0);
  assert.equal(db.run("RUN_RELEASE", id(1), 1790000100, 1790000010), 1);
  assert.deepEqual(db.all("RUN_ACTIVE", "default"), []);
});

test("pages are whole, in order, without repetition, also among runs of the same second", () => {
  const db = open();
  for (let n = 0; n < 25; n++) insert(db, n, { at: 1790000000 + Math.floor(n / 10) });
  insert(db, 99, { tenant: "another", at: 1790000050 });
  update(db, 3, 1, "running", 1);
  const seen = [];
  let place = [9e15, ""];
  for (let page; (page = db.all("RUN_LIST", "default", ...place, 4)).length > 0; ) {
    seen.push(...page.map((row) => row.id));
    place = [page.at(-1).created_at, page.at(-1).id];
  }
  assert.deepEqual(seen, Array.from({ length: 25 }, (_, n) => id(24 - n)));
  assert.deepEqual(db.all("RUN_LIST_STATUS", "default", 9e15, "", 10, "running").map((row) => row.id), [id(3)]);
});

test("what a run measured is written once, however often it is sent", () => {
  const db = open();
  insert(db, 1);
  const blob = new Uint8Array([1, 2, 3]);
  for (let times = 0; times < 2; times++) {
    db.run("CHECKPOINT_UPSERT", `${id(1)}:0`, id(1), "default", 0, 1790000030, 30.25, 98, 2, 3.3, 1.5, 0.02);
    db.run("STATS_UPSERT", id(1), "select_test_records", "steady", 98 + times, 2, 1000, 2000, 3000, blob, blob, "{}");
    db.run("SERIES_UPSERT", id(1), 0, 0, blob);
    db.run("METRIC_UPSERT", `${id(1)}:7`, id(1), "default", "d1_reads", "select_test_records", 1790000003, 1790000003,
      12.5, 0, "D1_ERROR", "timeout", 1790000003000000, 7);
  }
  const count = (table) => db.db.prepare(`SELECT COUNT(*) AS n FROM ${table}`).get().n;
  const tables = ["sentinel_checkpoints", "sentinel_stats", "sentinel_series", "sentinel_metrics"];
  assert.deepEqual(tables.map(count), [1, 1, 1, 1]);
  assert.equal(db.db.prepare("SELECT completed FROM sentinel_stats").get().completed, 99);
  db.db.exec("DELETE FROM sentinel_runs");
  assert.deepEqual(tables.map(count), [0, 0, 0, 0]);
});

test("a command is told of while its run is there, and outlives it", () => {
  const db = open();
  const audit = (run, tenant = "default") => db.run("AUDIT_INSERT", 1790000000000000, tenant, "admin", "delete", run, null);
  insert(db, 1);
  assert.deepEqual([audit(id(1)), audit(id(2)), audit(id(1), "another"), audit(null)], [1, 0, 0, 1]);
  assert.deepEqual([audit(id(1)), audit(null)], [0, 0], "written again, since its answer got lost");
  assert.equal(db.run("RUN_DELETE", id(1), "another"), 0);
  assert.equal(db.run("RUN_DELETE", id(1), "default"), 1);
  assert.equal(db.run("RUN_DELETE", id(1), "default"), 0);
  assert.equal(db.db.prepare("SELECT COUNT(*) AS n FROM sentinel_audit").get().n, 2);
});

test("a key holds for a day, one run each, and goes with a run that failed to be set up or is gone", () => {
  const db = open();
  const day = 86400e6;
  const key = (n, key, at, tenant = "default") => db.run("KEY_INSERT", tenant, key, "hash", id(n), at);
  const known = (key, since) => db.all("KEY_GET", "default", key, since).map((row) => row.run_id);
  for (const n of [1, 2, 3]) insert(db, n);
  key(1, "one", day);
  key(1, "one", day, "another");
  assert.throws(() => key(2, "one", day), UNIQUE);
  assert.deepEqual([known("one", day), known("one", day + 1), known("two", day)], [[id(1)], [], []]);
  assert.equal(db.run("KEY_EXPIRE", "default", "one", day), 0);
  assert.equal(db.run("KEY_EXPIRE", "default", "one", day + 1), 1);
  key(1, "one", 2 * day);
  assert.equal(db.run("KEY_FORGET", id(1)), 0);
  db.run("RUN_ABANDON", id(1), "why", 1790000100, 0);
  assert.equal(db.run("KEY_FORGET", id(1)), 2); // both tenants' here, whose runs have the same id
  key(2, "two", 2 * day);
  db.run("RUN_DELETE", id(2), "default");
  assert.equal(db.run("KEY_FORGET", id(2)), 1);
  for (let n = 0; n < 600; n++) key(3, `key ${n}`, n);
  assert.equal(db.run("KEYS_EXPIRE", 550), 500); // a bounded batch, the oldest first
  assert.deepEqual([known("key 499", 0), known("key 500", 0)], [[], [id(3)]]);
  assert.equal(db.run("KEYS_EXPIRE", 550), 50);
});

test("what is due is found by an index, waits for its tenant, and makes way after it was tried", () => {
  const db = open();
  const now = 1790000000, day = 86400;
  const due = () => db.all("RUNS_DUE", now, now - day).map((row) => row.id);
  insert(db, 1, { at: now - 900, scheduled: now - 60 });
  insert(db, 2, { at: now - 900, scheduled: now - 120 });
  insert(db, 3, { at: now - 900, scheduled: now + 1 });
  insert(db, 4, { at: now - 900 });
  insert(db, 5, { tenant: "another", at: now - 900, scheduled: now });
  assert.deepEqual(due(), [id(2), id(1), id(5)]);
  const [{ updated_at: touched }] = db.all("RUNS_DUE", now, now - day);
  assert.equal(db.run("RUN_ACTIVATE_DUE", id(2), now, touched + 1), 0); // somebody else had it in hand meanwhile
  assert.equal(db.run("RUN_ACTIVATE_DUE", id(2), now, touched), 1);
  assert.deepEqual(due(), [id(5)]); // the tenant has an active run
  assert.throws(() => db.run("RUN_ACTIVATE_DUE", id(1), now, touched), UNIQUE);
  db.run("RUN_RELEASE", id(2), now - 30, now);
  assert.deepEqual(due(), [id(1), id(2), id(5)]); // tried half a minute ago
  insert(db, 6, { active: 1, at: now - 2 * day });
  insert(db, 7, { at: now - 2 * day, scheduled: now - day - 1 });
  assert.deepEqual(due(), [id(7), id(5)]); // which can wait no longer
  update(db, 7, 1, "cancelled", null);
  assert.deepEqual(due(), [id(5)]);
  assert.match(db.plan(text.RUNS_DUE), /^SEARCH run USING INDEX sentinel_runs_due \(scheduled_at<\?\)/);
});

test("runs are counted by status along an index", () => {
  const db = open();
  for (const n of [1, 2, 3]) insert(db, n);
  insert(db, 4, { tenant: "another" });
  update(db, 2, 1, "running", 1);
  assert.deepEqual(db.all("RUNS_BY_STATUS", "default"), [{ status: "pending", runs: 2 }, { status: "running", runs: 1 }]);
  assert.match(db.plan(text.RUNS_BY_STATUS), /^SEARCH sentinel_runs USING COVERING INDEX sentinel_runs_by_status/);
});

test("the words of the columns are the words of the core", () => {
  const vocab = read("include/sentinel/base/vocab.h");
  const words = (list) => {
    const body = vocab.slice(vocab.indexOf(`#define ${list}(`)).split(/(?<!\\)\n/)[0];
    return [...body.matchAll(/X\(\w+, "([^"]+)"\)/g)].map(([, word]) => word);
  };
  const db = open();
  assert.equal(words("SN_PROFILE_TYPE_LIST").length, 6);
  assert.equal(words("SN_RUN_STATUS_LIST").length, 7);
  words("SN_PROFILE_TYPE_LIST").forEach((profile, n) => insert(db, n, { profile }));
  assert.throws(() => insert(db, 50, { profile: "smoke" }), /CHECK constraint failed/);
  const set = (column, word) => db.db.prepare(`UPDATE sentinel_runs SET ${column} = ?`).run(word);
  words("SN_RUN_STATUS_LIST").forEach((word) => set("status", word));
  words("SN_VALIDITY_LIST").forEach((word) => set("validity", word));
  words("SN_VERDICT_LIST").forEach((word) => set("verdict", word));
  assert.throws(() => set("status", "stopped"), /CHECK constraint failed/);
  assert.throws(() => set("active", 0), /CHECK constraint failed/);
});

test("nothing of the control database's tables belongs to a target", () => {
  assert.doesNotMatch(migration, /sentinel_test_data|CREATE TABLE (?!sentinel_)/);
});

// --- Baselines ----------------------------------------------------------------------------------------------------

const HASH = "00000000000000ff";
const baselineId = (n) => `bbbbbbbb-0000-4000-8000-${String(n).padStart(12, "0")}`;

// What the API binds when it makes one of run `run`.
function keep(db, n, { run = 1, tenant = "default", active = 1, at = 1790000100 } = {}) {
  const kept = db.run("BASELINE_INSERT", baselineId(n), tenant, `baseline ${n}`, null, id(run), JSON.stringify([id(run)]),
    60, 6000, 6000, 6, 99.5, 6, 12, 16, 0.001, null, new Uint8Array([1, 2, 255]), at);
  if (active) activate(db, n, { tenant, at });
  return kept;
}

function activate(db, n, { tenant = "default", at }) {
  db.run("BASELINE_SUPERSEDE", tenant, baselineId(n), at);
  return db.run("BASELINE_UPDATE", baselineId(n), tenant, null, null, null, 1, at);
}

test("a plan has at most one active baseline, and each plan its own", () => {
  const db = open();
  insert(db, 1);
  insert(db, 2, { tenant: "another" });
  assert.equal(keep(db, 1), 1);
  assert.equal(keep(db, 2), 1);
  assert.equal(keep(db, 3, { active: 0 }), 1);
  assert.equal(keep(db, 4, { run: 2, tenant: "another" }), 1);
  assert.equal(keep(db, 5, { run: 2 }), 0); // a run of somebody else: nothing changes
  const active = () => db.all("BASELINE_LIST", "default", null).filter(({ is_active }) => is_active).map((row) => row.id);
  assert.deepEqual(active(), [baselineId(2)]);
  assert.deepEqual(db.all("BASELINE_COUNT", "default"), [{ baselines: 3 }]);
  assert.throws(() => db.run("BASELINE_UPDATE", baselineId(3), "default", null, null, null, 1, 1790000200), UNIQUE);
  assert.equal(activate(db, 3, { at: 1790000200 }), 1);
  assert.deepEqual(activate(db, 4, { at: 1790000200 }), 0); // somebody else's
  assert.deepEqual(active(), [baselineId(3)]);
  assert.equal(db.all("BASELINE_LIST", "another", HASH)[0].is_active, 1);
  assert.deepEqual(db.all("BASELINE_LIST", "another", "00000000000000fe"), []);
});

test("a baseline keeps what it was made of, and changes only where it is told to", () => {
  const db = open();
  insert(db, 1);
  keep(db, 1);
  assert.equal(db.run("RUN_DELETE", id(1), "default"), 1);
  const [before] = db.all("BASELINE_GET", baselineId(1), "default");
  assert.deepEqual([before.plan_hash, before.source_run_ids, before.activated_at], [HASH, JSON.stringify([id(1)]), 1790000100]);
  assert.equal(db.run("BASELINE_UPDATE", baselineId(1), "default", "b", null, '{"50":0.2}', null, 1790000200), 1);
  assert.equal(db.run("BASELINE_UPDATE", baselineId(1), "another", "c", null, null, null, 1790000200), 0);
  const [after] = db.all("BASELINE_GET", baselineId(1), "default");
  assert.deepEqual(after, { ...before, name: "b", floors: '{"50":0.2}', updated_at: 1790000200 });
  db.run("BASELINE_UPDATE", baselineId(1), "default", null, null, null, 1, 1790000300); // active already: nothing new
  assert.equal(db.all("BASELINE_GET", baselineId(1), "default")[0].activated_at, 1790000100);
  assert.deepEqual(db.all("BASELINE_ACTIVE", "default", HASH, 1790000101), [
    { id: baselineId(1), name: "b", spreads: null, floors: '{"50":0.2}', baseline_throughput: 99.5, runs: 1, compared: "0102FF" },
  ]);
  assert.deepEqual(db.all("BASELINE_ACTIVE", "default", HASH, 1790000100), []); // of a run that had ended before
  assert.equal(db.run("BASELINE_DELETE", baselineId(1), "another"), 0);
  assert.equal(db.run("BASELINE_DELETE", baselineId(1), "default"), 1);
});

test("a run is compared once, by whoever is first, with the baseline of its own time", () => {
  const db = open();
  insert(db, 1, { active: 1, at: 1790000000 });
  assert.deepEqual(db.all("RUNS_TO_COMPARE"), []);
  update(db, 1, 1, "completed", null); // without an end
  db.db.exec("UPDATE sentinel_runs SET completed_at = 1790000050");
  assert.deepEqual(db.all("RUNS_TO_COMPARE"), [{ id: id(1), tenant_id: "default", plan_hash: HASH, completed_at: 1790000050 }]);
  keep(db, 1, { at: 1790000040 });
  const told = () => db.all("RUN_GET", id(1), "default").map((row) => [row.baseline_id, row.comparison])[0];
  assert.deepEqual(told(), [baselineId(1), null]);
  assert.equal(db.run("RUN_COMPARED", id(1), "another", "{}"), 0);
  assert.equal(db.run("RUN_COMPARED", id(1), "default", '{"verdict":"same"}'), 1);
  assert.equal(db.run("RUN_COMPARED", id(1), "default", '{"verdict":"slower"}'), 0);
  assert.deepEqual(db.all("RUN_COMPARISON", id(1), "default"), [{ comparison: '{"verdict":"same"}' }]);
  assert.deepEqual(db.all("RUNS_TO_COMPARE"), []);
  keep(db, 2, { at: 1790000060 }); // after its end
  assert.deepEqual(told(), [null, '{"verdict":"same"}']);
});

test("a plan's runs walk an index, of one status too", () => {
  const db = open();
  assert.match(db.plan(text.RUN_LIST_PLAN), /USING INDEX sentinel_runs_by_plan \(tenant_id=\? AND plan_hash=\? AND \(created_at,id\)<\(\?,\?\)\)/);
  for (let n = 0; n < 6; n++) insert(db, n, { at: 1790000000 + n });
  update(db, 3, 1, "completed", null);
  assert.equal(db.all("RUN_LIST_PLAN", "default", 9e15, "", 10, HASH, null).length, 6);
  assert.deepEqual(db.all("RUN_LIST_PLAN", "default", 9e15, "", 10, HASH, "completed").map((row) => row.id), [id(3)]);
  assert.deepEqual(db.all("RUN_LIST_PLAN", "default", 9e15, "", 10, "00000000000000fe", null), []);
});

// --- Schedules ----------------------------------------------------------------------------------------------------

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

// --- The outbox --------------------------------------------------------------------------------------------------

const HOOK = { url: "https://hooks.example/a" };
const planned = (db, n, plan, active = 1) => {
  insert(db, n, { active });
  db.db.prepare("UPDATE sentinel_runs SET config_snapshot = ? WHERE id = ?").run(JSON.stringify(plan), id(n));
};
const end = (db, n, status, { verdict = "none", notes = null, failed = 2 } = {}) =>
  db.run("RUN_UPDATE", id(n), 9, status, null, 1790000001, 1790000030, 100, 100 - failed, failed,
    1.5, 1, 2, 3, 9.25, 0.5, 33.3, failed, "{}", "valid", verdict, notes, 1790000031);
const letters = (db) => db.db.prepare("SELECT * FROM sentinel_outbox ORDER BY target, event, url").all().map((row) => ({ ...row, facts: JSON.parse(row.facts) }));

test("a run's end writes the messages of its plan, once and in the same transaction", () => {
  const db = open();
  planned(db, 1, { alerts: { webhooks: [HOOK, { to: "ops", format: "slack", events: ["threshold-failed", "regression"] }] } });
  update(db, 1, 1, "running", 1);
  assert.deepEqual(letters(db), []);
  db.db.exec("BEGIN");
  end(db, 1, "completed", { verdict: "failed" });
  db.db.exec("ROLLBACK");
  assert.deepEqual(letters(db), [], "no change, no message");
  for (let times = 0; times < 2; times++) end(db, 1, "completed", { verdict: "failed" });
  assert.deepEqual(
    letters(db).map(({ target, event, url, format, due_us, state, facts }) => [target, event, url, format, due_us, state, facts.failed]),
    [
      ["webhook", "finished", HOOK.url, "json", 1790000031000000, "waiting", 2],
      ["webhook", "threshold-failed", HOOK.url, "json", 1790000031000000, "waiting", 2],
      ["webhook", "threshold-failed", "ops", "slack", 1790000031000000, "waiting", 2],
    ],
  );
  assert.equal(new Set(letters(db).map((row) => row.id)).size, 3);
});

test("whoever ends a run, its messages are written; a text that is no plan is no hindrance", () => {
  const db = open();
  const plan = { alerts: { webhooks: [HOOK] } };
  planned(db, 1, plan);
  db.run("RUN_ABANDON", id(1), "why", 1790000100, 0);
  planned(db, 2, plan);
  db.run("RUN_SWEPT", id(2), 5, "cancelled", null, 1790000100, "why", 1790000100);
  planned(db, 3, plan);
  end(db, 3, "cancelled", { notes: "it had cost 1.01 USD, and maxCostUsd lets it cost 1.00 USD" });
  for (const [n, text] of [[4, "no JSON"], [5, null], [6, "7"], [7, '{"alerts":{"webhooks":3}}'], [8, '{"alerts":{"webhooks":[5]}}']]) {
    planned(db, n, {});
    db.db.prepare("UPDATE sentinel_runs SET config_snapshot = ? WHERE id = ?").run(text, id(n));
    assert.equal(end(db, n, "completed"), 1, text);
  }
  const seen = letters(db).filter(({ url }) => url).map(({ run_id, event }) => [run_id, event]).sort();
  assert.deepEqual(seen, [[id(1), "finished"], [id(2), "finished"], [id(3), "budget-reached"], [id(3), "finished"]]);
});

test("maintenance that was asked for ends with the run, or with a start that came to nothing", () => {
  const db = open();
  for (const n of [1, 2, 3]) planned(db, n, { maintenance: { component: "blog-engine" } }, null);
  const on = (n, since, before = "partial_outage", state = "wanted") => db.run("MAINTENANCE_PUT", id(n), "default", "blog-engine", before, state, since, null);
  db.run("RUN_ACTIVATE", id(1), "default", 1790000010);
  on(1, 5);
  db.run("RUN_RELEASE", id(1), 1790000100, 1790000010);
  assert.deepEqual(letters(db).map(({ event, facts }) => [event, facts.before, facts.sinceUs]), [["released", "partial_outage", 5]]);
  // Started again: it finds its own maintenance, and knows better.
  db.run("RUN_ACTIVATE", id(1), "default", 1790000110);
  on(1, 6, "maintenance", "on");
  end(db, 1, "failed");
  const [first, second] = letters(db);
  assert.deepEqual([first.event, first.facts.before, first.facts.sinceUs, first.facts.maintenance], ["finished", "partial_outage", 6, "on"]);
  assert.deepEqual(db.all("OUTBOX_SINCE", second.id), [{ since_us: 6 }], "so the earlier message is superseded");
  db.run("MAINTENANCE_SET", id(1), 6, "off", null);
  // A run that never started had none, and one whose maintenance is over has none any more.
  end(db, 2, "cancelled");
  on(3, 7);
  db.run("MAINTENANCE_SET", id(3), 7, "off", null);
  end(db, 3, "completed");
  assert.equal(letters(db).length, 2);
});

test("a message is claimed once, and what nobody took can be sent again", () => {
  const db = open();
  planned(db, 1, { alerts: { webhooks: [HOOK] } });
  end(db, 1, "completed");
  const [{ id: letter, attempts }] = db.all("OUTBOX_DUE", 1790000031000000);
  assert.equal(attempts, 0);
  assert.equal(db.all("OUTBOX_CLAIM", letter, 0, 1790000151000000, 1790000031000000).length, 1);
  assert.deepEqual(db.all("OUTBOX_CLAIM", letter, 0, 1790000151000000, 1790000031000000), [], "another tick");
  assert.deepEqual(db.all("OUTBOX_DUE", 1790000150000000), []);
  assert.equal(db.run("OUTBOX_FAILED", letter, 0, "dead", 0, "HTTP 500"), 0, "of an earlier try");
  assert.equal(db.run("OUTBOX_FAILED", letter, 1, "dead", 0, "HTTP 410"), 1);
  assert.deepEqual(db.all("OUTBOX_DUE", 1790009999000000), []);
  assert.equal(db.run("OUTBOX_EXPIRE", 1790000031000000), 0, "not yet that old");
  assert.deepEqual(db.all("OUTBOX_LIST", "default", "dead").map((row) => [row.id, row.error]), [[letter, "HTTP 410"]]);
  assert.deepEqual(db.all("OUTBOX_LIST", "another", null), []);
  assert.deepEqual(db.all("OUTBOX_RESEND", letter, "another", 8), []);
  assert.deepEqual(db.all("OUTBOX_RESEND", letter, "default", 8).map((row) => [row.state, row.attempts, row.due_us]), [["waiting", 0, 8]]);
  db.run("RUN_DELETE", id(1), "default");
  assert.deepEqual(db.all("OUTBOX_CLAIM", letter, 0, 20, 8).map((row) => row.run_id), [null], "it outlives its run");
  assert.equal(db.run("OUTBOX_EXPIRE", 1790000031000001), 0, "who waits does not grow old");
  db.run("OUTBOX_FAILED", letter, 1, "dead", 0, "HTTP 410");
  assert.equal(db.run("OUTBOX_EXPIRE", 1790000031000001), 1);
  assert.deepEqual(letters(db), []);
});
