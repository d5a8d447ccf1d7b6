#include <string.h>

#include "run_machine.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"

uint64_t run_last_k(const struct sn_run *run) {
    if (!sn_schedule_started(&run->schedule)) return 0;
    uint64_t last = sn_schedule_total(&run->schedule);
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        if (run->shards[i].lease_k > last + 1) last = run->shards[i].lease_k - 1;
        /* Who is lost, or has not told that it knows of a stop, may have gone on for a while. */
        bool unsure = run->shards[i].lost || run->shards[i].epoch_seq < run->schedule.epochs_len;
        uint64_t reach = unsure ? run_shard_reach(run, i) : 0;
        if (reach > last) last = reach;
    }
    return last;
}

/* Shards prepare as soon as they are armed, if there is something to prepare; the run's own ARM stage only says that not all
 * of them are. */
static uint32_t stage_for_shards(const struct sn_run *run) {
    if (run->durable_stage > SN_STAGE_ARM) return run->durable_stage;
    bool nothing = run->state.swept_up || run->state.data == RUN_DATA_FOUND;
    return nothing ? (uint32_t)SN_STAGE_ARM : (uint32_t)SN_STAGE_PREPARE;
}

static struct sn_command command_for(const struct sn_run *run, uint32_t index) {
    return (struct sn_command){
        .stage = stage_for_shards(run),
        .places = run_places(run),
        .stored_seq = SN_PLANTED(ACKNOWLEDGED_EARLY) ? run->shards[index].seq : run->shards[index].stored_seq,
        .want_seq = run->shards[index].seq + 1,
        .last_k = run->state.last_k,
        .report_interval_us = run_interval_us(run),
    };
}

static void put_command(const struct sn_run *run, uint32_t index, struct sn_writer *w) {
    struct sn_command command = command_for(run, index);
    uint32_t epochs = SN_PLANTED(TOLD_EARLY) ? run->schedule.epochs_len : run->durable_epochs;
    sn_command_put(w, &command, &run->schedule, epochs);
}

bool run_shards_all_done(const struct sn_run *run, uint32_t stage) {
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        const struct run_shard *shard = &run->shards[i];
        if (run_being_armed(run, i)) return false; /* it may have come, and be at work */
        bool absent = !shard->armed && i < run_places(run) && !run_comes_late(run, i);
        if (shard->lost || absent) continue;
        bool done = shard->stage > stage || (shard->stage == stage && shard->stage_done);
        if (!done) return false;
    }
    return true;
}

/* --- Calls to shards ---------------------------------------------------------------------------------------- */

static bool call(struct sn_run *run, uint32_t index, enum sn_message kind, int64_t now_us, struct sn_writer *w) {
    uint32_t id = ++run->next_id;
    struct sn_record record = {.kind = SN_EFFECT_CALL_OBJECT, .id = id, .target = SN_BINDING_SHARDS};
    size_t mark = sn_record_begin(w, &record);
    struct sn_arming arming = {
        .index = index, .place = run->shards[index].place, .followers = run_followers(run, index)};
    sn_plan_put_shard_address(w, &run->plan, arming.place, index);
    if (kind == SN_MESSAGE_ARM)
        sn_arm_put(w, run->plan.run_id, (struct sn_span){run->plan_bytes, run->plan_len}, &arming);
    else
        sn_message_begin(w, kind);
    if (kind != SN_MESSAGE_FORGET) put_command(run, index, w);
    if (!sn_record_end(w, mark)) {
        w->full = false;
        return false;
    }
    run->links[index].call_id = id;
    run->links[index].kind = kind;
    run->links[index].followers = kind == SN_MESSAGE_ARM ? arming.followers : 0;
    run->links[index].sent_us = now_us;
    run->links[index].pushed_stage = stage_for_shards(run);
    run->links[index].pushed_epoch = run->durable_epochs;
    run->calls += 1;
    run->state.use.requests += 1 + run->links[index].followers;
    if (kind == SN_MESSAGE_ARM) run_arming(run, index, now_us);
    return true;
}

/* Which call this shard needs now; 0: none. */
static uint32_t wanted(const struct sn_run *run, uint32_t index, int64_t now_us) {
    const struct run_shard *shard = &run->shards[index];
    const struct run_link *link = &run->links[index];
    if (link->call_id != 0 || now_us < link->next_us) return 0;
    if (run->state
            .sweep_done) { /* who has forgotten a run that is restarted and knows of no end would seem lost to it */
        bool known = run->durable_swept || run_storage_fails(run, now_us);
        return shard->armed && known ? SN_MESSAGE_FORGET : 0;
    }
    if (!shard->armed) return run_to_be_armed(run, index) && now_us >= run->arm_us ? SN_MESSAGE_ARM : 0;
    if (shard->lost) return 0;
    uint32_t stage = stage_for_shards(run);
    bool behind = shard->stage < stage || shard->epoch_seq < run->durable_epochs;
    bool told = link->pushed_stage == stage && link->pushed_epoch == run->durable_epochs;
    if (behind && !told) return SN_MESSAGE_COMMAND;
    int64_t last_us = shard->heard_us > link->sent_us ? shard->heard_us : link->sent_us;
    bool silent = stage != SN_STAGE_DONE && now_us - last_us > 3 * run_interval_us(run);
    return silent ? SN_MESSAGE_COMMAND : 0;
}

/* A late answer is a stray. */
static void time_out(struct sn_run *run, uint32_t index, int64_t now_us) {
    struct run_link *link = &run->links[index];
    if (link->call_id == 0 || now_us - link->sent_us <= RUN_CALL_TIMEOUT_US) return;
    link->call_id = 0;
    link->next_us = now_us + SN_SECOND_US;
    run->calls -= 1;
    run_arm_timed_out(run, index, now_us);
}

void run_shards_drive(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (!run_active(run)) return;
    bool armed_any = false;
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        time_out(run, i, now_us);
        uint32_t kind = run->calls < RUN_CALLS_MAX ? wanted(run, i, now_us) : 0;
        if (kind != 0) call(run, i, (enum sn_message)kind, now_us, w); /* no room: the next step finds the same */
        armed_any = armed_any || run->shards[i].armed;
    }
    /* Every shard has forgotten the run: nothing is left of it but its results.  Who was not reached for half an hour will
     * forget by itself. */
    bool late = now_us - run->state.stage_us > 2 * RUN_STAGE_PATIENCE_US;
    if (run->state.sweep_done && (!armed_any || late)) {
        run->state.forgotten = 1;
        run_save_soon(run);
    }
}

int64_t run_shards_deadline_us(const struct sn_run *run) {
    int64_t deadline_us = INT64_MAX;
    if (run->calls >= RUN_CALLS_MAX) return deadline_us;
    for (uint32_t i = 0; i < run->state.shards_len; i++) { /* who is being armed answers, or is given up by a tick */
        const struct run_link *link = &run->links[i];
        if (!run_to_be_armed(run, i) || link->call_id != 0) continue;
        deadline_us = sn_earlier(deadline_us, link->next_us > run->arm_us ? link->next_us : run->arm_us);
    }
    return deadline_us;
}

bool run_shard_answered(struct sn_run *run, const struct sn_record *event, struct sn_span payload, int64_t now_us) {
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        struct run_link *link = &run->links[i];
        if (event->id == 0 || link->call_id != event->id) continue;
        link->call_id = 0;
        run->calls -= 1;
        bool ok = event->kind == SN_EVENT_DONE && event->status == SN_OK;
        struct run_shard *shard = &run->shards[i];
        if (link->kind == SN_MESSAGE_FORGET) {
            if (ok)
                shard->armed = 0;
            else
                link->next_us = now_us + SN_SECOND_US;
        } else if (link->kind == SN_MESSAGE_ARM) {
            run_arm_answered(run, i, ok, payload, now_us);
            if (!ok) link->next_us = now_us + SN_SECOND_US;
        } else if (event->kind == SN_EVENT_DONE && event->status == SN_E_MISSING) {
            shard->lost = 1; /* it has lost its memory, and with it all that it could still tell */
        } else if (!ok) {
            link->next_us = now_us + SN_SECOND_US;
            link->pushed_stage = 0; /* it may not have heard it */
        }
        run->dirty = true;
        return true;
    }
    return false;
}

/* --- Deltas --------------------------------------------------------------------------------------------------- */

static void reply_command(struct sn_run *run, uint32_t call_id, uint32_t index, struct sn_writer *w) {
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_REPLY, .id = call_id});
    sn_message_begin(w, SN_MESSAGE_COMMAND);
    put_command(run, index, w);
    if (!sn_record_end(w, mark)) w->full = false; /* the shard asks again */
}

static uint32_t life_of(const struct sn_delta_head *head) {
    return (uint32_t)(head->armed_us / 1000);
}

static void take_head(struct sn_run *run, struct run_shard *shard, const struct sn_delta_head *head, int64_t now_us) {
    shard->seq = head->seq;
    shard->life = life_of(head);
    if (head->stage <= SN_STAGE_LOAD) shard->incarnation = head->incarnation; /* later the platform may let it sleep */
    shard->stage = (uint16_t)head->stage;
    shard->stage_done = (uint16_t)head->stage_done;
    shard->epoch_seq = head->epoch_seq;
    shard->slices = head->slices;
    shard->harness_errors = head->harness_errors;
    shard->epochs_late = head->epochs_late;
    shard->timers_late_ms = (uint32_t)(head->timers_late_us / 1000);
    shard->lease_k = head->lease_k;
    shard->jobs_total = head->jobs_total;
    shard->jobs_done = head->jobs_done;
    shard->jobs_failed = head->jobs_failed;
    shard->calls = head->calls;
    shard->counts = head->counts;
    if (head->stage == SN_STAGE_PREPARE && run->state.words_len == 0) {
        run->state.words_len = head->words_len;
        memcpy(run->state.words, head->words, head->words_len);
    }
    shard->skew_us = head->at_us - now_us;
    run->dirty = true;
}

/* Keeps the delta for the log.  False when there is no room until the next write: the shard will send it again. */
static bool keep(struct sn_run *run, struct sn_span delta) {
    struct sn_writer log = sn_writer(run->log_bytes, sizeof run->log_bytes);
    log.len = run->log_used;
    sn_put_span(&log, delta.data, delta.len);
    if (log.full) return false;
    if (SN_PLANTED(UNLOGGED)) return true;
    run->log_used = (uint32_t)log.len;
    return true;
}

/* A call to arm may arrive late, or twice.  A shard that had lost what it stored is then armed afresh: it counts from the
 * beginning, and would be taken for the one that was there before. */
static bool is_another(const struct run_shard *shard, const struct sn_delta_head *head) {
    if (SN_PLANTED(FENCE_SKIPPED)) return false;
    return shard->seq > 0 && life_of(head) != shard->life;
}

void run_delta(struct sn_run *run, uint32_t call_id, struct sn_reader *message, int64_t now_us, struct sn_writer *w) {
    struct sn_span delta = sn_get_span(message);
    struct sn_reader body = sn_reader(delta.data, delta.len);
    struct sn_delta_head head;
    enum sn_status status = message->bad ? SN_E_FORMAT : sn_delta_head_get(&body, &head);
    if (status == SN_OK && head.shard >= run->state.shards_len) status = SN_E_RANGE;
    if (status == SN_OK && run->state.forgotten) status = SN_E_MISSING;
    if (status != SN_OK) {
        sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_REPLY, .id = call_id, .status = (int16_t)status}, NULL,
                      0);
        return;
    }
    struct run_shard *shard = &run->shards[head.shard];
    if (is_another(shard, &head)) { /* what the first one knew is gone; this one is to forget that it was armed */
        shard->lost = 1;
        run->dirty = true;
        sn_record_put(w, &(struct sn_record){.kind = SN_EFFECT_REPLY, .id = call_id, .status = SN_E_MISSING}, NULL, 0);
        return;
    }
    shard->heard_us = now_us;
    shard->lost = 0; /* it is back; what it did not do in time is in its own counts */
    if (!shard->armed && !run->state.sweep_done) shard->armed = 1; /* the answer to ARM got lost, the shard did not */
    bool next = head.seq == shard->seq + 1;
    if (SN_PLANTED(DELTA_TWICE)) next = next || (head.seq == shard->seq && head.seq > 0);
    if (SN_PLANTED(GAP_IGNORED)) next = head.seq > shard->seq;
    if (next && keep(run, delta)) {
        if (sn_tally_add(run->tally, run->series, run->intervals, &body) != SN_OK)
            run_fail(run, "a shard's report could not be read");
        take_head(run, shard, &head, now_us);
    }
    reply_command(run, call_id, head.shard, w);
}
