// The benches of single parts, with counts at which nothing can be measured: they compare what the sides give before they
// compare how long that takes, and end with an error when it differs.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { made, root } from "../made.mjs";

made("build/tests/bench.wasm");

const benches = { "core.operation": 1, "hist.record": 2, "hist.merge": 2, "compare.hour": 2, "profile.due": 4, "run.merge": 1, "cron.next": 2 };

for (const [name, lines] of Object.entries(benches)) {
  test(`${name} runs`, () => {
    const env = { ...process.env, BENCH_SMOKE: "1" };
    const said = execFileSync("tests/bench/run", [name], { cwd: root, env, encoding: "utf8" }).trimEnd().split("\n").filter((line) => !line.startsWith("cc ")); // what is built on the way
    assert.equal(said.length, lines, said.join("\n"));
    assert.ok(said[0].startsWith(`${name}: `), said[0]);
    assert.ok(said.every((line) => / ns \(|ratio/.test(line)), said.join("\n"));
  });
}
