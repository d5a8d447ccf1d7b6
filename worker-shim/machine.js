// The loop around a core: events in, effects performed at once, their outcomes fed back as events.
//
// Feeding is synchronous and never nests: what is fed while effects are being performed waits for its turn.  Once a
// core has trapped its machine is closed, and outcomes that arrive later belong to nobody.
import { EFFECT, EVENT, LIMIT } from "./abi.js";
import { clip, nowUs } from "./core.js";
import { perform } from "./perform.js";

// What an error says, with the flags that the platform puts beside its message.
export function errorText(error) {
  const flags = ["overloaded", "retryable"].filter((flag) => error?.[flag] === true);
  return [`${error?.name ?? "Error"}: ${error?.message ?? error}`, ...flags].join(" ");
}

const failed = (step, id, error) => ({
  kind: step ? EVENT.STEP_FAILED : EVENT.FAILED,
  id,
  payload: clip(errorText(error), LIMIT.ERROR_TEXT),
});

export class Machine {
  #events = [];
  #busy = false;
  #closed = false;
  #asked = 0; // effects whose outcome is still to come

  constructor(core, host) {
    this.core = core;
    this.host = host;
  }

  get idle() {
    return this.#asked === 0;
  }

  // Outcomes that arrive from now on are nobody's.
  close() {
    this.#closed = true;
  }

  feed(...events) {
    if (this.#closed) return;
    for (const event of events) {
      if (!this.core.fits(event)) throw new RangeError(`${event.payload.length} bytes are more than the core takes at once`);
      event.atUs ??= nowUs();
    }
    this.#events.push(...events);
    if (this.#busy) return;
    this.#busy = true;
    try {
      while (this.#events.length > 0) {
        this.core.feed(this.#events.splice(0), (effect) => this.#perform(effect));
      }
    } catch (error) {
      this.#closed = true;
      this.host.trapped(error);
      return;
    } finally {
      this.#busy = false;
    }
    this.host.settled(this);
  }

  #perform(effect) {
    if (effect.id === 0 || effect.kind === EFFECT.REPLY) {
      try {
        Promise.resolve(perform[effect.kind](this.host, effect)).catch((error) => this.#complain(effect, error));
      } catch (error) {
        this.#complain(effect, error);
      }
    } else {
      this.#asked += 1;
      this.#answer(effect);
    }
  }

  async #answer(effect) {
    const { kind, id } = effect;
    const step = kind === EFFECT.STEP;
    let event;
    try {
      event = { kind: step ? EVENT.STEP_DONE : EVENT.DONE, id, ...(await perform[kind](this.host, effect)) };
    } catch (error) {
      event = failed(step, id, error);
    }
    this.#asked -= 1;
    try {
      this.feed(event);
    } catch (error) {
      this.feed(failed(step, id, error));
    }
  }

  #complain(effect, error) {
    console.error(JSON.stringify({ message: "an effect failed", kind: effect.kind, error: errorText(error) }));
  }
}
