// What it costs a run that 200 watch it: the same run with and without them, by turns.
//
// All of it shares one thread on the local runtime, so that what viewers cost delays the shard's operations.  They all come
// at the same moment: how long it takes until the last of them is greeted is shown too.
//
// The goal is that nothing of it can be measured: the share that was delivered, and the start lag that one operation in a
// hundred exceeds, are no worse than the worst of the same runs without viewers, give or take a step of the clock.
import assert from "node:assert/strict";
import { start, TOKEN } from "../e2e/harness.mjs";
import { openViewer } from "../e2e/viewer.mjs";
import { median, SMOKE, verdict } from "./compare.mjs";

const VIEWERS = SMOKE ? 5 : 200, ROUNDS = SMOKE ? 1 : 4, SECONDS = SMOKE ? 3 : 15, PER_S = 100, STEP_MS = 1;

const PLAN = {
  preset: undefined,
  profileType: "sustained",
  targetOperations: PER_S * SECONDS,
  durationSeconds: SECONDS,
  concurrency: 5,
  targetSystems: ["kv_get"],
};

// Opens so many, counts what they hear, and gives how each of them ended.
function crowd(s, id, count, heard) {
  const beganMs = performance.now();
  return Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve) => {
          let greeted = false;
          openViewer(s.url, id, TOKEN, {
            onMessage: (text) => {
              if (!greeted) heard.greetedMs = performance.now() - beganMs;
              greeted = true;
              heard.messages += 1;
              heard.bytes += text.length;
            },
            onEnd: resolve,
          });
        }),
    ),
  );
}

async function round(s, viewers, heard) {
  heard.greetedMs = 0;
  const id = await s.create(PLAN);
  const watching = crowd(s, id, viewers, heard);
  await s.follow(id, { timeoutMs: 90_000 });
  for (const { code, reason } of await watching) assert.equal(code, 1000, reason);
  const { validity, total } = await s.get(`/api/sentinel/${id}/report`);
  assert.equal(total.failed, 0);
  await s.eventually("the tenant may run again", async () => {
    const row = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null;
  });
  return { greetedMs: heard.greetedMs, p50: validity.lagMs.harness.p50, p99: validity.lagMs.harness.p99, share: validity.delivery.deliveredShare };
}

const sentinel = await start();
try {
  const watched = [], alone = [], heard = { messages: 0, bytes: 0 };
  for (let i = 0; i < ROUNDS; i++) {
    alone.push(await round(sentinel, 0, heard));
    watched.push(await round(sentinel, VIEWERS, heard));
  }
  const of = (rounds, name) => rounds.map((round) => round[name]);
  const said = (rounds) => {
    const p99 = of(rounds, "p99"), share = median(of(rounds, "share"));
    return `start lag p50 ${median(of(rounds, "p50"))}, p99 ${median(p99)} ms (${Math.min(...p99)} to ${Math.max(...p99)}), ${(100 * share).toFixed(2)} % delivered`;
  };
  const late = median(of(watched, "p99")) > Math.max(...of(alone, "p99")) + STEP_MS;
  const less = median(of(watched, "share")) < Math.min(...of(alone, "share"));
  const ratio = median(of(watched, "p50")) / Math.max(1, median(of(alone, "p50")));
  console.log(
    `run.viewers: ${VIEWERS} viewers heard ${heard.messages} messages of ${Math.round(heard.bytes / heard.messages)} bytes, the last of them greeted after ${Math.round(median(of(watched, "greetedMs")))} ms; ${said(watched)}, ` +
      `beside ${said(alone)} with none; ratio of p50 ${ratio.toFixed(2)} (goal no worse than the worst without: ${verdict(!late && !less)})`,
  );
} finally {
  await sentinel.stop();
}
