/* Two reports, as `sentinel run --json` and the API give them.
 *
 * A report tells percentiles of the whole run, not of its seconds, so how far they vary is not known: nothing is called slower or
 * faster by them.  What it does tell is whether the runs may be compared at all, and how many operations failed. */
#include "compare.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct report {
    const char *name;
    struct sn_cli_text text;
    struct sn_cli_json json;
};

static const char schema[] = "sentinel.report/1";

static bool read_report(struct report *report, const char *path) {
    report->name = path;
    if (!sn_cli_text_read(path, &report->text)) return false;
    sn_cli_json_parse(&report->json, report->text.data, report->text.len);
    if (strcmp(sn_cli_json_text(report->json.root, "schema", ""), schema) == 0) return true;
    sn_cli_say(
        "%s: expected a report, a JSON object with \"schema\": \"%s\", as `sentinel run --json` prints it. Files of "
        "intervals are compared with --intervals.",
        path, schema);
    return false;
}

/* A member of a member of a member: "validity", "delivery", "planned".  The last name may be NULL. */
static const struct sn_json *find(const struct report *report, const char *a, const char *b, const char *c) {
    const struct sn_json *value = sn_json_get(sn_json_get(report->json.root, a), b);
    return c != NULL ? sn_json_get(value, c) : value;
}

/* Whole numbers beyond 2^53 are none that a run comes to. */
static bool read_count(const struct report *report, const char *a, const char *b, const char *c, uint64_t *count) {
    const struct sn_json *value = find(report, a, b, c);
    double number = sn_json_number(value);
    bool good = sn_json_type(value) == SN_JSON_NUMBER && number >= 0 && number <= 0x1p53;
    *count = good ? (uint64_t)number : 0;
    if (!good)
        sn_cli_say("%s, at $.%s.%s%s%s: expected a whole number.", report->name, a, b, c != NULL ? "." : "",
                   c != NULL ? c : "");
    return good;
}

/* --- What must be alike ------------------------------------------------------------------------------------------ */

/* The hash covers the whole load: operations, rate, arrivals, concurrency, regions; not names, seed and thresholds. */
static bool check_alike(const struct report reports[2]) {
    const char *hashes[2];
    for (int i = 0; i < 2; i++) {
        hashes[i] = sn_json_string(find(&reports[i], "run", "planHash", NULL));
        if (hashes[i] == NULL) {
            sn_cli_say("%s, at $.run.planHash: expected the plan's hash.", reports[i].name);
            return false;
        }
    }
    if (strcmp(hashes[0], hashes[1]) == 0) return true;
    sn_cli_say(
        "%s and %s are of different plans (planHash %s and %s): only runs of the same operations, rate, arrivals, "
        "concurrency and regions are compared.",
        reports[0].name, reports[1].name, hashes[0], hashes[1]);
    return false;
}

/* --- What is taken ---------------------------------------------------------------------------------------------- */

/* Why nothing can be concluded from a run; "" where something can. */
static void find_fault(const struct report *report, const char *when, uint64_t planned, uint64_t started, char *out,
                       size_t cap) {
    const char *validity = sn_json_string(find(report, "validity", "validity", NULL));
    bool believed = validity != NULL && (strcmp(validity, "valid") == 0 || strcmp(validity, "degraded") == 0);
    if (!believed) {
        snprintf(out, cap, "The run %s is %.20s: its figures cannot be believed.", when,
                 validity != NULL ? validity : "without validity");
    } else if (!sn_compare_achieved(planned, started)) {
        snprintf(out, cap,
                 "The run %s started %.2f %% of what was planned; it takes 99 %%, else the load was another one.", when,
                 100 * (double)started / (double)planned);
    }
}

/* Milliseconds in a report; 0 where it has none. */
static uint32_t percentile_us(const struct report *report, const char *name) {
    double ms = sn_json_number(find(report, "total", "responseMs", name));
    return ms > 0 && ms < UINT32_MAX / 1000 ? (uint32_t)(ms * 1000 + 0.5) : 0;
}

static bool take(struct sn_cli_comparison *comparison, const struct report *report, int side) {
    static const char *const names[SN_COMPARE_PERCENTILES] = {
#define SN_X(p, floor, judged) "p" #p,
        SN_COMPARE_LIST(SN_X)
#undef SN_X
    };
    uint64_t completed, failed, planned, started;
    if (!read_count(report, "total", "completed", NULL, &completed) ||
        !read_count(report, "total", "failed", NULL, &failed) ||
        !read_count(report, "validity", "delivery", "planned", &planned) ||
        !read_count(report, "validity", "delivery", "started", &started))
        return false;
    comparison->errors[side] = (struct sn_compare_errors){completed + failed, failed};
    comparison->planned[side] = planned;
    comparison->started[side] = started;
    if (comparison->invalid[0] == 0)
        find_fault(report, side == 0 ? "before" : "after", planned, started, comparison->invalid,
                   sizeof comparison->invalid);
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++)
        comparison->reported_us[side][i] = percentile_us(report, names[i]);
    return true;
}

static void close_report(struct report *report) {
    sn_cli_json_free(&report->json);
    free(report->text.data);
}

bool sn_cli_reports_read(struct sn_cli_comparison *comparison, const struct sn_cli_options *options) {
    struct report reports[2] = {0};
    comparison->reports = true;
    comparison->baselines = 1;
    bool good = read_report(&reports[0], options->arguments[0]) && read_report(&reports[1], options->arguments[1]) &&
                check_alike(reports) && take(comparison, &reports[0], 0) && take(comparison, &reports[1], 1);
    for (int side = 0; side < 2; side++) close_report(&reports[side]);
    if (!good) return false;
    for (int side = 0; side < 2; side++) {
        sn_blocks_init(&comparison->sides[side].blocks, 1, comparison->sides[side].pages, SN_BLOCKS_PAGES);
        sn_blocks_seal(&comparison->sides[side].blocks);
    }
    comparison->error_change = sn_compare_error_rate(&comparison->errors[0], &comparison->errors[1]);
    return true;
}

void sn_cli_reports_figures(struct sn_cli_comparison *comparison) {
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        struct sn_compare_percentile *one = &comparison->result.percentiles[i];
        one->doubt = SN_DOUBT_SECONDS;
        one->before_us = comparison->reported_us[0][i];
        one->after_us = comparison->reported_us[1][i];
        if (one->before_us > 0 && one->after_us > 0) one->ratio = (double)one->after_us / one->before_us;
    }
}

void sn_cli_comparison_put_runs(struct sn_json_writer *j, const struct sn_cli_comparison *comparison) {
    sn_json_put_text(j, "invalid", comparison->invalid[0] != 0 ? comparison->invalid : NULL);
    sn_json_open(j, "errors", '{');
    sn_json_put_text(j, "verdict", sn_change_name(comparison->error_change));
    for (int side = 0; side < 2; side++) {
        sn_json_open(j, side == 0 ? "before" : "after", '{');
        sn_json_put_uint(j, "ended", comparison->errors[side].ended);
        sn_json_put_uint(j, "failed", comparison->errors[side].failed);
        sn_json_put_uint(j, "planned", comparison->planned[side]);
        sn_json_put_uint(j, "started", comparison->started[side]);
        sn_json_close(j, '}');
    }
    sn_json_close(j, '}');
}
