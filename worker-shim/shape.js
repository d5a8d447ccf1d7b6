// Arguments of calls (include/sentinel/base/step.h): what all calls of a step have in common is read once, and each call
// fills in the rest.
import { SHAPE_LOOKS, VALUE } from "./abi.js";
import { decode, payloadBlock, payloadText } from "./core.js";

// Groups of statement and values.
export function readGroups(reader) {
  reader.at += 8;
  return Array.from({ length: reader.u16() }, () => {
    const statement = reader.u32();
    return { statement, values: Array.from({ length: reader.u16() }, () => readValue(reader)) };
  });
}

function readValue(reader) {
  const type = reader.u32(); // and three zeros
  const length = reader.u32();
  switch (type) {
    case VALUE.NULL:
      return null;
    case VALUE.TEXT:
      return decode(readBytes(reader, length));
    case VALUE.NUMBER:
      return reader.f64();
    case VALUE.BYTES:
      return readBytes(reader, length).slice();
    case VALUE.HOLE:
    case VALUE.TAIL:
      return new Hole(type, 0, length);
    case VALUE.HEX:
    case VALUE.SLICE:
    case VALUE.SLICE_TEXT:
    case VALUE.CUT:
    case VALUE.CUT_TEXT:
      return new Hole(type, length, reader.u32());
    case VALUE.JOINED:
      return new Joined(Array.from({ length }, () => readValue(reader)));
    default:
      throw new RangeError(`there is no value of type ${type}`);
  }
}

function readBytes(reader, length) {
  const bytes = reader.take(length);
  reader.at += -length & 3;
  return bytes;
}

class Hole {
  constructor(type, length, number) {
    this.type = type;
    this.length = length; // of a slice; of a cut and a tail it lies behind where they begin
    this.place = 8 * number;
    this.after = ""; // the constant text behind it, in a joined one
  }

  // As a text.
  text(effect, core) {
    const { view } = effect;
    const at = effect.start + this.place;
    if (this.type === VALUE.HOLE) {
      const number = view.getFloat64(at, true);
      const small = number | 0; // a small whole number becomes text several times as fast
      return small === number ? `${small}` : `${number}`;
    }
    if (this.type === VALUE.HEX) return view.getBigUint64(at, true).toString(16).padStart(16, "0").slice(16 - this.length);
    if (this.type === VALUE.SLICE_TEXT) {
      const from = view.getFloat64(at, true);
      return payloadText(core).slice(from, from + this.length);
    }
    const from = view.getUint32(at, true);
    const end = from + view.getUint32(at + 4, true);
    return this.type === VALUE.TAIL ? decode(effect.payload.subarray(from, end)) : payloadText(core).slice(from, end);
  }

  in(effect, core) {
    const { view } = effect;
    const at = effect.start + this.place;
    switch (this.type) {
      case VALUE.HOLE:
        return view.getFloat64(at, true);
      case VALUE.SLICE: {
        const from = view.getFloat64(at, true);
        return payloadBlock(core).subarray(from, from + this.length);
      }
      case VALUE.CUT: {
        const from = view.getUint32(at, true);
        return payloadBlock(core).subarray(from, from + view.getUint32(at + 4, true));
      }
      default:
        return this.text(effect, core);
    }
  }
}

class Joined {
  constructor(pieces) {
    this.before = "";
    this.holes = [];
    for (const piece of pieces) {
      if (piece instanceof Hole) this.holes.push(piece);
      else if (this.holes.length > 0) this.holes.at(-1).after += piece;
      else this.before += piece;
    }
  }

  in(effect, core) {
    let text = this.before;
    for (const hole of this.holes) text += hole.text(effect, core) + hole.after;
    return text;
  }
}

const isOpen = (value) => value instanceof Hole || value instanceof Joined;

// What a SHAPE says: whom it calls, and per group its values, and which of them are to be filled in.  The last group may be
// what is looked for in the answer.
export function readShape(reader) {
  const binding = decode(reader.span());
  const session = decode(reader.span());
  const groups = readGroups(reader);
  for (const group of groups) {
    group.open = group.values.flatMap((value, index) => (isOpen(value) ? [{ index, value }] : []));
  }
  const open = groups.flatMap(({ open }) => open);
  const holes = open.flatMap(({ value }) => value.holes ?? [value]);
  const looks = groups.at(-1)?.statement === SHAPE_LOOKS;
  const size = Math.max(0, ...holes.map(({ place }) => place + 8));
  return { binding, session, groups, looks, prepared: new Map(), open: open.length > 0, size };
}

// What a step calls its binding with.
export function fillShape(host, effect, { groups, open, size }) {
  if (!open) return groups;
  if (effect.end - effect.start < size) throw new RangeError("a step that does not fill its shape");
  const { core } = host.machine;
  return groups.length === 1 ? [fillGroup(groups[0], effect, core)] : groups.map((group) => fillGroup(group, effect, core));
}

function fillGroup({ statement, values, open }, effect, core) {
  const own = values.slice();
  for (let i = 0; i < open.length; i++) own[open[i].index] = open[i].value.in(effect, core);
  return { statement, values: own };
}
