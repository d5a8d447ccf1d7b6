#include "arrivals.h"

#include "sentinel/base/assert.h"
#include "sentinel/base/random.h"

#define DEPTH 32 /* halvings from the whole to a single place */

/* A part of the line: the whole is 1, the halves of part p are 2p and 2p + 1. */
struct part {
    uint64_t number;
    uint32_t depth;
    uint64_t count; /* arrivals in it */
};

static uint64_t draw_left(const struct sn_profile *profile, uint64_t number, uint64_t count) {
    struct sn_rng rng = sn_rng(profile->seed, SN_PURPOSE_ARRIVAL, number);
    uint64_t left = 0;
    for (; count >= 64; count -= 64) left += (uint64_t)__builtin_popcountll(sn_rng_u64(&rng));
    if (count > 0) left += (uint64_t)__builtin_popcountll(sn_rng_u64(&rng) >> (64 - count));
    return left;
}

void sn_profile_seed(struct sn_profile *profile, uint64_t seed) {
    if (profile->arrivals != SN_ARRIVALS_POISSON) return;
    SN_ASSERT(profile->planned <= UINT64_C(1) << 20); /* so that a place times planned is exact in a double */
    profile->seed = seed;
    profile->crowds[1] = (uint32_t)profile->planned;
    for (uint32_t i = 1; i < SN_CROWDS / 2; i++) {
        profile->crowds[2 * i] = (uint32_t)draw_left(profile, i, profile->crowds[i]);
        profile->crowds[2 * i + 1] = profile->crowds[i] - profile->crowds[2 * i];
    }
}

/* The largest parts take the most bits, so their halves are kept. */
static uint64_t left_of(const struct sn_profile *profile, const struct part *part) {
    uint64_t left = part->number * 2;
    return left < SN_CROWDS ? profile->crowds[left] : draw_left(profile, part->number, part->count);
}

static void enter(struct part *part, bool right, uint64_t left) {
    part->number = part->number * 2 + right;
    part->count = right ? part->count - left : left;
    part->depth += 1;
}

/* The place of the one arrival in a part, or of all of them when the part is a single place. */
static uint64_t place_in(const struct sn_profile *profile, const struct part *part) {
    uint64_t place = (part->number << (DEPTH - part->depth)) % SN_PLACES;
    if (part->depth == DEPTH) return place;
    struct sn_rng rng = sn_rng(profile->seed, SN_PURPOSE_ARRIVAL, part->number);
    return place | sn_rng_u64(&rng) >> (64 - DEPTH + part->depth);
}

uint64_t sn_arrivals_place(const struct sn_profile *profile, uint64_t k) {
    struct part part = {1, 0, profile->planned};
    uint64_t index = k - 1;
    while (part.count > 1 && part.depth < DEPTH) {
        uint64_t left = left_of(profile, &part);
        bool right = index >= left;
        if (right) index -= left;
        enter(&part, right, left);
    }
    return place_in(profile, &part);
}

uint64_t sn_arrivals_below(const struct sn_profile *profile, uint64_t place) {
    struct part part = {1, 0, profile->planned};
    uint64_t below = 0;
    if (place >= SN_PLACES) return profile->planned;
    while (part.count > 1 && part.depth < DEPTH) {
        uint64_t left = left_of(profile, &part);
        bool right = place >> (DEPTH - 1 - part.depth) & 1;
        if (right) below += left;
        enter(&part, right, left);
    }
    return below + (part.count == 1 && place_in(profile, &part) < place);
}
