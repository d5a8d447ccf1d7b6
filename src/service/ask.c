#include "service.h"

#include <string.h>

/* Ids go round after four thousand million questions, leaving out 0. */
uint32_t sn_next_id(struct sn_api *api) {
    if (++api->last_id == 0) api->last_id = 1;
    return api->last_id;
}

size_t sn_ask_batch_begin(struct sn_api *api, struct sn_args *args) {
    struct sn_record header = {.kind = SN_EFFECT_SQL, .id = sn_next_id(api), .target = SN_BINDING_DB};
    size_t mark = sn_record_begin(api->effects, &header);
    sn_args_begin(args, api->effects, 0);
    return mark;
}

size_t sn_ask_sql_begin(struct sn_api *api, enum sn_sql statement, struct sn_args *args) {
    size_t mark = sn_ask_batch_begin(api, args);
    sn_args_group(args, (uint32_t)statement);
    return mark;
}

size_t sn_ask_object_begin(struct sn_api *api, const char *run_id, enum sn_message message) {
    struct sn_record header = {.kind = SN_EFFECT_CALL_OBJECT, .id = sn_next_id(api), .target = SN_BINDING_RUNS};
    size_t mark = sn_record_begin(api->effects, &header);
    sn_put_span(api->effects, run_id, strlen(run_id));
    sn_put_span(api->effects, "", 0); /* no hint: nothing makes one place better than the caller's */
    sn_message_begin(api->effects, message);
    return mark;
}

uint32_t sn_ask_end(struct sn_api *api, size_t mark) {
    api->tick.asked++;
    if (sn_record_end(api->effects, mark)) return api->last_id;
    api->effects->full = false;
    return 0;
}

uint32_t sn_ask_object(struct sn_api *api, const char *run_id, enum sn_message message) {
    return sn_ask_end(api, sn_ask_object_begin(api, run_id, message));
}

uint32_t sn_ask_creation(struct sn_api *api, const char *run_id, enum sn_creation creation) {
    size_t mark = sn_ask_object_begin(api, run_id, SN_MESSAGE_CREATE);
    sn_put_u32(api->effects, creation);
    sn_put_span(api->effects, api->plan, api->plan_len);
    if (creation == SN_CREATION_SWEEP) sn_put_u64(api->effects, api->reach);
    if (creation == SN_CREATION_SWEEP) sn_put_u32(api->effects, (uint32_t)api->row_revision);
    return sn_ask_end(api, mark);
}

uint32_t sn_ask_run(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_GET, &args);
    sn_args_text(&args, api->run_id);
    sn_args_text(&args, who->tenant);
    return sn_ask_end(api, mark);
}

uint32_t sn_ask_stop(struct sn_api *api, const char *run_id, const char *reason) {
    size_t mark = sn_ask_object_begin(api, run_id, SN_MESSAGE_STOP);
    sn_put_span(api->effects, reason, strlen(reason));
    return sn_ask_end(api, mark);
}

uint32_t sn_ask_active(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_ACTIVE, &args);
    sn_args_text(&args, who->tenant);
    return sn_ask_end(api, mark);
}

uint32_t sn_ask_fetch(struct sn_api *api, const struct sn_fetch *fetch) {
    const char *service = fetch->service != NULL ? fetch->service : "";
    const char *const spans[] = {service, fetch->url, fetch->method, fetch->headers};
    struct sn_record header = {
        .kind = SN_EFFECT_FETCH, .id = sn_next_id(api), .arg0 = fetch->limit_ms, .arg1 = SN_ANSWER_MAX};
    size_t mark = sn_record_begin(api->effects, &header);
    for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) sn_put_span(api->effects, spans[i], strlen(spans[i]));
    sn_put_bytes(api->effects, fetch->body.data, fetch->body.len);
    return sn_ask_end(api, mark);
}

uint32_t sn_ask_abandon(struct sn_api *api, const char *run_id, double revision, enum sn_ending ending,
                        const char *note) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_ABANDON, &args);
    sn_args_text(&args, run_id);
    sn_args_text(&args, note);
    sn_args_number(&args, sn_now_s(api));
    sn_args_number(&args, revision);
    sn_args_text(&args, sn_ending_name(ending));
    sn_args_group(&args, SN_SQL_KEY_FORGET);
    sn_args_text(&args, run_id);
    return sn_ask_end(api, mark);
}

double sn_now_s(const struct sn_api *api) {
    return (double)(api->now_us / SN_SECOND_US);
}

static const struct sn_problem no_room = {
    .kind = SN_PROBLEM_INTERNAL_QUESTION_SIZE,
    .detail = "The request needs more room than Sentinel has set aside. That is our fault, not yours.",
};

void sn_wait(struct sn_api *api, uint32_t stage, uint32_t id) {
    api->stage = stage;
    api->waiting_id = id;
    if (id == 0) sn_answer_problem(api, &no_room);
}

static const struct sn_json *result_at(struct sn_api *api, const struct sn_reply *reply, uint32_t index) {
    struct sn_json_error error;
    if (!reply->done) return NULL;
    const char *text = (const char *)reply->body.data;
    const struct sn_json *result = sn_json_first(sn_json_parse(&api->arena, text, reply->body.len, &error));
    while (index-- > 0) result = sn_json_next(result);
    return result;
}

const struct sn_json *sn_reply_rows(struct sn_api *api, const struct sn_reply *reply, uint32_t index) {
    const struct sn_json *rows = sn_json_get(result_at(api, reply, index), "rows");
    return sn_json_type(rows) == SN_JSON_ARRAY ? rows : NULL;
}

bool sn_reply_changes(struct sn_api *api, const struct sn_reply *reply, uint32_t index, uint32_t *changes) {
    const struct sn_json *value = sn_json_get(result_at(api, reply, index), "changes");
    double number = sn_json_number(value);
    if (sn_json_type(value) != SN_JSON_NUMBER || !(number >= 0 && number <= UINT32_MAX)) return false;
    *changes = (uint32_t)number;
    return true;
}

const struct sn_json *sn_reply_run(struct sn_api *api, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, 0);
    const struct sn_json *row = sn_json_first(rows);
    if (rows == NULL) {
        sn_answer_database_failed(api, reply);
        return NULL;
    }
    if (row == NULL) {
        sn_answer_unknown_run(api);
        return NULL;
    }
    api->row_revision = sn_json_number(sn_json_get(row, "revision"));
    api->row_created_at = sn_json_number(sn_json_get(row, "created_at"));
    api->row_active = sn_json_number(sn_json_get(row, "active")) > 0;
    api->scheduled_us = sn_row_us(row, "scheduled_at");
    sn_maintenance_note(api, row);
    return row;
}

struct sn_span sn_reply_words(const struct sn_reply *reply) {
    struct sn_span nothing = {0};
    return reply->done ? nothing : reply->body;
}

bool sn_is_young(const struct sn_api *api) {
    return sn_now_s(api) - api->row_created_at < SN_SETTLED_S;
}

bool sn_was_known(const struct sn_api *api) {
    return api->row_revision > 0;
}

int64_t sn_row_us(const struct sn_json *row, const char *column) {
    double seconds = sn_json_number(sn_json_get(row, column));
    if (!(seconds > 0 && seconds < 1e11)) return 0;
    return (int64_t)seconds * SN_SECOND_US;
}

enum sn_run_status sn_status_in(const struct sn_json *json) {
    const char *status = sn_json_string(sn_json_get(json, "status"));
    return status != NULL ? sn_run_status_find(status, strlen(status)) : SN_RUN_STATUSES_LEN;
}

enum sn_stage sn_stage_in(const struct sn_json *json) {
    const char *stage = sn_json_string(sn_json_get(json, "stage"));
    return stage != NULL ? sn_stage_find(stage, strlen(stage)) : SN_STAGES_LEN;
}

bool sn_text_has(struct sn_span text, const char *part) {
    size_t len = strlen(part);
    for (size_t i = 0; i + len <= text.len; i++) {
        if (memcmp(text.data + i, part, len) == 0) return true;
    }
    return false;
}

bool sn_reply_not_migrated(const struct sn_reply *reply) {
    return !reply->done && (sn_text_has(reply->body, "no such table") || sn_text_has(reply->body, "no such column"));
}

const char *sn_reply_missing(struct sn_api *api, const struct sn_reply *reply, uint32_t index) {
    const struct sn_json *row = sn_json_first(sn_reply_rows(api, reply, index)), *missing = sn_json_get(row, "missing");
    if (sn_json_type(missing) == SN_JSON_NULL) return "";
    return sn_json_string(missing);
}
