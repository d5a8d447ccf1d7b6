import assert from "node:assert/strict";
import test from "node:test";
import { ACTION, ANSWER, BINDING, EFFECT, ROLE, VALUE } from "../../worker-shim/abi.js";
import { Core, decode, encode, join, payloadBlock, spans } from "../../worker-shim/core.js";
import { perform } from "../../worker-shim/perform.js";
import { wasmModule } from "../made.mjs";
import { effect, fakeContext, FakeSocket } from "./fakes.mjs";

const core = new Core(wasmModule("build/tests/echo.wasm"), ROLE.SHARD);
const numberOf = (name) => Number(Object.keys(BINDING).find((number) => BINDING[number] === name));

function ints(...values) {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, i) => new DataView(bytes.buffer).setUint32(i * 4, value, true));
  return bytes;
}

const shorts = (value) => ints(value).subarray(0, 2);

// One argument as base/step.h says.  An open one is filled in from the holes that a step has after its own two.
function argument(value) {
  if (value === null) return ints(VALUE.NULL, 0);
  if (typeof value === "number") return join(ints(VALUE.NUMBER, 8), new Uint8Array(new Float64Array([value]).buffer));
  if (value.hole !== undefined) return ints(VALUE.HOLE, value.hole);
  if (value.tail !== undefined) return ints(VALUE.TAIL, value.tail);
  if (value.cut) return ints(value.cut === "bytes" ? VALUE.CUT : VALUE.CUT_TEXT, value.length, value.at);
  if (value.hex !== undefined) return ints(VALUE.HEX, value.length, value.hex);
  if (value.joined) return join(ints(VALUE.JOINED, value.joined.length), ...value.joined.map(argument));
  if (value.slice === "bytes") return ints(VALUE.SLICE, value.length, value.at);
  if (value.slice === "text") return ints(VALUE.SLICE_TEXT, value.length, value.at);
  const bytes = typeof value === "string" ? encode(value) : value;
  const type = typeof value === "string" ? VALUE.TEXT : VALUE.BYTES;
  return join(ints(type, bytes.length), bytes, new Uint8Array((4 - (bytes.length % 4)) % 4));
}

const SHAPE = 5;
const shape = (...groups) =>
  join(
    ints(0, 0),
    shorts(groups.length),
    ...groups.flatMap(({ statement = 0, values }) => [
      ints(statement),
      shorts(values.length),
      ...values.map(argument),
    ]),
  );

const NOW_MS = 1795446241462;
const K = 41;
const TIME = 1;
const holes = (...values) =>
  join(...[K, NOW_MS, ...values].map((value) => new Uint8Array((typeof value === "bigint" ? BigUint64Array : Float64Array).of(value).buffer)));

function hostWith(bindings) {
  const ctx = fakeContext();
  return { ctx, env: bindings, storage: ctx.storage, machine: { core }, texts: [], prepared: new Map(), shapes: [] };
}

// Performs one step and reads its answer.
async function step(host, binding, action, ...groups) {
  perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload: shape(...groups) }));
  return again(host, binding, action);
}

// The same with what was defined last.
async function again(host, binding, action, ...values) {
  const fields = { id: 1, target: numberOf(binding), arg0: ACTION[action], arg1: 4 | (1 << 8) | (SHAPE << 16) };
  const done = await perform[EFFECT.STEP](host, effect("STEP", { ...fields, payload: holes(...values) }));
  const view = new DataView(done.payload.buffer);
  const answer = {};
  for (const name of ["rows", "rows_read", "rows_written", "sql_us", "bytes", "body_us", "status"]) {
    answer[name] = view.getUint32(ANSWER[name], true);
  }
  answer.attempts = view.getUint16(ANSWER.attempts, true);
  answer.cache = view.getUint8(ANSWER.cache);
  answer.primary = view.getUint8(ANSWER.primary);
  answer.place = decode(done.payload.subarray(ANSWER.place, ANSWER.place + 8)).replaceAll("\0", "");
  assert.equal(done.payload.length, ANSWER.SIZE);
  return Object.fromEntries(Object.entries(answer).filter(([, value]) => value !== 0 && value !== ""));
}

class FakeD1 {
  prepares = 0;
  ran = [];

  prepare(text) {
    this.prepares += 1;
    const statement = { text, values: [] };
    statement.all = async () => this.run(statement);
    return Object.assign(statement, { bind: (...values) => ({ ...statement, values, all: () => this.run({ text, values }) }) });
  }

  async run({ text, values }) {
    this.ran.push([text, values]);
    const meta = { rows_read: 3, rows_written: 2, duration: 9, total_attempts: 2, served_by_primary: false };
    return { results: [{ a: 1 }, { a: 2 }], meta: { ...meta, timings: { sql_duration_ms: 1.25 }, served_by_colo: "VIE" } };
  }

  async batch(statements) {
    return Promise.all(statements.map((statement) => this.run(statement)));
  }
}

test("D1: bound values of every type, numbers from the meta, statements prepared once", async () => {
  const db = new FakeD1();
  const host = hostWith({ TARGET_DB: db });
  perform[EFFECT.DEFINE](host, effect("DEFINE", { arg0: 4, payload: encode("SELECT ?1") }));
  const values = ["grün", null, 1.5, Uint8Array.of(1, 2, 3), "x"];
  const answer = await step(host, "TARGET_DB", "D1_ALL", { statement: 4, values });
  assert.deepEqual(db.ran[0], ["SELECT ?1", values]);
  assert.deepEqual(answer, { rows: 2, rows_read: 3, rows_written: 2, sql_us: 1250, attempts: 2, primary: 2, place: "VIE" });
  await step(host, "TARGET_DB", "D1_ALL", { statement: 4, values: [] });
  assert.equal(db.prepares, 1);
  perform[EFFECT.DEFINE](host, effect("DEFINE", { arg0: 4, payload: encode("SELECT 2") }));
  await step(host, "TARGET_DB", "D1_ALL", { statement: 4, values: [] });
  assert.equal(db.ran[2][0], "SELECT 2");
});

test("D1: a batch is one call, its numbers are sums", async () => {
  const host = hostWith({ TARGET_DB: new FakeD1() });
  host.texts.push("A", "B");
  const groups = [{ statement: 0, values: ["a"] }, { statement: 1, values: [] }, { statement: 0, values: ["b"] }];
  const answer = await step(host, "TARGET_DB", "D1_BATCH", ...groups);
  assert.deepEqual(host.env.TARGET_DB.ran.map(([text]) => text), ["A", "B", "A"]);
  assert.deepEqual([answer.rows, answer.rows_read, answer.sql_us, answer.attempts], [6, 9, 3750, 2]);
});

test("a shape is filled in anew by each step", async () => {
  const host = hostWith({ TARGET_DB: new FakeD1() });
  perform[EFFECT.DEFINE](host, effect("DEFINE", { arg0: 0, payload: encode("SELECT ?1, ?2, ?3, ?4") }));
  const values = [
    "grün_",
    { hole: 2 },
    { joined: ["grün_", { hole: 0 }, "é", { hole: TIME }] },
    { joined: [{ hex: 3, length: 16 }, { hex: 3, length: 3 }] },
    { joined: [{ slice: "text", at: 4, length: 3 }, "|"] },
    { slice: "bytes", at: 4, length: 2 },
    { slice: "text", at: 4, length: 1 },
    { joined: [] },
    null,
  ];
  perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload: shape({ values }) }));
  const block = (offset, length) => decode(payloadBlock(core).subarray(offset, offset + length));
  const rows = [
    [1.5, 0xfedcba9876543210n, 8, "fedcba9876543210210"],
    [2 ** 53, 0x1n, 1048568, "0000000000000001001"],
  ];
  for (const [number, bits, offset, digits] of rows) {
    await again(host, "TARGET_DB", "D1_ALL", number, bits, offset);
    const [[, bound]] = host.env.TARGET_DB.ran.splice(0);
    const expected = ["grün_", number, `grün_${K}é${NOW_MS}`, digits, `${block(offset, 3)}|`];
    assert.deepEqual(bound, [...expected, encode(block(offset, 2)), block(offset, 1), "", null]);
  }
});

test("texts stand behind the holes, and slices have the length that was drawn", async () => {
  const host = hostWith({ TARGET_DB: new FakeD1() });
  perform[EFFECT.DEFINE](host, effect("DEFINE", { arg0: 0, payload: encode("SELECT ?1, ?2, ?3") }));
  const values = [{ joined: ["<", { tail: 2 }, "|", { cut: "text", at: 3, length: 90 }] }, { cut: "bytes", at: 3, length: 90 }, { cut: "text", at: 3, length: 90 }];
  perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload: shape({ values }) }));
  const pair = (low, high) => BigInt(low) | (BigInt(high) << 32n);
  for (const [text, offset, length] of [["größer", 16, 5], ["", 1048568, 8], ["x", 8, 0]]) {
    const bytes = encode(text);
    const payload = join(holes(pair(32, bytes.length), pair(offset, length)), bytes);
    await perform[EFFECT.STEP](host, effect("STEP", { id: 1, target: numberOf("TARGET_DB"), arg0: ACTION.D1_ALL, arg1: 4 | (SHAPE << 16), payload }));
    const slice = payloadBlock(core).subarray(offset, offset + length);
    assert.deepEqual(host.env.TARGET_DB.ran.pop()[1], [`<${text}|${decode(slice)}`, slice, decode(slice)]);
  }
});

test("a step without a shape, one that does not fill it, and a value of a type that there is not, fail", async () => {
  const host = hostWith({ TARGET_DB: new FakeD1() });
  await assert.rejects(again(host, "TARGET_DB", "D1_ALL"), TypeError);
  const open = shape({ values: [{ hole: 0 }, { joined: ["x", { hole: 2 }] }] });
  perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload: open }));
  await assert.rejects(again(host, "TARGET_DB", "D1_ALL"), RangeError);
  const payload = join(ints(0, 0), shorts(1), ints(0), shorts(1), ints(200, 0));
  assert.throws(() => perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload })), /200/);
});

test("D1: without timings and places the rest still counts", async () => {
  const db = { prepare: () => ({ all: async () => ({ results: [], meta: { duration: 0.5 } }) }) };
  const host = hostWith({ TARGET_DB: db });
  host.texts[0] = "A";
  assert.deepEqual(await step(host, "TARGET_DB", "D1_ALL", { values: [] }), { sql_us: 500 });
});

test("KV: found, missing, JSON that is none", async () => {
  const values = { a: "grün", j: '{"x":1}', bad: "{" };
  const kv = {
    getWithMetadata: async (key) => ({ value: values[key] ?? null, metadata: null, cacheStatus: key === "a" ? "HIT" : "MISS" }),
  };
  const host = hostWith({ TARGET_KV: kv });
  assert.deepEqual(await step(host, "TARGET_KV", "KV_GET", { values: ["a", "text"] }), { rows: 1, bytes: 5, cache: 1 });
  assert.deepEqual(await step(host, "TARGET_KV", "KV_GET", { values: ["j", "json"] }), { rows: 1, bytes: 7, cache: 2 });
  assert.deepEqual(await step(host, "TARGET_KV", "KV_GET", { values: ["none", "text"] }), { cache: 2 });
  await assert.rejects(step(host, "TARGET_KV", "KV_GET", { values: ["bad", "json"] }), SyntaxError);
});

test("KV: put, list, delete", async () => {
  const calls = [];
  const kv = {
    put: async (...args) => void calls.push(args),
    list: async (options) => ({ keys: Array(Math.min(options.limit ?? 1000, 3)) }),
    delete: async (key) => void calls.push([key]),
  };
  const host = hostWith({ TARGET_KV: kv });
  const slice = { slice: "bytes", at: 2, length: 10 };
  perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload: shape({ values: ["k", slice, 3600, '{"run":"r"}'] }) }));
  assert.deepEqual(await again(host, "TARGET_KV", "KV_PUT", 4096), {});
  const other = { values: ["k2", { ...slice, slice: "text" }, null, null] };
  perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload: shape(other) }));
  await again(host, "TARGET_KV", "KV_PUT", 4096);
  assert.deepEqual(await step(host, "TARGET_KV", "KV_LIST", { values: ["p:", 2] }), { rows: 2 });
  assert.deepEqual(await step(host, "TARGET_KV", "KV_LIST", { values: ["p:", null] }), { rows: 3 });
  await step(host, "TARGET_KV", "KV_DELETE", { values: ["k"] });
  const expected = payloadBlock(core).slice(4096, 4106);
  assert.deepEqual(calls[0], ["k", expected, { expirationTtl: 3600, metadata: { run: "r" } }]);
  assert.deepEqual(calls[1], ["k2", decode(expected), { expirationTtl: undefined, metadata: undefined }]);
  assert.deepEqual(calls[2], ["k"]);
});

test("R2: a body is read to its end, and its time is apart from the headers'", async () => {
  async function* body() {
    yield new Uint8Array(100);
    await new Promise((resolve) => setTimeout(resolve, 15));
    yield new Uint8Array(23);
  }
  const r2 = { get: async (key) => (key === "a" ? { body: body() } : null) };
  const host = hostWith({ TARGET_R2: r2 });
  const answer = await step(host, "TARGET_R2", "R2_GET", { values: ["a"] });
  assert.deepEqual([answer.rows, answer.bytes], [1, 123]);
  assert.ok(answer.body_us >= 10_000 && answer.body_us % 1000 === 0, `${answer.body_us}`);
  assert.deepEqual(await step(host, "TARGET_R2", "R2_GET", { values: ["b"] }), {});
});

test("R2: put, list, head, delete", async () => {
  const calls = [];
  const r2 = {
    put: async (...args) => (calls.push(args), { size: 3 }),
    list: async () => ({ objects: Array(2) }),
    head: async (key) => (key === "a" ? { size: 3 } : null),
    delete: async (keys) => void calls.push(keys),
  };
  const host = hostWith({ TARGET_R2: r2 });
  const values = ["a", Uint8Array.of(1, 2, 3), "text/plain", '{"run":"r"}'];
  assert.deepEqual(await step(host, "TARGET_R2", "R2_PUT", { values }), {});
  assert.deepEqual(calls[0][2], { httpMetadata: { contentType: "text/plain" }, customMetadata: { run: "r" } });
  assert.deepEqual(await step(host, "TARGET_R2", "R2_LIST", { values: ["p", 10] }), { rows: 2 });
  assert.deepEqual(await step(host, "TARGET_R2", "R2_HEAD", { values: ["a"] }), { rows: 1 });
  assert.deepEqual(await step(host, "TARGET_R2", "R2_HEAD", { values: ["b"] }), {});
  await step(host, "TARGET_R2", "R2_DELETE", { values: ["a", "b"] });
  assert.deepEqual(calls[1], ["a", "b"]);
});

test("every action of the list can be performed", async () => {
  const { steps } = await import("../../worker-shim/perform.js");
  assert.deepEqual(Object.keys(steps).sort(), Object.values(ACTION).map(String).sort());
  assert.deepEqual(Object.keys(perform).sort(), Object.values(EFFECT).map(String).sort());
});

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
    batch: async (statements) => statements.map(({ values }) => ({ results: [{ v: values[0] }], meta: { changes: 1 } })),
  };
  const payload = shape({ statement: 3, values: ["default"] }, { statement: 12, values: [] });
  const target = numberOf("TARGET_DB");
  const done = await perform[EFFECT.SQL](hostWith({ TARGET_DB: DB }), effect("SQL", { id: 1, target, payload }));
  assert.equal(decode(done.payload), '[{"rows":[{"v":"default"}],"changes":1},{"rows":[{}],"changes":1}]');
  assert.match(texts[0], /^SELECT id FROM sentinel_runs/);
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
