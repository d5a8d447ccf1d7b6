/* Reading an expression: one pass from left to right, which stops at the first character that cannot be meant. */
#include <string.h>

#include "sentinel/base/limits.h"
#include "sentinel/schedule/cron.h"

enum field { MINUTE, HOUR, DAY, MONTH, WEEKDAY, FIELDS_LEN };

static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
static const char weekdays[] = "sunmontuewedthufrisat";

struct field_rule {
    const char *name, *expected;
    int min, max;
    const char *names; /* of three letters each, from min on; NULL: only numbers */
};

/* The dialects differ in weekdays alone. */
#define MOST_RULES                                                                          \
    [MINUTE] = {"minute", "a number from 0 to 59", 0, 59, NULL},                            \
    [HOUR] = {"hour", "a number from 0 to 23", 0, 23, NULL},                                \
    [DAY] = {"day of month", "a number from 1 to 31, L, LW, L-n, L-nW or nW", 1, 31, NULL}, \
    [MONTH] = {"month", "a number from 1 to 12 or a name such as JAN", 1, 12, months}

static const struct field_rule rules[2][FIELDS_LEN] = {
    [SN_CRON_STANDARD] =
        {
            MOST_RULES,
            [WEEKDAY] = {"weekday", "a number from 0 to 7 (0 and 7 are Sunday) or a name such as MON", 0, 7, weekdays},
        },
    [SN_CRON_CLOUDFLARE] =
        {
            MOST_RULES,
            [WEEKDAY] = {"weekday", "a number from 1 (Sunday) to 7 (Saturday) or a name such as MON", 1, 7, weekdays},
        },
};

struct parser {
    const char *text;
    size_t len, pos;
    enum sn_cron_dialect dialect;
    enum field field;
    const struct field_rule *rule;
    struct sn_cron *cron;
    struct sn_cron_error *error;
};

static bool fail_at(struct parser *p, size_t pos, const char *expected) {
    p->error->status = SN_E_FORMAT;
    p->error->field = p->rule != NULL ? p->rule->name : "expression";
    p->error->position = (uint32_t)(pos + 1);
    struct sn_writer w = sn_writer(p->error->expected, sizeof p->error->expected - 1);
    sn_put_text(&w, expected);
    p->error->expected[w.len] = 0;
    return false;
}

static bool fail(struct parser *p, const char *expected) {
    return fail_at(p, p->pos, expected);
}

/* "a step from 1 to 59" */
static bool fail_range(struct parser *p, size_t pos, const char *what, int min, int max) {
    char text[64];
    struct sn_writer w = sn_writer(text, sizeof text - 1);
    sn_put_text(&w, what);
    sn_put_text(&w, " from ");
    sn_put_int(&w, min);
    sn_put_text(&w, " to ");
    sn_put_int(&w, max);
    text[w.len] = 0;
    return fail_at(p, pos, text);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

/* The character at hand, 0 at the end. */
static char peek(const struct parser *p) {
    return p->pos < p->len ? p->text[p->pos] : 0;
}

static bool take(struct parser *p, char c) {
    if (peek(p) != c) return false;
    p->pos++;
    return true;
}

/* L and W, which the standard dialect takes in any case. */
static bool take_letter(struct parser *p, char upper) {
    bool same = peek(p) == upper || (p->dialect == SN_CRON_STANDARD && lower(peek(p)) == lower(upper));
    if (same) p->pos++;
    return same;
}

static bool ends_item(const struct parser *p) {
    char c = peek(p);
    return p->pos == p->len || c == ',' || is_blank(c);
}

/* Digits as a number, which stays at 1000 when it is larger; false when there are none. */
static bool take_number(struct parser *p, int *value) {
    size_t begin = p->pos;
    for (*value = 0; peek(p) >= '0' && peek(p) <= '9'; p->pos++) {
        *value = *value * 10 + (p->text[p->pos] - '0');
        if (*value > 1000) *value = 1000;
    }
    return p->pos > begin;
}

static bool number_within(struct parser *p, const char *what, int min, int max, int *value) {
    size_t begin = p->pos;
    if (take_number(p, value) && *value >= min && *value <= max) return true;
    return fail_range(p, begin, what, min, max);
}

static bool take_name(struct parser *p, int *value) {
    const char *names = p->rule->names;
    if (names == NULL || p->len - p->pos < 3) return false;
    for (int i = 0; names[0] != 0; i++, names += 3) {
        const char *at = p->text + p->pos;
        if (lower(at[0]) != names[0] || lower(at[1]) != names[1] || lower(at[2]) != names[2]) continue;
        p->pos += 3;
        *value = p->rule->min + i;
        return true;
    }
    return false;
}

static bool value(struct parser *p, int *out) {
    size_t begin = p->pos;
    if (take_number(p, out)) {
        return (*out >= p->rule->min && *out <= p->rule->max) || fail_at(p, begin, p->rule->expected);
    }
    return take_name(p, out) || fail(p, p->rule->expected);
}

static void add(struct parser *p, int number) {
    uint32_t bit = UINT32_C(1) << (number & 31);
    switch (p->field) {
    case MINUTE: p->cron->minutes |= UINT64_C(1) << number; break;
    case HOUR: p->cron->hours |= bit; break;
    case DAY: p->cron->days |= bit; break;
    case MONTH: p->cron->months |= bit; break;
    case WEEKDAY: p->cron->weekdays[(number - (p->dialect == SN_CRON_CLOUDFLARE)) % 7] |= SN_CRON_EVERY; break;
    case FIELDS_LEN: break;
    }
}

/* The field's largest number, but for the second name of Sunday. */
static int top(const struct parser *p) {
    return p->field == WEEKDAY && p->dialect == SN_CRON_STANDARD ? 6 : p->rule->max;
}

/* From `first` to `last`, past the end and on from the beginning where that is smaller. */
static void add_range(struct parser *p, int first, int last, int step) {
    int count = top(p) - p->rule->min + 1;
    if (first > last) {
        first = first > top(p) ? p->rule->min : first; /* 7-2 is 0-2 */
        last += first > last ? count : 0;
    }
    for (int i = first; i <= last; i += step) add(p, i <= p->rule->max ? i : i - count);
}

/* A step larger than the whole would do nothing, as in a minute's `*`/90. */
static bool take_step(struct parser *p, int *step) {
    int most = top(p) - p->rule->min + (p->dialect == SN_CRON_STANDARD);
    return number_within(p, "a step", 1, most, step);
}

/* `*` or `*` with a step, of which the star has been read.  What Cloudflare would refuse, or read as the smallest number,
 * its dialect refuses. */
static bool star(struct parser *p, size_t begin) {
    int step = 1;
    bool stepped = take(p, '/');
    if (stepped && !take_step(p, &step)) return false;
    if (p->dialect == SN_CRON_CLOUDFLARE) {
        bool day_field = p->field == DAY || p->field == WEEKDAY;
        if (!stepped && (begin > 0 || peek(p) == ',')) return fail(p, "no list, since * is all there is");
        if (begin > 0 && day_field) return fail(p, "*/n at the beginning of a list of days only");
    }
    add_range(p, p->rule->min, top(p), step);
    return true;
}

/* 5, 5-10, 5/15 or 5-10/2, of which the first number has been read. */
static bool range(struct parser *p, int first) {
    int last = first, step = 1;
    bool ranged = take(p, '-');
    if (ranged && !value(p, &last)) return false;
    if (take(p, '/')) {
        if (!take_step(p, &step)) return false;
        if (!ranged) last = first > top(p) ? first : top(p);
    }
    if (!ends_item(p)) {
        return fail(p, ranged ? "a comma, / and a step, or the field's end" : "a comma, -, / or the field's end");
    }
    add_range(p, first, last, step);
    return true;
}

/* L, LW, L-n, L-nW, of which the L has been read. */
static bool last_day(struct parser *p) {
    int before = 0;
    if (take(p, '-') && !number_within(p, "a number of days", 1, 30, &before)) return false;
    if (take_letter(p, 'W')) {
        p->cron->last_workdays |= UINT32_C(1) << before;
    } else {
        p->cron->last_days |= UINT32_C(1) << before;
    }
    return true;
}

static bool day_item(struct parser *p, bool *alone) {
    int first;
    *alone = true;
    if (take_letter(p, 'L')) return last_day(p);
    if (!value(p, &first)) return false;
    if (take_letter(p, 'W')) {
        p->cron->workdays |= UINT32_C(1) << first;
        return true;
    }
    *alone = false;
    return range(p, first);
}

static bool weekday_item(struct parser *p, bool *alone) {
    int first, nth;
    *alone = true;
    if (p->dialect == SN_CRON_CLOUDFLARE && take(p, 'L')) {
        add(p, 7);
        return true;
    }
    if (!value(p, &first)) return false;
    uint8_t *chosen = &p->cron->weekdays[(first - p->rule->min) % 7];
    if (take_letter(p, 'L')) {
        *chosen |= SN_CRON_LAST;
        return true;
    }
    if (take(p, '#')) {
        if (!number_within(p, "a number", 1, 5, &nth)) return false;
        *chosen |= (uint8_t)(1u << (nth - 1));
        return true;
    }
    *alone = false;
    return range(p, first);
}

static bool item(struct parser *p, size_t begin) {
    bool alone = false;
    int first;
    size_t at = p->pos;
    if (take(p, '*')) return star(p, begin);
    if (p->field == DAY || p->field == WEEKDAY) {
        if (!(p->field == DAY ? day_item(p, &alone) : weekday_item(p, &alone))) return false;
        if (alone && p->dialect == SN_CRON_CLOUDFLARE && (begin > 0 || peek(p) == ',')) {
            return fail_at(p, at, "no list, since what has an L, W or # stands alone here");
        }
        return true;
    }
    return value(p, &first) && range(p, first);
}

/* Whether the field is one character, `c`. */
static bool is_only(const struct parser *p, char c) {
    size_t next = p->pos + 1;
    return peek(p) == c && (next >= p->len || is_blank(p->text[next]));
}

static bool field(struct parser *p) {
    bool day_field = p->field == DAY || p->field == WEEKDAY;
    bool any = is_only(p, '*');
    if (peek(p) == '*' && (p->field == MINUTE || p->field == HOUR)) p->cron->steady = true;
    if (day_field && p->dialect == SN_CRON_STANDARD && is_only(p, '?')) {
        p->pos++;
        any = true;
        add_range(p, p->rule->min, top(p), 1);
    } else {
        size_t begin = p->pos;
        do {
            if (!item(p, p->pos - begin)) return false;
        } while (take(p, ','));
    }
    if (p->field == DAY) p->cron->any_day = any;
    if (p->field == WEEKDAY) p->cron->any_weekday = any;
    return (p->pos == p->len || is_blank(peek(p))) || fail(p, "a comma or the field's end");
}

static void skip_blanks(struct parser *p) {
    while (is_blank(peek(p))) p->pos++;
}

static bool fields(struct parser *p) {
    for (int i = 0; i < FIELDS_LEN; i++) {
        size_t end = p->pos;
        if (i > 0 || p->dialect == SN_CRON_STANDARD) skip_blanks(p);
        p->field = (enum field)i;
        p->rule = &rules[p->dialect][i];
        if (p->pos == p->len) return fail_at(p, i > 0 ? end : p->pos, "five fields: minute, hour, day, month, weekday");
        if (!field(p)) return false;
    }
    if (p->dialect == SN_CRON_STANDARD) skip_blanks(p);
    p->rule = NULL;
    return p->pos == p->len || fail(p, "the end after five fields");
}

/* Replaces a macro by what it stands for.  Positions then are those of the macro's end. */
static bool expand(struct parser *p) {
    static const char *const macros[][2] = {
        {"@hourly", "0 * * * *"},  {"@daily", "0 0 * * *"},  {"@midnight", "0 0 * * *"}, {"@weekly", "0 0 * * 0"},
        {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"},
    };
    skip_blanks(p);
    if (p->dialect != SN_CRON_STANDARD || peek(p) != '@') {
        p->pos = 0;
        return true;
    }
    size_t end = p->len;
    while (end > p->pos && is_blank(p->text[end - 1])) end--;
    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++) {
        const char *name = macros[i][0];
        size_t len = strlen(name), same = 0;
        while (same < len && p->pos + same < end && lower(p->text[p->pos + same]) == name[same]) same++;
        if (same < len || p->pos + same != end) continue;
        p->text = macros[i][1];
        p->len = strlen(p->text);
        p->pos = 0;
        return true;
    }
    return fail(p, "@hourly, @daily, @midnight, @weekly, @monthly, @yearly or @annually");
}

/* Any stretch of forty years without a century in it has every month that there can be. */
static bool comes(const struct sn_cron *cron) {
    static const int64_t year_2000_us = INT64_C(946684800) * SN_SECOND_US;
    int64_t at_us;
    return sn_cron_next(cron, NULL, year_2000_us - 1, &at_us) == SN_OK;
}

enum sn_status sn_cron_read(struct sn_cron *cron, enum sn_cron_dialect dialect, const char *text, size_t len,
                            struct sn_cron_error *error) {
    struct sn_cron read = {0};
    struct parser parser = {.text = text, .len = len, .dialect = dialect, .cron = &read, .error = error}, *p = &parser;
    *error = (struct sn_cron_error){0};
    if (len > SN_CRON_TEXT_MAX) {
        fail_range(p, SN_CRON_TEXT_MAX, "a length", 1, SN_CRON_TEXT_MAX);
        return error->status;
    }
    if (!expand(p) || !fields(p)) return error->status;
    if (!comes(&read)) {
        p->rule = &rules[dialect][DAY];
        for (p->pos = 0, p->field = MINUTE; p->field < DAY; p->field++) {
            skip_blanks(p);
            while (!is_blank(peek(p))) p->pos++;
        }
        skip_blanks(p);
        fail(p, "a day that comes: no month it names has this one");
        return error->status = SN_E_RANGE;
    }
    *cron = read;
    return SN_OK;
}

bool sn_cron_dialect_named(const char *name, size_t len, enum sn_cron_dialect *dialect) {
    static const char *const names[] = {
#define SN_X(id, text) [SN_CRON_##id] = text,
        SN_CRON_DIALECT_LIST(SN_X)
#undef SN_X
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!sn_span_is((struct sn_span){(const uint8_t *)name, len}, names[i])) continue;
        *dialect = (enum sn_cron_dialect)i;
        return true;
    }
    return false;
}
