/* A run that ended, beside the baseline that was active for its plan.
 *
 *     SELECT the baseline and what the run has measured ─► UPDATE, unless somebody was first ─► SELECT what there is now
 *
 * It is computed when somebody first asks for the run, and by the tick for runs that nobody asks for; what is stored is the
 * same for ever after.  A run whose figures have not reached the database yet is left for the next time. */
#include "service.h"

#include <string.h>

#include "sentinel/report/comparison.h"

enum { SIDES_READ = 1, STORED };

#define MISSED_S 600 /* after its end a run's figures have come, or never will */

/* --- Bytes -------------------------------------------------------------------------------------------------------- */

static int digit_of(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1; /* as SQLite writes them */
}

static size_t read_hex(const char *text, uint8_t *out, size_t cap) {
    size_t len = strlen(text) / 2;
    if (len > cap || strlen(text) % 2 != 0) return 0;
    for (size_t i = 0; i < len; i++) {
        int high = digit_of(text[2 * i]), low = digit_of(text[2 * i + 1]);
        if (high < 0 || low < 0) return 0;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return len;
}

bool sn_compared_take(struct sn_api *api, const struct sn_json *row, uint32_t side, struct sn_compared *run) {
    const char *text = sn_json_string(sn_json_get(row, "compared"));
    size_t len = text != NULL ? read_hex(text, api->compared[side], sizeof api->compared[side]) : 0;
    return len > 0 && sn_compared_get((struct sn_span){api->compared[side], len}, run) == SN_OK;
}

/* --- What is known ------------------------------------------------------------------------------------------------ */

static void keep(struct sn_api *api, const char *json) {
    size_t len = strlen(json);
    api->comparison[0] = '\0';
    if (len < sizeof api->comparison) memcpy(api->comparison, json, len + 1);
}

static void put_baseline(struct sn_json_writer *j, const char *id, const char *name) {
    sn_json_open(j, "baseline", '{');
    sn_json_put_text(j, "id", id);
    sn_json_put_text(j, "name", name);
    sn_json_close(j, '}');
}

/* Ends what was written.  A name that is longer than any of ours leaves no room for it: then there is none. */
static void close_kept(struct sn_api *api, struct sn_json_writer *j) {
    sn_json_close(j, '}');
    sn_put_u8(j->w, 0);
    if (j->w->full) keep(api, "null");
}

/* There is a baseline, and nothing can be said yet. */
static void keep_waiting(struct sn_api *api, const char *id, const char *name) {
    struct sn_writer w = sn_writer(api->comparison, sizeof api->comparison);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    put_baseline(&j, id, name);
    sn_json_put_null(&j, "verdict");
    close_kept(api, &j);
}

static bool copy_short(char *out, size_t cap, const char *text) {
    size_t len = text != NULL ? strlen(text) : cap;
    if (len >= cap) return false;
    memcpy(out, text, len + 1);
    return true;
}

/* Whether the row is of a run that ended. */
static bool note_ended(struct sn_comparing *comparing, const char *tenant, const struct sn_json *row) {
    *comparing = (struct sn_comparing){.completed_at = sn_json_number(sn_json_get(row, "completed_at"))};
    return comparing->completed_at > 0 && copy_short(comparing->tenant, sizeof comparing->tenant, tenant) &&
           copy_short(comparing->run_id, sizeof comparing->run_id, sn_json_string(sn_json_get(row, "id"))) &&
           copy_short(comparing->plan_hash, sizeof comparing->plan_hash, sn_json_string(sn_json_get(row, "plan_hash")));
}

bool sn_comparing_note(struct sn_api *api, const struct sn_principal *who, const struct sn_json *row) {
    const char *known = sn_json_string(sn_json_get(row, "comparison"));
    const char *id = sn_json_string(sn_json_get(row, "baseline_id"));
    const char *name = sn_json_string(sn_json_get(row, "baseline_name"));
    api->comparison[0] = '\0';
    if (known != NULL) {
        keep(api, known);
        return false;
    }
    if (id != NULL && name != NULL) keep_waiting(api, id, name);
    return note_ended(&api->comparing, who->tenant, row);
}

bool sn_comparing_read(struct sn_comparing *comparing, const struct sn_json *row) {
    return note_ended(comparing, sn_json_string(sn_json_get(row, "tenant_id")), row);
}

void sn_comparison_put(const struct sn_api *api, struct sn_json_writer *j) {
    if (api->comparison[0] == '\0')
        sn_json_put_null(j, "comparison");
    else
        sn_json_put_json(j, "comparison", api->comparison, strlen(api->comparison));
}

/* --- Asking ------------------------------------------------------------------------------------------------------- */

uint32_t sn_comparing_ask(struct sn_api *api) {
    struct sn_comparing *comparing = &api->comparing;
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_BASELINE_ACTIVE, &args);
    sn_args_text(&args, comparing->tenant);
    sn_args_text(&args, comparing->plan_hash);
    sn_args_number(&args, comparing->completed_at);
    sn_args_group(&args, SN_SQL_RUN_MEASURED);
    sn_args_text(&args, comparing->run_id);
    sn_args_text(&args, comparing->tenant);
    comparing->stage = SIDES_READ;
    return sn_ask_end(api, mark);
}

static uint32_t ask_store(struct sn_api *api) {
    struct sn_comparing *comparing = &api->comparing;
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_COMPARED, &args);
    sn_args_text(&args, comparing->run_id);
    sn_args_text(&args, comparing->tenant);
    sn_args_text(&args, api->comparison);
    sn_args_group(&args, SN_SQL_RUN_COMPARISON);
    sn_args_text(&args, comparing->run_id);
    sn_args_text(&args, comparing->tenant);
    comparing->stage = STORED;
    return sn_ask_end(api, mark);
}

/* --- Judging ------------------------------------------------------------------------------------------------------ */

static void put_rate(struct sn_json_writer *j, const char *name, const struct sn_json *value) {
    if (sn_json_type(value) == SN_JSON_NUMBER)
        sn_json_put_number(j, name, sn_json_number(value));
    else
        sn_json_put_null(j, name);
}

static void put_rates(struct sn_json_writer *j, const struct sn_json *baseline, const struct sn_json *run) {
    sn_json_open(j, "achievedPerS", '{');
    put_rate(j, "before", sn_json_get(baseline, "baseline_throughput"));
    put_rate(j, "after", sn_json_get(run, "throughput_ops_sec"));
    sn_json_close(j, '}');
}

/* Nothing can be compared, and never will be. */
static void put_without(struct sn_json_writer *j, const char *why) {
    sn_json_put_text(j, "verdict", sn_change_name(SN_CHANGE_INVALID));
    sn_json_put_text(j, "invalid", why);
}

/* A run that was scaled or extended had another load than its plan's. */
static bool was_steered(const struct sn_json *baseline, const struct sn_compared *before,
                        const struct sn_compared *after) {
    double runs = sn_json_number(sn_json_get(baseline, "runs"));
    return runs > 0 && (double)after->planned * runs != (double)before->planned;
}

static void judge(struct sn_api *api, const struct sn_json *baseline, const struct sn_json *row,
                  const struct sn_compared *before, const struct sn_compared *after) {
    double spreads[SN_COMPARE_PERCENTILES];
    struct sn_comparison comparison;
    struct sn_writer w = sn_writer(api->comparison, sizeof api->comparison);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    put_baseline(&j, sn_json_string(sn_json_get(baseline, "id")), sn_json_string(sn_json_get(baseline, "name")));
    sn_floors_read(api, baseline, spreads);
    if (before == NULL || after == NULL) {
        put_without(&j, after == NULL ? "What the run has measured did not reach the control database"
                                      : "What the baseline holds is of a version that cannot be read");
    } else if (was_steered(baseline, before, after)) {
        put_without(&j, "The run was steered: another number of operations was planned than in the baseline");
    } else if (sn_compare_runs(before, after, spreads, &api->room, &comparison) != SN_OK) {
        put_without(&j, "The run and the baseline are of different plans");
    } else {
        sn_report_put_comparison(&j, &comparison, before, after);
        put_rates(&j, baseline, row);
    }
    close_kept(api, &j);
}

static uint32_t sides_read(struct sn_api *api, const struct sn_reply *reply) {
    const struct sn_json *baselines = sn_reply_rows(api, reply, 0), *runs = sn_reply_rows(api, reply, 1);
    const struct sn_json *baseline = sn_json_first(baselines), *run = sn_json_first(runs);
    struct sn_compared before, after;
    if (baselines == NULL || runs == NULL) {
        sn_log(api, "database", api->comparing.run_id, sn_reply_words(reply));
        return 0;
    }
    if (run == NULL) return 0; /* it was deleted */
    const char *status = sn_json_string(sn_json_get(run, "status"));
    if (baseline == NULL || status == NULL || strcmp(status, "completed") != 0) { /* what broke off is beside nothing */
        keep(api, "null");
        return ask_store(api);
    }
    bool known = sn_compared_take(api, run, 1, &after), kept = sn_compared_take(api, baseline, 0, &before);
    if (!known && sn_now_s(api) - api->comparing.completed_at < MISSED_S) return 0;
    judge(api, baseline, run, kept ? &before : NULL, known ? &after : NULL);
    return ask_store(api);
}

/* Somebody may have been first. */
static void stored(struct sn_api *api, const struct sn_reply *reply) {
    const struct sn_json *row = sn_json_first(sn_reply_rows(api, reply, 1));
    const char *now = sn_json_string(sn_json_get(row, "comparison"));
    if (now != NULL) {
        keep(api, now);
        return;
    }
    sn_log(api, "database", api->comparing.run_id, sn_reply_words(reply));
    api->comparison[0] = '\0'; /* what is not kept is not told either */
}

uint32_t sn_comparing_take(struct sn_api *api, const struct sn_reply *reply) {
    uint32_t stage = api->comparing.stage, next = 0;
    api->comparing.stage = 0;
    if (stage == SIDES_READ)
        next = sides_read(api, reply);
    else
        stored(api, reply);
    return next;
}
