/* An expression in words.  They are made from the sets of bits, so they say what it does and not how it was written: a
 * weekday of 1,2,3,4,5 is "on weekdays" like one of MON-FRI. */
#include "sentinel/schedule/cron.h"

#define TIMES_MAX 6 /* moments of a day that are named one by one */

static const char *const weekday_names[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};
static const char *const month_names[] = {NULL,   "January", "February",  "March",   "April",    "May",     "June",
                                          "July", "August",  "September", "October", "November", "December"};
static const char *const nth_names[] = {"first", "second", "third", "fourth", "fifth", "last"};

static int count_of(uint64_t set) {
    return __builtin_popcountll(set);
}

static int lowest(uint64_t set) {
    return __builtin_ctzll(set);
}

static int highest(uint64_t set) {
    return 63 - __builtin_clzll(set);
}

/* --- Sets -------------------------------------------------------------------------------------------------------- */

typedef void put_one(struct sn_writer *w, int value);

/* Whether the values lie one after the other on a circle from `min` to `max`, and not all of it is taken; which is
 * first and which is last. */
static bool is_run(uint64_t set, int min, int max, int *first, int *last) {
    int whole = max - min + 1, beginnings = 0;
    if (set == 0 || count_of(set) == whole) return false;
    for (int i = min; i <= max; i++) {
        int before = i > min ? i - 1 : max;
        if (!(set >> i & 1) || (set >> before & 1)) continue;
        beginnings++;
        *first = i;
    }
    *last = min + (*first - min + count_of(set) - 1) % whole;
    return beginnings == 1;
}

/* The distance between neighbours from `min` on, 0 when they are not evenly spread over the whole; at least 2. */
static int spread_of(uint64_t set, int min, int max) {
    int whole = max - min + 1, step = count_of(set) > 1 ? highest(set & ~(UINT64_C(1) << highest(set))) : -1;
    if (step < 0) return 0;
    step = highest(set) - step;
    if (step < 2 || whole % step != 0 || count_of(set) != whole / step) return 0;
    for (int i = lowest(set); i <= max; i += step)
        if (!(set >> i & 1)) return 0;
    return lowest(set) - min < step ? step : 0;
}

/* What is put between the items of a list: nothing, a comma, or "and". */
static void put_between(struct sn_writer *w, int index, int count) {
    if (index > 0) sn_put_text(w, index + 1 == count ? " and " : ", ");
}

static void put_list(struct sn_writer *w, uint64_t set, put_one *put) {
    int count = count_of(set);
    for (int i = 0; i < count; i++, set &= set - 1) {
        put_between(w, i, count);
        put(w, lowest(set));
    }
}

static void put_number(struct sn_writer *w, int value) {
    sn_put_int(w, value);
}

static void put_two_digits(struct sn_writer *w, int value) {
    sn_put_u8(w, (uint8_t)('0' + value / 10));
    sn_put_u8(w, (uint8_t)('0' + value % 10));
}

static void put_clock(struct sn_writer *w, int hour, int minute) {
    put_two_digits(w, hour);
    sn_put_text(w, ":");
    put_two_digits(w, minute);
}

static void put_ordinal(struct sn_writer *w, int value) {
    static const char *const endings[] = {"th", "st", "nd", "rd"};
    bool teen = value / 10 == 1;
    sn_put_int(w, value);
    sn_put_text(w, endings[!teen && value % 10 <= 3 ? value % 10 : 0]);
}

static void put_month(struct sn_writer *w, int month) {
    sn_put_text(w, month_names[month]);
}

static void put_weekdays(struct sn_writer *w, int weekday) {
    sn_put_text(w, weekday_names[weekday]);
    sn_put_text(w, "s");
}

/* --- The time of day ----------------------------------------------------------------------------------------------- */

static void put_minutes(struct sn_writer *w, uint64_t minutes) {
    int first = 0, last = 0, step = spread_of(minutes, 0, 59);
    if (step > 0) {
        sn_put_text(w, "Every ");
        sn_put_int(w, step);
        sn_put_text(w, " minutes");
        if (lowest(minutes) > 0) {
            sn_put_text(w, " from minute ");
            sn_put_int(w, lowest(minutes));
        }
    } else if (count_of(minutes) == 60) {
        sn_put_text(w, "Every minute");
    } else if (count_of(minutes) > 2 && is_run(minutes, 0, 59, &first, &last) && first < last) {
        sn_put_text(w, "Every minute from ");
        sn_put_int(w, first);
        sn_put_text(w, " to ");
        sn_put_int(w, last);
        sn_put_text(w, " past the hour");
    } else if (minutes == 1) {
        sn_put_text(w, "On the hour");
    } else {
        sn_put_text(w, "At ");
        put_list(w, minutes, put_number);
        sn_put_text(w, minutes == 2 ? " minute past the hour" : " minutes past the hour");
    }
}

static void put_hour(struct sn_writer *w, int hour) {
    put_clock(w, hour, 0);
}

/* The hours that minutes are in: "from 09:00 to 17:55". */
static void put_hours(struct sn_writer *w, const struct sn_cron *cron) {
    int first, last, step = spread_of(cron->hours, 0, 23);
    if (count_of(cron->hours) == 24) return;
    if (is_run(cron->hours, 0, 23, &first, &last)) {
        sn_put_text(w, " from ");
        put_clock(w, first, lowest(cron->minutes));
        sn_put_text(w, " to ");
        put_clock(w, last, highest(cron->minutes));
    } else if (step > 0) {
        sn_put_text(w, " of every ");
        put_ordinal(w, step);
        sn_put_text(w, " hour from ");
        put_clock(w, lowest(cron->hours), 0);
    } else {
        sn_put_text(w, " in the hours from ");
        put_list(w, cron->hours, put_hour);
    }
}

/* A single minute in hours that are evenly spread or follow each other: "Every 2 hours from 00:30". */
static bool put_even_hours(struct sn_writer *w, const struct sn_cron *cron) {
    int first, last, step = spread_of(cron->hours, 0, 23), minute = lowest(cron->minutes);
    if (count_of(cron->minutes) != 1) return false;
    if ((count_of(cron->hours) == 24 && minute == 0) || is_run(cron->hours, 0, 23, &first, &last)) {
        sn_put_text(w, "Every hour");
        put_hours(w, cron);
        return true;
    }
    if (step == 0 || step >= 12) return false;
    sn_put_text(w, "Every ");
    sn_put_int(w, step);
    sn_put_text(w, " hours");
    if (minute + lowest(cron->hours) == 0) return true;
    sn_put_text(w, " from ");
    put_clock(w, lowest(cron->hours), minute);
    return true;
}

static bool put_moments(struct sn_writer *w, const struct sn_cron *cron) {
    int count = count_of(cron->hours) * count_of(cron->minutes), i = 0;
    if (count > TIMES_MAX) return false;
    sn_put_text(w, "At ");
    for (uint32_t hours = cron->hours; hours != 0; hours &= hours - 1) {
        for (uint64_t minutes = cron->minutes; minutes != 0; minutes &= minutes - 1) {
            put_between(w, i++, count);
            put_clock(w, lowest(hours), lowest(minutes));
        }
    }
    return true;
}

/* --- The day --------------------------------------------------------------------------------------------------------- */

/* Items of one list that come from several sets. */
struct list {
    struct sn_writer *w;
    int index, count;
};

static void next_item(struct list *list) {
    put_between(list->w, list->index++, list->count);
}

static void put_days_before_last(struct sn_writer *w, int before) {
    sn_put_text(w, "the ");
    if (before > 1) put_ordinal(w, before);
    if (before > 0) sn_put_text(w, before > 1 ? " day before the " : "day before the ");
    sn_put_text(w, "last day");
}

/* "every 2nd day from the 1st": a step that does not divide the month, so it is looked for apart. */
static bool put_stepped_days(struct sn_writer *w, uint32_t days) {
    int first = lowest(days), second = count_of(days) > 3 ? lowest(days & (days - 1)) : first;
    uint32_t expected = 0;
    if (second - first < 2) return false;
    for (int day = first; day <= 31; day += second - first) expected |= UINT32_C(1) << day;
    if (expected != days) return false;
    sn_put_text(w, "every ");
    put_ordinal(w, second - first);
    sn_put_text(w, " day from the ");
    put_ordinal(w, first);
    return true;
}

static void put_the_ordinal(struct sn_writer *w, int day) {
    sn_put_text(w, "the ");
    put_ordinal(w, day);
}

static void put_plain_days(struct list *list, uint32_t days) {
    int first, last;
    if (days == 0) return;
    if (count_of(days) > 2 && is_run(days, 1, 31, &first, &last)) {
        next_item(list);
        put_the_ordinal(list->w, first);
        sn_put_text(list->w, " to ");
        put_the_ordinal(list->w, last);
    } else if (put_stepped_days(list->w, days)) {
        list->index++;
    } else {
        for (; days != 0; days &= days - 1) {
            next_item(list);
            put_the_ordinal(list->w, lowest(days));
        }
    }
}

static int plain_items(uint32_t days) {
    struct sn_writer nowhere = sn_writer(NULL, 0);
    struct list list = {&nowhere, 0, 0};
    put_plain_days(&list, days);
    return list.index;
}

static void put_days(struct sn_writer *w, const struct sn_cron *cron) {
    int others = count_of(cron->workdays) + count_of(cron->last_days) + count_of(cron->last_workdays);
    if (count_of(cron->days) == 31) {
        sn_put_text(w, " every day");
        return;
    }
    struct list list = {w, 0, plain_items(cron->days) + others};
    sn_put_text(w, " on ");
    put_plain_days(&list, cron->days);
    for (uint32_t days = cron->workdays; days != 0; days &= days - 1) {
        next_item(&list);
        sn_put_text(w, "the weekday nearest the ");
        put_ordinal(w, lowest(days));
    }
    for (uint32_t days = cron->last_days; days != 0; days &= days - 1) {
        next_item(&list);
        put_days_before_last(w, lowest(days));
    }
    for (uint32_t days = cron->last_workdays; days != 0; days &= days - 1) {
        next_item(&list);
        sn_put_text(w, lowest(days) > 0 ? "the weekday nearest " : "the last weekday");
        if (lowest(days) > 0) put_days_before_last(w, lowest(days));
    }
    sn_put_text(w, " of the month");
}

static void put_plain_weekdays(struct list *list, uint32_t set) {
    int first, last;
    if (set == 0) return;
    if (set == 0x3e || set == 0x41) {
        next_item(list);
        sn_put_text(list->w, set == 0x3e ? "weekdays" : "weekends");
    } else if (count_of(set) > 2 && is_run(set, 0, 6, &first, &last)) {
        next_item(list);
        put_weekdays(list->w, first);
        sn_put_text(list->w, " to ");
        put_weekdays(list->w, last);
    } else {
        for (; set != 0; set &= set - 1) {
            next_item(list);
            put_weekdays(list->w, lowest(set));
        }
    }
}

static int plain_weekday_items(uint32_t set) {
    struct sn_writer nowhere = sn_writer(NULL, 0);
    struct list list = {&nowhere, 0, 0};
    put_plain_weekdays(&list, set);
    return list.index;
}

static void put_days_of_week(struct sn_writer *w, const struct sn_cron *cron) {
    uint32_t plain = 0;
    int numbered = 0;
    for (int i = 0; i < 7; i++) {
        bool every = (cron->weekdays[i] & SN_CRON_EVERY) == SN_CRON_EVERY;
        if (every)
            plain |= UINT32_C(1) << i;
        else
            numbered += count_of(cron->weekdays[i]);
    }
    if (plain == 0x7f) {
        sn_put_text(w, " every day");
        return;
    }
    struct list list = {w, 0, plain_weekday_items(plain) + numbered};
    sn_put_text(w, " on ");
    put_plain_weekdays(&list, plain);
    for (int i = 0; i < 7; i++) {
        uint32_t nths = plain >> i & 1 ? 0 : cron->weekdays[i];
        for (; nths != 0; nths &= nths - 1) {
            next_item(&list);
            sn_put_text(w, "the ");
            sn_put_text(w, nth_names[lowest(nths)]);
            sn_put_text(w, " ");
            sn_put_text(w, weekday_names[i]);
        }
    }
    if (numbered > 0) sn_put_text(w, " of the month");
}

static void put_months(struct sn_writer *w, uint32_t months) {
    int first, last;
    if (count_of(months) == 12) return;
    if (count_of(months) > 2 && is_run(months, 1, 12, &first, &last)) {
        sn_put_text(w, " from ");
        put_month(w, first);
        sn_put_text(w, " to ");
        put_month(w, last);
    } else {
        sn_put_text(w, " in ");
        put_list(w, months, put_month);
    }
}

void sn_cron_put_words(struct sn_writer *w, const struct sn_cron *cron) {
    bool moments = put_moments(w, cron);
    if (!moments && !put_even_hours(w, cron)) {
        put_minutes(w, cron->minutes);
        put_hours(w, cron);
    }
    if (!cron->any_day) put_days(w, cron);
    if (!cron->any_day && !cron->any_weekday) sn_put_text(w, ", and");
    if (!cron->any_weekday) put_days_of_week(w, cron);
    if (cron->any_day && cron->any_weekday && moments) sn_put_text(w, " every day");
    put_months(w, cron->months);
}
