// A Worker whose control database is older than it is.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

e2e("health names the migrations that were not applied, and so says whatever needs them", () => sentinel, async (s) => {
  assert.deepEqual(await s.get("/api/sentinel/health"), { status: "ok", database: "ok", token: "configured" });
  await s.env.DB.prepare("DROP TRIGGER sentinel_runs_compared").run();
  await s.env.DB.prepare("DROP TABLE sentinel_maintenance").run();
  const { status, json } = await s.ask("GET", "/api/sentinel/health", { token: null });
  assert.deepEqual([status, json.code, json.path, json.expected], [503, "database.not-migrated", "migrations", "024_outbox.sql, 025_baselines.sql"]);
  const run = await s.ask("GET", "/api/sentinel/00000000-0000-4000-8000-000000000000");
  assert.deepEqual([run.status, run.json.code], [503, "database.not-migrated"]);
  assert.match(run.json.detail, /GET \/api\/sentinel\/health says which/);
});
