// More shards than a run's object calls itself: they start each other, ten by ten, and everything else is as in a small run.
//
// The load is small, since what is shown is that 206 objects come, work and go on one machine.  A trigger remembers each
// insert in a table that no cleanup knows, and lets an id be inserted again: what is sent twice shows there.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, configuration, e2e, start } from "../harness.mjs";

const SHARDS = 206, TEN = 10, EACH = 2, SECONDS = 60;

let sentinel;
before(async () => {
  sentinel = await start(configuration({ limits: "operator" }));
  const remember = "INSERT INTO watch VALUES (new.id); DELETE FROM sentinel_test_data WHERE id = new.id;";
  await sentinel.env.TARGET_DB.batch(
    [
      "CREATE TABLE watch (id TEXT)",
      `CREATE TRIGGER watching BEFORE INSERT ON sentinel_test_data WHEN NOT new.prepared BEGIN ${remember} END`,
    ].map((text) => sentinel.env.TARGET_DB.prepare(text)),
  );
});
after(() => sentinel.stop());

const PLAN = {
  preset: undefined,
  profileType: "sustained",
  targetOperations: EACH * SHARDS,
  durationSeconds: SECONDS,
  concurrency: 5 * SHARDS,
  targetSystems: ["d1_writes"],
};

async function watched({ TARGET_DB }) {
  const { results } = await TARGET_DB.prepare("SELECT id, COUNT(*) AS n FROM watch GROUP BY id HAVING n > 1").all();
  const { n } = await TARGET_DB.prepare("SELECT COUNT(*) AS n FROM watch").first();
  return { twice: results, n };
}

// The first of each ten is called by the run and calls the others.  One that takes longer than its starter waits for it is
// called by the run too, so on a busy machine a few of these calls may be missing here, and never are there more.
function assertTree(calls) {
  const starters = calls.filter((n) => n > 0);
  const started = starters.reduce((sum, n) => sum + n, 0);
  const tens = Math.ceil(SHARDS / TEN);
  const seen = `${started} shards were called by ${starters.length} others: ${starters}`;
  assert.ok(Math.max(...starters) <= TEN - 1, seen);
  assert.ok(started <= SHARDS - tens && started >= 0.8 * (SHARDS - tens), seen);
  assert.ok(starters.length >= 0.8 * tens && starters.length <= 1.2 * tens, seen);
  return seen;
}

e2e("206 shards start each other, and each sends its share once", () => sentinel, async (s, context) => {
  const held = await s.targets();
  await s.ask("POST", "/gauge");
  const id = await s.create(PLAN);
  let frames = 0;
  const onMessage = ({ type, counts }) => {
    if (type !== "frame") return;
    assertAccounted(counts);
    frames += 1;
  };
  const { state } = (await s.follow(id, { timeoutMs: 280_000, onMessage })).at(-1);
  const { objects } = await s.get("/gauge");
  assert.equal(state.status, "completed", state.reason);
  assert.equal(state.shards, SHARDS);
  assertAccounted(state.counts);
  assert.ok(frames > SECONDS / 2, `${frames} frames`);
  const { counts } = state;
  assert.deepEqual([counts.planned, counts.failed, counts.inFlight, counts.notYetDue], [EACH * SHARDS, 0, 0, 0], JSON.stringify(counts));

  // Each has worked: the run's object is the only other that calls anybody.
  const shards = Array.from({ length: SHARDS }, (_, index) => objects[s.env.SHARDS.idFromName(`${id}:${index}`)]);
  for (const [index, gauge] of shards.entries()) assert.ok(gauge?.calls > 0, `shard ${index} called nobody`);
  assert.equal((await s.worker.listDurableObjectIds("ShardObject")).length, SHARDS);
  context.diagnostic(assertTree(shards.map(({ shardCalls }) => shardCalls)));

  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.equal(report.validity.accounting.difference, 0);
  for (const { index, counts, difference, lost } of report.shards) {
    assertAccounted(counts);
    assert.deepEqual([difference, lost, counts.planned], [0, false, EACH], `shard ${index}`);
  }
  const { twice, n } = await watched(s.env);
  assert.deepEqual(twice, [], "these were sent twice");
  const completed = (operation) => report.operations.find((o) => o.operation === operation && o.phase === "all").completed;
  const rows = completed("insert_test_record") + 5 * completed("batch_insert");
  assert.ok(n >= rows && n <= rows + 5 * counts.unaccounted, `${n} rows came, ${rows} are known of`);
  assert.deepEqual(await s.targets(), held);
}, 300_000);
