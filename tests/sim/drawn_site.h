/* Sites that are hard to judge, for the long check of verdicts: like tests/unit/drawn_run.h, and beside it with caches that are hit or
 * missed, stalls, and levels that rise. */
#ifndef TESTS_SIM_DRAWN_SITE_H
#define TESTS_SIM_DRAWN_SITE_H

#include <stdlib.h>

#include "../unit/drawn_run.h"

struct drawn_site {
    const char *name;
    double rise;        /* of the level's logarithm, from the first second to the last: in both runs */
    double stall_share; /* of seconds in which everything halts for 0.1 to 0.4 s; what is due then waits */
    double hits; /* share of operations that are five times as fast, the others four times as slow; 0: all are alike */
    double hits_level; /* deviation of that share, which moves as slowly as the level */
};

static const struct drawn_site drawn_sites[] = {
    {"plain", 0, 0, 0, 0},          {"rising 5 %", 0.05, 0, 0, 0},  {"stalls", 0, 1.0 / 30, 0, 0},
    {"80 % hits", 0, 0, 0.8, 0.01}, {"90 % hits", 0, 0, 0.9, 0.01}, {"99 % hits", 0, 0, 0.99, 0.002},
};
#define DRAWN_SITES (sizeof drawn_sites / sizeof *drawn_sites)

/* Service times in hundredths of a microsecond, sorted: what a draw of 16 bits stands for. */
#define DRAWN_QUANTILES 65536u
static uint32_t drawn_quantiles[DRAWN_QUANTILES];

static inline int drawn_order(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

static inline void drawn_site_begin(void) {
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_MODEL, 2);
    for (uint32_t i = 0; i < DRAWN_QUANTILES; i++)
        drawn_quantiles[i] = sn_rng_lognormal(&rng, DRAWN_MEDIAN_US * 100, DRAWN_SIGMA_MILLIONTHS, UINT32_MAX);
    qsort(drawn_quantiles, DRAWN_QUANTILES, sizeof drawn_quantiles[0], drawn_order);
}

/* Of one draw the four parts of 16 bits decide what it is: how long, whether a hit, whether of the tail, when in its second. */
static inline double drawn_site_us(uint64_t draw, const struct drawn_run *run, bool caches, double hits,
                                   double stall_s) {
    double us = drawn_quantiles[draw & 0xffff] / 100.0;
    if (caches) us *= (double)(draw >> 16 & 0xffff) / 0x10000 < hits ? 0.2 : 4;
    if ((double)(draw >> 32 & 0xffff) / 0x10000 < run->tail_share) us *= run->tail_factor;
    double waits_s = stall_s - (double)(draw >> 48) / 0x10000;
    return run->factor * us + (waits_s > 0 ? waits_s * 1e6 : 0);
}

static inline void drawn_site_fill(struct sn_blocks *blocks, const struct drawn_run *run, const struct drawn_site *site,
                                   uint64_t seed) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 1);
    double fresh = sqrt(1 - run->memory * run->memory), level = drawn_normal(&rng), hits = drawn_normal(&rng);
    for (uint32_t second = 0; second < run->seconds; second++) {
        double factor = sn_exp(run->level * level + site->rise * second / run->seconds);
        double stall_s = sn_rng_unit(&rng) < site->stall_share ? 0.1 + 0.3 * sn_rng_unit(&rng) : 0;
        for (uint32_t i = 0; i < run->rate_per_s; i++) {
            double us = drawn_site_us(sn_rng_u64(&rng), run, site->hits > 0, site->hits + site->hits_level * hits,
                                      stall_s / factor);
            sn_blocks_add(blocks, second, sn_hist_bucket((uint32_t)(us * factor + 0.5)), 1);
        }
        level = run->memory * level + fresh * drawn_normal(&rng);
        hits = run->memory * hits + fresh * drawn_normal(&rng);
    }
}

/* Pair `number` of runs of a site, none of which is in another pair. */
static inline void drawn_site_compare(struct drawn_pair *pair, const struct drawn_site *site,
                                      const struct drawn_run *before, const struct drawn_run *after, uint64_t number) {
    static const struct sn_compare_options options = {0};
    const struct drawn_run *runs[2] = {before, after};
    for (uint32_t i = 0; i < 2; i++) {
        sn_blocks_init(&pair->blocks[i], runs[i]->seconds, pair->pages[i], SN_BLOCKS_PAGES);
        drawn_site_fill(&pair->blocks[i], runs[i], site, 2 * number + i);
        sn_blocks_seal(&pair->blocks[i]);
    }
    sn_compare(&pair->blocks[0], &pair->blocks[1], &options, &pair->room, &pair->result);
}

#endif
