#include "sentinel/measure/levels.h"

#include <string.h>

#include "sentinel/base/assert.h"

_Static_assert(sizeof(struct sn_levels) % 8 == 0, "cells follow without a gap");

static uint32_t windows_of(uint32_t kinds) {
    uint32_t windows = SN_LEVEL_CELLS_MAX / (kinds + 1);
    if (windows > SN_LEVELS_MAX) windows = SN_LEVELS_MAX;
    return windows & ~1u; /* so that they can be merged two by two */
}

size_t sn_levels_size(uint32_t kinds) {
    return sizeof(struct sn_levels) + (size_t)windows_of(kinds) * (kinds + 1) * sizeof(struct sn_level_cell);
}

void sn_levels_init(struct sn_levels *levels, uint32_t kinds, uint32_t length_s) {
    SN_ASSERT(kinds > 0 && kinds <= SN_KINDS_MAX);
    memset(levels, 0, sn_levels_size(kinds));
    levels->kinds = kinds;
    levels->windows_max = windows_of(kinds);
    levels->window_s = (length_s + levels->windows_max - 1) / levels->windows_max;
    if (levels->window_s == 0) levels->window_s = 1;
}

/* When all places are taken the next window is as long as two of them. */
uint32_t sn_levels_end_s(const struct sn_levels *levels) {
    bool full = levels->len == levels->windows_max;
    return (levels->len + (full ? 2 : 1)) * levels->window_s;
}

static struct sn_level_cell *cells(struct sn_levels *levels) {
    return (struct sn_level_cell *)(void *)(levels + 1);
}

const struct sn_level_cell *sn_levels_cell(const struct sn_levels *levels, uint32_t window, uint32_t kind) {
    SN_ASSERT(window < levels->len && kind <= levels->kinds);
    return (const struct sn_level_cell *)(const void *)(levels + 1) + window * (levels->kinds + 1) + kind;
}

static uint32_t capped(uint64_t value) {
    return value < UINT32_MAX ? (uint32_t)value : UINT32_MAX;
}

/* --- Merging ------------------------------------------------------------------------------------------------- */

/* Their mean, weighed by how many each is made of; of one that is made of none the other. */
static uint32_t weighed(uint32_t a, uint32_t a_count, uint32_t b, uint32_t b_count) {
    uint64_t count = (uint64_t)a_count + b_count;
    return count == 0 ? 0 : (uint32_t)(((uint64_t)a * a_count + (uint64_t)b * b_count) / count);
}

static struct sn_level_cell merged(const struct sn_level_cell *a, const struct sn_level_cell *b) {
    return (struct sn_level_cell){
        .counted = sn_add_sat_u32(a->counted, b->counted),
        .p95_us = weighed(a->p95_us, a->counted, b->p95_us, b->counted),
        .ended = sn_add_sat_u32(a->ended, b->ended),
        .failed = sn_add_sat_u32(a->failed, b->failed),
        .throttled = sn_add_sat_u32(a->throttled, b->throttled),
        .service_us = weighed(a->service_us, a->ended, b->service_us, b->ended),
        .sql_us = weighed(a->sql_us, a->ended, b->sql_us, b->ended),
    };
}

static void merge_neighbours(struct sn_levels *levels) {
    uint32_t width = levels->kinds + 1;
    struct sn_level_cell *all = cells(levels);
    SN_ASSERT(levels->len % 2 == 0);
    for (uint32_t i = 0; i < levels->len / 2 * width; i++) {
        uint32_t window = i / width, kind = i % width;
        all[i] = merged(&all[2 * window * width + kind], &all[(2 * window + 1) * width + kind]);
    }
    levels->len /= 2;
    levels->window_s *= 2;
}

/* --- Ending a window ------------------------------------------------------------------------------------------- */

static struct sn_level_sums sums_of(struct sn_tally *tally, uint32_t kind) {
    struct sn_level_sums sums = {0};
    for (uint32_t phase = 0; phase < tally->phases; phase++) {
        const struct sn_cell *cell = sn_tally_cell(tally, kind, phase);
        sums.ended = sn_add_sat(sums.ended, cell->completed + cell->failed);
        sums.failed = sn_add_sat(sums.failed, cell->failed);
        sums.throttled = sn_add_sat(sums.throttled, cell->errors[SN_ERROR_THROTTLED]);
        sums.service_us = sn_add_sat(sums.service_us, cell->service.sum_us);
        sums.sql_us = sn_add_sat(sums.sql_us, cell->sql_us);
    }
    return sums;
}

static struct sn_level_sums since(const struct sn_level_sums *now, const struct sn_level_sums *before) {
    return (struct sn_level_sums){
        .ended = now->ended - before->ended,
        .failed = now->failed - before->failed,
        .throttled = now->throttled - before->throttled,
        .service_us = now->service_us - before->service_us,
        .sql_us = now->sql_us - before->sql_us,
    };
}

static void add(struct sn_level_sums *into, const struct sn_level_sums *from) {
    into->ended += from->ended;
    into->failed += from->failed;
    into->throttled += from->throttled;
    into->service_us += from->service_us;
    into->sql_us += from->sql_us;
}

static struct sn_level_cell cell_of(const struct sn_level_sums *sums, const struct sn_series_times *times) {
    uint64_t divisor = sums->ended > 0 ? sums->ended : 1;
    return (struct sn_level_cell){
        .counted = capped(times->count),
        .p95_us = times->us[0],
        .ended = capped(sums->ended),
        .failed = capped(sums->failed),
        .throttled = capped(sums->throttled),
        .service_us = capped(sums->service_us / divisor),
        .sql_us = capped(sums->sql_us / divisor),
    };
}

void sn_levels_close(struct sn_levels *levels, struct sn_tally *tally, const struct sn_series *series,
                     struct sn_series_room *room) {
    static const double percentiles[SN_SERIES_PERCENTILES] = {95, 95, 95};
    struct sn_series_times times[SN_SERIES_GROUPS];
    struct sn_level_sums all = {0};
    SN_ASSERT(tally->kinds == levels->kinds);
    if (levels->len == levels->windows_max) merge_neighbours(levels);
    uint32_t to = sn_levels_end_s(levels), from = to - levels->window_s;
    struct sn_level_cell *into = cells(levels) + levels->len * (levels->kinds + 1);
    sn_series_kinds(series, from, to, percentiles, room, times);
    for (uint32_t kind = 0; kind < levels->kinds; kind++) {
        struct sn_level_sums now = sums_of(tally, kind), in_window = since(&now, &levels->before[kind]);
        into[kind] = cell_of(&in_window, &times[kind]);
        add(&all, &in_window);
        levels->before[kind] = now;
    }
    into[levels->kinds] = cell_of(&all, &times[SN_KINDS_MAX]);
    levels->len++;
}
