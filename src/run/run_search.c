/* The search for the highest rate that keeps the thresholds, by epochs that scale the load (measure/search.h says to what).
 *
 *     rate ──a second to settle──► a step, or two to confirm ──► met, not met ──► next rate
 *                                      └─ too much three looks in a row ──► not met at once
 *     not met ──► half of what was met last, until three seconds are well again ──► next rate
 *
 * The queue that too much load leaves would else be held against the rate that is tried after it. */
#include <math.h>

#include "run_machine.h"

#define GLANCE_S 3u /* that are looked at while a rate is tried */
#define BAD_LOOKS 3u
#define SETTLE_S 1u
#define REST_MAX_S 90u
#define FOLLOWS 0.02 /* of what came due may be missing from what ended, and what is in flight varies by */
#define CHANCE 4.0   /* standard deviations */

bool run_searches(const struct sn_run *run) {
    return run->plan.search_step_s > 0;
}

static uint32_t second_of(const struct sn_run *run, int64_t at_us) {
    return (uint32_t)((sn_schedule_clock_us(&run->schedule, at_us) + SN_SECOND_US - 1) / SN_SECOND_US);
}

/* False when there is no time, or no place, for another epoch. */
static bool scale(struct sn_run *run, double factor, int64_t effective_us) {
    struct run_search *search = &run->state.search;
    struct sn_epoch epoch = {
        .seq = run->schedule.epochs_len + 1, .kind = SN_EPOCH_SCALE, .effective_us = effective_us, .factor = factor};
    bool room = run->schedule.epochs_len < SN_EPOCHS_MAX - RUN_EPOCHS_KEPT;
    bool time = effective_us < sn_schedule_end_us(&run->schedule);
    if (!room || !time || sn_schedule_add(&run->schedule, &epoch) != SN_OK) return false;
    search->from_s = second_of(run, effective_us) + SETTLE_S;
    search->looked_s = search->from_s;
    search->bad_s = 0;
    run_changed(run);
    return true;
}

void run_search_begin(struct sn_run *run) {
    if (!run_searches(run)) return;
    sn_search_begin(&run->state.search.search);
    scale(run, run->state.search.search.factor, sn_schedule_zero_us(&run->schedule));
}

/* --- Judging ------------------------------------------------------------------------------------------------- */

/* Whether what ended in these seconds is what came due in them. */
static bool follows(struct sn_run *run, uint32_t from_s, uint32_t to_s) {
    uint64_t asked = sn_schedule_count_by_clock(&run->schedule, to_s * SN_SECOND_US) -
                     sn_schedule_count_by_clock(&run->schedule, from_s * SN_SECOND_US);
    uint64_t ended = 0;
    for (uint32_t s = from_s; s < to_s; s++) {
        const struct sn_second *second = sn_series_second(run->series, s);
        ended += (uint64_t)second->completed + second->failed;
    }
    double missing = (double)asked - (double)ended;
    bool fine = missing <= FOLLOWS * (double)asked + CHANCE * sqrt(run->plan.concurrency);
    if (!fine) {
        run->state.search.stopped_by = 0;
        run->state.search.stopped_value = missing;
    }
    return fine;
}

/* What came due and ended is known of all seconds; thresholds are judged by those whose detail the series still has.  At
 * high rates that is five of them or so, and those before were looked at three by three. */
static enum sn_search_verdict judge(struct sn_run *run, uint32_t from_s, uint32_t to_s, int64_t now_us) {
    struct sn_pages scratch;
    uint32_t detail_s = run->series->first_second > from_s ? run->series->first_second : from_s;
    struct sn_counts counts = run_counts(run);
    enum sn_search_verdict verdict = SN_SEARCH_MET;
    run_use_scratch(run, &scratch);
    struct sn_threshold_facts facts = run_facts(run, &counts, &scratch, now_us);
    if (!follows(run, from_s, to_s)) return SN_SEARCH_NOT_MET;
    if (detail_s >= to_s) return SN_SEARCH_UNDECIDED;
    for (uint32_t i = 0; i < run->plan.thresholds_len; i++) {
        struct sn_threshold threshold = run->plan.thresholds[i];
        threshold.window_s = (uint16_t)(to_s - detail_s);
        struct sn_threshold_value value = sn_threshold_judge_window(&threshold, &facts, to_s);
        if (value.outcome == SN_THRESHOLD_UNDECIDED) verdict = SN_SEARCH_UNDECIDED;
        if (value.outcome != SN_THRESHOLD_NOT_MET) continue;
        run->state.search.stopped_by = i + 1;
        run->state.search.stopped_value = value.value;
        return SN_SEARCH_NOT_MET;
    }
    return verdict;
}

/* --- Going on -------------------------------------------------------------------------------------------------- */

static void give_up(struct sn_run *run, enum sn_search_outcome outcome, int64_t now_us) {
    sn_search_end(&run->state.search.search, outcome);
    run_stop(run, now_us);
    run_changed(run);
}

static void try_rate(struct sn_run *run, double factor, bool resting, int64_t now_us) {
    run->state.search.resting = resting;
    int64_t effective_us = run_epoch_moment_us(run, now_us + run_steer_lead_us(run));
    if (!scale(run, factor, effective_us)) give_up(run, SN_SEARCH_OUTCOME_NONE, now_us);
}

static void conclude(struct sn_run *run, enum sn_search_verdict verdict, uint32_t known_s, int64_t now_us) {
    struct run_search *state = &run->state.search;
    struct sn_search *search = &state->search;
    double tried = search->factor;
    sn_search_step(search, verdict);
    if (search->stage == SN_SEARCH_DONE) {
        run_stop(run, now_us);
        run_changed(run);
    } else if (verdict == SN_SEARCH_NOT_MET) {
        double well = search->low > 0 ? search->low : fmin(search->factor, tried / 2);
        try_rate(run, fmax(well / 2, SN_SEARCH_LEAST), true, now_us);
    } else if (search->factor == tried) { /* to be confirmed right away */
        state->from_s = state->looked_s = known_s;
        run_changed(run);
    } else {
        try_rate(run, search->factor, false, now_us);
    }
}

/* With so little load there may be too little to judge by; then a step's time is enough. */
static void rest(struct sn_run *run, uint32_t known_s, int64_t now_us) {
    struct run_search *state = &run->state.search;
    uint32_t stopped_by = state->stopped_by, passed_s = known_s - state->from_s;
    double stopped_value = state->stopped_value;
    enum sn_search_verdict verdict = judge(run, known_s - GLANCE_S, known_s, now_us);
    state->stopped_by = stopped_by; /* what is left of too much load did not stop anything */
    state->stopped_value = stopped_value;
    bool well = verdict == SN_SEARCH_MET || (verdict == SN_SEARCH_UNDECIDED && passed_s >= run->plan.search_step_s);
    if (well)
        try_rate(run, state->search.factor, false, now_us);
    else if (passed_s >= REST_MAX_S)
        give_up(run, SN_SEARCH_OUTCOME_STUCK, now_us);
}

static void look(struct sn_run *run, uint32_t known_s, int64_t now_us) {
    struct run_search *state = &run->state.search;
    bool confirming = state->search.stage == SN_SEARCH_CONFIRM;
    uint32_t passed_s = known_s - state->from_s, wanted_s = (confirming ? 2 : 1) * run->plan.search_step_s;
    if (passed_s >= wanted_s) {
        conclude(run, judge(run, known_s - wanted_s, known_s, now_us), known_s, now_us);
        return;
    }
    bool bad = judge(run, known_s - GLANCE_S, known_s, now_us) == SN_SEARCH_NOT_MET;
    state->bad_s = bad ? state->bad_s + 1 : 0;
    if (state->bad_s >= BAD_LOOKS) conclude(run, SN_SEARCH_NOT_MET, known_s, now_us);
}

void run_search(struct sn_run *run, uint32_t known_s, int64_t now_us) {
    struct run_search *state = &run->state.search;
    bool over = run->state.cancel_wanted || run->state.failing || sn_schedule_stopped(&run->schedule);
    if (!run_searches(run) || state->search.stage == SN_SEARCH_DONE || over) return;
    if (sn_schedule_paused(&run->schedule) || now_us >= sn_schedule_end_us(&run->schedule)) return;
    if (known_s < state->from_s + GLANCE_S || known_s <= state->looked_s) return;
    state->looked_s = known_s;
    run->dirty = true;
    if (state->resting)
        rest(run, known_s, now_us);
    else
        look(run, known_s, now_us);
}
