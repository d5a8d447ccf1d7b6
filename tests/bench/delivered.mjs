// Reads a report of tests/bench/delivered.json and says what share of the load was delivered, and by what it was limited.
import { readFileSync } from "node:fs";
import { verdict } from "./compare.mjs";

const GOAL = 0.99;
const { validity } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { planned, started, completed } = validity.delivery;
const share = completed / planned;
const ms = (value) => (value === null ? "-" : `${value} ms`);
console.log(
  `load.delivered: ${(100 * share).toFixed(2)} % (${completed} of ${planned} completed, ${started} started), ` +
    `${validity.validity}, start lag p50 ${ms(validity.lagMs.harness.p50)}, p99 ${ms(validity.lagMs.harness.p99)}, ` +
    `max ${ms(validity.lagMs.harness.max)}, limited by ${validity.limitedBy ?? "nothing"} (goal at least ${100 * GOAL} %, or a report that says why not: ` +
    `${verdict(share >= GOAL || Boolean(validity.limitedBy))})`,
);
for (const reason of validity.reasons) console.log(`  ${reason}`);
