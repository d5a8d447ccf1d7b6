// A Sentinel that does what a test tells it, over real HTTP and real WebSockets, and the program run against it.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { made } from "../made.mjs";

export const binary = process.env.SENTINEL_BIN ?? made("build/sentinel");
export const id = "11111111-2222-4333-8444-555555555555";
export const token = "token-of-the-test";

export const state = (more = {}) => ({
  id,
  name: "smoke",
  status: "running",
  stage: "load",
  validity: "unknown",
  verdict: "none",
  reason: null,
  ...more,
});

export const counts = (completed, failed = 0) => ({
  planned: 100,
  completed,
  failed,
  dropped: { slots: 0, harness: 0, shardDown: 0 },
});

export const frame = (more = {}) => ({
  type: "frame",
  status: "running",
  stage: "load",
  elapsedS: 3,
  durationS: 30,
  phase: "steady",
  askedPerS: 3.33,
  achievedPerS: 3.2,
  counts: counts(10),
  window: { seconds: 3, p50Ms: null, p95Ms: null, p99Ms: null, failed: 0 },
  total: { p50Ms: 4, p95Ms: 12, p99Ms: null },
  prepared: 40,
  toPrepare: 40,
  cleaned: 0,
  ...more,
});

export const result = (more) => ({ type: "result", state: state({ stage: "done", ...more }) });
export const hello = (more) => ({ type: "hello", state: state(more), history: [] });

// A text message as RFC 6455 has it, from server to client: unmasked, in as many pieces as are asked for.
function encode(text, pieces = 1) {
  const bytes = Buffer.from(text);
  const step = Math.ceil(bytes.length / pieces);
  const frames = [];
  for (let at = 0, n = 0; n < pieces; n++, at += step) {
    const part = bytes.subarray(at, at + step);
    const first = (n === 0 ? 0x1 : 0x0) | (n === pieces - 1 ? 0x80 : 0);
    let head = Buffer.from([first, part.length]);
    if (part.length > 65535) {
      head = Buffer.alloc(10);
      head[0] = first;
      head[1] = 127;
      head.writeBigUInt64BE(BigInt(part.length), 2);
    } else if (part.length > 125) {
      head = Buffer.from([first, 126, part.length >> 8, part.length & 255]);
    }
    frames.push(head, part);
  }
  return Buffer.concat(frames);
}

export const problem = (status, more) => [status, { type: "about:blank", status, ...more }, "application/problem+json"];
export const plain = "text/plain; charset=utf-8";

// `answers` maps "POST /api/sentinel" and the like to functions of the request, which return status, body and, where it
// is not JSON, content type; `live` is told of every connection.
export async function fake({ answers = {}, live = () => {}, report = "the report\n" } = {}) {
  const usual = {
    "POST /api/sentinel": () => [201, { run: state({ status: "pending", stage: "idle" }) }],
    [`GET /api/sentinel/${id}`]: () => [200, { run: state() }],
    [`POST /api/sentinel/${id}`]: () => [200, { run: state({ status: "draining" }) }],
    [`GET /api/sentinel/${id}/report`]: ({ url }) => url.endsWith("format=json") ? [200, { schema: "sentinel.report/1" }] : [200, report, plain],
  };
  const requests = [];
  const sockets = new Set();
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const seen = { method: request.method, url: request.url, headers: request.headers, body };
    requests.push(seen);
    const key = `${request.method} ${request.url.split("?")[0]}`;
    const answer = await (answers[key] ?? usual[key] ?? (() => problem(404, { code: "run.unknown", detail: "There is no such run." })))(seen);
    const text = typeof answer[1] === "string" ? answer[1] : JSON.stringify(answer[1]);
    response.writeHead(answer[0], { "content-type": answer[2] ?? "application/json" }).end(text);
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  let connections = 0;
  server.on("upgrade", (request, socket) => {
    const ends = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => {});
    socket.on("data", () => {});
    requests.push({ method: "UPGRADE", url: request.url, headers: request.headers });
    const accept = createHash("sha1")
      .update(`${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const connection = {
      number: ++connections,
      ends,
      accept: () =>
        socket.write(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
        ),
      send: (message, pieces) => socket.write(encode(JSON.stringify(message), pieces)),
      half: (message) => socket.write(Buffer.concat([Buffer.from([0x01, 50]), Buffer.from(JSON.stringify(message)).subarray(0, 50)])),
      drop: () => socket.destroy(),
      refuse: (status) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`),
    };
    live(connection);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

// Runs the program to its end, `mostMs` at most.  `act` gets the child and a promise-maker for words on stderr; `shell` is
// a redirection, such as ">&-".
export async function sentinel(args, { url, env = {}, input = "", act, shell, mostMs = 20_000 } = {}) {
  const [program, ...before] = shell ? ["sh", "-c", `exec "$0" "$@" ${shell}`, binary] : [binary];
  const child = spawn(program, [...before, ...args], {
    env: { PATH: process.env.PATH, TERM: "dumb", SENTINEL_TOKEN: token, ...(url ? { SENTINEL_URL: url } : {}), ...env },
  });
  const out = { stdout: "", stderr: "" };
  let heard = () => {};
  for (const name of ["stdout", "stderr"]) {
    child[name].on("data", (bytes) => {
      out[name] += bytes;
      heard();
    });
  }
  child.stdin.on("error", () => {}).end(input);
  const says = (words) =>
    new Promise((resolve) => {
      heard = () => out.stderr.includes(words) && resolve();
      heard();
    });
  const timer = setTimeout(() => child.kill("SIGKILL"), mostMs);
  const ended = new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
  if (act) await Promise.race([act(child, says), ended]);
  const code = await ended;
  clearTimeout(timer);
  return { code, ...out };
}
