// What a step does at the bindings.
import assert from "node:assert/strict";
import test from "node:test";
import { ACTION, ANSWER, EFFECT, LIMIT, LOOK, SHAPE_LOOKS } from "../../worker-shim/abi.js";
import { decode, encode, join, payloadBlock, Reader, spans } from "../../worker-shim/core.js";
import { perform } from "../../worker-shim/perform.js";
import { effect } from "./fakes.mjs";
import { args, core, hostWith, ints, shorts } from "./shapes.mjs";

const SHAPE = 5;

// A call of this binding, and what is looked for in its answer: pairs of a kind and a value.
const shape = (binding, groups, looks = []) =>
  join(
    spans(encode(binding), encode("")),
    args(...groups, ...(looks.length > 0 ? [{ statement: SHAPE_LOOKS, values: looks.flatMap(([kind, value]) => [LOOK[kind], value]) }] : [])),
  );

const NOW_MS = 1795446241462;
const K = 41;
const TIME = 1;
const holes = (...values) =>
  join(...[K, NOW_MS, ...values].map((value) => new Uint8Array((typeof value === "bigint" ? BigUint64Array : Float64Array).of(value).buffer)));

const give = (host, binding, groups, looks) =>
  perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload: shape(binding, groups, looks) }));

// Performs one step and reads its answer.
async function step(host, binding, action, ...groups) {
  give(host, binding, groups);
  return again(host, action);
}

// The same with the shape that was given last.
async function again(host, action, ...values) {
  const done = await performed(host, action, ...values);
  assert.equal(done.payload.length, ANSWER.SIZE);
  return numbersOf(done);
}

// Performs a step that looks into its answer.  Gives the bits of what is there, and what was captured.
async function looking(host, binding, action, group, looks) {
  give(host, binding, [group], looks);
  const done = await performed(host, action);
  const reader = new Reader(done.payload.subarray(ANSWER.SIZE));
  const captured = [];
  while (reader.left > 0) captured.push(decode(reader.span()));
  return [new DataView(done.payload.buffer).getUint32(ANSWER.looked, true), captured];
}

function performed(host, action, ...values) {
  const fields = { id: 1, arg0: ACTION[action], arg1: 4 | (1 << 8) | (SHAPE << 16) };
  return perform[EFFECT.STEP](host, effect("STEP", { ...fields, payload: holes(...values) }));
}

function numbersOf(done) {
  const view = new DataView(done.payload.buffer);
  const answer = {};
  for (const name of ["rows", "rows_read", "rows_written", "sql_us", "bytes", "body_us", "status"]) {
    answer[name] = view.getUint32(ANSWER[name], true);
  }
  answer.attempts = view.getUint16(ANSWER.attempts, true);
  answer.cache = view.getUint8(ANSWER.cache);
  answer.primary = view.getUint8(ANSWER.primary);
  answer.place = decode(done.payload.subarray(ANSWER.place, ANSWER.place + 8)).replaceAll("\0", "");
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
  await again(host, "D1_ALL");
  assert.equal(db.prepares, 1);
  host.env.OTHER_DB = new FakeD1();
  await step(host, "OTHER_DB", "D1_ALL", { statement: 4, values: [] });
  assert.deepEqual(host.env.OTHER_DB.ran, [["SELECT ?1", []]]);
});

test("numbers of an answer arrive whole, up to the largest, and so does the length of a text", async () => {
  const large = { rows_read: 4_123_456_789, rows_written: 2 ** 31, duration: 65.535, total_attempts: 513 };
  const db = { prepare: () => ({ all: async () => ({ results: [], meta: { ...large, served_by_region: "WEUR-far-away" } }) }) };
  const host = hostWith({ TARGET_DB: db });
  host.texts.push("A");
  const answer = await step(host, "TARGET_DB", "D1_ALL", { statement: 0, values: [] });
  assert.deepEqual(answer, { rows_read: 4_123_456_789, rows_written: 2 ** 31, sql_us: 65_535, attempts: 513, place: "WEUR-far" });
  for (const text of ["", "grün", "€".repeat(1365), "€".repeat(1366), "a".repeat(5000)]) {
    host.env.TARGET_KV = { getWithMetadata: async () => ({ value: text, metadata: null, cacheStatus: null }) };
    const { bytes = 0 } = await step(host, "TARGET_KV", "KV_GET", { statement: 0, values: ["key", "text", null] });
    assert.equal(bytes, encode(text).length);
  }
});

test("D1: a batch is one call; each of its statements has an answer of its own, which the core adds up", async () => {
  const host = hostWith({ TARGET_DB: new FakeD1() });
  host.texts.push("A", "B");
  const groups = [{ statement: 0, values: ["a"] }, { statement: 1, values: [] }, { statement: 0, values: ["b"] }];
  give(host, "TARGET_DB", groups);
  const { arg0: more, payload } = await performed(host, "D1_BATCH");
  assert.deepEqual(host.env.TARGET_DB.ran.map(([text]) => text), ["A", "B", "A"]);
  assert.deepEqual([more, payload.length], [2, 3 * ANSWER.SIZE]);
  for (let at = 0; at < payload.length; at += ANSWER.SIZE) {
    const { rows, rows_read, sql_us, attempts } = numbersOf({ payload: payload.slice(at, at + ANSWER.SIZE) });
    assert.deepEqual([rows, rows_read, sql_us, attempts], [2, 3, 1250, 2]);
  }
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
  give(host, "TARGET_DB", [{ values }]);
  const block = (offset, length) => decode(payloadBlock(core).subarray(offset, offset + length));
  const rows = [
    [1.5, 0xfedcba9876543210n, 8, "fedcba9876543210210"],
    [2 ** 53, 0x1n, 1048568, "0000000000000001001"],
  ];
  for (const [number, bits, offset, digits] of rows) {
    await again(host, "D1_ALL", number, bits, offset);
    const [[, bound]] = host.env.TARGET_DB.ran.splice(0);
    const expected = ["grün_", number, `grün_${K}é${NOW_MS}`, digits, `${block(offset, 3)}|`];
    assert.deepEqual(bound, [...expected, encode(block(offset, 2)), block(offset, 1), "", null]);
  }
});

test("texts stand behind the holes, and slices have the length that was drawn", async () => {
  const host = hostWith({ TARGET_DB: new FakeD1() });
  perform[EFFECT.DEFINE](host, effect("DEFINE", { arg0: 0, payload: encode("SELECT ?1, ?2, ?3") }));
  const values = [{ joined: ["<", { tail: 2 }, "|", { cut: "text", at: 3, length: 90 }] }, { cut: "bytes", at: 3, length: 90 }, { cut: "text", at: 3, length: 90 }];
  perform[EFFECT.SHAPE](host, effect("SHAPE", { arg0: SHAPE, payload: shape("TARGET_DB", [{ values }]) }));
  const pair = (low, high) => BigInt(low) | (BigInt(high) << 32n);
  for (const [text, offset, length] of [["größer", 16, 5], ["", 1048568, 8], ["x", 8, 0]]) {
    const bytes = encode(text);
    const payload = join(holes(pair(32, bytes.length), pair(offset, length)), bytes);
    await perform[EFFECT.STEP](host, effect("STEP", { id: 1, arg0: ACTION.D1_ALL, arg1: 4 | (SHAPE << 16), payload }));
    const slice = payloadBlock(core).subarray(offset, offset + length);
    assert.deepEqual(host.env.TARGET_DB.ran.pop()[1], [`<${text}|${decode(slice)}`, slice, decode(slice)]);
  }
});

test("a step without a shape, one that does not fill it, and a value of a type that there is not, fail", async () => {
  const host = hostWith({ TARGET_DB: new FakeD1() });
  await assert.rejects(again(host, "D1_ALL"), TypeError);
  give(host, "TARGET_DB", [{ values: [{ hole: 0 }, { joined: ["x", { hole: 2 }] }] }]);
  await assert.rejects(again(host, "D1_ALL"), RangeError);
  const payload = join(spans(encode("TARGET_DB"), encode("")), ints(0, 0), shorts(1), ints(0), shorts(1), ints(200, 0));
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
  const asked = [];
  const kv = {
    getWithMetadata: async (key, options) => {
      asked.push(options);
      return { value: values[key] ?? null, metadata: null, cacheStatus: key === "a" ? "HIT" : "MISS" };
    },
    get: async (keys, options) => (asked.push(options), new Map(keys.map((key) => [key, values[key] ?? null]))),
  };
  const host = hostWith({ TARGET_KV: kv });
  assert.deepEqual(await step(host, "TARGET_KV", "KV_GET", { values: ["a", "text", 60] }), { rows: 1, bytes: 5, cache: 1 });
  assert.deepEqual(await step(host, "TARGET_KV", "KV_GET", { values: ["j", "json", null] }), { rows: 1, bytes: 7, cache: 2 });
  assert.deepEqual(await step(host, "TARGET_KV", "KV_GET", { values: ["none", "text", null] }), { cache: 2 });
  await assert.rejects(step(host, "TARGET_KV", "KV_GET", { values: ["bad", "json", null] }), SyntaxError);
  assert.deepEqual(asked.slice(0, 2), [{ type: "text", cacheTtl: 60 }, { type: "text", cacheTtl: undefined }]);
  const many = (type, ...keys) => step(host, "TARGET_KV", "KV_GET_MANY", { values: [type, 30, ...keys] });
  assert.deepEqual(await many("json", "j", "none"), { rows: 1, bytes: 7 });
  assert.deepEqual(await many("text", "a", "bad"), { rows: 2, bytes: 6 });
  assert.deepEqual(asked.at(-1), { type: "text", cacheTtl: 30 });
  await assert.rejects(many("json", "j", "bad"), SyntaxError);
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
  give(host, "TARGET_KV", [{ values: ["k", slice, 3600, '{"run":"r"}'] }]);
  assert.deepEqual(await again(host, "KV_PUT", 4096), {});
  const other = { values: ["k2", { ...slice, slice: "text" }, null, null] };
  give(host, "TARGET_KV", [other]);
  await again(host, "KV_PUT", 4096);
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
  const ranges = [];
  const r2 = { get: async (key, { range }) => (ranges.push(range), key === "a" ? { body: body() } : null) };
  const host = hostWith({ TARGET_R2: r2 });
  const answer = await step(host, "TARGET_R2", "R2_GET", { values: ["a", null, null] });
  assert.deepEqual([answer.rows, answer.bytes], [1, 123]);
  assert.ok(answer.body_us >= 10_000 && answer.body_us % 1000 === 0, `${answer.body_us}`);
  assert.deepEqual(await step(host, "TARGET_R2", "R2_GET", { values: ["b", 5, null] }), {});
  await step(host, "TARGET_R2", "R2_GET", { values: ["b", null, 3] });
  assert.deepEqual(ranges, [undefined, { offset: 5, length: undefined }, { offset: undefined, length: 3 }]);
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

test("R2: an upload in parts is completed, or given up with the error that it met", async () => {
  const calls = [];
  let broken = "";
  const fail = (name) => {
    if (broken.includes(name)) throw new Error(`no ${name}`);
    calls.push(name);
  };
  const upload = {
    uploadPart: async (number, part) => (fail("part"), { number, bytes: part.size }),
    complete: async (parts) => (fail("complete"), calls.push(parts)),
    abort: async () => fail("abort"),
  };
  const r2 = { createMultipartUpload: async (...args) => (calls.push(args), upload) };
  const host = hostWith({ TARGET_R2: r2 });
  const values = ["a", Uint8Array.of(1, 2, 3), 4, 2, "x/y"];
  assert.deepEqual(await step(host, "TARGET_R2", "R2_MULTIPART", { values }), {});
  const parts = [{ number: 1, bytes: 12 }, { number: 2, bytes: 12 }];
  assert.deepEqual(calls, [["a", { httpMetadata: { contentType: "x/y" } }], "part", "part", "complete", parts]);
  calls.length = 0;
  broken = "complete";
  await assert.rejects(again(host, "R2_MULTIPART"), /^Error: no complete$/);
  assert.deepEqual(calls.slice(1), ["part", "part", "abort"]);
  broken = "part abort";
  await assert.rejects(again(host, "R2_MULTIPART"), /no part; the upload could not be given up either: no abort/);
});

test("Durable Objects: a method's answer is its text, a request's a response", async () => {
  const calls = [];
  const stub = {
    get: async (...args) => (calls.push(args), args[0] === "none" ? null : { of: args }),
    text: async () => "grün",
    stall: async () => {},
    fetch: async (url, init) => (calls.push([url, init]), new Response("body", { status: 201 })),
  };
  const host = hostWith({ PROBES: { getByName: (name) => (calls.push(name), stub) } });
  const call = (...values) => step(host, "PROBES", "DO_CALL", { values });
  assert.deepEqual(await call("r_1", "get", "k", 2), { rows: 1, bytes: 14 });
  assert.deepEqual(calls, ["r_1", ["k", 2]]);
  assert.deepEqual([await call("r_1", "get", "none"), await call("r_1", "stall")], [{}, {}]);
  assert.deepEqual(await call("r_1", "text"), { rows: 1, bytes: 5 });
  calls.length = 0;
  const values = ["r_2", "https://target/x", "POST", '{"a":"b"}', "text"];
  const { body_us: _, ...numbers } = await step(host, "PROBES", "DO_FETCH", { values });
  assert.deepEqual(numbers, { rows: 1, bytes: 4, status: 201 });
  const init = { method: "POST", headers: { a: "b" }, body: "text", redirect: "manual" };
  assert.deepEqual(calls, ["r_2", ["https://target/x", init]]);
});

test("HTTP and services: no redirect is followed, headers can be captured", async () => {
  const asked = [];
  const answer = async (...args) => (asked.push(args), new Response(null, { status: 302, headers: { location: "/there" } }));
  const values = ["https://shop.example/1", "GET", null, null];
  const init = { method: "GET", headers: undefined, body: null, redirect: "manual" };
  const realFetch = globalThis.fetch;
  globalThis.fetch = answer;
  try {
    const { body_us: _, ...numbers } = await step(hostWith({}), "", "HTTP_FETCH", { values });
    assert.deepEqual(numbers, { rows: 1, status: 302 });
  } finally {
    globalThis.fetch = realFetch;
  }
  const host = hostWith({ TARGET_SERVICE: { fetch: answer } });
  const looks = [["HEADER", "location"], ["HEADER", "etag"]];
  assert.deepEqual(await looking(host, "TARGET_SERVICE", "SERVICE_FETCH", { values }, looks), [0b01, ["/there", ""]]);
  assert.deepEqual(asked, [[values[0], init], [values[0], init]]);
});

test("texts are looked for in the rows, values and bodies that come back", async () => {
  const stored = { a: '{"id":"7","tags":["x","y"],"none":null,"a/b":{"~":1}}', long: "g".repeat(LIMIT.CAPTURE + 1), empty: "" };
  const row = { id: 41, name: "grün", gone: null };
  const host = hostWith({
    TARGET_KV: { getWithMetadata: async (key) => ({ value: stored[key] ?? null, cacheStatus: "HIT" }) },
    TARGET_R2: { get: async () => ({ body: new Blob(["gr\u00fcn"]).stream() }) },
    TARGET_DB: { prepare: () => ({ all: async () => ({ results: [row, { id: 42 }], meta: {} }) }) },
  });
  const kv = (key, ...looks) => looking(host, "TARGET_KV", "KV_GET", { values: [key, "text", null] }, looks);
  assert.deepEqual(await kv("a", ["SAME", stored.a], ["SAME", "x"], ["CONTAINS", '"id":"7"'], ["CONTAINS", "8"]), [0b0101, []]);
  assert.deepEqual(await kv("a", ["POINTER", "/id"], ["POINTER", "/tags/1"], ["POINTER", "/a~1b/~0"], ["POINTER", "/tags"]), [
    0b1111,
    ["7", "y", "1", '["x","y"]'],
  ]);
  assert.deepEqual(await kv("a", ["POINTER", "/none"], ["POINTER", "/no/where"], ["HEADER", "location"]), [0, ["", "", ""]]);
  assert.deepEqual(await kv("a", ["POINTER", ""], ["WHOLE", null]), [0b11, [stored.a, stored.a]]);
  assert.deepEqual(await kv("long", ["WHOLE", null], ["POINTER", "/id"], ["CONTAINS", "gg"]), [0b101, ["", ""]]); // too long is there
  assert.deepEqual(await kv("none", ["WHOLE", null], ["SAME", "x"], ["CONTAINS", "x"], ["POINTER", "/id"]), [0, ["", ""]]);
  assert.deepEqual(await looking(host, "TARGET_R2", "R2_GET", { values: ["a", null, null] }, [["SAME", "grün"], ["WHOLE", null]]), [0b11, ["grün"]]);
  host.texts[0] = "SELECT 1";
  const looks = [["COLUMN", "id"], ["COLUMN", "name"], ["COLUMN", "gone"], ["CONTAINS", '"id":42'], ["SAME", JSON.stringify([row, { id: 42 }])]];
  assert.deepEqual(await looking(host, "TARGET_DB", "D1_ALL", { values: [] }, looks), [0b11011, ["41", "grün", ""]]);
});

test("every action of the list can be performed", async () => {
  const { steps } = await import("../../worker-shim/perform.js");
  assert.deepEqual(Object.keys(steps).sort(), Object.values(ACTION).map(String).sort());
  assert.deepEqual(Object.keys(perform).sort(), Object.values(EFFECT).map(String).sort());
});
