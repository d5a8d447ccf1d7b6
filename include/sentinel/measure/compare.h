/* Slower or faster than before: the verdict on two runs, percentile by percentile.
 *
 * A percentile has changed when its ratio, after ÷ before, is beyond a floor, which says what size matters, and when the interval
 * of that ratio leaves out 1, which says that it is no accident.  Neither is enough alone: with ten thousands of operations the
 * smallest difference is no accident, and a large one is nothing in a run that swings.
 *
 *     ratio    1/(1+f)    1    1+f
 *     ────────────┼───────┼─────┼────────────
 *                 │       │     │   ├──●──┤    slower: ● beyond 1 + f, and the interval above 1
 *                 │ ├──●──┤─┤   │              same: all of the interval within the floor
 *                 │     ├─┼──●──┼┤             inconclusive
 *        ├──●──┤  │       │     │              faster: the mirror of slower; 1/(1+f), so that it mirrors exactly
 *
 * The interval is the wider one, end by end, of two that see different things.  Seconds that follow each other are alike, so both
 * go by stretches of consecutive blocks (blocks.h), as long as the blocks' own correlation asks for and at least 10 s
 * (sn_compare_stretch_s()).
 *
 *   - Stretches are drawn again, with replacement, SN_COMPARE_DRAWS times on each side (Efron 1979; Künsch 1989; circular, Politis and
 *     Romano 1992): the 2.5 % and 97.5 % points of the ratios, of which the farther one, as a factor, counts on both sides, to
 *     three standard errors in place of 1.96, and as much more as Student's t is wider than a normal.  It sees bursts
 *     that only one side had.
 *   - By how much the share of operations above the percentile varies from stretch to stretch says between which other percentiles it may
 *     lie (Woodruff 1952), sn_compare_reach(); the ends of both sides come together by their squares (Zou and Donner 2008).  It sees what is
 *     beyond a gap between fast and slow operations, which draws rarely reach.
 *
 * Nothing is random: each side's draws are seeded from its own values, so the same files give the same words, and files
 * the other way around give the reciprocals. */
#ifndef SENTINEL_MEASURE_COMPARE_H
#define SENTINEL_MEASURE_COMPARE_H

#include "sentinel/measure/blocks.h"

/* From the one that is best to hear to the worst.  `inconclusive` is worse than `same`: who asks wants an answer. */
#define SN_CHANGE_LIST(X)           \
    X(SAME, "same")                 \
    X(FASTER, "faster")             \
    X(INCONCLUSIVE, "inconclusive") \
    X(SLOWER, "slower")             \
    X(INVALID, "invalid")

enum sn_change {
#define SN_X(name, text) SN_CHANGE_##name,
    SN_CHANGE_LIST(SN_X)
#undef SN_X
};

/* Why something is inconclusive. */
#define SN_DOUBT_LIST(X)                                                                         \
    X(NONE, "")                                                                                  \
    X(INTERVALS, "fewer than 30 seconds with operations on one side")                            \
    X(SAMPLES, "fewer than 10 operations above the percentile on one side")                      \
    X(STRETCHES, "seconds are so much alike that they are fewer than three of independent ones") \
    X(SECONDS, "a report tells percentiles and not seconds: how far they vary is not known")     \
    X(WIDTH, "the interval is too wide")

enum sn_doubt {
#define SN_X(name, text) SN_DOUBT_##name,
    SN_DOUBT_LIST(SN_X)
#undef SN_X
};

/* Percentile, floor of its ratio, chance of being beyond sn_compare_reach(), whether it is judged.  Ten operations in a thousand lie above p99, and
 * a chance of 0.001 would hide a tail that is three times as long from a run of a minute (tests/sim/verdicts.c). */
#define SN_COMPARE_LIST(X)   \
    X(50, 0.05, 0.001, true) \
    X(90, 0.05, 0.001, true) \
    X(99, 0.10, 0.01, true)  \
    X(99.9, 0.10, 0.01, false)

#define SN_COMPARE_PERCENTILES 4u

struct sn_compare_kind {
    const char *name; /* "99.9" */
    double p, floor, chance;
    bool judged;
};
extern const struct sn_compare_kind sn_compare_kinds[SN_COMPARE_PERCENTILES];
/* The bucket of each, as sn_blocks_percentiles() finds them. */
void sn_compare_buckets(const struct sn_blocks *blocks, const uint32_t *weights,
                        uint32_t buckets[SN_COMPARE_PERCENTILES]);

#define SN_COMPARE_DRAWS 400u
#define SN_COMPARE_INTERVALS_MIN 30u

struct sn_compare_percentile {
    double p;
    bool judged; /* whether it counts towards the whole */
    enum sn_change change;
    enum sn_doubt doubt;
    uint32_t before_us, after_us;
    double ratio, low, high; /* after ÷ before, and its interval; values of 0 µs count as 1 µs */
    double floor;            /* as it was used: 0.05 is 5 % */
    double settled_s; /* inconclusive: each run would have to be about so long, infinity where no length would do */
};

struct sn_compare_result {
    enum sn_change change; /* of the percentiles that are judged: sn_change_worst() */
    struct sn_compare_percentile percentiles[SN_COMPARE_PERCENTILES];
    double a12;         /* how likely an operation of the run after is slower than one before; 0.5: neither */
    double ks;          /* the largest distance of the two distributions, 0 to 1 */
    uint32_t stretch_s; /* seconds that were drawn together */
};

struct sn_compare_options {
    uint32_t clock_step_us;                 /* a smaller difference is none; 0: the clock has no step */
    double spreads[SN_COMPARE_PERCENTILES]; /* of baselines that were run alike, as sn_compare_spread(); 0: not known */
};

struct sn_compare_room {
    uint32_t us[2][SN_COMPARE_PERCENTILES][SN_COMPARE_DRAWS];
    double ratios[SN_COMPARE_DRAWS];
};

/* Both are sealed; one without values makes everything inconclusive. */
void sn_compare(const struct sn_blocks *before, const struct sn_blocks *after, const struct sn_compare_options *options,
                struct sn_compare_room *room, struct sn_compare_result *result);

/* Of what was found of parts, what is to be said of the whole: what is worst to hear; faster where something is, and all else the same. */
enum sn_change sn_change_worst(enum sn_change a, enum sn_change b);
const char *sn_change_name(enum sn_change change);
const char *sn_doubt_text(enum sn_doubt doubt);

/* How much runs of the same differ: the standard deviation of the logarithms of one percentile of each; 0 of fewer than three. */
double sn_compare_spread(const uint32_t us[], uint32_t len);

/* Seconds that are to be drawn together: 10 or more, but at most a third of the shorter side.  The rule of Politis and White (2004, corrected by Patton, Politis and White
 * 2009), on how many operations of each block lie above a percentile, over the correlations of both sides, or of each by itself where
 * their blocks are not as long as each other.  The largest over the percentiles that are judged. */
double sn_compare_stretch_s(const struct sn_blocks *before, const struct sn_blocks *after);
/* So many whole blocks of a side it has; at least one. */
uint32_t sn_compare_stretch(const struct sn_blocks *blocks, double stretch_s);

/* Between which values a percentile of one side may lie: those of the percentiles that are so many standard errors of the share above
 * it away; but not lower than a value whose own share above it is parted from the percentile by as many errors of that share, so that
 * the start of a run whose values rise all the time is not taken for its middle.  Errors come from how much the sums of stretches vary,
 * with what a correlation beyond a stretch adds (lugsail: Vats and Flegal 2022).  At least two stretches of blocks. */
void sn_compare_reach(const struct sn_blocks *blocks, double p, uint32_t stretch, double errors, uint32_t *low_us,
                      uint32_t *high_us);

/* --- What is judged beside response times ------------------------------------------------------------------- */

/* Operations of a run that ended, and those of them that failed. */
struct sn_compare_errors {
    uint64_t ended, failed;
};

/* Slower stands for more errors, faster for fewer: shares that differ by more than 0.1 percentage points and by more than 1.96 standard errors
 * of two proportions.  Never inconclusive. */
enum sn_change sn_compare_error_rate(const struct sn_compare_errors *before, const struct sn_compare_errors *after);

/* Whether a run did what was asked of it: at least 99 % of what was planned was started. */
bool sn_compare_achieved(uint64_t planned, uint64_t started);

#endif
