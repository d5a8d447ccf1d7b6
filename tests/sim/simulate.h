/* A plan, walked through in virtual time by a test: what the auditor finds fails it, with the command that repeats the world.
 *
 * SEED in the environment chooses the first seed, SEEDS how many. */
#ifndef TESTS_SIM_SIMULATE_H
#define TESTS_SIM_SIMULATE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/plan/plan.h"
#include "sentinel/sim/sim.h"

static inline uint64_t number_from(const char *name, uint64_t otherwise) {
    const char *text = getenv(name);
    return text != NULL && text[0] != '\0' ? strtoull(text, NULL, 10) : otherwise;
}

static inline uint64_t first_seed(void) {
    return number_from("SEED", 20261);
}

/* Behind the last one: as many as SEEDS says, or so many in each `make test`; tests/check.sh has hundreds. */
static inline uint64_t end_seed(uint64_t otherwise) {
    return first_seed() + number_from("SEEDS", otherwise);
}

/* Worlds that are remembered for what happened in them, from before the newest faults. */
static inline uint32_t faults_remembered(uint64_t seed) {
    return sn_faults_of_seed(seed) & (SN_FAULT_BIT(SN_FAULT_STEERED_DIES) - 1);
}

struct compiled {
    _Alignas(16) uint8_t bytes[SN_PLAN_BYTES_MAX];
    size_t len;
};

static enum sn_platform platform; /* that the plans of a test are for */
static enum sn_bounds bounds;     /* that they are held to */
static const char *run_id = "0b5e9a52-7a53-4f0e-9f0b-8a3d2c1b0a99";

static inline void compile(const char *json, struct compiled *compiled) {
    static _Alignas(16) uint8_t scratch[1 << 19];
    struct sn_arena arena;
    struct sn_plan_error error;
    struct sn_plan_owner owner = {.run_id = run_id, .tenant = "default", .platform = platform, .bounds = bounds};
    struct sn_writer w = sn_writer(compiled->bytes, sizeof compiled->bytes);
    sn_arena_init(&arena, scratch, sizeof scratch);
    if (sn_plan_compile(json, strlen(json), &owner, &arena, &w, &error) != SN_OK) {
        fail_msg("%s: %s, expected %s", error.code, error.path, error.expected);
    }
    compiled->len = w.len;
}

static inline struct sn_sim_outcome simulate(const char *json, const struct sn_sim_options *options, char *report,
                                             size_t cap) {
    static struct compiled compiled;
    struct sn_sim_outcome outcome;
    struct sn_writer w = sn_writer(report, cap - 1);
    compile(json, &compiled);
    enum sn_status status = sn_simulate(compiled.bytes, compiled.len, options, &w, &outcome);
    report[w.len] = '\0';
    if (status != SN_OK) fail_msg("seed %llu: %s", (unsigned long long)options->seed, sn_status_text(status));
    if (outcome.violations > 0) {
        fail_msg(
            "%u violations, the first: %s\n"
            "repeat: build/sentinel simulate PLAN --seed %llu --evictions %u --run-evictions %u --steerings %u --losses %u, PLAN: %s",
            outcome.violations, outcome.first_violation, (unsigned long long)options->seed, options->evictions,
            options->run_evictions, options->steerings, options->losses, json);
    }
    return outcome;
}

static char report[1 << 20];

/* Who is cut off before it could be started keeps the run from beginning, and that is said. */
static inline bool never_began(void) {
    return strstr(report, "not every shard could be started in time") != NULL;
}

static inline const char *read_plan(const char *path) {
    static char json[8192];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    json[fread(json, 1, sizeof json - 1, file)] = '\0';
    fclose(file);
    return json;
}

#endif
