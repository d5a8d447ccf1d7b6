#include "sentinel/measure/baseline.h"

#include <string.h>

#include "sentinel/base/assert.h"

void sn_baseline_begin(struct sn_baseline *baseline, uint32_t wanted, void *memory) {
    SN_ASSERT(sn_intervals_size(SN_INTERVALS_SECONDS_MAX, SN_INTERVALS_SLOTS) <= SN_BASELINE_MEMORY);
    SN_ASSERT(wanted >= 1 && wanted <= SN_BASELINE_RUNS_MAX);
    *baseline = (struct sn_baseline){.wanted = wanted, .intervals = memory};
}

/* Runs of a plan are as long as each other, so the first one tells how long all will be together. */
static void open_intervals(struct sn_baseline *baseline, uint32_t seconds, uint32_t block_seconds) {
    uint32_t expected = baseline->wanted * seconds, blocks = SN_BLOCKS_MAX * block_seconds;
    if (blocks > expected) expected = blocks;
    if (expected > SN_INTERVALS_SECONDS_MAX) expected = SN_INTERVALS_SECONDS_MAX;
    sn_intervals_init(baseline->intervals, SN_INTERVALS_SECONDS_MAX, expected, 0, 1, SN_INTERVALS_SLOTS);
    baseline->intervals->kinds = 0;
}

/* A counter that is larger than an interval takes at once comes in parts. */
static void count(struct sn_intervals *intervals, uint32_t second, uint32_t bucket, uint64_t values) {
    while (values > 0) {
        uint32_t part = values < UINT32_MAX ? (uint32_t)values : UINT32_MAX;
        sn_intervals_count(intervals, second, 0, bucket, part);
        values -= part;
    }
}

static void count_block(struct sn_intervals *intervals, const struct sn_blocks *blocks, uint32_t block,
                        uint32_t second) {
    uint32_t below = 0;
    for (uint32_t bucket = 0; bucket < SN_HIST_BUCKETS; bucket++) {
        uint32_t upto = sn_blocks_upto(blocks, block, bucket);
        if (upto > below) count(intervals, second, bucket, (uint64_t)(upto - below) << blocks->shift);
        below = upto;
    }
}

static void note_percentiles(struct sn_baseline *baseline, const struct sn_blocks *blocks) {
    uint32_t buckets[SN_COMPARE_PERCENTILES];
    sn_compare_buckets(blocks, NULL, buckets);
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++)
        baseline->us[i][baseline->runs] = sn_hist_bucket_mid_us(buckets[i]);
}

static void add_counts(struct sn_compared *sum, const struct sn_compared *run) {
    sum->planned = sn_add_sat(sum->planned, run->planned);
    sum->started = sn_add_sat(sum->started, run->started);
    sum->completed = sn_add_sat(sum->completed, run->completed);
    sum->failed = sn_add_sat(sum->failed, run->failed);
    if (run->validity > sum->validity) sum->validity = run->validity;
    if (run->clock_step_us > sum->clock_step_us) sum->clock_step_us = run->clock_step_us;
    sum->intervals = (struct sn_span){0};
}

enum sn_status sn_baseline_add(struct sn_baseline *baseline, const struct sn_compared *run,
                               struct sn_compared_room *room) {
    struct sn_intervals_head head;
    struct sn_blocks *blocks = &room->sides[0];
    SN_ASSERT(baseline->runs < baseline->wanted);
    if (baseline->runs > 0 && run->plan_hash != baseline->sum.plan_hash) return SN_E_STATE;
    if (run->intervals.len == 0 || sn_intervals_check(run->intervals, &head) != SN_OK || head.count == 0)
        return SN_E_MISSING;
    uint32_t seconds = head.end_second - head.first_second;
    if (seconds > SN_INTERVALS_SECONDS_MAX - baseline->seconds) return SN_E_LIMIT;
    sn_intervals_blocks(run->intervals, SN_INTERVALS_ALL, blocks, room->pages[0], SN_COMPARED_PAGES);
    if (baseline->runs == 0) open_intervals(baseline, seconds, blocks->block_seconds);
    sn_intervals_coarsen(baseline->intervals, blocks->block_seconds);
    for (uint32_t i = 0; i < blocks->len; i++) {
        uint32_t second = baseline->seconds + i * blocks->block_seconds;
        count_block(baseline->intervals, blocks, i, second);
    }
    note_percentiles(baseline, blocks);
    if (baseline->runs == 0)
        baseline->sum = *run;
    else
        add_counts(&baseline->sum, run);
    baseline->seconds += seconds;
    baseline->heard += head.heard;
    baseline->runs++;
    return SN_OK;
}

/* What was counted stands at the beginning of its block, so where the last one ends has to be said. */
static void close_intervals(const struct sn_baseline *baseline) {
    struct sn_intervals *intervals = baseline->intervals;
    uint32_t blocks = (intervals->end_second - 1) / intervals->block_seconds + 1;
    uint32_t first = (blocks - 1) * intervals->block_seconds, end = blocks * intervals->block_seconds;
    bool inside = baseline->seconds > first && baseline->seconds <= end;
    intervals->end_second = inside ? baseline->seconds : end;
    if (intervals->end_second > SN_INTERVALS_SECONDS_MAX) intervals->end_second = SN_INTERVALS_SECONDS_MAX;
    intervals->heard = baseline->heard < intervals->end_second ? baseline->heard : intervals->end_second;
}

void sn_baseline_put(struct sn_writer *w, const struct sn_baseline *baseline, uint8_t *scratch) {
    struct sn_compared sum = baseline->sum;
    SN_ASSERT(baseline->runs == baseline->wanted);
    if (baseline->runs > 1) {
        struct sn_writer bytes = sn_writer(scratch, SN_INTERVALS_BYTES_MAX);
        close_intervals(baseline);
        sn_intervals_put(&bytes, baseline->intervals);
        SN_ASSERT(!bytes.full);
        sum.intervals = (struct sn_span){scratch, bytes.len};
    }
    sn_compared_put(w, &sum);
}

void sn_baseline_spreads(const struct sn_baseline *baseline, double spreads[SN_COMPARE_PERCENTILES]) {
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++)
        spreads[i] = sn_compare_spread(baseline->us[i], baseline->runs);
}
