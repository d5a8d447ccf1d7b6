#include "sentinel/measure/compare.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hist_code.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/random.h"
#include "sentinel/base/real.h"
#include "sentinel/measure/student.h"

const struct sn_compare_kind sn_compare_kinds[] = {
#define SN_X(p, floor, chance, judged) {#p, p, floor, chance, judged},
    SN_COMPARE_LIST(SN_X)
#undef SN_X
};
_Static_assert(sizeof sn_compare_kinds / sizeof *sn_compare_kinds == SN_COMPARE_PERCENTILES,
               "as many as there is room for");

#define OUTSIDE 0.025            /* of the draws beyond each end of an interval */
#define NORMAL 1.959963984540054 /* of a normal distribution as much lies beyond it */
#define ERRORS 3.0               /* standard errors that an interval reaches, where NORMAL would be usual */
#define SAMPLES_MIN 10u
#define STRETCHES_MIN 3.0

void sn_compare_buckets(const struct sn_blocks *blocks, const uint32_t *weights,
                        uint32_t buckets[SN_COMPARE_PERCENTILES]) {
    double p[SN_COMPARE_PERCENTILES];
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) p[i] = sn_compare_kinds[i].p;
    sn_blocks_percentiles(blocks, weights, p, SN_COMPARE_PERCENTILES, buckets);
}

const char *sn_change_name(enum sn_change change) {
    static const char *const names[] = {
#define SN_X(name, text) [SN_CHANGE_##name] = text,
        SN_CHANGE_LIST(SN_X)
#undef SN_X
    };
    return names[change];
}

const char *sn_doubt_text(enum sn_doubt doubt) {
    static const char *const texts[] = {
#define SN_X(name, text) [SN_DOUBT_##name] = text,
        SN_DOUBT_LIST(SN_X)
#undef SN_X
    };
    return texts[doubt];
}

enum sn_change sn_change_worst(enum sn_change a, enum sn_change b) {
    return a > b ? a : b;
}

/* --- Drawing again ---------------------------------------------------------------------------------------------- */

/* How often each block is drawn: stretches that begin anywhere, and go on at the beginning where they reach the end. */
static void draw_stretches(struct sn_rng *rng, uint32_t len, uint32_t stretch, uint32_t weights[SN_BLOCKS_MAX]) {
    memset(weights, 0, SN_BLOCKS_MAX * sizeof weights[0]);
    for (uint32_t drawn = 0; drawn < len;) {
        uint32_t at = sn_rng_below(rng, len);
        for (uint32_t i = 0; i < stretch && drawn < len; i++, drawn++) weights[(at + i) % len]++;
    }
}

/* The hash of what was drawn from. */
static uint64_t draw_side(const struct sn_blocks *blocks, uint32_t stretch,
                          uint32_t us[SN_COMPARE_PERCENTILES][SN_COMPARE_DRAWS]) {
    uint64_t seed = sn_blocks_hash(blocks);
    for (uint32_t draw = 0; draw < SN_COMPARE_DRAWS; draw++) {
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_AGAIN, draw);
        uint32_t weights[SN_BLOCKS_MAX], buckets[SN_COMPARE_PERCENTILES];
        draw_stretches(&rng, blocks->len, stretch, weights);
        sn_compare_buckets(blocks, weights, buckets);
        for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) us[i][draw] = sn_hist_bucket_mid_us(buckets[i]);
    }
    return seed;
}

/* --- One percentile ---------------------------------------------------------------------------------------------- */

static double ratio_of(uint32_t before_us, uint32_t after_us) {
    return (double)(after_us > 0 ? after_us : 1) / (double)(before_us > 0 ? before_us : 1);
}

static int compare_numbers(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* What is known of both runs together. */
struct pair {
    const struct sn_blocks *before, *after;
    const struct sn_compare_options *options;
    uint32_t stretch[2]; /* blocks that are drawn together */
    double stretches[2]; /* that there are on each side */
    double widening;
    bool reach; /* whether sn_compare_reach() is asked too */
};

static double larger(double a, double b) {
    return a > b ? a : b;
}

static double drawn_factor(const struct pair *pair, struct sn_compare_room *room, uint32_t index, double ratio) {
    const uint32_t outside = (uint32_t)(OUTSIDE * SN_COMPARE_DRAWS);
    for (uint32_t i = 0; i < SN_COMPARE_DRAWS; i++)
        room->ratios[i] = ratio_of(room->us[0][index][i], room->us[1][index][i]);
    qsort(room->ratios, SN_COMPARE_DRAWS, sizeof room->ratios[0], compare_numbers);
    double down = ratio / room->ratios[outside], up = room->ratios[SN_COMPARE_DRAWS - 1 - outside] / ratio;
    double away = larger(larger(down, up), 1); /* a side that had no burst does not know that there are bursts */
    return sn_exp(pair->widening * sn_ln(away));
}

static double together(double a, double b) {
    return sn_exp(sqrt(sn_ln(a) * sn_ln(a) + sn_ln(b) * sn_ln(b)));
}

static void find_interval(const struct pair *pair, struct sn_compare_room *room, uint32_t index,
                          struct sn_compare_percentile *one) {
    double down = drawn_factor(pair, room, index, one->ratio), up = down;
    if (pair->reach) {
        double errors = sn_student_t(sn_compare_kinds[index].chance, pair->stretches[0] + pair->stretches[1] - 2);
        uint32_t low_us[2], high_us[2];
        sn_compare_reach(pair->before, one->p, pair->stretch[0], errors, &low_us[0], &high_us[0]);
        sn_compare_reach(pair->after, one->p, pair->stretch[1], errors, &low_us[1], &high_us[1]);
        down = larger(down, together(ratio_of(low_us[1], one->after_us), ratio_of(one->before_us, high_us[0])));
        up = larger(up, together(ratio_of(one->after_us, high_us[1]), ratio_of(low_us[0], one->before_us)));
    }
    one->low = one->ratio / down;
    one->high = one->ratio * up;
}

static uint32_t bucket_width_us(uint32_t value_us) {
    uint32_t bucket = sn_hist_bucket(value_us);
    return bucket + 1 < SN_HIST_BUCKETS ? sn_hist_bucket_low_us(bucket + 1) - sn_hist_bucket_low_us(bucket)
                                        : UINT32_MAX;
}

/* A difference of one bucket, or of one step of the clock, is none: in parts of the smaller value, which is the one that it is
 * added to whichever run came first. */
static double floor_of(const struct pair *pair, uint32_t index, const struct sn_compare_percentile *one) {
    uint32_t less = one->before_us < one->after_us ? one->before_us : one->after_us;
    uint32_t more = one->before_us < one->after_us ? one->after_us : one->before_us;
    uint32_t width_us = bucket_width_us(more), step_us = pair->options->clock_step_us;
    double least = (double)(width_us > step_us ? width_us : step_us) / (less > 0 ? less : 1);
    double spread = 2 * pair->options->spreads[index], wide = sn_compare_kinds[index].floor;
    if (spread > wide) wide = spread;
    return least > wide ? least : wide;
}

static enum sn_change change_of(const struct sn_compare_percentile *one) {
    double above = 1 + one->floor, below = 1 / above;
    if (one->ratio > above && one->low > 1) return SN_CHANGE_SLOWER;
    if (one->ratio < below && one->high < 1) return SN_CHANGE_FASTER;
    if (one->low >= below && one->high <= above) return SN_CHANGE_SAME;
    return SN_CHANGE_INCONCLUSIVE;
}

/* An interval is about as wide as one over the root of the run's length.  Beyond the floor it has to leave out 1, within it to
 * stay within: the end that is out by most says how much narrower it has to be. */
static double seconds_by_width(const struct pair *pair, const struct sn_compare_percentile *one) {
    double ratio = fabs(sn_ln(one->ratio)), edge = sn_ln(1 + one->floor),
           wide = sn_ln(larger(one->high / one->ratio, one->ratio / one->low));
    double room = ratio > edge ? ratio : edge - ratio;
    uint32_t seconds = pair->before->seconds < pair->after->seconds ? pair->before->seconds : pair->after->seconds;
    return room > 0 ? seconds * (wide / room) * (wide / room) : (double)INFINITY;
}

static double seconds_by_samples(const struct sn_blocks *blocks, double p) {
    double needed = SAMPLES_MIN * 100 / (100 - p) + 1;
    return blocks->count == 0 ? (double)INFINITY : blocks->seconds * needed / (double)blocks->count;
}

/* A run that lacks something needs at least the most that it lacks. */
static double settled_s(const struct pair *pair, const struct sn_compare_percentile *one) {
    double samples = larger(seconds_by_samples(pair->before, one->p), seconds_by_samples(pair->after, one->p));
    double least = larger(samples, SN_COMPARE_INTERVALS_MIN);
    for (int side = 0; side < 2; side++) {
        const struct sn_blocks *blocks = side == 0 ? pair->before : pair->after;
        if (pair->stretches[side] > 0) least = larger(least, blocks->seconds * STRETCHES_MIN / pair->stretches[side]);
    }
    least = ceil(one->doubt == SN_DOUBT_WIDTH ? larger(least, seconds_by_width(pair, one)) : least);
    return least <= SN_BLOCKS_SECONDS_MAX ? least : (double)INFINITY;
}

static bool has_samples(const struct sn_blocks *blocks, double p) {
    return blocks->count - sn_hist_rank(blocks->count, p) >= SAMPLES_MIN;
}

static enum sn_doubt doubt_of(const struct pair *pair, const struct sn_compare_percentile *one) {
    const struct sn_blocks *before = pair->before, *after = pair->after;
    if (before->intervals < SN_COMPARE_INTERVALS_MIN || after->intervals < SN_COMPARE_INTERVALS_MIN)
        return SN_DOUBT_INTERVALS;
    if (!has_samples(before, one->p) || !has_samples(after, one->p)) return SN_DOUBT_SAMPLES;
    if (pair->stretches[0] < STRETCHES_MIN || pair->stretches[1] < STRETCHES_MIN) return SN_DOUBT_STRETCHES;
    return SN_DOUBT_NONE;
}

static void judge(const struct pair *pair, struct sn_compare_room *room, uint32_t index,
                  struct sn_compare_percentile *one) {
    one->ratio = ratio_of(one->before_us, one->after_us);
    find_interval(pair, room, index, one);
    one->floor = floor_of(pair, index, one);
    one->doubt = doubt_of(pair, one);
    one->change = one->doubt == SN_DOUBT_NONE ? change_of(one) : SN_CHANGE_INCONCLUSIVE;
    if (one->change == SN_CHANGE_INCONCLUSIVE && one->doubt == SN_DOUBT_NONE) one->doubt = SN_DOUBT_WIDTH;
    if (one->change == SN_CHANGE_INCONCLUSIVE) one->settled_s = settled_s(pair, one);
}

/* --- Effect sizes ------------------------------------------------------------------------------------------------- */

/* Both from one walk over the two cumulative distributions, bucket by bucket; ties count a half (Vargha and Delaney 2000). */
static void find_effects(const struct sn_blocks *before, const struct sn_blocks *after,
                         struct sn_compare_result *result) {
    double last_before = 0, last_after = 0, slower = 0, most = 0;
    double all_before = (double)sn_blocks_upto_in_all(before, SN_HIST_BUCKETS - 1);
    double all_after = (double)sn_blocks_upto_in_all(after, SN_HIST_BUCKETS - 1);
    for (uint32_t bucket = 0; bucket < SN_HIST_BUCKETS; bucket++) {
        double to_before = (double)sn_blocks_upto_in_all(before, bucket) / all_before;
        double to_after = (double)sn_blocks_upto_in_all(after, bucket) / all_after;
        slower += (to_after - last_after) * (last_before + to_before) / 2;
        most = larger(most, fabs(to_after - to_before));
        last_before = to_before;
        last_after = to_after;
    }
    result->a12 = slower;
    result->ks = most;
}

/* --- The whole ---------------------------------------------------------------------------------------------------- */

/* The mean of a few varies by more than they do among themselves, and how much they do is itself not known well. */
static double widening(double before, double after) {
    double fewest = before < after ? before : after;
    double freedom = before + after - 2;
    if (fewest < STRETCHES_MIN) return 1; /* nothing is concluded from it */
    return sn_student_t(2 * OUTSIDE, freedom) / NORMAL * sqrt(fewest / (fewest - 1)) * (ERRORS / NORMAL);
}

static void begin(struct sn_compare_result *result) {
    memset(result, 0, sizeof *result);
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        result->percentiles[i] = (struct sn_compare_percentile){
            .p = sn_compare_kinds[i].p,
            .judged = sn_compare_kinds[i].judged,
            .change = SN_CHANGE_INCONCLUSIVE,
            .doubt = SN_DOUBT_INTERVALS,
            .ratio = 1,
            .high = (double)INFINITY,
            .floor = sn_compare_kinds[i].floor,
            .settled_s = (double)INFINITY,
        };
    }
    result->change = SN_CHANGE_INCONCLUSIVE;
    result->a12 = 0.5;
}

void sn_compare(const struct sn_blocks *before, const struct sn_blocks *after, const struct sn_compare_options *options,
                struct sn_compare_room *room, struct sn_compare_result *result) {
    uint32_t found[2][SN_COMPARE_PERCENTILES];
    SN_ASSERT(before->sealed && after->sealed);
    begin(result);
    if (before->len == 0 || after->len == 0) return;
    sn_compare_buckets(before, NULL, found[0]);
    sn_compare_buckets(after, NULL, found[1]);
    struct pair pair = {.before = before, .after = after, .options = options};
    double stretch_s = sn_compare_stretch_s(before, after);
    uint64_t hashes[2];
    for (int side = 0; side < 2; side++) {
        const struct sn_blocks *blocks = side == 0 ? before : after;
        uint32_t stretch = sn_compare_stretch(blocks, stretch_s);
        hashes[side] = draw_side(blocks, stretch, room->us[side]);
        pair.stretch[side] = stretch;
        pair.stretches[side] = (double)blocks->len / stretch;
        if (stretch * blocks->block_seconds > result->stretch_s) result->stretch_s = stretch * blocks->block_seconds;
    }
    pair.widening = widening(pair.stretches[0], pair.stretches[1]);
    /* What is the same in every second is the same, and so are its draws. */
    bool copy = hashes[0] == hashes[1];
    pair.reach = !copy && pair.stretches[0] >= STRETCHES_MIN && pair.stretches[1] >= STRETCHES_MIN;
    result->change = SN_CHANGE_SAME;
    for (uint32_t i = 0; i < SN_COMPARE_PERCENTILES; i++) {
        struct sn_compare_percentile *one = &result->percentiles[i];
        one->before_us = sn_hist_bucket_mid_us(found[0][i]);
        one->after_us = sn_hist_bucket_mid_us(found[1][i]);
        one->settled_s = 0;
        judge(&pair, room, i, one);
        if (one->judged) result->change = sn_change_worst(result->change, one->change);
    }
    find_effects(before, after, result);
}

double sn_compare_spread(const uint32_t us[], uint32_t len) {
    double sum = 0, squares = 0;
    if (len < 3) return 0;
    for (uint32_t i = 0; i < len; i++) sum += sn_ln(us[i] > 0 ? us[i] : 1);
    for (uint32_t i = 0; i < len; i++) {
        double off = sn_ln(us[i] > 0 ? us[i] : 1) - sum / len;
        squares += off * off;
    }
    return sqrt(squares / (len - 1));
}

enum sn_change sn_compare_error_rate(const struct sn_compare_errors *before, const struct sn_compare_errors *after) {
    static const double floor = 0.001;
    if (before->ended == 0 || after->ended == 0) return SN_CHANGE_SAME;
    double n = (double)before->ended, m = (double)after->ended;
    double from = (double)before->failed / n, to = (double)after->failed / m;
    double all = ((double)before->failed + (double)after->failed) / (n + m);
    double error = sqrt(all * (1 - all) * (1 / n + 1 / m)), off = fabs(to - from);
    if (!(off > floor) || !(off > NORMAL * error)) return SN_CHANGE_SAME;
    return to > from ? SN_CHANGE_SLOWER : SN_CHANGE_FASTER;
}

bool sn_compare_achieved(uint64_t planned, uint64_t started) {
    return started >= planned - planned / 100;
}
