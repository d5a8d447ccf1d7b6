/* GET /api/sentinel: the runs of a tenant, newest first, a page at a time.
 *
 * The cursor is the place of the last run that was shown, (created_at, id) in 42 hexadecimal digits, so a page is one
 * look into the index however far back it lies, and runs that are created meanwhile shift nothing. */
#include "service.h"

#include <string.h>

#include "sentinel/base/vocab.h"

#define TIME_DIGITS 10
#define CURSOR_LEN (TIME_DIGITS + 32)

struct place {
    double created_at;
    char id[40];
};

static void refuse(struct sn_api *api, const char *path, const char *expected) {
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_QUERY_RANGE,
                               .detail = "A value in the query is not one that this list understands.",
                               .path = path,
                               .expected = expected,
                           });
}

static bool limit_from(struct sn_span text, uint32_t *limit) {
    return sn_query_uint(text, 3, limit) && *limit >= 1 && *limit <= SN_PAGE_MAX;
}

static bool status_from(struct sn_span text) {
    return sn_run_status_find((const char *)text.data, text.len) != SN_RUN_STATUSES_LEN;
}

static bool place_from(struct sn_span text, struct place *place) {
    uint64_t seconds = 0;
    size_t len = 0;
    if (text.len != CURSOR_LEN) return false;
    for (size_t i = 0; i < CURSOR_LEN; i++) {
        uint8_t c = text.data[i];
        uint32_t digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
        if (digit == 16) return false;
        if (i < TIME_DIGITS) {
            seconds = seconds << 4 | digit;
        } else {
            if (len == 8 || len == 13 || len == 18 || len == 23) place->id[len++] = '-';
            place->id[len++] = (char)c;
        }
    }
    place->id[len] = '\0';
    place->created_at = (double)seconds;
    return true;
}

/* Of a row that came from the database; false when it is not a row of ours. */
static bool put_place(struct sn_writer *w, const struct sn_json *row) {
    const char *id = sn_json_string(sn_json_get(row, "id"));
    if (id == NULL) return false;
    sn_put_hex(w, (uint64_t)(sn_row_us(row, "created_at") / SN_SECOND_US), TIME_DIGITS);
    for (; *id != '\0'; id++) {
        if (*id != '-') sn_put_u8(w, (uint8_t)*id);
    }
    return !w->full && w->len == CURSOR_LEN;
}

/* One more than is shown tells whether there is another page. */
static uint32_t ask_page(struct sn_api *api, const struct sn_principal *who, const struct place *place,
                         const struct sn_span *status, struct sn_span hash) {
    struct sn_args args;
    bool planned = hash.len > 0;
    enum sn_sql statement = planned ? SN_SQL_RUN_LIST_PLAN : status != NULL ? SN_SQL_RUN_LIST_STATUS : SN_SQL_RUN_LIST;
    size_t mark = sn_ask_sql_begin(api, statement, &args);
    sn_args_text(&args, who->tenant);
    sn_args_number(&args, place->created_at);
    sn_args_text(&args, place->id);
    sn_args_number(&args, api->limit + 1);
    if (planned) sn_args_span(&args, SN_VALUE_TEXT, hash.data, hash.len);
    if (status != NULL)
        sn_args_span(&args, SN_VALUE_TEXT, status->data, status->len);
    else if (planned)
        sn_args_null(&args);
    return sn_ask_end(api, mark);
}

void sn_list(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    uint32_t limit = SN_PAGE_DEFAULT;
    struct place place = {.created_at = 9e15, .id = ""}; /* after every run that will ever be */
    struct sn_span value, status, hash;
    if (sn_query_get(http->query, "limit", &value) && !limit_from(value, &limit)) {
        refuse(api, "?limit", "a whole number from 1 to 100");
        return;
    }
    bool by_status = sn_query_get(http->query, "status", &status);
    if (by_status && !status_from(status)) {
        refuse(api, "?status", "pending, running, paused, draining, completed, failed or cancelled");
        return;
    }
    if (!sn_query_plan_hash(api, http->query, &hash)) return;
    if (sn_query_get(http->query, "cursor", &value) && !place_from(value, &place)) {
        refuse(api, "?cursor", "the cursor of an earlier page, as it was given");
        return;
    }
    api->limit = limit;
    sn_wait(api, 1, ask_page(api, who, &place, by_status ? &status : NULL, hash));
}

/* A figure that a run has when something was measured. */
static void put_figure(struct sn_json_writer *j, const char *name, const struct sn_json *value) {
    if (sn_json_type(value) == SN_JSON_NUMBER)
        sn_json_put_number(j, name, sn_json_number(value));
    else
        sn_json_put_null(j, name);
}

static void put_row(struct sn_json_writer *j, const struct sn_json *row) {
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "id", sn_json_string(sn_json_get(row, "id")));
    sn_json_put_text(j, "name", sn_json_string(sn_json_get(row, "name")));
    sn_json_put_text(j, "profileType", sn_json_string(sn_json_get(row, "profile_type")));
    sn_json_put_text(j, "preset", sn_json_string(sn_json_get(row, "preset")));
    sn_json_put_text(j, "status", sn_json_string(sn_json_get(row, "status")));
    sn_json_put_text(j, "validity", sn_json_string(sn_json_get(row, "validity")));
    sn_json_put_text(j, "verdict", sn_json_string(sn_json_get(row, "verdict")));
    sn_json_put_number(j, "targetOperations", sn_json_number(sn_json_get(row, "target_operations")));
    sn_json_put_number(j, "durationSeconds", sn_json_number(sn_json_get(row, "duration_seconds")));
    sn_json_put_number(j, "concurrency", sn_json_number(sn_json_get(row, "concurrency")));
    sn_json_put_time(j, "createdAt", sn_row_us(row, "created_at"));
    sn_json_put_time(j, "scheduledAt", sn_row_us(row, "scheduled_at"));
    sn_json_put_time(j, "startedAt", sn_row_us(row, "started_at"));
    sn_json_put_time(j, "endedAt", sn_row_us(row, "completed_at"));
    sn_json_put_text(j, "endedBy", sn_json_string(sn_json_get(row, "ended_by")));
    sn_json_put_text(j, "planHash", sn_json_string(sn_json_get(row, "plan_hash")));
    put_figure(j, "p50Ms", sn_json_get(row, "p50_latency_ms"));
    put_figure(j, "p95Ms", sn_json_get(row, "p95_latency_ms"));
    put_figure(j, "p99Ms", sn_json_get(row, "p99_latency_ms"));
    put_figure(j, "achievedPerS", sn_json_get(row, "throughput_ops_sec"));
    sn_json_close(j, '}');
}

void sn_list_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    (void)who; /* the statement asked for this tenant's rows alone */
    char cursor[CURSOR_LEN];
    struct sn_writer w = sn_writer(cursor, sizeof cursor);
    const struct sn_json *rows = sn_reply_rows(api, reply, 0), *last = NULL;
    if (rows == NULL) {
        sn_answer_database_failed(api, reply);
        return;
    }
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_open(&j, "runs", '[');
    const struct sn_json *row = sn_json_first(rows);
    for (uint32_t shown = 0; row != NULL && shown < api->limit; shown++, row = sn_json_next(row)) {
        put_row(&j, row);
        last = row;
    }
    sn_json_close(&j, ']');
    bool more = row != NULL && put_place(&w, last);
    if (more) sn_json_put_span(&j, "cursor", cursor, w.len);
    if (!more) sn_json_put_null(&j, "cursor");
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}
