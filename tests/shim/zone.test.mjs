// The changes that the shim finds by bisection are those that the system's zone files have.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { offsetIn, zone } from "../../worker-shim/zone.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const FROM = "2000-01-01T00:00:00Z";
const seconds = (iso) => Date.parse(iso) / 1000;
const TO_S = seconds("2060-01-01T00:00:00Z");

const ZONES = [
  "UTC", "Asia/Kolkata", "Asia/Kathmandu", "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/St_Johns",
  "Africa/Casablanca", "Africa/Cairo", "Asia/Gaza", "Asia/Tehran", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll",
];

// As the core asks: on from where an answer ended.
function changesOf(name) {
  const changes = [];
  for (let fromS = seconds(FROM); fromS < TO_S; ) {
    const answer = zone(name, fromS, TO_S);
    assert.ok(answer.changes.length <= 64 && answer.toS > fromS);
    assert.ok(answer.toS === TO_S || answer.changes.length === 64);
    changes.push(...answer.changes);
    fromS = answer.toS - (answer.toS < TO_S ? 1 : 0);
  }
  return changes;
}

for (const name of ZONES) {
  test(`${name} from 2000 to 2060`, () => {
    const printed = execFileSync("build/sentinel", ["cron", "zone", name, "--after", FROM, "--count", "400"], { cwd: root });
    const expected = JSON.parse(printed).map(({ at, offsetSeconds }) => ({ atS: seconds(at), offsetS: offsetSeconds }));
    assert.deepEqual(changesOf(name), expected.filter(({ atS }) => atS < TO_S));
  });
}

test("a table begins with the offset of its beginning", () => {
  assert.equal(zone("Europe/Berlin", seconds("2026-07-01T00:00:00Z"), seconds("2026-08-01T00:00:00Z")).offsetS, 7200);
  assert.equal(offsetIn("America/New_York")(seconds("2026-01-01T00:00:00Z")), -18000);
  assert.equal(offsetIn("UTC")(seconds("0050-02-28T12:00:00Z")), 0);
});

test("a change in the last second before the end is found, and one at the end is not", () => {
  const change = seconds("2026-03-29T01:00:00Z");
  assert.deepEqual(zone("Europe/Berlin", change - 10, change + 1).changes, [{ atS: change, offsetS: 7200 }]);
  assert.deepEqual(zone("Europe/Berlin", change - 10, change).changes, []);
});

test("a zone that there is not is an error", () => assert.throws(() => zone("Europe/Berlim", 0, 1), RangeError));
