/* What a plan is estimated to cost, and what of the free plan's day it takes. */
#include "cost.h"
#include "lines.h"
#include "sentinel/report/plan.h"

static void put_day(struct sn_json_writer *j, const struct sn_report_plan *plan) {
    struct sn_usage sum = sn_ledger_both(&plan->on_free_plan);
    sn_json_open(j, "freeDay", '[');
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        const struct sn_meter_facts *facts = sn_meter((enum sn_meter)i);
        if (facts->day == 0 || sum.units[i] == 0) continue;
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "meter", facts->key);
        sn_json_put_uint(j, "units", sum.units[i]);
        sn_json_put_uint(j, "allowance", facts->day);
        sn_json_put_fixed(j, "share", (double)sum.units[i] / (double)facts->day, 4);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

void sn_report_put_estimate(struct sn_json_writer *j, const struct sn_report_plan *plan) {
    struct sn_usage sum = sn_ledger_both(&plan->estimate), beyond = sn_usage_beyond_month(&sum);
    sn_json_open(j, "cost", '{');
    sn_json_put_usd(j, "usd", sn_ledger_cost_nusd(&plan->prices, &plan->estimate));
    sn_json_put_usd(j, "beyondMonthUsd", sn_usage_cost_nusd(&plan->prices, &beyond));
    if (plan->max_cost_nusd > 0)
        sn_json_put_usd(j, "maxCostUsd", plan->max_cost_nusd);
    else
        sn_json_put_null(j, "maxCostUsd");
    sn_report_put_side(j, "target", &plan->prices, &plan->estimate.target);
    sn_report_put_side(j, "own", &plan->prices, &plan->estimate.own);
    put_day(j, plan);
    sn_json_close(j, '}');
}

/* ", most of it for writes to KV" */
static void say_dearest(struct sn_sentence *s, const struct sn_report_plan *plan, const struct sn_usage *sum) {
    enum sn_meter dearest = sn_report_dearest(&plan->prices, sum);
    if (dearest == SN_METERS_LEN) return;
    sn_put_text(&s->w, ", the most for ");
    sn_put_text(&s->w, sn_meter(dearest)->words);
}

/* The meter of which the largest share of a free day is used. */
static void say_day(struct sn_sentence *s, const struct sn_report_plan *plan) {
    struct sn_usage sum = sn_ledger_both(&plan->on_free_plan);
    double most = 0;
    size_t at = 0;
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        uint64_t day = sn_meter((enum sn_meter)i)->day;
        double share = day > 0 ? (double)sum.units[i] / (double)day : 0;
        if (share > most) at = i;
        if (share > most) most = share;
    }
    if (most == 0) return;
    sn_put_text(&s->w, " The free plan's day has ");
    sn_put_text(&s->w, most > 1 ? "too little for it: it takes " : "room for it: it takes ");
    sn_put_fixed(&s->w, 100 * most, 1);
    sn_put_text(&s->w, SN_STICKY "% of the ");
    sn_put_text(&s->w, sn_meter((enum sn_meter)at)->words);
    sn_put_text(&s->w, ".");
}

void sn_report_put_estimate_lines(struct sn_writer *w, const struct sn_report_plan *plan) {
    struct sn_usage sum = sn_ledger_both(&plan->estimate), beyond = sn_usage_beyond_month(&sum);
    struct sn_sentence s;
    sn_sentence_begin(&s);
    sn_put_text(&s.w, "about ");
    sn_put_usd(&s.w, sn_usage_cost_nusd(&plan->prices, &plan->estimate.target));
    sn_put_text(&s.w, " at the target and ");
    sn_put_usd(&s.w, sn_usage_cost_nusd(&plan->prices, &plan->estimate.own));
    sn_put_text(&s.w, " for Sentinel itself");
    say_dearest(&s, plan, &sum);
    sn_put_text(&s.w, "; ");
    sn_put_usd(&s.w, sn_usage_cost_nusd(&plan->prices, &beyond));
    sn_put_text(&s.w, " of it where nothing else uses what a paid month includes.");
    say_day(&s, plan);
    sn_put_text(w, "\n");
    sn_lines_sentence(w, "  cost", 14, &s);
}
