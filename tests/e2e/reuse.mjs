// Runs that keep their data.
import assert from "node:assert/strict";
import { assertAccounted } from "./harness.mjs";

export const REUSE = { preset: undefined, profileType: "sustained", concurrency: 5, workload: "grove", data: { posts: 10 }, targetOperations: 40, durationSeconds: 1, prepare: "reuse" };

// What the database remembers.
export const remembered = async (s) => (await s.env.TARGET_DB.prepare("SELECT * FROM sentinel_data ORDER BY created_at, mark").all()).results;

// To its end.
export async function run(s, plan = {}, follow = {}) {
  const id = await s.create({ ...REUSE, ...plan });
  const messages = await s.follow(id, follow);
  const { state } = messages.at(-1);
  assertAccounted(state.counts);
  await s.eventually("the tenant may run again", async () => {
    const { active } = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return active === null;
  });
  return { id, state, frames: messages.filter(({ type }) => type === "frame"), report: await s.get(`/api/sentinel/${id}/report`) };
}

// Completed, and with nothing that failed.
export async function good(s, plan) {
  const done = await run(s, plan);
  const { state, report } = done;
  assert.deepEqual([state.status, state.validity, state.counts.failed, report.cleanup.failed], ["completed", "valid", 0, 0], JSON.stringify([state.reason, report.exemplars.errors]));
  return done;
}
