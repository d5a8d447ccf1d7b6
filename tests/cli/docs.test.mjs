// What the pages say: a command in them prints what stands below it, a plan in them can be used, and a link leads somewhere.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = ["README.md", ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];
const texts = new Map(pages.map((page) => [page, readFileSync(join(root, page), "utf8")]));
const blocks = (page) => [...texts.get(page).matchAll(/^```\w*\n(.*?)^```$/gms)].map(([, text]) => text);

// Pairs of a command and what follows it.  A command goes on over lines while a quote or a here-document is open.
function examples(block) {
  const found = [];
  const open = (command) => (command.split("'").length % 2 === 0) || (command.includes("<<END") && !command.endsWith("\nEND"));
  for (const line of block.trimEnd().split("\n")) {
    if (found.length > 0 && open(found.at(-1).command)) found.at(-1).command += `\n${line}`;
    else if (line.startsWith("$ ")) found.push({ command: line.slice(2), printed: [] });
    else found.at(-1)?.printed.push(line);
  }
  return found;
}

const trimmed = (text) => text.replace(/^\n+|\n+$/g, "");

let commands = 0;
for (const page of pages) {
  for (const { command, printed } of blocks(page).flatMap(examples)) {
    commands += 1;
    test(`${page}: ${command.split("\n")[0]}`, () => {
      const said = trimmed(execFileSync("sh", ["-c", command], { cwd: root, encoding: "utf8" }));
      const shown = trimmed(printed.join("\n")); // a page may show the beginning alone
      assert.equal(said.slice(0, shown.length), shown);
    });
  }
}

test("there are commands in the pages", () => assert.ok(commands >= 14, `${commands} were found`));

test("what the pages have make do, it can do", () => {
  const help = execFileSync("make", ["-s", "help"], { cwd: root, encoding: "utf8" });
  const known = [...help.matchAll(/^ {2}([a-z0-9 -]+?) {2,}/gm)].flatMap(([, names]) => names.split(" "));
  const named = [...texts.values()].flatMap((text) => [...text.matchAll(/(?:^|`)make ([a-z-]+)/gm)].map(([, name]) => name));
  assert.ok(named.length >= 10, `${named.length} were found`);
  assert.deepEqual(named.filter((name) => !known.includes(name)), []);
});

test("docs/plan.md: its plans can be used", () => {
  const plans = blocks("docs/plan.md").filter((block) => block.startsWith("{"));
  assert.equal(plans.length, 2);
  for (const plan of plans) execFileSync("build/sentinel", ["plan", "-"], { cwd: root, input: plan });
});

// A block is a plan, a workload, or one operation of a workload that has the keyspaces it names.
test("docs/workloads.md: its plans, workloads and operations can be used", () => {
  const keys = { users: { count: 100, distribution: "uniform" }, posts: { count: 100, distribution: "zipfian:0.99" } };
  const shown = blocks("docs/workloads.md").filter((block) => block.startsWith("{")).map((block) => JSON.parse(block));
  assert.ok(shown.length >= 3, `${shown.length} were found`);
  for (const one of shown) {
    const command = one.profileType ? "plan" : "mix";
    const input = JSON.stringify(one.operation ? { keys, operations: [one] } : one);
    execFileSync("build/sentinel", [command, "-"], { cwd: root, input });
  }
});

for (const page of pages) {
  test(`${page}: its links lead somewhere`, () => {
    for (const [, address] of texts.get(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(address)) continue;
      const [path, heading] = address.split("#");
      const target = path === "" ? page : join(dirname(page), path);
      assert.ok(existsSync(join(root, target)), `${address} is not there`);
      if (heading === undefined) continue;
      const headings = [...texts.get(target).matchAll(/^#+ (.*)$/gm)].map(([, text]) => anchor(text));
      assert.ok(headings.includes(heading), `${target} has no heading #${heading}`);
    }
  });
}

function anchor(heading) {
  return heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-");
}
