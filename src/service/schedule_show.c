/* A schedule as people see it: its row, what its expression means in words, and its next runs. */
#include "service.h"

#include <string.h>

#include "sentinel/base/time.h"

/* "2026-11-23T10:00:00+01:00": whole minutes east of UTC, as every zone has them today. */
static void put_local(struct sn_writer *w, int64_t at_s, int32_t offset_s) {
    sn_put_iso(w, (at_s + offset_s) * SN_SECOND_US);
    w->len -= strlen(".000Z");
    uint32_t minutes = (uint32_t)(offset_s < 0 ? -offset_s : offset_s) / 60;
    const uint32_t parts[] = {minutes / 60, minutes % 60};
    sn_put_text(w, offset_s < 0 ? "-" : "+");
    for (size_t i = 0; i < 2; i++) {
        if (i > 0) sn_put_text(w, ":");
        if (parts[i] < 10) sn_put_text(w, "0");
        sn_put_dec(w, parts[i]);
    }
}

static void put_run(struct sn_json_writer *j, int64_t at_s, int32_t offset_s) {
    char text[40];
    struct sn_writer w = sn_writer(text, sizeof text);
    put_local(&w, at_s, offset_s);
    sn_json_open(j, NULL, '{');
    sn_json_put_time(j, "at", at_s * SN_SECOND_US);
    sn_json_put_span(j, "local", text, w.len);
    sn_json_close(j, '}');
}

void sn_put_words(struct sn_json_writer *j, const struct sn_cron *cron, bool readable) {
    char words[SN_CRON_WORDS_MAX];
    struct sn_writer w = sn_writer(words, sizeof words);
    if (readable) sn_cron_put_words(&w, cron);
    if (readable) sn_json_put_span(j, "words", words, w.len);
    if (!readable) sn_json_put_null(j, "words");
}

void sn_put_upcoming(struct sn_json_writer *j, const struct sn_upcoming *upcoming) {
    sn_json_open(j, "nextRuns", '[');
    for (uint32_t i = 0; i < upcoming->len; i++) put_run(j, upcoming->runs[i].at_s, upcoming->runs[i].offset_s);
    sn_json_close(j, ']');
}

/* As the row has them; those that have passed are not next any more. */
static struct sn_upcoming upcoming_of(struct sn_api *api, const struct sn_json *row) {
    struct sn_upcoming upcoming = {0};
    struct sn_json_error error;
    const char *text = sn_json_string(sn_json_get(row, "next_runs"));
    const struct sn_json *list = text != NULL ? sn_json_parse(&api->arena, text, strlen(text), &error) : NULL;
    const struct sn_json *at = sn_json_first(list), *offset = sn_json_next(at);
    for (; offset != NULL && upcoming.len < SN_UPCOMING; at = sn_json_next(offset), offset = sn_json_next(at)) {
        double at_s = sn_json_number(at), offset_s = sn_json_number(offset);
        if (!(at_s > sn_now_s(api) && at_s < 1e12 && offset_s > -1e6 && offset_s < 1e6)) continue;
        upcoming.runs[upcoming.len].at_s = (int64_t)at_s;
        upcoming.runs[upcoming.len++].offset_s = (int32_t)offset_s;
    }
    return upcoming;
}

static void put_times(struct sn_api *api, struct sn_json_writer *j, const struct sn_json *row) {
    struct sn_cron cron;
    struct sn_cron_error error;
    enum sn_cron_dialect dialect;
    const char *text = sn_json_string(sn_json_get(row, "cron_expression"));
    const char *name = sn_json_string(sn_json_get(row, "dialect"));
    bool readable = text != NULL && name != NULL && sn_cron_dialect_named(name, strlen(name), &dialect) &&
                    sn_cron_read(&cron, dialect, text, strlen(text), &error) == SN_OK;
    struct sn_upcoming upcoming = upcoming_of(api, row);
    sn_put_words(j, &cron, readable);
    sn_put_upcoming(j, &upcoming);
}

/* Text that is JSON: the database has seen to it. */
static void put_object(struct sn_json_writer *j, const char *name, const struct sn_json *row, const char *column) {
    const char *text = sn_json_string(sn_json_get(row, column));
    if (text != NULL) sn_json_put_json(j, name, text, strlen(text));
    if (text == NULL) sn_json_put_null(j, name);
}

static const char *text_of(const struct sn_json *row, const char *column) {
    return sn_json_string(sn_json_get(row, column));
}

static void put_latest(struct sn_json_writer *j, const struct sn_json *row) {
    sn_json_open(j, "last", '{');
    sn_json_put_time(j, "minute", sn_row_us(row, "last_minute_at"));
    sn_json_put_text(j, "outcome", text_of(row, "last_outcome"));
    sn_json_put_text(j, "message", text_of(row, "last_message"));
    sn_json_put_time(j, "runAt", sn_row_us(row, "last_run_at"));
    sn_json_put_text(j, "runId", text_of(row, "last_run_id"));
    sn_json_close(j, '}');
}

static const struct {
    const char *name, *column;
    bool number;
} members[] = {{"id", "id", false},
               {"name", "name", false},
               {"description", "description", false},
               {"cron", "cron_expression", false},
               {"dialect", "dialect", false},
               {"timezone", "timezone", false},
               {"overlap", "overlap", false},
               {"catchUp", "catch_up", false},
               {"jitterSeconds", "jitter_seconds", true},
               {"reason", "paused_reason", false},
               {"failedStarts", "failed_starts", true},
               {"passedOver", "passed_over", true},
               {"planHash", "plan_hash", false},
               {"profileType", "profile_type", false},
               {"targetOperations", "target_operations", true},
               {"durationSeconds", "duration_seconds", true},
               {"concurrency", "concurrency", true}};

void sn_put_schedule(struct sn_api *api, struct sn_json_writer *j, const char *name, const struct sn_json *row) {
    sn_json_open(j, name, '{');
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const struct sn_json *value = sn_json_get(row, members[i].column);
        if (members[i].number)
            sn_json_put_number(j, members[i].name, sn_json_number(value));
        else
            sn_json_put_text(j, members[i].name, sn_json_string(value));
    }
    sn_json_put_bool(j, "active", sn_json_number(sn_json_get(row, "is_active")) > 0);
    put_times(api, j, row);
    put_object(j, "targetSystems", row, "target_systems");
    put_object(j, "maintenance", row, "maintenance");
    put_object(j, "alerts", row, "alerts");
    put_latest(j, row);
    sn_json_put_time(j, "createdAt", sn_row_us(row, "created_at"));
    sn_json_put_time(j, "updatedAt", sn_row_us(row, "updated_at"));
    if (sn_json_get(row, "plan") != NULL) put_object(j, "plan", row, "plan");
    sn_json_close(j, '}');
}

void sn_answer_schedule(struct sn_api *api, uint32_t status, const struct sn_json *row) {
    char location[80];
    struct sn_writer w = sn_writer(location, sizeof location);
    sn_put_text(&w, "/api/sentinel/schedules/");
    sn_put_text(&w, api->draft.id);
    sn_put_u8(&w, 0);
    struct sn_headers headers = {.type = "application/json", .location = status == 201 ? location : NULL};
    size_t mark = sn_answer_begin(api, status, &headers);
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_put_schedule(api, &j, "schedule", row);
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}
