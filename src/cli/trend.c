/* `sentinel history --plan-hash HASH`: how a plan's runs went, one after the other, and where that changed. */
#include "history.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "part.h"

static const char what[] = "The plan's runs could not be listed";

/* What is followed: its name in the API, and what people call it. */
static const struct {
    const char *name, *words;
} figures[] = {{"p50Ms", "p50, ms"},
               {"p95Ms", "p95, ms"},
               {"p99Ms", "p99, ms"},
               {"achievedPerS", "achieved, operations a second"}};
#define FIGURES (sizeof figures / sizeof *figures)

struct run {
    char id[64], started[40];
    double figures[FIGURES];
    bool known[FIGURES];
};

struct trend {
    char hash[24];
    struct run *runs; /* newest first while they are read, oldest first afterwards; owned */
    uint32_t len;
    struct sn_cli_series series[FIGURES]; /* of the runs that have the figure */
};

/* --- The runs ------------------------------------------------------------------------------------------------------ */

/* Figures that cannot be believed are no part of a trend. */
static bool counts(const struct sn_json *run) {
    const char *validity = sn_cli_json_text(run, "validity", "");
    return strcmp(validity, "valid") == 0 || strcmp(validity, "degraded") == 0;
}

static void take_run(struct trend *trend, const struct sn_json *from) {
    struct run *run = &trend->runs[trend->len++];
    sn_cli_plain(run->id, sizeof run->id, sn_cli_json_text(from, "id", ""));
    sn_cli_plain(run->started, sizeof run->started, sn_cli_json_text(from, "startedAt", ""));
    for (size_t i = 0; i < FIGURES; i++) {
        const struct sn_json *value = sn_json_get(from, figures[i].name);
        run->figures[i] = sn_json_number(value);
        run->known[i] = sn_json_type(value) == SN_JSON_NUMBER;
    }
}

/* One page; `cursor` becomes that of the next, "" after the last. */
static enum sn_exit read_page(struct trend *trend, char *cursor, size_t cap) {
    char path[256];
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    enum sn_exit code = SN_EXIT_OK;
    snprintf(path, sizeof path, "/api/sentinel?limit=100&status=completed&planHash=%s%s%s", trend->hash,
             cursor[0] != 0 ? "&cursor=" : "", cursor);
    sn_cli_http("GET", path, NULL, &answer);
    if (answer.status != 200) {
        code = sn_cli_http_refused(&answer, what);
        free(answer.body.data);
        return code;
    }
    sn_cli_json_parse(&json, answer.body.data, answer.body.len);
    const struct sn_json *runs = sn_json_get(json.root, "runs");
    if (sn_json_type(runs) != SN_JSON_ARRAY) code = sn_cli_http_not_ours(what);
    for (const struct sn_json *run = sn_json_first(runs); run != NULL && trend->len < SN_HISTORY_MAX;
         run = sn_json_next(run))
        if (counts(run)) take_run(trend, run);
    const char *next = sn_cli_json_text(json.root, "cursor", "");
    bool digits = strspn(next, "0123456789abcdef") == strlen(next) && strlen(next) < cap;
    snprintf(cursor, cap, "%s", digits ? next : "");
    sn_cli_json_free(&json);
    free(answer.body.data);
    return code;
}

static enum sn_exit read_runs(struct trend *trend) {
    char cursor[64] = "";
    enum sn_exit code;
    do {
        code = read_page(trend, cursor, sizeof cursor);
    } while (code == SN_EXIT_OK && cursor[0] != 0 && trend->len < SN_HISTORY_MAX);
    for (uint32_t i = 0; i < trend->len / 2; i++) {
        struct run run = trend->runs[i];
        trend->runs[i] = trend->runs[trend->len - 1 - i];
        trend->runs[trend->len - 1 - i] = run;
    }
    return code;
}

static void find_changes(struct trend *trend) {
    for (size_t i = 0; i < FIGURES; i++) {
        struct sn_cli_series *series = &trend->series[i];
        for (uint32_t k = 0; k < trend->len; k++) {
            if (!trend->runs[k].known[i]) continue;
            series->indices[series->len] = k + 1;
            series->values[series->len++] = trend->runs[k].figures[i];
        }
        series->found = sn_history(series->values, series->len, series->changes);
    }
}

/* --- Which plan ---------------------------------------------------------------------------------------------------- */

/* Of a baseline the plan's hash has to be asked for. */
static enum sn_exit find_hash(struct trend *trend, const struct sn_cli_options *options) {
    static const char unknown[] = "The baseline's plan is not known";
    char path[128];
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    enum sn_exit code = SN_EXIT_OK;
    if (options->plan_hash != NULL) {
        snprintf(trend->hash, sizeof trend->hash, "%s", options->plan_hash);
        return SN_EXIT_OK;
    }
    snprintf(path, sizeof path, "/api/sentinel/baselines/%s", options->baseline);
    sn_cli_http("GET", path, NULL, &answer);
    if (answer.status != 200) {
        code = sn_cli_http_refused(&answer, unknown);
        free(answer.body.data);
        return code;
    }
    sn_cli_json_parse(&json, answer.body.data, answer.body.len);
    sn_cli_plain(trend->hash, sizeof trend->hash, sn_cli_json_text(sn_json_get(json.root, "baseline"), "planHash", ""));
    if (!sn_cli_is_hash(trend->hash)) code = sn_cli_http_not_ours(unknown);
    sn_cli_json_free(&json);
    free(answer.body.data);
    return code;
}

static bool check(const struct sn_cli_options *options) {
    if (options->argument != NULL || (options->plan_hash != NULL && options->baseline != NULL)) {
        sn_cli_say("`sentinel history` takes one of a file, --plan-hash and --baseline.");
        return false;
    }
    if (options->plan_hash != NULL && !sn_cli_is_hash(options->plan_hash)) {
        sn_cli_say("--plan-hash: expected 16 hexadecimal digits, as reports have them, got \"%s\".",
                   options->plan_hash);
        return false;
    }
    return options->baseline == NULL || sn_cli_check_baseline(options->baseline);
}

/* --- The answer ---------------------------------------------------------------------------------------------------- */

static void put_run(struct sn_json_writer *j, const struct run *run) {
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "id", run->id);
    sn_json_put_text(j, "startedAt", run->started);
    for (size_t i = 0; i < FIGURES; i++) {
        if (run->known[i])
            sn_json_put_number(j, figures[i].name, run->figures[i]);
        else
            sn_json_put_null(j, figures[i].name);
    }
    sn_json_close(j, '}');
}

static void put_trend(struct sn_json_writer *j, void *user) {
    const struct trend *trend = user;
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "planHash", trend->hash);
    sn_json_open(j, "runs", '[');
    for (uint32_t i = 0; i < trend->len; i++) put_run(j, &trend->runs[i]);
    sn_json_close(j, ']');
    sn_json_open(j, "changes", '{');
    for (size_t i = 0; i < FIGURES; i++) sn_cli_series_put(j, figures[i].name, &trend->series[i]);
    sn_json_close(j, '}');
    sn_json_close(j, '}');
}

static void print_trend(const struct trend *trend) {
    printf("Plan %s: %u runs that can be believed.\n", trend->hash, trend->len);
    if (trend->len > 0)
        printf("Run 1 is %s of %s, run %u is %s of %s.\n", trend->runs[0].id, trend->runs[0].started, trend->len,
               trend->runs[trend->len - 1].id, trend->runs[trend->len - 1].started);
    for (size_t i = 0; i < FIGURES && trend->len > 0; i++) {
        printf("\n%s\n", figures[i].words);
        sn_cli_series_print(&trend->series[i]);
    }
}

enum sn_exit sn_cli_trend(const struct sn_cli_options *options) {
    if (!check(options) || !sn_cli_http_open(options)) return SN_EXIT_CONFIGURATION;
    struct trend *trend = calloc(1, sizeof *trend);
    if (trend != NULL) trend->runs = calloc(SN_HISTORY_MAX, sizeof *trend->runs);
    enum sn_exit code = trend == NULL || trend->runs == NULL ? SN_EXIT_MACHINERY : find_hash(trend, options);
    if (code == SN_EXIT_OK) code = read_runs(trend);
    sn_cli_http_close();
    if (code == SN_EXIT_OK) {
        find_changes(trend);
        if (options->json)
            code = sn_cli_print_json(put_trend, trend);
        else
            print_trend(trend);
    }
    if (trend != NULL) free(trend->runs);
    free(trend);
    return code;
}
