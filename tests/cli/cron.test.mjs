// `sentinel cron`: what it says to people.  Its answers stand beside those of another in croner.test.mjs.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { sentinel } from "./fake.mjs";

async function prints(args, input) {
  const { code, stdout, stderr } = await sentinel(["cron", ...args], { input });
  assert.deepEqual([code, stderr], [0, ""], args.join(" "));
  return stdout;
}

const next = async (...args) => JSON.parse(await prints(["next", ...args]));

async function refuses(args, expected, env) {
  const { code, stdout, stderr } = await sentinel(["cron", ...args], { env });
  assert.deepEqual([code, stdout], [104, ""], args.join(" "));
  assert.match(stderr, expected);
}

// --- What it prints ---------------------------------------------------------------------------------------------

test("the next runs are an array of instants in UTC", async () => {
  const printed = await prints(["next", "0 9 * * MON", "--after", "2026-11-17T10:00:00Z", "--count", "2"]);
  assert.equal(printed, '["2026-11-23T09:00:00Z", "2026-11-30T09:00:00Z"]\n');
});

test("without --after and --count they are the next five from now on", async () => {
  const runs = (await next("* * * * *")).map((text) => Date.parse(text));
  assert.deepEqual(runs.map((run) => run - runs[0]), [0, 60e3, 120e3, 180e3, 240e3]);
  assert.ok(Math.abs(runs[0] - Date.now()) < 62e3);
});

test("--before goes back", async () => {
  assert.deepEqual(await next("0 0 29 2 *", "--before", "2026-01-01T00:00:00Z", "--count", "2"), ["2024-02-29T00:00:00Z", "2020-02-29T00:00:00Z"]);
});

test("there may be fewer than were asked for", async () => {
  assert.deepEqual(await next("0 0 1 1 *", "--after", "9998-06-01T00:00:00Z"), ["9999-01-01T00:00:00Z"]);
  assert.deepEqual(await next("0 0 1 1 *", "--before", "0001-06-01T00:00:00Z"), ["0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z"]);
});

test("the dialects count weekdays from 0 and from 1", async () => {
  const on = (text, dialect) => next(text, "--dialect", dialect, "--after", "2026-11-23T00:00:00Z", "--count", "1");
  assert.deepEqual(await on("0 9 * * 5", "standard"), ["2026-11-27T09:00:00Z"]);
  assert.deepEqual(await on("0 9 * * 5", "cloudflare"), ["2026-11-26T09:00:00Z"]);
});

test("lines from stdin are answered line by line", async () => {
  const { code, stdout, stderr } = await sentinel(["cron", "next", "-", "--after", "2026-01-01T00:00:00Z", "--count", "1"], { input: "@daily\n61 * * * *\n@hourly" });
  assert.equal(stdout, '["2026-01-02T00:00:00Z"]\nnull\n["2026-01-01T01:00:00Z"]\n');
  assert.match(stderr, /^"61 \* \* \* \*" cannot be used: minute, character 1: expected a number from 0 to 59\.\n$/);
  assert.equal(code, 104);
});

test("a line that is too long has one answer", async () => {
  const longest = "0,".repeat(120) + "00 0 * * *"; // 250 bytes
  const lines = [`${"@daily ".padEnd(252)}@hourly`, "* * * * * ".repeat(400), ` ${longest}`, longest, "@daily\0", "@daily\r"];
  const { code, stdout, stderr } = await sentinel(["cron", "next", "-", "--after", "2026-01-01T00:00:00Z", "--count", "1"], { input: lines.join("\n") });
  const daily = '["2026-01-02T00:00:00Z"]';
  assert.deepEqual(stdout.split("\n"), ["null", "null", "null", daily, "null", daily, ""]);
  assert.equal(stderr.match(/a length from 1 to 250/g).length, 3);
  assert.equal(code, 104);
});

test("explain says it in words, with the next runs as they are in UTC and on the clock", async () => {
  const printed = await prints(["explain", "0 4 * * 1-5", "--after", "2026-03-27T12:00:00Z", "--count", "2", "--timezone", "Europe/Berlin"]);
  assert.equal(
    printed,
    "At 04:00 on weekdays.\n\n  2026-03-30T02:00:00Z  Mon 2026-03-30 04:00 Europe/Berlin\n  2026-03-31T02:00:00Z  Tue 2026-03-31 04:00 Europe/Berlin\n",
  );
});

test("what cannot be used is refused with its place", async () => {
  await refuses(["next", "0 24 * * *"], /^"0 24 \* \* \*" cannot be used: hour, character 3: expected a number from 0 to 23\.$/m);
  await refuses(["next", "0 0 30 2 *"], /^"0 0 30 2 \*" would never run: day of month, character 5: expected a day that comes: .*\.$/m);
  await refuses(["explain", "* * * *"], /weekday, character 8: expected five fields/);
  await refuses(["next", "0 0 * * 0", "--dialect", "cloudflare"], /expected a number from 1 \(Sunday\) to 7/);
  await refuses(["next", "@daily", "--dialect", "quartz"], /--dialect: expected standard or cloudflare, got "quartz"/);
  await refuses(["next", "0 0 * * *", "--dialect", "cloudflare", "--timezone", "Europe/Berlin"], /UTC only/);
  await refuses(["next", "@daily", "--after", "tomorrow"], /--after: expected a time/);
  await refuses(["next", "@daily", "--before", "tomorrow"], /--before: expected a time/);
  await refuses(["next", "@daily", "--before", "2026-01-01T00:00:00Z", "--after", "2026-01-01T00:00:00Z"], /exclude each other/);
  await refuses(["next"], /needs next or explain and an expression/);
  await refuses(["later", "@daily"], /needs next or explain and an expression/);
  await refuses(["next", "@daily", "@hourly"], /one argument too many/);
  await refuses(["next", "@daily", "--count", "0"], /--count: expected a whole number from 1/);
});

// --- Zones ------------------------------------------------------------------------------------------------------

test("zones that there are not, or that would lead out of their folder", async () => {
  const zone = (name) => ["next", "@daily", "--timezone", name];
  await refuses(zone("Europe/Berlim"), /there is no zone "Europe\/Berlim" in \/usr\/share\/zoneinfo/);
  for (const name of ["../../etc/passwd", "/etc/localtime", "Europe/../UTC", "zone.tab"])
    await refuses(zone(name), /--timezone: expected a name such as Europe\/Berlin/);
  await refuses(zone("Europe"), /"Europe" is not a zone/);
});

test("without zone data UTC still works, and everything else says what is missing", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sentinel-zones-"));
  try {
    const env = { TZDIR: folder };
    await refuses(["next", "@daily", "--timezone", "Europe/Berlin"], /no time zone data in .*; it comes with the package tzdata/, env);
    const { code } = await sentinel(["cron", "next", "@daily", "--timezone", "UTC"], { env });
    assert.equal(code, 0);
    writeFileSync(join(folder, "Broken"), "TZif2 and nothing more");
    await refuses(["next", "@daily", "--timezone", "Broken"], /"Broken" in .* is not a zone that can be read/, env);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

// What a clock in the zone shows, by Intl.
function clock(timeZone) {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "short" });
  return (iso) => format.format(new Date(iso));
}

test("in every zone a run is when the clock shows its time, but for the times that are skipped", async () => {
  for (const zone of ["Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "America/Sao_Paulo", "Pacific/Apia", "Europe/Dublin", "America/New_York"]) {
    const runs = await next("30 2 * * *", "--timezone", zone, "--after", "2009-12-31T12:00:00Z", "--count", "4000");
    const days = runs.map(clock(zone));
    const shown = days.filter((day) => day.endsWith("02:30")).length;
    assert.ok(shown >= 4000 - 20 && new Set(days.map((day) => day.slice(0, 10))).size >= 3999, `${zone}: ${shown}`);
    for (const day of days) assert.match(day, / 0[23]:[03]0$| 00:00$/, `${zone}: ${day}`); // 00:00: Apia, after the day that it skipped
  }
});

// Sixty years of summer time are two tables.
test("there and back is the same, from table to table", async () => {
  const there = await next("30 2 29 2,3,10 *", "--timezone", "Europe/Berlin", "--after", "1980-01-01T00:00:00Z", "--count", "200");
  const back = await next("30 2 29 2,3,10 *", "--timezone", "Europe/Berlin", "--before", new Date(Date.parse(there.at(-1)) + 1).toISOString(), "--count", "200");
  assert.deepEqual(back.toReversed(), there);
  assert.ok(there.includes("2026-03-29T01:00:00Z"), "the half hour that is skipped");
});
