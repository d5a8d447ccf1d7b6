/* What a run had to meet, and whether it did. */
#include <string.h>

#include "figures.h"
#include "lines.h"

#define LABEL 12u

/* --- Words -------------------------------------------------------------------------------------------------- */

static void put_tag(struct sn_writer *w, bool *first, const char *name, const void *value, size_t len) {
    sn_put_text(w, *first ? "{" : ",");
    sn_put_text(w, name);
    sn_put_text(w, ":");
    sn_put_bytes(w, value, len);
    *first = false;
}

static void put_pooled(struct sn_writer *w, bool *first, const char *name, const struct sn_workload *workload,
                       struct sn_text text) {
    put_tag(w, first, name, workload->pool + text.offset, text.len);
}

/* "op_duration{op:post-read,phase:peak}" */
static void put_subject(struct sn_writer *w, const struct sn_threshold *threshold, const struct sn_workload *workload,
                        const struct sn_profile *profile) {
    bool first = true;
    sn_put_text(w, sn_metric_name((enum sn_metric)threshold->metric));
    if (threshold->kind != SN_THRESHOLD_ANY)
        put_pooled(w, &first, "op", workload, workload->kinds[threshold->kind].name);
    if (threshold->system_of != SN_THRESHOLD_ANY)
        put_pooled(w, &first, "system", workload, workload->kinds[threshold->system_of].system);
    if (threshold->phase != SN_THRESHOLD_ANY) {
        const char *name = profile->phases[threshold->phase].name;
        put_tag(w, &first, "phase", name, strlen(name));
    }
    if (!first) sn_put_text(w, "}");
}

void sn_report_put_threshold(struct sn_writer *w, const struct sn_threshold *threshold,
                             const struct sn_workload *workload, const struct sn_profile *profile) {
    put_subject(w, threshold, workload, profile);
    sn_put_text(w, " ");
    sn_threshold_put(w, threshold);
    if (threshold->window_s == 0) return;
    sn_put_text(w, " over ");
    sn_put_dec(w, threshold->window_s);
    sn_put_text(w, " s");
}

/* --- JSON --------------------------------------------------------------------------------------------------- */

static bool shown(const struct sn_report *report, uint32_t index) {
    return !report->thresholds[index].safety || report->aborted == index + 1;
}

static void put_one(struct sn_json_writer *j, const struct sn_report *report, uint32_t index) {
    const struct sn_threshold *threshold = &report->thresholds[index];
    const struct sn_threshold_value *value = &report->threshold_values[index];
    const struct sn_threshold_watch *watch = &report->threshold_watches[index];
    uint8_t text[192];
    struct sn_writer w = sn_writer(text, sizeof text);
    sn_json_open(j, NULL, '{');
    put_subject(&w, threshold, report->workload, report->profile);
    sn_json_put_span(j, "metric", text, w.len);
    w = sn_writer(text, sizeof text);
    sn_threshold_put(&w, threshold);
    sn_json_put_span(j, "threshold", text, w.len);
    sn_json_put_text(j, "outcome", sn_threshold_outcome_name(value->outcome));
    if (value->known)
        sn_json_put_number(j, "value", value->value);
    else
        sn_json_put_null(j, "value");
    sn_json_put_uint(j, "samples", value->samples);
    if (threshold->window_s > 0)
        sn_json_put_uint(j, "windowS", threshold->window_s);
    else
        sn_json_put_null(j, "windowS");
    sn_json_put_bool(j, "abortOnFail", threshold->abort != 0);
    if (watch->failed_s > 0) {
        sn_json_put_uint(j, "failedAtS", watch->failed_s);
        sn_json_put_fixed(j, "failedAtPerS", watch->rate_per_s, 2);
    } else {
        sn_json_put_null(j, "failedAtS");
        sn_json_put_null(j, "failedAtPerS");
    }
    sn_json_close(j, '}');
}

void sn_report_json_thresholds(struct sn_json_writer *j, const struct sn_report *report) {
    sn_json_open(j, "thresholds", '[');
    for (uint32_t i = 0; i < report->thresholds_len; i++) {
        if (shown(report, i)) put_one(j, report, i);
    }
    sn_json_close(j, ']');
}

void sn_report_json_aborted(struct sn_json_writer *j, const struct sn_report *report) {
    uint8_t text[256];
    struct sn_writer w = sn_writer(text, sizeof text);
    if (report->aborted == 0) {
        sn_json_put_null(j, "abortedBy");
        return;
    }
    sn_report_put_threshold(&w, &report->thresholds[report->aborted - 1], report->workload, report->profile);
    sn_json_put_span(j, "abortedBy", text, w.len);
}

/* --- Text --------------------------------------------------------------------------------------------------- */

static void put_found(struct sn_writer *w, const struct sn_threshold *threshold, const struct sn_threshold_value *value,
                      const struct sn_threshold_watch *watch) {
    if (!value->known) {
        sn_put_text(w, "nothing was measured that it speaks of");
        return;
    }
    sn_threshold_put_value(w, threshold, value->value);
    if (threshold->window_s > 0) sn_put_text(w, " at the worst");
    if (watch->failed_s > 0) {
        sn_put_text(w, ", first not met after ");
        sn_put_dec(w, watch->failed_s);
        sn_put_text(w, " s at ");
        sn_put_fixed(w, watch->rate_per_s, 1);
        sn_put_text(w, " operations a second");
    }
    if (value->outcome == SN_THRESHOLD_UNDECIDED) {
        sn_put_text(w, ", too few to judge by: ");
        sn_lines_count(w, value->samples, "operation", "operations");
    }
}

/* The verdict in a sentence; nothing while there is none. */
static void put_verdict(struct sn_writer *w, const struct sn_report *report) {
    static const char *const sentences[SN_VERDICTS_LEN] = {
        [SN_VERDICT_PASSED] = "passed. Every threshold was met.",
        [SN_VERDICT_FAILED] = "failed. Not every threshold was met.",
        [SN_VERDICT_UNDECIDED] = "undecided. These figures cannot say that every threshold was met.",
    };
    static const char *const searched[SN_VERDICTS_LEN] = {
        [SN_VERDICT_PASSED] = "passed. A rate was found that keeps every threshold.",
        [SN_VERDICT_FAILED] = "failed. No rate that was tried kept every threshold.",
        [SN_VERDICT_UNDECIDED] = "undecided. No rate was confirmed to keep every threshold.",
    };
    const char *text = (report->search != NULL ? searched : sentences)[report->verdict];
    if (report->aborted != 0) text = "failed. The run was ended early by a threshold that was not met.";
    if (text != NULL) sn_lines_wrap(w, "Verdict", LABEL, text, strlen(text));
}

void sn_report_text_thresholds(struct sn_writer *w, const struct sn_report *report) {
    bool first = true;
    put_verdict(w, report);
    for (uint32_t i = 0; i < report->thresholds_len; i++) {
        const struct sn_threshold *threshold = &report->thresholds[i];
        struct sn_sentence s;
        if (!shown(report, i)) continue;
        sn_sentence_begin(&s);
        sn_put_text(&s.w, sn_threshold_outcome_name(report->threshold_values[i].outcome));
        sn_put_text(&s.w, ": ");
        sn_report_put_threshold(&s.w, threshold, report->workload, report->profile);
        sn_put_text(&s.w, " (");
        put_found(&s.w, threshold, &report->threshold_values[i], &report->threshold_watches[i]);
        sn_put_text(&s.w, ")");
        sn_lines_sentence(w, first ? "Thresholds" : "", LABEL, &s);
        first = false;
    }
}
