/* A run as it is compared with another: its intervals, and what must be known of it so that anything may be concluded.
 *
 *     run ends ── sn_compared_put() ──► bytes (a row of the control database) ──┐
 *                                                                              ├─► sn_compare_runs() ──► struct sn_comparison
 *     another run ─────────────────────────────────────────────────────────────┘
 *
 * `sentinel compare` fills the same struct from a report, and so comes to the same words. */
#ifndef SENTINEL_MEASURE_COMPARED_H
#define SENTINEL_MEASURE_COMPARED_H

#include "sentinel/measure/compare.h"
#include "sentinel/measure/intervals.h"
#include "sentinel/measure/validity.h"

struct sn_compared {
    uint64_t plan_hash; /* covers operations, rate, arrivals, concurrency, regions; not names, seed, thresholds */
    enum sn_validity validity;
    uint32_t clock_step_us; /* of the clock that response times were taken with */
    uint64_t planned, started, completed,
        failed;               /* operations; of the whole load, as a report's total and delivery have them */
    struct sn_span intervals; /* bytes that sn_intervals_check() has accepted; empty: there are none */
};

/* u8 version, u64 plan hash, then varints, the intervals' bytes as a span, a CRC-32. */
#define SN_COMPARED_BYTES_MAX (SN_INTERVALS_BYTES_MAX + 128u)
void sn_compared_put(struct sn_writer *w, const struct sn_compared *run);
/* The span points into the bytes.  SN_E_FORMAT, SN_E_VERSION, SN_E_CHECKSUM; then nothing is set. */
enum sn_status sn_compared_get(struct sn_span bytes, struct sn_compared *run);

/* Why nothing can be concluded from two runs. */
#define SN_UNFIT_LIST(X)                          \
    X(NONE, "")                                   \
    X(VALIDITY, "its figures cannot be believed") \
    X(ACHIEVED, "less than 99 % of what was planned was started: the load was another one")

enum sn_unfit {
#define SN_X(name, text) SN_UNFIT_##name,
    SN_UNFIT_LIST(SN_X)
#undef SN_X
};

struct sn_comparison {
    enum sn_change change;  /* of the whole: percentiles and errors; SN_CHANGE_INVALID when a side is unfit */
    enum sn_unfit unfit[2]; /* before, after */
    enum sn_change error_change;
    struct sn_compare_errors errors[2];
    struct sn_compare_result result; /* of all kinds of operations together, or of one */
    bool blocks[2];                  /* there are intervals of this side */
};

#define SN_COMPARED_PAGES 600u /* of each side */

struct sn_compared_room {
    struct sn_blocks sides[2];
    uint32_t pages[2][SN_COMPARED_PAGES][SN_HIST_PAGE];
    struct sn_compare_room draws;
};

enum sn_unfit sn_compared_unfit(const struct sn_compared *run);
const char *sn_unfit_text(enum sn_unfit unfit);

/* Judges run after beside run before.  SN_E_STATE when they are of different plans: that is refused, and nothing is judged.
 * spreads: of baselines that were run alike (sn_compare_spread()), or NULL.  The clock's step is the larger one of both runs. */
enum sn_status sn_compare_runs(const struct sn_compared *before, const struct sn_compared *after,
                               const double spreads[SN_COMPARE_PERCENTILES], struct sn_compared_room *room,
                               struct sn_comparison *comparison);
/* The percentiles of one kind of operation alone; SN_INTERVALS_ALL: of all.  For runs that sn_compare_runs() has judged. */
void sn_compare_kind(const struct sn_compared *before, const struct sn_compared *after, uint32_t kind,
                     const double spreads[SN_COMPARE_PERCENTILES], struct sn_compared_room *room,
                     struct sn_compare_result *result);

#endif
