// Baselines from the command line: kept, compared with, followed, and the noise of a place.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { fake, hello, id, problem, result, sentinel, state, token } from "./fake.mjs";

const ID = "99999999-2222-4333-8444-555555555555";
const HASH = "3f0c6a1e5b7d9820";
const done = { status: "completed", validity: "valid" };
const baseline = {
  id: ID,
  name: "Monday \u001b[31m",
  description: "v12",
  planHash: HASH,
  active: true,
  runs: [id],
  seconds: 60,
  achievedPerS: 99.5,
  p50Ms: 6,
  p95Ms: 12,
  p99Ms: null,
  floors: { 50: 0.05, 90: 0.08, 99: 0.25 },
  createdAt: "2027-01-15T08:00:00.000Z",
};
let folder;

before(() => (folder = mkdtempSync(join(tmpdir(), "sentinel-cli-"))));
after(() => rmSync(folder, { recursive: true }));

// The program against a Sentinel with these answers; what it asked is there too.
async function ask(args, answers = {}, more = {}) {
  const server = await fake({ answers, ...more });
  const { code, stdout, stderr } = await sentinel([...args, "--url", server.url, "--token", token]);
  await server.close();
  const requests = server.requests.map(({ method, url, body }) => ({ method, url, body }));
  return { code, stdout, stderr, requests };
}

const one = { [`GET /api/sentinel/baselines/${ID}`]: () => [200, { baseline }] };

test("baselines are listed and shown, without what could move a cursor", async () => {
  const list = { "GET /api/sentinel/baselines": () => [200, { baselines: [baseline, { ...baseline, active: false }] }] };
  const listed = await ask(["baseline", "list", "--plan-hash", HASH], list);
  assert.equal(listed.code, 0, listed.stderr);
  assert.equal(listed.requests[0].url, `/api/sentinel/baselines?planHash=${HASH}`);
  assert.match(listed.stdout, new RegExp(`^${ID}  active    ${HASH}   1 runs  2027-01-15T08:00:00.000Z  Monday \\?\\[31m\n${ID} {12}`));
  assert.deepEqual(JSON.parse((await ask(["baseline", "list", "--json"], list)).stdout).baselines.length, 2);
  const empty = await ask(["baseline", "list"], { "GET /api/sentinel/baselines": () => [200, { baselines: [] }] });
  assert.equal(empty.stdout, "There are no baselines here.\n");
  const shown = await ask(["baseline", "show", ID], one);
  assert.equal(shown.code, 0, shown.stderr);
  for (const line of ["Monday ?[31m", "  v12", "  active       yes", "  p50          6 ms", "  floors       p50 5.0 % p90 8.0 % p99 25.0 %", `  run          ${id}`])
    assert.ok(shown.stdout.includes(`${line}\n`), line);
  assert.doesNotMatch(shown.stdout, /p99 +null/);
});

test("a baseline is made, made active and deleted", async () => {
  const made = await ask(["baseline", "create", id, ID, "--name", 'a "b"', "--description", "c", "--inactive"], {
    "POST /api/sentinel/baselines": () => [201, { baseline }],
  });
  assert.equal(made.code, 0, made.stderr);
  assert.deepEqual(JSON.parse(made.requests[0].body), { name: 'a "b"', description: "c", active: false, runs: [id, ID] });
  const active = await ask(["baseline", "activate", ID, "--json"], { [`PATCH /api/sentinel/baselines/${ID}`]: () => [200, { baseline }] });
  assert.equal(active.code, 0, active.stderr);
  assert.deepEqual(JSON.parse(active.requests[0].body), { active: true });
  assert.equal(JSON.parse(active.stdout).baseline.id, ID);
  const gone = await ask(["baseline", "delete", ID], { [`DELETE /api/sentinel/baselines/${ID}`]: () => [204, ""] });
  assert.equal(gone.code, 0, gone.stderr);
  assert.match(gone.stdout, /is deleted/);
});

test("what is refused says where and why", async () => {
  const refused = await ask(["baseline", "create", id, "--name", "a"], {
    "POST /api/sentinel/baselines": () => problem(400, { code: "baseline.run", detail: "No baseline can be made.", path: "$.runs[0]", expected: "a run that is valid" }),
  });
  assert.equal(refused.code, 104);
  assert.match(refused.stderr, /The baseline was not made: No baseline can be made\.\n.*at \$\.runs\[0\]: expected a run that is valid/s);
  const strange = await ask(["baseline", "show", ID], { [`GET /api/sentinel/baselines/${ID}`]: () => [200, { hello: 1 }] });
  assert.equal(strange.code, 1);
  for (const [args, words] of [
    [["baseline"], /`sentinel baseline` needs/],
    [["baseline", "sing"], /takes list, show ID, create RUN/],
    [["baseline", "list", "more"], /takes nothing behind it/],
    [["baseline", "show"], /needs the id of one baseline/],
    [["baseline", "show", "health"], /"health" is not the id of a baseline/],
    [["baseline", "delete", ID, ID], /needs the id of one baseline/],
    [["baseline", "create", "--name", "a"], /needs the ids of the runs/],
    [["baseline", "create", id], /needs --name/],
    [["baseline", "create", "x", "--name", "a"], /"x" is not the id of a run/],
    [["baseline", "list", "--plan-hash", "abc"], /--plan-hash: expected 16 hexadecimal digits/],
    [["history"], /needs a file, or --plan-hash or --baseline/],
    [["history", "--plan-hash", "ABC"], /--plan-hash: expected/],
    [["history", "--plan-hash", HASH, "--baseline", ID], /takes one of/],
    [["history", "file.tsv", "--baseline", ID], /takes one of/],
    [["history", "--baseline", "x"], /is not the id of a baseline/],
    [["aa", "smoke", "--pairs", "0"], /--pairs: expected a whole number from 1 to 50/],
    [["aa", "smoke", "--simulate", "--baseline", ID], /three pairs or more of real runs/],
    [["aa", "smoke", "--pairs", "2", "--baseline", ID], /three pairs or more/],
    [["run", "--profile", "smoke", "--fail-on", "sad"], /--fail-on: expected same, faster/],
  ]) {
    const { code, stderr } = await sentinel([...args, "--token", token, "--url", "http://127.0.0.1:1"].filter((_, i, all) => all[0] !== "x"));
    assert.equal(code, 104, args.join(" "));
    assert.match(stderr, words);
  }
});

test("a plan's runs are followed over pages, and a change is found", async () => {
  const run = (n) => ({ id, status: "completed", validity: n === 5 ? "invalid" : "valid", startedAt: `2027-01-${10 + (n >> 3)}T00:00:00.000Z`, p50Ms: n === 7 ? null : 5 + (n % 2), p95Ms: (n < 30 ? 100 : 120) + (n % 3), p99Ms: 150, achievedPerS: 50 });
  const runs = Array.from({ length: 60 }, (_, n) => run(n)).reverse();
  const pages = {
    "GET /api/sentinel": ({ url }) => (url.includes("cursor=ab12") ? [200, { runs: runs.slice(40), cursor: null }] : [200, { runs: runs.slice(0, 40), cursor: "ab12" }]),
    ...one,
  };
  const { code, stdout, stderr, requests } = await ask(["history", "--baseline", ID, "--json"], pages);
  assert.equal(code, 0, stderr);
  assert.deepEqual(requests.map(({ url }) => url), [
    `/api/sentinel/baselines/${ID}`,
    `/api/sentinel?limit=100&status=completed&planHash=${HASH}`,
    `/api/sentinel?limit=100&status=completed&planHash=${HASH}&cursor=ab12`,
  ]);
  const trend = JSON.parse(stdout);
  assert.equal(trend.planHash, HASH);
  assert.equal(trend.runs.length, 59); // one cannot be believed
  assert.equal(trend.runs[0].p95Ms, 100);
  assert.deepEqual(trend.changes.p95Ms.map(({ index }) => index), [30]);
  assert.deepEqual([trend.changes.p50Ms, trend.changes.p99Ms, trend.changes.achievedPerS], [[], [], []]);
  const text = await ask(["history", "--plan-hash", HASH], pages);
  assert.match(text.stdout, /^Plan 3f0c6a1e5b7d9820: 59 runs that can be believed\.\n/);
  assert.match(text.stdout, /\np95, ms\n.*from 30 on: 121/s);
  const none = await ask(["history", "--plan-hash", HASH], { "GET /api/sentinel": () => [200, { runs: [], cursor: null }] });
  assert.equal(none.code, 0, none.stderr);
});

// A run that ends at once, and is compared only when it was asked for the third time.
function compared(verdict) {
  let asked = 0;
  const comparison = () => ({ baseline: { id: ID, name: "Monday" }, verdict: ++asked < 3 ? null : verdict });
  return {
    answers: { [`GET /api/sentinel/${id}`]: () => [200, { run: state({ ...done, comparison: comparison() }) }] },
    live: (connection) => {
      connection.accept();
      connection.send(hello());
      connection.send(result(done));
    },
    asked: () => asked,
  };
}

test("a run waits for its comparison, and ends with 99 where somebody has asked for that", async () => {
  for (const [verdict, failOn, expected] of [["slower", "slower", 99], ["slower", "inconclusive,slower", 99], ["same", "slower", 0], ["slower", null, 0]]) {
    const { answers, live, asked } = compared(verdict);
    const { code, stdout, stderr } = await ask(["run", "--profile", "smoke", "--quiet", ...(failOn ? ["--fail-on", failOn] : [])], answers, { live });
    assert.equal(code, expected, stderr);
    assert.equal(asked(), 3);
    assert.equal(stdout, "the report\n");
    assert.equal(/--fail-on names/.test(stderr), expected === 99);
  }
});

test("a run's state says what it is beside its baseline", async () => {
  for (const [verdict, words] of [["slower", "slower"], [null, "not yet"]]) {
    const comparison = { baseline: { id: ID, name: "Monday" }, verdict };
    const { stdout } = await ask(["status", id], { [`GET /api/sentinel/${id}`]: () => [200, { run: state({ ...done, comparison }) }] });
    assert.ok(stdout.includes(`\n  compared  ${words}, beside the baseline "Monday"\n`), stdout);
  }
});

test("the noise of a place is learned from pairs of runs, in virtual time and the same every time", async () => {
  const plan = join(folder, "plan.json");
  writeFileSync(plan, JSON.stringify({ profileType: "sustained", targetOperations: 3000, durationSeconds: 40, concurrency: 20, targetSystems: ["kv_get"] }));
  const args = ["aa", plan, "--simulate", "--pairs", "3", "--json"];
  const first = await sentinel(args);
  assert.equal(first.code, 0, first.stderr);
  assert.equal((await sentinel(args)).stdout, first.stdout);
  const { pairs, noise, floors, baseline: stored } = JSON.parse(first.stdout);
  assert.equal(pairs.length, 3);
  assert.deepEqual(pairs[1].runs, ["seed 3", "seed 4"]);
  for (const p of ["50", "90", "99"]) {
    const logs = pairs.map(({ percentiles }) => Math.log(percentiles[p].ratio));
    const expected = Math.sqrt(logs.reduce((sum, log) => sum + log * log, 0) / logs.length);
    assert.ok(Math.abs(noise[p] - expected) < 1e-5, p);
    assert.ok(floors[p] >= Math.min(1, 2 * noise[p]) && floors[p] >= (p === "99" ? 0.1 : 0.05), p);
  }
  assert.ok(pairs.every(({ verdict }) => ["same", "inconclusive"].includes(verdict)), first.stdout);
  assert.equal(stored, null);
  const few = await sentinel(["aa", plan, "--simulate", "--pairs", "2"]);
  assert.match(few.stdout, /Floors follow from three pairs and more\./);
});

test("real runs come in pairs too, and a baseline is given the floors that follow", async () => {
  const plan = join(folder, "short.json");
  writeFileSync(plan, JSON.stringify({ profileType: "sustained", targetOperations: 400, durationSeconds: 8, concurrency: 10, targetSystems: ["kv_get"] }));
  const { stdout: report } = await sentinel(["simulate", plan, "--json"]);
  const live = (connection) => {
    connection.accept();
    connection.send(hello());
    connection.send(result(done));
  };
  const answers = {
    [`GET /api/sentinel/${id}/report`]: () => [200, report, "application/json"],
    [`PATCH /api/sentinel/baselines/${ID}`]: () => [200, { baseline }],
  };
  const { code, stdout, stderr, requests } = await ask(["aa", plan, "--pairs", "3", "--baseline", ID, "--quiet"], answers, { live });
  assert.equal(code, 0, stderr);
  const started = requests.filter(({ method }) => method === "POST");
  assert.equal(started.length, 6);
  assert.equal(JSON.parse(started[0].body).name, "A/A");
  assert.deepEqual(JSON.parse(requests.at(-1).body), { floors: { 50: 0.05, 90: 0.05, 99: 0.1 } });
  assert.match(stdout, new RegExp(`noise {7}0\\.0 %.*Baseline ${ID} has these floors now`, "s"));
  // A run that nothing can be learned from ends it.
  const invalid = { ...answers, [`GET /api/sentinel/${id}/report`]: () => [200, report.replace('"validity":"valid"', '"validity":"invalid"'), "application/json"] };
  const stopped = await ask(["aa", plan, "--pairs", "3", "--quiet"], invalid, { live });
  assert.equal(stopped.code, 110, stopped.stderr);
  assert.match(stopped.stderr, /teaches nothing/);
  const older = { ...answers, [`GET /api/sentinel/${id}/report`]: () => [200, { ...JSON.parse(report), intervals: null }] };
  const without = await ask(["aa", plan, "--pairs", "1", "--quiet"], older, { live });
  assert.equal(without.code, 1, without.stdout);
  assert.match(without.stderr, /hold no intervals/);
});
