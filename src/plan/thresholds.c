#include "thresholds.h"

#include <string.h>

#include "sentinel/base/decimal.h"

/* A condition in its long form, and an object of the pattern's. */
struct entry {
    const char *threshold, *phase;
    const char *metric, *operator; /* the pattern's */
    double value;
    bool value_given, abort;
    uint64_t delay_s, window_s;
};

static bool read_abort(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct entry *entry = into;
    entry->abort = sn_json_bool(value);
    return sn_field_switch(trail, value, field, into);
}

static bool read_value(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct entry *entry = into;
    entry->value_given = true;
    return sn_field_number(trail, value, field, into);
}

static bool read_operator(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                          void *into) {
    static const char *const words[] = {"<", "<=", ">", ">=", "==", "===", "!="};
    struct entry *entry = into;
    size_t index;
    (void)field;
    if (!sn_read_word(trail, value, words, sizeof words / sizeof *words, &index)) return false;
    entry->operator= words[index];
    return true;
}

/* Whole seconds from a text like 90s or 1m30s. */
static bool seconds_of(const char *text, double *seconds) {
    *seconds = 0;
    while (*text != 0) {
        size_t used;
        double number = sn_decimal_read(text, strlen(text), &used);
        char unit = text[used];
        if (used == 0 || (unit != 's' && unit != 'm' && unit != 'h')) return false;
        *seconds += number * (unit == 's' ? 1 : unit == 'm' ? 60 : 3600);
        text += used + 1;
    }
    return true;
}

static bool read_seconds(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                         void *into) {
    const char *text = sn_json_string(value);
    double seconds = sn_json_number(value);
    bool read = sn_json_type(value) == SN_JSON_NUMBER || (text != NULL && seconds_of(text, &seconds));
    if (read && seconds >= field->min && seconds <= field->max && (double)(uint64_t)seconds == seconds) {
        uint64_t whole = (uint64_t)seconds;
        memcpy((char *)into + field->offset, &whole, sizeof whole);
        return true;
    }
    struct sn_writer w = sn_trail_expected(trail, read ? "plan.range" : "plan.type");
    sn_put_text(&w, "whole seconds from ");
    sn_put_number(&w, field->min);
    sn_put_text(&w, " to ");
    sn_put_number(&w, field->max);
    sn_put_text(&w, ", as a number or like 10s or 1m30s");
    return false;
}

#define AT(member) offsetof(struct entry, member)
#define WORD_MAX 63

static const struct sn_field long_form[] = {
    {"threshold", sn_field_text, AT(threshold), 1, WORD_MAX},
    {"abortOnFail", read_abort, 0, 0, 0},
    {"delayAbortEval", read_seconds, AT(delay_s), 1, SN_DURATION_S_MAX},
    {"window", read_seconds, AT(window_s), 1, SN_THRESHOLD_WINDOW_S_MAX},
    {"phase", sn_field_text, AT(phase), 1, WORD_MAX},
};

static const struct sn_field pattern[] = {
    {"metric", sn_field_text, AT(metric), 1, WORD_MAX},
    {"operator", read_operator, 0, 0, 0},
    {"value", read_value, AT(value), -1e15, 1e15},
    {"abortOnFail", read_abort, 0, 0, 0},
    {"delayAbortEval", read_seconds, AT(delay_s), 1, SN_DURATION_S_MAX},
    {"window", read_seconds, AT(window_s), 1, SN_THRESHOLD_WINDOW_S_MAX},
    {"phase", sn_field_text, AT(phase), 1, WORD_MAX},
};

/* --- One threshold ------------------------------------------------------------------------------------------- */

static uint32_t all_kinds(const struct sn_plan *plan) {
    return UINT32_MAX >> (SN_KINDS_MAX - plan->workload.kinds_len);
}

static uint8_t all_phases(const struct sn_plan *plan) {
    uint32_t all = (1u << plan->profile.phases_len) - 1;
    return (uint8_t)(plan->lead_in && plan->profile.phases_len > 1 ? all & ~1u : all);
}

static struct sn_threshold begin(const struct sn_plan *plan) {
    return (struct sn_threshold){
        .kinds = all_kinds(plan),
        .phases = all_phases(plan),
        .kind = SN_THRESHOLD_ANY,
        .system_of = SN_THRESHOLD_ANY,
        .phase = SN_THRESHOLD_ANY,
    };
}

static bool check_window(struct sn_trail *trail, const struct sn_threshold *threshold) {
    if (sn_threshold_window_fits(threshold)) return true;
    return sn_trail_refuse_at(trail, "window", "plan.threshold",
                              "no window here: single seconds are kept of op_duration, and of op_failed, ops and "
                              "dropped_ops for all operations together");
}

/* What the long form and the pattern's object have in common. */
static bool apply(struct sn_trail *trail, const struct entry *entry, const struct sn_plan *plan,
                  struct sn_threshold *threshold) {
    threshold->abort = entry->abort;
    threshold->delay_s = (uint16_t)entry->delay_s;
    threshold->window_s = (uint16_t)entry->window_s;
    if (entry->phase != NULL) {
        size_t mark = sn_trail_name(trail, "phase");
        if (sn_metric_parts((enum sn_metric)threshold->metric) == SN_METRIC_TOTAL)
            return sn_trail_refuse(trail, "plan.threshold", "no phase: this is known of the whole load");
        struct sn_span name = {(const uint8_t *)entry->phase, strlen(entry->phase)};
        if (!sn_threshold_read_phase(trail, name, plan, threshold)) return false;
        sn_trail_back(trail, mark);
    }
    return check_window(trail, threshold);
}

static bool room(struct sn_trail *trail, const struct sn_thresholds *thresholds) {
    if (thresholds->len < SN_THRESHOLDS_MAX - 1) return true;
    struct sn_writer w = sn_trail_expected(trail, "plan.range");
    sn_put_text(&w, "at most ");
    sn_put_dec(&w, SN_THRESHOLDS_MAX - 1);
    sn_put_text(&w, " thresholds");
    return false;
}

static bool read_condition(struct sn_trail *trail, const struct sn_json *value, const struct sn_plan *plan,
                           struct sn_threshold threshold, struct sn_thresholds *thresholds) {
    const char *text = sn_json_string(value);
    struct entry entry = {0};
    if (!room(trail, thresholds)) return false;
    if (text == NULL && sn_json_type(value) != SN_JSON_OBJECT)
        return sn_trail_refuse(trail, "plan.type",
                               "a condition like \"p(95)<400\", or an object with it as its \"threshold\"");
    if (text == NULL && !sn_read_object(trail, value, long_form, sizeof long_form / sizeof *long_form, &entry))
        return false;
    size_t mark = text == NULL ? sn_trail_name(trail, "threshold") : trail->len;
    if (text == NULL && entry.threshold == NULL)
        return sn_trail_refuse(trail, "plan.missing", "a condition like \"p(95)<400\"");
    if (!sn_threshold_read_condition(trail, text != NULL ? text : entry.threshold, &threshold)) return false;
    sn_trail_back(trail, mark);
    if (!apply(trail, &entry, plan, &threshold)) return false;
    thresholds->list[thresholds->len++] = threshold;
    return true;
}

/* --- k6's form ------------------------------------------------------------------------------------------------ */

static bool read_conditions(struct sn_trail *trail, const struct sn_json *value, const struct sn_plan *plan,
                            const struct sn_threshold *subject, struct sn_thresholds *thresholds) {
    size_t index = 0;
    if (sn_json_type(value) != SN_JSON_ARRAY) return read_condition(trail, value, plan, *subject, thresholds);
    if (sn_json_count(value) == 0) return sn_trail_refuse(trail, "plan.range", "at least one condition");
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(trail, index++);
        if (!read_condition(trail, at, plan, *subject, thresholds)) return false;
        sn_trail_back(trail, mark);
    }
    return true;
}

static bool read_named(struct sn_trail *trail, const struct sn_json *value, const struct sn_plan *plan,
                       struct sn_thresholds *thresholds) {
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        struct sn_threshold subject = begin(plan);
        size_t mark = sn_trail_name(trail, sn_json_name(at));
        if (!sn_threshold_read_subject(trail, sn_json_name(at), plan, &subject)) return false;
        if (!read_conditions(trail, at, plan, &subject, thresholds)) return false;
        sn_trail_back(trail, mark);
    }
    return true;
}

/* --- The pattern's form ---------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *subject, *aggregate;
} pattern_metrics[] = {
    {"avg_latency_ms", "op_duration", "avg"}, {"min_latency_ms", "op_duration", "min"},
    {"max_latency_ms", "op_duration", "max"}, {"error_rate", "op_failed", "rate"},
    {"throughput_ops_sec", "ops", "rate"},
};

/* "p95_latency_ms": the part of the name behind the p; NULL when it is none. */
static const char *latency_percentile(const char *name, size_t *len) {
    static const char tail[] = "_latency_ms";
    size_t whole = strlen(name);
    if (name[0] != 'p' || whole < sizeof tail + 1 || strcmp(name + whole - (sizeof tail - 1), tail) != 0) return NULL;
    *len = whole - sizeof tail;
    return name + 1;
}

/* Says the same in k6's words. */
static bool translate(struct sn_trail *trail, const struct entry *entry, const char **subject, struct sn_writer *w) {
    size_t len = 0, index = 0, count = sizeof pattern_metrics / sizeof *pattern_metrics;
    const char *percentile = latency_percentile(entry->metric, &len);
    while (index < count && strcmp(pattern_metrics[index].name, entry->metric) != 0) index++;
    if (percentile == NULL && index == count)
        return sn_trail_refuse_at(trail, "metric", "plan.value",
                                  "p95_latency_ms (or another percentile), avg_latency_ms, min_latency_ms, "
                                  "max_latency_ms, error_rate or throughput_ops_sec");
    *subject = percentile != NULL ? "op_duration" : pattern_metrics[index].subject;
    if (percentile != NULL) {
        sn_put_text(w, "p(");
        sn_put_bytes(w, percentile, len);
        sn_put_text(w, ")");
    } else {
        sn_put_text(w, pattern_metrics[index].aggregate);
    }
    sn_put_text(w, entry->operator);
    sn_put_number(w, entry->value);
    sn_put_u8(w, 0);
    return true;
}

static bool read_pattern(struct sn_trail *trail, const struct sn_json *value, const struct sn_plan *plan,
                         struct sn_thresholds *thresholds) {
    struct entry entry = {0};
    struct sn_threshold threshold = begin(plan);
    const char *subject = NULL;
    char text[2 * WORD_MAX];
    struct sn_writer w = sn_writer(text, sizeof text);
    if (!room(trail, thresholds)) return false;
    if (!sn_read_object(trail, value, pattern, sizeof pattern / sizeof *pattern, &entry)) return false;
    if (entry.metric == NULL || entry.operator== NULL || !entry.value_given)
        return sn_trail_refuse(trail, "plan.missing", "metric, operator and value");
    if (!translate(trail, &entry, &subject, &w)) return false;
    if (!sn_threshold_read_subject(trail, subject, plan, &threshold)) return false;
    if (!sn_threshold_read_condition(trail, text, &threshold) || !apply(trail, &entry, plan, &threshold)) return false;
    thresholds->list[thresholds->len++] = threshold;
    return true;
}

static bool read_listed(struct sn_trail *trail, const struct sn_json *value, const struct sn_plan *plan,
                        struct sn_thresholds *thresholds) {
    size_t index = 0;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(trail, index++);
        if (!read_pattern(trail, at, plan, thresholds)) return false;
        sn_trail_back(trail, mark);
    }
    return true;
}

/* Another load, or other operations, need not do what was wanted of the preset's; a search asks for no more than it. */
static const char *preset_thresholds(const struct sn_request *request) {
    if (request->preset != NULL && request->preset->search_step_s > 0 && !request->type_given)
        return request->preset->thresholds;
    bool as_it_is = request->preset != NULL && !request->type_given && request->operations == 0 &&
                    request->workload == NULL && request->builtin == NULL;
    return as_it_is ? request->preset->thresholds : NULL;
}

bool sn_thresholds_read(struct sn_trail *trail, struct sn_arena *arena, const struct sn_request *request,
                        const struct sn_plan *plan, struct sn_thresholds *thresholds) {
    const struct sn_json *value = request->thresholds;
    const char *text = value == NULL ? preset_thresholds(request) : NULL;
    memset(thresholds, 0, sizeof *thresholds);
    if (text != NULL) {
        value = sn_trail_parse(trail, arena, text, strlen(text));
        if (value == NULL) return false;
    }
    if (value != NULL) {
        size_t mark = sn_trail_name(trail, "thresholds");
        bool named = sn_json_type(value) == SN_JSON_OBJECT;
        if (!(named ? read_named(trail, value, plan, thresholds) : read_listed(trail, value, plan, thresholds)))
            return false;
        sn_trail_back(trail, mark);
    }
    if (plan->search_step_s > 0) return sn_search_check(trail, request, thresholds);
    if (!request->unsafe) thresholds->list[thresholds->len++] = sn_threshold_safety(all_kinds(plan), all_phases(plan));
    return true;
}
