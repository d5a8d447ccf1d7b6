/* /api/sentinel/baselines: those that there are, one of them, changed or deleted.  What they are made of is made.c's.
 *
 *     PATCH   SELECT the row ─► audit, the one that was active, UPDATE, SELECT ─► 200
 *     DELETE  SELECT the row ─► audit, DELETE ─► 204 */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"

enum { ROW_READ = 1, CHANGED };

static const struct sn_problem unknown = {
    .kind = SN_PROBLEM_BASELINE_UNKNOWN,
    .detail = "There is no baseline with this id. GET /api/sentinel/baselines lists those that there are.",
};

/* --- The answer -------------------------------------------------------------------------------------------------- */

/* JSON that a column holds; null when it holds none. */
static void put_json(struct sn_json_writer *j, const char *name, const struct sn_json *row, const char *column) {
    const char *text = sn_json_string(sn_json_get(row, column));
    struct sn_json_error error;
    if (text != NULL && sn_json_check(text, strlen(text), &error)) {
        sn_json_put_json(j, name, text, strlen(text));
    } else {
        sn_json_put_null(j, name);
    }
}

static void put_number(struct sn_json_writer *j, const char *name, const struct sn_json *row, const char *column) {
    const struct sn_json *value = sn_json_get(row, column);
    if (sn_json_type(value) == SN_JSON_NUMBER) {
        sn_json_put_number(j, name, sn_json_number(value));
    } else {
        sn_json_put_null(j, name);
    }
}

static void put_baseline(struct sn_api *api, struct sn_json_writer *j, const char *name, const struct sn_json *row) {
    static const struct {
        const char *name, *column;
    } numbers[] = {{"seconds", "seconds"},
                   {"planned", "planned"},
                   {"ended", "ended"},
                   {"failed", "failed"},
                   {"errorRate", "baseline_error_rate"},
                   {"achievedPerS", "baseline_throughput"},
                   {"p50Ms", "baseline_p50_latency"},
                   {"p95Ms", "baseline_p95_latency"},
                   {"p99Ms", "baseline_p99_latency"}};
    double spreads[SN_COMPARE_PERCENTILES];
    sn_floors_read(api, row, spreads);
    sn_json_open(j, name, '{');
    sn_json_put_text(j, "id", sn_json_string(sn_json_get(row, "id")));
    sn_json_put_text(j, "name", sn_json_string(sn_json_get(row, "name")));
    sn_json_put_text(j, "description", sn_json_string(sn_json_get(row, "description")));
    sn_json_put_text(j, "planHash", sn_json_string(sn_json_get(row, "plan_hash")));
    sn_json_put_bool(j, "active", sn_json_number(sn_json_get(row, "is_active")) == 1);
    put_json(j, "runs", row, "source_run_ids");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        put_number(j, numbers[i].name, row, numbers[i].column);
    put_json(j, "spreads", row, "spreads");
    put_json(j, "setFloors", row, "floors");
    sn_floors_put(j, "floors", spreads);
    sn_json_put_time(j, "createdAt", sn_row_us(row, "created_at"));
    sn_json_put_time(j, "updatedAt", sn_row_us(row, "updated_at"));
    sn_json_put_time(j, "activatedAt", sn_row_us(row, "activated_at"));
    sn_json_close(j, '}');
}

void sn_answer_baseline(struct sn_api *api, uint32_t status, const char *location, const struct sn_json *row) {
    struct sn_headers headers = {.type = "application/json", .location = location};
    size_t mark = sn_answer_begin(api, status, &headers);
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    put_baseline(api, &j, "baseline", row);
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}

/* --- What is asked ------------------------------------------------------------------------------------------------ */

void sn_baseline_put_get(struct sn_api *api, const struct sn_principal *who, struct sn_args *args) {
    sn_args_group(args, SN_SQL_BASELINE_GET);
    sn_args_text(args, api->baseline_draft.id);
    sn_args_text(args, who->tenant);
}

uint32_t sn_ask_baseline(struct sn_api *api, const struct sn_principal *who, const char *id) {
    struct sn_args args;
    size_t mark = sn_ask_batch_begin(api, &args);
    memset(&api->baseline_draft.id, 0, sizeof api->baseline_draft.id);
    sn_copy_plain(api->baseline_draft.id, sizeof api->baseline_draft.id, id, strlen(id));
    sn_baseline_put_get(api, who, &args);
    return sn_ask_end(api, mark);
}

void sn_baseline_put_audit(struct sn_api *api, const struct sn_principal *who, const char *action,
                           struct sn_args *args) {
    struct sn_audit audit = sn_audit_of(api, who, action, api->baseline_draft.id);
    sn_audit_put(args, &audit);
}

void sn_baseline_put_change(struct sn_api *api, const struct sn_principal *who, struct sn_args *args) {
    const struct sn_baseline_draft *draft = &api->baseline_draft;
    if (draft->active == 1) {
        sn_args_group(args, SN_SQL_BASELINE_SUPERSEDE);
        sn_args_text(args, who->tenant);
        sn_args_text(args, draft->id);
        sn_args_number(args, sn_now_s(api));
    }
    sn_args_group(args, SN_SQL_BASELINE_UPDATE);
    sn_args_text(args, draft->id);
    sn_args_text(args, who->tenant);
    sn_args_text(args, draft->name[0] != '\0' ? draft->name : NULL);
    sn_args_text(args, draft->described ? draft->description : NULL);
    sn_args_text(args, draft->floors[0] != '\0' ? draft->floors : NULL);
    if (draft->active >= 0)
        sn_args_number(args, draft->active);
    else
        sn_args_null(args);
    sn_args_number(args, sn_now_s(api));
}

/* The row that sn_ask_baseline() asked for; NULL when the request was answered instead. */
static const struct sn_json *row_of(struct sn_api *api, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, 0), *row = sn_json_first(rows);
    if (rows == NULL)
        sn_answer_database_failed(api, reply);
    else if (row == NULL)
        sn_answer_problem(api, &unknown);
    return row;
}

/* --- GET ---------------------------------------------------------------------------------------------------------- */

static bool is_hash(struct sn_span text) {
    bool good = text.len == 16;
    for (size_t i = 0; good && i < text.len; i++)
        good = (text.data[i] >= '0' && text.data[i] <= '9') || (text.data[i] >= 'a' && text.data[i] <= 'f');
    return good;
}

bool sn_query_plan_hash(struct sn_api *api, struct sn_span query, struct sn_span *hash) {
    if (!sn_query_get(query, "planHash", hash)) {
        *hash = (struct sn_span){0};
        return true;
    }
    if (is_hash(*hash)) return true;
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_QUERY_RANGE,
                               .detail = "A value in the query is not one that this list understands.",
                               .path = "?planHash",
                               .expected = "a plan's hash, 16 hexadecimal digits",
                           });
    return false;
}

void sn_baselines(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_span hash;
    struct sn_args args;
    if (!sn_query_plan_hash(api, http->query, &hash)) return;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_BASELINE_LIST, &args);
    sn_args_text(&args, who->tenant);
    if (hash.len > 0)
        sn_args_span(&args, SN_VALUE_TEXT, hash.data, hash.len);
    else
        sn_args_null(&args);
    sn_wait(api, ROW_READ, sn_ask_end(api, mark));
}

void sn_baselines_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    (void)who;
    sn_answer_rows(api, reply, "baselines", put_baseline);
}

void sn_baseline_show(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    (void)http;
    sn_wait(api, ROW_READ, sn_ask_baseline(api, who, api->name));
}

void sn_baseline_show_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    (void)who;
    const struct sn_json *row = row_of(api, reply);
    if (row != NULL) sn_answer_baseline(api, 200, NULL, row);
}

/* --- PATCH -------------------------------------------------------------------------------------------------------- */

void sn_baseline_change(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    if (sn_baseline_draft_read(api, http->body, true)) sn_wait(api, ROW_READ, sn_ask_baseline(api, who, api->name));
}

static uint32_t ask_change(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    size_t mark = sn_ask_batch_begin(api, &args);
    sn_baseline_put_audit(api, who, api->baseline_draft.active == 1 ? "activate-baseline" : "change-baseline", &args);
    sn_baseline_put_change(api, who, &args);
    sn_baseline_put_get(api, who, &args);
    return sn_ask_end(api, mark);
}

void sn_baseline_change_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (api->stage == ROW_READ) {
        if (row_of(api, reply) != NULL) sn_wait(api, CHANGED, ask_change(api, who));
        return;
    }
    const struct sn_json *rows = sn_reply_rows(api, reply, api->baseline_draft.active == 1 ? 3 : 2),
                         *row = sn_json_first(rows);
    if (rows == NULL)
        sn_answer_database_failed(api, reply);
    else if (row == NULL) /* somebody has deleted it meanwhile */
        sn_answer_problem(api, &unknown);
    else
        sn_answer_baseline(api, 200, NULL, row);
}

/* --- DELETE ------------------------------------------------------------------------------------------------------- */

void sn_baseline_delete(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    (void)http;
    sn_wait(api, ROW_READ, sn_ask_baseline(api, who, api->name));
}

static uint32_t ask_deletion(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    size_t mark = sn_ask_batch_begin(api, &args);
    sn_baseline_put_audit(api, who, "delete-baseline", &args);
    sn_args_group(&args, SN_SQL_BASELINE_DELETE);
    sn_args_text(&args, api->baseline_draft.id);
    sn_args_text(&args, who->tenant);
    return sn_ask_end(api, mark);
}

void sn_baseline_delete_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    uint32_t changes;
    if (api->stage == ROW_READ) {
        if (row_of(api, reply) != NULL) sn_wait(api, CHANGED, ask_deletion(api, who));
        return;
    }
    SN_ASSERT(api->stage == CHANGED);
    if (!sn_reply_changes(api, reply, 1, &changes))
        sn_answer_database_failed(api, reply);
    else if (changes == 0)
        sn_answer_problem(api, &unknown);
    else
        sn_answer_end(api, sn_answer_begin(api, 204, &(struct sn_headers){0}));
}
