/* The outbox as people see it: what waits, what nobody took, and how to send it again.
 *
 *     GET /api/sentinel/outbox          SELECT ─► 200
 *     POST /api/sentinel/outbox/:id     UPDATE ─► audit ─► 200
 *
 * What was delivered is gone from it.  Of a webhook's address only the host is told: what stands behind it may be secret. */
#include "service.h"

#include <string.h>

#include "sentinel/plan/trail.h"

enum { LISTED = 1, RESENT, AUDITED };

#define RESEND "resend"

static bool state_is_known(struct sn_span state) {
    return sn_span_is(state, "waiting") || sn_span_is(state, "dead");
}

void sn_outbox_list(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_args args;
    struct sn_span state;
    bool given = sn_query_get(http->query, "state", &state);
    if (given && !state_is_known(state)) {
        sn_answer_problem(api, &(struct sn_problem){
                                   .kind = SN_PROBLEM_QUERY_RANGE,
                                   .detail = "A value in the query is not one that this list understands.",
                                   .path = "?state",
                                   .expected = "waiting or dead",
                               });
        return;
    }
    size_t mark = sn_ask_sql_begin(api, SN_SQL_OUTBOX_LIST, &args);
    sn_args_text(&args, who->tenant);
    if (given)
        sn_args_span(&args, SN_VALUE_TEXT, state.data, state.len);
    else
        sn_args_null(&args);
    sn_wait(api, LISTED, sn_ask_end(api, mark));
}

static void put_us(struct sn_json_writer *j, const char *name, const struct sn_json *row, const char *column) {
    double us = sn_json_number(sn_json_get(row, column));
    sn_json_put_time(j, name, us > 0 && us < 1e17 ? (int64_t)us : 0);
}

/* "hooks.example" of a URL; a name that the operator gave is told whole. */
static void put_receiver(struct sn_json_writer *j, const struct sn_json *row) {
    const char *url = sn_json_string(sn_json_get(row, "url")), *host = url != NULL ? strstr(url, "://") : NULL;
    if (host == NULL)
        sn_json_put_text(j, "to", url);
    else
        sn_json_put_span(j, "to", host + 3, strcspn(host + 3, "/?"));
}

static void put_message(struct sn_api *api, struct sn_json_writer *j, const char *name, const struct sn_json *row) {
    (void)api;
    sn_json_open(j, name, '{');
    sn_json_put_text(j, "id", sn_json_string(sn_json_get(row, "id")));
    sn_json_put_text(j, "runId", sn_json_string(sn_json_get(row, "run_id")));
    sn_json_put_text(j, "target", sn_json_string(sn_json_get(row, "target")));
    put_receiver(j, row);
    sn_json_put_text(j, "event", sn_json_string(sn_json_get(row, "event")));
    sn_json_put_text(j, "format", sn_json_string(sn_json_get(row, "format")));
    sn_json_put_text(j, "state", sn_json_string(sn_json_get(row, "state")));
    put_us(j, "createdAt", row, "created_us");
    put_us(j, "dueAt", row, "due_us");
    sn_json_put_number(j, "attempts", sn_json_number(sn_json_get(row, "attempts")));
    sn_json_put_text(j, "error", sn_json_string(sn_json_get(row, "error")));
    sn_json_close(j, '}');
}

void sn_outbox_list_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    (void)who;
    sn_answer_rows(api, reply, "messages", put_message);
}

/* {"action":"resend"} and nothing else. */
static bool read_body(struct sn_trail *trail, const struct sn_json *root) {
    const struct sn_json *action = sn_json_get(root, "action");
    const char *word = sn_json_string(action);
    if (sn_json_type(root) != SN_JSON_OBJECT) return sn_trail_refuse(trail, "body.type", "an object");
    for (const struct sn_json *m = sn_json_first(root); m != NULL; m = sn_json_next(m))
        if (strcmp(sn_json_name(m), "action") != 0)
            return sn_trail_refuse_at(trail, sn_json_name(m), "body.unknown-field", "\"action\" and nothing else");
    if (word != NULL && strcmp(word, RESEND) == 0) return true;
    const char *code = action == NULL ? "body.missing" : word == NULL ? "body.type" : "body.range";
    return sn_trail_refuse_at(trail, "action", code, RESEND);
}

void sn_outbox_resend(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_plan_error error;
    struct sn_trail trail = sn_trail(&error);
    const struct sn_json *root = sn_trail_parse(&trail, &api->arena, (const char *)http->body.data, http->body.len);
    if (root == NULL || !read_body(&trail, root)) {
        sn_answer_problem(api, &(struct sn_problem){
                                   .kind = sn_problem_find(error.code, SN_PROBLEM_BODY_RANGE),
                                   .detail = "The body says what to do with the message: {\"action\":\"resend\"}.",
                                   .path = error.path,
                                   .expected = error.expected,
                               });
        return;
    }
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_OUTBOX_RESEND, &args);
    sn_args_text(&args, api->name);
    sn_args_text(&args, who->tenant);
    sn_args_number(&args, (double)api->now_us);
    sn_wait(api, RESENT, sn_ask_end(api, mark));
}

static const struct sn_problem unknown = {
    .kind = SN_PROBLEM_MESSAGE_UNKNOWN,
    .detail = "The outbox has no message with this id. What was delivered is not in it any more.",
};

static void answer(struct sn_api *api, const struct sn_json *row) {
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    put_message(api, &j, "message", row);
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}

static void resent(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, 0);
    struct sn_audit audit = sn_audit_of(api, who, RESEND, api->name);
    if (rows == NULL) {
        sn_answer_database_failed(api, reply);
    } else if (sn_json_first(rows) == NULL) {
        sn_answer_problem(api, &unknown);
    } else {
        sn_hold(api, reply->body);
        sn_wait(api, AUDITED, sn_ask_audit(api, &audit));
    }
}

/* It is sent again, whether that can be written down or not. */
void sn_outbox_resend_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (api->stage == RESENT) {
        resent(api, who, reply);
        return;
    }
    if (!reply->done) sn_log(api, "audit", "", reply->body);
    struct sn_reply held = {.done = true, .body = {api->held, api->held_len}};
    answer(api, sn_json_first(sn_reply_rows(api, &held, 0)));
}
