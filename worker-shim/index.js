// The Worker.  What it decides is decided in C (src/); this folder only performs.
import wasm from "../build/core.wasm";
import { ROLE } from "./abi.js";
import { Pool, serve, tick } from "./api.js";
import { Core } from "./core.js";

export { ProbeObject } from "./probe_object.js";
export { RunObject } from "./run_object.js";
export { ShardObject } from "./shard_object.js";

const pool = new Pool(() => new Core(wasm, ROLE.API));

export default {
  fetch(request, env, ctx) {
    const response = serve(pool, request, env);
    ctx.waitUntil(response); // so that a core comes back also from a client that went away
    return response;
  },

  scheduled(controller, env) {
    return tick(pool, controller.scheduledTime, env);
  },
};
