// What it costs a run that 200 watch it: the same run with and without them, by turns.
//
// All of it shares one thread on the local runtime, so that what viewers cost delays the shard's operations.  They all come
// at the same moment: how long it takes until the last of them is greeted is shown too.
import assert from "node:assert/strict";
import { start, TOKEN } from "../e2e/harness.mjs";
import { openViewer } from "../e2e/viewer.mjs";
import { SMOKE } from "./compare.mjs";

const VIEWERS = SMOKE ? 5 : 200, ROUNDS = SMOKE ? 1 : 3, SECONDS = SMOKE ? 3 : 15, PER_S = 100;

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
  const median = (rounds, name) => rounds.map((of) => of[name]).toSorted((a, b) => a - b)[rounds.length >> 1];
  const said = (rounds) => `start lag p50 ${median(rounds, "p50")}, p99 ${median(rounds, "p99")} ms, ${100 * median(rounds, "share")} % delivered`;
  const ratio = median(watched, "p50") / Math.max(1, median(alone, "p50"));
  console.log(
    `run.viewers: ${VIEWERS} viewers heard ${heard.messages} messages of ${Math.round(heard.bytes / heard.messages)} bytes, the last of them greeted after ${Math.round(median(watched, "greetedMs"))} ms; ${said(watched)}, ` +
      `beside ${said(alone)} with none; ratio of p50 ${ratio.toFixed(2)}`,
  );
} finally {
  await sentinel.stop();
}
