// Where croner, the npm package, reads an expression in another way than Sentinel's standard dialect, kind by kind.
//
// Each kind is exact: it says in words that both understand what Sentinel means (`means`), and what croner takes it for
// (`taken`, of the kinds that croner does not refuse).  So an answer is explained by an answer of croner's, and not by a
// resemblance of the text.
import { Cron } from "croner";
import { DAYS, MONTHS } from "./expressions.mjs";

const FIELDS = [
  { min: 0, size: 60 },
  { min: 0, size: 24 },
  { min: 1, size: 31 },
  { min: 1, size: 12, names: MONTHS },
  { min: 0, size: 7, names: DAYS },
];
const DAY = 2, MONTH = 3, WEEKDAY = 4;

// --- What croner answers ----------------------------------------------------------------------------------------

const OPTIONS = { sloppyRanges: true, fixedTimeRule: "no-wildcard" };

const iso = (date) => date?.toISOString().replace(".000", "") ?? "never";

// Its answer to five fields, or to seven with seconds and years; "refuses" when it does.
export function croner(text, { at, back = false, zone }) {
  const options = { ...OPTIONS, mode: text.split(" ").length === 7 ? "7-part" : "5-part", ...(zone ? { timezone: zone } : { utcOffset: 0 }) };
  let cron;
  try {
    cron = new Cron(text, options);
  } catch {
    return "refuses";
  }
  return iso(back ? cron.previousRuns(1, new Date(at))[0] : cron.nextRun(new Date(at)));
}

// The nearest of several answers.
function nearest(texts, question) {
  const all = texts.map((text) => croner(text, question));
  if (all.includes("refuses")) return "refuses";
  const runs = all.filter((run) => run !== "never").sort();
  return (question.back ? runs.at(-1) : runs[0]) ?? "never";
}

// --- The items of a field ---------------------------------------------------------------------------------------

const valueOf = (text, { names, min }) => {
  const at = names?.findIndex((name) => name.toLowerCase() === text.toLowerCase()) ?? -1;
  return at < 0 ? Number(text) : at + min;
};

// A range whose step is larger than its field is refused by both, so it is of no kind.
const split = (text, field) => text.split(",").map((item) => {
  const [, from, to, step = 1] = /^([a-z]+|\d+)-([a-z]+|\d+)(?:\/(\d+))?$/i.exec(item) ?? [];
  return from === undefined || /^L/i.test(from) || step > FIELDS[field].size ? { item } : { item, from, to, step: Number(step) };
});

// A range that goes on past its field's end, as the numbers that it has; of weekdays 7 begins a week as 0 does.
function wrapped({ item, from, to, step }, field) {
  if (from === undefined) return null;
  const { min, size } = FIELDS[field];
  const [first, last] = [valueOf(from, FIELDS[field]), valueOf(to, FIELDS[field])];
  if (first <= last || (field === WEEKDAY && /^sun$/i.test(to))) return null; // a SUN at a range's end is 7 to croner
  const begin = first === min + size ? min : first;
  const end = begin <= last ? last : last + size;
  return Array.from({ length: Math.floor((end - begin) / step) + 1 }, (_, i) => begin + i * step).map((n) => (n < min + size ? n : n - size)).join(",");
}

const isToSunday = ({ from, to }) => from !== undefined && /^(SUN|0)$/i.test(from) && /^SUN$/i.test(to);
const isSeventh = ({ item }) => /^7\/[1-7]$/.test(item);
const isBeforeLast = ({ item }) => /^L-\d+W?$/i.test(item);
const isListedLast = ({ item }, list) => /^LW$/i.test(item) && list.length > 1;

// Rewrites the items of fields; an item that becomes "" is left out.
const rewrite = (fields, how) => fields.map((text, field) => {
  const items = split(text, field);
  const left = items.map((one) => how(one, field, items) ?? one.item).filter((item) => item !== "").join(",");
  return left === "*" && text !== "*" ? `*,${FIELDS[field].min}` : left; // a star that was in a list still restricts its field
});

// --- The kinds --------------------------------------------------------------------------------------------------

const has = (of, is) => (fields) => fields.some((text, field) => (of === undefined || of === field) && split(text, field).some((one, _, list) => is(one, list, field)));

// `does` is what croner does instead.  The examples are asserted, and stand in docs/cron.md.
export const KINDS = [
  {
    what: "a range past the end of its field",
    why: "22-2 is five hours, as in both of Sentinel's dialects and in words; the alternative would be to refuse what can be meant in one way only",
    does: "refuses",
    is: has(undefined, (one, _, field) => wrapped(one, field) !== null),
    example: ["0 22-2 * * *", "2026-03-01T23:30:00Z", "2026-03-02T00:00:00Z", "refuses"],
  },
  {
    what: "`L-n` and `L-nW`",
    why: "days counted from a month's end, as the dialect of cron triggers has them",
    does: "refuses",
    is: has(DAY, isBeforeLast),
    example: ["0 0 L-2 * *", "2026-02-01T00:00:00Z", "2026-02-26T00:00:00Z", "refuses"],
  },
  {
    what: "`LW` in a list",
    why: "a list is the union of its items, and croner takes `L` in one",
    does: "refuses",
    is: has(DAY, isListedLast),
    example: ["0 0 1,LW * *", "2026-01-02T00:00:00Z", "2026-01-30T00:00:00Z", "refuses"],
  },
  {
    what: "`7/n`",
    why: "7 is Sunday, and the week ends there, so it is Sunday alone; to croner it is no day at all",
    does: "differs",
    is: has(WEEKDAY, isSeventh),
    example: ["0 0 * * 7/2", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z", "never"],
  },
  {
    what: "`SUN-SUN`, `0-SUN`",
    why: "from Sunday to Sunday is Sunday, as `MON-MON` is Monday; croner reads a `SUN` at a range's end as 7, and so every day",
    does: "differs",
    is: has(WEEKDAY, isToSunday),
    example: ["0 0 * * SUN-SUN", "2026-03-02T00:00:00Z", "2026-03-08T00:00:00Z", "2026-03-03T00:00:00Z"],
  },
];

const YEARS = Array.from({ length: 260 }, (_, i) => 1900 + i);
const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
// Months of one length, with the years in which they have it.
const LENGTHS = [
  { len: 31, months: [1, 3, 5, 7, 8, 10, 12], years: "*" },
  { len: 30, months: [4, 6, 9, 11], years: "*" },
  { len: 29, months: [2], years: YEARS.filter(isLeap).join(",") },
  { len: 28, months: [2], years: YEARS.filter((year) => !isLeap(year)).join(",") },
];

// The numbers that a field without L, W and # has.
function numbers(text, field) {
  const { min, size } = FIELDS[field];
  return [...new Set(text.split(",").flatMap((item) => {
    const [range, step] = item.split("/");
    const [from, to] = range === "*" ? [min, min + size - 1] : range.split("-").map((end) => valueOf(end, FIELDS[field]));
    const last = to ?? (step === undefined ? from : min + size - 1);
    return Array.from({ length: Math.floor((last - from) / Number(step ?? 1)) + 1 }, (_, i) => from + i * Number(step ?? 1));
  }))].sort((a, b) => a - b);
}

// What Sentinel means, as expressions that croner knows: it runs whenever one of them does.
function meant(fields) {
  const plain = rewrite(fields, (one, field) => {
    if (field === WEEKDAY && isSeventh(one)) return "7";
    if (field === WEEKDAY && isToSunday(one)) return "0";
    return wrapped(one, field);
  });
  const [minute, hour, , month, weekday] = plain;
  const days = split(plain[DAY], DAY);
  const special = days.filter((one) => isBeforeLast(one) || isListedLast(one, days));
  if (special.length === 0) return [plain.join(" ")];
  const texts = [];
  const rest = days.filter((one) => !special.includes(one)).map(({ item }) => item);
  const with_ = (day, months, years) => texts.push(`0 ${minute} ${hour} ${day} ${months} ${weekday} ${years}`);
  if (rest.length > 0) with_(`${rest},${rest[0]}`, month, "*"); // a list, so that it restricts the field
  if (!/^[*?]$/.test(weekday)) with_("*", month, "*"); // either day field may match, also where the other names no day
  for (const { item } of special) {
    const [, before, near] = /^L(?:-(\d+))?(W?)$/i.exec(item);
    if (before === undefined) with_("LW", month, "*");
    else for (const { len, months, years } of LENGTHS) {
      const here = months.filter((one) => numbers(month, MONTH).includes(one));
      if (here.length > 0 && before < len) with_(`${len - before}${near}`, here.join(","), years);
    }
  }
  return texts;
}

// What croner takes it for: 7/n names no day, SUN-SUN all seven.
function taken(fields) {
  const [minute, hour, day, month, weekday] = rewrite(fields, (one, field) => {
    if (field === WEEKDAY && isSeventh(one)) return "";
    return field === WEEKDAY && isToSunday(one) ? `0-6/${one.step}` : null;
  });
  if (weekday !== "") return `${minute} ${hour} ${day} ${month} ${weekday}`;
  return /^[*?]$/.test(day) ? null : `${minute} ${hour} ${day} ${month} *`; // no weekday is left to it
}

// The kinds that an expression is of, what croner says to what Sentinel means, and what it should say to the text itself.
export function explain(text, question) {
  const fields = text.split(" ");
  const kinds = KINDS.filter(({ is }) => is(fields));
  if (kinds.length === 0) return { kinds, means: croner(text, question), says: null };
  if (kinds.some(({ does }) => does === "refuses")) return { kinds, means: nearest(meant(fields), question), says: "refuses" };
  const misread = taken(fields);
  return { kinds, means: nearest(meant(fields), question), says: misread === null ? "never" : croner(misread, question) };
}

// --- Where clocks are changed -----------------------------------------------------------------------------------

// Both run what has no star in minute and hour once when its time comes twice, and after the gap when it is skipped.
// They differ in what has one: Sentinel goes by Vixie's rule, by which the field begins with it; croner by any star or step.
export const ZONE_KINDS = [
  {
    what: "a step or star behind a number, such as `0/15` or `5,*`, in a zone",
    why: "Vixie's rule, by which only a minute or hour field that begins with `*` follows real time; `0/15` is 0,15,30,45, and both run that list alike",
    example: ["10/20 2 * * *", "2026-03-29T00:30:00Z", "2026-03-29T01:00:00Z", "2026-03-30T00:10:00Z", "Europe/Berlin"],
  },
  {
    what: "a gap that leads into another day",
    why: "what is skipped runs when the clock has skipped it, also where that is past midnight; croner leaves such a day out",
    example: ["30 23 * * *", "2024-03-30T12:00:00Z", "2024-03-31T01:00:00Z", "2024-04-01T00:30:00Z", "America/Nuuk"],
  },
];

export const isFixed = ([minute, hour]) => !/^\*/.test(minute) && !/^\*/.test(hour);
export const isMixed = (fields) => isFixed(fields) && /[*/]/.test(fields[0] + fields[1]);

// Minute and hour as lists of numbers; with a step that leads nowhere croner takes them for what follows real time.
export const listed = (fields, stepped = false) =>
  fields.map((text, field) => (field < 2 ? numbers(text, field).join(",") + (stepped ? `/${FIELDS[field].size}` : "") : text)).join(" ");
