/* What a load's levels did: the load is cut into windows of whole seconds, and of each a few figures are kept for every kind
 * of operation.  From them a report tells at which load answers began to take longer, and why (capacity.h).
 *
 *     tally, series ──a window is over──► one cell for each kind, and one for all of them
 *
 * A tally tells nothing of time, and the series forgets its detail within minutes; this is what stays of both.  At most
 * SN_LEVEL_CELLS_MAX cells, which is 14 KiB, however long a run is. */
#ifndef SENTINEL_MEASURE_LEVELS_H
#define SENTINEL_MEASURE_LEVELS_H

#include "sentinel/measure/series.h"
#include "sentinel/measure/tally.h"

#define SN_LEVELS_MAX 64u       /* windows that a load is cut into */
#define SN_LEVEL_CELLS_MAX 512u /* of all kinds in all windows */

struct sn_level_cell {
    uint32_t counted; /* response times that the percentile was made of */
    uint32_t p95_us;  /* of responses; 0: nothing was counted */
    /* Of the operations that shards told of in the window, which may lie a report's interval after their end. */
    uint32_t ended, failed, throttled;
    uint32_t service_us, sql_us; /* on the average; sql is 0 where a database said nothing */
};
_Static_assert(sizeof(struct sn_level_cell) == 28, "cells are kept by the hundred");

/* A kind's sums when the newest window ended. */
struct sn_level_sums {
    uint64_t ended, failed, throttled, service_us, sql_us;
};

/* One flat piece of memory: the struct, then cells, window after window. */
struct sn_levels {
    uint32_t kinds, windows_max;
    uint32_t len;      /* windows that are over */
    uint32_t window_s; /* seconds of each */
    struct sn_level_sums before[SN_KINDS_MAX];
};

size_t sn_levels_size(uint32_t kinds);
/* For a load of so many seconds; one that becomes longer has its windows merged, two by two. */
void sn_levels_init(struct sn_levels *levels, uint32_t kinds, uint32_t length_s);
/* The second with which the next window ends. */
uint32_t sn_levels_end_s(const struct sn_levels *levels);
/* Ends the next window, whose seconds everybody has told of.  The percentile is of what the series still has of it. */
void sn_levels_close(struct sn_levels *levels, struct sn_tally *tally, const struct sn_series *series,
                     struct sn_series_room *room);
/* Of a kind, or with `kind` = levels->kinds of all of them. */
const struct sn_level_cell *sn_levels_cell(const struct sn_levels *levels, uint32_t window, uint32_t kind);

#endif
