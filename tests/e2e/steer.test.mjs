// What can be done to a run while it goes on, and every action in every state.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const seconds = (n) => new Promise((resolve) => setTimeout(resolve, n * 1000));
const loading = (message) => message.type === "frame" && message.counts.completed > 10;

e2e("a load is paused, resumed, scaled and extended, and is what was asked for", () => sentinel, async (s) => {
  const id = await s.create({ profileType: "sustained", targetOperations: 300, durationSeconds: 15, targetSystems: ["d1_reads", "kv_get"] });
  const act = async (body) => (await s.post(`/api/sentinel/${id}`, body)).run;
  await s.follow(id, { until: loading });

  assert.equal((await act({ action: "pause" })).status, "paused");
  await seconds(4); // two until it takes effect, and a report that tells of it
  const [one, two] = [(await s.get(`/api/sentinel/${id}`)).run, (await seconds(1.5), (await s.get(`/api/sentinel/${id}`)).run)];
  assert.ok(one.counts.completed > 10 && one.counts.completed < 300);
  assert.equal(two.counts.completed, one.counts.completed, "operations were sent in the pause");
  assert.equal(two.elapsedS, one.elapsedS, "the run's clock went on");
  assert.equal((await act({ action: "pause" })).status, "paused", "asked twice it changes nothing");

  assert.equal((await act({ action: "resume" })).status, "running");
  assert.equal((await act({ action: "resume" })).status, "running");
  await act({ action: "scale", factor: 2 });
  await act({ action: "scale", factor: 2 });
  const extended = await act({ action: "extend", durationSeconds: 18 });
  assert.equal(extended.durationS, 18);
  assert.ok(extended.planned > 300 && extended.planned < 720, `${extended.planned} planned`);
  for (const body of [{ action: "scale", factor: 99 }, { action: "extend", durationSeconds: 17 }]) {
    const answer = await s.ask("POST", `/api/sentinel/${id}`, { body });
    assert.deepEqual([answer.status, answer.json.code], body.factor ? [200, undefined] : [400, "run.bounds"], answer.text);
    if (body.factor) await act({ action: "scale", factor: 1 });
  }

  const { state } = (await s.follow(id, { timeoutMs: 60_000 })).at(-1);
  assertAccounted(state.counts);
  const told = await s.env.DB.prepare("SELECT action, detail FROM sentinel_audit WHERE run_id = ? AND role = 'admin' ORDER BY id").bind(id).all();
  assert.deepEqual(
    told.results.map(({ action, detail }) => (detail === null || action === "create" ? action : `${action} ${detail}`)),
    ["create", "pause", "pause", "resume", "resume", "scale factor 2", "scale factor 2", "extend durationSeconds 18", "scale factor 99", "scale factor 1"],
    "each that was accepted is written down, also where it changed nothing",
  );
  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.deepEqual(report.load.timeline.map(({ what }) => what), ["start", "pause", "resume", "scale", "extend", "scale", "scale"]);
  assert.equal(state.status, "completed");
  const sum = (column) => column.reduce((total, n) => total + n, 0);
  assert.equal(sum(report.series.planned), report.load.planned);
  assert.equal(sum(report.series.started) + sum(report.series.dropped), report.load.planned);
  assert.equal(report.load.phases.reduce((total, phase) => total + phase.planned, 0), report.load.planned);
});

// Every action in every state, as docs/api.md promises it.
const ACTIONS = {
  start: { action: "start" },
  pause: { action: "pause" },
  resume: { action: "resume" },
  scale: { action: "scale", factor: 1 },
  extend: { action: "extend", durationSeconds: 30 },
  cancel: { action: "cancel" },
};
const cellsOf = (line) => line.split("|").slice(1, -1).map((cell) => cell.trim());
const [HEAD, , ...ROWS] = readFileSync(new URL("../../docs/api.md", import.meta.url), "utf8")
  .match(/<!-- table: actions.*\n([^]*?)<!-- end of table/)[1].trim().split("\n").map(cellsOf);
const outcome = (name, state) => ROWS.find(([action]) => action === `\`${name}\``)[HEAD.indexOf(state)];

// The actions that leave the state as it is, at once; one that leads out of it is done elsewhere.
const STAYS = ["scale", "extend"];
async function check(s, id, state) {
  assert.ok(HEAD.includes(state), `docs/api.md has no column ${state}`);
  const names = Object.keys(ACTIONS).filter((name) => outcome(name, state) !== "done" || STAYS.includes(name));
  const timeline = async () => (await s.ask("GET", `/api/sentinel/${id}/report`)).json.load?.timeline.filter(({ what }) => what !== "start");
  const before = await timeline();
  const answers = await Promise.all(names.map((name) => s.ask("POST", `/api/sentinel/${id}`, { body: ACTIONS[name] })));
  for (const [i, { status, json, text }] of answers.entries()) {
    const expected = outcome(names[i], state);
    assert.equal(status, expected === "409" ? 409 : 200, `${names[i]} of a run that is ${state}: ${text}`);
    if (status === 409) assert.equal(json.code, "run.state");
    if (status === 409 && json.runStatus !== undefined) assert.ok(json.detail.includes(`"${json.runStatus}"`), json.detail);
  }
  assert.deepEqual(await timeline(), before, `${state}: nothing of this changes the schedule`);
}

e2e("every action in every state", () => sentinel, async (s) => {
  const plan = { profileType: "sustained", targetOperations: 1200, durationSeconds: 30, targetSystems: ["r2_upload"], concurrency: 10 };
  const state = async (id) => (await s.get(`/api/sentinel/${id}`)).run;
  const id = await s.create({ ...plan, startImmediately: false });
  await check(s, id, "pending");
  await s.post(`/api/sentinel/${id}`, ACTIONS.start);
  await check(s, id, "running, before its load");
  await s.follow(id, { until: loading });
  await check(s, id, "running");
  await s.post(`/api/sentinel/${id}`, ACTIONS.pause);
  await check(s, id, "paused");
  await s.post(`/api/sentinel/${id}`, ACTIONS.resume);
  await seconds(4);
  await s.post(`/api/sentinel/${id}`, ACTIONS.cancel);
  assert.equal((await state(id)).status, "draining");
  await check(s, id, "draining, cancelled");
  await s.eventually("the run has ended", async () => (await state(id)).status === "cancelled");
  await check(s, id, "completed, failed, cancelled");

  const whole = await s.create({ targetOperations: 10, durationSeconds: 1, targetSystems: ["kv_put"] });
  await s.follow(whole);
  await check(s, whole, "completed, failed, cancelled");
});

e2e("a run is cancelled while it is paused", () => sentinel, async (s) => {
  const id = await s.create({ targetOperations: 600, durationSeconds: 60, targetSystems: ["d1_reads"] });
  await s.follow(id, { until: loading });
  await s.post(`/api/sentinel/${id}`, ACTIONS.pause);
  await seconds(2.2);
  await s.post(`/api/sentinel/${id}`, ACTIONS.cancel);
  const { state } = (await s.follow(id, { until: (m) => m.type === "result" || m.state?.endedAt })).at(-1);
  assert.deepEqual([state.status, state.reason], ["cancelled", "somebody asked for it"]);
  const { load } = await s.get(`/api/sentinel/${id}/report`);
  assert.deepEqual(load.timeline.map(({ what }) => what), ["start", "pause", "cancel", "stop"]);
  assert.match((await s.ask("GET", `/api/sentinel/${id}/report?format=text`)).text, /Timeline .*the load began\.\n.*paused\.\n.*the run was cancelled\.\n.*stopped\./);
  assertAccounted(state.counts);
  assert.ok(state.counts.cancelled > 0);
  assert.equal(state.counts.unaccounted, 0);
});
