/* A run's intervals: how often each response time came in each of at most 120 blocks of whole seconds.
 *
 *     run seconds | 0 | 1 | 2 | 3 | 4 | 5 | …     a second is here as soon as a delta speaks of it, in whatever order they come
 *     blocks      |     0     |     1     | …     of equal length
 *
 * This is what two runs are compared by (compare.h): it is small enough to be in a report, and in a row of the control database.  Counters
 * are one sorted list of 32 bits each, so that it is counted into, saved, and written without being built anew.
 *
 * Blocks begin as long as 120 of them need to be for what the run is to last, in powers of two.  When the list is full it becomes coarser by
 * a step: blocks twice as long, while 30 of them remain; then all kinds of operations together; then longer blocks again.  A run that goes on for
 * longer gets longer blocks too.  What comes of it does not depend on the order in which seconds are told of, but in a run that was extended. */
#ifndef SENTINEL_MEASURE_INTERVALS_H
#define SENTINEL_MEASURE_INTERVALS_H

#include "sentinel/base/limits.h"
#include "sentinel/measure/blocks.h"

#define SN_INTERVALS_SECONDS_MAX 32768u
#define SN_INTERVALS_SLOTS 16384u   /* of a run: 64 KiB */
#define SN_INTERVALS_ALL UINT32_MAX /* all kinds of operations together */

/* One flat piece of memory: the struct, then a bit for each second, then slots. */
struct sn_intervals {
    uint32_t seconds_len;      /* seconds that there can be; later ones count as the last */
    uint32_t expected_seconds; /* that the run is to last */
    uint32_t from_second;      /* earlier ones are a lead-in: nothing of them is counted */
    uint32_t slots_cap, slots_len;
    uint32_t block_seconds;
    uint32_t kinds;      /* of operations; 0: no longer told apart */
    uint32_t end_second; /* after the last one that holds values; 0: none does */
    uint32_t heard;      /* seconds that hold values */
    uint32_t lost;       /* values for which there was no room */
};

size_t sn_intervals_size(uint32_t seconds, uint32_t slots);
/* seconds: from 1 to SN_INTERVALS_SECONDS_MAX, expected: from 1 to those; kinds: from 1 to SN_KINDS_MAX. */
void sn_intervals_init(struct sn_intervals *intervals, uint32_t seconds, uint32_t expected, uint32_t from_second,
                       uint32_t kinds, uint32_t slots);
/* Counts response times that ended in a second.  It never fails: see `lost`. */
void sn_intervals_count(struct sn_intervals *intervals, uint32_t second, uint32_t kind, uint32_t bucket,
                        uint32_t count);
/* Blocks of at least so many seconds from now on. */
void sn_intervals_coarsen(struct sn_intervals *intervals, uint32_t block_seconds);
size_t sn_intervals_used(const struct sn_intervals *intervals); /* bytes of it that say something */

/* Who wants to write it down otherwise: each counter, by block, kind (0 where kinds are not told apart), bucket. */
struct sn_interval {
    uint32_t block, kind, bucket;
    uint64_t count;
};
/* `at` begins with 0.  False at the end. */
bool sn_intervals_next(const struct sn_intervals *intervals, uint32_t *at, struct sn_interval *interval);

/* --- As bytes -------------------------------------------------------------------------------------------------- */

/* u8 layout, which says the buckets of hist.h and this order; block_seconds, end_second, heard, kinds; then blocks: distance
 * from the one before (from 1 on), and of each of its kinds: kind + 1 and a list of (bucket, count) (src/measure/wire.h); 0 ends the kinds
 * of a block, and the blocks; a CRC-32.  Numbers are varints.  Equal intervals are equal bytes, native and in wasm. */
#define SN_INTERVALS_BYTES_MAX \
    73728u /* of SN_INTERVALS_SLOTS slots: a list's distances are mostly one byte, counts two */

/* What bytes say before the counters. */
struct sn_intervals_head {
    uint32_t block_seconds, end_second, heard, kinds; /* as in struct sn_intervals */
    uint32_t first_second;                            /* at which the first block that holds values begins */
    uint64_t count;                                   /* values in all */
};

/* Writes all of it; `w` is full when there is no room. */
void sn_intervals_put(struct sn_writer *w, const struct sn_intervals *intervals);

/* The same piece by piece, for who has it in another form.  Pieces come in the order of sn_intervals_next(). */
struct sn_intervals_writer {
    struct sn_writer *w;
    size_t begin;
    bool any;
    uint32_t block, kind, next_bucket; /* of the piece before */
};
void sn_intervals_put_begin(struct sn_intervals_writer *into, struct sn_writer *w,
                            const struct sn_intervals_head *head);
/* False, and nothing is written, when it does not belong behind the one before it, or counts nothing. */
bool sn_intervals_put_one(struct sn_intervals_writer *into, const struct sn_interval *one);
void sn_intervals_put_end(struct sn_intervals_writer *into);

/* Checks bytes from the first to the last.  SN_E_FORMAT, SN_E_VERSION, SN_E_CHECKSUM. */
enum sn_status sn_intervals_check(struct sn_span bytes, struct sn_intervals_head *head);
/* Makes blocks of bytes that were checked, sealed and ready for sn_compare().  kind: one of them, or SN_INTERVALS_ALL; of a kind that was
 * not told apart there are no values.  memory: as for sn_blocks_init(). */
void sn_intervals_blocks(struct sn_span bytes, uint32_t kind, struct sn_blocks *blocks,
                         uint32_t (*memory)[SN_HIST_PAGE], uint32_t pages);
/* The same in blocks of at least so many seconds. */
void sn_intervals_blocks_long(struct sn_span bytes, uint32_t kind, uint32_t block_seconds, struct sn_blocks *blocks,
                              uint32_t (*memory)[SN_HIST_PAGE], uint32_t pages);

#endif
