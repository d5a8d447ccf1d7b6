/* Runs as they are compared: drawn, and as the bytes that the control database has of them. */
#ifndef SENTINEL_TESTS_COMPARED_HELP_H
#define SENTINEL_TESTS_COMPARED_HELP_H

#include <stdlib.h>

#include "drawn_run.h"
#include "sentinel/measure/compared.h"

#define HELP_HASH UINT64_C(0x00ff00ff00ff00ff)

/* Bytes of a run of `seconds` at 100 operations a second, `factor` times as slow; returns how many. */
static inline size_t compared_draw(uint8_t out[SN_COMPARED_BYTES_MAX], uint32_t seconds, double factor, uint64_t seed,
                                   uint64_t plan_hash) {
    static uint8_t intervals_bytes[SN_INTERVALS_BYTES_MAX];
    const struct drawn_run run = {.seconds = seconds, .rate_per_s = 100, .factor = factor, .tail_factor = 1};
    struct sn_intervals *intervals = malloc(sn_intervals_size(seconds, SN_INTERVALS_SLOTS));
    sn_intervals_init(intervals, seconds, seconds, 0, 2, SN_INTERVALS_SLOTS);
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 2);
    for (uint32_t second = 0; second < seconds; second++) {
        for (uint32_t i = 0; i < run.rate_per_s; i++) {
            uint32_t us = drawn_service_us(&rng, &run, 0, false);
            sn_intervals_count(intervals, second, i % 2, sn_hist_bucket((us + 999) / 1000 * 1000), 1);
        }
    }
    struct sn_writer w = sn_writer(intervals_bytes, sizeof intervals_bytes);
    sn_intervals_put(&w, intervals);
    free(intervals);
    struct sn_compared compared = {.plan_hash = plan_hash,
                                   .validity = SN_VALIDITY_VALID,
                                   .clock_step_us = 1000,
                                   .planned = 100 * (uint64_t)seconds,
                                   .started = 100 * (uint64_t)seconds,
                                   .completed = 100 * (uint64_t)seconds,
                                   .intervals = {intervals_bytes, w.len}};
    w = sn_writer(out, SN_COMPARED_BYTES_MAX);
    sn_compared_put(&w, &compared);
    return w.full ? 0 : w.len;
}

#endif
