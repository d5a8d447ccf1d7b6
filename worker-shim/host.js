// What a machine inside of a Durable Object is given: storage, calls, the alarm, one timer, sockets.
//
// Everything durable is read back before the machine sees its first event, so an eviction, a restart and a trap all
// look alike to it: LOADED for each stored value, then OPENED.
import { EVENT, LIMIT } from "./abi.js";
import { clip, encode, join, spans } from "./core.js";
import { errorText, Machine } from "./machine.js";

const OPEN = 1; // of a WebSocket
const TIMER_MAX_MS = 2 ** 31 - 1;
const TRAPS_APART_MS = 10_000; // of two traps that are closer the platform is left to restart the object

export class ObjectHost {
  #openCore;
  #openedMs;
  #calls = new Map(); // id of a CALL → who waits for its REPLY
  #lastCall = 0;
  #slice = null; // ends the alarm handler that is running
  #timer;
  #timerUs = Infinity;
  #lastSocket;

  constructor(ctx, env, openCore) {
    this.ctx = ctx;
    this.env = env;
    this.storage = ctx.storage;
    this.#openCore = openCore;
    this.#lastSocket = Math.max(0, ...ctx.getWebSockets().map((socket) => this.#numberOf(socket)));
    this.#open();
  }

  #open() {
    this.#openedMs = Date.now();
    this.texts = []; // by DEFINE's number: SQL
    this.shapes = []; // by SHAPE's number
    const events = [];
    for (const [key, value] of this.storage.kv.list()) {
      events.push({ kind: EVENT.LOADED, payload: join(spans(encode(key)), value) });
    }
    events.push({ kind: EVENT.OPENED, payload: spans(...[this.ctx.id.name ?? "", ...bindings(this.env)].map(encode)) });
    for (const socket of this.sockets()) events.push({ kind: EVENT.SOCKET_OPENED, target: this.#numberOf(socket), arg0: 1 });
    this.machine = new Machine(this.#openCore(), this);
    this.machine.feed(...events);
  }

  // --- For the machine ---------------------------------------------------------------------------------------

  // After each feed.  An earlier timer may stay: it fires for nothing, and then this is asked again.
  settled(machine) {
    const atUs = machine.core.deadlineUs;
    if (machine !== this.machine || atUs >= this.#timerUs) return;
    clearTimeout(this.#timer);
    this.#timerUs = atUs;
    const delayMs = Math.min(Math.max(Math.ceil(atUs / 1000) - Date.now(), 0), TIMER_MAX_MS);
    this.#timer = setTimeout(() => {
      this.#timerUs = Infinity;
      this.machine.feed({ kind: EVENT.TIMER });
    }, delayMs);
  }

  // A core that has trapped is of no more use.  A new one takes over from what is stored.
  trapped(error) {
    console.error(JSON.stringify({ message: "the core has trapped", object: this.ctx.id.name, error: error.stack }));
    for (const { reject } of this.#calls.values()) reject(new Error(`the core has trapped: ${error.message}`));
    this.#calls.clear();
    if (Date.now() - this.#openedMs < TRAPS_APART_MS) this.ctx.abort(errorText(error));
    this.#open();
    if (this.#slice) this.machine.feed({ kind: EVENT.ALARM });
  }

  reply(id, answer) {
    this.#calls.get(id)?.resolve(answer);
    this.#calls.delete(id);
  }

  sliceEnd() {
    this.#slice?.();
    this.#slice = null;
  }

  // The open sockets; with a number only that one.
  sockets(number = 0) {
    return this.ctx.getWebSockets(number === 0 ? undefined : `${number}`).filter((socket) => socket.readyState === OPEN);
  }

  // --- For the platform --------------------------------------------------------------------------------------

  call(payload) {
    const id = ++this.#lastCall;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      this.machine.feed({ kind: EVENT.CALL, id, payload });
    });
  }

  alarm() {
    return new Promise((resolve) => {
      this.#slice = resolve;
      this.machine.feed({ kind: EVENT.ALARM });
    });
  }

  accept(request) {
    const [client, socket] = Object.values(new WebSocketPair());
    const number = ++this.#lastSocket;
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
    this.ctx.acceptWebSocket(socket, [`${number}`]);
    this.machine.feed({ kind: EVENT.SOCKET_OPENED, target: number, payload: encode(new URL(request.url).search) });
    return new Response(null, { status: 101, webSocket: client });
  }

  socketMessage(socket, data) {
    const text = typeof data === "string" ? data : "";
    this.machine.feed({ kind: EVENT.SOCKET_MESSAGE, target: this.#numberOf(socket), payload: clip(text, LIMIT.SOCKET_TEXT) });
  }

  // The one tag that it has, by which the platform also finds it again.
  #numberOf(socket) {
    return Number(this.ctx.getTags(socket)[0]);
  }
}

// What the Worker can call: anything but texts, which are variables and secrets.
const bindings = (env) => Object.keys(env).filter((name) => typeof env[name] === "object");
