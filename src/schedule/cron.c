/* The next and the previous run.
 *
 * A search on the wall, which knows no zones, walks month → day → hour → minute over sets of bits.  Around it a zone's
 * table cuts time into stretches of one offset, and each stretch is searched on its wall:
 *
 *     offset     +1 h              +2 h                +1 h
 *     UTC     ───────────┬─────────────────────┬─────────────────►
 *     wall    … 01:59 ── ╳ 03:00 … 02:59 ───── ╳ 02:00 … 02:59 03:00 …
 *                        skipped: 02:00 … 02:59   shown before: 02:00 … 02:59
 *
 * `covered` is the largest wall time that was shown before a stretch.  What lies between it and the stretch's first was
 * skipped; what lies below it has been.  A steady expression does not ask for it. */
#include "sentinel/schedule/cron.h"

#include "sentinel/base/limits.h"
#include "sentinel/base/time.h"

#define DAY_MIN 1440
#define DAY_S 86400
#define NONE INT64_MIN
#define HORIZON_S ((int64_t)SN_CRON_YEARS * 366 * DAY_S)
#define BEGIN_MIN (SN_ZONE_BEGIN_S / 60) /* of the walls: the years 0 … 9999, as time.h has them */
#define END_MIN (SN_ZONE_END_S / 60)

static int64_t floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

static int64_t ceil_div(int64_t a, int64_t b) {
    return a / b + (a % b > 0);
}

/* --- One month ------------------------------------------------------------------------------------------------ */

struct month {
    int year, month, len;
    int64_t first_day; /* since 1970 */
    int weekday;       /* of its first day */
};

static int month_len(int year, int month) {
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 ? 28 + leap : 30 + ((month + month / 8) & 1);
}

static void set_first_day(struct month *m, int64_t first_day) {
    m->len = month_len(m->year, m->month);
    m->first_day = first_day;
    m->weekday = (int)((first_day + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
}

static struct month month_of(int64_t day, int *day_of_month) {
    struct sn_civil civil = sn_civil_from_us(day * DAY_S * SN_SECOND_US);
    struct month m = {.year = civil.year, .month = civil.month};
    set_first_day(&m, day - civil.day + 1);
    *day_of_month = civil.day;
    return m;
}

static void to_next_month(struct month *m) {
    int64_t next = m->first_day + m->len;
    m->year += m->month == 12;
    m->month = m->month % 12 + 1;
    set_first_day(m, next);
}

static void to_previous_month(struct month *m) {
    m->year -= m->month == 1;
    m->month = (m->month + 10) % 12 + 1;
    set_first_day(m, m->first_day - month_len(m->year, m->month));
}

/* The Monday to Friday nearest to a day, in the same month: from a Saturday back and from a Sunday on, or the other way
 * where that would lead out. */
static int nearest_workday(const struct month *m, int day) {
    int weekday = (m->weekday + day - 1) % 7;
    if (weekday == 6) return day > 1 ? day - 1 : day + 2;
    if (weekday == 0) return day < m->len ? day + 1 : day - 2;
    return day;
}

static uint32_t nearest_workdays(const struct month *m, uint32_t days) {
    uint32_t found = 0;
    for (; days != 0; days &= days - 1) {
        int day = __builtin_ctz(days);
        if (day >= 1 && day <= m->len) found |= UINT32_C(1) << nearest_workday(m, day);
    }
    return found;
}

/* Days that are so many before the last, as bits of days. */
static uint32_t from_last(const struct month *m, uint32_t before) {
    uint32_t found = 0;
    for (; before != 0; before &= before - 1) {
        int day = m->len - __builtin_ctz(before);
        if (day >= 1) found |= UINT32_C(1) << day;
    }
    return found;
}

static uint32_t weekdays_in(const struct month *m, const struct sn_cron *cron) {
    uint32_t found = 0;
    for (int weekday = 0; weekday < 7; weekday++) {
        uint32_t chosen = cron->weekdays[weekday];
        if (chosen == 0) continue;
        int day = 1 + (weekday - m->weekday + 7) % 7;
        for (uint32_t nth = 1; day <= m->len; day += 7, nth <<= 1) {
            bool last = day + 7 > m->len && (chosen & SN_CRON_LAST);
            if ((chosen & nth) || last) found |= UINT32_C(1) << day;
        }
    }
    return found;
}

/* The days of a month on which the expression runs, bits 1 … 31. */
static uint32_t days_in(const struct month *m, const struct sn_cron *cron) {
    if (!(cron->months >> m->month & 1)) return 0;
    uint32_t all = (uint32_t)((UINT64_C(1) << (m->len + 1)) - 2);
    if (cron->any_day && cron->any_weekday) return all;
    uint32_t found = 0;
    if (!cron->any_weekday) found |= weekdays_in(m, cron);
    if (!cron->any_day) {
        found |= cron->days | from_last(m, cron->last_days);
        found |= nearest_workdays(m, cron->workdays) | nearest_workdays(m, from_last(m, cron->last_workdays));
    }
    return found & all;
}

/* --- The wall: minutes of local time since 1970 ------------------------------------------------------------------ */

/* The first minute of a day from `from` on that is asked for; -1 when there is none. */
static int minute_from(const struct sn_cron *cron, int from) {
    uint32_t hours = cron->hours >> (from / 60) << (from / 60);
    if (hours == 0) return -1;
    int hour = __builtin_ctz(hours);
    uint64_t minutes = cron->minutes;
    if (hour == from / 60) minutes = minutes >> (from % 60) << (from % 60);
    if (minutes != 0) return hour * 60 + __builtin_ctzll(minutes);
    hours &= hours - 1; /* the hour is over */
    return hours == 0 ? -1 : __builtin_ctz(hours) * 60 + __builtin_ctzll(cron->minutes);
}

/* The same backwards: the last one up to `to`. */
static int minute_to(const struct sn_cron *cron, int to) {
    uint32_t hours = cron->hours & (uint32_t)((UINT64_C(2) << (to / 60)) - 1);
    if (hours == 0) return -1;
    int hour = 31 - __builtin_clz(hours);
    uint64_t minutes = cron->minutes;
    if (hour == to / 60) minutes &= (UINT64_C(2) << (to % 60)) - 1;
    if (minutes != 0) return hour * 60 + 63 - __builtin_clzll(minutes);
    hours &= ~(UINT32_C(1) << hour);
    return hours == 0 ? -1 : (31 - __builtin_clz(hours)) * 60 + 63 - __builtin_clzll(cron->minutes);
}

/* The first minute in [from, to], NONE when there is none. */
static int64_t wall_next(const struct sn_cron *cron, int64_t from, int64_t to) {
    if (from < BEGIN_MIN) from = BEGIN_MIN;
    if (to >= END_MIN) to = END_MIN - 1;
    if (from > to) return NONE;
    int64_t today = floor_div(from, DAY_MIN);
    int day;
    struct month m = month_of(today, &day);
    uint32_t days = days_in(&m, cron);
    int minute = days >> day & 1 ? minute_from(cron, (int)(from - today * DAY_MIN)) : -1;
    if (minute < 0) {
        days = (uint32_t)(days & (~UINT64_C(0) << (day + 1)));
        while (days == 0) {
            to_next_month(&m);
            if (m.first_day * DAY_MIN > to) return NONE;
            days = days_in(&m, cron);
        }
        today = m.first_day + __builtin_ctz(days) - 1;
        minute = minute_from(cron, 0);
    }
    int64_t found = today * DAY_MIN + minute;
    return found <= to ? found : NONE;
}

/* The last minute in [from, to], NONE when there is none. */
static int64_t wall_previous(const struct sn_cron *cron, int64_t from, int64_t to) {
    if (from < BEGIN_MIN) from = BEGIN_MIN;
    if (to >= END_MIN) to = END_MIN - 1;
    if (from > to) return NONE;
    int64_t today = floor_div(to, DAY_MIN);
    int day;
    struct month m = month_of(today, &day);
    uint32_t days = days_in(&m, cron);
    int minute = days >> day & 1 ? minute_to(cron, (int)(to - today * DAY_MIN)) : -1;
    if (minute < 0) {
        days &= (UINT32_C(1) << day) - 1;
        while (days == 0) {
            if (m.first_day * DAY_MIN <= from) return NONE;
            to_previous_month(&m);
            days = days_in(&m, cron);
        }
        today = m.first_day + 31 - __builtin_clz(days) - 1;
        minute = minute_to(cron, DAY_MIN - 1);
    }
    int64_t found = today * DAY_MIN + minute;
    return found >= from ? found : NONE;
}

/* --- A zone ----------------------------------------------------------------------------------------------------- */

/* A stretch of one offset: [start_s, end_s) in UTC. */
struct stretch {
    int64_t start_s, end_s, offset_s;
    int64_t covered_s; /* wall times below this one have been shown; INT64_MIN: none is known of */
};

static struct stretch first_stretch(const struct sn_zone *zone) {
    int64_t end_s = zone->count > 0 ? zone->changes[0].at_s : zone->to_s;
    return (struct stretch){zone->from_s, end_s, zone->offset_s, INT64_MIN};
}

/* Makes a stretch the one that begins with change `i`. */
static void to_stretch(const struct sn_zone *zone, uint32_t i, struct stretch *s) {
    int64_t shown_s = s->end_s + s->offset_s;
    if (shown_s > s->covered_s) s->covered_s = shown_s;
    s->start_s = zone->changes[i].at_s;
    s->end_s = i + 1 < zone->count ? zone->changes[i + 1].at_s : zone->to_s;
    s->offset_s = zone->changes[i].offset_s;
}

/* Whether a time that is asked for was skipped when this stretch began. */
static bool skipped(const struct sn_cron *cron, const struct stretch *s) {
    int64_t wall_s = s->start_s + s->offset_s;
    if (cron->steady || s->covered_s == INT64_MIN || wall_s <= s->covered_s) return false;
    return wall_next(cron, ceil_div(s->covered_s, 60), ceil_div(wall_s, 60) - 1) != NONE;
}

/* The stretch's first wall time that counts. */
static int64_t wall_begin_s(const struct sn_cron *cron, const struct stretch *s) {
    int64_t wall_s = s->start_s + s->offset_s;
    return cron->steady || s->covered_s < wall_s ? wall_s : s->covered_s;
}

/* The first run in [from_s, to_s) of a stretch. */
static int64_t next_in(const struct sn_cron *cron, const struct stretch *s, int64_t from_s, int64_t to_s) {
    if (from_s <= s->start_s && s->start_s < to_s && skipped(cron, s)) return s->start_s;
    int64_t begin_s = wall_begin_s(cron, s);
    if (from_s + s->offset_s > begin_s) begin_s = from_s + s->offset_s;
    if (s->end_s < to_s) to_s = s->end_s;
    int64_t wall = wall_next(cron, ceil_div(begin_s, 60), ceil_div(to_s + s->offset_s, 60) - 1);
    return wall != NONE ? wall * 60 - s->offset_s : NONE;
}

/* The last run in [from_s, to_s) of a stretch. */
static int64_t previous_in(const struct sn_cron *cron, const struct stretch *s, int64_t from_s, int64_t to_s) {
    int64_t begin_s = wall_begin_s(cron, s);
    if (from_s + s->offset_s > begin_s) begin_s = from_s + s->offset_s;
    if (s->end_s < to_s) to_s = s->end_s;
    int64_t wall = wall_previous(cron, ceil_div(begin_s, 60), ceil_div(to_s + s->offset_s, 60) - 1);
    if (wall != NONE) return wall * 60 - s->offset_s;
    return from_s <= s->start_s && s->start_s < to_s && skipped(cron, s) ? s->start_s : NONE;
}

static const struct sn_zone utc = {.from_s = SN_ZONE_BEGIN_S - SN_ZONE_MARGIN_S, .to_s = SN_ZONE_END_S};

static enum sn_status found_at(int64_t found_s, int64_t *at_us) {
    *at_us = found_s * SN_SECOND_US;
    return SN_OK;
}

enum sn_status sn_cron_next(const struct sn_cron *cron, const struct sn_zone *zone, int64_t after_us, int64_t *at_us) {
    if (zone == NULL) zone = &utc;
    int64_t from_s = floor_div(after_us, SN_SECOND_US) + 1, to_s = from_s + HORIZON_S;
    if (from_s >= SN_ZONE_END_S) return SN_E_MISSING;
    if (from_s < zone->from_s + SN_ZONE_MARGIN_S || from_s >= zone->to_s) return SN_E_RANGE;
    bool short_table = zone->to_s < to_s && zone->to_s < SN_ZONE_END_S;
    struct stretch s = first_stretch(zone);
    for (uint32_t i = 0;; i++) {
        int64_t found_s = from_s < s.end_s ? next_in(cron, &s, from_s, to_s) : NONE;
        if (found_s != NONE) return found_at(found_s, at_us);
        if (i == zone->count || s.end_s >= to_s) break;
        to_stretch(zone, i, &s);
    }
    if (!short_table) return SN_E_MISSING;
    *at_us = zone->to_s * SN_SECOND_US - 1;
    return SN_E_GAP;
}

/* Stretches are laid out forwards, since each has to know what was shown before it, and searched backwards. */
enum sn_status sn_cron_previous(const struct sn_cron *cron, const struct sn_zone *zone, int64_t before_us,
                                int64_t *at_us) {
    if (zone == NULL) zone = &utc;
    int64_t to_s = ceil_div(before_us, SN_SECOND_US), from_s = to_s - HORIZON_S;
    int64_t first_s = zone->from_s + SN_ZONE_MARGIN_S;
    if (to_s <= SN_ZONE_BEGIN_S) return SN_E_MISSING;
    if (to_s <= first_s || to_s > zone->to_s) return SN_E_RANGE;
    bool short_table = first_s > from_s && first_s > SN_ZONE_BEGIN_S;
    if (from_s < first_s) from_s = first_s;
    struct stretch all[SN_ZONE_CHANGES_MAX + 1] = {first_stretch(zone)};
    uint32_t count = 1;
    for (; count <= zone->count && zone->changes[count - 1].at_s < to_s; count++) {
        all[count] = all[count - 1];
        to_stretch(zone, count - 1, &all[count]);
    }
    while (count-- > 0 && all[count].end_s > from_s) {
        int64_t found_s = previous_in(cron, &all[count], from_s, to_s);
        if (found_s != NONE) return found_at(found_s, at_us);
    }
    if (!short_table) return SN_E_MISSING;
    *at_us = from_s * SN_SECOND_US;
    return SN_E_GAP;
}
