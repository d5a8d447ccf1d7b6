// `sentinel cron` beside croner, which somebody else wrote: the same answers, or a difference of a kind that is known
// exactly (croner.mjs).  With CRONER=write the table of kinds in docs/cron.md is written anew.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { KINDS, ZONE_KINDS, croner, explain, isMixed, listed } from "./croner.mjs";
import { expression, nightly, random } from "./expressions.mjs";
import { sentinel } from "./fake.mjs";

const GROUPS = 200, EACH = 100; // 20,000 pairs of an expression and an instant
const ZONE_GROUPS = 80, ZONE_EACH = 25;

const page = new URL("../../docs/cron.md", import.meta.url);

// Sentinel's answers to many expressions: lists of runs, or "refuses".
async function answers(texts, { at, back = false, zone, count = 1 }) {
  const args = ["cron", "next", "-", back ? "--before" : "--after", at, "--count", String(count), ...(zone ? ["--timezone", zone] : [])];
  const { stdout } = await sentinel(args, { input: texts.join("\n") });
  const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(lines.length, texts.length);
  return lines.map((runs) => runs ?? "refuses");
}

const tally = (kinds) => new Map(kinds.map(({ what }) => [what, { pairs: 0, differ: 0 }]));
const add = (counts, { what }, differs) => {
  counts.get(what).pairs += 1;
  counts.get(what).differ += Number(differs);
};

const counts = tally([...KINDS, ...ZONE_KINDS]);
let same = 0, refused = 0, sameInZones = 0;

// One pair, one direction.  Throws when the two differ in a way that no kind explains.
function compare(text, question, ours) {
  const { kinds, means, says } = explain(text, question);
  const theirs = croner(text, question);
  const place = `${text} ${question.back ? "before" : "after"} ${question.at}: ${ours}, croner: ${theirs}`;
  // What never comes is refused here; croner takes it and never runs.
  assert.equal(ours === "refuses" && means === "never" ? "never" : ours, means, `${place}, to what is meant: ${means}`);
  if (says !== null) assert.equal(theirs, says, `${place} is not what the kind says of croner: ${says}`);
  if (ours !== "refuses") for (const kind of kinds) add(counts, kind, theirs !== ours);
  if (theirs === means) same += 1;
  refused += Number(ours === "refuses");
}

test("20,000 pairs of an expression and an instant, there and back: the same runs, or a difference of a known kind", async (t) => {
  const draw = random(20261123);
  for (let group = 0; group < GROUPS; group++) {
    const at = new Date(Date.UTC(1990 + draw(80), draw(12), 1 + draw(31), draw(24), draw(60), draw(60))).toISOString();
    const texts = Array.from({ length: EACH }, () => expression(draw));
    for (const back of [false, true]) {
      const runs = await answers(texts, { at, back });
      for (const [i, text] of texts.entries()) compare(text, { at, back }, runs[i] === "refuses" ? "refuses" : (runs[i][0] ?? "never"));
    }
  }
  t.diagnostic(`${2 * GROUPS * EACH} answers, ${same} the same, ${refused} of what never comes`);
  for (const { what } of KINDS) {
    const { pairs, differ } = counts.get(what);
    t.diagnostic(`${what}: ${pairs} answers, ${differ} differ`);
    assert.ok(differ > 0, `no longer a difference: ${what}`);
  }
  for (const { what, does } of KINDS) {
    if (does === "refuses") assert.equal(counts.get(what).differ, counts.get(what).pairs, `${what} is no longer refused by croner`);
  }
  assert.ok(same > GROUPS * EACH && refused < GROUPS * EACH / 20);
});

// --- In zones ---------------------------------------------------------------------------------------------------

const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Pacific/Apia", "America/St_Johns", "Europe/Dublin", "America/Nuuk"];

// Where a day is left out, and where its last hour is.
const BETWEEN_DAYS = [["Pacific/Apia", [Date.UTC(2011, 11, 30, 10)]], ["America/Nuuk", [Date.UTC(2024, 2, 31, 1)]]];

// What the clock shows at an instant, as if it were UTC.
function wall(zone, ms) {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return Date.parse(`${format.format(new Date(ms)).replace(" ", "T")}Z`);
}

// Whether a run stands at the end of a gap that leads into another day and has skipped a time of the expression.
function endsGapOfDays(text, zone, run) {
  const [from, to] = [wall(zone, Date.parse(run) - 60e3), wall(zone, Date.parse(run))];
  if (to - from === 60e3 || Math.floor(from / 864e5) === Math.floor(to / 864e5)) return false;
  const skipped = Date.parse(croner(text, { at: new Date(from).toISOString() }));
  return skipped > from && skipped < to;
}

function compareInZone(text, question, [ours = "never", beyond = "never"]) {
  const fields = text.split(" ");
  const theirs = croner(text, question);
  const mixed = isMixed(fields);
  const means = mixed ? croner(listed(fields), question) : theirs;
  const place = `${text} in ${question.zone} ${question.back ? "before" : "after"} ${question.at}: ${ours}, croner: ${theirs}`;
  if (mixed) {
    assert.equal(theirs, croner(listed(fields, true), question), `${place}: not as one that follows real time`);
    add(counts, ZONE_KINDS[0], theirs !== means);
  }
  if (ours !== means) {
    assert.ok(endsGapOfDays(text, question.zone, ours), `${place}, to what is meant: ${means}`);
    assert.equal(beyond, means, place);
    add(counts, ZONE_KINDS[1], true);
  }
  sameInZones += Number(ours === theirs);
}

test("2,000 pairs around the moments at which clocks are changed, in eight zones, there and back", async (t) => {
  const draw = random(20261127);
  const changes = new Map();
  for (const zone of ZONES) {
    const { stdout } = await sentinel(["cron", "zone", zone, "--after", "1995-01-01T00:00:00Z", "--count", "60"]);
    changes.set(zone, JSON.parse(stdout).filter(({ at }) => at < "2026").map(({ at }) => Date.parse(at)));
    assert.ok(changes.get(zone).length > 0, zone);
  }
  for (let group = 0; group < ZONE_GROUPS; group++) {
    const [zone, moments] = group % 8 === 0 ? BETWEEN_DAYS[draw(2)] : [...changes][draw(ZONES.length)];
    const at = new Date(moments[draw(moments.length)] + (draw(36 * 60) - 18 * 60) * 60e3).toISOString();
    const texts = Array.from({ length: ZONE_EACH }, () => nightly(draw));
    for (const back of [false, true]) {
      const runs = await answers(texts, { at, back, zone, count: 2 });
      for (const [i, text] of texts.entries()) compareInZone(text, { at, back, zone }, runs[i]);
    }
  }
  t.diagnostic(`${2 * ZONE_GROUPS * ZONE_EACH} answers, ${sameInZones} the same`);
  for (const { what } of ZONE_KINDS) {
    const { pairs, differ } = counts.get(what);
    t.diagnostic(`${what}: ${pairs} answers, ${differ} differ`);
    assert.ok(differ > 0, `no longer a difference: ${what}`);
  }
  assert.ok(sameInZones > ZONE_GROUPS * ZONE_EACH);
});

// --- The page ---------------------------------------------------------------------------------------------------

test("each kind's example is as the table says", async () => {
  for (const { what, example: [text, at, ours, theirs, zone] } of [...KINDS, ...ZONE_KINDS]) {
    assert.deepEqual(await answers([text], { at, zone }), [[ours]], what);
    assert.equal(croner(text, { at, zone }), theirs, what);
  }
});

const cell = (text) => (text === "refuses" || text === "never" ? text : `\`${text}\``);

function table() {
  const rows = [...KINDS, ...ZONE_KINDS].map(({ what, why, example: [text, at, ours, theirs, zone] }) => {
    const { pairs, differ } = counts.get(what);
    return `| ${what} | ${why} | \`${text}\` after \`${at}\`${zone ? ` in ${zone}` : ""} | ${cell(ours)} | ${cell(theirs)} | ${differ} of ${pairs} |`;
  });
  return [
    `Of ${2 * GROUPS * EACH} answers in UTC ${same} are the same, and of ${2 * ZONE_GROUPS * ZONE_EACH} around changes of clocks ${sameInZones}. All others are of these kinds:`,
    "",
    "| kind | why Sentinel reads it so | example | Sentinel | croner | differ |",
    "|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

test("docs/cron.md has the table of kinds as it is", () => {
  const text = readFileSync(page, "utf8");
  const [, before, shown, after] = /^(.*<!-- croner -->\n)(.*)(\n<!-- \/croner -->.*)$/s.exec(text);
  if (process.env.CRONER === "write") writeFileSync(page, before + table() + after);
  else assert.equal(shown, table());
});
