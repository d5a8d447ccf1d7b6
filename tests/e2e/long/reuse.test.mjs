// Data that outlives its run: which data is the same, and what becomes of it when its run is cut off, by somebody or by a crash.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { held } from "../../targets.mjs";
import { e2e, start } from "../harness.mjs";
import { inTargets, launch, migrated, newState } from "../process.mjs";
import { good, remembered, REUSE, run } from "../reuse.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

e2e("another seed, another size and other tenants are other data", () => sentinel, async (s) => {
  const empty = await s.targets();
  const others = [{ seed: 1 }, { seed: 2 }, { seed: 1, data: { posts: 20 } }, { seed: 1, tenants: ["anna", "ben"] }];
  for (const plan of others) assert.equal((await good(s, { ...plan, targetOperations: 10 })).state.reused, false);
  const marks = (await remembered(s)).map(({ mark }) => mark);
  assert.equal(new Set(marks).size, others.length);
  for (const plan of others) assert.equal((await good(s, { ...plan, targetOperations: 10, prepare: "remove" })).state.reused, true);
  assert.deepEqual(await s.targets(), empty);
});

e2e("what was cut off in prepare is prepared again", () => sentinel, async (s) => {
  const empty = await s.targets();
  const plan = { data: { posts: 300 }, concurrency: 10, seed: 7 };
  const cut = await run(s, plan, {
    onMessage: ({ type, prepared }, socket) => type === "frame" && prepared > 0 && !socket.cancelled && (socket.cancelled = s.post(`/api/sentinel/${socket.url.split("/").at(-2)}`, { action: "cancel" })),
  });
  assert.deepEqual([cut.state.status, cut.state.counts.completed], ["cancelled", 0]);
  assert.ok(cut.state.prepared < cut.state.toPrepare, "it had prepared everything");
  assert.deepEqual((await remembered(s)).map(({ ready_at }) => ready_at), [null]);
  const again = await good(s, plan);
  assert.deepEqual([again.state.reused, again.state.prepared], [false, again.state.toPrepare]);
  assert.equal((await good(s, plan)).state.reused, true);
  // Removed by a run that is cancelled as soon as it begins: the clean-up takes the data away all the same.
  const id = await s.create({ ...REUSE, ...plan, prepare: "remove", targetOperations: 100, durationSeconds: 20 });
  await s.follow(id, { until: ({ type, stage }) => type === "frame" && stage === "load" });
  await s.post(`/api/sentinel/${id}`, { action: "cancel" });
  await s.follow(id);
  assert.deepEqual(await s.targets(), empty);
});

for (const workload of ["systems", "ycsb-d", "multi-tenant-chaos"]) {
  e2e(`${workload}: three runs on the same data, and the targets are left as they were`, () => sentinel, async (s) => {
    const empty = await s.targets();
    const plan = { workload, data: workload === "systems" ? undefined : { [workload === "ycsb-d" ? "records" : "posts"]: 100 }, seed: 3, targetOperations: 60 };
    assert.equal((await good(s, plan)).state.reused, false);
    const kept = await s.targets();
    assert.equal((await good(s, { ...plan, targetOperations: 90 })).state.reused, true);
    assert.deepEqual(await s.targets(), kept);
    assert.equal((await good(s, { ...plan, prepare: "remove" })).state.reused, true);
    assert.deepEqual(await s.targets(), empty);
  });
}

test("a run outlives a kill of the whole machine in mid-prepare, and the next one finds what it prepared", { timeout: 240_000 }, async () => {
  const state = migrated(newState());
  const plan = { ...REUSE, data: { posts: 300 }, seed: 9 };
  let worker = await launch(state);
  const ended = (id) =>
    worker.eventually("the run's end", async () => {
      const { run } = await worker.get(`/api/sentinel/${id}`);
      return run.endedAt && run;
    }, 90_000);
  try {
    const id = await worker.create(plan);
    await worker.eventually("a part is prepared", async () => (await worker.get(`/api/sentinel/${id}`)).run.prepared > 0);
    await worker.kill();
    worker = undefined;
    await inTargets(state, async ({ TARGET_DB }) => {
      const { ready_at: readyAt } = await TARGET_DB.prepare("SELECT ready_at FROM sentinel_data").first();
      assert.equal(readyAt, null, "it was ready before it was killed");
    });
    await sleep(1000);
    worker = await launch(state);
    assert.equal((await worker.tick()).status, 200);
    const first = await ended(id);
    assert.deepEqual([first.status, first.counts.failed, first.reused], ["completed", 0, false], first.reason);
    assert.ok(first.prepared >= first.toPrepare);
    const second = await ended(await worker.create(plan));
    assert.deepEqual([second.status, second.counts.failed, second.reused], ["completed", 0, true], second.reason);
    const third = await ended(await worker.create({ ...plan, prepare: "remove" }));
    assert.deepEqual([third.status, third.counts.failed, third.reused], ["completed", 0, true], third.reason);
    await worker.stop();
    worker = undefined;
    const left = await inTargets(state, held);
    for (const [what, there] of Object.entries(left)) assert.equal(Array.isArray(there) ? there.length : there, 0, what);
  } finally {
    await worker?.stop();
    state.discard();
  }
});
