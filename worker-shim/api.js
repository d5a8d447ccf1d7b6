// HTTP requests and cron ticks: each has a core to itself until it is answered.
import { EVENT, LIMIT, REQUEST, UNANSWERED } from "./abi.js";
import { clip, join, spans } from "./core.js";
import { Machine } from "./machine.js";

const POOL_MAX = 16;
const POLL_MS = 5;
// A request whose client went away may be stopped at any await and never give its core back.
const LOAN_MS = 60_000;
const READ_MAX = 2 ** 22; // bytes of a body; who sends more is answered in the middle of it

// At most so many cores at a time.  Who finds none waits by looking again, rather than in a queue: a queue would be
// held up for good by a waiter that was stopped, and a request that waits for a promise alone counts as hung.
export class Pool {
  #places = Array.from({ length: POOL_MAX }, () => ({ core: null, lentMs: -Infinity }));

  constructor(openCore) {
    this.openCore = openCore;
  }

  async lend() {
    for (;;) {
      const now = Date.now();
      const index = this.#places.findIndex(({ lentMs }) => now - lentMs > LOAN_MS);
      if (index >= 0) {
        const place = this.#places[index];
        const overdue = place.lentMs !== -Infinity;
        // The old place is forgotten with its borrower, should that one come back after all.
        this.#places[index] = { core: overdue ? null : place.core, lentMs: now };
        this.#places[index].core ??= this.openCore();
        return this.#places[index];
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  // A core that trapped is not taken back.
  giveBack(place, trapped) {
    if (trapped) place.core = null;
    place.lentMs = -Infinity;
  }
}

// Feeds one event to a lent core and performs what it asks for until it is answered.
async function answer(pool, env, event, upgrade) {
  const place = await pool.lend();
  const host = { env };
  host.machine = new Machine(place.core, host);
  let trapped = false;
  try {
    return await new Promise((resolve, reject) => {
      host.respond = resolve;
      host.sliceEnd = resolve;
      host.upgrade = (name) => resolve(upgrade(name));
      host.settled = ({ idle }) => {
        if (idle) reject(new Error("the core left a request without an answer")); // too late if there was one
      };
      host.trapped = (error) => {
        trapped = true;
        reject(error);
      };
      host.machine.feed(event);
    });
  } finally {
    host.machine.close();
    pool.giveBack(place, trapped);
  }
}

// The body as far as the core takes one; it sees by the length that there was more, and is told when it broke off.  The
// rest is read too and dropped: a client that is still sending when it is answered may see a lost connection instead.
async function readBody(request) {
  const parts = [];
  let length = 0;
  let broken = false;
  try {
    for await (const part of request.body ?? []) {
      if (length < LIMIT.REQUEST_BODY) parts.push(part.subarray(0, LIMIT.REQUEST_BODY - length));
      length += part.length;
      if (length >= READ_MAX) break;
    }
  } catch {
    broken = true;
  }
  return { bytes: join(...parts), broken };
}

const SETTINGS = [
  "SENTINEL_PLATFORM",
  "SENTINEL_LIMITS",
  "SENTINEL_TARGETS",
  "SENTINEL_HOSTS",
  "SENTINEL_PRICES",
  "SENTINEL_WEBHOOK_HOSTS",
  "SENTINEL_WEBHOOKS",
  "SENTINEL_WEBHOOK_SECRET",
  "CLEARING",
  "CLEARING_API_URL",
  "CLEARING_API_KEY",
];
// Of a binding there is nothing to say but that it is there.
const setting = (value) => (typeof value === "string" ? value : value ? "bound" : "");
const settings = (env) => SETTINGS.map((name) => clip(setting(env[name]), LIMIT.REQUEST_HEADER));

async function requestEvent(request, env) {
  const { pathname, search } = new URL(request.url);
  const header = (name) => clip(request.headers.get(name) ?? "", LIMIT.REQUEST_HEADER);
  const flags =
    (request.headers.has("idempotency-key") ? REQUEST.KEYED : 0) +
    (request.headers.get("upgrade")?.toLowerCase() === "websocket" ? REQUEST.WEBSOCKET : 0);
  const body = await readBody(request);
  return {
    kind: EVENT.REQUEST,
    arg0: flags + (body.broken ? REQUEST.INCOMPLETE : 0),
    payload: spans(
      clip(request.method, LIMIT.REQUEST_HEADER),
      clip(pathname + search, LIMIT.REQUEST_URL),
      header("authorization"),
      clip(env.SENTINEL_TOKEN ?? "", LIMIT.REQUEST_HEADER),
      header("content-type"),
      body.bytes,
      crypto.getRandomValues(new Uint8Array(16)),
      header("idempotency-key"),
      ...settings(env),
    ),
  };
}

export async function serve(pool, request, env) {
  try {
    const upgrade = (name) => env.RUNS.getByName(name).fetch(request);
    return await answer(pool, env, await requestEvent(request, env), upgrade);
  } catch (error) {
    console.error(JSON.stringify({ message: "a request was not answered", url: request.url, error: error.stack }));
    const { status, headers, body } = UNANSWERED;
    return new Response(body, { status, headers });
  }
}

export function tick(pool, scheduledMs, env) {
  return answer(pool, env, { kind: EVENT.TICK, atUs: scheduledMs * 1000, payload: spans(...settings(env)) });
}
