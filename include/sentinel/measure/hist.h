/* A latency histogram: log-linear, 128 sub-buckets per power of two, in µs, from 0 to 2^32 - 1 (71 minutes).
 *
 * A bucket is at most 1/128 = 0.78 % wide, so a percentile read from it is off by at most 0.39 %.  Integers only: native
 * and wasm give the same bits, and a merge gives the same histogram in any order.  The layout is that of
 * HdrHistogram with two significant digits (github.com/HdrHistogram/HdrHistogram), which tools can therefore read.
 *
 * Counters live in pages of 128, taken from the caller's pool when a value first falls into them: most histograms
 * touch four or five pages of 26. */
#ifndef SENTINEL_MEASURE_HIST_H
#define SENTINEL_MEASURE_HIST_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/status.h"

#define SN_HIST_PAGE 128
#define SN_HIST_PAGES 26
#define SN_HIST_BUCKETS (SN_HIST_PAGE * SN_HIST_PAGES)
#define SN_HIST_NO_PAGE 0

/* Pages that many histograms share.  Page 0 is never given away: 0 means "none". */
struct sn_pages {
    uint32_t (*page)[SN_HIST_PAGE]; /* the caller's, zeroed by sn_pages_init() */
    uint32_t len;                   /* pages there are, page 0 included */
    uint32_t used;                  /* pages given away, page 0 included */
};

struct sn_hist {
    uint64_t count;
    uint64_t sum_us;
    uint32_t min_us, max_us; /* exact; min is UINT32_MAX while count is 0 */
    uint32_t clamped;        /* values that were above 2^32 - 1 */
    uint16_t pages[SN_HIST_PAGES];
};

void sn_pages_init(struct sn_pages *pages, void *memory, size_t bytes); /* memory 4-aligned */
void sn_hist_init(struct sn_hist *hist);

uint32_t sn_hist_bucket(uint32_t value_us);
uint32_t sn_hist_bucket_low_us(uint32_t bucket); /* smallest value of the bucket */
uint32_t sn_hist_bucket_mid_us(uint32_t bucket); /* the value that stands for it */

/* Counts `count` values.  SN_E_MEMORY when a page is needed and the pool is empty: then nothing changed.
 * A counter saturates at UINT32_MAX; count and sum are exact. */
enum sn_status sn_hist_record(struct sn_hist *hist, struct sn_pages *pages, uint64_t value_us, uint32_t count);

/* Adds `from` to `into`.  Commutative and associative to the bit.  SN_E_MEMORY as above, with `into` unchanged. */
enum sn_status sn_hist_merge(struct sn_hist *into, struct sn_pages *into_pages, const struct sn_hist *from,
                             const struct sn_pages *from_pages);

/* Nearest rank: the value of rank max(1, ceil(p·count/100)); p = 0 and p = 100 are the exact minimum and maximum.
 * 0 when the histogram is empty.  p from 0 to 100. */
uint32_t sn_hist_percentile_us(const struct sn_hist *hist, const struct sn_pages *pages, double p);
/* Whether at least ten values lie above percentile p: below that it is a matter of luck. */
bool sn_hist_has_percentile(const struct sn_hist *hist, double p);
double sn_hist_mean_us(const struct sn_hist *hist); /* 0 when empty */

/* Compact form: layout id, count, sum, min, max, clamped, then (bucket delta, counter) varints; a CRC-32 at the end. */
void sn_hist_put(struct sn_writer *w, const struct sn_hist *hist, const struct sn_pages *pages);

#endif
