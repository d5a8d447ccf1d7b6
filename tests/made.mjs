// Something that make makes, brought up to date: tests that are run by hand never meet an old one.  Once in a process, since
// asking make takes a second, in which nothing else happens here.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const upToDate = new Set();

export function made(path) {
  if (upToDate.has(path)) return root + path;
  const rules = readFileSync(`${root}Makefile`, "utf8").includes("tests/wasm/rules.mk") ? [] : ["-f", "tests/wasm/rules.mk"];
  execFileSync("make", ["-s", "-f", "Makefile", ...rules, path], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  upToDate.add(path);
  return root + path;
}

export const wasmModule = (path) => new WebAssembly.Module(readFileSync(made(path)));
