/* `sentinel curve`: how many operations are due each second, and when. */
#include "part.h"

#include <stdio.h>
#include <stdlib.h>

static void put_arrivals(struct sn_json_writer *j, const struct sn_cli_part *part, uint64_t count) {
    uint64_t k = sn_share_next(&part->share, 1);
    sn_json_open(j, "arrivalsUs", '[');
    for (; count > 0 && k <= part->profile->planned; count--) {
        sn_json_put_int(j, NULL, sn_profile_due_us(part->profile, k));
        k = sn_share_next(&part->share, k + 1);
    }
    sn_json_close(j, ']');
}

static void put_curve(struct sn_json_writer *j, const struct sn_cli_part *part, uint64_t arrivals) {
    sn_json_open(j, NULL, '{');
    sn_cli_part_put(j, part);
    sn_json_open(j, "perSecond", '[');
    for (int64_t s = 0; s < sn_profile_seconds(part->profile); s++) {
        sn_json_put_uint(j, NULL, sn_cli_part_due(part, s * SN_SECOND_US, (s + 1) * SN_SECOND_US));
    }
    sn_json_close(j, ']');
    if (arrivals > 0) put_arrivals(j, part, arrivals);
    sn_json_close(j, '}');
}

#define COLUMNS 60 /* whole seconds a column, of most durations */
#define ROWS 10

/* The rate, drawn: time goes to the right.  Each column is the mean of the curve over its stretch of time; whole operations
 * would lie unevenly on seconds, and above the curve's own peak. */
static double draw_columns(const struct sn_cli_part *part, uint32_t columns, double rates_per_s[COLUMNS]) {
    double most = 0;
    int64_t end_us = part->profile->end_us, from_us = 0;
    for (uint32_t i = 0; i < columns; i++) {
        int64_t to_us = end_us * (i + 1) / columns;
        double operations = sn_profile_reached(part->profile, to_us) - sn_profile_reached(part->profile, from_us);
        rates_per_s[i] = operations / (double)part->share.places / ((double)(to_us - from_us) / 1e6);
        if (rates_per_s[i] > most) most = rates_per_s[i];
        from_us = to_us;
    }
    return most;
}

static void print_phases(const struct sn_cli_part *part) {
    int64_t start_us = 0;
    for (uint32_t i = 0; i < part->profile->phases_len; i++) {
        const struct sn_phase *phase = &part->profile->phases[i];
        printf("  %-12s %8.10g to %8.10g s  %8llu operations\n", phase->name, (double)start_us / 1e6,
               (double)phase->end_us / 1e6, (unsigned long long)sn_cli_part_due(part, start_us, phase->end_us));
        start_us = phase->end_us;
    }
}

static void print_curve(const struct sn_cli_part *part) {
    double rates_per_s[COLUMNS];
    uint32_t columns = sn_profile_seconds(part->profile) < COLUMNS ? sn_profile_seconds(part->profile) : COLUMNS;
    double most = draw_columns(part, columns, rates_per_s);
    for (int row = ROWS; row > 0; row--) {
        char line[COLUMNS + 1] = {0};
        for (uint32_t i = 0; i < columns; i++) line[i] = rates_per_s[i] * ROWS >= (row - 0.5) * most ? '#' : ' ';
        int len = (int)columns;
        while (len > 0 && line[len - 1] == ' ') len--;
        if (row == ROWS || row == ROWS / 2) {
            printf("%8.1f/s |%.*s\n", most * row / ROWS, len, line);
        } else {
            printf("%10s |%.*s\n", "", len, line);
        }
    }
    printf("%10s +", "");
    for (uint32_t i = 0; i < columns; i++) putchar('-');
    printf(" %.10g s\n\n", (double)part->profile->end_us / 1e6);
    print_phases(part);
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
    if (!sn_cli_source_compile(options, &plan, &storage)) return SN_EXIT_CONFIGURATION;
    job.arrivals = options->arrivals;
    job.part.profile = &plan.profile;
    enum sn_exit code = SN_EXIT_OK;
    if (options->json) {
        code = sn_cli_print_json(put_curve_job, &job);
    } else {
        print_curve(&job.part);
    }
    free(storage.data);
    return code;
}
