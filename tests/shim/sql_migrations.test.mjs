// What a Worker knows of its migrations: whichever were not applied are named, and no others.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import test from "node:test";
import { read, text } from "./sql.mjs";

const files = readdirSync(new URL("../../migrations/", import.meta.url)).filter((name) => name.endsWith(".sql")).sort();

test("after each migration those behind it are missing", () => {
  const db = new DatabaseSync(":memory:");
  const missing = () => db.prepare(text.HEALTH).all().map((row) => row.missing);
  assert.deepEqual(missing(), [files.join(", ")]);
  for (const [i, file] of files.entries()) {
    db.exec(read(`migrations/${file}`));
    assert.deepEqual(missing(), [files.slice(i + 1).join(", ") || null], file);
  }
});

// Nobody may write the row of a run that ended before it has the column; and what its text says is not read any more.
test("runs that ended before there was a column for it say what ended them, as far as it is known", () => {
  const db = new DatabaseSync(":memory:");
  const last = files.indexOf("026_ended_by.sql");
  for (const file of files.slice(0, last)) db.exec(read(`migrations/${file}`));
  const ended = [["completed", null, "completed"], ["cancelled", "it had cost $1", "budget"], ["cancelled", "somebody asked for it", "cancel"],
    ["cancelled", "paused for an hour, and nobody resumed it", "pause"], ["failed", "why", null], ["running", null, null]];
  for (const [i, [status, notes]] of ended.entries()) {
    db.prepare("INSERT INTO sentinel_runs (id, tenant_id, name, profile_type, target_operations, duration_seconds, status, notes) VALUES (?, 't', 'n', 'ramp', 1, 1, ?, ?)").run(String(i), status, notes);
  }
  for (const file of files.slice(last)) db.exec(read(`migrations/${file}`));
  assert.deepEqual(db.prepare("SELECT ended_by FROM sentinel_runs ORDER BY id").all().map((row) => row.ended_by), ended.map(([, , by]) => by));
});
