// A core that follows a script, and a Durable Object's context that keeps its state in plain maps.
import { EFFECT } from "../../worker-shim/abi.js";
import { Reader } from "../../worker-shim/core.js";

export const NOTHING = new Uint8Array(0);

// `script` maps an event's kind to what the core leaves for it: effects, or a function of the event and the core.
export class ScriptedCore {
  constructor(script = {}) {
    this.script = script;
    this.seen = [];
    this.deadlineUs = Infinity;
  }

  fits(event) {
    return (event.payload?.length ?? 0) <= 1000;
  }

  feed(events, perform) {
    const effects = events.flatMap((event) => {
      this.seen.push(event);
      const effects = this.script[event.kind] ?? [];
      return typeof effects === "function" ? (effects(event, this) ?? []) : effects;
    });
    effects.forEach(perform);
  }

  kinds() {
    return this.seen.map((event) => event.kind);
  }
}

export const effect = (name, fields = {}) => ({
  kind: EFFECT[name],
  status: 0,
  id: 0,
  target: 0,
  atUs: 0,
  arg0: 0,
  arg1: 0,
  payload: NOTHING,
  start: 0,
  get end() {
    return this.payload.length;
  },
  get view() {
    return new DataView(this.payload.buffer, this.payload.byteOffset);
  },
  get reader() {
    return new Reader(this.payload);
  },
  ...fields,
});

export class FakeSocket {
  readyState = 1;
  sent = [];

  send(text) {
    this.sent.push(text);
  }

  close(code, reason) {
    this.closed = [code, reason];
  }
}

export function fakeContext(stored = {}) {
  const values = new Map(Object.entries(stored));
  const log = [];
  const sockets = [];
  const storage = {
    kv: { list: () => [...values].sort(([a], [b]) => (a < b ? -1 : 1)) },
    async put(entries, options) {
      log.push(["put", Object.keys(entries), options]);
      for (const [key, value] of Object.entries(entries)) values.set(key, value);
    },
    async sync() {
      log.push(["sync"]);
    },
    async delete(keys, options) {
      log.push(["delete", keys.length, options]);
      for (const key of keys) values.delete(key);
    },
    async deleteAll() {
      log.push(["deleteAll"]);
      values.clear();
    },
    async deleteAlarm() {
      log.push(["deleteAlarm"]);
    },
    async setAlarm(ms, options) {
      log.push(["setAlarm", ms, options]);
    },
  };
  return {
    id: { name: "run-1" },
    storage,
    values,
    log,
    sockets,
    getWebSockets: (tag) => sockets.filter(({ tags }) => tag === undefined || tags.includes(tag)),
    acceptWebSocket: (socket, tags = []) => sockets.push(Object.assign(socket, { tags })),
    getTags: ({ tags }) => tags,
    setWebSocketAutoResponse() {},
    abort(reason) {
      log.push(["abort", reason]);
      throw new Error("aborted");
    },
  };
}

// Until everything that can be done now is done.
export const settle = () => new Promise((resolve) => setTimeout(resolve, 2));

// What console.error got while `body` ran.
export async function errorsOf(body) {
  const lines = [];
  const real = console.error;
  console.error = (line) => lines.push(line);
  try {
    await body();
  } finally {
    console.error = real;
  }
  return lines;
}
