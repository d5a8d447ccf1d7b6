/* `sentinel simulate`: the same machines in virtual time, watched by an auditor. */
#include "cli.h"
#include "sentinel/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REPORT_BYTES (8u * 1024 * 1024)

static void say_outcome(const struct sn_sim_outcome *outcome, uint64_t seed) {
    sn_cli_say("Seed %llu: %s, %s; %llu of %llu sent, %llu completed, %llu unaccounted, in %.1f s of virtual time.",
               (unsigned long long)seed, outcome->ended ? outcome->status : "not ended", outcome->validity,
               (unsigned long long)outcome->sent, (unsigned long long)outcome->planned,
               (unsigned long long)outcome->completed, (unsigned long long)outcome->unaccounted,
               (double)outcome->virtual_us / 1e6);
    if (outcome->shards_called > 1) {
        sn_cli_say("%u shards were started within %.1f s; the object that owns the run made %u calls in that time.",
                   outcome->shards_called, (double)outcome->called_us / 1e6, outcome->run_calls);
    }
    if (outcome->violations > 0) {
        sn_cli_say("The auditor found %u broken promises, the first: %s", outcome->violations,
                   outcome->first_violation);
    }
}

/* False, and said, when there is no such fault. */
static bool read_faults(const struct sn_cli_options *options, uint32_t *faults) {
    const char *bad;
    size_t bad_len;
    *faults = 0;
    if (options->faults == NULL) return true;
    if (strcmp(options->faults, "swarm") == 0) {
        *faults = sn_faults_of_seed(options->seed);
        return true;
    }
    if (sn_faults_parse(options->faults, faults, &bad, &bad_len)) return true;
    sn_cli_say("--faults: there is no \"%.*s\"; expected all, none, swarm, or some of these with commas between them:",
               (int)bad_len, bad);
    for (uint32_t i = 0; i < SN_FAULTS_LEN; i++)
        sn_cli_say("  %-16s %s", sn_fault_name((enum sn_fault)i), sn_fault_about((enum sn_fault)i));
    return false;
}

/* False, and said, when there is no such model. */
static bool read_models(const struct sn_cli_options *options, struct sn_models *models) {
    const char *bad;
    size_t bad_len;
    if (options->models == NULL || sn_models_parse(options->models, models, &bad, &bad_len)) return true;
    sn_cli_say(
        "--models: \"%.*s\" is none; expected default, or some of these with commas between them, in ms up to %d:",
        (int)bad_len, bad, SN_MODEL_MS_MAX);
    for (int i = 0; i < SN_MODELS_LEN; i++) {
        bool answer = sn_model_form((enum sn_model)i) == SN_MODEL_ANSWER;
        sn_cli_say("  %s=%-*s %s", sn_model_name((enum sn_model)i), (int)(20 - strlen(sn_model_name((enum sn_model)i))),
                   answer ? "MEDIAN:P99" : "MS", sn_model_about((enum sn_model)i));
    }
    return false;
}

static enum sn_exit walk(const struct sn_cli_options *options, const struct sn_cli_text *plan, uint8_t *memory) {
    struct sn_sim_options world = {.seed = options->seed,
                                   .evictions = (uint32_t)options->evictions,
                                   .run_evictions = (uint32_t)options->run_evictions,
                                   .steerings = (uint32_t)options->steerings,
                                   .losses = (uint32_t)options->losses,
                                   .waking_ms = options->waking_ms,
                                   .target_mean_ms = options->target_ms,
                                   .target_tail_share = options->target_tail,
                                   .target_error_share = options->target_errors,
                                   .report_text = !options->json};
    struct sn_models models;
    struct sn_sim_outcome outcome = {0};
    struct sn_writer report = sn_writer(memory, REPORT_BYTES);
    if (!read_models(options, &models)) return SN_EXIT_CONFIGURATION;
    if (options->models != NULL) world.models = &models;
    if (!read_faults(options, &world.faults)) return SN_EXIT_CONFIGURATION;
    if (world.faults != 0) {
        char text[SN_FAULTS_TEXT_MAX];
        sn_faults_text(world.faults, text);
        sn_cli_say("Faults: %s.", text);
    }
    enum sn_status status = sn_simulate(plan->data, plan->len, &world, &report, &outcome);
    if (status != SN_OK) {
        sn_cli_say("The simulation could not be run: %s.", sn_status_text(status));
        return SN_EXIT_MACHINERY;
    }
    say_outcome(&outcome, options->seed);
    if (!sn_cli_put(memory, report.len)) return SN_EXIT_MACHINERY;
    if (options->json) puts("");
    return outcome.ended && outcome.violations == 0 ? SN_EXIT_OK : SN_EXIT_MACHINERY;
}

enum sn_exit sn_cli_simulate(const struct sn_cli_options *options) {
    static struct sn_plan plan;
    struct sn_cli_text storage;
    if (!sn_cli_source_compile(options, &plan, &storage)) return SN_EXIT_CONFIGURATION;
    uint8_t *memory = malloc(REPORT_BYTES);
    enum sn_exit code = SN_EXIT_MACHINERY;
    if (memory != NULL) code = walk(options, &storage, memory);
    free(memory);
    free(storage.data);
    return code;
}
