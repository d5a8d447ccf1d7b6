#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"
#include "shard_machine.h"

#define ITEMS_PER_STEP 4096u /* most of a per-kind job's items are of another kind: passing them takes time too */

uint32_t shard_second(const struct sn_shard *shard, int64_t at_us) {
    int64_t clock_us = sn_schedule_clock_us(&shard->schedule, at_us);
    return clock_us <= 0 ? 0 : (uint32_t)((clock_us - 1) / SN_SECOND_US);
}

static bool is_job_stage(uint32_t stage) {
    return stage == SN_STAGE_PREPARE || stage == SN_STAGE_CLEANUP || stage == SN_STAGE_SWEEP;
}

/* Sweeping is cleaning a second time, for what arrived late. */
enum sn_stage shard_job_stage(uint32_t stage) {
    return stage == SN_STAGE_PREPARE ? SN_STAGE_PREPARE : SN_STAGE_CLEANUP;
}

static bool any_open(const struct sn_shard *shard) {
    for (uint32_t i = 0; i < shard->open_len; i++) {
        if (shard->open[i].state != OPEN_FREE) return true;
    }
    return false;
}

bool shard_slot_free(const struct sn_shard *shard) {
    return shard->calls_in_flight < shard_slots(shard) + (SN_PLANTED(CONTROL_SLOT) ? 1 : 0);
}

bool shard_place_left(const struct sn_shard *shard) {
    for (uint32_t i = 0; i < shard->open_len; i++) {
        if (shard->open[i].state == OPEN_FREE) return true;
    }
    return shard->open_len < SN_OPEN_MAX;
}

static bool room_left(const struct sn_shard *shard) {
    return shard_slot_free(shard) && shard_place_left(shard);
}

void shard_note_room(struct sn_shard *shard, int64_t now_us) {
    bool full = !room_left(shard);
    if (full == (shard->full_since_us != INT64_MAX)) return;
    if (!full) shard->freed_us = now_us;
    shard->full_since_us = full ? now_us : INT64_MAX;
}

/* The lowest free place: so all that are taken lie close together. */
static bool place_free(struct sn_shard *shard, uint32_t *place) {
    while (shard->open_len > 0 && shard->open[shard->open_len - 1].state == OPEN_FREE) shard->open_len -= 1;
    for (*place = 0; *place < shard->open_len; *place += 1) {
        if (shard->open[*place].state == OPEN_FREE) return true;
    }
    if (*place == SN_OPEN_MAX) return false;
    shard->open_len += 1;
    return true;
}

static uint64_t items_end(const struct sn_shard *shard) {
    uint64_t items = sn_plan_items(&shard->plan, shard_job_stage(shard->state.stage), shard->state.last_k);
    if (SN_PLANTED(LEFT_TO_SWEEP) && shard->state.stage == SN_STAGE_CLEANUP) return items / 2;
    return SN_PLANTED(LAST_KEY) && items > 0 && shard->state.stage != SN_STAGE_PREPARE ? items - 1 : items;
}

/* The run went on without us, and what is left of ours is too late.  What a stop took away was never due. */
static void give_up_rest(struct sn_shard *shard) {
    struct sn_counts *counts = &shard->state.counts;
    if (counts->not_yet_due == 0) return;
    uint64_t due = sn_share_count(&shard->share, sn_schedule_total(&shard->schedule));
    uint64_t passed = sn_counts_passed(counts), late = due > passed ? due - passed : 0;
    counts->dropped[SN_DROP_SHARD_DOWN] += late;
    counts->cancelled += counts->not_yet_due - late;
    counts->not_yet_due = 0;
    shard->state.cursor_k = sn_share_next(&shard->share, sn_schedule_planned(&shard->schedule) + 1);
}

void shard_stage_enter(struct sn_shard *shard, uint32_t stage) {
    struct shard_state *state = &shard->state;
    if (stage > SN_STAGE_LOAD) give_up_rest(shard);
    state->stage = stage;
    state->stage_done = 0;
    state->item_cursor = shard->share.place;
    state->items_total = state->items_done = state->items_failed = 0;
    state->words_len = 0;
    for (uint32_t i = 0; i < shard->open_len; i++) { /* what waits to be tried again belongs to the stage before */
        struct open_work *work = &shard->open[i];
        if (work->job != NULL && work->calls == 0) work->state = OPEN_FREE;
    }
    if (is_job_stage(stage)) {
        state->last_k = shard->command.last_k;
        uint64_t items = items_end(shard);
        if (sn_share_ended(&shard->share)) state->item_cursor = items; /* its place is somebody else's */
        if (state->item_cursor < items) state->items_total = sn_share_items(shard->share.place, state->places, items);
    }
    shard->checkpoint_wanted = true;
}

static void finish_stage(struct sn_shard *shard) {
    if (shard->state.stage_done) return;
    shard->state.stage_done = 1;
    shard->checkpoint_wanted = true;
}

/* --- Sending ------------------------------------------------------------------------------------------- */

bool shard_may_call(const struct sn_shard *shard, uint32_t calls) {
    return shard->slice_calls + calls <= sn_platform_calls((enum sn_platform)shard->plan.platform);
}

void shard_spend_calls(struct sn_shard *shard, uint32_t calls) {
    shard->slice_calls += calls;
    if (SN_PLANTED(SLICE_UNBOUNDED)) return;
    if (shard->slice_calls >= sn_platform_slice_calls((enum sn_platform)shard->plan.platform)) shard->slice_over = true;
}

/* What is under way and can send something, and has waited longest; NULL when nothing can. */
static struct open_work *longest_waiting(struct sn_shard *shard, int64_t now_us) {
    struct open_work *longest = NULL;
    for (uint32_t i = 0; i < shard->open_len; i++) {
        struct open_work *work = &shard->open[i];
        if (!shard_has_ready(work, now_us)) continue;
        if (longest == NULL || work->wake_us < longest->wake_us) longest = work;
    }
    return longest;
}

static bool send_waiting(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    struct open_work *longest = longest_waiting(shard, now_us);
    return longest != NULL && shard_send_step(shard, longest, now_us, w);
}

/* --- Jobs: items as fast as slots allow ------------------------------------------------------------------ */

static bool start_item(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    struct shard_state *state = &shard->state;
    uint32_t place;
    if (!place_free(shard, &place)) return false;
    struct open_work *work = &shard->open[place];
    struct sn_item item = sn_plan_item(&shard->plan, shard_job_stage(state->stage), state->last_k, state->item_cursor);
    if (item.job == NULL) { /* a per-kind job, and this k is of another kind */
        if (state->items_total > 0) state->items_total -= 1;
        state->item_cursor += state->places;
        return true;
    }
    *work = (struct open_work){.k = item.number, .item = state->item_cursor, .job = item.job, .first_sent_us = now_us};
    work->tenant = (uint8_t)item.tenant;
    shard_begin(shard, work, now_us);
    if (!shard_send_step(shard, work, now_us, w)) {
        work->state = OPEN_FREE;
        return false;
    }
    work->tries = 1;
    state->item_cursor += state->places;
    return true;
}

static void work_job(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    struct shard_state *state = &shard->state;
    uint64_t end = items_end(shard);
    for (uint32_t i = 0; i < ITEMS_PER_STEP && shard_slot_free(shard); i++) {
        if (!shard->in_slice || shard->slice_over) break;
        if (state->item_cursor >= end && longest_waiting(shard, now_us) == NULL) break;
        if (shard_breathless(shard, now_us)) break;
        if (send_waiting(shard, now_us, w)) continue;
        if (state->item_cursor >= end || !start_item(shard, now_us, w)) break;
    }
    if (state->item_cursor >= end && !any_open(shard)) finish_stage(shard);
}

/* --- Load: operations when they are due ------------------------------------------------------------------ */

/* Nothing more of ours will start: what is left was cancelled by a stop. */
static void cancel_rest(struct sn_shard *shard) {
    struct shard_state *state = &shard->state;
    state->cursor_k = sn_share_next(&shard->share, sn_schedule_planned(&shard->schedule) + 1);
    state->counts.cancelled += state->counts.not_yet_due;
    state->counts.not_yet_due = 0;
}

bool shard_has_more(const struct sn_shard *shard) {
    const struct shard_state *state = &shard->state;
    if (state->stage != SN_STAGE_LOAD || state->cursor_k == 0 || state->cursor_k > shard->share.last_k) return false;
    return state->cursor_k <= sn_schedule_planned(&shard->schedule);
}

static void pass(struct sn_shard *shard) {
    struct shard_state *state = &shard->state;
    SN_ASSERT(state->counts.not_yet_due > 0);
    state->counts.not_yet_due -= 1;
    state->cursor_k = sn_share_next(&shard->share, state->cursor_k + 1);
}

static void drop(struct sn_shard *shard, int64_t due_us, enum sn_drop cause) {
    shard->state.counts.dropped[cause] += 1;
    sn_delta_dropped(&shard->delta, shard_second(shard, due_us), cause);
    pass(shard);
}

static bool lag_is_for_slots(const struct sn_shard *shard, int64_t due_us) {
    return shard->full_since_us != INT64_MAX || shard->freed_us > due_us;
}

static bool start_operation(struct sn_shard *shard, int64_t due_us, int64_t now_us, struct sn_writer *w) {
    struct shard_state *state = &shard->state;
    uint32_t place;
    if (!place_free(shard, &place)) return false;
    struct open_work *work = &shard->open[place];
    *work = (struct open_work){
        .k = state->cursor_k,
        .due_us = due_us,
        .first_sent_us = now_us,
        .kind = (uint8_t)sn_operation_kind(&shard->plan.mix, state->cursor_k),
        .phase = (uint8_t)sn_profile_phase_at(&shard->plan.profile, sn_schedule_clock_us(&shard->schedule, due_us)),
        .lag_slots = lag_is_for_slots(shard, due_us),
    };
    shard_begin(shard, work, now_us);
    if (!shard_send_step(shard, work, now_us, w)) {
        work->state = OPEN_FREE;
        return false;
    }
    shard_send_ready(shard, work, now_us, w);
    sn_delta_started(&shard->delta, shard_second(shard, due_us) + (SN_PLANTED(SECOND_OFF) ? 1 : 0));
    state->counts.in_flight += 1;
    state->counts.late += now_us - due_us > SN_CLOCK_STEP_US;
    pass(shard);
    return true;
}

/* False when there is nothing to do right now; the deadline says when there will be. */
static bool next_operation(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    struct shard_state *state = &shard->state;
    if (!shard_has_more(shard) || sn_delta_full(&shard->delta) || shard_silenced(shard, now_us)) return false;
    int64_t due_us = sn_schedule_due_us(&shard->schedule, state->cursor_k);
    if (due_us > now_us) return false;
    if (due_us <= shard->back_us && !SN_PLANTED(BURST)) { /* it was due while we were away: no burst afterwards */
        drop(shard, due_us, SN_DROP_SHARD_DOWN);
        return true;
    }
    if (now_us - due_us > shard->plan.max_late_us) {
        drop(shard, due_us, lag_is_for_slots(shard, due_us) ? SN_DROP_SLOTS : SN_DROP_HARNESS);
        return true;
    }
    if (!shard->in_slice || shard->slice_over || !room_left(shard)) return false;
    if (state->cursor_k >= shard->durable_lease_k && !SN_PLANTED(LEASE_AFTER)) return false;
    if (shard_breathless(shard, now_us)) return false;
    return start_operation(shard, due_us, now_us, w);
}

/* The dealing is known once the start epoch is. */
static void begin_load(struct sn_shard *shard) {
    struct shard_state *state = &shard->state;
    if (state->cursor_k != 0 || !sn_schedule_started(&shard->schedule)) return;
    shard_count_share(shard);
    state->cursor_k = sn_share_next(&shard->share, 1);
    shard->checkpoint_wanted = true; /* the first lease */
}

/* What was started or given up before an epoch that takes operations away
 * stays ours. */
void shard_count_share(struct sn_shard *shard) {
    struct shard_state *state = &shard->state;
    struct sn_counts *counts = &state->counts;
    if (!sn_schedule_started(&shard->schedule)) {
        shard->share = (struct sn_share){.place = state->place, .places = state->places, .last_k = UINT64_MAX};
        return;
    }
    if (shard->epochs_counted == shard->schedule.epochs_len) return;
    shard->epochs_counted = shard->schedule.epochs_len;
    shard->share = sn_share_of(&shard->schedule, state->index);
    if (SN_PLANTED(PLACE_KEPT)) shard->share.last_k = UINT64_MAX;
    uint64_t planned = sn_schedule_planned(&shard->schedule), passed = sn_counts_passed(counts);
    uint64_t owned = sn_share_count(&shard->share, planned);
    counts->planned = owned > passed ? owned : passed;
    counts->not_yet_due = counts->planned - passed;
    if (counts->not_yet_due > 0) shard->state.stage_done = 0;
}

static void work_load(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    begin_load(shard);
    if (shard->state.cursor_k == 0) return;
    shard_count_share(shard);
    bool over = now_us >= sn_schedule_end_us(&shard->schedule); /* until then an epoch may bring more */
    if (over && sn_schedule_stopped(&shard->schedule)) {
        cancel_rest(shard);
        shard_cancel_thinking(shard, now_us);
    }
    while (!shard->slice_over && shard_slot_free(shard) && send_waiting(shard, now_us, w)) {}
    while (next_operation(shard, now_us, w)) {}
    if (over && !shard_has_more(shard) && !any_open(shard)) finish_stage(shard);
}

void shard_work(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    if (shard_passing(shard)) return; /* first the others, then the work */
    if (is_job_stage(shard->state.stage)) work_job(shard, now_us, w);
    if (shard->state.stage == SN_STAGE_LOAD) work_load(shard, now_us, w);
}

/* --- When to look again ---------------------------------------------------------------------------------- */

/* For what only the need to breathe, or a full outbox, has kept from being started. */
static int64_t next_breath_us(const struct sn_shard *shard, int64_t now_us) {
    return shard->breath_due_us > now_us ? shard->breath_due_us : now_us;
}

/* Only jobs that wait to be tried again wait for a breath too. */
static int64_t wake_us(const struct sn_shard *shard, const struct open_work *work) {
    return work->job != NULL && work->wake_us < shard->breath_due_us ? shard->breath_due_us : work->wake_us;
}

static int64_t load_deadline_us(const struct sn_shard *shard, int64_t now_us) {
    const struct shard_state *state = &shard->state;
    if (state->cursor_k == 0) return INT64_MAX;
    if (!shard_has_more(shard)) {
        int64_t end_us = sn_schedule_end_us(&shard->schedule);
        return end_us > now_us ? end_us : INT64_MAX;
    }
    int64_t due_us = sn_schedule_due_us(&shard->schedule, state->cursor_k);
    if (due_us > now_us) return sn_earlier(due_us, sn_schedule_end_us(&shard->schedule));
    /* It is due.  What keeps it is either an event of its own (a slot, a lease, the run's answer, a stored delta), or the
     * need to breathe, or a full outbox: the last two end with the next round. */
    if (sn_delta_full(&shard->delta) || shard_silenced(shard, now_us)) return INT64_MAX;
    if (room_left(shard) && state->cursor_k < shard->durable_lease_k) return next_breath_us(shard, now_us);
    return due_us + shard->plan.max_late_us + SN_CLOCK_STEP_US;
}

/* Of one that is under way. */
static int64_t open_deadline_us(const struct sn_shard *shard, const struct open_work *work) {
    bool may_send = shard_slot_free(shard) && shard->in_slice && !shard_passing(shard);
    int64_t deadline_us = INT64_MAX;
    if (work->state == OPEN_FREE) return INT64_MAX;
    if (work->state == OPEN_RUNNING) deadline_us = shard_time_up_us(shard, work);
    if (work->state == OPEN_ENDED && work->aside != 0) deadline_us = work->wake_us + shard->plan.timeout_us;
    if (may_send && shard_has_ready(work, INT64_MAX))
        deadline_us = sn_earlier(deadline_us, work->aside != 0 ? shard->now_us : wake_us(shard, work));
    return deadline_us;
}

int64_t shard_work_deadline_us(const struct sn_shard *shard, int64_t now_us) {
    int64_t deadline_us = INT64_MAX;
    for (uint32_t i = 0; i < shard->open_len; i++)
        deadline_us = sn_earlier(deadline_us, open_deadline_us(shard, &shard->open[i]));
    for (uint32_t i = 0; i < SHARD_CALLS_MAX; i++) {
        const struct open_call *call = &shard->calls[i];
        if (call->id != 0 && !call->waited && !call->counted)
            deadline_us = sn_earlier(deadline_us, call->sent_us + shard->plan.timeout_us);
    }
    if (!shard->in_slice || shard_passing(shard)) return deadline_us;
    if (shard->state.stage == SN_STAGE_LOAD) {
        deadline_us = sn_earlier(deadline_us, load_deadline_us(shard, now_us));
    } else if (is_job_stage(shard->state.stage) && room_left(shard) && shard->state.item_cursor < items_end(shard)) {
        deadline_us = sn_earlier(deadline_us, next_breath_us(shard, now_us));
    }
    return deadline_us;
}
