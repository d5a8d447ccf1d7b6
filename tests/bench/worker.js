// The Worker as it is, with one more class of objects, that does without Sentinel what Sentinel does, and nothing else:
//   POST /bare {how: "closed" | "paced", …}    what BareObject's methods say
//   POST /instant?on=1&holdMs=0    TARGET_KV answers the shards at once, without asking anybody, but only after so long from
//                                  now; on=0: as ever
import { DurableObject } from "cloudflare:workers";
import worker, { ShardObject as Shard } from "../../worker-shim/index.js";

export { ProbeObject } from "../../worker-shim/index.js";
import { plainOperations } from "./plain.mjs";

export { RunObject } from "../../worker-shim/index.js";

let instant = false, heldUntilMs = 0;
const twenty = { keys: Array.from({ length: 20 }, (_, i) => ({ name: `key ${i}` })) };
async function held() {
  while (Date.now() < heldUntilMs) await scheduler.wait(heldUntilMs - Date.now());
}
const instantStore = {
  getWithMetadata: async () => {
    if (Date.now() < heldUntilMs) await held();
    return { value: "{}", metadata: null, cacheStatus: null };
  },
  list: async () => {
    if (Date.now() < heldUntilMs) await held();
    return twenty;
  },
};

export class ShardObject extends Shard {
  constructor(ctx, env) {
    super(ctx, new Proxy(env, { get: (all, name) => (instant && name === "TARGET_KV" ? instantStore : all[name]) }));
  }
}

const BREATH_MS = 20; // as Sentinel: without a pause now and then no timer ever comes
const WARM_UP_MS = 300;

// What the workload `systems` asks of the bindings, as plain.mjs has it.
const calls = (env, sql) => {
  const statements = sql.map((text) => env.TARGET_DB.prepare(text));
  const body = async (object) => (object === null ? 0 : (await object.arrayBuffer()).byteLength);
  return {
    1: ([{ statement, values }]) => statements[statement].bind(...values).all(),
    2: (groups) => env.TARGET_DB.batch(groups.map(({ statement, values }) => statements[statement].bind(...values))),
    3: ([{ values: [key, type] }]) => env.TARGET_KV.get(key, type),
    4: ([{ values: [key, value, expirationTtl, metadata] }]) =>
      env.TARGET_KV.put(key, value, { expirationTtl, metadata: metadata === null ? undefined : JSON.parse(metadata) }),
    5: ([{ values: [prefix, limit] }]) => env.TARGET_KV.list({ prefix, limit }),
    7: ([{ values: [key] }]) => env.TARGET_R2.get(key).then(body),
    8: ([{ values: [key, value, contentType, metadata] }]) =>
      env.TARGET_R2.put(key, value, { httpMetadata: { contentType }, customMetadata: JSON.parse(metadata) }),
    9: ([{ values: [prefix, limit] }]) => env.TARGET_R2.list({ prefix, limit }),
  };
};

export class BareObject extends DurableObject {
  // So many calls in flight, each followed by the next, through each window of time; before it they warm up.  Gives how many
  // were answered in each window.
  async closed({ run, weights, sql, inFlight, windows }) {
    const next = plainOperations({ seed: 7, run, tenant: "default", weights });
    const call = calls(this.env, sql);
    const answered = windows.map(() => 0);
    let k = 0, breathMs = Date.now(), breath = null;
    const loop = async (window) => {
      const { fromMs, toMs } = windows[window];
      while (Date.now() < toMs) {
        const { action, groups } = next(++k, Date.now());
        await call[action](groups);
        const nowMs = Date.now();
        if (nowMs >= fromMs && nowMs < toMs) answered[window] += 1;
        // All wait for the same timer, as in Sentinel.  Were it each by itself, those that go on would starve the timers of
        // those that wait, and there would soon be fewer calls in flight than there should be.
        if (nowMs - breathMs >= BREATH_MS) breath ??= scheduler.wait(0).then(() => ((breathMs = Date.now()), (breath = null)));
        if (breath) await breath;
      }
    };
    for (const [window, { fromMs }] of windows.entries()) {
      while (Date.now() < fromMs - WARM_UP_MS) await scheduler.wait(fromMs - WARM_UP_MS - Date.now());
      await Promise.all(Array.from({ length: inFlight }, () => loop(window)));
    }
    return { answered };
  }

  // A call at each moment of an even schedule, whether the ones before it are answered or not; they are the operations behind
  // number `after`.  Gives how late each was made, in milliseconds.
  async paced({ run, weights, sql, seconds, perS, after = 0 }) {
    const next = plainOperations({ seed: 7, run, tenant: "default", weights });
    const call = calls(this.env, sql);
    const beginMs = Date.now(), lagsMs = [], pending = [];
    for (let k = 1; k <= seconds * perS; k++) {
      const dueMs = beginMs + (k * 1000) / perS;
      while (Date.now() < dueMs) await scheduler.wait(dueMs - Date.now());
      lagsMs.push(Date.now() - dueMs);
      const { action, groups } = next(after + k, Date.now());
      pending.push(call[action](groups));
    }
    await Promise.all(pending);
    return { lagsMs };
  }
}

export default {
  ...worker,
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === "/bare") {
      const { how, ...what } = await request.json();
      return Response.json(await env.BARE.getByName("bare")[how](what));
    }
    if (url.pathname === "/instant") {
      instant = url.searchParams.get("on") === "1";
      heldUntilMs = Date.now() + Number(url.searchParams.get("holdMs"));
      return new Response("done");
    }
    return worker.fetch(request, env, ctx);
  },
};
