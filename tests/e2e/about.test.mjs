// What can be asked about Sentinel itself: plans that are tried out, profiles, metrics.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, before } from "node:test";
import { made, root } from "../made.mjs";
import { e2e, start } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const native = (...args) => JSON.parse(execFileSync(made("build/sentinel"), args, { encoding: "utf8" }));

e2e("a plan that is tried out is what the command line shows of it, and nothing is stored", () => sentinel, async (s) => {
  for (const preset of ["smoke", "ramp", "spike", "soak"]) {
    const { plan } = await s.post("/api/sentinel/plan", { preset });
    assert.deepEqual(plan, native("plan", preset, "--json"), preset);
    assert.equal(plan.perSecond.reduce((sum, n) => sum + n, 0), plan.plannedOps);
  }
  const { results } = await s.env.DB.prepare("SELECT id FROM sentinel_runs").all();
  assert.deepEqual(results, []);
  const refused = await s.ask("POST", "/api/sentinel/plan", { body: { preset: "smoke", concurrency: 0 } });
  assert.deepEqual([refused.status, refused.json.path], [400, "$.concurrency"]);
});

e2e("a workload that is checked is what the command line shows of it", () => sentinel, async (s) => {
  const { workloads } = await s.get("/api/sentinel/workloads");
  assert.deepEqual({ workloads }, native("workload", "list", "--json"));
  for (const { name } of workloads) {
    const { workload } = await s.get(`/api/sentinel/workloads/${name}`);
    assert.deepEqual(workload, native("workload", "show", name, "--json"));
  }
  for (const name of ["shop", "sessions", "images"]) {
    const path = `docs/examples/${name}.json`;
    const { workload } = await s.post("/api/sentinel/workloads/check?seed=7&count=3", readFileSync(`${root}${path}`, "utf8"));
    assert.deepEqual(workload, native("workload", "check", `${root}${path}`, "--seed", "7", "--count", "3", "--json"), name);
  }
  const refused = await s.ask("POST", "/api/sentinel/workloads/check", { body: { operations: [{ operation: "a", steps: [{ d1: "DROP TABLE t" }] }] } });
  assert.deepEqual([refused.status, refused.json.code, refused.json.path], [400, "plan.sql", "$.operations[0].steps[0].d1"]);
});

e2e("profiles are listed", () => sentinel, async (s) => {
  const { types, presets } = await s.get("/api/sentinel/profiles");
  assert.deepEqual(types.map(({ name }) => name), ["sustained", "ramp", "custom", "spike", "oscillation", "three-phase"]);
  for (const preset of presets) {
    const plan = native("plan", preset.name, "--json");
    assert.deepEqual([preset.targetOperations, preset.peakPerS, preset.phases], [plan.plannedOps, plan.peakPerS, plan.phases]);
  }
});

// Every sample as { name{labels}: value }.
function samples(text) {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ") + 1))]));
}

e2e("metrics tell of the runs, and of the active one while there is one", () => sentinel, async (s) => {
  const before = samples(await s.get("/api/sentinel/metrics"));
  assert.ok(!Object.keys(before).some((name) => name.startsWith("sentinel_run_")));
  const id = await s.create({ targetOperations: 150, durationSeconds: 5 });
  await s.follow(id, { until: (message) => message.type === "frame" && message.counts.completed > 60 });
  const answer = await s.ask("GET", "/api/sentinel/metrics");
  assert.match(answer.type, /^text\/plain; version=0\.0\.4/);
  const during = samples(answer.text);
  assert.ok(Object.values(during).every(Number.isFinite), answer.text);
  assert.equal(during[`sentinel_run_up{run="${id}"}`], 1);
  assert.equal(during[`sentinel_run_planned_operations{run="${id}"}`], 150);
  assert.ok(during[`sentinel_run_operations_total{outcome="completed",run="${id}"}`] > 60);
  assert.ok(during[`sentinel_run_response_seconds{quantile="0.5",run="${id}"}`] < 10);
  await s.follow(id, { until: (message) => message.type === "result" || message.state?.endedAt });
  await s.eventually("the row says so", async () => {
    const after = samples(await s.get("/api/sentinel/metrics"));
    return after['sentinel_runs{status="completed"}'] === before['sentinel_runs{status="completed"}'] + 1;
  });
});

e2e("what the API says of itself is so: every route is there, and asks for the token", () => sentinel, async (s) => {
  const { openapi, paths } = await s.get("/api/sentinel/openapi.json");
  assert.equal(openapi, "3.1.0");
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const at = path.replace("{id}", "01890a5d-ac96-474b-8cce-b302099a8057");
      const open = operation.security?.length === 0;
      const stranger = await s.ask(method.toUpperCase(), at, { token: null });
      assert.equal(stranger.status, open ? 200 : 401, `${method} ${path}`);
      const friend = await s.ask(method.toUpperCase(), at, { body: method === "post" || method === "patch" ? "{}" : undefined });
      assert.doesNotMatch(friend.json?.code ?? "", /^route\./, `${method} ${path}`);
    }
  }
});
