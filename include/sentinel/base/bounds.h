/* How large a plan may be.  There are two sets of bounds: the one that everybody gets, and a wider one for whoever runs a
 * Sentinel and means it, by the Worker's variable SENTINEL_LIMITS or the commands' --limits. */
#ifndef SENTINEL_BASE_BOUNDS_H
#define SENTINEL_BASE_BOUNDS_H

#include <stdbool.h>
#include <stddef.h>

#include "sentinel/base/limits.h"

/* (name, text, operations of a run, calls in flight, operations a second at any time) */
#define SN_BOUNDS_LIST(X)                                                           \
    X(DEFAULT, "default", SN_OPERATIONS_MAX, SN_CONCURRENCY_MAX, SN_RATE_PER_S_MAX) \
    X(OPERATOR, "operator", SN_OPERATIONS_CEILING, SN_CONCURRENCY_CEILING, SN_RATE_PER_S_CEILING)

enum sn_bounds {
#define SN_X(name, text, operations, concurrency, rate) SN_BOUNDS_##name,
    SN_BOUNDS_LIST(SN_X)
#undef SN_X
        SN_BOUNDS_LEN
};

/* What is bounded differently in each set.  Users and durations have the same bounds in all. */
enum sn_bound { SN_BOUND_OPERATIONS, SN_BOUND_CONCURRENCY, SN_BOUND_RATE_PER_S };

/* The most that a plan of this set may have; a whole number, above 0. */
double sn_bound(enum sn_bounds bounds, enum sn_bound bound);
const char *sn_bounds_name(enum sn_bounds bounds);
/* The set of this name, as in "operator"; false when there is none. */
bool sn_bounds_find(const char *name, size_t len, enum sn_bounds *bounds);

#endif
