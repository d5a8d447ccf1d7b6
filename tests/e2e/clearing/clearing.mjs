// Sentinel beside the Clearing's stand-in, bound to each other, and a receiver of webhooks.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { root } from "../../made.mjs";
import { configuration, start } from "../harness.mjs";

export const COMPONENT = "blog-engine";
export const SECRET = "webhook-secret";
export const PLAN = { preset: "smoke", targetOperations: 10, durationSeconds: 1, targetSystems: ["d1_reads"], maintenance: { component: COMPONENT, message: "A test." } };

function standIn() {
  const path = `${root}build/tests/clearing.toml`;
  mkdirSync(`${root}build/tests`, { recursive: true });
  writeFileSync(
    path,
    `name = "clearing"
main = "../../tests/e2e/clearing/worker.js"
compatibility_date = "2026-10-30"
[[d1_databases]]
binding = "DB"
database_name = "clearing"
database_id = "clearing"
migrations_dir = "../../tests/e2e/clearing/migrations"
`,
  );
  return path;
}

// What is posted to it: headers, body, and whether its signature is right.  `statuses` are answered one by one, then 200.
export async function receiver(statuses = []) {
  const received = [];
  const server = createServer(async (request, response) => {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = Buffer.concat(parts).toString();
    const { t, v1 } = Object.fromEntries((request.headers["sentinel-signature"] ?? "").split(",").map((part) => part.split("=")));
    const signed = createHmac("sha256", SECRET).update(`${t}.${body}`).digest("hex") === v1;
    received.push({ headers: request.headers, body: JSON.parse(body), signed });
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { received, host: `127.0.0.1:${server.address().port}`, close: () => server.close() };
}

export async function startBoth(hosts = "") {
  const more = '\n[[services]]\nbinding = "CLEARING"\nservice = "clearing"\n';
  const config = configuration({ name: "maintained", more, hosts });
  const secrets = { CLEARING_API_KEY: "clearing-key", SENTINEL_WEBHOOK_SECRET: SECRET };
  const sentinel = await start(config, { secrets, workers: [{ configPath: standIn() }] });
  const clearing = sentinel.harness.getWorker("clearing");
  await clearing.applyD1Migrations("DB");
  return { sentinel, clearing: new Clearing(clearing, await clearing.getEnv()) };
}

class Clearing {
  constructor(worker, env) {
    Object.assign(this, { worker, env });
  }

  async tell(path, body) {
    const response = await this.worker.fetch(`http://clearing${path}`, { method: "POST", body: JSON.stringify(body ?? null) });
    assert.equal(response.status, 200, await response.text());
  }

  misbehave(...how) {
    return this.tell("/misbehave", how);
  }

  async state() {
    return (await this.env.DB.prepare("SELECT current_status AS state FROM status_components WHERE slug = ?").bind(COMPONENT).first()).state;
  }

  set(state) {
    return this.env.DB.prepare("UPDATE status_components SET current_status = ? WHERE slug = ?").bind(state, COMPONENT).run();
  }

  async all(sql) {
    return (await this.env.DB.prepare(sql).all()).results;
  }

  // Reports since the last look: their bodies, each with whether it was acted upon.
  async reports() {
    const rows = await this.all("SELECT * FROM reports ORDER BY id");
    await this.env.DB.prepare("DELETE FROM reports").run();
    return rows.map(({ key, body, done }) => ({ key, done: done === 1, ...JSON.parse(body) }));
  }
}

export const tick = async (s) => assert.equal((await s.worker.scheduled({ cron: "* * * * *", scheduledTime: new Date() })).outcome, "ok");

export const outbox = async (s) => (await s.get("/api/sentinel/outbox")).messages;

// The next try of everything, now.
export async function again(s) {
  for (const { id } of await outbox(s)) await s.post(`/api/sentinel/outbox/${id}`, { action: "resend" });
  await tick(s);
}

export async function ended(s, id) {
  return s.eventually("the row says that the run has ended", async () => {
    const row = await s.env.DB.prepare("SELECT status, active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return row.active === null && row.status !== "pending" && row.status;
  });
}
