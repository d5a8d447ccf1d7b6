// What a report's intervals must be, and two reports beside each other.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { made } from "../made.mjs";

// Every operation that ended is in them once, in the second in which it ended.
export function assertIntervals({ intervals, series, total }) {
  assert.ok(intervals.blocks.length >= 1 && intervals.blocks.length <= 120);
  let all = 0;
  for (const { s, counts } of intervals.blocks) {
    const values = counts.flat().filter((_, i) => i % 2 === 1); // lists are pairs
    const seconds = [...series.completed.slice(s, s + intervals.blockS), ...series.failed.slice(s, s + intervals.blockS)];
    const sum = (numbers) => numbers.reduce((a, b) => a + b, 0), block = sum(values);
    assert.equal(block, sum(seconds), `the block at ${s} s`);
    all += block;
  }
  assert.equal(all, total.completed + total.failed);
}

// What `sentinel compare` says of two reports, and how it ends.
export function compared(before, after, ...options) {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-compared-"));
  try {
    const paths = [before, after].map((report, i) => join(folder, `${i}.json`));
    [before, after].forEach((report, i) => writeFileSync(paths[i], JSON.stringify(report)));
    const { status, stdout, stderr } = spawnSync(made("build/sentinel"), ["compare", ...paths, "--json", ...options], { encoding: "utf8" });
    return { status, stderr, ...(stdout ? JSON.parse(stdout) : {}) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
