// docs/reading-a-report.md explains a report to people: everything that a report has must be on the page.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "node:test";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (path) => readFileSync(`${root}/${path}`, "utf8");
const page = read("docs/reading-a-report.md");

// Words in `code`, also where several stand in one: `validity.lagMs.harness`.
const named = new Set([...page.replace(/^```.*?^```$/gms, "").matchAll(/`([^`\n]+)`/g)].flatMap(([, code]) => code.match(/[A-Za-z][\w.]*/g) ?? []).flatMap((word) => [word, ...word.split(".")]));
for (const [, word] of page.matchAll(/\*\*(p\d+(?:\.\d+)?)\*\*|\*(\w+)\* \(/g)) if (word) named.add(word);

// Every name of a member, wherever it stands; what the data name is not the report's: classes of failures.
function members(value, into = new Map(), path = "$") {
  if (Array.isArray(value)) value.forEach((one) => members(one, into, `${path}[]`));
  else if (value !== null && typeof value === "object") {
    for (const [name, one] of Object.entries(value)) {
      if (!path.endsWith(".errors")) into.set(name, `${path}.${name}`);
      members(one, into, `${path}.${name}`);
    }
  }
  return into;
}

// The page's own report, so that what is tested is what people read about; and those of the report's tests, one of which is in trouble.
const command = page.match(/^\$ (build\/sentinel simulate .* --json) >build\/reading\.json$/m)?.[1];
const reports = {
  "the page's report": () => execFileSync("sh", ["-c", `${command} 2>/dev/null`], { cwd: root, encoding: "utf8", maxBuffer: 1 << 24 }),
  "tests/golden/report/good.json": () => read("tests/golden/report/good.json").replaceAll("\n", ""), // broken for reading
  "tests/golden/report/troubled.json": () => read("tests/golden/report/troubled.json").replaceAll("\n", ""),
};

for (const [name, text] of Object.entries(reports)) {
  test(`${name}: every member is on the page`, () => {
    const all = members(JSON.parse(text()));
    assert.ok(all.size > 60, `${all.size} were found`);
    const missing = [...all].filter(([member]) => !named.has(member)).map(([, path]) => path);
    assert.deepEqual(missing, []);
  });
}

test("every line of the report for people is on the page", () => {
  const text = execFileSync("sh", ["-c", `${command.replace(" --json", "")} 2>/dev/null`], { cwd: root, encoding: "utf8" });
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const missing = lines.filter((line) => !page.includes(line));
  assert.ok(lines.length > 50, `${lines.length} lines`);
  assert.deepEqual(missing, []);
});
