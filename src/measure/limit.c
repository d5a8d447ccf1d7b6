#include "sentinel/measure/limit.h"

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#define SHORT_US 50000u
#define SLOWER_US 2000u
#define SLOTS_BUSY 4 /* one in so many, at the speed of quiet times, is too few to run out of them */

/* Calls in flight at the highest rate when each takes so long. */
static double in_flight(const struct sn_limit_input *input, double call_us) {
    return input->peak_per_s * input->calls * call_us / 1e6;
}

enum sn_limit sn_limit_judge(const struct sn_limit_input *input) {
    bool rare = input->lag_slots_count * 100 < input->ended;
    if (input->dropped_slots == 0 && (rare || input->lag_slots_us <= SHORT_US)) return SN_LIMIT_NONE;
    if (input->timers_late > SN_TIMERS_LATE_BOUND) return SN_LIMIT_MACHINE;
    uint64_t quiet_us = input->quiet_us;
    if (quiet_us == 0) return SN_LIMIT_CONCURRENCY;
    bool slower = input->median_us > quiet_us + quiet_us / 2 + SLOWER_US;
    bool plenty = SLOTS_BUSY * in_flight(input, (double)quiet_us) <= input->concurrency;
    return slower || plenty ? SN_LIMIT_TARGET : SN_LIMIT_CONCURRENCY;
}

const char *sn_limit_name(enum sn_limit limit) {
    static const char *const names[] = {NULL, "target", "concurrency", "machine"};
    return names[limit];
}

uint32_t sn_limit_calls(const struct sn_limit_input *input) {
    double needed = ceil(in_flight(input, input->mean_us));
    return needed < UINT32_MAX ? (uint32_t)needed : UINT32_MAX;
}
