import { ROLE } from "./abi.js";
import { MachineObject } from "./object.js";

// Many per run: each sends its share of the load.
export class ShardObject extends MachineObject {
  constructor(ctx, env) {
    super(ctx, env, ROLE.SHARD);
  }
}
