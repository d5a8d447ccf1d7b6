/* POST /api/sentinel/stop-all: everything of the tenant that runs, or would begin by itself, is stopped.
 *
 *     audit, schedules paused, runs marked, SELECT of those ─► STOP at each run's object, one after the other ─► 200
 *      └───────────────────── one batch ─────────────────────┘
 *
 * The batch decides.  What is created before it is on the list; what a tick would claim after it finds its schedule changed;
 * and a run that is marked is started by nobody.  An object that was not reached, or does not know its run yet, is told by
 * every tick until the row says that the run has ended (tick.c). */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/time.h"

enum { MARKED = 1, TOLD };

#define ACTION "stop-all"

/* --- The body, which may be left out ---------------------------------------------------------------------------- */

static bool read_reason(struct sn_trail *trail, const struct sn_json *root, struct sn_stop *stop) {
    static const char expected[] = "a text of 1 to 200 bytes without control characters";
    const struct sn_json *value = sn_json_get(root, "reason");
    if (value == NULL) return true;
    size_t mark = sn_trail_name(trail, "reason");
    if (!sn_body_text(trail, value, expected, 1, SN_WORDS_MAX, stop->reason)) return false;
    sn_trail_back(trail, mark);
    return true;
}

static bool read_schedules(struct sn_trail *trail, const struct sn_json *root, struct sn_stop *stop) {
    static const char expected[] = "pause or keep";
    const struct sn_json *value = sn_json_get(root, "schedules");
    const char *word = sn_json_string(value);
    if (value == NULL) return true;
    if (word == NULL) return sn_trail_refuse_at(trail, "schedules", "body.type", expected);
    stop->keep_schedules = strcmp(word, "keep") == 0;
    return stop->keep_schedules || strcmp(word, "pause") == 0 ||
           sn_trail_refuse_at(trail, "schedules", "body.range", expected);
}

static bool read_members(struct sn_trail *trail, const struct sn_json *root, struct sn_stop *stop) {
    if (sn_json_type(root) != SN_JSON_OBJECT) return sn_trail_refuse(trail, "body.type", "an object");
    for (const struct sn_json *m = sn_json_first(root); m != NULL; m = sn_json_next(m)) {
        const char *name = sn_json_name(m);
        if (strcmp(name, "reason") != 0 && strcmp(name, "schedules") != 0)
            return sn_trail_refuse_at(trail, name, "body.unknown-field", "reason, schedules and nothing else");
    }
    return read_reason(trail, root, stop) && read_schedules(trail, root, stop);
}

static bool read_body(struct sn_api *api, struct sn_span body) {
    struct sn_plan_error error = {0};
    struct sn_trail trail = sn_trail(&error);
    memset(&api->stop, 0, sizeof api->stop);
    sn_arena_reset(&api->arena);
    if (body.len == 0) return true;
    const struct sn_json *root = sn_trail_parse(&trail, &api->arena, (const char *)body.data, body.len);
    if (root != NULL && read_members(&trail, root, &api->stop)) return true;
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = sn_problem_find(error.code, SN_PROBLEM_BODY_RANGE),
                               .detail = "The body may say why, and what becomes of schedules, like "
                                         "{\"reason\":\"an incident\",\"schedules\":\"keep\"}.",
                               .path = error.path,
                               .expected = error.expected,
                           });
    return false;
}

/* --- The batch -------------------------------------------------------------------------------------------------- */

static const char *reason_of(const struct sn_stop *stop) {
    return stop->reason[0] != '\0' ? stop->reason : NULL;
}

static void put_audit(struct sn_args *args, enum sn_sql statement, const struct sn_audit *audit) {
    sn_args_group(args, statement);
    sn_args_number(args, (double)audit->at_us);
    sn_args_text(args, audit->tenant);
    sn_args_text(args, audit->role);
    sn_args_text(args, audit->action);
    sn_args_text(args, audit->detail);
}

static void put_schedules(struct sn_api *api, struct sn_args *args, const struct sn_audit *audit) {
    char reason[SN_REASON_MAX];
    struct sn_writer w = sn_writer(reason, sizeof reason);
    sn_put_text(&w, "Everything was stopped");
    sn_put_text(&w, api->stop.reason[0] != '\0' ? ": " : ".");
    sn_put_text(&w, api->stop.reason);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    put_audit(args, SN_SQL_STOP_AUDIT_SCHEDULES, audit);
    sn_args_group(args, SN_SQL_STOP_SCHEDULES);
    sn_args_text(args, audit->tenant);
    sn_args_text(args, reason);
    sn_args_number(args, sn_now_s(api));
}

void sn_stop_all(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_args args;
    if (!read_body(api, http->body)) return;
    struct sn_audit audit = sn_audit_of(api, who, ACTION, reason_of(&api->stop));
    size_t mark = sn_ask_batch_begin(api, &args);
    sn_audit_put(&args, &audit);
    put_audit(&args, SN_SQL_STOP_AUDIT_RUNS, &audit);
    sn_args_group(&args, SN_SQL_STOP_RUNS);
    sn_args_text(&args, who->tenant);
    sn_args_number(&args, sn_now_s(api));
    sn_args_text(&args, audit.detail);
    sn_args_group(&args, SN_SQL_RUNS_STOPPING);
    sn_args_text(&args, who->tenant);
    if (!api->stop.keep_schedules) put_schedules(api, &args, &audit);
    sn_wait(api, MARKED, sn_ask_end(api, mark));
}

/* --- What comes back -------------------------------------------------------------------------------------------- */

enum { RUNS = 3, SCHEDULES = 5 }; /* places in the batch */

static void read_runs(struct sn_stop *stop, const struct sn_json *rows) {
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        struct sn_stopped *one = &stop->stopped[stop->len];
        if (stop->len == SN_STOPPED_AT_ONCE || !sn_copy_column(one->run_id, sizeof one->run_id, row, "id")) continue;
        sn_copy_column(one->name, sizeof one->name, row, "name");
        if (!sn_copy_column(one->reason, sizeof one->reason, row, "stop_reason")) one->reason[0] = '\0';
        one->status = sn_status_in(row);
        stop->runs = (uint32_t)sn_json_number(sn_json_get(row, "stopping"));
        stop->len++;
    }
}

static void put_run(struct sn_json_writer *j, const struct sn_stopped *one) {
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "id", one->run_id);
    sn_json_put_text(j, "name", one->name);
    sn_json_put_text(j, "status", one->status < SN_RUN_STATUSES_LEN ? sn_run_status_name(one->status) : NULL);
    sn_json_put_bool(j, "told", one->told);
    sn_json_close(j, '}');
}

static void answer(struct sn_api *api) {
    const struct sn_stop *stop = &api->stop;
    uint32_t told = 0;
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "application/json"});
    struct sn_json_writer j = sn_json_writer(api->effects);
    sn_json_open(&j, NULL, '{');
    sn_json_open(&j, "runs", '[');
    for (uint32_t i = 0; i < stop->len; i++) {
        put_run(&j, &stop->stopped[i]);
        told += stop->stopped[i].told;
    }
    sn_json_close(&j, ']');
    sn_json_put_uint(&j, "runsToTell", stop->runs - told);
    sn_json_put_uint(&j, "schedulesPaused", stop->schedules);
    sn_json_close(&j, '}');
    sn_answer_end(api, mark);
}

/* The next run that is on the list; the answer after the last. */
static void go_on(struct sn_api *api) {
    const struct sn_stop *stop = &api->stop;
    const struct sn_stopped *one = &stop->stopped[stop->next];
    if (stop->next == stop->len)
        answer(api);
    else
        sn_wait(api, TOLD, sn_ask_stop(api, one->run_id, one->reason));
}

static void marked(struct sn_api *api, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, RUNS);
    bool counted = api->stop.keep_schedules || sn_reply_changes(api, reply, SCHEDULES, &api->stop.schedules);
    if (rows == NULL || !counted) {
        sn_answer_database_failed(api, reply);
        return;
    }
    read_runs(&api->stop, rows);
    go_on(api);
}

/* One that cannot be cancelled any more is about to end, or has. */
static void told(struct sn_api *api, const struct sn_reply *reply) {
    struct sn_stopped *one = &api->stop.stopped[api->stop.next++];
    struct sn_json_error error;
    bool heard = reply->done || reply->status == SN_E_STATE;
    if (heard) {
        const struct sn_json *json =
            sn_json_parse(&api->arena, (const char *)reply->body.data, reply->body.len, &error);
        enum sn_run_status status = sn_status_in(json);
        if (status != SN_RUN_STATUSES_LEN) one->status = status;
    } else {
        sn_log(api, "stop", one->run_id, reply->body);
    }
    one->told = heard;
    go_on(api);
}

void sn_stop_all_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    (void)who;
    switch (api->stage) {
    case MARKED: marked(api, reply); break;
    case TOLD: told(api, reply); break;
    default: SN_ASSERT(false);
    }
}
