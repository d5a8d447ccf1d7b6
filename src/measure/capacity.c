#include "sentinel/measure/capacity.h"

#include <math.h>
#include <string.h>

#include "sentinel/base/assert.h"

#define SIGN_BIT(sign) (1u << SN_CAPACITY_SIGN_##sign)
/* What is completed stops following where ends do, and where failures take their place. */
#define NOT_COMPLETED (SIGN_BIT(THROUGHPUT) | SIGN_BIT(FAILURES))

/* What is thought of each level. */
struct judged {
    const struct sn_capacity_level *levels;
    uint32_t len;
    bool quiet[SN_LEVELS_MAX];
    bool measured[SN_LEVELS_MAX];
    bool after[SN_LEVELS_MAX]; /* it suffers from a higher load before it, and says nothing of its own */
    uint32_t signs[SN_LEVELS_MAX];
};

static double rate(const struct sn_capacity_level *level) {
    return level->asked / level->seconds;
}

static bool usable(const struct judged *judged, uint32_t i) {
    return judged->measured[i] && !judged->after[i];
}

static bool has_p95(const struct sn_capacity_level *level) {
    return level->cell->counted >= SN_CAPACITY_COUNT_MIN;
}

static bool bad(const struct judged *judged, uint32_t i, uint32_t signs) {
    return (judged->signs[i] & signs) != 0;
}

/* --- Medians ------------------------------------------------------------------------------------------------- */

static double median(double values[], uint32_t len) {
    for (uint32_t i = 1; i < len; i++) {
        double value = values[i];
        uint32_t at = i;
        for (; at > 0 && values[at - 1] > value; at--) values[at] = values[at - 1];
        values[at] = value;
    }
    return len == 0 ? 0 : len % 2 == 1 ? values[len / 2] : (values[len / 2 - 1] + values[len / 2]) / 2;
}

static double median_distance(const double values[], uint32_t len, double from) {
    double distances[SN_LEVELS_MAX];
    for (uint32_t i = 0; i < len; i++) distances[i] = fabs(values[i] - from);
    return median(distances, len);
}

/* --- The quiet level ------------------------------------------------------------------------------------------- */

static double highest_rate(const struct judged *judged) {
    double highest = 0;
    for (uint32_t i = 0; i < judged->len; i++) {
        if (judged->measured[i]) highest = fmax(highest, rate(&judged->levels[i]));
    }
    return highest;
}

/* Levels up to and with the last one of the highest load: what comes later may still suffer from that. */
static uint32_t rising_part(const struct judged *judged, double highest) {
    uint32_t to = 0;
    for (uint32_t i = 0; i < judged->len; i++) {
        if (judged->measured[i] && rate(&judged->levels[i]) >= SN_CAPACITY_FELL * highest) to = i + 1;
    }
    return to;
}

/* The level of least load among those that are not yet marked; `to` when there is none. */
static uint32_t least(const struct judged *judged, uint32_t to) {
    uint32_t found = to;
    for (uint32_t i = 0; i < to; i++) {
        if (judged->quiet[i] || !judged->measured[i] || !has_p95(&judged->levels[i])) continue;
        if (found == to || rate(&judged->levels[i]) < rate(&judged->levels[found])) found = i;
    }
    return found;
}

/* Marks a quarter of them, those of least load, as long as they lie well below the highest. */
static uint32_t mark_quiet(struct judged *judged, double highest) {
    uint32_t to = rising_part(judged, highest), with = 0, marked = 0;
    for (uint32_t i = 0; i < to; i++) with += judged->measured[i] && has_p95(&judged->levels[i]);
    uint32_t wanted = with / SN_CAPACITY_QUIET_SHARE;
    if (wanted < SN_CAPACITY_BAD_MIN) wanted = SN_CAPACITY_BAD_MIN;
    for (; marked < wanted; marked++) {
        uint32_t i = least(judged, to);
        if (i == to || rate(&judged->levels[i]) * SN_CAPACITY_RISE > highest) break;
        judged->quiet[i] = true;
    }
    if (marked < SN_CAPACITY_BAD_MIN) memset(judged->quiet, 0, sizeof judged->quiet);
    return marked < SN_CAPACITY_BAD_MIN ? 0 : marked;
}

static double limit_of(const struct judged *judged) {
    double values[SN_LEVELS_MAX];
    uint32_t len = 0;
    for (uint32_t i = 0; i < judged->len; i++) {
        if (judged->quiet[i]) values[len++] = judged->levels[i].cell->p95_us;
    }
    if (len == 0) return 0;
    double quiet = median(values, len), spread = median_distance(values, len, quiet);
    return fmax(SN_CAPACITY_SLOWER * quiet, quiet + fmax(SN_CAPACITY_SLOWER_US, SN_CAPACITY_SPREAD * spread));
}

/* --- Figures over levels --------------------------------------------------------------------------------------- */

static struct sn_capacity_figures figures(const struct judged *judged, const bool chosen[]) {
    struct sn_capacity_figures sum = {0};
    double values[SN_LEVELS_MAX], failed = 0, throttled = 0;
    uint32_t len = 0;
    for (uint32_t i = 0; i < judged->len; i++) {
        const struct sn_level_cell *cell = judged->levels[i].cell;
        if (!chosen[i]) continue;
        if (has_p95(&judged->levels[i])) values[len++] = cell->p95_us;
        sum.ended += cell->ended;
        sum.service_us += (double)cell->service_us * cell->ended;
        sum.sql_us += (double)cell->sql_us * cell->ended;
        failed += cell->failed;
        throttled += cell->throttled;
    }
    sum.p95_us = median(values, len);
    if (sum.ended == 0) return sum;
    sum.service_us /= (double)sum.ended;
    sum.sql_us /= (double)sum.ended;
    sum.failed_share = failed / (double)sum.ended;
    sum.throttled_share = throttled / (double)sum.ended;
    return sum;
}

/* --- Signs ------------------------------------------------------------------------------------------------------ */

/* What calls take when nothing slows them down. */
static double least_service_us(const struct judged *judged) {
    double least_us = INFINITY;
    for (uint32_t i = 0; i < judged->len; i++) {
        const struct sn_level_cell *cell = judged->levels[i].cell;
        if (judged->measured[i] && cell->ended > 0) least_us = fmin(least_us, cell->service_us);
    }
    return isfinite(least_us) ? least_us : 0;
}

/* How long an operation is under way in quiet times.  That is longer than its calls where it thinks between them; but those
 * that came due and have not ended are as many as come due in that time (Little's law). */
static double quiet_way_s(const struct judged *judged) {
    double under_way = 0, way_s = INFINITY;
    for (uint32_t i = 0; i < judged->len; i++) {
        const struct sn_capacity_level *level = &judged->levels[i];
        if (level->ended < 0) return 0;
        under_way += level->asked - level->ended;
        if (judged->quiet[i]) way_s = fmin(way_s, under_way / rate(level));
    }
    return isfinite(way_s) ? fmax(way_s, 0) : 0;
}

/* A load that rises has ever more under way than it had in quiet times, and how many of them end in a level varies by itself:
 * by so much what ends may lag behind what came due. */
static bool lags_behind(const struct judged *judged, uint32_t i, double quiet_s, double least_s) {
    const struct sn_capacity_level *level = &judged->levels[i];
    bool follows = i > 0 && judged->levels[i - 1].seconds > 0;
    if (level->ended < 0) return false;
    double more = fmax(0, rate(level) - (follows ? rate(&judged->levels[i - 1]) : 0)) * quiet_s;
    double under_way = level->ended / level->seconds * fmax(quiet_s, least_s);
    double missing = level->asked - level->ended - more;
    return missing > SN_CAPACITY_BEHIND * level->asked + SN_CAPACITY_CHANCE * sqrt(2 * under_way + 1);
}

static bool fails(const struct sn_level_cell *cell, double quiet_share) {
    double allowed = (quiet_share + SN_CAPACITY_FAILED) * cell->ended;
    return cell->failed > allowed + SN_CAPACITY_CHANCE * sqrt(allowed);
}

static void find_signs(struct judged *judged, const struct sn_capacity *result) {
    double quiet_s = quiet_way_s(judged), least_s = least_service_us(judged) / 1e6;
    for (uint32_t i = 0; i < judged->len; i++) {
        const struct sn_capacity_level *level = &judged->levels[i];
        if (!judged->measured[i]) continue;
        bool slow = result->limit_us > 0 && has_p95(level) && level->cell->p95_us > result->limit_us;
        if (slow) judged->signs[i] |= SIGN_BIT(RESPONSE);
        if (lags_behind(judged, i, quiet_s, least_s)) judged->signs[i] |= SIGN_BIT(THROUGHPUT);
        if (fails(level->cell, result->quiet.failed_share)) judged->signs[i] |= SIGN_BIT(FAILURES);
    }
}

/* A bad level with less load than its bad stretch has had before is bad because of that. */
static void find_after(struct judged *judged) {
    double highest = 0; /* of the stretch */
    for (uint32_t i = 0; i < judged->len; i++) {
        if (!judged->measured[i]) continue;
        double here = rate(&judged->levels[i]);
        if (judged->signs[i] == 0) {
            highest = 0;
        } else {
            judged->after[i] = here < SN_CAPACITY_FELL * highest;
            highest = fmax(highest, here);
        }
    }
}

/* --- For good ---------------------------------------------------------------------------------------------------- */

static uint32_t next_higher(const struct judged *judged, double above) {
    uint32_t found = judged->len;
    for (uint32_t i = 0; i < judged->len; i++) {
        if (!usable(judged, i) || rate(&judged->levels[i]) <= above) continue;
        if (found == judged->len || rate(&judged->levels[i]) < rate(&judged->levels[found])) found = i;
    }
    return found;
}

/* Whether nearly all levels with this load or more show one of these signs, and the next higher one does. */
static bool for_good(const struct judged *judged, double from_per_s, uint32_t signs) {
    uint32_t of = 0, bads = 0, next = next_higher(judged, from_per_s);
    for (uint32_t i = 0; i < judged->len; i++) {
        if (!usable(judged, i) || rate(&judged->levels[i]) < from_per_s) continue;
        of += 1;
        bads += bad(judged, i, signs);
    }
    if (next < judged->len && !bad(judged, next, signs)) return false;
    return bads >= SN_CAPACITY_BAD_MIN && bads >= SN_CAPACITY_GOOD * of;
}

/* The level with the least load from which on all is bad for good; `len` when there is none. */
static uint32_t first_for_good(const struct judged *judged, uint32_t signs) {
    uint32_t found = judged->len;
    for (uint32_t i = 0; i < judged->len; i++) {
        double here = rate(&judged->levels[i]);
        if (!usable(judged, i) || !bad(judged, i, signs)) continue;
        if (found < judged->len && rate(&judged->levels[found]) <= here) continue;
        if (for_good(judged, here, signs)) found = i;
    }
    return found;
}

static double highest_below(const struct judged *judged, double below_per_s) {
    double highest = 0;
    for (uint32_t i = 0; i < judged->len; i++) {
        double here = rate(&judged->levels[i]);
        if (usable(judged, i) && here < below_per_s && judged->signs[i] == 0) highest = fmax(highest, here);
    }
    return highest;
}

/* --- What it carries ---------------------------------------------------------------------------------------------- */

/* A target that completes less and less under too much load has carried more before. */
static void find_carried(const struct judged *judged, struct sn_capacity *result) {
    double values[SN_LEVELS_MAX], before = 0;
    uint32_t len = 0, first = first_for_good(judged, NOT_COMPLETED);
    if (first == judged->len || judged->levels[first].ended < 0) return;
    result->behind_per_s = rate(&judged->levels[first]);
    for (uint32_t i = 0; i < judged->len; i++) {
        const struct sn_capacity_level *level = &judged->levels[i];
        if (!usable(judged, i)) continue;
        double completed_per_s = level->completed / level->seconds;
        if (rate(level) >= result->behind_per_s && bad(judged, i, NOT_COMPLETED)) values[len++] = completed_per_s;
        if (rate(level) < result->behind_per_s && judged->signs[i] == 0) before = fmax(before, completed_per_s);
    }
    result->carried_per_s = fmax(median(values, len), before);
}

static enum sn_symptom symptom_of(const struct sn_capacity *result) {
    const struct sn_capacity_figures *quiet = &result->quiet, *beyond = &result->beyond;
    if (beyond->throttled_share > quiet->throttled_share + SN_CAPACITY_FAILED) return SN_SYMPTOM_THROTTLING;
    if (beyond->failed_share > quiet->failed_share + SN_CAPACITY_FAILED) return SN_SYMPTOM_ERRORS;
    if (quiet->ended == 0) return SN_SYMPTOM_NONE; /* nothing to compare with */
    if (beyond->service_us <= SN_CAPACITY_WALL * quiet->service_us + SN_CAPACITY_WALL_US) return SN_SYMPTOM_SLOTS;
    if (beyond->sql_us <= 0) return SN_SYMPTOM_SLOWER;
    double wall_us = beyond->service_us - quiet->service_us, sql_us = beyond->sql_us - quiet->sql_us;
    return 2 * sql_us <= wall_us ? SN_SYMPTOM_QUEUEING : SN_SYMPTOM_STATEMENTS;
}

static enum sn_capacity_sign first_sign(uint32_t signs) {
    if (signs & SIGN_BIT(RESPONSE)) return SN_CAPACITY_SIGN_RESPONSE;
    return signs & SIGN_BIT(FAILURES) ? SN_CAPACITY_SIGN_FAILURES : SN_CAPACITY_SIGN_THROUGHPUT;
}

/* --- Recovery ------------------------------------------------------------------------------------------------------ */

static double end_s(const struct sn_capacity_level *level) {
    return level->from_s + level->seconds;
}

static void find_recovery(const struct judged *judged, struct sn_capacity *result) {
    struct sn_recovery *recovery = &result->recovery;
    uint32_t last = judged->len, well = judged->len; /* the last level of too much load; the first that stays well */
    for (uint32_t i = 0; i < judged->len; i++) {
        const struct sn_capacity_level *level = &judged->levels[i];
        if (!judged->measured[i]) continue;
        if (judged->signs[i] != 0) well = judged->len;
        if (usable(judged, i) && judged->signs[i] != 0 && rate(level) >= result->from_per_s) last = i;
        if (last < judged->len && judged->signs[i] == 0 && well == judged->len) well = i;
    }
    for (uint32_t i = last + 1; i < judged->len; i++) recovery->asked = recovery->asked || judged->measured[i];
    if (!recovery->asked) return;
    recovery->watched_s = end_s(&judged->levels[judged->len - 1]) - end_s(&judged->levels[last]);
    recovery->recovered = well < judged->len;
    if (recovery->recovered) recovery->within_s = end_s(&judged->levels[well]) - end_s(&judged->levels[last]);
}

/* --- All together --------------------------------------------------------------------------------------------------- */

/* Where the highest loads are bad, but too few of them to be sure, it is not said that the limit lies above. */
static bool carried_the_highest(const struct judged *judged, double highest) {
    uint32_t of = 0, bads = 0;
    for (uint32_t i = 0; i < judged->len; i++) {
        if (!usable(judged, i) || rate(&judged->levels[i]) < SN_CAPACITY_FELL * highest) continue;
        of += 1;
        bads += judged->signs[i] != 0;
    }
    return bads * 2 <= of;
}

static void find_what_is_behind(const struct judged *judged, uint32_t first, struct sn_capacity *result) {
    bool chosen[SN_LEVELS_MAX] = {0};
    result->outcome = SN_CAPACITY_FOUND;
    result->from_per_s = rate(&judged->levels[first]);
    result->well_per_s = highest_below(judged, result->from_per_s);
    result->sign = first_sign(judged->signs[first]);
    for (uint32_t i = 0; i < judged->len; i++)
        chosen[i] = usable(judged, i) && judged->signs[i] != 0 && rate(&judged->levels[i]) >= result->from_per_s;
    result->beyond = figures(judged, chosen);
    result->symptom = symptom_of(result);
    find_carried(judged, result);
    find_recovery(judged, result);
}

void sn_capacity_judge(const struct sn_capacity_level levels[], uint32_t len, struct sn_capacity *result) {
    struct judged judged = {.levels = levels, .len = len};
    SN_ASSERT(len <= SN_LEVELS_MAX);
    memset(result, 0, sizeof *result);
    for (uint32_t i = 0; i < len; i++) {
        bool enough = levels[i].ended >= 0 && levels[i].asked >= SN_CAPACITY_COUNT_MIN;
        judged.measured[i] = levels[i].seconds > 0 && (has_p95(&levels[i]) || enough);
        result->levels += judged.measured[i];
    }
    result->highest_per_s = highest_rate(&judged);
    if (result->levels < SN_CAPACITY_LEVELS_MIN) return;
    mark_quiet(&judged, result->highest_per_s);
    result->limit_us = limit_of(&judged);
    result->quiet = figures(&judged, judged.quiet);
    find_signs(&judged, result);
    find_after(&judged);
    uint32_t first = first_for_good(&judged, UINT32_MAX);
    if (first < len)
        find_what_is_behind(&judged, first, result);
    else if (carried_the_highest(&judged, result->highest_per_s))
        result->outcome = SN_CAPACITY_ABOVE;
}

double sn_capacity_per_s(const struct sn_capacity *capacity) {
    return capacity->carried_per_s > 0 ? capacity->carried_per_s : capacity->from_per_s;
}

/* --- Names ----------------------------------------------------------------------------------------------------------- */

const char *sn_capacity_outcome_name(enum sn_capacity_outcome outcome) {
    static const char *const names[] = {"unknown", "above", "found"};
    return names[outcome];
}

const char *sn_capacity_sign_name(enum sn_capacity_sign sign) {
    static const char *const names[] = {
#define SN_X(name, text) [SN_CAPACITY_SIGN_##name] = text,
        SN_CAPACITY_SIGN_LIST(SN_X)
#undef SN_X
    };
    return names[sign];
}

const char *sn_symptom_name(enum sn_symptom symptom) {
    static const char *const names[] = {
#define SN_X(name, text) [SN_SYMPTOM_##name] = text,
        SN_SYMPTOM_LIST(SN_X)
#undef SN_X
    };
    return names[symptom];
}
