// The probe object of the tests' Workers: who was ever opened is known, so that one can ask what is left in them; and it can
// be made to go wrong, as an application's objects may:
//   forgets   each seventh put is answered and not kept
//   crosses   each seventh put is kept by another object too, that of the next number
//   races     a toggle looks, waits for something else, and writes what it had meant to
import { ProbeObject as Probe } from "../../worker-shim/index.js";

const opened = new Set();
let fault = null;
let puts = 0;

export class ProbeObject extends Probe {
  constructor(ctx, env) {
    super(ctx, env);
    opened.add(ctx.id.toString());
  }

  async put(key, value) {
    const struck = /_\d/.test(key) && ++puts % 7 === 0;
    if (fault === "forgets" && struck) return;
    if (fault === "crosses" && struck) await this.env.PROBES.getByName(this.ctx.id.name.replace(/\d+$/, (n) => (Number(n) + 1) % 5)).keep(key, value);
    this.keep(key, value);
  }

  keep(key, value) {
    super.put(key, value);
  }

  // All users under one key, as an object might keep them.
  async toggle(user) {
    if (fault !== "races") return super.toggle(user);
    const users = this.get("users") ?? [];
    await scheduler.wait(5);
    const there = !users.includes(user);
    super.put("users", there ? [...users, user] : users.filter((one) => one !== user));
    return there;
  }

  // Whoever calls it meanwhile waits, as for an object that is busy with itself.
  standStill(ms) {
    return this.ctx.blockConcurrencyWhile(() => scheduler.wait(ms));
  }

  count(prefix) {
    return fault === "races" && prefix === "user_" ? (this.get("users") ?? []).length : super.count(prefix);
  }
}

export function goWrong(how) {
  fault = how;
}

// Of each object that keeps something how many keys it keeps, by its id.
export async function kept({ PROBES }) {
  const all = {};
  for (const id of [...opened].sort()) {
    const keys = await PROBES.get(PROBES.idFromString(id)).count("");
    if (keys > 0) all[id] = keys;
  }
  return Response.json(all);
}
