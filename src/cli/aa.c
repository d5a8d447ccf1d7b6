/* `sentinel aa`: the same plan again and again, two runs at a time.  Whatever differs is the place's own noise, and a change has to be
 * larger than that to be one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "part.h"
#include "run.h"
#include "sentinel/base/real.h"
#include "sentinel/sim/sim.h"

#define REPORT_BYTES (8u * 1024 * 1024)
#define PAIRS_MIN 3u /* of fewer a spread says nothing */
#define ID_BYTES 64

struct pair {
    char ids[2][ID_BYTES]; /* in virtual time the seeds */
    struct sn_comparison found;
};

struct noise {
    const struct sn_cli_options *options;
    const char *source;
    uint32_t len, wanted;
    struct pair *pairs; /* owned */
    struct sn_cli_report report[2];
    struct sn_compared_room room;
    double
        spreads[SN_COMPARE_PERCENTILES]; /* of the ratios of pairs: the root of the mean square of their logarithms */
    bool stored;
};

/* --- One run -------------------------------------------------------------------------------------------------------- */

static enum sn_exit fetch_report(const char *id, struct sn_cli_text *text) {
    static const char what[] = "There is no report to compare";
    char path[160];
    struct sn_cli_answer answer;
    snprintf(path, sizeof path, "/api/sentinel/%s/report?format=json", id);
    sn_cli_http_limit(UINT64_MAX);
    sn_cli_http("GET", path, NULL, &answer);
    *text = answer.body;
    return answer.status == 200 ? SN_EXIT_OK : sn_cli_http_refused(&answer, what);
}

static enum sn_exit run_once(struct noise *noise, const char *body, char id[ID_BYTES], struct sn_cli_text *text) {
    struct sn_cli_state state = {0};
    enum sn_exit code = sn_cli_run_to_end(noise->options, body, &state);
    if (code != SN_EXIT_OK) return code;
    if (state.scheduled[0] != 0) {
        sn_cli_say("%s: a plan with scheduledAt cannot be run in pairs.", noise->source);
        return SN_EXIT_CONFIGURATION;
    }
    if (state.cancel_asked) return SN_EXIT_INTERRUPTED;
    if (strcmp(state.status, "completed") != 0) {
        sn_cli_say("Run %s is %s, so nothing can be learned from it%s%s", state.id, state.status,
                   state.reason[0] != 0 ? ": " : ".", state.reason);
        return strcmp(state.status, "cancelled") == 0 ? SN_EXIT_CANCELLED : SN_EXIT_MACHINERY;
    }
    snprintf(id, ID_BYTES, "%s", state.id);
    return fetch_report(state.id, text);
}

/* The same target, and other luck. */
static enum sn_exit walk_once(struct noise *noise, const struct sn_cli_text *plan, uint32_t number, char id[ID_BYTES],
                              struct sn_cli_text *text) {
    struct sn_sim_options world = {.seed = noise->options->seed + number, .target_mean_ms = noise->options->target_ms};
    struct sn_sim_outcome outcome = {0};
    *text = (struct sn_cli_text){.data = calloc(1, REPORT_BYTES)};
    struct sn_writer w = sn_writer(text->data, text->data != NULL ? REPORT_BYTES - 1 : 0);
    enum sn_status status = sn_simulate(plan->data, plan->len, &world, &w, &outcome);
    text->len = w.len;
    snprintf(id, ID_BYTES, "seed %llu", (unsigned long long)world.seed);
    if (status == SN_OK && outcome.ended && outcome.violations == 0) return SN_EXIT_OK;
    sn_cli_say("The simulation with seed %llu did not come to its end: %s.", (unsigned long long)world.seed,
               sn_status_text(status));
    return SN_EXIT_MACHINERY;
}

/* --- Pairs ---------------------------------------------------------------------------------------------------------- */

static enum sn_exit compare_pair(struct noise *noise, struct pair *pair) {
    for (int side = 0; side < 2; side++) {
        noise->report[side].name = pair->ids[side];
        if (!sn_cli_report_take(&noise->report[side])) return SN_EXIT_MACHINERY;
    }
    const struct sn_compared *before = &noise->report[0].run, *after = &noise->report[1].run;
    if (sn_compare_runs(before, after, NULL, &noise->room, &pair->found) != SN_OK) {
        sn_cli_say("%s and %s are of different plans: was another Worker deployed meanwhile?", pair->ids[0],
                   pair->ids[1]);
        return SN_EXIT_MACHINERY;
    }
    if (!pair->found.blocks[0] || !pair->found.blocks[1]) {
        sn_cli_say("The reports hold no intervals; the Worker is older than this program.");
        return SN_EXIT_MACHINERY;
    }
    if (pair->found.change != SN_CHANGE_INVALID) return SN_EXIT_OK;
    int side = pair->found.unfit[0] != SN_UNFIT_NONE ? 0 : 1;
    sn_cli_say("Run %s teaches nothing: %s.", pair->ids[side], sn_unfit_text(pair->found.unfit[side]));
    return SN_EXIT_NOT_VALID;
}

static enum sn_exit one_pair(struct noise *noise, const struct sn_cli_text *plan, struct pair *pair) {
    enum sn_exit code = SN_EXIT_OK;
    memset(noise->report, 0, sizeof noise->report);
    for (uint32_t side = 0; side < 2 && code == SN_EXIT_OK; side++) {
        uint32_t number = 2 * noise->len + side;
        struct sn_cli_text *text = &noise->report[side].text;
        if (!noise->options->quiet && !noise->options->simulate)
            sn_cli_say("Run %u of %u", number + 1, 2 * noise->wanted);
        code = noise->options->simulate ? walk_once(noise, plan, number, pair->ids[side], text)
                                        : run_once(noise, plan->data, pair->ids[side], text);
    }
    if (code == SN_EXIT_OK) code = compare_pair(noise, pair);
    for (int side = 0; side < 2; side++) sn_cli_report_close(&noise->report[side]);
    return code;
}

static enum sn_exit all_pairs(struct noise *noise, const struct sn_cli_text *plan) {
    enum sn_exit code = SN_EXIT_OK;
    while (noise->len < noise->wanted && code == SN_EXIT_OK) {
        code = one_pair(noise, plan, &noise->pairs[noise->len]);
        if (code == SN_EXIT_OK) noise->len++;
    }
    return code;
}

/* --- What follows --------------------------------------------------------------------------------------------------- */

/* That the mean of the logarithms is 0 is known: nothing was changed. */
static void find_spreads(struct noise *noise) {
    for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++) {
        double squares = 0;
        for (uint32_t i = 0; i < noise->len; i++) {
            double off = sn_ln(noise->pairs[i].found.result.percentiles[p].ratio);
            squares += off * off;
        }
        noise->spreads[p] = sqrt(squares / noise->len);
    }
}

/* In parts of a thousand, rounded up. */
static double floor_of(const struct noise *noise, uint32_t p) {
    double wide = ceil(2 * noise->spreads[p] * 1000) / 1000;
    double floor = wide > sn_compare_kinds[p].floor ? wide : sn_compare_kinds[p].floor;
    return floor < 1 ? floor : 1; /* beyond it nothing can be told at this place */
}

static bool has_floors(const struct noise *noise) {
    return noise->len >= PAIRS_MIN;
}

static void put_floors(struct sn_json_writer *j, const struct noise *noise) {
    sn_json_open(j, "floors", '{');
    for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++)
        if (sn_compare_kinds[p].judged) sn_json_put_fixed(j, sn_compare_kinds[p].name, floor_of(noise, p), 3);
    sn_json_close(j, '}');
}

static enum sn_exit store(struct noise *noise) {
    char path[128], body[256];
    struct sn_cli_answer answer;
    struct sn_writer w = sn_writer(body, sizeof body - 1);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    put_floors(&j, noise);
    sn_json_close(&j, '}');
    body[w.len] = 0;
    snprintf(path, sizeof path, "/api/sentinel/baselines/%s", noise->options->baseline);
    sn_cli_http("PATCH", path, body, &answer);
    noise->stored = answer.status == 200;
    enum sn_exit code = noise->stored ? SN_EXIT_OK : sn_cli_http_refused(&answer, "The floors were not stored");
    free(answer.body.data);
    return code;
}

/* --- The answer ----------------------------------------------------------------------------------------------------- */

static void put_pair(struct sn_json_writer *j, const struct pair *pair) {
    sn_json_open(j, NULL, '{');
    sn_json_open(j, "runs", '[');
    for (int side = 0; side < 2; side++) sn_json_put_text(j, NULL, pair->ids[side]);
    sn_json_close(j, ']');
    sn_json_put_text(j, "verdict", sn_change_name(pair->found.change));
    sn_report_put_judged(j, &pair->found.result);
    sn_json_close(j, '}');
}

static void put_noise(struct sn_json_writer *j, void *user) {
    const struct noise *noise = user;
    sn_json_open(j, NULL, '{');
    sn_json_open(j, "pairs", '[');
    for (uint32_t i = 0; i < noise->len; i++) put_pair(j, &noise->pairs[i]);
    sn_json_close(j, ']');
    sn_json_open(j, "noise", '{');
    for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++)
        sn_json_put_fixed(j, sn_compare_kinds[p].name, noise->spreads[p], 6);
    sn_json_close(j, '}');
    if (has_floors(noise))
        put_floors(j, noise);
    else
        sn_json_put_null(j, "floors");
    sn_json_put_text(j, "baseline", noise->stored ? noise->options->baseline : NULL);
    sn_json_close(j, '}');
}

static uint32_t count(const struct noise *noise, enum sn_change change) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < noise->len; i++) found += noise->pairs[i].found.change == change;
    return found;
}

static void print_noise(const struct noise *noise) {
    char source[130];
    printf("%s: %u pairs of runs that are the same\n\n", sn_cli_plain(source, sizeof source, noise->source),
           noise->len);
    printf("  %-6s", "pair");
    for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++) {
        char label[12];
        snprintf(label, sizeof label, "p%s", sn_compare_kinds[p].name);
        printf("%11s", label);
    }
    printf("   verdict\n");
    for (uint32_t i = 0; i < noise->len; i++) {
        printf("  %-6u", i + 1);
        for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++)
            printf("%+9.1f %%", (noise->pairs[i].found.result.percentiles[p].ratio - 1) * 100);
        printf("   %s\n", sn_change_name(noise->pairs[i].found.change));
    }
    printf("  %-6s", "noise");
    for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++) printf("%9.1f %%", noise->spreads[p] * 100);
    printf("\n");
    if (has_floors(noise)) {
        printf("  %-6s", "floor");
        for (uint32_t p = 0; p < SN_COMPARE_PERCENTILES; p++)
            if (sn_compare_kinds[p].judged) printf("%9.1f %%", floor_of(noise, p) * 100);
        printf("\n");
    }
    printf(
        "\n  With the usual floors %u are the same, %u inconclusive, and %u would have been called slower or faster.\n",
        count(noise, SN_CHANGE_SAME), count(noise, SN_CHANGE_INCONCLUSIVE),
        count(noise, SN_CHANGE_SLOWER) + count(noise, SN_CHANGE_FASTER));
    if (!has_floors(noise)) printf("  Floors follow from three pairs and more.\n");
    if (noise->stored) printf("  Baseline %s has these floors now.\n", noise->options->baseline);
}

/* --- The command ---------------------------------------------------------------------------------------------------- */

static enum sn_exit conclude(struct noise *noise) {
    enum sn_exit code = SN_EXIT_OK;
    find_spreads(noise);
    if (noise->options->baseline != NULL && has_floors(noise)) code = store(noise);
    if (noise->options->json && code == SN_EXIT_OK) return sn_cli_print_json(put_noise, noise);
    if (code == SN_EXIT_OK) print_noise(noise);
    return code;
}

static bool check(const struct sn_cli_options *options) {
    if (options->baseline == NULL) return true;
    if (options->simulate || options->pairs < PAIRS_MIN) {
        sn_cli_say("--baseline takes floors from three pairs or more of real runs.");
        return false;
    }
    return sn_cli_check_baseline(options->baseline);
}

static bool open_plan(struct noise *noise, struct sn_cli_text *plan) {
    static struct sn_plan compiled;
    if (noise->options->simulate) return sn_cli_source_compile(noise->options, &compiled, plan);
    return sn_cli_run_body(noise->options, noise->source, "A/A", plan) && sn_cli_http_open(noise->options);
}

enum sn_exit sn_cli_aa(const struct sn_cli_options *options) {
    struct noise *noise = calloc(1, sizeof *noise);
    struct pair *pairs = calloc(options->pairs, sizeof *pairs);
    struct sn_cli_text plan = {0};
    enum sn_exit code = noise != NULL && pairs != NULL ? SN_EXIT_OK : SN_EXIT_MACHINERY;
    if (code == SN_EXIT_OK) {
        *noise = (struct noise){.options = options, .wanted = (uint32_t)options->pairs, .pairs = pairs};
        noise->source = options->argument != NULL ? options->argument : "smoke";
        sn_cli_interrupt_watch();
        if (!check(options) || !open_plan(noise, &plan)) {
            code = SN_EXIT_CONFIGURATION;
        } else {
            code = all_pairs(noise, &plan);
            if (code == SN_EXIT_OK) code = conclude(noise);
            if (!options->simulate) sn_cli_http_close();
            free(plan.data);
        }
    }
    free(pairs);
    free(noise);
    return code;
}
