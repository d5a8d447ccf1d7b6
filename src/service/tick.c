/* The cron tick: looks after every active run, because alarms can be given up by the platform, starts what is due, and
 * sends what is in the outbox.
 *
 *     list of active and due runs ─┬─► active: POKE ─► what the answer asks for ──────────────────────┬─► SLICE_END
 *                                  ├─► due: UPDATE active = 1 ─► maintenance ─► START ─► audit        │
 *                                  ├─► due for more than a day: EXPIRE ─► closed as failed ───────────┤
 *                                  └─► messages that are due: outbox.c ───────────────────────────────┘
 *                  and before the end: runs that ended ─► compared with their baselines (comparing.c)
 *
 * Beside them, what schedules are due for is claimed and created (tick_schedules.c).
 *
 * Where the database is older than this Worker the list fails as a whole; it is then asked for active runs alone, since those
 * have nobody else to wake them.
 *
 * A few at a time; one run that does not answer holds up no other.  Two answers to POKE need something done to the row:
 * - the object knows no run, and the row is old: its creation was cut off.  The row is closed.  If the run had been under
 *   way, it was lost, and what it left is swept up (sweep.c).  The same where the object cannot read what it has stored.
 * - the object's run was never started, and the row says it was: the start was cut off.  The row gives its place back,
 *   and a run that is due is tried again.
 * All are fenced by what the row said, so whoever changed it meanwhile wins. */
#include "service.h"

#include <string.h>

#include "sentinel/base/action.h"

#define CALLS_OF_ONE 3     /* of the platform, for one run */
#define CALLS_OF_START 8   /* for one that is due, with maintenance */
#define CALLS_OF_COMPARE 2 /* for one that is compared */
#define CALLS_MAX_FREE 45  /* of one tick: the free plan has 50 subrequests for an invocation */
#define CALLS_MAX_PAID 900 /* the paid one 1,000, until somebody raises it */

enum { NOTHING, POKE, REPAIR, PLAN, SWEEP, ACTIVATE, UPKEEP, START, AUDIT, EXPIRE, CANCEL, STOP };

static void end(struct sn_api *api) {
    api->tick.open = false;
    sn_record_put(api->effects, &(struct sn_record){.kind = SN_EFFECT_SLICE_END}, NULL, 0);
}

void sn_tick_begin(struct sn_api *api) {
    struct sn_args args;
    memset(&api->tick, 0, sizeof api->tick);
    api->tick.open = true;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUNS_TO_POKE, &args);
    sn_args_group(&args, SN_SQL_RUNS_DUE);
    sn_args_number(&args, sn_now_s(api));
    sn_args_number(&args, sn_now_s(api) - SN_PATIENCE_S);
    sn_keys_expire_put(api, &args);
    sn_args_group(&args, SN_SQL_RUNS_TO_COMPARE);
    sn_args_group(&args, SN_SQL_SCHEDULES_DUE);
    sn_args_number(&args, sn_now_s(api));
    sn_args_group(&args, SN_SQL_RUNS_REPLACED);
    sn_outbox_due_put(api, &args);
    sn_args_group(&args, SN_SQL_RUNS_TO_STOP);
    api->tick.waiting_id = sn_ask_end(api, mark);
    if (api->tick.waiting_id == 0) end(api);
}

/* Only what the first migrations have made is asked for, and which of the others are missing. */
static uint32_t ask_reduced(struct sn_api *api) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUNS_TO_POKE, &args);
    sn_args_group(&args, SN_SQL_HEALTH);
    api->tick.reduced = true;
    return sn_ask_end(api, mark);
}

static void log_missing(struct sn_api *api, const char *missing) {
    char text[256];
    struct sn_writer w = sn_writer(text, sizeof text);
    if (missing == NULL) return;
    sn_put_text(&w, "not applied: ");
    sn_put_text(&w, missing);
    sn_put_text(&w, "; until then runs under way are looked after, and nothing is started or sent");
    sn_log(api, "migrations", "", (struct sn_span){w.data, w.len});
}

/* The run of a row, at the end of the list; NULL when it is no row of ours, or there is no room.  Those that are to stop come
 * last, and have room of their own. */
static struct sn_poke *add_run(struct sn_tick *tick, const struct sn_json *row, uint32_t first) {
    const char *id = sn_json_string(sn_json_get(row, "id"));
    if (tick->len == (first == STOP ? SN_TICK_RUNS_MAX + SN_TICK_STOPS_MAX : SN_TICK_RUNS_MAX) || id == NULL ||
        strlen(id) >= sizeof tick->runs[0].run_id)
        return NULL;
    struct sn_poke *poke = &tick->runs[tick->len++];
    *poke = (struct sn_poke){
        .revision = sn_json_number(sn_json_get(row, "revision")),
        .updated_at = sn_json_number(sn_json_get(row, "updated_at")),
        .first = first,
    };
    memcpy(poke->run_id, id, strlen(id) + 1);
    return poke;
}

static void read_active(struct sn_tick *tick, const struct sn_json *rows) {
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        struct sn_poke *poke = sn_json_string(sn_json_get(row, "status")) != NULL ? add_run(tick, row, POKE) : NULL;
        if (poke != NULL) poke->pending = sn_status_in(row) == SN_RUN_PENDING;
    }
}

static void read_due(struct sn_api *api, const struct sn_json *rows) {
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        const char *tenant = sn_json_string(sn_json_get(row, "tenant_id"));
        bool overdue = sn_json_number(sn_json_get(row, "scheduled_at")) < sn_now_s(api) - SN_PATIENCE_S;
        if (tenant == NULL || strlen(tenant) >= sizeof api->tick.runs[0].tenant) continue;
        struct sn_poke *poke = add_run(&api->tick, row, overdue ? EXPIRE : ACTIVATE);
        if (poke != NULL) memcpy(poke->tenant, tenant, strlen(tenant) + 1);
    }
}

/* Those that a schedule's run is to take the place of, and that have not heard of it. */
static void read_replaced(struct sn_tick *tick, const struct sn_json *rows) {
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        add_run(tick, row, CANCEL);
    }
}

/* Those that have not heard that everything is stopped.  What is amiss with one that is active, POKE finds. */
static void read_stopping(struct sn_tick *tick, const struct sn_json *rows) {
    uint32_t len = 0;
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        struct sn_poke *poke = len < SN_TICK_STOPS_MAX ? add_run(tick, row, STOP) : NULL;
        if (poke == NULL) continue;
        char *reason = tick->stop_reasons[len++];
        if (!sn_copy_column(reason, sizeof tick->stop_reasons[0], row, "stop_reason")) reason[0] = '\0';
        poke->stop_reason = reason;
        poke->pending = sn_json_type(sn_json_get(row, "active")) == SN_JSON_NULL;
    }
}

/* Whether the object says that its run was created and never asked to start. */
static bool is_idle(struct sn_api *api, struct sn_span state) {
    struct sn_json_error error;
    const struct sn_json *json = sn_json_parse(&api->arena, (const char *)state.data, state.len, &error);
    return sn_status_in(json) == SN_RUN_PENDING && sn_stage_in(json) == SN_STAGE_IDLE;
}

/* The object cannot read what it has stored; or it has written the row, and knows nothing of the run any more. */
static bool lost(const struct sn_poke *poke, const struct sn_reply *reply) {
    bool unreadable = reply->status == SN_E_VERSION, missing = reply->status == SN_E_MISSING;
    return !reply->done && (unreadable || (missing && poke->revision > 0));
}

/* The question that repairs the row, or 0 when there is nothing to repair. */
static uint32_t repair(struct sn_api *api, const struct sn_poke *poke, const struct sn_reply *reply) {
    if (sn_now_s(api) - poke->updated_at < SN_SETTLED_S) return 0; /* somebody may be at work on it */
    if (lost(poke, reply)) return sn_sweep_ask_plan(api, poke);
    if (!reply->done && reply->status == SN_E_MISSING) {
        return sn_ask_abandon(api, poke->run_id, poke->revision,
                              poke->stop_reason != NULL ? SN_ENDING_KILL_SWITCH : SN_ENDING_ERROR,
                              "The run was never set up completely.");
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

static uint32_t ask_activation(struct sn_api *api, const struct sn_poke *poke) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_ACTIVATE_DUE, &args);
    sn_args_text(&args, poke->run_id);
    sn_args_number(&args, sn_now_s(api));
    sn_args_number(&args, poke->updated_at);
    return sn_ask_end(api, mark);
}

static uint32_t ask_audit(struct sn_api *api, const struct sn_poke *poke) {
    return sn_ask_audit(api, &(struct sn_audit){
                                 .tenant = poke->tenant,
                                 .role = "schedule",
                                 .action = sn_run_action_name(SN_RUN_ACTION_START),
                                 .run_id = poke->run_id,
                                 .at_us = api->now_us,
                             });
}

/* Whether the row is the active one now.  When it is not, another run of its tenant is, or somebody changed the row. */
static bool is_activated(struct sn_api *api, const struct sn_reply *reply) {
    uint32_t changes;
    return reply->done && sn_reply_changes(api, reply, 0, &changes) && changes > 0;
}

/* A failure that says nothing but how things are. */
static bool is_expected(uint32_t asked, const struct sn_reply *reply) {
    if (asked == ACTIVATE) return sn_text_has(reply->body, "UNIQUE constraint failed");
    return (asked == START || asked == EXPIRE || asked == CANCEL || asked == STOP) &&
           reply->status == SN_E_STATE; /* somebody was quicker */
}

static const char *name_of(uint32_t asked) {
    static const char *const names[] = {
        [POKE] = "poke",         [REPAIR] = "database",    [PLAN] = "database", [SWEEP] = "sweep",
        [ACTIVATE] = "database", [UPKEEP] = "maintenance", [START] = "start",   [AUDIT] = "audit",
        [EXPIRE] = "expire",     [CANCEL] = "cancel",      [STOP] = "stop"};
    return names[asked];
}

/* With id 0 there is nothing to ask, or no room to ask it. */
static void begin(struct sn_poke *poke, uint32_t what, uint32_t id) {
    poke->waiting_id = id;
    if (id != 0) poke->asked = what;
    sn_tick_spend(&poke->calls_left, id);
}

/* With the component of its plan in maintenance, as far as that was possible. */
static void start(struct sn_api *api, struct sn_poke *poke, uint32_t upkeep_id) {
    if (upkeep_id != 0)
        begin(poke, UPKEEP, upkeep_id);
    else
        begin(poke, START, sn_ask_object(api, poke->run_id, SN_MESSAGE_START));
}

/* A start that was not heard, or went to an object that knows no run, is repaired by later ticks like any other. */
static void answered(struct sn_api *api, struct sn_poke *poke, const struct sn_reply *reply) {
    uint32_t asked = poke->asked;
    if (!reply->done && asked != UPKEEP && !is_expected(asked, reply))
        sn_log(api, name_of(asked), poke->run_id, reply->body);
    poke->asked = NOTHING;
    poke->waiting_id = 0;
    switch (asked) {
    case POKE:
    case EXPIRE: begin(poke, lost(poke, reply) ? PLAN : REPAIR, repair(api, poke, reply)); break;
    case STOP:
        if (poke->pending) begin(poke, lost(poke, reply) ? PLAN : REPAIR, repair(api, poke, reply));
        break;
    case PLAN: begin(poke, SWEEP, sn_sweep_ask_object(api, poke, reply)); break;
    case ACTIVATE:
        if (is_activated(api, reply)) start(api, poke, sn_upkeep_begin(api, &poke->upkeep, poke->run_id));
        break;
    case UPKEEP: start(api, poke, sn_upkeep_next(api, &poke->upkeep, reply)); break;
    case START:
        if (reply->done) begin(poke, AUDIT, ask_audit(api, poke));
        break;
    default: break;
    }
    if (poke->asked == NOTHING) poke->calls_left = 0;
}

static uint32_t ask_first(struct sn_api *api, const struct sn_poke *poke) {
    if (poke->first == ACTIVATE) return ask_activation(api, poke);
    if (poke->first == STOP) return sn_ask_stop(api, poke->run_id, poke->stop_reason);
    if (poke->first == CANCEL) return sn_ask_object(api, poke->run_id, SN_MESSAGE_CANCEL);
    return sn_ask_object(api, poke->run_id, poke->first == EXPIRE ? SN_MESSAGE_EXPIRE : SN_MESSAGE_POKE);
}

static void read_ended(struct sn_tick *tick, const struct sn_json *rows) {
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        if (tick->compares_len == SN_TICK_COMPARES) break;
        if (sn_comparing_read(&tick->compares[tick->compares_len], row)) tick->compares_len++;
    }
}

/* Runs that ended are compared one after the other, since there is memory for one; `id` is what the one before waits for, or
 * 0.  Ends the tick after the last. */
static void compare(struct sn_api *api, uint32_t id) {
    struct sn_tick *tick = &api->tick;
    while (id == 0 && tick->compares_next < tick->compares_len && sn_tick_affords(api, CALLS_OF_COMPARE)) {
        api->comparing = tick->compares[tick->compares_next++];
        id = sn_comparing_ask(api);
    }
    tick->comparing_id = id;
    if (id == 0) end(api);
}

/* Begins as many pokes and messages as may be in flight, and ends the tick when the last was answered.  What the outbox of
 * this machine has no room for waits for the next answer; with nothing in flight there is none, and the next tick comes
 * in a minute. */
static void go_on(struct sn_api *api) {
    struct sn_tick *tick = &api->tick;
    uint32_t in_flight = sn_outbox_in_flight(api);
    for (uint32_t i = 0; i < tick->next; i++) in_flight += tick->runs[i].asked != NOTHING;
    bool busy = sn_lane_go_on(api);
    while (tick->next < tick->len && in_flight + busy < SN_TICK_AT_ONCE) {
        struct sn_poke *poke = &tick->runs[tick->next];
        uint32_t calls = poke->first == ACTIVATE ? CALLS_OF_START : CALLS_OF_ONE;
        if (!sn_tick_affords(api, calls)) break;
        poke->calls_left = calls;
        begin(poke, poke->first, ask_first(api, poke));
        if (poke->waiting_id == 0) break;
        tick->next++;
        in_flight++;
    }
    uint32_t letters = sn_outbox_in_flight(api);
    if (in_flight + busy < SN_TICK_AT_ONCE) sn_outbox_go_on(api, SN_TICK_AT_ONCE - in_flight - busy);
    in_flight += sn_outbox_in_flight(api) - letters;
    if (in_flight == 0 && !busy) compare(api, 0);
}

/* What was begun keeps the calls that it may still need. */
static uint32_t promised(const struct sn_tick *tick) {
    uint32_t calls = tick->lane.calls_left;
    for (uint32_t i = 0; i < SN_LETTERS_AT_ONCE; i++) calls += tick->outbox.letters[i].calls_left;
    for (uint32_t i = 0; i < tick->next; i++) calls += tick->runs[i].calls_left;
    return calls;
}

bool sn_tick_affords(const struct sn_api *api, uint32_t calls) {
    uint32_t most = strcmp(api->platform, "free") == 0 ? CALLS_MAX_FREE : CALLS_MAX_PAID;
    return api->tick.asked + promised(&api->tick) + calls <= most;
}

void sn_tick_spend(uint32_t *calls_left, uint32_t id) {
    if (id == 0)
        *calls_left = 0;
    else if (*calls_left > 0)
        --*calls_left;
}

bool sn_tick_take(struct sn_api *api, uint32_t id, const struct sn_reply *reply) {
    struct sn_tick *tick = &api->tick;
    if (!tick->open || id == 0) return false;
    if (id == tick->waiting_id) {
        const struct sn_json *rows = sn_reply_rows(api, reply, 0);
        tick->waiting_id = 0;
        if (rows == NULL) sn_log(api, "database", "", sn_reply_words(reply));
        if (sn_reply_not_migrated(reply) && !tick->reduced) tick->waiting_id = ask_reduced(api);
        if (tick->waiting_id != 0) return true;
        read_active(tick, rows);
        if (tick->reduced) {
            log_missing(api, sn_reply_missing(api, reply, 1));
            go_on(api);
            return true;
        }
        read_due(api, sn_reply_rows(api, reply, 1));
        read_ended(tick, sn_reply_rows(api, reply, 3));
        sn_lane_list(api, sn_reply_rows(api, reply, 4));
        read_replaced(tick, sn_reply_rows(api, reply, 5));
        sn_outbox_read(api, sn_reply_rows(api, reply, 6));
        read_stopping(tick, sn_reply_rows(api, reply, 8));
        go_on(api);
        return true;
    }
    if (sn_outbox_take(api, id, reply)) {
        go_on(api);
        return true;
    }
    if (sn_lane_take(api, id, reply)) {
        go_on(api);
        return true;
    }
    if (id == tick->comparing_id) {
        compare(api, sn_comparing_take(api, reply));
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
