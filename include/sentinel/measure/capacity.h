/* Where a system saturates: at which load, by which sign, and what is behind it.  Pure arithmetic on a load's levels
 * (levels.h); docs/capacity.md explains the rules and why the constants are what they are.
 *
 *     levels ──► quiet level ──► which are bad ──► from which load on all are ──► symptom, what it carries, recovery
 *
 * Nothing here depends on chance: the same levels give the same answer to the bit. */
#ifndef SENTINEL_MEASURE_CAPACITY_H
#define SENTINEL_MEASURE_CAPACITY_H

#include <stdbool.h>
#include <stdint.h>

#include "sentinel/measure/levels.h"

#define SN_CAPACITY_LEVELS_MIN 6u    /* that something was measured at: three of quiet, and three to tell from it */
#define SN_CAPACITY_COUNT_MIN 20u    /* operations that make a level: many levels decide, none by itself */
#define SN_CAPACITY_QUIET_SHARE 4u   /* one in so many, those of the least load, are the quiet level */
#define SN_CAPACITY_SLOWER 2.0       /* times the quiet p95 … */
#define SN_CAPACITY_SLOWER_US 5000.0 /* … and at least so much above it: the clock has whole milliseconds */
#define SN_CAPACITY_SPREAD 6.0       /* … and so many times what quiet levels usually differ by */
#define SN_CAPACITY_BEHIND 0.02      /* of what came due: where so much less ended, throughput does not follow */
#define SN_CAPACITY_FAILED 0.01      /* of what ended, above what fails when it is quiet: bad */
#define SN_CAPACITY_CHANCE 4.0       /* standard deviations by which counts may be off without meaning anything */
#define SN_CAPACITY_GOOD 0.9         /* of the levels from there on are bad: that is "for good" */
#define SN_CAPACITY_BAD_MIN 3u       /* so many of them at least */
#define SN_CAPACITY_RISE 1.25        /* a load that never grew by so much has no quiet level */
#define SN_CAPACITY_FELL 0.95 /* of the highest load of a bad stretch: below it a level suffers from what was before */
#define SN_CAPACITY_WALL 1.25 /* times what calls take when it is quiet … */
#define SN_CAPACITY_WALL_US 1000.0 /* … and so much more: the target has become slower */

/* One level of load, as somebody saw it who watched one kind of operation, or all of them. */
struct sn_capacity_level {
    double from_s, seconds;  /* on the run's clock; how long it lasted */
    double asked;            /* operations of all kinds that came due */
    double ended, completed; /* of all kinds; negative: not known, as of a single kind */
    const struct sn_level_cell *cell;
};

enum sn_capacity_outcome {
    SN_CAPACITY_UNKNOWN, /* too short, too few operations */
    SN_CAPACITY_ABOVE,   /* it carried all that was asked for: the limit lies above */
    SN_CAPACITY_FOUND,
};

#define SN_CAPACITY_SIGN_LIST(X) \
    X(NONE, "none")              \
    X(RESPONSE, "response")      \
    X(THROUGHPUT, "throughput")  \
    X(FAILURES, "failures")

enum sn_capacity_sign {
#define SN_X(name, text) SN_CAPACITY_SIGN_##name,
    SN_CAPACITY_SIGN_LIST(SN_X)
#undef SN_X
        SN_CAPACITY_SIGNS_LEN
};

/* What is behind it.  SLOTS is Sentinel's own: the target answers as quickly as before, and operations wait for a slot. */
#define SN_SYMPTOM_LIST(X)      \
    X(NONE, "none")             \
    X(QUEUEING, "queueing")     \
    X(STATEMENTS, "statements") \
    X(SLOWER, "slower")         \
    X(THROTTLING, "throttling") \
    X(ERRORS, "errors")         \
    X(SLOTS, "slots")

enum sn_symptom {
#define SN_X(name, text) SN_SYMPTOM_##name,
    SN_SYMPTOM_LIST(SN_X)
#undef SN_X
        SN_SYMPTOMS_LEN
};

/* Means over levels, weighed by their operations. */
struct sn_capacity_figures {
    uint64_t ended;
    double p95_us, service_us, sql_us; /* p95: the median of the levels' */
    double failed_share, throttled_share;
};

struct sn_recovery {
    bool asked;       /* the load fell below where it saturates, so that there is something to tell */
    bool recovered;   /* it was well again before the load ended */
    double within_s;  /* so soon after the load fell, by whole levels; 0 unless recovered */
    double watched_s; /* from then to the end of the load */
};

struct sn_capacity {
    enum sn_capacity_outcome outcome;
    enum sn_capacity_sign sign; /* the first */
    enum sn_symptom symptom;
    uint32_t levels;      /* that were measured */
    double highest_per_s; /* load of all of those */
    double limit_us;      /* a p95 above this is bad; 0: the load has no quiet level */
    /* FOUND: the last load that was well (0: none was), and the first that was not. */
    double well_per_s, from_per_s;
    /* Where throughput stopped following: what it carried on, and the load from which on; 0: it followed. */
    double carried_per_s, behind_per_s;
    struct sn_capacity_figures quiet, beyond; /* the evidence: before, and from `from_per_s` on */
    struct sn_recovery recovery;
};

/* `len` levels in the order of time, at most SN_LEVELS_MAX. */
void sn_capacity_judge(const struct sn_capacity_level levels[], uint32_t len, struct sn_capacity *result);
/* The load at which it is saturated: what it carries where throughput stopped following, else from where on it is bad. */
double sn_capacity_per_s(const struct sn_capacity *capacity);

const char *sn_capacity_outcome_name(enum sn_capacity_outcome outcome); /* "unknown", "above", "found" */
const char *sn_capacity_sign_name(enum sn_capacity_sign sign);
const char *sn_symptom_name(enum sn_symptom symptom);

#endif
