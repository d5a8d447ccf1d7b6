// Messages to the outside in the control database: who writes them, and who may send them.
import assert from "node:assert/strict";
import test from "node:test";
import { id, insert, open, update } from "./sql.mjs";

const HOOK = { url: "https://hooks.example/a" };
const planned = (db, n, plan, active = 1) => {
  insert(db, n, { active });
  db.db.prepare("UPDATE sentinel_runs SET config_snapshot = ? WHERE id = ?").run(JSON.stringify(plan), id(n));
};
const end = (db, n, status, { verdict = "none", notes = null, by = "completed", failed = 2 } = {}) =>
  db.run("RUN_UPDATE", id(n), 9, status, null, 1790000001, 1790000030, 100, 100 - failed, failed,
    1.5, 1, 2, 3, 9.25, 0.5, 33.3, failed, "{}", "valid", verdict, notes, 1790000031, by, 100);
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
  db.run("RUN_ABANDON", id(1), "why", 1790000100, 0, "error");
  planned(db, 2, plan);
  db.run("RUN_SWEPT", id(2), 5, "cancelled", null, 1790000100, "why", 1790000100, "lost");
  planned(db, 3, plan);
  end(db, 3, "cancelled", { by: "budget" });
  planned(db, 10, plan);
  end(db, 10, "cancelled", { by: "kill-switch" });
  planned(db, 9, plan);
  end(db, 9, "cancelled", { notes: "it had cost 1.01 USD, and maxCostUsd lets it cost 1.00 USD", by: "cancel" });
  for (const [n, text] of [[4, "no JSON"], [5, null], [6, "7"], [7, '{"alerts":{"webhooks":3}}'], [8, '{"alerts":{"webhooks":[5]}}']]) {
    planned(db, n, {});
    db.db.prepare("UPDATE sentinel_runs SET config_snapshot = ? WHERE id = ?").run(text, id(n));
    assert.equal(end(db, n, "completed"), 1, text);
  }
  const seen = letters(db).filter(({ url }) => url).map(({ run_id, event }) => [run_id, event]).sort();
  assert.deepEqual(seen, [[id(1), "finished"], [id(2), "finished"], [id(3), "budget-reached"], [id(3), "finished"], [id(9), "finished"], [id(10), "finished"], [id(10), "kill-switch"]]);
  assert.deepEqual(letters(db).filter(({ event, url }) => url && event === "finished").map(({ facts }) => facts.endedBy).sort(), ["budget", "cancel", "error", "kill-switch", "lost"]);
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

test("a run that is deleted while its start is on the way gives its component back", () => {
  const db = open();
  for (const n of [1, 2, 3, 4, 5]) planned(db, n, { maintenance: { component: "blog-engine" } }, null);
  const on = (n, since) => db.run("MAINTENANCE_PUT", id(n), "default", "blog-engine", "partial_outage", "on", since, null);
  const active = (n) => db.run("RUN_ACTIVATE", id(n), "default", 1790000010);
  active(1);
  on(1, 5);
  assert.equal(db.run("RUN_DELETE", id(1), "default"), 1);
  const [letter, ...others] = letters(db);
  assert.deepEqual(others, []);
  assert.deepEqual([letter.run_id, letter.event, letter.target, letter.tenant_id], [null, "released", "clearing", "default"]);
  assert.deepEqual([letter.facts.runId, letter.facts.component, letter.facts.before, letter.facts.maintenance, letter.facts.sinceUs],
    [id(1), "blog-engine", "partial_outage", "on", 5]);
  assert.deepEqual([letter.created_us, letter.due_us], [1790000010000000, 1790000070000000], "not before whoever started it");
  assert.equal(db.all("OUTBOX_CLAIM", letter.id, 0, 1790000190000000, 1790000070000000).length, 1);
  assert.deepEqual(db.all("OUTBOX_SINCE", letter.id), [], "nothing supersedes it");
  db.run("OUTBOX_DELIVERED", letter.id);
  // Nothing is told of one that had no maintenance, or whose component has it back already.
  active(2);
  db.run("RUN_DELETE", id(2), "default");
  active(3);
  on(3, 6);
  db.run("MAINTENANCE_SET", id(3), 6, "off", null);
  db.run("RUN_DELETE", id(3), "default");
  assert.deepEqual(letters(db), []);
  // Nor twice of one that was released, or has ended.
  active(4);
  on(4, 7);
  db.run("RUN_RELEASE", id(4), 1790000100, 1790000010);
  db.run("RUN_DELETE", id(4), "default");
  active(5);
  on(5, 8);
  end(db, 5, "cancelled");
  db.run("RUN_DELETE", id(5), "default");
  assert.deepEqual(letters(db).map(({ event, facts }) => [event, facts.runId]), [["finished", id(5)], ["released", id(4)]]);
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

// --- Schedules and baselines ----------------------------------------------------------------------------------------

const schedule = (db, n, { plan = "{}", maintenance = null, alerts = null } = {}) =>
  db.run("SCHEDULE_INSERT", id(n), "default", `schedule ${n}`, null, "* * * * *", "standard", "UTC", "skip", "skip", 0, plan,
    null, "smoke", "00000000000000ff", "sustained", 100, 30, 5, '["d1_reads"]', maintenance, alerts, 1, 1790000040, 1790000040, "[]", 1790000000);
const scheduled = (db, run, n) => db.run("SCHEDULE_RUN_INSERT", id(run), id(n), "default", 0, 1, "schedule", 1790000041, 1790000041, 1790000040, 0);
const snapshot = (db, n) => db.db.prepare("SELECT config_snapshot FROM sentinel_runs WHERE id = ?").get(id(n)).config_snapshot;

test("what a schedule says of maintenance and alerts takes the place of what its plan says", () => {
  const plan = { maintenance: { component: "a", message: "plan" }, alerts: { webhooks: [{ to: "ops" }] }, seed: 7 };
  const rows = [
    [{}, JSON.stringify(plan)],
    [{ maintenance: '{"component":"b"}' }, JSON.stringify({ ...plan, maintenance: { component: "b" } })],
    [{ alerts: JSON.stringify({ webhooks: [HOOK] }) }, JSON.stringify({ ...plan, alerts: { webhooks: [HOOK] } })],
    [{ maintenance: '{"component":"b"}', alerts: '{"webhooks":[]}' }, JSON.stringify({ ...plan, maintenance: { component: "b" }, alerts: { webhooks: [] } })],
  ];
  for (const [own, expected] of rows) {
    const db = open();
    schedule(db, 1, { plan: JSON.stringify(plan), ...own });
    scheduled(db, 100, 1);
    assert.equal(snapshot(db, 100), expected);
    assert.equal(db.all("MAINTENANCE_ASKED", id(100))[0].component, own.maintenance ? "b" : "a");
  }
  const db = open(); // byte for byte as it was sent where there is nothing to add
  schedule(db, 1, { plan: '{ "seed": 18446744073709551615 }' });
  scheduled(db, 100, 1);
  assert.equal(snapshot(db, 100), '{ "seed": 18446744073709551615 }');
});

test("runs of a schedule share what the Clearing is told, whatever they are called", () => {
  const db = open();
  schedule(db, 1, { plan: '{"name":"x"}', maintenance: '{"component":"a"}' });
  scheduled(db, 100, 1);
  planned(db, 7, {}, null);
  for (const n of [100, 7]) {
    db.run("MAINTENANCE_PUT", id(n), "default", "a", "operational", "on", 5, null);
    end(db, n, "completed");
  }
  assert.deepEqual(letters(db).map(({ run_id, facts }) => [run_id, facts.key]).sort(), [[id(7), "run 7"], [id(100), id(1)]]);
});

test("a schedule that is paused tells its webhooks, or those of its plan, once", () => {
  const plan = JSON.stringify({ alerts: { webhooks: [{ to: "ops", format: "slack", events: ["schedule-paused"] }, { to: "others", events: ["finished"] }] } });
  const told = (db) => letters(db).map(({ tenant_id, run_id, target, event, url, format, due_us, facts }) => [tenant_id, run_id, target, event, url, format, due_us, facts.name, facts.scheduleId, facts.reason]);
  const rows = [[{ plan }, "ops", "slack"], [{ plan, alerts: JSON.stringify({ webhooks: [HOOK] }) }, HOOK.url, "json"]];
  for (const [own, url, format] of rows) {
    const db = open();
    schedule(db, 1, own);
    schedule(db, 2);
    assert.equal(db.run("SCHEDULE_PAUSE", id(2), 0, "nobody hears of it", 1790000050), 1);
    assert.equal(db.run("SCHEDULE_PAUSE", id(1), 3, "of an earlier revision", 1790000050), 0);
    assert.equal(db.run("SCHEDULE_PAUSE", id(1), 0, "why", 1790000051), 1);
    assert.equal(db.run("SCHEDULE_PAUSE", id(1), 1, "again", 1790000052), 0);
    assert.deepEqual(told(db), [["default", null, "webhook", "schedule-paused", url, format, 1790000051000000, "schedule 1", id(1), "why"]]);
  }
});

test("a run that is slower than its baseline tells the webhooks of its plan, once", () => {
  const db = open();
  const compared = (n, verdict) => db.run("RUN_COMPARED", id(n), "default", JSON.stringify({ baseline: { id: id(9), name: "May" }, verdict }));
  for (const n of [1, 2, 3]) {
    planned(db, n, { alerts: { webhooks: [HOOK, { to: "ops", events: ["regression"] }, { to: "others", events: ["finished"] }] } }, null);
    end(db, n, "completed");
  }
  db.db.exec("DELETE FROM sentinel_outbox");
  assert.deepEqual([compared(1, "slower"), compared(1, "slower"), compared(2, "same"), db.run("RUN_COMPARED", id(3), "default", "null")], [1, 0, 1, 1]);
  assert.deepEqual(letters(db).map(({ run_id, event, url, facts }) => [run_id, event, url, facts.baseline, facts.status]), [
    [id(1), "regression", HOOK.url, "May", "completed"],
    [id(1), "regression", "ops", "May", "completed"],
  ]);
});
