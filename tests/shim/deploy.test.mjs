// What tools/deploy.sh asks of wrangler, with a wrangler that only remembers which databases there are.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";

const root = new URL("../../", import.meta.url).pathname;
const own = readFileSync(`${root}wrangler.toml`, "utf8");

function deploy(configuration, times = 1) {
  const folder = mkdtempSync(join(tmpdir(), "deploy-"));
  try {
    mkdirSync(join(folder, "there"));
    writeFileSync(join(folder, "wrangler.toml"), configuration);
    writeFileSync(join(folder, "calls"), "");
    writeFileSync(join(folder, "wrangler"), `#!/bin/sh
cd ${folder}
cat >/dev/null && echo "$@" | sed 's/ --config.*//' >>calls
case "$1 $2" in
"d1 info") test -e "there/$3" ;;
"d1 create") test ! -e "there/$3" && touch "there/$3" ;;
esac
`);
    chmodSync(join(folder, "wrangler"), 0o755);
    const env = { PATH: `${folder}:${process.env.PATH}` };
    const calls = () => readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
    let before = 0;
    for (let i = 1; ; i++) {
      execFileSync(`${root}tools/deploy.sh`, ["wrangler.toml"], { cwd: folder, env });
      if (i === times) return calls().slice(before);
      before = calls().length;
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const REST = ["d1 migrations apply DB --remote", "d1 migrations apply TARGET_DB --remote", "deploy"];
const found = (name) => [`d1 info ${name}`];
const made = (name) => [`d1 info ${name}`, `d1 create ${name}`];

test("databases that are not there are created, once", () => {
  assert.deepEqual(deploy(own), [...made("sentinel-control"), ...made("sentinel-target"), ...REST]);
  assert.deepEqual(deploy(own, 3), [...found("sentinel-control"), ...found("sentinel-target"), ...REST]);
});

test("a target of one's own is neither looked for nor created, and nothing takes its place", () => {
  const theirs = own.replace('database_name = "sentinel-target"', 'database_name = "shop"\ndatabase_id = "0f0f0f0f-1111-4222-8333-444444444444"');
  assert.notEqual(theirs, own);
  assert.deepEqual(deploy(theirs), [...made("sentinel-control"), ...REST]);
  const named = own.replace('database_name = "sentinel-target"', "  database_name='shop' # ours");
  assert.deepEqual(deploy(named), [...made("sentinel-control"), ...made("shop"), ...REST]);
});

test("a database that cannot be created ends it before anything is sent", () => {
  assert.throws(() => deploy(own.replaceAll("sentinel-control", "no/such/folder")));
});
