#include "sentinel/report/plan.h"

#include <string.h>

#include "lines.h"
#include "sentinel/base/limits.h"
#include "sentinel/report/report.h"

static uint64_t due_between(const struct sn_profile *profile, int64_t from_us, int64_t to_us) {
    return sn_profile_count(profile, to_us) - sn_profile_count(profile, from_us);
}

static double weight_sum(const struct sn_workload *workload) {
    double sum = 0;
    for (uint32_t i = 0; i < workload->kinds_len; i++) sum += workload->kinds[i].weight;
    return sum > 0 ? sum : 1;
}

/* --- JSON ------------------------------------------------------------------------------------------------ */

void sn_report_put_phases(struct sn_json_writer *j, const struct sn_profile *profile) {
    int64_t start_us = 0;
    sn_json_open(j, "phases", '[');
    for (uint32_t i = 0; i < profile->phases_len; i++) {
        int64_t end_us = profile->phases[i].end_us;
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "name", profile->phases[i].name);
        sn_json_put_number(j, "startS", (double)start_us / 1e6);
        sn_json_put_number(j, "endS", (double)end_us / 1e6);
        sn_json_put_uint(j, "ops", due_between(profile, start_us, end_us));
        /* Phases are half-open on the left: the rate at a start belongs to the phase before. */
        sn_json_put_fixed(j, "fromPerS", sn_profile_rate_per_s(profile, start_us + 1), 2);
        sn_json_put_fixed(j, "toPerS", sn_profile_rate_per_s(profile, end_us), 2);
        sn_json_close(j, '}');
        start_us = end_us;
    }
    sn_json_close(j, ']');
}

static bool same_text(const struct sn_workload *workload, struct sn_text a, struct sn_text b) {
    return a.len == b.len && memcmp(workload->pool + a.offset, workload->pool + b.offset, a.len) == 0;
}

void sn_report_put_systems(struct sn_json_writer *j, const char *name, const struct sn_workload *workload) {
    sn_json_open(j, name, '[');
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        struct sn_text system = workload->kinds[i].system;
        bool seen = false;
        for (uint32_t k = 0; k < i && !seen; k++) seen = same_text(workload, workload->kinds[k].system, system);
        if (!seen) sn_json_put_span(j, NULL, workload->pool + system.offset, system.len);
    }
    sn_json_close(j, ']');
}

static void put_kinds(struct sn_json_writer *j, const struct sn_workload *workload) {
    double sum = weight_sum(workload);
    sn_json_open(j, "operations", '[');
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        if (kind->weight == 0) continue;
        sn_json_open(j, NULL, '{');
        sn_json_put_span(j, "operation", workload->pool + kind->name.offset, kind->name.len);
        sn_json_put_span(j, "system", workload->pool + kind->system.offset, kind->system.len);
        sn_json_put_uint(j, "weight", kind->weight);
        sn_json_put_number(j, "share", (double)kind->weight / sum);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_thresholds(struct sn_json_writer *j, const struct sn_report_plan *plan) {
    sn_json_open(j, "thresholds", '[');
    for (uint32_t i = 0; i < plan->thresholds_len; i++) {
        uint8_t text[256];
        struct sn_writer w = sn_writer(text, sizeof text);
        sn_report_put_threshold(&w, &plan->thresholds[i], plan->workload, plan->profile);
        sn_json_open(j, NULL, '{');
        sn_json_put_span(j, "threshold", text, w.len);
        sn_json_put_bool(j, "abortOnFail", plan->thresholds[i].abort != 0);
        sn_json_put_bool(j, "safety", plan->thresholds[i].safety != 0);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_limit(struct sn_json_writer *j, const char *limit, double value, double max) {
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "limit", limit);
    sn_json_put_number(j, "value", value);
    sn_json_put_number(j, "max", max);
    sn_json_close(j, '}');
}

/* How much of what a run may have the plan takes. */
static void put_limits(struct sn_json_writer *j, const struct sn_report_plan *plan) {
    const struct sn_profile *profile = plan->profile;
    uint32_t kinds = plan->workload->kinds_len;
    sn_json_open(j, "limits", '[');
    put_limit(j, "targetOperations", (double)profile->planned, sn_bound(plan->bounds, SN_BOUND_OPERATIONS));
    put_limit(j, "durationSeconds", (double)profile->end_us / 1e6, SN_DURATION_S_MAX);
    put_limit(j, "concurrency", plan->concurrency, sn_bound(plan->bounds, SN_BOUND_CONCURRENCY));
    put_limit(j, "maxOpsPerSecond", sn_profile_peak_per_s(profile), sn_bound(plan->bounds, SN_BOUND_RATE_PER_S));
    put_limit(j, "shards", plan->shards, SN_SHARDS_MAX - SN_REPLACED_MAX);
    put_limit(j, "operations", kinds, SN_KINDS_MAX);
    put_limit(j, "phases", profile->phases_len, SN_PHASES_MAX);
    put_limit(j, "operationsTimesPhases", kinds * profile->phases_len, SN_CELLS_MAX);
    put_limit(j, "planBytes", (double)plan->bytes, SN_PLAN_BYTES_MAX);
    sn_json_close(j, ']');
}

static void put_seconds(struct sn_json_writer *j, const struct sn_profile *profile) {
    sn_json_open(j, "perSecond", '[');
    for (int64_t s = 0; s < sn_profile_seconds(profile); s++) {
        sn_json_put_uint(j, NULL, due_between(profile, s * SN_SECOND_US, (s + 1) * SN_SECOND_US));
    }
    sn_json_close(j, ']');
}

void sn_report_put_plan_json(struct sn_json_writer *j, const char *name, const struct sn_report_plan *plan) {
    uint8_t digits[20];
    struct sn_writer hash = sn_writer(digits, sizeof digits), seed = hash;
    sn_json_open(j, name, '{');
    sn_json_put_text(j, "name", plan->name);
    sn_json_put_text(j, "preset", plan->preset[0] != '\0' ? plan->preset : NULL);
    sn_json_put_text(j, "profileType", sn_profile_type_name(plan->profile_type));
    sn_put_hex(&hash, plan->hash, 16);
    sn_json_put_span(j, "planHash", digits, hash.len);
    sn_put_dec(&seed, plan->seed);
    sn_json_put_span(j, "seed", digits, seed.len);
    sn_json_put_number(j, "durationS", (double)plan->profile->end_us / 1e6);
    sn_json_put_uint(j, "plannedOps", plan->profile->planned);
    sn_json_put_number(j, "peakPerS", sn_profile_peak_per_s(plan->profile));
    sn_report_put_phases(j, plan->profile);
    sn_json_put_text(j, "arrivals", plan->profile->arrivals == SN_ARRIVALS_POISSON ? "poisson" : "even");
    sn_json_put_text(j, "platform", sn_platform_name(plan->platform));
    sn_json_put_uint(j, "sliceCalls", sn_platform_slice_calls(plan->platform));
    sn_json_put_text(j, "bounds", sn_bounds_name(plan->bounds));
    sn_json_put_text(j, "prepare", sn_prepare_name(plan->prepare));
    sn_json_put_uint(j, "concurrency", plan->concurrency);
    sn_json_put_uint(j, "slots", plan->slots);
    sn_json_put_uint(j, "shards", plan->shards);
    sn_json_put_int(j, "maxLateMs", plan->max_late_us / 1000);
    sn_json_put_int(j, "timeoutMs", plan->timeout_us / 1000);
    sn_report_put_systems(j, "systems", plan->workload);
    put_kinds(j, plan->workload);
    if (plan->search_step_s > 0)
        sn_json_put_uint(j, "searchStepS", plan->search_step_s);
    else
        sn_json_put_null(j, "searchStepS");
    put_thresholds(j, plan);
    sn_report_put_warnings(j, plan);
    put_limits(j, plan);
    sn_report_put_estimate(j, plan);
    put_seconds(j, plan->profile);
    sn_json_close(j, '}');
}

/* --- Text ------------------------------------------------------------------------------------------------ */

/* To the right of a column; what is wider takes the room that it needs. */
static void put_right(struct sn_writer *w, const struct sn_writer *text, uint32_t width) {
    for (size_t i = text->len; i < width; i++) sn_put_text(w, " ");
    sn_put_bytes(w, text->data, text->len);
}

static void put_duration(struct sn_writer *w, int64_t us, uint32_t width) {
    uint8_t digits[24];
    struct sn_writer text = sn_writer(digits, sizeof digits);
    sn_put_number(&text, (double)us / 1e6);
    put_right(w, &text, width);
}

static void put_phase_lines(struct sn_writer *w, const struct sn_profile *profile) {
    int64_t start_us = 0;
    for (uint32_t i = 0; i < profile->phases_len; i++) {
        const struct sn_phase *phase = &profile->phases[i];
        sn_put_text(w, "  ");
        sn_lines_left(w, phase->name, strlen(phase->name), 15);
        sn_put_text(w, " ");
        put_duration(w, start_us, 8);
        sn_put_text(w, " to ");
        put_duration(w, phase->end_us, 8);
        sn_put_text(w, " s  ");
        sn_lines_number(w, due_between(profile, start_us, phase->end_us), 8);
        sn_put_text(w, " operations, ");
        sn_put_fixed(w, sn_profile_rate_per_s(profile, start_us + 1), 1);
        sn_put_text(w, " to ");
        sn_put_fixed(w, sn_profile_rate_per_s(profile, phase->end_us), 1);
        sn_put_text(w, " a second\n");
        start_us = phase->end_us;
    }
}

static void put_kind_lines(struct sn_writer *w, const struct sn_workload *workload) {
    double sum = weight_sum(workload);
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        uint8_t digits[24];
        struct sn_writer share = sn_writer(digits, sizeof digits);
        if (kind->weight == 0) continue;
        sn_put_text(w, "  ");
        sn_lines_left(w, workload->pool + kind->name.offset, kind->name.len, 32);
        sn_put_text(w, " ");
        sn_lines_left(w, workload->pool + kind->system.offset, kind->system.len, 14);
        sn_put_text(w, " ");
        sn_put_fixed(&share, 100.0 * kind->weight / sum, 1);
        put_right(w, &share, 5);
        sn_put_text(w, " %\n");
    }
}

static void put_load_lines(struct sn_writer *w, const struct sn_report_plan *plan) {
    const struct sn_profile *profile = plan->profile;
    sn_put_text(w, "  profile     ");
    sn_put_text(w, sn_profile_type_name(plan->profile_type));
    sn_put_text(w, plan->preset[0] != '\0' ? ", preset " : "");
    sn_put_text(w, plan->preset);
    sn_put_text(w, "\n  operations  ");
    sn_put_dec(w, profile->planned);
    sn_put_text(w, " in ");
    put_duration(w, profile->end_us, 0);
    sn_put_text(w, " s, at most ");
    sn_put_fixed(w, sn_profile_peak_per_s(profile), 1);
    sn_put_text(w, " a second");
    sn_put_text(w, profile->arrivals == SN_ARRIVALS_POISSON ? " on average: Poisson arrivals\n" : "\n");
}

static void put_threshold_lines(struct sn_writer *w, const struct sn_report_plan *plan) {
    for (uint32_t i = 0; i < plan->thresholds_len; i++) {
        const struct sn_threshold *threshold = &plan->thresholds[i];
        struct sn_sentence s;
        sn_sentence_begin(&s);
        sn_report_put_threshold(&s.w, threshold, plan->workload, plan->profile);
        if (threshold->abort) sn_put_text(&s.w, threshold->safety ? ", else it ends early (safety)" : ", else it ends");
        sn_lines_sentence(w, i == 0 ? "  must hold" : "", 14, &s);
    }
}

void sn_report_put_plan_text(struct sn_writer *w, const struct sn_report_plan *plan) {
    sn_lines_wrap(w, "", 0, plan->name, strlen(plan->name));
    put_load_lines(w, plan);
    sn_put_text(w, "  calls       at most ");
    sn_put_dec(w, plan->concurrency);
    sn_put_text(w, " in flight, from ");
    sn_lines_count(w, plan->shards, "shard", "shards");
    sn_put_text(w, " of ");
    sn_put_dec(w, plan->slots);
    sn_put_text(w, "\n  plan        ");
    sn_put_hex(w, plan->hash, 16);
    sn_put_text(w, ", seed ");
    sn_put_dec(w, plan->seed);
    sn_put_text(w, "\n");
    if (plan->search_step_s > 0) {
        sn_put_text(w, "  searches    the highest rate that keeps what must hold, in steps of ");
        sn_put_dec(w, plan->search_step_s);
        sn_put_text(w, " s\n");
    }
    put_threshold_lines(w, plan);
    sn_put_text(w, "\n");
    put_phase_lines(w, plan->profile);
    sn_put_text(w, "\n");
    put_kind_lines(w, plan->workload);
    sn_report_put_estimate_lines(w, plan);
    sn_report_put_warning_lines(w, plan);
}
