// A Worker that performs single steps on its bindings, as a shard would: the core compiles, renders and judges them
// (steps.c), the shim performs.  Not a run: nothing is due, counted or cleaned up.
//   POST /steps {"workload": {…}, "k": 1}   every step of every operation, in turn: what each answered, and how it was judged
//   GET /probes                             how many keys each probe object keeps that keeps any
//   anything else                           what is asked by HTTP: GET /echo?status=201&location=/x, and the body comes back
import wasm from "../../build/tests/steps.wasm";
import { ANSWER, EFFECT } from "../../worker-shim/abi.js";
import { decode, eachEffect, encode, Reader } from "../../worker-shim/core.js";
import { errorText } from "../../worker-shim/machine.js";
import { perform } from "../../worker-shim/perform.js";
import { kept } from "./probes.js";

export { RunObject, ShardObject } from "../../worker-shim/index.js";
export { ProbeObject } from "./probes.js";

const CLASSES = ["client", "throttled", "transient", "platform", "timeout", "data", "harness"];

class Steps {
  constructor(workload, env) {
    this.wasm = new WebAssembly.Instance(wasm).exports;
    this.bytes = new Uint8Array(this.wasm.memory.buffer);
    this.view = new DataView(this.wasm.memory.buffer);
    this.at = this.wasm.steps_text();
    const block = this.wasm.steps_block();
    const payload = (offset, length) => this.bytes.slice(block, block + this.wasm.steps_payload(offset, length));
    this.host = { env, texts: [], shapes: [], machine: { core: { payload } } };
    const wrong = this.wasm.steps_workload(this.write(encode(JSON.stringify(workload))));
    if (wrong > 0) throw new Error(decode(this.bytes.subarray(this.at, this.at + wrong)));
    this.each(this.wasm.steps_define(), (effect) => perform[effect.kind](this.host, effect));
  }

  write(bytes) {
    this.bytes.set(bytes, this.at);
    return bytes.length;
  }

  each(length, of) {
    eachEffect(this.bytes, this.view, this.at, this.at + length, of);
  }

  async perform(kind, step, k) {
    let answer;
    this.each(this.wasm.steps_put(kind, step, k, Date.now() * 1000), (effect) => {
      const outcome = perform[effect.kind](this.host, effect);
      if (effect.kind === EFFECT.STEP) answer = outcome;
    });
    try {
      return this.judge(kind, step, await answer);
    } catch (error) {
      return { error: errorText(error), verdict: CLASSES[this.wasm.steps_class(this.write(encode(errorText(error))))] };
    }
  }

  judge(kind, step, { payload, arg0 = 0 }) {
    const end = (1 + arg0) * ANSWER.SIZE;
    this.write(payload.subarray(0, end));
    const verdict = CLASSES[this.wasm.steps_judge(kind, step, arg0)] ?? "ok";
    const view = new DataView(this.bytes.buffer, this.at);
    const numbers = ["rows", "bytes", "status"].map((name) => [name, view.getUint32(ANSWER[name], true)]);
    const reader = new Reader(payload.subarray(end));
    const captured = [];
    while (reader.left > 0) captured.push(decode(reader.span()));
    return { ...Object.fromEntries(numbers.filter(([, value]) => value > 0)), ...(captured.length > 0 && { captured }), verdict };
  }

  async all(k) {
    const answers = [];
    for (let kind = 0; this.wasm.steps_count(kind) > 0; kind++) {
      for (let step = 0; step < this.wasm.steps_count(kind); step++) answers.push(await this.perform(kind, step, k));
    }
    return answers;
  }
}

async function echo(request, url) {
  const status = Number(url.searchParams.get("status") ?? 200);
  const headers = { "x-method": request.method, "x-asked": request.headers.get("x-asked") ?? "" };
  if (url.searchParams.has("location")) headers.location = url.searchParams.get("location");
  const body = [204, 304].includes(status) ? null : await request.text();
  return new Response(body, { status, headers });
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    if (url.pathname !== "/steps") return echo(request, url);
    const { workload, k } = await request.json();
    try {
      return Response.json(await new Steps(workload, env).all(k));
    } catch (error) {
      return new Response(error.message, { status: 400 });
    }
  },
};
