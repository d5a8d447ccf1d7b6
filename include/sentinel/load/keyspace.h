/* A keyspace: n keys, numbered from 0, and the one that operation k touches.
 *
 *     (seed, keyspace, k) ──distribution──► rank 0 … n − 1 ──► key 0 … n − 1
 *
 * It is a function, so every step of an operation, its cleanup and whoever computes it again name the same key.
 *
 *   uniform       every key alike
 *   sequential    k mod n.  Other operations have a k too, so those of one kind leave gaps
 *   zipfian:S     rank r comes in proportion to 1/(r + 1)^S, and ranks are scattered over the keys
 *   hotset:F:P    the first F·n keys (F of all, rounded, at least one) share P of the draws evenly, the others the rest
 *   latest:S      the key d before the newest comes in proportion to 1/(d + 1)^S.  The newest is k mod n, and before
 *                 key 0 comes key n − 1: who writes ${k%n} reads mostly what was written last
 *
 * S is above 0 and at most 100, F above 0 and below 1, P from 0 to 1. */
#ifndef SENTINEL_LOAD_KEYSPACE_H
#define SENTINEL_LOAD_KEYSPACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sentinel/base/limits.h"
#include "sentinel/base/status.h"

/* The name in a text, and how many numbers follow it, each after a colon. */
#define SN_DISTRIBUTION_LIST(X)       \
    X(UNIFORM, 1, "uniform", 0)       \
    X(SEQUENTIAL, 2, "sequential", 0) \
    X(ZIPFIAN, 3, "zipfian", 1)       \
    X(HOTSET, 4, "hotset", 2)         \
    X(LATEST, 5, "latest", 1)

enum sn_distribution {
#define SN_X(name, value, text, numbers) SN_DISTRIBUTION_##name = value,
    SN_DISTRIBUTION_LIST(SN_X)
#undef SN_X
};

/* What a text that is no distribution should have been. */
#define SN_DISTRIBUTION_EXPECTED "uniform, sequential, zipfian:0.99, hotset:0.2:0.8 or latest:0.99"

struct sn_keyspace {
    uint32_t count;         /* keys: 1 to SN_KEYS_MAX */
    uint32_t distribution;  /* enum sn_distribution */
    uint32_t hot;           /* HOTSET: keys that are hot; else 0 */
    uint32_t reserved;      /* 0 */
    double exponent;        /* ZIPFIAN, LATEST: S; else 0 */
    double share;           /* HOTSET: P; else 0 */
    uint64_t salt;          /* tells keyspaces of one run apart: their draws have nothing to do with each other */
    double low, high, sure; /* ZIPFIAN, LATEST: what the draws need of S and n, computed once; else 0 */
};
_Static_assert(sizeof(struct sn_keyspace) == 64, "a keyspace is stored as it lies in memory");

/* `text` is a distribution as above.  SN_E_FORMAT when it is none, or its numbers are out of range; SN_E_RANGE when
 * there cannot be so many keys. */
enum sn_status sn_keyspace_read(struct sn_keyspace *keyspace, const char *text, uint32_t count, uint64_t salt);
/* Whether it is one that sn_keyspace_read() could have made, to the bit. */
bool sn_keyspace_sound(const struct sn_keyspace *keyspace);

/* The rank of operation k, 0 being the most popular where one is.  Of latest the distance from the newest; of uniform,
 * sequential and hotset it is the key. */
uint32_t sn_keyspace_rank(const struct sn_keyspace *keyspace, uint64_t seed, uint64_t k);
/* The key that operation k touches. */
uint32_t sn_keyspace_key(const struct sn_keyspace *keyspace, uint64_t seed, uint64_t k);
/* Where a rank of zipfian is among the keys: one to one on 0 to count − 1, and the same in every run. */
uint32_t sn_keyspace_scatter(uint32_t rank, uint32_t count);

#endif
