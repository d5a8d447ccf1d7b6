#include <string.h>

#include "sentinel/base/message.h"
#include "sentinel/base/planted.h"
#include "shard_machine.h"

#define REPORT_PAUSE_US (SN_SECOND_US / 2)

/* --- The backlog: deltas that the run has not stored yet, oldest first -------------------------------------- */

struct backlog_entry *shard_backlog_find(struct sn_shard *shard, uint32_t seq) {
    for (uint32_t i = 0; i < shard->backlog_len; i++) {
        if (shard->backlog[i].seq == seq) return &shard->backlog[i];
    }
    return NULL;
}

bool shard_backlog_add(struct sn_shard *shard, uint32_t seq, const void *bytes, size_t len, bool durable) {
    if (shard->backlog_len == SN_BACKLOG_MAX || len > SN_BACKLOG_BYTES - shard->backlog_used) return false;
    shard->backlog[shard->backlog_len++] =
        (struct backlog_entry){.seq = seq, .offset = shard->backlog_used, .len = (uint32_t)len, .durable = durable};
    memcpy(&shard->backlog_bytes[shard->backlog_used], bytes, len);
    shard->backlog_used += (uint32_t)len;
    return true;
}

/* Forgets what the run has durably. */
static void forget_stored(struct sn_shard *shard, uint32_t stored_seq, struct sn_writer *w) {
    uint32_t gone = 0;
    while (gone < shard->backlog_len && shard->backlog[gone].seq <= stored_seq && shard->backlog[gone].durable) gone++;
    if (gone == 0) return;
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_ERASE});
    for (uint32_t i = 0; i < gone; i++) shard_put_delta_key(w, shard->backlog[i].seq);
    if (!sn_record_end(w, mark)) {
        w->full = false; /* the next answer says it again */
        return;
    }
    shard->delta.spent.rows_stored += gone;
    uint32_t freed = gone < shard->backlog_len ? shard->backlog[gone].offset : shard->backlog_used;
    shard->backlog_len -= gone;
    shard->backlog_used -= freed;
    memmove(shard->backlog, shard->backlog + gone, shard->backlog_len * sizeof shard->backlog[0]);
    memmove(shard->backlog_bytes, shard->backlog_bytes + freed, shard->backlog_used);
    for (uint32_t i = 0; i < shard->backlog_len; i++) shard->backlog[i].offset -= freed;
}

/* --- Reporting -------------------------------------------------------------------------------------------- */

bool shard_silenced(const struct sn_shard *shard, int64_t now_us) {
    return now_us - shard->allowed_us > sn_silence_us(shard->command.report_interval_us);
}

void shard_report(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    if (shard->report_id != 0 && now_us - shard->report_sent_us >= SN_CONTROL_TIMEOUT_US) {
        shard->report_id = 0; /* an answer that still comes is a stray */
        shard->state.harness_errors += 1;
    }
    if (!shard->armed || shard->report_id != 0 || now_us < shard->report_pause_us) return;
    if (!shard_may_call(shard, 1)) return; /* the next slice may */
    const struct backlog_entry *entry = shard_backlog_find(shard, shard->want_seq);
    if (entry == NULL || !entry->durable) return;
    if (now_us < shard_report_turn_us(shard, entry->seq, now_us)) return;
    uint32_t id = ++shard->next_id & 0x7fffffffu;
    size_t mark =
        sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_CALL_OBJECT, .id = id, .target = SN_BINDING_RUNS});
    sn_put_span(w, shard->state.run_name, strlen(shard->state.run_name));
    sn_put_span(w, NULL, 0);
    sn_message_begin(w, SN_MESSAGE_DELTA);
    sn_put_span(w, &shard->backlog_bytes[entry->offset], entry->len);
    if (!sn_record_end(w, mark)) {
        w->full = false;
        return;
    }
    shard->report_id = id;
    shard->report_seq = entry->seq;
    shard->report_sent_us = now_us;
    shard->report_turn_us = 0;
    shard_spend_calls(shard, 1);
}

/* A shard that starts operations acts by the epochs that it knows.  One that it learns of after its moment it obeyed too
 * late; that another shard has got somebody's place changes nothing for it, and a stop takes effect
 * before anybody can have heard of it. */
static void count_late_epochs(struct sn_shard *shard, uint32_t known, int64_t now_us) {
    if (shard_silenced(shard, now_us)) return;
    for (uint32_t i = known; i < shard->schedule.epochs_len; i++) {
        const struct sn_epoch *epoch = &shard->schedule.epochs[i];
        bool ahead = epoch->kind != SN_EPOCH_REPLACE && epoch->kind != SN_EPOCH_STOP;
        shard->state.epochs_late += ahead && epoch->effective_us < now_us;
    }
}

enum sn_status shard_obey(struct sn_shard *shard, struct sn_reader *message, int64_t now_us, struct sn_writer *w) {
    struct sn_command command;
    uint32_t known = shard->schedule.epochs_len;
    enum sn_status status = sn_command_get(message, &command, &shard->schedule);
    count_late_epochs(shard, known, now_us);
    if (status != SN_OK) return status;
    shard->state.heard_us = now_us;
    if (SN_PLANTED(ALLOWED_BY_CALLS)) shard->allowed_us = now_us;
    shard->command = command;
    shard_count_share(shard);
    forget_stored(shard, command.stored_seq, w);
    if (shard->report_id == 0) shard->want_seq = command.want_seq;
    if (command.stage > shard->state.stage) shard_stage_enter(shard, command.stage);
    return SN_OK;
}

/* The run had heard of us when it answered: until sn_silence_us() after the report was sent our place is ours. */
static void allow(struct sn_shard *shard, int64_t now_us) {
    bool silenced = shard_silenced(shard, now_us);
    shard->allowed_us = shard->report_sent_us;
    if (silenced) shard->back_us = now_us;
}

void shard_report_answered(struct sn_shard *shard, const struct sn_record *event, struct sn_span payload,
                           int64_t now_us, struct sn_writer *w) {
    uint32_t sent_seq = shard->report_seq;
    shard->report_id = 0;
    if (event->kind == SN_EVENT_FAILED) { /* the run is being restarted, or out of reach: its own words do not matter */
        shard->report_pause_us = now_us + REPORT_PAUSE_US;
        return;
    }
    if (event->status == SN_E_MISSING) { /* there is no such run any more: nobody would read what we measure */
        shard_forget(shard, w);
        return;
    }
    struct sn_reader r = sn_reader(payload.data, payload.len);
    bool readable = event->status == SN_OK && sn_message_open(&r) == SN_MESSAGE_COMMAND &&
                    shard_obey(shard, &r, now_us, w) == SN_OK;
    if (!readable) {
        shard->state.harness_errors += 1;
        shard->report_pause_us = now_us + REPORT_PAUSE_US;
        return;
    }
    allow(shard, now_us);
    bool taken = shard->command.want_seq > sent_seq;
    if (!taken) shard->report_pause_us = now_us + REPORT_PAUSE_US; /* it has no room until it has written */
}
