// Baselines in the control database.
import assert from "node:assert/strict";
import test from "node:test";
import { UNIQUE, id, insert, open, text, update } from "./sql.mjs";

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
