// When a zone's clocks are changed, found from Intl, which only says what they show at one moment.
const STEP_S = 3 * 86400; // the shortest time until a clock was set back again is a week less an hour, as in Recife in 2000
const CHANGES_MAX = 64; // as in include/sentinel/schedule/zone.h

// A function from a moment to local time minus UTC, in seconds both.  Throws RangeError for a zone that there is not.
export function offsetIn(timeZone) {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone, hourCycle: "h23", era: "short", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  return (atS) => {
    const shown = Object.fromEntries(format.formatToParts(atS * 1000).map(({ type, value }) => [type, value]));
    const year = shown.era === "BC" ? 1 - shown.year : Number(shown.year);
    const wall = new Date(Date.UTC(2000, shown.month - 1, shown.day, shown.hour, shown.minute, shown.second));
    wall.setUTCFullYear(year, shown.month - 1, shown.day); // Date.UTC takes the year 50 for 1950
    return wall.getTime() / 1000 - atS;
  };
}

// What the core asks for: the offset at `fromS`, and the changes until `toS`, which is earlier when there are too many.
export function zone(name, fromS, toS) {
  const offset = offsetIn(name);
  const answer = { fromS, toS, offsetS: offset(fromS), changes: [] };
  let atS = fromS, offsetS = answer.offsetS;
  while (atS < toS - 1) {
    const nextS = Math.min(atS + STEP_S, toS - 1);
    if (offset(nextS) === offsetS) {
      atS = nextS;
      continue;
    }
    let low = atS, high = nextS; // the same offset at low, another one at high
    while (high - low > 1) {
      const middle = low + Math.floor((high - low) / 2);
      if (offset(middle) === offsetS) low = middle;
      else high = middle;
    }
    if (answer.changes.length === CHANGES_MAX) return { ...answer, toS: high };
    [atS, offsetS] = [high, offset(high)];
    answer.changes.push({ atS, offsetS });
  }
  return answer;
}
