/* Thresholds judged: over everything, over windows, and what is seen of them as a load goes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/measure/threshold.h"

#define LEN(array) (sizeof(array) / sizeof *(array))

#define KINDS 3u
#define PHASES 2u
#define PAGES 100u
#define SECONDS 120u
#define SLOTS 8192u

static struct sn_tally *tally;
static struct sn_series *series;
static struct sn_counts counts;
static struct sn_pages scratch;
static uint32_t scratch_memory[40][SN_HIST_PAGE];
static struct sn_threshold_facts facts;

static int begin(void **state) {
    (void)state;
    tally = malloc(sn_tally_size(KINDS, PHASES, 0, PAGES));
    series = malloc(sn_series_size(SECONDS, SLOTS));
    if (tally == NULL || series == NULL) return 1;
    sn_tally_init(tally, KINDS, PHASES, 0, PAGES);
    sn_series_init(series, SECONDS, SLOTS);
    memset(&counts, 0, sizeof counts);
    sn_pages_init(&scratch, scratch_memory, sizeof scratch_memory);
    facts = (struct sn_threshold_facts){
        .tally = tally, .series = series, .counts = &counts, .scratch = &scratch, .phase_s = {10, 50}};
    return 0;
}

static int end(void **state) {
    (void)state;
    free(tally);
    free(series);
    return 0;
}

/* `times` operations of a kind in a phase, of which `failed` fail, each so long. */
static void happened(uint32_t kind, uint32_t phase, uint32_t times, uint32_t failed, uint32_t ms) {
    struct sn_cell *cell = sn_tally_cell(tally, kind, phase);
    struct sn_pages pages = sn_tally_pages(tally);
    cell->completed += times - failed;
    cell->failed += failed;
    assert_int_equal(sn_hist_record(&cell->response, &pages, ms * 1000u, times), SN_OK);
    assert_int_equal(sn_hist_record(&cell->service, &pages, ms * 500u, times), SN_OK);
    tally->pages_used = pages.used;
}

static struct sn_threshold threshold(enum sn_metric metric, enum sn_aggregate aggregate, enum sn_relation comparison,
                                     double bound) {
    return (struct sn_threshold){
        .metric = (uint8_t)metric,
        .aggregate = (uint8_t)aggregate,
        .comparison = (uint8_t)comparison,
        .bound = bound,
        .kinds = (1u << KINDS) - 1,
        .phases = (1u << PHASES) - 1,
        .kind = SN_THRESHOLD_ANY,
        .system_of = SN_THRESHOLD_ANY,
        .phase = SN_THRESHOLD_ANY,
    };
}

static struct sn_threshold p(double percentile, double below_ms) {
    struct sn_threshold one = threshold(SN_METRIC_OP_DURATION, SN_AGGREGATE_PERCENTILE, SN_RELATION_LESS, below_ms);
    one.percentile = percentile;
    return one;
}

static void judged(const struct sn_threshold *one, enum sn_threshold_outcome outcome, double value) {
    struct sn_threshold_value found = sn_threshold_judge(one, &facts);
    if (found.outcome != outcome || !found.known || found.value - value > 1e-9 || value - found.value > 1e-9)
        fail_msg("%s %g where %s %g was expected", sn_threshold_outcome_name(found.outcome), found.value,
                 sn_threshold_outcome_name(outcome), value);
}

static void percentiles_need_ten_values_above_them(void **state) {
    (void)state;
    struct sn_threshold p95 = p(95, 400), p99 = p(99, 400);
    happened(0, 0, 190, 0, 100);
    happened(0, 1, 10, 0, 1000);
    judged(&p95, SN_THRESHOLD_MET, 100);
    judged(&p99, SN_THRESHOLD_UNDECIDED, 1000); /* two values lie above it */
    happened(1, 0, 800, 0, 500);
    judged(&p99, SN_THRESHOLD_NOT_MET, 501); /* the middle of its bucket, which is 4 ms wide */
}

/* What is shown is what is judged: whole milliseconds. */
static void times_are_judged_in_whole_milliseconds(void **state) {
    (void)state;
    struct sn_cell *cell = sn_tally_cell(tally, 0, 0);
    struct sn_pages pages = sn_tally_pages(tally);
    assert_int_equal(sn_hist_record(&cell->response, &pages, 399600, 100), SN_OK);
    tally->pages_used = pages.used;
    struct sn_threshold less = threshold(SN_METRIC_OP_DURATION, SN_AGGREGATE_MAX, SN_RELATION_LESS, 400);
    struct sn_threshold most = threshold(SN_METRIC_OP_DURATION, SN_AGGREGATE_MIN, SN_RELATION_AT_MOST, 400);
    judged(&less, SN_THRESHOLD_NOT_MET, 400);
    judged(&most, SN_THRESHOLD_MET, 400);
}

static void parts_are_judged_apart(void **state) {
    (void)state;
    happened(0, 0, 100, 50, 10);
    happened(1, 0, 100, 0, 20);
    happened(1, 1, 200, 100, 30);
    struct sn_threshold failed = threshold(SN_METRIC_OP_FAILED, SN_AGGREGATE_RATE, SN_RELATION_LESS, 0.3);
    judged(&failed, SN_THRESHOLD_NOT_MET, 150.0 / 400);
    failed.kinds = 2;
    failed.phases = 1;
    judged(&failed, SN_THRESHOLD_MET, 0);
    failed.phases = 2;
    judged(&failed, SN_THRESHOLD_NOT_MET, 0.5);
    failed.kinds = 4; /* nothing of it ended */
    assert_int_equal(sn_threshold_judge(&failed, &facts).outcome, SN_THRESHOLD_UNDECIDED);
    assert_false(sn_threshold_judge(&failed, &facts).known);
    struct sn_threshold service = threshold(SN_METRIC_OP_SERVICE, SN_AGGREGATE_AVG, SN_RELATION_LESS, 6);
    service.kinds = 1;
    judged(&service, SN_THRESHOLD_MET, 5);
}

static void rates_are_by_the_seconds_of_their_phases(void **state) {
    (void)state;
    happened(0, 0, 1000, 0, 10);
    happened(0, 1, 30000, 0, 10);
    struct sn_threshold ops = threshold(SN_METRIC_OPS, SN_AGGREGATE_RATE, SN_RELATION_AT_LEAST, 500);
    judged(&ops, SN_THRESHOLD_MET, 31000.0 / 60);
    ops.phases = 1;
    judged(&ops, SN_THRESHOLD_NOT_MET, 100);
    ops.aggregate = SN_AGGREGATE_COUNT;
    judged(&ops, SN_THRESHOLD_MET, 1000);
    facts.phase_s[0] = 0; /* it has not begun */
    ops.aggregate = SN_AGGREGATE_RATE;
    assert_false(sn_threshold_judge(&ops, &facts).known);
}

static void what_was_never_started_is_counted(void **state) {
    (void)state;
    struct sn_threshold dropped = threshold(SN_METRIC_DROPPED_OPS, SN_AGGREGATE_COUNT, SN_RELATION_LESS, 1);
    judged(&dropped, SN_THRESHOLD_MET, 0);
    counts.dropped[SN_DROP_SLOTS] = 3;
    counts.dropped[SN_DROP_SHARD_DOWN] = 2;
    judged(&dropped, SN_THRESHOLD_NOT_MET, 5);
    dropped.aggregate = SN_AGGREGATE_RATE; /* of the whole load: so by all of its seconds */
    dropped.phases = 2;
    judged(&dropped, SN_THRESHOLD_MET, 5.0 / 60);
}

static void rows_and_hits_come_from_the_platforms_meters(void **state) {
    (void)state;
    struct sn_cell *cell = sn_tally_cell(tally, 2, 1);
    happened(2, 1, 100, 0, 10);
    cell->rows_read = 2500;
    cell->rows_written = 100;
    cell->cache_hits = 30;
    cell->cache_misses = 10;
    struct sn_threshold rows = threshold(SN_METRIC_ROWS_READ, SN_AGGREGATE_AVG, SN_RELATION_LESS, 20);
    struct sn_threshold written = threshold(SN_METRIC_ROWS_WRITTEN, SN_AGGREGATE_COUNT, SN_RELATION_EQUAL, 100);
    struct sn_threshold hits = threshold(SN_METRIC_KV_HIT, SN_AGGREGATE_RATE, SN_RELATION_MORE, 0.7);
    judged(&rows, SN_THRESHOLD_NOT_MET, 25);
    judged(&written, SN_THRESHOLD_MET, 100);
    judged(&hits, SN_THRESHOLD_MET, 0.75);
}

static void lag_is_of_all_that_started_late(void **state) {
    (void)state;
    struct sn_pages pages = sn_tally_pages(tally);
    struct sn_threshold lag = threshold(SN_METRIC_SCHEDULE_LAG, SN_AGGREGATE_MAX, SN_RELATION_LESS, 50);
    assert_int_equal(sn_hist_record(&tally->lag_harness, &pages, 2000, 5), SN_OK);
    assert_int_equal(sn_hist_record(&tally->lag_slots, &pages, 70000, 1), SN_OK);
    tally->pages_used = pages.used;
    judged(&lag, SN_THRESHOLD_NOT_MET, 70);
}

static void costs_are_a_figure_in_dollars(void **state) {
    (void)state;
    struct sn_threshold cost = threshold(SN_METRIC_COST_USD, SN_AGGREGATE_VALUE, SN_RELATION_LESS, 2);
    facts.cost_usd = 1.25;
    judged(&cost, SN_THRESHOLD_MET, 1.25);
    facts.cost_usd = 2;
    judged(&cost, SN_THRESHOLD_NOT_MET, 2);
    assert_false(sn_aggregate_fits(SN_AGGREGATE_COUNT, SN_METRIC_COST_USD));
    assert_false(sn_aggregate_fits(SN_AGGREGATE_VALUE, SN_METRIC_OPS));
}

/* --- Windows ---------------------------------------------------------------------------------------------------- */

static void second_of(uint32_t second, uint32_t kind, uint32_t completed, uint32_t failed, uint32_t ms) {
    struct sn_second *one = sn_series_second(series, second);
    one->completed += completed;
    one->failed += failed;
    sn_series_count(series, second, kind, sn_hist_bucket(ms * 1000), completed + failed);
}

static void windows_hold_their_own_seconds(void **state) {
    (void)state;
    struct sn_threshold failed = threshold(SN_METRIC_OP_FAILED, SN_AGGREGATE_RATE, SN_RELATION_AT_MOST, 0.5);
    struct sn_threshold slow = p(50, 100);
    failed.window_s = slow.window_s = 10;
    for (uint32_t s = 0; s < 40; s++) second_of(s, s % KINDS, s < 20 ? 10 : 0, s < 20 ? 0 : 10, s < 20 ? 20 : 400);
    for (uint32_t to = 10; to <= 40; to++) {
        uint32_t bad = to <= 20 ? 0 : to >= 30 ? 10 : to - 20;
        struct sn_threshold_value value = sn_threshold_judge_window(&failed, &facts, to);
        assert_int_equal(value.samples, 100);
        assert_true(value.value == bad / 10.0);
        assert_int_equal(value.outcome, bad > 5 ? SN_THRESHOLD_NOT_MET : SN_THRESHOLD_MET);
        value = sn_threshold_judge_window(&slow, &facts, to);
        assert_true(value.value >= (bad > 5 ? 398 : 20) && value.value <= (bad > 5 ? 402 : 20));
    }
    slow.kinds = 1; /* every third second */
    assert_int_equal(sn_threshold_judge_window(&slow, &facts, 10).samples, 40);
    assert_int_equal(sn_threshold_judge_window(&slow, &facts, 11).samples, 30);
}

static void windows_that_say_nothing_are_undecided(void **state) {
    (void)state;
    struct sn_threshold failed = threshold(SN_METRIC_OP_FAILED, SN_AGGREGATE_RATE, SN_RELATION_AT_MOST, 0.5);
    struct sn_threshold slow = p(50, 100);
    failed.window_s = slow.window_s = 10;
    second_of(5, 0, 0, 9, 400);
    assert_int_equal(sn_threshold_judge_window(&failed, &facts, 10).outcome, SN_THRESHOLD_UNDECIDED);
    second_of(6, 0, 0, 30, 400);
    assert_int_equal(sn_threshold_judge_window(&failed, &facts, 10).outcome, SN_THRESHOLD_NOT_MET);
    assert_int_equal(sn_threshold_judge_window(&slow, &facts, 10).outcome, SN_THRESHOLD_NOT_MET);
    sn_series_forget(series, 3); /* the detail is in the database now; the counts stay */
    assert_int_equal(sn_threshold_judge_window(&slow, &facts, 10).outcome, SN_THRESHOLD_UNDECIDED);
    assert_int_equal(sn_threshold_judge_window(&slow, &facts, 13).outcome, SN_THRESHOLD_NOT_MET);
    assert_int_equal(sn_threshold_judge_window(&failed, &facts, 10).outcome, SN_THRESHOLD_NOT_MET);
}

static void a_watch_keeps_the_worst_and_the_first(void **state) {
    (void)state;
    static const double figures[] = {120, 80, 90, 60, 95};
    struct sn_threshold rate = threshold(SN_METRIC_OPS, SN_AGGREGATE_RATE, SN_RELATION_MORE, 85);
    struct sn_threshold_watch watch = {0};
    assert_int_equal(sn_threshold_seen(&watch).outcome, SN_THRESHOLD_UNDECIDED);
    for (uint32_t i = 0; i < LEN(figures); i++) {
        struct sn_threshold_value value = {.known = true, .value = figures[i], .samples = 10 + i};
        value.outcome = figures[i] > 85 ? SN_THRESHOLD_MET : SN_THRESHOLD_NOT_MET;
        sn_threshold_watched(&watch, &rate, &value, 10 + i, 100 + i);
    }
    struct sn_threshold_value undecided = {.known = true, .value = 1, .outcome = SN_THRESHOLD_UNDECIDED};
    sn_threshold_watched(&watch, &rate, &undecided, 20, 7);
    assert_int_equal(watch.judged, 5);
    assert_int_equal(watch.failed_s, 11);
    assert_true(watch.rate_per_s == 101);
    struct sn_threshold_value seen = sn_threshold_seen(&watch);
    assert_int_equal(seen.outcome, SN_THRESHOLD_NOT_MET);
    assert_true(seen.value == 60);
    assert_int_equal(seen.samples, 13);
}

/* --- Words ------------------------------------------------------------------------------------------------------- */

static void put_into(char out[64], const struct sn_threshold *one, bool value, double figure) {
    struct sn_writer w = sn_writer(out, 63);
    if (value)
        sn_threshold_put_value(&w, one, figure);
    else
        sn_threshold_put(&w, one);
    out[w.len] = 0;
}

static void thresholds_have_words(void **state) {
    (void)state;
    char text[64];
    struct sn_threshold p999 = p(99.9, 2000);
    struct sn_threshold safety = sn_threshold_safety(7, 3);
    put_into(text, &p999, false, 0);
    assert_string_equal(text, "p(99.9)<2000");
    put_into(text, &p999, true, 312);
    assert_string_equal(text, "312 ms");
    put_into(text, &safety, false, 0);
    assert_string_equal(text, "rate<=0.5");
    put_into(text, &safety, true, 0.51239);
    assert_string_equal(text, "0.5124");
    safety.aggregate = SN_AGGREGATE_COUNT;
    put_into(text, &safety, true, 17);
    assert_string_equal(text, "17");
}

static void what_does_not_go_together_is_not_sound(void **state) {
    (void)state;
    struct sn_threshold good = p(95, 400), bad;
    assert_true(sn_threshold_sound(&good, KINDS, PHASES));
#define REFUSED(change)                                        \
    do {                                                       \
        bad = good;                                            \
        change;                                                \
        assert_false(sn_threshold_sound(&bad, KINDS, PHASES)); \
    } while (0)
    REFUSED(bad.metric = SN_METRICS_LEN);
    REFUSED(bad.aggregate = SN_AGGREGATES_LEN);
    REFUSED(bad.aggregate = SN_AGGREGATE_RATE);
    REFUSED(bad.comparison = SN_RELATIONS_LEN);
    REFUSED(bad.bound = 0.0 / 0.0);
    REFUSED(bad.percentile = 100.5);
    REFUSED(bad.percentile = -1);
    REFUSED(bad.kinds = 8);
    REFUSED(bad.phases = 4);
    REFUSED(bad.kind = KINDS);
    REFUSED(bad.system_of = KINDS);
    REFUSED(bad.phase = PHASES);
    REFUSED(bad.abort = 2);
    REFUSED(bad.safety = 2);
    REFUSED(bad.window_s = SN_THRESHOLD_WINDOW_S_MAX + 1);
    REFUSED((bad.metric = SN_METRIC_OP_SERVICE, bad.window_s = 10));
#undef REFUSED
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)
    const struct CMUnitTest tests[] = {
        TEST(percentiles_need_ten_values_above_them),
        TEST(times_are_judged_in_whole_milliseconds),
        TEST(parts_are_judged_apart),
        TEST(rates_are_by_the_seconds_of_their_phases),
        TEST(what_was_never_started_is_counted),
        TEST(rows_and_hits_come_from_the_platforms_meters),
        TEST(lag_is_of_all_that_started_late),
        TEST(costs_are_a_figure_in_dollars),
        TEST(windows_hold_their_own_seconds),
        TEST(windows_that_say_nothing_are_undecided),
        TEST(a_watch_keeps_the_worst_and_the_first),
        TEST(thresholds_have_words),
        TEST(what_does_not_go_together_is_not_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
