// A Durable Object that is run by a machine.  RunObject and ShardObject only say which.
import { DurableObject } from "cloudflare:workers";
import wasm from "../build/core.wasm";
import { Core } from "./core.js";
import { ObjectHost } from "./host.js";

export class MachineObject extends DurableObject {
  #host;

  constructor(ctx, env, role) {
    super(ctx, env);
    this.#host = new ObjectHost(ctx, env, () => new Core(wasm, role));
  }

  // RPC: a message (include/sentinel/base/message.h) and its answer.
  call(bytes) {
    return this.#host.call(bytes);
  }

  alarm() {
    return this.#host.alarm();
  }

  fetch(request) {
    return this.#host.accept(request);
  }

  webSocketMessage(socket, data) {
    this.#host.socketMessage(socket, data);
  }

  webSocketClose(socket, code) {
    // The close is complete only when this side closes too.  1005 stands for no code and cannot be sent, nor can 1006.
    socket.close(code === 1005 || code === 1006 ? 1000 : code);
  }
}
