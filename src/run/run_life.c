#include <string.h>

#include "run_machine.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"

#define QUIET_OPERATIONS 100

/* The life of a run.  Status is what people see; the stage is what the shards work on.
 *
 *     pending ──start──► running ──last operation due, or cancel──► draining ──cleaned──► completed | failed | cancelled
 *        │             pause ▼▲ resume                                 ▲                                ▲
 *        │                  paused ──cancel────────────────────────────┘                                │
 *        └────cancel, or its time has passed────────────────────────────────────────────────────────────┘
 *
 * A zero cell is an illegal event. */
enum life_event {
    LIFE_START,
    LIFE_PAUSE,
    LIFE_RESUME,
    LIFE_DRAIN,
    LIFE_CANCEL,
    LIFE_COMPLETE,
    LIFE_FAIL,
    LIFE_CANCELLED,
    LIFE_EVENTS_LEN
};

#define TO(status) (1 + SN_RUN_##status)
static const uint8_t life[SN_RUN_STATUSES_LEN][LIFE_EVENTS_LEN] = {
    [SN_RUN_PENDING] = {[LIFE_START] = TO(RUNNING), [LIFE_CANCEL] = TO(CANCELLED), [LIFE_FAIL] = TO(FAILED)},
    [SN_RUN_RUNNING] = {[LIFE_PAUSE] = TO(PAUSED), [LIFE_DRAIN] = TO(DRAINING), [LIFE_CANCEL] = TO(DRAINING)},
    [SN_RUN_PAUSED] = {[LIFE_RESUME] = TO(RUNNING), [LIFE_DRAIN] = TO(DRAINING), [LIFE_CANCEL] = TO(DRAINING)},
    [SN_RUN_DRAINING] = {[LIFE_DRAIN] = TO(DRAINING),
                         [LIFE_CANCEL] = TO(DRAINING),
                         [LIFE_COMPLETE] = TO(COMPLETED),
                         [LIFE_FAIL] = TO(FAILED),
                         [LIFE_CANCELLED] = TO(CANCELLED)},
};
#undef TO

static enum sn_status live(struct sn_run *run, enum life_event event) {
    uint8_t to = life[run->state.status][event];
    if (to == 0) return SN_E_STATE;
    if (run->state.status != to - 1u) run_changed(run);
    run->state.status = to - 1u;
    return SN_OK;
}

bool run_ended(const struct sn_run *run) {
    uint32_t status = run->state.status;
    return status == SN_RUN_COMPLETED || status == SN_RUN_FAILED || status == SN_RUN_CANCELLED;
}

bool run_active(const struct sn_run *run) {
    return run->planned && run->state.started_us != 0 && !run->state.forgotten;
}

void run_changed(struct sn_run *run) {
    run->state.revision += 1;
    run_save_soon(run);
}

void run_note_ending(struct sn_run *run, enum sn_ending ending) {
    if (run->state.ending == SN_ENDING_COMPLETED) run->state.ending = ending;
}

static void note_reason(struct sn_run *run, const char *reason) {
    size_t len = strlen(reason);
    if (len >= sizeof run->state.reason) len = sizeof run->state.reason - 1;
    memcpy(run->state.reason, reason, len);
    run->state.reason[len] = '\0';
}

void run_fail(struct sn_run *run, const char *reason) {
    run_fail_by(run, SN_ENDING_ERROR, reason);
}

void run_fail_by(struct sn_run *run, enum sn_ending ending, const char *reason) {
    if (run->state.failing) return;
    run_note_ending(run, ending);
    run->state.failing = 1;
    note_reason(run, reason);
    run_changed(run);
}

void run_fail_saying(struct sn_run *run, const char *reason, const void *words, size_t len) {
    char text[sizeof run->state.reason];
    struct sn_writer w = sn_writer(text, sizeof text);
    if (len > SN_WORDS_MAX) len = SN_WORDS_MAX;
    while (len > 0 && !sn_utf8_valid(words, len)) len--; /* not in the middle of a character */
    sn_put_text(&w, reason);
    if (len > 0) sn_put_text(&w, ": ");
    sn_put_bytes(&w, words, len);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    run_fail(run, text);
}

static void enter(struct sn_run *run, enum sn_stage stage) {
    run->state.stage = stage;
    run->state.stage_us = run->now_us;
    run->halted_us = 0;
    run_data_drop(run);
    run_save_soon(run);
}

/* How long the stage has lasted for whoever was awake. */
static int64_t waited_us(const struct sn_run *run) {
    return run->now_us - run->state.stage_us - run->halted_us;
}

enum sn_status run_start(struct sn_run *run, int64_t now_us) {
    enum sn_status status = live(run, LIFE_START);
    if (status != SN_OK) return status;
    run->state.started_us = now_us;
    run->arm_us = now_us;
    enter(run, SN_STAGE_ARM);
    return SN_OK;
}

void run_sweep_up(struct sn_run *run, uint64_t reach, uint32_t revision, int64_t now_us) {
    run->state.revision = revision + RUN_REVISION_AFRESH;
    run_fail_by(run, SN_ENDING_LOST,
                run->unreadable
                    ? "what the run had stored is of another version of Sentinel and cannot be read; what it "
                      "left in the targets was cleaned up"
                    : "the object that owned the run has lost it; what it left in the targets was cleaned up");
    run_start(run, now_us);
    run->state.swept_up = run->state.final_done = 1; /* it has no results of its own */
    run->state.last_k = reach > run->plan.profile.planned ? reach : run->plan.profile.planned;
    if (SN_PLANTED(SWEPT_SHORT)) run->state.last_k /= 2;
}

static void add_epoch(struct sn_run *run, enum sn_epoch_kind kind, int64_t effective_us) {
    struct sn_epoch epoch = {
        .seq = run->schedule.epochs_len + 1,
        .kind = kind,
        .effective_us = effective_us,
        .factor = 1,
        .shards = run->plan.shards,
    };
    enum sn_status status = sn_schedule_add(&run->schedule, &epoch);
    SN_ASSERT(status == SN_OK);
    run_save_soon(run);
}

static void finish(struct sn_run *run, int64_t now_us) {
    run_check_storage(run, now_us);
    enum life_event event = LIFE_COMPLETE;
    if (run->state.failing)
        event = LIFE_FAIL;
    else if (run->state.cancel_wanted)
        event = LIFE_CANCELLED;
    enum sn_status status = live(run, event);
    SN_ASSERT(status == SN_OK);
    run->state.ended_us = now_us;
    run->state.sweep_us = now_us + SN_SWEEP_US;
    enter(run, SN_STAGE_DONE);
}

void run_show_paused(struct sn_run *run, bool paused) {
    bool shown = run->state.status == SN_RUN_PAUSED;
    if (shown == paused) return;
    enum sn_status status = live(run, paused ? LIFE_PAUSE : LIFE_RESUME);
    SN_ASSERT(status == SN_OK);
}

/* Nothing was sent, so there is nothing to clean. */
static void end_unstarted(struct sn_run *run, int64_t now_us) {
    run->state.ended_us = now_us;
    run->state.forgotten = 1;
    run->state.sweep_done = 1;
    enter(run, SN_STAGE_DONE);
}

enum sn_status run_expire(struct sn_run *run, int64_t now_us) {
    if (run->state.status != SN_RUN_PENDING) return SN_E_STATE;
    run_fail_by(run, SN_ENDING_EXPIRED, "it could not be started within a day of the time that it was scheduled for");
    enum sn_status status = live(run, LIFE_FAIL);
    SN_ASSERT(status == SN_OK);
    end_unstarted(run, now_us);
    return SN_OK;
}

enum sn_status run_cancel(struct sn_run *run, enum sn_ending ending, const char *reason, int64_t now_us) {
    bool pending = run->state.status == SN_RUN_PENDING;
    enum sn_status status = live(run, LIFE_CANCEL);
    if (status != SN_OK || run->state.cancel_wanted) return status;
    run->state.cancel_wanted = 1;
    run->state.cancelled_us = now_us;
    run_note_ending(run, ending);
    if (!run->state.failing) note_reason(run, reason);
    if (pending) {
        end_unstarted(run, now_us);
    } else if (run->state.stage == SN_STAGE_LOAD && now_us < sn_schedule_end_us(&run->schedule)) {
        add_epoch(run, SN_EPOCH_STOP, run_epoch_moment_us(run, now_us));
    }
    return SN_OK;
}

void run_stop(struct sn_run *run, int64_t now_us) {
    if (run->state.stage == SN_STAGE_LOAD && now_us < sn_schedule_end_us(&run->schedule))
        add_epoch(run, SN_EPOCH_STOP, run_epoch_moment_us(run, now_us));
}

void run_abort(struct sn_run *run, const char *reason, int64_t now_us) {
    run_fail_by(run, SN_ENDING_THRESHOLD, reason);
    run_stop(run, now_us);
}

/* --- Stages ---------------------------------------------------------------------------------------------- */

static uint64_t sum_jobs(const struct sn_run *run, bool failed) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        if (run->shards[i].replaced) continue; /* somebody else does its share, all of it */
        sum += failed ? run->shards[i].jobs_failed : run->shards[i].jobs_done;
    }
    return sum;
}

struct run_interruptions run_interruptions(const struct sn_run *run) {
    if (run->state.frozen) return run->state.interruptions;
    struct run_interruptions sum = {.run_restarts = run->state.opened};
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        const struct run_shard *shard = &run->shards[i];
        sum.shards_lost += run_vacant(shard);
        sum.shards_replaced += shard->replaced;
        sum.epochs_late += shard->epochs_late;
        sum.restarts += shard->incarnation > 1 ? shard->incarnation - 1 : 0;
        sum.harness_errors += shard->harness_errors;
        sum.timers_late_ms = sn_add_sat_u32(sum.timers_late_ms, shard->timers_late_ms);
        /* A clock that is ahead of ours is skewed for sure; of one behind, the report may only have been long on the way. */
        if (shard->skew_us > sum.clock_skew_us && shard->skew_us < UINT32_MAX)
            sum.clock_skew_us = (uint32_t)shard->skew_us;
    }
    return sum;
}

/* The load is over, or never was: what happens to shards from here on says nothing about it. */
static void freeze(struct sn_run *run) {
    if (!run->state.swept_up) run->state.last_k = run_last_k(run);
    run->state.interruptions = run_interruptions(run);
    run->state.frozen = 1;
}

static void leave_for_cleanup(struct sn_run *run) {
    freeze(run);
    live(run, LIFE_DRAIN);
    enter(run, SN_STAGE_CLEANUP);
    run_await_late(run, run->now_us);
}

/* A run that was opened again may have woken somebody, and lets all clean up, unless the target turns out to be our own. */
static bool in_doubt(const struct sn_run *run) {
    return run->state.opened > 0 && !run_target_known(run) && waited_us(run) <= run_arm_patience_us(run);
}

static void begin_load(struct sn_run *run, int64_t now_us) {
    run->state.load_started_us = now_us + run_lead_us(run);
    run_note_usage(run, run->state.usage_before);
    add_epoch(run, SN_EPOCH_START, run->state.load_started_us);
    run_search_begin(run);
    run_tell_replaced(run);
    enter(run, SN_STAGE_LOAD);
    run_changed(run);
}

static void advance_arm(struct sn_run *run, int64_t now_us) {
    bool cancelled = run->state.cancel_wanted && !run->state.swept_up && !in_doubt(run);
    if (cancelled || run_lacks_binding(run) || run_target_refused(run)) {
        leave_for_cleanup(run);
        return;
    }
    bool all = true;
    for (uint32_t i = 0; i < run_places(run); i++) all = all && run->shards[i].armed;
    if (all && run->state.swept_up) {
        leave_for_cleanup(run);
    } else if (all && run->state.data == RUN_DATA_FOUND) {
        begin_load(run, now_us);
    } else if (all) {
        enter(run, SN_STAGE_PREPARE);
    } else if (waited_us(run) > run_arm_patience_us(run)) {
        if (run_target_known(run))
            run_fail(run, "not every shard could be started in time");
        else
            run_target_silent(run);
        leave_for_cleanup(run);
    }
}

static void advance_prepare(struct sn_run *run, int64_t now_us) {
    run->state.prepared = sum_jobs(run, false);
    run->state.prepare_failed = sum_jobs(run, true);
    if (run->state.cancel_wanted) {
        leave_for_cleanup(run);
        return;
    }
    bool late = waited_us(run) > RUN_STAGE_PATIENCE_US;
    if (late) run_fail(run, "preparing the data took longer than a quarter of an hour");
    if (late || run_lost_shard(run, "while the data was being prepared")) {
        leave_for_cleanup(run);
        return;
    }
    if (!run_shards_all_done(run, SN_STAGE_PREPARE)) return;
    if (run->state.prepare_failed > 0) {
        run_fail_saying(run, "the data that the operations read could not be prepared", run->state.words,
                        run->state.words_len);
        leave_for_cleanup(run);
        return;
    }
    if (run_data_settled(run, now_us))
        begin_load(run, now_us);
    else if (run->state.failing)
        leave_for_cleanup(run);
}

/* What the target's calls take when the load does not make itself felt: the lowest median of all that had ended by some
 * moment, from the first hundred on, or from half of a short run.  Not the first one alone, since first calls are slow
 * too. */
static void note_quiet_service(struct sn_run *run) {
    struct sn_counts counts = run_counts(run);
    uint64_t ended = counts.completed + counts.failed;
    if (ended < QUIET_OPERATIONS && ended * 2 < counts.planned) return;
    if (ended < run->quiet_sampled + run->quiet_sampled / 4) return; /* summing takes time */
    run->quiet_sampled = ended;
    uint32_t median_us = run_median_call_us(run);
    if (median_us == 0) median_us = 1;
    uint64_t *quiet_us = &run->state.quiet_call_us;
    if (*quiet_us > 0 && *quiet_us <= median_us) return;
    *quiet_us = median_us;
    run->dirty = true;
}

/* A pause that nobody ends keeps every shard awake. */
static void tire_of_pause(struct sn_run *run, int64_t now_us) {
    if (!sn_schedule_paused(&run->schedule)) return;
    const struct sn_epoch *pause = &run->schedule.epochs[run->schedule.epochs_len - 1];
    while (pause->kind != SN_EPOCH_PAUSE) pause--; /* a shard may have been replaced meanwhile */
    if (now_us - pause->effective_us < RUN_PAUSE_MAX_US) return;
    run_cancel(run, SN_ENDING_PAUSE, "paused for an hour, and nobody resumed it", now_us);
}

static void end_load(struct sn_run *run, int64_t now_us) {
    int64_t end_us = sn_earlier(now_us, sn_schedule_end_us(&run->schedule));
    run_lost_shard(run, "during the load");
    run->state.load_ended_us = now_us;
    run_note_usage(run, run->state.usage_after);
    uint32_t known_s = (uint32_t)(sn_schedule_clock_us(&run->schedule, end_us) / SN_SECOND_US);
    run_note_levels(run, known_s);
    run_watch_thresholds(run, known_s, now_us);
    leave_for_cleanup(run);
}

static void advance_load(struct sn_run *run, int64_t now_us) {
    note_quiet_service(run);
    int64_t end_us = sn_schedule_end_us(&run->schedule);
    if (run_alone(run, now_us)) {
        end_load(run, now_us);
        return;
    }
    if (now_us < end_us) {
        tire_of_pause(run, now_us);
        return;
    }
    if (run->state.status == SN_RUN_RUNNING) live(run, LIFE_DRAIN);
    int64_t bound_us = end_us + run->plan.max_late_us + run->plan.timeout_us + run_lost_us(run) + run->halted_us;
    bool done = run_shards_all_done(run, SN_STAGE_LOAD);
    if (!done && now_us < bound_us) return;
    if (!done) run_fail_by(run, SN_ENDING_LOST, "not every shard came to the end of the load");
    end_load(run, now_us);
}

/* Cleaning is over when every shard says so; a shard that is lost leaves its share to the sweep. */
static bool cleaned(struct sn_run *run, enum sn_stage stage) {
    run->state.cleaned = sum_jobs(run, false);
    run->state.clean_failed = sum_jobs(run, true);
    return run_shards_all_done(run, stage) || waited_us(run) > RUN_STAGE_PATIENCE_US;
}

static void advance_done(struct sn_run *run, int64_t now_us) {
    if (run->state.forgotten || now_us < run->state.sweep_us) return;
    for (uint32_t i = 0; i < run->state.shards_len; i++)
        run->shards[i].heard_us = now_us; /* they slept, as they should */
    enter(run, SN_STAGE_SWEEP);
}

static void advance_sweep(struct sn_run *run) {
    bool done = run_shards_all_done(run, SN_STAGE_SWEEP), late = waited_us(run) > RUN_STAGE_PATIENCE_US;
    if (!run->state.sweep_done && (done || late)) {
        run->state.sweep_done = 1;
        run->state.swept_us = run->now_us;
        run->state.sweep_cut = !done;
        run_save_soon(run); /* before anybody forgets the run */
    }
}

void run_advance(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (!run_active(run)) return;
    bool was_ended = run_ended(run);
    switch (run->state.stage) {
    case SN_STAGE_ARM: advance_arm(run, now_us); break;
    case SN_STAGE_PREPARE: advance_prepare(run, now_us); break;
    case SN_STAGE_LOAD: advance_load(run, now_us); break;
    case SN_STAGE_CLEANUP:
        if (cleaned(run, SN_STAGE_CLEANUP) && run_data_forgotten(run, now_us)) finish(run, now_us);
        break;
    case SN_STAGE_DONE: advance_done(run, now_us); break;
    case SN_STAGE_SWEEP: advance_sweep(run); break;
    default: break;
    }
    if (!was_ended && run_ended(run)) run_publish_result(run, now_us, w);
}
