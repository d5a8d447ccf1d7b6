#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "drawn_run.h"
#include "sentinel/measure/compared.h"

static struct sn_compared_room room;
static struct sn_comparison found;
static uint8_t bytes[2][SN_COMPARED_BYTES_MAX];
static uint8_t intervals_bytes[SN_INTERVALS_BYTES_MAX];

enum { SECONDS = 200 };

/* A run as its object has it in the end.  Kind 0 has a third of the operations, kind 1 the others, `factor` times as slow. */
static struct sn_span run_of(int side, const struct drawn_run *run, uint64_t seed, const struct sn_compared *about) {
    struct sn_intervals *intervals = malloc(sn_intervals_size(SECONDS, SN_INTERVALS_SLOTS));
    sn_intervals_init(intervals, SECONDS, run->seconds, 0, 2, SN_INTERVALS_SLOTS);
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 2);
    for (uint32_t second = 0; second < run->seconds; second++) {
        double level = run->level * drawn_normal(&rng);
        for (uint32_t i = 0; i < run->rate_per_s; i++) {
            struct drawn_run first = *run;
            if (i % 3 == 0) first.factor = 1;
            uint32_t us = drawn_service_us(&rng, &first, level, false);
            us = (us + 999) / 1000 * 1000; /* as the platform's clock has it */
            sn_intervals_count(intervals, second, i % 3 != 0, sn_hist_bucket(us), 1);
        }
    }
    struct sn_writer w = sn_writer(intervals_bytes, sizeof intervals_bytes);
    sn_intervals_put(&w, intervals);
    assert_int_equal(intervals->lost, 0);
    free(intervals);
    struct sn_compared compared = *about;
    compared.intervals = (struct sn_span){intervals_bytes, w.len};
    w = sn_writer(bytes[side], sizeof bytes[side]);
    sn_compared_put(&w, &compared);
    assert_false(w.full);
    return (struct sn_span){bytes[side], w.len};
}

static const struct sn_compared good = {.plan_hash = 7,
                                        .validity = SN_VALIDITY_VALID,
                                        .clock_step_us = 1000,
                                        .planned = 12000,
                                        .started = 12000,
                                        .completed = 11990,
                                        .failed = 10};

static struct sn_compared get(struct sn_span span) {
    struct sn_compared run;
    assert_int_equal(sn_compared_get(span, &run), SN_OK);
    return run;
}

static void compare(const struct sn_compared *before, const struct sn_compared *after) {
    assert_int_equal(sn_compare_runs(before, after, NULL, &room, &found), SN_OK);
}

static const struct drawn_run quick = {60, 200, 1, 0, 1, 0.01, 0, 0};

static void what_is_written_is_read(void **state) {
    (void)state;
    struct sn_compared run = get(run_of(0, &quick, 1, &good));
    assert_int_equal(run.plan_hash, 7);
    assert_int_equal(run.validity, SN_VALIDITY_VALID);
    assert_int_equal(run.clock_step_us, 1000);
    assert_int_equal(run.planned, 12000);
    assert_int_equal(run.started, 12000);
    assert_int_equal(run.completed, 11990);
    assert_int_equal(run.failed, 10);
    struct sn_intervals_head head;
    assert_int_equal(sn_intervals_check(run.intervals, &head), SN_OK);
    assert_int_equal(head.count, 12000);
    assert_int_equal(head.heard, 60);
    struct sn_writer w = sn_writer(bytes[1], sizeof bytes[1]);
    struct sn_compared none = good;
    sn_compared_put(&w, &none);
    assert_int_equal(get((struct sn_span){bytes[1], w.len}).intervals.len, 0);
}

static void verdicts_are_right(void **state) {
    (void)state;
    struct drawn_run slow = quick;
    slow.factor = 2;
    struct sn_compared before = get(run_of(0, &quick, 1, &good));
    compare(&before, &before);
    assert_int_equal(found.change, SN_CHANGE_SAME);
    assert_true(found.blocks[0] && found.blocks[1]);
    for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++) assert_true(found.result.percentiles[p].ratio == 1.0);
    struct sn_compared after = get(run_of(1, &slow, 2, &good));
    compare(&before, &after);
    assert_int_equal(found.change, SN_CHANGE_SLOWER);
    assert_int_equal(found.error_change, SN_CHANGE_SAME);
    struct sn_compare_result kinds[2];
    for (uint32_t kind = 0; kind < 2; kind++) sn_compare_kind(&before, &after, kind, NULL, &room, &kinds[kind]);
    assert_int_not_equal(kinds[0].change, SN_CHANGE_SLOWER); /* only the other one has become so */
    assert_int_equal(kinds[1].change, SN_CHANGE_SLOWER);
    compare(&after, &before);
    assert_int_equal(found.result.percentiles[0].change, SN_CHANGE_FASTER);
    double wide[SN_COMPARE_PERCENTILES] = {0.5, 0.5, 0.5, 0.5};
    assert_int_equal(sn_compare_runs(&before, &after, wide, &room, &found), SN_OK);
    assert_int_not_equal(found.change, SN_CHANGE_SLOWER); /* the baselines differ by as much */
}

/* The step of the clock is known of the runs themselves. */
static void a_step_of_the_clock_is_no_difference(void **state) {
    (void)state;
    struct sn_compared finer = good;
    finer.clock_step_us = 0;
    struct drawn_run slow = quick;
    slow.factor = 1.25; /* p50 goes from 6 to 7 ms */
    struct sn_compared before = get(run_of(0, &quick, 1, &finer)), after = get(run_of(1, &slow, 2, &good));
    compare(&before, &after);
    assert_true(found.result.percentiles[0].after_us - found.result.percentiles[0].before_us < 1100);
    assert_true(found.result.percentiles[0].floor > 0.16);
    assert_int_not_equal(found.result.percentiles[0].change, SN_CHANGE_SLOWER);
    after.clock_step_us = 0;
    compare(&before, &after);
    assert_true(found.result.percentiles[0].floor < 0.051); /* as without a step */
}

static void what_cannot_be_judged_is_not(void **state) {
    (void)state;
    struct sn_compared before = get(run_of(0, &quick, 1, &good)), other = before;
    other.plan_hash = 8;
    assert_int_equal(sn_compare_runs(&before, &other, NULL, &room, &found), SN_E_STATE);
    static const enum sn_validity validities[] = {SN_VALIDITY_INVALID, SN_VALIDITY_UNKNOWN};
    for (size_t i = 0; i < 2; i++) {
        other = before;
        other.validity = validities[i];
        compare(&before, &other);
        assert_int_equal(found.change, SN_CHANGE_INVALID);
        assert_int_equal(found.unfit[0], SN_UNFIT_NONE);
        assert_int_equal(found.unfit[1], SN_UNFIT_VALIDITY);
        compare(&other, &before);
        assert_int_equal(found.change, SN_CHANGE_INVALID);
    }
    other = before;
    other.validity = SN_VALIDITY_DEGRADED; /* its figures hold */
    other.started = 11880;
    compare(&before, &other);
    assert_int_equal(found.change, SN_CHANGE_SAME);
    other.started = 11879;
    compare(&before, &other);
    assert_int_equal(found.change, SN_CHANGE_INVALID);
    assert_int_equal(found.unfit[1], SN_UNFIT_ACHIEVED);
    other = before;
    other.intervals = (struct sn_span){0};
    compare(&before, &other);
    assert_int_equal(found.change, SN_CHANGE_INCONCLUSIVE);
    assert_false(found.blocks[1]);
    other = before;
    other.completed -= 200;
    other.failed += 200;
    compare(&before, &other);
    assert_int_equal(found.change, SN_CHANGE_SLOWER);
    assert_int_equal(found.error_change, SN_CHANGE_SLOWER);
    assert_int_equal(found.result.change, SN_CHANGE_SAME);
}

/* A run that had to make its blocks longer, beside one that had not. */
static void blocks_are_of_one_length(void **state) {
    (void)state;
    struct drawn_run long_ago = quick;
    long_ago.seconds = 130; /* blocks of two seconds */
    struct sn_compared before = get(run_of(0, &long_ago, 1, &good)), after = get(run_of(1, &quick, 2, &good));
    for (int way = 0; way < 2; way++) {
        compare(way == 0 ? &before : &after, way == 0 ? &after : &before);
        assert_int_equal(room.sides[0].block_seconds, 2);
        assert_int_equal(room.sides[1].block_seconds, 2);
        assert_int_equal(room.sides[way].len, 65);
        assert_int_equal(room.sides[1 - way].len, 30);
        assert_int_equal(room.sides[way].count, 130 * 200);
        assert_int_equal(room.sides[1 - way].count, 60 * 200);
        assert_int_equal(room.sides[1 - way].intervals, 60);
        assert_int_not_equal(found.change, SN_CHANGE_SLOWER);
        assert_int_not_equal(found.change, SN_CHANGE_FASTER);
    }
}

static void what_is_damaged_is_refused(void **state) {
    (void)state;
    static const struct drawn_run brief = {3, 5, 1, 0, 1, 0.01, 0, 0};
    struct sn_span span = run_of(0, &brief, 1, &good);
    struct sn_compared run;
    for (size_t len = 0; len < span.len; len++) {
        uint8_t *exact = malloc(len > 0 ? len : 1);
        memcpy(exact, span.data, len);
        assert_int_not_equal(sn_compared_get((struct sn_span){exact, len}, &run), SN_OK);
        free(exact);
    }
    for (size_t at = 0; at < span.len; at++) {
        for (uint32_t bit = 0; bit < 8; bit++) {
            memcpy(bytes[1], span.data, span.len);
            bytes[1][at] ^= (uint8_t)(1u << bit);
            assert_int_not_equal(sn_compared_get((struct sn_span){bytes[1], span.len}, &run), SN_OK);
        }
    }
    memcpy(bytes[1], span.data, span.len);
    bytes[1][0] = 2;
    assert_int_equal(sn_compared_get((struct sn_span){bytes[1], span.len}, &run), SN_E_VERSION);
    assert_int_equal(sn_compared_get((struct sn_span){bytes[0], span.len + 1}, &run), SN_E_FORMAT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(verdicts_are_right),
        cmocka_unit_test(a_step_of_the_clock_is_no_difference),
        cmocka_unit_test(what_cannot_be_judged_is_not),
        cmocka_unit_test(blocks_are_of_one_length),
        cmocka_unit_test(what_is_damaged_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
