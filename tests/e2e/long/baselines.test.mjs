// A target that has become slower: found beside the baseline, in the report and by the command line's exit code.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { after, before } from "node:test";
import { made, root } from "../../made.mjs";
import { e2e, start, TOKEN } from "../harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const PATH = "/api/sentinel/baselines";
const PLAN = { profileType: "sustained", targetOperations: 1400, durationSeconds: 35, concurrency: 20, targetSystems: ["kv_get"] };

// The program's exit code and what it printed.
function command(s, ...args) {
  const env = { PATH: process.env.PATH, SENTINEL_URL: s.url.toString(), SENTINEL_TOKEN: TOKEN };
  return new Promise((resolve) =>
    execFile(made("build/sentinel"), args, { env, maxBuffer: 2 ** 26 }, (error, stdout, stderr) => resolve({ code: error?.code ?? 0, stdout, stderr })),
  );
}

e2e("a slower target is found beside the baseline", () => sentinel, async (s) => {
  const plan = `${root}build/tests/baseline-plan.json`;
  writeFileSync(plan, JSON.stringify(PLAN));
  let first;
  for (let tries = 0; tries < 3 && first?.validity.validity !== "valid"; tries++) {
    const { code, stdout, stderr } = await command(s, "run", "--plan", plan, "--json", "--quiet");
    assert.ok(code === 0 || code === 110, stderr);
    first = JSON.parse(stdout);
    assert.equal(first.comparison, null);
  }
  const made = await command(s, "baseline", "create", first.run.id, "--name", "quick", "--json");
  assert.equal(made.code, 0, made.stderr);
  const { baseline } = JSON.parse(made.stdout);
  assert.equal((await s.get(`${PATH}/${baseline.id}`)).baseline.active, true);

  assert.equal((await s.ask("POST", "/slow?what=TARGET_KV&ms=200")).status, 200);
  const slow = await command(s, "run", "--plan", plan, "--fail-on", "slower", "--json", "--quiet");
  await s.ask("POST", "/slow?what=TARGET_KV&ms=0");
  const { comparison, validity } = JSON.parse(slow.stdout);
  if (validity.validity === "invalid") { // the machine was too busy for it; then nothing is concluded
    assert.deepEqual([slow.code, comparison.verdict], [110, "invalid"]);
    return;
  }
  assert.equal(comparison.verdict, "slower", JSON.stringify(comparison));
  assert.equal(slow.code, 99, slow.stderr);
  assert.equal(comparison.percentiles["50"].verdict, "slower");
  assert.ok(comparison.percentiles["50"].differenceMs > 100);
  const trend = await command(s, "history", "--baseline", baseline.id, "--json");
  assert.equal(trend.code, 0, trend.stderr);
  assert.equal(JSON.parse(trend.stdout).runs.at(-1).id, JSON.parse(slow.stdout).run.id);
}, 240_000);
