import assert from "node:assert/strict";
import test from "node:test";
import { EVENT, LIMIT, ROLE } from "../../worker-shim/abi.js";
import { clip, Core, decode, encode, join, payloadBlock, Reader, spans } from "../../worker-shim/core.js";
import { wasmModule } from "../made.mjs";

const echo = wasmModule("build/tests/echo.wasm");

// What a core left for its events, kept beyond the next step.
function feed(core, events) {
  const effects = [];
  core.feed(events, ({ kind, status, id, target, atUs, arg0, arg1, payload }) => {
    effects.push({ kind, status, id, target, atUs, arg0, arg1, payload: payload.slice() });
  });
  return effects;
}

test("records come back as they went in", () => {
  const core = new Core(echo, ROLE.RUN);
  const sizes = [0, 1, 7, 8, 9, 31, 1000];
  const events = sizes.map((size, i) => ({
    kind: 32 + i,
    status: -i,
    id: 0xffffffff - i,
    target: i,
    atUs: 1795446241462123 + i,
    arg0: 0x80000000 + i,
    arg1: i,
    payload: new Uint8Array(size).fill(200 + i),
  }));
  const effects = feed(core, events);
  assert.deepEqual(effects, events.map((event) => ({ ...event, status: event.status || 0 })));
  assert.equal(core.deadlineUs, events.at(-1).atUs);
});

test("absent fields are zero, and padding does not keep what was there before", () => {
  const core = new Core(echo, ROLE.RUN);
  feed(core, [{ kind: 1, atUs: 0, payload: new Uint8Array(64).fill(255) }]);
  let padding;
  core.feed([{ kind: 2, atUs: 0, payload: encode("x") }], ({ payload }) => {
    padding = [...new Uint8Array(payload.buffer, payload.byteOffset + 1, 7)];
  });
  assert.deepEqual(padding, [0, 0, 0, 0, 0, 0, 0]);
  const [first, second] = feed(core, [{ kind: 2, atUs: 0, payload: encode("x") }, { kind: 3, atUs: 5 }]);
  assert.equal(decode(first.payload), "x");
  assert.equal(second.payload.length, 0);
  assert.deepEqual([second.id, second.target, second.arg0, second.arg1, second.status], [0, 0, 0, 0, 0]);
});

test("a payload lies in the core's memory, and its reader ends where it does", () => {
  const core = new Core(echo, ROLE.RUN);
  core.feed([{ kind: 1, atUs: 0, payload: encode("first") }, { kind: 1, atUs: 0, payload: encode("other") }], (effect) => {
    const { reader, payload } = effect;
    assert.equal(payload.buffer.byteLength % 65536, 0);
    assert.equal(reader.left, 5);
    assert.equal(decode(reader.rest()), decode(payload));
    assert.equal(reader.left, 0);
  });
});

test("filling the payload block leaves the effects that are being performed alone", () => {
  const core = new Core(echo, ROLE.RUN);
  const seen = [];
  core.feed([{ kind: 1, atUs: 0, payload: encode("first") }, { kind: 2, atUs: 0, payload: encode("other") }], (effect) => {
    core.payload(0, 4096);
    seen.push(effect.kind, decode(effect.payload));
  });
  assert.deepEqual(seen, [1, "first", 2, "other"]);
});

test("more events than the inbox holds cross in several steps, in order", () => {
  const core = new Core(echo, ROLE.RUN);
  const events = Array.from({ length: 50 }, (_, i) => ({ kind: i, atUs: i, payload: new Uint8Array(900).fill(i) }));
  assert.deepEqual(feed(core, events).map((effect) => effect.payload[899]), events.map((_, i) => i));
  assert.ok(core.fits({ kind: 1, atUs: 0, payload: new Uint8Array(4096 - 32) }));
  assert.ok(!core.fits({ kind: 1, atUs: 0, payload: new Uint8Array(4096 - 31) }));
});

test("a trap is a WebAssembly.RuntimeError; a role that there is not is refused", () => {
  const core = new Core(echo, ROLE.RUN);
  assert.throws(() => feed(core, [{ kind: 0xffff, atUs: 0 }]), WebAssembly.RuntimeError);
  assert.throws(() => new Core(echo, 9), /role 9: status -1/);
});

test("the payload block is put together from parts, once", () => {
  const block = payloadBlock(new Core(echo, ROLE.SHARD));
  assert.equal(block.length, LIMIT.PAYLOAD_BLOCK);
  assert.deepEqual([...block.subarray(4094, 4098)], [126, 127, 0, 1]);
  assert.equal(payloadBlock(null), block);
});

test("spans are read as they are written, at the edges of their length's length", () => {
  for (const length of [0, 1, 127, 128, 16383, 16384, 70000]) {
    const reader = new Reader(join(spans(new Uint8Array(length).fill(7), encode("end")), encode("rest")));
    assert.equal(reader.span().length, length);
    assert.equal(decode(reader.span()), "end");
    assert.equal(decode(reader.rest()), "rest");
    assert.equal(reader.left, 0);
  }
  assert.deepEqual([...spans(new Uint8Array(300))].slice(0, 2), [0xac, 0x02]);
});

test("a text is cut to whole characters", () => {
  assert.equal(decode(clip("grün", 3)), "gr");
  assert.equal(decode(clip("grün", 4)), "grü");
  assert.equal(decode(clip("😀😀", 7)), "😀");
  assert.equal(clip("", 10).length, 0);
});

test("events and effects never share a number", () => {
  assert.equal(Math.max(...Object.values(EVENT)) < 32, true);
});
