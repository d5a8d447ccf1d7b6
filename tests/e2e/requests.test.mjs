// Requests that no client of ours sends: each is told what is wrong with it, and the next one is served.
import assert from "node:assert/strict";
import { request } from "node:http";
import { connect } from "node:net";
import { after, before } from "node:test";
import { e2e, start, TOKEN } from "./harness.mjs";

let sentinel;
before(async () => (sentinel = await start()));
after(() => sentinel.stop());

const ID = "01890a5d-ac96-474b-8cce-b302099a8057"; // a run that there is not
const API = "/api/sentinel";

// As it is written, since fetch() would tidy the path and refuse a body with GET.
function raw(s, method, path, { headers = {}, body } = {}) {
  const { hostname, port } = s.url;
  const authorization = `Bearer ${TOKEN}`;
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method, path, headers: { authorization, ...headers } }, async (response) => {
      const parts = [];
      for await (const part of response) parts.push(part);
      const text = Buffer.concat(parts).toString();
      const problem = (response.headers["content-type"] ?? "").includes("json") && text ? JSON.parse(text) : {};
      resolve({ status: response.statusCode, headers: response.headers, code: problem.code, path: problem.path, text });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

// What the server says to these very bytes, until it or we have enough.
function bytes(s, text, timeoutMs = 3000) {
  const { hostname, port } = s.url;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port, allowHalfOpen: true }, () => socket.end(text));
    let said = "";
    const done = () => {
      socket.destroy();
      resolve(said);
    };
    socket.setTimeout(timeoutMs, done);
    socket.on("data", (data) => (said += data));
    socket.on("end", done);
    socket.on("error", (error) => (error.code === "ECONNRESET" ? done() : reject(error)));
  });
}

async function assertTold(s, rows) {
  const wrong = [];
  for (const [method, path, status, code, options] of rows) {
    const answer = await raw(s, method, path, options);
    const told = `${method} ${path.slice(0, 80)} ${JSON.stringify(options?.headers ?? {}).slice(0, 80)}`;
    // An answer to HEAD has no body that could say more.
    if (answer.status !== status || (method !== "HEAD" && answer.code !== code)) {
      wrong.push(`${told}: expected ${status} ${code}, got ${answer.status} ${answer.text.slice(0, 200)}`);
    }
  }
  assert.deepEqual(wrong, []);
}

// Every address that there is, and its methods.
const KNOWN = [
  [`${API}/health`, ["GET"]],
  [`${API}/openapi.json`, ["GET"]],
  [`${API}/metrics`, ["GET"]],
  [`${API}/profiles`, ["GET"]],
  [`${API}/plan`, ["POST"]],
  [`${API}/workloads`, ["GET"]],
  [`${API}/workloads/check`, ["POST"]],
  [`${API}/workloads/grove`, ["GET"]],
  [`${API}/baselines`, ["GET", "POST"]],
  [`${API}/baselines/${ID}`, ["GET", "PATCH", "DELETE"]],
  [`${API}/schedules`, ["GET", "POST"]],
  [`${API}/schedules/preview`, ["POST"]],
  [`${API}/schedules/${ID}`, ["GET", "PATCH", "DELETE"]],
  [`${API}/schedules/${ID}/run`, ["POST"]],
  [`${API}/outbox`, ["GET"]],
  [`${API}/outbox/grove`, ["POST"]],
  [`${API}/stop-all`, ["POST"]],
  [API, ["GET", "POST"]],
  [`${API}/${ID}`, ["GET", "POST", "DELETE"]],
  [`${API}/${ID}/report`, ["GET"]],
  [`${API}/${ID}/live`, ["GET"]],
];

e2e("methods that an address does not know get 405 and those that it does", () => sentinel, async (s) => {
  const { paths } = await s.get(`${API}/openapi.json`);
  const described = Object.entries(paths).map(([path, operations]) => [path.replace("{id}", ID).replace("{baseline}", ID).replace("{schedule}", ID).replace("{name}", "grove"), Object.keys(operations)]);
  assert.deepEqual(described, KNOWN.map(([path, allowed]) => [path, allowed.map((method) => method.toLowerCase())]));
  for (const [path, allowed] of KNOWN) {
    for (const method of ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND", "PURGE"]) {
      if (allowed.includes(method)) continue;
      const answer = await raw(s, method, path, { body: method === "POST" ? "{}" : undefined });
      assert.equal(answer.status, 405, `${method} ${path}: ${answer.text}`);
      assert.equal(answer.headers.allow, allowed.join(", "), `${method} ${path}`);
      if (method !== "HEAD") assert.equal(answer.code, "route.method", `${method} ${path}`);
    }
  }
});

e2e("addresses that are almost right are not there", () => sentinel, async (s) => {
  const nowhere = [
    "/", "/api", "/api/", "/api/sentine", "/api/sentinels", `${API}/`, `${API}//`, `/${API}`, "/api//sentinel",
    `${API}//${ID}`, `${API}/${ID}/`, `${API}/${ID}//report`, `${API}/${ID}/report/`, `${API}/${ID}/nothing`,
    `${API}/${ID}/live/live`, `${API}/${ID}/report/json`, "/API/SENTINEL", "/api/Sentinel", "/api/%73entinel",
    "/api%2Fsentinel", "/api/sentinel%00", "/api/sentinel%20", "/api/sentinel;x=1", "/api/sentinel/x/y/z",
    `/${"a".repeat(15_000)}`, `${API}/a/b%2Freport`, "/..%2f..%2fapi/sentinel", "/favicon.ico", "/.env",
    "/.git/config", "/cdn-cgi/trace", "/robots.txt", "/%ff%fe", "/%E2%80%AE",
  ];
  await assertTold(s, nowhere.map((path) => ["GET", path, 404, "route.unknown"]));
});

e2e("what is no id of a run or a baseline is none", () => sentinel, async (s) => {
  const ids = [
    ID, ID.toUpperCase(), ID.replaceAll("-", ""), `%7B${ID}%7D`, `${ID}0`, ID.slice(1), `${ID}%00`,
    ID.replace("0", "%30"), ID.replace("0", "g"), ID.replace("-", "_"), "0", "-1", "null", "undefined", "constructor",
    "__proto__", "*", "%25", "..%2f", "'%20OR%201=1--", "x".repeat(10_000), "%F0%9F%98%80", "health%20",
    "Health", "00000000-0000-0000-0000-000000000000",
  ];
  const rows = ids.flatMap((id) => [
    ["GET", `${API}/${id}`, 404, "run.unknown"],
    ["GET", `${API}/${id}/report`, 404, "run.unknown"],
    ["GET", `${API}/${id}/live`, 404, "run.unknown"],
    ["POST", `${API}/${id}`, 404, "run.unknown", { body: '{"action":"cancel"}' }],
    ["DELETE", `${API}/${id}`, 404, "run.unknown"],
    ["GET", `${API}/baselines/${id}`, 404, "baseline.unknown"],
    ["DELETE", `${API}/baselines/${id}`, 404, "baseline.unknown"],
  ]);
  await assertTold(s, rows);
});

e2e("a query is read strictly", () => sentinel, async (s) => {
  const list = (query, status, code) => ["GET", `${API}?${query}`, status, code];
  const bad = "query.range";
  await assertTold(s, [
    ...[
      "", "&", "&&&", "limit=1", "limit=100", "limit=020", "status=completed", "limit=5&status=failed",
      "status=failed&limit=5&", `cursor=${"0".repeat(42)}`, `cursor=${"f".repeat(42)}`,
    ].map((q) => list(q, 200)),
    ...[
      "0", "-1", "101", "abc", "", "1.0", "1e1", "+1", "0x10", "%31", "1%00", "999999999999999999999", "0000001",
      "1,2", "1%20", "NaN", "null", "%D9%A1",
    ].map((v) => list(`limit=${v}`, 400, bad)),
    ...["limit", "limit=="].map((q) => list(q, 400, bad)),
    ...[
      "", "Completed", "complete", "completed%20", "active", "all", "*", "completed,failed", "%63ompleted",
      "x".repeat(5000),
    ].map((v) => list(`status=${v}`, 400, bad)),
    ...[
      "", "0", "x".repeat(42), "0".repeat(41), "0".repeat(43), "F".repeat(42), "%30".repeat(42), "006ab13b805c0e%27--",
      "../../", "null", "0".repeat(12_000),
    ].map((v) => list(`cursor=${v}`, 400, bad)),
    ...[
      "Limit=1", "LIMIT=1", "%6cimit=1", "limit%20=1", "x=1", "=1", "=", "offset=20", "limit[]=1", "__proto__=1",
      "format=json", "callback=alert", `${"x".repeat(5000)}=1`, "%00=1", "limit=1&x", "?limit=1",
    ].map((q) => list(q, 400, "query.unknown")),
    ...[
      "limit=1&limit=1", "limit=1&limit=2", "status=failed&limit=1&status=failed", "cursor&cursor",
    ].map((q) => list(q, 400, "query.duplicate")),
    ["GET", `${API}/health?x=1`, 400, "query.unknown"],
    ["GET", `${API}/${ID}?x=1`, 400, "query.unknown"],
    ["GET", `${API}/${ID}/live?token=${TOKEN}`, 400, "query.unknown"],
    ["POST", `${API}?dry=1`, 400, "query.unknown", { body: "{}" }],
    ["POST", `${API}/${ID}?action=cancel`, 400, "query.unknown", { body: "{}" }],
    ...[
      "xml", "JSON", "", "json%20", "text,json", "../json",
    ].map((v) => ["GET", `${API}/${ID}/report?format=${v}`, 400, bad]),
    ["GET", `${API}/${ID}/report?format=json&format=text`, 400, "query.duplicate"],
    ["GET", `${API}/${ID}/report?Format=json`, 400, "query.unknown"],
    ["GET", `${API}/${ID}/report?format=json`, 404, "run.unknown"],
  ]);
});

e2e("who has not the token is told so before anything else", () => sentinel, async (s) => {
  const none = [
    "", " ", "Bearer", "Bearer ", "Bearer      ", TOKEN, `Basic ${TOKEN}`, `Basic ${btoa(`user:${TOKEN}`)}`,
    `Bearer:${TOKEN}`, `Bearer\t${TOKEN}`, `Bearer=${TOKEN}`, `Token ${TOKEN}`, `Bearers ${TOKEN}`,
    `Digest username="x"`, `"Bearer ${TOKEN}"`,
  ];
  const wrong = [
    "Bearer x", `Bearer ${TOKEN}x`, `Bearer x${TOKEN}`, `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN.toUpperCase()}`, `Bearer ${TOKEN} ${TOKEN}`, `Bearer ${TOKEN},Bearer ${TOKEN}`,
    `Bearer "${TOKEN}"`, `Bearer Bearer ${TOKEN}`, "Bearer undefined", "Bearer null", `Bearer ${"x".repeat(5000)}`,
    "Bearer %00", "Bearer é", `Bearer ${encodeURIComponent(`${TOKEN} `)}`,
  ];
  const right = [`Bearer ${TOKEN}`, `bearer ${TOKEN}`, `BEARER   ${TOKEN}`, `Bearer ${TOKEN}   `];
  const rows = (values, status, code) => values.map((authorization) => [
    "GET", API, status, code, { headers: { authorization } },
  ]);
  await assertTold(s, [...rows(none, 401, "auth.missing"), ...rows(wrong, 401, "auth.wrong"), ...rows(right, 200)]);

  // Not even whether there is anything: not by address, method, query, type or body.
  const headers = { authorization: "Bearer x" };
  await assertTold(s, [
    ["GET", "/nothing", 401, "auth.wrong", { headers }],
    ["PUT", API, 401, "auth.wrong", { headers }],
    ["POST", `${API}/health`, 401, "auth.wrong", { headers, body: "{}" }],
    ["GET", `${API}?x=1`, 401, "auth.wrong", { headers }],
    ["POST", API, 401, "auth.wrong", { headers: { ...headers, "content-type": "text/plain" }, body: "{" }],
    ["POST", API, 401, "auth.wrong", { headers, body: "x".repeat(200_000) }],
    [
      "GET", `${API}/${ID}/live`, 401, "auth.wrong",
      { headers: { ...headers, connection: "upgrade", upgrade: "websocket" } },
    ],
  ]);
  const { headers: told } = await raw(s, "GET", API, { headers });
  assert.match(told["www-authenticate"], /^Bearer realm="sentinel", error="invalid_token"$/);
});

e2e("bodies are JSON, and those of an action are an action", () => sentinel, async (s) => {
  const typed = (type, status, code) => ["POST", API, status, code, { headers: { "content-type": type }, body: "{}" }];
  const json = [
    "application/json", "APPLICATION/JSON", "application/json; charset=utf-8", "application/json;charset=UTF-8",
    "application/json ;x=y",
  ];
  const others = [
    "text/plain", "text/json", "application/jsonp", "application/json5", "application/ld+json",
    "application/problem+json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
    "application/octet-stream", "json", "*/*", "application", "application/json, text/plain", "x".repeat(5000),
  ];
  const act = (body, code) => ["POST", `${API}/${ID}`, code === "run.unknown" ? 404 : 400, code, { body }];
  await assertTold(s, [
    ...json.map((type) => typed(type, 400, "plan.missing")),
    ...others.map((type) => typed(type, 415, "body.content-type")),
    ["POST", API, 400, "plan.missing", { body: "{}" }], // no type at all
    ...["", "{", "null x", '{"action":"start"', "{'action':'start'}", "start"].map((body) => act(body, "json.syntax")),
    ...[
      "null", "[]", '"start"', "1", '["start"]', '{"action":null}', '{"action":1}', '{"action":["start"]}',
      '{"action":{"start":true}}', '{"action":true}',
    ].map((body) => act(body, "body.type")),
    act("{}", "body.missing"),
    ...[
      '{"action":""}', '{"action":"Start"}', '{"action":"start "}', '{"action":"delete"}', '{"action":"constructor"}',
      `{"action":"${"x".repeat(60_000)}"}`,
    ].map((body) => act(body, "body.range")),
    ...[
      '{"action":"start","x":1}', '{"x":1,"action":"start"}', '{"__proto__":1}', '{"action":"start","force":true}',
      '{"Action":"start"}',
    ].map((body) => act(body, "body.unknown-field")),
    ...["scale", "extend"].map((action) => act(`{"action":"${action}"}`, "body.missing")),
    ...["null", "true", '"2"', "[2]", "{}"].map((v) => act(`{"action":"scale","factor":${v}}`, "body.type")),
    ...["0", "-0", "-1", "0.0099", "100.01", "1e308", "5e-324"].map((v) =>
      act(`{"action":"scale","factor":${v}}`, "body.range"),
    ),
    ...["null", '"9"', "[9]"].map((v) => act(`{"action":"extend","durationSeconds":${v}}`, "body.type")),
    ...["0", "-1", "3601", "9.5", "1e9"].map((v) => act(`{"action":"extend","durationSeconds":${v}}`, "body.range")),
    act('{"action":"scale","factor":1e400}', "json.number"),
    act('{"action":"scale","factor":2,"durationSeconds":9}', "body.unknown-field"),
    act('{"action":"pause","factor":2}', "body.unknown-field"),
    act('{"action":"extend","factor":2}', "body.unknown-field"),
    act('{"action":"scale","factor":2}', "run.unknown"),
    act('{"action":"start","action":"cancel"}', "json.duplicate-name"),
    act('{"action":1e400}', "json.number"),
    act("[".repeat(65), "json.size"),
    ["POST", `${API}/${ID}`, 413, "body.size", { body: "x".repeat(65_537) }],
    [
      "POST", `${API}/${ID}`, 415, "body.content-type",
      { headers: { "content-type": "text/plain" }, body: '{"action":"start"}' },
    ],
    ...['{"action":"start"}', ' { "action" : "c\\u0061ncel" } '].map((body) => act(body, "run.unknown")),
    ["GET", API, 200, undefined, { headers: { "content-length": "2" }, body: "{}" }],
    [
      "GET", `${API}/${ID}`, 404, "run.unknown",
      { headers: { "content-length": "9", "content-type": "text/plain" }, body: "x".repeat(9) },
    ],
    ["DELETE", API, 405, "route.method", { headers: { "content-length": "100000" }, body: "x".repeat(100_000) }],
    ["POST", API, 400, "plan.missing", { headers: { "transfer-encoding": "chunked" }, body: "{}" }],
    ["POST", API, 413, "body.size", { headers: { "transfer-encoding": "chunked" }, body: "x".repeat(300_000) }],
    ["POST", API, 400, "json.syntax", { headers: { "content-encoding": "gzip" }, body: "\u001f\u008b" }],
  ]);
});

e2e("a key that cannot be kept is refused, whatever the plan", () => sentinel, async (s) => {
  const keyed = (key, status, code) => ["POST", API, status, code, { headers: { "idempotency-key": key }, body: "{}" }];
  await assertTold(s, [
    ...["", "x".repeat(256), "x".repeat(5000), "caf\u00e9", "a\tb", "\u00ff"].map((key) => keyed(key, 400, "header.value")),
    ...["x", "x".repeat(255), "a b", "'; DROP TABLE sentinel_idempotency; --"].map((key) => keyed(key, 400, "plan.missing")),
    ["POST", `${API}/${ID}`, 404, "run.unknown", { headers: { "idempotency-key": "x" }, body: '{"action":"cancel"}' }],
  ]);
});

// The local runtime answers some of these by itself, also with a 5xx of its own in plain text: a client that goes away in
// mid-body is "Network connection lost" to its front.  What counts is that no 5xx is ours, that the Worker logs no trouble
// (see e2e()), and that it goes on.
e2e("requests that break off or count wrongly do no harm, and the next one is served", () => sentinel, async (s) => {
  const head = (lines) => [
    `POST ${API} HTTP/1.1`, `Host: ${s.url.host}`, `Authorization: Bearer ${TOKEN}`, ...lines, "", "",
  ].join("\r\n");
  const whole = `${head(["Content-Length: 2", "Connection: close"])}{}`;
  assert.match(await bytes(s, whole), /^HTTP\/1\.1 400 .*"plan\.missing"/s);
  const requests = {
    "fewer bytes than announced": `${head(["Content-Length: 100"])}{"preset":"smoke"`,
    "no bytes of those announced": head(["Content-Length: 100"]),
    "a length that is no number": `${head(["Content-Length: ten"])}{}`,
    "a length below nothing": `${head(["Content-Length: -1"])}{}`,
    "two lengths that differ": `${head(["Content-Length: 2", "Content-Length: 3"])}{}`,
    "a length beyond all numbers": `${head(["Content-Length: 99999999999999999999999"])}{}`,
    "a chunk that breaks off": `${head(["Transfer-Encoding: chunked"])}10\r\n{"preset"`,
    "no last chunk": `${head(["Transfer-Encoding: chunked"])}2\r\n{}\r\n`,
    "a chunk without a length": `${head(["Transfer-Encoding: chunked"])}zz\r\n{}\r\n0\r\n\r\n`,
    "both a length and chunks": `${head(["Content-Length: 2", "Transfer-Encoding: chunked"])}2\r\n{}\r\n0\r\n\r\n`,
    "an unknown encoding": `${head(["Transfer-Encoding: sideways"])}{}`,
    "a header that breaks off": `POST ${API} HTTP/1.1\r\nHost: x\r\nAuthoriz`,
    "no HTTP at all": "hello\r\n\r\n",
    "TLS": "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a version of the future": `GET ${API} HTTP/9.9\r\n\r\n`,
    "a method in lower case": `get ${API} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`,
    "an absolute address": `GET http://x.example${API}/no HTTP/1.1\r\nHost: x.example\r\nConnection: close\r\n\r\n`,
    "a header of 200 KB": head([`X: ${"x".repeat(200_000)}`]),
  };
  const said = {};
  await Promise.all(Object.entries(requests).map(async ([name, text]) => (said[name] = await bytes(s, text))));
  for (const [name, text] of Object.entries(said)) {
    assert.doesNotMatch(text, /^HTTP\/1\.1 [23]/, `${name}: ${text.slice(0, 300)}`);
    assert.doesNotMatch(text, /^HTTP\/1\.1 5.*problem\+json/s, `${name}: ${text.slice(0, 300)}`);
  }
  const { n } = await s.env.DB.prepare("SELECT COUNT(*) AS n FROM sentinel_runs").first();
  assert.equal(n, 0);
  assert.equal((await s.get(`${API}/health`)).status, "ok");
});
