/* The tally: all that a run has measured, merged from its shards' deltas.
 *
 * A cell is one operation kind in one phase.  Histograms count every operation that ended, failed ones too: a visitor
 * who waited for an error has waited.  An operation belongs to the phase in which it was due. */
#ifndef SENTINEL_MEASURE_TALLY_H
#define SENTINEL_MEASURE_TALLY_H

#include "sentinel/measure/delta.h"
#include "sentinel/measure/hist.h"
#include "sentinel/measure/intervals.h"
#include "sentinel/measure/series.h"

struct sn_cell {
    uint64_t completed, failed;
    uint64_t errors[SN_ERRORS_LEN];
    uint64_t bytes, rows, rows_read, rows_written, sql_us, retries, cache_hits, cache_misses;
    struct sn_hist response, service;
};

/* A step, from its send to its end, over the whole load but a lead-in: of operations that have several, or a budget. */
struct sn_step_cell {
    uint64_t completed, failed;
    uint64_t
        within; /* of those completed: no longer than the step's budget; counted one by one, not read from buckets */
    struct sn_hist service;
};

/* One flat piece of memory, so that saving it is copying it: the struct, then cells, then steps, then pages. */
struct sn_tally {
    uint32_t kinds, phases, pages_len, pages_used;
    uint32_t coarse; /* values without a counter for want of pages; count, sum, min, max are right */
    uint32_t exemplars_len;
    uint32_t steps, reserved;   /* steps of the workload */
    struct sn_spent spent;      /* by all shards, whatever the operation or job */
    struct sn_hist lag_harness; /* lag while a slot was free: ours */
    struct sn_hist lag_slots;   /* lag for want of a slot */
    struct sn_exemplar exemplars[SN_EXEMPLARS_MAX];
};

/* Bytes for a tally with so many cells, steps and pages of counters. */
size_t sn_tally_size(uint32_t kinds, uint32_t phases, uint32_t steps, uint32_t pages);
void sn_tally_init(struct sn_tally *tally, uint32_t kinds, uint32_t phases, uint32_t steps, uint32_t pages);
struct sn_step_cell *sn_tally_step(struct sn_tally *tally, uint32_t number);
struct sn_cell *sn_tally_cell(struct sn_tally *tally, uint32_t kind, uint32_t phase);
struct sn_pages sn_tally_pages(struct sn_tally *tally);

/* Adds the body of a delta, whose head (and with it the checksum of the whole) was read.  Each delta is either added
 * whole or, when it is malformed (SN_E_FORMAT), not at all.  It never fails for want of memory: see `coarse`.  The
 * order in which deltas are added does not matter, as long as pages and series slots suffice. */
enum sn_status sn_tally_add(struct sn_tally *tally, struct sn_series *series, struct sn_intervals *intervals,
                            struct sn_reader *body);

/* Sum of cells: a kind of UINT32_MAX means all, a phase of UINT32_MAX all from `from_phase` on (1 leaves out a lead-in).  The histograms use `pages`, which the caller provides. */
void sn_tally_sum(struct sn_tally *tally, uint32_t kind, uint32_t phase, uint32_t from_phase, struct sn_cell *out,
                  struct sn_pages *pages);

#endif
