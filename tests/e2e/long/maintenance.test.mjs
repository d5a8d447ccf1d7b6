// Maintenance whatever becomes of the run, and a Clearing that is away, slow or old.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { again, ended, outbox, PLAN, startBoth, tick } from "../clearing/clearing.mjs";
import { e2e } from "../harness.mjs";

let both;
before(async () => (both = await startBoth()));
after(() => both.sentinel.stop());

const LONG = { ...PLAN, targetOperations: 300, durationSeconds: 30 };
const loading = (message) => message.type === "frame" && message.counts.completed > 5;
const maintenance = (s, id) => s.env.DB.prepare("SELECT before, state, error FROM sentinel_maintenance WHERE run_id = ?").bind(id).first();

async function off(s, id, state) {
  await ended(s, id);
  await tick(s);
  assert.deepEqual(await outbox(s), []);
  assert.equal(await both.clearing.state(), state);
  assert.equal((await maintenance(s, id)).state, "off");
}

e2e("maintenance ends when the run is cancelled", () => both.sentinel, async (s) => {
  await both.clearing.set("degraded");
  const id = await s.create(LONG);
  await s.follow(id, { until: loading });
  await tick(s);
  assert.equal(await both.clearing.state(), "maintenance", "a tick in mid-run leaves it");
  await s.post(`/api/sentinel/${id}`, { action: "cancel" });
  await off(s, id, "degraded");
});

e2e("maintenance ends when the run's object loses everything in mid-run", () => both.sentinel, async (s) => {
  await both.clearing.set("partial_outage");
  const id = await s.create(LONG);
  await s.follow(id, { until: loading });
  await s.vanish("RUNS", s.env.RUNS.idFromName(id).toString(), "&storage=1");
  assert.equal(await both.clearing.state(), "maintenance");
  // Nobody touches a row that somebody may be at work on: it is made old, and once more after what the object had sent last.
  const status = await s.eventually("the tick closes the row", async () => {
    await s.env.DB.prepare("UPDATE sentinel_runs SET updated_at = updated_at - 100 WHERE id = ?").bind(id).run();
    await tick(s);
    const row = await s.env.DB.prepare("SELECT status, active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null && row.status;
  }, 40_000);
  assert.equal(status, "failed");
  await off(s, id, "partial_outage");
});

e2e("a start that came to nothing ends it too", () => both.sentinel, async (s) => {
  await both.clearing.set("operational");
  const { run } = await s.post("/api/sentinel", PLAN, 201);
  assert.equal(await maintenance(s, run.id), null, "who waits needs none");
  // As if the Worker had died between the maintenance and the start.
  await s.env.DB.batch([
    s.env.DB.prepare("UPDATE sentinel_runs SET active = 1, updated_at = updated_at - 100 WHERE id = ?").bind(run.id),
    s.env.DB.prepare("INSERT INTO sentinel_maintenance VALUES (?, 'default', 'blog-engine', 'operational', 'wanted', 5, NULL)").bind(run.id),
  ]);
  await both.clearing.set("maintenance");
  await tick(s);
  await tick(s);
  assert.deepEqual([await both.clearing.state(), await outbox(s)], ["operational", []]);
  await s.post(`/api/sentinel/${run.id}`, { action: "start" });
  assert.equal(await both.clearing.state(), "maintenance");
  await off(s, run.id, "operational");
});

e2e("a run starts although the Clearing is away or takes nothing, and it is told of the end when it is back", () => both.sentinel, async (s) => {
  await both.clearing.set("operational");
  await both.clearing.misbehave({ page: 503 });
  const away = await s.create(PLAN);
  assert.deepEqual(await maintenance(s, away), { before: null, state: "failed", error: "the component's state was not read: HTTP 503" });
  assert.equal(await both.clearing.state(), "operational");
  await off(s, away, "operational");

  await both.clearing.misbehave({ down: true });
  const before = Date.now();
  const refused = await s.create(PLAN);
  assert.ok(Date.now() - before < 10_000);
  assert.match((await maintenance(s, refused)).error, /the Clearing did not take it/);
  assert.match(await s.get(`/api/sentinel/${refused}/report?format=text`), /\nMaintenance "blog-engine" was not put in maintenance: the Clearing did not take it/);
  await ended(s, refused);
  await both.clearing.misbehave({ status: 503, after: 7 }, ...Array(6).fill({ status: 401 }));
  await tick(s);
  for (let tries = 0; tries < 6; tries++) await again(s);
  const [{ state, attempts }] = await outbox(s);
  assert.deepEqual([state, attempts], ["waiting", 7], "what has to arrive is never given up");
  await again(s);
  await off(s, refused, "operational");
});

e2e("a slow Clearing holds up a start by seconds, and is waited for no longer", () => both.sentinel, async (s) => {
  await both.clearing.misbehave({ slow: 20_000 });
  const before = Date.now();
  const id = await s.create(PLAN);
  const took = Date.now() - before;
  assert.ok(took > 4000 && took < 12_000, `${took} ms`);
  assert.match((await maintenance(s, id)).error, /no answer/);
  await off(s, id, "operational"); // it had been put in maintenance after all
});

// Most operations fail, since nothing is there to be read.
const BAD = { ...PLAN, name: "Weekly", prepare: "none", targetOperations: 60, targetSystems: ["kv_get"], safety: false };
const incidents = () => both.clearing.all("SELECT status FROM status_incidents");

e2e("runs of one name share an incident, and a good one resolves it", () => both.sentinel, async (s) => {
  await both.clearing.set("operational");
  let outage;
  for (let times = 0; times < 2; times++) {
    const id = await s.create(BAD);
    await ended(s, id);
    const { failed, validity } = await s.env.DB.prepare("SELECT failed_operations AS failed, validity FROM sentinel_runs WHERE id = ?").bind(id).first();
    assert.ok(failed > 12 && validity === "valid", `${failed} failed, ${validity}`);
    outage = failed > 30 ? "major_outage" : "partial_outage"; // the same plan draws the same operations
    await off(s, id, outage);
    assert.deepEqual(await incidents(), [{ status: "investigating" }]);
  }
  assert.equal((await both.clearing.all("SELECT id FROM status_updates")).length, 2, "the second run tells the incident of the first");
  await off(s, await s.create({ ...PLAN, name: "Another" }), outage);
  await off(s, await s.create({ ...PLAN, name: "Weekly" }), "operational");
  assert.deepEqual(await incidents(), [{ status: "resolved" }]);
  assert.deepEqual((await s.env.DB.prepare("SELECT * FROM sentinel_clearing").all()).results, []);
});

e2e("a Clearing that knows nothing of our additions is not painted green either", () => both.sentinel, async (s) => {
  await both.clearing.tell("/old?yes=1");
  for (const state of ["operational", "degraded", "partial_outage", "major_outage"]) {
    await both.clearing.set(state);
    const id = await s.create(PLAN);
    assert.equal(await both.clearing.state(), state);
    await off(s, id, state);
  }
});
