#include "sentinel/base/random.h"

#include <math.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/real.h"

#define GOLDEN UINT64_C(0x9e3779b97f4a7c15) /* 2^64 / golden ratio: splitmix64's step */

/* splitmix64's finaliser (Stafford's variant 13): one to one, and every input bit moves about half of the output. */
static uint64_t finalise(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

static uint64_t rotate_left(uint64_t x, unsigned bits) {
    return (x << bits) | (x >> (64 - bits));
}

uint64_t sn_splitmix64(uint64_t *state) {
    *state += GOLDEN;
    return finalise(*state);
}

/* With seed and purpose fixed every step from here to the state is one to one in k, so no two operations share a
 * generator. */
uint64_t sn_rng_origin(uint64_t seed, enum sn_purpose purpose) {
    return finalise(finalise(seed + GOLDEN) ^ ((uint64_t)purpose * GOLDEN));
}

/* Four outputs of splitmix64 in a row are four different numbers, so at most one of them is 0. */
static struct sn_rng generator(uint64_t origin, uint64_t k) {
    uint64_t state = finalise(origin + k);
    struct sn_rng rng;
    for (int i = 0; i < 4; i++) rng.state[i] = sn_splitmix64(&state);
    return rng;
}

struct sn_rng sn_rng(uint64_t seed, enum sn_purpose purpose, uint64_t k) {
    return generator(sn_rng_origin(seed, purpose), k);
}

static uint64_t output(uint64_t second) {
    return rotate_left(second * 5, 7) * 9;
}

static uint64_t first(uint64_t origin, uint64_t k) {
    return output(finalise(finalise(origin + k) + 2 * GOLDEN));
}

uint64_t sn_rng_first(uint64_t seed, enum sn_purpose purpose, uint64_t k) {
    return first(sn_rng_origin(seed, purpose), k);
}

uint64_t sn_rng_u64(struct sn_rng *rng) {
    uint64_t *s = rng->state;
    uint64_t result = output(s[1]);
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate_left(s[3], 45);
    return result;
}

uint32_t sn_rng_below(struct sn_rng *rng, uint32_t bound) {
    SN_ASSERT(bound >= 1);
    uint64_t product = (sn_rng_u64(rng) >> 32) * bound;
    if ((uint32_t)product >= bound) return (uint32_t)(product >> 32);
    /* 2^32 mod bound of the 2^32 draws are too many for an even share: those are drawn again. */
    uint32_t surplus = (uint32_t)(-bound) % bound;
    while ((uint32_t)product < surplus) product = (sn_rng_u64(rng) >> 32) * bound;
    return (uint32_t)(product >> 32);
}

uint32_t sn_rng_first_below_of(uint64_t origin, uint64_t k, uint32_t bound) {
    SN_ASSERT(bound >= 1);
    uint64_t product = (first(origin, k) >> 32) * bound;
    if ((uint32_t)product >= bound) return (uint32_t)(product >> 32);
    struct sn_rng rng = generator(origin, k); /* it may have to be drawn again */
    return sn_rng_below(&rng, bound);
}

uint32_t sn_rng_first_below(uint64_t seed, enum sn_purpose purpose, uint64_t k, uint32_t bound) {
    return sn_rng_first_below_of(sn_rng_origin(seed, purpose), k, bound);
}

double sn_rng_unit(struct sn_rng *rng) {
    return (double)(sn_rng_u64(rng) >> 11) * 0x1p-53;
}

/* Normal with mean 0 and deviation 1: the polar method of Marsaglia, of which one number of the pair is used. */
static double draw_normal(struct sn_rng *rng) {
    for (;;) {
        double a = 2 * sn_rng_unit(rng) - 1, b = 2 * sn_rng_unit(rng) - 1, r = a * a + b * b;
        if (r > 0 && r < 1) return a * sqrt(-2 * sn_ln(r) / r);
    }
}

uint32_t sn_rng_lognormal(struct sn_rng *rng, uint32_t median, uint32_t sigma_millionths, uint32_t max) {
    double value = median * sn_exp(draw_normal(rng) * sigma_millionths / 1e6);
    return value < max ? (uint32_t)(value + 0.5) : max;
}
