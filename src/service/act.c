/* POST /api/sentinel/:id: what people do to a run that exists.
 *
 *     start   SELECT the row ─► UPDATE active = 1 ─► maintenance ─► START at the run's object ─► 200
 *                                  │ failed: SELECT the active run ─► 429
 *     cancel, pause, resume, scale, extend
 *             SELECT the row ─► the message at the run's object ─► 200
 *
 * What the object has accepted is written into the audit before it is answered, in several attempts if need be, and into
 * the log if all fail.
 * The object decides: the row may be behind it.  Only the right to be the active run is the database's to give. */
#include "service.h"

#include <math.h>
#include <string.h>

#include "sentinel/base/action.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/time.h"
#include "sentinel/plan/trail.h"

#define AUDIT_TRIES 3

enum { ROW_READ = 1, ACTIVATED, UPKEPT, ACTIVE_READ, ACTED, AUDITED, CLOSED };

/* What an action takes beside its name. */
static const struct argument {
    const char *name, *expected;
    double min, max;
    bool whole;
} factor = {"factor", "a number from 0.01 to 100: how many times the plan's own rate", SN_SCALE_MIN, SN_SCALE_MAX,
            false},
  length = {"durationSeconds", "a whole number up to 3600: the seconds that the load is to last in all", 1,
            SN_DURATION_S_MAX, true};

static const struct {
    enum sn_message message;
    const struct argument *argument; /* NULL: none */
} actions[SN_RUN_ACTIONS_LEN] = {
    [SN_RUN_ACTION_START] = {SN_MESSAGE_START, NULL},      [SN_RUN_ACTION_PAUSE] = {SN_MESSAGE_PAUSE, NULL},
    [SN_RUN_ACTION_RESUME] = {SN_MESSAGE_RESUME, NULL},    [SN_RUN_ACTION_SCALE] = {SN_MESSAGE_SCALE, &factor},
    [SN_RUN_ACTION_EXTEND] = {SN_MESSAGE_EXTEND, &length}, [SN_RUN_ACTION_CANCEL] = {SN_MESSAGE_CANCEL, NULL},
};

static bool refuse_action(struct sn_trail *trail, const struct sn_json *action) {
    const char *names[SN_RUN_ACTIONS_LEN], *code = "body.range";
    if (action == NULL) code = "body.missing";
    if (action != NULL && sn_json_string(action) == NULL) code = "body.type";
    for (uint32_t i = 0; i < SN_RUN_ACTIONS_LEN; i++) names[i] = sn_run_action_name((enum sn_run_action)i);
    sn_trail_name(trail, "action");
    struct sn_writer w = sn_trail_expected(trail, code);
    sn_put_choice(&w, names, SN_RUN_ACTIONS_LEN);
    return false;
}

static bool find_action(struct sn_trail *trail, const struct sn_json *root, uint32_t *index) {
    const struct sn_json *action = sn_json_get(root, "action");
    const char *name = sn_json_string(action);
    for (*index = 0; name != NULL && *index < SN_RUN_ACTIONS_LEN; ++*index) {
        if (strcmp(name, sn_run_action_name((enum sn_run_action) * index)) == 0) return true;
    }
    return refuse_action(trail, action);
}

/* Names that no action knows come first, then those that are another action's. */
static bool check_names(struct sn_trail *trail, const struct sn_json *root, const char *const *names, size_t len) {
    for (const struct sn_json *m = sn_json_first(root); m != NULL; m = sn_json_next(m)) {
        size_t i = 0;
        while (i < len && strcmp(sn_json_name(m), names[i]) != 0) i++;
        if (i < len) continue;
        sn_trail_name(trail, sn_json_name(m));
        struct sn_writer w = sn_trail_expected(trail, "body.unknown-field");
        for (i = 0; i < len; i++) {
            sn_put_text(&w, i > 0 ? ", \"" : "\"");
            sn_put_text(&w, names[i]);
            sn_put_text(&w, "\"");
        }
        sn_put_text(&w, " and nothing else");
        return false;
    }
    return true;
}

static bool read_argument(struct sn_trail *trail, const struct sn_json *root, const struct argument *argument,
                          double *value) {
    const char *names[] = {"action", argument != NULL ? argument->name : NULL};
    if (!check_names(trail, root, names, argument != NULL ? 2 : 1)) return false;
    if (argument == NULL) return true;
    const struct sn_json *given = sn_json_get(root, argument->name);
    sn_trail_name(trail, argument->name);
    if (given == NULL) return sn_trail_refuse(trail, "body.missing", argument->expected);
    if (sn_json_type(given) != SN_JSON_NUMBER) return sn_trail_refuse(trail, "body.type", argument->expected);
    *value = sn_json_number(given);
    bool fits = *value >= argument->min && *value <= argument->max && (!argument->whole || floor(*value) == *value);
    return fits || sn_trail_refuse(trail, "body.range", argument->expected);
}

static bool read_body(struct sn_api *api, struct sn_trail *trail, const struct sn_json *root) {
    const char *const names[] = {"action", factor.name, length.name};
    if (sn_json_type(root) != SN_JSON_OBJECT) return sn_trail_refuse(trail, "body.type", "an object");
    return check_names(trail, root, names, 3) && find_action(trail, root, &api->action) &&
           read_argument(trail, root, actions[api->action].argument, &api->value);
}

/* Notes the action.  False, and answered, when the body names none. */
static bool read_action(struct sn_api *api, struct sn_span body) {
    struct sn_plan_error error;
    struct sn_trail trail = sn_trail(&error);
    sn_arena_reset(&api->arena);
    const struct sn_json *root = sn_trail_parse(&trail, &api->arena, (const char *)body.data, body.len);
    if (root != NULL && read_body(api, &trail, root)) return true;
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = sn_problem_find(error.code, SN_PROBLEM_BODY_RANGE),
                               .detail = "The body says what to do with the run, like {\"action\":\"start\"}.",
                               .path = error.path,
                               .expected = error.expected,
                           });
    return false;
}

void sn_act(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    if (read_action(api, http->body)) sn_wait(api, ROW_READ, sn_ask_run(api, who));
}

/* `Its status is "running", its stage "prepare": now it can be told to cancel.`  An action that was refused although the
 * status has room for it is a matter of seconds, of which the action's own sentence tells; the rest is left out then. */
static void put_possible(struct sn_writer *w, const struct sn_api *api, enum sn_run_status status,
                         enum sn_stage stage) {
    enum sn_situation situation = sn_situation_shown(status, stage);
    bool listed = sn_run_action_outcome((enum sn_run_action)api->action, situation) == SN_OUTCOME_NOT;
    const char *between = ": now it can be told to ";
    sn_put_text(w, " Its status is \"");
    sn_put_text(w, sn_run_status_name(status));
    sn_put_text(w, "\", its stage \"");
    sn_put_text(w, sn_stage_name(stage));
    sn_put_text(w, "\"");
    for (int i = 0; i < SN_RUN_ACTIONS_LEN && listed; i++) {
        if (sn_run_action_outcome((enum sn_run_action)i, situation) != SN_OUTCOME_DONE) continue;
        sn_put_text(w, between);
        sn_put_text(w, sn_run_action_name((enum sn_run_action)i));
        between = " or to ";
    }
    sn_put_text(w, ".");
}

/* `state` is what the object said of itself, if it was asked. */
static void answer_not_now(struct sn_api *api, struct sn_span state) {
    struct sn_json_error error;
    const struct sn_json *json = sn_json_parse(&api->arena, (const char *)state.data, state.len, &error);
    char detail[320];
    struct sn_writer w = sn_writer(detail, sizeof detail);
    enum sn_run_status status = sn_status_in(json);
    enum sn_stage stage = sn_stage_in(json);
    sn_put_text(&w, sn_run_action_otherwise((enum sn_run_action)api->action));
    if (status != SN_RUN_STATUSES_LEN && stage != SN_STAGES_LEN) put_possible(&w, api, status, stage);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_RUN_STATE,
                               .detail = detail,
                               .run_status = sn_json_string(sn_json_get(json, "status")),
                           });
}

static void ask_object(struct sn_api *api) {
    enum sn_message message = actions[api->action].message;
    size_t mark = sn_ask_object_begin(api, api->run_id, message);
    if (message == SN_MESSAGE_SCALE) sn_put_f64(api->effects, api->value);
    if (message == SN_MESSAGE_EXTEND) sn_put_u32(api->effects, (uint32_t)api->value);
    sn_wait(api, ACTED, sn_ask_end(api, mark));
}

/* What is asked next so that the run can start; with id 0 that is the run. */
static void start(struct sn_api *api, uint32_t upkeep_id) {
    if (upkeep_id != 0)
        sn_wait(api, UPKEPT, upkeep_id);
    else
        ask_object(api);
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
    } else if (!sn_reply_changes(api, reply, 0, &changes)) {
        sn_answer_database_failed(api, reply);
    } else if (changes == 0) {
        answer_not_now(api, (struct sn_span){0});
    } else {
        start(api, sn_upkeep_begin(api, &api->upkeep, api->run_id));
    }
}

static const struct sn_problem lost = {
    .kind = SN_PROBLEM_RUN_LOST,
    .detail = "This run was never set up completely, so nothing can be done with it. Please create it again.",
};

static const struct sn_problem forgotten = {
    .kind = SN_PROBLEM_RUN_LOST,
    .detail =
        "What this run had stored is gone, or is of another version of Sentinel and cannot be read, so nothing can "
        "be done with it. If it was under way, it is ended within minutes, and what it left behind is swept up.",
};

/* The object does not know the run: its creation is on the way, or was cut off long ago; or it has known it, and then the row
 * is the tick's, which sweeps up while the row says that the run is active. */
static void missing(struct sn_api *api) {
    if (sn_was_known(api)) {
        sn_answer_problem(api, &forgotten);
        return;
    }
    if (sn_is_young(api)) {
        sn_answer_not_ready(api);
        return;
    }
    api->problem = &lost;
    sn_wait(
        api, CLOSED,
        sn_ask_abandon(api, api->run_id, api->row_revision, SN_ENDING_ERROR, "The run was never set up completely."));
}

static const struct sn_problem steered_out = {
    .kind = SN_PROBLEM_RUN_EPOCHS,
    .detail = "This run was steered as often as a run can be. It can still be resumed and cancelled.",
};

/* The bounds are those of a plan; a run keeps to the set that it was planned with, which is the present one unless somebody
 * changed the setting meanwhile. */
static void put_steerable(struct sn_writer *w, const struct sn_api *api, bool scaled) {
    enum sn_bounds bounds;
    sn_settings_bounds(api, &bounds);
    sn_put_text(w, scaled ? "a factor that keeps to " : "more seconds than the run has, with at most ");
    if (scaled) sn_put_number(w, sn_bound(bounds, SN_BOUND_RATE_PER_S));
    if (scaled) sn_put_text(w, " operations a second and ");
    sn_put_number(w, sn_bound(bounds, SN_BOUND_OPERATIONS));
    sn_put_text(w, scaled ? " in all; Poisson arrivals were drawn for the number planned and cannot be scaled"
                          : " operations in all; Poisson arrivals and a curve that ends at 0 cannot be extended");
    sn_put_u8(w, 0);
    SN_ASSERT(!w->full);
}

static void answer_too_much(struct sn_api *api) {
    const struct argument *argument = actions[api->action].argument;
    char path[32], expected[192];
    struct sn_writer w = sn_writer(path, sizeof path), words = sn_writer(expected, sizeof expected);
    put_steerable(&words, api, argument == &factor);
    SN_ASSERT(argument != NULL);
    sn_put_text(&w, "$.");
    sn_put_text(&w, argument->name);
    sn_put_u8(&w, 0);
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_RUN_BOUNDS,
                               .detail = "The run cannot be steered so far.",
                               .path = path,
                               .expected = expected,
                           });
}

/* "factor 2"; NULL for an action without an argument. */
static const char *describe(const struct sn_api *api, char *text, size_t cap) {
    const struct argument *argument = actions[api->action].argument;
    struct sn_writer w = sn_writer(text, cap);
    if (argument == NULL) return NULL;
    sn_put_text(&w, argument->name);
    sn_put_text(&w, " ");
    sn_put_number(&w, api->value);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    return text;
}

static void ask_audit(struct sn_api *api, const struct sn_principal *who) {
    char detail[48];
    const char *name = sn_run_action_name((enum sn_run_action)api->action);
    struct sn_audit audit = sn_audit_of(api, who, name, describe(api, detail, sizeof detail));
    audit.at_us = api->acted_us;
    sn_wait(api, AUDITED, sn_ask_audit(api, &audit));
}

/* A row that could not be written stands in the log instead, whole. */
static void log_unaudited(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    char detail[48], text[256];
    const char *described = describe(api, detail, sizeof detail);
    struct sn_writer w = sn_writer(text, sizeof text);
    sn_put_iso(&w, api->acted_us);
    const char *const words[] = {who->tenant, sn_access_name(who->access),
                                 sn_run_action_name((enum sn_run_action)api->action), described};
    for (size_t i = 0; i < sizeof words / sizeof words[0] && words[i] != NULL; i++) {
        sn_put_text(&w, " ");
        sn_put_text(&w, words[i]);
    }
    sn_put_text(&w, ": ");
    size_t left = sizeof text - w.len;
    sn_put_bytes(&w, reply->body.data, reply->body.len < left ? reply->body.len : left);
    sn_log(api, "audit", api->run_id, (struct sn_span){(const uint8_t *)text, w.len});
}

/* The run does what it was told, whether that can be written down or not. */
static void audited(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (!reply->done && ++api->tries < AUDIT_TRIES) {
        ask_audit(api, who);
        return;
    }
    if (!reply->done) log_unaudited(api, who, reply);
    sn_answer_run(api, 200, NULL, (struct sn_span){api->held, api->held_len});
}

/* An object that was not reached is not asked again: a START that did arrive would then be refused, which would read
 * as if somebody else had started the run.  The cron tick frees the tenant if the run was not started after all. */
static void acted(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (reply->done) {
        sn_hold(api, reply->body);
        api->acted_us = api->now_us;
        api->tries = 0;
        ask_audit(api, who);
        return;
    }
    switch (reply->status) {
    case SN_E_RANGE: answer_too_much(api); break;
    case SN_E_LIMIT: sn_answer_problem(api, &steered_out); break;
    case SN_E_STATE: answer_not_now(api, reply->body); break;
    case SN_E_MISSING: missing(api); break;
    default: sn_answer_object_failed(api, reply);
    }
}

void sn_act_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    switch (api->stage) {
    case ROW_READ: row_read(api, who, reply); break;
    case ACTIVATED: activated(api, who, reply); break;
    case UPKEPT: start(api, sn_upkeep_next(api, &api->upkeep, reply)); break;
    case ACTIVE_READ:
        if (sn_answer_unless_own(api, reply)) start(api, sn_upkeep_begin(api, &api->upkeep, api->run_id));
        break;
    case ACTED: acted(api, who, reply); break;
    case AUDITED: audited(api, who, reply); break;
    case CLOSED: sn_answer_problem(api, api->problem); break;
    default: SN_ASSERT(false);
    }
}
