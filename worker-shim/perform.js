// One entry per effect: what the host does for it.  An entry for an effect that asks gives (a promise of) what its
// DONE carries, or throws.
import { ACTION, ANSWER, BINDING, CACHE, EFFECT, SQL } from "./abi.js";
import { bytesOf, decode, encode, join, spans } from "./core.js";
import { look } from "./look.js";
import { fillShape, readGroups, readShape } from "./shape.js";
import { zone } from "./zone.js";

const UNCONFIRMED = { allowUnconfirmed: true };
const SEND_FAILED = 1011; // RFC 6455, 7.4.1

// Byte by byte: so small an array lies within its object until somebody asks for its buffer, as a view does.
function put32(bytes, at, number) {
  if (!number) return;
  bytes[at] = number;
  bytes[at + 1] = number >>> 8;
  bytes[at + 2] = number >>> 16;
  bytes[at + 3] = number >>> 24;
}

function writeAnswer(answer, looked) {
  const bytes = new Uint8Array(ANSWER.SIZE);
  put32(bytes, ANSWER.rows, answer.rows);
  put32(bytes, ANSWER.rows_read, answer.rows_read);
  put32(bytes, ANSWER.rows_written, answer.rows_written);
  put32(bytes, ANSWER.sql_us, answer.sql_us);
  put32(bytes, ANSWER.bytes, answer.bytes);
  put32(bytes, ANSWER.body_us, answer.body_us);
  put32(bytes, ANSWER.status, answer.status);
  put32(bytes, ANSWER.looked, looked);
  const attempts = answer.attempts ?? 0;
  bytes[ANSWER.attempts] = attempts;
  bytes[ANSWER.attempts + 1] = attempts >>> 8;
  bytes[ANSWER.cache] = answer.cache ?? 0;
  bytes[ANSWER.primary] = answer.primary ?? 0;
  if (answer.place) bytes.set(encode(answer.place).subarray(0, ANSWER.status - ANSWER.place), ANSWER.place);
  return bytes;
}

// --- Host calls of steps -----------------------------------------------------------------------------------

// Of a session, which ends with its call, nothing can be kept.
function prepared(host, db, shape, { statement, values }) {
  const query = shape.prepared.get(statement) ?? db.prepare(host.texts[statement]);
  if (!shape.session) shape.prepared.set(statement, query);
  return values.length > 0 ? query.bind(...values) : query;
}

// Of one statement.
const d1Answer = ({ results, meta }) => ({
  rows: results?.length,
  rows_read: meta.rows_read,
  rows_written: meta.rows_written,
  sql_us: Math.round((meta.timings?.sql_duration_ms ?? meta.duration ?? 0) * 1000),
  attempts: meta.total_attempts,
  primary: meta.served_by_primary === undefined ? 0 : meta.served_by_primary ? 1 : 2,
  place: meta.served_by_colo ?? meta.served_by_region,
  row: results?.[0],
  text: () => JSON.stringify(results),
});

const json = (text) => (text === null ? undefined : JSON.parse(text));

// The clock stands still while the body's bytes are counted, so this ends with the last of them.  Its text is kept only for
// who looks into it.
async function readBody({ body }, looks) {
  const headersMs = Date.now();
  const decoder = looks && new TextDecoder();
  let bytes = 0;
  let text = "";
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (looks) text += decoder.decode(chunk, { stream: true });
  }
  return { rows: 1, bytes, body_us: (Date.now() - headersMs) * 1000, text: () => text };
}

// A body is bytes or text; where a response redirects to is its answer.
async function fetched(whom, [url, method, headers, body], { looks }) {
  const response = await whom.fetch(url, { method, headers: json(headers), body, redirect: "manual" });
  return { ...(await readBody(response, looks)), status: response.status, headers: response.headers };
}

export const steps = {
  [ACTION.D1_ALL]: async (db, groups, shape, host) => d1Answer(await prepared(host, db, shape, groups[0]).all()),
  [ACTION.D1_BATCH]: async (db, groups, shape, host) => {
    const [first, ...more] = (await db.batch(groups.map((group) => prepared(host, db, shape, group)))).map(d1Answer);
    return { ...first, more };
  },
  [ACTION.KV_GET]: async (kv, [{ values: [key, type, cacheTtl] }]) => {
    const { value, cacheStatus } = await kv.getWithMetadata(key, { type: "text", cacheTtl: cacheTtl ?? undefined });
    if (value === null) return { cache: CACHE[cacheStatus] };
    if (type === "json") JSON.parse(value);
    return { rows: 1, bytes: bytesOf(value), cache: CACHE[cacheStatus], text: () => value };
  },
  [ACTION.KV_GET_MANY]: async (kv, [{ values: [type, cacheTtl, ...keys] }]) => {
    const values = await kv.get(keys, { type: "text", cacheTtl: cacheTtl ?? undefined });
    const found = [...values.values()].filter((value) => value !== null);
    if (type === "json") found.forEach((value) => JSON.parse(value));
    return { rows: found.length, bytes: found.reduce((sum, value) => sum + bytesOf(value), 0) };
  },
  [ACTION.KV_PUT]: (kv, [{ values: [key, value, ttl, metadata] }]) =>
    kv.put(key, value, { expirationTtl: ttl ?? undefined, metadata: json(metadata) }),
  [ACTION.KV_LIST]: async (kv, [{ values: [prefix, limit] }]) => ({
    rows: (await kv.list({ prefix, limit: limit ?? undefined })).keys.length,
  }),
  [ACTION.KV_DELETE]: (kv, [{ values: [key] }]) => kv.delete(key),
  [ACTION.R2_GET]: async (r2, [{ values: [key, offset, length] }], { looks }) => {
    const range = offset === null && length === null ? undefined : { offset: offset ?? undefined, length: length ?? undefined };
    const object = await r2.get(key, { range });
    return object === null ? {} : readBody(object, looks);
  },
  [ACTION.R2_PUT]: async (r2, [{ values: [key, value, type, metadata] }]) => {
    await r2.put(key, value, { httpMetadata: { contentType: type ?? undefined }, customMetadata: json(metadata) });
  },
  [ACTION.R2_MULTIPART]: async (r2, [{ values: [key, value, times, parts, type] }]) => {
    const upload = await r2.createMultipartUpload(key, { httpMetadata: { contentType: type ?? undefined } });
    try {
      const part = new Blob(Array(times).fill(value));
      const uploaded = [];
      while (uploaded.length < parts) uploaded.push(await upload.uploadPart(uploaded.length + 1, part));
      await upload.complete(uploaded);
    } catch (error) {
      await upload.abort().catch((more) => (error.message += `; the upload could not be given up either: ${more.message}`));
      throw error;
    }
  },
  [ACTION.R2_LIST]: async (r2, [{ values: [prefix, limit] }]) => ({
    rows: (await r2.list({ prefix, limit: limit ?? undefined })).objects.length,
  }),
  [ACTION.R2_HEAD]: async (r2, [{ values: [key] }]) => ({ rows: (await r2.head(key)) === null ? 0 : 1 }),
  [ACTION.R2_DELETE]: (r2, [{ values }]) => r2.delete(values),
  [ACTION.DO_CALL]: async (objects, [{ values: [name, method, ...args] }]) => {
    const value = await objects.getByName(name)[method](...args);
    if (value === undefined || value === null) return {};
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return { rows: 1, bytes: bytesOf(text), text: () => text };
  },
  [ACTION.DO_FETCH]: (objects, [{ values: [name, ...request] }], shape) => fetched(objects.getByName(name), request, shape),
  [ACTION.HTTP_FETCH]: (_nothing, [{ values }], shape) => fetched(globalThis, values, shape),
  [ACTION.SERVICE_FETCH]: (service, [{ values }], shape) => fetched(service, values, shape),
};

const UNSEEN = { looked: 0, captures: [] };

async function step(host, effect) {
  const shape = host.shapes[effect.arg1 >>> 16];
  const groups = fillShape(host, effect, shape);
  const bound = host.env[shape.binding];
  const target = shape.session ? bound.withSession(shape.session) : bound;
  const answer = (await steps[effect.arg0](target, groups, shape, host)) ?? {};
  const { looked, captures } = shape.looks ? look(answer, groups.at(-1).values) : UNSEEN;
  const more = answer.more ?? [];
  const payload = writeAnswer(answer, looked);
  if (more.length === 0 && captures.length === 0) return { payload };
  return { arg0: more.length, payload: join(payload, ...more.map((one) => writeAnswer(one, 0)), spans(...captures)) };
}

// --- The object's own storage --------------------------------------------------------------------------------

// Stored values get a buffer of their own: of a view the platform would keep everything that lies behind it.
async function store(host, { reader }) {
  const entries = {};
  while (reader.left > 0) entries[decode(reader.span())] = reader.span().slice();
  // Unconfirmed, since a confirmed write would hold back every call to a target until it is on disk.
  const written = host.storage.put(entries, UNCONFIRMED);
  await Promise.all([written, host.storage.sync()]);
}

async function erase(host, { reader }) {
  if (reader.left === 0) {
    await Promise.all([host.storage.deleteAlarm(), host.storage.deleteAll()]);
    return;
  }
  const keys = [];
  while (reader.left > 0) keys.push(decode(reader.span()));
  await host.storage.delete(keys, UNCONFIRMED);
}

// --- Other objects, the control database, people ---------------------------------------------------------------

async function callObject(host, effect) {
  const { reader } = effect;
  const name = decode(reader.span());
  const locationHint = decode(reader.span()) || undefined;
  // A new stub each time, since one is of no use after an exception.
  const stub = host.env[BINDING[effect.target]].getByName(name, { locationHint });
  const { status, bytes } = await stub.call(reader.rest().slice());
  return { status, payload: bytes };
}

async function sql(host, effect) {
  const { reader } = effect;
  const db = host.env[BINDING[effect.target] ?? decode(reader.span())];
  const groups = readGroups(reader);
  const results = await db.batch(groups.map(({ statement, values }) => db.prepare(SQL[statement]).bind(...values)));
  const sum = (of) => results.reduce((total, { meta }) => total + (meta[of] ?? 0), 0);
  const payload = encode(JSON.stringify(results.map((r) => ({ rows: r.results, changes: r.meta.changes }))));
  return { payload, arg0: sum("rows_read"), arg1: sum("rows_written") };
}

// schedule/zone.h has the layout.  A zone that there is not is a RangeError.
function zoneStretch(_host, { reader }) {
  const { fromS, toS, offsetS, changes } = zone(decode(reader.span()), reader.f64(), reader.f64());
  const bytes = new Uint8Array(24 + 12 * changes.length);
  const view = new DataView(bytes.buffer);
  const putSeconds = (at, seconds) => {
    view.setUint32(at, seconds % 2 ** 32, true);
    view.setInt32(at + 4, Math.floor(seconds / 2 ** 32), true);
  };
  putSeconds(0, fromS);
  putSeconds(8, toS);
  view.setInt32(16, offsetS, true);
  view.setUint32(20, changes.length, true);
  changes.forEach(({ atS, offsetS: nextS }, i) => {
    putSeconds(24 + 12 * i, atS);
    view.setInt32(32 + 12 * i, nextS, true);
  });
  return { payload: bytes };
}

// Of a long body only the beginning is of interest; the rest stays where it is.
async function beginning(body, max) {
  const parts = [];
  let left = max;
  for await (const chunk of body ?? []) {
    parts.push(chunk.subarray(0, left));
    left -= parts.at(-1).length;
    if (left === 0) break;
  }
  return join(...parts);
}

async function fetchOutside(host, effect) {
  const { reader, arg0: limitMs, arg1: max } = effect;
  const [binding, url, method, headers] = [0, 1, 2, 3].map(() => decode(reader.span()));
  const body = reader.left > 0 ? reader.rest().slice() : undefined;
  const init = { method, headers: JSON.parse(headers), body, redirect: "manual", signal: AbortSignal.timeout(limitMs) };
  const response = await (binding ? host.env[binding] : globalThis).fetch(url, init);
  const retryAfter = encode(response.headers.get("retry-after") ?? "");
  return { arg0: response.status, payload: join(spans(retryAfter), await beginning(response.body, max)) };
}

// A socket that takes nothing keeps nothing from the others.  It is closed, so that its viewer comes back and is told what it
// has missed.
function send(sockets, effect) {
  const text = decode(effect.payload);
  const errors = [];
  for (const socket of sockets) {
    try {
      socket.send(text);
    } catch (error) {
      errors.push(error);
      socket.close(SEND_FAILED, "a message could not be sent");
    }
  }
  if (errors.length > 0) throw new Error(`of ${sockets.length} sockets ${errors.length} took nothing: ${errors[0].message}`);
}

function respond(host, effect) {
  const { reader } = effect;
  const headers = JSON.parse(decode(reader.span()));
  const body = reader.left > 0 ? reader.rest().slice() : null;
  host.respond(new Response(body, { status: effect.arg0, headers }));
}

export const perform = {
  [EFFECT.STEP]: step,
  [EFFECT.DEFINE]: (host, e) => void (host.texts[e.arg0] = decode(e.payload)),
  [EFFECT.STORE]: store,
  [EFFECT.ERASE]: erase,
  [EFFECT.SET_ALARM]: (host, e) => host.storage.setAlarm(Math.ceil(e.atUs / 1000), UNCONFIRMED),
  [EFFECT.SLICE_END]: (host) => host.sliceEnd(),
  [EFFECT.CALL_OBJECT]: callObject,
  [EFFECT.REPLY]: (host, e) => host.reply(e.id, { status: e.status, bytes: e.payload.slice() }),
  [EFFECT.SQL]: sql,
  [EFFECT.PUBLISH]: (host, e) => send(host.sockets(), e),
  [EFFECT.SEND]: (host, e) => send(host.sockets(e.target), e),
  [EFFECT.CLOSE]: (host, e) => host.sockets(e.target).forEach((socket) => socket.close(e.arg0, decode(e.payload))),
  [EFFECT.RESPOND]: respond,
  [EFFECT.UPGRADE]: (host, e) => host.upgrade(decode(e.payload)),
  [EFFECT.SHAPE]: (host, e) => void (host.shapes[e.arg0] = readShape(e.reader)),
  [EFFECT.ZONE]: zoneStretch,
  [EFFECT.FETCH]: fetchOutside,
  [EFFECT.LOG]: (_host, e) => console.log(decode(e.payload)),
};
