/* Whether a run can be believed.  Past the knee is a finding; a generator that did not do its job is a fault.
 *
 * invalid   harness drops > 0.1 % of planned, p99 of harness lag > max(50 ms, 10 clock steps), unaccounted > 1 %,
 *           a shard lost for good, prepare failed, or operations that cannot be accounted for after the end
 * degraded  any unaccounted, harness error, restart gap, the run's own object restarted, shard replaced, change of the load heard of late,
 *           clock skew > 100 ms, timers late for > 10 % of the load, detail lost
 * valid     otherwise
 *
 * In a run of fewer than 1,000 operations p99 is a matter of luck: there the highest percentile with ten operations
 * above it is judged instead. */
#ifndef SENTINEL_MEASURE_VALIDITY_H
#define SENTINEL_MEASURE_VALIDITY_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/vocab.h"
#include "sentinel/measure/delta.h"

#define SN_SKEW_BOUND_US 100000 /* clocks that differ by more are told of */

struct sn_validity_input {
    struct sn_counts counts;
    uint32_t lag_harness_us; /* at lag_percentile, of the lag while a slot was free */
    uint32_t lag_percentile; /* 99; in a short run the highest that has ten operations above it */
    uint64_t lag_harness_count;
    uint32_t shards_lost, shards_replaced;
    uint32_t epochs_late;                            /* summed over the shards that heard of one too late */
    uint32_t restarts, run_restarts, harness_errors; /* restarts: of shards */
    uint32_t clock_skew_us;
    double timers_late;    /* for this share of the load shards stood still because timers were late: 0 to 1 */
    uint64_t detail_lost;  /* times that no histogram of the run had room for */
    uint64_t seconds_lost; /* times that the per-second series had no room for */
    bool prepare_failed;
    bool ended; /* before the end in_flight and not_yet_due are not faults */
};

#define SN_REASONS_MAX 16

struct sn_validity_result {
    enum sn_validity validity;
    uint32_t reasons_len;
    /* Sentences with their figures: "0.4 % of the operations were dropped because Sentinel was slow (at most 0.1 %)." */
    char reasons[SN_REASONS_MAX][160];
};

void sn_validity_judge(const struct sn_validity_input *input, struct sn_validity_result *result);
/* planned − everything else: 0 when every operation is accounted for. */
int64_t sn_counts_difference(const struct sn_counts *counts);
void sn_counts_add(struct sn_counts *into, const struct sn_counts *from);

#endif
