#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/random.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* From the authors' pages: prng.di.unimi.it. */
static void published_vectors(void **state) {
    (void)state;
    static const uint64_t splitmix[] = {UINT64_C(6457827717110365317), UINT64_C(3203168211198807973),
                                        UINT64_C(9817491932198370423), UINT64_C(4593380528125082431),
                                        UINT64_C(16408922859458223821)};
    uint64_t seed = 1234567;
    for (size_t i = 0; i < ROWS(splitmix); i++) assert_int_equal(sn_splitmix64(&seed), splitmix[i]);

    static const uint64_t xoshiro[] = {11520,
                                       0,
                                       1509978240,
                                       UINT64_C(1215971899390074240),
                                       UINT64_C(1216172134540287360),
                                       UINT64_C(607988272756665600),
                                       UINT64_C(16172922978634559625),
                                       UINT64_C(8476171486693032832),
                                       UINT64_C(10595114339597558777),
                                       UINT64_C(2904607092377533576)};
    struct sn_rng rng = {{1, 2, 3, 4}};
    for (size_t i = 0; i < ROWS(xoshiro); i++) assert_int_equal(sn_rng_u64(&rng), xoshiro[i]);
}

/* Pinned, from an independent computation: a stored seed must repeat its run on every build and machine. */
static void what_a_seed_means_never_changes(void **state) {
    (void)state;
    static const struct {
        uint64_t seed;
        enum sn_purpose purpose;
        uint64_t k, first, second;
    } rows[] = {
        {0, SN_PURPOSE_KIND, 0, UINT64_C(0x8141d8d9273e26ce), UINT64_C(0x51eef06d407162b1)},
        {0, SN_PURPOSE_KIND, 1, UINT64_C(0x42c2966e9bf3f58b), UINT64_C(0xad530da0b99f3586)},
        {0, SN_PURPOSE_KEY, 1, UINT64_C(0x368013e3a0ea5351), UINT64_C(0x58351423d34ebaac)},
        {1, SN_PURPOSE_KIND, 1, UINT64_C(0x74714541d9797485), UINT64_C(0x4a20ebc7a81313cd)},
        {UINT64_MAX, SN_PURPOSE_MODEL, UINT64_MAX, UINT64_C(0xb98412d8a5d8ba86), UINT64_C(0x4bfc1b63ac52c6d9)},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_rng rng = sn_rng(rows[i].seed, rows[i].purpose, rows[i].k);
        assert_int_equal(sn_rng_u64(&rng), rows[i].first);
        assert_int_equal(sn_rng_u64(&rng), rows[i].second);
    }
}

static int by_value(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* Seeds, purposes and numbers that are small and next to each other, as they are in life, share no generator. */
static void generators_are_their_own(void **state) {
    (void)state;
    enum { SEEDS = 8, PURPOSES = 6, NUMBERS = 2000, ALL = SEEDS * PURPOSES * NUMBERS };
    uint64_t *first = malloc(ALL * sizeof *first);
    size_t len = 0;
    for (uint64_t seed = 0; seed < SEEDS; seed++)
        for (unsigned purpose = 1; purpose <= PURPOSES; purpose++)
            for (uint64_t k = 0; k < NUMBERS; k++) {
                struct sn_rng rng = sn_rng(seed, (enum sn_purpose)purpose, k);
                assert_true((rng.state[0] | rng.state[1] | rng.state[2] | rng.state[3]) != 0);
                first[len++] = rng.state[0];
            }
    qsort(first, len, sizeof *first, by_value);
    for (size_t i = 1; i < len; i++) assert_int_not_equal(first[i], first[i - 1]);
    free(first);
}

static unsigned bits_set(uint64_t x) {
    unsigned count = 0;
    for (; x != 0; x &= x - 1) count++;
    return count;
}

/* One bit more or less in the seed, the purpose or k moves about half of the first draw's bits: 32 of 64. */
static void every_input_bit_counts(void **state) {
    (void)state;
    for (unsigned bit = 0; bit < 64; bit++) {
        unsigned seed_moved = 0, k_moved = 0;
        for (uint64_t k = 0; k < 200; k++) {
            struct sn_rng base = sn_rng(7, SN_PURPOSE_KIND, k);
            struct sn_rng seed = sn_rng(7 ^ (UINT64_C(1) << bit), SN_PURPOSE_KIND, k);
            struct sn_rng number = sn_rng(7, SN_PURPOSE_KIND, k ^ (UINT64_C(1) << bit));
            uint64_t draw = sn_rng_u64(&base);
            seed_moved += bits_set(draw ^ sn_rng_u64(&seed));
            k_moved += bits_set(draw ^ sn_rng_u64(&number));
        }
        assert_in_range(seed_moved, 200 * 30, 200 * 34); /* the standard deviation is 0.28 bits */
        assert_in_range(k_moved, 200 * 30, 200 * 34);
    }
}

static void bounded_draws(void **state) {
    (void)state;
    static const uint32_t bounds[] = {1, 2, 3, 7, 64, 1000, UINT32_C(0x80000000), UINT32_C(0x80000001), UINT32_MAX};
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_MODEL, 1);
    for (size_t i = 0; i < ROWS(bounds); i++)
        for (int n = 0; n < 2000; n++) assert_true(sn_rng_below(&rng, bounds[i]) < bounds[i]);

    uint32_t seen = 0;
    for (int n = 0; n < 2000; n++) seen |= 1u << sn_rng_below(&rng, 7);
    assert_int_equal(seen, 0x7f);
}

/* Of bound 3·2^30 a fourth of the draws has to be drawn again.  Without that, multiples of 3 would come twice as
 * often as the others: half of 30,000 instead of a third. */
static void bounded_draws_are_fair(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_MODEL, 2);
    uint32_t counts[3] = {0};
    for (int n = 0; n < 30000; n++) counts[sn_rng_below(&rng, UINT32_C(0xc0000000)) % 3]++;
    for (int i = 0; i < 3; i++) assert_in_range(counts[i], 10000 - 410, 10000 + 410); /* five standard deviations */
}

/* The state whose next draw is `draw`: xoshiro's output depends on state[1] alone and can be turned back. */
static struct sn_rng about_to_draw(uint64_t draw) {
    uint64_t x = draw * UINT64_C(0x8e38e38e38e38e39); /* 1/9 mod 2^64 */
    x = (x >> 7) | (x << 57);
    return (struct sn_rng){{1, x * UINT64_C(0xcccccccccccccccd), 3, 4}}; /* 1/5 mod 2^64 */
}

static void the_unit_interval_is_open_above(void **state) {
    (void)state;
    struct sn_rng rng = about_to_draw(UINT64_MAX);
    struct sn_rng copy = rng;
    assert_int_equal(sn_rng_u64(&copy), UINT64_MAX);
    double highest = sn_rng_unit(&rng);
    assert_true(highest < 1 && highest == 1 - 0x1p-53);
    rng = about_to_draw(0);
    assert_true(sn_rng_unit(&rng) == 0);
    rng = about_to_draw(UINT64_C(1) << 63);
    assert_true(sn_rng_unit(&rng) == 0.5);
    rng = about_to_draw(UINT64_MAX);
    assert_int_equal(sn_rng_below(&rng, 1000), 999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(what_a_seed_means_never_changes),
        cmocka_unit_test(generators_are_their_own),
        cmocka_unit_test(every_input_bit_counts),
        cmocka_unit_test(bounded_draws),
        cmocka_unit_test(bounded_draws_are_fair),
        cmocka_unit_test(the_unit_interval_is_open_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
