// What is written down in two places, against each other.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const listed = new Set([...read("include/sentinel/base/problem.h").matchAll(/"([a-z]+\.[a-z-]+)"/g)].map(([, code]) => code));
const families = [...new Set([...listed].map((code) => code.split(".")[0]))];

// One that is not would be answered under another name.
test("every code in the sources is in the list", () => {
  assert.ok(listed.size >= 40, `${listed.size} codes`);
  const code = new RegExp(`"((?:${families.join("|")})\\.[a-z-]+)"`, "g");
  for (const folder of ["src/json/", "src/plan/", "src/service/", "worker-shim/"]) {
    for (const file of readdirSync(new URL(folder, root)).filter((name) => /\.(c|js)$/.test(name))) {
      for (const [, found] of read(folder + file).matchAll(code)) {
        // The API names tenant and run itself, so nobody can get this one wrong from outside.
        if (found !== "plan.owner") assert.ok(listed.has(found), `${found} in ${folder}${file}`);
      }
    }
  }
});

test("the version is the package's", () => {
  const { version } = JSON.parse(read("package.json"));
  assert.ok(read("include/sentinel/base/version.h").includes(`#define SN_VERSION "${version}"`));
});
