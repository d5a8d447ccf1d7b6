// What runs cost: the ledger against what the databases and stores say themselves, estimates against it, and the budget.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { readFileSync } from "node:fs";
import { root } from "../made.mjs";
import { e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const SYSTEMS = ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_download", "r2_upload", "auth_flows", "post_crud", "media_ops"];
const PLANS = {
  systems: { targetOperations: 300, durationSeconds: 10, targetSystems: SYSTEMS },
  grove: { targetOperations: 200, durationSeconds: 10 },
};

// By meter, what the gauge saw: it stands between the objects and their bindings.
async function metered(s) {
  const { rows, methods } = await s.get("/gauge");
  const sum = (db, of) => Object.values(rows[db] ?? {}).reduce((total, text) => total + text[of], 0);
  const calls = (...names) => names.reduce((total, name) => total + (methods[name] ?? 0), 0);
  return {
    rows,
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

const near = (a, b, share, slack) => Math.abs(a - b) <= Math.max(share * b, slack);

for (const [workload, plan] of Object.entries(PLANS)) {
  e2e(`${workload}: the ledger is what was metered, row for row, and the estimate comes near it`, () => sentinel, async (s) => {
    await s.ask("POST", "/gauge");
    const whole = { preset: undefined, profileType: "sustained", concurrency: 10, seed: 5, workload, ...plan };
    const estimate = (await s.post("/api/sentinel/plan", whole)).plan.cost;
    const id = await s.create(whole);
    const messages = await s.follow(id, { timeoutMs: 60_000 });
    const { state } = messages.at(-1);
    assert.deepEqual([state.status, state.counts.failed], ["completed", 0]);
    const costs = messages.filter(({ type }) => type === "frame").map(({ costUsd }) => costUsd);
    assert.ok(costs.every((usd, i) => i === 0 || usd >= costs[i - 1]), `what was spent stays spent: ${costs}`);

    // A clean-up that is over is told of before the run ends; the database has all when its row says so.
    await s.eventually("everything is in the control database", async () => {
      const { n } = await s.env.DB.prepare("SELECT COUNT(*) AS n FROM sentinel_metrics WHERE run_id = ?").bind(id).first();
      return n > 0 && n === (await s.get(`/api/sentinel/${id}/report`)).exemplars.kept;
    });
    const report = await s.get(`/api/sentinel/${id}/report`);
    const seen = await metered(s);
    const { objectRequests: _calls, ...target } = unitsOf(report.cost.target);
    assert.deepEqual(target, Object.fromEntries(Object.entries(seen.target).filter(([, units]) => units > 0)));
    const own = unitsOf(report.cost.own);
    assert.deepEqual([own.d1RowsRead, own.d1RowsWritten], [seen.control.d1RowsRead, seen.control.d1RowsWritten]);
    assert.ok(report.cost.usd >= costs.at(-1) && report.cost.load.usd < report.cost.target.usd);

    // Each statement reads and writes what the workload says of it.
    const { operations, prepare, cleanup } = JSON.parse(readFileSync(`${root}src/plan/workloads/${workload}.json`, "utf8"));
    let compared = 0;
    for (const statement of statements([operations, prepare])) {
      const got = seen.rows.TARGET_DB[statement.sql];
      if (!got) continue; // by chance no operation had it
      compared += 1;
      const said = assumed(statement);
      assert.ok(near(got.read / got.calls, said.read, 0.2, 0.5), `${statement.sql} reads ${got.read / got.calls}, not ${said.read}`);
      assert.ok(near(got.written / got.calls, said.written, 0.05, 0.5), `${statement.sql} writes ${got.written / got.calls}, not ${said.written}`);
    }
    assert.ok(compared >= 12, `${compared} statements were compared`);
    for (const statement of statements(cleanup)) {
      const got = seen.rows.TARGET_DB[statement.sql];
      const said = assumed(statement);
      assert.ok(near(got.read * said.written, got.written * said.read, 0.05, 5), `${statement.sql} reads ${got.read} for ${got.written} rows, not ${said.read} for each`);
    }

    // The estimate has the sweep too, which deletes from KV and R2 once more.
    const swept = { kvDeletes: 2, r2Deletes: 2 };
    const expected = unitsOf(estimate.target);
    for (const [meter, units] of Object.entries(target)) {
      const all = units * (swept[meter] ?? 1);
      assert.ok(near(expected[meter], all, 0.2, 15), `${meter}: ${expected[meter]} were estimated, ${all} were used`);
    }
    const sweepUsd = report.cost.target.meters.reduce((sum, { meter, usd }) => sum + (swept[meter] ? usd : 0), 0);
    assert.ok(near(estimate.target.usd, report.cost.target.usd + sweepUsd, 0.2, 0), `${estimate.target.usd} at the target instead of ${report.cost.target.usd + sweepUsd}`);
    const total = report.cost.usd + sweepUsd;
    assert.ok(near(estimate.usd, total, 0.2, 0), `${estimate.usd} were estimated in all, ${total} were used`);
    assert.ok(near(report.cost.estimate.usd, estimate.usd, 1e-9, 0));
  });
}

const GREEDY = {
  operations: [
    {
      operation: "walk",
      weight: 1,
      steps: [{ d1: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000) SELECT MAX(i) AS i FROM n", rows: { read: 1 } }],
    },
  ],
};

e2e("a run that costs more than its estimate said stops at its budget, and its reason says so", () => sentinel, async (s) => {
  const held = await s.targets();
  const plan = { preset: undefined, profileType: "sustained", targetOperations: 6000, durationSeconds: 300, concurrency: 5, workload: GREEDY };
  const { plan: { cost } } = await s.post("/api/sentinel/plan", plan);
  const maxCostUsd = cost.usd * 1.05;
  const refused = await s.ask("POST", "/api/sentinel", { body: { ...plan, maxCostUsd: cost.usd / 2 } });
  assert.deepEqual([refused.status, refused.json.code, refused.json.path], [400, "plan.cost", "$.maxCostUsd"]);
  assert.match(refused.json.expected, /^at least \$0\.0\d+, which is what this plan is estimated to cost: \$0\.0\d+ at the target and \$0\.0\d+ for Sentinel/);
  const id = await s.create({ ...plan, maxCostUsd });
  const { state } = (await s.follow(id, { timeoutMs: 80_000 })).at(-1);
  assert.equal(state.status, "cancelled");
  assert.match(state.reason, /^it had cost \$0\.0\d+, and maxCostUsd lets it cost \$0\.0\d+; what was in flight/);
  assert.ok(state.counts.cancelled > 0);
  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.ok(report.cost.usd >= maxCostUsd && report.cost.usd < maxCostUsd * 1.5, `${report.cost.usd} of ${maxCostUsd}`);
  assert.equal(report.cost.rows[0].suspect, true);
  assert.deepEqual(await s.targets(), held);
});
