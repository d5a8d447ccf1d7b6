/* What a plan may well do, and what would then be measured is not what people expect. */
#include <string.h>

#include "lines.h"
#include "sentinel/load/key_rate.h"
#include "sentinel/report/plan.h"

size_t sn_report_warnings(const struct sn_report_plan *plan, struct sn_report_warning *warnings) {
    const struct sn_workload *workload = plan->workload;
    double sum = 0, peak_per_s = sn_profile_peak_per_s(plan->profile);
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

static struct sn_writer put_path(const struct sn_workload *workload, const struct sn_report_warning *warning,
                                 uint8_t *text, size_t cap) {
    struct sn_writer w = sn_writer(text, cap);
    sn_put_bytes(&w, workload->pool + warning->kind->name.offset, warning->kind->name.len);
    sn_put_text(&w, ".steps[");
    sn_put_dec(&w, warning->step);
    sn_put_text(&w, "].key");
    return w;
}

static struct sn_writer put_message(const struct sn_workload *workload, const struct sn_report_warning *warning,
                                    uint8_t *text, size_t cap) {
    struct sn_writer w = sn_writer(text, cap);
    const struct sn_step *step = &workload->steps[warning->kind->steps + warning->step];
    bool kv = sn_step_target(workload, step)->service == SN_SERVICE_KV;
    sn_put_text(&w, "at the peak one key is written ");
    sn_put_fixed(&w, warning->per_s, 1);
    sn_put_text(&w, kv ? " times a second; KV takes one write a second for a key and refuses the others"
                       : " times a second; R2 takes one write a second for a key and refuses the others");
    return w;
}

void sn_report_put_warnings(struct sn_json_writer *j, const struct sn_report_plan *plan) {
    struct sn_report_warning warnings[SN_WARNINGS_MAX];
    size_t len = sn_report_warnings(plan, warnings);
    sn_json_open(j, "warnings", '[');
    for (size_t i = 0; i < len; i++) {
        uint8_t text[160];
        struct sn_writer w = put_path(plan->workload, &warnings[i], text, sizeof text);
        sn_json_open(j, NULL, '{');
        sn_json_put_span(j, "path", text, w.len);
        w = put_message(plan->workload, &warnings[i], text, sizeof text);
        sn_json_put_span(j, "message", text, w.len);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

void sn_report_put_warning_lines(struct sn_writer *w, const struct sn_report_plan *plan) {
    struct sn_report_warning warnings[SN_WARNINGS_MAX];
    size_t len = sn_report_warnings(plan, warnings);
    for (size_t i = 0; i < len; i++) {
        uint8_t text[320];
        struct sn_writer line = put_path(plan->workload, &warnings[i], text, sizeof text), more;
        sn_put_text(&line, ": ");
        more = put_message(plan->workload, &warnings[i], text + line.len, sizeof text - line.len);
        if (i == 0) sn_put_text(w, "\n");
        sn_lines_wrap(w, "  Warning     ", 14, text, line.len + more.len);
    }
}
