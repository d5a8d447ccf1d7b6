/* The words of thresholds, and which of them go together. */
#include <math.h>

#include "sentinel/measure/threshold.h"

static const struct {
    const char *name;
    enum sn_metric_counted counted;
    enum sn_metric_parts parts;
    enum sn_metric_windows windows;
} metrics[SN_METRICS_LEN] = {
#define SN_X(name, text, counted, parts, windows) \
    [SN_METRIC_##name] = {text, SN_METRIC_##counted, SN_METRIC_##parts, SN_METRIC_##windows},
    SN_METRIC_LIST(SN_X)
#undef SN_X
};

#define TIMES (1u << SN_METRIC_TIMES)
#define SHARE (1u << SN_METRIC_SHARE)
#define COUNTER (1u << SN_METRIC_COUNTER)
#define FIGURE (1u << SN_METRIC_FIGURE)

static const struct {
    const char *name;
    uint32_t of;
} aggregates[SN_AGGREGATES_LEN] = {
#define SN_X(name, text, of) [SN_AGGREGATE_##name] = {text, of},
    SN_AGGREGATE_LIST(SN_X)
#undef SN_X
};

static const char *const comparisons[SN_RELATIONS_LEN] = {
#define SN_X(name, text) [SN_RELATION_##name] = text,
    SN_RELATION_LIST(SN_X)
#undef SN_X
};

static const char *const outcomes[] = {
#define SN_X(name, text) [SN_THRESHOLD_##name] = text,
    SN_THRESHOLD_OUTCOME_LIST(SN_X)
#undef SN_X
};

const char *sn_metric_name(enum sn_metric metric) {
    return metrics[metric].name;
}

enum sn_metric_counted sn_metric_counted(enum sn_metric metric) {
    return metrics[metric].counted;
}

enum sn_metric_parts sn_metric_parts(enum sn_metric metric) {
    return metrics[metric].parts;
}

enum sn_metric_windows sn_metric_windows(enum sn_metric metric) {
    return metrics[metric].windows;
}

const char *sn_aggregate_name(enum sn_aggregate aggregate) {
    return aggregates[aggregate].name;
}

bool sn_aggregate_fits(enum sn_aggregate aggregate, enum sn_metric metric) {
    return (aggregates[aggregate].of >> metrics[metric].counted & 1) != 0;
}

const char *sn_relation_text(enum sn_relation comparison) {
    return comparisons[comparison];
}

const char *sn_threshold_outcome_name(enum sn_threshold_outcome outcome) {
    return outcomes[outcome];
}

struct sn_threshold sn_threshold_safety(uint32_t kinds, uint8_t phases) {
    return (struct sn_threshold){
        .bound = 0.5,
        .kinds = kinds,
        .window_s = 10,
        .phases = phases,
        .metric = SN_METRIC_OP_FAILED,
        .aggregate = SN_AGGREGATE_RATE,
        .comparison = SN_RELATION_AT_MOST,
        .abort = 1,
        .safety = 1,
        .kind = SN_THRESHOLD_ANY,
        .system_of = SN_THRESHOLD_ANY,
        .phase = SN_THRESHOLD_ANY,
    };
}

static bool below(uint8_t index, uint32_t len) {
    return index < len || index == SN_THRESHOLD_ANY;
}

bool sn_threshold_window_fits(const struct sn_threshold *threshold) {
    bool part = threshold->kind != SN_THRESHOLD_ANY || threshold->system_of != SN_THRESHOLD_ANY;
    enum sn_metric_windows windows = metrics[threshold->metric].windows;
    if (threshold->window_s == 0 || windows == SN_METRIC_WINDOW_KINDS) return true;
    return windows == SN_METRIC_WINDOW && !part;
}

bool sn_threshold_sound(const struct sn_threshold *threshold, uint32_t kinds, uint32_t phases) {
    if (threshold->metric >= SN_METRICS_LEN || threshold->aggregate >= SN_AGGREGATES_LEN ||
        threshold->comparison >= SN_RELATIONS_LEN)
        return false;
    return isfinite(threshold->bound) && threshold->percentile >= 0 && threshold->percentile <= 100 &&
           sn_aggregate_fits((enum sn_aggregate)threshold->aggregate, (enum sn_metric)threshold->metric) &&
           (uint64_t)threshold->kinds >> kinds == 0 && threshold->phases >> phases == 0 &&
           threshold->window_s <= SN_THRESHOLD_WINDOW_S_MAX && threshold->abort <= 1 && threshold->safety <= 1 &&
           below(threshold->kind, kinds) && below(threshold->system_of, kinds) && below(threshold->phase, phases) &&
           sn_threshold_window_fits(threshold);
}

void sn_threshold_put(struct sn_writer *w, const struct sn_threshold *threshold) {
    if (threshold->aggregate == SN_AGGREGATE_PERCENTILE) {
        sn_put_text(w, "p(");
        sn_put_number(w, threshold->percentile);
        sn_put_text(w, ")");
    } else {
        sn_put_text(w, sn_aggregate_name((enum sn_aggregate)threshold->aggregate));
    }
    sn_put_text(w, sn_relation_text((enum sn_relation)threshold->comparison));
    sn_put_number(w, threshold->bound);
}

void sn_threshold_put_value(struct sn_writer *w, const struct sn_threshold *threshold, double value) {
    enum sn_metric_counted counted = metrics[threshold->metric].counted;
    if (threshold->aggregate == SN_AGGREGATE_COUNT) {
        sn_put_fixed(w, value, 0);
    } else if (counted == SN_METRIC_TIMES) {
        sn_put_fixed(w, value, 0);
        sn_put_text(w, " ms");
    } else if (counted == SN_METRIC_FIGURE) {
        sn_put_fixed(w, value, 6);
    } else if (counted == SN_METRIC_SHARE) {
        sn_put_fixed(w, value, 4);
    } else {
        sn_put_fixed(w, value, 1);
        sn_put_text(w, threshold->aggregate == SN_AGGREGATE_RATE ? "/s" : " each");
    }
}
