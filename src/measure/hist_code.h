/* Inside this folder: histograms that may lose detail, and the encoded body that histograms and deltas share.
 *
 * Body: varint count; unless it is 0, varints sum, min, max, clamped, then the list of (bucket, count) (wire.h). */
#ifndef SENTINEL_MEASURE_HIST_CODE_H
#define SENTINEL_MEASURE_HIST_CODE_H

#include "sentinel/measure/hist.h"

/* What a histogram says beside its counters. */
struct sn_hist_sums {
    uint64_t count, sum_us;
    uint32_t min_us, max_us, clamped;
};

/* What sn_hist_body_check() learned. */
struct sn_hist_body {
    struct sn_hist_sums sums;
    uint64_t counted; /* values in the counters: below `count` when detail was lost or a counter saturated */
};

/* Nearest rank of percentile p: max(1, ceil(p · count / 100)). */
uint64_t sn_hist_rank(uint64_t count, double p);
void sn_hist_sums_add(struct sn_hist *hist, const struct sn_hist_sums *sums);
/* Adds to one counter alone.  False, with nothing changed, when its page is missing and the pool is empty. */
bool sn_hist_place(struct sn_hist *hist, struct sn_pages *pages, uint32_t bucket, uint32_t count);
/* As sn_hist_merge(), but where pages are missing the values count without a counter.  Returns how many did. */
uint64_t sn_hist_merge_lossy(struct sn_hist *into, struct sn_pages *into_pages, const struct sn_hist *from,
                             const struct sn_pages *from_pages);

void sn_hist_sums_put(struct sn_writer *w, const struct sn_hist_sums *sums);
/* Reads over a body and checks all of it.  False when it is malformed. */
bool sn_hist_body_check(struct sn_reader *r, struct sn_hist_body *body);
/* Adds a body that was checked.  Returns the values that found no page; they count without a counter. */
uint64_t sn_hist_body_add(struct sn_reader *r, struct sn_hist *into, struct sn_pages *pages);

#endif
