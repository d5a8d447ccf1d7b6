/* A TZif file is a header and a block of changes with 32-bit times, for old readers; then the same with 64 bits; then a
 * line of text with the rule for what comes after. */
#include "sentinel/schedule/tzif.h"

#include <string.h>

#include "sentinel/base/limits.h"
#include "sentinel/base/time.h"

#define DAY_S 86400
#define TYPE_BYTES 6 /* offset, whether it is summer time, where its abbreviation begins */

struct header {
    uint8_t version;
    uint32_t utc_flags, standard_flags, leaps, changes, types, letters;
};

static uint64_t big_endian(const uint8_t *at, int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | at[i];
    return value;
}

static bool get_header(struct sn_reader *r, struct header *h) {
    const uint8_t *at = sn_get_bytes(r, 44);
    if (at == NULL || memcmp(at, "TZif", 4) != 0) return false;
    h->version = at[4];
    uint32_t *const counts[] = {&h->utc_flags, &h->standard_flags, &h->leaps, &h->changes, &h->types, &h->letters};
    for (int i = 0; i < 6; i++) {
        *counts[i] = (uint32_t)big_endian(at + 20 + 4 * i, 4);
        if (*counts[i] > 65536) return false;
    }
    return h->types > 0;
}

static size_t block_len(const struct header *h, size_t time_bytes) {
    return h->changes * (time_bytes + 1) + h->types * TYPE_BYTES + h->letters + h->leaps * (time_bytes + 4) +
           h->standard_flags + h->utc_flags;
}

/* --- The rule in the footer, as POSIX writes it: CET-1CEST,M3.5.0,M10.5.0/3 ------------------------------------------- */

struct date_rule {
    char kind; /* 'M': month, week, weekday; 'J': day without 29 February, from 1; 'D': day from 0 */
    int month, week, day;
    int32_t at_s; /* of that day, on the clock that is about to change */
};

struct rule {
    int32_t standard_s, summer_s;
    bool changes;
    struct date_rule begin, end; /* of summer time */
};

static bool take(struct sn_reader *r, uint8_t c) {
    if (sn_reader_left(r) == 0 || r->data[r->pos] != c) return false;
    r->pos++;
    return true;
}

static int number(struct sn_reader *r, int max) {
    size_t begin = r->pos;
    int value = 0;
    for (; r->pos < r->len && r->data[r->pos] >= '0' && r->data[r->pos] <= '9' && value <= max; r->pos++)
        value = value * 10 + (r->data[r->pos] - '0');
    if (r->pos == begin || value > max) r->bad = true;
    return value;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static int32_t clock_s(struct sn_reader *r) {
    bool negative = take(r, '-');
    if (!negative) take(r, '+');
    int32_t value_s = number(r, 167) * 3600;
    if (take(r, ':')) value_s += number(r, 59) * 60;
    if (take(r, ':')) value_s += number(r, 59);
    return negative ? -value_s : value_s;
}

static void skip_name(struct sn_reader *r) {
    size_t begin = r->pos;
    bool quoted = take(r, '<');
    while (r->pos < r->len) {
        uint8_t c = r->data[r->pos];
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (quoted ? c == '>' : !letter) break;
        r->pos++;
    }
    if (r->pos == begin || (quoted && !take(r, '>'))) r->bad = true;
}

static struct date_rule date(struct sn_reader *r) {
    struct date_rule d = {.kind = 'D', .at_s = 7200};
    if (take(r, 'M')) {
        d.kind = 'M';
        d.month = number(r, 12);
        if (!take(r, '.')) r->bad = true;
        d.week = number(r, 5);
        if (!take(r, '.')) r->bad = true;
        d.day = number(r, 6);
        if (d.month == 0 || d.week == 0) r->bad = true;
    } else {
        if (take(r, 'J')) d.kind = 'J';
        d.day = number(r, 365);
        if (d.kind == 'J' && d.day == 0) r->bad = true;
    }
    if (take(r, '/')) d.at_s = clock_s(r);
    return d;
}

static bool rule_read(struct rule *rule, const void *text, size_t len) {
    struct sn_reader reader = sn_reader(text, len), *r = &reader;
    skip_name(r);
    rule->standard_s = -clock_s(r); /* POSIX counts westwards */
    rule->changes = !r->bad && sn_reader_left(r) > 0;
    if (!rule->changes) return !r->bad;
    skip_name(r);
    bool offset = sn_reader_left(r) > 0 && r->data[r->pos] != ',';
    rule->summer_s = offset ? -clock_s(r) : rule->standard_s + 3600;
    if (!take(r, ',')) r->bad = true;
    rule->begin = date(r);
    if (!take(r, ',')) r->bad = true;
    rule->end = date(r);
    return !r->bad && sn_reader_left(r) == 0;
}

static int64_t day_of(int year, int month, int day) {
    struct sn_civil civil = {.year = year, .month = month, .day = day};
    return sn_civil_to_us(&civil) / (DAY_S * SN_SECOND_US);
}

/* The moment of a date in a year, for a clock that is `offset_s` ahead of UTC. */
static int64_t moment_s(const struct date_rule *d, int year, int32_t offset_s) {
    int64_t day;
    if (d->kind == 'M') {
        int64_t first = day_of(year, d->month, 1);
        int64_t next = d->month == 12 ? day_of(year + 1, 1, 1) : day_of(year, d->month + 1, 1);
        int weekday = (int)((first + 4) % 7 + 7) % 7;
        day = first + (d->day - weekday + 7) % 7 + 7 * (d->week - 1);
        while (day >= next) day -= 7; /* the fifth is the last */
    } else {
        bool leap = day_of(year, 3, 1) - day_of(year, 2, 1) == 29;
        day = day_of(year, 1, 1) + d->day - (d->kind == 'J') + (d->kind == 'J' && leap && d->day >= 60);
    }
    return day * DAY_S + d->at_s - offset_s;
}

/* Adds a change that comes after all that are known; one before the table only moves its beginning. */
static bool change(struct sn_zone *zone, int64_t at_s, int32_t offset_s, int64_t *last_s) {
    if (at_s <= *last_s) return true;
    *last_s = at_s;
    if (at_s <= zone->from_s) {
        zone->offset_s = offset_s;
        return true;
    }
    return at_s >= zone->to_s || sn_zone_add(zone, at_s, offset_s);
}

static void follow_rule(struct sn_zone *zone, const struct rule *rule, int64_t last_s) {
    if (!rule->changes) return;
    int64_t begin_s = last_s > zone->from_s ? last_s : zone->from_s;
    if (begin_s < SN_ZONE_BEGIN_S + 2 * 366 * DAY_S) begin_s = SN_ZONE_BEGIN_S + 2 * 366 * DAY_S;
    int year = sn_civil_from_us(begin_s * SN_SECOND_US).year - 1;
    for (; year <= 9999; year++) {
        int64_t begin = moment_s(&rule->begin, year, rule->standard_s),
                end = moment_s(&rule->end, year, rule->summer_s);
        if (begin >= zone->to_s && end >= zone->to_s) return;
        bool first = begin < end;
        if (!change(zone, first ? begin : end, first ? rule->summer_s : rule->standard_s, &last_s)) return;
        if (!change(zone, first ? end : begin, first ? rule->standard_s : rule->summer_s, &last_s)) return;
    }
}

/* --- The block ------------------------------------------------------------------------------------------------------- */

static bool offset_of(const uint8_t *types, uint32_t count, uint8_t index, int32_t *offset_s) {
    if (index >= count) return false;
    *offset_s = (int32_t)(uint32_t)big_endian(types + (size_t)index * TYPE_BYTES, 4);
    return *offset_s >= -SN_ZONE_OFFSET_S_MAX && *offset_s <= SN_ZONE_OFFSET_S_MAX;
}

/* What is known after the last change is what the footer says; an empty one leaves the clock as it is. */
static enum sn_status read_block(const struct header *h, const uint8_t *block, const struct rule *rule,
                                 struct sn_zone *zone) {
    const uint8_t *indices = block + (size_t)h->changes * 8, *types = indices + h->changes;
    int64_t last_s = INT64_MIN;
    if (!offset_of(types, h->types, 0, &zone->offset_s)) return SN_E_FORMAT;
    for (uint32_t i = 0; i < h->changes; i++) {
        int64_t at_s = (int64_t)big_endian(block + (size_t)i * 8, 8);
        int32_t offset_s;
        if (at_s <= last_s || !offset_of(types, h->types, indices[i], &offset_s)) return SN_E_FORMAT;
        if (!change(zone, at_s, offset_s, &last_s)) return SN_OK;
    }
    follow_rule(zone, rule, last_s);
    return SN_OK;
}

enum sn_status sn_tzif_read(const void *data, size_t len, int64_t from_s, int64_t to_s, struct sn_zone *zone) {
    struct sn_reader reader = sn_reader(data, len), *r = &reader;
    struct header h;
    struct rule rule = {0};
    if (!get_header(r, &h)) return SN_E_FORMAT;
    if (h.version < '2') return SN_E_VERSION;
    if (sn_get_bytes(r, block_len(&h, 4)) == NULL || !get_header(r, &h)) return SN_E_FORMAT;
    const uint8_t *block = sn_get_bytes(r, block_len(&h, 8));
    if (block == NULL || sn_reader_left(r) < 2 || sn_get_u8(r) != '\n') return SN_E_FORMAT;
    size_t end = r->pos;
    while (end < len && r->data[end] != '\n') end++;
    if (end == len || (end > r->pos && !rule_read(&rule, r->data + r->pos, end - r->pos))) return SN_E_FORMAT;
    sn_zone_begin(zone, from_s, to_s, 0);
    return read_block(&h, block, &rule, zone);
}
