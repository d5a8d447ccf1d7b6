/* POST /api/sentinel: a plan becomes a run.
 *
 *     compile ─► INSERT ─► maintenance ─► CREATE at the run's object ─► 201
 *                  │             ├─ a refusal ─► the row is closed ─► 503 or 400
 *                  │             └─ twice no answer ─► CANCEL ─► the same, unless the object knows the run and ends it
 *                  ├─ failed: SELECT the active run ─► 429; our own: the INSERT had worked, go on
 *                  └─ failed, with a key: SELECT the key ─► SELECT its run ─► READ at that run's object ─► 201 */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/time.h"
#include "sentinel/report/plan.h"

enum {
    INSERTED = SN_CREATE_INSERTED,
    UPKEPT,
    KEY_READ,
    ACTIVE_READ,
    CREATED,
    CALLED_OFF,
    CLOSED,
    REPEATED,
    REPEATED_READ
};

static void put_run(struct sn_api *api, const struct sn_principal *who, const struct sn_body *body,
                    struct sn_span systems, struct sn_span text, struct sn_args *args) {
    const struct sn_plan *plan = body->plan;
    char hash[16];
    struct sn_writer h = sn_writer(hash, sizeof hash);
    sn_put_hex(&h, plan->hash, 16);
    sn_args_group(args, SN_SQL_RUN_INSERT);
    sn_args_text(args, api->run_id);
    sn_args_text(args, who->tenant);
    sn_args_text(args, plan->name);
    sn_args_text(args, sn_json_string(sn_json_get(body->root, "description")));
    sn_args_text(args, sn_profile_type_name((enum sn_profile_type)plan->profile_type));
    sn_args_text(args, plan->preset[0] != '\0' ? plan->preset : NULL);
    sn_args_number(args, (double)plan->profile.planned);
    sn_args_number(args, sn_profile_seconds(&plan->profile));
    sn_args_number(args, plan->concurrency);
    sn_args_span(args, SN_VALUE_TEXT, systems.data, systems.len);
    if (api->start) sn_args_number(args, 1);
    if (!api->start) sn_args_null(args);
    sn_args_span(args, SN_VALUE_TEXT, text.data, text.len);
    sn_args_span(args, SN_VALUE_TEXT, hash, h.len);
    sn_args_text(args, "api");
    sn_args_number(args, sn_now_s(api));
    if (body->scheduled) sn_args_number(args, (double)(api->scheduled_us / SN_SECOND_US));
    if (!body->scheduled) sn_args_null(args);
}

/* How the run is to begin; NULL: when somebody says so. */
static const char *describe(const struct sn_api *api, const struct sn_body *body, char *text, size_t cap) {
    struct sn_writer w = sn_writer(text, cap);
    if (body->start) return "startImmediately";
    if (!body->scheduled) return NULL;
    sn_put_text(&w, "scheduledAt ");
    sn_put_iso(&w, api->scheduled_us);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    return text;
}

/* Key, run and audit are there together or not at all. */
static uint32_t ask_insert(struct sn_api *api, const struct sn_principal *who, const struct sn_body *body,
                           struct sn_span text) {
    char systems[2048], detail[48];
    struct sn_writer w = sn_writer(systems, sizeof systems);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_report_put_systems(&j, NULL, &body->plan->workload);
    if (w.full) return 0;
    struct sn_args args;
    struct sn_audit audit = sn_audit_of(api, who, "create", describe(api, body, detail, sizeof detail));
    size_t mark = sn_ask_batch_begin(api, &args);
    if (api->key[0] != '\0') sn_key_put(api, who, &args);
    put_run(api, who, body, (struct sn_span){w.data, w.len}, text, &args);
    sn_audit_put(&args, &audit);
    return sn_ask_end(api, mark);
}

/* A time that has passed is no fault of a request that is sent again. */
static void refuse_time(struct sn_api *api, const struct sn_principal *who) {
    api->problem = &sn_plan_untimely;
    if (api->key[0] != '\0')
        sn_wait(api, KEY_READ, sn_ask_key(api, who));
    else
        sn_answer_problem(api, api->problem);
}

void sn_create(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_body body;
    if (!sn_key_read(api, http) || !sn_body_read(api, who, http, &body)) return;
    api->problem = NULL;
    api->tries = 0;
    api->start = body.start;
    if (body.untimely)
        refuse_time(api, who);
    else
        sn_wait(api, INSERTED, ask_insert(api, who, &body, http->body));
}

static void ask_object(struct sn_api *api) {
    enum sn_creation creation = api->start ? SN_CREATION_START : SN_CREATION_WAIT;
    sn_wait(api, CREATED, sn_ask_creation(api, api->run_id, creation));
}

/* A run that starts at once waits for its component's maintenance, as long as that takes at most. */
static void set_up(struct sn_api *api, uint32_t upkeep_id) {
    if (upkeep_id != 0)
        sn_wait(api, UPKEPT, upkeep_id);
    else
        ask_object(api);
}

static void begin(struct sn_api *api) {
    set_up(api, api->start ? sn_upkeep_begin(api, &api->upkeep, api->run_id) : 0);
}

static void inserted(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    bool keyed = api->key[0] != '\0';
    if (reply->done) {
        begin(api);
        return;
    }
    if (!api->start && !keyed) {
        sn_answer_database_failed(api, reply);
        return;
    }
    if (!sn_text_has(reply->body, "UNIQUE constraint failed")) sn_log(api, "database", api->run_id, reply->body);
    if (keyed)
        sn_wait(api, KEY_READ, sn_ask_key(api, who));
    else
        sn_wait(api, ACTIVE_READ, sn_ask_active(api, who));
}

/* A key that is not there was not what the INSERT failed for. */
static void key_read(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    switch (sn_key_find(api, reply)) {
    case SN_KEY_ANSWERED: break;
    case SN_KEY_OWN: begin(api); break;
    case SN_KEY_REPEATED: sn_wait(api, REPEATED, sn_ask_run(api, who)); break;
    case SN_KEY_UNKNOWN:
        if (api->problem != NULL)
            sn_answer_problem(api, api->problem);
        else if (api->start)
            sn_wait(api, ACTIVE_READ, sn_ask_active(api, who));
        else
            sn_answer_database_failed(api, reply);
    }
}

/* "/api/sentinel/ID" */
static const char *put_location(const struct sn_api *api, char *text, size_t cap) {
    struct sn_writer w = sn_writer(text, cap);
    sn_put_text(&w, "/api/sentinel/");
    sn_put_text(&w, api->run_id);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    return text;
}

/* The answer that the first request got, or was to get.  Its run may be on the way to its object still. */
static void repeated(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    const struct sn_json *row = sn_reply_run(api, reply);
    if (row == NULL) return;
    sn_hold_row(api, row);
    sn_comparing_note(api, who, row);
    sn_wait(api, REPEATED_READ, sn_ask_object(api, api->run_id, SN_MESSAGE_READ));
}

static void repeated_read(struct sn_api *api, const struct sn_reply *reply) {
    char location[64];
    put_location(api, location, sizeof location);
    api->replayed = true;
    if (reply->done)
        sn_answer_run(api, 201, location, reply->body);
    else
        sn_answer_held_row(api, 201, location, reply);
}

static const struct sn_problem not_set_up = {
    .kind = SN_PROBLEM_RUN_UNREACHABLE,
    .detail = "The run could not be set up, because its object did not answer. Please try again in a moment.",
    .retry_after_s = SN_RETRY_AFTER_S,
};

static void close_row(struct sn_api *api) {
    const char *note = api->problem == &sn_plan_too_large ? "The plan did not fit into the run's object."
                                                          : "The run's object could not be reached.";
    sn_wait(api, CLOSED, sn_ask_abandon(api, api->run_id, 0, SN_ENDING_ERROR, note));
}

/* An object that is not heard twice may have begun the run all the same.  One that knows it ends it, and writes the row
 * itself; and the same request may be sent again. */
static void called_off(struct sn_api *api, const struct sn_reply *reply) {
    struct sn_args args;
    if (!reply->done && reply->status != SN_E_STATE) {
        close_row(api);
        return;
    }
    size_t mark = sn_ask_sql_begin(api, SN_SQL_KEY_WITHDRAW, &args);
    sn_args_text(&args, api->run_id);
    sn_wait(api, CLOSED, sn_ask_end(api, mark));
}

/* An object that was not reached is asked once more: it gives the same answer when it knows the run already. */
static void created(struct sn_api *api, const struct sn_reply *reply) {
    if (reply->done) {
        char location[64];
        sn_answer_run(api, 201, put_location(api, location, sizeof location), reply->body);
        return;
    }
    sn_log(api, "run", api->run_id, reply->body);
    if (reply->status == SN_OK && api->tries++ == 0) {
        ask_object(api);
        return;
    }
    bool size = reply->status == SN_E_LIMIT || reply->status == SN_E_MEMORY;
    api->problem = size ? &sn_plan_too_large : &not_set_up;
    if (api->tries > 0)
        sn_wait(api, CALLED_OFF, sn_ask_object(api, api->run_id, SN_MESSAGE_CANCEL));
    else
        close_row(api);
}

void sn_create_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    switch (api->stage) {
    case INSERTED: inserted(api, who, reply); break;
    case UPKEPT: set_up(api, sn_upkeep_next(api, &api->upkeep, reply)); break;
    case KEY_READ: key_read(api, who, reply); break;
    case ACTIVE_READ:
        if (sn_answer_unless_own(api, reply)) begin(api);
        break;
    case CREATED: created(api, reply); break;
    case CALLED_OFF: called_off(api, reply); break;
    case CLOSED: sn_answer_problem(api, api->problem); break;
    case REPEATED: repeated(api, who, reply); break;
    case REPEATED_READ: repeated_read(api, reply); break;
    default: SN_ASSERT(false);
    }
}
