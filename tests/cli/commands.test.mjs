// Arguments, plans from files, and the commands that ask one question.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { binary, counts, fake, frame, hello, id, result, sentinel, state, token } from "./fake.mjs";

const other = "99999999-2222-4333-8444-555555555555";
const stopped = { runs: [{ id, name: "Nightly", status: "draining", told: true }, { id: other, name: "Later", status: "pending", told: false }], runsToTell: 2, schedulesPaused: 3 };
const letter = { id: "0123456789abcdef0123456789abcdef", target: "webhook", event: "finished", state: "dead", dueAt: "2027-01-15T08:00:00.000Z", attempts: 5, error: "HTTP 500" };
const done = { status: "completed", validity: "valid" };
let server, folder;

before(async () => {
  folder = mkdtempSync(join(tmpdir(), "sentinel-cli-"));
  const live = (connection) => {
    connection.accept();
    connection.send(hello());
    connection.send(result(done));
  };
  const answers = {
    "GET /api/sentinel": () => [200, { runs: [state({ ...done, createdAt: "2027-01-15T08:00:00.000Z" })], cursor: null }],
    "GET /html/api/sentinel": () => [200, "<html>", "text/html"],
    "GET /json/api/sentinel": () => [200, { hello: "world" }],
    [`GET /html/api/sentinel/${id}`]: () => [200, "<html>", "text/html"],
    [`GET /json/api/sentinel/${id}`]: () => [200, { run: state({ id: other }) }],
    "POST /api/sentinel/stop-all": () => [200, stopped],
    "POST /json/api/sentinel/stop-all": () => [200, { runs: 1 }],
    "GET /api/sentinel/outbox": () => [200, { messages: [letter] }],
    [`POST /api/sentinel/outbox/${letter.id}`]: () => [200, { message: letter }],
    "GET /html/api/sentinel/outbox": () => [200, "<html>", "text/html"],
    [`POST /json/api/sentinel/outbox/${letter.id}`]: () => [200, { message: {} }],
    [`POST /html/api/sentinel/${id}`]: () => [200, "<html>", "text/html"],
    [`POST /json/api/sentinel/${id}`]: () => [200, {}],
    [`GET /html/api/sentinel/${id}/report`]: () => [200, "<html>", "text/html"],
    [`GET /json/api/sentinel/${id}/report`]: () => [200, { schema: "another" }],
    [`GET /api/sentinel/${id}`]: () => [200, { run: state({ ...done, elapsedS: 30, durationS: 30, counts: counts(98, 2) }) }],
  };
  server = await fake({ live, answers });
});

after(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const file = (name, text) => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};

for (const [args, words] of [
  [[], /Which command/],
  [["fly"], /no command "fly"/],
  [["run"], /What is to be run/],
  [["run", "--profile", "smoke", "plan.json"], /One plan at a time: "smoke" or "plan.json"/],
  [["run", "--profile"], /--profile needs a value: --profile PRESET/],
  [["run", "--profile="], /--profile needs a value/],
  [["run", "--speed", "9"], /--speed is not an option of `sentinel run`/],
  [["run", "--quiet=yes", "--profile", "smoke"], /--quiet takes no value/],
  [["run", "--silence", "-1", "--profile", "smoke"], /--silence: expected a whole number from 0 to 3600, got "-1"/],
  [["run", "--silence", "3601", "--profile", "smoke"], /--silence: expected/],
  [["run", "--silence", "1e1", "--profile", "smoke"], /--silence: expected/],
  [["outbox", "burn"], /`sentinel outbox list`, or `sentinel outbox resend ID`/],
  [["outbox", "resend"], /`sentinel outbox list`, or/],
  [["outbox", "list", "all"], /`sentinel outbox list`, or/],
  [["outbox", "resend", "../x"], /"\.\.\/x" is no message's id/],
  [["status"], /`sentinel status` needs the id of a run/],
  [["status", "../secrets"], /is not the id of a run/],
  [["status", id.toUpperCase().replaceAll("1", "A")], /is not the id of a run: expected a UUID in lower case/],
  [["status", `${id}0`], /is not the id of a run/],
  [["cancel", "health"], /"health" is not the id of a run/],
  [["report", "health"], /"health" is not the id of a run/],
  [["status", ""], /`sentinel status` got an empty argument; expected ID/],
  [["plan", ""], /`sentinel plan` got an empty argument; expected FILE\|PRESET/],
  [["run", ""], /`sentinel run` got an empty argument; expected \[FILE\]/],
  [["list", "--limit", "0"], /--limit: expected a whole number from 1 to 100, got "0"/],
  [["list", "--limit", "101"], /--limit: expected a whole number from 1 to 100/],
  [["status", id, "more"], /"more" is one argument too many/],
  [["list", "more"], /one argument too many/],
  [["report", id, "--format", "a/b"], /--format: expected/],
  [["list", "--status", "a&b"], /--status: expected/],
  [["help", "fly"], /no command "fly"/],
  [["simulate", "smoke", "--seed", "18446744073709551616"], /--seed: expected a whole number below 2\^64/],
  [["simulate", "smoke", "--target-errors", "1.5"], /--target-errors: expected a number from 0 to 1/],
  [["simulate", "smoke", "--models", "default,d1=1"], /--models: "d1=1" is none; expected default, or some of these/],
  [["curve", "smoke", "--shard", "3/3"], /--shard: expected I\/N/],
  [["curve", "smoke", "--shard", "1"], /--shard: expected I\/N/],
  [["curve", "smoke", "--arrivals", "3"], /--arrivals needs --json/],
]) {
  test(`104: sentinel ${args.join(" ")}`, async () => {
    const { code, stdout, stderr } = await sentinel(args, { url: server.url });
    assert.deepEqual([code, stdout], [104, ""]);
    assert.match(stderr, words);
  });
}

test("an address or a token that cannot be used", async () => {
  for (const url of ["", "ftp://host", "http://", "no address", "http://host:99999999"]) {
    const { code, stderr } = await sentinel(["list", `--url=${url || "x:"}`]);
    assert.equal(code, 104, url);
    assert.match(stderr, /--url: expected an address/);
  }
  for (const [given, words] of [["", /asks for a token/], ["two words", /has a character in it/], ["x".repeat(600), /too long/]]) {
    const { code, stderr } = await sentinel(["list"], { url: server.url, env: { SENTINEL_TOKEN: given } });
    assert.equal(code, 104);
    assert.match(stderr, words);
  }
});

test("--token and --url come before the environment", async () => {
  const { code } = await sentinel(["list", "--url", server.url, "--token", "another"], { env: { SENTINEL_URL: "http://127.0.0.1:9" } });
  assert.equal(code, 0);
  assert.equal(server.requests.at(-1).headers.authorization, "Bearer another");
});

test("help for everything and for each command", async () => {
  const { code, stdout } = await sentinel(["help"]);
  assert.equal(code, 0);
  for (const word of ["run", "simulate", "105", "110"]) assert.ok(stdout.includes(word), word);
  const one = await sentinel(["run", "--help"]);
  assert.deepEqual([one.code, one.stdout], [0, (await sentinel(["help", "run"])).stdout]);
  assert.match(one.stdout, /--silence SECONDS/);
  // All meanings begin in one column, also behind an argument that is longer than that.
  assert.match(stdout, /^ {2}run {7}\[FILE\] {19}start a run/m);
  assert.match(stdout, /^ {2}baseline {2}list\|show ID\|create RUN\.\.\.\|activate ID\|delete ID\n {37}keep what is normal/m);
  assert.equal((await sentinel(["version"])).stdout, (await sentinel(["--version"])).stdout);
});

const plan = { name: "mine", targetOperations: 10, durationSeconds: 5, tags: ["ä", null, true, 1.5] };
const sent = () => server.requests.filter(({ url }) => url === "/api/sentinel").at(-1).body;

test("a plan from a file, from stdin, with another name", async () => {
  const path = file("plan.json", JSON.stringify({ ...plan, startImmediately: false }));
  for (const [args, input, name] of [
    [["run", path], "", "mine"],
    [["run", "--plan", path, "--name", 'na"me'], "", 'na"me'],
    [["run", "-"], JSON.stringify(plan), "mine"],
  ]) {
    const { code, stderr } = await sentinel(args, { url: server.url, input });
    assert.equal(code, 0, stderr);
    assert.deepEqual(JSON.parse(sent()), { ...plan, name, startImmediately: true });
    for (const once of ["startImmediately", '"name"']) assert.equal(sent().split(once).length, 2);
  }
});

test("a plan's file that cannot be used", async () => {
  for (const [args, input, words] of [
    [["run", file("broken.json", '{\n  "name": "x",\n  nonsense\n}')], "", /broken\.json, line 3, column \d+: expected/],
    [["run", file("twice.json", '{"name":"x","name":"y"}')], "", /twice\.json, at \$\.name: expected/],
    [["run", file("list.json", "[1]")], "", /list\.json: expected a JSON object/],
    [["run", file("long.json", `"${"x".repeat(70_000)}"`)], "", /long\.json is too long: at most 65536 bytes/],
    [["run", join(folder, "absent.json")], "", /absent\.json could not be opened/],
    [["run", folder], "", /could not be read/],
    [["run", "-"], "", /stdin, line 1|-, line 1/],
  ]) {
    const { code, stdout, stderr } = await sentinel(args, { url: server.url, input });
    assert.deepEqual([code, stdout], [104, ""], stderr);
    assert.match(stderr, words);
  }
});

test("status, list, report, cancel", async () => {
  const status = await sentinel(["status", id], { url: server.url });
  assert.equal(status.code, 0);
  assert.match(status.stdout, /status {4}completed[^]*completed 98 of 100, 2 failed/);
  const json = await sentinel(["status", id, "--json"], { url: server.url });
  assert.equal(JSON.parse(json.stdout).run.id, id);
  const list = await sentinel(["list", "--limit", "5", "--status", "completed"], { url: server.url });
  assert.equal(list.stdout, `${id}  completed  valid     2027-01-15T08:00:00.000Z  smoke\n`);
  assert.equal(server.requests.at(-1).url, "/api/sentinel?limit=5&status=completed");
  const report = await sentinel(["report", id, "--format", "json"], { url: server.url });
  assert.equal(report.stdout, '{"schema":"sentinel.report/1"}');
  const cancel = await sentinel(["cancel", id], { url: server.url });
  assert.equal(cancel.code, 0);
  assert.equal(server.requests.at(-1).body, '{"action":"cancel"}');
});

test("everything is stopped", async () => {
  const all = await sentinel(["stop-all"], { url: server.url });
  assert.deepEqual([all.code, all.stdout], [0, `${id}  draining   told      Nightly\n${other}  pending    not told  Later\n2 runs have not been told yet; the Worker's next tick does it, within a minute.\n3 schedules were paused; \`sentinel schedule list\` shows them, \`sentinel schedule enable ID\` ends it.\n`]);
  assert.equal(server.requests.at(-1).body, "{}");
  const kept = await sentinel(["stop-all", "--reason", 'a "storm"', "--keep-schedules"], { url: server.url });
  assert.match(kept.stdout, /\nSchedules go on\.\n$/);
  assert.equal(server.requests.at(-1).body, '{"reason":"a \\"storm\\"","schedules":"keep"}');
  assert.deepEqual(JSON.parse((await sentinel(["stop-all", "--json"], { url: server.url })).stdout), stopped);
  const long = await sentinel(["stop-all", "--reason", "a".repeat(3000)], { url: server.url });
  assert.deepEqual([long.code, long.stdout], [104, ""]);
  assert.match(long.stderr, /at most 200 bytes/);
  const stranger = await sentinel(["stop-all"], { url: `${server.url}/json` });
  assert.deepEqual([stranger.code, stranger.stdout], [1, ""]);
});

test("the outbox", async () => {
  for (const args of [["outbox"], ["outbox", "list"]]) {
    const { code, stdout } = await sentinel(args, { url: server.url });
    assert.deepEqual([code, stdout], [0, `${letter.id}  dead     webhook   finished          2027-01-15T08:00:00.000Z  5 tries  HTTP 500\n`]);
  }
  const body = file("body.json", '{"a":1}');
  const verify = (signature, secret) => sentinel(["outbox", "verify", signature, body], { env: { SENTINEL_WEBHOOK_SECRET: secret } });
  const right = `t=1790000000,v1=${createHmac("sha256", "secret").update('1790000000.{"a":1}').digest("hex")}`;
  const good = await verify(right, "secret");
  assert.deepEqual([good.code, good.stdout], [0, "The signature is right. It was made at 2026-09-21T14:13:20.000Z.\n"]);
  for (const [signature, secret] of [[right, "another"], [right.replace("1790000000", "1790000001"), "secret"], [right.slice(0, -1), "secret"], ["t=,v1=", "secret"], ["t=99999999999999999999,v1=0", "secret"]]) {
    const { code, stdout } = await verify(signature, secret);
    assert.deepEqual([code, stdout], [1, "The signature is wrong: the body is another one, or the secret.\n"], signature);
  }
  assert.equal((await verify(right, "")).code, 104);
  const json = await sentinel(["outbox", "list", "--json"], { url: server.url });
  assert.deepEqual(JSON.parse(json.stdout), { messages: [letter] });
  const resend = await sentinel(["outbox", "resend", letter.id], { url: server.url });
  assert.deepEqual([resend.code, resend.stdout], [0, `Message ${letter.id} is sent again within a minute.\n`]);
  assert.equal(server.requests.at(-1).body, '{"action":"resend"}');
  for (const [args, url] of [[["outbox"], "/html"], [["outbox", "resend", letter.id], "/json"]]) {
    const { code, stdout } = await sentinel(args, { url: server.url + url });
    assert.deepEqual([code, stdout], [1, ""]);
  }
});

test("a run that nobody knows", async () => {
  for (const args of [["status", other], ["report", other], ["cancel", other]]) {
    const { code, stdout, stderr } = await sentinel(args, { url: server.url });
    assert.deepEqual([code, stdout], [104, ""]);
    assert.match(stderr, /There is no such run/);
  }
});

test("a server that answers 200 to everything is not believed", async () => {
  for (const place of ["html", "json"]) {
    for (const args of [["list"], ["status", id], ["cancel", id], ["report", id], ["report", id, "--format", "json"]]) {
      for (const more of args[0] === "list" || args[0] === "status" ? [[], ["--json"]] : [[]]) {
        const { code, stdout, stderr } = await sentinel([...args, ...more], { url: `${server.url}/${place}` });
        assert.deepEqual([code, stdout], [1, ""], `${place} ${args}: ${stderr}`);
        assert.match(stderr, /the answer is not one of Sentinel's/);
      }
    }
  }
});

test("a report for people moves nobody's cursor", async () => {
  const report = "one\u001b[2J\ttwo\r\n\u202ethree\u009b \u0000 gr\u00fcn\n";
  const turned = await fake({ report });
  const { code, stdout, stderr } = await sentinel(["report", id], { url: turned.url });
  await turned.close();
  assert.deepEqual([code, stdout, stderr], [0, "one?[2J?two?\n?three? ? grün\n", ""]);
});

const hasFull = existsSync("/dev/full");

for (const shell of hasFull ? [">/dev/full", ">&-"] : [">&-"]) {
  test(`1: what cannot be written to ${shell}`, async () => {
    const asks = [["list"], ["list", "--json"], ["status", id], ["report", id], ["cancel", id], ["stop-all"]];
    const local = [["plan", "smoke"], ["curve", "smoke"], ["simulate", "smoke"], ["help"], ["help", "run"], ["--version"]];
    local.push(["hist"], ["keys", "--distribution", "uniform", "--keyspace", "5"], ["mix"]);
    for (const args of [...asks, ...local]) {
      const { code, stderr } = await sentinel(args, { url: server.url, shell });
      assert.equal(code, 1, `${args}: ${stderr}`);
      assert.equal(stderr.split("The output could not be written").length, 2, `${args}: ${stderr}`);
    }
  });
}

test("what an option says is text in UTF-8, like a file", async () => {
  const asked = server.requests.length;
  const says = [["run", "--profile", "smoke", "--name"], ["stop-all", "--reason"], ["baseline", "create", id, "--name"]];
  says.push(["baseline", "create", id, "--name", "a", "--description"], ["schedule", "create", "smoke", "--name"], ["list", "--status"]);
  for (const args of says) {
    const { code, stderr } = await sentinel(args, { url: server.url, shell: `"$(printf 'a\\377')"` });
    assert.equal(code, 104, stderr);
    assert.match(stderr, new RegExp(`^${args.at(-1)}: expected text in UTF-8, got "a.*"\\.$`, "m"));
  }
  assert.equal(server.requests.length, asked);
});

test("a file may be called anything", async () => {
  const { code, stderr } = await sentinel(["run", "--plan"], { url: server.url, shell: `"$(printf '/no/such\\377')"` });
  assert.equal(code, 104, stderr);
  assert.match(stderr, /No such file/);
});

const hasScript = spawnSync("script", ["--version"]).status === 0;

test("on a terminal two lines are drawn again and again", { skip: !hasScript }, async () => {
  const terminal = await fake({
    live: (connection) => {
      connection.accept();
      connection.send(frame());
      connection.send(frame({ elapsedS: 15, counts: counts(50), window: { seconds: 5, p50Ms: 3, p95Ms: 9, p99Ms: null } }));
      connection.send(result(done));
    },
  });
  const child = spawn("script", ["-qec", `stty cols 60; exec ${binary} run --profile smoke`, "/dev/null"], {
    env: { PATH: process.env.PATH, TERM: "xterm", SENTINEL_URL: terminal.url, SENTINEL_TOKEN: token },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 10_000,
  });
  let screen = "";
  child.stdout.on("data", (bytes) => (screen += bytes));
  const code = await new Promise((resolve) => child.on("close", resolve));
  await terminal.close();
  assert.equal(code, 0, screen);
  const lines = screen.split("\r\n");
  const drawn = lines.map((line) => line.replaceAll(/\x1b\[[0-9]*[A-Z]|\r/g, ""));
  const up = "\x1b[1A\r\x1b[K";
  assert.ok(!screen.includes("\x1b[1A\x1b[1A"), screen);
  assert.ok(screen.includes(`${up}[############............] steady 15 of 30 s`), screen);
  assert.ok(drawn.some((line) => line.startsWith("p50 3, p95 9, p99 - ms (last 10 s); 50 of 100")), screen);
  for (const line of drawn) assert.ok(line.split("[####").at(-1).length <= 60, line);
  assert.equal(drawn.at(-2), "the report");
});
