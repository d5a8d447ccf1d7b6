#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#include "sentinel/base/random.h"
#include "sentinel/measure/history.h"

#define assert_near(a, b, off) assert_true(fabs((a) - (b)) <= (off))

static double noise(struct sn_rng *rng) {
    double sum = -6;
    for (int i = 0; i < 12; i++) sum += sn_rng_unit(rng);
    return sum;
}

#define LEN_MAX 400

/* Levels that follow each other, each for so many values. */
struct step {
    uint32_t len;
    double level;
};

static double values[LEN_MAX];
static struct sn_history_change changes[LEN_MAX / SN_HISTORY_SEGMENT_MIN + 1];

static uint32_t draw_steps(const struct step *steps, double deviation, uint64_t seed) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
    uint32_t len = 0;
    for (; steps->len > 0; steps++)
        for (uint32_t i = 0; i < steps->len; i++) values[len++] = steps->level * (1 + deviation * noise(&rng));
    return len;
}

static void steps_are_found_where_they_are(void **state) {
    (void)state;
    static const struct step rows[][5] = {
        {{30, 100}, {30, 110}},
        {{10, 100}, {10, 90}},
        {{5, 100}, {5, 130}},
        {{60, 10}, {3, 15}},
        {{3, 15}, {60, 10}},
        {{40, 100}, {40, 120}, {40, 100}},
        {{20, 1e-6}, {20, 2e-6}},
        {{20, 1e90}, {20, 2e90}},
        {{90, 50}, {80, 54}, {70, 60}},
        {{25, 100}, {25, 125}, {25, 100}, {25, 125}},
        {{30, -100}, {30, -80}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        for (uint64_t seed = 0; seed < 20; seed++) {
            uint32_t len = draw_steps(rows[i], 0.01, seed), found = sn_history(values, len, changes), at = 0, n = 0;
            for (; rows[i][n + 1].len > 0 && n < 3; n++) {
                at += rows[i][n].len;
                assert_true(n < found);
                assert_int_equal(changes[n].index, at);
                assert_true(changes[n].p <= SN_HISTORY_P_MAX);
                assert_near(changes[n].before / rows[i][n].level, 1, 0.02);
                assert_near(changes[n].after / rows[i][n + 1].level, 1, 0.02);
            }
            assert_int_equal(found, n);
        }
    }
}

/* With so much noise the size alone would be reached now and then. */
static void noise_is_no_change(void **state) {
    (void)state;
    static const struct step rows[][2] = {{{12, 100}}, {{50, 100}}, {{200, 100}}, {{400, 7}}};
    uint32_t found = 0;
    for (uint64_t seed = 0; seed < 400; seed++)
        found += sn_history(values, draw_steps(rows[seed % 4], 0.02, seed), changes);
    assert_int_equal(found, 0);
}

/* Sure, but too small to matter. */
static void small_steps_are_left_out(void **state) {
    (void)state;
    static const struct step small[] = {{100, 100}, {100, 104}, {0, 0}};
    assert_int_equal(sn_history(values, draw_steps(small, 0.001, 1), changes), 0);
}

static void what_is_short_or_constant_has_no_change(void **state) {
    (void)state;
    for (uint32_t i = 0; i < LEN_MAX; i++) values[i] = 0.1;
    for (uint32_t len = 0; len <= LEN_MAX; len += 7) assert_int_equal(sn_history(values, len, changes), 0);
    for (uint32_t i = 0; i < 5; i++) values[i] = i < 2 ? 1 : 2;
    for (uint32_t len = 0; len <= 5; len++) assert_int_equal(sn_history(values, len, changes), 0);
}

static void without_noise_a_step_is_certain(void **state) {
    (void)state;
    for (uint32_t i = 0; i < 40; i++) values[i] = i < 17 ? 0 : 3;
    assert_int_equal(sn_history(values, 40, changes), 1);
    assert_int_equal(changes[0].index, 17);
    assert_near(changes[0].p, 0, 0);
    assert_near(changes[0].before, 0, 0);
    assert_near(changes[0].after, 3, 0);
}

/* A slow rise has no place where it happened; it is told as steps, all of them upwards. */
static void a_ramp_only_rises(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(5, SN_PURPOSE_MODEL, 0);
    for (uint32_t i = 0; i < 200; i++) values[i] = 100 + i + noise(&rng);
    uint32_t found = sn_history(values, 200, changes);
    assert_true(found >= 3);
    for (uint32_t i = 0; i < found; i++) assert_true(changes[i].after > changes[i].before);
}

/* Among the first or the last few values there is too little to tell them apart. */
static void one_outlier_is_no_level(void **state) {
    (void)state;
    static const struct step level[] = {{60, 100}, {0, 0}};
    for (uint32_t at = 5; at < 55; at++) {
        uint32_t len = draw_steps(level, 0.01, at);
        values[at] = 200;
        assert_int_equal(sn_history(values, len, changes), 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_found_where_they_are),  cmocka_unit_test(noise_is_no_change),
        cmocka_unit_test(small_steps_are_left_out),        cmocka_unit_test(what_is_short_or_constant_has_no_change),
        cmocka_unit_test(without_noise_a_step_is_certain), cmocka_unit_test(a_ramp_only_rises),
        cmocka_unit_test(one_outlier_is_no_level),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
