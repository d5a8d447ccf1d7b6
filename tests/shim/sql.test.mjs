// The control database's statements against its migrations.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { UNIQUE, id, insert, isTargets, migration, numbers, open, read, target, text, update } from "./sql.mjs";

test("every statement of the list prepares, and has a text of its own", () => {
  const { db } = open();
  assert.ok(numbers.length >= 12);
  assert.equal(new Set(numbers.map(([, , number]) => number)).size, numbers.length);
  for (const [, name] of numbers) assert.doesNotThrow(() => (isTargets(name) ? target() : db).prepare(text[name]), name);
});

// A parameter more and D1 refuses the statement, which a database in this process does not.
test("no statement binds more than D1 takes", () => {
  const limits = readFileSync(new URL("../../include/sentinel/base/limits.h", import.meta.url), "utf8");
  const most = Number(/#define SN_BIND_MAX (\d+)/.exec(limits)[1]);
  for (const [, name] of numbers) {
    const numbered = [...text[name].matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
    assert.doesNotMatch(text[name], /\?(?!\d)/, name); // so that the numbers are all there is
    assert.ok(Math.max(0, ...numbered) <= most, `${name} binds ${Math.max(...numbered)}`);
  }
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
    if (name === "HEALTH") continue; // it walks a list of its own
    const plan = isTargets(name) ? planOfTarget : control.plan;
    // Indexes of active runs and of those that are to stop hold only those: walking one is reading no more than is asked for.
    const plans = plan(text[name]).split("\n").filter((line) => !/sentinel_runs_(one_active|stopping)/.test(line));
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
  assert.equal(db.run("RUN_ABANDON", id(1), "why", 1790000100, 0, "error"), 0); // the object has written meanwhile
  assert.equal(db.run("RUN_ABANDON", id(1), "why", 1790000100, 1, "error"), 1);
  assert.equal(db.run("RUN_ABANDON", id(1), "why", 1790000100, 1, "error"), 0);
  const [row] = db.all("RUN_GET", id(1), "default");
  assert.deepEqual([row.status, row.active, row.notes, row.ended_by, row.completed_at], ["failed", null, "why", "error", 1790000100]);
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
  db.run("RUN_ABANDON", id(1), "why", 1790000100, 0, "error");
  assert.equal(db.run("KEY_FORGET", id(1)), 2); // both tenants' here, whose runs have the same id
  key(4, "four", 2 * day);
  insert(db, 4, { active: 1 });
  assert.equal(db.run("KEY_FORGET", id(4)), 0);
  assert.equal(db.run("KEY_WITHDRAW", id(4)), 1, "whatever the row says yet");
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
