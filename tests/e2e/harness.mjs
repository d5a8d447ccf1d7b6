// The whole Worker on the local runtime: workerd with D1, KV, R2 and Durable Objects that start empty.
//
//   const sentinel = await start();            // in before(); stop() in after()
//   e2e("…", sentinel, async () => { … });     // a failure shows what the Worker logged
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { createTestHarness } from "wrangler";
import { made, root } from "../made.mjs";
import { held } from "../targets.mjs";

export const TOKEN = "end-to-end-token";

// wrangler.toml with another entry than the Worker's own: that of the tests, or one that has more classes of objects, by
// binding; and with more of anything at its end.
export function configuration({ main = "tests/e2e/worker.js", name = "wrangler", objects = {}, platform = "paid", limits = "default", hosts = "", more = "" } = {}) {
  const path = `${root}build/tests/${name}.toml`;
  const bindings = Object.entries(objects).map(([binding, type]) => `[[durable_objects.bindings]]\nname = "${binding}"\nclass_name = "${type}"\n\n`);
  const text = readFileSync(`${root}wrangler.toml`, "utf8")
    .replace('main = "worker-shim/index.js"', `main = "../../${main}"`)
    .replace('SENTINEL_PLATFORM = "paid"', `SENTINEL_PLATFORM = "${platform}"`)
    .replace('SENTINEL_LIMITS = "default"', `SENTINEL_LIMITS = "${limits}"`)
    .replace('SENTINEL_WEBHOOK_HOSTS = ""', `SENTINEL_WEBHOOK_HOSTS = "${hosts}"`)
    .replaceAll('migrations_dir = "', 'migrations_dir = "../../')
    .replace("[[migrations]]", `${bindings.join("")}[[migrations]]`)
    .replace('"ShardObject"]', ['"ShardObject"', ...Object.values(objects).map((type) => `"${type}"`)].join(", ") + "]");
  mkdirSync(`${root}build/tests`, { recursive: true });
  writeFileSync(path, text + more);
  return path;
}

// With more secrets, and Workers beside it.
export async function start(config = configuration(), { secrets = {}, workers = [] } = {}) {
  process.env.CLOUDFLARE_CF_FETCH_ENABLED = "false";
  process.env.WRANGLER_SEND_METRICS = "false";
  made("build/core.wasm");
  made("worker-shim/abi.js");
  const harness = createTestHarness({
    root,
    workers: [{ configPath: config, secrets: { SENTINEL_TOKEN: TOKEN, ...secrets } }, ...workers],
  });
  const { url } = await harness.listen();
  const worker = workers.length > 0 ? harness.getWorker("sentinel") : harness.getWorker();
  await worker.applyD1Migrations("DB");
  await worker.applyD1Migrations("TARGET_DB");
  return new Sentinel(harness, worker, url, await worker.getEnv());
}

export class Sentinel {
  constructor(harness, worker, url, env) {
    Object.assign(this, { harness, worker, url, env });
  }

  stop() {
    return this.harness.close();
  }

  // A request with the token (`token: null` for none); the answer with its text, and JSON where it is some.  A body is
  // sent as it is when it is text or bytes, else as JSON.
  async ask(method, path, { body, token = TOKEN, headers = {} } = {}) {
    const response = await fetch(new URL(path, this.url), {
      method,
      body: body === undefined || typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body),
      headers: { ...(token && { authorization: `Bearer ${token}` }), "content-type": "application/json", ...headers },
    });
    const text = await response.text();
    const type = response.headers.get("content-type") ?? "";
    return { status: response.status, type, text, json: type.includes("json") ? JSON.parse(text) : null, response };
  }

  // As ask(), and the status has to be as expected.
  async get(path, status = 200) {
    const answer = await this.ask("GET", path);
    assert.equal(answer.status, status, `GET ${path}: ${answer.text}`);
    return answer.json ?? answer.text;
  }

  async post(path, body, status = 200) {
    const answer = await this.ask("POST", path, { body });
    assert.equal(answer.status, status, `POST ${path}: ${answer.text}`);
    return answer.json;
  }

  // A small run over all systems, started at once.  Gives its id.
  async create(plan = {}) {
    const { run } = await this.post(
      "/api/sentinel",
      { name: "End to end", preset: "smoke", targetOperations: 90, durationSeconds: 3, startImmediately: true, ...plan },
      201,
    );
    return run.id;
  }

  live(id) {
    const url = new URL(`/api/sentinel/${id}/live`, this.url);
    url.protocol = "ws:";
    return new WebSocket(url, { headers: { authorization: `Bearer ${TOKEN}` } });
  }

  // Follows the live socket of a run until the result, or until `until` says so.  Gives every message.
  follow(id, { until = (message) => message.type === "result", timeoutMs = 40_000, onMessage = () => {} } = {}) {
    const socket = this.live(id);
    const messages = [];
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => end(new Error(`no end after ${timeoutMs} ms; ${last(messages)}`)), timeoutMs);
      const end = (error) => {
        clearTimeout(timer);
        socket.onclose = socket.onerror = null;
        socket.close();
        if (error) reject(error);
        else resolve(messages);
      };
      socket.onerror = (event) => end(new Error(`the live socket failed: ${event.message}`));
      socket.onclose = (event) => end(new Error(`the live socket closed with ${event.code} ${event.reason}; ${last(messages)}`));
      socket.onmessage = (event) => {
        const message = JSON.parse(event.data);
        messages.push(message);
        onMessage(message, socket);
        if (until(message)) end();
        else if (message.type === "result") end(new Error(`the run ended first; ${last(messages)}`));
      };
    });
  }

  // Until the condition holds; its last value is shown when it does not in time.
  async eventually(what, condition, timeoutMs = 20_000) {
    const until = Date.now() + timeoutMs;
    for (;;) {
      const value = await condition();
      if (value) return value;
      assert.ok(Date.now() < until, `${what}: not within ${timeoutMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  // A run when it is over, with its report.
  async over(id, timeoutMs = 90_000) {
    const end = await this.eventually("the run's end", async () => {
      const { run } = await this.get(`/api/sentinel/${id}`);
      return run.endedAt && run;
    }, timeoutMs);
    return { end, report: await this.get(`/api/sentinel/${id}/report`) };
  }

  // Everything that the targets hold: rows by table, KV keys, R2 objects, and how many keys each probe object keeps.
  async targets(limit) {
    return { ...(await held(this.env, limit)), objects: await this.get("/probes") };
  }

  // An object loses its memory at once, as in a crash, and with `more` = "&storage=1" what it has stored.
  async vanish(binding, id, more = "") {
    const answer = await this.ask("POST", `/vanish?binding=${binding}&id=${id}${more}`);
    assert.deepEqual([answer.status, answer.text], [200, "the test made it vanish"]);
  }

  logs() {
    return this.harness.getLogs().map(({ level, message }) => `${level}: ${message}`);
  }
}

const last = (messages) => `the last of ${messages.length} messages: ${JSON.stringify(messages.at(-1))?.slice(0, 1500)}`;

// A test that shows the Worker's log when it fails, and fails when the core trapped whatever else went well.
export function e2e(name, of, body, timeout = 90_000) {
  test(name, { timeout }, async (context) => {
    const sentinel = of();
    sentinel.harness.clearLogs();
    try {
      await body(sentinel, context);
      const trouble = sentinel.logs().filter((line) => /trapped|was not answered|an effect failed|Uncaught/.test(line));
      assert.deepEqual(trouble, [], "the Worker logged trouble");
    } catch (error) {
      const lines = sentinel.logs();
      console.error(`---- the Worker's log, ${lines.length} lines\n${lines.slice(-200).join("\n")}\n----`);
      throw error;
    }
  });
}

// planned = completed + failed + Σ dropped + cancelled + unaccounted + inFlight + notYetDue
export function assertAccounted(counts) {
  const dropped = Object.values(counts.dropped).reduce((sum, n) => sum + n, 0);
  const { planned, completed, failed, cancelled, unaccounted, inFlight, notYetDue } = counts;
  const sum = completed + failed + dropped + cancelled + unaccounted + inFlight + notYetDue;
  assert.equal(sum, planned, JSON.stringify(counts));
}
