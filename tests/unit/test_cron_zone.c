#include "cron_help.h"

#include "sentinel/base/random.h"

/* A stretch of a zone, with moments as texts. */
struct clocks {
    const char *name, *from, *to;
    int32_t offset_s;
    struct {
        const char *at;
        int32_t offset_s;
    } changes[6];
};

static const struct clocks berlin = {
    "Europe/Berlin",
    "2026-01-01 00:00",
    "2028-01-01 00:00",
    3600,
    {{"2026-03-29 01:00", 7200}, {"2026-10-25 01:00", 3600}, {"2027-03-28 01:00", 7200}, {"2027-10-31 01:00", 3600}},
};
/* Half an hour of summer time. */
static const struct clocks lord_howe = {
    "Australia/Lord_Howe",
    "2026-01-01 00:00",
    "2028-01-01 00:00",
    39600,
    {{"2026-04-04 15:00", 37800},
     {"2026-10-03 15:30", 39600},
     {"2027-04-03 15:00", 37800},
     {"2027-10-02 15:30", 39600}},
};
/* An hour less in Ramadan. */
static const struct clocks casablanca = {
    "Africa/Casablanca",
    "2026-01-01 00:00",
    "2028-01-01 00:00",
    3600,
    {{"2026-02-15 02:00", 0}, {"2026-03-22 02:00", 3600}, {"2027-02-07 02:00", 0}, {"2027-03-14 02:00", 3600}},
};
/* Its winter is what the law calls the exception; the clock does not care. */
static const struct clocks dublin = {
    "Europe/Dublin", "2026-01-01 00:00", "2027-01-01 00:00", 0, {{"2026-03-29 01:00", 3600}, {"2026-10-25 01:00", 0}},
};
/* Summer time began at midnight, so that those days had none. */
static const struct clocks sao_paulo = {
    "America/Sao_Paulo",
    "2018-01-01 00:00",
    "2026-01-01 00:00",
    -7200,
    {{"2018-02-18 02:00", -10800}, {"2018-11-04 03:00", -7200}, {"2019-02-17 02:00", -10800}},
};
/* Had no 30 December 2011. */
static const struct clocks apia = {
    "Pacific/Apia",
    "2011-01-01 00:00",
    "2012-12-01 00:00",
    -36000,
    {{"2011-04-02 14:00", -39600},
     {"2011-09-24 14:00", -36000},
     {"2011-12-30 10:00", 50400},
     {"2012-03-31 14:00", 46800},
     {"2012-09-29 14:00", 50400}},
};
/* Went over to the other side of the date line, by 23 hours: 30 September came twice, and then some. */
static const struct clocks kwajalein = {
    "Pacific/Kwajalein", "1969-01-01 00:00", "1970-01-01 00:00", 39600, {{"1969-09-30 13:00", -43200}},
};
static const struct clocks kolkata = {"Asia/Kolkata", "2026-01-01 00:00", "2027-01-01 00:00", 19800, {{NULL, 0}}};
static const struct clocks utc = {"UTC", "2026-01-01 00:00", "2027-01-01 00:00", 0, {{NULL, 0}}};
/* Local mean time, whose minutes do not begin with UTC's, and twenty seconds skipped when it ended. */
static const struct clocks amsterdam = {
    "Europe/Amsterdam",
    "1937-01-01 00:00",
    "1938-01-01 00:00",
    1172,
    {{"1937-05-22 23:40:28", 4772}, {"1937-06-30 22:40:28", 4800}, {"1937-10-02 22:40", 1200}},
};

static struct sn_zone zone_of(const struct clocks *clocks) {
    struct sn_zone zone;
    sn_zone_begin(&zone, moment_us(clocks->from) / SN_SECOND_US, moment_us(clocks->to) / SN_SECOND_US,
                  clocks->offset_s);
    for (size_t i = 0; i < ROWS(clocks->changes) && clocks->changes[i].at != NULL; i++)
        assert_true(sn_zone_add(&zone, moment_us(clocks->changes[i].at) / SN_SECOND_US, clocks->changes[i].offset_s));
    return zone;
}

static void known_runs(void **state) {
    (void)state;
    static const struct {
        const struct clocks *clocks;
        const char *text, *after, *run;
    } rows[] = {
        /* 02:00 to 03:00 is skipped: it runs when the clock has skipped it, once */
        {&berlin, "30 2 * * *", "2026-03-28 12:00", "2026-03-29 01:00"},
        {&berlin, "0,30 2 * * *", "2026-03-28 12:00", "2026-03-29 01:00"},
        {&berlin, "0,30 2 * * *", "2026-03-29 01:00", "2026-03-30 00:00"},
        {&berlin, "0 2,3 * * *", "2026-03-29 01:00", "2026-03-30 00:00"},
        {&berlin, "30 2 29 3 *", "2026-01-04 00:00", "2026-03-29 01:00"},
        /* a steady one runs when the clock shows it, so not that day */
        {&berlin, "*/30 2 * * *", "2026-03-28 12:00", "2026-03-30 00:00"},
        {&berlin, "30 * * * *", "2026-03-29 00:30", "2026-03-29 01:30"},
        /* 02:00 to 03:00 is there twice: it runs the first time */
        {&berlin, "30 2 * * *", "2026-10-24 12:00", "2026-10-25 00:30"},
        {&berlin, "30 2 * * *", "2026-10-25 00:30", "2026-10-26 01:30"},
        {&berlin, "59 2 * * *", "2026-10-25 01:00", "2026-10-26 01:59"},
        {&berlin, "0 3 * * *", "2026-10-25 00:30", "2026-10-25 02:00"},
        {&berlin, "*/30 2 * * *", "2026-10-25 00:30", "2026-10-25 01:00"},
        {&berlin, "30 * * * *", "2026-10-25 00:30", "2026-10-25 01:30"},
        {&lord_howe, "15 2 * * *", "2026-10-03 00:00", "2026-10-03 15:30"},
        {&lord_howe, "45 2 * * *", "2026-10-03 00:00", "2026-10-03 15:45"},
        {&lord_howe, "45 1 * * *", "2026-04-04 00:00", "2026-04-04 14:45"},
        {&lord_howe, "45 1 * * *", "2026-04-04 14:45", "2026-04-05 15:15"},
        {&lord_howe, "45 */1 * * *", "2026-04-04 14:45", "2026-04-04 15:15"},
        {&casablanca, "30 2 * * *", "2026-02-14 12:00",
         "2026-02-15 01:30"}, /* twice: the hour before Ramadan goes back */
        {&casablanca, "30 2 * * *", "2026-03-21 12:00", "2026-03-22 02:00"},
        {&casablanca, "0 12 * * *", "2026-03-01 12:00", "2026-03-02 12:00"},
        {&casablanca, "0 12 * * *", "2026-04-01 12:00", "2026-04-02 11:00"},
        {&dublin, "30 1 * * *", "2026-03-28 12:00", "2026-03-29 01:00"},
        {&dublin, "30 1 * * *", "2026-10-24 12:00", "2026-10-25 00:30"},
        {&dublin, "30 1 * * *", "2026-10-25 00:30", "2026-10-26 01:30"},
        {&sao_paulo, "0 0 * * *", "2018-11-03 12:00", "2018-11-04 03:00"},
        {&sao_paulo, "30 23 * * *", "2018-02-17 12:00", "2018-02-18 01:30"},
        {&sao_paulo, "30 23 * * *", "2018-02-18 01:30", "2018-02-19 02:30"},
        {&sao_paulo, "0 0 * * *", "2025-06-01 12:00", "2025-06-02 03:00"},
        {&apia, "0 12 * * *", "2011-12-29 00:00", "2011-12-29 22:00"},
        {&apia, "0 12 * * *", "2011-12-29 22:00", "2011-12-30 10:00"}, /* the noon that was skipped */
        {&apia, "0 12 * * *", "2011-12-30 10:00", "2011-12-30 22:00"},
        {&apia, "0 12 30 12 *", "2011-06-01 00:00", "2011-12-30 10:00"},
        {&apia, "0 */6 * * *", "2011-12-30 04:00", "2011-12-30 10:00"}, /* midnight, as the clock shows it */
        {&apia, "0 */6 * * *", "2011-12-30 10:00", "2011-12-30 16:00"},
        {&kwajalein, "0 12 * * *", "1969-09-30 02:00", "1969-10-02 00:00"},
        {&kwajalein, "0 */12 * * *", "1969-09-30 02:00", "1969-10-01 00:00"},
        {&kolkata, "30 5 * * *", "2026-06-01 00:00", "2026-06-02 00:00"},
        {&utc, "0 2 * * *", "2026-03-29 00:00", "2026-03-29 02:00"},
        {&amsterdam, "0 12 * * *", "1937-02-01 00:00", "1937-02-01 11:40:28"},
        {&amsterdam, "0 12 * * *", "1937-08-01 00:00", "1937-08-01 10:40"},
        {&amsterdam, "0 0 * * *", "1937-06-30 12:00", "1937-06-30 22:40:28"}, /* 00:00:00 to 00:00:27 was skipped */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_zone zone = zone_of(rows[i].clocks);
        struct sn_cron cron = cron_of(SN_CRON_STANDARD, rows[i].text);
        int64_t at_us = 0, before_us = 0;
        char what[80];
        snprintf(what, sizeof what, "%s in %s after %s", rows[i].text, rows[i].clocks->name, rows[i].after);
        enum sn_status status = sn_cron_next(&cron, &zone, moment_us(rows[i].after), &at_us);
        assert_run(what, status, at_us, rows[i].run);
        status = sn_cron_previous(&cron, &zone, at_us + 1, &before_us);
        assert_run(what, status, before_us, rows[i].run);
    }
}

/* --- Second by second, or minute by minute where no offset has seconds ------------------------------------------------ */

static bool bit(uint64_t set, int i) {
    return set >> i & 1;
}

static bool shows(const struct sn_cron *cron, int64_t wall_s) {
    struct sn_civil c = sn_civil_from_us(wall_s * SN_SECOND_US);
    return c.second == 0 && bit(cron->minutes, c.minute) && bit(cron->hours, c.hour) && bit(cron->months, c.month) &&
           (cron->any_day || bit(cron->days, c.day)) && (cron->any_weekday || cron->weekdays[c.weekday] != 0);
}

/* Watches a clock go by: what it has shown, it has shown; what it jumps over is due at once. */
struct watch {
    const struct sn_zone *zone;
    int64_t step_s, shown_s; /* the largest wall time so far */
};

static bool runs_at(struct watch *watch, const struct sn_cron *cron, int64_t at_s) {
    int64_t wall_s = at_s + sn_zone_offset_s(watch->zone, at_s);
    bool run = false;
    if (cron->steady) {
        run = shows(cron, wall_s);
    } else {
        for (int64_t missed_s = watch->shown_s + watch->step_s; missed_s <= wall_s; missed_s += watch->step_s)
            run = run || shows(cron, missed_s);
    }
    if (wall_s > watch->shown_s) watch->shown_s = wall_s;
    return run;
}

static void watch_zone(const struct clocks *clocks, const char *text, int64_t step_s) {
    struct sn_zone zone = zone_of(clocks);
    struct sn_cron cron = cron_of(SN_CRON_STANDARD, text);
    int64_t at_s = zone.from_s + SN_ZONE_MARGIN_S, run_us = 0, last_us = INT64_MIN;
    struct watch watch = {&zone, step_s, at_s - step_s + zone.offset_s};
    enum sn_status status = sn_cron_next(&cron, &zone, at_s * SN_SECOND_US - 1, &run_us);
    for (; at_s < zone.to_s; at_s += step_s) {
        bool due = status == SN_OK && run_us == at_s * SN_SECOND_US;
        if (runs_at(&watch, &cron, at_s) != due)
            fail_msg("%s in %s at %s", text, clocks->name, moment_text(at_s * SN_SECOND_US));
        if (!due) continue;
        int64_t before_us = 0;
        enum sn_status before = sn_cron_previous(&cron, &zone, run_us, &before_us);
        if (last_us != INT64_MIN && (before != SN_OK || before_us != last_us))
            fail_msg("%s in %s before %s", text, clocks->name, moment_text(run_us));
        last_us = run_us;
        status = sn_cron_next(&cron, &zone, run_us, &run_us);
    }
    assert_true(last_us != INT64_MIN);
    assert_int_equal(status, SN_E_GAP); /* and the table was used to its end */
    assert_true(run_us == zone.to_s * SN_SECOND_US - 1);
}

static void every_minute_agrees(void **state) {
    (void)state;
    static const struct clocks *const all[] = {&berlin, &lord_howe, &casablanca, &dublin, &sao_paulo,
                                               &apia,   &kwajalein, &kolkata,    &utc};
    static const char *const texts[] = {
        "30 2 * * *", "0,15,30,45 0-3 * * *", "*/20 1,2 * * *", "10 */1 * * *",      "59 23 * * *",
        "0 0 * * *",  "7 1-3 * * 0",          "0 12 30,31 * *", "5-55/10 2 * * 6,0",
    };
    for (size_t i = 0; i < ROWS(all); i++) {
        for (size_t k = 0; k < ROWS(texts); k++) watch_zone(all[i], texts[k], 60);
    }
}

static void every_second_agrees(void **state) {
    (void)state;
    watch_zone(&amsterdam, "0 0,2 * * *", 4);
    watch_zone(&amsterdam, "*/9 0,2 * * *", 4);
}

/* --- Tables that end ------------------------------------------------------------------------------------------------- */

static void a_table_is_asked_on_from_its_end(void **state) {
    (void)state;
    struct sn_zone zone = zone_of(&berlin);
    struct sn_cron cron = cron_of(SN_CRON_STANDARD, "0 0 29 2 *");
    int64_t at_us = 0;
    assert_int_equal(sn_cron_next(&cron, &zone, moment_us("2026-06-01 00:00"), &at_us), SN_E_GAP);
    assert_true(at_us == moment_us(berlin.to) - 1);
    assert_int_equal(sn_cron_next(&cron, &zone, at_us, &at_us), SN_E_RANGE); /* not by this table */
    zone.from_s = moment_us(berlin.to) / SN_SECOND_US - SN_ZONE_MARGIN_S;
    zone.to_s = SN_ZONE_END_S;
    zone.count = 0;
    enum sn_status status = sn_cron_next(&cron, &zone, at_us, &at_us);
    assert_run("on", status, at_us, "2028-02-28 23:00");
}

static void a_table_is_asked_back_from_its_beginning(void **state) {
    (void)state;
    struct sn_zone zone = zone_of(&berlin);
    struct sn_cron cron = cron_of(SN_CRON_STANDARD, "0 0 29 2 *");
    int64_t at_us = 0;
    assert_int_equal(sn_cron_previous(&cron, &zone, moment_us("2026-06-01 00:00"), &at_us), SN_E_GAP);
    assert_true(at_us == moment_us("2026-01-03 00:00"));
    assert_int_equal(sn_cron_previous(&cron, &zone, at_us, &at_us), SN_E_RANGE);
    zone.to_s = zone.from_s + SN_ZONE_MARGIN_S;
    zone.from_s = moment_us("2020-01-01 00:00") / SN_SECOND_US;
    zone.count = 0;
    enum sn_status status = sn_cron_previous(&cron, &zone, at_us, &at_us);
    assert_run("back", status, at_us, "2024-02-28 23:00");
}

static void a_search_has_an_end(void **state) {
    (void)state;
    struct sn_zone zone;
    int64_t at_us = 0;
    /* By hand, since reading refuses it. */
    struct sn_cron never = {.minutes = 1, .hours = 1, .months = 4, .days = UINT32_C(1) << 30, .any_weekday = true};
    sn_zone_fixed(&zone, -3600);
    assert_int_equal(sn_cron_next(&never, &zone, moment_us("2026-06-01 00:00"), &at_us), SN_E_MISSING);
    assert_int_equal(sn_cron_previous(&never, &zone, moment_us("2026-06-01 00:00"), &at_us), SN_E_MISSING);
    assert_int_equal(sn_cron_next(&never, NULL, INT64_MAX, &at_us), SN_E_MISSING);
    assert_int_equal(sn_cron_next(&never, NULL, INT64_MIN, &at_us), SN_E_RANGE);
    assert_int_equal(sn_cron_previous(&never, NULL, INT64_MIN, &at_us), SN_E_MISSING);
    assert_int_equal(sn_cron_previous(&never, NULL, INT64_MAX, &at_us), SN_E_RANGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_runs),
        cmocka_unit_test(every_minute_agrees),
        cmocka_unit_test(every_second_agrees),
        cmocka_unit_test(a_table_is_asked_on_from_its_end),
        cmocka_unit_test(a_table_is_asked_back_from_its_beginning),
        cmocka_unit_test(a_search_has_an_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
