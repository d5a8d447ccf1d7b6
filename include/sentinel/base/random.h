/* Randomness as a function of (seed, purpose, k).
 *
 * Every operation and purpose gets a generator of its own, so no stream has to be kept in step between shards,
 * restarts or versions: adding a purpose changes nothing for the others. */
#ifndef SENTINEL_BASE_RANDOM_H
#define SENTINEL_BASE_RANDOM_H

#include <stdint.h>

enum sn_purpose {
    SN_PURPOSE_KIND = 1,    /* which operation k is */
    SN_PURPOSE_KEY = 2,     /* which key it touches */
    SN_PURPOSE_PAYLOAD = 3, /* which bytes it writes */
    SN_PURPOSE_ARRIVAL = 4, /* when it is due, with Poisson arrivals */
    SN_PURPOSE_VALUE = 5,   /* generated values inside its arguments */
    SN_PURPOSE_MODEL = 6,   /* the simulator's targets and faults */
    SN_PURPOSE_STEP = 7,    /* which of its steps it makes */
    SN_PURPOSE_THINK = 8,   /* how long is thought before a step */
    SN_PURPOSE_AGAIN = 9,   /* which blocks a comparison draws again */
    SN_PURPOSE_JITTER = 10, /* how much later than its minute a schedule's run starts */
    SN_PURPOSE_NAME = 11,   /* the id of a schedule's run */
};

/* xoshiro256** (Blackman, Vigna 2018), state never all zero. */
struct sn_rng {
    uint64_t state[4];
};

uint64_t sn_splitmix64(uint64_t *state); /* state 1234567 → 6457827717110365317, 3203168211198807973, … */
struct sn_rng sn_rng(uint64_t seed, enum sn_purpose purpose, uint64_t k);
uint64_t sn_rng_u64(struct sn_rng *rng);
/* Unbiased integer in [0, bound), bound ≥ 1 (Lemire 2019, multiply-shift with rejection). */
uint32_t sn_rng_below(struct sn_rng *rng, uint32_t bound);
double sn_rng_unit(struct sn_rng *rng); /* [0, 1), 53 bits */
/* Log-normal, rounded: a half lies below the median, and sigma is the deviation of the logarithm.  Cut to `max`. */
uint32_t sn_rng_lognormal(struct sn_rng *rng, uint32_t median, uint32_t sigma_millionths, uint32_t max);

/* The first number that sn_rng(seed, purpose, k) gives, and the first below a bound: most draws are of one number, which
 * needs a quarter of the generator. */
uint64_t sn_rng_first(uint64_t seed, enum sn_purpose purpose, uint64_t k);
uint32_t sn_rng_first_below(uint64_t seed, enum sn_purpose purpose, uint64_t k, uint32_t bound);
/* The latter for many k: what they have in common is found once. */
uint64_t sn_rng_origin(uint64_t seed, enum sn_purpose purpose);
uint32_t sn_rng_first_below_of(uint64_t origin, uint64_t k, uint32_t bound);

#endif
