/* The per-second series of a run: counts for every second, and response histograms of the recent ones.
 *
 * Charts, windowed thresholds and comparisons read this one series.  Counts stay for the whole run (24 bytes a second).
 * Histograms are sparse (second, kind, bucket) counters in one hash table; finished minutes are written out and leave
 * the table. */
#ifndef SENTINEL_MEASURE_SERIES_H
#define SENTINEL_MEASURE_SERIES_H

#include "sentinel/measure/delta.h"
#include "sentinel/measure/hist.h"

/* Six bytes.  A counter that is full is followed by another one of the same key. */
struct sn_series_slot {
    uint16_t key[2]; /* low, high; 0: free; else 1 + (second << 17 | kind << 12 | bucket) */
    uint16_t count;
};

/* One flat piece of memory: the struct, then seconds, then slots. */
struct sn_series {
    uint32_t seconds_len; /* seconds that can be counted: the run's length and its drain */
    uint32_t slots_len;   /* a power of two */
    uint32_t slots_used;
    uint32_t first_second; /* histograms of earlier seconds have left the table */
    uint32_t lost;         /* values that found no slot: shown in the report as missing detail */
    uint32_t touched;      /* 1 + the first second that a delta spoke of since somebody set this to 0 */
};

size_t sn_series_size(uint32_t seconds, uint32_t slots);
void sn_series_init(struct sn_series *series, uint32_t seconds, uint32_t slots);
struct sn_second *sn_series_second(struct sn_series *series, uint32_t second); /* clamped to the last one */
/* Counts a response time.  Ignored, and counted in `lost`, when the table is full or the second has left it. */
void sn_series_count(struct sn_series *series, uint32_t second, uint32_t kind, uint32_t bucket, uint32_t count);

#define SN_SERIES_PERCENTILES 3
#define SN_SERIES_GROUPS (SN_KINDS_MAX + 1)

/* What some response times come to; nothing but zeros when there are none. */
struct sn_series_times {
    uint64_t count;
    uint32_t us[SN_SERIES_PERCENTILES]; /* of the percentiles that were asked for */
};

/* Room to count in while looking. */
struct sn_series_room {
    uint32_t counts[SN_SERIES_GROUPS][SN_SERIES_PERCENTILES][SN_HIST_PAGE];
};

/* Response times in seconds [from, to): of each kind, and in the last place of all of them.  Percentiles are from 0 to 100.
 * Two walks through the table, however many kinds and seconds there are. */
void sn_series_kinds(const struct sn_series *series, uint32_t from, uint32_t to, const double p[],
                     struct sn_series_room *room, struct sn_series_times times[SN_SERIES_GROUPS]);
/* The same of all kinds together in points of `step` seconds, the last one shorter where the step does not divide: at
 * least one, and at most SN_SERIES_GROUPS. */
void sn_series_points(const struct sn_series *series, uint32_t from, uint32_t to, uint32_t step, const double p[],
                      struct sn_series_room *room, struct sn_series_times times[]);

/* Writes seconds [from, to) with counts and histograms, sorted by second, kind, bucket: the blob that is stored. */
void sn_series_put(struct sn_writer *w, const struct sn_series *series, uint32_t from, uint32_t to);
/* Takes the histograms of seconds before `second` out of the table. */
void sn_series_forget(struct sn_series *series, uint32_t second);

#endif
