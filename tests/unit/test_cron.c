#include "cron_help.h"

#include "sentinel/base/random.h"

#define MINUTE_US (60 * SN_SECOND_US)

static void known_runs(void **state) {
    (void)state;
    static const struct {
        const char *text, *after, *run;
    } rows[] = {
        {"* * * * *", "2026-01-14 10:15:30", "2026-01-14 10:16"},
        {"0 * * * *", "2026-01-14 10:15:30", "2026-01-14 11:00"},
        {"*/5 * * * *", "2026-01-14 10:15:30", "2026-01-14 10:20"},
        {"*/15 * * * *", "2026-03-01 00:07", "2026-03-01 00:15"},
        {"0 9 * * MON", "2026-01-14 10:15:30", "2026-01-19 09:00"},
        {"0 0 1 * *", "2026-01-14 10:15:30", "2026-02-01 00:00"},
        {"0 0 1 1 *", "2026-01-14 10:15:30", "2027-01-01 00:00"},
        {"0 9 * * 1-5", "2026-01-14 10:15:30", "2026-01-15 09:00"},
        {"0 9 * * 1,3,5", "2026-01-14 10:15:30", "2026-01-16 09:00"},
        {"0 9 * * *", "2026-01-14 09:00", "2026-01-15 09:00"}, /* after is not at */
        {"0 9 * * *", "2026-01-14 08:59:59", "2026-01-14 09:00"},
        {"59 23 31 12 *", "2026-12-31 23:58", "2026-12-31 23:59"},
        {"59 23 31 12 *", "2026-12-31 23:59", "2027-12-31 23:59"},
        {"0 0 31 * *", "2026-01-31 00:00", "2026-03-31 00:00"},
        {"30 5,17 * * *", "2026-01-14 05:30", "2026-01-14 17:30"},
        {"30 5,17 * * *", "2026-01-14 17:45", "2026-01-15 05:30"}, /* the hour is right and the minute is over */
        {"0 0 29 2 *", "2026-03-01 00:00", "2028-02-29 00:00"},    /* leap year only */
        {"0 0 29 2 *", "2096-03-01 00:00", "2104-02-29 00:00"},    /* 2100 is none */
        {"0 0 * 2 1#5", "2072-03-01 00:00", "2112-02-29 00:00"},   /* forty years from Monday to Monday */
        {"0 0 L * *", "2028-02-01 00:00", "2028-02-29 00:00"},
        {"0 0 L-2 * *", "2026-02-27 00:00", "2026-03-29 00:00"},
        {"0 0 L-30 * *", "2026-01-01 00:00", "2026-03-01 00:00"}, /* months of 31 days alone */
        {"0 0 LW * *", "2026-05-01 00:00", "2026-05-29 00:00"},   /* the 31st is a Sunday */
        {"0 0 LW * *", "2026-01-01 00:00", "2026-01-30 00:00"},   /* the 31st is a Saturday */
        {"0 0 1W * *", "2026-08-01 00:00", "2026-08-03 00:00"},   /* a Saturday, and not back into July */
        {"0 0 1W * *", "2026-02-01 00:00", "2026-02-02 00:00"},   /* a Sunday */
        {"0 0 15W * *", "2026-08-01 00:00", "2026-08-14 00:00"},
        {"0 0 31W * *", "2026-04-01 00:00", "2026-05-29 00:00"}, /* no 31 April, and a Sunday at the end of May */
        {"0 0 L-1W * *", "2026-05-01 00:00", "2026-05-29 00:00"},
        {"0 0 L-1W * *", "2026-05-29 00:00", "2026-06-29 00:00"}, /* and no Monday after the Saturday */
        {"0 0 * * 5L", "2026-05-01 00:00", "2026-05-29 00:00"},
        {"0 0 * * 1#1", "2026-06-01 00:00", "2026-07-06 00:00"},
        {"0 0 * * 1#5", "2026-04-01 00:00", "2026-06-29 00:00"},
        {"0 0 13 * FRI", "2026-03-01 00:00", "2026-03-06 00:00"}, /* either will do */
        {"0 0 13 * FRI", "2026-04-10 00:00", "2026-04-13 00:00"},
        {"0 0 */1 * MON", "2026-01-14 00:00", "2026-01-15 00:00"}, /* restricted, if to all days */
        {"0 0 * * */2", "2026-01-14 00:00", "2026-01-15 00:00"},
        {"0 0 1 * *", "1899-12-31 00:00", "1900-01-01 00:00"},
        {"0 0 1 * *", "0000-01-01 00:00", "0000-02-01 00:00"},
        {"0 0 31 12 *", "9999-01-01 00:00", "9999-12-31 00:00"},
        {"0 0 1 1 *", "9999-12-31 23:59", NULL},
        {"0 0 29 2 *", "9997-01-01 00:00", NULL},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_cron cron = cron_of(SN_CRON_STANDARD, rows[i].text);
        int64_t at_us = 0;
        enum sn_status status = sn_cron_next(&cron, NULL, moment_us(rows[i].after), &at_us);
        assert_run(rows[i].text, status, at_us, rows[i].run);
    }
}

static void known_runs_before(void **state) {
    (void)state;
    static const struct {
        const char *text, *before, *run;
    } rows[] = {
        {"* * * * *", "2026-01-14 10:15:30", "2026-01-14 10:15"},
        {"* * * * *", "2026-01-14 10:15", "2026-01-14 10:14"},
        {"0 * * * *", "2026-01-14 00:00", "2026-01-13 23:00"},
        {"30 5,17 * * *", "2026-01-14 17:15", "2026-01-14 05:30"},
        {"30 5,17 * * *", "2026-01-14 05:30", "2026-01-13 17:30"},
        {"0 0 29 2 *", "2104-02-29 00:00", "2096-02-29 00:00"},
        {"0 0 * 2 1#5", "2112-02-29 00:00", "2072-02-29 00:00"},
        {"0 0 LW * *", "2026-06-01 00:00", "2026-05-29 00:00"},
        {"0 0 31 * *", "2026-03-31 00:00", "2026-01-31 00:00"},
        {"0 0 1 1 *", "2026-01-01 00:00", "2025-01-01 00:00"},
        {"0 0 1 * *", "0000-01-02 00:00", "0000-01-01 00:00"},
        {"0 0 2 * *", "0000-01-02 00:00", NULL},
        {"0 0 2 * *", "0000-01-01 00:00", NULL},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_cron cron = cron_of(SN_CRON_STANDARD, rows[i].text);
        int64_t at_us = 0;
        enum sn_status status = sn_cron_previous(&cron, NULL, moment_us(rows[i].before), &at_us);
        assert_run(rows[i].text, status, at_us, rows[i].run);
    }
}

/* --- Minute by minute ---------------------------------------------------------------------------------------------- */

/* An expression that was drawn, as text and as what it means, told apart from how the product reads and holds it. */
struct drawn {
    char text[256];
    bool minute[60], hour[24], month[13];
    bool any_day, any_weekday;
    char day_kind, weekday_kind;
    bool day[32];
    int day_value;
    bool weekday[7];
    int weekday_value, nth;
};

static uint32_t below(struct sn_rng *rng, uint32_t bound) {
    return sn_rng_below(rng, bound);
}

/* Appends a field of values, ranges and steps, and marks what it takes. */
static void draw_field(struct sn_rng *rng, struct drawn *d, bool *taken, int min, int max) {
    char *end = d->text + strlen(d->text);
    int whole = max - min + 1, first = min + (int)below(rng, (uint32_t)whole),
        last = min + (int)below(rng, (uint32_t)whole);
    int step = 1 + (int)below(rng, (uint32_t)whole), count = 1;
    switch (below(rng, 5)) {
    case 0:
        count = whole;
        first = min;
        step = 1;
        sprintf(end, "* ");
        break;
    case 1:
        step = 1;
        sprintf(end, "%d ", first);
        break;
    case 2:
        count = (last - first + whole) % whole + 1;
        step = 1;
        sprintf(end, "%d-%d ", first, last);
        break;
    case 3:
        count = whole;
        first = min;
        sprintf(end, "*/%d ", step);
        break;
    default: count = (last - first + whole) % whole + 1; sprintf(end, "%d-%d/%d ", first, last, step);
    }
    for (int i = 0; i < count; i += step) taken[min + (first - min + i) % whole] = true;
}

static void draw_day(struct sn_rng *rng, struct drawn *d) {
    char *end = d->text + strlen(d->text);
    d->day_value = 1 + (int)below(rng, 30);
    switch (below(rng, 8)) {
    case 0: d->day_kind = 'L', d->day_value = 0, sprintf(end, "L "); return;
    case 1: d->day_kind = 'L', sprintf(end, "L-%d ", d->day_value); return;
    case 2: d->day_kind = 'w', sprintf(end, "%dW ", d->day_value); return;
    case 3: d->day_kind = 'l', d->day_value = 0, sprintf(end, "LW "); return;
    case 4: d->day_kind = 'l', sprintf(end, "L-%dW ", d->day_value); return;
    case 5: d->any_day = true, sprintf(end, "* "); return;
    default: d->day_kind = 'd', draw_field(rng, d, d->day, 1, 31); d->any_day = strncmp(end, "* ", 2) == 0;
    }
}

static void draw_weekday(struct sn_rng *rng, struct drawn *d) {
    char *end = d->text + strlen(d->text);
    d->weekday_value = (int)below(rng, 7);
    d->nth = 1 + (int)below(rng, 5);
    switch (below(rng, 4)) {
    case 0: d->any_weekday = true, sprintf(end, "*"); return;
    case 1: d->weekday_kind = 'L', sprintf(end, "%dL", d->weekday_value); return;
    case 2: d->weekday_kind = '#', sprintf(end, "%d#%d", d->weekday_value, d->nth); return;
    default: d->weekday_kind = 'd', draw_field(rng, d, d->weekday, 0, 6); d->any_weekday = strncmp(end, "* ", 2) == 0;
    }
}

static struct drawn draw(struct sn_rng *rng) {
    struct drawn d = {0};
    draw_field(rng, &d, d.minute, 0, 59);
    draw_field(rng, &d, d.hour, 0, 23);
    draw_day(rng, &d);
    draw_field(rng, &d, d.month, 1, 12);
    draw_weekday(rng, &d);
    return d;
}

static int days_of(const struct sn_civil *c) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);
    return days[c->month - 1] + (c->month == 2 && leap);
}

/* Whether this is the working day nearest to `day`: looked for outwards, day by day, and never in another month. */
static bool is_nearest(const struct sn_civil *c, int day) {
    if (day < 1 || day > days_of(c)) return false;
    int weekday = (c->weekday - (c->day - day) % 7 + 14) % 7;
    for (int distance = 0;; distance++) {
        for (int sign = -1; sign <= 1; sign += 2) {
            int near = day + sign * distance, near_weekday = (weekday + sign * distance + 14) % 7;
            if (near < 1 || near > days_of(c) || near_weekday == 0 || near_weekday == 6) continue;
            return near == c->day;
        }
    }
}

static bool day_fits(const struct drawn *d, const struct sn_civil *c) {
    switch (d->day_kind) {
    case 'L': return c->day == days_of(c) - d->day_value;
    case 'w': return is_nearest(c, d->day_value);
    case 'l': return is_nearest(c, days_of(c) - d->day_value);
    default: return d->day[c->day];
    }
}

static bool weekday_fits(const struct drawn *d, const struct sn_civil *c) {
    switch (d->weekday_kind) {
    case 'L': return c->weekday == d->weekday_value && c->day + 7 > days_of(c);
    case '#': return c->weekday == d->weekday_value && (c->day - 1) / 7 + 1 == d->nth;
    default: return d->weekday[c->weekday];
    }
}

static bool fits(const struct drawn *d, int64_t wall_us) {
    struct sn_civil c = sn_civil_from_us(wall_us);
    if (!d->minute[c.minute] || !d->hour[c.hour] || !d->month[c.month]) return false;
    if (d->any_day && d->any_weekday) return true;
    return (!d->any_day && day_fits(d, &c)) || (!d->any_weekday && weekday_fits(d, &c));
}

/* Searches from run to run and tries every minute between. */
static void every_minute_agrees(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(20261123, SN_PURPOSE_MODEL, 1);
    int tried = 0;
    while (tried < 240) {
        struct drawn d = draw(&rng);
        struct sn_cron cron;
        struct sn_cron_error error;
        enum sn_status status = read_cron(&cron, SN_CRON_STANDARD, d.text, &error);
        int64_t begin_us = moment_us("1999-12-30 00:00") + below(&rng, 3000000) * MINUTE_US;
        int64_t end_us = begin_us + 200000 * MINUTE_US, run_us = begin_us, last_us = -1;
        if (status == SN_E_RANGE) {
            for (int64_t at_us = begin_us; at_us < end_us; at_us += MINUTE_US) assert_false(fits(&d, at_us));
            continue;
        }
        if (status != SN_OK) fail_msg("%s: expected %s", d.text, error.expected);
        tried++;
        assert_int_equal(sn_cron_next(&cron, NULL, begin_us - 1, &run_us), SN_OK);
        for (int64_t at_us = begin_us; at_us < end_us; at_us += MINUTE_US) {
            if (fits(&d, at_us) != (at_us == run_us)) fail_msg("%s at %s", d.text, moment_text(at_us));
            if (at_us != run_us) continue;
            int64_t before_us = -1;
            if (last_us >= 0) {
                assert_int_equal(sn_cron_previous(&cron, NULL, run_us, &before_us), SN_OK);
                assert_true(before_us == last_us);
            }
            last_us = run_us;
            assert_int_equal(sn_cron_next(&cron, NULL, run_us, &run_us), SN_OK);
            assert_true(run_us > at_us);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_runs),
        cmocka_unit_test(known_runs_before),
        cmocka_unit_test(every_minute_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
