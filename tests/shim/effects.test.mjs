// What the core asks of its host beside the steps of a load: storage, alarms, objects, the database, sockets, zones, requests.
import assert from "node:assert/strict";
import test from "node:test";
import { EFFECT } from "../../worker-shim/abi.js";
import { decode, encode, join, Reader, spans } from "../../worker-shim/core.js";
import { perform } from "../../worker-shim/perform.js";
import { effect, FakeSocket } from "./fakes.mjs";
import { args, hostWith, numberOf } from "./shapes.mjs";

test("STORE keeps copies, unconfirmed, and ends when they are durable", async () => {
  const host = hostWith({});
  const payload = spans(encode("a"), Uint8Array.of(1, 2), encode("b"), new Uint8Array(0));
  await perform[EFFECT.STORE](host, effect("STORE", { id: 1, payload }));
  assert.deepEqual(host.ctx.log, [["put", ["a", "b"], { allowUnconfirmed: true }], ["sync"]]);
  const kept = host.ctx.values.get("a");
  assert.deepEqual(kept, Uint8Array.of(1, 2));
  assert.equal(kept.buffer.byteLength, 2); // of a view the platform would store the whole buffer
});

test("ERASE takes keys, or everything and the alarm", async () => {
  const host = hostWith({});
  const keys = Array.from({ length: 100 }, (_, i) => encode(`k${i}`));
  await perform[EFFECT.ERASE](host, effect("ERASE", { payload: spans(...keys) }));
  await perform[EFFECT.ERASE](host, effect("ERASE"));
  const options = { allowUnconfirmed: true };
  assert.deepEqual(host.ctx.log, [["delete", 100, options], ["deleteAlarm"], ["deleteAll"]]);
});

test("SET_ALARM is never early", async () => {
  const host = hostWith({});
  await perform[EFFECT.SET_ALARM](host, effect("SET_ALARM", { atUs: 1000001 }));
  assert.deepEqual(host.ctx.log, [["setAlarm", 1001, { allowUnconfirmed: true }]]);
});

test("CALL_OBJECT gives a new stub the message and brings its status and bytes back", async () => {
  const asked = [];
  const getByName = (name, options) => {
    asked.push([name, options]);
    return { call: async (bytes) => (asked.push(decode(bytes), bytes.buffer.byteLength), { status: -9, bytes: encode("answer") }) };
  };
  const host = hostWith({ SHARDS: { getByName } });
  const target = numberOf("SHARDS");
  const payload = join(spans(encode("run:weur:0"), encode("weur")), encode("message"));
  const done = await perform[EFFECT.CALL_OBJECT](host, effect("CALL_OBJECT", { id: 1, target, payload }));
  assert.deepEqual([done.status, decode(done.payload)], [-9, "answer"]);
  assert.deepEqual(asked, [["run:weur:0", { locationHint: "weur" }], "message", 7]); // of a view the whole buffer would be sent
  await perform[EFFECT.CALL_OBJECT](host, effect("CALL_OBJECT", { id: 1, target, payload: spans(encode("x"), encode("")) }));
  assert.deepEqual(asked[3], ["x", { locationHint: undefined }]);
});

test("SQL is one batch at the database that it names, rows come back as JSON", async () => {
  const texts = [];
  const DB = {
    prepare: (text) => (texts.push(text), { bind: (...values) => ({ values }) }),
    batch: async (statements) => statements.map(({ values }) => ({ results: [{ v: values[0] }], meta: { changes: 1, rows_read: 4, rows_written: 3 } })),
  };
  const payload = args({ statement: 3, values: ["default"] }, { statement: 12, values: [] });
  const host = hostWith({ DB, SHOP_DB: { ...DB, batch: async () => [{ results: [], meta: { changes: 7 } }] } });
  const done = await perform[EFFECT.SQL](host, effect("SQL", { id: 1, target: numberOf("DB"), payload }));
  assert.equal(decode(done.payload), '[{"rows":[{"v":"default"}],"changes":1},{"rows":[{}],"changes":1}]');
  assert.deepEqual([done.arg0, done.arg1], [8, 6], "what was read and written, of the whole batch");
  assert.match(texts[0], /^SELECT id FROM sentinel_runs/);
  const named = join(spans(encode("SHOP_DB")), payload);
  const other = await perform[EFFECT.SQL](host, effect("SQL", { id: 2, payload: named }));
  assert.equal(decode(other.payload), '[{"rows":[],"changes":7}]');
  assert.deepEqual([other.arg0, other.arg1], [0, 0], "a database that does not say");
});

test("RESPOND makes a response of status, headers and body", async () => {
  let response;
  const host = { respond: (r) => (response = r) };
  const payload = join(spans(encode('{"content-type":"text/plain","x-a":"1"}')), encode("grün"));
  perform[EFFECT.RESPOND](host, effect("RESPOND", { arg0: 201, payload }));
  assert.deepEqual([response.status, response.headers.get("x-a"), await response.text()], [201, "1", "grün"]);
  perform[EFFECT.RESPOND](host, effect("RESPOND", { arg0: 204, payload: spans(encode("{}")) }));
  assert.deepEqual([response.status, response.body], [204, null]);
});

test("PUBLISH, SEND and CLOSE reach the sockets that they name", () => {
  const sockets = [new FakeSocket(), new FakeSocket()];
  const host = { sockets: (number = 0) => (number === 0 ? sockets : [sockets[number - 1]]) };
  perform[EFFECT.PUBLISH](host, effect("PUBLISH", { payload: encode("all") }));
  perform[EFFECT.SEND](host, effect("SEND", { target: 2, payload: encode("one") }));
  perform[EFFECT.CLOSE](host, effect("CLOSE", { target: 1, arg0: 1008, payload: encode("no") }));
  perform[EFFECT.CLOSE](host, effect("CLOSE", { target: 0, arg0: 1000, payload: encode("end") }));
  assert.deepEqual(sockets.map((socket) => socket.sent), [["all"], ["all", "one"]]);
  assert.deepEqual(sockets.map((socket) => socket.closed), [[1000, "end"], [1000, "end"]]);
});

test("a socket that takes nothing is closed, and keeps nothing from the others", () => {
  const sockets = [new FakeSocket(), new FakeSocket(), new FakeSocket()];
  sockets[1].send = () => {
    throw new TypeError("broken");
  };
  const host = { sockets: () => sockets };
  assert.throws(() => perform[EFFECT.PUBLISH](host, effect("PUBLISH", { payload: encode("frame") })), /of 3 sockets 1 took nothing: broken/);
  assert.deepEqual(sockets.map((socket) => socket.sent), [["frame"], [], ["frame"]]);
  assert.deepEqual(sockets.map((socket) => socket.closed?.[0]), [undefined, 1011, undefined]);
});

test("ZONE answers with a stretch in the core's own layout, and has no zone that there is not", () => {
  const asked = (name, fromS, toS) => {
    const moments = new DataView(new ArrayBuffer(16));
    moments.setFloat64(0, fromS, true);
    moments.setFloat64(8, toS, true);
    return effect("ZONE", { payload: join(spans(encode(name)), new Uint8Array(moments.buffer)) });
  };
  const at = (iso) => Date.parse(iso) / 1000;
  const [fromS, toS] = [at("2026-01-01T00:00:00Z"), at("2040-01-01T00:00:00Z")]; // beyond 2^31
  const { payload } = perform[EFFECT.ZONE]({}, asked("Europe/Berlin", fromS, toS));
  const view = new DataView(payload.buffer);
  const seconds = (offset) => Number(view.getBigInt64(offset, true));
  assert.deepEqual([seconds(0), seconds(8), view.getInt32(16, true), view.getUint32(20, true)], [fromS, toS, 3600, 28]);
  assert.deepEqual([seconds(24), view.getInt32(32, true)], [at("2026-03-29T01:00:00Z"), 7200]);
  assert.deepEqual([seconds(24 + 27 * 12), view.getInt32(32 + 27 * 12, true)], [at("2039-10-30T01:00:00Z"), 3600]);
  assert.equal(payload.length, 24 + 28 * 12);
  const before = perform[EFFECT.ZONE]({}, asked("America/New_York", at("1930-01-01T00:00:00Z"), at("1931-01-01T00:00:00Z"))).payload;
  assert.equal(Number(new DataView(before.buffer).getBigInt64(0, true)), at("1930-01-01T00:00:00Z")); // below zero
  assert.throws(() => perform[EFFECT.ZONE]({}, asked("Europe/Atlantis", fromS, toS)), RangeError);
});

test("requests of our own: by a binding or over the network, bounded in time and in what is read of the answer", async () => {
  const asked = [];
  const answer = async (...args) => (asked.push(args), new Response("0123456789", { status: 429, headers: { "retry-after": "7" } }));
  const fetched = async (env, binding, body, fields = {}) => {
    const payload = join(spans(...[binding, "https://status.example/x", body ? "POST" : "GET", '{"a":"b"}'].map(encode)), encode(body));
    const { arg0, payload: bytes } = await perform[EFFECT.FETCH](hostWith(env), effect("FETCH", { id: 1, arg0: 50, arg1: 100, payload, ...fields }));
    const reader = new Reader(bytes);
    return [arg0, decode(reader.span()), decode(reader.rest())];
  };
  assert.deepEqual(await fetched({ CLEARING: { fetch: answer } }, "CLEARING", "hello"), [429, "7", "0123456789"]);
  assert.deepEqual(await fetched({ CLEARING: { fetch: answer } }, "CLEARING", "", { arg1: 4 }), [429, "7", "0123"]);
  const inits = asked.map(([url, { signal, body, ...init }]) => [url, init, body && decode(body), signal instanceof AbortSignal]);
  assert.deepEqual(inits, [
    ["https://status.example/x", { method: "POST", headers: { a: "b" }, redirect: "manual" }, "hello", true],
    ["https://status.example/x", { method: "GET", headers: { a: "b" }, redirect: "manual" }, undefined, true],
  ]);
  const realFetch = globalThis.fetch;
  const awake = setInterval(() => {}, 10); // the timeout's own timer does not keep Node from ending
  globalThis.fetch = (_url, { signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  try {
    await assert.rejects(fetched({}, "", ""), { name: "TimeoutError" });
  } finally {
    clearInterval(awake);
    globalThis.fetch = realFetch;
  }
});
