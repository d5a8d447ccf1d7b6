#include "sentinel/measure/history.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/measure/student.h"

/* A candidate need not be sure: only what it is in the end, between its neighbours, decides. */
#define P_CANDIDATE (10 * SN_HISTORY_P_MAX)

static double mean(const double values[], uint32_t from, uint32_t to) {
    double sum = 0;
    for (uint32_t i = from; i < to; i++) sum += values[i];
    return sum / (to - from);
}

static double squares(const double values[], uint32_t from, uint32_t to, double about) {
    double sum = 0;
    for (uint32_t i = from; i < to; i++) sum += (values[i] - about) * (values[i] - about);
    return sum;
}

/* What is less than this share of a level is rounding, not spread. */
#define ROUNDING 1e-12

/* Student's t-test of two samples with one variance: [from, at) against [at, to). */
static struct sn_history_change test(const double values[], uint32_t from, uint32_t at, uint32_t to) {
    struct sn_history_change change = {at, mean(values, from, at), mean(values, at, to), 1};
    double n = at - from, m = to - at, off = fabs(change.after - change.before);
    double spread = squares(values, from, at, change.before) + squares(values, at, to, change.after);
    double error = sqrt(spread / (n + m - 2) * (1 / n + 1 / m));
    double level = fmax(fabs(change.before), fabs(change.after)) * ROUNDING;
    if (off <= level) return change;
    change.p = error <= level ? 0 : sn_student_p(off / error, n + m - 2);
    return change;
}

/* --- Candidates ---------------------------------------------------------------------------------------------- */

/* Sums of distances of pairs: within the left side, within the right one, and between both. */
struct distances {
    double left, right, between;
};

static double distances_to(const double values[], uint32_t from, uint32_t to, double value) {
    double sum = 0;
    for (uint32_t i = from; i < to; i++) sum += fabs(values[i] - value);
    return sum;
}

/* How far apart the sides are: twice the mean distance between them, less those within each, weighed by their lengths. */
static double energy(const struct distances *sums, double n, double m) {
    double left = n > 1 ? 2 * sums->left / (n * (n - 1)) : 0, right = m > 1 ? 2 * sums->right / (m * (m - 1)) : 0;
    return n * m / (n + m) * (2 * sums->between / (n * m) - left - right);
}

/* The split of [from, to) whose sides differ most, each with SN_HISTORY_SEGMENT_MIN values; `from` where none differ.  Value by value
 * goes over from the right side to the left. */
static uint32_t best_split(const double values[], uint32_t from, uint32_t to) {
    struct distances sums = {0, 0, 0};
    double most = 0;
    uint32_t best = from;
    for (uint32_t i = from; i < to; i++) sums.right += distances_to(values, from, i, values[i]);
    for (uint32_t at = from + 1; at + SN_HISTORY_SEGMENT_MIN <= to; at++) {
        double to_left = distances_to(values, from, at - 1, values[at - 1]);
        double to_right = distances_to(values, at, to, values[at - 1]);
        sums.left += to_left;
        sums.right -= to_right;
        sums.between += to_right - to_left;
        if (at < from + SN_HISTORY_SEGMENT_MIN) continue;
        double apart = energy(&sums, at - from, to - at);
        if (apart > most) {
            most = apart;
            best = at;
        }
    }
    return best;
}

/* A bit for each value: whether it begins something new. */
struct candidates {
    uint8_t bits[(SN_HISTORY_MAX + 7) / 8];
};

/* At most a window long, so a list of what is still to be looked at needs no more places than there are splits. */
static void search(const double values[], uint32_t from, uint32_t to, struct candidates *found) {
    struct {
        uint32_t from, to;
    } left[SN_HISTORY_WINDOW];
    uint32_t len = 0;
    left[len].from = from;
    left[len++].to = to;
    while (len > 0) {
        uint32_t begin = left[--len].from, end = left[len].to;
        uint32_t at = best_split(values, begin, end);
        if (at == begin || test(values, begin, at, end).p > P_CANDIDATE) continue;
        found->bits[at / 8] |= (uint8_t)(1u << at % 8);
        left[len].from = begin;
        left[len++].to = at;
        left[len].from = at;
        left[len++].to = end;
    }
}

/* --- What holds ---------------------------------------------------------------------------------------------- */

static bool large(const struct sn_history_change *change) {
    return fabs(change->after - change->before) >= SN_HISTORY_MAGNITUDE_MIN * fabs(change->before);
}

/* How ill a change holds: 0 when it does.  What may be an accident goes before what is too small. */
static double weakness(const struct sn_history_change *change) {
    if (change->p > SN_HISTORY_P_MAX) return 2 + change->p;
    if (large(change)) return 0;
    return 2 - fabs(change->after - change->before) / (SN_HISTORY_MAGNITUDE_MIN * fabs(change->before));
}

static void test_between(const double values[], uint32_t len, struct sn_history_change changes[], uint32_t found,
                         uint32_t i) {
    if (i >= found) return;
    uint32_t from = i > 0 ? changes[i - 1].index : 0, to = i + 1 < found ? changes[i + 1].index : len;
    changes[i] = test(values, from, changes[i].index, to);
}

/* Takes out the weakest, one at a time: its neighbours then have more values to hold against. */
static uint32_t keep(const double values[], uint32_t len, struct sn_history_change changes[], uint32_t found) {
    for (uint32_t i = 0; i < found; i++) test_between(values, len, changes, found, i);
    for (;;) {
        uint32_t weakest = 0;
        for (uint32_t i = 1; i < found; i++)
            if (weakness(&changes[i]) > weakness(&changes[weakest])) weakest = i;
        if (found == 0 || weakness(&changes[weakest]) <= 0) return found;
        found--;
        memmove(&changes[weakest], &changes[weakest + 1], (found - weakest) * sizeof changes[0]);
        test_between(values, len, changes, found, weakest);
        if (weakest > 0) test_between(values, len, changes, found, weakest - 1);
    }
}

/* Windows find one and the same change a value apart: of two that are too near to each other the one that differs more stays. */
static uint32_t collect(const double values[], uint32_t len, const struct candidates *candidates,
                        struct sn_history_change changes[]) {
    uint32_t found = 0, last = 0;
    for (uint32_t at = SN_HISTORY_SEGMENT_MIN; at + SN_HISTORY_SEGMENT_MIN <= len; at++) {
        if ((candidates->bits[at / 8] >> at % 8 & 1) == 0) continue;
        if (found > 0 && at - changes[found - 1].index < SN_HISTORY_SEGMENT_MIN) {
            uint32_t end = at + SN_HISTORY_WINDOW < len ? at + SN_HISTORY_WINDOW : len;
            uint32_t split = best_split(values, last, end);
            if (split == at) changes[found - 1].index = at;
            continue;
        }
        if (found > 0) last = changes[found - 1].index;
        changes[found++].index = at;
    }
    return found;
}

uint32_t sn_history(const double values[], uint32_t len, struct sn_history_change changes[]) {
    struct candidates candidates = {0};
    SN_ASSERT(len <= SN_HISTORY_MAX);
    for (uint32_t from = 0; from < len; from += SN_HISTORY_WINDOW / 2) {
        uint32_t to = from + SN_HISTORY_WINDOW < len ? from + SN_HISTORY_WINDOW : len;
        search(values, from, to, &candidates);
        if (to == len) break;
    }
    return keep(values, len, changes, collect(values, len, &candidates, changes));
}
