/* `sentinel curve`: how many operations are due each second, and when. */
#include "part.h"

#include <stdio.h>
#include <stdlib.h>

static void put_arrivals(struct sn_json_writer *j, const struct sn_cli_part *part, uint64_t count) {
    uint32_t index = (uint32_t)part->index;
    uint64_t k = sn_schedule_owned_from(&part->schedule, index, 1);
    sn_json_open(j, "arrivalsUs", '[');
    for (; count > 0 && k <= part->profile->planned; count--) {
        sn_json_put_int(j, NULL, sn_profile_due_us(part->profile, k));
        k = sn_schedule_owned_from(&part->schedule, index, k + 1);
    }
    sn_json_close(j, ']');
}

static uint32_t seconds_of(const struct sn_profile *profile) {
    return (uint32_t)((profile->end_us + SN_SECOND_US - 1) / SN_SECOND_US);
}

static void put_curve(struct sn_json_writer *j, const struct sn_cli_part *part, uint64_t arrivals) {
    sn_json_open(j, NULL, '{');
    sn_cli_part_put(j, part);
    sn_json_open(j, "perSecond", '[');
    for (int64_t s = 0; s < seconds_of(part->profile); s++) {
        sn_json_put_uint(j, NULL, sn_cli_part_due(part, s * SN_SECOND_US, (s + 1) * SN_SECOND_US));
    }
    sn_json_close(j, ']');
    if (arrivals > 0) put_arrivals(j, part, arrivals);
    sn_json_close(j, '}');
}

static void print_curve(const struct sn_cli_part *part) {
    uint64_t most = 1;
    uint32_t seconds = seconds_of(part->profile);
    for (int64_t s = 0; s < seconds; s++) {
        uint64_t due = sn_cli_part_due(part, s * SN_SECOND_US, (s + 1) * SN_SECOND_US);
        if (due > most) most = due;
    }
    printf("second    due\n");
    for (int64_t s = 0; s < seconds; s++) {
        uint64_t due = sn_cli_part_due(part, s * SN_SECOND_US, (s + 1) * SN_SECOND_US);
        printf("%6lld %6llu  ", (long long)s + 1, (unsigned long long)due);
        for (uint64_t i = 0; i < due * 60 / most; i++) putchar('#');
        putchar('\n');
    }
}

struct curve_job {
    struct sn_cli_part part;
    uint64_t arrivals;
};

static void put_curve_job(struct sn_json_writer *j, void *user) {
    const struct curve_job *job = user;
    put_curve(j, &job->part, job->arrivals);
}

enum sn_exit sn_cli_curve(const struct sn_cli_options *options) {
    static struct curve_job job;
    static struct sn_plan plan;
    struct sn_cli_text storage;
    if (!sn_cli_part_read(options->shard, &job.part)) return SN_EXIT_CONFIGURATION;
    if (options->arrivals > 0 && !options->json) {
        sn_cli_say("--arrivals needs --json beside it.");
        return SN_EXIT_CONFIGURATION;
    }
    if (!sn_cli_source_compile(options->argument, &plan, &storage)) return SN_EXIT_CONFIGURATION;
    job.arrivals = options->arrivals;
    sn_cli_part_open(&job.part, &plan.profile);
    enum sn_exit code = SN_EXIT_OK;
    if (options->json) {
        code = sn_cli_print_json(put_curve_job, &job);
    } else {
        print_curve(&job.part);
    }
    free(storage.data);
    return code;
}
