/* GET /api/sentinel/metrics: the tenant's runs, and how the active one is doing, in Prometheus' text format 0.0.4.
 *
 *     SELECT counts by status, the active run ─┬─ none ─────────────────────► 200
 *                                              └─► READ at the run's object ─► 200, also when it does not answer */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/version.h"
#include "sentinel/base/vocab.h"

enum { COUNTED = 1, OBJECT_READ };

void sn_metrics(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    struct sn_args args;
    (void)http;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUNS_BY_STATUS, &args);
    sn_args_text(&args, who->tenant);
    sn_args_group(&args, SN_SQL_RUN_ACTIVE);
    sn_args_text(&args, who->tenant);
    sn_wait(api, COUNTED, sn_ask_end(api, mark));
}

/* --- Lines ---------------------------------------------------------------------------------------------- */

static void put_head(struct sn_writer *w, const char *name, const char *type, const char *help) {
    const char *const parts[] = {"# HELP ", name, " ", help, "\n# TYPE ", name, " ", type, "\n"};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) sn_put_text(w, parts[i]);
}

/* `name{label="value",run="…"} ` without what is NULL; values are words of ours and ids, so none needs escaping. */
static void put_name(struct sn_writer *w, const char *name, const char *label, const char *value, const char *run) {
    sn_put_text(w, name);
    if (label == NULL && run == NULL) return;
    sn_put_text(w, "{");
    if (label != NULL) {
        const char *const parts[] = {label, "=\"", value, run != NULL ? "\"," : "\""};
        for (size_t i = 0; i < 4; i++) sn_put_text(w, parts[i]);
    }
    if (run != NULL) {
        const char *const parts[] = {"run=\"", run, "\""};
        for (size_t i = 0; i < 3; i++) sn_put_text(w, parts[i]);
    }
    sn_put_text(w, "}");
}

static void put_number(struct sn_writer *w, double value) {
    sn_put_text(w, " ");
    sn_put_number(w, value);
    sn_put_text(w, "\n");
}

/* --- All runs ------------------------------------------------------------------------------------------- */

static void put_runs(struct sn_writer *w, const struct sn_api *api) {
    put_head(w, "sentinel_build_info", "gauge", "The version of this Sentinel; the value is always 1.");
    put_name(w, "sentinel_build_info", "version", SN_VERSION, NULL);
    put_number(w, 1);
    put_head(w, "sentinel_runs", "gauge", "Runs that the control database has, by status.");
    for (uint32_t i = 0; i < SN_RUN_STATUSES_LEN; i++) {
        put_name(w, "sentinel_runs", "status", sn_run_status_name((enum sn_run_status)i), NULL);
        put_number(w, api->runs[i]);
    }
}

static void note_runs(struct sn_api *api, const struct sn_json *rows) {
    memset(api->runs, 0, sizeof api->runs);
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        enum sn_run_status status = sn_status_in(row);
        if (status != SN_RUN_STATUSES_LEN) api->runs[status] = sn_json_number(sn_json_get(row, "runs"));
    }
}

/* --- The active run ------------------------------------------------------------------------------------- */

struct sample {
    const char *member, *value; /* in the state's JSON, and what the label says of it; value NULL: no label */
};

static const struct family {
    const char *name, *type, *help;
    const char *within, *inner; /* where the members are: state.within.inner; NULL: one level less */
    const char *label;
    double factor;
    struct sample samples[5];
} families[] = {
    {"sentinel_run_planned_operations",
     "gauge",
     "Operations that the schedule of the active run has in all.",
     "counts",
     NULL,
     NULL,
     1,
     {{"planned", NULL}}},
    {"sentinel_run_operations_total",
     "counter",
     "Operations of the active run by what became of them.",
     "counts",
     NULL,
     "outcome",
     1,
     {{"completed", "completed"}, {"failed", "failed"}, {"cancelled", "cancelled"}, {"unaccounted", "unaccounted"}}},
    {"sentinel_run_dropped_operations_total",
     "counter",
     "Operations that could not be started in time, by cause.",
     "counts",
     "dropped",
     "cause",
     1,
     {{"slots", "slots"}, {"harness", "harness"}, {"shardDown", "shardDown"}}},
    {"sentinel_run_in_flight_operations",
     "gauge",
     "Operations of the active run that are under way.",
     "counts",
     NULL,
     NULL,
     1,
     {{"inFlight", NULL}}},
    {"sentinel_run_elapsed_seconds",
     "gauge",
     "How far the load of the active run has come.",
     NULL,
     NULL,
     NULL,
     1,
     {{"elapsedS", NULL}}},
    {"sentinel_run_duration_seconds",
     "gauge",
     "How long the load of the active run is to last.",
     NULL,
     NULL,
     NULL,
     1,
     {{"durationS", NULL}}},
    {"sentinel_run_response_seconds",
     "gauge",
     "Response time since the load began, from due to the end.",
     "response",
     NULL,
     "quantile",
     0.001,
     {{"p50Ms", "0.5"}, {"p95Ms", "0.95"}, {"p99Ms", "0.99"}}},
};

/* What the run does not know, like a percentile of too few values, has no line. */
static void put_family(struct sn_writer *w, const struct family *family, const char *run, const struct sn_json *state) {
    const struct sn_json *from = family->within != NULL ? sn_json_get(state, family->within) : state;
    if (family->inner != NULL) from = sn_json_get(from, family->inner);
    put_head(w, family->name, family->type, family->help);
    for (const struct sample *sample = family->samples; sample->member != NULL; sample++) {
        const struct sn_json *value = sn_json_get(from, sample->member);
        if (sn_json_type(value) != SN_JSON_NUMBER) continue;
        put_name(w, family->name, sample->value != NULL ? family->label : NULL, sample->value, run);
        put_number(w, sn_json_number(value) * family->factor);
    }
}

static void put_active(struct sn_writer *w, const char *run, const struct sn_json *state) {
    put_head(w, "sentinel_run_up", "gauge", "Whether the active run answered.");
    put_name(w, "sentinel_run_up", NULL, NULL, run);
    put_number(w, state != NULL);
    for (size_t i = 0; state != NULL && i < sizeof families / sizeof families[0]; i++) {
        put_family(w, &families[i], run, state);
    }
}

/* `run` NULL: none is active; `state` NULL: it did not answer. */
static void answer(struct sn_api *api, const char *run, const struct sn_json *state) {
    size_t mark = sn_answer_begin(api, 200, &(struct sn_headers){.type = "text/plain; version=0.0.4; charset=utf-8"});
    put_runs(api->effects, api);
    if (run != NULL) put_active(api->effects, run, state);
    sn_answer_end(api, mark);
}

static void counted(struct sn_api *api, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, 0), *active = sn_reply_rows(api, reply, 1);
    const char *run = sn_json_string(sn_json_get(sn_json_first(active), "id"));
    if (rows == NULL || active == NULL) {
        sn_answer_database_failed(api, reply);
        return;
    }
    note_runs(api, rows);
    if (run == NULL || strlen(run) >= sizeof api->run_id) {
        answer(api, NULL, NULL);
        return;
    }
    memcpy(api->run_id, run, strlen(run) + 1);
    sn_wait(api, OBJECT_READ, sn_ask_object(api, api->run_id, SN_MESSAGE_READ));
}

static void object_read(struct sn_api *api, const struct sn_reply *reply) {
    struct sn_json_error error;
    const struct sn_json *state = NULL;
    if (reply->done) state = sn_json_parse(&api->arena, (const char *)reply->body.data, reply->body.len, &error);
    if (!reply->done) sn_log(api, "run", api->run_id, reply->body);
    answer(api, api->run_id, state);
}

void sn_metrics_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    (void)who;
    switch (api->stage) {
    case COUNTED: counted(api, reply); break;
    case OBJECT_READ: object_read(api, reply); break;
    default: SN_ASSERT(false);
    }
}
