// Something that make makes, brought up to date: tests that are run by hand never meet an old one.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

export function made(path) {
  const rules = readFileSync(`${root}Makefile`, "utf8").includes("tests/wasm/rules.mk") ? [] : ["-f", "tests/wasm/rules.mk"];
  execFileSync("make", ["-s", "-f", "Makefile", ...rules, path], { cwd: root, stdio: ["ignore", "ignore", "inherit"] });
  return root + path;
}

export const wasmModule = (path) => new WebAssembly.Module(readFileSync(made(path)));
