// `sentinel run`: what it asks, what it shows, and the code it ends with.
import assert from "node:assert/strict";
import test from "node:test";
import { counts, fake, frame, hello, id, plain, problem, result, sentinel, state, token } from "./fake.mjs";

const done = { status: "completed", validity: "valid" };

// Greets, shows one frame, and ends the run.
const ending = (more) => (connection) => {
  connection.accept();
  connection.send(hello());
  connection.send(frame());
  connection.send(result({ ...done, ...more }));
};

async function withFake(options, work) {
  const server = await fake(options);
  try {
    return await work(server);
  } finally {
    await server.close();
  }
}

const run = (options, args = ["run", "--profile", "smoke"], more = {}) =>
  withFake(options, async (server) => ({ ...(await sentinel(args, { url: server.url, ...more })), requests: server.requests }));

test("a run from its start to its report", async () => {
  const { code, stdout, stderr, requests } = await run({ live: ending() });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "the report\n");
  assert.match(stderr, /steady 3 of 30 s: asked 3.3\/s, achieved 3.2\/s; p50 4, p95 12, p99 - ms \(so far\); 10 of 100 completed, 0 failed, 0 dropped/);
  assert.deepEqual(
    requests.map(({ method, url }) => `${method} ${url}`),
    // Before the report: whether the run was compared with a baseline.
    ["POST /api/sentinel", `UPGRADE /api/sentinel/${id}/live`, `GET /api/sentinel/${id}`, `GET /api/sentinel/${id}/report?format=text`],
  );
  assert.deepEqual(JSON.parse(requests[0].body), { preset: "smoke", startImmediately: true });
  for (const { headers } of requests) assert.equal(headers.authorization, `Bearer ${token}`);
});

test("how far the data is prepared, in figures that can be compared", async () => {
  const live = (connection) => {
    connection.accept();
    connection.send(hello());
    connection.send(frame({ stage: "prepare", prepared: 1200, toPrepare: 1011000 }));
    connection.send(result(done));
  };
  const { stderr } = await run({ live });
  assert.match(stderr, /^prepared 1,200 of 1,011,000$/m);
});

for (const [name, more, expected, words] of [
  ["thresholds that were not met", { verdict: "failed" }, 99, /did not meet its thresholds/],
  ["thresholds of which too little is known", { verdict: "undecided" }, 99, /cannot say that the run met all/],
  ["a threshold that ended it", { status: "failed", verdict: "failed", abortedBy: "ops rate>1", reason: "the threshold" }, 99, /ends it: the threshold/],
  ["thresholds that were met", { verdict: "passed" }, 0, /Run /],
  ["a degraded run", { validity: "degraded" }, 0, /Note: this run's validity is degraded/],
  ["a degraded run that did not meet its thresholds", { validity: "degraded", verdict: "failed" }, 99, /thresholds/],
  ["a run that cannot be believed", { validity: "invalid" }, 110, /cannot be believed/],
  ["one that cannot be believed, whatever its thresholds say", { validity: "invalid", verdict: "failed" }, 110, /invalid/],
  ["a run of which nobody knows whether to believe it", { validity: "unknown" }, 110, /cannot be believed/],
  ["a run that somebody cancelled", { status: "cancelled", reason: "cancelled by default" }, 103, /cancelled by default/],
  ["a run that failed", { status: "failed", validity: "invalid", reason: "shard 3 was lost" }, 1, /failed: shard 3 was lost/],
]) {
  test(`exit code ${expected}: ${name}`, async () => {
    const { code, stdout, stderr } = await run({ live: ending(more) });
    assert.equal(code, expected, stderr);
    assert.match(stderr, words);
    assert.equal(stdout, "the report\n");
  });
}

test("--json and --quiet: JSON on stdout, nothing on stderr", async () => {
  const { code, stdout, stderr } = await run({ live: ending() }, ["run", "--profile=smoke", "--json", "--quiet"]);
  assert.deepEqual([code, stdout, stderr], [0, '{"schema":"sentinel.report/1"}', ""]);
});

for (const [name, status, body, expected, words] of [
  [
    "a plan that is refused says where and what",
    422,
    { code: "plan.range", detail: "A value is outside its range.", path: "$.concurrency", expected: "a whole number from 1 to 500" },
    104,
    /The run was not started: A value is outside its range\.\n {2}at \$\.concurrency: expected a whole number from 1 to 500/,
  ],
  ["a token that is not the Worker's", 401, { code: "access.token", detail: "This needs a token." }, 104, /This needs a token[^]*\.dev\.vars/],
  ["another run is active", 429, { code: "run.active", detail: "Another run is active." }, 1, /Another run is active/],
  ["a server with an accident", 500, "<html>", 1, /status 500, and not as Sentinel does/],
  ["a server that knows no such page", 404, "<html>", 1, /status 404, and not as Sentinel does\. Is the address right\?/],
  ["another server's JSON", 404, { title: "Not found", detail: "no route" }, 1, /Is the address right/],
  ["another server's problem", 403, { code: undefined, detail: "Blocked." }, 1, /Is the address right/],
  ["something that is no Sentinel", 200, { hello: "world" }, 1, /not one of Sentinel's/],
  ["something that is not even JSON", 201, "fine", 1, /not one of Sentinel's/],
  ["an id that is no UUID, and would be part of an address", 201, { run: state({ id: "../../admin?x=" }) }, 1, /not one of Sentinel's/],
  ["a detail that wants to move the cursor", 400, { code: "plan.value", detail: "no\u001b[2J\u009b" }, 104, /no\?\[2J\?/],
  ["a detail that wants to be read backwards", 400, { code: "plan.value", detail: "no\u202e\u2066yes" }, 104, /no\?\?yes/],
]) {
  test(`not started: ${name}`, async () => {
    const answer = typeof body === "object" && "code" in body ? problem(status, body) : [status, body];
    const { code, stdout, stderr } = await run({ answers: { "POST /api/sentinel": () => answer } });
    assert.equal(code, expected, stderr);
    assert.match(stderr, words);
    assert.equal(stdout, "");
  });
}

test("a plan that is scheduled is not watched: when it starts is said, and how to follow it", async () => {
  const scheduledAt = "2030-01-02T03:04:05.000Z";
  const answers = { "POST /api/sentinel": () => [201, { run: state({ status: "pending", stage: "idle", scheduledAt }) }] };
  const input = JSON.stringify({ preset: "smoke", scheduledAt, startImmediately: false });
  const { code, stdout, stderr, requests } = await run({ answers }, ["run", "-"], { input });
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, new RegExp(`^Run ${id} is scheduled: it starts by itself within a minute of ${scheduledAt}`));
  assert.match(stderr, new RegExp(`\`sentinel status ${id}\` says how it is doing`));
  assert.deepEqual(requests.map(({ method, body }) => [method, JSON.parse(body)]), [["POST", { preset: "smoke", scheduledAt }]]);
  const json = await run({ answers }, ["run", "-", "--json"], { input });
  assert.equal(JSON.parse(json.stdout).run.scheduledAt, scheduledAt);
});

test("nobody there", async () => {
  const server = await fake();
  await server.close();
  const { code, stderr } = await sentinel(["run", "--profile", "smoke"], { url: server.url });
  assert.equal(code, 1);
  assert.match(stderr, /Sentinel was not reached at http:\/\/127\.0\.0\.1:/);
});

test("no report: the run's own code, and 1 where that is 0", async () => {
  const answers = { [`GET /api/sentinel/${id}/report`]: () => problem(503, { code: "run.unreachable", detail: "The run cannot be reached." }) };
  const good = await run({ answers, live: ending() });
  assert.equal(good.code, 1);
  assert.match(good.stderr, /There is no report to print: The run cannot be reached/);
  assert.equal((await run({ answers, live: ending({ validity: "invalid" }) })).code, 110);
});

test("a report that is none of Sentinel's", async () => {
  for (const [args, answer] of [
    [["run", "--profile", "smoke"], [200, "<html>", "text/html"]],
    [["run", "--profile", "smoke", "--json"], [200, { hello: "world" }]],
  ]) {
    const answers = { [`GET /api/sentinel/${id}/report`]: () => answer };
    const { code, stdout, stderr } = await run({ answers, live: ending() }, args);
    assert.deepEqual([code, stdout], [1, ""], stderr);
    assert.match(stderr, /There is no report to print: the answer is not one of Sentinel's/);
  }
});

test("a server that takes the plan and stays silent: given up after --silence, and it may have begun", async () => {
  const began = Date.now();
  const answers = { "POST /api/sentinel": () => new Promise(() => {}) };
  const { code, stderr } = await run({ answers }, ["run", "--profile", "smoke", "--silence", "1"]);
  assert.equal(code, 1, stderr);
  assert.match(stderr, /may have happened all the same; `sentinel list` shows it/);
  assert.ok(Date.now() - began < 5_000);
});

test("stdout that is closed: the report is not sent to a socket instead", async () => {
  const { code, stderr } = await run({ live: ending() }, undefined, { shell: ">&-" });
  assert.equal(code, 1, stderr);
  assert.match(stderr, /The output could not be written/);
});

test("a connection that drops is made again", async () => {
  const live = (connection) => {
    connection.accept();
    connection.send(hello());
    if (connection.number < 3) setTimeout(() => connection.drop(), 20);
    else connection.send(result(done));
  };
  const { code, requests, stderr } = await run({ live });
  assert.equal(code, 0, stderr);
  assert.equal(requests.filter(({ method }) => method === "UPGRADE").length, 3);
});

// What is known of the history: forgotten from `fromS` on with each message, and gone on from `nextS`.
test("a connection that is made again asks for the seconds that are not known yet", async () => {
  const seconds = (fromS, nextS) => ({ fromS, nextS, stepS: 1, history: [] });
  const visits = [
    [{ ...hello(), ...seconds(0, 0) }], // nothing is known yet
    [{ ...hello(), ...seconds(0, 4) }, frame(seconds(4, 6))],
    [{ ...hello(), ...seconds(6, 6) }, frame(seconds(2, 7))], // something changed in what it knew
    [{ ...hello(), ...seconds(0, 3) }], // the run was opened again and knows less
    [{ ...hello(), ...seconds(3, 5) }, frame(), frame({ nextS: "9" }), frame({ nextS: -1 }), frame({ nextS: 1e5 })],
    [result(done)],
  ];
  const live = (connection) => {
    connection.accept();
    for (const message of visits[connection.number - 1]) connection.send(message);
    if (connection.number === 3) connection.half(frame(seconds(7, 9)));
    if (connection.number < visits.length) setTimeout(() => connection.drop(), 50);
  };
  const { code, requests, stderr } = await run({ live });
  assert.equal(code, 0, stderr);
  const asked = requests.filter(({ method }) => method === "UPGRADE").map(({ url }) => url.replace(`/api/sentinel/${id}/live`, ""));
  assert.deepEqual(asked, ["", "", "?since=6", "?since=7", "?since=3", "?since=5"]);
});

test("half a message, then another connection", async () => {
  const live = (connection) => {
    connection.accept();
    if (connection.number === 1) {
      connection.half(result(done));
      setTimeout(() => connection.drop(), 100);
    } else {
      connection.send(result(done));
    }
  };
  const { code, stderr, requests } = await run({ live }, ["run", "--profile", "smoke", "--silence", "3"]);
  assert.equal(code, 0, stderr);
  // Nothing was asked over HTTP but whether the run was compared with a baseline.
  assert.equal(requests.filter(({ method, url }) => method === "GET" && url.endsWith(id)).length, 1);
});

test("a run that ended while the connection was away is known from the hello", async () => {
  const live = (connection) => {
    connection.accept();
    if (connection.number === 1) connection.drop();
    else connection.send(hello(done));
  };
  assert.equal((await run({ live })).code, 0);
});

test("long messages, and messages in pieces", async () => {
  const history = Array.from({ length: 600 }, (_, s) => ({ s, asked: 100, started: 100, completed: 100, failed: 0, p50Ms: 3 }));
  const live = (connection) => {
    connection.accept();
    connection.send({ ...hello(), history, note: "x".repeat(100_000) });
    connection.send({ ...hello(), history }, 7);
    connection.send(frame({ counts: counts(77) }), 3);
    connection.send({ ...result(done), note: "x".repeat(200_000) });
  };
  const { code, stderr } = await run({ live });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /77 of 100 completed/);
});

test("messages that are not for us are passed over", async () => {
  const live = (connection) => {
    connection.accept();
    for (const message of [null, 7, [], {}, { type: "news" }, { type: "frame", counts: [] }, { type: "result", state: 3 }]) {
      connection.send(message);
    }
    connection.send({ type: "result", state: { ...state(done), id: "of-another-run" } });
    setTimeout(() => connection.send(result(done)), 300);
  };
  const { code, stderr } = await run({ live });
  assert.equal(code, 0, stderr);
});

const quickly = ["run", "--profile", "smoke", "--silence", "1"];

test("a silent connection: the state is asked for over HTTP, and another connection is made", async () => {
  const answers = { [`GET /api/sentinel/${id}`]: () => [200, { run: state(++asked > 1 ? done : {}) }] };
  let asked = 0;
  const { code, stderr, requests } = await run({ answers, live: (connection) => connection.accept() }, quickly);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /The run answers over HTTP; it is \(running\)/);
  assert.ok(requests.filter(({ method }) => method === "UPGRADE").length > 1);
});

test("no live connection at all: HTTP alone brings it to its end", async () => {
  const answers = { [`GET /api/sentinel/${id}`]: () => [200, { run: state(done) }] };
  const { code, stderr } = await run({ answers, live: (connection) => connection.refuse(503) }, quickly);
  assert.equal(code, 0, stderr);
});

test("a Worker that is gone for good", async () => {
  const began = Date.now();
  const { code, stderr } = await withFake({}, (server) =>
    sentinel(quickly, {
      url: server.url,
      act: async (child, says) => {
        await says("Run ");
        await server.close();
      },
    }),
  );
  assert.equal(code, 1, stderr);
  assert.match(stderr, new RegExp(`Run ${id} may still be going`));
  assert.ok(Date.now() - began < 15_000);
});

test("Ctrl-C: the run is cancelled and its end waited for", async () => {
  let connection;
  const live = (one) => {
    connection = one;
    one.accept();
    one.send(hello());
    one.send(frame());
  };
  const answers = {
    [`POST /api/sentinel/${id}`]: ({ body }) => {
      assert.deepEqual(JSON.parse(body), { action: "cancel" });
      setTimeout(() => connection.send(result({ status: "cancelled", reason: "cancelled by default" })), 200);
      return [200, { run: state({ status: "draining" }) }];
    },
  };
  for (const signal of ["SIGINT", "SIGTERM"]) {
    const { code, stdout, stderr } = await run({ live, answers }, undefined, {
      act: async (child, says) => {
        await says("steady");
        child.kill(signal);
      },
    });
    assert.equal(code, 105, stderr);
    assert.equal(stdout, "the report\n");
    assert.match(stderr, /Cancelling the run/);
  }
});

test("Ctrl-C twice: left at once, also while the first is being answered", async () => {
  const live = (connection) => {
    connection.accept();
    connection.send(hello());
    connection.send(frame());
  };
  const { code, stdout, stderr } = await run({ live }, undefined, {
    act: async (child, says) => {
      await says("steady");
      child.kill("SIGINT");
      await says("Cancelling the run");
      child.kill("SIGINT");
    },
  });
  assert.equal(code, 105, stderr);
  assert.equal(stdout, "");
  assert.match(stderr, new RegExp(`Left; run ${id} may still be going`));
});

test("a proxy in the environment is not asked for our own machine", async () => {
  const { code, stderr } = await run({ live: ending() }, undefined, {
    env: { http_proxy: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9", ALL_PROXY: "http://127.0.0.1:9" },
  });
  assert.equal(code, 0, stderr);
});

test("an address with a path, and a slash at its end", async () => {
  const answers = {
    "POST /tools/api/sentinel": () => [201, { run: state() }],
    [`GET /tools/api/sentinel/${id}/report`]: () => [200, "a report", plain],
  };
  await withFake({ answers, live: ending() }, async (server) => {
    const { code, stderr } = await sentinel(["run", "--profile", "smoke", "--url", `${server.url}/tools/`]);
    assert.equal(code, 0, stderr);
    assert.equal(server.requests[1].url, `/tools/api/sentinel/${id}/live`);
  });
});
