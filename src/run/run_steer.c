/* Steering a load that is under way: pause, resume, scale, extend.
 *
 *     asked ──► tried on a copy of the schedule ──► epoch, durable ──► shards ──► takes effect, RUN_STEER_LEAD_US later
 *
 * Every one says how things are to be, not what is to change: asked for twice it changes nothing the second time, so
 * somebody whose answer got lost may ask again. */
#include "run_machine.h"

/* Of the schedule's epochs these stay free: for a resume, a stop, and shards that are lost. */
#define EPOCHS_KEPT (2 + SN_REPLACED_MAX)

static bool so_already(const struct sn_run *run, const struct sn_epoch *epoch) {
    switch (epoch->kind) {
    case SN_EPOCH_PAUSE: return sn_schedule_paused(&run->schedule);
    case SN_EPOCH_RESUME: return !sn_schedule_paused(&run->schedule);
    case SN_EPOCH_SCALE: return epoch->factor == sn_schedule_factor(&run->schedule);
    default: return epoch->factor == 0; /* not a second more */
    }
}

/* The same bounds as for a plan, for what is left of it. */
static bool within_bounds(const struct sn_schedule *schedule) {
    return sn_schedule_planned(schedule) <= SN_OPERATIONS_MAX &&
           sn_schedule_peak_per_s(schedule) <= SN_RATE_PER_S_MAX &&
           sn_schedule_length_us(schedule) <= SN_DURATION_S_MAX * SN_SECOND_US;
}

int64_t run_epoch_moment_us(const struct sn_run *run, int64_t at_us) {
    int64_t last_us = run->schedule.epochs[run->schedule.epochs_len - 1].effective_us;
    return at_us > last_us ? at_us : last_us;
}

/* Under way: from the first moment of the load until it is stopped or over. */
static bool loading(const struct sn_run *run, int64_t now_us) {
    const struct sn_schedule *schedule = &run->schedule;
    return run->state.stage == SN_STAGE_LOAD && !sn_schedule_stopped(schedule) &&
           now_us >= sn_schedule_zero_us(schedule) && now_us < sn_schedule_end_us(schedule);
}

static enum sn_status add(struct sn_run *run, const struct sn_epoch *epoch) {
    struct sn_schedule tried = run->schedule;
    /* One that takes effect behind the end would never be obeyed. */
    if (epoch->effective_us >= sn_schedule_end_us(&tried)) return SN_E_STATE;
    uint32_t replaced = run->state.shards_len - run_places(run);
    if (tried.epochs_len - replaced >= SN_EPOCHS_MAX - EPOCHS_KEPT && epoch->kind != SN_EPOCH_RESUME) return SN_E_LIMIT;
    enum sn_status status = sn_schedule_add(&tried, epoch);
    if (status != SN_OK) return status;
    if (!within_bounds(&tried)) return SN_E_RANGE;
    run->schedule = tried;
    run_changed(run);
    return SN_OK;
}

static const uint8_t kinds[SN_RUN_ACTIONS_LEN] = {
    [SN_RUN_ACTION_PAUSE] = SN_EPOCH_PAUSE,
    [SN_RUN_ACTION_RESUME] = SN_EPOCH_RESUME,
    [SN_RUN_ACTION_SCALE] = SN_EPOCH_SCALE,
    [SN_RUN_ACTION_EXTEND] = SN_EPOCH_EXTEND,
};

enum sn_status run_steer(struct sn_run *run, enum sn_run_action action, double value, int64_t now_us) {
    struct sn_epoch epoch = {.seq = run->schedule.epochs_len + 1, .kind = kinds[action], .factor = 1};
    if (!loading(run, now_us)) return SN_E_STATE;
    epoch.effective_us = run_epoch_moment_us(run, now_us + RUN_STEER_LEAD_US);
    if (epoch.kind == SN_EPOCH_SCALE) epoch.factor = value;
    if (epoch.kind == SN_EPOCH_EXTEND)
        epoch.factor = value - (double)(sn_schedule_length_us(&run->schedule) / SN_SECOND_US);
    enum sn_status status = so_already(run, &epoch) ? SN_OK : add(run, &epoch);
    if (status == SN_OK) run_show_paused(run, sn_schedule_paused(&run->schedule));
    return status;
}
