/* Whose operation it is.
 *
 * The operations are dealt to as many places as the run has shards at its start: place p of n has the k with
 * k ≡ p (mod n).  Shard i sits at place i.  A replace epoch gives the place of a shard that is lost to a new one: what comes
 * due there after its moment belongs to the new shard, which is number n for the first such epoch, n + 1 for the second.
 *
 *     place 0  ── shard 0 ──────────────────────────────►
 *     place 1  ── shard 1 ───────┤── shard 2 ───────────►      n = 2
 *                             replace
 *
 * The lost shard may not have heard that the load was slowed down, and may have started more than is due by then: the epoch
 * says up to which operation, and the new shard's own begin behind that one.
 */
#ifndef SENTINEL_LOAD_SHARE_H
#define SENTINEL_LOAD_SHARE_H

#include "sentinel/load/schedule.h"

/* The k ≡ place (mod places) from first_k to last_k, both included. */
struct sn_share {
    uint32_t place, places;
    uint64_t first_k; /* ≥ 1 */
    uint64_t last_k;  /* UINT64_MAX until another shard takes over */
};

/* Shards that the schedule knows of: its places and one more for each replace epoch.  0 before a start. */
uint32_t sn_share_shards(const struct sn_schedule *schedule);
/* The share of a shard that the schedule knows of. */
struct sn_share sn_share_of(const struct sn_schedule *schedule, uint32_t shard);
/* Whether another shard has taken its place, or will. */
bool sn_share_ended(const struct sn_share *share);
/* The smallest k ≥ from (from ≥ 1) that the share has; UINT64_MAX when there is none. */
uint64_t sn_share_next(const struct sn_share *share, uint64_t from);
/* How many of the operations 1 … upto it has. */
uint64_t sn_share_count(const struct sn_share *share, uint64_t upto);
/* How many of the items 0 … items - 1, dealt to the places in turn, a place has. */
uint64_t sn_share_items(uint32_t place, uint32_t places, uint64_t items);

#endif
