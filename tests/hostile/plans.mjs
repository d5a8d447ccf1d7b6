// The rows of plans.txt and requests.txt, where their form is described: {name, status, code, path, body}, the body as bytes.
import { readFileSync } from "node:fs";

const TOKEN = /%\((\d+):(.*?)%\)|%([0-9A-F]{2}|%)/g;

const times = (count, text) => Array.from({ length: count }, (_, i) => text.replaceAll("%#", i + 1)).join("");

function bytesOf(text) {
  const parts = [];
  let at = 0;
  for (const [whole, count, repeated, byte] of text.matchAll(TOKEN)) {
    const index = text.indexOf(whole, at);
    parts.push(Buffer.from(text.slice(at, index)));
    if (count !== undefined) parts.push(bytesOf(times(Number(count), repeated)));
    else parts.push(Buffer.from(byte === "%" ? "25" : byte, "hex"));
    at = index + whole.length;
  }
  parts.push(Buffer.from(text.slice(at)));
  return Buffer.concat(parts);
}

function linesOf(file) {
  const lines = readFileSync(new URL(file, import.meta.url), "utf8").split("\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}

export function hostilePlans() {
  return linesOf("plans.txt").map((line) => {
    const [, name, status, code, path, body] = /^(.+?) \| (\d+)(?: (\S+) (.+?))? \| (.*)$/.exec(line);
    return { name, status: Number(status), code, path: path && bytesOf(path).toString(), body: bytesOf(body) };
  });
}

// With {method, target} too, and no path where it is "-".
export function hostileRequests() {
  return linesOf("requests.txt").map((line) => {
    const [, name, method, target, status, code, path, body] = /^(.+?) \| (\w+) (\S+) \| ~?(\d+)(?: (\S+) (.+?))? \| (.*)$/.exec(line);
    return { name, method, target: bytesOf(target).toString(), status: Number(status), code, path: path === "-" ? undefined : path, body: bytesOf(body) };
  });
}
