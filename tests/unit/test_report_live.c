#include "report_read.h"

static void test_pending_run(void **state) {
    (void)state;
    struct view *v = view_new(2, 1, 30, 3, 1);
    void *memory;
    char *text = written(sn_report_put_text, &v->report);
    expect_narrow(text);
    expect_golden("pending.txt", text);
    text = written(sn_report_put_json, &v->report);
    const struct sn_json *root = parsed(text, &memory);
    /* A phase in which a kind did nothing is left out, its total is not. */
    assert_int_equal(sn_json_count(at(root, "operations")), 2);
    expect_null(root, "operations.0.responseMs.min");
    free(text);
    free(memory);
    text = written(sn_report_put_hello, &v->report);
    root = parsed(text, &memory);
    expect_text(root, "type", "hello");
    expect_text(root, "state.status", "pending");
    expect_text(root, "state.validity", "unknown");
    expect_null(root, "state.startedAt");
    expect_null(root, "state.reason");
    expect_number(root, "state.elapsedS", 0);
    assert_int_equal(sn_json_count(at(root, "history")), 0);
    free(text);
    free(memory);
    text = written(sn_report_put_frame, &v->report);
    root = parsed(text, &memory);
    expect_null(root, "phase");
    expect_null(root, "askedPerS");
    expect_null(root, "total.p50Ms");
    expect_number(root, "window.seconds", 0);
    free(text);
    free(memory);
    view_free(v);
}

/* Thirteen seconds into the load; both shards have told of more than twelve of them. */
static void test_frame(void **state) {
    (void)state;
    struct view *v = view_new(2, 2, 20, 100, 2);
    void *memory;
    view_start(v);
    for (uint64_t k = 1; k <= 1280; k++) view_ended(v, k, (uint32_t)(k % 2), 0, k <= 100 ? 500 : 4, 0);
    v->report.now_us = ZERO_US + 13 * SN_SECOND_US + 100000;
    v->report.counts.in_flight = 3;
    v->report.counts.not_yet_due -= 3 + 1 + 2 + 4;
    v->report.counts.dropped[SN_DROP_SLOTS] = 1;
    v->report.counts.dropped[SN_DROP_HARNESS] = 2;
    v->report.counts.dropped[SN_DROP_SHARD_DOWN] = 4;
    v->report.cost.ledger.target.units[SN_METER_KV_WRITES] = 600000; /* at 5 dollars a million */
    v->report.cost.ledger.own.units[SN_METER_OBJECT_REQUESTS] = 1000000;
    v->report.cost.ledger.target.units[SN_METER_D1_ROWS_READ] = 0;
    v->shards[0].heard_us = v->report.now_us;
    v->shards[1].heard_us = ZERO_US + 12 * SN_SECOND_US + 900000;
    char *text = written(sn_report_put_frame, &v->report);
    const struct sn_json *root = parsed(text, &memory);
    expect_text(root, "type", "frame");
    expect_text(root, "status", "running");
    expect_text(root, "stage", "load");
    expect_text(root, "phase", "phase 1");
    expect_number(root, "elapsedS", 13.1);
    expect_number(root, "durationS", 20);
    /* Seconds 2 to 11: the slow first second has left the window but not the total. */
    expect_number(root, "window.seconds", 10);
    expect_number(root, "window.ended", 1000);
    expect_number(root, "kinds.1.window.ended", 500);
    expect_number(root, "kinds.1.window.p95Ms", 4);
    expect_null(root, "kinds.1.window.p99Ms");
    expect_number(root, "asked", 1310);
    expect_number(root, "started", 1283);
    expect_number(root, "nextS", 12);
    expect_number(root, "askedPerS", 100);
    expect_number(root, "achievedPerS", 100);
    expect_number(root, "window.p50Ms", 4);
    expect_number(root, "total.p95Ms", 500);
    expect_number(root, "counts.completed", 1280);
    expect_number(root, "counts.inFlight", 3);
    expect_number(root, "counts.failed", 0);
    expect_number(root, "counts.dropped.slots", 1);
    expect_number(root, "counts.dropped.harness", 2);
    expect_number(root, "counts.dropped.shardDown", 4);
    expect_number(root, "costUsd", 3.15);
    expect_number(root, "kinds.1.completed", 640);
    expect_number(root, "kinds.1.p50Ms", 4);
    expect_number(root, "shards.alive", 2);
    free(text);
    free(memory);
    /* A shard that fell silent holds the window back by three seconds at most. */
    v->shards[1].heard_us = ZERO_US + SN_SECOND_US;
    text = written(sn_report_put_frame, &v->report);
    root = parsed(text, &memory);
    expect_number(root, "nextS", 10);
    free(text);
    free(memory);
    /* One that is lost does not hold it back at all. */
    v->shards[1].lost = true;
    text = written(sn_report_put_frame, &v->report);
    root = parsed(text, &memory);
    expect_number(root, "shards.alive", 1);
    expect_number(root, "nextS", 12);
    free(text);
    free(memory);
    view_free(v);
}

/* Of 200 operations in the window ten lie above p95; of 190 only nine do. */
static void test_window_with_few(void **state) {
    (void)state;
    for (uint32_t per_s = 19; per_s <= 20; per_s++) {
        struct view *v = view_new(1, 1, 20, per_s, 1);
        void *memory;
        view_start(v);
        for (uint64_t k = 1; k <= 12u * per_s; k++) view_ended(v, k, 0, 0, 0, 0);
        v->report.now_us = v->shards[0].heard_us = ZERO_US + 12 * SN_SECOND_US + 500000;
        char *text = written(sn_report_put_frame, &v->report);
        const struct sn_json *root = parsed(text, &memory);
        expect_number(root, "askedPerS", per_s);
        expect_number(root, "window.p50Ms", 0);
        if (per_s == 20) {
            expect_number(root, "window.p95Ms", 0);
        } else {
            expect_null(root, "window.p95Ms");
        }
        free(text);
        free(memory);
        view_free(v);
    }
}

static void test_hello(void **state) {
    (void)state;
    struct view *v = good_run();
    void *memory;
    char *text = written(sn_report_put_hello, &v->report);
    const struct sn_json *root = parsed(text, &memory);
    expect_number(root, "stepS", 1);
    /* Twelve seconds of load, and one behind its end in which the last answers came. */
    assert_int_equal(sn_json_count(at(root, "history")), 13);
    expect_number(root, "history.12.asked", 0);
    double completed = 0;
    for (const struct sn_json *s = sn_json_first(at(root, "history")); s != NULL; s = sn_json_next(s))
        completed += sn_json_number(sn_json_get(s, "completed"));
    assert_true(completed == (double)v->report.counts.completed);
    expect_number(root, "history.3.s", 3);
    expect_number(root, "history.3.asked", 100);
    expect_number(root, "history.3.started", 100);
    expect_number(root, "history.3.p50Ms", 24);
    expect_null(root, "history.3.p99Ms");
    free(text);
    free(memory);
    /* A minute was written out and left the table: its counts stay, its percentiles do not. */
    sn_series_forget(v->report.series, 6);
    text = written(sn_report_put_hello, &v->report);
    root = parsed(text, &memory);
    expect_number(root, "history.5.completed", 98);
    expect_null(root, "history.5.p50Ms");
    expect_number(root, "history.6.p50Ms", 18);
    free(text);
    free(memory);
    view_free(v);
}

/* An hour has more seconds than a hello has points. */
static void test_long_hello(void **state) {
    (void)state;
    struct view *v = view_new(1, 1, 3599, 3, 1);
    void *memory;
    view_start(v);
    v->report.now_us = ZERO_US + 3601 * SN_SECOND_US;
    v->shards[0].heard_us = v->report.now_us;
    for (uint32_t s = 0; s < 3599; s++) sn_series_second(v->report.series, s)->started = s % 2 ? 3 : 2;
    char *text = written(sn_report_put_hello, &v->report);
    const struct sn_json *root = parsed(text, &memory);
    expect_number(root, "stepS", 8);
    assert_int_equal(sn_json_count(at(root, "history")), 450);
    expect_number(root, "history.1.s", 8);
    expect_number(root, "history.1.asked", 3);
    expect_number(root, "history.1.started", 2.5);
    expect_number(root, "history.449.started", 2.43); /* seven seconds, four of them with 2 */
    free(text);
    free(memory);
    view_free(v);
}

/* Points at every length: never more than 600, and together they cover each second once. */
static void test_history_is_bounded(void **state) {
    (void)state;
    static const struct {
        uint32_t seconds, step, points;
    } rows[] = {{1, 1, 1},      {599, 1, 599},  {600, 1, 600},  {601, 2, 301},
                {1199, 2, 600}, {1200, 2, 600}, {1201, 4, 301}, {3600, 8, 450}};
    struct view *v = view_new(1, 1, 3600, 3, 1);
    view_start(v);
    for (uint32_t s = 0; s < 3600; s++) sn_series_second(v->report.series, s)->completed = 3;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        void *memory;
        v->report.now_us = ZERO_US + rows[i].seconds * SN_SECOND_US + SN_SECOND_US / 2;
        v->shards[0].heard_us = v->report.now_us;
        char *text = written(sn_report_put_hello, &v->report);
        const struct sn_json *root = parsed(text, &memory), *history = at(root, "history");
        expect_number(root, "stepS", rows[i].step);
        assert_int_equal(sn_json_count(history), rows[i].points);
        uint32_t next = 0;
        for (const struct sn_json *s = sn_json_first(history); s != NULL; s = sn_json_next(s), next += rows[i].step) {
            assert_true(sn_json_number(sn_json_get(s, "s")) == next);
            assert_true(sn_json_number(sn_json_get(s, "completed")) == 3);
        }
        assert_in_range(next, rows[i].seconds, rows[i].seconds + rows[i].step - 1);
        free(text);
        free(memory);
    }
    view_free(v);
}

/* Answers come for another minute: those seconds are points too, and there are still no more than 600. */
static void test_history_behind_the_end(void **state) {
    (void)state;
    struct view *v = view_new(1, 1, 3540, 3, 1);
    void *memory;
    view_start(v);
    v->report.stage = SN_STAGE_CLEANUP;
    v->report.now_us = ZERO_US + 3700 * SN_SECOND_US;
    v->shards[0].heard_us = ZERO_US + 3500 * SN_SECOND_US; /* an old report holds back nothing any more */
    sn_series_second(v->report.series, v->report.series->seconds_len - 1)->completed = 7;
    char *text = written(sn_report_put_hello, &v->report);
    const struct sn_json *root = parsed(text, &memory);
    uint32_t len = v->report.series->seconds_len, step = 8;
    assert_in_range(len, 3540, 600 * step);
    expect_number(root, "stepS", step);
    assert_int_equal(sn_json_count(at(root, "history")), (len + step - 1) / step);
    free(text);
    free(memory);
    view_free(v);
}

static void test_state_and_result(void **state) {
    (void)state;
    struct view *v = good_run();
    char *text = written(sn_report_put_state, &v->report);
    char *result = written(sn_report_put_result, &v->report);
    char both[4096];
    snprintf(both, sizeof both, "{\"type\":\"result\",\"state\":%s,\"fromS\":0,\"nextS\":13,\"stepS\":1,", text);
    assert_memory_equal(result, both, strlen(both));
    free(result);
    expect_golden("state.json", in_lines(text));
    view_free(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pending_run),        cmocka_unit_test(test_frame),
        cmocka_unit_test(test_window_with_few),    cmocka_unit_test(test_hello),
        cmocka_unit_test(test_long_hello),         cmocka_unit_test(test_state_and_result),
        cmocka_unit_test(test_history_is_bounded), cmocka_unit_test(test_history_behind_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
