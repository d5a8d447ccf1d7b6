#include "sentinel/schedule/due.h"

#include "sentinel/base/random.h"

#define MINUTE_S 60

uint32_t sn_jitter_s(const struct sn_timing *timing, int64_t minute_s) {
    if (timing->jitter_s == 0) return 0;
    uint64_t minute = (uint64_t)(minute_s / MINUTE_S);
    return sn_rng_first_below(timing->seed, SN_PURPOSE_JITTER, minute, timing->jitter_s + 1);
}

static int64_t start_s(const struct sn_timing *timing, int64_t minute_s) {
    return minute_s + sn_jitter_s(timing, minute_s);
}

/* The latest minute from `next_s` on whose run was to have started by now.  Jitter may let an earlier run wait while a
 * later one is due, so the search goes back past those that wait: as many as there are minutes in the jitter. */
static bool latest(const struct sn_timing *timing, const struct sn_zone *zone, int64_t next_s, int64_t now_s,
                   int64_t *minute_s) {
    int64_t at_us = now_s * SN_SECOND_US + 1;
    while (sn_cron_previous(&timing->cron, zone, at_us, &at_us) == SN_OK && at_us >= next_s * SN_SECOND_US) {
        *minute_s = at_us / SN_SECOND_US;
        if (start_s(timing, *minute_s) <= now_s) return true;
    }
    /* The minute that was written down counts also where a zone's rules were changed since. */
    *minute_s = next_s;
    return start_s(timing, next_s) <= now_s;
}

enum sn_due sn_due_find(const struct sn_timing *timing, const struct sn_zone *zone, int64_t next_s, int64_t now_s,
                        int64_t *minute_s) {
    if (!latest(timing, zone, next_s, now_s, minute_s)) return SN_DUE_NOT;
    bool late = now_s - start_s(timing, *minute_s) > SN_LATE_S;
    return late && timing->catch_up == SN_CATCH_UP_SKIP ? SN_DUE_MISSED : SN_DUE_START;
}

enum sn_status sn_upcoming_find(const struct sn_timing *timing, const struct sn_zone *zone, int64_t *after_s,
                                struct sn_upcoming *upcoming) {
    while (upcoming->len < SN_UPCOMING) {
        int64_t at_us = *after_s * SN_SECOND_US;
        enum sn_status status = sn_cron_next(&timing->cron, zone, at_us, &at_us);
        if (status == SN_E_MISSING) return SN_OK;
        *after_s = at_us / SN_SECOND_US;
        if (status != SN_OK) return status;
        upcoming->runs[upcoming->len].at_s = *after_s;
        upcoming->runs[upcoming->len].offset_s = zone != NULL ? sn_zone_offset_s(zone, *after_s) : 0;
        upcoming->len++;
    }
    return SN_OK;
}
