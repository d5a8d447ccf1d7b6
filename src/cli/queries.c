/* Commands that ask one question about runs. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Whether the answer's JSON is this run's state. */
static bool is_state(const struct sn_cli_json *json, const char *id) {
    const struct sn_json *run = sn_cli_run_of(json->root);
    return strcmp(sn_cli_json_text(run, "id", ""), id) == 0 && sn_cli_json_text(run, "status", NULL) != NULL;
}

enum sn_exit sn_cli_ask(const struct sn_cli_options *options, const char *method, const char *path, const char *body,
                        const char *refused, struct sn_cli_answer *answer) {
    if (!sn_cli_http_open(options)) return SN_EXIT_CONFIGURATION;
    sn_cli_http(method, path, body, answer);
    enum sn_exit code = SN_EXIT_OK;
    if (answer->status < 200 || answer->status > 299) {
        code = sn_cli_http_refused(answer, refused);
        free(answer->body.data);
    }
    sn_cli_http_close();
    return code;
}

static uint64_t count(const struct sn_json *object, const char *name) {
    double value = sn_json_number(sn_json_get(object, name));
    return value > 0 && value < 1e15 ? (uint64_t)value : 0;
}

/* Beside the baseline of its plan. */
static void print_comparison(const struct sn_json *comparison) {
    char verdict[40], name[130];
    if (sn_json_type(comparison) != SN_JSON_OBJECT) return;
    printf("  compared  %s, beside the baseline \"%s\"\n",
           sn_cli_plain(verdict, sizeof verdict, sn_cli_json_text(comparison, "verdict", "not yet")),
           sn_cli_plain(name, sizeof name, sn_cli_json_text(sn_json_get(comparison, "baseline"), "name", "")));
}

static void print_state(const struct sn_json *run) {
    char text[200], reason[SN_REASON_MAX];
    const struct sn_json *counts = sn_json_get(run, "counts");
    printf("%s\n", sn_cli_plain(text, sizeof text, sn_cli_json_text(run, "name", "")));
    printf("  status    %s", sn_cli_plain(text, sizeof text, sn_cli_json_text(run, "status", "unknown")));
    printf(", %s\n", sn_cli_plain(text, sizeof text, sn_cli_json_text(run, "stage", "no stage")));
    const char *why = sn_cli_json_text(run, "reason", NULL);
    if (why != NULL) printf("  reason    %s\n", sn_cli_plain(reason, sizeof reason, why));
    printf("  validity  %s\n", sn_cli_plain(text, sizeof text, sn_cli_json_text(run, "validity", "unknown")));
    printf("  verdict   %s\n", sn_cli_plain(text, sizeof text, sn_cli_json_text(run, "verdict", "none")));
    print_comparison(sn_json_get(run, "comparison"));
    printf("  elapsed   %.0f of %.0f s\n", sn_json_number(sn_json_get(run, "elapsedS")),
           sn_json_number(sn_json_get(run, "durationS")));
    printf("  completed %llu of %llu, %llu failed\n", (unsigned long long)count(counts, "completed"),
           (unsigned long long)count(counts, "planned"), (unsigned long long)count(counts, "failed"));
}

enum sn_exit sn_cli_status(const struct sn_cli_options *options) {
    char path[128];
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    if (!sn_cli_check_id(options->argument)) return SN_EXIT_CONFIGURATION;
    snprintf(path, sizeof path, "/api/sentinel/%s", options->argument);
    enum sn_exit code = sn_cli_ask(options, "GET", path, NULL, "The run's state is not known", &answer);
    if (code != SN_EXIT_OK) return code;
    sn_cli_json_parse(&json, answer.body.data, answer.body.len);
    if (!is_state(&json, options->argument)) {
        code = sn_cli_http_not_ours("The run's state is not known");
    } else if (options->json) {
        code = sn_cli_put_answer(&answer);
    } else {
        print_state(sn_cli_run_of(json.root));
    }
    sn_cli_json_free(&json);
    free(answer.body.data);
    return code;
}

enum sn_exit sn_cli_cancel(const struct sn_cli_options *options) {
    char path[128];
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    if (!sn_cli_check_id(options->argument)) return SN_EXIT_CONFIGURATION;
    snprintf(path, sizeof path, "/api/sentinel/%s", options->argument);
    enum sn_exit code =
        sn_cli_ask(options, "POST", path, "{\"action\":\"cancel\"}", "The run was not cancelled", &answer);
    if (code != SN_EXIT_OK) return code;
    sn_cli_json_parse(&json, answer.body.data, answer.body.len);
    if (is_state(&json, options->argument)) {
        printf("Run %s is being cancelled; it still cleans up after itself.\n", options->argument);
    } else {
        code = sn_cli_http_not_ours("It is not known whether the run was cancelled");
    }
    sn_cli_json_free(&json);
    free(answer.body.data);
    return code;
}

static void print_list(const struct sn_json *root) {
    const struct sn_json *runs = sn_json_get(root, "runs");
    if (sn_json_count(runs) == 0) printf("There are no runs here.\n");
    for (const struct sn_json *run = sn_json_first(runs); run != NULL; run = sn_json_next(run)) {
        char id[64], status[16], validity[16], name[130], created[32];
        printf("%-36s  %-9s  %-8s  %-24s  %s\n", sn_cli_plain(id, sizeof id, sn_cli_json_text(run, "id", "")),
               sn_cli_plain(status, sizeof status, sn_cli_json_text(run, "status", "")),
               sn_cli_plain(validity, sizeof validity, sn_cli_json_text(run, "validity", "")),
               sn_cli_plain(created, sizeof created, sn_cli_json_text(run, "createdAt", "")),
               sn_cli_plain(name, sizeof name, sn_cli_json_text(run, "name", "")));
    }
}

enum sn_exit sn_cli_list(const struct sn_cli_options *options) {
    char path[128];
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    const char *status = options->status;
    if (status != NULL && (strspn(status, "abcdefghijklmnopqrstuvwxyz") != strlen(status) || strlen(status) > 20)) {
        sn_cli_say("--status: expected a status such as completed, got \"%s\".", status);
        return SN_EXIT_CONFIGURATION;
    }
    snprintf(path, sizeof path, "/api/sentinel?limit=%llu%s%s", (unsigned long long)options->limit,
             status != NULL ? "&status=" : "", status != NULL ? status : "");
    enum sn_exit code = sn_cli_ask(options, "GET", path, NULL, "The runs could not be listed", &answer);
    if (code != SN_EXIT_OK) return code;
    sn_cli_json_parse(&json, answer.body.data, answer.body.len);
    if (sn_json_type(sn_json_get(json.root, "runs")) != SN_JSON_ARRAY) {
        code = sn_cli_http_not_ours("The runs could not be listed");
    } else if (options->json) {
        code = sn_cli_put_answer(&answer);
    } else {
        print_list(json.root);
    }
    sn_cli_json_free(&json);
    free(answer.body.data);
    return code;
}
