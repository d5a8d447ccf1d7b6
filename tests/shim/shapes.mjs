// What a step and a call carry, as base/step.h and base/args.h have it, and a host to perform them.
import { BINDING, ROLE, VALUE } from "../../worker-shim/abi.js";
import { Core, encode, join } from "../../worker-shim/core.js";
import { wasmModule } from "../made.mjs";
import { fakeContext } from "./fakes.mjs";

export const core = new Core(wasmModule("build/tests/echo.wasm"), ROLE.SHARD);
export const numberOf = (name) => Number(Object.keys(BINDING).find((number) => BINDING[number] === name));

export function ints(...values) {
  const bytes = new Uint8Array(values.length * 4);
  values.forEach((value, i) => new DataView(bytes.buffer).setUint32(i * 4, value, true));
  return bytes;
}

export const shorts = (value) => ints(value).subarray(0, 2);

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

export const args = (...groups) =>
  join(
    ints(0, 0),
    shorts(groups.length),
    ...groups.flatMap(({ statement = 0, values }) => [
      ints(statement),
      shorts(values.length),
      ...values.map(argument),
    ]),
  );

export function hostWith(bindings) {
  const ctx = fakeContext();
  return { ctx, env: bindings, storage: ctx.storage, machine: { core }, texts: [], shapes: [] };
}
