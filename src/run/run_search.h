/* The search for the highest rate that keeps the thresholds, as the run machine's other files see it; run_search.c has the
 * picture. */
#ifndef SENTINEL_RUN_RUN_SEARCH_H
#define SENTINEL_RUN_RUN_SEARCH_H

#include <stdbool.h>

#include "sentinel/measure/search.h"
#include "sentinel/run/run.h"

/* Where a search for the highest rate stands. */
struct run_search {
    struct sn_search search;
    uint32_t from_s;     /* the present rate is judged from this second of the load on */
    uint32_t looked_s;   /* the second at whose end it was looked at last */
    uint32_t bad_s;      /* so many looks in a row it was too much */
    uint32_t resting;    /* the load is low until all is well again */
    uint32_t stopped_by; /* what the newest rate that was too much did not keep: 1 + the threshold, 0: throughput */
    uint32_t reserved;
    double stopped_value; /* its figure; of throughput operations that were missing */
};

/* Whether the run searches a rate. */
bool run_searches(const struct sn_run *run);
/* To be called right after the epoch that starts the load: it begins low. */
void run_search_begin(struct sn_run *run);
/* Looks at the rate that is tried, by the seconds before this one, and goes on to the next, or ends the load. */
void run_search(struct sn_run *run, uint32_t known_s, int64_t now_us);

#endif
