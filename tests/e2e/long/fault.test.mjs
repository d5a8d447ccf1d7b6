// Cancelling under load, and runs whose machinery breaks: each ends, and says why.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "../harness.mjs";

let sentinel;
before(async () => {
  sentinel = await start();
  // Every insert leaves the moment at which it came.
  const note = "INSERT INTO watch VALUES (CAST(unixepoch('subsec') * 1000 AS INTEGER));";
  await sentinel.env.TARGET_DB.batch(
    [
      "CREATE TABLE watch (at_ms INTEGER)",
      `CREATE TRIGGER watching AFTER INSERT ON sentinel_test_data WHEN NOT new.prepared BEGIN ${note} END`,
    ].map((text) => sentinel.env.TARGET_DB.prepare(text)),
  );
});
after(() => sentinel.stop());

const underLoad = (message) => message.type === "frame" && message.stage === "load" && message.counts.completed > 300;

const inserts = (s) => s.env.TARGET_DB.prepare("SELECT COUNT(*) AS n, MAX(at_ms) AS lastMs FROM watch").first();

const end = async (s, id) => {
  const messages = await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt });
  return messages.at(-1).state;
};

// Asked for more than can be sent, so that every slot is busy and operations wait when the cancel comes.
const CROWDED = { targetOperations: 60_000, durationSeconds: 60, concurrency: 50, targetSystems: ["d1_writes"] };

async function cancelUnderLoad(s, id) {
  await s.post(`/api/sentinel/${id}`, { action: "cancel" });
  const answeredMs = Date.now();
  const { run } = await s.get(`/api/sentinel/${id}`);
  assert.ok(["draining", "cancelled"].includes(run.status), run.status);
  const state = await end(s, id);
  assert.equal(state.status, "cancelled");
  assertAccounted(state.counts);
  assert.ok(state.counts.cancelled > 1000, JSON.stringify(state.counts));
  const { n, lastMs } = await inserts(s);
  assert.ok(n > 100, `${n} inserts`);
  assert.ok(lastMs - answeredMs < 2000, `the last insert came ${lastMs - answeredMs} ms after the cancel was answered`);
}

e2e("a cancel stops a crowded run within two seconds", () => sentinel, async (s) => {
  const held = await s.targets();
  const id = await s.create(CROWDED);
  await s.follow(id, { until: underLoad });
  await cancelUnderLoad(s, id);
  assert.deepEqual(await s.targets(), held);
});

// Nothing takes effect before an order that was given earlier, and that one does so two seconds after it was given.
e2e("so does one behind another order that is still to take effect", () => sentinel, async (s) => {
  const id = await s.create(CROWDED);
  await s.follow(id, { until: underLoad });
  await s.post(`/api/sentinel/${id}`, { action: "scale", factor: 2 });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await cancelUnderLoad(s, id);
});

e2e("a run that needs a binding which is not there fails at its start and names it", () => sentinel, async (s) => {
  await s.ask("POST", "/break?what=TARGET_KV");
  try {
    const id = await s.create({ targetSystems: ["d1_reads", "kv_put"] });
    const state = await end(s, id);
    assert.equal(state.status, "failed");
    assert.equal(state.reason, "this Worker has no binding TARGET_KV, which the plan needs");
    assertAccounted(state.counts);
    const plan = { targetSystems: ["d1_reads"], targetOperations: 10, durationSeconds: 1 };
    const other = await end(s, await s.create(plan));
    assert.equal(other.status, "completed", other.reason);
    await s.eventually("the database has the outcome", async () => {
      const row = await s.env.DB.prepare("SELECT * FROM sentinel_runs WHERE id = ?").bind(id).first();
      return row.status === "failed" && row.active === null && row.notes.includes("TARGET_KV");
    });
  } finally {
    await s.ask("POST", "/mend?what=TARGET_KV");
  }
});

e2e("a run whose data cannot be prepared fails and says so", () => sentinel, async (s) => {
  const held = await s.targets();
  const when = "BEFORE INSERT ON sentinel_test_data WHEN new.prepared";
  await s.env.TARGET_DB.prepare(`CREATE TRIGGER refusing ${when} BEGIN SELECT RAISE(ABORT, 'no'); END`).run();
  try {
    const state = await end(s, await s.create({ targetSystems: ["d1_reads"] }));
    assert.equal(state.status, "failed");
    assert.match(state.reason, /^the data that the operations read could not be prepared/);
    assert.equal(state.validity, "invalid");
  } finally {
    await s.env.TARGET_DB.prepare("DROP TRIGGER refusing").run();
  }
  assert.deepEqual(await s.targets(), held);
});

e2e("a control database that is away for a whole run changes nothing about the run", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false, targetSystems: ["d1_reads"] });
  const row = () => s.env.DB.prepare("SELECT * FROM sentinel_runs WHERE id = ?").bind(id).first();
  await s.ask("POST", "/break?what=DB");
  try {
    await s.post(`/api/sentinel/${id}`, { action: "start" });
    const state = await end(s, id);
    assert.deepEqual([state.status, state.validity, state.counts.completed], ["completed", "valid", 90]);
    assert.equal((await row()).status, "pending");
    assert.equal((await s.get(`/api/sentinel/${id}`)).run.status, "completed"); // the run itself is asked
  } finally {
    await s.ask("POST", "/mend?what=DB");
  }
  await s.eventually("the database learns of it when it is back", async () => {
    const { status, active, successful_operations } = await row();
    return status === "completed" && active === null && successful_operations === 90;
  }, 35_000);
});
