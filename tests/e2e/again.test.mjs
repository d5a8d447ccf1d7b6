// Requests that come twice, and runs that start at a time of their own.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertIntervals, compared } from "./compared.mjs";
import { e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const SMALL = { preset: "smoke", targetOperations: 10, durationSeconds: 1, targetSystems: ["d1_reads"] };

const create = (s, plan, key) =>
  s.ask("POST", "/api/sentinel", { body: { ...SMALL, ...plan }, headers: key ? { "idempotency-key": key } : {} });

const tick = (s) => s.worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });

async function ended(s, id) {
  await s.eventually("the row says that the run has ended", async () => {
    const row = await s.env.DB.prepare("SELECT status, active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null && row.status !== "pending";
  });
}

async function runs(s) {
  const { results } = await s.env.DB.prepare("SELECT id FROM sentinel_runs ORDER BY id").all();
  return results.map(({ id }) => id);
}

e2e("many requests with one key at the same instant create one run", () => sentinel, async (s) => {
  const before = await runs(s);
  const answers = await Promise.all(Array.from({ length: 12 }, () => create(s, { name: "Once" }, "once")));
  assert.deepEqual([...new Set(answers.map(({ status }) => status))], [201], answers[0].text);
  const ids = new Set(answers.map(({ json }) => json.run.id));
  assert.equal(ids.size, 1);
  assert.equal((await runs(s)).length, before.length + 1);
  const replayed = answers.filter(({ response }) => response.headers.get("idempotent-replayed") === "true");
  assert.equal(replayed.length, 11);

  const [id] = ids;
  const again = await create(s, { name: "Once" }, "once");
  assert.deepEqual([again.status, again.json.run.id, again.json.stale], [201, id, undefined]);
  assert.equal(again.response.headers.get("location"), `/api/sentinel/${id}`);
  const other = await create(s, { name: "Twice" }, "once");
  assert.deepEqual([other.status, other.json.code], [422, "idempotency.mismatch"]);
  const bad = await create(s, {}, "k".repeat(256));
  assert.deepEqual([bad.status, bad.json.code], [400, "header.value"]);

  assert.equal((await s.ask("DELETE", `/api/sentinel/${id}`)).status, 204);
  const fresh = await create(s, { name: "Twice" }, "once"); // the key went with its run
  assert.equal(fresh.status, 201, fresh.text);
  assert.notEqual(fresh.json.run.id, id);
});

e2e("a key whose day is over is removed by the tick", () => sentinel, async (s) => {
  const { run } = (await create(s, {}, "yesterday")).json;
  await s.env.DB.prepare("UPDATE sentinel_idempotency SET created_us = created_us - 86401000000 WHERE key = 'yesterday'").run();
  assert.equal((await tick(s)).outcome, "ok");
  const left = await s.env.DB.prepare("SELECT COUNT(*) AS n FROM sentinel_idempotency WHERE run_id = ?").bind(run.id).first();
  assert.equal(left.n, 0);
});

e2e("a scheduled run waits for its time, and the tick starts it", () => sentinel, async (s) => {
  const dueMs = Math.ceil(Date.now() / 1000) * 1000 + 2000;
  const answer = await create(s, { scheduledAt: new Date(dueMs).toISOString() });
  assert.equal(answer.status, 201, answer.text);
  const { run } = answer.json;
  assert.deepEqual([run.status, run.scheduledAt], ["pending", new Date(dueMs).toISOString()]);
  await tick(s);
  assert.equal((await s.get(`/api/sentinel/${run.id}`)).run.status, "pending");
  const { runs: listed } = await s.get("/api/sentinel?limit=5"); // runs of one second are listed in no order
  assert.equal(listed.find(({ id }) => id === run.id)?.scheduledAt, run.scheduledAt);

  await new Promise((resolve) => setTimeout(resolve, dueMs + 50 - Date.now()));
  assert.equal((await tick(s)).outcome, "ok");
  const { state } = (await s.follow(run.id)).at(-1);
  assert.equal(state.status, "completed", state.reason);
  assert.ok(Date.parse(state.startedAt) >= dueMs, `${state.startedAt} is before its time`);
  const audit = await s.env.DB.prepare("SELECT role, action FROM sentinel_audit WHERE run_id = ? ORDER BY id").bind(run.id).all();
  assert.deepEqual(audit.results, [{ role: "admin", action: "create" }, { role: "schedule", action: "start" }]);
  await ended(s, run.id);
});

e2e("of two runs that are due one starts, the other with a later tick; one is started by hand, one cancelled", () => sentinel, async (s) => {
  const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
  const ids = [];
  for (const name of ["first", "second", "by hand", "cancelled"]) ids.push((await create(s, { name, scheduledAt })).json.run.id);
  const [first, second, byHand, cancelled] = ids;

  await s.post(`/api/sentinel/${byHand}`, { action: "start" });
  await s.follow(byHand);
  await s.post(`/api/sentinel/${cancelled}`, { action: "cancel" });
  await ended(s, byHand);
  await ended(s, cancelled);

  for (const [id, ago] of [[first, 100], [second, 50]]) { // their time has come
    await s.env.DB.prepare("UPDATE sentinel_runs SET scheduled_at = unixepoch() - ?, updated_at = unixepoch() - 500 WHERE id = ?").bind(ago, id).run();
  }
  await Promise.all([tick(s), tick(s), tick(s)]);
  const status = async (id) => (await s.get(`/api/sentinel/${id}`)).run.status;
  assert.notEqual(await status(first), "pending");
  assert.equal(await status(second), "pending");
  await s.follow(first);
  await ended(s, first);
  await tick(s);
  assert.notEqual(await status(second), "pending");
  await s.follow(second);
  await ended(s, second);

  const reports = await Promise.all([first, second].map((id) => s.get(`/api/sentinel/${id}/report`)));
  reports.forEach(assertIntervals);
  const { status: code, verdict, percentiles, errors, stderr } = compared(...reports); // names are not of the plan's hash
  assert.equal(code, 0, stderr);
  assert.ok(["inconclusive", "invalid"].includes(verdict), verdict); // invalid: on a busy machine a run may be
  assert.deepEqual(Object.keys(percentiles), ["50", "90", "99"]);
  assert.deepEqual([errors.before.planned, errors.after.planned], [10, 10]);
});

e2e("a run that could not start for a day after its time is closed, and says why", () => sentinel, async (s) => {
  const { run } = (await create(s, { scheduledAt: new Date(Date.now() + 3_600_000).toISOString() })).json;
  await s.env.DB.prepare("UPDATE sentinel_runs SET scheduled_at = unixepoch() - 86402 WHERE id = ?").bind(run.id).run();
  await tick(s);
  const { run: closed } = await s.get(`/api/sentinel/${run.id}`);
  assert.equal(closed.status, "failed");
  assert.match(closed.reason, /within a day/);
  await ended(s, run.id);
  assert.equal((await s.ask("POST", `/api/sentinel/${run.id}`, { body: { action: "start" } })).status, 409);
});
