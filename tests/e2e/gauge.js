// What objects do with their bindings, counted where the calls leave them: the core and the shim know nothing of it.
//
// A call counts from the moment at which it is made to that at which its promise settles, which for an R2 object is when
// its headers are there.  The bindings can also be made slow, for every object at once.
const gauges = new Map(); // id of an object → its counts
const heldUntilMs = new Map(); // binding → calls wait until then
const delayMs = new Map(); // binding → each call takes so much longer

export const hold = (binding, ms) => heldUntilMs.set(binding, Date.now() + ms);
export const slow = (binding, ms) => delayMs.set(binding, ms);

// By object: calls in flight now and at most, the same without those to other objects and the control database, how many
// there were, and how many to shards.  `most` is the largest number of calls in flight to targets, of all objects together.
export function read() {
  return { most: whole.mostTargets, objects: Object.fromEntries(gauges) };
}

export function reset() {
  gauges.clear();
  Object.assign(whole, fresh());
}

const fresh = () => ({ now: 0, most: 0, nowTargets: 0, mostTargets: 0, calls: 0, shardCalls: 0 });
const whole = fresh();
const CONTROL = ["DB", "RUNS", "SHARDS"];

const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

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
    return await send();
  } finally {
    enter(-1);
  }
}

function statement(inner, count) {
  return { inner, bind: (...values) => statement(inner.bind(...values), count), all: () => count(() => inner.all()) };
}

const kinds = {
  D1: (db, count) => ({
    prepare: (text) => statement(db.prepare(text), count),
    batch: (statements) => count(() => db.batch(statements.map(({ inner }) => inner))),
  }),
  objects: (namespace, count) => ({
    getByName: (...which) => {
      const stub = namespace.getByName(...which);
      return { call: (bytes) => count(() => stub.call(bytes)) };
    },
  }),
  store: (store, count) =>
    new Proxy(store, { get: (all, name) => (...values) => count(() => all[name](...values)) }),
};
const KIND = { DB: "D1", TARGET_DB: "D1", TARGET_KV: "store", TARGET_R2: "store", RUNS: "objects", SHARDS: "objects" };

// The bindings of one object, counted.
export function gauged(env, id) {
  const made = new Map();
  return new Proxy(env, {
    get: (all, name) => {
      if (KIND[name] === undefined || all[name] === undefined) return all[name];
      if (!made.has(name)) {
        made.set(name, kinds[KIND[name]](all[name], (send) => {
          if (!gauges.has(id)) gauges.set(id, fresh());
          return counted(gauges.get(id), name, send);
        }));
      }
      return made.get(name);
    },
  });
}
