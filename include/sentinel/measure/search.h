/* The search for the highest rate that keeps what is wanted of it: which rate to try next, after what the last one came to.
 *
 *     grow ──not met──► narrow ──close enough──► confirm ──met──► found
 *       │ twice the rate    │ half way between         └─not met──► a little lower, three times at most
 *       └─the highest that may be tried was met──► confirm
 *
 * Rates are factors of the highest that may be tried, which is 1.  A pure function: what was tried and how it came out is all
 * that it knows.  Whoever drives it waits between a rate that was too much and the next one until all is well again. */
#ifndef SENTINEL_MEASURE_SEARCH_H
#define SENTINEL_MEASURE_SEARCH_H

#include <stdbool.h>
#include <stdint.h>

#define SN_SEARCH_FIRST (1.0 / 16)  /* the first factor that is tried */
#define SN_SEARCH_LEAST (1.0 / 100) /* below it nothing is tried: the least that a load can be scaled to */
#define SN_SEARCH_CLOSE 0.05        /* of the rate that was too much: so narrow is close enough */
#define SN_SEARCH_BACK 0.95         /* of a rate that could not be confirmed is tried next */
#define SN_SEARCH_CONFIRMS_MAX 3u
#define SN_SEARCH_STEPS_MAX \
    20u /* rates that are tried: 5 to grow, 2 to go below the first, 6 to narrow, 3 to confirm, and some more */

#define SN_SEARCH_STAGE_LIST(X) \
    X(GROW, "grow")             \
    X(NARROW, "narrow")         \
    X(CONFIRM, "confirm")       \
    X(DONE, "done")

enum sn_search_stage {
#define SN_X(name, text) SN_SEARCH_##name,
    SN_SEARCH_STAGE_LIST(SN_X)
#undef SN_X
        SN_SEARCH_STAGES_LEN
};

#define SN_SEARCH_OUTCOME_LIST(X)                                                \
    X(NONE, "none")         /* it is not done, or was ended from outside */      \
    X(FOUND, "found")       /* `low` was met twice, `high` was not */            \
    X(CEILING, "ceiling")   /* the highest rate that may be tried was met */     \
    X(BELOW, "below")       /* even the least rate was too much */               \
    X(UNSTEADY, "unsteady") /* what was met once was not met again */            \
    X(UNCLEAR, "unclear")   /* too little could be measured to confirm a rate */ \
    X(STUCK, "stuck")       /* it did not recover from a rate that was too much */

enum sn_search_outcome {
#define SN_X(name, text) SN_SEARCH_OUTCOME_##name,
    SN_SEARCH_OUTCOME_LIST(SN_X)
#undef SN_X
        SN_SEARCH_OUTCOMES_LEN
};

enum sn_search_verdict { SN_SEARCH_MET, SN_SEARCH_NOT_MET, SN_SEARCH_UNDECIDED };

struct sn_search {
    uint32_t stage, outcome; /* enum sn_search_stage, enum sn_search_outcome */
    uint32_t steps, confirms;
    double factor;    /* to be tried now; when it is done the one that is reported */
    double low, high; /* the highest that was met, 0: none was; the lowest that was not, 0: all were */
};

void sn_search_begin(struct sn_search *search);
/* `factor` was tried and came to this: says what is to be tried next, or that it is done. */
void sn_search_step(struct sn_search *search, enum sn_search_verdict verdict);
/* Ends it from outside. */
void sn_search_end(struct sn_search *search, enum sn_search_outcome outcome);

const char *sn_search_stage_name(enum sn_search_stage stage);
const char *sn_search_outcome_name(enum sn_search_outcome outcome);

#endif
