#include "sentinel/report/comparison.h"

#include <math.h>

static void put_end(struct sn_json_writer *j, const char *name, double end) {
    if (end > 0 && isfinite(end))
        sn_json_put_fixed(j, name, end, 6);
    else
        sn_json_put_null(j, name);
}

static void put_ratio(struct sn_json_writer *j, const struct sn_compare_percentile *one) {
    if (one->doubt == SN_DOUBT_SECONDS && (one->before_us == 0 || one->after_us == 0)) {
        sn_json_put_null(j, "ratio"); /* a report has no figure where it has too few operations */
        return;
    }
    sn_json_put_fixed(j, "ratio", one->ratio, 6);
    put_end(j, "low", one->low);
    put_end(j, "high", one->high);
    sn_json_put_uint(j, "beforeUs", one->before_us);
    sn_json_put_uint(j, "afterUs", one->after_us);
    sn_json_put_fixed(j, "differenceMs", ((double)one->after_us - (double)one->before_us) / 1e3, 3);
}

static void put_judged(struct sn_json_writer *j, const char *name, const struct sn_compare_percentile *one) {
    sn_json_open(j, name, '{');
    sn_json_put_text(j, "verdict", sn_change_name(one->change));
    put_ratio(j, one);
    sn_json_put_fixed(j, "floor", one->floor, 4);
    if (one->change == SN_CHANGE_INCONCLUSIVE) {
        sn_json_put_text(j, "reason", sn_doubt_text(one->doubt));
        sn_json_put_number(j, "settledS", one->settled_s); /* null for infinity */
    }
    sn_json_close(j, '}');
}

void sn_report_put_judged(struct sn_json_writer *j, const struct sn_compare_result *result) {
    sn_json_open(j, "percentiles", '{');
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++)
        if (result->percentiles[i].judged) put_judged(j, sn_compare_kinds[i].name, &result->percentiles[i]);
    sn_json_close(j, '}');
}

void sn_report_put_shown(struct sn_json_writer *j, const struct sn_compare_result *result) {
    sn_json_open(j, "notJudged", '{');
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        if (result->percentiles[i].judged) continue;
        sn_json_open(j, sn_compare_kinds[i].name, '{');
        put_ratio(j, &result->percentiles[i]);
        sn_json_close(j, '}');
    }
    sn_json_close(j, '}');
}

/* Which run is unfit, and why. */
static void put_invalid(struct sn_json_writer *j, const struct sn_comparison *comparison) {
    char text[200];
    struct sn_writer w = sn_writer(text, sizeof text);
    for (int side = 0; side < 2; side++) {
        if (comparison->unfit[side] == SN_UNFIT_NONE) continue;
        sn_put_text(&w, w.len > 0 ? "; the run " : "The run ");
        sn_put_text(&w, side == 0 ? "before: " : "after: ");
        sn_put_text(&w, sn_unfit_text(comparison->unfit[side]));
    }
    if (w.len > 0)
        sn_json_put_span(j, "invalid", text, w.len);
    else
        sn_json_put_null(j, "invalid");
}

void sn_report_put_comparison(struct sn_json_writer *j, const struct sn_comparison *comparison,
                              const struct sn_compared *before, const struct sn_compared *after) {
    const struct sn_compared *const runs[2] = {before, after};
    sn_json_put_text(j, "verdict", sn_change_name(comparison->change));
    sn_report_put_judged(j, &comparison->result);
    sn_report_put_shown(j, &comparison->result);
    put_invalid(j, comparison);
    sn_json_open(j, "errors", '{');
    sn_json_put_text(j, "verdict", sn_change_name(comparison->error_change));
    for (int side = 0; side < 2; side++) {
        sn_json_open(j, side == 0 ? "before" : "after", '{');
        sn_json_put_uint(j, "ended", comparison->errors[side].ended);
        sn_json_put_uint(j, "failed", comparison->errors[side].failed);
        sn_json_put_uint(j, "planned", runs[side]->planned);
        sn_json_put_uint(j, "started", runs[side]->started);
        sn_json_close(j, '}');
    }
    sn_json_close(j, '}');
    sn_json_put_fixed(j, "a12", comparison->result.a12, 4);
    sn_json_put_fixed(j, "ks", comparison->result.ks, 4);
    sn_json_put_uint(j, "stretchS", comparison->result.stretch_s);
}
