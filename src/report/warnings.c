/* What a plan may well do, and what would then be measured is not what people expect. */
#include "warnings.h"

#include <string.h>

#include "lines.h"
#include "sentinel/load/key_rate.h"
#include "sentinel/report/plan.h"

/* At so many operations a second in all. */
static size_t find(const struct sn_workload *workload, double peak_per_s, struct sn_report_warning *warnings) {
    double sum = 0;
    size_t len = 0;
    for (uint32_t i = 0; i < workload->kinds_len; i++) sum += workload->kinds[i].weight;
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        for (uint32_t s = 0; s < kind->steps_len && len < SN_WARNINGS_MAX; s++) {
            const struct sn_step *step = &workload->steps[kind->steps + s];
            if (!sn_step_writes_key(step)) continue;
            double per_s = sn_step_key_rate(workload, step, peak_per_s * kind->weight / sum);
            if (per_s > SN_KEY_WRITES_PER_S) warnings[len++] = (struct sn_report_warning){kind, s, per_s};
        }
    }
    return len;
}

size_t sn_report_warnings(const struct sn_report_plan *plan, struct sn_report_warning *warnings) {
    return find(plan->workload, sn_profile_peak_per_s(plan->profile), warnings);
}

static void put_path(struct sn_writer *w, const struct sn_workload *workload, const struct sn_report_warning *warning) {
    sn_put_bytes(w, workload->pool + warning->kind->name.offset, warning->kind->name.len);
    sn_put_text(w, ".steps[");
    sn_put_dec(w, warning->step);
    sn_put_text(w, "].key");
}

/* `peak_per_s`: what they were found at, when it is no plan's. */
static void put_message(struct sn_writer *w, const struct sn_workload *workload,
                        const struct sn_report_warning *warning, double peak_per_s) {
    const struct sn_step *step = &workload->steps[warning->kind->steps + warning->step];
    bool kv = sn_step_target(workload, step)->service == SN_SERVICE_KV;
    if (peak_per_s > 0) {
        double from_per_s = peak_per_s / warning->per_s * SN_KEY_WRITES_PER_S;
        sn_put_text(w, "above ");
        sn_put_fixed(w, from_per_s, from_per_s < 10 ? 1 : 0);
        sn_put_text(w, " operations a second one key is written more than once a second");
    } else {
        sn_put_text(w, "at the peak one key is written ");
        sn_put_fixed(w, warning->per_s, 1);
        sn_put_text(w, " times a second");
    }
    sn_put_text(w, kv ? "; KV takes one write a second for a key and refuses the others"
                      : "; R2 takes one write a second for a key and refuses the others");
}

#define TEXT_MAX 320

static void put_json(struct sn_json_writer *j, const struct sn_workload *workload,
                     const struct sn_report_warning *warnings, size_t len, double peak_per_s) {
    sn_json_open(j, "warnings", '[');
    for (size_t i = 0; i < len; i++) {
        uint8_t text[TEXT_MAX];
        struct sn_writer path = sn_writer(text, sizeof text), message = path;
        sn_json_open(j, NULL, '{');
        put_path(&path, workload, &warnings[i]);
        sn_json_put_span(j, "path", text, path.len);
        put_message(&message, workload, &warnings[i], peak_per_s);
        sn_json_put_span(j, "message", text, message.len);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_lines(struct sn_writer *w, const struct sn_workload *workload, const struct sn_report_warning *warnings,
                      size_t len, double peak_per_s) {
    for (size_t i = 0; i < len; i++) {
        uint8_t text[TEXT_MAX];
        struct sn_writer line = sn_writer(text, sizeof text);
        put_path(&line, workload, &warnings[i]);
        sn_put_text(&line, ": ");
        put_message(&line, workload, &warnings[i], peak_per_s);
        if (i == 0) sn_put_text(w, "\n");
        sn_lines_wrap(w, "  Warning     ", 14, text, line.len);
    }
}

void sn_report_put_warnings(struct sn_json_writer *j, const struct sn_report_plan *plan) {
    struct sn_report_warning warnings[SN_WARNINGS_MAX];
    put_json(j, plan->workload, warnings, sn_report_warnings(plan, warnings), 0);
}

void sn_report_put_warning_lines(struct sn_writer *w, const struct sn_report_plan *plan) {
    struct sn_report_warning warnings[SN_WARNINGS_MAX];
    put_lines(w, plan->workload, warnings, sn_report_warnings(plan, warnings), 0);
}

void sn_report_put_key_warnings(struct sn_json_writer *j, const struct sn_workload *workload) {
    struct sn_report_warning warnings[SN_WARNINGS_MAX];
    double most_per_s = sn_bound(SN_BOUNDS_DEFAULT, SN_BOUND_RATE_PER_S);
    put_json(j, workload, warnings, find(workload, most_per_s, warnings), most_per_s);
}

void sn_report_put_key_warning_lines(struct sn_writer *w, const struct sn_workload *workload) {
    struct sn_report_warning warnings[SN_WARNINGS_MAX];
    double most_per_s = sn_bound(SN_BOUNDS_DEFAULT, SN_BOUND_RATE_PER_S);
    put_lines(w, workload, warnings, find(workload, most_per_s, warnings), most_per_s);
}
