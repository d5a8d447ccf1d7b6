/* Reports of runs that were steered, or cut short: what happened when, and what becomes of the phases. */
#include "report_read.h"

static void steer(struct view *v, enum sn_epoch_kind kind, int64_t at_s, double factor) {
    struct sn_epoch epoch = {.seq = v->schedule.epochs_len + 1,
                             .kind = kind,
                             .effective_us = ZERO_US + at_s * SN_SECOND_US,
                             .factor = factor};
    assert_int_equal(sn_schedule_add(&v->schedule, &epoch), SN_OK);
}

/* Ten seconds with ten operations each: what nobody told of is told of as that, second by second. */
static void test_untold_seconds(void **state) {
    (void)state;
    struct view *v = view_new(1, 1, 10, 10, 1);
    void *memory;
    view_start(v);
    for (uint32_t s = 0; s < 10; s++) *sn_series_second(v->report.series, s) = (struct sn_second){.started = 10};
    *sn_series_second(v->report.series, 3) = (struct sn_second){.started = 5, .dropped = {1, 2, 0}};
    *sn_series_second(v->report.series, 4) = (struct sn_second){0};
    *sn_series_second(v->report.series, 5) = (struct sn_second){.started = 12}; /* a change was heard of late */
    view_end(v, SN_RUN_COMPLETED);
    static const double untold[] = {0, 0, 0, 2, 10, 0, 0, 0, 0, 0};
    static const char says[] = "The per-second series does not say when 12 of these were due.";
    char *json = written(sn_report_put_json, &v->report), *text = written(sn_report_put_text, &v->report);
    const struct sn_json *root = parsed(json, &memory);
    assert_int_equal(sn_json_count(at(root, "series.untold")), 10);
    for (size_t i = 0; i < sizeof untold / sizeof *untold; i++) {
        char path[32];
        snprintf(path, sizeof path, "series.untold.%zu", i);
        expect_number(root, path, untold[i]);
    }
    for (char *line = text; (line = strstr(line, "\n            ")) != NULL;) { /* as if it were one line */
        *line = ' ';
        memmove(line + 1, line + 13, strlen(line + 13) + 1);
    }
    assert_non_null(strstr(text, says));
    free(text);
    v->report.ended_us = 0; /* the next reports may still tell */
    text = written(sn_report_put_text, &v->report);
    assert_null(strstr(text, "per-second series"));
    free(json);
    free(text);
    free(memory);
    view_free(v);
}

/* Every kind of thing that is done to a run, in the order of time, in both forms. */
static void test_timeline(void **state) {
    (void)state;
    struct view *v = view_new(1, 1, 10, 100, 1);
    void *memory;
    view_start(v);
    char *text = written(sn_report_put_text, &v->report);
    assert_null(strstr(text, "Timeline")); /* nothing was done to it */
    free(text);
    steer(v, SN_EPOCH_PAUSE, 1, 1);
    steer(v, SN_EPOCH_RESUME, 3, 1);
    steer(v, SN_EPOCH_SCALE, 4, 0.25);
    steer(v, SN_EPOCH_EXTEND, 5, 7);
    steer(v, SN_EPOCH_REPLACE, 6, 0);
    steer(v, SN_EPOCH_STOP, 8, 1);
    v->report.cancelled_us = ZERO_US + 7 * SN_SECOND_US; /* the stop is what came of it */
    char *json = written(sn_report_put_json, &v->report);
    text = written(sn_report_put_text, &v->report);
    const struct sn_json *root = parsed(json, &memory);
    static const struct {
        const char *what, *says;
        double elapsed_s;
    } rows[] = {
        {"start", "0 s of load: the load began.", 0},
        {"pause", "1 s of load: the load was paused.", 1},
        {"resume", "1 s of load: the load was resumed.", 1},
        {"scale", "2 s of load: the rate became 0.25 times the planned one.", 2},
        {"extend", "3 s of load: the load was made 7 s longer.", 3},
        {"replace", "4 s of load: another shard took place 0.", 4},
        {"cancel", "5 s of load: the run was cancelled.", 5},
        {"stop", "6 s of load: the load was stopped.", 6},
    };
    const char *at = strstr(text, "\nTimeline    ");
    assert_non_null(at);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[48];
        snprintf(path, sizeof path, "load.timeline.%zu.what", i);
        expect_text(root, path, rows[i].what);
        snprintf(path, sizeof path, "load.timeline.%zu.elapsedS", i);
        expect_number(root, path, rows[i].elapsed_s);
        const char *found = strstr(at, rows[i].says);
        if (found == NULL) fail_msg("%s is not where it belongs in:\n%s", rows[i].says, text);
        at = found;
    }
    expect_number(root, "load.timeline.3.factor", 0.25);
    expect_number(root, "load.timeline.4.seconds", 7);
    expect_number(root, "load.timeline.5.place", 0);
    free(json);
    free(text);
    free(memory);
    view_free(v);
}

/* Cancelled before its load: that is all that was done. */
static void test_timeline_without_a_load(void **state) {
    (void)state;
    struct view *v = view_new(1, 1, 10, 10, 1);
    void *memory;
    sn_schedule_init(&v->schedule, &v->profile);
    v->report.cancelled_us = ZERO_US;
    char *json = written(sn_report_put_json, &v->report), *text = written(sn_report_put_text, &v->report);
    const struct sn_json *root = parsed(json, &memory);
    expect_text(root, "load.timeline.0.what", "cancel");
    expect_number(root, "load.timeline.0.elapsedS", 0);
    assert_null(sn_json_next(sn_json_first(sn_json_get(sn_json_get(root, "load"), "timeline"))));
    assert_non_null(strstr(text, "0 s of load: the run was cancelled."));
    free(json);
    free(text);
    free(memory);
    view_free(v);
}

/* Two phases of 5 s at 10 a second; the second is made three times as dense in its middle, and 4 s longer. */
static void test_steered_phases(void **state) {
    (void)state;
    struct view *v = view_new(1, 2, 10, 10, 1);
    void *memory;
    view_start(v);
    steer(v, SN_EPOCH_SCALE, 7, 3);
    steer(v, SN_EPOCH_EXTEND, 8, 4);
    char *json = written(sn_report_put_json, &v->report), *text = written(sn_report_put_text, &v->report);
    const struct sn_json *root = parsed(json, &memory);
    expect_number(root, "load.phases.0.fromPerS", 10);
    expect_number(root, "load.phases.0.toPerS", 10);
    expect_number(root, "load.phases.1.fromPerS", 10);
    expect_number(root, "load.phases.1.toPerS", 30);
    expect_number(root, "load.phases.1.endS", 14);
    expect_number(root, "load.phases.1.planned", 2 * 10 + 7 * 30);
    expect_number(root, "load.peakPerS", 30);
    assert_non_null(strstr(text, "phase 1, 5 to 14 s"));
    free(json);
    free(text);
    free(memory);
    view_free(v);
}

/* What was planned stays what it was when somebody stops the load: its number, its length and its peak. */
static void test_cancelled_load(void **state) {
    (void)state;
    struct view *v = view_new(1, 1, 10, 10, 1);
    sn_profile_begin(&v->profile);
    assert_int_equal(sn_profile_phase(&v->profile, "ramp", 10 * SN_SECOND_US), SN_OK);
    assert_int_equal(sn_profile_add(&v->profile, 10 * SN_SECOND_US, 0, 20), SN_OK);
    assert_int_equal(sn_profile_finish(&v->profile, 0), SN_OK);
    sn_schedule_init(&v->schedule, &v->profile);
    view_start(v);
    steer(v, SN_EPOCH_STOP, 2, 1);
    v->report.now_us = ZERO_US + 3 * SN_SECOND_US;
    char *text = written(sn_report_put_text, &v->report);
    assert_non_null(strstr(text, "at most 20 a second"));
    free(text);
    view_free(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_untold_seconds),          cmocka_unit_test(test_timeline),
        cmocka_unit_test(test_timeline_without_a_load), cmocka_unit_test(test_steered_phases),
        cmocka_unit_test(test_cancelled_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
