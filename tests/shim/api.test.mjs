import assert from "node:assert/strict";
import test from "node:test";
import { EVENT, LIMIT, REQUEST } from "../../worker-shim/abi.js";
import { Pool, serve, tick } from "../../worker-shim/api.js";
import { decode, encode, join, Reader, spans } from "../../worker-shim/core.js";
import { effect, errorsOf, ScriptedCore, settle } from "./fakes.mjs";

const respond = (text) =>
  effect("RESPOND", { arg0: 200, payload: join(spans(encode('{"content-type":"text/plain"}')), encode(text)) });

// A pool of scripted cores that take events of any size.
function poolOf(script) {
  const cores = [];
  const pool = new Pool(() => {
    cores.push(new ScriptedCore(script));
    cores.at(-1).fits = () => true;
    return cores.at(-1);
  });
  return { pool, cores };
}

const request = (path = "/api/sentinel", init = {}) => new Request(`http://localhost${path}`, init);

function partsOf(event) {
  const reader = new Reader(event.payload);
  const parts = [];
  while (reader.left > 0) parts.push(reader.span());
  return parts;
}

test("a request crosses whole, and its answer comes back", async () => {
  const { pool, cores } = poolOf({ [EVENT.REQUEST]: [respond("hello")] });
  const headers = { authorization: "Bearer t", "content-type": "application/json" };
  const response = await serve(pool, request("/api/sentinel?limit=2&a=%20", { method: "POST", body: "{}", headers }), {
    SENTINEL_TOKEN: "secret",
    SENTINEL_PLATFORM: "free",
    SENTINEL_LIMITS: "operator",
    SENTINEL_TARGETS: "TARGET_DB",
    SENTINEL_HOSTS: "shop.example",
    SENTINEL_PRICES: '{"kvReads":1}',
    SENTINEL_WEBHOOK_HOSTS: "hooks.example",
    SENTINEL_WEBHOOKS: '{"ops":"https://hooks.example/1"}',
    SENTINEL_WEBHOOK_SECRET: "signs",
    CLEARING: { fetch() {} },
    CLEARING_API_URL: "https://status.example",
    CLEARING_API_KEY: "key",
  });
  assert.equal(await response.text(), "hello");
  const parts = partsOf(cores[0].seen[0]);
  assert.deepEqual(parts.slice(0, 6).map(decode), [
    "POST",
    "/api/sentinel?limit=2&a=%20",
    "Bearer t",
    "secret",
    "application/json",
    "{}",
  ]);
  assert.equal(parts[6].length, 16);
  assert.equal(parts[7].length, 0);
  assert.deepEqual(parts.slice(8, 13).map(decode), ["free", "operator", "TARGET_DB", "shop.example", '{"kvReads":1}']);
  assert.deepEqual(parts.slice(13).map(decode), [
    "hooks.example",
    '{"ops":"https://hooks.example/1"}',
    "signs",
    "bound",
    "https://status.example",
    "key",
  ]);
});

test("what is absent is empty, what is too long is cut", async () => {
  const { pool, cores } = poolOf({ [EVENT.REQUEST]: [respond("")] });
  await serve(pool, request(), {});
  const body = "x".repeat(LIMIT.REQUEST_BODY + 5);
  await serve(pool, request(`/${"p".repeat(20000)}`, { method: "POST", body, headers: { authorization: "a".repeat(9000) } }), {});
  const lengths = cores[0].seen.map((event) => partsOf(event).map((part) => part.length));
  assert.deepEqual(lengths[0], [3, 13, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.deepEqual(lengths[1].slice(0, 4), [4, LIMIT.REQUEST_URL, LIMIT.REQUEST_HEADER, 0]);
  assert.equal(lengths[1][5], LIMIT.REQUEST_BODY);
});

test("the rest of a body that is too long is read and dropped, but not for ever", async () => {
  const { pool, cores } = poolOf({ [EVENT.REQUEST]: [respond("")] });
  for (const [chunks, read] of [[32, 32], [1000, 64]]) {
    let pulled = 0;
    let cancelled = false;
    const body = new ReadableStream(
      {
        pull: (controller) => (pulled++ < chunks ? controller.enqueue(new Uint8Array(65536)) : controller.close()),
        cancel: () => void (cancelled = true),
      },
      { highWaterMark: 0 },
    );
    await serve(pool, request("/api/sentinel", { method: "POST", body, duplex: "half" }), {});
    assert.equal(partsOf(cores[0].seen.at(-1))[5].length, LIMIT.REQUEST_BODY);
    assert.deepEqual([Math.min(pulled, chunks), cancelled], [read, chunks !== read]);
  }
});

test("a key crosses, and so does whether there is one", async () => {
  const { pool, cores } = poolOf({ [EVENT.REQUEST]: [respond("")] });
  for (const headers of [{}, { "idempotency-key": "" }, { "Idempotency-Key": "order 66" }, { "idempotency-key": "k".repeat(9000) }]) {
    await serve(pool, request("/api/sentinel", { method: "POST", body: "{}", headers }), {});
  }
  const { seen } = cores[0];
  assert.deepEqual(seen.map(({ arg0 }) => arg0), [0, REQUEST.KEYED, REQUEST.KEYED, REQUEST.KEYED]);
  const keys = seen.map((event) => decode(partsOf(event)[7]));
  assert.deepEqual(keys.map((key) => key.length), [0, 0, 8, LIMIT.REQUEST_HEADER]);
  assert.equal(keys[2], "order 66");
});

test("a request for a WebSocket is marked as one", async () => {
  const { pool, cores } = poolOf({ [EVENT.REQUEST]: [respond("")] });
  for (const upgrade of ["websocket", "WebSocket", "h2c", ""]) {
    await serve(pool, request("/api/sentinel/run-7/live", { headers: { upgrade } }), {});
  }
  assert.deepEqual(cores[0].seen.map(({ arg0 }) => arg0), [REQUEST.WEBSOCKET, REQUEST.WEBSOCKET, 0, 0]);
});

test("a body that breaks off is told to the core, with what had come of it", async () => {
  const { pool, cores } = poolOf({ [EVENT.REQUEST]: [respond("refused")] });
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(encode('{"a')),
    pull: (controller) => controller.error(new Error("Network connection lost.")),
  });
  const lines = await errorsOf(async () => {
    for (const init of [{ body, duplex: "half" }, { body: "{}" }]) {
      const response = await serve(pool, request("/api/sentinel", { method: "POST", ...init }), {});
      assert.equal(await response.text(), "refused");
    }
  });
  assert.deepEqual(lines, []);
  assert.deepEqual(cores[0].seen.map(({ arg0 }) => arg0), [1, 0]);
  assert.equal(decode(partsOf(cores[0].seen[0])[5]), '{"a');
});

test("at most sixteen cores, one request at a time each; the others wait", async () => {
  const running = [];
  let most = 0;
  const getByName = () => ({
    call: () =>
      new Promise((resolve) => {
        most = Math.max(most, running.push(() => resolve({ status: 0, bytes: new Uint8Array(0) })));
      }),
  });
  const ask = effect("CALL_OBJECT", { id: 1, target: 2, payload: spans(encode("r"), encode("")) });
  const { pool, cores } = poolOf({ [EVENT.REQUEST]: [ask], [EVENT.DONE]: [respond("ok")] });
  const responses = Array.from({ length: 40 }, () => serve(pool, request(), { RUNS: { getByName } }));
  let answered = 0;
  for (const response of responses) response.then(() => (answered += 1));
  while (answered < 40) {
    await settle();
    running.shift()?.();
  }
  assert.equal(most, 16);
  assert.equal(cores.length, 16);
  for (const core of cores) assert.deepEqual(core.kinds().slice(0, 2), [EVENT.REQUEST, EVENT.DONE]);
});

test("a core that is not given back within a minute is replaced", async () => {
  const { pool, cores } = poolOf({});
  const lent = [];
  for (let i = 0; i < 16; i++) lent.push(await pool.lend());
  const realNow = Date.now;
  Date.now = () => realNow() + 61_000;
  try {
    await pool.lend();
    assert.equal(cores.length, 17);
    pool.giveBack(lent[0]); // too late: its place has gone to somebody else
    assert.ok((await pool.lend()).core !== lent[0].core);
  } finally {
    Date.now = realNow;
  }
});

test("a trap answers 500 and costs the core; the next request has a new one", async () => {
  let trap = true;
  const { pool, cores } = poolOf({
    [EVENT.REQUEST]: () => {
      if (trap) throw new WebAssembly.RuntimeError("unreachable");
      return [respond("ok")];
    },
  });
  let response;
  const lines = await errorsOf(async () => (response = await serve(pool, request(), {})));
  assert.equal(response.status, 500);
  assert.equal(response.headers.get("content-type"), "application/problem+json");
  assert.equal(response.headers.get("cache-control"), "no-store");
  const problem = await response.json();
  assert.deepEqual([problem.status, problem.code, problem.title], [500, "internal.unanswered", "Internal Server Error"]);
  assert.match(lines[0], /unreachable/);
  trap = false;
  assert.equal((await serve(pool, request(), {})).status, 200);
  assert.equal(cores.length, 2);
});

test("a core that leaves a request without an answer does not leave it hanging", async () => {
  const getByName = () => ({ call: async () => ({ status: 0, bytes: new Uint8Array(0) }) });
  const ask = effect("CALL_OBJECT", { id: 1, target: 2, payload: spans(encode("r"), encode("")) });
  for (const script of [{}, { [EVENT.REQUEST]: [ask] }]) {
    let response;
    const lines = await errorsOf(async () => {
      response = await serve(poolOf(script).pool, request(), { RUNS: { getByName } });
    });
    assert.equal(response.status, 500);
    assert.match(lines[0], /without an answer/);
  }
});

test("what arrives after the answer does not reach the core's next request", async () => {
  let finish;
  const getByName = () => ({ call: () => new Promise((resolve) => (finish = resolve)) });
  const ask = effect("CALL_OBJECT", { id: 1, target: 2, payload: spans(encode("r"), encode("")) });
  const { pool, cores } = poolOf({ [EVENT.REQUEST]: [ask, respond("early")] });
  assert.equal(await (await serve(pool, request(), { RUNS: { getByName } })).text(), "early");
  finish({ status: 0, bytes: new Uint8Array(0) });
  await settle();
  assert.deepEqual(cores[0].kinds(), [EVENT.REQUEST]);
});

test("an upgrade hands the original request to the run's object", async () => {
  const asked = [];
  const getByName = (name) => ({ fetch: async (original) => (asked.push(name, original), "socket") });
  const { pool } = poolOf({ [EVENT.REQUEST]: [effect("UPGRADE", { payload: encode("run-7") })] });
  const original = request("/api/sentinel/run-7/live");
  assert.equal(await serve(pool, original, { RUNS: { getByName } }), "socket");
  assert.deepEqual(asked, ["run-7", original]);
});

test("a tick lasts until its slice ends, and fails loudly", async () => {
  const { pool, cores } = poolOf({ [EVENT.TICK]: [effect("SLICE_END")] });
  await tick(pool, 1795446240000, { SENTINEL_PLATFORM: "free", SENTINEL_LIMITS: "operator" });
  assert.equal(cores[0].seen[0].atUs, 1795446240000000);
  assert.deepEqual(partsOf(cores[0].seen[0]).map(decode), ["free", "operator", ...Array(9).fill("")]);
  await assert.rejects(tick(poolOf({}).pool, 0, {}), /without an answer/);
});
