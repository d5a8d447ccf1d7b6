// The Worker as it is, and one more address under which objects lose their memory at once, as in a crash:
// POST /vanish?binding=SHARDS&id=….  The platform's own eviction waits until an object is idle.
import worker, { RunObject as Run, ShardObject as Shard } from "../../worker-shim/index.js";

export class RunObject extends Run {
  vanish() {
    this.ctx.abort("the test made it vanish");
  }
}

export class ShardObject extends Shard {
  vanish() {
    this.ctx.abort("the test made it vanish");
  }
}

async function vanish(namespace, id) {
  try {
    await namespace.get(namespace.idFromString(id)).vanish();
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
    return vanish(env[url.searchParams.get("binding")], url.searchParams.get("id"));
  },
};
