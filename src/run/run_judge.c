/* Thresholds: judged once a second while the load goes on, and over everything in every report.
 *
 *     a second that every shard has told of ──► windows that end there ──► watch ──┐
 *     everything so far ──► thresholds that may end the run ─────────────► watch ──┴─► not met: stop, clean up, failed */
#include "run_machine.h"
#include "sentinel/base/assert.h"

#define SECONDS_AT_ONCE 64u /* that are caught up with in one step, after a halt */

/* How long each phase has lasted, on the run's clock. */
static void put_phase_seconds(const struct sn_run *run, int64_t clock_us, double phase_s[SN_PHASES_MAX]) {
    const struct sn_profile *profile = &run->plan.profile;
    int64_t start_us = 0;
    for (uint32_t i = 0; i < SN_PHASES_MAX; i++) {
        bool last = i + 1 >= profile->phases_len;
        int64_t end_us = last ? sn_schedule_length_us(&run->schedule) : profile->phases[i].end_us;
        int64_t reached_us = sn_earlier(clock_us, end_us);
        phase_s[i] = i < profile->phases_len && reached_us > start_us ? (double)(reached_us - start_us) / 1e6 : 0;
        start_us = end_us;
    }
}

static int64_t load_clock_us(const struct sn_run *run, int64_t now_us) {
    if (!sn_schedule_started(&run->schedule)) return 0;
    return sn_schedule_clock_us(&run->schedule, sn_earlier(now_us, sn_schedule_end_us(&run->schedule)));
}

struct sn_threshold_facts run_facts(struct sn_run *run, const struct sn_counts *counts, const struct sn_pages *scratch,
                                    int64_t now_us) {
    struct sn_threshold_facts facts = {
        .tally = run->tally,
        .series = run->series,
        .counts = counts,
        .scratch = scratch,
        .cost_usd = (double)run_cost_nusd(run, now_us) / 1e9,
    };
    put_phase_seconds(run, load_clock_us(run, now_us), facts.phase_s);
    return facts;
}

/* --- While the load goes on ----------------------------------------------------------------------------------- */

/* Whether the window that ends with this second lies in the phases that are meant, and is to be judged yet. */
static bool in_reach(const struct sn_run *run, const struct sn_threshold *threshold, uint32_t second) {
    if (second < threshold->window_s || second < threshold->delay_s) return false;
    int64_t from_us = (int64_t)(second - threshold->window_s) * SN_SECOND_US, to_us = (int64_t)second * SN_SECOND_US;
    uint32_t first = sn_profile_phase_at(&run->plan.profile, from_us + 1);
    uint32_t last = sn_profile_phase_at(&run->plan.profile, to_us);
    return (threshold->phases >> first & 1) && (threshold->phases >> last & 1);
}

/* Ends the run for the first threshold that was not met and asks for that. */
static void react(struct sn_run *run, uint32_t index, const struct sn_threshold_value *value, uint32_t second,
                  int64_t now_us) {
    const struct sn_threshold *threshold = &run->plan.thresholds[index];
    const struct sn_threshold_watch *watch = &run->state.watches[index];
    bool fired = threshold->abort && value->outcome == SN_THRESHOLD_NOT_MET;
    if (!fired || run->state.aborted != 0 || run->state.cancel_wanted || run->state.failing) return;
    char text[SN_REASON_MAX];
    struct sn_writer w = sn_writer(text, sizeof text - 1);
    sn_put_text(&w, "the threshold ");
    sn_report_put_threshold(&w, threshold, &run->plan.workload, &run->plan.profile);
    sn_put_text(&w, " was not met: ");
    sn_threshold_put_value(&w, threshold, value->value);
    sn_put_text(&w, " after ");
    sn_put_dec(&w, second);
    sn_put_text(&w, " s, when ");
    sn_put_fixed(&w, watch->rate_per_s, 1);
    sn_put_text(&w, " operations a second were asked for");
    text[w.len] = 0;
    run->state.aborted = index + 1;
    run_abort(run, text, now_us);
}

static void look(struct sn_run *run, const struct sn_threshold_facts *facts, uint32_t index, uint32_t second,
                 int64_t now_us) {
    const struct sn_threshold *threshold = &run->plan.thresholds[index];
    if (!in_reach(run, threshold, second)) return;
    struct sn_threshold_value value = threshold->window_s > 0 ? sn_threshold_judge_window(threshold, facts, second)
                                                              : sn_threshold_judge(threshold, facts);
    double rate_per_s = sn_schedule_rate_per_s(&run->schedule, (int64_t)second * SN_SECOND_US);
    sn_threshold_watched(&run->state.watches[index], threshold, &value, second, rate_per_s);
    react(run, index, &value, second, now_us);
}

void run_watch_thresholds(struct sn_run *run, uint32_t known_s, int64_t now_us) {
    struct sn_pages scratch;
    struct sn_counts counts = run_counts(run);
    uint32_t last = run->state.judged_s + SECONDS_AT_ONCE < known_s ? run->state.judged_s + SECONDS_AT_ONCE : known_s;
    if (run->plan.thresholds_len == 0 || last <= run->state.judged_s || run_searches(run)) return;
    run_use_scratch(run, &scratch);
    struct sn_threshold_facts facts = run_facts(run, &counts, &scratch, now_us);
    for (uint32_t i = 0; i < run->plan.thresholds_len; i++) {
        const struct sn_threshold *threshold = &run->plan.thresholds[i];
        if (threshold->window_s == 0 && !threshold->abort) continue;
        uint32_t first = threshold->window_s > 0 ? run->state.judged_s + 1 : last;
        for (uint32_t second = first; second <= last; second++) look(run, &facts, i, second, now_us);
    }
    run->state.judged_s = last;
}

void run_watch_thresholds_to(struct sn_run *run, uint32_t known_s, int64_t now_us) {
    uint32_t before_s;
    do {
        before_s = run->state.judged_s;
        run_watch_thresholds(run, known_s, now_us);
    } while (run->state.judged_s > before_s);
}

uint32_t run_longest_window_s(const struct sn_run *run) {
    uint32_t longest = 0;
    for (uint32_t i = 0; i < run->plan.thresholds_len; i++) {
        if (run->plan.thresholds[i].window_s > longest) longest = run->plan.thresholds[i].window_s;
    }
    if (2 * run->plan.search_step_s > longest) longest = 2 * run->plan.search_step_s;
    return longest;
}

/* --- In a report ------------------------------------------------------------------------------------------------ */

/* A run that cannot be believed says nothing, one that is only degraded nothing good; one that was stopped by somebody, or
 * broke, has not seen all that it was judged by. */
static enum sn_verdict verdict_of(const struct sn_run *run, const struct sn_report *report) {
    uint32_t asked = 0, met = 0, failed = 0;
    if (run->state.aborted != 0) return SN_VERDICT_FAILED;
    if (!run_ended(run)) return SN_VERDICT_NONE;
    for (uint32_t i = 0; i < run->plan.thresholds_len; i++) {
        if (run->plan.thresholds[i].safety) continue;
        asked += 1;
        met += run->threshold_values[i].outcome == SN_THRESHOLD_MET;
        failed += run->threshold_values[i].outcome == SN_THRESHOLD_NOT_MET;
    }
    if (asked == 0) return SN_VERDICT_NONE;
    if (report->status != SN_RUN_COMPLETED || report->validity.validity == SN_VALIDITY_INVALID)
        return SN_VERDICT_UNDECIDED;
    if (failed > 0) return SN_VERDICT_FAILED;
    bool passed = met == asked && report->validity.validity == SN_VALIDITY_VALID;
    return passed ? SN_VERDICT_PASSED : SN_VERDICT_UNDECIDED;
}

void run_judge_thresholds(struct sn_run *run, const struct sn_report *report) {
    struct sn_pages scratch;
    run_use_scratch(run, &scratch);
    struct sn_threshold_facts facts = run_facts(run, &report->counts, &scratch, report->now_us);
    for (uint32_t i = 0; i < run->plan.thresholds_len; i++) {
        const struct sn_threshold *threshold = &run->plan.thresholds[i];
        const struct sn_threshold_watch *watch = &run->state.watches[i];
        bool fired = run->state.aborted == i + 1;
        run->threshold_values[i] =
            threshold->window_s > 0 || fired ? sn_threshold_seen(watch) : sn_threshold_judge(threshold, &facts);
    }
}

/* A search goes beyond its thresholds on purpose, so what is asked of it is a rate that keeps them.  That rates above it were too much, and
 * what was not sent because of that, does not speak against it: a degraded one passes. */
static enum sn_verdict verdict_of_search(const struct sn_run *run, const struct sn_report *report) {
    if (!run_ended(run)) return SN_VERDICT_NONE;
    if (report->status != SN_RUN_COMPLETED || report->validity.validity == SN_VALIDITY_INVALID)
        return SN_VERDICT_UNDECIDED;
    const struct sn_search *search = &run->state.search.search;
    bool never_well = search->outcome == SN_SEARCH_OUTCOME_STUCK && search->low == 0;
    if (search->outcome == SN_SEARCH_OUTCOME_FOUND || search->outcome == SN_SEARCH_OUTCOME_CEILING)
        return SN_VERDICT_PASSED;
    return never_well || search->outcome == SN_SEARCH_OUTCOME_BELOW ? SN_VERDICT_FAILED : SN_VERDICT_UNDECIDED;
}

void run_put_verdict(struct sn_run *run, struct sn_report *report) {
    if (run_searches(run)) {
        report->search = &run->state.search.search;
        report->search_stopped_by = run->state.search.stopped_by;
        report->search_stopped_value = run->state.search.stopped_value;
        report->search_thresholds = run->plan.thresholds;
        report->verdict = verdict_of_search(run, report);
        return;
    }
    report->thresholds = run->plan.thresholds;
    report->thresholds_len = run->plan.thresholds_len;
    report->threshold_values = run->threshold_values;
    report->threshold_watches = run->state.watches;
    report->aborted = run->state.aborted;
    if (run_ended(run)) run_judge_thresholds(run, report);
    report->verdict = verdict_of(run, report);
}
