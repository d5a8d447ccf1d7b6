// The Worker as it is, and more addresses for what no test can do from outside:
//   POST /vanish?binding=SHARDS&id=…   an object loses its memory at once, as in a crash; the platform's own eviction
//                                      waits until it is idle.  With &storage=1 it also loses what it has stored.
//   POST /break?what=TARGET_KV         from now on objects are opened without this binding; a broken DB is there and
//   POST /mend?what=TARGET_KV          fails.  A broken TARGET_DB is the control database.  All until it is mended.
//   POST /hold?what=TARGET_KV&ms=3000  calls to it that are made from now on wait until so long from now
//   POST /slow?what=TARGET_KV&ms=100   each call to it takes so much longer; 0 ends that
//   POST /queue?what=TARGET_DB&ms=10   it serves one call after the other, each for so long; 0 ends that
//   POST /wrong?what=races             from now on probe objects go wrong so (probes.js); no what: no more
//   POST /stand?name=one&ms=3000       the probe object of that name stands still for so long
//   GET  /probes                       how many keys each probe object keeps that keeps any
//   GET  /gauge                        what the objects' calls were, counted outside of them (gauge.js); POST: from zero
import * as gauge from "./gauge.js";
import { goWrong, kept } from "./probes.js";
import worker, { RunObject as Run, ShardObject as Shard } from "../../worker-shim/index.js";

export { ProbeObject } from "./probes.js";

const broken = new Set();

const deadDatabase = {
  prepare: () => ({ bind: () => null }),
  batch: async () => {
    throw new Error("D1_ERROR: Network connection lost.");
  },
};

const instead = ({ DB }) => ({ DB: deadDatabase, TARGET_DB: DB });

const breakable = (env) =>
  new Proxy(env, {
    get: (all, name) => (broken.has(name) ? instead(all)[name] : all[name]),
  });

export class RunObject extends Run {
  constructor(ctx, env) {
    super(ctx, breakable(gauge.gauged(env, ctx.id)));
  }

  async vanish(storage) {
    if (storage) await this.ctx.storage.deleteAll();
    this.ctx.abort("the test made it vanish");
  }
}

export class ShardObject extends Shard {
  constructor(ctx, env) {
    super(ctx, breakable(gauge.gauged(env, ctx.id)));
  }

  vanish() {
    this.ctx.abort("the test made it vanish");
  }
}

async function vanish(namespace, id, storage) {
  try {
    await namespace.get(namespace.idFromString(id)).vanish(storage);
  } catch (error) {
    return new Response(error.message);
  }
  return new Response("it is still there", { status: 500 });
}

export default {
  ...worker,
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    const { binding, id, storage, what, name, ms } = Object.fromEntries(url.searchParams);
    switch (url.pathname) {
      case "/vanish":
        return vanish(env[binding], id, storage);
      case "/break":
        return new Response(`${broken.add(what).size} broken`);
      case "/mend":
        return new Response(broken.delete(what) ? "mended" : "it was whole");
      case "/hold":
        gauge.hold(what, Number(ms));
        return new Response("held");
      case "/slow":
        gauge.slow(what, Number(ms));
        return new Response("slowed");
      case "/queue":
        gauge.queue(what, Number(ms));
        return new Response("one after the other");
      case "/wrong":
        goWrong(what);
        return new Response("so be it");
      case "/stand":
        ctx.waitUntil(env.PROBES.getByName(name).standStill(Number(ms)));
        return new Response("it stands");
      case "/probes":
        return kept(env);
      case "/gauge":
        if (request.method === "POST") gauge.reset();
        return Response.json(gauge.read());
      default:
        return worker.fetch(request, env, ctx);
    }
  },
};
