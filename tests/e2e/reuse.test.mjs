// Data that outlives its run: prepared once, found again, and removed when somebody asks for it.  long/reuse.test.mjs has more of it.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { e2e, start } from "./harness.mjs";
import { good, remembered, run } from "./reuse.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

e2e("a second run finds what the first has prepared, and a third takes it away", () => sentinel, async (s) => {
  const empty = await s.targets();
  const first = await good(s);
  assert.deepEqual([first.state.reused, first.report.prepare.reused], [false, false]);
  assert.ok(first.state.prepared > 40 && first.state.prepared === first.state.toPrepare);
  const kept = await s.targets();
  const [row, ...more] = await remembered(s);
  assert.match(row.mark, /^data-[0-9a-f]{16}$/);
  assert.deepEqual([more.length, row.items, row.run_id, row.ready_at > 0], [0, first.state.prepared, first.id, true]);
  assert.deepEqual([kept["table sentinel_posts"], kept["table sentinel_users"], kept["R2 objects"].length], [10, 10, 15]);
  // Nothing of the run itself is left, and nothing of the data goes away by itself.
  for (const name of [...kept["KV keys"], ...kept["R2 objects"]]) assert.ok(name.startsWith(`sentinel_test_${row.mark}_default`), name);
  const { keys } = await s.env.TARGET_KV.list();
  assert.deepEqual(keys.filter(({ expiration }) => expiration !== undefined), []);

  // At another rate, which without a seed would be another load.
  await s.ask("POST", "/gauge");
  const second = await good(s, { targetOperations: 60, name: "faster" });
  assert.notEqual(second.report.run.planHash, first.report.run.planHash);
  assert.deepEqual([second.state.reused, second.report.prepare], [true, { items: 0, failed: 0, reused: true }]);
  assert.ok(second.frames.every(({ reused, prepared, toPrepare }) => reused && prepared === 0 && toPrepare === 0));
  assert.match(await s.get(`/api/sentinel/${second.id}/report?format=text`), /The data of an earlier run was there/);
  const units = Object.fromEntries(second.report.cost.target.meters.map(({ meter, units }) => [meter, units]));
  const { objects, rows: all } = await s.get("/gauge");
  const metered = [{ rows: all }, ...Object.values(objects)].flatMap(({ rows }) => Object.values(rows?.TARGET_DB ?? {}));
  const sum = (of) => metered.reduce((total, rows) => total + rows[of], 0);
  assert.deepEqual([units.d1RowsRead, units.d1RowsWritten], [sum("read"), sum("written")], "asking for the data is paid for too");
  assert.deepEqual(await s.targets(), kept);
  assert.deepEqual(await remembered(s), [row]);

  const last = await good(s, { prepare: "remove" });
  assert.deepEqual([last.state.reused, last.report.run.planHash], [true, first.report.run.planHash]);
  assert.deepEqual(await s.targets(), empty);
});

e2e("a database that cannot remember is told of, and nothing is sent to it", () => sentinel, async (s) => {
  const before = await s.targets();
  await s.env.TARGET_DB.prepare("ALTER TABLE sentinel_data RENAME TO hidden").run();
  try {
    const { state } = await run(s);
    assert.equal(state.status, "failed");
    assert.match(state.reason, /^the database that is bound as TARGET_DB has no table sentinel_data, .* migrations\/target/);
    assert.equal(state.prepared, 0);
  } finally {
    await s.env.TARGET_DB.prepare("ALTER TABLE hidden RENAME TO sentinel_data").run();
  }
  assert.deepEqual(await s.targets(), before);
});
