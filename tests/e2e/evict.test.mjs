// Objects that vanish from memory in mid-run.
//
// Each insert of the workload has an id of its own, made from the run and the operation's number.  A trigger remembers
// them all in a table that no cleanup knows, and lets an id be inserted again: what is sent twice shows there.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertIntervals } from "./compared.mjs";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => {
  sentinel = await start();
  const remember =
    "INSERT INTO watch VALUES (new.id); DELETE FROM sentinel_test_data WHERE id = new.id; -- so that it is taken again\n";
  await sentinel.env.TARGET_DB.batch(
    [
      "CREATE TABLE watch (id TEXT)",
      `CREATE TRIGGER watching BEFORE INSERT ON sentinel_test_data WHEN NOT new.prepared BEGIN ${remember} END`,
    ].map((text) => sentinel.env.TARGET_DB.prepare(text)),
  );
});
after(() => sentinel.stop());

const midLoad = (message) => message.type === "frame" && message.stage === "load" && message.counts.completed >= 20;

async function assertNothingTwice(s, counts) {
  const { results } = await s.env.TARGET_DB.prepare("SELECT id, COUNT(*) AS n FROM watch GROUP BY id HAVING n > 1").all();
  assert.deepEqual(results, []);
  assert.equal(counts.failed, 0);
  const { n } = await s.env.TARGET_DB.prepare("SELECT COUNT(*) AS n FROM watch").first();
  assert.ok(n > 0, "the watch saw nothing");
}

// Follows a run to its end, also over sockets that close because their object vanished.
async function followOn(s, id) {
  for (;;) {
    try {
      const messages = await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt });
      return messages.at(-1).state;
    } catch (error) {
      if (!/the live socket closed with 1006/.test(error.message)) throw error;
    }
  }
}

e2e("shards that vanish in mid-run go on, and send nothing twice", () => sentinel, async (s) => {
  const held = await s.targets();
  const id = await s.create({
    targetOperations: 300,
    durationSeconds: 10,
    concurrency: 10,
    targetSystems: ["d1_writes", "kv_put"],
  });
  await s.follow(id, { until: midLoad });
  const shards = await s.worker.listDurableObjectIds("ShardObject");
  assert.equal(shards.length, 2);
  for (const shard of shards) await s.vanish("SHARDS", shard);

  const state = await followOn(s, id);
  assert.equal(state.status, "completed", state.reason);
  assertAccounted(state.counts);
  assert.equal(state.counts.inFlight + state.counts.notYetDue, 0);
  await assertNothingTwice(s, state.counts);

  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.deepEqual(report.shards.map((shard) => shard.incarnation), [2, 2]);
  assert.ok(["degraded", "invalid"].includes(report.validity.validity), "a gap cannot go unnoticed");
  const { started } = report.series;
  assert.ok(started.slice(-3).some((n) => n > 0), `nothing was started after the gap: ${started}`);
  assert.deepEqual(await s.targets(), held);
});

e2e("a run's object that vanishes in mid-run goes on where it was", () => sentinel, async (s) => {
  const id = await s.create({ targetOperations: 200, durationSeconds: 6, targetSystems: ["d1_reads", "d1_writes"] });
  await s.follow(id, { until: midLoad });
  await s.vanish("RUNS", s.env.RUNS.idFromName(id).toString());

  const state = await followOn(s, id);
  assert.equal(state.status, "completed", state.reason);
  assertAccounted(state.counts);
  assert.deepEqual([state.counts.completed, state.counts.unaccounted], [200, 0]);
  assertIntervals(await s.get(`/api/sentinel/${id}/report`));
  await assertNothingTwice(s, state.counts);
});

// Where little is started little can be lost: what a crash leaves without an outcome is what the shards were about to
// start in two and a half seconds.
const VALLEY = [[0, 60], [4, 60], [4, 1], [9, 1], [9, 60], [13, 60]].map(([second, opsPerSecond]) => ({ second, opsPerSecond }));

e2e("when everything vanishes at once, nothing is lost and the report says what happened", () => sentinel, async (s) => {
  const held = await s.targets();
  const before = await s.worker.listDurableObjectIds("ShardObject");
  const id = await s.create({
    preset: undefined,
    targetOperations: undefined,
    durationSeconds: undefined,
    profileType: "custom",
    loadCurve: VALLEY,
    concurrency: 15,
    targetSystems: ["d1_writes", "r2_upload"],
  });
  await s.follow(id, { until: (message) => midLoad(message) && message.elapsedS >= 5 });
  const shards = (await s.worker.listDurableObjectIds("ShardObject")).filter((shard) => !before.includes(shard));
  assert.equal(shards.length, 3);
  await Promise.all([
    s.vanish("RUNS", s.env.RUNS.idFromName(id).toString()),
    ...shards.map((shard) => s.vanish("SHARDS", shard)),
  ]);

  const state = await followOn(s, id);
  assert.equal(state.status, "completed", state.reason);
  assertAccounted(state.counts);
  assert.ok(state.counts.completed > 450, JSON.stringify(state.counts));
  assert.equal(state.counts.inFlight + state.counts.notYetDue, 0);
  await assertNothingTwice(s, state.counts);
  assert.deepEqual(await s.targets(), held);

  const report = await s.get(`/api/sentinel/${id}/report`);
  const { validity } = report;
  assertIntervals(report);
  assert.equal(validity.validity, "degraded", JSON.stringify(validity));
  for (const reason of [/^Shards were away and restarted 3 times/, /^The object that owns the run restarted 1 time /]) {
    assert.ok(validity.reasons.some((text) => reason.test(text)), JSON.stringify(validity.reasons));
  }
  assert.deepEqual([validity.accounting.difference, validity.shards.lost], [0, 0]);
  for (const shard of report.shards) assert.deepEqual([shard.incarnation, shard.difference], [2, 0]);
});

e2e("what a run leaves behind that its object has lost is swept up by the tick", () => sentinel, async (s) => {
  const held = await s.targets();
  const id = await s.create({
    targetOperations: 400,
    durationSeconds: 20,
    concurrency: 10,
    seed: "random",
    targetSystems: ["d1_writes", "kv_get", "r2_upload"],
  });
  await s.follow(id, { until: (m) => midLoad(m) });
  await s.vanish("RUNS", s.env.RUNS.idFromName(id).toString(), "&storage=1");
  // The shards hear from their run's object that there is no such run, and forget it.
  await new Promise((resolve) => setTimeout(resolve, 4000));
  assert.notDeepEqual(await s.targets(), held, "there is nothing to sweep up");
  const answer = await s.get(`/api/sentinel/${id}`);
  assert.equal(answer.stale, true);

  // A minute later, for the tick, which leaves alone what somebody may be working on.
  await s.env.DB.prepare("UPDATE sentinel_runs SET updated_at = updated_at - 100 WHERE id = ?").bind(id).run();
  await s.worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
  const row = await s.eventually("the row is closed", async () => {
    const row = await s.env.DB.prepare("SELECT * FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null && row;
  });
  assert.deepEqual([row.status, row.validity], ["failed", "invalid"]);
  assert.match(row.notes, /has lost it/);
  assert.deepEqual(await s.targets(), held);
});
