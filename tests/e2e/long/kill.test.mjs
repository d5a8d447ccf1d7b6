// kill -9 in mid-run, three times, and each time a start on the same state.
//
// Every insert of the workload has an id of its own, made from the run and the operation's number.  A trigger remembers
// them all in a table that no cleanup knows, and lets an id be inserted again: what is sent twice shows there.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { assertAccounted } from "../harness.mjs";
import { inTargets, launch, migrated, newState } from "../process.mjs";

let state, worker;
before(async () => {
  state = migrated(newState());
  await inTargets(state, async ({ TARGET_DB }) => {
    const remember = "INSERT INTO watch VALUES (new.id); DELETE FROM sentinel_test_data WHERE id = new.id;\n";
    await TARGET_DB.batch(
      [
        "CREATE TABLE watch (id TEXT)",
        `CREATE TRIGGER watching BEFORE INSERT ON sentinel_test_data WHEN NOT new.prepared BEGIN ${remember} END`,
      ].map((text) => TARGET_DB.prepare(text)),
    );
  });
  worker = await launch(state);
});
after(async () => {
  await worker?.stop();
  state?.discard();
});

// Busy for four seconds, then a valley of fourteen in which the machine is killed: what a crash leaves without an outcome
// is what the shards were about to start in two and a half seconds, which there is little, and so a thousandth part of the
// run instead of a tenth.
const BUSY_S = 4, VALLEY_S = 14, KILLS = 3, PERIOD_S = BUSY_S + VALLEY_S;
const valleys = Array.from({ length: KILLS }, (_, i) => i * PERIOD_S);
const loadCurve = [
  ...valleys.flatMap((s) => [[s, 60], [s + BUSY_S, 60], [s + BUSY_S, 1], [s + PERIOD_S, 1]]),
  ...[[KILLS * PERIOD_S, 60], [KILLS * PERIOD_S + BUSY_S, 60]],
].map(([second, opsPerSecond]) => ({ second, opsPerSecond }));
const PLAN = { preset: undefined, profileType: "custom", targetOperations: undefined, durationSeconds: undefined, concurrency: 10, loadCurve };

// From a Worker that has just started: the run goes on by itself, and where it does not, the tick and a question wake it.
async function elapsedS(id) {
  const answer = await worker.get(`/api/sentinel/${id}`);
  return answer.run.elapsedS ?? 0;
}

async function until(id, second) {
  await worker.eventually(`${second} s into the load`, async () => (await elapsedS(id)) >= second, (PERIOD_S + 30) * 1000);
}

async function watched() {
  return inTargets(state, async ({ TARGET_DB }) => {
    const { results } = await TARGET_DB.prepare("SELECT id, COUNT(*) AS n FROM watch GROUP BY id HAVING n > 1").all();
    const { n } = await TARGET_DB.prepare("SELECT COUNT(*) AS n FROM watch").first();
    const { left } = await TARGET_DB.prepare("SELECT COUNT(*) AS left FROM sentinel_test_data").first();
    return { twice: results, n, left };
  });
}

test("a run outlives three kills of the whole machine, and nothing is sent twice", { timeout: 240_000 }, async () => {
  const id = await worker.create({ ...PLAN, targetSystems: ["d1_writes", "kv_put"] });
  for (const [i, s] of valleys.entries()) {
    await until(id, s + BUSY_S + 3);
    await worker.kill();
    if (i === 0) {
      const { twice, n } = await watched();
      assert.deepEqual(twice, []);
      assert.ok(n > 50, `the watch saw ${n} inserts`);
    }
    await sleep(1000);
    worker = await launch(state);
    assert.equal((await worker.tick()).status, 200);
  }
  const { end, report } = await worker.over(id);
  assert.equal(end.status, "completed", end.reason);
  assertAccounted(end.counts);
  const { validity } = report;
  const seen = JSON.stringify(validity, null, 1);
  assert.deepEqual([validity.accounting.difference, end.counts.inFlight, end.counts.notYetDue], [0, 0, 0], seen);
  assert.equal(validity.validity, "degraded", seen);
  assert.ok(validity.reasons.some((reason) => /^Shards were away and restarted 6 times; \d+ operations/.test(reason)), seen);
  assert.ok(validity.reasons.some((reason) => /^The object that owns the run restarted 3 times/.test(reason)), seen);
  assert.ok(end.counts.dropped.shardDown > 0, "the gaps are not shown");
  assert.equal(end.counts.dropped.harness, 0, seen);
  for (const shard of report.shards) assert.deepEqual([shard.incarnation, shard.lost, shard.difference], [4, false, 0]);
  // After each gap the load went on.
  for (const s of [...valleys, KILLS * PERIOD_S]) {
    assert.ok(report.series.started.slice(s, s + BUSY_S).every((n) => n >= 50), `from second ${s} on: ${report.series.started}`);
  }
  assert.equal(end.counts.failed, 0);

  await worker.stop();
  const { twice, n, left } = await watched();
  assert.deepEqual(twice, [], "these were sent twice");
  // Five rows for a batch.  What has no known outcome may have come, what is said to have ended has.
  const completed = (operation) => report.operations.find((o) => o.operation === operation && o.phase === "all").completed;
  const rows = completed("insert_test_record") + 5 * completed("batch_insert");
  assert.ok(n >= rows && n <= rows + 5 * end.counts.unaccounted, `${n} rows came, ${rows} are known of`);
  assert.equal(left, 0, "something is left behind");
});
