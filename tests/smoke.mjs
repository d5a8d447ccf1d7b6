// What smoke.sh cannot say in shell.
//   node smoke.mjs ports              two free ports
//   node smoke.mjs healthy URL PID    waits until the Worker answers, a minute at most, while the process lives
//   node smoke.mjs plant STATE        puts things into the targets that belong to somebody else
//   node smoke.mjs targets STATE FILE writes everything that is in the targets to a file, and says how much that is
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pages } from "./targets.mjs";

const [command, argument, second] = process.argv.slice(2);

async function ports() {
  const servers = [createServer(), createServer()];
  for (const server of servers) await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  console.log(servers.map((server) => server.address().port).join(" "));
  for (const server of servers) server.close();
}

async function healthy(url) {
  const until = Date.now() + 60_000;
  let trouble = "nothing was tried";
  while (Date.now() < until) {
    try {
      const response = await fetch(`${url}/api/sentinel/health`, { signal: AbortSignal.timeout(10_000) });
      if (response.ok) return;
      trouble = `health says ${response.status}: ${await response.text()}`;
    } catch (error) {
      trouble = error.cause?.code ?? error.message;
    }
    await sleep(200);
    try {
      process.kill(Number(second), 0);
    } catch {
      throw new Error("it ended by itself");
    }
  }
  throw new Error(trouble);
}

// The targets as the Worker has them, without the Worker.
async function withTargets(work) {
  const { getPlatformProxy } = await import("wrangler");
  const proxy = await getPlatformProxy({ persist: { path: join(argument, "v3") }, envFiles: [] });
  try {
    return await work(proxy.env);
  } finally {
    await proxy.dispose();
  }
}

// As much like a run's own things as they can be, but of another run: the clean-up has to leave them alone.
const stranger = "sentinel_test_00000000-0000-4000-8000-000000000000_default";

const plant = ({ TARGET_DB, TARGET_KV, TARGET_R2 }) =>
  Promise.all([
    TARGET_DB.prepare("INSERT INTO sentinel_test_data (id, tenant_id, run_id, prepared, data) VALUES (?, ?, ?, 1, ?)")
      .bind("stranger", "default", "00000000-0000-4000-8000-000000000000", "{}")
      .run(),
    TARGET_KV.put(`${stranger}/1`, "not ours"),
    TARGET_R2.put(`${stranger}/small_1.txt`, "not ours"),
  ]);

async function targets({ TARGET_DB, TARGET_KV, TARGET_R2 }) {
  const tables = await TARGET_DB.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all();
  const rows = {};
  for (const { name } of tables.results) {
    // The platform's own tables are not for reading.
    if (/^(sqlite_|_cf_|d1_)/.test(name)) continue;
    rows[name] = (await TARGET_DB.prepare(`SELECT * FROM "${name}"`).all()).results;
  }
  const keys = await pages((page) => TARGET_KV.list(page), (page) => page.keys.map(({ name }) => name));
  const objects = await pages((page) => TARGET_R2.list(page), (page) => page.objects.map(({ key, etag }) => [key, etag]));
  const count = Object.values(rows).reduce((sum, list) => sum + list.length, 0);
  writeFileSync(second, JSON.stringify({ rows, keys: keys.sort(), objects: objects.sort() }, null, 1) + "\n");
  return `${count} rows, ${keys.length} keys, ${objects.length} objects`;
}

const commands = {
  ports,
  healthy: () => healthy(argument),
  plant: () => withTargets(plant),
  // Whatever wrangler has to say comes before the last line.
  targets: () => withTargets(targets).then(console.log),
};

try {
  await commands[command]();
} catch (error) {
  console.error(`${command}: ${error.message}`);
  process.exitCode = 1;
}
