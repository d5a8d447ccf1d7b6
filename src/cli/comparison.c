/* A run's comparison with the baseline of its plan, which the Worker makes once the run's figures have reached the database. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli.h"

#define WAIT_MS 20000
#define ASK_EVERY_MS 500

/* Whether there is nothing to wait for any more. */
static bool ask(const char *id, unsigned *change) {
    char path[128];
    struct sn_cli_answer answer;
    struct sn_cli_json json;
    snprintf(path, sizeof path, "/api/sentinel/%s", id);
    sn_cli_http("GET", path, NULL, &answer);
    sn_cli_json_parse(&json, answer.body.data, answer.status == 200 ? answer.body.len : 0);
    const struct sn_json *comparison = sn_json_get(sn_cli_run_of(json.root), "comparison");
    const char *verdict = sn_cli_json_text(comparison, "verdict", NULL);
    bool waits = sn_json_type(comparison) == SN_JSON_OBJECT && verdict == NULL;
    if (verdict != NULL && strchr(verdict, ',') == NULL) {
        char word[16];
        sn_cli_plain(word, sizeof word, verdict);
        sn_cli_fail_on_read(word, change);
    }
    sn_cli_json_free(&json);
    free(answer.body.data);
    return !waits;
}

void sn_cli_comparison_await(const char *id, unsigned *change) {
    const struct timespec pause = {0, ASK_EVERY_MS * 1000000L};
    int64_t until_ms = sn_cli_now_ms() + WAIT_MS;
    *change = 0;
    while (!ask(id, change)) {
        if (sn_cli_now_ms() > until_ms || sn_cli_interrupts() > 1) {
            sn_cli_say("The run is not compared with its baseline yet; `sentinel report %s` will have it.", id);
            return;
        }
        nanosleep(&pause, NULL);
    }
}
