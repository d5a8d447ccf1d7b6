// What objects do with their bindings, counted where the calls leave them: the core and the shim know nothing of it.
//
// A call counts from the moment at which it is made to that at which its promise settles, which for an R2 object is when
// its headers are there.  The bindings can also be made slow, for every object at once.
const gauges = new Map(); // id of an object → its counts
const heldUntilMs = new Map(); // binding → calls wait until then
const delayMs = new Map(); // binding → each call takes so much longer
const queues = new Map(); // binding → it serves one call after the other, each for eachMs, and is free at freeMs

export const hold = (binding, ms) => heldUntilMs.set(binding, Date.now() + ms);
export const slow = (binding, ms) => delayMs.set(binding, ms);
export const queue = (binding, ms) => (ms > 0 ? queues.set(binding, { eachMs: ms, freeMs: 0 }) : queues.delete(binding));

// By object: its name, calls in flight now and at most, the same without those to other objects and the control database, how
// many there were, and how many to shards; how often it called each method of a store or of objects; and what a database said
// that it read and wrote for it, by the text of its statement.  `most` is the largest number of calls in flight to targets, of
// all objects together.
export function read() {
  return { most: whole.mostTargets, objects: Object.fromEntries(gauges) };
}

function meter(gauge, binding, text, { meta }) {
  const texts = (gauge.rows[binding] ??= {});
  const sum = texts[text] ?? { calls: 0, read: 0, written: 0 };
  texts[text] = { calls: sum.calls + 1, read: sum.read + meta.rows_read, written: sum.written + meta.rows_written };
}

export function reset() {
  gauges.clear();
  Object.assign(whole, fresh());
}

const fresh = () => ({ now: 0, most: 0, nowTargets: 0, mostTargets: 0, calls: 0, shardCalls: 0 });
const whole = fresh();
const CONTROL = ["DB", "RUNS", "SHARDS"];

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function queued(binding) {
  const line = queues.get(binding);
  if (!line) return;
  line.freeMs = Math.max(line.freeMs, Date.now()) + line.eachMs;
  await wait(line.freeMs - Date.now());
}

async function counted(gauge, binding, send) {
  const target = CONTROL.includes(binding) ? 0 : 1;
  const enter = (by) => {
    for (const count of [gauge, whole]) {
      count.now += by;
      count.nowTargets += by * target;
      count.most = Math.max(count.most, count.now);
      count.mostTargets = Math.max(count.mostTargets, count.nowTargets);
    }
  };
  enter(1);
  gauge.calls += 1;
  if (binding === "SHARDS") gauge.shardCalls += 1;
  try {
    const heldMs = (heldUntilMs.get(binding) ?? 0) - Date.now();
    if (heldMs > 0) await wait(heldMs);
    if (delayMs.get(binding) > 0) await wait(delayMs.get(binding));
    await queued(binding);
    return await send();
  } finally {
    enter(-1);
  }
}

function statement(inner, text, count) {
  return {
    inner,
    text,
    bind: (...values) => statement(inner.bind(...values), text, count),
    all: async () => {
      const result = await count(() => inner.all());
      meter(count.gauge(), count.binding, text, result);
      return result;
    },
  };
}

const kinds = {
  D1: (db, count) => ({
    prepare: (text) => statement(db.prepare(text), text, count),
    batch: async (statements) => {
      const results = await count(() => db.batch(statements.map(({ inner }) => inner)));
      results.forEach((result, i) => meter(count.gauge(), count.binding, statements[i].text, result));
      return results;
    },
  }),
  objects: (namespace, count) => ({ getByName: (...which) => kinds.store(namespace.getByName(...which), count) }),
  store: (store, count) =>
    new Proxy(store, {
      get: (all, name) => (...values) => {
        const { methods } = count.gauge();
        const method = `${count.binding}.${name}`;
        methods[method] = (methods[method] ?? 0) + 1;
        return count(() => all[name](...values));
      },
    }),
};
const KIND = { DB: "D1", TARGET_DB: "D1", TARGET_KV: "store", TARGET_R2: "store", RUNS: "objects", SHARDS: "objects", PROBES: "objects" };

// The bindings of one object, counted.
export function gauged(env, id) {
  const made = new Map();
  const gauge = () => gauges.get(`${id}`) ?? gauges.set(`${id}`, { name: id.name, methods: {}, rows: {}, ...fresh() }).get(`${id}`);
  return new Proxy(env, {
    get: (all, name) => {
      if (KIND[name] === undefined || all[name] === undefined) return all[name];
      if (!made.has(name)) {
        const count = Object.assign((send) => counted(gauge(), name, send), { gauge, binding: name });
        made.set(name, kinds[KIND[name]](all[name], count));
      }
      return made.get(name);
    },
  });
}
