// A run with maintenance, from the status page's side: on, the run, off, and the result once, however often it is sent.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { again, COMPONENT, ended, outbox, PLAN, receiver, startBoth, tick } from "./clearing/clearing.mjs";
import { e2e } from "./harness.mjs";

let hooks, both;
before(async () => {
  hooks = await receiver([500]);
  both = await startBoth(hooks.host);
});
after(async () => {
  hooks.close();
  await both.sentinel.stop();
});

e2e("maintenance goes on before the run and off after it; the result arrives once after two failed tries", () => both.sentinel, async (s) => {
  const { clearing } = both;
  const url = `http://${hooks.host}/alerts?token=x`;
  const alerts = { webhooks: [{ url, events: ["finished"] }, { url, format: "slack", events: ["threshold-failed"] }] };
  await clearing.set("partial_outage");
  const id = await s.create({ ...PLAN, name: "Nightly", alerts });
  assert.equal(await clearing.state(), "maintenance", "before the answer to the request that starts it");
  assert.deepEqual((await clearing.reports()).map(({ key, componentStatus, message, results }) => [key.split(".")[0], componentStatus, message, results.errorRate]), [[id, "maintenance", "A test.", 0.21]]);
  assert.equal(await ended(s, id), "completed");
  assert.equal(await clearing.state(), "maintenance", "the tick ends it");

  await clearing.misbehave({ status: 500 }, { cut: true });
  await tick(s);
  assert.deepEqual((await outbox(s)).map(({ target, to, event, state, attempts, error }) => [target, to, event, state, attempts, error]).sort(), [
    ["clearing", null, "finished", "waiting", 1, "HTTP 500"],
    ["webhook", hooks.host, "finished", "waiting", 1, "HTTP 500"],
  ]);
  await tick(s); // nothing is due
  assert.equal((await clearing.reports()).length, 1);
  await again(s);
  const [{ target, attempts, error }, ...others] = await outbox(s);
  assert.deepEqual([target, attempts, others.length], ["clearing", 2, 0]);
  assert.match(error, /HTTP 500|broke off/, "the local runtime answers for a Worker that breaks off");
  await again(s);
  assert.deepEqual(await outbox(s), []);
  const reports = await clearing.reports();
  assert.deepEqual(reports.map(({ done }) => done), [true, false], "acted upon once");
  assert.equal(new Set(reports.map(({ key }) => key)).size, 1);
  assert.equal(await clearing.state(), "partial_outage", "no better than it was");
  const { runId, status, componentSlug, createIncident, results } = reports[0];
  assert.deepEqual([runId, status, componentSlug, createIncident, results.totalOperations, results.errorRate, results.measuredErrorRate], [id, "completed", COMPONENT, false, 10, 0.21, 0]);
  const kept = await s.env.DB.prepare("SELECT before, state FROM sentinel_maintenance WHERE run_id = ?").bind(id).first();
  assert.deepEqual(kept, { before: "partial_outage", state: "off" });
  const shown = { component: COMPONENT, state: "off", before: "partial_outage", error: null };
  assert.deepEqual((await s.get(`/api/sentinel/${id}`)).run.maintenance, shown);
  assert.deepEqual((await s.get(`/api/sentinel/${id}/report`)).maintenance, shown);
  assert.match(await s.get(`/api/sentinel/${id}/report?format=text`), /\nMaintenance "blog-engine" was in maintenance; before that it was partial_outage\.\n$/);

  assert.deepEqual(hooks.received.map(({ signed, headers }) => [signed, headers["sentinel-event"], headers["sentinel-attempt"]]), [[true, "finished", "1"], [true, "finished", "2"]]);
  assert.equal(new Set(hooks.received.map(({ headers }) => headers["idempotency-key"])).size, 1);
  const [{ body }] = hooks.received;
  assert.deepEqual([body.event, body.run.id, body.run.name, body.run.status, body.run.operations.total], ["finished", id, "Nightly", "completed", 10]);
  assert.deepEqual(hooks.received[1].body, body);
  assert.doesNotMatch(s.logs().join("\n"), /webhook-secret|clearing-key|token=x/);
});

e2e("everything is stopped: runs under way, runs that wait, schedules; who is to hear of it hears why", () => both.sentinel, async (s) => {
  const { clearing } = both;
  const alerts = { webhooks: [{ url: `http://${hooks.host}/kill`, events: ["kill-switch"] }] };
  await clearing.set("degraded");
  const before = hooks.received.length;
  const running = await s.create({ ...PLAN, name: "Long", durationSeconds: 60, targetOperations: 60, alerts });
  const later = await s.post("/api/sentinel", { ...PLAN, maintenance: undefined, name: "Later", alerts, scheduledAt: new Date(Date.now() + 3_600_000).toISOString() }, 201);
  const byHand = await s.post("/api/sentinel", { preset: "smoke", name: "By hand" }, 201);
  const { schedule } = await s.post("/api/sentinel/schedules", { name: "Nightly", cron: "* * * * *", plan: { preset: "smoke" } }, 201);
  await s.eventually("the load has begun", async () => (await s.get(`/api/sentinel/${running}`)).run.counts.completed > 0);
  const answer = await s.post("/api/sentinel/stop-all", { reason: "a storm" });
  assert.deepEqual(answer, {
    runs: [{ id: running, name: "Long", status: "draining", told: true }, { id: later.run.id, name: "Later", status: "cancelled", told: true }],
    runsToTell: 0,
    schedulesPaused: 1,
  });
  const start = await s.ask("POST", `/api/sentinel/${later.run.id}`, { body: { action: "start" } });
  assert.deepEqual([start.status, start.json.code], [409, "run.state"], start.text);
  assert.equal(await ended(s, running), "cancelled");
  const { run } = await s.get(`/api/sentinel/${running}`);
  assert.deepEqual([run.endedBy, run.reason], ["kill-switch", "everything was stopped: a storm"]);
  const { counts } = run;
  assert.ok(counts.completed > 0 && counts.cancelled > 0, JSON.stringify(counts));
  assert.match(await s.get(`/api/sentinel/${running}/report?format=text`), /The run was cancelled: everything was stopped: a\s+storm/);
  assert.equal((await s.get(`/api/sentinel/${byHand.run.id}`)).run.status, "pending");
  const paused = (await s.get(`/api/sentinel/schedules/${schedule.id}`)).schedule;
  assert.deepEqual([paused.active, paused.reason, paused.nextRuns], [false, "Everything was stopped: a storm", []]);
  await tick(s);
  assert.equal(await clearing.state(), "degraded");
  const told = hooks.received.slice(before).map(({ signed, body }) => [signed, body.event, body.run.name, body.run.endedBy, body.run.reason]);
  assert.deepEqual(told.sort(), ["Later", "Long"].map((name) => [true, "kill-switch", name, "kill-switch", "everything was stopped: a storm"]));
  const { results: audit } = await s.env.DB.prepare("SELECT role, detail, run_id, schedule_id FROM sentinel_audit WHERE action = 'stop-all' ORDER BY id").all();
  assert.deepEqual(audit.map((row) => [row.role, row.detail, row.run_id ?? row.schedule_id]).sort(), [null, running, later.run.id, schedule.id].map((id) => ["admin", "a storm", id]).sort());
  assert.deepEqual(await s.post("/api/sentinel/stop-all"), { runs: [], runsToTell: 0, schedulesPaused: 0 });
});

e2e("a run that was not reached when everything was stopped is told by the tick", () => both.sentinel, async (s) => {
  const { run } = await s.post("/api/sentinel", { preset: "smoke", name: "Far", scheduledAt: new Date(Date.now() + 3_600_000).toISOString() }, 201);
  await s.env.DB.prepare("UPDATE sentinel_runs SET stop_asked_at = 1, stop_reason = 'a storm' WHERE id = ?").bind(run.id).run();
  assert.deepEqual((await s.post("/api/sentinel/stop-all", { schedules: "keep" })).runs.map(({ id, told }) => [id, told]), [[run.id, true]], "asked again it is told");
  const { run: other } = await s.post("/api/sentinel", { preset: "smoke", name: "Farther", scheduledAt: new Date(Date.now() + 3_600_000).toISOString() }, 201);
  await s.env.DB.prepare("UPDATE sentinel_runs SET stop_asked_at = 1, stop_reason = 'a storm' WHERE id = ?").bind(other.id).run();
  await tick(s);
  assert.equal(await ended(s, other.id), "cancelled");
  const { run: state } = await s.get(`/api/sentinel/${other.id}`);
  assert.deepEqual([state.endedBy, state.reason], ["kill-switch", "everything was stopped: a storm"]);
});

e2e("a webhook that refuses is dead at once, and can be sent again", () => both.sentinel, async (s) => {
  const refusing = { webhooks: [{ url: "http://elsewhere.example/" }] };
  const refused = await s.ask("POST", "/api/sentinel", { body: { preset: "smoke", alerts: refusing } });
  assert.deepEqual([refused.status, refused.json.code, refused.json.path], [400, "plan.target", "$.alerts.webhooks[0].url"], refused.text);
  const { run } = await s.post("/api/sentinel", { preset: "smoke", alerts: { webhooks: [{ url: `http://${hooks.host}/`, format: "slack" }] } }, 201);
  await s.post(`/api/sentinel/${run.id}`, { action: "cancel" });
  await ended(s, run.id);
  await s.env.DB.prepare("UPDATE sentinel_outbox SET url = 'http://elsewhere.example/'").run();
  for (let tries = 1; tries < 5; tries++) await again(s);
  assert.deepEqual((await outbox(s)).map(({ state, attempts, error }) => [state, attempts, error]), [["waiting", 4, "SENTINEL_WEBHOOK_HOSTS has no such host"]]);
  await again(s);
  const [{ id, state }] = (await s.get("/api/sentinel/outbox?state=dead")).messages;
  assert.equal(state, "dead");
  await s.env.DB.prepare("UPDATE sentinel_outbox SET url = ?").bind(`http://${hooks.host}/`).run();
  await tick(s);
  assert.equal((await outbox(s)).length, 1, "nobody tries what is dead");
  await again(s);
  assert.deepEqual(await outbox(s), []);
  assert.match(hooks.received.at(-1).body.text, /^A run has ended: "smoke" cancelled\. 0 operations/);
  const gone = await s.ask("POST", `/api/sentinel/outbox/${id}`, { body: { action: "resend" } });
  assert.deepEqual([gone.status, gone.json.code], [404, "message.unknown"]);
  const told = await s.env.DB.prepare("SELECT detail FROM sentinel_audit WHERE action = 'resend' AND detail = ?").bind(id).first();
  assert.equal(told.detail, id);
});

e2e("a schedule that two ticks fire has one run, with its own maintenance and one message", () => both.sentinel, async (s) => {
  const { clearing } = both;
  const { maintenance, ...plan } = PLAN;
  const alerts = { webhooks: [{ url: `http://${hooks.host}/`, events: ["finished"] }] };
  await clearing.set("operational");
  await clearing.reports();
  const { schedule } = await s.post("/api/sentinel/schedules", { name: "Every minute", cron: "* * * * *", plan, maintenance, alerts }, 201);
  assert.deepEqual([schedule.maintenance, schedule.alerts], [maintenance, alerts]);
  const now = Math.floor(Date.now() / 60_000) * 60;
  await s.env.DB.prepare("UPDATE sentinel_schedules SET next_run_at = ?1, next_start_at = ?1 WHERE id = ?2").bind(now, schedule.id).run();
  await Promise.all([tick(s), tick(s)]);
  const { results: runs } = await s.env.DB.prepare("SELECT id FROM sentinel_runs WHERE schedule_id = ?").bind(schedule.id).all();
  assert.equal(runs.length, 1);
  assert.equal(await ended(s, runs[0].id), "completed");
  assert.equal(await clearing.state(), "maintenance", "the tick ends it");
  const paused = await s.ask("PATCH", `/api/sentinel/schedules/${schedule.id}`, { body: { active: false } });
  assert.equal(paused.status, 200, paused.text);
  await tick(s);
  await tick(s);
  assert.equal(await clearing.state(), "operational");
  assert.deepEqual((await clearing.reports()).map(({ runId, componentStatus }) => [runId, componentStatus]), [[runs[0].id, "maintenance"], [runs[0].id, "operational"]]);
  assert.deepEqual(hooks.received.filter(({ body }) => body.run?.name === "Every minute").map(({ body, signed }) => [body.event, body.run.id, signed]), [["finished", runs[0].id, true]]);
  assert.deepEqual(await outbox(s), []);
});
