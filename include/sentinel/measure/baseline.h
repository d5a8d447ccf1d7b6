/* What several runs of a plan have measured together: one run's worth of intervals, one run behind the other.
 *
 *     run 1 ──┐
 *     run 2 ──┼─ sn_baseline_add() ──► sn_baseline_put() ──► bytes as of one run (compared.h), to be compared with others
 *     run 3 ──┘
 *
 * Of a single run nothing is lost.  Of several, blocks may become longer, and kinds of operations are no longer told apart. */
#ifndef SENTINEL_MEASURE_BASELINE_H
#define SENTINEL_MEASURE_BASELINE_H

#include "sentinel/measure/compared.h"

#define SN_BASELINE_RUNS_MAX 10u

struct sn_baseline {
    uint32_t wanted, runs;  /* that there will be, and that were added */
    uint32_t seconds;       /* of all that were added */
    uint32_t heard;         /* seconds that hold values */
    struct sn_compared sum; /* of several: counts added up, the worse validity; of one: that one */
    uint32_t us[SN_COMPARE_PERCENTILES][SN_BASELINE_RUNS_MAX];
    struct sn_intervals *intervals; /* the caller's */
};

/* At least sn_intervals_size(SN_INTERVALS_SECONDS_MAX, SN_INTERVALS_SLOTS). */
#define SN_BASELINE_MEMORY (128u + SN_INTERVALS_SECONDS_MAX / 8 + SN_INTERVALS_SLOTS * 4)

/* wanted: from 1 to SN_BASELINE_RUNS_MAX.  memory: SN_BASELINE_MEMORY bytes, 8-aligned. */
void sn_baseline_begin(struct sn_baseline *baseline, uint32_t wanted, void *memory);
/* SN_E_STATE: of another plan than the first; SN_E_LIMIT: more seconds than a baseline holds; SN_E_MISSING: it has no values.  Then
 * nothing is added.  A run's bytes are needed until the next one is added, those of a single one until it was put. */
enum sn_status sn_baseline_add(struct sn_baseline *baseline, const struct sn_compared *run,
                               struct sn_compared_room *room);
/* As many as were wanted were added.  scratch: SN_INTERVALS_BYTES_MAX bytes. */
void sn_baseline_put(struct sn_writer *w, const struct sn_baseline *baseline, uint8_t *scratch);
/* How much the runs differ in each percentile: sn_compare_spread(). */
void sn_baseline_spreads(const struct sn_baseline *baseline, double spreads[SN_COMPARE_PERCENTILES]);

#endif
