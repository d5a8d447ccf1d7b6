/* Thresholds: what must hold of a run's figures for it to have passed, in k6's words.
 *
 *     "op_duration{op:post-read,phase:peak}": ["p(95)<400"]     read by plan/thresholds.c, judged here
 *
 * A threshold is judged over everything that it speaks of, once the load has ended, and once a second before that where it
 * may end the run.  One with a window is judged over each `window_s` seconds that follow one another, and not met as soon
 * as it was not met in one of them.  Failed operations have times too, and a lead-in is left out unless it is named.
 *
 * What is judged is what is shown: times in whole milliseconds, which is all that the clock has. */
#ifndef SENTINEL_MEASURE_THRESHOLD_H
#define SENTINEL_MEASURE_THRESHOLD_H

#include "sentinel/base/vocab.h"
#include "sentinel/measure/series.h"
#include "sentinel/measure/tally.h"

/* What is measured: name, how it is counted, whether single operations and phases can be told apart, whether single
 * seconds can (WINDOW_KINDS: of single operations too). */
#define SN_METRIC_LIST(X)                                                                              \
    X(OP_DURATION, "op_duration", TIMES, CELLS, WINDOW_KINDS) /* from due to end, ms */                \
    X(OP_SERVICE, "op_service", TIMES, CELLS, WHOLE)          /* from the first call to the end, ms */ \
    X(OP_FAILED, "op_failed", SHARE, CELLS, WINDOW)           /* of those that ended */                \
    X(OPS, "ops", COUNTER, CELLS, WINDOW)                     /* that completed */                     \
    X(DROPPED_OPS, "dropped_ops", COUNTER, TOTAL, WINDOW)     /* never started, whatever the cause */  \
    X(SCHEDULE_LAG, "schedule_lag", TIMES, TOTAL, WHOLE)      /* from due to the first call, ms */     \
    X(ROWS_READ, "rows_read", COUNTER, CELLS, WHOLE)          /* as D1 counts them */                  \
    X(ROWS_WRITTEN, "rows_written", COUNTER, CELLS, WHOLE)                                             \
    X(KV_HIT, "kv_hit", SHARE, CELLS, WHOLE)      /* of what was read from KV */                       \
    X(COST_USD, "cost_usd", FIGURE, TOTAL, WHOLE) /* of the run so far, gross, in dollars */

enum sn_metric {
#define SN_X(name, text, counted, parts, windows) SN_METRIC_##name,
    SN_METRIC_LIST(SN_X)
#undef SN_X
        SN_METRICS_LEN
};

enum sn_metric_counted { SN_METRIC_TIMES, SN_METRIC_SHARE, SN_METRIC_COUNTER, SN_METRIC_FIGURE };
enum sn_metric_parts { SN_METRIC_TOTAL, SN_METRIC_CELLS };
enum sn_metric_windows { SN_METRIC_WHOLE, SN_METRIC_WINDOW, SN_METRIC_WINDOW_KINDS };

const char *sn_metric_name(enum sn_metric metric);
enum sn_metric_counted sn_metric_counted(enum sn_metric metric);
enum sn_metric_parts sn_metric_parts(enum sn_metric metric);
enum sn_metric_windows sn_metric_windows(enum sn_metric metric);

/* What is made of it, and of what it can be made.  AVG of a counter is for each operation that ended, RATE for each second. */
#define SN_AGGREGATE_LIST(X)                   \
    X(AVG, "avg", TIMES | COUNTER)             \
    X(MIN, "min", TIMES)                       \
    X(MED, "med", TIMES)                       \
    X(MAX, "max", TIMES)                       \
    X(PERCENTILE, "p(N)", TIMES)               \
    X(RATE, "rate", SHARE | COUNTER)           \
    X(COUNT, "count", TIMES | SHARE | COUNTER) \
    X(VALUE, "value", FIGURE)

enum sn_aggregate {
#define SN_X(name, text, of) SN_AGGREGATE_##name,
    SN_AGGREGATE_LIST(SN_X)
#undef SN_X
        SN_AGGREGATES_LEN
};

const char *sn_aggregate_name(enum sn_aggregate aggregate);
bool sn_aggregate_fits(enum sn_aggregate aggregate, enum sn_metric metric);

#define SN_RELATION_LIST(X) \
    X(LESS, "<")            \
    X(AT_MOST, "<=")        \
    X(MORE, ">")            \
    X(AT_LEAST, ">=")       \
    X(EQUAL, "==")          \
    X(OTHER, "!=")

enum sn_relation {
#define SN_X(name, text) SN_RELATION_##name,
    SN_RELATION_LIST(SN_X)
#undef SN_X
        SN_RELATIONS_LEN
};

const char *sn_relation_text(enum sn_relation comparison);

#define SN_THRESHOLDS_MAX 32         /* of a plan, its safety included */
#define SN_THRESHOLD_WINDOW_S_MAX 60 /* single seconds stay about so long before they are written to the database */
#define SN_THRESHOLD_ANY 0xff

/* As it lies in a compiled plan. */
struct sn_threshold {
    double bound;      /* ms, a share from 0 to 1, operations or rows, or those in a second */
    double percentile; /* from 0 to 100; 0 where that is not what is made */
    uint32_t kinds;    /* bit i: kind i belongs to it */
    uint16_t window_s; /* 0: over everything */
    uint16_t delay_s;  /* not judged before this second of the load, unless it has ended */
    uint8_t phases;    /* bit i: phase i belongs to it */
    uint8_t metric, aggregate, comparison;
    uint8_t abort;                  /* 1: the run ends when it is not met */
    uint8_t safety;                 /* 1: nobody asked for it; it only ends a run that does no good */
    uint8_t kind, system_of, phase; /* how it names its part: a kind, a kind whose system is meant, a phase; or ANY */
    uint8_t reserved[7];
};
_Static_assert(sizeof(struct sn_threshold) == 40 && SN_PHASES_MAX <= 8 && SN_KINDS_MAX <= 32,
               "thresholds lie one behind the other in a plan, and masks hold all kinds and phases");

/* Whether single seconds are kept of what it speaks of, if it has a window. */
bool sn_threshold_window_fits(const struct sn_threshold *threshold);
/* The one that every plan has that does not say otherwise: more than half of what ended in 10 s failed. */
struct sn_threshold sn_threshold_safety(uint32_t kinds, uint8_t phases);
/* Of what was read from outside: whether it can be judged, in a plan with so many kinds and phases. */
bool sn_threshold_sound(const struct sn_threshold *threshold, uint32_t kinds, uint32_t phases);

/* "p(95)<400"; with the metric and its part it is for the caller, who knows the names. */
void sn_threshold_put(struct sn_writer *w, const struct sn_threshold *threshold);
/* A figure of this threshold with its unit, as it is judged: "312 ms", "0.0123", "450.2 per second", "17". */
void sn_threshold_put_value(struct sn_writer *w, const struct sn_threshold *threshold, double value);

#define SN_THRESHOLD_OUTCOME_LIST(X) \
    X(UNDECIDED, "undecided")        \
    X(MET, "passed")                 \
    X(NOT_MET, "failed")

enum sn_threshold_outcome {
#define SN_X(name, text) SN_THRESHOLD_##name,
    SN_THRESHOLD_OUTCOME_LIST(SN_X)
#undef SN_X
};

const char *sn_threshold_outcome_name(enum sn_threshold_outcome outcome);

/* What can be known of a threshold's figure. */
struct sn_threshold_value {
    bool known;       /* there is one */
    double value;     /* in the unit of the bound */
    uint64_t samples; /* operations that it was made of */
    enum sn_threshold_outcome outcome;
};

/* What thresholds are judged by. */
struct sn_threshold_facts {
    struct sn_tally *tally;
    const struct sn_series *series;
    const struct sn_counts *counts;
    const struct sn_pages *scratch; /* room for one histogram */
    double phase_s[SN_PHASES_MAX];  /* seconds of each phase that have passed */
    double cost_usd;                /* so far */
};

/* Over everything so far.  A percentile with fewer than ten values above it, and a share of nothing, is undecided. */
struct sn_threshold_value sn_threshold_judge(const struct sn_threshold *threshold,
                                             const struct sn_threshold_facts *facts);
/* Over run seconds [to - window_s, to), with to ≥ window_s.  Undecided where the series has no detail of them any more, and
 * a share of fewer than ten operations. */
struct sn_threshold_value sn_threshold_judge_window(const struct sn_threshold *threshold,
                                                    const struct sn_threshold_facts *facts, uint32_t to);

/* What has been seen of a threshold while the load went on.  Saved by the run. */
struct sn_threshold_watch {
    uint32_t judged;   /* times that it was decided, by window */
    uint32_t failed_s; /* the second of the load at whose end it was not met for the first time; 0: it never was not */
    double rate_per_s; /* that was asked for then */
    double worst;      /* the figure that was farthest to the wrong side of the bound */
    uint64_t samples;  /* of that figure */
};

/* Takes in what was found at the end of a second. */
void sn_threshold_watched(struct sn_threshold_watch *watch, const struct sn_threshold *threshold,
                          const struct sn_threshold_value *value, uint32_t second, double rate_per_s);
/* What a threshold with a window comes to, from what was seen of it. */
struct sn_threshold_value sn_threshold_seen(const struct sn_threshold_watch *watch);

#endif
