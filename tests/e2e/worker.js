// The Worker as it is, and one more address under which objects lose their memory at once, as in a crash:
// POST /vanish?binding=SHARDS&id=….  The platform's own eviction waits until an object is idle.  With &storage=1 it also
// loses what it has stored.
import worker, { RunObject as Run, ShardObject as Shard } from "../../worker-shim/index.js";

export class RunObject extends Run {
  async vanish(storage) {
    if (storage) await this.ctx.storage.deleteAll();
    this.ctx.abort("the test made it vanish");
  }
}

export class ShardObject extends Shard {
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
    if (url.pathname !== "/vanish") return worker.fetch(request, env, ctx);
    const { binding, id, storage } = Object.fromEntries(url.searchParams);
    return vanish(env[binding], id, storage);
  },
};
