// A run's ledger held against what the databases and stores say themselves, and its estimate held against the ledger.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { root } from "../made.mjs";

const SYSTEMS = ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_download", "r2_upload", "auth_flows", "post_crud", "media_ops"];

// By meter, what the gauge saw of the objects of one run: it stands between them and their bindings.
async function meters(s, id) {
  const rows = {}, methods = {};
  for (const object of Object.values((await s.get("/gauge")).objects)) {
    if (!object.name.includes(id)) continue; // the second sweep of a run before
    for (const [method, n] of Object.entries(object.methods)) methods[method] = (methods[method] ?? 0) + n;
    for (const [db, texts] of Object.entries(object.rows)) {
      for (const [text, { calls, read, written }] of Object.entries(texts)) {
        const sum = ((rows[db] ??= {})[text] ??= { calls: 0, read: 0, written: 0 });
        Object.assign(sum, { calls: sum.calls + calls, read: sum.read + read, written: sum.written + written });
      }
    }
  }
  const sum = (db, of) => Object.values(rows[db] ?? {}).reduce((total, text) => total + text[of], 0);
  const calls = (...names) => names.reduce((total, name) => total + (methods[name] ?? 0), 0);
  return {
    rows,
    cleared: calls("PROBES.clear"),
    control: { d1RowsRead: sum("DB", "read"), d1RowsWritten: sum("DB", "written") },
    target: {
      d1RowsRead: sum("TARGET_DB", "read"),
      d1RowsWritten: sum("TARGET_DB", "written"),
      kvReads: calls("TARGET_KV.getWithMetadata", "TARGET_KV.get"),
      kvWrites: calls("TARGET_KV.put"),
      kvDeletes: calls("TARGET_KV.delete"),
      kvLists: calls("TARGET_KV.list"),
      r2ClassA: calls("TARGET_R2.put", "TARGET_R2.list"),
      r2ClassB: calls("TARGET_R2.get", "TARGET_R2.head"),
      r2Deletes: calls("TARGET_R2.delete"),
      objectRequests: Object.entries(methods).reduce((sum, [name, n]) => sum + (name.startsWith("PROBES.") ? n : 0), 0),
    },
  };
}

const unitsOf = ({ meters }) => Object.fromEntries(meters.map(({ meter, units }) => [meter, units]));

// Statements with what the workload says of their rows; DELETEs of the clean-up are for each row that they take away.
function* statements(value) {
  if (Array.isArray(value)) for (const each of value) yield* statements(each);
  else if (value && typeof value === "object") {
    const sql = value.sql ?? value.d1;
    if (typeof sql === "string" && sql !== "batch") yield { sql, rows: value.rows };
    for (const each of Object.values(value)) yield* statements(each);
  }
}

// As src/plan/step_sql.c has it.
function assumed({ sql, rows }) {
  if (rows) return { read: 0, written: 0, ...rows };
  if (sql.includes("INSERT ")) return { read: 0, written: 3 };
  if (sql.includes("UPDATE ")) return { read: 2, written: 1 };
  if (sql.includes("DELETE ")) return { read: 4, written: 1 };
  return { read: Number(/LIMIT (\d+)(?!.*LIMIT)/.exec(sql)?.[1] ?? 1), written: 0 };
}

export const near = (a, b, share, slack) => Math.abs(a - b) <= Math.max(share * b, slack);

// A run of a workload to its end, when all that it has to tell is in the control database: its state, the estimate beforehand, its
// report, what was metered meanwhile, and the costs of its frames.
async function metered(s, workload, plan) {
  await s.ask("POST", "/gauge");
  const targetSystems = workload === "systems" ? SYSTEMS : undefined; // a plan of this type has four of them
  const whole = { preset: undefined, profileType: "sustained", concurrency: 10, seed: 5, workload, targetSystems, ...plan };
  const estimate = (await s.post("/api/sentinel/plan", whole)).plan.cost;
  const id = await s.create(whole);
  const messages = await s.follow(id, { timeoutMs: 120_000 });
  const { state } = messages.at(-1);
  assert.deepEqual([state.status, state.counts.failed], ["completed", 0]);
  // A clean-up that is over is told of before the run ends; the database has all when its row says so.
  await s.eventually("everything is in the control database", async () => {
    const { n } = await s.env.DB.prepare("SELECT COUNT(*) AS n FROM sentinel_metrics WHERE run_id = ?").bind(id).first();
    return n > 0 && n === (await s.get(`/api/sentinel/${id}/report`)).exemplars.kept;
  });
  const costs = messages.filter(({ type }) => type === "frame").map(({ costUsd }) => costUsd);
  return { state, estimate, costs, report: await s.get(`/api/sentinel/${id}/report`), seen: await meters(s, id) };
}

// What was metered is what the ledger says, row for row and call for call.
function assertLedger({ report, seen, costs }) {
  assert.ok(costs.every((usd, i) => i === 0 || usd >= costs[i - 1]), `what was spent stays spent: ${costs}`);
  const target = unitsOf(report.cost.target);
  assert.deepEqual(target, Object.fromEntries(Object.entries(seen.target).filter(([, units]) => units > 0)));
  const own = unitsOf(report.cost.own);
  assert.deepEqual([own.d1RowsRead, own.d1RowsWritten], [seen.control.d1RowsRead, seen.control.d1RowsWritten]);
  assert.ok(report.cost.usd >= costs.at(-1) && report.cost.load.usd < report.cost.target.usd);
}

// The estimate has the sweep too, which deletes from KV and R2 and clears objects once more.
function assertEstimate({ report, estimate, seen }) {
  const swept = { kvDeletes: 2, r2Deletes: 2, objectRequests: 1 + seen.cleared / seen.target.objectRequests };
  const expected = unitsOf(estimate.target);
  for (const [meter, units] of Object.entries(unitsOf(report.cost.target))) {
    const all = units * (swept[meter] ?? 1);
    assert.ok(near(expected[meter], all, 0.2, 15), `${meter}: ${expected[meter]} were estimated, ${all} were used`);
  }
  const sweepUsd = report.cost.target.meters.reduce((sum, { meter, usd }) => sum + usd * ((swept[meter] ?? 1) - 1), 0);
  assert.ok(near(estimate.target.usd, report.cost.target.usd + sweepUsd, 0.2, 0), `${estimate.target.usd} at the target instead of ${report.cost.target.usd + sweepUsd}`);
  const total = report.cost.usd + sweepUsd;
  assert.ok(near(estimate.usd, total, 0.2, 0), `${estimate.usd} were estimated in all, ${total} were used`);
  assert.ok(near(report.cost.estimate.usd, estimate.usd, 1e-9, 0));
}

// Each statement reads and writes what the workload says of it.  Gives how many were compared.
export function assertStatements(workload, { seen }) {
  const file = (name) => JSON.parse(readFileSync(`${root}src/plan/workloads/${name}.json`, "utf8"));
  const { operations, prepare, cleanup } = file(file(workload).of ?? workload);
  let compared = 0;
  for (const statement of statements([operations, prepare])) {
    const got = seen.rows.TARGET_DB?.[statement.sql];
    if (!got) continue; // no operation had it, be it by chance
    compared += 1;
    const said = assumed(statement);
    assert.ok(near(got.read / got.calls, said.read, 0.2, 0.5), `${statement.sql} reads ${got.read / got.calls}, not ${said.read}`);
    assert.ok(near(got.written / got.calls, said.written, 0.05, 0.5), `${statement.sql} writes ${got.written / got.calls}, not ${said.written}`);
  }
  for (const statement of statements(cleanup)) {
    const got = seen.rows.TARGET_DB?.[statement.sql];
    const said = assumed(statement);
    assert.ok(near(got.read * said.written, got.written * said.read, 0.05, 5), `${statement.sql} reads ${got.read} for ${got.written} rows, not ${said.read} for each`);
  }
  return compared;
}

export async function balanced(s, workload, plan) {
  const run = await metered(s, workload, plan);
  assertLedger(run);
  assertEstimate(run);
  return run;
}
