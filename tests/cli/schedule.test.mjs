// `sentinel schedule`: what it asks, and what it prints.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fake, id, problem, sentinel, state } from "./fake.mjs";

const API = "/api/sentinel/schedules";
const schedule = (more = {}) => ({
  id, name: "Nightly", cron: "30 2 * * *", timezone: "Europe/Berlin", words: "At 02:30 every day", overlap: "skip", catchUp: "once", jitterSeconds: 30,
  active: true, reason: null, last: { minute: "2026-11-26T01:30:00.000Z", outcome: "started", message: null, runId: id },
  nextRuns: [{ at: "2026-11-28T01:30:00.000Z", local: "2026-11-28T02:30:00+01:00" }], ...more,
});

const answers = {
  [`GET ${API}`]: () => [200, { schedules: [schedule(), schedule({ name: "Paused \u001b[2J", active: false, nextRuns: [] })] }],
  [`POST ${API}`]: () => [201, { schedule: schedule() }],
  [`GET ${API}/${id}`]: () => [200, { schedule: schedule() }],
  [`PATCH ${API}/${id}`]: () => [200, { schedule: schedule({ active: false, reason: "Three starts in a row have failed." }) }],
  [`DELETE ${API}/${id}`]: () => [204, ""],
  [`POST ${API}/${id}/run`]: () => [201, { run: state() }],
  [`POST ${API}/preview`]: ({ body }) => JSON.parse(body).cron === "@daily"
    ? [200, { cron: "@daily", words: "At 00:00 every day", nextRuns: schedule().nextRuns }]
    : problem(400, { code: "schedule.cron", detail: "The schedule cannot be kept as it is.", path: "$.cron", expected: "in the field minute" }),
};

async function run(...args) {
  const server = await fake({ answers });
  try {
    const ended = await sentinel(["schedule", ...args], { url: server.url });
    return { ...ended, requests: server.requests.map(({ method, url, body }) => [`${method} ${url}`, body]) };
  } finally {
    await server.close();
  }
}

test("the list has a line for each, without control characters", async () => {
  const { code, stdout, stderr } = await run("list");
  assert.equal(code, 0, stderr);
  const lines = stdout.trimEnd().split("\n");
  assert.equal(lines[0], `${id}  active  2026-11-28T01:30:00.000Z  Nightly: At 02:30 every day`);
  assert.match(lines[1], /  paused  - +Paused .*: At 02:30 every day$/);
  assert.ok(!stdout.includes("\u001b"));
});

test("one of them, in words and as JSON", async () => {
  const { code, stdout } = await run("show", id);
  assert.equal(code, 0);
  assert.equal(stdout, `Nightly
  id        ${id}
  cron      30 2 * * *, Europe/Berlin
  in words  At 02:30 every day
  rules     overlap skip, catch up once, jitter 30 s
  state     active
  last      2026-11-26T01:30:00.000Z started ${id}
  next      2026-11-28T01:30:00.000Z  2026-11-28T02:30:00+01:00
`);
  assert.deepEqual(JSON.parse((await run("show", id, "--json")).stdout), { schedule: schedule() });
});

test("a preset, with what options say otherwise", async () => {
  const { code, requests } = await run("create", "daily", "--timezone", "Asia/Tokyo", "--jitter", "60", "--plan", "smoke", "--overlap", "queue");
  assert.equal(code, 0);
  assert.equal(requests.length, 1);
  assert.deepEqual([requests[0][0], JSON.parse(requests[0][1])],
    [`POST ${API}`, { preset: "daily", timezone: "Asia/Tokyo", overlap: "queue", jitterSeconds: 60, plan: { preset: "smoke" } }]);
});

test("a file's own text is sent, but for what options say otherwise", async () => {
  const file = join(mkdtempSync(join(tmpdir(), "sentinel-")), "nightly.json");
  writeFileSync(file, '{ "name" : "Nightly", "cron":"0 3 * * *" , "plan": {"preset":"smoke", "seed": 9007199254740991, "name": "}\\"{" } }\n');
  const { requests } = await run("create", file, "--cron", "0 4 * * *", "--catch-up", "once");
  assert.deepEqual(JSON.parse(requests[0][1]), {
    name: "Nightly", cron: "0 4 * * *", catchUp: "once", plan: { preset: "smoke", seed: 9007199254740991, name: '}"{' } });
  assert.ok(requests[0][1].includes('"seed": 9007199254740991'));
  const changed = await run("change", id, file, "--name", "Other");
  assert.deepEqual([changed.requests[0][0], JSON.parse(changed.requests[0][1]).name], [`PATCH ${API}/${id}`, "Other"]);
  assert.match(changed.stdout, /state     paused: Three starts in a row have failed\./);
});

test("what the other verbs ask", async () => {
  for (const [args, asked, body] of [
    [["pause", id], `PATCH ${API}/${id}`, '{"active":false}'],
    [["enable", id], `PATCH ${API}/${id}`, '{"active":true}'],
    [["delete", id], `DELETE ${API}/${id}`, ""],
    [["run", id], `POST ${API}/${id}/run`, "{}"],
  ]) {
    const { code, requests, stderr } = await run(...args);
    assert.equal(code, 0, stderr);
    assert.deepEqual(requests, [[asked, body]]);
  }
  const { code, stdout } = await run("preview", "@daily", "--timezone", "Europe/Berlin");
  assert.deepEqual([code, stdout], [0, "At 00:00 every day.\n\n  next      2026-11-28T01:30:00.000Z  2026-11-28T02:30:00+01:00\n"]);
});

test("what cannot be asked, and what is refused", async () => {
  for (const [args, words] of [
    [["look"], /takes list, show, create/],
    [["show"], /needs the id of a schedule/],
    [["list", "all"], /needs nothing more/],
    [["pause", "nightly"], /nightly/],
    [["create", "nowhere.json"], /nowhere\.json/],
    [["create", "daily", "--jitter", "3601"], /--jitter/],
    [["preview", "61 * * * *"], /minute/],
  ]) {
    const { code, stderr, stdout } = await run(...args);
    assert.notEqual(code, 0, args.join(" "));
    assert.match(stderr, words);
    assert.equal(stdout, "");
  }
});
