// What tests of schedules need: making and changing them, the tick, and the runs that come of it.
import assert from "node:assert/strict";

export const API = "/api/sentinel/schedules";
export const PLAN = { preset: "smoke", targetOperations: 10, durationSeconds: 1, targetSystems: ["d1_reads"] };
export const SCHEDULE = { name: "Nightly", cron: "30 2 * * *", timezone: "Europe/Berlin", plan: PLAN };

export const create = async (s, more) => (await s.post(API, { ...SCHEDULE, ...more }, 201)).schedule;
export const change = async (s, id, body) => {
  const answer = await s.ask("PATCH", `${API}/${id}`, { body });
  assert.equal(answer.status, 200, answer.text);
  return answer.json.schedule;
};
export const tick = (s) => s.worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() });
export const minute = () => Math.floor(Date.now() / 60_000) * 60;

// As if the minute that it waits for had come, so many seconds ago.
export const due = (s, id, ago = 0) =>
  s.env.DB.prepare("UPDATE sentinel_schedules SET next_run_at = ?1, next_start_at = ?1 WHERE id = ?2").bind(minute() - ago, id).run();

export async function runsOf(s, id) {
  const { results } = await s.env.DB.prepare("SELECT id, status, active, triggered_by, schedule_minute, replaces_run_id FROM sentinel_runs WHERE schedule_id = ? ORDER BY schedule_minute").bind(id).all();
  return results;
}

export const ended = (s, id) =>
  s.eventually("the run has ended", async () => {
    const row = await s.env.DB.prepare("SELECT status, active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null && row.status !== "pending" && row.status;
  });
