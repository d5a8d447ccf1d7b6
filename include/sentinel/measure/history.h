/* When did it change?  The points at which a series of figures, one of each run, takes another level.
 *
 *     value   ·  · ·· ·                    before: mean of the values up to the change
 *              ··  ·   ·│ ·   ·  ··        after:  mean of those from it on, up to the next
 *                       │· ·· ·· ·
 *     run     0 1 2 …   index
 *
 * E-divisive (Matteson and James 2014) looks for the split whose sides differ most, then in both sides again.  Whether a split is
 * one is said by a Student t-test in place of random permutations, and series are searched in windows, so that what is old does not
 * drown what is new: the way of Hunter, now Apache Otava (Fleming and others, arXiv 2301.03034).  A candidate has to hold
 * against the values up to its neighbours in the end, and to be of a size that matters.  The same series gives the
 * same answer.  A single value far out is no level, but among the first or last few it can pass for one. */
#ifndef SENTINEL_MEASURE_HISTORY_H
#define SENTINEL_MEASURE_HISTORY_H

#include <stdint.h>

#define SN_HISTORY_MAX 10000u     /* values of a series */
#define SN_HISTORY_WINDOW 50u     /* that are searched at a time; windows overlap by a half */
#define SN_HISTORY_SEGMENT_MIN 3u /* values between two changes */
#define SN_HISTORY_P_MAX 0.001
#define SN_HISTORY_MAGNITUDE_MIN 0.05 /* of the level before */
#define SN_HISTORY_VALUE_MAX 1e100    /* of a value without its sign: squares of it can be added up */

struct sn_history_change {
    uint32_t index;       /* of the first value at the new level, from 0 */
    double before, after; /* means on both sides, up to the next change */
    double p;             /* that an accident makes so much of a difference */
};

/* Changes in the order of the series; returns how many.  `changes` has room for len / SN_HISTORY_SEGMENT_MIN + 1, len is at most
 * SN_HISTORY_MAX, and values are finite and within SN_HISTORY_VALUE_MAX. */
uint32_t sn_history(const double values[], uint32_t len, struct sn_history_change changes[]);

#endif
