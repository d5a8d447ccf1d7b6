/* Shards that are lost, and those that take their places.
 *
 *     silent for 3 intervals ──► asked ──► silent for run_lost_us() ──► lost ──► replace epoch, durable ──► a new shard is armed
 *                                                                                            └─► it takes effect
 *
 * A shard starts nothing later than sn_silence_us() after it sent the newest report that the run answered, so when it counts
 * as lost it has long stopped.  One that comes back keeps what it did and learns that its place is somebody else's. */
#include "run_machine.h"
#include "sentinel/base/assert.h"

uint32_t run_places(const struct sn_run *run) {
    return run->plan.shards;
}

bool run_vacant(const struct run_shard *shard) {
    return shard->lost && !shard->replaced;
}

static bool may_grow(const struct sn_run *run) {
    uint32_t shards = run->state.shards_len, replaced = shards - run_places(run);
    bool epoch_left = run->schedule.epochs_len + replaced + 2 < SN_EPOCHS_MAX; /* a start and a stop stay free */
    if (sn_schedule_started(&run->schedule)) epoch_left = run->schedule.epochs_len + 1 < SN_EPOCHS_MAX;
    return shards < SN_SHARDS_MAX && replaced < SN_REPLACED_MAX && epoch_left;
}

/* `reach`: the last operation that the place's shard may have started. */
static void add_epoch(struct sn_run *run, uint32_t place, int64_t effective_us, uint64_t reach) {
    struct sn_epoch epoch = {
        .seq = run->schedule.epochs_len + 1,
        .kind = SN_EPOCH_REPLACE,
        .effective_us = effective_us,
        .factor = (double)reach,
        .place = place,
    };
    enum sn_status status = sn_schedule_add(&run->schedule, &epoch);
    SN_ASSERT(status == SN_OK);
}

void run_tell_replaced(struct sn_run *run) {
    for (uint32_t i = run_places(run); i < run->state.shards_len; i++)
        add_epoch(run, run->shards[i].place, sn_schedule_zero_us(&run->schedule), 0);
}

static void replace(struct sn_run *run, uint32_t index, int64_t now_us) {
    struct run_shard *shard = &run->shards[index];
    int64_t effective_us = now_us;
    if (sn_schedule_started(&run->schedule)) {
        effective_us = run_epoch_moment_us(run, now_us + run_steer_lead_us(run));
        add_epoch(run, shard->place, effective_us, run_shard_reach(run, index));
    }
    shard->replaced = 1;
    run->shards[run->state.shards_len] = (struct run_shard){.heard_us = effective_us, .place = shard->place};
    run->links[run->state.shards_len] = (struct run_link){0};
    run->state.shards_len += 1;
    run_changed(run);
}

/* A run that was opened again does not know whom it had asked. */
static bool somebody_was_asked(const struct sn_run *run) {
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        if (run->shards[i].armed || run->links[i].sent_us != 0) return true;
    }
    return run->state.opened > 0 && !run->target.own;
}

bool run_comes_late(const struct sn_run *run, uint32_t index) {
    const struct run_shard *shard = &run->shards[index];
    bool missing = index < run_places(run) && !shard->armed && !shard->lost;
    return missing && run->state.stage == SN_STAGE_CLEANUP && somebody_was_asked(run);
}

void run_await_late(struct sn_run *run, int64_t now_us) {
    for (uint32_t i = 0; i < run_places(run); i++) {
        if (!run->shards[i].armed) run->shards[i].heard_us = now_us + i * SN_ARM_SPACING_US;
    }
}

static bool cleaning(const struct sn_run *run) {
    return run->state.stage == SN_STAGE_CLEANUP || run->state.stage == SN_STAGE_SWEEP;
}

/* Whoever took a place and never came is not followed by another when there was no load: it has nothing to clean, and
 * others would not come either. */
static bool given_up(const struct sn_run *run, uint32_t index) {
    bool never = index >= run_places(run) && !run->shards[index].armed;
    return never && cleaning(run) && !sn_schedule_started(&run->schedule);
}

/* Before the load somebody has to prepare the rest, during the load to go on with what will be due, and in the end to clean
 * up, the second time too. */
static void replace_vacant(struct sn_run *run, int64_t now_us) {
    uint32_t stage = run->state.stage;
    if (stage != SN_STAGE_PREPARE && stage != SN_STAGE_LOAD && !cleaning(run)) return;
    if (stage == SN_STAGE_PREPARE && run->state.failing) return;
    for (uint32_t i = 0; i < run->state.shards_len && may_grow(run); i++) {
        struct run_shard *shard = &run->shards[i];
        if (run_vacant(shard) && !given_up(run, i)) replace(run, i, now_us);
    }
}

void run_forgive(struct sn_run *run, int64_t from_us, int64_t now_us) {
    for (uint32_t i = 0; i < run->state.shards_len && now_us > from_us; i++) {
        int64_t *heard_us = &run->shards[i].heard_us;
        if (*heard_us != now_us) *heard_us += now_us - from_us; /* else it is what has ended the standstill */
    }
}

static void forgive_halt(struct sn_run *run, int64_t now_us) {
    int64_t since_us = run->stepped_us;
    run->stepped_us = now_us;
    if (since_us == 0 || now_us - since_us <= RUN_HALT_US) return;
    run->halted_us += now_us - since_us;
    run_forgive(run, since_us, now_us);
}

/* A shard that took a place is awaited from the moment on at which it was to begin, and one that comes late from its turn on. */
static bool awaited(const struct sn_run *run, uint32_t index) {
    const struct run_shard *shard = &run->shards[index];
    bool follows = index >= run_places(run) && run->state.stage != SN_STAGE_DONE;
    return !shard->lost && (shard->armed || follows || run_comes_late(run, index));
}

void run_replace_lost(struct sn_run *run, int64_t now_us) {
    forgive_halt(run, now_us);
    if (!run_active(run) || run->state.stage == SN_STAGE_DONE || run->state.sweep_done) return;
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        int64_t silent_us = awaited(run, i) ? now_us - run->shards[i].heard_us : 0;
        if (silent_us > run_silence_us(run))
            run->dirty = true; /* written down, so that a restart does not forgive it */
        if (silent_us > run_lost_us(run)) run->shards[i].lost = 1;
    }
    replace_vacant(run, now_us);
}
