// The core behind its boundary: events go in as records, effects come out as records
// (include/sentinel/base/record.h).  Nothing here knows what they mean.
import { ABI_VERSION, LIMIT, RECORD } from "./abi.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NOTHING = new Uint8Array(0);

export const encode = (text) => encoder.encode(text);
export const decode = (bytes) => decoder.decode(bytes);
export const nowUs = () => Date.now() * 1000;

// How many bytes of UTF-8 a text is.  A short one is written where the last one was, and leaves nothing to clear away.
const scratch = new Uint8Array(4096);
export const bytesOf = (text) => (text.length * 3 > scratch.length ? encoder.encode(text).length : encoder.encodeInto(text, scratch).written);

// UTF-8 of a text, cut to whole characters within `max` bytes.
export function clip(text, max) {
  const bytes = new Uint8Array(Math.min(text.length * 3, max));
  return bytes.subarray(0, encoder.encodeInto(text, bytes).written);
}

// Byte strings one after the other, each behind its length as a varint.
export function spans(...parts) {
  const heads = parts.map(({ length }) => {
    const head = [];
    for (; length > 127; length = Math.floor(length / 128)) head.push((length % 128) + 128);
    return [...head, length];
  });
  return join(...parts.flatMap((part, i) => [heads[i], part]));
}

export function join(...parts) {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

// Reads bytes from their start, or a part of them.
export class Reader {
  constructor(bytes, view = viewOf(bytes), at = 0, end = bytes.length) {
    this.bytes = bytes;
    this.view = view;
    this.at = at;
    this.end = end;
  }

  get left() {
    return this.end - this.at;
  }

  u8() {
    return this.view.getUint8(this.at++);
  }

  u16() {
    return this.view.getUint16((this.at += 2) - 2, true);
  }

  u32() {
    return this.view.getUint32((this.at += 4) - 4, true);
  }

  f64() {
    return this.view.getFloat64((this.at += 8) - 8, true);
  }

  take(length) {
    return this.bytes.subarray(this.at, (this.at += length));
  }

  span() {
    let length = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.u8();
      length += (byte % 128) * factor;
      if (byte < 128) return this.take(length);
    }
  }

  rest() {
    return this.take(this.left);
  }
}

const padded = (length) => (length + 7) & ~7;
const recordSize = (event) => RECORD.SIZE + padded(event.payload?.length ?? 0);

// What the core wants done.  It lies in the core's memory, and is there until the next step: what is needed after an await
// has to be copied before it, but for kind and id.
export class Effect {
  constructor(bytes, view, at) {
    this.bytes = bytes;
    this.view = view;
    this.at = at;
    this.kind = view.getUint16(at + RECORD.kind, true);
    this.id = view.getUint32(at + RECORD.id, true);
    this.start = at + RECORD.SIZE;
    this.end = this.start + view.getUint32(at + RECORD.size, true);
  }

  get status() {
    return this.view.getInt16(this.at + RECORD.status, true);
  }

  get target() {
    return this.view.getUint32(this.at + RECORD.target, true);
  }

  get atUs() {
    return this.view.getFloat64(this.at + RECORD.at_us, true);
  }

  get arg0() {
    return this.view.getUint32(this.at + RECORD.arg0, true);
  }

  get arg1() {
    return this.view.getUint32(this.at + RECORD.arg1, true);
  }

  get payload() {
    return this.bytes.subarray(this.start, this.end);
  }

  get reader() {
    return new Reader(this.bytes, this.view, this.start, this.end);
  }
}

// One instance of the module in one role.  After a WebAssembly.RuntimeError it must not be used again.
export class Core {
  #wasm;
  #bytes;
  #view;

  constructor(module, role) {
    this.#wasm = new WebAssembly.Instance(module).exports;
    const version = this.#wasm.sn_abi_version();
    if (version !== ABI_VERSION) throw new Error(`core.wasm speaks version ${version}, abi.js ${ABI_VERSION}`);
    const status = this.#wasm.sn_open(role);
    if (status !== 0) throw new Error(`the core could not be opened in role ${role}: status ${status}`);
    // Memory does not grow after this, so the views stay good.
    this.#bytes = new Uint8Array(this.#wasm.memory.buffer);
    this.#view = new DataView(this.#wasm.memory.buffer);
  }

  fits(event) {
    return this.#wasm.sn_inbox(recordSize(event)) !== 0;
  }

  // In microseconds, absolute; Infinity when nothing is pending.
  get deadlineUs() {
    return this.#wasm.sn_deadline_us();
  }

  // Takes events that each fit the inbox, in as many steps as that needs, and gives each effect to `perform`, which must
  // not feed.
  feed(events, perform) {
    for (let next = 0; next < events.length; ) {
      let length = recordSize(events[next]);
      let end = next + 1;
      for (; end < events.length; end++) {
        const more = length + recordSize(events[end]);
        if (this.#wasm.sn_inbox(more) === 0) break;
        length = more;
      }
      this.#write(this.#wasm.sn_inbox(length), events.slice(next, end));
      this.#wasm.sn_step(nowUs(), length);
      this.#perform(perform);
      next = end;
    }
  }

  // Up to `length` bytes of the payload block.
  payload(offset, length) {
    const filled = this.#wasm.sn_payload(offset, length);
    const at = this.#wasm.sn_inbox(0);
    return this.#bytes.slice(at, at + filled);
  }

  #write(at, events) {
    for (const event of events) {
      const payload = event.payload ?? NOTHING;
      this.#view.setUint16(at + RECORD.kind, event.kind, true);
      this.#view.setInt16(at + RECORD.status, event.status ?? 0, true);
      this.#view.setUint32(at + RECORD.size, payload.length, true);
      this.#view.setUint32(at + RECORD.id, event.id ?? 0, true);
      this.#view.setUint32(at + RECORD.target, event.target ?? 0, true);
      this.#view.setFloat64(at + RECORD.at_us, event.atUs, true);
      this.#view.setUint32(at + RECORD.arg0, event.arg0 ?? 0, true);
      this.#view.setUint32(at + RECORD.arg1, event.arg1 ?? 0, true);
      this.#bytes.set(payload, at + RECORD.SIZE);
      const end = at + recordSize(event);
      this.#bytes.fill(0, at + RECORD.SIZE + payload.length, end);
      at = end;
    }
  }

  #perform(perform) {
    const start = this.#wasm.sn_outbox();
    eachEffect(this.#bytes, this.#view, start, start + this.#wasm.sn_outbox_len(), perform);
  }
}

export function eachEffect(bytes, view, start, end, of) {
  for (let at = start; at < end; ) {
    const effect = new Effect(bytes, view, at);
    at = padded(effect.end);
    of(effect);
  }
}

let block;
let blockText;

// The payload block (src/load/payload.c), filled once per isolate by whichever core is asked first.
export function payloadBlock(core) {
  if (block === undefined) {
    const filling = new Uint8Array(LIMIT.PAYLOAD_BLOCK);
    for (let at = 0; at < filling.length; ) {
      const part = core.payload(at, filling.length - at);
      if (part.length === 0) throw new Error(`the payload block ends at ${at}`);
      filling.set(part, at);
      at += part.length;
    }
    block = filling;
  }
  return block;
}

// The same as text, of which a slice costs no copy.
export function payloadText(core) {
  blockText ??= decode(payloadBlock(core));
  return blockText;
}
