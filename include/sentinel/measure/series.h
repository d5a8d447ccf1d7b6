/* The per-second series of a run: counts for every second, and response histograms of the recent ones.
 *
 * Charts, windowed thresholds and comparisons read this one series.  Counts stay for the whole run (24 bytes a second).
 * Histograms are sparse (second, kind, bucket) counters in one hash table; finished minutes are written out and leave
 * the table. */
#ifndef SENTINEL_MEASURE_SERIES_H
#define SENTINEL_MEASURE_SERIES_H

#include "sentinel/measure/delta.h"
#include "sentinel/measure/hist.h"

struct sn_series_slot {
    uint32_t key; /* 0: free; else 1 + (second << 17 | kind << 12 | bucket) */
    uint32_t count;
};

/* One flat piece of memory: the struct, then seconds, then slots. */
struct sn_series {
    uint32_t seconds_len; /* seconds that can be counted: the run's length and its drain */
    uint32_t slots_len;   /* a power of two */
    uint32_t slots_used;
    uint32_t first_second; /* histograms of earlier seconds have left the table */
    uint32_t lost;         /* values that found no slot: shown in the report as missing detail */
    uint32_t reserved;
};

size_t sn_series_size(uint32_t seconds, uint32_t slots);
void sn_series_init(struct sn_series *series, uint32_t seconds, uint32_t slots);
struct sn_second *sn_series_second(struct sn_series *series, uint32_t second); /* clamped to the last one */
/* Counts a response time.  Ignored, and counted in `lost`, when the table is full or the second has left it. */
void sn_series_count(struct sn_series *series, uint32_t second, uint32_t kind, uint32_t bucket, uint32_t count);

/* Percentile of the response times in seconds [from, to), of one kind or of all (UINT32_MAX).  0 when there are none;
 * `count` (may be NULL) gets how many there were. */
uint32_t sn_series_percentile_us(const struct sn_series *series, uint32_t from, uint32_t to, uint32_t kind, double p,
                                 uint64_t *count);

/* Writes seconds [from, to) with counts and histograms, sorted by second, kind, bucket: the blob that is stored. */
void sn_series_put(struct sn_writer *w, const struct sn_series *series, uint32_t from, uint32_t to);
/* Takes the histograms of seconds before `second` out of the table. */
void sn_series_forget(struct sn_series *series, uint32_t second);

#endif
