// Checks a wasm module: it imports nothing, and it is no larger than a ceiling if one is given.
//   node tools/wasm-check.mjs build/core.wasm [ceiling in bytes]
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [path, ceiling] = process.argv.slice(2);
const bytes = readFileSync(path);
const module = new WebAssembly.Module(bytes);
const imports = WebAssembly.Module.imports(module).map((i) => `${i.module}.${i.name}`);
const functions = WebAssembly.Module.exports(module).filter((e) => e.kind === "function");

if (imports.length > 0) {
  console.error(`${path} must import nothing, but imports ${imports.join(", ")}.`);
  console.error("Something calls into libc further than the core may: no files, clocks or entropy.");
  process.exit(1);
}
if (ceiling !== undefined) {
  console.log(`${path}: ${bytes.length} bytes of at most ${ceiling}, ${gzipSync(bytes).length} gzipped`);
  console.log(`imports: none; functions exported: ${functions.map((f) => f.name).join(", ")}`);
  if (bytes.length > Number(ceiling)) {
    console.error(`${path} is larger than its ceiling.`);
    process.exit(1);
  }
}
