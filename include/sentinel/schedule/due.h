/* When a schedule's runs are due, and which of those that nobody started in time is still to be started.
 *
 * A run belongs to a minute: the moment that the expression names.  It starts up to `jitter_s` later, always by the same
 * time for the same schedule and minute, so that a tick that comes twice finds the same.
 *
 * Of all runs that have come due since the schedule was last looked at, only the latest counts: those before it are passed
 * over, since a load test that was to be at four says nothing at seven.  The latest is started when it comes no more than
 * SN_LATE_S late; later than that it was missed, and the schedule's rule says whether it is made up for. */
#ifndef SENTINEL_SCHEDULE_DUE_H
#define SENTINEL_SCHEDULE_DUE_H

#include "sentinel/base/limits.h"
#include "sentinel/schedule/cron.h"

#define SN_UPCOMING 5 /* runs that are shown ahead */

/* What becomes of a run whose tenant has an active one. */
#define SN_OVERLAP_LIST(X)                                       \
    X(SKIP, "skip")       /* there is none */                    \
    X(QUEUE, "queue")     /* it waits until the other is over */ \
    X(REPLACE, "replace") /* the other is cancelled first */

/* What becomes of a run that was missed. */
#define SN_CATCH_UP_LIST(X)             \
    X(SKIP, "skip") /* there is none */ \
    X(ONCE, "once") /* the latest of them is started late */

enum sn_overlap {
#define SN_X(name, text) SN_OVERLAP_##name,
    SN_OVERLAP_LIST(SN_X)
#undef SN_X
};
enum sn_catch_up {
#define SN_X(name, text) SN_CATCH_UP_##name,
    SN_CATCH_UP_LIST(SN_X)
#undef SN_X
};

struct sn_timing {
    struct sn_cron cron;
    uint64_t seed; /* of the schedule: its jitter is drawn with it */
    uint32_t jitter_s;
    enum sn_catch_up catch_up;
};

/* How much later than its minute a run starts: 0 to timing->jitter_s. */
uint32_t sn_jitter_s(const struct sn_timing *timing, int64_t minute_s);

enum sn_due {
    SN_DUE_NOT,    /* nothing has come due */
    SN_DUE_START,  /* the run of the minute is to be started */
    SN_DUE_MISSED, /* there is none: what has come due is passed over, up to the minute */
};

/* What is to be done at `now_s` for a schedule whose first run that nobody has looked at is that of `next_s`.  `zone` is
 * what the expression's times are local to, NULL for UTC; a table begins SN_ZONE_MARGIN_S before `next_s` and reaches
 * beyond `now_s`.  `minute_s` is set unless it is SN_DUE_NOT. */
enum sn_due sn_due_find(const struct sn_timing *timing, const struct sn_zone *zone, int64_t next_s, int64_t now_s,
                        int64_t *minute_s);

struct sn_upcoming {
    uint32_t len;
    struct {
        int64_t at_s;     /* the minute, UTC */
        int32_t offset_s; /* local time minus UTC then */
    } runs[SN_UPCOMING];
};

/* Adds runs after `*after_s` until there are SN_UPCOMING.  SN_OK: there are, or no more will ever come.  SN_E_GAP, SN_E_RANGE:
 * go on with a table that begins SN_ZONE_MARGIN_S before `*after_s`, which is where the search stands now. */
enum sn_status sn_upcoming_find(const struct sn_timing *timing, const struct sn_zone *zone, int64_t *after_s,
                                struct sn_upcoming *upcoming);

#endif
