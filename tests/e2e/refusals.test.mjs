// What is refused, and how: never with a trap, never with a 5xx, always as a problem that says what was wrong.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const ID = "01890a5d-ac96-474b-8cce-b302099a8057";

function assertProblem(answer, status, what) {
  assert.equal(answer.status, status, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  assert.match(answer.type, /^application\/problem\+json/, what);
  assert.equal(answer.json.status, status, what);
  assert.match(answer.json.code, /^[a-z][a-z0-9.-]+$/, what);
}

e2e("without the token nothing is open but health", () => sentinel, async (s) => {
  const routes = [
    ["GET", "/api/sentinel"],
    ["POST", "/api/sentinel"],
    ["GET", `/api/sentinel/${ID}`],
    ["POST", `/api/sentinel/${ID}`],
    ["GET", `/api/sentinel/${ID}/report`],
    ["GET", `/api/sentinel/${ID}/live`],
    ["GET", "/nothing/here"],
  ];
  for (const [method, path] of routes) {
    for (const token of [null, "wrong", "end-to-end-toke", "end-to-end-token2", "x".repeat(9000)]) {
      const body = method === "POST" ? "{}" : undefined;
      assertProblem(await s.ask(method, path, { token, body }), 401, `${method} ${path} with ${token?.slice(0, 20)}`);
    }
  }
  assert.equal((await s.ask("GET", "/api/sentinel/health", { token: null })).status, 200);
});

e2e("bad bodies get a 4xx with the place and what was expected", () => sentinel, async (s) => {
  const bodies = [
    ["", 400],
    ["{", 400],
    ["null", 400],
    ["[]", 400],
    ['"plan"', 400],
    ['{"preset":"smoke"} trailing', 400],
    ['{"preset":"smoke","preset":"smoke"}', 400],
    ['{"preset":"none"}', 400],
    ['{"preset":"smoke","concurrency":0}', 400],
    ['{"preset":"smoke","concurrency":1e999}', 400],
    ['{"preset":"smoke","durationSeconds":3.5}', 400],
    ['{"preset":"smoke","name":"\\ud800"}', 400],
    ['{"preset":"smoke","targetSystems":["no_such_system"]}', 400],
    ['{"preset":"smoke","unknown":1}', 400],
    [`${"[".repeat(100)}${"]".repeat(100)}`, 400],
    [`{"preset":"smoke","description":"${"x".repeat(70_000)}"}`, 413],
    ["x".repeat(1_000_000), 413],
  ];
  for (const [body, status] of bodies) {
    const answer = await s.ask("POST", "/api/sentinel", { body });
    assertProblem(answer, status, body.slice(0, 60));
    assert.match(answer.json.path, /^\$/, body.slice(0, 60));
    assert.ok(answer.json.expected.length > 0, body.slice(0, 60));
  }
  const { results } = await s.env.DB.prepare("SELECT id FROM sentinel_runs").all();
  assert.deepEqual(results, []);
});

e2e("bytes that are no UTF-8 are refused like any bad body", () => sentinel, async (s) => {
  const response = await fetch(new URL("/api/sentinel", s.url), {
    method: "POST",
    body: Uint8Array.of(0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d),
    headers: { authorization: "Bearer end-to-end-token", "content-type": "application/json" },
  });
  assert.equal(response.status, 400, await response.text());
});

e2e("what is not there, and methods that are not known", () => sentinel, async (s) => {
  assertProblem(await s.ask("GET", `/api/sentinel/${ID}`), 404, "an unknown run");
  assertProblem(await s.ask("GET", `/api/sentinel/${ID}/report`), 404, "an unknown run's report");
  assertProblem(await s.ask("GET", `/api/sentinel/${ID}/live`), 404, "an unknown run's live socket");
  assertProblem(await s.ask("GET", "/api/sentinel/not-an-id"), 404, "no id");
  assertProblem(await s.ask("GET", `/${"deep/".repeat(4000)}`), 404, "a very long path");
  const wrong = await s.ask("PUT", "/api/sentinel", { body: "{}" });
  assertProblem(wrong, 405, "PUT");
  assert.match(wrong.response.headers.get("allow"), /GET.*POST/);
  assertProblem(await s.ask("POST", "/api/sentinel", { body: "{}", headers: { "content-type": "text/plain" } }), 415, "text");
});

e2e("the live address tells plain requests what it speaks", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false });
  const answer = await s.ask("GET", `/api/sentinel/${id}/live`);
  assertProblem(answer, 426, "no WebSocket");
  assert.deepEqual([answer.json.code, answer.json.expected], ["live.upgrade", "Upgrade: websocket"]);
});

e2e("many requests at once are all answered", () => sentinel, async (s) => {
  const answers = await Promise.all(Array.from({ length: 60 }, () => s.ask("GET", "/api/sentinel?limit=1")));
  assert.deepEqual([...new Set(answers.map((answer) => answer.status))], [200]);
});
