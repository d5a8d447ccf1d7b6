/* /api/sentinel/schedules: runs that start by themselves.
 *
 *     create   body ─► plan compiled ─► [zone asked] ─► INSERT, audit, SELECT ─► 201
 *     change   body kept ─► SELECT ─► draft over the row ─► [zone] ─► audit, UPDATE, SELECT ─► 200
 *                  ▲                                                      └─ another was quicker: again, twice
 *                  └──────────────────────────────────────────────────────────┘
 *     run      SELECT ─► plan compiled ─► INSERT of the run ─► as every run is created (create.c)
 *
 * What starts them is the tick (tick_schedules.c). */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/plan/trail.h"

#define CHANGE_TRIES 3

enum { LISTED = SN_CREATE_STAGES, SHOWN, ROW_READ, ZONE_READ, INSERTED, UPDATED, DELETED, PLAN_READ, RUN_INSERTED };

/* --- What is refused ---------------------------------------------------------------------------------------- */

static const struct sn_problem unknown = {
    .kind = SN_PROBLEM_SCHEDULE_UNKNOWN,
    .detail = "There is no schedule with this id. GET /api/sentinel/schedules lists those that there are.",
};

static const struct sn_problem changed = {
    .kind = SN_PROBLEM_SCHEDULE_CHANGED,
    .detail = "Somebody else has changed this schedule meanwhile. Look at it, and ask again.",
};

static const struct sn_problem too_many = {
    .kind = SN_PROBLEM_SCHEDULE_LIMIT,
    .detail = "There are 50 schedules already, which is as many as there may be. Delete one that is not needed.",
};

static const struct sn_problem damaged = {
    .kind = SN_PROBLEM_DATABASE_NOT_MIGRATED,
    .detail = "The schedule's row cannot be read. 'wrangler d1 migrations apply DB' brings the database up to date.",
};

static const struct sn_problem no_zone = {
    .kind = SN_PROBLEM_SCHEDULE_TIMEZONE,
    .detail = "No time zone has this name.",
    .path = "$.timezone",
    .expected = SN_EXPECTED_ZONE,
};

static void answer_refused(struct sn_api *api, const struct sn_trail *trail) {
    const struct sn_plan_error *error = trail->error;
    sn_answer_problem(
        api, &(struct sn_problem){
                 .kind = sn_problem_find(error->code, SN_PROBLEM_PLAN_REFUSED),
                 .detail = trail->status == SN_E_FORMAT
                               ? "The body is not a schedule in JSON. 'path' and 'expected' say where and why."
                               : "The schedule cannot be kept as it is. 'path' and 'expected' say what to change.",
                 .path = error->path[0] != '\0' ? error->path : "$",
                 .expected = error->expected[0] != '\0' ? error->expected : sn_status_text(trail->status),
             });
}

/* --- The search ----------------------------------------------------------------------------------------------- */

static void answer_preview(struct sn_api *api) {
    const struct sn_draft *draft = &api->draft;
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "cron", draft->cron);
    sn_json_put_text(&j, "timezone", draft->times.zone);
    sn_put_words(&j, &draft->times.timing.cron, true);
    sn_put_upcoming(&j, &draft->times.upcoming);
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}

/* Goes on with the search, and once it is over with what it was for. */
static void go_on(struct sn_api *api, const struct sn_principal *who) {
    struct sn_times *times = &api->draft.times;
    if (api->draft.retimed && !sn_times_find(times)) {
        sn_wait(api, ZONE_READ, sn_ask_zone(api, times, times->after_s));
        return;
    }
    if (!api->draft.active) times->upcoming.len = 0; /* the zone had to be one all the same */
    if (api->draft.preview)
        answer_preview(api);
    else if (api->draft.changes)
        sn_wait(api, UPDATED, sn_ask_schedule_update(api, who));
    else
        sn_wait(api, INSERTED, sn_ask_schedule_insert(api, who));
}

/* The draft is read; what follows from it is found. */
static void begin(struct sn_api *api, const struct sn_principal *who, bool preview) {
    struct sn_plan_error error = {0};
    struct sn_trail trail = sn_trail(&error);
    struct sn_draft *draft = &api->draft;
    draft->preview = preview;
    if (!sn_draft_read(api, &trail, api->text_len, preview) || (!preview && !sn_draft_compile(api, who, &trail))) {
        answer_refused(api, &trail);
        return;
    }
    draft->times.timing.seed = sn_schedule_seed(draft->id);
    sn_times_begin(&draft->times, api->now_us / SN_SECOND_US);
    go_on(api, who);
}

/* --- The handlers ---------------------------------------------------------------------------------------------- */

static void keep_body(struct sn_api *api, struct sn_span body) {
    SN_ASSERT(body.len <= SN_PLAN_TEXT_MAX); /* the route was refused a longer one */
    if (body.len > 0) memcpy(api->text, body.data, body.len);
    api->text_len = body.len;
}

void sn_schedule_create(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    sn_draft_begin(api);
    if (!sn_make_id(api, http->random, api->draft.id)) return;
    keep_body(api, http->body);
    begin(api, who, false);
}

void sn_schedule_try(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    sn_draft_begin(api);
    keep_body(api, http->body);
    begin(api, who, true);
}

/* The schedule of the request's path; false, and answered, when no schedule has such an id. */
static bool find_id(struct sn_api *api) {
    sn_draft_begin(api);
    if (api->schedule_id[0] == '\0') sn_answer_problem(api, &unknown);
    memcpy(api->draft.id, api->schedule_id, sizeof api->draft.id);
    return api->schedule_id[0] != '\0';
}

void sn_schedules(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_args args;
    (void)http;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_SCHEDULE_LIST, &args);
    sn_args_text(&args, who->tenant);
    sn_wait(api, LISTED, sn_ask_end(api, mark));
}

void sn_schedule_show(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    (void)http;
    if (find_id(api)) sn_wait(api, SHOWN, sn_ask_schedule(api, who));
}

void sn_schedule_change(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    if (!find_id(api)) return;
    keep_body(api, http->body);
    api->tries = 0;
    sn_wait(api, ROW_READ, sn_ask_schedule(api, who));
}

void sn_schedule_delete(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_args args;
    (void)http;
    if (!find_id(api)) return;
    size_t mark = sn_ask_batch_begin(api, &args);
    struct sn_audit audit = sn_audit_of(api, who, "delete schedule", NULL);
    sn_schedule_audit_put(&args, &audit, api->draft.id, -1);
    sn_args_group(&args, SN_SQL_SCHEDULE_DELETE);
    sn_args_text(&args, api->draft.id);
    sn_args_text(&args, who->tenant);
    sn_wait(api, DELETED, sn_ask_end(api, mark));
}

static const struct sn_problem no_body = {
    .kind = SN_PROBLEM_BODY_RANGE,
    .detail = "The schedule has the plan, so this takes no body.",
    .path = "$",
    .expected = "no body, or {}",
};

void sn_schedule_run(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_json_error error;
    const struct sn_json *root = sn_json_parse(&api->arena, (const char *)http->body.data, http->body.len, &error);
    bool empty = sn_json_type(root) == SN_JSON_OBJECT && sn_json_first(root) == NULL;
    if (http->body.len > 0 && !empty) {
        sn_answer_problem(api, &no_body);
        return;
    }
    if (!find_id(api) || !sn_make_id(api, http->random, api->run_id)) return;
    sn_wait(api, PLAN_READ, sn_ask_schedule(api, who));
}

/* --- What comes back ------------------------------------------------------------------------------------------- */

static const struct sn_json *row_at(struct sn_api *api, const struct sn_reply *reply, uint32_t index) {
    const struct sn_json *rows = sn_reply_rows(api, reply, index);
    if (rows == NULL) sn_answer_database_failed(api, reply);
    if (rows != NULL && sn_json_first(rows) == NULL) sn_answer_problem(api, &unknown);
    return sn_json_first(rows);
}

static void row_read(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    const struct sn_json *row = row_at(api, reply, 0);
    if (row == NULL) return;
    if (!sn_draft_from_row(&api->draft, row))
        sn_answer_problem(api, &damaged);
    else
        begin(api, who, false);
}

static void zone_read(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    if (sn_times_read(&api->draft.times, reply))
        go_on(api, who);
    else
        sn_answer_problem(api, &no_zone);
}

static void inserted(struct sn_api *api, const struct sn_reply *reply) {
    uint32_t changes;
    if (!sn_reply_changes(api, reply, 0, &changes)) {
        sn_answer_database_failed(api, reply);
    } else if (changes == 0) {
        sn_answer_problem(api, &too_many);
    } else {
        const struct sn_json *row = row_at(api, reply, 2);
        if (row != NULL) sn_answer_schedule(api, 201, row);
    }
}

/* The tick has advanced it, or somebody has changed it: the change is made to what there is now. */
static void updated(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    uint32_t changes;
    if (!sn_reply_changes(api, reply, 1, &changes)) {
        sn_answer_database_failed(api, reply);
        return;
    }
    const struct sn_json *row = row_at(api, reply, 2);
    if (row == NULL) return;
    if (changes > 0) {
        sn_answer_schedule(api, 200, row);
    } else if (++api->tries < CHANGE_TRIES) {
        find_id(api);
        sn_wait(api, ROW_READ, sn_ask_schedule(api, who));
    } else {
        sn_answer_problem(api, &changed);
    }
}

static void deleted(struct sn_api *api, const struct sn_reply *reply) {
    uint32_t changes;
    if (!sn_reply_changes(api, reply, 1, &changes))
        sn_answer_database_failed(api, reply);
    else if (changes == 0)
        sn_answer_problem(api, &unknown);
    else
        sn_answer_end(api, sn_answer_begin(api, 204, &(struct sn_headers){0}));
}

/* --- A run now ------------------------------------------------------------------------------------------------- */

static void plan_read(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    struct sn_plan_error error = {0};
    struct sn_args args;
    const struct sn_json *row = row_at(api, reply, 0);
    const char *text = sn_json_string(sn_json_get(row, "plan")), *name = sn_json_string(sn_json_get(row, "name"));
    if (row == NULL) return;
    double revision = sn_json_number(sn_json_get(row, "revision"));
    if (text == NULL) {
        sn_answer_problem(api, &damaged);
        return;
    }
    struct sn_trail trail = sn_trail(&error);
    trail.status = sn_body_compile(api, api->run_id, who->tenant, name, text, strlen(text), &error);
    if (trail.status != SN_OK) {
        answer_refused(api, &trail);
        return;
    }
    struct sn_audit audit = sn_audit_of(api, who, "create", "run of a schedule");
    size_t mark = sn_ask_batch_begin(api, &args);
    sn_args_run_of_schedule(&args, &(struct sn_schedule_run){.run_id = api->run_id,
                                                             .schedule_id = api->draft.id,
                                                             .tenant = who->tenant,
                                                             .revision = revision,
                                                             .active = true,
                                                             .by = "manual",
                                                             .now_s = sn_now_s(api)});
    sn_schedule_audit_put(&args, &audit, api->draft.id, -1);
    sn_wait(api, RUN_INSERTED, sn_ask_end(api, mark));
}

static void run_inserted(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    uint32_t changes;
    if (reply->done && sn_reply_changes(api, reply, 0, &changes) && changes == 0) {
        sn_answer_problem(api, &changed);
        return;
    }
    api->stage = SN_CREATE_INSERTED;
    api->start = true;
    api->tries = 0;
    api->key[0] = '\0';
    api->problem = NULL;
    sn_create_then(api, who, reply);
}

void sn_schedule_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    const struct sn_json *row;
    switch (api->stage) {
    case LISTED: sn_answer_rows(api, reply, "schedules", sn_put_schedule); break;
    case SHOWN:
        row = row_at(api, reply, 0);
        if (row != NULL) sn_answer_schedule(api, 200, row);
        break;
    case ROW_READ: row_read(api, who, reply); break;
    case ZONE_READ: zone_read(api, who, reply); break;
    case INSERTED: inserted(api, reply); break;
    case UPDATED: updated(api, who, reply); break;
    case DELETED: deleted(api, reply); break;
    case PLAN_READ: plan_read(api, who, reply); break;
    case RUN_INSERTED: run_inserted(api, who, reply); break;
    default: SN_ASSERT(api->stage < SN_CREATE_STAGES); sn_create_then(api, who, reply);
    }
}
