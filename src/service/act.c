/* POST /api/sentinel/:id: what people do to a run that exists.
 *
 *     start   SELECT the row ─► UPDATE active = 1 ─► START at the run's object ─► 200
 *                                  │ failed: SELECT the active run ─► 429
 *     cancel  SELECT the row ─► CANCEL at the run's object ─► 200
 *
 * The object decides: the row may be behind it.  Only the right to be the active run is the database's to give. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/plan/trail.h"

enum { ROW_READ = 1, ACTIVATED, ACTIVE_READ, ACTED, CLOSED };

static const struct {
    const char *name;
    enum sn_message message;
    const char *not_now; /* when the run's state does not allow it */
} actions[] = {
    {"start", SN_MESSAGE_START, "Only a pending run can be started; this one was started already, or has ended."},
    {"cancel", SN_MESSAGE_CANCEL, "This run has ended or is cleaning up, so there is nothing left to cancel."},
};
#define ACTIONS_LEN (sizeof actions / sizeof actions[0])
#define ACTIONS_TEXT "\"start\" or \"cancel\""

static bool find_action(struct sn_trail *trail, const struct sn_json *root, uint32_t *index) {
    if (sn_json_type(root) != SN_JSON_OBJECT) return sn_trail_refuse(trail, "body.type", "an object");
    for (const struct sn_json *m = sn_json_first(root); m != NULL; m = sn_json_next(m)) {
        if (strcmp(sn_json_name(m), "action") == 0) continue;
        sn_trail_name(trail, sn_json_name(m));
        return sn_trail_refuse(trail, "body.unknown-field", "\"action\" and nothing else");
    }
    const struct sn_json *action = sn_json_get(root, "action");
    const char *name = sn_json_string(action), *code = action == NULL ? "body.missing" : "body.type";
    sn_trail_name(trail, "action");
    for (*index = 0; name != NULL && *index < ACTIONS_LEN; ++*index) {
        if (strcmp(name, actions[*index].name) == 0) return true;
    }
    return sn_trail_refuse(trail, name != NULL ? "body.range" : code, ACTIONS_TEXT);
}

/* Notes the action.  False, and answered, when the body names none. */
static bool read_action(struct sn_api *api, struct sn_span body) {
    struct sn_plan_error error;
    struct sn_trail trail = sn_trail(&error);
    sn_arena_reset(&api->arena);
    const struct sn_json *root = sn_trail_parse(&trail, &api->arena, (const char *)body.data, body.len);
    if (root != NULL && find_action(&trail, root, &api->action)) return true;
    sn_answer_problem(api, &(struct sn_problem){
                               .status = 400,
                               .code = error.code,
                               .detail = "The body says what to do with the run, like {\"action\":\"start\"}.",
                               .path = error.path,
                               .expected = error.expected,
                           });
    return false;
}

void sn_act(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    if (read_action(api, http->body)) sn_wait(api, ROW_READ, sn_ask_run(api, who));
}

/* `state` is what the object said of itself, if it was asked. */
static void answer_not_now(struct sn_api *api, struct sn_span state) {
    struct sn_json_error error;
    const struct sn_json *json = sn_json_parse(&api->arena, (const char *)state.data, state.len, &error);
    sn_answer_problem(api, &(struct sn_problem){
                               .status = 409,
                               .code = "run.state",
                               .detail = actions[api->action].not_now,
                               .run_status = sn_json_string(sn_json_get(json, "status")),
                           });
}

static void ask_object(struct sn_api *api) {
    sn_wait(api, ACTED, sn_ask_object(api, api->run_id, actions[api->action].message));
}

static void row_read(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (sn_reply_run(api, reply) == NULL) return;
    if (actions[api->action].message != SN_MESSAGE_START) {
        ask_object(api);
        return;
    }
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_ACTIVATE, &args);
    sn_args_text(&args, api->run_id);
    sn_args_text(&args, who->tenant);
    sn_args_number(&args, sn_now_s(api));
    sn_wait(api, ACTIVATED, sn_ask_end(api, mark));
}

static void activated(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    uint32_t changes;
    if (!reply->done) {
        if (!sn_text_has(reply->body, "UNIQUE constraint failed")) sn_log(api, "database", api->run_id, reply->body);
        sn_wait(api, ACTIVE_READ, sn_ask_active(api, who));
    } else if (!sn_reply_changes(api, reply, &changes)) {
        sn_answer_database_failed(api, reply);
    } else if (changes == 0) {
        answer_not_now(api, (struct sn_span){0});
    } else {
        ask_object(api);
    }
}

static const struct sn_problem being_set_up = {
    .status = 503,
    .code = "run.not-ready",
    .detail = "The run is still being set up. Please try again in a moment.",
    .retry_after_s = SN_RETRY_AFTER_S,
};

static const struct sn_problem lost = {
    .status = 409,
    .code = "run.lost",
    .detail = "This run was never set up completely, so nothing can be done with it. Please create it again.",
};

/* The object does not know the run: its creation is on the way, or was cut off long ago. */
static void missing(struct sn_api *api) {
    if (sn_now_s(api) - api->row_created_at < SN_SETTLED_S) {
        sn_answer_problem(api, &being_set_up);
        return;
    }
    api->problem = &lost;
    sn_wait(api, CLOSED, sn_ask_abandon(api, api->run_id, api->row_revision, "The run was never set up completely."));
}

/* An object that was not reached is not asked again: a START that did arrive would then be refused, which would read
 * as if somebody else had started the run.  The cron tick frees the tenant if the run was not started after all. */
static void acted(struct sn_api *api, const struct sn_reply *reply) {
    if (reply->done) {
        sn_answer_run(api, 200, NULL, reply->body);
        return;
    }
    switch (reply->status) {
    case SN_E_STATE: answer_not_now(api, reply->body); break;
    case SN_E_MISSING: missing(api); break;
    default: sn_answer_object_failed(api, reply);
    }
}

void sn_act_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    switch (api->stage) {
    case ROW_READ: row_read(api, who, reply); break;
    case ACTIVATED: activated(api, who, reply); break;
    case ACTIVE_READ:
        if (sn_answer_unless_own(api, reply)) ask_object(api);
        break;
    case ACTED: acted(api, reply); break;
    case CLOSED: sn_answer_problem(api, api->problem); break;
    default: SN_ASSERT(false);
    }
}
