#include "sentinel/measure/delta.h"

#include <string.h>

#include "exemplar.h"
#include "sentinel/base/assert.h"

/* Rests untouched on purpose: the arrays are large, and their lengths say what counts. */
void sn_delta_clear(struct sn_delta *delta) {
    delta->results_len = delta->seconds_len = delta->exemplars_len = delta->steps_len = 0;
    delta->spent = (struct sn_spent){0};
}

/* Full early enough that a shard which then starts nothing more can still note how its open operations end. */
#define SN_DELTA_SECONDS_RESERVE 32 /* an operation that is open ends within the timeout, or is given up */

uint64_t sn_counts_passed(const struct sn_counts *counts) {
    return counts->planned - counts->not_yet_due;
}

bool sn_delta_full(const struct sn_delta *delta) {
    return delta->results_len + SN_OPEN_MAX >= SN_RESULTS_MAX ||
           delta->steps_len + SN_OPEN_MAX * SN_STEPS_MAX >= SN_STEP_RESULTS_MAX ||
           delta->seconds_len + SN_DELTA_SECONDS_RESERVE >= SN_DELTA_SECONDS_MAX;
}

/* Found from the newest on, since nearly everything happens in the present second.  Should a shard be unable to store for
 * so long that no second is left, the newest counts for those that follow: sums matter more than their places. */
static struct sn_second *second_of(struct sn_delta *delta, uint32_t second) {
    for (uint32_t i = delta->seconds_len; i-- > 0;)
        if (delta->seconds[i].second == second) return &delta->seconds[i].counts;
    if (delta->seconds_len == SN_DELTA_SECONDS_MAX) return &delta->seconds[SN_DELTA_SECONDS_MAX - 1].counts;
    uint32_t at = delta->seconds_len++;
    memset(&delta->seconds[at], 0, sizeof delta->seconds[at]);
    delta->seconds[at].second = second;
    return &delta->seconds[at].counts;
}

void sn_delta_result(struct sn_delta *delta, const struct sn_result *result) {
    SN_ASSERT(delta->results_len < SN_RESULTS_MAX);
    SN_ASSERT(result->kind < SN_KINDS_MAX && result->phase < SN_PHASES_MAX && result->failed <= SN_ERRORS_LEN);
    delta->results[delta->results_len++] = *result;
    struct sn_second *second = second_of(delta, result->end_second);
    if (result->failed == 0)
        second->completed++;
    else
        second->failed++;
}

void sn_delta_step(struct sn_delta *delta, const struct sn_step_result *result) {
    SN_ASSERT(delta->steps_len < SN_STEP_RESULTS_MAX);
    SN_ASSERT(result->number <= UINT16_MAX && result->failed <= SN_ERRORS_LEN);
    SN_ASSERT(!result->within || result->failed == 0);
    delta->steps[delta->steps_len++] = (uint64_t)result->number << 48 | (uint64_t)result->service_us << 16 |
                                       (uint64_t)result->within << 8 | result->failed;
}

void sn_delta_started(struct sn_delta *delta, uint32_t due_second) {
    second_of(delta, due_second)->started++;
}

void sn_delta_dropped(struct sn_delta *delta, uint32_t due_second, enum sn_drop cause) {
    SN_ASSERT(cause < SN_DROPS_LEN);
    second_of(delta, due_second)->dropped[cause]++;
}

void sn_delta_exemplar(struct sn_delta *delta, const struct sn_exemplar *exemplar) {
    sn_exemplar_offer(delta->exemplars, &delta->exemplars_len, SN_DELTA_EXEMPLARS_MAX, SN_EXEMPLARS_OF_DELTA, exemplar);
}
