/* A control database and its objects, as far as schedules need them, and API machines that tick against them.  What
 * happens is written into a log, from which the auditor in test_year.c recomputes what should have happened. */
#ifndef SENTINEL_TESTS_YEAR_H
#define SENTINEL_TESTS_YEAR_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/limits.h"
#include "sentinel/base/message.h"
#include "sentinel/base/random.h"
#include "sentinel/base/record.h"
#include "sentinel/base/sql.h"
#include "sentinel/base/step.h"
#include "sentinel/base/time.h"
#include "sentinel/service/api.h"

#include "../unit/zone_help.h"

#define SCHEDULES 50
#define TICK_CALLS_MAX 16
#define RUNS_MAX 20000
#define CLAIMS_MAX 40000
#define PLAN \
    "{\\\"preset\\\":\\\"smoke\\\",\\\"targetOperations\\\":1,\\\"durationSeconds\\\":1,\\\"targetSystems\\\":[\\\"d1_reads\\\"]}"

/* What a schedule is, and its row. */
struct row {
    char id[40], cron[40], zone[40];
    const char *overlap, *catch_up;
    uint32_t jitter_s, tenant;
    int64_t length_s; /* of its runs */
    double revision, next_run_at, next_start_at;
    uint32_t failed_starts;
    char last_run_id[40];
    bool active;
};

struct run {
    char id[40];
    uint32_t schedule, tenant;
    int64_t minute_s, inserted_s, active_s, started_s, ended_s; /* 0: not yet */
    int32_t replaces;                                           /* index of a run, or -1 */
    bool active, pending, cancelled;
    uint32_t creations, starts;
};

struct claim {
    uint32_t schedule;
    int64_t at_s, minute_s;
    char outcome; /* the first letter: 's' for starting, 'k' for skipped, 'm' for missed */
    bool inserted;
};

struct world {
    struct row rows[SCHEDULES];
    struct run runs[RUNS_MAX];
    struct claim claims[CLAIMS_MAX];
    uint32_t rows_len, runs_len, claims_len, first_open; /* runs before it have ended */
    uint32_t faults;                                     /* answers in a thousand that fail, with nothing done */
    int64_t now_s;
    struct sn_rng rng;
};

/* An API machine in the midst of a tick, and what it waits for. */
struct ticker {
    struct sn_api *api;
    uint8_t *outbox;
    struct {
        struct sn_record record;
        uint8_t *payload; /* owned */
    } asked[TICK_CALLS_MAX];
    uint32_t asked_len;
    bool ended;
};

/* --- Zones: the rules of 2025 to 2031, by which the moments are computed here and nowhere else ----------------- */

static inline int64_t sunday_s(int year, int month, int nth, int hour, int minute) { /* nth 0: the last one */
    struct sn_civil civil = {.year = year, .month = month, .day = 1};
    struct sn_civil first = sn_civil_from_us(sn_civil_to_us(&civil));
    civil.day = 1 + (7 - first.weekday) % 7 + 7 * (nth > 0 ? nth - 1 : 3);
    if (nth == 0 && civil.day + 7 <= 31) civil.day += 7; /* March and October have 31 days */
    civil.hour = 0;
    return sn_civil_to_us(&civil) / SN_SECOND_US + hour * 3600 + minute * 60;
}

struct change {
    int64_t at_s;
    int32_t offset_s;
};

static inline uint32_t changes_of(const char *zone, struct change *changes, int32_t *offset_s) {
    uint32_t len = 0;
    *offset_s = strcmp(zone, "Asia/Kolkata") == 0 ? 19800 : strcmp(zone, "Europe/Berlin") == 0 ? 3600 : 0;
    if (strcmp(zone, "America/New_York") == 0) *offset_s = -18000;
    if (strcmp(zone, "Australia/Lord_Howe") == 0) *offset_s = 39600;
    for (int year = 2025; year <= 2031; year++) {
        if (strcmp(zone, "Europe/Berlin") == 0) {
            changes[len++] = (struct change){sunday_s(year, 3, 0, 1, 0), 7200};
            changes[len++] = (struct change){sunday_s(year, 10, 0, 1, 0), 3600};
        } else if (strcmp(zone, "America/New_York") == 0) {
            changes[len++] = (struct change){sunday_s(year, 3, 2, 7, 0), -14400};
            changes[len++] = (struct change){sunday_s(year, 11, 1, 6, 0), -18000};
        } else if (strcmp(zone, "Australia/Lord_Howe") == 0) {
            changes[len++] = (struct change){sunday_s(year, 4, 1, -9, 0), 37800};
            changes[len++] = (struct change){sunday_s(year, 10, 1, -9, 30), 39600};
        }
    }
    return len;
}

static inline int32_t offset_at(const char *zone, int64_t at_s) {
    struct change changes[20];
    int32_t offset_s;
    uint32_t len = changes_of(zone, changes, &offset_s);
    for (uint32_t i = 0; i < len && changes[i].at_s <= at_s; i++) offset_s = changes[i].offset_s;
    return offset_s;
}

static inline void answer_zone(struct sn_reader *r, struct sn_writer *out) {
    char name[64] = "";
    struct sn_span span = sn_get_span(r);
    struct sn_zone zone;
    struct change changes[20];
    int32_t offset_s;
    memcpy(name, span.data, span.len);
    int64_t from_s = (int64_t)sn_get_f64(r), to_s = (int64_t)sn_get_f64(r);
    assert_false(r->bad);
    uint32_t len = changes_of(name, changes, &offset_s);
    sn_zone_begin(&zone, from_s, to_s, offset_at(name, from_s));
    for (uint32_t i = 0; i < len; i++) {
        if (changes[i].at_s > from_s && changes[i].at_s < to_s)
            sn_zone_add(&zone, changes[i].at_s, changes[i].offset_s);
    }
    put_zone(out, &zone);
}

/* --- The database ------------------------------------------------------------------------------------------------ */

struct value {
    bool null;
    double number;
    char text[512];
};

static inline struct run *active_of(struct world *w, uint32_t tenant) {
    for (uint32_t i = w->first_open; i < w->runs_len; i++) {
        if (w->runs[i].active && w->runs[i].tenant == tenant) return &w->runs[i];
    }
    return NULL;
}

static inline bool waits(const struct world *w, uint32_t schedule) {
    for (uint32_t i = w->first_open; i < w->runs_len; i++) {
        const struct run *run = &w->runs[i];
        if (run->schedule == schedule && run->pending && !run->active && run->ended_s == 0) return true;
    }
    return false;
}

static inline struct run *find_run(struct world *w, const char *id) {
    for (uint32_t i = w->runs_len; i-- > 0;) {
        if (strcmp(w->runs[i].id, id) == 0) return &w->runs[i];
    }
    return NULL;
}

static inline struct row *find_row(struct world *w, const char *id) {
    for (uint32_t i = 0; i < w->rows_len; i++) {
        if (strcmp(w->rows[i].id, id) == 0) return &w->rows[i];
    }
    return NULL;
}

static inline void put_format(struct sn_writer *out, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    int len = vsnprintf(text, sizeof text, format, list);
    va_end(list);
    assert_true(len < (int)sizeof text);
    sn_put_bytes(out, text, (size_t)len);
}

/* Those that have waited the longest come first; eight at most. */
static inline void select_due(struct world *w, struct sn_writer *out) {
    bool given[SCHEDULES] = {false};
    for (int n = 0; n < 8; n++) {
        int best = -1;
        for (uint32_t i = 0; i < w->rows_len; i++) {
            const struct row *row = &w->rows[i];
            if (given[i] || !row->active || row->next_start_at > (double)w->now_s) continue;
            if (best < 0 || row->next_start_at < w->rows[best].next_start_at) best = (int)i;
        }
        if (best < 0) break;
        const struct row *row = &w->rows[best];
        given[best] = true;
        put_format(out,
                   "%s{\"id\":\"%s\",\"tenant_id\":\"tenant%u\",\"cron_expression\":\"%s\",\"dialect\":\"standard\","
                   "\"timezone\":\"%s\",\"overlap\":\"%s\",\"catch_up\":\"%s\",\"jitter_seconds\":%u,\"revision\":%.0f,"
                   "\"next_run_at\":%.0f,\"failed_starts\":%u,\"busy\":%d,\"waiting\":%d}",
                   n > 0 ? "," : "", row->id, row->tenant, row->cron, row->zone, row->overlap, row->catch_up,
                   row->jitter_s, row->revision, row->next_run_at, row->failed_starts,
                   active_of(w, row->tenant) != NULL, waits(w, (uint32_t)best));
    }
}

static inline void select_waiting(struct world *w, struct sn_writer *out, bool replaced) {
    const char *between = "";
    for (uint32_t i = w->first_open; i < w->runs_len; i++) {
        struct run *run = &w->runs[i];
        if (!run->pending || run->active || run->ended_s != 0) continue;
        if (replaced && run->replaces >= 0 && w->runs[run->replaces].active) {
            put_format(out, "%s{\"id\":\"%s\",\"revision\":1,\"updated_at\":1}", between, w->runs[run->replaces].id);
            between = ",";
        }
        if (!replaced && active_of(w, run->tenant) == NULL) {
            put_format(
                out,
                "%s{\"id\":\"%s\",\"tenant_id\":\"tenant%u\",\"scheduled_at\":%lld,\"revision\":0,\"updated_at\":1}",
                between, run->id, run->tenant, (long long)run->inserted_s);
            between = ",";
        }
    }
}

/* SCHEDULE_RUN_INSERT; false when the tenant has an active run. */
static inline bool insert_run(struct world *w, const struct value *v, uint32_t *changes) {
    struct row *row = find_row(w, v[1].text);
    *changes = 0;
    if (row == NULL || row->revision != v[3].number || find_run(w, v[0].text) != NULL) return true;
    struct run *other = active_of(w, row->tenant);
    if (!v[4].null && other != NULL) return false;
    assert_true(w->runs_len < RUNS_MAX);
    struct run *run = &w->runs[w->runs_len++];
    *run = (struct run){.schedule = (uint32_t)(row - w->rows),
                        .tenant = row->tenant,
                        .pending = true,
                        .active = !v[4].null,
                        .minute_s = (int64_t)v[8].number,
                        .inserted_s = w->now_s,
                        .replaces = v[9].number == 1 && other != NULL ? (int32_t)(other - w->runs) : -1};
    strcpy(run->id, v[0].text);
    if (run->active) run->active_s = w->now_s;
    *changes = 1;
    return true;
}

static inline uint32_t claim_row(struct world *w, const struct value *v, bool inserted) {
    struct row *row = find_row(w, v[0].text);
    if (row == NULL || row->revision != v[1].number || !row->active) return 0;
    row->revision++;
    row->next_run_at = v[2].null ? 1e15 : v[2].number;
    row->next_start_at = v[3].null ? 1e15 : v[3].number;
    if (!v[8].null) {
        row->failed_starts++;
        strcpy(row->last_run_id, v[8].text);
    }
    assert_true(w->claims_len < CLAIMS_MAX);
    w->claims[w->claims_len++] = (struct claim){(uint32_t)(row - w->rows), w->now_s, (int64_t)v[5].number,
                                                strcmp(v[6].text, "skipped") == 0 ? 'k' : v[6].text[0], inserted};
    return 1;
}

static inline uint32_t read_values(struct sn_reader *r, struct value *values) {
    uint32_t count = sn_get_u16(r);
    assert_true(count <= 32);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t type = sn_get_u32(r), bytes = sn_get_u32(r);
        values[i] = (struct value){.null = type == SN_VALUE_NULL};
        if (type == SN_VALUE_NUMBER) {
            values[i].number = sn_get_f64(r);
            continue;
        }
        const uint8_t *text = sn_get_bytes(r, bytes);
        sn_get_bytes(r, (4 - bytes % 4) % 4);
        if (bytes > 0) memcpy(values[i].text, text, bytes < 511 ? bytes : 511);
    }
    return count;
}

/* One statement; false when the whole batch fails. */
static inline bool execute(struct world *w, uint32_t statement, const struct value *v, uint32_t *changes,
                           bool *inserted, struct sn_writer *out) {
    struct row *row = find_row(w, v[0].text);
    struct run *run;
    *changes = 0;
    switch (statement) {
    case SN_SQL_SCHEDULES_DUE: select_due(w, out); break;
    case SN_SQL_RUNS_DUE: select_waiting(w, out, false); break;
    case SN_SQL_RUNS_REPLACED: select_waiting(w, out, true); break;
    case SN_SQL_SCHEDULE_RUN_INSERT:
        if (!insert_run(w, v, changes)) return false;
        *inserted = *changes > 0;
        break;
    case SN_SQL_SCHEDULE_CLAIM: *changes = claim_row(w, v, *inserted); break;
    case SN_SQL_SCHEDULE_PLAN:
        run = find_run(w, v[1].text);
        put_format(out, "{\"name\":\"a\",\"plan\":\"" PLAN "\",\"replaces_run_id\":");
        if (run != NULL && run->replaces >= 0)
            put_format(out, "\"%s\"}", w->runs[run->replaces].id);
        else
            put_format(out, "null}");
        break;
    case SN_SQL_SCHEDULE_STARTED:
        *changes = row != NULL && strcmp(row->last_run_id, v[1].text) == 0;
        if (*changes) row->failed_starts = 0;
        break;
    case SN_SQL_RUN_ACTIVATE_DUE:
        run = find_run(w, v[0].text);
        if (run == NULL || !run->pending || run->active || run->ended_s != 0) break;
        if (active_of(w, run->tenant) != NULL) return false;
        run->active = true;
        run->active_s = w->now_s;
        *changes = 1;
        break;
    case SN_SQL_RUNS_TO_POKE:
    case SN_SQL_KEYS_EXPIRE:
    case SN_SQL_RUNS_TO_COMPARE:
    case SN_SQL_OUTBOX_DUE:
    case SN_SQL_OUTBOX_EXPIRE:
    case SN_SQL_RUNS_TO_STOP:
    case SN_SQL_SCHEDULE_AUDIT:
    case SN_SQL_AUDIT_INSERT: break;
    default: fail_msg("nobody expected statement %u", statement);
    }
    return true;
}

#endif
