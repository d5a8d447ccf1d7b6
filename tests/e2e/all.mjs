// All end-to-end tests: node tests/e2e/all.mjs
//
// Three files at a time, since much of what they do is to wait for seconds to pass: two leave two cores idle for half of the
// time, and more would be too much for them.
// Beside them runs the file that does nothing but wait for a minute.  The longest come first, so that none is left alone
// at the end.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { run } from "node:test";
import { tap } from "node:test/reporters";
import { root } from "../made.mjs";

const WAITING = ["delete"];
// By how long they take, as their TAP says; those that are not named come after them.
const LONGEST = ["systems", "evict", "steer", "builtins", "examples", "load", "thresholds", "neighbours", "cost", "workload", "live"];

const folder = `${root}tests/e2e/`;
const there = readdirSync(folder).filter((name) => name.endsWith(".test.mjs")).map((name) => name.slice(0, -".test.mjs".length));
for (const name of [...WAITING, ...LONGEST]) assert.ok(there.includes(name), `there is no tests/e2e/${name}.test.mjs`);
const others = there.filter((name) => !WAITING.includes(name) && !LONGEST.includes(name));

const lane = (names, concurrency) => run({ files: names.map((name) => `${folder}${name}.test.mjs`), concurrency });
const lanes = [lane([...LONGEST, ...others], 3), lane(WAITING, 1)];
for (const tests of lanes) tests.on("test:fail", () => (process.exitCode = 1));
for (const tests of lanes) for await (const text of tests.compose(tap)) process.stdout.write(text);
