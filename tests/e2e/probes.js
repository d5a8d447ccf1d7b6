// The probe object of the tests' Workers: who was ever opened is known, so that one can ask what is left in them.
import { ProbeObject as Probe } from "../../worker-shim/index.js";

const opened = new Set();

export class ProbeObject extends Probe {
  constructor(ctx, env) {
    super(ctx, env);
    opened.add(ctx.id.toString());
  }
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
