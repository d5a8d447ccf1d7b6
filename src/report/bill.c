/* What a run has cost, against its estimate; what a month of the same would; and who reads more rows than are returned. */
#include "cost.h"
#include "figures.h"
#include "lines.h"

#define MONTH_US (INT64_C(30) * 86400 * 1000000)
#define MONTH_DAYS 30u
#define MANY_ROWS 10u /* read for each that is returned: an index would find it with one or two */

static uint64_t cost_of(const struct sn_report *report, const struct sn_usage *usage) {
    return sn_usage_cost_nusd(&report->cost.prices, usage);
}

static uint64_t cost_beyond(const struct sn_report *report, const struct sn_usage *usage) {
    struct sn_usage beyond = sn_usage_beyond_month(usage);
    return cost_of(report, &beyond);
}

static uint64_t ended(const struct sn_report *report) {
    return report->counts.completed + report->counts.failed;
}

static uint64_t per_thousand(const struct sn_report *report) {
    return sn_mul_div_up(cost_of(report, &report->cost.load), 1000, ended(report));
}

/* The load over and over for thirty days. */
static struct sn_usage month_at_this_rate(const struct sn_report *report) {
    return sn_usage_scale(&report->cost.load, MONTH_US, (uint64_t)sn_report_elapsed_us(report));
}

/* Every visitor comes once a day and does what the plan has for one. */
static struct sn_usage month_of_users(const struct sn_report *report) {
    return sn_usage_scale(&report->cost.load, sn_mul_sat(report->profile->planned, MONTH_DAYS), ended(report));
}

/* --- Rows ------------------------------------------------------------------------------------------------------ */

struct rows {
    uint64_t read, returned;
};

static struct rows rows_of(const struct sn_report *report, uint32_t kind) {
    struct sn_cell cell;
    struct sn_pages pages;
    sn_report_sum(report, kind, SN_REPORT_ALL, &cell, &pages);
    return (struct rows){cell.rows_read, cell.rows};
}

/* The operation that reads most rows for each that it returns, if those are many; UINT32_MAX when none does.  What returns
 * nothing at all is not compared: it only writes, or finds nothing. */
static uint32_t reads_most(const struct sn_report *report) {
    uint32_t most = UINT32_MAX;
    struct rows worst = {0, 1};
    for (uint32_t kind = 0; kind < report->workload->kinds_len; kind++) {
        struct rows rows = rows_of(report, kind);
        if (rows.returned == 0 || rows.read / rows.returned < MANY_ROWS) continue;
        if ((double)rows.read * (double)worst.returned <= (double)worst.read * (double)rows.returned) continue;
        worst = rows;
        most = kind;
    }
    return most;
}

static double ratio(struct rows rows) {
    return (double)rows.read / (double)rows.returned;
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

static void put_month(struct sn_json_writer *j, const char *name, const struct sn_report *report,
                      const struct sn_usage *usage) {
    sn_json_open(j, name, '{');
    sn_json_put_usd(j, "usd", cost_of(report, usage));
    sn_json_put_usd(j, "beyondMonthUsd", cost_beyond(report, usage));
    sn_json_close(j, '}');
}

static void put_load(struct sn_json_writer *j, const struct sn_report *report) {
    const struct sn_report_cost *cost = &report->cost;
    if (ended(report) == 0) {
        sn_json_put_null(j, "load");
        return;
    }
    struct sn_usage month = month_at_this_rate(report), users = month_of_users(report);
    sn_json_open(j, "load", '{');
    sn_json_put_usd(j, "usd", cost_of(report, &cost->load));
    sn_json_put_usd(j, "per1000OperationsUsd", per_thousand(report));
    put_month(j, "monthAtThisRate", report, &month);
    if (cost->users > 0) {
        sn_json_put_uint(j, "users", cost->users);
        put_month(j, "monthOfUsers", report, &users);
    }
    sn_json_close(j, '}');
}

static void put_estimate(struct sn_json_writer *j, const struct sn_report *report) {
    const struct sn_ledger *estimate = report->cost.estimate;
    if (estimate == NULL) return;
    sn_json_open(j, "estimate", '{');
    sn_json_put_usd(j, "usd", sn_ledger_cost_nusd(&report->cost.prices, estimate));
    sn_json_put_usd(j, "targetUsd", cost_of(report, &estimate->target));
    sn_json_put_usd(j, "ownUsd", cost_of(report, &estimate->own));
    sn_json_close(j, '}');
}

static void put_rows(struct sn_json_writer *j, const struct sn_report *report) {
    uint32_t most = reads_most(report);
    sn_json_open(j, "rows", '[');
    for (uint32_t kind = 0; kind < report->workload->kinds_len; kind++) {
        struct rows rows = rows_of(report, kind);
        struct sn_span name = sn_report_pooled(report, report->workload->kinds[kind].name);
        if (rows.read == 0 || rows.returned == 0) continue;
        sn_json_open(j, NULL, '{');
        sn_json_put_span(j, "operation", name.data, name.len);
        sn_json_put_uint(j, "read", rows.read);
        sn_json_put_uint(j, "returned", rows.returned);
        sn_json_put_fixed(j, "readPerReturned", ratio(rows), 2);
        sn_json_put_bool(j, "suspect", kind == most);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

void sn_report_json_cost(struct sn_json_writer *j, const struct sn_report *report) {
    const struct sn_report_cost *cost = &report->cost;
    struct sn_usage sum = sn_ledger_both(&cost->ledger);
    sn_json_open(j, "cost", '{');
    sn_json_put_usd(j, "usd", sn_ledger_cost_nusd(&cost->prices, &cost->ledger));
    sn_json_put_usd(j, "beyondMonthUsd", cost_beyond(report, &sum));
    if (cost->max_cost_nusd > 0)
        sn_json_put_usd(j, "maxCostUsd", cost->max_cost_nusd);
    else
        sn_json_put_null(j, "maxCostUsd");
    sn_report_put_side(j, "target", &cost->prices, &cost->ledger.target);
    sn_report_put_side(j, "own", &cost->prices, &cost->ledger.own);
    put_load(j, report);
    put_estimate(j, report);
    put_rows(j, report);
    sn_json_close(j, '}');
}

/* --- Text ------------------------------------------------------------------------------------------------------ */

static void say(struct sn_sentence *s, const char *text) {
    sn_put_text(&s->w, text);
}

static void say_usd(struct sn_sentence *s, const char *before, uint64_t nusd, const char *after) {
    say(s, before);
    sn_put_usd(&s->w, nusd);
    say(s, after);
}

static void say_month(struct sn_sentence *s, const struct sn_report *report) {
    struct sn_usage month = month_at_this_rate(report), users = month_of_users(report);
    say_usd(s, "A thousand operations of the load cost the target ", per_thousand(report), ", ");
    say_usd(s, "a month at this rate ", cost_of(report, &month), ", ");
    say_usd(s, "of which ", cost_beyond(report, &month), " are beyond what a paid month includes");
    if (report->cost.users > 0) {
        say(s, "; a month in which ");
        sn_lines_count(&s->w, report->cost.users, "user comes", "users come");
        say_usd(s, " once a day ", cost_of(report, &users), ", ");
        say_usd(s, "of which ", cost_beyond(report, &users), " are beyond it");
    }
    say(s, ". ");
}

static void say_rows(struct sn_sentence *s, const struct sn_report *report) {
    uint32_t most = reads_most(report);
    if (most == UINT32_MAX) return;
    struct sn_span name = sn_report_pooled(report, report->workload->kinds[most].name);
    sn_put_bytes(&s->w, name.data, name.len);
    say(s, " reads ");
    sn_lines_decimal(&s->w, ratio(rows_of(report, most)));
    say(s, " rows for each that it returns: it counts, or it lacks an index.");
}

void sn_report_text_cost(struct sn_writer *w, const struct sn_report *report) {
    const struct sn_report_cost *cost = &report->cost;
    struct sn_usage sum = sn_ledger_both(&cost->ledger);
    struct sn_sentence s;
    sn_sentence_begin(&s);
    say_usd(&s, "", cost_of(report, &cost->ledger.target), " at the target and ");
    say_usd(&s, "", cost_of(report, &cost->ledger.own), " for Sentinel itself, prepare and clean-up included; ");
    say_usd(&s, "", cost_beyond(report, &sum), " beyond what a paid month includes. ");
    if (cost->estimate != NULL)
        say_usd(&s, "Estimated were ", sn_ledger_cost_nusd(&cost->prices, cost->estimate), ", second sweep included. ");
    if (ended(report) > 0) say_month(&s, report);
    say_rows(&s, report);
    sn_lines_sentence(w, "Cost", 12, &s);
}
