// The control database, made by its migrations in the SQLite that Node brings along, and the statements of the list.
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { SQL } from "../../worker-shim/abi.js";

export const read = (path) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const files = readdirSync(new URL("../../migrations/", import.meta.url)).filter((name) => name.endsWith(".sql"));
export const migration = files.sort().map((name) => read(`migrations/${name}`)).join("\n");
export const numbers = [...read("include/sentinel/base/sql.h").matchAll(/X\((\w+), (\d+),/g)];
export const text = Object.fromEntries(numbers.map(([, name, number]) => [name, SQL[number]]));

export function open() {
  const db = new DatabaseSync(":memory:");
  db.exec("PRAGMA foreign_keys = ON"); // as D1 has it
  db.exec(migration);
  return {
    run: (name, ...values) => db.prepare(text[name]).run(...values).changes,
    all: (name, ...values) => db.prepare(text[name]).all(...values).map((row) => ({ ...row })),
    plan: (sql) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map((row) => row.detail).join("\n"),
    db,
  };
}

// Some are for the database that is tested.
export function target() {
  const db = new DatabaseSync(":memory:");
  db.exec(readdirSync(new URL("../../migrations/target/", import.meta.url)).sort().map((name) => read(`migrations/target/${name}`)).join("\n"));
  return db;
}
export const isTargets = (name) => name.startsWith("DATA_");

export const id = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;
export const UNIQUE = /UNIQUE constraint failed/;

// What the API binds when it creates a run.
export function insert(db, n, { tenant = "default", active = null, at = 1790000000, profile = "sustained", scheduled = null } = {}) {
  return db.run("RUN_INSERT", id(n), tenant, `run ${n}`, null, profile, "smoke", 100, 30, 5,
    '["d1_reads"]', active, "{}", "00000000000000ff", "api", at, scheduled);
}

// What a RunObject binds when something changed.
export function update(db, n, revision, status, active, planned = 100) {
  return db.run("RUN_UPDATE", id(n), revision, status, active, 1790000001, null, 100, 98, 2,
    1.5, 1, 2, 3, 9.25, 0.5, 33.3, 2, '{"timeout":2}', "valid", "none", null, 1790000031, null, planned);
}
