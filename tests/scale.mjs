// One row of docs/scale.md: node tests/scale.mjs SOURCE.json PLAN.json REPORT.json WHAT-SIMULATE-SAID PROCESSOR-SECONDS
// SOURCE is the plan as it was written, PLAN what `sentinel plan` makes of it.
import { readFileSync } from "node:fs";

const read = (path) => JSON.parse(readFileSync(path, "utf8"));
const [source, plan, report] = process.argv.slice(2, 5).map(read);
const [said, seconds] = process.argv.slice(5);
const grouped = (value) => Number(value).toLocaleString("en-US", { maximumFractionDigits: 2 });
const { completed } = report.validity.accounting.terms;
console.log(
  [
    "",
    grouped(source.users),
    grouped(plan.plannedOps),
    grouped(plan.peakPerS),
    grouped(plan.concurrency),
    grouped(plan.shards),
    grouped(source.regions.length),
    `${grouped(plan.durationS)} s`,
    `${((100 * completed) / plan.plannedOps).toFixed(3)} %`,
    report.total.responseMs.p99 === null ? "-" : `${report.total.responseMs.p99} ms`,
    report.validity.limitedBy ?? "nothing",
    report.validity.validity,
    `${grouped(/in ([0-9.]+) s of virtual time/.exec(said)[1])} s`,
    `${grouped(seconds)} s`,
    "",
  ]
    .join(" | ")
    .trim(),
);
