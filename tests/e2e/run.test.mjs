// One run from its creation to its report, and one that is cancelled on its way.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertIntervals, compared } from "./compared.mjs";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

e2e("a run over all systems: live to its end, valid, and the targets are as before", () => sentinel, async (s) => {
  const held = await s.targets();
  const id = await s.create();
  let duringLoad;
  const messages = await s.follow(id, {
    onMessage: (message) => {
      if (message.stage === "load" && message.counts.completed > 10) duringLoad ??= s.targets();
    },
  });
  assert.notDeepEqual(await duringLoad, held, "the load was sent somewhere else");

  assert.equal(messages[0].type, "hello");
  assert.equal(messages[0].state.id, id);
  const frames = messages.filter((message) => message.type === "frame");
  const during = frames.filter((frame) => frame.stage === "load");
  assert.ok(during.length >= 2, `${during.length} frames in 3 s of load`);
  for (const { counts } of frames) assertAccounted(counts);
  assert.ok(during.at(-1).counts.completed > during[0].counts.completed, "the frames show no progress");
  assert.ok(during.some((frame) => frame.achievedPerS > 0), "no frame has a rate");

  const { state } = messages.at(-1);
  assert.deepEqual([state.status, state.validity, state.reason], ["completed", "valid", null]);
  assert.deepEqual([state.counts.planned, state.counts.completed], [90, 90]);

  const report = await s.get(`/api/sentinel/${id}/report?format=json`);
  assert.equal(report.schema, "sentinel.report/1");
  assert.equal(Object.keys(report)[1], "validity", "a report first says whether it can be believed");
  assert.deepEqual([report.validity.validity, report.validity.accounting.difference], ["valid", 0]);
  assert.equal(report.validity.accounting.terms.unaccounted, 0);
  assert.equal(report.cleanup.failed, 0);
  assert.deepEqual(report.series.planned.slice(0, 3), [30, 30, 30]);
  assert.equal(report.series.started.reduce((sum, n) => sum + n, 0), 90);

  assertIntervals(report);
  const beside = compared(report, report); // three seconds are too few for a verdict, but it is clear what they are compared with
  assert.deepEqual([beside.status, beside.verdict, beside.ks], [0, "inconclusive", 0], beside.stderr);
  assert.ok(Object.values(beside.percentiles).every(({ ratio, reason }) => ratio === 1 && /30 seconds/.test(reason)));
  const other = compared(report, { ...report, run: { ...report.run, planHash: "0123456789abcdef" } });
  assert.equal(other.status, 104);
  assert.match(other.stderr, /different plans/);

  const text = await s.get(`/api/sentinel/${id}/report?format=text`);
  assert.match(text, /valid/);
  assert.ok(text.split("\n").every((line) => [...line].length <= 100), "a line is wider than 100 columns");

  assert.deepEqual(await s.targets(), held);

  await s.eventually("the database has the outcome", async () => {
    const row = await s.env.DB.prepare("SELECT * FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.status === "completed" && row.active === null && row.successful_operations === 90;
  });
  const list = await s.get("/api/sentinel?limit=5");
  assert.ok(JSON.stringify(list).includes(id));
});

e2e("a run that is cancelled in mid-run ends soon, accounted for, and cleans up", () => sentinel, async (s) => {
  const held = await s.targets();
  const id = await s.create({ targetOperations: 600, durationSeconds: 60 });
  await s.follow(id, { until: (message) => message.type === "frame" && message.counts.completed > 10 });

  const other = await s.ask("POST", "/api/sentinel", { body: { preset: "smoke", startImmediately: true } });
  assert.equal(other.status, 429, other.text);
  assert.ok(other.text.includes(id), "the refusal names the run that is active");

  const cancelledMs = Date.now();
  await s.post(`/api/sentinel/${id}`, { action: "cancel" });
  const { state } = (await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt })).at(-1);
  assert.equal(state.status, "cancelled");
  assert.ok(Date.now() - cancelledMs < 15_000, `${Date.now() - cancelledMs} ms from the cancellation to the end`);
  assertAccounted(state.counts);
  assert.ok(state.counts.cancelled > 0 && state.counts.completed > 10);
  assert.deepEqual([state.counts.inFlight, state.counts.notYetDue, state.counts.unaccounted], [0, 0, 0]);
  assert.deepEqual(await s.targets(), held);

  const again = await s.ask("POST", `/api/sentinel/${id}`, { body: { action: "cancel" } });
  assert.equal(again.status, 409, again.text);
  await s.eventually("the tenant may run again", async () => {
    const row = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null;
  });
});

e2e("a run that was created without being started waits until it is", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false, targetOperations: 10, durationSeconds: 1 });
  const { run } = await s.get(`/api/sentinel/${id}`);
  assert.deepEqual([run.status, run.validity], ["pending", "unknown"]);
  assert.equal((await s.get(`/api/sentinel/${id}/report`, 409)).code, "report.early");
  await s.post(`/api/sentinel/${id}`, { action: "start" });
  const { state } = (await s.follow(id)).at(-1);
  assert.equal(state.status, "completed");
  assert.equal((await s.ask("POST", `/api/sentinel/${id}`, { body: { action: "start" } })).status, 409);
});

e2e("the live socket answers pings, also those that wake nobody, and bad frames", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false });
  const heard = [];
  await s.follow(id, {
    onMessage: (message, socket) => {
      if (message.type === "hello") for (const text of ['{"type":"ping"}', '{"type":"subscribe"}', "{]", "x".repeat(9000)]) socket.send(text);
      else heard.push(message.type);
    },
    until: () => heard.length === 4,
  });
  assert.deepEqual(heard, ["pong", "subscribed", "error", "error"]);
});

e2e("the live socket closes when its viewer does", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false });
  const closed = await new Promise((resolve, reject) => {
    const socket = s.live(id);
    socket.onmessage = () => socket.close(1000);
    socket.onclose = ({ code, wasClean }) => resolve({ code, wasClean });
    socket.onerror = (event) => reject(new Error(event.message));
  });
  assert.deepEqual(closed, { code: 1000, wasClean: true });
});

e2e("the control database is never loaded, whatever it is bound as", () => sentinel, async (s) => {
  const all = async () => (await s.env.DB.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()).results;
  const before = await all();
  await s.ask("POST", "/break?what=TARGET_DB");
  try {
    const id = await s.create({ targetSystems: ["d1_reads", "d1_writes", "kv_put"] });
    const { state } = (await s.follow(id)).at(-1);
    assert.equal(state.status, "failed");
    assert.match(state.reason, /TARGET_DB holds Sentinel's own table sentinel_runs, so nothing was sent to it/);
    assertAccounted(state.counts);
    const report = await s.get(`/api/sentinel/${id}/report`);
    assert.deepEqual(report.shards.map(({ slices }) => slices), report.shards.map(() => 0), "no shard was woken");
    assert.deepEqual(await all(), before);
    const other = await s.create({ targetSystems: ["kv_get"], targetOperations: 10, durationSeconds: 1 });
    assert.equal((await s.follow(other)).at(-1).state.status, "completed", "what does not touch the database may run");
  } finally {
    await s.ask("POST", "/mend?what=TARGET_DB");
  }
});

e2e("what the target says when it cannot be prepared is the run's reason", () => sentinel, async (s) => {
  const rename = (from, to) => s.env.TARGET_DB.prepare(`ALTER TABLE ${from} RENAME TO ${to}`).run();
  await rename("sentinel_test_data", "mislaid");
  try {
    const id = await s.create({ targetSystems: ["d1_reads"], targetOperations: 10, durationSeconds: 1 });
    const { state } = (await s.follow(id)).at(-1);
    assert.equal(state.status, "failed");
    assert.match(state.reason, /^the data that the operations read could not be prepared: .*no such table: sentinel_test_data/);
    assertAccounted(state.counts);
  } finally {
    await rename("mislaid", "sentinel_test_data");
  }
});

e2e("a tick goes over the active runs and returns", () => sentinel, async (s) => {
  const { outcome } = await s.worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
  assert.equal(outcome, "ok");
});
