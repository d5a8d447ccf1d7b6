/* The auditor's own reading of an expression: lists, ranges, steps and stars. */
#ifndef SENTINEL_TESTS_YEAR_CRON_H
#define SENTINEL_TESTS_YEAR_CRON_H

#include <stdlib.h>

#include "sentinel/base/limits.h"
#include "sentinel/base/time.h"

struct expression {
    uint64_t fields[5]; /* a bit for each value */
    bool any_day, any_weekday, steady;
};

static inline const char *read_item(const char *at, int least, int most, uint64_t *bits) {
    char *end;
    long first = least, last = most, step = 1;
    if (*at == '*') {
        at++;
    } else {
        first = last = strtol(at, &end, 10);
        at = end;
        if (*at == '-') last = strtol(at + 1, &end, 10);
        at = end;
    }
    if (*at == '/') {
        step = strtol(at + 1, &end, 10);
        at = end;
    }
    for (long value = first; value <= last; value += step) *bits |= UINT64_C(1) << value;
    return at;
}

static inline struct expression read_expression(const char *at) {
    static const int least[5] = {0, 0, 1, 1, 0}, most[5] = {59, 23, 31, 12, 7};
    struct expression e = {0};
    for (int i = 0; i < 5; i++) {
        bool star = *at == '*', only = star && (at[1] == ' ' || at[1] == '\0');
        if (i < 2 && star) e.steady = true;
        if (i == 2) e.any_day = only;
        if (i == 4) e.any_weekday = only;
        do at = read_item(at + (*at == ','), least[i], most[i], &e.fields[i]);
        while (*at == ',');
        at += *at == ' ';
    }
    e.fields[4] |= e.fields[4] >> 7 & 1; /* 7 is Sunday too */
    return e;
}

static inline bool matches(const struct expression *e, int64_t local_s) {
    int64_t of_day = local_s % 86400;
    if (!(e->fields[0] >> (of_day / 60 % 60) & 1) || !(e->fields[1] >> (of_day / 3600) & 1)) return false;
    struct sn_civil civil = sn_civil_from_us(local_s * SN_SECOND_US);
    bool day = e->fields[2] >> civil.day & 1, weekday = e->fields[4] >> civil.weekday & 1;
    if (!(e->fields[3] >> civil.month & 1)) return false;
    return e->any_day || e->any_weekday ? day && weekday : day || weekday;
}

#endif
