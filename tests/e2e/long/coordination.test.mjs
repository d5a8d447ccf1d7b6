// The three presets that ask whether objects coordinate: each passes on objects that do, and finds those that do not.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "../harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

async function run(s, preset) {
  const untouched = await s.targets();
  const id = await s.create({ preset, targetOperations: undefined, durationSeconds: undefined });
  const { state } = (await s.follow(id, { timeoutMs: 120_000 })).at(-1);
  assertAccounted(state.counts);
  assert.equal(state.status, "completed", state.reason);
  const report = await s.get(`/api/sentinel/${id}/report`);
  assert.deepEqual(await s.targets(), untouched);
  await s.eventually("the tenant may run again", async () => {
    const { active } = await s.env.DB.prepare("SELECT active FROM sentinel_runs WHERE id = ?").bind(id).first();
    return active === null;
  });
  const [{ steps }] = report.operations;
  return { ...state.counts, errors: report.total.errors, failedAt: steps.flatMap(({ failed, step }) => (failed > 0 ? [step] : [])), texts: report.exemplars.errors.map(({ text }) => text) };
}

// Which step finds it, and about which object it says so; of one object alone nobody asks which.
const tests = [
  { preset: "session-fan-out", planned: 500, wrong: "forgets", found: [3, 4], about: /not what was prepared: .*\/session_\d+$/ },
  { preset: "tenant-isolation", planned: 500, wrong: "crosses", found: [4], about: /not what was prepared: .*\/tenant_[0-4]$/ },
  { preset: "reaction-race", planned: 50, wrong: "races", about: /^the answer is not what was prepared$/ },
];

for (const { preset, planned, wrong, found, about } of tests) {
  e2e(`${preset} passes on objects that coordinate`, () => sentinel, async (s) => {
    const { completed, failed, texts } = await run(s, preset);
    assert.deepEqual([completed, failed], [planned, 0], texts[0]);
  }, 180_000);

  e2e(`${preset} finds an object that ${wrong}`, () => sentinel, async (s) => {
    await s.ask("POST", `/wrong?what=${wrong}`);
    try {
      const { failed, errors, failedAt, texts } = await run(s, preset);
      assert.ok(failed > 0, "nothing was found");
      assert.deepEqual(errors, { data: failed });
      if (found) assert.deepEqual(failedAt, found);
      for (const text of texts) assert.match(text, about);
    } finally {
      await s.ask("POST", "/wrong");
    }
  }, 180_000);
}
