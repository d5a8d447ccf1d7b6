// Expressions drawn at random: of every form that the standard dialect knows.

// splitmix32, so that each run of a test draws the same.
export function random(seed) {
  return (bound) => {
    seed = (seed + 0x9e3779b9) | 0;
    let x = seed ^ (seed >>> 16);
    x = Math.imul(x, 0x21f0aaad);
    x ^= x >>> 15;
    x = Math.imul(x, 0x735a2d97);
    return Math.floor((((x ^ (x >>> 15)) >>> 0) / 2 ** 32) * bound);
  };
}

export const MONTHS = "JAN feb Mar APR may JUN jul AUG sep OCT NOV dec".split(" ");
export const DAYS = "SUN mon Tue WED thu FRI sat".split(" ");

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
    case 6: return `${ends.map(value).join("-")}/${step}`;
    default: return value(number());
  }
}

function list(draw, ...of) {
  return Array.from({ length: draw(4) === 0 ? 2 + draw(3) : 1 }, () => item(draw, ...of)).join(",");
}

function day(draw) {
  switch (draw(14)) {
    case 0: return "L";
    case 1: return `L,${1 + draw(28)}`;
    case 2: return "LW";
    case 3: return `${1 + draw(31)}W`;
    case 4: return `${1 + draw(31)}w,${1 + draw(31)}`;
    case 5: return `L-${1 + draw(30)}`;
    case 6: return `l-${1 + draw(9)}W`;
    case 7: return [`LW,${1 + draw(28)}`, `L-${1 + draw(9)},${1 + draw(28)}`, `${1 + draw(28)},lw,L`][draw(3)];
    case 8: return "?";
    case 9: case 10: return "*";
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

const MACROS = ["@hourly", "@Daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually"];

export const expression = (draw) =>
  draw(100) === 0
    ? MACROS[draw(MACROS.length)]
    : [list(draw, 0, 59), list(draw, 0, 23), day(draw), list(draw, 1, 12, MONTHS), weekday(draw)].join(" ");

// One that runs every day at times around those at which clocks are changed.
const nightTime = (draw) => {
  const hour = () => draw(5);
  switch (draw(6)) {
    case 0: return `${hour()}-${5 + draw(3)}`;
    case 1: return `${hour()}/${1 + draw(3)}`;
    case 2: return `${hour()},${hour()}`;
    case 3: return draw(4) === 0 ? `${hour()},*` : `*/${1 + draw(3)}`;
    default: return String(draw(6) === 0 ? 23 : hour());
  }
};
export const nightly = (draw) => {
  const minute = ["*", `*/${1 + draw(30)}`, `${draw(30)}/${1 + draw(30)}`, `${draw(30)}-${30 + draw(30)}/${1 + draw(9)}`, `${draw(30)},*`, `${draw(60)},${draw(60)}`];
  return `${draw(2) === 0 ? draw(60) : minute[draw(minute.length)]} ${nightTime(draw)} * * ${draw(4) === 0 ? draw(7) : "*"}`;
};
