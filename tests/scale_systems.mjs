// Where each system saturates in the simulator's models, and each workload that comes with Sentinel: the second and third
// table of docs/scale.md.
//   node tests/scale_systems.mjs systems|workloads [MODELS]     MODELS as for `sentinel simulate --models`
//
// A load rises and falls again.  The first one is small; each that follows rises four times as high until the report finds
// where it breaks, and a last one rises to twice that.
import { spawnSync } from "node:child_process";

const [table, models = "default"] = process.argv.slice(2);
const HIGHEST_PER_S = 4096;
const MOST_CALLS = 2500; // that a load has in flight
const USERS = [10, 10_000, 10_000_000];
const OPERATIONS_PER_USER = 10; // in an hour

const one = (step, more = {}) => ({ operations: [{ operation: "call", steps: [step] }], ...more });
const cleanup = (count, step) => [{ count, steps: [step] }];
const insert = {
  d1: "INSERT INTO numbers (id, value) VALUES (?1, ?2)",
  bind: ["${run}_${k}", "${k}"],
};
const point = { d1: "SELECT value FROM numbers WHERE id = ?1", bind: ["${k%100}"] };
const range = { d1: "SELECT value FROM numbers WHERE id > ?1 ORDER BY id LIMIT 20", bind: ["${k%100}"] };
const batch = { d1: "batch", statements: [{ sql: insert.d1, bind: ["${run}_${k}_${times}", "${k}"], times: 10 }] };
const keys = (service, key, count) =>
  one(
    { [service]: "put", key: `\${run}_${key}`, value: "${k}" },
    { cleanup: cleanup(count, { [service]: "delete", key: `\${run}_${key.replace("k%", "i%")}` }) },
  );
const read = (service) =>
  one(
    { [service]: "get", key: "${run}_${k%100}", expect: { found: true } },
    {
      prepare: [{ count: 100, steps: [{ [service]: "put", key: "${run}_${i}", value: "${i}" }] }],
      cleanup: cleanup(100, { [service]: "delete", key: "${run}_${i}" }),
    },
  );
const object = (name) => one({ do: "call", name, method: "get", args: [] });

const systems = [
  ["D1, a row by its key", one(point)],
  ["D1, 20 rows", one(range)],
  ["D1, an insert", one(insert)],
  ["D1, a batch of 10 inserts", one(batch)],
  [
    "D1, half reads by key, half inserts",
    {
      operations: [
        { operation: "read", weight: 1, steps: [point] },
        { operation: "write", weight: 1, steps: [insert] },
      ],
    },
  ],
  ["KV, reads of 100 keys", read("kv")],
  ["KV, writes to one key", keys("kv", "hot", 1)],
  ["KV, writes to 100 keys", keys("kv", "${k%100}", 100)],
  ["R2, reads of 100 keys", read("r2")],
  ["R2, writes to one key", keys("r2", "hot", 1)],
  ["R2, writes to 100 keys", keys("r2", "${k%100}", 100)],
  ["Durable Object, one", object("one")],
  ["Durable Objects, three", object("object_${k%3}")],
  ["HTTP, another site", one({ http: "GET", url: "https://example.com/" })],
  ["Service binding", one({ service: "GET", path: "/" })],
].map(([name, workload]) => [name, { workload }]);

const workloads = [
  ...["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_download", "r2_upload", "auth_flows", "post_crud", "media_ops"].map(
    (system) => [`system \`${system}\``, { targetSystems: [system] }],
  ),
  ...["grove", "auth-stress", "multi-tenant-chaos", "reaction-race", "session-fan-out", "tenant-isolation"].map((name) => [
    `\`${name}\``,
    { workload: name },
  ]),
  ...["ycsb-a", "ycsb-b", "ycsb-c", "ycsb-d", "ycsb-e", "ycsb-f"].map((name) => [`\`${name}\``, { workload: name }]),
];

// What the report finds of a load that rises to so much a second.  64 levels have twenty operations each, at least.
function ramp(load, peakPerS, calls = Math.max(50, peakPerS)) {
  const durationSeconds = Math.min(3600, Math.max(120, Math.ceil(8000 / peakPerS)));
  const plan = {
    profileType: "ramp",
    targetOperations: Math.ceil(0.64 * peakPerS * durationSeconds),
    durationSeconds,
    concurrency: Math.min(MOST_CALLS, Math.ceil(calls)),
    safety: false,
    seed: 1,
    ...load,
  };
  const said = spawnSync("build/sentinel", ["simulate", "-", "--models", models, "--limits", "operator", "--json"], {
    input: JSON.stringify(plan),
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (said.status !== 0) throw new Error(`${JSON.stringify(plan)}\n${said.stderr}`);
  const { capacity } = JSON.parse(said.stdout);
  // Its own places were too few, and nothing else was too much: people who think have one each.
  if (capacity.symptom === "slots" && calls < MOST_CALLS) return ramp(load, peakPerS, 4 * calls);
  return capacity;
}

function walk(load) {
  let peakPerS = 2;
  let found = ramp(load, peakPerS);
  while (found.outcome !== "found" && peakPerS < HIGHEST_PER_S) {
    peakPerS = Math.min(4 * peakPerS, HIGHEST_PER_S);
    found = ramp(load, peakPerS);
  }
  const last = found.outcome === "found" ? ramp(load, 2 * (found.saturatedAtPerS ?? found.fromPerS)) : found;
  return last.outcome === "found" ? last : found;
}

const grouped = (value) => Number(value).toLocaleString("en-US", { maximumSignificantDigits: 3 });
const share = (users, perS) => {
  const part = (users * OPERATIONS_PER_USER) / 3600 / perS;
  return part > 1 ? `${grouped(part)} times too much` : `${grouped(100 * part)} %`;
};

for (const [name, load] of table === "systems" ? systems : workloads) {
  const found = walk(load);
  const perS = found.saturatedAtPerS ?? found.fromPerS;
  // Whoever thinks between steps is still there when the next ones come, so that of a workload only what it carries is told.
  const knee = table === "systems" ? [found.fromPerS === null ? "-" : grouped(found.fromPerS)] : [];
  const behind = table === "systems" ? [] : [`\`${found.bottleneck?.target ?? "-"}\``];
  const broke = found.outcome === "found" && found.symptom !== "slots"; // which are the run's own
  const cells = broke
    ? [grouped(perS), ...knee, found.symptom, ...behind, grouped((perS * 3600) / OPERATIONS_PER_USER)]
    : [`above ${grouped(perS ?? found.highestPerS)}`, ...knee, found.symptom ?? "none", ...behind.map(() => "-"), "-"];
  const shares = USERS.map((users) => (broke ? share(users, perS) : "-"));
  console.log(["", name, ...cells, ...shares, ""].join(" | ").trim());
}
