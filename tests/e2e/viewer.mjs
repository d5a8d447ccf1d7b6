// A WebSocket client that shows the close frame as soon as it comes.  The local runtime keeps the connection open for
// ten seconds behind it, and clients that wait for its end would tell of the close only then.
import { connect } from "node:net";

const TEXT = 1;
const BYTES = 2;
const CLOSE = 8;

function frame(opcode, payload) {
  const size = payload.length;
  const head = Buffer.alloc(size < 126 ? 2 : size < 65536 ? 4 : 10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (size < 126 ? size : size < 65536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(size, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(size), 2);
  return Buffer.concat([head, Buffer.alloc(4), payload]); // masked with zeros
}

// Takes whole frames off the front of the bytes so far: [{opcode, payload}…] and what is left.
export function frames(bytes) {
  const whole = [];
  while (bytes.length >= 2) {
    const short = bytes[1] & 127;
    const start = short === 127 ? 10 : short === 126 ? 4 : 2;
    if (bytes.length < start) break;
    const size = short === 127 ? Number(bytes.readBigUInt64BE(2)) : short === 126 ? bytes.readUInt16BE(2) : short;
    if (bytes.length < start + size) break;
    whole.push({ opcode: bytes[0] & 15, payload: bytes.subarray(start, start + size) });
    bytes = bytes.subarray(start + size);
  }
  return { whole, rest: bytes };
}

// Opens the live socket of a run and tells of it: onMessage(text) and, once, onEnd({code, reason}) of the close frame;
// code null when the connection ended without one, with the server's first line as the reason where it refused.
export function openViewer(url, id, token, { query = "", onMessage, onEnd }) {
  const socket = connect({ host: url.hostname, port: url.port });
  let bytes = Buffer.alloc(0);
  let upgraded = false;
  const end = (code, reason) => {
    socket.removeAllListeners();
    socket.on("error", () => {});
    socket.destroy();
    onEnd({ code, reason });
  };
  socket.write(
    [
      `GET /api/sentinel/${id}/live${query} HTTP/1.1`,
      `Host: ${url.host}`,
      `Authorization: Bearer ${token}`,
      "Connection: Upgrade",
      "Upgrade: websocket",
      "Sec-WebSocket-Version: 13",
      `Sec-WebSocket-Key: ${Buffer.from("a viewer of runs").toString("base64")}`,
      "",
      "",
    ].join("\r\n"),
  );
  socket.on("data", (data) => {
    bytes = Buffer.concat([bytes, data]);
    if (!upgraded) {
      const head = bytes.indexOf("\r\n\r\n");
      if (head < 0) return;
      const answer = bytes.toString("latin1", 0, bytes.indexOf("\r\n"));
      if (!answer.startsWith("HTTP/1.1 101 ")) return end(null, answer);
      upgraded = true;
      bytes = bytes.subarray(head + 4);
    }
    const { whole, rest } = frames(bytes);
    bytes = rest;
    for (const { opcode, payload } of whole) {
      if (opcode === CLOSE) {
        socket.write(frame(CLOSE, payload));
        return end(payload.readUInt16BE(0), payload.subarray(2).toString());
      }
      if (opcode === TEXT) onMessage(payload.toString());
    }
  });
  socket.on("error", (error) => end(null, error.message));
  socket.on("close", () => end(null, "the connection ended"));
  return {
    send: (data) => socket.write(frame(typeof data === "string" ? TEXT : BYTES, Buffer.from(data))),
    leave: () => end(null, "left"),
  };
}
