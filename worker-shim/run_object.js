import { ROLE } from "./abi.js";
import { MachineObject } from "./object.js";

// One per run: owns it from its creation to its report.
export class RunObject extends MachineObject {
  constructor(ctx, env) {
    super(ctx, env, ROLE.RUN);
  }
}
