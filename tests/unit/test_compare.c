#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "drawn_run.h"

#define assert_near(a, b, off) assert_true(fabs((a) - (b)) <= (off))

static struct drawn_pair pair;

static void fill(uint32_t side, const struct drawn_run *run, uint64_t seed) {
    sn_blocks_init(&pair.blocks[side], run->seconds, pair.pages[side], SN_BLOCKS_PAGES);
    drawn_fill(&pair.blocks[side], run, seed);
    sn_blocks_seal(&pair.blocks[side]);
}

static void compare(const struct sn_compare_options *options) {
    sn_compare(&pair.blocks[0], &pair.blocks[1], options, &pair.room, &pair.result);
}

static const struct sn_compare_options plain = {0};

/* What the long check (tests/sim/verdicts.c) asks of hundreds. */
static void verdicts_are_right(void **state) {
    (void)state;
    struct drawn_run run = drawn_minute;
    run.rate_per_s = 500;
    struct drawn_run slow = run, tail = run;
    slow.factor = 1.1;
    tail.tail_share = 0.03;
    tail.tail_factor = 3;
    uint32_t tails = 0;
    for (uint64_t i = 0; i < 12; i++) {
        drawn_compare(&pair, &run, &run, i);
        for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++)
            assert_true(pair.result.percentiles[p].change == SN_CHANGE_SAME ||
                        pair.result.percentiles[p].change == SN_CHANGE_INCONCLUSIVE);
        drawn_compare(&pair, &run, &slow, 100 + i);
        assert_int_equal(pair.result.change, SN_CHANGE_SLOWER);
        drawn_compare(&pair, &run, &tail, 200 + i);
        tails += pair.result.percentiles[2].change == SN_CHANGE_SLOWER;
        assert_true(pair.result.a12 < 0.56); /* which hardly sees it */
    }
    assert_true(tails >= 10); /* nine in ten are found */
}

static void the_same_values_are_the_same(void **state) {
    (void)state;
    fill(0, &drawn_minute, 1);
    fill(1, &drawn_minute, 1);
    compare(&plain);
    assert_int_equal(pair.result.change, SN_CHANGE_SAME);
    assert_near(pair.result.a12, 0.5, 1e-12);
    assert_near(pair.result.ks, 0, 1e-12);
    for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++) assert_near(pair.result.percentiles[p].ratio, 1, 0);
}

static enum sn_change mirrored(enum sn_change change) {
    if (change == SN_CHANGE_SLOWER) return SN_CHANGE_FASTER;
    return change == SN_CHANGE_FASTER ? SN_CHANGE_SLOWER : change;
}

/* Every percentile, whatever was found of it, the other way around. */
static void the_other_way_around_is_the_mirror(void **state) {
    (void)state;
    static const double factors[] = {0.7, 0.9, 0.95, 1, 1.05, 1.1, 1.5};
    struct sn_compare_result there;
    for (uint64_t i = 0; i < 14; i++) {
        struct drawn_run other = drawn_minute;
        other.factor = factors[i % 7];
        fill(0, &drawn_minute, 2 * i);
        fill(1, &other, 2 * i + 1);
        compare(&plain);
        there = pair.result;
        sn_compare(&pair.blocks[1], &pair.blocks[0], &plain, &pair.room, &pair.result);
        for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++) {
            const struct sn_compare_percentile *a = &there.percentiles[p], *b = &pair.result.percentiles[p];
            assert_int_equal(a->change, mirrored(b->change));
            assert_near(a->ratio * b->ratio, 1, 1e-12);
            assert_near(a->low * b->high, 1, 1e-9);
            assert_near(a->high * b->low, 1, 1e-9);
        }
        assert_near(there.a12 + pair.result.a12, 1, 1e-9);
        assert_near(there.ks, pair.result.ks, 1e-12);
    }
}

/* What is said follows from the ratio, its interval and the floor alone. */
static void verdicts_follow_the_rule(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        struct drawn_run other = drawn_minute;
        other.factor = 0.8 + 0.02 * (double)i;
        drawn_compare(&pair, &drawn_minute, &other, 300 + i);
        for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++) {
            const struct sn_compare_percentile *one = &pair.result.percentiles[p];
            assert_true(one->low <= one->ratio && one->ratio <= one->high);
            bool slower = one->ratio > 1 + one->floor && one->low > 1;
            bool faster = one->ratio < 1 / (1 + one->floor) && one->high < 1;
            bool same = one->low >= 1 / (1 + one->floor) && one->high <= 1 + one->floor;
            enum sn_change change = slower   ? SN_CHANGE_SLOWER
                                    : faster ? SN_CHANGE_FASTER
                                    : same   ? SN_CHANGE_SAME
                                             : SN_CHANGE_INCONCLUSIVE;
            if (one->doubt == SN_DOUBT_NONE || one->doubt == SN_DOUBT_WIDTH) assert_int_equal(one->change, change);
            if (one->change == SN_CHANGE_INCONCLUSIVE) assert_true(one->settled_s > 0 && one->doubt != SN_DOUBT_NONE);
        }
    }
}

/* A run of the length that is named settles most that was not settled: it is a rule of thumb, so twice that length. */
static void the_length_that_is_named_settles_it(void **state) {
    (void)state;
    uint32_t asked = 0, settled = 0;
    for (uint64_t i = 0; i < 14; i++) {
        drawn_compare(&pair, &drawn_minute, &drawn_minute, 400 + i);
        double seconds = pair.result.percentiles[1].settled_s;
        if (seconds == 0 || seconds > 900) continue;
        struct drawn_run longer = drawn_minute;
        longer.seconds = (uint32_t)(2 * seconds);
        drawn_compare(&pair, &longer, &longer, 500 + i);
        asked++;
        settled += pair.result.percentiles[1].change != SN_CHANGE_INCONCLUSIVE;
    }
    assert_true(asked >= 4 && settled * 3 >= asked * 2);
}

static void short_runs_are_not_judged(void **state) {
    (void)state;
    struct drawn_run brief = drawn_minute, thin = drawn_minute, slow = drawn_minute;
    slow.factor = 2;
    brief.seconds = 29;
    thin.rate_per_s = 10; /* 600 operations: six above p99 */
    drawn_compare(&pair, &brief, &slow, 1);
    assert_int_equal(pair.result.change, SN_CHANGE_INCONCLUSIVE);
    assert_int_equal(pair.result.percentiles[0].doubt, SN_DOUBT_INTERVALS);
    assert_true(pair.result.percentiles[0].settled_s >= 30);
    drawn_compare(&pair, &slow, &brief, 1);
    assert_int_equal(pair.result.percentiles[0].doubt, SN_DOUBT_INTERVALS);
    drawn_compare(&pair, &thin, &slow, 1);
    assert_int_equal(pair.result.percentiles[0].change, SN_CHANGE_SLOWER);
    assert_int_equal(pair.result.percentiles[2].doubt, SN_DOUBT_SAMPLES);
    assert_true(pair.result.percentiles[2].settled_s >= 100 && pair.result.percentiles[2].settled_s < 110);
}

static void nothing_is_inconclusive(void **state) {
    (void)state;
    fill(0, &drawn_minute, 1);
    sn_blocks_init(&pair.blocks[1], 60, pair.pages[1], SN_BLOCKS_PAGES);
    sn_blocks_seal(&pair.blocks[1]);
    compare(&plain);
    assert_int_equal(pair.result.change, SN_CHANGE_INCONCLUSIVE);
    assert_true(isinf(pair.result.percentiles[0].settled_s));
}

/* Every second the same: so many µs, 100 times, and once something far out. */
static void fill_even(uint32_t side, uint32_t us) {
    sn_blocks_init(&pair.blocks[side], 60, pair.pages[side], SN_BLOCKS_PAGES);
    for (uint32_t second = 0; second < 60; second++) {
        sn_blocks_add(&pair.blocks[side], second, sn_hist_bucket(us), 100);
        sn_blocks_add(&pair.blocks[side], second, sn_hist_bucket(1000000), 3);
    }
    sn_blocks_seal(&pair.blocks[side]);
}

static void less_than_a_step_of_the_clock_is_nothing(void **state) {
    (void)state;
    static const struct {
        uint32_t before_us, after_us, step_us;
        enum sn_change change;
    } rows[] = {
        {2000, 3000, 0, SN_CHANGE_SLOWER},    {2000, 3000, 1000, SN_CHANGE_SAME},
        {3000, 2000, 1000, SN_CHANGE_SAME},   {2000, 4000, 1000, SN_CHANGE_SLOWER},
        {4000, 2000, 1000, SN_CHANGE_FASTER}, {10, 11, 0, SN_CHANGE_SAME}, /* 10 % more, and one bucket */
        {10, 12, 0, SN_CHANGE_SLOWER},        {0, 1, 0, SN_CHANGE_SAME},
        {0, 5, 0, SN_CHANGE_SLOWER},          {0, 0, 0, SN_CHANGE_SAME},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_compare_options options = {.clock_step_us = rows[i].step_us};
        fill_even(0, rows[i].before_us);
        fill_even(1, rows[i].after_us);
        compare(&options);
        assert_int_equal(pair.result.percentiles[0].change, rows[i].change);
    }
}

static void a_spread_raises_the_floor(void **state) {
    (void)state;
    static const uint32_t us[] = {1000, 1100, 1000, 1100};
    double spread = sn_compare_spread(us, 4);
    assert_near(spread, 0.0550, 0.0001); /* ln 1.1 / √3 */
    assert_near(sn_compare_spread(us, 2), 0, 0);
    struct sn_compare_options options = {.spreads = {spread, spread, spread, spread}};
    fill_even(0, 10000);
    fill_even(1, 11000);
    compare(&options);
    assert_int_equal(pair.result.percentiles[0].change, SN_CHANGE_SAME);
    assert_near(pair.result.percentiles[0].floor, 2 * spread, 1e-12);
    compare(&plain);
    assert_int_equal(pair.result.percentiles[0].change, SN_CHANGE_SLOWER);
}

/* Seconds that go by tens are drawn by tens; independent ones by the least that is ever drawn. */
static void stretches_follow_the_correlation(void **state) {
    (void)state;
    struct drawn_run even = drawn_minute, waves = drawn_minute;
    even.level = 0;
    even.burst_share = 0;
    even.seconds = waves.seconds = 120;
    waves.level = 0.1;
    waves.memory = 0.9;
    fill(0, &even, 1);
    fill(1, &even, 2);
    assert_int_equal(sn_compare_stretch(&pair.blocks[0], sn_compare_stretch_s(&pair.blocks[0], &pair.blocks[1])), 10);
    uint32_t longer = 0;
    for (uint64_t i = 0; i < 8; i++) {
        fill(0, &waves, 10 + i);
        fill(1, &waves, 20 + i);
        uint32_t stretch = sn_compare_stretch(&pair.blocks[0], sn_compare_stretch_s(&pair.blocks[0], &pair.blocks[1]));
        assert_true(stretch >= 10 && stretch <= 40);
        longer += stretch >= 12;
    }
    assert_true(longer >= 5);
}

/* A thousand operations a second, of which so many miss a cache, two more and two less by turns of ten seconds. */
static void fill_with_misses(uint32_t side, uint32_t misses) {
    sn_blocks_init(&pair.blocks[side], 60, pair.pages[side], SN_BLOCKS_PAGES);
    for (uint32_t second = 0; second < 60; second++) {
        uint32_t here = second / 10 % 2 == 0 ? misses + 2 : misses - 2;
        sn_blocks_add(&pair.blocks[side], second, sn_hist_bucket(1000), 1000 - here);
        sn_blocks_add(&pair.blocks[side], second, sn_hist_bucket(20000), here);
    }
    sn_blocks_seal(&pair.blocks[side]);
}

/* p90 is a miss's time in one run and a hit's in the other, where two of a thousand more have missed: by accident. */
static void what_lies_beyond_a_gap_is_seen(void **state) {
    (void)state;
    fill_with_misses(0, 102);
    fill_with_misses(1, 98);
    compare(&plain);
    assert_near(pair.result.percentiles[1].ratio, 0.05, 0.001);
    assert_int_equal(pair.result.percentiles[1].change, SN_CHANGE_INCONCLUSIVE);
    assert_true(pair.result.percentiles[1].high > 0.99);
    uint32_t low_us, high_us;
    sn_compare_reach(&pair.blocks[0], 90, 10, 1, &low_us, &high_us);
    assert_true(low_us > 19000 &&
                high_us > 19000); /* misses begin 0.2 points below, and a standard error is a quarter of that */
    sn_compare_reach(&pair.blocks[0], 90, 10, 6, &low_us, &high_us);
    assert_true(low_us < 1100 && high_us > 19000);
    fill_with_misses(0, 150);
    fill_with_misses(1, 50);
    compare(&plain);
    assert_int_equal(pair.result.percentiles[1].change, SN_CHANGE_FASTER);
}

/* A minute beside an hour: what is drawn together are seconds, however long the blocks of a side are. */
static void runs_need_not_be_as_long_as_each_other(void **state) {
    (void)state;
    struct drawn_run hour = drawn_minute, slow = drawn_minute;
    hour.seconds = 3600;
    hour.rate_per_s = 100;
    slow.factor = 1.3;
    for (uint64_t i = 0; i < 4; i++) {
        fill(0, &hour, 600 + i);
        fill(1, &drawn_minute, 700 + i);
        compare(&plain);
        assert_int_equal(pair.blocks[0].block_seconds, 30);
        assert_int_equal(pair.blocks[1].block_seconds, 1);
        assert_true(sn_compare_stretch(&pair.blocks[1], 10) == 10 && sn_compare_stretch(&pair.blocks[0], 10) == 1);
        assert_true(pair.result.stretch_s >= 30); /* of the hour a block is the least */
        for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++) {
            enum sn_change change = pair.result.percentiles[p].change;
            assert_true(change == SN_CHANGE_SAME || change == SN_CHANGE_INCONCLUSIVE);
            assert_true(pair.result.percentiles[p].doubt != SN_DOUBT_STRETCHES);
        }
        fill(1, &slow, 700 + i);
        compare(&plain);
        assert_int_equal(pair.result.change, SN_CHANGE_SLOWER);
    }
}

static void error_rates_are_compared(void **state) {
    (void)state;
    static const struct {
        uint64_t ended, failed, ended_after, failed_after;
        enum sn_change change;
    } rows[] = {
        {1000, 0, 1000, 0, SN_CHANGE_SAME},
        {1000, 0, 1000, 10, SN_CHANGE_SLOWER},
        {1000, 10, 1000, 0, SN_CHANGE_FASTER},
        {1000, 0, 1000, 2, SN_CHANGE_SAME},         /* by accident */
        {1000000, 0, 1000000, 900, SN_CHANGE_SAME}, /* sure, and below 0.1 points */
        {1000000, 0, 1000000, 1100, SN_CHANGE_SLOWER},
        {0, 0, 1000, 1000, SN_CHANGE_SAME},
        {1000, 1000, 1000, 1000, SN_CHANGE_SAME},
        {UINT64_MAX, 0, UINT64_MAX, UINT64_MAX, SN_CHANGE_SLOWER},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_compare_errors before = {rows[i].ended, rows[i].failed},
                                 after = {rows[i].ended_after, rows[i].failed_after};
        assert_int_equal(sn_compare_error_rate(&before, &after), rows[i].change);
        assert_int_equal(sn_compare_error_rate(&after, &before), mirrored(rows[i].change));
    }
    assert_true(sn_compare_achieved(1000, 990) && !sn_compare_achieved(1000, 989) && sn_compare_achieved(0, 0));
}

static void worst_comes_first(void **state) {
    (void)state;
    assert_int_equal(sn_change_worst(SN_CHANGE_SAME, SN_CHANGE_FASTER), SN_CHANGE_FASTER);
    assert_int_equal(sn_change_worst(SN_CHANGE_FASTER, SN_CHANGE_INCONCLUSIVE), SN_CHANGE_INCONCLUSIVE);
    assert_int_equal(sn_change_worst(SN_CHANGE_SLOWER, SN_CHANGE_INCONCLUSIVE), SN_CHANGE_SLOWER);
    assert_int_equal(sn_change_worst(SN_CHANGE_SLOWER, SN_CHANGE_INVALID), SN_CHANGE_INVALID);
    assert_string_equal(sn_change_name(SN_CHANGE_INCONCLUSIVE), "inconclusive");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdicts_are_right),
        cmocka_unit_test(the_same_values_are_the_same),
        cmocka_unit_test(the_other_way_around_is_the_mirror),
        cmocka_unit_test(verdicts_follow_the_rule),
        cmocka_unit_test(the_length_that_is_named_settles_it),
        cmocka_unit_test(short_runs_are_not_judged),
        cmocka_unit_test(nothing_is_inconclusive),
        cmocka_unit_test(less_than_a_step_of_the_clock_is_nothing),
        cmocka_unit_test(a_spread_raises_the_floor),
        cmocka_unit_test(stretches_follow_the_correlation),
        cmocka_unit_test(what_lies_beyond_a_gap_is_seen),
        cmocka_unit_test(runs_need_not_be_as_long_as_each_other),
        cmocka_unit_test(error_rates_are_compared),
        cmocka_unit_test(worst_comes_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
