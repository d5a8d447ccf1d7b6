#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "compared_help.h"
#include "sentinel/measure/baseline.h"

/* Several runs as one: what is counted stays counted, and equal runs stay equal. */

static struct sn_compared_room room;
static uint8_t runs[SN_BASELINE_RUNS_MAX][SN_COMPARED_BYTES_MAX], kept[SN_COMPARED_BYTES_MAX];
static uint8_t scratch[SN_INTERVALS_BYTES_MAX];
static _Alignas(8) uint8_t memory[SN_BASELINE_MEMORY];

static struct sn_compared draw(uint32_t index, uint32_t seconds, double factor) {
    struct sn_compared run;
    size_t len = compared_draw(runs[index], seconds, factor, 100 + index, HELP_HASH);
    assert_int_equal(sn_compared_get((struct sn_span){runs[index], len}, &run), SN_OK);
    return run;
}

static struct sn_compared put(const struct sn_baseline *baseline) {
    struct sn_compared whole;
    struct sn_writer w = sn_writer(kept, sizeof kept);
    sn_baseline_put(&w, baseline, scratch);
    assert_false(w.full);
    assert_int_equal(sn_compared_get((struct sn_span){kept, w.len}, &whole), SN_OK);
    return whole;
}

static double usual = 1; /* factor of a baseline's runs */

static struct sn_compared make(struct sn_baseline *baseline, uint32_t len, uint32_t seconds) {
    sn_baseline_begin(baseline, len, memory);
    for (uint32_t i = 0; i < len; i++) {
        struct sn_compared run = draw(i, seconds, usual);
        assert_int_equal(sn_baseline_add(baseline, &run, &room), SN_OK);
    }
    return put(baseline);
}

static void one_run_is_kept_as_it_is(void **state) {
    (void)state;
    struct sn_baseline baseline;
    struct sn_compared run = draw(0, 40, 1);
    struct sn_compared whole = make(&baseline, 1, 40);
    assert_int_equal(whole.intervals.len, run.intervals.len);
    assert_memory_equal(whole.intervals.data, run.intervals.data, run.intervals.len);
    assert_int_equal(whole.plan_hash, HELP_HASH);
    assert_int_equal(baseline.seconds, 40);
}

/* Every value of every run is in the whole, with its bucket, and blocks stay in their order. */
static void several_runs_are_one(void **state) {
    (void)state;
    static const struct {
        uint32_t runs, seconds, blocks;
    } rows[] = {{2, 40, 80}, {3, 40, 120}, {3, 60, 90}, {10, 45, 113}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_baseline baseline;
        struct sn_intervals_head head;
        struct sn_compared whole = make(&baseline, rows[i].runs, rows[i].seconds);
        uint64_t values = (uint64_t)rows[i].runs * rows[i].seconds * 100;
        assert_int_equal(sn_intervals_check(whole.intervals, &head), SN_OK);
        assert_int_equal(head.count, values);
        assert_int_equal(head.end_second, rows[i].runs * rows[i].seconds);
        assert_int_equal(head.heard, rows[i].runs * rows[i].seconds);
        assert_int_equal(head.kinds, 0);
        assert_int_equal(whole.planned, values);
        assert_int_equal(whole.validity, SN_VALIDITY_VALID);
        sn_intervals_blocks(whole.intervals, SN_INTERVALS_ALL, &room.sides[0], room.pages[0], SN_COMPARED_PAGES);
        assert_int_equal(room.sides[0].len, rows[i].blocks);
        assert_int_equal(room.sides[0].count, values);
        double spreads[SN_COMPARE_PERCENTILES];
        sn_baseline_spreads(&baseline, spreads);
        assert_int_equal(spreads[2] > 0, rows[i].runs >= 3); /* of fewer it is not known */
        assert_true(spreads[0] < 0.15);                      /* the clock's steps are a sixth of it */
    }
}

static void a_run_beside_several(void **state) {
    (void)state;
    static const struct {
        double factor;
        enum sn_change change;
    } rows[] = {{8, SN_CHANGE_SLOWER}, {2, SN_CHANGE_FASTER}, {4, SN_CHANGE_SAME}};
    static const double spreads[SN_COMPARE_PERCENTILES] = {0.2, 0.2, 0.2, 0.2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_baseline baseline;
        struct sn_comparison found, again;
        usual = 4; /* far above the clock's steps */
        struct sn_compared whole = make(&baseline, 3, 60), run = draw(5, 60, rows[i].factor);
        usual = 1;
        assert_int_equal(sn_compare_runs(&whole, &run, spreads, &room, &found), SN_OK);
        assert_int_equal(found.change, rows[i].change);
        assert_int_equal(sn_compare_runs(&whole, &run, spreads, &room, &again), SN_OK);
        assert_memory_equal(&found, &again, sizeof found); /* nothing is random */
    }
}

static void what_does_not_belong_together_is_refused(void **state) {
    (void)state;
    struct sn_baseline baseline;
    struct sn_compared first = draw(0, 40, 1), other = draw(1, 40, 1), none = draw(2, 40, 1);
    other.plan_hash++;
    none.intervals = (struct sn_span){0};
    sn_baseline_begin(&baseline, 2, memory);
    assert_int_equal(sn_baseline_add(&baseline, &none, &room), SN_E_MISSING);
    assert_int_equal(sn_baseline_add(&baseline, &first, &room), SN_OK);
    assert_int_equal(sn_baseline_add(&baseline, &other, &room), SN_E_STATE);
    assert_int_equal(baseline.runs, 1);
    baseline.seconds = SN_INTERVALS_SECONDS_MAX - 39;
    assert_int_equal(sn_baseline_add(&baseline, &first, &room), SN_E_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_run_is_kept_as_it_is),
        cmocka_unit_test(several_runs_are_one),
        cmocka_unit_test(a_run_beside_several),
        cmocka_unit_test(what_does_not_belong_together_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
