#include "sentinel/run/run.h"

#include <string.h>

#include "run_machine.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"

#define NAP_US (30 * SN_SECOND_US) /* it takes ten seconds to fall asleep */

struct sn_run *sn_run_init(void *memory) {
    struct sn_run *run = memory;
    memset(run, 0, sizeof *run);
    run->alone_us = run->store_failed_us = INT64_MAX;
    return run;
}

/* --- Calls ----------------------------------------------------------------------------------------------- */

static void refuse(uint32_t id, enum sn_status status, struct sn_writer *w) {
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_REPLY, .id = id, .status = (int16_t)status}, NULL, 0);
}

/* Answered when the plan is durable: what was promised is not forgotten. */
static void create(struct sn_run *run, uint32_t id, struct sn_reader *message, int64_t now_us, struct sn_writer *w) {
    uint32_t creation = sn_get_u32(message);
    struct sn_span plan = sn_get_span(message);
    uint64_t reach = creation == SN_CREATION_SWEEP ? sn_get_u64(message) : 0;
    uint32_t revision = creation == SN_CREATION_SWEEP ? sn_get_u32(message) : 0;
    bool again = run->planned; /* the answer to the first got lost, and maybe the start with it */
    enum sn_status status = message->bad || creation > SN_CREATION_SWEEP ? SN_E_FORMAT : SN_OK;
    if (status == SN_OK && !again) status = run_use_plan(run, plan.data, plan.len);
    if (status != SN_OK) {
        run->planned = again;
        refuse(id, status, w);
        return;
    }
    if (!again && run->unreadable) sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_ERASE}, NULL, 0);
    if (!again) {
        run->state.created_us = now_us;
        run->first_log_seq = 1;
        run->plan_unwritten = run->snapshot_wanted = true;
        run->start_when_stored = creation == SN_CREATION_START;
        if (creation == SN_CREATION_SWEEP) run_sweep_up(run, reach, revision, now_us); /* it is on disk with the plan */
    } else if (creation == SN_CREATION_START && !run->plan_unwritten) {
        run_start(run, now_us); /* refused when it has started: then there is nothing to do */
    }
    run_hold(run, id, now_us, w);
}

/* What people ask for, where they may. */
static enum sn_status obey(struct sn_run *run, enum sn_run_action action, struct sn_reader *message, int64_t now_us) {
    enum sn_outcome outcome = sn_run_action_outcome(action, run_situation(run, now_us));
    if (outcome != SN_OUTCOME_DONE) return outcome == SN_OUTCOME_SAME ? SN_OK : SN_E_STATE;
    switch (action) {
    case SN_RUN_ACTION_START: return run_start(run, now_us);
    case SN_RUN_ACTION_CANCEL: return run_cancel(run, SN_ENDING_CANCEL, "somebody asked for it", now_us);
    case SN_RUN_ACTION_SCALE: return run_steer(run, action, sn_get_f64(message), now_us);
    case SN_RUN_ACTION_EXTEND: return run_steer(run, action, sn_get_u32(message), now_us);
    default: return run_steer(run, action, 0, now_us);
    }
}

/* A run that cannot be cancelled any more comes to its end by itself. */
static enum sn_status stop(struct sn_run *run, struct sn_reader *message, int64_t now_us) {
    char reason[SN_REASON_MAX];
    struct sn_span words = sn_get_span(message);
    struct sn_writer w = sn_writer(reason, sizeof reason);
    enum sn_outcome outcome = sn_run_action_outcome(SN_RUN_ACTION_CANCEL, run_situation(run, now_us));
    if (message->bad || words.len > SN_WORDS_MAX) return SN_E_FORMAT;
    if (outcome != SN_OUTCOME_DONE) return outcome == SN_OUTCOME_SAME ? SN_OK : SN_E_STATE;
    sn_put_text(&w, "everything was stopped");
    if (words.len > 0) sn_put_text(&w, ": ");
    sn_put_bytes(&w, words.data, words.len);
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    return run_cancel(run, SN_ENDING_KILL_SWITCH, reason, now_us);
}

static void answer(struct sn_run *run, uint32_t id, enum sn_status status, int64_t now_us, struct sn_writer *w) {
    if (status == SN_OK)
        run_hold(run, id, now_us, w);
    else
        run_reply_state(run, id, status, now_us, w);
    if (status == SN_OK && run_ended(run)) run_publish_result(run, now_us, w);
}

static void act(struct sn_run *run, uint32_t id, enum sn_run_action action, struct sn_reader *message, int64_t now_us,
                struct sn_writer *w) {
    answer(run, id, obey(run, action, message, now_us), now_us, w);
}

static void called(struct sn_run *run, uint32_t id, struct sn_span payload, int64_t now_us, struct sn_writer *w) {
    struct sn_reader message = sn_reader(payload.data, payload.len);
    uint32_t kind = sn_message_open(&message);
    if (kind == SN_MESSAGE_CREATE) {
        create(run, id, &message, now_us, w);
        return;
    }
    if (!run->planned) { /* the tick hears whether there is something to sweep up */
        if (run->unreadable && kind == SN_MESSAGE_DELETE) run_erase(run, w); /* nobody else knows of it */
        enum sn_status none = run->unreadable && kind == SN_MESSAGE_POKE ? SN_E_VERSION : SN_E_MISSING;
        refuse(id, kind == 0 ? SN_E_FORMAT : none, w);
        return;
    }
    switch (kind) {
    case SN_MESSAGE_START: act(run, id, SN_RUN_ACTION_START, &message, now_us, w); break;
    case SN_MESSAGE_CANCEL: act(run, id, SN_RUN_ACTION_CANCEL, &message, now_us, w); break;
    case SN_MESSAGE_STOP: answer(run, id, stop(run, &message, now_us), now_us, w); break;
    case SN_MESSAGE_PAUSE: act(run, id, SN_RUN_ACTION_PAUSE, &message, now_us, w); break;
    case SN_MESSAGE_RESUME: act(run, id, SN_RUN_ACTION_RESUME, &message, now_us, w); break;
    case SN_MESSAGE_SCALE: act(run, id, SN_RUN_ACTION_SCALE, &message, now_us, w); break;
    case SN_MESSAGE_EXTEND: act(run, id, SN_RUN_ACTION_EXTEND, &message, now_us, w); break;
    case SN_MESSAGE_EXPIRE: answer(run, id, run_expire(run, now_us), now_us, w); break;
    case SN_MESSAGE_READ:
    case SN_MESSAGE_POKE: run_reply_state(run, id, SN_OK, now_us, w); break;
    case SN_MESSAGE_REPORT:
        if (run->state.started_us == 0)
            refuse(id, SN_E_STATE, w);
        else
            run_reply_report(run, id, sn_get_u32(&message), now_us, w);
        break;
    case SN_MESSAGE_DELETE: run_forget(run, id, now_us, w); break;
    case SN_MESSAGE_DELTA: run_delta(run, id, &message, now_us, w); break;
    default: refuse(id, SN_E_FORMAT, w);
    }
}

/* --- Events --------------------------------------------------------------------------------------------- */

static void take(struct sn_run *run, const struct sn_record *event, struct sn_span payload, int64_t now_us,
                 struct sn_writer *w) {
    run_charge_event(run, event, payload);
    switch (event->kind) {
    case SN_EVENT_LOADED: run_loaded(run, payload); break;
    case SN_EVENT_OPENED:
        run_note_bindings(run, payload);
        run_reopen(run, now_us);
        break;
    case SN_EVENT_ALARM:
        run->alarm_us = 0;
        sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_SLICE_END}, NULL, 0);
        break;
    case SN_EVENT_CALL: called(run, event->id, payload, now_us, w); break;
    case SN_EVENT_DONE:
    case SN_EVENT_FAILED:
        if (run_stored(run, event, now_us, w) || run_projected(run, event, payload, now_us) ||
            run_target_answered(run, event, payload, now_us) || run_data_answered(run, event, payload, now_us))
            break;
        run_shard_answered(run, event, payload, now_us); /* not its id either: a stray, which is harmless */
        break;
    case SN_EVENT_SOCKET_OPENED:
        if (event->arg0 == 1)
            run_keep(run, event->target, w);
        else
            run_greet(run, event->target, payload, now_us, w);
        break;
    case SN_EVENT_SOCKET_MESSAGE: run_hear(event->target, payload, w); break;
    default: break; /* timers only need the step that follows */
    }
}

/* --- Steps ------------------------------------------------------------------------------------------------- */

static bool ticking(const struct sn_run *run) {
    return run_active(run) && run->state.stage != SN_STAGE_DONE;
}

static void tick(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (!ticking(run) || now_us < run->frame_us) return;
    run->frame_us = now_us + SN_SECOND_US;
    if (run_ended(run)) return;
    struct sn_report report = run_report(run, now_us);
    if (run->state.stage == SN_STAGE_LOAD) {
        uint32_t known_s = sn_report_history_end(&report);
        run_note_levels(run, known_s);
        run_watch_thresholds(run, known_s, now_us);
        run_search(run, known_s, now_us);
    }
    run_publish_frame(run, &report, w);
}

/* A try at the database that is far off is left to the alarm, so that an object which has nothing else to do sleeps until
 * then. */
static bool naps(const struct sn_run *run, int64_t now_us) {
    int64_t next_us = run_project_deadline_us(run);
    return !ticking(run) && next_us != INT64_MAX && next_us - now_us > NAP_US;
}

/* The alarm wakes the object if it dies while it works, and otherwise when there is something to do much later. */
static void keep_awake(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    int64_t at_us = INT64_MAX, next_us = run_project_deadline_us(run);
    bool unprojected = next_us != INT64_MAX || run->sql_id != 0;
    if (ticking(run) || (unprojected && !naps(run, now_us)))
        at_us = now_us + SN_DEADMAN_US;
    else
        at_us = sn_earlier(next_us, run_active(run) ? run->state.sweep_us : INT64_MAX);
    if (at_us == INT64_MAX) return;
    bool moving = at_us == now_us + SN_DEADMAN_US;
    if (moving && SN_PLANTED(DEAD_MAN_FORGOTTEN)) return;
    bool fine = run->alarm_us != 0 && (moving ? run->alarm_us - now_us >= SN_DEADMAN_US / 2 && run->alarm_us <= at_us
                                              : run->alarm_us == at_us);
    if (fine) return;
    run->alarm_us = at_us;
    run->state.use.rows_stored += 1; /* an alarm is charged as a row */
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_SET_ALARM, .at_us = (double)at_us}, NULL, 0);
}

void sn_run_step(struct sn_run *run, int64_t now_us, struct sn_reader *events, struct sn_writer *effects) {
    struct sn_record event;
    struct sn_span payload;
    run->now_us = now_us;
    while (sn_record_next(events, &event, &payload)) take(run, &event, payload, now_us, effects);
    if (!run->opened || !run->planned) return;
    run_release(run, now_us, effects);
    run_replace_lost(run, now_us);
    run_keep_budget(run, now_us);
    run_advance(run, now_us, effects);
    run_target_ask(run, now_us, effects);
    run_data_ask(run, now_us, effects);
    run_shards_drive(run, now_us, effects);
    tick(run, now_us, effects);
    run_project(run, now_us, effects);
    run_store(run, now_us, effects);
    keep_awake(run, now_us, effects);
}

int64_t sn_run_deadline_us(const struct sn_run *run) {
    if (!run->opened || !run->planned) return INT64_MAX;
    int64_t deadline_us = naps(run, run->now_us) ? INT64_MAX : run_project_deadline_us(run);
    if (run->dirty && run->store_id == 0) {
        deadline_us = sn_earlier(deadline_us, run->write_now ? run->now_us : run->store_us);
    }
    if (ticking(run)) {
        deadline_us = sn_earlier(deadline_us, run->frame_us);
        deadline_us = sn_earlier(deadline_us, run_target_deadline_us(run));
        deadline_us = sn_earlier(deadline_us, run_data_deadline_us(run));
        deadline_us = sn_earlier(deadline_us, run_shards_deadline_us(run));
    }
    return deadline_us;
}
