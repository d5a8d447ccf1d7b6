// Runs that are deleted: nothing stays of them, neither rows nor storage.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const remove = (s, id) => s.ask("DELETE", `/api/sentinel/${id}`);

async function assertGone(s, id) {
  assert.equal((await remove(s, id)).status, 404);
  await s.get(`/api/sentinel/${id}`, 404);
  for (const table of ["runs", "stats", "series", "metrics", "checkpoints"]) {
    const column = table === "runs" ? "id" : "run_id";
    const { n } = await s.env.DB.prepare(`SELECT COUNT(*) AS n FROM sentinel_${table} WHERE ${column} = ?`).bind(id).first();
    assert.equal(n, 0, `sentinel_${table} has ${n} rows of the run`);
  }
}

async function told(s, id) {
  const { results } = await s.env.DB.prepare("SELECT * FROM sentinel_audit WHERE run_id = ? ORDER BY id").bind(id).all();
  return results.map((row) => `${row.tenant_id} ${row.role} ${row.action}`);
}

e2e("a run that waits is deleted, and its object forgets it", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false });
  const answer = await remove(s, id);
  assert.deepEqual([answer.status, answer.text], [204, ""]);
  await assertGone(s, id);
  assert.equal((await s.ask("POST", `/api/sentinel/${id}`, { body: { action: "start" } })).status, 404);
  assert.equal((await told(s, id)).at(-1), "default admin delete");
});

e2e("a run is deleted once it has ended and swept up, and not before", () => sentinel, async (s) => {
  const id = await s.create({ targetOperations: 20, durationSeconds: 1 });
  const active = await remove(s, id);
  assert.deepEqual([active.status, active.json.code], [409, "run.state"]);
  assert.ok(["pending", "running"].includes(active.json.runStatus), active.text);
  await s.follow(id);

  const early = await remove(s, id);
  assert.deepEqual([early.status, early.json.code, early.json.runStatus], [409, "run.sweeping", "completed"]);
  assert.match(early.json.detail, /at 20\d\d-.*Z/);
  const seconds = Number(early.response.headers.get("retry-after"));
  assert.ok(seconds > 50 && seconds <= 65, `${seconds} s`);
  await s.eventually("the database has the results", async () => {
    const { n } = await s.env.DB.prepare("SELECT COUNT(*) AS n FROM sentinel_stats WHERE run_id = ?").bind(id).first();
    return n > 0;
  });

  await s.eventually("the run may be deleted", async () => (await remove(s, id)).status === 204, 80_000);
  await assertGone(s, id);
});
