/* The cron tick: looks after every active run, because alarms can be given up by the platform.
 *
 *     list of active runs ─► POKE each, a few at a time ─► what the answer asks for ─► SLICE_END
 *
 * One run that does not answer holds up no other.  Two answers need something done to the row:
 * - the object knows no run, and the row is old: its creation was cut off.  The row is closed.  If the run had been under
 *   way, it was lost, and what it left is swept up (sweep.c).
 * - the object's run was never started, and the row says it was: the start was cut off.  The row gives its place back.
 * Both are fenced by what the row said, so whoever changed it meanwhile wins. */
#include "service.h"

#include <string.h>

#include "sentinel/base/vocab.h"

enum { NOTHING, POKE, REPAIR, PLAN, SWEEP };

static void end(struct sn_api *api) {
    api->tick.open = false;
    sn_record_put(api->effects, &(struct sn_record){.kind = SN_EFFECT_SLICE_END}, NULL, 0);
}

void sn_tick_begin(struct sn_api *api) {
    api->tick = (struct sn_tick){.open = true};
    struct sn_args args;
    api->tick.waiting_id = sn_ask_end(api, sn_ask_sql_begin(api, SN_SQL_RUNS_TO_POKE, &args));
    if (api->tick.waiting_id == 0) end(api);
}

static void read_runs(struct sn_api *api, const struct sn_json *rows) {
    struct sn_tick *tick = &api->tick;
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        const char *id = sn_json_string(sn_json_get(row, "id"));
        const char *status = sn_json_string(sn_json_get(row, "status"));
        if (tick->len == SN_TICK_RUNS_MAX) break;
        if (id == NULL || status == NULL || strlen(id) >= sizeof tick->runs[0].run_id) continue;
        struct sn_poke *poke = &tick->runs[tick->len++];
        *poke = (struct sn_poke){
            .revision = sn_json_number(sn_json_get(row, "revision")),
            .updated_at = sn_json_number(sn_json_get(row, "updated_at")),
            .pending = strcmp(status, sn_run_status_name(SN_RUN_PENDING)) == 0,
        };
        memcpy(poke->run_id, id, strlen(id) + 1);
    }
}

/* Whether the object says that its run was created and never asked to start. */
static bool is_idle(struct sn_api *api, struct sn_span state) {
    struct sn_json_error error;
    const struct sn_json *json = sn_json_parse(&api->arena, (const char *)state.data, state.len, &error);
    const char *status = sn_json_string(sn_json_get(json, "status"));
    const char *stage = sn_json_string(sn_json_get(json, "stage"));
    return status != NULL && stage != NULL && strcmp(status, sn_run_status_name(SN_RUN_PENDING)) == 0 &&
           strcmp(stage, sn_stage_name(SN_STAGE_IDLE)) == 0;
}

/* The object has written the row, and knows nothing of the run any more. */
static bool lost(const struct sn_poke *poke, const struct sn_reply *reply) {
    return !reply->done && reply->status == SN_E_MISSING && poke->revision > 0;
}

/* The question that repairs the row, or 0 when there is nothing to repair. */
static uint32_t repair(struct sn_api *api, const struct sn_poke *poke, const struct sn_reply *reply) {
    if (sn_now_s(api) - poke->updated_at < SN_SETTLED_S) return 0; /* somebody may be at work on it */
    if (lost(poke, reply)) return sn_sweep_ask_plan(api, poke);
    if (!reply->done && reply->status == SN_E_MISSING) {
        return sn_ask_abandon(api, poke->run_id, poke->revision, "The run was never set up completely.");
    }
    if (reply->done && poke->pending && is_idle(api, reply->body)) {
        struct sn_args args;
        size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_RELEASE, &args);
        sn_args_text(&args, poke->run_id);
        sn_args_number(&args, sn_now_s(api));
        sn_args_number(&args, poke->updated_at);
        return sn_ask_end(api, mark);
    }
    return 0;
}

static void answered(struct sn_api *api, struct sn_poke *poke, const struct sn_reply *reply) {
    uint32_t asked = poke->asked;
    poke->asked = NOTHING;
    poke->waiting_id = 0;
    if (asked == POKE && !reply->done) sn_log(api, "poke", poke->run_id, reply->body);
    if (asked == REPAIR && !reply->done) sn_log(api, "database", poke->run_id, reply->body);
    if (asked == SWEEP && !reply->done) sn_log(api, "sweep", poke->run_id, reply->body);
    if (asked == PLAN) poke->waiting_id = sn_sweep_ask_object(api, poke, reply);
    if (asked == PLAN && poke->waiting_id != 0) poke->asked = SWEEP;
    if (asked != POKE) return;
    poke->waiting_id = repair(api, poke, reply);
    if (poke->waiting_id != 0) poke->asked = lost(poke, reply) ? PLAN : REPAIR;
}

/* Begins as many pokes as may be in flight, and ends the tick when the last was answered.  A poke for which the outbox
 * has no room waits for the next answer; with nothing in flight there is none, and the next tick comes in a minute. */
static void go_on(struct sn_api *api) {
    struct sn_tick *tick = &api->tick;
    uint32_t in_flight = 0;
    for (uint32_t i = 0; i < tick->next; i++) in_flight += tick->runs[i].asked != NOTHING;
    while (tick->next < tick->len && in_flight < SN_TICK_AT_ONCE) {
        struct sn_poke *poke = &tick->runs[tick->next];
        poke->waiting_id = sn_ask_object(api, poke->run_id, SN_MESSAGE_POKE);
        if (poke->waiting_id == 0) break;
        poke->asked = POKE;
        tick->next++;
        in_flight++;
    }
    if (in_flight == 0) end(api);
}

bool sn_tick_take(struct sn_api *api, uint32_t id, const struct sn_reply *reply) {
    struct sn_tick *tick = &api->tick;
    if (!tick->open || id == 0) return false;
    if (id == tick->waiting_id) {
        const struct sn_json *rows = sn_reply_rows(api, reply, 0);
        tick->waiting_id = 0;
        if (rows == NULL) sn_log(api, "database", "", reply->done ? (struct sn_span){0} : reply->body);
        read_runs(api, rows);
        go_on(api);
        return true;
    }
    for (uint32_t i = 0; i < tick->next; i++) {
        if (tick->runs[i].waiting_id != id) continue;
        answered(api, &tick->runs[i], reply);
        go_on(api);
        return true;
    }
    return false;
}
