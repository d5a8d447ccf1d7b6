#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/load/mix.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* Draws that the table gives to each kind, of total · len: a column gives `threshold` to itself, the rest to its alias.
 * A kind must get exactly weight · len. */
static void assert_exact(const uint32_t *weights, uint32_t len) {
    struct sn_mix mix;
    assert_int_equal(sn_mix_init(&mix, weights, len), SN_OK);
    uint64_t given[SN_KINDS_MAX] = {0};
    for (uint32_t column = 0; column < len; column++) {
        assert_true(mix.threshold[column] <= mix.total);
        assert_true(mix.alias[column] < len);
        given[column] += mix.threshold[column];
        given[mix.alias[column]] += mix.total - mix.threshold[column];
    }
    for (uint32_t i = 0; i < len; i++) assert_true(given[i] == (uint64_t)weights[i] * len);
}

static void shares_are_exact(void **state) {
    (void)state;
    static const struct {
        uint32_t weights[8];
        uint32_t len;
    } rows[] = {
        {{1}, 1},
        {{1, 1}, 2},
        {{1, 2, 3}, 3},
        {{0, 1}, 2},
        {{5, 0, 0, 0}, 4},
        {{60, 20, 10, 5, 3, 2}, 6},
        {{1, 1000000, 1}, 3},
        {{0, 0, 7, 0, 9, 0, 0, 1}, 8},
        {{UINT32_MAX}, 1},
        {{UINT32_MAX / 2 - 1, 1}, 2}, /* the largest sum for two */
    };
    for (size_t i = 0; i < ROWS(rows); i++) assert_exact(rows[i].weights, rows[i].len);

    struct sn_rng rng = sn_rng(3, SN_PURPOSE_MODEL, 0);
    for (int i = 0; i < 20000; i++) {
        uint32_t weights[SN_KINDS_MAX], len = 1 + sn_rng_below(&rng, SN_KINDS_MAX),
                                        bound = 1u << sn_rng_below(&rng, 21);
        for (uint32_t k = 0; k < len; k++) weights[k] = sn_rng_below(&rng, bound + 1);
        weights[sn_rng_below(&rng, len)] |= 1;
        assert_exact(weights, len);
    }
}

/* Every draw that there is: each kind comes exactly as often as its weight says. */
static void picks_are_exact(void **state) {
    (void)state;
    static const struct {
        uint32_t weights[6];
        uint32_t len;
    } rows[] = {{{1}, 1}, {{1, 2, 3}, 3}, {{0, 3, 0, 4}, 4}, {{60, 20, 10, 5, 3, 2}, 6}, {{97, 1, 1, 1, 0, 1}, 6}};
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_mix mix;
        assert_int_equal(sn_mix_init(&mix, rows[i].weights, rows[i].len), SN_OK);
        uint32_t draws = sn_mix_draws(&mix), picked[6] = {0};
        assert_int_equal(draws, mix.total * mix.len);
        for (uint32_t draw = 0; draw < draws; draw++) {
            uint32_t kind = sn_mix_at(&mix, draw);
            assert_true(kind < mix.len);
            picked[kind]++;
        }
        for (uint32_t k = 0; k < mix.len; k++) assert_int_equal(picked[k], rows[i].weights[k] * rows[i].len);
    }
}

static void the_table_is_the_same_everywhere(void **state) {
    (void)state;
    static const uint32_t weights[] = {60, 20, 10, 5, 3, 2}, threshold[] = {100, 32, 60, 30, 18, 12};
    static const uint32_t alias[] = {0, 0, 0, 0, 0, 1};
    struct sn_mix mix;
    assert_int_equal(sn_mix_init(&mix, weights, 6), SN_OK);
    assert_memory_equal(mix.threshold, threshold, sizeof threshold);
    assert_memory_equal(mix.alias, alias, sizeof alias);
}

static void impossible_mixes(void **state) {
    (void)state;
    struct sn_mix mix;
    uint32_t weights[SN_KINDS_MAX + 1] = {0};
    assert_int_equal(sn_mix_init(&mix, weights, 0), SN_E_RANGE);
    assert_int_equal(sn_mix_init(&mix, weights, 3), SN_E_RANGE); /* nothing above 0 */
    weights[0] = 1;
    assert_int_equal(sn_mix_init(&mix, weights, SN_KINDS_MAX), SN_OK);
    assert_int_equal(sn_mix_init(&mix, weights, SN_KINDS_MAX + 1), SN_E_RANGE);
    weights[0] = UINT32_MAX / 2;
    assert_int_equal(sn_mix_init(&mix, weights, 2), SN_OK); /* 2^32 - 2 draws */
    weights[1] = 1;
    assert_int_equal(sn_mix_init(&mix, weights, 2), SN_E_RANGE); /* 2^32: one too many */
    for (int i = 0; i < SN_KINDS_MAX; i++) weights[i] = UINT32_MAX;
    assert_int_equal(sn_mix_init(&mix, weights, SN_KINDS_MAX), SN_E_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares_are_exact),
        cmocka_unit_test(picks_are_exact),
        cmocka_unit_test(the_table_is_the_same_everywhere),
        cmocka_unit_test(impossible_mixes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
