/* `sentinel stop-all`: ends every run, and pauses every schedule. */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATH "/api/sentinel/stop-all"

static const char refused[] = "Nothing was stopped";

static void put_body(struct sn_writer *w, const struct sn_cli_options *options) {
    struct sn_json_writer j = sn_json_writer(w);
    sn_json_open(&j, NULL, '{');
    if (options->reason != NULL) sn_json_put_text(&j, "reason", options->reason);
    if (options->keep_schedules) sn_json_put_text(&j, "schedules", "keep");
    sn_json_close(&j, '}');
    sn_put_u8(w, 0);
}

static void print_runs(const struct sn_json *runs) {
    if (sn_json_count(runs) == 0) printf("No run was under way or waiting for its time.\n");
    for (const struct sn_json *run = sn_json_first(runs); run != NULL; run = sn_json_next(run)) {
        char id[64], status[16], name[130];
        printf("%-36s  %-9s  %s  %s\n", sn_cli_plain(id, sizeof id, sn_cli_json_text(run, "id", "")),
               sn_cli_plain(status, sizeof status, sn_cli_json_text(run, "status", "unknown")),
               sn_json_bool(sn_json_get(run, "told")) ? "told    " : "not told",
               sn_cli_plain(name, sizeof name, sn_cli_json_text(run, "name", "")));
    }
}

static void print_answer(const struct sn_json *root, bool kept) {
    double waiting = sn_json_number(sn_json_get(root, "runsToTell"));
    double paused = sn_json_number(sn_json_get(root, "schedulesPaused"));
    print_runs(sn_json_get(root, "runs"));
    if (waiting > 0)
        printf("%.0f %s not been told yet; the Worker's next tick does it, within a minute.\n", waiting,
               waiting > 1 ? "runs have" : "run has");
    if (kept)
        printf("Schedules go on.\n");
    else if (paused > 0)
        printf("%.0f %s paused; `sentinel schedule list` shows them, `sentinel schedule enable ID` ends it.\n", paused,
               paused > 1 ? "schedules were" : "schedule was");
    else
        printf("No schedule was active.\n");
}

enum sn_exit sn_cli_stop_all(const struct sn_cli_options *options) {
    char body[2048];
    struct sn_writer w = sn_writer(body, sizeof body);
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    put_body(&w, options);
    if (w.full) {
        sn_cli_say("--reason: expected a text of at most 200 bytes.");
        return SN_EXIT_CONFIGURATION;
    }
    enum sn_exit code = sn_cli_ask(options, "POST", PATH, body, refused, &answer);
    if (code != SN_EXIT_OK) return code;
    sn_cli_json_parse(&json, answer.body.data, answer.body.len);
    if (sn_json_type(sn_json_get(json.root, "runs")) != SN_JSON_ARRAY)
        code = sn_cli_http_not_ours("It is not known whether anything was stopped");
    else if (options->json)
        code = sn_cli_put_answer(&answer);
    else
        print_answer(json.root, options->keep_schedules);
    sn_cli_json_free(&json);
    free(answer.body.data);
    return code;
}
