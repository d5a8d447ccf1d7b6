// The three presets that are days of a blog platform, each through all of its phases at its own rates: only their length is divided, by
// one number each, so that they last two minutes.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { assertAccounted, e2e, start } from "../harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const LENGTH_S = 120;
const PRESETS = {
  "launch-day": { lastsS: 3000, peakPerS: 50, tenants: 1 },
  "multi-tenant-chaos": { lastsS: 780, peakPerS: 25, tenants: 5 },
  "auth-stress": { lastsS: 390, peakPerS: 10, tenants: 1 },
};
const PHASES = ["ramp-up", "peak", "steady", "ramp-down"];

// What a machine that cannot keep up says of itself, and what restarts and clocks do to a report.
const HONEST = /harness|timers|late|lag|restart|clock|saturated/i;

for (const [preset, { lastsS, peakPerS, tenants }] of Object.entries(PRESETS)) {
  e2e(`${preset}: through all phases in ${LENGTH_S} s instead of ${lastsS}, every operation where it belongs, and the targets are left as they were`, () => sentinel, async (s) => {
    const held = await s.targets();
    const whole = (await s.post("/api/sentinel/plan", { preset })).plan;
    assert.deepEqual([whole.durationS, Math.round(whole.peakPerS)], [lastsS, peakPerS]);
    const plan = { preset, durationSeconds: LENGTH_S, seed: 3 };
    const { plan: preview } = await s.post("/api/sentinel/plan", plan);
    assert.deepEqual(preview.phases.map(({ name }) => name), PHASES);
    assert.equal(Math.round(preview.peakPerS), peakPerS, "the rates are the preset's own");

    const id = await s.create({ targetOperations: undefined, ...plan });
    const messages = await s.follow(id, { timeoutMs: 400_000 });
    const { state } = messages.at(-1);
    const report = await s.get(`/api/sentinel/${id}/report`);
    const seen = JSON.stringify([state.reason, report.validity, report.thresholds, report.exemplars.errors], null, 1);
    assert.equal(state.status, "completed", seen);
    assertAccounted(state.counts);
    assert.equal(state.prepared, state.toPrepare);
    assert.ok(state.prepared >= 400 * tenants, `${state.prepared} items were prepared`);
    assert.equal(state.counts.failed, 0, seen);
    assert.ok(report.validity.validity === "valid" || report.validity.reasons.every((reason) => HONEST.test(reason)), seen);
    assert.equal(report.validity.accounting.difference, 0);

    // Each phase planned what its curve has, and accounts for all of it.
    const phases = report.phases.filter(({ phase }) => PHASES.includes(phase));
    assert.deepEqual(phases.map(({ phase, planned }) => [phase, planned]), preview.phases.map(({ name, ops }) => [name, ops]));
    const dropped = Object.values(state.counts.dropped).reduce((sum, n) => sum + n, 0);
    const ended = phases.reduce((sum, { completed, failed }) => sum + completed + failed, 0);
    assert.equal(ended + dropped, preview.plannedOps, seen);
    if (dropped === 0) assert.deepEqual(phases.map(({ completed }) => completed), phases.map(({ planned }) => planned));
    console.log(`# ${preset}: ${report.validity.validity}, ${state.counts.completed} of ${preview.plannedOps}, ${dropped} dropped, p95 ${report.total.responseMs?.p95} ms, ${report.run.verdict}`);
    assert.ok(report.thresholds.every(({ outcome }) => outcome !== undefined) && report.run.verdict !== "none", "nothing was judged");
    assert.equal(report.cleanup.failed, 0);
    assert.deepEqual(await s.targets(), held);
  }, 420_000);
}
