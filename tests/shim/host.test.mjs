import assert from "node:assert/strict";
import test from "node:test";
import { BINDING, EVENT } from "../../worker-shim/abi.js";
import { decode, encode, join, Reader, spans } from "../../worker-shim/core.js";
import { ObjectHost } from "../../worker-shim/host.js";
import { effect, errorsOf, fakeContext, FakeSocket, ScriptedCore, settle } from "./fakes.mjs";

const { OPENED, LOADED, TIMER, ALARM, CALL, DONE, FAILED, STEP_DONE, STEP_FAILED } = EVENT;
const trap = () => {
  throw new WebAssembly.RuntimeError("unreachable");
};

// A host with scripted cores, the first one first; the last script serves for every core after it.
function open(scripts, { ctx = fakeContext(), env = {} } = {}) {
  const cores = [];
  const openCore = () => {
    cores.push(new ScriptedCore(scripts[Math.min(cores.length, scripts.length - 1)]));
    return cores.at(-1);
  };
  return { host: new ObjectHost(ctx, env, openCore), ctx, cores };
}

function namesIn(payload) {
  const reader = new Reader(payload);
  const names = [];
  while (reader.left > 0) names.push(decode(reader.span()));
  return names;
}

test("opening: every stored value in key order, then the name", () => {
  const { cores } = open([{}], { ctx: fakeContext({ b: Uint8Array.of(2), a: Uint8Array.of(1, 1) }) });
  assert.deepEqual(cores[0].kinds(), [LOADED, LOADED, OPENED]);
  const reader = new Reader(cores[0].seen[0].payload);
  assert.deepEqual([decode(reader.span()), [...reader.rest()]], ["a", [1, 1]]);
  assert.deepEqual(namesIn(cores[0].seen[2].payload), ["run-1"]);
  assert.ok(cores[0].seen[2].atUs > 1.6e15);
});

test("opening: the bindings that are there, without variables and secrets", () => {
  const env = { TARGET_KV: {}, SENTINEL_TOKEN: "secret", SHOP_DB: {}, MODE: 1, GONE: undefined };
  assert.deepEqual(namesIn(open([{}], { env }).cores[0].seen[0].payload), ["run-1", "TARGET_KV", "SHOP_DB"]);
});

test("a call is answered by the REPLY with its id, whenever that comes", async () => {
  const later = {};
  const { host, ctx } = open([
    {
      [CALL]: (event) => {
        later[decode(event.payload)] = event.id;
        return decode(event.payload) === "now" ? [effect("REPLY", { id: event.id, status: -8, payload: encode("no") })] : [];
      },
      [TIMER]: () => [effect("REPLY", { id: later.later, payload: encode("yes") })],
    },
  ]);
  const slow = host.call(encode("later"));
  assert.deepEqual(await host.call(encode("now")), { status: -8, bytes: encode("no") });
  host.machine.feed({ kind: TIMER });
  assert.deepEqual(await slow, { status: 0, bytes: encode("yes") });
  assert.deepEqual(ctx.log, []);
});

test("a call that is larger than the inbox is refused to who asked", async () => {
  const { host, cores } = open([{}]);
  await assert.rejects(host.call(new Uint8Array(1001)), /1001 bytes are more than the core takes/);
  assert.deepEqual(cores[0].kinds(), [OPENED]);
});

test("an alarm handler lasts until the slice ends", async () => {
  const { host, cores } = open([{ [TIMER]: [effect("SLICE_END")] }]);
  let over = false;
  const alarm = host.alarm().then(() => (over = true));
  await settle();
  assert.ok(!over);
  assert.deepEqual(cores[0].kinds(), [OPENED, ALARM]);
  host.machine.feed({ kind: TIMER });
  await alarm;
});

test("each effect that asks is answered once, with its id", async () => {
  const getByName = (name) => ({
    call: async () => {
      if (name === "full") throw Object.assign(new Error("Too many requests queued."), { overloaded: true });
      return { status: -7, bytes: encode(name) };
    },
  });
  const target = Number(Object.keys(BINDING).find((number) => BINDING[number] === "RUNS"));
  const ask = (id, name) => effect("CALL_OBJECT", { id, target, payload: spans(encode(name), encode("")) });
  const { cores } = open(
    [{ [OPENED]: [ask(5, "a"), ask(6, "full"), ask(8, "x".repeat(1001)), effect("STORE", { id: 7 }), effect("STEP", { id: 9 })] }],
    { env: { RUNS: { getByName } } },
  );
  await settle();
  const answers = Object.fromEntries(cores[0].seen.slice(1).map((event) => [event.id, event]));
  assert.equal(cores[0].seen.length, 6);
  assert.deepEqual([answers[5].kind, answers[5].status, decode(answers[5].payload)], [DONE, -7, "a"]);
  assert.equal(answers[6].kind, FAILED);
  assert.equal(decode(answers[6].payload), "Error: Too many requests queued. overloaded");
  assert.equal(answers[7].kind, DONE);
  assert.equal(answers[8].kind, FAILED); // its answer was larger than the inbox
  assert.match(decode(answers[8].payload), /1001 bytes are more than the core takes/);
  assert.equal(answers[9].kind, STEP_FAILED);
});

test("an error's text is cut at 512 bytes", async () => {
  const DB = { prepare: () => trap(), batch: async () => [] };
  const getByName = () => ({ call: () => Promise.reject(new Error("ü".repeat(1000))) });
  const { cores } = open([{ [OPENED]: [effect("CALL_OBJECT", { id: 1, target: 2, payload: spans(encode(""), encode("")) })] }], {
    env: { DB, RUNS: { getByName } },
  });
  await settle();
  assert.equal(cores[0].seen[1].payload.length, 511); // "Error: " and whole characters
});

test("what is fed while effects are performed waits for its turn", () => {
  const order = [];
  const { host } = open([
    {
      [TIMER]: () => (order.push("timer"), [effect("SEND", { target: 1 }), effect("SEND", { target: 1 })]),
      [ALARM]: () => void order.push("alarm"),
    },
  ]);
  host.sockets = () => {
    order.push("send");
    host.machine.feed({ kind: ALARM });
    return [];
  };
  host.machine.feed({ kind: TIMER });
  assert.deepEqual(order, ["timer", "send", "send", "alarm", "alarm"]);
});

test("one timer, moved when the deadline moves closer, asked again when it fires", async () => {
  const { host, cores } = open([{}]);
  const [core] = cores;
  const soon = (ms) => (Date.now() + ms) * 1000;
  core.deadlineUs = soon(60_000);
  host.machine.feed({ kind: ALARM });
  core.deadlineUs = soon(20);
  host.machine.feed({ kind: ALARM });
  core.deadlineUs = soon(60_000); // later again: the timer of 20 ms may fire for nothing
  host.machine.feed({ kind: ALARM });
  await new Promise((resolve) => setTimeout(resolve, 35));
  assert.deepEqual(core.kinds(), [OPENED, ALARM, ALARM, ALARM, TIMER]);
  core.deadlineUs = soon(-5); // the past: at once, but through the event loop
  host.machine.feed({ kind: ALARM });
  assert.equal(core.kinds().length, 6);
  core.deadlineUs = Infinity;
  await settle();
  assert.deepEqual(core.kinds().slice(5), [ALARM, TIMER]);
  await settle();
  assert.equal(core.kinds().length, 7);
});

test("a timer does not fire before a deadline within a millisecond", async () => {
  const { host, cores } = open([{}]);
  const at = (Date.now() + 5) * 1000 + 300;
  cores[0].deadlineUs = at;
  host.machine.feed({ kind: ALARM });
  cores[0].deadlineUs = Infinity;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(cores[0].seen.at(-1).kind, TIMER);
  assert.ok(cores[0].seen.at(-1).atUs > at - 1000); // Node itself may be a millisecond early
});

test("after a trap a new core takes over from storage, calls fail, the alarm goes on", async () => {
  let settleCall;
  const getByName = () => ({ call: () => new Promise((resolve) => (settleCall = resolve)) });
  const ask = effect("CALL_OBJECT", { id: 1, target: 2, payload: spans(encode(""), encode("")) });
  const { host, ctx, cores } = open([{ [OPENED]: [ask], [CALL]: trap }, { [TIMER]: [effect("SLICE_END")] }], {
    env: { RUNS: { getByName } },
  });
  const realNow = Date.now;
  const alarm = host.alarm();
  ctx.values.set("saved", Uint8Array.of(1));
  const lines = await errorsOf(async () => {
    Date.now = () => realNow() + 11_000;
    try {
      await assert.rejects(host.call(encode("x")), /the core has trapped: unreachable/);
    } finally {
      Date.now = realNow;
    }
  });
  assert.match(lines[0], /the core has trapped.*run-1.*unreachable/);
  assert.deepEqual(cores[1].kinds(), [LOADED, OPENED, ALARM]);
  settleCall({ status: 0, bytes: encode("late") }); // asked by the core that is gone: its id may be in use again
  await settle();
  assert.deepEqual([cores[0].kinds().length, cores[1].kinds().length], [3, 3]);
  host.machine.feed({ kind: TIMER });
  await alarm;
  assert.equal(cores.length, 2);
});

test("a trap outside of an alarm's slice begins none", async () => {
  const realNow = Date.now;
  const { host, cores } = open([{ [ALARM]: [effect("SLICE_END")], [CALL]: trap }, {}]);
  await host.alarm();
  Date.now = () => realNow() + 11_000;
  await errorsOf(() => host.call(encode("x")).catch(() => {}));
  Date.now = realNow;
  assert.deepEqual(cores[1].kinds(), [OPENED]);
});

test("a core that traps again and again is left to the platform", async () => {
  const { host, ctx } = open([{ [CALL]: trap }]);
  await errorsOf(() => host.call(encode("x")).catch(() => {}));
  assert.deepEqual(ctx.log, [["abort", "RuntimeError: unreachable"]]);
  await errorsOf(() => assert.throws(() => open([{ [OPENED]: trap }]), /aborted/));
});

test("an effect that fails and asks nothing is logged, and the rest is performed", async () => {
  const ctx = fakeContext();
  ctx.storage.setAlarm = () => Promise.reject(new Error("no alarm"));
  let cores;
  const lines = await errorsOf(async () => {
    ({ cores } = open([{ [OPENED]: [effect("SET_ALARM"), { ...effect("SEND"), kind: 99 }, effect("STORE", { id: 3 })] }], { ctx }));
    await settle();
  });
  assert.equal(lines.length, 2);
  assert.deepEqual(cores[0].kinds(), [OPENED, DONE]);
});

test("sockets are numbered, also beyond the object's life in memory", async () => {
  globalThis.WebSocketPair = class {
    0 = new FakeSocket();
    1 = new FakeSocket();
  };
  globalThis.WebSocketRequestResponsePair = class {};
  const RealResponse = globalThis.Response;
  globalThis.Response = class { // the real one refuses 101
    constructor(body, init) {
      Object.assign(this, init);
    }
  };
  try {
    const { host, ctx, cores } = open([{}]);
    const request = (url = "https://sentinel.test/live") => ({ url });
    assert.equal(host.accept(request()).status, 101);
    host.accept(request("https://sentinel.test/live?since=7"));
    host.socketMessage(ctx.sockets[1], "hello");
    host.socketMessage(ctx.sockets[1], new ArrayBuffer(3)); // binary: an empty text, which no frame is
    const seen = cores[0].seen.slice(1).map((e) => [e.kind, e.target, decode(e.payload ?? new Uint8Array(0))]);
    assert.deepEqual(seen, [
      [EVENT.SOCKET_OPENED, 1, ""],
      [EVENT.SOCKET_OPENED, 2, "?since=7"],
      [EVENT.SOCKET_MESSAGE, 2, "hello"],
      [EVENT.SOCKET_MESSAGE, 2, ""],
    ]);
    ctx.sockets.shift();
    const again = open([{}], { ctx });
    const [, opened] = again.cores[0].seen;
    assert.deepEqual([opened.kind, opened.target, opened.arg0], [EVENT.SOCKET_OPENED, 2, 1]);
    again.host.accept(request());
    assert.deepEqual(ctx.sockets.map(({ tags }) => tags), [["2"], ["3"]]);
    assert.deepEqual(again.host.sockets(3), [ctx.sockets[1]]);
    ctx.sockets[0].readyState = 3;
    assert.deepEqual(again.host.sockets(), [ctx.sockets[1]]);
    assert.deepEqual([again.host.sockets(2), again.host.sockets(1)], [[], []]);
  } finally {
    globalThis.Response = RealResponse;
  }
});

// The shape of a KV delete without a key worth the name, and a step of that shape.
const deletion = (number) => {
  const values = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0);
  const payload = join(spans(encode("TARGET_KV"), encode("")), values);
  return effect("SHAPE", { arg0: number, payload });
};
const step = (id) => effect("STEP", { id, arg0: 6 });

test("the last of many steps' answers is fed without waiting for the others", async () => {
  const waiting = [];
  const TARGET_KV = { delete: () => new Promise((resolve) => waiting.push(resolve)) };
  const { cores } = open([{ [OPENED]: [deletion(0), step(1), step(2), step(3)] }], { env: { TARGET_KV } });
  await settle();
  waiting[2]();
  await settle();
  assert.deepEqual(cores[0].seen.slice(1).map((e) => [e.kind, e.id]), [[STEP_DONE, 3]]);
});

test("shapes go with the core that gave them", async (t) => {
  const TARGET_KV = { delete: async () => {} };
  t.mock.timers.enable({ apis: ["Date"] });
  const ctx = fakeContext();
  const { host, cores } = open([{ [OPENED]: [deletion(0)], [TIMER]: trap }, { [OPENED]: [step(1)] }], { ctx, env: { TARGET_KV } });
  assert.equal(host.shapes.length, 1);
  t.mock.timers.tick(11_000);
  const errors = await errorsOf(async () => {
    host.machine.feed({ kind: TIMER });
    await settle();
  });
  assert.match(errors[0], /the core has trapped/);
  assert.deepEqual(cores[1].seen.slice(1).map((e) => [e.kind, e.id]), [[STEP_FAILED, 1]]);
});
