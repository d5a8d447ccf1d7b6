/* Two reports, as `sentinel run --json` and the API give them.
 *
 * A report of an older Sentinel tells percentiles of the whole run, not of its seconds: how far they vary is not known, and nothing is called
 * slower or faster by them.  What it does tell is whether the runs may be compared at all, and how many operations failed. */
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] = "sentinel.report/1";

static bool parse(struct sn_cli_report *report) {
    sn_cli_json_parse(&report->json, report->text.data, report->text.len);
    if (strcmp(sn_cli_json_text(report->json.root, "schema", ""), schema) == 0) return true;
    sn_cli_say(
        "%s: expected a report, a JSON object with \"schema\": \"%s\", as `sentinel run --json` prints it. Files of "
        "intervals are compared with --intervals.",
        report->name, schema);
    return false;
}

/* A member of a member of a member: "validity", "delivery", "planned".  The last name may be NULL. */
static const struct sn_json *find(const struct sn_cli_report *report, const char *a, const char *b, const char *c) {
    const struct sn_json *value = sn_json_get(sn_json_get(report->json.root, a), b);
    return c != NULL ? sn_json_get(value, c) : value;
}

/* Whole numbers beyond 2^53 are none that a run comes to. */
static bool read_count(const struct sn_cli_report *report, const char *a, const char *b, const char *c,
                       uint64_t *count) {
    const struct sn_json *value = find(report, a, b, c);
    double number = sn_json_number(value);
    bool good = sn_json_type(value) == SN_JSON_NUMBER && number >= 0 && number <= 0x1p53;
    *count = good ? (uint64_t)number : 0;
    if (!good)
        sn_cli_say("%s, at $.%s.%s%s%s: expected a whole number.", report->name, a, b, c != NULL ? "." : "",
                   c != NULL ? c : "");
    return good;
}

/* --- What is taken ---------------------------------------------------------------------------------------------- */

/* The hash covers the whole load: operations, rate, arrivals, concurrency, regions; not names, seed and thresholds. */
static bool read_hash(struct sn_cli_report *report) {
    const char *text = sn_json_string(find(report, "run", "planHash", NULL));
    size_t digits = text != NULL ? strspn(text, "0123456789abcdef") : 0;
    if (digits == 16 && text[digits] == 0) {
        report->run.plan_hash = strtoull(text, NULL, 16);
        return true;
    }
    sn_cli_say("%s, at $.run.planHash: expected the plan's hash, 16 hexadecimal digits.", report->name);
    return false;
}

static enum sn_validity read_validity(const struct sn_cli_report *report) {
    const char *text = sn_json_string(find(report, "validity", "validity", NULL));
    for (uint32_t i = 0; text != NULL && i < SN_VALIDITIES_LEN; i++)
        if (strcmp(text, sn_validity_name((enum sn_validity)i)) == 0) return (enum sn_validity)i;
    return SN_VALIDITY_UNKNOWN;
}

static bool take(struct sn_cli_report *report) {
    struct sn_compared *run = &report->run;
    const struct sn_json *intervals = sn_json_get(report->json.root, "intervals");
    double step_ms = sn_json_number(find(report, "validity", "clockStepMs", NULL));
    if (!read_hash(report) || !read_count(report, "total", "completed", NULL, &run->completed) ||
        !read_count(report, "total", "failed", NULL, &run->failed) ||
        !read_count(report, "validity", "delivery", "planned", &run->planned) ||
        !read_count(report, "validity", "delivery", "started", &run->started))
        return false;
    run->validity = read_validity(report);
    run->clock_step_us = step_ms > 0 && step_ms <= 1000 ? (uint32_t)(step_ms * 1000) : 0;
    if (sn_json_type(intervals) != SN_JSON_OBJECT) return true;
    return sn_cli_report_intervals(report->name, intervals, report->intervals, sizeof report->intervals,
                                   &run->intervals);
}

bool sn_cli_report_take(struct sn_cli_report *report) {
    return parse(report) && take(report);
}

static bool read_report(struct sn_cli_report *report, const char *path) {
    report->name = path;
    return sn_cli_text_read(path, &report->text) && sn_cli_report_take(report);
}

void sn_cli_report_close(struct sn_cli_report *report) {
    sn_cli_json_free(&report->json);
    free(report->text.data);
}

/* --- What is found ---------------------------------------------------------------------------------------------- */

static void say_unfit(struct sn_cli_comparison *comparison) {
    static const char *const when[2] = {"before", "after"};
    for (int side = 1; side >= 0; side--) {
        const struct sn_compared *run = &comparison->report[side].run;
        if (comparison->found.unfit[side] == SN_UNFIT_VALIDITY)
            snprintf(comparison->invalid, sizeof comparison->invalid, "The run %s is %s: %s.", when[side],
                     sn_validity_name(run->validity), sn_unfit_text(SN_UNFIT_VALIDITY));
        if (comparison->found.unfit[side] == SN_UNFIT_ACHIEVED)
            snprintf(comparison->invalid, sizeof comparison->invalid,
                     "The run %s started %.2f %% of what was planned; it takes 99 %%, else the load was another one.",
                     when[side], 100 * (double)run->started / (double)run->planned);
    }
}

/* Milliseconds in a report; 0 where it has none. */
static uint32_t percentile_us(const struct sn_cli_report *report, const char *name) {
    double ms = sn_json_number(find(report, "total", "responseMs", name));
    return ms > 0 && ms < UINT32_MAX / 1000 ? (uint32_t)(ms * 1000 + 0.5) : 0;
}

/* What reports tell of percentiles where the seconds' would be: sizes without an interval. */
static void take_figures(struct sn_cli_comparison *comparison) {
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        char name[8];
        snprintf(name, sizeof name, "p%s", sn_compare_kinds[i].name);
        struct sn_compare_percentile *one = &comparison->result.percentiles[i];
        one->doubt = SN_DOUBT_SECONDS;
        one->before_us = percentile_us(&comparison->report[0], name);
        one->after_us = percentile_us(&comparison->report[1], name);
        if (one->before_us > 0 && one->after_us > 0) one->ratio = (double)one->after_us / one->before_us;
    }
}

/* Where both tell their operations apart, which are the same in the same order, since the plan is. */
static void compare_operations(struct sn_cli_comparison *comparison, struct sn_compared_room *room) {
    const struct sn_json *names[2];
    for (int side = 0; side < 2; side++) names[side] = find(&comparison->report[side], "intervals", "operations", NULL);
    size_t len = sn_json_count(names[1]);
    if (len < 2 || sn_json_count(names[0]) != len) return;
    uint32_t kind = 0;
    for (const struct sn_json *name = sn_json_first(names[1]); name != NULL; name = sn_json_next(name), kind++) {
        struct sn_cli_operation *operation = &comparison->operations[kind];
        operation->name = sn_json_string(name) != NULL ? sn_json_string(name) : "?";
        sn_compare_kind(&comparison->report[0].run, &comparison->report[1].run, kind, NULL, room, &operation->result);
    }
    comparison->operations_len = kind;
}

static bool judge(struct sn_cli_comparison *comparison) {
    static struct sn_compared_room room, of_operations;
    struct sn_cli_report *reports = comparison->report;
    uint32_t asked_us = comparison->options.clock_step_us;
    for (int side = 0; side < 2; side++)
        if (asked_us > reports[side].run.clock_step_us) reports[side].run.clock_step_us = asked_us;
    if (sn_compare_runs(&reports[0].run, &reports[1].run, NULL, &room, &comparison->found) != SN_OK) {
        sn_cli_say(
            "%s and %s are of different plans (planHash %016llx and %016llx): only runs of the same operations, rate, "
            "arrivals, concurrency and regions are compared.",
            reports[0].name, reports[1].name, (unsigned long long)reports[0].run.plan_hash,
            (unsigned long long)reports[1].run.plan_hash);
        return false;
    }
    for (int side = 0; side < 2; side++) comparison->blocks[side] = &room.sides[side];
    comparison->result = comparison->found.result;
    comparison->change = comparison->found.change;
    comparison->seconds_unknown = !comparison->found.blocks[0] || !comparison->found.blocks[1];
    if (comparison->seconds_unknown)
        take_figures(comparison);
    else
        compare_operations(comparison, &of_operations);
    say_unfit(comparison);
    return true;
}

bool sn_cli_reports_compare(struct sn_cli_comparison *comparison, const struct sn_cli_options *options) {
    struct sn_cli_report *reports = comparison->report;
    comparison->reports = true;
    comparison->baselines = 1;
    return read_report(&reports[0], options->arguments[0]) && read_report(&reports[1], options->arguments[1]) &&
           judge(comparison);
}

void sn_cli_reports_close(struct sn_cli_comparison *comparison) {
    for (int side = 0; side < 2; side++) sn_cli_report_close(&comparison->report[side]);
}

void sn_cli_comparison_put_runs(struct sn_json_writer *j, const struct sn_cli_comparison *comparison) {
    sn_json_put_text(j, "invalid", comparison->invalid[0] != 0 ? comparison->invalid : NULL);
    sn_json_open(j, "errors", '{');
    sn_json_put_text(j, "verdict", sn_change_name(comparison->found.error_change));
    for (int side = 0; side < 2; side++) {
        const struct sn_compared *run = &comparison->report[side].run;
        sn_json_open(j, side == 0 ? "before" : "after", '{');
        sn_json_put_uint(j, "ended", comparison->found.errors[side].ended);
        sn_json_put_uint(j, "failed", comparison->found.errors[side].failed);
        sn_json_put_uint(j, "planned", run->planned);
        sn_json_put_uint(j, "started", run->started);
        sn_json_close(j, '}');
    }
    sn_json_close(j, '}');
    sn_json_open(j, "operations", '[');
    for (uint32_t i = 0; i < comparison->operations_len; i++) {
        sn_json_open(j, NULL, '{');
        sn_json_put_text(j, "operation", comparison->operations[i].name);
        sn_json_put_text(j, "verdict", sn_change_name(comparison->operations[i].result.change));
        sn_report_put_judged(j, &comparison->operations[i].result);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}
