// `sentinel cron`: its answers beside those of croner, which somebody else wrote, and what it says to people.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { Cron } from "croner";
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

// --- Beside croner ----------------------------------------------------------------------------------------------

// splitmix32, so that each run of the test draws the same.
function random(seed) {
  return (bound) => {
    seed = (seed + 0x9e3779b9) | 0;
    let x = seed ^ (seed >>> 16);
    x = Math.imul(x, 0x21f0aaad);
    x ^= x >>> 15;
    x = Math.imul(x, 0x735a2d97);
    return Math.floor((((x ^ (x >>> 15)) >>> 0) / 2 ** 32) * bound);
  };
}

const MONTHS = "JAN feb Mar APR may JUN jul AUG sep OCT NOV dec".split(" ");
const DAYS = "SUN mon Tue WED thu FRI sat".split(" ");

// One item of a field: a value, a range, a step of each kind.  One range in twelve goes on past the field's end.
function item(draw, min, max, names) {
  const number = () => min + draw(max - min + 1);
  const value = (number) => (names !== undefined && draw(3) === 0 ? names[(number - min) % names.length] : String(number));
  const step = 1 + draw(max - min + 1);
  const ends = [number(), number()];
  if (draw(12) > 0) ends.sort((a, b) => a - b);
  switch (draw(10)) {
    case 0: case 1: return "*";
    case 2: return `*/${step}`;
    case 3: return `${number()}/${step}`;
    case 4: case 5: return ends.map(value).join("-");
    case 6: return `${ends.join("-")}/${step}`;
    default: return value(number());
  }
}

function list(draw, ...of) {
  return Array.from({ length: draw(4) === 0 ? 2 + draw(3) : 1 }, () => item(draw, ...of)).join(",");
}

function day(draw) {
  switch (draw(12)) {
    case 0: return "L";
    case 1: return `L,${1 + draw(28)}`;
    case 2: return "LW";
    case 3: return `${1 + draw(31)}W`;
    case 4: return `${1 + draw(31)}w,${1 + draw(31)}`;
    case 5: return `L-${1 + draw(5)}`;
    case 6: return "?";
    case 7: case 8: return "*";
    default: return list(draw, 1, 31);
  }
}

function weekday(draw) {
  const one = () => (draw(2) === 0 ? DAYS[draw(7)] : String(draw(8)));
  switch (draw(10)) {
    case 0: return `${one()}L`;
    case 1: return `${one()}#${1 + draw(5)}`;
    case 2: return `${one()}#${1 + draw(5)},${one()}`;
    case 3: return "?";
    case 4: case 5: case 6: return "*";
    default: return list(draw, 0, 7, DAYS);
  }
}

const expression = (draw) =>
  draw(100) === 0
    ? ["@hourly", "@Daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"][draw(7)]
    : [list(draw, 0, 59), list(draw, 0, 23), day(draw), list(draw, 1, 12, MONTHS), weekday(draw)].join(" ");

const nameValue = (text, names) => {
  const at = names.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  return at < 0 ? Number(text) : at + (names === MONTHS ? 1 : 0);
};

// Whether a field has a range that goes on past its end.
function wraps(field, names = []) {
  return [...field.matchAll(/(\w+)-(\w+)/g)].some(([whole, from, to]) => !/^L/i.test(whole) && nameValue(from, names) > nameValue(to, names));
}

// Where the two differ, and why.  `theirs` is what croner does instead: "refuses", or "differs" for other runs.
const DIFFERENCES = [
  { why: "L-n, days before the last of a month, is not known to croner", theirs: "refuses", is: ([, , day]) => /L-/.test(day) },
  {
    why: "a range that goes on past the end of its field, such as 22-2, is refused by croner; it means 22, 23, 0, 1, 2",
    theirs: "refuses",
    is: ([minute, hour, day, month, weekday]) =>
      wraps(minute) || wraps(hour) || wraps(day) || wraps(month, MONTHS) || wraps(weekday.replace(/-SUN/gi, "-7"), DAYS),
  },
  { why: "7/n, from Sunday to the end of the week, is Sunday; croner takes it for no day", theirs: "differs", is: ([, , , , day]) => /\b7\//.test(day) },
  {
    why: "SUN-SUN is Sunday, like 0-0; croner reads a SUN at a range's end as 7, and so every day",
    theirs: "differs",
    is: ([, , , , day]) => /(SUN|\b0)-SUN/i.test(day),
  },
];

const theirs = (text, after) => {
  try {
    return new Cron(text, { utcOffset: 0, mode: "5-part", sloppyRanges: true }).nextRun(new Date(after))?.toISOString().replace(".000", "") ?? "never";
  } catch {
    return "refuses";
  }
};

test("20,000 expressions run when croner says, or differ for a reason that is listed", async (t) => {
  const draw = random(20261123);
  const seen = new Map(DIFFERENCES.map(({ why }) => [why, 0]));
  let same = 0, refused = 0;
  for (let group = 0; group < 100; group++) {
    const after = new Date(Date.UTC(1990 + draw(80), draw(12), 1 + draw(31), draw(24), draw(60), draw(60))).toISOString();
    const texts = Array.from({ length: 200 }, () => expression(draw));
    const { stdout } = await sentinel(["cron", "next", "-", "--after", after, "--count", "1"], { input: texts.join("\n") });
    const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(lines.length, texts.length);
    for (const [i, text] of texts.entries()) {
      const ours = lines[i] === null ? "refuses" : (lines[i][0] ?? "never");
      const other = theirs(text, after);
      // What never runs we refuse, and croner says so when it is asked.
      if (ours === other || (ours === "refuses" && other === "never")) {
        same += 1;
        refused += Number(ours === "refuses");
        continue;
      }
      const reason = DIFFERENCES.find(({ is }) => is(text.split(" ")));
      assert.ok(reason, `${text} after ${after}: ${ours}, croner: ${other}`);
      assert.equal(other === "refuses" ? "refuses" : "differs", reason.theirs, `${text} after ${after}: ${ours}, croner: ${other}`);
      seen.set(reason.why, seen.get(reason.why) + 1);
    }
  }
  t.diagnostic(`${same} the same, of which ${refused} are refused; ${[...seen].map(([why, count]) => `${count}: ${why}`).join("; ")}`);
  for (const [why, count] of seen) assert.ok(count > 0, `no longer a difference: ${why}`);
  assert.ok(same > 10000, `${same} were the same`);
  assert.ok(refused < 500, `${refused} were refused by both`);
});

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
