// How deep the stack of a module can get: what its functions set aside on it, added up along the deepest path of calls.
// No run of it is needed, so no path is missed; a call through a table is taken to reach every function of its type.
//
//     module with names (tests/wasm/rules.mk) ──► functions: frame, calls ──► deepest path
//
// Reads what clang and lld write of WebAssembly 1.0, with bulk memory, sign extension and saturating conversion.
const SECTION = { CUSTOM: 0, TYPE: 1, FUNCTION: 3, ELEMENT: 9, CODE: 10 };
const STACK_POINTER = 0; // lld's first global
const OP = { CALL: 0x10, CALL_INDIRECT: 0x11, GLOBAL_GET: 0x23, I32_CONST: 0x41, I32_SUB: 0x6b };

class Bytes {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  u8() {
    return this.bytes[this.at++];
  }

  uint() {
    for (let value = 0, factor = 1; ; factor *= 128) {
      const byte = this.u8();
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  }

  int() {
    for (let value = 0n, bits = 0n; ; ) {
      const byte = this.u8();
      value |= BigInt(byte & 127) << bits;
      bits += 7n;
      if (byte < 128) return Number(BigInt.asIntN(Number(bits), value));
    }
  }

  skip(length) {
    this.at += length;
  }

  list(read) {
    return Array.from({ length: this.uint() }, () => read());
  }

  text() {
    const length = this.uint();
    this.skip(length);
    return new TextDecoder().decode(this.bytes.subarray(this.at - length, this.at));
  }
}

// What follows an instruction.  Gives its operand where that matters here.
function operand(b, op) {
  if (op >= 0x02 && op <= 0x04) return b.int(); // a block's type
  if (op === 0x0c || op === 0x0d || (op >= 0x20 && op <= 0x26) || op === OP.CALL) return b.uint();
  if (op === 0x0e) return b.list(() => b.uint()) && b.uint();
  if (op === OP.CALL_INDIRECT || (op >= 0x28 && op <= 0x3e)) return [b.uint(), b.uint()][0];
  if (op === 0x1c) return b.list(() => b.u8());
  if (op === 0x3f || op === 0x40) return b.u8();
  if (op === OP.I32_CONST || op === 0x42) return b.int();
  if (op === 0x43) return b.skip(4);
  if (op === 0x44) return b.skip(8);
  if (op === 0xfc) {
    const more = b.uint();
    for (let i = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1][more]; i > 0; i--) b.uint();
  }
  return undefined;
}

// Whom a function calls, and the bytes it sets aside: `global.get 0; i32.const n; i32.sub`.
function readBody(b, end, types) {
  const body = { frame: 0, calls: new Set(), indirect: new Set() };
  b.list(() => [b.uint(), b.u8()]); // locals
  for (let before = {}, last = {}; b.at < end; ) {
    const op = b.u8();
    const value = operand(b, op);
    if (op === OP.CALL) body.calls.add(value);
    if (op === OP.CALL_INDIRECT) body.indirect.add(types[value]);
    const below = before.op === OP.GLOBAL_GET && before.value === STACK_POINTER && last.op === OP.I32_CONST;
    if (op === OP.I32_SUB && below) body.frame += last.value;
    [before, last] = [last, { op, value }];
  }
  return body;
}

function readNames(b, end, names) {
  if (b.text() !== "name") return;
  while (b.at < end) {
    const kind = b.u8();
    const until = b.uint() + b.at;
    if (kind === 1) b.list(() => (names[b.uint()] = b.text()));
    b.at = until;
  }
}

// The functions of a module that imports none, by number.
export function functionsOf(bytes) {
  const b = new Bytes(bytes, 8);
  const names = [];
  let types, typeOf, bodies, inTable = [];
  while (b.at < bytes.length) {
    const section = b.u8();
    const end = b.uint() + b.at;
    if (section === SECTION.TYPE) types = b.list(() => (b.skip(1), [b.list(() => b.u8()), b.list(() => b.u8())].join(" to ")));
    if (section === SECTION.FUNCTION) typeOf = b.list(() => types[b.uint()]);
    if (section === SECTION.ELEMENT) inTable = b.list(() => (b.uint(), b.u8(), b.int(), b.u8(), b.list(() => b.uint()))).flat();
    if (section === SECTION.CODE) bodies = b.list(() => readBody(b, b.uint() + b.at, types));
    if (section === SECTION.CUSTOM) readNames(b, end, names);
    b.at = end;
  }
  const ofType = (type) => inTable.filter((number) => typeOf[number] === type);
  return bodies.map(({ frame, calls, indirect }, number) => ({
    name: names[number],
    frame,
    calls: [...new Set([...calls, ...[...indirect].flatMap(ofType)])],
  }));
}

// Groups of functions that can come back to themselves by each other, and all others alone; callees before their callers
// (Tarjan).
function groupsOf(functions) {
  const seen = new Map(); // number: its place on the way here, and the earliest place that it can come back to
  const waiting = [], groups = [];
  const visit = (number) => {
    const own = { at: seen.size, back: seen.size, open: true };
    seen.set(number, own);
    waiting.push(number);
    for (const call of functions[number].calls) {
      const next = seen.get(call) ?? visit(call);
      if (next.open) own.back = Math.min(own.back, next.back);
    }
    if (own.back === own.at) {
      const group = waiting.splice(waiting.indexOf(number));
      for (const member of group) seen.get(member).open = false;
      groups.push(group);
    }
    return own;
  };
  functions.forEach((_, number) => seen.has(number) || visit(number));
  return groups;
}

// The deepest path from a function, in bytes and names.  Of those that can come back to themselves `times` says by the
// name of one how often a path may hold them all; where it says nothing, that is an error.
export function deepest(functions, root, times) {
  const paths = [];
  for (const group of groupsOf(functions)) {
    const names = group.map((number) => functions[number].name);
    const recursive = group.some((number) => functions[number].calls.some((call) => group.includes(call)));
    const often = recursive ? times[names.find((name) => name in times)] : 1;
    if (often === undefined) throw new Error(`${names.join(", ")} can come back to themselves: how often?`);
    const frames = often * group.reduce((sum, number) => sum + functions[number].frame, 0);
    const outside = group.flatMap((number) => functions[number].calls).filter((call) => !group.includes(call));
    const below = outside.map((call) => paths[call]).reduce((a, b) => (b.bytes > a.bytes ? b : a), { bytes: 0, names: [] });
    const path = { bytes: frames + below.bytes, names: [`${names.join("+")} ${frames}`, ...below.names] };
    for (const number of group) paths[number] = path;
  }
  return paths[functions.findIndex(({ name }) => name === root)];
}
