/* What it costs to find a schedule's next run: of many expressions, from many moments, in UTC and in a zone with summer time.
 * Each is timed alone several times, and its best counts, so that what else the machine does is not taken for the search. */
#define _POSIX_C_SOURCE 200809L
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/limits.h"
#include "sentinel/base/random.h"
#include "sentinel/schedule/cron.h"

#define GOAL_NS 2000
#define SLOWEST_NS 1000000
#define TRIES 5

static const char *const texts[] = {
    "* * * * *",    "*/5 * * * *", "0 * * * *",     "0 4 * * *",  "30 2 * * *",    "*/5 9-17 * * 1-5", "0 0 * * 0",
    "0 0 1 * *",    "0 0 1 1 *",   "0 0 L * *",     "0 0 LW * *", "0 0 15W * *",   "0 0 * * 5L",       "0 0 * * 1#2",
    "0 0 13 * FRI", "0 0 31 * *",  "59 23 31 12 *", "0 0 29 2 *", "0 0 L-28W 2 *", "0 0 * 2 1#5",      "0 0 L-30 7 *",
};
#define TEXTS (sizeof texts / sizeof *texts)

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

static void summer_time(struct sn_zone *zone, int64_t from_s) {
    sn_zone_begin(zone, from_s, from_s + 32 * INT64_C(31557600), 3600);
    for (int i = 0; i < SN_ZONE_CHANGES_MAX - 1; i++)
        sn_zone_add(zone, from_s + 7000000 + i * INT64_C(15778800), i % 2 == 0 ? 7200 : 3600);
}

/* The shortest of some tries at the same search. */
static int64_t best_ns(const struct sn_cron *cron, const struct sn_zone *zone, int64_t after_us) {
    int64_t best = INT64_MAX, at_us = 0;
    for (int i = 0; i < TRIES; i++) {
        int64_t begin = now_ns();
        enum sn_status status = sn_cron_next(cron, zone, after_us, &at_us);
        int64_t took = now_ns() - begin;
        SN_ASSERT(status == SN_OK || status == SN_E_GAP);
        SN_ASSERT(at_us > after_us);
        if (took < best) best = took;
    }
    return best;
}

/* False: a goal was missed. */
static bool measure(const char *where, const struct sn_zone *zone, int rounds) {
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_MODEL, 3);
    int64_t sum = 0, slowest = 0;
    const char *slowest_text = "";
    for (size_t i = 0; i < TEXTS; i++) {
        struct sn_cron cron;
        struct sn_cron_error error;
        enum sn_status status = sn_cron_read(&cron, SN_CRON_STANDARD, texts[i], strlen(texts[i]), &error);
        SN_ASSERT(status == SN_OK);
        for (int round = 0; round < rounds; round++) {
            int64_t took =
                best_ns(&cron, zone, (1767225600 + SN_ZONE_MARGIN_S + sn_rng_below(&rng, 900000000)) * SN_SECOND_US);
            sum += took;
            if (took > slowest) slowest = took, slowest_text = texts[i];
        }
    }
    double mean = (double)sum / (double)(TEXTS * (size_t)rounds);
    bool measured = rounds >= 100, met = mean <= GOAL_NS && slowest <= SLOWEST_NS;
    const char *said = !measured ? "not measured" : met ? "met" : "missed";
    printf("cron.next: %s, %.0f ns on average, slowest %" PRId64
           " ns (%s); ratio %.3f to the goal of %d ns and %.3f to that of "
           "%d ns for the slowest: %s\n",
           where, mean, slowest, slowest_text, mean / GOAL_NS, GOAL_NS, (double)slowest / SLOWEST_NS, SLOWEST_NS, said);
    return met || !measured;
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 10000;
    struct sn_zone zone;
    summer_time(&zone, 1767225600);
    bool utc = measure("in UTC", NULL, rounds), local = measure("in a zone with summer time", &zone, rounds);
    return utc && local ? 0 : 1;
}
