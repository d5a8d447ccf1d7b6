#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/limits.h"
#include "sentinel/base/time.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static char text[64];

static const char *iso(int64_t at_us) {
    struct sn_writer w = sn_writer(text, sizeof text - 1);
    sn_put_iso(&w, at_us);
    text[w.len] = '\0';
    return text;
}

/* Parses a copy that ends where its memory ends. */
static enum sn_status parse(const char *from, int64_t *at_us) {
    size_t len = strlen(from);
    char *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, from, len);
    enum sn_status status = sn_iso_parse(copy, len, at_us);
    free(copy);
    return status;
}

static void known_instants(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t second;
        int weekday;
    } rows[] = {
        {"1970-01-01T00:00:00.000Z", 0, 4},
        {"1969-12-31T23:59:59.000Z", -1, 3},
        {"2000-02-29T12:00:00.000Z", 951825600, 2},   /* a leap year: divisible by 400 */
        {"1900-03-01T00:00:00.000Z", -2203891200, 4}, /* 1900 was none */
        {"2026-11-23T09:00:00.000Z", 1795424400, 1},
        {"2038-01-19T03:14:08.000Z", INT64_C(2147483648), 2},
        {"2100-03-01T00:00:00.000Z", INT64_C(4107542400), 1},
        {"0000-01-01T00:00:00.000Z", INT64_C(-62167219200), 6},
        {"0000-02-29T00:00:00.000Z", INT64_C(-62162121600), 2},
        {"9999-12-31T23:59:59.000Z", INT64_C(253402300799), 5},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t at_us = rows[i].second * SN_SECOND_US, parsed_us = 0;
        assert_string_equal(iso(at_us), rows[i].text);
        assert_int_equal(parse(rows[i].text, &parsed_us), SN_OK);
        assert_true(parsed_us == at_us);
        assert_int_equal(sn_civil_from_us(at_us).weekday, rows[i].weekday);
    }
}

/* Every day of the ten thousand years, against a calendar that only counts. */
static void every_day(void **state) {
    (void)state;
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t at_us = INT64_C(-62167219200) * SN_SECOND_US + 86399999999; /* the last µs of the first day */
    int weekday = 6;
    for (int year = 0; year <= 9999; year++)
        for (int month = 1; month <= 12; month++) {
            int leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
            int days = month == 2 ? 28 + leap : lengths[month - 1];
            for (int day = 1; day <= days; day++) {
                struct sn_civil civil = sn_civil_from_us(at_us);
                if (civil.year != year || civil.month != month || civil.day != day || civil.weekday != weekday ||
                    civil.hour != 23 || civil.minute != 59 || civil.second != 59 || civil.micro != 999999)
                    fail_msg("%04d-%02d-%02d", year, month, day);
                if (sn_civil_to_us(&civil) != at_us) fail_msg("back from %04d-%02d-%02d", year, month, day);
                at_us += 86400 * SN_SECOND_US;
                weekday = (weekday + 1) % 7;
            }
        }
}

static void texts_that_are_instants(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *expected;
    } rows[] = {
        {"2026-11-23T09:00:00Z", "2026-11-23T09:00:00.000Z"},
        {"2026-11-23t09:00:00z", "2026-11-23T09:00:00.000Z"}, /* RFC 3339 takes both cases */
        {"2026-11-23T09:00:00.5Z", "2026-11-23T09:00:00.500Z"},
        {"2026-11-23T09:00:00.1234567899Z", "2026-11-23T09:00:00.123Z"}, /* cut, not rounded */
        {"2026-11-23T09:00:00.9999999Z", "2026-11-23T09:00:00.999Z"},
        {"2026-11-23T09:00:00+01:00", "2026-11-23T08:00:00.000Z"},
        {"2026-11-23T09:00:00-05:30", "2026-11-23T14:30:00.000Z"},
        {"2026-01-01T00:30:00+01:00", "2025-12-31T23:30:00.000Z"}, /* the offset leads into the year before */
        {"2024-02-29T23:00:00-02:00", "2024-03-01T01:00:00.000Z"},
        {"2026-11-23T09:00:00-00:00", "2026-11-23T09:00:00.000Z"},
        {"2026-11-23T09:00:00+23:59", "2026-11-22T09:01:00.000Z"},
        {"0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000Z"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t at_us = 0;
        assert_int_equal(parse(rows[i].text, &at_us), SN_OK);
        assert_string_equal(iso(at_us), rows[i].expected);
    }
    int64_t at_us = 0;
    assert_int_equal(parse("1970-01-01T00:00:00.000001Z", &at_us), SN_OK);
    assert_true(at_us == 1);
    assert_int_equal(parse("1969-12-31T23:59:59.999999Z", &at_us), SN_OK);
    assert_true(at_us == -1);
    assert_string_equal(iso(-1), "1969-12-31T23:59:59.999Z"); /* always down, before 1970 too */
}

static void texts_that_are_none(void **state) {
    (void)state;
    static const char *const rows[] = {
        "",
        "2026-11-23",
        "2026-11-23T09:00Z",
        "2026-11-23T09:00:00", /* local time: whose? */
        "2026-11-23 09:00:00Z",
        " 2026-11-23T09:00:00Z",
        "2026-11-23T09:00:00Z ",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-32T00:00:00Z",
        "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", /* divisible by 100, not by 400 */
        "2026-11-23T24:00:00Z",
        "2026-11-23T09:60:00Z",
        "2016-12-31T23:59:60Z", /* a leap second */
        "2026-11-23T09:00:00.Z",
        "2026-11-23T09:00:00,5Z",
        "2026-11-23T09:00:00+0100",
        "2026-11-23T09:00:00+24:00",
        "2026-11-23T09:00:00+01:60",
        "2026-11-23T09:00:00+01",
        "2026-11-23T09:00:00X",
        "+026-11-23T09:00:00Z",
        "-026-11-23T09:00:00Z",
        "02026-11-23T09:00:00Z",
        "2026-1-23T09:00:00Z",
        "2026/11/23T09:00:00Z",
        "2026-11-23T09:00:00\xc2\xa0Z",
        "0000-01-01T00:00:00+00:01", /* a minute before year 0 */
        "9999-12-31T23:59:59-00:01", /* year 10000 */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t at_us = 42;
        if (parse(rows[i], &at_us) != SN_E_FORMAT) fail_msg("taken: %s", rows[i]);
        assert_true(at_us == 42); /* untouched */
    }
    /* Every front part of an instant is none. */
    static const char whole[] = "2026-11-23T09:00:00.123456+01:30";
    for (size_t len = 0; len < sizeof whole - 1; len++) {
        char *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, whole, len);
        int64_t at_us = 0;
        assert_int_equal(sn_iso_parse(copy, len, &at_us), SN_E_FORMAT);
        free(copy);
    }
}

static void outside_of_four_digits(void **state) {
    (void)state;
    assert_string_equal(iso(INT64_MAX), "-");
    assert_string_equal(iso(INT64_MIN), "-");
    assert_string_equal(iso(INT64_C(253402300800) * SN_SECOND_US), "-");
    assert_string_equal(iso(INT64_C(-62167219200) * SN_SECOND_US - 1), "-");
    assert_int_equal(sn_civil_from_us(INT64_MAX).year, 294247); /* and no overflow on the way */
    assert_int_equal(sn_civil_from_us(INT64_MIN).year, -290308);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_instants),          cmocka_unit_test(every_day),
        cmocka_unit_test(texts_that_are_instants), cmocka_unit_test(texts_that_are_none),
        cmocka_unit_test(outside_of_four_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
