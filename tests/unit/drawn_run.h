/* Runs that are drawn, for whatever judges runs: seconds that are alike in the way in which those of a real target are.
 *
 * A second has a level, which moves slowly: its logarithm is an autoregression of the first order.  Service times are log-normal about it,
 * and now and then a burst makes a fifth of the operations of two or three seconds slower. */
#ifndef TESTS_UNIT_DRAWN_RUN_H
#define TESTS_UNIT_DRAWN_RUN_H

#include <math.h>

#include "sentinel/base/random.h"
#include "sentinel/base/real.h"
#include "sentinel/measure/compare.h"

struct drawn_run {
    uint32_t seconds, rate_per_s;
    double factor;                  /* of every service time */
    double tail_share, tail_factor; /* so many operations take so many times as long */
    double level, memory;           /* deviation of the level's logarithm; how much of it the next second keeps */
    double burst_share;             /* of seconds in which a burst begins */
};

#define DRAWN_MEDIAN_US 5000
#define DRAWN_SIGMA_MILLIONTHS 500000
#define DRAWN_BURST_FACTOR 2

/* Correlated over about ten seconds, (1 + 0.8)/(1 − 0.8), as the log was from which the floors come, and noisier than that. */
static const struct drawn_run drawn_minute = {60, 200, 1, 0, 1, 0.02, 0.8, 1.0 / 120};

/* The sum of twelve even draws is near enough to normal up to three deviations. */
static inline double drawn_normal(struct sn_rng *rng) {
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += sn_rng_unit(rng);
    return sum;
}

static inline uint32_t drawn_service_us(struct sn_rng *rng, const struct drawn_run *run, double level, bool burst) {
    double us = run->factor * sn_exp(level) *
                sn_rng_lognormal(rng, DRAWN_MEDIAN_US * 100, DRAWN_SIGMA_MILLIONTHS, UINT32_MAX) / 100;
    if (burst && sn_rng_below(rng, 5) == 0) us *= DRAWN_BURST_FACTOR;
    if (sn_rng_unit(rng) < run->tail_share) us *= run->tail_factor;
    return (uint32_t)(us + 0.5);
}

static inline void drawn_fill(struct sn_blocks *blocks, const struct drawn_run *run, uint64_t seed) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 1);
    double level = run->level * drawn_normal(&rng), fresh = run->level * sqrt(1 - run->memory * run->memory);
    uint32_t burst = 0;
    for (uint32_t second = 0; second < run->seconds; second++) {
        if (burst > 0) burst--;
        if (sn_rng_unit(&rng) < run->burst_share) burst = 3;
        for (uint32_t i = 0; i < run->rate_per_s; i++)
            sn_blocks_add(blocks, second, sn_hist_bucket(drawn_service_us(&rng, run, level, burst > 0)), 1);
        level = run->memory * level + fresh * drawn_normal(&rng);
    }
}

/* Two runs and what was found of them. */
struct drawn_pair {
    struct sn_blocks blocks[2];
    uint32_t pages[2][SN_BLOCKS_PAGES][SN_HIST_PAGE];
    struct sn_compare_room room;
    struct sn_compare_result result;
};

/* Pair `number` of runs, none of which is in another pair. */
static inline void drawn_compare(struct drawn_pair *pair, const struct drawn_run *before, const struct drawn_run *after,
                                 uint64_t number) {
    static const struct sn_compare_options options = {0};
    const struct drawn_run *runs[2] = {before, after};
    for (uint32_t i = 0; i < 2; i++) {
        sn_blocks_init(&pair->blocks[i], runs[i]->seconds, pair->pages[i], SN_BLOCKS_PAGES);
        drawn_fill(&pair->blocks[i], runs[i], 2 * number + i);
        sn_blocks_seal(&pair->blocks[i]);
    }
    sn_compare(&pair->blocks[0], &pair->blocks[1], &options, &pair->room, &pair->result);
}

#endif
