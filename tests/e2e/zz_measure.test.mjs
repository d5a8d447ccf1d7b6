import { after, before } from "node:test";
import { e2e, start } from "./harness.mjs";
let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());
const plans = [["systems", 300, undefined], ["systems", 900, undefined], ["grove", 200, undefined], ["grove", 600, undefined]];
for (const [workload, n] of plans) e2e(`${workload} ${n}`, () => sentinel, async (s) => {
  await s.ask("POST", "/gauge");
  const id = await s.create({ preset: undefined, profileType: "sustained", concurrency: 10, workload, targetOperations: n, durationSeconds: n / 60, ...(workload === "systems" && { targetSystems: ["d1_reads", "d1_writes", "kv_get", "kv_put", "r2_download", "r2_upload", "auth_flows", "post_crud", "media_ops"] }) });
  const { state } = (await s.follow(id, { timeoutMs: 80000 })).at(-1);
  console.log(workload, n, state.status, state.counts.completed);
  const g = await s.get("/gauge");
  console.log(JSON.stringify(g.methods));
  for (const [db, texts] of Object.entries(g.rows)) for (const [t, { calls, read, written }] of Object.entries(texts)) console.log(db, calls, read, written, (read / calls).toFixed(2), (written / calls).toFixed(2), t.slice(0, 150));
});
