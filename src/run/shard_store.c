#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"
#include "shard_machine.h"

/* Stored keys, in the order in which they have to be read back. */
static const char plan_key[] = "a.plan", state_key[] = "b.state", delta_prefix[] = "c.delta/";

void shard_put_delta_key(struct sn_writer *w, uint32_t seq) {
    char key[sizeof delta_prefix + 8];
    struct sn_writer text = sn_writer(key, sizeof key);
    sn_put_text(&text, delta_prefix);
    sn_put_hex(&text, seq, 8);
    sn_put_span(w, key, text.len);
}

/* --- Writing --------------------------------------------------------------------------------------------- */

/* A lease outlasts the checkpoint that is to renew it. */
static int64_t lease_ahead_us(const struct sn_shard *shard) {
    return shard->command.report_interval_us + SN_LEASE_SPARE_US;
}

/* How many will have passed by the next checkpoint, if things go on as since the last one.  A time too short to tell counts
 * for more than it was. */
static uint64_t expected_to_pass(const struct sn_shard *shard, int64_t now_us) {
    int64_t interval_us = shard->command.report_interval_us, since_us = now_us - shard->checkpointed_us;
    if (since_us < interval_us / 8) since_us = interval_us / 8;
    uint64_t now_passed = sn_counts_passed(&shard->state.counts);
    uint64_t since = now_passed > shard->passed_then ? now_passed - shard->passed_then : 0;
    return (uint64_t)((double)since * (double)interval_us / (double)since_us);
}

/* How far ahead operations may be started: what is due soon, but hardly more than is likely to have passed when the next
 * checkpoint is on disk, because after a crash all of it counts as unaccounted. */
static uint64_t next_lease_k(const struct sn_shard *shard, int64_t now_us) {
    const struct shard_state *state = &shard->state;
    if (!shard_has_more(shard)) return state->lease_k;
    uint64_t due_soon = sn_schedule_count(&shard->schedule, now_us + lease_ahead_us(shard)) + 1;
    uint64_t likely = 2 * expected_to_pass(shard, now_us) + 4 * (uint64_t)shard->plan.slots + 16;
    uint64_t reachable = state->cursor_k + likely * state->places;
    uint64_t lease_k = due_soon < reachable ? due_soon : reachable;
    return lease_k > state->lease_k ? lease_k : state->lease_k;
}

/* Whether something is due under no lease before the next checkpoint could have renewed it. */
static bool lease_is_short(const struct sn_shard *shard) {
    const struct shard_state *state = &shard->state;
    if (!shard_has_more(shard) || state->cursor_k < shard->durable_lease_k) return false;
    return sn_schedule_count(&shard->schedule, shard->checkpoint_us + SN_LEASE_SPARE_US) >= state->cursor_k;
}

static uint64_t first_unfinished_item(const struct sn_shard *shard) {
    uint64_t item = shard->state.item_cursor;
    for (uint32_t i = 0; i < shard->open_len; i++) {
        const struct open_work *work = &shard->open[i];
        bool under_way = work->job != NULL && work->state != OPEN_FREE;
        if (under_way && work->item < item) item = work->item;
    }
    return item;
}

static struct sn_delta_head head_of(const struct sn_shard *shard, int64_t now_us, uint32_t seq) {
    const struct shard_state *state = &shard->state;
    struct sn_delta_head head = {
        .shard = state->index,
        .incarnation = state->incarnation,
        .seq = seq,
        .stage = state->stage,
        .stage_done = state->stage_done,
        .epoch_seq = shard->schedule.epochs_len,
        .armed_us = state->armed_us,
        .at_us = now_us,
        .lease_k = state->lease_k,
        .jobs_total = state->items_total,
        .jobs_done = state->items_done,
        .jobs_failed = state->items_failed,
        .calls = state->calls,
        .slices = state->slices,
        .harness_errors = state->harness_errors,
        .epochs_late = state->epochs_late,
        .timers_late_us = state->timers_late_us,
        .counts = state->counts,
        .words_len = state->words_len,
    };
    memcpy(head.words, state->words, state->words_len);
    return head;
}

static void keep_state(struct sn_shard *shard) {
    struct shard_state *kept = &shard->kept;
    *kept = shard->state;
    kept->version = SN_SHARD_STATE_VERSION;
    kept->size = sizeof *kept;
    kept->item_cursor = first_unfinished_item(shard); /* items are idempotent: after a crash these are done again */
    kept->epochs_len = shard->schedule.epochs_len;
    memcpy(kept->epochs, shard->schedule.epochs, kept->epochs_len * sizeof kept->epochs[0]);
}

static bool put_store(const struct sn_shard *shard, const struct backlog_entry *entry, uint32_t id,
                      struct sn_writer *w) {
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_STORE, .id = id});
    if (!shard->plan_durable) {
        sn_put_span(w, plan_key, sizeof plan_key - 1);
        sn_put_span(w, shard->plan_bytes, shard->plan_len);
    }
    sn_put_span(w, state_key, sizeof state_key - 1);
    sn_put_span(w, &shard->kept, sizeof shard->kept);
    shard_put_delta_key(w, entry->seq);
    sn_put_span(w, &shard->backlog_bytes[entry->offset], entry->len);
    if (sn_record_end(w, mark)) return true;
    w->full = false;
    return false;
}

/* Turns what was collected into the next delta of the backlog.  NULL when there is no room: then the run is behind, the
 * shard starts nothing more (shard_silenced), and what still arrives waits in `delta`. */
static struct backlog_entry *add_delta(struct sn_shard *shard, int64_t now_us) {
    if (shard->backlog_len == SN_BACKLOG_MAX) return NULL;
    uint32_t seq = shard->state.seq + 1;
    struct sn_delta_head head = head_of(shard, now_us, seq);
    struct sn_writer bytes =
        sn_writer(&shard->backlog_bytes[shard->backlog_used], SN_BACKLOG_BYTES - shard->backlog_used);
    sn_delta_put(&bytes, &head, &shard->delta);
    if (bytes.full) return NULL;
    struct backlog_entry *entry = &shard->backlog[shard->backlog_len++];
    *entry = (struct backlog_entry){.seq = seq, .offset = shard->backlog_used, .len = (uint32_t)bytes.len};
    shard->backlog_used += (uint32_t)bytes.len;
    shard->state.seq = seq;
    sn_delta_clear(&shard->delta);
    keep_state(shard);
    return entry;
}

void shard_checkpoint(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    if (shard->store_id != 0) return; /* one write at a time; the next one takes what comes meanwhile */
    bool due = now_us >= shard->checkpoint_us || sn_delta_full(&shard->delta) || lease_is_short(shard);
    bool wanted = shard->checkpoint_wanted || (due && shard_working(shard));
    struct backlog_entry *last = shard->backlog_len > 0 ? &shard->backlog[shard->backlog_len - 1] : NULL;
    bool again = last != NULL && !last->durable; /* a write that failed is written again before anything is added */
    if (!again && !wanted) return;
    if (again && now_us < shard->checkpoint_us) return;
    if (!again) {
        shard->state.lease_k = next_lease_k(shard, now_us);
        last = add_delta(shard, now_us);
        if (last == NULL) {
            shard->checkpoint_us = now_us + SN_REPORT_INTERVAL_US;
            return;
        }
        shard->checkpoint_wanted = false;
    }
    uint32_t id = ++shard->next_id & 0x7fffffffu;
    if (!put_store(shard, last, id, w)) return;
    shard->delta.spent.rows_stored += shard->plan_durable ? 2 : 3; /* the state, the delta, at first the plan */
    shard->store_id = id;
    shard->store_seq = last->seq;
    shard->store_plan = !shard->plan_durable;
    shard->store_lease_k = shard->kept.lease_k;
    shard->checkpointed_us = now_us;
    shard->passed_then = sn_counts_passed(&shard->state.counts);
    shard->checkpoint_us = shard_next_checkpoint_us(shard, now_us);
}

void shard_stored(struct sn_shard *shard, bool ok, int64_t now_us, struct sn_writer *w) {
    uint32_t seq = shard->store_seq;
    shard->store_id = shard->store_seq = 0;
    if (!ok) {
        shard->state.harness_errors += 1;
        shard->checkpoint_us = now_us + SN_REPORT_INTERVAL_US;
        return;
    }
    struct backlog_entry *entry = shard_backlog_find(shard, seq);
    if (entry != NULL) entry->durable = true;
    shard->durable_lease_k = shard->store_lease_k;
    shard->plan_durable = shard->plan_durable || shard->store_plan;
    shard_answer_arm(shard, w);
}

/* --- Taking and reading back ----------------------------------------------------------------------------- */

enum sn_status shard_use_plan(struct sn_shard *shard, const void *bytes, size_t len, struct sn_writer *w) {
    if (len > sizeof shard->plan_bytes) return SN_E_LIMIT;
    memcpy(shard->plan_bytes, bytes, len);
    shard->plan_len = (uint32_t)len;
    enum sn_status status = sn_plan_open(&shard->plan, shard->plan_bytes, len);
    if (status != SN_OK) return status;
    const struct sn_workload *workload = &shard->plan.workload;
    sn_schedule_init(&shard->schedule, &shard->plan.profile);
    for (uint32_t i = 0; i < workload->statements_len; i++) {
        const struct sn_text *text = &workload->statements[i];
        struct sn_record define = {.kind = SN_EFFECT_DEFINE, .arg0 = i};
        sn_record_put(w, &define, workload->pool + text->offset, text->len);
    }
    shard->render = sn_plan_render(&shard->plan);
    memset(&shard->shapes, 0, sizeof shard->shapes);
    return SN_OK;
}

/* Once there is a schedule, it says whose the place is. */
static bool belongs(const struct sn_schedule *schedule, uint32_t index, uint32_t place) {
    if (!sn_schedule_started(schedule)) return true;
    return index < sn_share_shards(schedule) && sn_share_of(schedule, index).place == place;
}

enum sn_status shard_arm(struct sn_shard *shard, struct sn_reader *message, uint32_t *followers, struct sn_writer *w) {
    struct sn_span run_name = sn_get_span(message), plan = sn_get_span(message);
    uint32_t index = sn_get_u32(message), place = sn_get_u32(message);
    *followers = sn_get_u32(message);
    struct shard_state *state = &shard->state;
    if (message->bad || run_name.len == 0 || run_name.len >= sizeof state->run_name) return SN_E_FORMAT;
    enum sn_status status = shard_use_plan(shard, plan.data, plan.len, w);
    if (status != SN_OK) return status;
    status = sn_command_get(message, &shard->command, &shard->schedule);
    if (status != SN_OK) return status;
    if (place >= shard->command.places || !belongs(&shard->schedule, index, place)) return SN_E_RANGE;
    memset(state, 0, sizeof *state);
    memcpy(state->run_name, run_name.data, run_name.len);
    state->index = index;
    state->place = place;
    state->places = shard->command.places;
    state->incarnation = 1;
    state->armed_us = shard->now_us;
    shard->armed = true;
    shard->plan_durable = false;
    shard->want_seq = 1;
    shard_count_share(shard);
    shard_stage_enter(shard, shard->command.stage);
    return SN_OK;
}

void shard_loaded(struct sn_shard *shard, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    struct sn_span key = sn_get_span(&r);
    struct sn_span value = {r.data + r.pos, sn_reader_left(&r)};
    if (r.bad) return;
    shard->stored = true;
    if (key.len == sizeof plan_key - 1 && memcmp(key.data, plan_key, key.len) == 0) {
        if (value.len > sizeof shard->plan_bytes) return;
        memcpy(shard->plan_bytes, value.data, value.len);
        shard->plan_len = (uint32_t)value.len;
    } else if (key.len == sizeof state_key - 1 && memcmp(key.data, state_key, key.len) == 0) {
        if (value.len == sizeof shard->state) memcpy(&shard->state, value.data, value.len);
    } else if (key.len > sizeof delta_prefix - 1 && memcmp(key.data, delta_prefix, sizeof delta_prefix - 1) == 0) {
        struct sn_reader body = sn_reader(value.data, value.len);
        struct sn_delta_head head;
        if (sn_delta_head_get(&body, &head) != SN_OK) return; /* the gap shows at the run, as missing sequence number */
        if (SN_PLANTED(RESULTS_DROPPED)) return;
        shard_backlog_add(shard, head.seq, value.data, value.len, true);
    }
}

/* What was under the lease and left no result may have been sent: it is never sent again. */
static void write_off(struct sn_shard *shard) {
    struct shard_state *state = &shard->state;
    struct sn_counts *counts = &state->counts;
    if (SN_PLANTED(REPLAYED)) return;
    counts->unaccounted += counts->in_flight;
    counts->in_flight = 0;
    if (state->stage > SN_STAGE_LOAD) return; /* no lease holds any more: what was started before is counted */
    if (state->cursor_k == 0 || state->cursor_k >= state->lease_k) return;
    uint64_t last_k = state->lease_k - 1;
    uint64_t lost = sn_share_count(&shard->share, last_k) - sn_share_count(&shard->share, state->cursor_k - 1);
    if (lost > counts->not_yet_due) { /* the load was slowed down since the lease was taken */
        counts->planned += lost - counts->not_yet_due;
        counts->not_yet_due = lost;
    }
    counts->unaccounted += lost;
    counts->not_yet_due -= lost;
    state->cursor_k = sn_share_next(&shard->share, last_k + 1);
}

static bool is_readable(struct sn_shard *shard, struct sn_writer *w) {
    const struct shard_state *state = &shard->state;
    if (shard->plan_len == 0 || state->version != SN_SHARD_STATE_VERSION || state->size != sizeof *state) return false;
    return shard_use_plan(shard, shard->plan_bytes, shard->plan_len, w) == SN_OK;
}

/* What another version has stored is not guessed at: nobody will ask for it, and nobody else would erase it. */
void shard_reopen(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    struct shard_state *state = &shard->state;
    shard->opened = true;
    shard->opened_us = now_us;
    if (!shard->stored) return;
    if (!is_readable(shard, w)) {
        shard_forget(shard, w);
        return;
    }
    for (uint32_t i = 0; i < state->epochs_len; i++) sn_schedule_add(&shard->schedule, &state->epochs[i]);
    shard->command = (struct sn_command){
        .stage = state->stage,
        .places = state->places,
        .last_k = state->last_k,
        .report_interval_us = sn_report_interval_us(state->places),
        .want_seq = 1,
    };
    shard->armed = shard->plan_durable = true;
    state->incarnation += 1;
    shard->want_seq = shard->backlog_len > 0 ? shard->backlog[0].seq : state->seq + 1;
    shard_count_share(shard);
    write_off(shard);
    shard->durable_lease_k = state->lease_k;
    shard->checkpoint_wanted = true;
}
