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

uint32_t run_place_of(const struct sn_run *run, uint32_t index) {
    return index < run_places(run) ? index : sn_share_of(&run->schedule, index).place;
}

bool run_vacant(const struct run_shard *shard) {
    return shard->lost && !shard->replaced;
}

bool run_replacement_known(const struct sn_run *run, uint32_t index) {
    uint32_t known = run_places(run);
    for (uint32_t i = 0; i < run->durable_epochs; i++) known += run->schedule.epochs[i].kind == SN_EPOCH_REPLACE;
    return index >= run_places(run) && index < known;
}

static bool may_grow(const struct sn_run *run) {
    uint32_t shards = run->state.shards_len, replaced = shards - run_places(run);
    bool epoch_left = run->schedule.epochs_len + 1 < SN_EPOCHS_MAX; /* one stays free for a stop */
    return shards < SN_SHARDS_MAX && replaced < SN_REPLACED_MAX && epoch_left;
}

static void replace(struct sn_run *run, uint32_t index, int64_t effective_us) {
    struct sn_epoch epoch = {
        .seq = run->schedule.epochs_len + 1,
        .kind = SN_EPOCH_REPLACE,
        .effective_us = effective_us,
        .factor = 1,
        .place = run_place_of(run, index),
    };
    enum sn_status status = sn_schedule_add(&run->schedule, &epoch);
    SN_ASSERT(status == SN_OK);
    run->shards[index].replaced = 1;
    run->shards[run->state.shards_len] = (struct run_shard){.heard_us = effective_us};
    run->links[run->state.shards_len] = (struct run_link){0};
    run->state.shards_len += 1;
    run_changed(run);
}

/* During the load somebody has to go on with what will be due, and when nothing will be any more, to clean up. */
static void replace_vacant(struct sn_run *run, int64_t now_us) {
    uint32_t stage = run->state.stage;
    if ((stage != SN_STAGE_LOAD && stage != SN_STAGE_CLEANUP) || !sn_schedule_started(&run->schedule)) return;
    for (uint32_t i = 0; i < run->state.shards_len && may_grow(run); i++) {
        if (!run_vacant(&run->shards[i])) continue;
        replace(run, i, run_epoch_moment_us(run, now_us + run_steer_lead_us(run)));
    }
}

/* Of shards that were told nothing while the run itself stood still, nothing could be heard. */
static void forgive_halt(struct sn_run *run, int64_t now_us) {
    int64_t halt_us = run->stepped_us == 0 ? 0 : now_us - run->stepped_us;
    run->stepped_us = now_us;
    if (halt_us <= RUN_HALT_US) return;
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        run->shards[i].heard_us = sn_earlier(run->shards[i].heard_us + halt_us, now_us);
    }
}

/* A shard that took a place is awaited from the moment on at which it was to begin. */
static bool awaited(const struct sn_run *run, uint32_t index) {
    const struct run_shard *shard = &run->shards[index];
    return !shard->lost && (shard->armed || (index >= run_places(run) && run->state.stage <= SN_STAGE_CLEANUP));
}

void run_replace_lost(struct sn_run *run, int64_t now_us) {
    forgive_halt(run, now_us);
    if (!run_active(run) || run->state.stage == SN_STAGE_DONE || run->state.sweep_done) return;
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        if (!awaited(run, i) || now_us - run->shards[i].heard_us <= run_lost_us(run)) continue;
        run->shards[i].lost = 1;
        run->dirty = true;
    }
    replace_vacant(run, now_us);
}
