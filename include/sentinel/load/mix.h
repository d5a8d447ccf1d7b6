/* The mix: picks an operation kind in proportion to integer weights, with one draw.
 *
 * Walker's alias method, built in integers (Vose 1991), so that equal weights give an equal table everywhere. */
#ifndef SENTINEL_LOAD_MIX_H
#define SENTINEL_LOAD_MIX_H

#include "sentinel/base/limits.h"
#include "sentinel/base/random.h"
#include "sentinel/base/status.h"

struct sn_mix {
    uint64_t origin; /* of the draws for operations: sn_rng_origin() */
    uint32_t len;
    uint32_t total;                   /* sum of the weights */
    uint32_t threshold[SN_KINDS_MAX]; /* of `total`: below it column i stands for itself, from it on for alias[i] */
    uint32_t alias[SN_KINDS_MAX];
};

/* SN_E_RANGE when there is no weight above 0, `len` is 0 or above SN_KINDS_MAX, or the sum times len exceeds 2^32 - 1.
 * A kind of weight 0 is never picked. */
enum sn_status sn_mix_init(struct sn_mix *mix, const uint32_t *weights, uint32_t len);
/* Picks with a number drawn below sn_mix_draws(). */
uint32_t sn_mix_draws(const struct sn_mix *mix);
uint32_t sn_mix_at(const struct sn_mix *mix, uint32_t draw);

#endif
