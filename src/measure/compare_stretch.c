/* How many blocks belong together, and how far that lets a percentile be from where it was seen. */
#include <math.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/real.h"
#include "sentinel/measure/compare.h"

/* A block's part in its side's percentile: how many more of its values lie above than there would be if all blocks were alike.
 * A percentile of the whole moves with the sum of these (its influence function). */
struct parts {
    double part[SN_BLOCKS_MAX];
    uint32_t len;
};

static void find_parts_above(const struct sn_blocks *blocks, uint32_t bucket, struct parts *parts) {
    double above = 0, all = 0;
    parts->len = blocks->len;
    for (uint32_t i = 0; i < blocks->len; i++) {
        parts->part[i] = blocks->total[i] - sn_blocks_upto(blocks, i, bucket);
        above += parts->part[i];
        all += blocks->total[i];
    }
    for (uint32_t i = 0; i < blocks->len; i++) parts->part[i] -= above / all * blocks->total[i];
}

static uint32_t bucket_of(const struct sn_blocks *blocks, double p) {
    uint32_t bucket;
    sn_blocks_percentiles(blocks, NULL, &p, 1, &bucket);
    return bucket;
}

static double covariance(const struct parts *parts, uint32_t lag) {
    double sum = 0;
    for (uint32_t i = 0; i + lag < parts->len; i++) sum += parts->part[i] * parts->part[i + lag];
    return sum;
}

/* Correlations at lags 0 to `lags`, of both sides together: each is weighed by how much it varies. */
static bool correlate(const struct parts parts[2], uint32_t lags, double correlations[]) {
    double variance = covariance(&parts[0], 0) + covariance(&parts[1], 0);
    if (!(variance > 0)) return false;
    for (uint32_t lag = 0; lag <= lags; lag++)
        correlations[lag] = (covariance(&parts[0], lag) + covariance(&parts[1], lag)) / variance;
    return true;
}

#define LOOKS 5u /* so many correlations in a row have to be negligible */

/* The last lag before which correlations are more than accident. */
static uint32_t last_correlated(const double correlations[], uint32_t lags, double blocks) {
    double negligible = 2 * sqrt(sn_ln(blocks) / sn_ln(10) / blocks);
    uint32_t quiet = 0;
    for (uint32_t lag = 1; lag <= lags; lag++) {
        quiet = fabs(correlations[lag]) < negligible ? quiet + 1 : 0;
        if (quiet == LOOKS) return lag - LOOKS;
    }
    return lags - quiet;
}

/* Flat, then falling to 0. */
static double window(double x) {
    if (x <= 0.5) return 1;
    return x < 1 ? 2 * (1 - x) : 0;
}

static double stretch_of(const struct sn_blocks *before, const struct sn_blocks *after, double p) {
    struct parts parts[2];
    double correlations[SN_BLOCKS_MAX];
    uint32_t len = before->len < after->len ? before->len : after->len, lags = len / 2;
    find_parts_above(before, bucket_of(before, p), &parts[0]);
    find_parts_above(after, bucket_of(after, p), &parts[1]);
    if (len < 2 * LOOKS || !correlate(parts, lags, correlations)) return 1;
    uint32_t last = last_correlated(correlations, lags, before->len + after->len), width = 2 * last;
    if (last == 0) return 1;
    if (width > lags) width = lags;
    double sum = 1, weighed = 0;
    for (uint32_t lag = 1; lag <= width; lag++) {
        double part = 2 * window((double)lag / width) * correlations[lag];
        sum += part;
        weighed += part * lag;
    }
    if (!(sum > 0) || !(weighed > 0)) return 1;
    double ratio = weighed / sum; /* its square is g²/σ⁴, and D is 4/3 of that: (2 · 3/4 · ratio² · n)^⅓ */
    return sn_exp(sn_ln(1.5 * ratio * ratio * len) / 3);
}

/* On a steady target seconds were seen to be alike for about so long; a run of a minute is too short to show that of itself. */
#define STRETCH_S_MIN 10

/* In seconds.  Correlations of both sides are put together where a lag is as long on both. */
static double stretch_s_of(const struct sn_blocks *before, const struct sn_blocks *after, double p) {
    if (before->block_seconds == after->block_seconds) return before->block_seconds * stretch_of(before, after, p);
    return fmax(before->block_seconds * stretch_of(before, before, p),
                after->block_seconds * stretch_of(after, after, p));
}

double sn_compare_stretch_s(const struct sn_blocks *before, const struct sn_blocks *after) {
    double seconds[2] = {(double)before->len * before->block_seconds, (double)after->len * after->block_seconds};
    double most = fmin(seconds[0], seconds[1]) / 3, longest = STRETCH_S_MIN;
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        if (!sn_compare_kinds[i].judged) continue;
        longest = fmax(longest, stretch_s_of(before, after, sn_compare_kinds[i].p));
    }
    return fmin(longest, most);
}

uint32_t sn_compare_stretch(const struct sn_blocks *blocks, double stretch_s) {
    double stretch = stretch_s / blocks->block_seconds;
    return stretch < 1 ? 1 : (uint32_t)stretch;
}

/* --- How far a percentile may be off ------------------------------------------------------------------------------ */

/* How much sums of so many parts that follow each other vary, for each part; the end goes on at the beginning. */
static double variance_of_sums(const struct parts *parts, uint32_t stretch) {
    double squares = 0;
    for (uint32_t i = 0; i < parts->len; i++) {
        double sum = 0;
        for (uint32_t at = i; at < i + stretch; at++) sum += parts->part[at % parts->len];
        squares += sum * sum;
    }
    return squares / parts->len / stretch;
}

/* What stretches do not see of a correlation that goes beyond them falls as one over their length, so that a third of the
 * length tells how much it is. */
static double variance_of_parts(const struct parts *parts, uint32_t stretch) {
    double varies = variance_of_sums(parts, stretch);
    if (stretch < 3) return varies;
    double unseen = (varies - variance_of_sums(parts, stretch / 3)) / 2;
    return unseen > 0 ? varies + unseen : varies;
}

/* The standard error of the share, in percent, that lies above a bucket.  Where a clock has steps a bucket may hold a large share of
 * all: what varies may be what is above it, or what is below. */
static double error_at(const struct sn_blocks *blocks, uint32_t bucket, uint32_t stretch) {
    struct parts parts;
    double stretches = (double)blocks->len / stretch, all = (double)sn_blocks_upto_in_all(blocks, SN_HIST_BUCKETS - 1);
    find_parts_above(blocks, bucket, &parts);
    double varies = variance_of_parts(&parts, stretch);
    if (bucket > 0) {
        find_parts_above(blocks, bucket - 1, &parts);
        varies = fmax(varies, variance_of_parts(&parts, stretch));
    }
    return 100 * sqrt(blocks->len * varies * stretches / (stretches - 1)) / all;
}

/* The lowest bucket that so many errors do not part from the percentile, each with the error of its own share: where values rise
 * through a run the low ones are few and early, however much the share above the middle swings. */
static uint32_t lowest_bucket(const struct sn_blocks *blocks, double p, uint32_t bucket, uint32_t stretch,
                              double errors) {
    double all = (double)sn_blocks_upto_in_all(blocks, SN_HIST_BUCKETS - 1);
    uint32_t from = 0;
    while (from < bucket) {
        uint32_t middle = from + (bucket - from) / 2;
        if (100 * (double)sn_blocks_upto_in_all(blocks, middle) / all + errors * error_at(blocks, middle, stretch) >= p)
            bucket = middle;
        else
            from = middle + 1;
    }
    return bucket;
}

void sn_compare_reach(const struct sn_blocks *blocks, double p, uint32_t stretch, double errors, uint32_t *low_us,
                      uint32_t *high_us) {
    SN_ASSERT(blocks->len > stretch);
    uint32_t bucket = bucket_of(blocks, p);
    double off = errors * error_at(blocks, bucket, stretch);
    uint32_t low = bucket_of(blocks, p > off ? p - off : 0);
    uint32_t parted = lowest_bucket(blocks, p, bucket, stretch, errors);
    *low_us = sn_hist_bucket_mid_us(low > parted ? low : parted);
    *high_us = sn_hist_bucket_mid_us(bucket_of(blocks, p + off < 100 ? p + off : 100));
}
