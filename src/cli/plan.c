/* `sentinel plan`: what a plan would do, without a Worker. */
#include "part.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t weight_sum(const struct sn_workload *workload) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < workload->kinds_len; i++) sum += workload->kinds[i].weight;
    return sum > 0 ? sum : 1;
}

static void put_kinds(struct sn_json_writer *j, const struct sn_workload *workload) {
    double sum = (double)weight_sum(workload);
    sn_json_open(j, "operations", '[');
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        if (kind->weight == 0) continue;
        sn_json_open(j, NULL, '{');
        sn_json_put_span(j, "operation", workload->pool + kind->name.offset, kind->name.len);
        sn_json_put_span(j, "system", workload->pool + kind->system.offset, kind->system.len);
        sn_json_put_number(j, "share", (double)kind->weight / sum);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

static void put_plan(struct sn_json_writer *j, void *user) {
    const struct sn_plan *plan = user;
    struct sn_cli_part part = {.index = 0, .of = 1};
    char text[24];
    sn_cli_part_open(&part, &plan->profile);
    sn_json_open(j, NULL, '{');
    sn_json_put_text(j, "name", plan->name);
    sn_json_put_text(j, "preset", plan->preset[0] != 0 ? plan->preset : NULL);
    sn_json_put_text(j, "profileType", sn_profile_type_name((enum sn_profile_type)plan->profile_type));
    snprintf(text, sizeof text, "%016llx", (unsigned long long)plan->hash);
    sn_json_put_text(j, "planHash", text);
    snprintf(text, sizeof text, "%llu", (unsigned long long)plan->seed);
    sn_json_put_text(j, "seed", text);
    sn_cli_part_put(j, &part);
    sn_json_put_text(j, "arrivals", plan->profile.arrivals == SN_ARRIVALS_POISSON ? "poisson" : "even");
    sn_json_put_uint(j, "concurrency", plan->concurrency);
    sn_json_put_uint(j, "slots", plan->slots);
    sn_json_put_uint(j, "shards", plan->shards);
    sn_json_put_int(j, "maxLateMs", plan->max_late_us / 1000);
    sn_json_put_int(j, "timeoutMs", plan->timeout_us / 1000);
    put_kinds(j, &plan->workload);
    sn_json_close(j, '}');
}

static void print_plan(const struct sn_plan *plan) {
    struct sn_cli_part part = {.index = 0, .of = 1};
    char text[SN_NAME_MAX + 1];
    sn_cli_part_open(&part, &plan->profile);
    printf("%s\n", sn_cli_plain(text, sizeof text, plan->name));
    printf("  profile     %s%s%s\n", sn_profile_type_name((enum sn_profile_type)plan->profile_type),
           plan->preset[0] != 0 ? ", preset " : "", plan->preset);
    printf("  operations  %llu in %.10g s, at most %.1f a second%s\n", (unsigned long long)plan->profile.planned,
           (double)plan->profile.end_us / 1e6, sn_profile_peak_per_s(&plan->profile),
           plan->profile.arrivals == SN_ARRIVALS_POISSON ? " on average: Poisson arrivals" : "");
    printf("  calls       at most %u in flight, from %u shard%s of %u\n", plan->concurrency, plan->shards,
           plan->shards == 1 ? "" : "s", plan->slots);
    printf("  plan        %016llx, seed %llu\n\n", (unsigned long long)plan->hash, (unsigned long long)plan->seed);
    int64_t start_us = 0;
    for (uint32_t i = 0; i < plan->profile.phases_len; i++) {
        int64_t end_us = plan->profile.phases[i].end_us;
        printf("  %-15s %8.10g to %8.10g s  %8llu operations, %.1f to %.1f a second\n", plan->profile.phases[i].name,
               (double)start_us / 1e6, (double)end_us / 1e6,
               (unsigned long long)sn_cli_part_due(&part, start_us, end_us),
               sn_profile_rate_per_s(&plan->profile, start_us + 1), sn_profile_rate_per_s(&plan->profile, end_us));
        start_us = end_us;
    }
    printf("\n");
    const struct sn_workload *workload = &plan->workload;
    double sum = (double)weight_sum(workload);
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        if (kind->weight == 0) continue;
        printf("  %-32.*s %-14.*s %5.1f %%\n", (int)kind->name.len, workload->pool + kind->name.offset,
               (int)kind->system.len, workload->pool + kind->system.offset, 100.0 * kind->weight / sum);
    }
}

enum sn_exit sn_cli_plan(const struct sn_cli_options *options) {
    static struct sn_plan plan;
    struct sn_cli_text storage;
    if (!sn_cli_source_compile(options->argument, &plan, &storage)) return SN_EXIT_CONFIGURATION;
    enum sn_exit code = SN_EXIT_OK;
    if (options->json) {
        code = sn_cli_print_json(put_plan, &plan);
    } else {
        print_plan(&plan);
    }
    free(storage.data);
    return code;
}
