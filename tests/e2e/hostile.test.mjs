// Bodies that want to break something: each is refused twice with the same bytes, and nothing is created.  That they are
// refused alike where plans are tried out is tested by tests/unit/test_hostile_plans.c.  What is sent to schedules, baselines
// and the outbox stands in a list of its own.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { hostilePlans, hostileRequests } from "../hostile/plans.mjs";
import { e2e, start } from "./harness.mjs";

const AT_ONCE = 8;

let sentinel;
const secrets = {
  SENTINEL_WEBHOOK_HOSTS: "hooks.example",
  SENTINEL_WEBHOOKS: '{"ops":"https://hooks.example/ops"}',
  SENTINEL_WEBHOOK_SECRET: "secret",
  CLEARING_API_URL: "https://status.example",
  CLEARING_API_KEY: "key",
};
before(async () => (sentinel = await start(undefined, { secrets })));
after(() => sentinel.stop());

const plans = hostilePlans();

// Calls `check` for each, several at once, and gives what went wrong in the order of the list.
async function faults(list, check) {
  const found = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < list.length; i = next++) {
      const fault = await check(list[i]);
      if (fault) found.push([i, `${list[i].name}: ${fault}`]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return found.sort(([a], [b]) => a - b).map(([, text]) => text);
}

const refused = (answer, { status, code, path }) => {
  const { json, type } = answer;
  const good =
    answer.status === status &&
    type === "application/problem+json" &&
    json.status === status &&
    json.code === code &&
    json.path === path &&
    json.expected.length > 0 &&
    json.detail.length > 0;
  return good ? null : `expected ${status} ${code} at ${path}, got ${answer.status} ${answer.text.slice(0, 300)}`;
};

const rows = async (s) => (await s.env.DB.prepare("SELECT COUNT(*) AS n FROM sentinel_runs").first()).n;

e2e("each hostile body gets its 4xx, twice the same, and creates nothing", () => sentinel, async (s) => {
  const hostile = plans.filter((plan) => plan.status !== 201);
  assert.ok(hostile.length >= 300);
  const wrong = await faults(hostile, async (plan) => {
    const first = await s.ask("POST", "/api/sentinel", { body: plan.body });
    const second = await s.ask("POST", "/api/sentinel", { body: plan.body });
    if (first.text !== second.text) return `two answers: ${first.text.slice(0, 200)} and ${second.text.slice(0, 200)}`;
    return refused(first, plan);
  });
  assert.deepEqual(wrong, []);
  assert.equal(await rows(s), 0);
});

// GET takes no body, which the list has none for.
const send = (s, { method, target, body }) => s.ask(method, target, body.length > 0 ? { body } : {});

e2e("each hostile request to schedules, baselines and the outbox gets its answer, twice the same, and writes nothing", () => sentinel, async (s) => {
  const requests = hostileRequests();
  assert.ok(requests.length >= 150);
  const written = async () =>
    Promise.all(["schedules", "baselines", "outbox", "audit"].map(async (name) => (await s.env.DB.prepare(`SELECT COUNT(*) AS n FROM sentinel_${name}`).first()).n));
  const wrong = await faults(requests, async (request) => {
    const first = await send(s, request);
    const second = await send(s, request);
    if (first.text !== second.text && request.code) return `two answers: ${first.text.slice(0, 200)} and ${second.text.slice(0, 200)}`;
    const { status, type, json } = first;
    const problem = request.code ? type === "application/problem+json" && json.code === request.code && json.path === request.path : type === "application/json";
    return status === request.status && problem ? null : `expected ${request.status} ${request.code} at ${request.path}, got ${status} ${first.text.slice(0, 300)}`;
  });
  assert.deepEqual(wrong, []);
  assert.deepEqual(await written(), [0, 0, 0, 0]);
});

e2e("bodies that are strange and right become runs that wait", () => sentinel, async (s) => {
  const strange = plans.filter((plan) => plan.status === 201);
  assert.ok(strange.length >= 50);
  const wrong = await faults(strange, async ({ body }) => {
    const tried = await s.ask("POST", "/api/sentinel/plan", { body });
    if (tried.status !== 200) return `tried out: ${tried.status} ${tried.text.slice(0, 300)}`;
    const { status, json, text, response } = await s.ask("POST", "/api/sentinel", { body });
    if (status !== 201) return `${status} ${text.slice(0, 300)}`;
    if (response.headers.get("location") !== `/api/sentinel/${json.run.id}`) return `no location: ${text}`;
    return json.run.status === "pending" ? null : `it is ${json.run.status}`;
  });
  assert.deepEqual(wrong, []);
  assert.equal(await rows(s), strange.length);
});
