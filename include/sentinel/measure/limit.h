/* Whose want of speed it was when operations found every slot busy: the target's, the plan's own, that has too few
 * slots for its rate, or that of the machine that sends the load. */
#ifndef SENTINEL_MEASURE_LIMIT_H
#define SENTINEL_MEASURE_LIMIT_H

#include <stdint.h>

enum sn_limit { SN_LIMIT_NONE = 0, SN_LIMIT_TARGET, SN_LIMIT_CONCURRENCY, SN_LIMIT_MACHINE };

#define SN_TIMERS_LATE_BOUND 0.1 /* a machine whose timers are late for a greater share of the load is saturated */

struct sn_limit_input {
    uint64_t ended, dropped_slots; /* operations that ended; those that waited for a slot for too long */
    uint64_t lag_slots_count;      /* operations that had to wait for a slot */
    uint32_t lag_slots_us;         /* p99 of how long */
    uint64_t quiet_us;             /* lowest median time of a call in the run so far; 0: too early to say */
    uint64_t median_us;            /* the same of all of them */
    double mean_us;           /* their mean.  A call's time has no waiting in it, be it for a slot or for other calls */
    double calls, peak_per_s; /* of an operation, on the average; the highest rate that was asked for */
    uint32_t concurrency;
    double timers_late; /* for this share of the load shards stood still because timers were late */
};

/* None while waiting for slots is rare (fewer than one operation in a hundred) or short (at most 50 ms), and nothing was
 * dropped for it.
 *
 * The machine, when it was saturated: then what calls took is as much its time as the target's.
 *
 * The target, when calls have become half as slow again as they were when all was quiet, and 2 ms; or when at that speed
 * the highest rate would have kept at most a quarter of the slots busy, so that no others than very slow answers can
 * have filled the rest: a target that stands still for seconds hardly moves a median.  Else the concurrency. */
enum sn_limit sn_limit_judge(const struct sn_limit_input *input);
/* NULL for none, "target", "concurrency", "machine". */
const char *sn_limit_name(enum sn_limit limit);
/* Calls that the highest rate keeps in flight when they take as long as they did on the average, also those that one
 * operation has in flight together or leaves in the background; at most UINT32_MAX.  Random arrivals need some more. */
uint32_t sn_limit_calls(const struct sn_limit_input *input);

#endif
