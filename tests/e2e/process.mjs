// The Worker in processes of its own, which can be killed and started again on the same state.
//
//   const state = newState();                      // a folder; migrated(state) gives it its tables
//   const worker = await launch(state);            // a Sentinel (harness.mjs) that is asked over HTTP alone
//   await worker.kill();                           // kill -9, wrangler and workerd at once
//   await inTargets(state, async (env) => { … });  // only while no Worker runs on it
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { getPlatformProxy } from "wrangler";
import { made, root } from "../made.mjs";
import { configuration, Sentinel, TOKEN } from "./harness.mjs";

const ENVIRONMENT = {
  ...process.env,
  PATH: `${root}node_modules/.bin:${process.env.PATH}`,
  CI: "1",
  FORCE_COLOR: "0",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_HIDE_BANNER: "true",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
};
const UP_MS = 60_000;

export function newState() {
  made("build/core.wasm");
  made("worker-shim/abi.js");
  const folder = mkdtempSync(join(tmpdir(), "sentinel-"));
  writeFileSync(join(folder, "vars"), `SENTINEL_TOKEN=${TOKEN}\n`);
  const environment = { ...ENVIRONMENT, WRANGLER_LOG_PATH: join(folder, "logs") };
  return { folder, config: configuration(), environment, discard: () => rmSync(folder, { recursive: true, force: true }) };
}

export function migrated(state) {
  for (const database of ["DB", "TARGET_DB"]) {
    const where = ["--local", "--persist-to", join(state.folder, "state"), "--config", state.config];
    execFileSync("wrangler", ["d1", "migrations", "apply", database, ...where], { cwd: root, env: state.environment, stdio: "pipe" });
  }
  return state;
}

export async function inTargets(state, work) {
  const persist = { path: join(state.folder, "state", "v3") };
  const proxy = await getPlatformProxy({ configPath: state.config, persist, envFiles: [] });
  try {
    return await work(proxy.env);
  } finally {
    await proxy.dispose();
  }
}

async function freePorts(count) {
  const servers = Array.from({ length: count }, () => createServer());
  for (const server of servers) await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

class Process extends Sentinel {
  constructor(child, log, url) {
    super(null, null, url, null);
    Object.assign(this, { child, log, ended: new Promise((resolve) => child.once("exit", resolve)) });
  }

  // The whole group, because wrangler alone would leave workerd behind.  Whoever is over already stays so.
  async end(signal) {
    if (this.members().length === 0) return;
    process.kill(-this.child.pid, signal);
    await this.ended;
    for (let waited = 0; this.members().length > 0; waited += 50) {
      if (waited === 5000) process.kill(-this.child.pid, "SIGKILL");
      await sleep(50);
    }
  }

  kill() {
    return this.end("SIGKILL");
  }

  stop() {
    return this.end("SIGTERM");
  }

  // Processes of the group: id, name, resident kilobytes.
  members() {
    const listed = execFileSync("ps", ["-e", "-o", "pgid=,pid=,stat=,rss=,comm="], { encoding: "utf8" });
    return listed
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([group, , stat]) => Number(group) === this.child.pid && !stat?.startsWith("Z"))
      .map(([, pid, , kib, ...name]) => ({ pid: Number(pid), kib: Number(kib), name: name.join(" ") }));
  }

  tick() {
    return this.ask("GET", "/cdn-cgi/handler/scheduled?cron=*+*+*+*+*");
  }

  logs() {
    return readFileSync(this.log, "utf8").split("\n");
  }
}

export async function launch(state, config = state.config) {
  const [port, inspector] = await freePorts(2);
  const log = join(state.folder, "worker.log");
  const output = openSync(log, "a");
  const where = ["--ip", "127.0.0.1", "--port", port, "--inspector-port", inspector, "--persist-to", join(state.folder, "state")];
  const child = spawn(
    "wrangler",
    ["dev", "--local", "--config", config, ...where, "--env-file", join(state.folder, "vars"), "--show-interactive-dev-session=false"].map(String),
    { cwd: root, env: state.environment, detached: true, stdio: ["ignore", output, output] },
  );
  closeSync(output);
  const worker = new Process(child, log, `http://127.0.0.1:${port}`);
  const until = Date.now() + UP_MS;
  for (;;) {
    const up = await fetch(`${worker.url}/api/sentinel/health`, { signal: AbortSignal.timeout(10_000) }).then(({ ok }) => ok, () => false);
    if (up) return worker;
    const alive = child.exitCode === null;
    if (!alive || Date.now() > until) {
      if (alive) await worker.kill();
      assert.fail(`the Worker did not come up:\n${worker.logs().slice(-50).join("\n")}`);
    }
    await sleep(100);
  }
}
