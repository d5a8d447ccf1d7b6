// Runs of the workloads that come with Sentinel on real bindings: on what they prepare, and on nothing.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { made } from "../made.mjs";
import { assertAccounted } from "./harness.mjs";

const SEED = 11;
const SYSTEMS = ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_download", "r2_upload", "auth_flows", "post_crud", "media_ops"];

// Operations that find nothing where nothing was prepared; all others write.
const READS = [
  ...["select_test_records", "count_test_records", "select_posts_listing", "update_test_record", "kv_get_simple", "kv_get_json"],
  ...["r2_download", "r2_list", "session_lookup", "list_posts", "list_media", "fetch_media"],
  ...["auth-flow", "session-validate", "blog-list", "post-read", "media-fetch", "analytics-ping", "comment-read"],
  ...["read", "update", "read-modify-write"],
];
// These may find what others of the same run have written.
const READS_OF_WRITTEN = ["kv_list", "read-latest", "scan"];

// A run to its end, whose report is taken by operation; the targets hold afterwards what they held before.
async function run(s, workload, plan) {
  const held = await s.targets();
  const targetSystems = workload === "systems" ? SYSTEMS : undefined; // a plan of this type has four of them
  const id = await s.create({ preset: undefined, profileType: "sustained", concurrency: 5, seed: SEED, workload, targetSystems, targetOperations: undefined, ...plan });
  const { state } = (await s.follow(id, { timeoutMs: 60_000 })).at(-1);
  const report = await s.get(`/api/sentinel/${id}/report`);
  assertAccounted(state.counts);
  assert.deepEqual([state.status, report.cleanup.failed], ["completed", 0], state.reason);
  assert.deepEqual(await s.targets(), held);
  return { state, report, operations: report.operations.filter(({ phase }) => phase === "all") };
}

// How often each operation is among the first so many; tests/cli/draws.test.mjs holds many of them against the weights.
function drawn(workload, draws) {
  const lines = execFileSync(made("build/sentinel"), ["mix", workload, "--draws", `${draws}`, "--seed", `${SEED}`], { encoding: "utf8" }).trimEnd().split("\n");
  return Object.fromEntries(lines.map((line) => line.split(" ")).map(([name, count]) => [name, Number(count)]).filter(([, count]) => count > 0));
}

// What was prepared is found by every operation, and what is sent is the mix.
export async function finds(s, workload, plan) {
  const { state, report, operations } = await run(s, workload, plan);
  const count = state.counts.planned;
  assert.ok(count >= 10);
  assert.equal(state.prepared, state.toPrepare);
  assert.deepEqual([state.validity, state.counts.failed, state.counts.completed], ["valid", 0, count], JSON.stringify([report.validity.reasons, report.exemplars.errors]));
  const sent = operations.filter(({ completed }) => completed > 0).map(({ operation, completed }) => [operation, completed]);
  assert.deepEqual(Object.fromEntries(sent), drawn(workload, count));
  return report;
}

// Where nothing was prepared every read fails, and as wrong data.
export async function misses(s, workload, plan) {
  const { state, operations } = await run(s, workload, { ...plan, prepare: "none" });
  assert.ok(state.counts.failed > 0, "nothing failed");
  for (const { operation, completed, failed, errors } of operations) {
    assert.deepEqual(errors, failed > 0 ? { data: failed } : {}, operation);
    if (READS.includes(operation)) assert.equal(completed, 0, operation);
    else if (!READS_OF_WRITTEN.includes(operation)) assert.equal(failed, 0, operation);
  }
}
