/* The stages of a run, in which it goes from one to the next: what its shards work on, and when that is done. */
#include "run_machine.h"
#include "sentinel/load/flow.h"

#define QUIET_OPERATIONS 100

/* Of this stage: what a shard has told of the one before is not of it. */
static uint64_t sum_jobs(const struct sn_run *run, enum sn_stage stage, bool failed) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        const struct run_shard *shard = &run->shards[i];
        if (shard->replaced || shard->stage != stage)
            continue; /* of one replaced somebody else does the share, all of it */
        sum += failed ? shard->jobs_failed : shard->jobs_done;
    }
    return sum;
}

struct run_interruptions run_interruptions(const struct sn_run *run) {
    if (run->state.frozen) return run->state.interruptions;
    struct run_interruptions sum = {.run_restarts = run->state.opened};
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        const struct run_shard *shard = &run->shards[i];
        sum.shards_lost += run_vacant(shard);
        sum.shards_replaced += shard->replaced;
        sum.epochs_late += shard->epochs_late;
        sum.restarts += shard->incarnation > 1 ? shard->incarnation - 1 : 0;
        sum.harness_errors += shard->harness_errors;
        sum.timers_late_ms = sn_add_sat_u32(sum.timers_late_ms, shard->timers_late_ms);
        /* A clock that is ahead of ours is skewed for sure; of one behind, the report may only have been long on the way. */
        if (shard->skew_us > sum.clock_skew_us && shard->skew_us < UINT32_MAX)
            sum.clock_skew_us = (uint32_t)shard->skew_us;
    }
    return sum;
}

/* The load is over, or never was: what happens to shards from here on says nothing about it. */
static void freeze(struct sn_run *run) {
    if (!run->state.swept_up) run->state.last_k = run_last_k(run);
    run->state.interruptions = run_interruptions(run);
    run->state.frozen = 1;
}

static void leave_for_cleanup(struct sn_run *run) {
    freeze(run);
    run_drain(run);
    run_enter(run, SN_STAGE_CLEANUP);
    run_await_late(run, run->now_us);
}

/* A run that was opened again may have woken somebody, and lets all clean up, unless the target turns out to be our own. */
static bool in_doubt(const struct sn_run *run) {
    return run->state.opened > 0 && !run_target_known(run) && run_waited_us(run) <= run_arm_patience_us(run);
}

static void begin_load(struct sn_run *run, int64_t now_us) {
    run->state.load_started_us = now_us + run_lead_us(run);
    run_note_usage(run, run->state.usage_before);
    run_add_epoch(run, SN_EPOCH_START, run->state.load_started_us);
    run_search_begin(run);
    run_tell_replaced(run);
    run_enter(run, SN_STAGE_LOAD);
    run_changed(run);
}

static void advance_arm(struct sn_run *run, int64_t now_us) {
    bool cancelled = run->state.cancel_wanted && !run->state.swept_up && !in_doubt(run);
    if (cancelled || run_lacks_binding(run) || run_target_refused(run)) {
        leave_for_cleanup(run);
        return;
    }
    bool all = true;
    for (uint32_t i = 0; i < run_places(run); i++) all = all && run->shards[i].armed;
    if (all && run->state.swept_up) {
        leave_for_cleanup(run);
    } else if (all && run->state.data == RUN_DATA_FOUND) {
        begin_load(run, now_us);
    } else if (all) {
        run_enter(run, SN_STAGE_PREPARE);
    } else if (run_waited_us(run) > run_arm_patience_us(run)) {
        if (run_target_known(run))
            run_fail(run, "not every shard could be started in time");
        else
            run_target_silent(run);
        leave_for_cleanup(run);
    }
}

static void advance_prepare(struct sn_run *run, int64_t now_us) {
    run->state.prepared = sum_jobs(run, SN_STAGE_PREPARE, false);
    run->state.prepare_failed = sum_jobs(run, SN_STAGE_PREPARE, true);
    if (run->state.cancel_wanted) {
        leave_for_cleanup(run);
        return;
    }
    bool late = run_waited_us(run) > RUN_STAGE_PATIENCE_US;
    if (late) run_fail(run, "preparing the data took longer than a quarter of an hour");
    if (late || run_lost_shard(run, "while the data was being prepared")) {
        leave_for_cleanup(run);
        return;
    }
    if (!run_shards_all_done(run, SN_STAGE_PREPARE)) return;
    if (run->state.prepare_failed > 0) {
        run_fail_saying(run, "the data that the operations read could not be prepared", run->state.words,
                        run->state.words_len);
        leave_for_cleanup(run);
        return;
    }
    if (run_data_settled(run, now_us))
        begin_load(run, now_us);
    else if (run->state.failing)
        leave_for_cleanup(run);
}

/* What the target's calls take when the load does not make itself felt: the lowest median of all that had ended by some
 * moment, from the first hundred on, or from half of a short run.  Not the first one alone, since first calls are slow
 * too. */
static void note_quiet_service(struct sn_run *run) {
    struct sn_counts counts = run_counts(run);
    uint64_t ended = counts.completed + counts.failed;
    if (ended < QUIET_OPERATIONS && ended * 2 < counts.planned) return;
    if (ended < run->quiet_sampled + run->quiet_sampled / 4) return; /* summing takes time */
    run->quiet_sampled = ended;
    uint32_t median_us = run_median_call_us(run);
    if (median_us == 0) median_us = 1;
    uint64_t *quiet_us = &run->state.quiet_call_us;
    if (*quiet_us > 0 && *quiet_us <= median_us) return;
    *quiet_us = median_us;
    run->dirty = true;
}

/* A pause that nobody ends keeps every shard awake. */
static void tire_of_pause(struct sn_run *run, int64_t now_us) {
    if (!sn_schedule_paused(&run->schedule)) return;
    const struct sn_epoch *pause = &run->schedule.epochs[run->schedule.epochs_len - 1];
    while (pause->kind != SN_EPOCH_PAUSE) pause--; /* a shard may have been replaced meanwhile */
    if (now_us - pause->effective_us < RUN_PAUSE_MAX_US) return;
    run_cancel(run, SN_ENDING_PAUSE, "paused for an hour, and nobody resumed it", now_us);
}

static void end_load(struct sn_run *run, int64_t now_us) {
    int64_t end_us = sn_earlier(now_us, sn_schedule_end_us(&run->schedule));
    run_lost_shard(run, "during the load");
    run->state.load_ended_us = now_us;
    run_note_usage(run, run->state.usage_after);
    uint32_t known_s = (uint32_t)(sn_schedule_clock_us(&run->schedule, end_us) / SN_SECOND_US);
    run_note_levels(run, known_s);
    run_watch_thresholds_to(run, known_s, now_us);
    leave_for_cleanup(run);
}

/* From the load's end until the last operation has ended, for which a shard has to do no more than it may: one that was due at
 * the end starts late, thinks, and times out. */
static int64_t patience_us(const struct sn_run *run) {
    const struct sn_workload *workload = &run->plan.workload;
    int64_t think_us = 0;
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        int64_t one_us = sn_flow_thinking_max_us(workload, &workload->kinds[i]);
        if (one_us > think_us) think_us = one_us;
    }
    return run->plan.max_late_us + think_us + run->plan.timeout_us + run_lost_us(run) + run->halted_us;
}

static void advance_load(struct sn_run *run, int64_t now_us) {
    note_quiet_service(run);
    int64_t end_us = sn_schedule_end_us(&run->schedule);
    if (run_alone(run, now_us)) {
        end_load(run, now_us);
        return;
    }
    if (now_us < end_us) {
        tire_of_pause(run, now_us);
        return;
    }
    if (run->state.status == SN_RUN_RUNNING) run_drain(run);
    bool done = run_shards_all_done(run, SN_STAGE_LOAD);
    if (!done && now_us < end_us + patience_us(run)) return;
    if (!done) run_fail_by(run, SN_ENDING_LOST, "not every shard came to the end of the load");
    end_load(run, now_us);
}

/* Items of places that nobody has any more, as far as their last shards have not told of them in this stage.  They may be more
 * than there are: a shard that never came may have sent nothing, and of a job per operation some are none of its kind. */
static uint64_t abandoned(const struct sn_run *run, enum sn_stage stage) {
    uint64_t items = sn_plan_items(&run->plan, SN_STAGE_CLEANUP, run->state.last_k), sum = 0;
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        const struct run_shard *shard = &run->shards[i];
        if (!run_vacant(shard)) continue;
        uint64_t share = sn_share_items(shard->place, run_places(run), items);
        uint64_t told = shard->stage == stage ? shard->jobs_done + shard->jobs_failed : 0;
        if (share > told) sum += share - told;
    }
    return sum;
}

/* Cleaning is over when every shard says so. */
static bool cleaned(struct sn_run *run, enum sn_stage stage) {
    run->state.cleaned = sum_jobs(run, stage, false);
    run->state.clean_failed = sum_jobs(run, stage, true) + abandoned(run, stage);
    return run_shards_all_done(run, stage) || run_waited_us(run) > RUN_STAGE_PATIENCE_US;
}

static void advance_done(struct sn_run *run, int64_t now_us) {
    if (run->state.forgotten || now_us < run->state.sweep_us) return;
    for (uint32_t i = 0; i < run->state.shards_len; i++)
        run->shards[i].heard_us = now_us; /* they slept, as they should */
    run_enter(run, SN_STAGE_SWEEP);
}

static void advance_sweep(struct sn_run *run) {
    bool done = run_shards_all_done(run, SN_STAGE_SWEEP), late = run_waited_us(run) > RUN_STAGE_PATIENCE_US;
    if (!run->state.sweep_done && (done || late)) {
        run->state.sweep_done = 1;
        run->state.swept_us = run->now_us;
        run->state.sweep_cut = !done || abandoned(run, SN_STAGE_SWEEP) > 0;
        run_save_soon(run); /* before anybody forgets the run */
    }
}

void run_advance(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (!run_active(run)) return;
    bool was_ended = run_ended(run);
    switch (run->state.stage) {
    case SN_STAGE_ARM: advance_arm(run, now_us); break;
    case SN_STAGE_PREPARE: advance_prepare(run, now_us); break;
    case SN_STAGE_LOAD: advance_load(run, now_us); break;
    case SN_STAGE_CLEANUP:
        if (cleaned(run, SN_STAGE_CLEANUP) && run_data_forgotten(run, now_us)) run_finish(run, now_us);
        break;
    case SN_STAGE_DONE: advance_done(run, now_us); break;
    case SN_STAGE_SWEEP: advance_sweep(run); break;
    default: break;
    }
    if (!was_ended && run_ended(run)) run_publish_result(run, now_us, w);
}
