/* Steering a load that is under way: pause, resume, scale, extend.
 *
 *     asked ──► tried on a copy of the schedule ──► epoch, durable ──► shards ──► takes effect, run_steer_lead_us() later
 *
 * Every one says how things are to be, not what is to change: asked for twice it changes nothing the second time, so
 * somebody whose answer got lost may ask again.  Whether it may be asked for now, the table in action.h says. */
#include "run_machine.h"
#include "sentinel/base/planted.h"

static bool so_already(const struct sn_run *run, const struct sn_epoch *epoch) {
    if (epoch->kind == SN_EPOCH_SCALE) return epoch->factor == sn_schedule_factor(&run->schedule);
    return epoch->kind == SN_EPOCH_EXTEND && epoch->factor == 0; /* not a second more */
}

/* The same bounds as for a plan, for what is left of it. */
static bool within_bounds(const struct sn_schedule *schedule, enum sn_bounds bounds) {
    return (double)sn_schedule_planned(schedule) <= sn_bound(bounds, SN_BOUND_OPERATIONS) &&
           sn_schedule_peak_per_s(schedule) <= sn_bound(bounds, SN_BOUND_RATE_PER_S) &&
           sn_schedule_length_us(schedule) <= SN_DURATION_S_MAX * SN_SECOND_US;
}

int64_t run_epoch_moment_us(const struct sn_run *run, int64_t at_us) {
    int64_t last_us = run->schedule.epochs[run->schedule.epochs_len - 1].effective_us;
    return at_us > last_us ? at_us : last_us;
}

enum sn_situation run_situation(const struct sn_run *run, int64_t now_us) {
    const struct sn_schedule *schedule = &run->schedule;
    const struct run_state *state = &run->state;
    enum sn_situation shown = sn_situation_shown((enum sn_run_status)state->status, (enum sn_stage)state->stage);
    bool draining = shown == SN_SITUATION_DRAINING || shown == SN_SITUATION_CLEANING;
    if (draining && state->cancel_wanted) return SN_SITUATION_CANCELLING;
    if (shown != SN_SITUATION_LOADING) return shown;
    if (now_us < sn_schedule_zero_us(schedule)) return SN_SITUATION_PREPARING;
    return now_us < sn_schedule_end_us(schedule) ? SN_SITUATION_LOADING : SN_SITUATION_DRAINING;
}

static enum sn_status add(struct sn_run *run, const struct sn_epoch *epoch) {
    struct sn_schedule tried = run->schedule;
    /* One that takes effect behind the end would never be obeyed. */
    if (epoch->effective_us >= sn_schedule_end_us(&tried)) return SN_E_STATE;
    uint32_t replaced = run->state.shards_len - run_places(run);
    if (tried.epochs_len - replaced >= SN_EPOCHS_MAX - RUN_EPOCHS_KEPT && epoch->kind != SN_EPOCH_RESUME)
        return SN_E_LIMIT;
    enum sn_status status = sn_schedule_add(&tried, epoch);
    if (status != SN_OK) return status;
    if (!within_bounds(&tried, (enum sn_bounds)run->plan.bounds)) return SN_E_RANGE;
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
    bool other_load = action == SN_RUN_ACTION_SCALE || action == SN_RUN_ACTION_EXTEND;
    if (other_load && run_searches(run)) return SN_E_STATE; /* it scales the load by itself */
    struct sn_epoch epoch = {.seq = run->schedule.epochs_len + 1, .kind = kinds[action], .factor = 1};
    epoch.effective_us = run_epoch_moment_us(run, SN_PLANTED(EPOCH_LATE) ? now_us : now_us + run_steer_lead_us(run));
    if (epoch.kind == SN_EPOCH_SCALE) epoch.factor = value;
    if (epoch.kind == SN_EPOCH_EXTEND)
        epoch.factor = value - (double)(sn_schedule_length_us(&run->schedule) / SN_SECOND_US);
    enum sn_status status = so_already(run, &epoch) ? SN_OK : add(run, &epoch);
    if (status == SN_OK) run_show_paused(run, sn_schedule_paused(&run->schedule));
    return status;
}
