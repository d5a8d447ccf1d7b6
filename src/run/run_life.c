#include <string.h>

#include "run_machine.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"

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

void run_enter(struct sn_run *run, enum sn_stage stage) {
    run->state.stage = stage;
    run->state.stage_us = run->now_us;
    run->halted_us = 0;
    run_data_drop(run);
    run_save_soon(run);
}

int64_t run_waited_us(const struct sn_run *run) {
    return run->now_us - run->state.stage_us - run->halted_us;
}

enum sn_status run_start(struct sn_run *run, int64_t now_us) {
    enum sn_status status = live(run, LIFE_START);
    if (status != SN_OK) return status;
    run->state.started_us = now_us;
    run->arm_us = now_us;
    run_enter(run, SN_STAGE_ARM);
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

void run_add_epoch(struct sn_run *run, enum sn_epoch_kind kind, int64_t effective_us) {
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

void run_finish(struct sn_run *run, int64_t now_us) {
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
    run_enter(run, SN_STAGE_DONE);
}

void run_drain(struct sn_run *run) {
    live(run, LIFE_DRAIN);
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
    run_enter(run, SN_STAGE_DONE);
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
    } else {
        run_stop(run, now_us);
    }
    return SN_OK;
}

/* A stop takes effect after what was decided before it, so it may be pending when the next one is asked for. */
void run_stop(struct sn_run *run, int64_t now_us) {
    const struct sn_schedule *schedule = &run->schedule;
    bool goes_on = run->state.stage == SN_STAGE_LOAD && now_us < sn_schedule_end_us(schedule);
    if (goes_on && !sn_schedule_stopped(schedule)) run_add_epoch(run, SN_EPOCH_STOP, run_epoch_moment_us(run, now_us));
}

void run_abort(struct sn_run *run, const char *reason, int64_t now_us) {
    run_fail_by(run, SN_ENDING_THRESHOLD, reason);
    run_stop(run, now_us);
}
