/* `sentinel run`: start a run, watch it, print its report, end with the code that says how it went. */
#include "run.h"

#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *sn_cli_run_source(const struct sn_cli_options *options) {
    const char *given[] = {options->profile, options->plan, options->argument};
    const char *source = NULL;
    for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
        if (given[i] == NULL) continue;
        if (source != NULL) {
            sn_cli_say("One plan at a time: \"%s\" or \"%s\"?", source, given[i]);
            return NULL;
        }
        source = given[i];
    }
    if (source == NULL && options->workload != NULL) return "smoke";
    if (source == NULL) sn_cli_say("What is to be run? For example `sentinel run --profile smoke`, or a plan's file.");
    return source;
}

bool sn_cli_run_body(const struct sn_cli_options *options, const char *source, const char *name,
                     struct sn_cli_text *body) {
    struct sn_cli_text plan;
    if (!sn_cli_source_read(source, options->workload, &plan)) return false;
    bool made = sn_cli_source_body(source, &plan, name, body);
    free(plan.data);
    return made;
}

/* A run that waits for its time is not watched: that may be a year away. */
static enum sn_exit say_later(const struct sn_cli_options *options, const struct sn_cli_state *state,
                              const struct sn_cli_answer *answer) {
    sn_cli_say("Run %s is scheduled: it starts by itself within a minute of %s, and nothing here has to wait for it.",
               state->id, state->scheduled);
    sn_cli_say(
        "`sentinel status %s` says how it is doing, `sentinel report %s` prints its report, `sentinel cancel %s` "
        "calls it off.",
        state->id, state->id, state->id);
    if (!options->json) return SN_EXIT_OK;
    return sn_cli_put_answer(answer);
}

static enum sn_exit start(const struct sn_cli_options *options, const char *body, struct sn_cli_state *state) {
    struct sn_cli_answer answer;
    struct sn_cli_json json = {0};
    enum sn_exit code = SN_EXIT_OK;
    sn_cli_http("POST", "/api/sentinel", body, &answer);
    if (answer.status != 201 && answer.status != 200) {
        code = sn_cli_http_refused(&answer, "The run was not started");
    } else {
        sn_cli_json_parse(&json, answer.body.data, answer.body.len);
        if (!sn_cli_state_read(state, sn_cli_run_of(json.root))) {
            code = sn_cli_http_not_ours("The run was not started");
        } else if (state->scheduled[0] != 0) {
            code = say_later(options, state, &answer);
        }
    }
    sn_cli_json_free(&json);
    free(answer.body.data);
    return code;
}

/* The code of a run that has ended.  Whether it can be believed comes before what it says. */
static enum sn_exit judge(const struct sn_cli_state *state) {
    if (state->cancel_asked) return SN_EXIT_INTERRUPTED;
    if (strcmp(state->status, "cancelled") == 0) {
        sn_cli_say("The run was cancelled%s%s", state->reason[0] != 0 ? ": " : ".", state->reason);
        return SN_EXIT_CANCELLED;
    }
    if (state->aborted) {
        sn_cli_say("The run did not meet a threshold that ends it: %s", state->reason);
        return SN_EXIT_THRESHOLDS;
    }
    if (strcmp(state->status, "completed") != 0) {
        sn_cli_say("The run failed%s%s", state->reason[0] != 0 ? ": " : ".", state->reason);
        return SN_EXIT_MACHINERY;
    }
    bool degraded = strcmp(state->validity, "degraded") == 0;
    if (!degraded && strcmp(state->validity, "valid") != 0) {
        sn_cli_say("This run's figures cannot be believed (validity: %s); the report says why.", state->validity);
        return SN_EXIT_NOT_VALID;
    }
    if (degraded) sn_cli_say("Note: this run's validity is degraded; the report says in what way.");
    if (strcmp(state->verdict, "failed") == 0) {
        sn_cli_say("The run did not meet its thresholds.");
        return SN_EXIT_THRESHOLDS;
    }
    if (strcmp(state->verdict, "undecided") == 0) {
        sn_cli_say("These figures cannot say that the run met all of its thresholds; the report says why.");
        return SN_EXIT_THRESHOLDS;
    }
    return SN_EXIT_OK;
}

/* What was found beside the baseline ends with 99 where somebody has asked for that, and nothing worse is to be said. */
static enum sn_exit finish(const struct sn_cli_options *options, const struct sn_cli_state *state, unsigned fail_on) {
    unsigned change = 0;
    sn_cli_http_limit(UINT64_MAX);
    sn_cli_comparison_await(state->id, &change);
    enum sn_exit printed = sn_cli_print_report(state->id, options->json ? "json" : "text");
    enum sn_exit code = judge(state);
    if (code == SN_EXIT_OK && printed == SN_EXIT_OK && (change & fail_on) != 0) {
        sn_cli_say("The comparison with the baseline is one that --fail-on names.");
        return SN_EXIT_THRESHOLDS;
    }
    return code != SN_EXIT_OK ? code : printed == SN_EXIT_OK ? SN_EXIT_OK : SN_EXIT_MACHINERY;
}

static enum sn_exit watch(const struct sn_cli_options *options, struct sn_cli_state *state) {
    if (!options->quiet) sn_cli_say("Run %s", state->id);
    switch (sn_cli_follow(options, state)) {
    case SN_FOLLOW_ENDED: return SN_EXIT_OK;
    case SN_FOLLOW_LEFT:
        sn_cli_say("Left; run %s may still be going. `sentinel status` and `sentinel cancel` know it by its id.",
                   state->id);
        return SN_EXIT_INTERRUPTED;
    case SN_FOLLOW_LOST:
        sn_cli_say("Sentinel has not been reached for too long. Run %s may still be going: ask `sentinel status`.",
                   state->id);
        break;
    }
    return state->cancel_asked ? SN_EXIT_INTERRUPTED : SN_EXIT_MACHINERY;
}

enum sn_exit sn_cli_run_to_end(const struct sn_cli_options *options, const char *body, struct sn_cli_state *state) {
    sn_cli_http_limit(options->silence_s);
    enum sn_exit code = start(options, body, state);
    return code == SN_EXIT_OK && state->scheduled[0] == 0 ? watch(options, state) : code;
}

enum sn_exit sn_cli_run(const struct sn_cli_options *options) {
    struct sn_cli_text body;
    struct sn_cli_state state = {0};
    unsigned fail_on;
    const char *source = sn_cli_run_source(options);
    if (source == NULL || !sn_cli_fail_on_read(options->fail_on, &fail_on) ||
        !sn_cli_run_body(options, source, options->name, &body))
        return SN_EXIT_CONFIGURATION;
    enum sn_exit code = SN_EXIT_CONFIGURATION;
    sn_cli_interrupt_watch();
    if (sn_cli_http_open(options)) {
        code = sn_cli_run_to_end(options, body.data, &state);
        if (code == SN_EXIT_OK && state.scheduled[0] == 0) code = finish(options, &state, fail_on);
        sn_cli_http_close();
    }
    free(body.data);
    return code;
}
