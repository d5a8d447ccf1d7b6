/* Which shard is where. */
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/plan/plan.h"

/* Shards of each region.  Every named one has its one; the rest is shared out by weight, what does not divide to those
 * with the largest remainders, of equal ones to the first. */
static void share_out(const struct sn_plan *plan, uint32_t counts[SN_REGIONS_LEN]) {
    uint32_t sum = 0, named = 0;
    for (uint32_t i = 0; i < SN_REGIONS_LEN; i++) {
        sum += plan->regions[i];
        named += plan->regions[i] > 0;
    }
    SN_ASSERT(plan->shards >= named && sum > 0);
    uint32_t rest = plan->shards - named, given = 0, remainders[SN_REGIONS_LEN];
    for (uint32_t i = 0; i < SN_REGIONS_LEN; i++) {
        uint32_t share = rest * plan->regions[i]; /* at most 128 · 1000 */
        counts[i] = (plan->regions[i] > 0) + share / sum;
        remainders[i] = share % sum;
        given += share / sum;
    }
    for (; given < rest; given++) {
        uint32_t largest = 0;
        for (uint32_t i = 1; i < SN_REGIONS_LEN; i++)
            if (remainders[i] > remainders[largest]) largest = i;
        counts[largest] += 1;
        remainders[largest] = 0;
    }
}

static bool anywhere(const struct sn_plan *plan) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < SN_REGIONS_LEN; i++) sum += plan->regions[i];
    return sum == 0;
}

uint32_t sn_plan_region(const struct sn_plan *plan, uint32_t place) {
    uint32_t counts[SN_REGIONS_LEN], region = 0;
    SN_ASSERT(place < plan->shards);
    if (anywhere(plan)) return SN_REGIONS_LEN;
    share_out(plan, counts);
    while (place >= counts[region]) place -= counts[region++];
    return region;
}

uint32_t sn_plan_slots(const struct sn_plan *plan, uint32_t place) {
    return plan->concurrency / plan->shards + (place % plan->shards < plan->concurrency % plan->shards ? 1 : 0);
}

void sn_plan_put_shard_name(struct sn_writer *w, const struct sn_plan *plan, uint32_t place, uint32_t shard) {
    uint32_t region = sn_plan_region(plan, place);
    sn_put_text(w, plan->run_id);
    if (region < SN_REGIONS_LEN) {
        sn_put_text(w, ":");
        sn_put_text(w, sn_region_name((enum sn_region)region));
    }
    sn_put_text(w, ":");
    sn_put_dec(w, shard);
}

void sn_plan_put_shard_address(struct sn_writer *w, const struct sn_plan *plan, uint32_t place, uint32_t shard) {
    uint8_t name[64];
    struct sn_writer text = sn_writer(name, sizeof name);
    uint32_t region = sn_plan_region(plan, place);
    const char *hint = region < SN_REGIONS_LEN ? sn_region_name((enum sn_region)region) : "";
    sn_plan_put_shard_name(&text, plan, place, shard);
    sn_put_span(w, name, text.len);
    sn_put_span(w, hint, strlen(hint));
}
