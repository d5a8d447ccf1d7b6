/* The two small languages of thresholds: what one is about, and what is to hold of it. */
#include <math.h>
#include <string.h>

#include "sentinel/base/decimal.h"
#include "thresholds.h"

/* Where a text is being read. */
struct cursor {
    const char *at;
};

static void skip_spaces(struct cursor *c) {
    while (*c->at == ' ') c->at++;
}

static bool take(struct cursor *c, const char *text) {
    size_t len = strlen(text);
    skip_spaces(c);
    if (strncmp(c->at, text, len) != 0) return false;
    c->at += len;
    return true;
}

static bool take_number(struct cursor *c, double *value) {
    size_t used;
    skip_spaces(c);
    *value = sn_decimal_read(c->at, strlen(c->at), &used);
    c->at += used;
    return used > 0 && isfinite(*value);
}

/* --- What is to hold ---------------------------------------------------------------------------------------- */

static bool take_aggregate(struct cursor *c, struct sn_threshold *threshold) {
    if (take(c, "p(")) {
        threshold->aggregate = SN_AGGREGATE_PERCENTILE;
        return take_number(c, &threshold->percentile) && take(c, ")");
    }
    for (uint32_t i = 0; i < SN_AGGREGATES_LEN; i++) {
        if (i == SN_AGGREGATE_PERCENTILE || !take(c, sn_aggregate_name((enum sn_aggregate)i))) continue;
        threshold->aggregate = (uint8_t)i;
        return true;
    }
    return false;
}

/* The longer ones first: "<=" begins like "<". */
static bool take_comparison(struct cursor *c, struct sn_threshold *threshold) {
    static const struct {
        const char *text;
        uint8_t comparison;
    } texts[] = {
        {"<=", SN_RELATION_AT_MOST}, {">=", SN_RELATION_AT_LEAST}, {"===", SN_RELATION_EQUAL},
        {"==", SN_RELATION_EQUAL},   {"!=", SN_RELATION_OTHER},    {"<", SN_RELATION_LESS},
        {">", SN_RELATION_MORE},
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        if (!take(c, texts[i].text)) continue;
        threshold->comparison = texts[i].comparison;
        return true;
    }
    return false;
}

static bool refuse_aggregate(struct sn_trail *trail, enum sn_metric metric) {
    const char *names[SN_AGGREGATES_LEN];
    size_t len = 0;
    for (uint32_t i = 0; i < SN_AGGREGATES_LEN; i++) {
        if (sn_aggregate_fits((enum sn_aggregate)i, metric)) names[len++] = sn_aggregate_name((enum sn_aggregate)i);
    }
    struct sn_writer w = sn_trail_expected(trail, "plan.threshold");
    sn_put_text(&w, "of ");
    sn_put_text(&w, sn_metric_name(metric));
    sn_put_text(&w, " ");
    sn_put_choice(&w, names, len);
    return false;
}

bool sn_threshold_read_condition(struct sn_trail *trail, const char *text, struct sn_threshold *threshold) {
    struct cursor c = {text};
    bool whole = take_aggregate(&c, threshold) && take_comparison(&c, threshold) && take_number(&c, &threshold->bound);
    skip_spaces(&c);
    if (!whole || *c.at != 0)
        return sn_trail_refuse(
            trail, "plan.threshold",
            "a condition like p(95)<400: avg, min, med, max, p(N), rate, count or value, then <, <=, >, "
            ">=, == or !=, then a number");
    if (threshold->percentile < 0 || threshold->percentile > 100)
        return sn_trail_refuse(trail, "plan.range", "a percentile from 0 to 100");
    threshold->bound += 0.0; /* -0 becomes 0 */
    enum sn_metric metric = (enum sn_metric)threshold->metric;
    return sn_aggregate_fits((enum sn_aggregate)threshold->aggregate, metric) || refuse_aggregate(trail, metric);
}

/* --- What it is about ---------------------------------------------------------------------------------------- */

static struct sn_span pooled(const struct sn_plan *plan, struct sn_text text) {
    return (struct sn_span){(const uint8_t *)plan->workload.pool + text.offset, text.len};
}

/* "one of a, b, c" of names in the plan, those that come twice once; what does not fit is left away at its end. */
static bool refuse_part(struct sn_trail *trail, const struct sn_plan *plan, bool systems) {
    const struct sn_workload *workload = &plan->workload;
    struct sn_writer w = sn_trail_expected(trail, "plan.threshold");
    sn_put_text(&w, systems ? "a system of this plan: " : "an operation of this plan: ");
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        struct sn_span name = pooled(plan, systems ? workload->kinds[i].system : workload->kinds[i].name);
        bool seen = false;
        for (uint32_t k = 0; k < i && systems; k++)
            seen = seen || sn_span_equal(pooled(plan, workload->kinds[k].system), name);
        if (seen) continue;
        if (i > 0) sn_put_text(&w, ", ");
        sn_put_bytes(&w, name.data, name.len);
    }
    return false;
}

static bool choose_kinds(struct sn_trail *trail, struct sn_span name, const struct sn_plan *plan, bool systems,
                         struct sn_threshold *threshold) {
    uint8_t *named = systems ? &threshold->system_of : &threshold->kind;
    bool again = *named != SN_THRESHOLD_ANY;
    uint32_t chosen = 0;
    for (uint32_t i = plan->workload.kinds_len; i-- > 0;) {
        const struct sn_kind *kind = &plan->workload.kinds[i];
        if (!sn_span_equal(pooled(plan, systems ? kind->system : kind->name), name)) continue;
        chosen |= 1u << i;
        *named = (uint8_t)i;
    }
    if (chosen == 0) return refuse_part(trail, plan, systems);
    threshold->kinds &= chosen;
    if (threshold->kinds != 0) return true;
    if (!again) return sn_trail_refuse(trail, "plan.threshold", "an operation of that system");
    return sn_trail_refuse(trail, "plan.threshold",
                           systems ? "one system: another was named before"
                                   : "one operation: another was named before");
}

bool sn_threshold_read_phase(struct sn_trail *trail, struct sn_span name, const struct sn_plan *plan,
                             struct sn_threshold *threshold) {
    const char *names[SN_PHASES_MAX];
    for (uint32_t i = 0; i < plan->profile.phases_len; i++) {
        names[i] = plan->profile.phases[i].name;
        if (!sn_span_is(name, names[i])) continue;
        if (threshold->phase != SN_THRESHOLD_ANY && threshold->phase != i)
            return sn_trail_refuse(trail, "plan.threshold", "one phase: another was named before");
        threshold->phase = (uint8_t)i;
        threshold->phases = (uint8_t)(1u << i);
        return true;
    }
    struct sn_writer w = sn_trail_expected(trail, "plan.threshold");
    sn_put_text(&w, "a phase of this plan: ");
    sn_put_choice(&w, names, plan->profile.phases_len);
    return false;
}

static bool refuse_subject(struct sn_trail *trail) {
    const char *names[SN_METRICS_LEN];
    for (uint32_t i = 0; i < SN_METRICS_LEN; i++) names[i] = sn_metric_name((enum sn_metric)i);
    struct sn_writer w = sn_trail_expected(trail, "plan.threshold");
    sn_put_text(&w, "a metric, for example op_duration{op:post-read,phase:peak}: ");
    sn_put_choice(&w, names, SN_METRICS_LEN);
    return false;
}

static bool read_tag(struct sn_trail *trail, struct sn_span name, struct sn_span value, const struct sn_plan *plan,
                     struct sn_threshold *threshold) {
    if (sn_metric_parts((enum sn_metric)threshold->metric) == SN_METRIC_TOTAL)
        return sn_trail_refuse(trail, "plan.threshold", "no part of it: this is known of all operations together");
    if (sn_span_is(name, "op")) return choose_kinds(trail, value, plan, false, threshold);
    if (sn_span_is(name, "system")) return choose_kinds(trail, value, plan, true, threshold);
    if (sn_span_is(name, "phase")) return sn_threshold_read_phase(trail, value, plan, threshold);
    return sn_trail_refuse(trail, "plan.threshold", "op, system or phase before the colon");
}

/* Up to one of the characters in `ends`, without spaces around it. */
static struct sn_span take_word(struct cursor *c, const char *ends) {
    skip_spaces(c);
    size_t len = strcspn(c->at, ends);
    struct sn_span word = {(const uint8_t *)c->at, len};
    c->at += len;
    while (word.len > 0 && word.data[word.len - 1] == ' ') word.len--;
    return word;
}

static bool find_metric(struct sn_span name, struct sn_threshold *threshold) {
    for (uint32_t i = 0; i < SN_METRICS_LEN; i++) {
        if (!sn_span_is(name, sn_metric_name((enum sn_metric)i))) continue;
        threshold->metric = (uint8_t)i;
        return true;
    }
    return false;
}

bool sn_threshold_read_subject(struct sn_trail *trail, const char *text, const struct sn_plan *plan,
                               struct sn_threshold *threshold) {
    struct cursor c = {text};
    if (!find_metric(take_word(&c, "{"), threshold)) return refuse_subject(trail);
    if (*c.at == 0) return true;
    c.at++;
    do {
        struct sn_span name = take_word(&c, ":,}");
        if (*c.at != ':') return refuse_subject(trail);
        c.at++;
        struct sn_span value = take_word(&c, ",}");
        if (*c.at == 0) return refuse_subject(trail);
        if (!read_tag(trail, name, value, plan, threshold)) return false;
    } while (*c.at++ == ',');
    skip_spaces(&c);
    return *c.at == 0 || refuse_subject(trail);
}
