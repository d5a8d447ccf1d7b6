#include "cron_help.h"

#include "sentinel/schedule/due.h"

/* What has come due, at which minute, and what comes after it. */

struct course {
    const char *cron, *next, *now;
    enum sn_catch_up catch_up;
    enum sn_due due;
    const char *minute;
};

static const struct course courses[] = {
    {"0 4 * * *", "2026-03-01 04:00", "2026-03-01 03:59", SN_CATCH_UP_SKIP, SN_DUE_NOT, NULL},
    {"0 4 * * *", "2026-03-01 04:00", "2026-03-01 04:00", SN_CATCH_UP_SKIP, SN_DUE_START, "2026-03-01 04:00"},
    {"0 4 * * *", "2026-03-01 04:00", "2026-03-01 04:10", SN_CATCH_UP_SKIP, SN_DUE_START, "2026-03-01 04:00"},
    {"0 4 * * *", "2026-03-01 04:00", "2026-03-01 04:11", SN_CATCH_UP_SKIP, SN_DUE_MISSED, "2026-03-01 04:00"},
    {"0 4 * * *", "2026-03-01 04:00", "2026-03-01 04:11", SN_CATCH_UP_ONCE, SN_DUE_START, "2026-03-01 04:00"},
    /* Of several the latest counts, on time or late. */
    {"* * * * *", "2026-03-01 04:00", "2026-03-01 04:05", SN_CATCH_UP_SKIP, SN_DUE_START, "2026-03-01 04:05"},
    {"0 4 * * *", "2026-03-01 04:00", "2026-03-08 12:00", SN_CATCH_UP_SKIP, SN_DUE_MISSED, "2026-03-08 04:00"},
    {"0 4 * * *", "2026-03-01 04:00", "2026-03-08 12:00", SN_CATCH_UP_ONCE, SN_DUE_START, "2026-03-08 04:00"},
    /* What was written down counts also where the expression does not name it any more. */
    {"0 5 * * *", "2026-03-01 04:00", "2026-03-01 04:01", SN_CATCH_UP_SKIP, SN_DUE_START, "2026-03-01 04:00"},
};

static struct sn_timing timing_of(const char *cron, uint32_t jitter_s) {
    return (struct sn_timing){.cron = cron_of(SN_CRON_STANDARD, cron), .seed = 7, .jitter_s = jitter_s};
}

static int64_t seconds(const char *text) {
    return moment_us(text) / SN_SECOND_US;
}

static void what_is_due(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS(courses); i++) {
        const struct course *c = &courses[i];
        struct sn_timing timing = timing_of(c->cron, 0);
        int64_t minute_s = 0;
        timing.catch_up = c->catch_up;
        enum sn_due due = sn_due_find(&timing, NULL, seconds(c->next), seconds(c->now), &minute_s);
        if (due != c->due) fail_msg("row %zu: %d", i, (int)due);
        if (c->minute != NULL) assert_int_equal(minute_s, seconds(c->minute));
    }
}

/* The same minute is put off by the same time, all by less than the most, and not all alike. */
static void jitter_is_a_function_of_the_minute(void **state) {
    (void)state;
    struct sn_timing timing = timing_of("* * * * *", 300), other = timing;
    uint32_t least = 300, most = 0, alike = 0;
    other.seed = 8;
    for (int64_t minute_s = 0; minute_s < 60000; minute_s += 60) {
        uint32_t jitter_s = sn_jitter_s(&timing, minute_s);
        assert_int_equal(jitter_s, sn_jitter_s(&timing, minute_s));
        if (jitter_s < least) least = jitter_s;
        if (jitter_s > most) most = jitter_s;
        alike += jitter_s == sn_jitter_s(&other, minute_s);
    }
    assert_true(least < 5 && most > 295 && most <= 300 && alike < 20);
    timing.jitter_s = 0;
    assert_int_equal(sn_jitter_s(&timing, 60), 0);
}

/* A start waits for its jitter, and is late only after that. */
static void a_run_is_due_with_its_jitter(void **state) {
    (void)state;
    struct sn_timing timing = timing_of("0 4 * * *", 3600);
    int64_t minute_s, next_s = seconds("2026-03-01 04:00"), start_s = next_s + sn_jitter_s(&timing, next_s);
    assert_true(start_s > next_s);
    assert_int_equal(sn_due_find(&timing, NULL, next_s, start_s - 1, &minute_s), SN_DUE_NOT);
    assert_int_equal(sn_due_find(&timing, NULL, next_s, start_s, &minute_s), SN_DUE_START);
    assert_int_equal(minute_s, next_s);
    assert_int_equal(sn_due_find(&timing, NULL, next_s, start_s + SN_LATE_S, &minute_s), SN_DUE_START);
    assert_int_equal(sn_due_find(&timing, NULL, next_s, start_s + SN_LATE_S + 1, &minute_s), SN_DUE_MISSED);
}

/* A table that ends early is asked on from where the search stands, and nothing is found twice. */
static void the_next_runs_across_tables(void **state) {
    (void)state;
    struct sn_timing timing = timing_of("30 2 29 2 *", 0);
    struct sn_upcoming upcoming = {0}, whole = {0};
    int64_t after_s = seconds("2026-03-01 00:00"), begin_s = after_s;
    enum sn_status status;
    uint32_t asks = 0;
    do {
        struct sn_zone zone;
        sn_zone_begin(&zone, after_s - SN_ZONE_MARGIN_S, after_s + INT64_C(63158400), 3600);
        status = sn_upcoming_find(&timing, &zone, &after_s, &upcoming);
        asks++;
    } while (status == SN_E_GAP || status == SN_E_RANGE);
    assert_int_equal(status, SN_OK);
    assert_int_equal(upcoming.len, SN_UPCOMING);
    assert_true(asks > 5 && asks < 20);
    struct sn_zone fixed;
    sn_zone_fixed(&fixed, 3600);
    assert_int_equal(sn_upcoming_find(&timing, &fixed, &begin_s, &whole), SN_OK);
    for (uint32_t i = 0; i < SN_UPCOMING; i++) {
        assert_int_equal(upcoming.runs[i].at_s, whole.runs[i].at_s);
        assert_int_equal(upcoming.runs[i].offset_s, 3600);
    }
    assert_int_equal(upcoming.runs[4].at_s, seconds("2044-02-29 01:30"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_due),
        cmocka_unit_test(jitter_is_a_function_of_the_minute),
        cmocka_unit_test(a_run_is_due_with_its_jitter),
        cmocka_unit_test(the_next_runs_across_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
