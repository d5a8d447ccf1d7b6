// What a shard's memory is made of, and that its machine may lie over constants that no shard reads.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { shardParts } from "../bench/memory.mjs";
import { made, root } from "../made.mjs";

test("a shard takes at most 512 KiB", () => {
  const { all } = shardParts();
  assert.ok(all <= 512, `${all} KiB`);
});

// A shard's machine begins where the constants begin that no shard reads, and lies over all that follows.  So nothing that
// a shard can come to may be there: linked alone it has other constants only, and no variables.
test("nothing of what a shard can come to lies where its machine is", () => {
  made("build/tests/shard_alone.wasm");
  const map = readFileSync(`${root}build/tests/shard_alone.map`, "utf8");
  const sections = [...map.matchAll(/^ +(?:[0-9a-f]+|-) +[0-9a-f]+ +[0-9a-f]+ (\S+)$/gm)].map(([, name]) => name);
  assert.ok(sections.includes("CODE") && sections.includes(".rodata"), `the map reads otherwise: ${sections}`);
  assert.deepEqual(sections.filter((name) => /^(\.data|\.bss|\.tdata|sn_)/.test(name)), []);
});

test("what no shard reads is there, and is the end of the constants", () => {
  const map = linked();
  const at = (name) => {
    const row = map.find((row) => row.name === name);
    assert.ok(row !== undefined, `there is no section ${name}`);
    return row.at;
  };
  assert.ok(map.find(({ name }) => name === "sn_not_for_shards").size > 30_000);
  for (const name of [".rodata", ".data", "sn_core"].filter((name) => map.some((row) => row.name === name)))
    assert.ok(at(name) < at("sn_not_for_shards"), `${name} lies behind it`);
});

// The sections of data of the module, as the linker has laid them out.
function linked() {
  made("build/tests/named.wasm");
  const map = readFileSync(`${root}build/tests/named.map`, "utf8");
  return [...map.matchAll(/^ +([0-9a-f]+) +[0-9a-f]+ +([0-9a-f]+) ([.a-z_]+)$/gm)].map(([, at, size, name]) => ({ name, at: parseInt(at, 16), size: parseInt(size, 16) }));
}

// The page is written by hand; texts come and go, so what they take may be off by a few KiB.
test("docs/architecture.md says what a shard's memory is made of", () => {
  const page = readFileSync(`${root}docs/architecture.md`, "utf8");
  const rows = [...page.matchAll(/^\| ([^|]+?) \| ([\d,]+) KiB \|$/gm)].map(([, name, kib]) => [name, Number(kib)]);
  const { parts, all } = shardParts();
  const measured = { ...parts, "in all": all };
  assert.deepEqual(rows.map(([name]) => name), Object.keys(measured));
  for (const [name, kib] of rows) assert.ok(Math.abs(measured[name] - kib) <= 4, `${name}: ${kib} KiB on the page, ${measured[name].toFixed(1)} measured`);
});
