/* The tick's part in schedules: each that is due is claimed, and its run created as every run is.
 *
 *     [ZONE] ─► what is due ─┬─► a run: INSERT of it, claim, SELECT of the plan ─► compile ─► [maintenance] ─► CREATE ─► [CANCEL] ─► outcome
 *                            └─► none: missed, or another run is active: claim
 *
 * A claim is fenced by the row's revision, and the run's id follows from schedule and minute, so whoever comes second, in
 * the same instant or a day later, starts nothing.  It is written before anything that can go wrong: a schedule whose plan
 * breaks the tick is out of the way of the others, has that start counted as failed, and is paused after three.
 * One after the other, since each has the tenant's one active run to itself or finds it taken. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/random.h"

enum { IDLE, ZONE_READ, ZONE_READ_ON, CLAIMED, UPKEPT, CREATED, CALLED_OFF, CANCELLED, SETTLED };

/* Of the platform: two zones, a claim, five for maintenance, two creations, one that calls them off, a settlement.  Where
 * there is a second claim, or a cancellation, there is no maintenance. */
#define CALLS_OF_ONE 12

static const char unreadable[] = "Its row can no longer be read.";
static const char unreached[] = "The run's object could not be reached.";
static const char unfinished[] = "Three starts in a row have broken off. Look at the Worker's log.";

/* --- The list -------------------------------------------------------------------------------------------------- */

static bool read_claim(struct sn_claim *claim, const struct sn_json *row) {
    double next_s = sn_json_number(sn_json_get(row, "next_run_at"));
    double jitter_s = sn_json_number(sn_json_get(row, "jitter_seconds"));
    claim->dialect = (enum sn_cron_dialect)sn_dialect_of(row);
    claim->overlap = (enum sn_overlap)sn_overlap_of(row);
    claim->catch_up = (enum sn_catch_up)sn_catch_up_of(row);
    claim->failed_starts = (uint32_t)sn_json_number(sn_json_get(row, "failed_starts"));
    claim->revision = sn_json_number(sn_json_get(row, "revision"));
    claim->busy = sn_json_number(sn_json_get(row, "busy")) > 0;
    claim->waiting = sn_json_number(sn_json_get(row, "waiting")) > 0;
    claim->next_s = (int64_t)next_s;
    claim->jitter_s = (uint32_t)jitter_s;
    return next_s > 0 && next_s < 1e12 && jitter_s >= 0 && jitter_s <= SN_JITTER_S_MAX &&
           sn_copy_column(claim->id, sizeof claim->id, row, "id") &&
           sn_copy_column(claim->tenant, sizeof claim->tenant, row, "tenant_id") &&
           sn_copy_column(claim->zone, sizeof claim->zone, row, "timezone") &&
           sn_copy_column(claim->cron, sizeof claim->cron, row, "cron_expression");
}

void sn_lane_list(struct sn_api *api, const struct sn_json *rows) {
    struct sn_lane *lane = &api->tick.lane;
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        struct sn_claim claim = {0};
        if (lane->len < SN_TICK_SCHEDULES_MAX && read_claim(&claim, row)) lane->claims[lane->len++] = claim;
    }
}

static struct sn_claim *current(struct sn_lane *lane) {
    return &lane->claims[lane->next];
}

/* With id 0 there is no room to ask: the next tick finds the schedule as it is. */
static void wait_for(struct sn_lane *lane, uint32_t stage, uint32_t id) {
    lane->stage = id != 0 ? stage : IDLE;
    lane->waiting_id = id;
    sn_tick_spend(&lane->calls_left, id);
    if (id == 0) lane->next++;
}

static void done(struct sn_lane *lane) {
    lane->stage = IDLE;
    lane->calls_left = 0;
    lane->next++;
}

/* --- Outcomes -------------------------------------------------------------------------------------------------- */

static void put_pause(struct sn_api *api, struct sn_args *args, double revision, const char *run_id,
                      const char *reason) {
    const struct sn_claim *claim = current(&api->tick.lane);
    sn_occasion_put(args, api,
                    &(struct sn_happening){.occasion = SN_OCCASION_PAUSED,
                                           .schedule_id = claim->id,
                                           .tenant = claim->tenant,
                                           .run_id = run_id,
                                           .detail = reason,
                                           .revision = revision});
    sn_args_group(args, SN_SQL_SCHEDULE_PAUSE);
    sn_args_text(args, claim->id);
    sn_args_number(args, revision);
    sn_args_text(args, reason);
    sn_args_number(args, sn_now_s(api));
}

static void pause(struct sn_api *api, const char *reason) {
    struct sn_lane *lane = &api->tick.lane;
    struct sn_args args;
    size_t mark = sn_ask_batch_begin(api, &args);
    put_pause(api, &args, current(lane)->revision, NULL, reason);
    wait_for(lane, SETTLED, sn_ask_end(api, mark));
}

static void settle_started(struct sn_api *api) {
    struct sn_lane *lane = &api->tick.lane;
    const struct sn_claim *claim = current(lane);
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_SCHEDULE_STARTED, &args);
    sn_args_text(&args, claim->id);
    sn_args_text(&args, lane->run_id);
    sn_args_text(&args, lane->starts ? "started" : "waiting");
    sn_args_number(&args, sn_now_s(api));
    sn_occasion_put(&args, api,
                    &(struct sn_happening){.occasion = lane->starts ? SN_OCCASION_STARTED : SN_OCCASION_WAITING,
                                           .schedule_id = claim->id,
                                           .tenant = claim->tenant,
                                           .run_id = lane->run_id,
                                           .revision = -1});
    wait_for(lane, SETTLED, sn_ask_end(api, mark));
}

static void put_closed(struct sn_api *api, struct sn_args *args, const char *why) {
    sn_args_group(args, SN_SQL_RUN_ABANDON);
    sn_args_text(args, api->tick.lane.run_id);
    sn_args_text(args, why);
    sn_args_number(args, sn_now_s(api));
    sn_args_number(args, 0);
    sn_args_text(args, sn_ending_name(SN_ENDING_ERROR));
}

/* The run is closed, unless its object does that; the schedule says why, and after three in a row it is paused. */
static void settle_failed(struct sn_api *api, const char *why, bool known) {
    struct sn_lane *lane = &api->tick.lane;
    const struct sn_claim *claim = current(lane);
    struct sn_args args;
    char reason[SN_REASON_MAX];
    size_t mark = sn_ask_batch_begin(api, &args);
    if (!known) put_closed(api, &args, why);
    sn_args_group(&args, SN_SQL_SCHEDULE_FAILED);
    sn_args_text(&args, claim->id);
    sn_args_text(&args, lane->run_id);
    sn_args_text(&args, why);
    sn_args_number(&args, sn_now_s(api));
    sn_occasion_put(&args, api,
                    &(struct sn_happening){.occasion = SN_OCCASION_FAILED,
                                           .schedule_id = claim->id,
                                           .tenant = claim->tenant,
                                           .run_id = lane->run_id,
                                           .detail = why,
                                           .revision = -1});
    if (claim->failed_starts + 1 >= SN_FAILED_STARTS_MAX) {
        struct sn_writer w = sn_writer(reason, sizeof reason - 1);
        sn_put_text(&w, "Three starts in a row have failed. The latest: ");
        size_t room = sizeof reason - 1 - w.len;
        sn_put_bytes(&w, why, strlen(why) < room ? strlen(why) : room);
        reason[w.len] = '\0';
        put_pause(api, &args, claim->revision + 1, lane->run_id, reason);
    }
    wait_for(lane, SETTLED, sn_ask_end(api, mark));
}

/* --- The claim ------------------------------------------------------------------------------------------------- */

static void name_run(struct sn_lane *lane) {
    uint8_t bytes[16];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    struct sn_rng rng = sn_rng(sn_schedule_seed(current(lane)->id), SN_PURPOSE_NAME, (uint64_t)lane->minute_s);
    sn_put_u64(&w, sn_rng_u64(&rng));
    sn_put_u64(&w, sn_rng_u64(&rng));
    sn_put_uuid(lane->run_id, bytes, 8);
}

/* Why the minute gets no run; NULL when it gets one. */
static const char *passed_over(const struct sn_lane *lane, const struct sn_claim *claim) {
    if (lane->due == SN_DUE_MISSED) return "No tick came in time.";
    if (claim->waiting) return "A run of this schedule was still waiting.";
    if (claim->busy && claim->overlap == SN_OVERLAP_SKIP) return "Another run was active.";
    return NULL;
}

static void put_run(struct sn_api *api, struct sn_args *args) {
    const struct sn_lane *lane = &api->tick.lane;
    const struct sn_claim *claim = &lane->claims[lane->next];
    sn_args_run_of_schedule(args, &(struct sn_schedule_run){.run_id = lane->run_id,
                                                            .schedule_id = claim->id,
                                                            .tenant = claim->tenant,
                                                            .revision = claim->revision,
                                                            .active = lane->starts,
                                                            .replaces = claim->overlap == SN_OVERLAP_REPLACE,
                                                            .by = "schedule",
                                                            .now_s = sn_now_s(api),
                                                            .minute_s = lane->minute_s});
}

static void claim_minute(struct sn_api *api) {
    struct sn_lane *lane = &api->tick.lane;
    const struct sn_claim *claim = current(lane);
    const char *why = passed_over(lane, claim);
    struct sn_args args;
    name_run(lane);
    lane->runs = why == NULL;
    lane->starts = lane->runs && !claim->busy;
    size_t mark = sn_ask_batch_begin(api, &args);
    if (lane->runs) put_run(api, &args);
    sn_args_group(&args, SN_SQL_SCHEDULE_CLAIM);
    sn_args_text(&args, claim->id);
    sn_args_number(&args, claim->revision);
    sn_args_times(&args, &lane->times);
    sn_args_number(&args, (double)lane->minute_s);
    sn_args_text(&args, lane->runs ? "starting" : lane->due == SN_DUE_MISSED ? "missed" : "skipped");
    sn_args_text(&args, why);
    sn_args_text(&args, lane->runs ? lane->run_id : NULL);
    sn_args_number(&args, sn_now_s(api));
    if (lane->runs) {
        sn_args_group(&args, SN_SQL_SCHEDULE_PLAN);
        sn_args_text(&args, claim->id);
        sn_args_text(&args, lane->run_id);
    }
    wait_for(lane, CLAIMED, sn_ask_end(api, mark));
}

/* The search for the runs after the minute goes on; then it is claimed. */
static void find_next(struct sn_api *api) {
    struct sn_lane *lane = &api->tick.lane;
    if (sn_times_find(&lane->times))
        claim_minute(api);
    else
        wait_for(lane, ZONE_READ_ON, sn_ask_zone(api, &lane->times, lane->times.after_s));
}

static void decide(struct sn_api *api) {
    struct sn_lane *lane = &api->tick.lane;
    struct sn_times *times = &lane->times;
    lane->due = sn_due_find(&times->timing, sn_times_zone(times), current(lane)->next_s, api->now_us / SN_SECOND_US,
                            &lane->minute_s);
    if (lane->due == SN_DUE_NOT) {
        done(lane);
        return;
    }
    times->after_s = lane->minute_s;
    find_next(api);
}

static void begin(struct sn_api *api) {
    struct sn_lane *lane = &api->tick.lane;
    struct sn_times *times = &lane->times;
    const struct sn_claim *claim = current(lane);
    struct sn_cron_error error;
    times->timing = (struct sn_timing){
        .seed = sn_schedule_seed(claim->id), .jitter_s = claim->jitter_s, .catch_up = claim->catch_up};
    memcpy(times->zone, claim->zone, sizeof times->zone);
    lane->tries = 0;
    lane->calls_left = CALLS_OF_ONE;
    lane->replaces[0] = '\0';
    sn_times_begin(times, claim->next_s);
    if (claim->failed_starts >= SN_FAILED_STARTS_MAX)
        pause(api, unfinished);
    else if (sn_cron_read(&times->timing.cron, claim->dialect, claim->cron, strlen(claim->cron), &error) != SN_OK)
        pause(api, unreadable);
    else if (times->fixed)
        decide(api);
    else
        wait_for(lane, ZONE_READ, sn_ask_zone(api, times, claim->next_s));
}

/* --- What comes back ------------------------------------------------------------------------------------------- */

static void zone_read(struct sn_api *api, const struct sn_reply *reply, bool first) {
    struct sn_lane *lane = &api->tick.lane;
    if (!sn_times_read(&lane->times, reply)) {
        sn_log(api, "zone", current(lane)->id, sn_reply_words(reply));
        pause(api, "Its time zone is not known any more.");
    } else if (first) {
        decide(api);
    } else {
        find_next(api);
    }
}

/* "The plan cannot be run any more: $.targetSystems, expected …" */
static void refuse_plan(struct sn_api *api, const struct sn_plan_error *error) {
    char why[SN_REASON_MAX];
    struct sn_writer w = sn_writer(why, sizeof why - 1);
    sn_put_text(&w, "The plan cannot be run any more: at ");
    sn_put_text(&w, error->path[0] != '\0' ? error->path : "$");
    sn_put_text(&w, ", expected ");
    size_t room = sizeof why - 1 - w.len, len = strlen(error->expected);
    sn_put_bytes(&w, error->expected, len < room ? len : room);
    why[w.len] = '\0';
    settle_failed(api, why, false);
}

static void create(struct sn_api *api) {
    struct sn_lane *lane = &api->tick.lane;
    enum sn_creation creation = lane->starts ? SN_CREATION_START : SN_CREATION_WAIT;
    wait_for(lane, CREATED, sn_ask_creation(api, lane->run_id, creation));
}

/* A run that starts at once waits for its component's maintenance; one that waits for another has it when its turn comes. */
static void set_up(struct sn_api *api, uint32_t upkeep_id) {
    if (upkeep_id != 0)
        wait_for(&api->tick.lane, UPKEPT, upkeep_id);
    else
        create(api);
}

static void plan_read(struct sn_api *api, const struct sn_json *row) {
    struct sn_lane *lane = &api->tick.lane;
    struct sn_plan_error error = {0};
    char name[SN_NAME_MAX + 1];
    const char *text = sn_json_string(sn_json_get(row, "plan"));
    if (text == NULL || !sn_copy_column(name, sizeof name, row, "name")) {
        settle_failed(api, unreadable, false);
        return;
    }
    sn_copy_column(lane->replaces, sizeof lane->replaces, row, "replaces_run_id");
    lane->tries = 0; /* the claim has had its own */
    if (sn_body_compile(api, lane->run_id, current(lane)->tenant, name, text, strlen(text), &error) == SN_OK)
        set_up(api, lane->starts ? sn_upkeep_begin(api, &lane->upkeep, lane->run_id) : 0);
    else
        refuse_plan(api, &error);
}

static void claimed(struct sn_api *api, const struct sn_reply *reply) {
    struct sn_lane *lane = &api->tick.lane;
    uint32_t index = lane->runs ? 1 : 0, claims = 0, inserted = 0;
    bool taken = !reply->done && sn_text_has(reply->body, "UNIQUE constraint failed");
    if (taken && lane->starts && lane->tries++ == 0) { /* another run has become active meanwhile */
        current(lane)->busy = true;
        claim_minute(api);
        return;
    }
    if (!sn_reply_changes(api, reply, index, &claims))
        sn_log(api, "database", current(lane)->id, sn_reply_words(reply));
    if (claims == 0 || !lane->runs) {
        done(lane);
        return;
    }
    sn_reply_changes(api, reply, 0, &inserted);
    if (inserted > 0)
        plan_read(api, sn_json_first(sn_reply_rows(api, reply, 2)));
    else
        settle_started(api); /* the minute has its run already */
}

static void created(struct sn_api *api, const struct sn_reply *reply) {
    struct sn_lane *lane = &api->tick.lane;
    if (reply->done) {
        if (lane->replaces[0] != '\0')
            wait_for(lane, CANCELLED, sn_ask_object(api, lane->replaces, SN_MESSAGE_CANCEL));
        else
            settle_started(api);
        return;
    }
    sn_log(api, "run", lane->run_id, reply->body);
    if (reply->status == SN_OK && lane->tries++ == 0)
        create(api);
    else if (lane->tries > 0) /* it may have begun all the same */
        wait_for(lane, CALLED_OFF, sn_ask_object(api, lane->run_id, SN_MESSAGE_CANCEL));
    else
        settle_failed(api, unreached, false);
}

static void answered(struct sn_api *api, uint32_t stage, const struct sn_reply *reply) {
    struct sn_lane *lane = &api->tick.lane;
    switch (stage) {
    case ZONE_READ: zone_read(api, reply, true); break;
    case ZONE_READ_ON: zone_read(api, reply, false); break;
    case CLAIMED: claimed(api, reply); break;
    case UPKEPT: set_up(api, sn_upkeep_next(api, &lane->upkeep, reply)); break;
    case CREATED: created(api, reply); break;
    case CALLED_OFF: settle_failed(api, unreached, reply->done || reply->status == SN_E_STATE); break;
    case CANCELLED: /* one that was not heard is told again by the next tick */
        if (!reply->done && reply->status != SN_E_STATE) sn_log(api, "cancel", lane->replaces, reply->body);
        settle_started(api);
        break;
    default:
        if (!reply->done) sn_log(api, "database", current(lane)->id, reply->body);
        done(lane);
    }
}

bool sn_lane_go_on(struct sn_api *api) {
    struct sn_lane *lane = &api->tick.lane;
    while (lane->stage == IDLE && lane->next < lane->len && sn_tick_affords(api, CALLS_OF_ONE)) begin(api);
    return lane->stage != IDLE;
}

bool sn_lane_take(struct sn_api *api, uint32_t id, const struct sn_reply *reply) {
    struct sn_lane *lane = &api->tick.lane;
    uint32_t stage = lane->stage;
    if (id == 0 || stage == IDLE || id != lane->waiting_id) return false;
    lane->waiting_id = 0;
    answered(api, stage, reply);
    return true;
}
