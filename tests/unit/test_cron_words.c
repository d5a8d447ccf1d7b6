#include "cron_help.h"

static void words(void **state) {
    (void)state;
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"* * * * *", "Every minute"},
        {"*/5 * * * *", "Every 5 minutes"},
        {"2-59/5 * * * *", "Every 5 minutes from minute 2"},
        {"0,15,30,45 * * * *", "Every 15 minutes"},
        {"*/7 * * * *", "At 0, 7, 14, 21, 28, 35, 42, 49 and 56 minutes past the hour"}, /* not every seven */
        {"1 * * * *", "At 1 minute past the hour"},
        {"30 * * * *", "At 30 minutes past the hour"},
        {"10-20 * * * *", "Every minute from 10 to 20 past the hour"},
        {"55-5 * * * *", "At 0, 1, 2, 3, 4, 5, 55, 56, 57, 58 and 59 minutes past the hour"},
        {"@hourly", "Every hour"},
        {"0 */2 * * *", "Every 2 hours"},
        {"30 1-23/2 * * *", "Every 2 hours from 01:30"},
        {"0 0,12 * * *", "At 00:00 and 12:00 every day"},
        {"0 4 * * *", "At 04:00 every day"},
        {"0,30 9 * * *", "At 09:00 and 09:30 every day"},
        {"*/5 9-17 * * 1-5", "Every 5 minutes from 09:00 to 17:55 on weekdays"},
        {"0 9-17 * * MON-FRI", "Every hour from 09:00 to 17:00 on weekdays"},
        {"0 18-8 * * *", "Every hour from 18:00 to 08:00"},
        {"* 3 * * *", "Every minute from 03:00 to 03:59"},
        {"*/10 */3 * * *", "Every 10 minutes of every 3rd hour from 00:00"},
        {"*/10 1,5,7 * * *", "Every 10 minutes in the hours from 01:00, 05:00 and 07:00"},
        {"0 9 * * SAT,SUN", "At 09:00 on weekends"},
        {"0 9 * * MON,WED", "At 09:00 on Mondays and Wednesdays"},
        {"0 9 * * FRI-MON", "At 09:00 on Fridays to Mondays"},
        {"0 9 * * 0-6", "At 09:00 every day"},
        {"0 9 * * 1#2", "At 09:00 on the second Monday of the month"},
        {"0 9 * * 5L,1#1", "At 09:00 on the first Monday and the last Friday of the month"},
        {"0 9 1 * *", "At 09:00 on the 1st of the month"},
        {"0 9 1,2,3,11,12,13,21,22,23 * *",
         "At 09:00 on the 1st, the 2nd, the 3rd, the 11th, the 12th, the 13th, the 21st, the 22nd and the 23rd of the "
         "month"},
        {"0 9 1-7 * *", "At 09:00 on the 1st to the 7th of the month"},
        {"0 9 28-3 * *", "At 09:00 on the 28th to the 3rd of the month"},
        {"0 9 */2 * *", "At 09:00 on every 2nd day from the 1st of the month"},
        {"0 9 */1 * *", "At 09:00 every day"},
        {"0 9 L * *", "At 09:00 on the last day of the month"},
        {"0 9 L-1 * *", "At 09:00 on the day before the last day of the month"},
        {"0 9 L-3 * *", "At 09:00 on the 3rd day before the last day of the month"},
        {"0 9 LW * *", "At 09:00 on the last weekday of the month"},
        {"0 9 L-3W * *", "At 09:00 on the weekday nearest the 3rd day before the last day of the month"},
        {"0 9 15W * *", "At 09:00 on the weekday nearest the 15th of the month"},
        {"0 9 1,15W,L * *", "At 09:00 on the 1st, the weekday nearest the 15th and the last day of the month"},
        {"0 9 13 * FRI", "At 09:00 on the 13th of the month, and on Fridays"},
        {"0 9 1 1 *", "At 09:00 on the 1st of the month in January"},
        {"0 9 1 6,12 *", "At 09:00 on the 1st of the month in June and December"},
        {"0 9 * NOV-FEB *", "At 09:00 every day from November to February"},
        {"*/5 * * 12 *", "Every 5 minutes in December"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        char text[512];
        struct sn_cron cron = cron_of(SN_CRON_STANDARD, rows[i].text);
        struct sn_writer w = sn_writer(text, sizeof text - 1);
        sn_cron_put_words(&w, &cron);
        text[w.len] = 0;
        if (strcmp(text, rows[i].words) != 0) fail_msg("%s: \"%s\"", rows[i].text, text);
    }
}

/* Of all that fits into an expression, the nearest weekdays to days before the last take the most words. */
static void the_longest(void **state) {
    (void)state;
    char expression[SN_CRON_TEXT_MAX + 1], text[SN_CRON_WORDS_MAX];
    int len = sprintf(expression, "7 7 LW");
    for (int i = 1; i <= 30; i++) len += sprintf(expression + len, ",L-%dW", i);
    for (int i = 1; len + 16 < SN_CRON_TEXT_MAX; i++) len += sprintf(expression + len, ",%dW", i);
    sprintf(expression + len, " * 1L,3L");
    struct sn_cron cron = cron_of(SN_CRON_STANDARD, expression);
    struct sn_writer w = sn_writer(text, sizeof text);
    sn_cron_put_words(&w, &cron);
    assert_false(w.full);
    assert_true(w.len > SN_CRON_WORDS_MAX / 2); /* it is a long one */
    w = sn_writer(text, 10);
    sn_cron_put_words(&w, &cron);
    assert_true(w.full);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(the_longest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
