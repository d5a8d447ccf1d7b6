/* A run's intervals, ready to be drawn again and again: histograms of at most 120 blocks of whole seconds.
 *
 *     seconds   | 0 | 1 | 2 | 3 | 4 | 5 | …        each with the response times of the operations that ended in it
 *     blocks    |     0     |     1     | …        of equal length, the last may be shorter
 *
 * Values come in any order.  First they are added, then the blocks are sealed, then they are asked: what has been added is
 * looked at only afterwards.  Buckets are those of hist.h.  Memory is the caller's and does not grow: when its pages are used up
 * neighbours are merged, so that blocks become twice as long. */
#ifndef SENTINEL_MEASURE_BLOCKS_H
#define SENTINEL_MEASURE_BLOCKS_H

#include "sentinel/measure/hist.h"

#define SN_BLOCKS_MAX 120u
#define SN_BLOCKS_SECONDS_MAX 86400u /* from a run's first second to its last: a day */

/* A block needs a page for each power of two that its values reach: 1,200 are enough for 120 blocks whose values span a factor
 * of 500, and never may there be fewer than one block can need. */
#define SN_BLOCKS_PAGES_MIN (SN_HIST_PAGES + 1u)
#define SN_BLOCKS_PAGES 1200u

struct sn_blocks {
    uint32_t len;           /* blocks; once sealed, those that hold values */
    uint32_t block_seconds; /* each spans so many */
    uint32_t seconds;       /* from the first to the last */
    uint32_t intervals;     /* seconds that hold values */
    uint64_t count;         /* values; saturates */
    uint32_t shift; /* a counter counts so many values: 2^shift.  More than 0 only in a block of more than 2^32 */
    bool sealed;
    uint32_t (*page)[SN_HIST_PAGE]; /* the caller's; sealed, a counter is the sum of its page up to and with it */
    uint32_t pages_len, pages_used, page_free;
    uint16_t pages[SN_BLOCKS_MAX][SN_HIST_PAGES];      /* SN_HIST_NO_PAGE: none */
    uint32_t through[SN_BLOCKS_MAX][SN_HIST_PAGES];    /* sealed: values of the block in this page and all below */
    uint32_t total[SN_BLOCKS_MAX];                     /* values of the block */
    uint64_t heard[(SN_BLOCKS_SECONDS_MAX + 63) / 64]; /* a bit for each second that holds values */
};

/* For seconds 0 to seconds - 1, from 1 to SN_BLOCKS_SECONDS_MAX.  memory: at least SN_BLOCKS_PAGES_MIN pages. */
void sn_blocks_init(struct sn_blocks *blocks, uint32_t seconds, uint32_t (*memory)[SN_HIST_PAGE], uint32_t pages);
/* The same where blocks are to be longer: of at least so many seconds. */
void sn_blocks_init_long(struct sn_blocks *blocks, uint32_t seconds, uint32_t block_seconds,
                         uint32_t (*memory)[SN_HIST_PAGE], uint32_t pages);
/* Counts values of a bucket in a second that is below `seconds`. */
void sn_blocks_add(struct sn_blocks *blocks, uint32_t second, uint32_t bucket, uint64_t count);
/* Nothing can be added from now on.  Blocks without values are left out. */
void sn_blocks_seal(struct sn_blocks *blocks);

/* Values of a block up to and with a bucket, in units of 2^shift. */
uint32_t sn_blocks_upto(const struct sn_blocks *blocks, uint32_t block, uint32_t bucket);
/* The same of all blocks together. */
uint64_t sn_blocks_upto_in_all(const struct sn_blocks *blocks, uint32_t bucket);
/* The buckets of some percentiles, from 0 to 100, by nearest rank, of all blocks together where block i counts weights[i] times.  NULL: each
 * counts once.  At least one value counts. */
void sn_blocks_percentiles(const struct sn_blocks *blocks, const uint32_t *weights, const double p[], uint32_t len,
                           uint32_t buckets[]);
/* The same of what was added gives the same number, in whatever order it came. */
uint64_t sn_blocks_hash(const struct sn_blocks *blocks);

#endif
