#include <string.h>

#include "run_machine.h"
#include "sentinel/base/assert.h"
#include "sentinel/measure/limit.h"

/* The percentile of our own lag that is judged: like every percentile, one with ten values above it.  0: none has. */
static uint32_t lag_percentile(const struct sn_hist *lag) {
    static const uint8_t percentiles[] = {99, 95, 90, 75, 50};
    for (size_t i = 0; i < sizeof percentiles; i++) {
        if (sn_hist_has_percentile(lag, percentiles[i])) return percentiles[i];
    }
    return 0;
}

/* The share of the load for which shards stood still because timers were late. */
static double timers_late(const struct sn_run *run, int64_t now_us) {
    if (!sn_schedule_started(&run->schedule)) return 0;
    int64_t end_us = sn_earlier(now_us, sn_schedule_end_us(&run->schedule));
    double load_ms = (double)sn_schedule_clock_us(&run->schedule, end_us) / 1000 * run_places(run);
    double late_ms = run_interruptions(run).timers_late_ms;
    return late_ms < load_ms ? late_ms / load_ms : late_ms > 0;
}

static void judge(struct sn_run *run, struct sn_report *report) {
    bool prepare_failed = run->state.prepare_failed > 0;
    if (!sn_schedule_started(&run->schedule) &&
        !prepare_failed) { /* there is nothing yet that could be believed or not */
        report->validity = (struct sn_validity_result){.validity = SN_VALIDITY_UNKNOWN};
        return;
    }
    struct sn_pages pages = sn_tally_pages(run->tally);
    const struct sn_hist *lag = &run->tally->lag_harness;
    uint32_t percentile = lag_percentile(lag);
    struct sn_validity_input input = {
        .counts = report->counts,
        .lag_harness_us = sn_hist_percentile_us(lag, &pages, percentile),
        .lag_percentile = percentile,
        .lag_harness_count = percentile > 0 ? lag->count : 0,
        .detail_lost = run->tally->coarse,
        .seconds_lost = sn_add_sat(run->series->lost, run->intervals->lost),
        .prepare_failed = prepare_failed,
        .ended = run_ended(run),
    };
    struct run_interruptions interruptions = run_interruptions(run);
    input.shards_lost = interruptions.shards_lost;
    input.shards_replaced = interruptions.shards_replaced;
    input.epochs_late = interruptions.epochs_late;
    input.restarts = interruptions.restarts;
    input.run_restarts = interruptions.run_restarts;
    input.harness_errors = interruptions.harness_errors;
    input.clock_skew_us = interruptions.clock_skew_us;
    input.timers_late = timers_late(run, report->now_us);
    sn_validity_judge(&input, &report->validity);
}

void run_use_scratch(struct sn_run *run, struct sn_pages *pages) {
    sn_pages_init(pages, run->scratch, RUN_SCRATCH_PAGES * SN_HIST_PAGE * sizeof(uint32_t));
}

struct sn_cell run_total(struct sn_run *run, struct sn_pages *pages) {
    struct sn_cell total;
    run_use_scratch(run, pages);
    sn_tally_sum(run->tally, UINT32_MAX, UINT32_MAX, run->plan.lead_in, &total, pages);
    return total;
}

/* How long calls took, each by itself, over the load but a lead-in.  Of a kind whose steps are not told of one by one an
 * operation is a call. */
static struct sn_hist call_times(struct sn_run *run, struct sn_pages *pages) {
    const struct sn_workload *workload = &run->plan.workload;
    struct sn_pages own = sn_tally_pages(run->tally);
    struct sn_hist calls;
    sn_hist_init(&calls);
    run_use_scratch(run, pages);
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        bool told = sn_kind_tells_steps(workload, kind);
        uint32_t from = told ? kind->steps : run->plan.lead_in;
        uint32_t to = told ? kind->steps + kind->steps_len : run->tally->phases;
        for (uint32_t at = from; at < to; at++) {
            const struct sn_hist *times =
                told ? &sn_tally_step(run->tally, at)->service : &sn_tally_cell(run->tally, i, at)->service;
            enum sn_status status = sn_hist_merge(&calls, pages, times, &own);
            SN_ASSERT(status == SN_OK); /* there are pages for a whole histogram */
        }
    }
    return calls;
}

uint32_t run_median_call_us(struct sn_run *run) {
    struct sn_pages pages;
    struct sn_hist calls = call_times(run, &pages);
    return sn_hist_percentile_us(&calls, &pages, 50);
}

static struct sn_limit_input limit_input(struct sn_run *run, const struct sn_counts *counts) {
    struct sn_pages pages = sn_tally_pages(run->tally);
    struct sn_limit_input input = {
        .ended = counts->completed + counts->failed,
        .dropped_slots = counts->dropped[SN_DROP_SLOTS],
        .lag_slots_count = run->tally->lag_slots.count,
        .lag_slots_us = sn_hist_percentile_us(&run->tally->lag_slots, &pages, 99),
        .quiet_us = run->state.quiet_call_us,
        .peak_per_s = sn_schedule_peak_per_s(&run->schedule),
        .concurrency = run->plan.concurrency,
    };
    uint64_t ended = run_total(run, &pages).service.count;
    struct sn_hist calls = call_times(run, &pages);
    input.median_us = sn_hist_percentile_us(&calls, &pages, 50);
    input.mean_us = sn_hist_mean_us(&calls);
    input.calls = ended > 0 ? (double)calls.count / (double)ended : 1;
    return input;
}

static void find_limit(struct sn_run *run, struct sn_report *report) {
    struct sn_limit_input input = limit_input(run, &report->counts);
    input.timers_late = timers_late(run, report->now_us);
    enum sn_limit limit = sn_limit_judge(&input);
    report->limited_by = sn_limit_name(limit);
    uint32_t calls = sn_limit_calls(&input);
    if (limit == SN_LIMIT_CONCURRENCY && calls > run->plan.concurrency) report->concurrency_needed = calls;
}

struct sn_report run_report(struct sn_run *run, int64_t now_us) {
    const struct run_state *state = &run->state;
    struct sn_report report = {
        .run_id = run->plan.run_id,
        .tenant = run->plan.tenant,
        .name = run->plan.name,
        .preset = run->plan.preset,
        .plan_hash = run->plan.hash,
        .seed = run->plan.seed,
        .profile_type = (enum sn_profile_type)run->plan.profile_type,
        .status = (enum sn_run_status)state->status,
        .stage = (enum sn_stage)state->stage,
        .ended_by = run_ended(run) ? sn_ending_name((enum sn_ending)state->ending) : NULL,
        .reason = state->reason[0] != '\0' ? state->reason : NULL,
        .created_us = state->created_us,
        .started_us = state->started_us,
        .load_started_us = state->load_started_us,
        .ended_us = state->ended_us,
        .cancelled_us = state->cancelled_us,
        .now_us = now_us,
        .concurrency = run->plan.concurrency,
        .slots = run->plan.slots,
        .places = run_places(run),
        .shards_len = state->shards_len,
        .shards = run->report_shards,
        .interval_us = run_interval_us(run),
        .workload = &run->plan.workload,
        .profile = &run->plan.profile,
        .lead_in = run->plan.lead_in != 0,
        .schedule = &run->schedule,
        .counts = run_counts(run),
        .tally = run->tally,
        .series = run->series,
        .intervals = run->intervals,
        .levels = run->levels,
        .prepared = state->prepared,
        .prepare_failed = state->prepare_failed,
        .reused = state->reused != 0,
        .to_prepare = state->swept_up || state->reused ? 0 : sn_plan_items(&run->plan, SN_STAGE_PREPARE, 0),
        .cleaned = state->cleaned,
        .clean_failed = state->clean_failed,
        .cleanup_finished = run_ended(run),
        .sweep_finished = state->sweep_done && !state->sweep_cut,
        .sweep_broke_off = state->sweep_done && state->sweep_cut,
    };
    run_put_cost(run, now_us, &report.cost);
    for (uint32_t i = 0; i < state->shards_len; i++) {
        const struct run_shard *shard = &run->shards[i];
        run->report_shards[i] = (struct sn_report_shard){
            .index = i,
            .place = shard->place,
            .region = sn_plan_region(&run->plan, shard->place),
            .incarnation = shard->incarnation,
            .slices = shard->slices,
            .lost = shard->lost != 0,
            .replaced = shard->replaced != 0,
            .heard_us = shard->heard_us,
            .counts = run_shard_counts(run, i),
        };
    }
    judge(run, &report);
    find_limit(run, &report);
    run_put_verdict(run, &report);
    run_use_scratch(run, &report.scratch);
    return report;
}

void run_put_state(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    struct sn_report report = run_report(run, now_us);
    sn_report_put_state(w, &report);
}

static void end_reply(struct sn_writer *w, size_t mark, uint32_t call_id) {
    if (sn_record_end(w, mark)) return;
    w->full = false;
    struct sn_record refusal = {.kind = SN_EFFECT_REPLY, .id = call_id, .status = SN_E_LIMIT};
    sn_record_put(w, &refusal, NULL, 0);
}

void run_reply_state(struct sn_run *run, uint32_t call_id, enum sn_status status, int64_t now_us, struct sn_writer *w) {
    struct sn_record record = {.kind = SN_EFFECT_REPLY, .id = call_id, .status = (int16_t)status};
    size_t mark = sn_record_begin(w, &record);
    if (run->planned) run_put_state(run, now_us, w);
    end_reply(w, mark, call_id);
}

void run_reply_report(struct sn_run *run, uint32_t call_id, uint32_t format, int64_t now_us, struct sn_writer *w) {
    size_t mark = sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_REPLY, .id = call_id});
    struct sn_report report = run_report(run, now_us);
    struct sn_ledger estimate = sn_plan_estimate(&run->plan, (enum sn_platform)run->plan.platform);
    report.cost.estimate = &estimate;
    if (!run_ended(run)) run_judge_thresholds(run, &report);
    if (format == SN_REPORT_TEXT) {
        sn_report_put_text(w, &report);
    } else {
        sn_report_put_json(w, &report);
    }
    end_reply(w, mark, call_id);
}
