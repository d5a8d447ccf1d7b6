// What a step looks for in its answer (include/sentinel/base/step.h).  Whether it has to be there is decided in C.
import { LIMIT, LOOK } from "./abi.js";
import { encode } from "./core.js";

// RFC 6901.  A text that is no JSON has nothing at any place.
function find(text, pointer) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  for (const name of pointer.split("/").slice(1)) value = value?.[name.replaceAll("~1", "/").replaceAll("~0", "~")];
  return value;
}

const compared = {
  [LOOK.SAME]: (text, wanted) => text === wanted,
  [LOOK.CONTAINS]: (text, wanted) => text?.includes(wanted),
};

const captured = {
  [LOOK.COLUMN]: ({ row }, name) => row?.[name],
  [LOOK.POINTER]: ({ text }, pointer) => find(text?.(), pointer),
  [LOOK.HEADER]: ({ headers }, name) => headers?.get(name),
  [LOOK.WHOLE]: ({ text }) => text?.(),
};

const asText = (value) => (typeof value === "object" ? JSON.stringify(value) : `${value}`);

// `values` are pairs of a look's kind and what it looks for.
export function look(answer, values) {
  const captures = [];
  let looked = 0;
  for (let i = 0; i < values.length; i += 2) {
    const [kind, wanted] = values.slice(i, i + 2);
    let found;
    if (compared[kind]) {
      found = compared[kind](answer.text?.(), wanted);
    } else {
      const value = captured[kind](answer, wanted) ?? undefined;
      const bytes = value === undefined ? [] : encode(asText(value));
      found = bytes.length > 0;
      captures.push(bytes.length <= LIMIT.CAPTURE ? bytes : []);
    }
    if (found) looked |= 1 << (i / 2);
  }
  return { looked, captures };
}
