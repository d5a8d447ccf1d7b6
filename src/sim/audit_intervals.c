/* The report's intervals have every operation that ended, once, whoever died or was away meanwhile. */
#include "sentinel/json/json.h"
#include "world.h"

/* What the lists of one block come to: every other number is a count. */
static uint64_t values_of(const struct sn_json *counts) {
    uint64_t sum = 0;
    for (const struct sn_json *list = sn_json_first(counts); list != NULL; list = sn_json_next(list)) {
        bool is_count = false;
        for (const struct sn_json *at = sn_json_first(list); at != NULL; at = sn_json_next(at), is_count = !is_count)
            if (is_count) sum += (uint64_t)sn_json_number(at);
    }
    return sum;
}

void audit_intervals(struct world *world, const struct sn_json *report, const struct sn_sim_outcome *outcome) {
    const struct sn_json *intervals = sn_json_get(report, "intervals"), *blocks = sn_json_get(intervals, "blocks");
    const struct sn_json *accounting = sn_json_get(sn_json_get(report, "validity"), "accounting");
    const struct sn_json *terms = sn_json_get(accounting, "terms"); /* the total leaves out a lead-in */
    uint64_t sum = 0, failed = (uint64_t)sn_json_number(sn_json_get(terms, "failed"));
    if (sn_json_type(intervals) == SN_JSON_ABSENT) audit_violation(&world->auditor, "the report has no intervals", 0);
    if (sn_json_count(blocks) > SN_BLOCKS_MAX) audit_violation(&world->auditor, "more than 120 blocks", 0);
    for (const struct sn_json *block = sn_json_first(blocks); block != NULL; block = sn_json_next(block))
        sum += values_of(sn_json_get(block, "counts"));
    if (world->plan.lead_in != 0 ? sum > outcome->completed + failed : sum != outcome->completed + failed)
        audit_violation(&world->auditor, "intervals that have more or less than what ended", sum);
}
