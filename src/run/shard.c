#include "sentinel/run/shard.h"

#include <string.h>

#include "sentinel/base/message.h"
#include "sentinel/base/planted.h"
#include "shard_machine.h"

#define GIVE_UP_US (3600 * SN_SECOND_US) /* a run that has not been heard of so long will not be */
#define RESERVE 512                      /* bytes of the outbox that stay free for alarms and the end of a slice */
#define OPENING_US (SN_SECOND_US / 20)   /* after opening, the event that caused it gets this long to arrive */

size_t sn_shard_size(void) {
    return sizeof(struct sn_shard);
}

struct sn_shard *sn_shard_init(void *memory) {
    struct sn_shard *shard = memory;
    memset(shard, 0, sizeof *shard);
    shard->full_since_us = INT64_MAX;
    shard->freed_us = INT64_MIN;
    shard->allowed_us = shard->back_us = SHARD_NEVER_US;
    sn_delta_clear(&shard->delta);
    return shard;
}

bool shard_working(const struct sn_shard *shard) {
    if (!shard->armed) return false;
    uint32_t stage = shard->state.stage;
    return stage != SN_STAGE_IDLE && stage != SN_STAGE_DONE;
}

/* --- Calls of the run ------------------------------------------------------------------------------------- */

static void reply(uint32_t id, enum sn_status status, uint32_t seq, struct sn_writer *w) {
    uint8_t body[4];
    struct sn_writer text = sn_writer(body, sizeof body);
    if (status == SN_OK) sn_put_u32(&text, seq);
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_REPLY, .id = id, .status = (int16_t)status}, body, text.len);
}

void shard_answer_arm(struct sn_shard *shard, struct sn_writer *w) {
    if (shard->arm_call_id == 0 || !shard->plan_durable || shard_passing(shard)) return;
    uint8_t body[12];
    struct sn_writer text = sn_writer(body, sizeof body);
    sn_put_u32(&text, shard->state.seq);
    sn_put_u32(&text, shard->pass.next);
    sn_put_u32(&text, shard->pass.come);
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_REPLY, .id = shard->arm_call_id}, body, text.len);
    shard->arm_call_id = 0;
}

/* A call to arm for somebody who has come already is a command. */
static enum sn_status armed_again(struct sn_shard *shard, struct sn_reader *message, uint32_t *followers,
                                  int64_t now_us, struct sn_writer *w) {
    sn_get_span(message);
    sn_get_span(message);
    sn_get_u32(message);
    sn_get_u32(message);
    *followers = sn_get_u32(message);
    return shard_obey(shard, message, now_us, w);
}

/* Whoever sweeps up after a run that was lost deals its places anew: one that took somebody's place in that run may have
 * another now, and what it knows of the old one is of no use to anybody. */
static bool is_another_place(const struct sn_shard *shard, struct sn_reader message) {
    sn_get_span(&message);
    sn_get_span(&message);
    uint32_t index = sn_get_u32(&message), place = sn_get_u32(&message);
    return !message.bad && (index != shard->state.index || place != shard->state.place);
}

/* Answered when the plan is durable and the followers were called.  Those of a run that is cleaning up already are awaited
 * too: what somebody has prepared is dealt to all. */
static void armed(struct sn_shard *shard, uint32_t id, struct sn_reader *message, int64_t now_us, struct sn_writer *w) {
    if (shard->arm_call_id != 0) { /* asked again before it was answered: the newer question gets the answer */
        reply(shard->arm_call_id, SN_E_STALE, 0, w);
        shard->arm_call_id = id;
        return;
    }
    uint32_t followers = 0;
    if (shard->armed && is_another_place(shard, *message)) shard_forget(shard, w);
    enum sn_status status =
        shard->armed ? armed_again(shard, message, &followers, now_us, w) : shard_arm(shard, message, &followers, w);
    if (status != SN_OK) {
        reply(id, status, 0, w);
        return;
    }
    shard->state.heard_us = now_us;
    shard->arm_call_id = id;
    shard_pass_begin(shard, followers, now_us);
    shard_answer_arm(shard, w);
}

static void commanded(struct sn_shard *shard, uint32_t id, struct sn_reader *message, int64_t now_us,
                      struct sn_writer *w) {
    enum sn_status status = shard->armed ? shard_obey(shard, message, now_us, w) : SN_E_MISSING;
    reply(id, status, shard->state.seq, w);
}

void shard_forget(struct sn_shard *shard, struct sn_writer *w) {
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_ERASE}, NULL, 0);
    if (shard->in_slice) sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_SLICE_END}, NULL, 0);
    uint32_t next_id = shard->next_id, generation = shard->generation; /* late answers must find nobody */
    sn_shard_init(shard);
    shard->next_id = next_id;
    shard->generation = generation;
    shard->opened = true;
}

static void called(struct sn_shard *shard, uint32_t id, struct sn_span payload, int64_t now_us, struct sn_writer *w) {
    struct sn_reader message = sn_reader(payload.data, payload.len);
    switch (sn_message_open(&message)) {
    case SN_MESSAGE_ARM: armed(shard, id, &message, now_us, w); break;
    case SN_MESSAGE_COMMAND: commanded(shard, id, &message, now_us, w); break;
    case SN_MESSAGE_FORGET:
        shard_forget(shard, w);
        reply(id, SN_OK, 0, w);
        break;
    default: reply(id, SN_E_FORMAT, 0, w);
    }
}

/* --- Events ------------------------------------------------------------------------------------------------ */

/* What a shard must not do when its alarm is delivered again: take its last slice for one that failed. */
static void do_again(struct sn_shard *shard) {
    struct shard_state *state = &shard->state;
    if (shard->slice_k == 0 || state->stage != SN_STAGE_LOAD || shard->slice_k >= state->cursor_k) return;
    state->counts.not_yet_due += sn_share_count(&shard->share, state->cursor_k - 1);
    state->counts.not_yet_due -= sn_share_count(&shard->share, shard->slice_k - 1);
    state->cursor_k = shard->slice_k;
}

/* `retries`: as the platform counts them.  One that is delivered again is an alarm like any other. */
static void begin_slice(struct sn_shard *shard, uint32_t retries, int64_t now_us) {
    if (SN_PLANTED(ALARM_TWICE) && retries > 0) do_again(shard);
    shard->slice_k = shard->state.cursor_k;
    shard->in_slice = true;
    shard->slice_over = false;
    shard->slice_calls = 0;
    shard->slice_start_us = shard->breath_us = now_us;
    shard->breath_due_us = 0;
    shard->alarm_us = 0;
    shard->state.slices += shard->armed;
}

static void take(struct sn_shard *shard, const struct sn_record *event, struct sn_span payload, int64_t now_us,
                 struct sn_writer *w) {
    switch (event->kind) {
    case SN_EVENT_LOADED: shard_loaded(shard, payload); break;
    case SN_EVENT_OPENED: shard_reopen(shard, now_us, w); break;
    case SN_EVENT_TIMER: shard_breathe(shard, now_us); break;
    case SN_EVENT_ALARM: begin_slice(shard, event->arg0, now_us); break;
    case SN_EVENT_CALL: called(shard, event->id, payload, now_us, w); break;
    case SN_EVENT_STEP_DONE:
    case SN_EVENT_STEP_FAILED: shard_step_answered(shard, event, payload, now_us, w); break;
    case SN_EVENT_DONE:
    case SN_EVENT_FAILED:
        if (event->id != 0 && event->id == shard->store_id) {
            shard_stored(shard, event->kind == SN_EVENT_DONE, now_us, w);
        } else if (event->id != 0 && event->id == shard->report_id) {
            shard_report_answered(shard, event, payload, now_us, w);
        } else if (!shard_pass_answered(shard, event)) {
            shard->state.strays += 1;
        }
        break;
    default: shard->state.strays += 1;
    }
}

/* --- Slices and alarms --------------------------------------------------------------------------------------- */

static void set_alarm(struct sn_shard *shard, int64_t at_us, struct sn_writer *w) {
    shard->alarm_us = at_us;
    shard->delta.spent.rows_stored += 1; /* an alarm is charged as a row */
    sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_SET_ALARM, .at_us = (double)at_us}, NULL, 0);
}

/* One alarm serves two ends: while a slice works it is the dead-man switch, and at its end the next slice. */
static void keep_awake(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    bool working = shard_working(shard);
    if (shard->in_slice) {
        bool over = shard->slice_over || !working || now_us - shard->slice_start_us >= SN_SLICE_US;
        if (over) {
            if (working) set_alarm(shard, now_us, w);
            if (!working && shard->armed) set_alarm(shard, now_us + GIVE_UP_US + SN_SECOND_US, w);
            shard->in_slice = false;
            sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_SLICE_END}, NULL, 0);
        } else if (shard->alarm_us - now_us < SN_DEADMAN_US / 2 && !SN_PLANTED(DEAD_MAN_FORGOTTEN)) {
            set_alarm(shard, now_us + SN_DEADMAN_US, w);
        }
        return;
    }
    /* Not in a slice although there is work: the alarm is on its way, or it was lost. */
    bool expected = shard->alarm_us != 0 && now_us - shard->alarm_us < SN_DEADMAN_US;
    bool opening = now_us - shard->opened_us < OPENING_US && shard->state.incarnation > 1;
    if (working && !expected && !opening) set_alarm(shard, now_us, w);
}

void sn_shard_step(struct sn_shard *shard, int64_t now_us, struct sn_reader *events, struct sn_writer *effects) {
    struct sn_record event;
    struct sn_span payload;
    shard->now_us = now_us;
    while (sn_record_next(events, &event, &payload)) take(shard, &event, payload, now_us, effects);
    if (!shard->opened) return;
    effects->cap -= RESERVE;
    if (shard->armed && now_us - shard->state.heard_us > GIVE_UP_US) shard_forget(shard, effects);
    if (shard->armed) {
        shard_time_out(shard, now_us);
        shard_pass_on(shard, now_us, effects);
        shard_work(shard, now_us, effects);
        shard_checkpoint(shard, now_us, effects);
        shard_report(shard, now_us, effects);
    }
    effects->cap += RESERVE;
    keep_awake(shard, now_us, effects);
}

int64_t sn_shard_deadline_us(const struct sn_shard *shard) {
    if (!shard->opened || !shard->armed) return INT64_MAX;
    int64_t deadline_us = shard->report_id != 0 ? shard->report_sent_us + SN_CONTROL_TIMEOUT_US : INT64_MAX;
    const struct backlog_entry *next = shard_backlog_find((struct sn_shard *)shard, shard->want_seq);
    if (shard->report_id == 0 && next != NULL && next->durable && shard_may_call(shard, 1)) {
        int64_t turn_us = shard->report_turn_us, pause_us = shard->report_pause_us;
        deadline_us = sn_earlier(deadline_us, turn_us > pause_us ? turn_us : pause_us);
    }
    deadline_us = sn_earlier(deadline_us, shard_pass_deadline_us(shard));
    if (!shard_working(shard)) return deadline_us;
    if (shard->store_id == 0) deadline_us = sn_earlier(deadline_us, shard->checkpoint_us);
    if (shard->in_slice) {
        deadline_us = sn_earlier(deadline_us, shard->slice_start_us + SN_SLICE_US);
    } else {
        deadline_us = sn_earlier(deadline_us, shard->alarm_us != 0 ? shard->alarm_us + SN_DEADMAN_US
                                                                   : shard->opened_us + OPENING_US);
    }
    return sn_earlier(deadline_us, shard_work_deadline_us(shard, shard->now_us));
}
