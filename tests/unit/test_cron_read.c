#include "cron_help.h"

static uint64_t bits(const char *list) {
    uint64_t set = 0;
    for (char *at = (char *)(uintptr_t)list; *at != 0;) {
        long first = strtol(at, &at, 10), last = first;
        if (*at == '-') last = strtol(at + 1, &at, 10);
        for (; first <= last; first++) set |= UINT64_C(1) << first;
        if (*at == ',') at++;
    }
    return set;
}

/* Weekdays that are taken every week. */
static uint64_t weekly(const struct sn_cron *cron) {
    uint64_t set = 0;
    for (int i = 0; i < 7; i++) set |= (uint64_t)(cron->weekdays[i] == SN_CRON_EVERY) << i;
    return set;
}

enum which { MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS };

static uint64_t set_of(const struct sn_cron *cron, enum which which) {
    switch (which) {
    case MINUTES: return cron->minutes;
    case HOURS: return cron->hours;
    case DAYS: return cron->days;
    case MONTHS: return cron->months;
    case WEEKDAYS: return weekly(cron);
    }
    return 0;
}

static void sets(void **state) {
    (void)state;
    static const struct {
        enum sn_cron_dialect dialect;
        enum which which;
        const char *text, *expected;
    } rows[] = {
        {SN_CRON_STANDARD, MINUTES, "* * * * *", "0-59"},
        {SN_CRON_STANDARD, MINUTES, "*/15 * * * *", "0,15,30,45"},
        {SN_CRON_STANDARD, MINUTES, "7/20 * * * *", "7,27,47"},
        {SN_CRON_STANDARD, MINUTES, "10-20/5 * * * *", "10,15,20"},
        {SN_CRON_STANDARD, MINUTES, "5,*/30,50-52 * * * *", "0,5,30,50-52"},
        {SN_CRON_STANDARD, MINUTES, "5,* * * * *", "0-59"}, /* a star in a list is all, too */
        {SN_CRON_STANDARD, MINUTES, "55-5/3 * * * *", "1,4,55,58"},
        {SN_CRON_STANDARD, MINUTES, "*/60 * * * *", "0"},
        {SN_CRON_STANDARD, MINUTES, "007 * * * *", "7"},
        {SN_CRON_STANDARD, HOURS, "0 22-2 * * *", "0-2,22,23"},
        {SN_CRON_STANDARD, HOURS, "0 22-2/2 * * *", "0,2,22"},
        {SN_CRON_STANDARD, HOURS, "@hourly", "0-23"},
        {SN_CRON_STANDARD, DAYS, "0 0 28-3 * *", "1-3,28-31"},
        {SN_CRON_STANDARD, DAYS, "0 0 ? * MON", "1-31"},
        {SN_CRON_STANDARD, DAYS, "0 0 31/2 * *", "31"},
        {SN_CRON_STANDARD, MONTHS, "0 0 1 nov-Feb *", "1,2,11,12"},
        {SN_CRON_STANDARD, MONTHS, "0 0 1 JAN,apr,7-10/3 *", "1,4,7,10"},
        {SN_CRON_STANDARD, MONTHS, "  @YEARLY ", "1"},
        {SN_CRON_STANDARD, MONTHS, "\t0  0 \t1 2 *  ", "2"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * 0", "0"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * 7", "0"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * 5-7", "0,5,6"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * FRI-SUN", "0,5,6"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * sun-tue", "0-2"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * 7-2", "0-2"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * 6-1", "0,1,6"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * 0-7", "0-6"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * */2", "0,2,4,6"},
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * 1/2", "1,3,5"}, /* to Saturday, and no further */
        {SN_CRON_STANDARD, WEEKDAYS, "0 0 * * 7/2", "0"},
        {SN_CRON_STANDARD, WEEKDAYS, "@weekly", "0"},
        {SN_CRON_CLOUDFLARE, MINUTES, "*/30,*/20 * * * *", "0,20,30,40"},
        {SN_CRON_CLOUDFLARE, HOURS, "0 22-2 * * *", "0-2,22,23"}, /* without the 21 that Cloudflare's parser adds */
        {SN_CRON_CLOUDFLARE, DAYS, "0 0 30-2/2 * *", "1,30"},
        {SN_CRON_CLOUDFLARE, WEEKDAYS, "0 0 * * 1", "0"},
        {SN_CRON_CLOUDFLARE, WEEKDAYS, "0 0 * * 7", "6"},
        {SN_CRON_CLOUDFLARE, WEEKDAYS, "0 0 * * L", "6"},
        {SN_CRON_CLOUDFLARE, WEEKDAYS, "0 0 * * fri-Sun", "0,5,6"},
        {SN_CRON_CLOUDFLARE, WEEKDAYS, "0 0 * * 2-6", "1-5"},
        {SN_CRON_CLOUDFLARE, WEEKDAYS, "0 0 * * 2/2", "1,3,5"},
        {SN_CRON_CLOUDFLARE, DAYS, "0 0 */1 * 1", "1-31"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_cron cron = cron_of(rows[i].dialect, rows[i].text);
        uint64_t found = set_of(&cron, rows[i].which), expected = bits(rows[i].expected);
        if (found != expected)
            fail_msg("%s: %llx instead of %s", rows[i].text, (unsigned long long)found, rows[i].expected);
    }
}

static void days_that_are_reckoned(void **state) {
    (void)state;
    for (int dialect = 0; dialect < 2; dialect++) {
        enum sn_cron_dialect d = (enum sn_cron_dialect)dialect;
        const char *second_monday = d == SN_CRON_CLOUDFLARE ? "0 0 * * 2#2" : "0 0 * * 1#2";
        assert_int_equal(cron_of(d, "0 0 L * *").last_days, 1);
        assert_int_equal(cron_of(d, "0 0 L-30 * *").last_days, UINT32_C(1) << 30);
        assert_int_equal(cron_of(d, "0 0 LW * *").last_workdays, 1);
        assert_int_equal(cron_of(d, "0 0 L-3W * *").last_workdays, 8);
        assert_int_equal(cron_of(d, "0 0 15W * *").workdays, 1 << 15);
        assert_int_equal(cron_of(d, "0 0 * * friL").weekdays[5], SN_CRON_LAST);
        assert_int_equal(cron_of(d, "0 0 * * SUN#5").weekdays[0], 16);
        assert_int_equal(cron_of(d, second_monday).weekdays[1], 2);
    }
    /* Only Cloudflare wants them alone and in upper case. */
    struct sn_cron cron = cron_of(SN_CRON_STANDARD, "0 0 1,15w,l-2,lw * mon#1,monl,7#2");
    assert_int_equal(cron.days, 2);
    assert_int_equal(cron.workdays, 1 << 15);
    assert_int_equal(cron.last_days, 4);
    assert_int_equal(cron.last_workdays, 1);
    assert_int_equal(cron.weekdays[1], SN_CRON_LAST | 1);
    assert_int_equal(cron.weekdays[0], 2);
}

static void what_a_star_means(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool any_day, any_weekday, steady;
    } rows[] = {
        {"0 0 * * *", true, true, false},       {"* 0 * * *", true, true, true},
        {"*/5 3 * * *", true, true, true},      {"5 */2 * * *", true, true, true},
        {"5,*/2 1,* * * *", true, true, false}, {"0 0 */1 * *", false, true, false},
        {"0 0 * * */1", true, false, false},    {"0 0 1,* * *", false, true, false},
        {"0 0 *,1 * *", false, true, false},    {"0 0 ? * 1", true, false, false},
        {"0 0 1 * ?", false, true, false},      {"@hourly", true, true, true},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_cron cron = cron_of(SN_CRON_STANDARD, rows[i].text);
        if (cron.any_day != rows[i].any_day || cron.any_weekday != rows[i].any_weekday || cron.steady != rows[i].steady)
            fail_msg("%s: %d %d %d", rows[i].text, cron.any_day, cron.any_weekday, cron.steady);
    }
}

#define FIVE "five fields: minute, hour, day, month, weekday"
#define MINUTE "a number from 0 to 59"
#define DAY "a number from 1 to 31, L, LW, L-n, L-nW or nW"
#define MONTH "a number from 1 to 12 or a name such as JAN"
#define WEEKDAY "a number from 0 to 7 (0 and 7 are Sunday) or a name such as MON"
#define CF_WEEKDAY "a number from 1 (Sunday) to 7 (Saturday) or a name such as MON"
#define ITEM_END "a comma, -, / or the field's end"
#define ALONE "no list, since what has an L, W or # stands alone here"
#define ONLY_STAR "no list, since * is all there is"

struct refused {
    const char *text, *field;
    uint32_t position;
    const char *expected;
};

static void check_refused(enum sn_cron_dialect dialect, const struct refused *rows, size_t len, enum sn_status status) {
    for (size_t i = 0; i < len; i++) {
        struct sn_cron cron, before;
        struct sn_cron_error error;
        memset(&before, 0x5a, sizeof before);
        cron = before;
        if (read_cron(&cron, dialect, rows[i].text, &error) != status) fail_msg("\"%s\" was taken", rows[i].text);
        assert_memory_equal(&cron, &before, sizeof cron);
        assert_int_equal(error.status, status);
        if (strcmp(error.field, rows[i].field) != 0 || error.position != rows[i].position ||
            strcmp(error.expected, rows[i].expected) != 0)
            fail_msg("\"%s\": %s, character %u: expected %s", rows[i].text, error.field, (unsigned)error.position,
                     error.expected);
    }
}

static void refused_in_standard(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {"", "minute", 1, FIVE},
        {"   ", "minute", 4, FIVE},
        {"* * * *", "weekday", 8, FIVE},
        {"* * * *  ", "weekday", 8, FIVE},
        {"* * * * * *", "expression", 11, "the end after five fields"},
        {"60 * * * *", "minute", 1, MINUTE},
        {"5,60 * * * *", "minute", 3, MINUTE},
        {"99999999999999999999 * * * *", "minute", 1, MINUTE},
        {"-1 * * * *", "minute", 1, MINUTE},
        {"1- * * * *", "minute", 3, MINUTE},
        {"1, * * * *", "minute", 3, MINUTE},
        {",1 * * * *", "minute", 1, MINUTE},
        {"L * * * *", "minute", 1, MINUTE},
        {"1-5-9 * * * *", "minute", 4, "a comma, / and a step, or the field's end"},
        {"1x * * * *", "minute", 2, ITEM_END},
        {"**  * * * *", "minute", 2, "a comma or the field's end"},
        {"*-5 * * * *", "minute", 2, "a comma or the field's end"},
        {"*/ * * * *", "minute", 3, "a step from 1 to 60"},
        {"*/0 * * * *", "minute", 3, "a step from 1 to 60"},
        {"*/90 * * * *", "minute", 3, "a step from 1 to 60"}, /* people mean ninety minutes, which no field can say */
        {"0 24 * * *", "hour", 3, "a number from 0 to 23"},
        {"0 */25 * * *", "hour", 5, "a step from 1 to 24"},
        {"0 ? * * *", "hour", 3, "a number from 0 to 23"},
        {"0 0 0 * *", "day of month", 5, DAY},
        {"0 0 32 * *", "day of month", 5, DAY},
        {"0 0 L-0 * *", "day of month", 7, "a number of days from 1 to 30"},
        {"0 0 L-31 * *", "day of month", 7, "a number of days from 1 to 30"},
        {"0 0 1-5W * *", "day of month", 8, "a comma, / and a step, or the field's end"},
        {"0 0 W * *", "day of month", 5, DAY},
        {"0 0 1#2 * *", "day of month", 6, ITEM_END},
        {"0 0 ?,1 * *", "day of month", 5, DAY},
        {"0 0 1 0 *", "month", 7, MONTH},
        {"0 0 1 13 *", "month", 7, MONTH},
        {"0 0 1 JANUARY *", "month", 10, ITEM_END},
        {"0 0 1 JA *", "month", 7, MONTH},
        {"0 0 * * 8", "weekday", 9, WEEKDAY},
        {"0 0 * * L", "weekday", 9, WEEKDAY},
        {"0 0 * * 1#0", "weekday", 11, "a number from 1 to 5"},
        {"0 0 * * 1#6", "weekday", 11, "a number from 1 to 5"},
        {"0 0 * * 1-5#2", "weekday", 12, "a comma, / and a step, or the field's end"},
        {"0 0 * * XYZ", "weekday", 9, WEEKDAY},
        {"0 0 * * */8", "weekday", 11, "a step from 1 to 7"},
        {"0 0 * *\n*", "month", 8, "a comma or the field's end"},
        {"@reboot", "expression", 1, "@hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually"},
        {" @daily x", "expression", 2, "@hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually"},
    };
    check_refused(SN_CRON_STANDARD, rows, ROWS(rows), SN_E_FORMAT);
}

static void refused_in_cloudflare(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {"0 0 * * 0", "weekday", 9, CF_WEEKDAY},
        {"0 0 * * 8", "weekday", 9, CF_WEEKDAY},
        {"0 0 * * l", "weekday", 9, CF_WEEKDAY},
        {"0 0 * * fril", "weekday", 12, ITEM_END},
        {"0 0 * * ?", "weekday", 9, CF_WEEKDAY},
        {"0 0 * * L,1", "weekday", 9, ALONE},
        {"0 0 * * 1L,2", "weekday", 9, ALONE},
        {"0 0 * * 2,1#2", "weekday", 11, ALONE},
        {"0 0 lw * *", "day of month", 5, DAY},
        {"0 0 15w * *", "day of month", 7, ITEM_END},
        {"0 0 15W,1 * *", "day of month", 5, ALONE},
        {"0 0 1,L * *", "day of month", 7, ALONE},
        {"0 0 1,*/2 * *", "day of month", 10, "*/n at the beginning of a list of days only"},
        {"*,5 * * * *", "minute", 2, ONLY_STAR},
        {"5,* * * * *", "minute", 4, ONLY_STAR}, /* Cloudflare's parser takes this star for a 0 */
        {"*/60 * * * *", "minute", 3, "a step from 1 to 59"},
        {"0 */24 * * *", "hour", 5, "a step from 1 to 23"},
        {"0 0 */31 * *", "day of month", 7, "a step from 1 to 30"},
        {"0 0 1 */12 *", "month", 9, "a step from 1 to 11"},
        {"0 0 * * */7", "weekday", 11, "a step from 1 to 6"},
        {" 0 0 * * *", "minute", 1, MINUTE},
        {"0 0 * * * ", "expression", 10, "the end after five fields"},
        {"0 0 0 * * *", "day of month", 5, DAY},
        {"@daily", "minute", 1, MINUTE},
    };
    check_refused(SN_CRON_CLOUDFLARE, rows, ROWS(rows), SN_E_FORMAT);
}

static void days_that_never_come(void **state) {
    (void)state;
    static const struct refused rows[] = {
        {"0 0 30 2 *", "day of month", 5, "a day that comes: no month it names has this one"},
        {"0 0 31W 4 *", "day of month", 5, "a day that comes: no month it names has this one"},
        {"0 0 31 2,4,6,9,11 *", "day of month", 5, "a day that comes: no month it names has this one"},
        {"10  11 L-29 2 *", "day of month", 8, "a day that comes: no month it names has this one"},
        {"0 0 L-30W 11 *", "day of month", 5, "a day that comes: no month it names has this one"},
    };
    for (int dialect = 0; dialect < 2; dialect++)
        check_refused((enum sn_cron_dialect)dialect, rows, ROWS(rows), SN_E_RANGE);
    /* These come, if rarely. */
    cron_of(SN_CRON_STANDARD, "0 0 29 2 *");
    cron_of(SN_CRON_STANDARD, "0 0 L-28W 2 *");
    cron_of(SN_CRON_STANDARD, "0 0 * 2 1#5");
    cron_of(SN_CRON_STANDARD, "0 0 30 2 1"); /* the Mondays do */
}

static void length(void **state) {
    (void)state;
    char text[SN_CRON_TEXT_MAX + 2];
    struct sn_cron cron;
    struct sn_cron_error error;
    memset(text, ' ', sizeof text);
    memcpy(text, "@daily", 6);
    assert_int_equal(sn_cron_read(&cron, SN_CRON_STANDARD, text, SN_CRON_TEXT_MAX, &error), SN_OK);
    assert_int_equal(sn_cron_read(&cron, SN_CRON_STANDARD, text, SN_CRON_TEXT_MAX + 1, &error), SN_E_FORMAT);
    assert_string_equal(error.expected, "a length from 1 to 250");
}

static void dialects(void **state) {
    (void)state;
    enum sn_cron_dialect dialect = SN_CRON_STANDARD;
    assert_true(sn_cron_dialect_named("cloudflare", 10, &dialect));
    assert_int_equal(dialect, SN_CRON_CLOUDFLARE);
    assert_true(sn_cron_dialect_named("standard", 8, &dialect));
    assert_int_equal(dialect, SN_CRON_STANDARD);
    assert_false(sn_cron_dialect_named("quartz", 6, &dialect));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets),
        cmocka_unit_test(days_that_are_reckoned),
        cmocka_unit_test(what_a_star_means),
        cmocka_unit_test(refused_in_standard),
        cmocka_unit_test(refused_in_cloudflare),
        cmocka_unit_test(days_that_never_come),
        cmocka_unit_test(length),
        cmocka_unit_test(dialects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
