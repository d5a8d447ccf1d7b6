/* What a search for the highest rate came to. */
#include "capacity.h"

#include "figures.h"
#include "lines.h"

#define LABEL 12u

/* The rate that a factor stands for: the curve's own is the highest that is tried. */
static double rate_of(const struct sn_report *report, double factor) {
    return factor * sn_profile_peak_per_s(report->profile);
}

static void put_stop(struct sn_writer *w, const struct sn_report *report) {
    if (report->search_stopped_by == 0) {
        sn_put_text(w, "throughput did not follow: ");
        sn_put_fixed(w, report->search_stopped_value, 0);
        sn_put_text(w, " operations more came due than ended");
        return;
    }
    const struct sn_threshold *threshold = &report->search_thresholds[report->search_stopped_by - 1];
    sn_report_put_threshold(w, threshold, report->workload, report->profile);
    sn_put_text(w, " was not met: ");
    sn_threshold_put_value(w, threshold, report->search_stopped_value);
}

void sn_report_json_search(struct sn_json_writer *j, const struct sn_report *report) {
    const struct sn_search *search = report->search;
    uint8_t text[320];
    struct sn_writer w = sn_writer(text, sizeof text);
    if (search == NULL) {
        sn_json_put_null(j, "search");
        return;
    }
    sn_json_open(j, "search", '{');
    sn_json_put_text(j, "stage", sn_search_stage_name((enum sn_search_stage)search->stage));
    sn_json_put_text(j, "outcome", sn_search_outcome_name((enum sn_search_outcome)search->outcome));
    sn_report_json_per_s(j, "ratePerS", rate_of(report, search->low));
    sn_report_json_per_s(j, "highPerS", rate_of(report, search->high));
    sn_report_json_per_s(j, "mostPerS", rate_of(report, 1));
    sn_json_put_uint(j, "tried", search->steps);
    if (search->high > 0) {
        put_stop(&w, report);
        sn_json_put_span(j, "stoppedBy", text, w.len);
    } else {
        sn_json_put_null(j, "stoppedBy");
    }
    sn_json_close(j, '}');
}

void sn_report_text_search(struct sn_writer *w, const struct sn_report *report) {
    static const char *const words[SN_SEARCH_OUTCOMES_LEN] = {
        [SN_SEARCH_OUTCOME_NONE] = "The search was not done when the load ended. ",
        [SN_SEARCH_OUTCOME_FOUND] = "",
        [SN_SEARCH_OUTCOME_CEILING] = "The highest rate that was to be tried kept its thresholds. ",
        [SN_SEARCH_OUTCOME_BELOW] = "Even the lowest rate that can be tried was too much. ",
        [SN_SEARCH_OUTCOME_UNSTEADY] = "What was kept once was not kept again, so no rate is confirmed. ",
        [SN_SEARCH_OUTCOME_UNCLEAR] = "Too little could be measured to confirm a rate. ",
        [SN_SEARCH_OUTCOME_STUCK] = "The target did not recover from a rate that was too much. ",
    };
    const struct sn_search *search = report->search;
    struct sn_sentence s;
    if (search == NULL) return;
    sn_sentence_begin(&s);
    sn_put_text(&s.w, search->stage == SN_SEARCH_DONE || report->ended_us != 0 ? words[search->outcome]
                                                                               : "The search goes on. ");
    if (search->low > 0) {
        sn_lines_decimal(&s.w, rate_of(report, search->low));
        sn_put_text(&s.w, " operations a second keep what is wanted of them. ");
    }
    if (search->high > 0) {
        sn_lines_decimal(&s.w, rate_of(report, search->high));
        sn_put_text(&s.w, " do not: ");
        put_stop(&s.w, report);
        sn_put_text(&s.w, ". ");
    }
    sn_lines_count(&s.w, search->steps, "rate was tried.", "rates were tried.");
    sn_lines_sentence(w, "Search", LABEL, &s);
}
