/* Runs that are drawn, for whatever judges runs: whole seconds that are alike in the way in which seconds of a real target are.
 *
 * A second has a level, which moves slowly (AR(1) on its logarithm); service times are log-normal about it, and now and then a
 * burst makes some of the operations of a few seconds slower.  A third of a tail may be slower by a factor. */
#ifndef TESTS_UNIT_DRAWN_RUN_H
#define TESTS_UNIT_DRAWN_RUN_H

#include "sentinel/base/random.h"
#include "sentinel/base/real.h"
#include "sentinel/measure/blocks.h"

struct drawn_run {
    uint32_t seconds, rate_per_s;
    double median_us, sigma;    /* of the service times; sigma of their logarithm */
    double level, memory;       /* deviation of the level's logarithm; how much of it the next second keeps, 0 to 1 */
    double burst_share;         /* of seconds in which a burst begins */
    double burst_factor;        /* of a fifth of the operations, for three seconds */
    double factor;              /* of every service time */
    double tail_share, tail_factor; /* so many operations take so many times as long */
};

static inline double drawn_normal(struct sn_rng *rng) {
    double sum = -6; /* Irwin and Hall: near enough up to three deviations, and without a logarithm */
    for (int i = 0; i < 12; i++) sum += sn_rng_unit(rng);
    return sum;
}

static inline double drawn_service_us(struct sn_rng *rng, const struct drawn_run *run, double level, bool burst) {
    double us = run->median_us * run->factor * sn_exp(level) * sn_rng_lognormal(rng, 1000000, (uint32_t)(run->sigma * 1e6), UINT32_MAX) / 1e6;
    if (burst && sn_rng_below(rng, 5) == 0) us *= run->burst_factor;
    if (run->tail_share > 0 && sn_rng_unit(rng) < run->tail_share) us *= run->tail_factor;
    return us;
}

/* Calls `take` for every operation: second, value. */
static inline void drawn_run_each(const struct drawn_run *run, uint64_t seed, void (*take)(void *user, uint32_t second, uint32_t us),
                             void *user) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 1);
    double level = run->level * drawn_normal(&rng), fresh = run->level * __builtin_sqrt(1 - run->memory * run->memory);
    uint32_t burst = 0;
    for (uint32_t second = 0; second < run->seconds; second++) {
        if (burst > 0) burst--;
        if (sn_rng_unit(&rng) < run->burst_share) burst = 3;
        for (uint32_t i = 0; i < run->rate_per_s; i++)
            take(user, second, (uint32_t)(drawn_service_us(&rng, run, level, burst > 0) + 0.5));
        level = run->memory * level + fresh * drawn_normal(&rng);
    }
}

static inline void drawn_take(void *user, uint32_t second, uint32_t us) {
    sn_blocks_add(user, second, sn_hist_bucket(us), 1);
}

#endif
