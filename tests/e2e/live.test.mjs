// The live socket: what viewers are sent, whenever they come, and what becomes of what they send.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { sentinel as runProgram } from "../cli/fake.mjs";
import { e2e, start, TOKEN } from "./harness.mjs";
import { frames, openViewer } from "./viewer.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

// Everything that happens on a socket until it closes, or until `leave` says so of a message.
function watch(s, id, { query = "", onMessage = () => {}, leave = () => false, timeoutMs = 30_000 } = {}) {
  const seen = { messages: [], atMs: [], closed: null };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no end: ${JSON.stringify(seen.messages.at(-1))}`)), timeoutMs);
    const viewer = openViewer(s.url, id, TOKEN, {
      query,
      onMessage: (text) => {
        const message = text === "pong" ? text : JSON.parse(text);
        seen.messages.push(message);
        seen.atMs.push(Date.now());
        onMessage(message, viewer);
        if (leave(message, seen)) viewer.leave();
      },
      onEnd: (closed) => {
        clearTimeout(timer);
        resolve({ ...seen, closed });
      },
    });
  });
}

const types = ({ messages }) => messages.map((message) => message.type ?? message);
const sum = (history, name) => history.reduce((total, point) => total + point[name], 0);
const ENDED = { code: 1000, reason: "the run has ended" };

function assertHistory({ history, stepS }) {
  assert.ok(history.length <= 600);
  assert.deepEqual(history.map(({ s }) => s), history.map((_, i) => i * stepS));
}

e2e("every frame of a viewer is answered in its turn, and the socket stays open", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false });
  const conversation = [
    ['{"type":"ping"}', "pong"],
    [' {\n"type" : "ping" } ', "pong"],
    ['{"at":[1,2],"type":"ping"}', "pong"],
    ['{"type":"subscribe"}', "subscribed"],
    ['{"id":7, "type": "subscribe"}', "subscribed"],
    ["ping", "pong"],
    ["", "error"],
    ["{]", "error"],
    ["hello?", "error"],
    ['{"type":"nope"}', "error"],
    ['{"type":null}', "error"],
    ['{"type":"ping","type":"ping"}', "error"],
    ["[".repeat(4000), "size"],
    [`{"type":"ping","x":${"[".repeat(70)}${"]".repeat(70)}}`, "size"],
    [`{"type":"ping","x":[${"0,".repeat(40)}0],"y":"${"é".repeat(1900)}"}`, "pong"],
    [`{"type":"ping","x":[${"0,".repeat(1000)}0]}`, "size"],
    ["\u0000", "error"],
    [`{"type":"ping","x":"${"x".repeat(4096)}"}`, "size"],
    ["x".repeat(9000), "size"],
    ["x".repeat(1024 * 1024), "size"],
    [new Uint8Array(0), "error"],
    [Uint8Array.from({ length: 256 }, (_, i) => i), "error"],
    [new TextEncoder().encode('{"type":"ping"}'), "error"], // bytes are no text, whatever they spell
    [new Uint8Array(1024 * 1024), "error"],
    ['{"type":"ping"}', "pong"],
  ];
  let next = 0;
  const seen = await watch(s, id, {
    onMessage: (_message, viewer) => next < conversation.length && viewer.send(conversation[next++][0]),
    leave: (_message, { messages }) => messages.length > conversation.length,
  });
  assert.deepEqual(types(seen), ["hello", ...conversation.map(([, answer]) => (answer === "size" ? "error" : answer))]);
  const errors = { error: ["live.unknown-frame", "subscribe or ping"], size: ["live.frame-size", "at most 4096 bytes and 60 values"] };
  for (const [i, message] of seen.messages.slice(1).entries()) {
    if (message.type !== "error") continue;
    const [code, expected] = errors[conversation[i][1]];
    assert.deepEqual(message, { type: "error", code, expected });
  }
});

e2e("a frame a second, a result, a good-bye; who comes late or last misses nothing", () => sentinel, async (s) => {
  const id = await s.create({ targetOperations: 120, durationSeconds: 6, targetSystems: ["d1_reads"] });
  let late;
  const first = await watch(s, id, {
    onMessage: (message) => {
      if (message.type === "frame" && message.counts.completed >= 60) late ??= watch(s, id);
    },
  });
  assert.equal(types(first)[0], "hello");
  assert.deepEqual(types(first).slice(1), [...Array(first.messages.length - 2).fill("frame"), "result"]);
  assert.deepEqual(first.closed, ENDED);
  const frames = first.atMs.slice(1, -1);
  const gaps = frames.slice(1).map((ms, i) => ms - frames[i]);
  assert.ok(gaps.length >= 6, `${gaps.length + 1} frames`);
  const perFrame = (frames.at(-1) - frames[0]) / gaps.length;
  assert.ok(perFrame > 900 && perFrame < 1250, `a frame every ${perFrame} ms: ${gaps}`);

  const second = await late;
  assert.deepEqual(second.closed, ENDED);
  const [hello] = second.messages;
  assert.equal(hello.type, "hello");
  assertHistory(hello);
  assert.ok(hello.history.length >= 2, JSON.stringify(hello.history));
  for (const point of hello.history) assert.deepEqual([point.asked, point.started], [20, 20], JSON.stringify(point));

  const third = await watch(s, id);
  assert.deepEqual(types(third), ["hello", "result"]);
  assert.deepEqual(third.closed, ENDED);
  const { state, ...last } = third.messages[0];
  assertHistory(last);
  assert.deepEqual([sum(last.history, "asked"), sum(last.history, "started")], [120, 120]);
  assert.equal(sum(last.history, "completed"), state.counts.completed);
  assert.deepEqual(third.messages[1].state, { ...first.messages.at(-1).state, ...cleaningLeft(third.messages[1].state) });
});

// What a viewer has when it follows the rule: forget from `fromS` on, and add what came.
function join(known, messages) {
  for (const { fromS, nextS, history } of messages.filter(({ history }) => history !== undefined)) {
    assert.ok(fromS <= known.nextS, `seconds ${known.nextS} to ${fromS} are missing`);
    known.points = [...known.points.filter(({ s }) => s < fromS), ...history];
    known.nextS = nextS;
  }
}

e2e("who leaves and comes back misses nothing and gets nothing twice", () => sentinel, async (s) => {
  const id = await s.create({ targetOperations: 240, durationSeconds: 8, targetSystems: ["kv_get"] });
  const stayed = watch(s, id);
  const known = { points: [], nextS: 0 };
  let visits = 0;
  for (let ended = false; !ended; visits++) {
    const seen = await watch(s, id, { query: `?since=${known.nextS}`, leave: (_message, { messages }) => messages.length === 3 });
    assert.equal(types(seen)[0], "hello");
    join(known, seen.messages);
    ended = types(seen).at(-1) === "result";
    if (!ended) await sleep(1300);
  }
  assert.ok(visits >= 3, `${visits} visits`);
  const always = { points: [], nextS: 0 };
  join(always, (await stayed).messages);

  const { series } = await s.get(`/api/sentinel/${id}/report`);
  for (const { points } of [known, always]) {
    assert.deepEqual(points.map((point) => point.s), points.map((_, i) => i));
    for (const name of ["started", "completed", "failed"]) assert.deepEqual(points.map((point) => point[name]), series[name], name);
  }
  assert.equal((await s.ask("GET", `/api/sentinel/${id}/live?since=soon`)).status, 400);
});

// A way to the Worker on which every live connection breaks after so many messages.  Remembers what was asked and told there.
async function brittle(url, most) {
  const visits = [];
  const server = createServer((client) => {
    const worker = connect({ host: url.hostname, port: url.port });
    const over = () => [client, worker].forEach((socket) => socket.destroy());
    let visit, bytes = Buffer.alloc(0);
    client.on("data", (data) => {
      const [, query] = /^GET \S+\/live(\S*) /.exec(data.toString("latin1")) ?? [];
      if (query !== undefined) visits.push((visit = { query, messages: [] }));
      worker.write(data);
    });
    worker.on("data", (data) => {
      client.write(data);
      if (visit === undefined) return;
      bytes = Buffer.concat([bytes, data]);
      const head = visit.upgraded ? 0 : bytes.indexOf("\r\n\r\n") + 4;
      visit.upgraded ||= head > 3;
      if (!visit.upgraded) return;
      const { whole, rest } = frames(bytes.subarray(head));
      bytes = rest;
      visit.messages.push(...whole.filter(({ opcode }) => opcode === 1).map(({ payload }) => JSON.parse(payload)));
      if (visit.messages.length >= most) over();
    });
    for (const socket of [client, worker]) socket.on("error", over).on("close", over);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { visits, url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() };
}

e2e("the command line, whose connection keeps breaking, is told of each second and of none twice", () => sentinel, async (s) => {
  const way = await brittle(s.url, 3);
  const plan = { preset: "smoke", targetOperations: 150, durationSeconds: 5, targetSystems: ["kv_get"] };
  const { code, stdout, stderr } = await runProgram(["run", "-", "--json"], {
    url: way.url,
    env: { SENTINEL_TOKEN: TOKEN },
    input: JSON.stringify(plan),
    mostMs: 60_000,
  });
  way.close();
  const known = { points: [], nextS: 0 };
  for (const { query, messages } of way.visits) {
    assert.equal(query, known.nextS > 0 ? `?since=${known.nextS}` : "");
    join(known, messages);
  }
  assert.ok(way.visits.length >= 3, `${way.visits.length} visits: ${stderr}`);
  const { series } = JSON.parse(stdout);
  assert.deepEqual(known.points.map((point) => point.s), known.points.map((_, i) => i));
  for (const name of ["started", "completed", "failed"]) assert.deepEqual(known.points.map((point) => point[name]), series[name], name);
  assert.ok(code === 0 || code === 110, stderr); // 110 where the machine was too busy for the run to be believed
});

// What a run still learns when it has ended: how many of its traces the sweep found.
const cleaningLeft = ({ cleaned }) => ({ cleaned });

e2e("a run that is cancelled before its start says so and closes", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false });
  const seen = await watch(s, id, {
    onMessage: (message) => message.type === "hello" && s.post(`/api/sentinel/${id}`, { action: "cancel" }),
  });
  assert.deepEqual(types(seen), ["hello", "result"]);
  assert.equal(seen.messages[1].state.status, "cancelled");
  assert.deepEqual(seen.closed, ENDED);
});

e2e("a run that is deleted while it waits sends its viewers away", () => sentinel, async (s) => {
  const id = await s.create({ startImmediately: false });
  const seen = await watch(s, id, {
    onMessage: (message) => message.type === "hello" && s.ask("DELETE", `/api/sentinel/${id}`),
  });
  assert.deepEqual([types(seen), seen.closed], [["hello"], { code: 4404, reason: "the run was deleted" }]);
});

e2e("a run that nobody knows has no socket, and one that was never set up closes it", () => sentinel, async (s) => {
  const unknown = await watch(s, "01890a5d-ac96-474b-8cce-b302099a8057");
  assert.deepEqual([unknown.messages, unknown.closed.code], [[], null]);
  assert.equal(unknown.closed.reason, "HTTP/1.1 404 Not Found");

  const id = await s.create({ startImmediately: false });
  const orphan = "01890a5d-ac96-474b-8cce-b302099a8058";
  const { results } = await s.env.DB.prepare("SELECT * FROM sentinel_runs WHERE id = ?").bind(id).all();
  const row = { ...results[0], id: orphan };
  const names = Object.keys(row);
  const insert = s.env.DB.prepare(`INSERT INTO sentinel_runs (${names}) VALUES (${names.map(() => "?")})`);
  await insert.bind(...Object.values(row)).run();
  const lost = await watch(s, orphan);
  assert.deepEqual([lost.messages, lost.closed], [[], { code: 4404, reason: "there is no such run" }]);
});
