/* What a run sends, as one number: a sum over its operations of a hash of each.
 *
 * It depends on the workload and the seed, and on nothing else: neither on who sends what, nor in which order.  So the sums
 * of all shards add up to the run's, however many there are.  What tells one run from another, and one moment from the next,
 * stays outside: the run's id, the tenant, the time, and what was captured from answers. */
#ifndef SENTINEL_LOAD_DIGEST_H
#define SENTINEL_LOAD_DIGEST_H

#include "sentinel/load/operation.h"
#include "sentinel/load/share.h"

/* Room to render in. */
struct sn_digest_room {
    struct sn_shapes shapes;
    uint64_t hashes[SN_SHAPES_MAX]; /* of the shapes that have been met */
    uint8_t bytes[3 * SN_EFFECT_MAX];
};

/* Of the share's operations from 1 to `upto`; modulo 2^64. */
uint64_t sn_digest(const struct sn_workload *workload, uint64_t seed, const struct sn_share *share, uint64_t upto,
                   struct sn_digest_room *room);

#endif
