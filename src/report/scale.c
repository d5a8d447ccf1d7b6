/* How far what was measured reaches: the scalability law over the levels of the load, and what other numbers of users would
 * need, cost and run into first.  What lies beyond the measured load is marked as such everywhere. */
#include "capacity.h"

#include <math.h>

#include "cost.h"
#include "figures.h"
#include "lines.h"
#include "sentinel/load/key_rate.h"
#include "sentinel/measure/usl.h"

#define LABEL 12u
#define MONTH_DAYS 30.0

static const uint64_t crowds[] = {10, 10000, 10000000};
#define CROWDS (sizeof crowds / sizeof crowds[0])

/* --- The law --------------------------------------------------------------------------------------------------- */

/* Calls in flight by Little's law: what ends in a second, times how long it takes.  What fails says nothing of throughput. */
static void fit(const struct sn_report *report, struct sn_usl *usl) {
    struct sn_usl_step steps[SN_USL_STEPS_MAX];
    uint32_t len = 0, window_s = report->levels->window_s;
    for (uint32_t i = sn_report_first_level(report); i < report->levels->len; i++) {
        const struct sn_level_cell *cell = sn_levels_cell(report->levels, i, report->workload->kinds_len);
        struct sn_second happened =
            sn_report_happened(report, (struct sn_report_seconds){i * window_s, (i + 1) * window_s});
        bool fails = cell->failed > SN_CAPACITY_FAILED * cell->ended;
        if (cell->counted < SN_CAPACITY_COUNT_MIN || fails) continue;
        double per_s = (double)happened.completed / window_s;
        steps[len++] = (struct sn_usl_step){per_s * cell->service_us / 1e6, per_s};
    }
    sn_usl_fit(steps, len, usl);
}

static bool trusted(const struct sn_usl *usl, double calls) {
    return usl->outcome == SN_USL_FITTED && calls > 0 && calls <= usl->trust_calls;
}

/* --- Limits ------------------------------------------------------------------------------------------------------ */

enum limit { LIMIT_NONE, LIMIT_TARGET, LIMIT_KEY, LIMIT_LAW };
static const char *const limit_names[] = {NULL, "saturation", "keyWrites", "scalability"};

/* The limit that a load meets first as it rises. */
struct first {
    enum limit limit;
    double from_per_s;
    uint32_t kind; /* of LIMIT_TARGET and LIMIT_KEY */
};

static void meet(struct first *first, enum limit limit, double from_per_s, uint32_t kind) {
    if (!(from_per_s > 0) || (first->limit != LIMIT_NONE && first->from_per_s <= from_per_s)) return;
    *first = (struct first){limit, from_per_s, kind};
}

/* A key of KV or R2 takes one write a second. */
static void meet_keys(const struct sn_report *report, struct first *first) {
    const struct sn_workload *workload = report->workload;
    for (uint32_t kind = 0; kind < workload->kinds_len; kind++) {
        const struct sn_kind *one = &workload->kinds[kind];
        for (uint32_t s = 0; s < one->steps_len; s++) {
            const struct sn_step *step = &workload->steps[one->steps + s];
            if (!sn_step_writes_key(step)) continue;
            double share = sn_report_kind_share(report, kind), each = sn_step_key_rate(workload, step, 1000 * share);
            if (each > 0) meet(first, LIMIT_KEY, 1000 * SN_KEY_WRITES_PER_S / each, kind);
        }
    }
}

static struct first first_limit(const struct sn_report *report, const struct sn_capacity *all, uint32_t bottleneck,
                                const struct sn_usl *usl) {
    struct first first = {LIMIT_NONE, 0, 0};
    if (all->outcome == SN_CAPACITY_UNKNOWN) return first;
    if (all->outcome == SN_CAPACITY_FOUND && bottleneck < report->workload->kinds_len)
        meet(&first, LIMIT_TARGET, sn_capacity_per_s(all), bottleneck);
    if (all->outcome == SN_CAPACITY_ABOVE && trusted(usl, usl->peak_calls)) meet(&first, LIMIT_LAW, usl->peak_per_s, 0);
    meet_keys(report, &first);
    return first;
}

/* --- Users -------------------------------------------------------------------------------------------------------- */

/* What a number of users comes to, when they do in the same time what the plan's do, at its peak. */
struct crowd {
    uint64_t users;
    double per_s, calls; /* in flight, when calls take as long as they do in quiet times */
    uint64_t month_nusd, beyond_nusd;
    bool extrapolated; /* more than what was measured */
    bool limited;      /* the first limit is met */
};

static struct crowd crowd_of(const struct sn_report *report, uint64_t users, const struct sn_capacity *all,
                             const struct first *first) {
    struct crowd crowd = {.users = users};
    double of_plan = (double)users / (double)report->cost.users;
    uint64_t ended = report->counts.completed + report->counts.failed;
    crowd.per_s = sn_profile_peak_per_s(report->profile) * of_plan;
    crowd.calls = crowd.per_s * all->quiet.service_us / 1e6;
    crowd.extrapolated = crowd.per_s > all->highest_per_s;
    crowd.limited = first->limit != LIMIT_NONE && crowd.per_s > first->from_per_s;
    uint64_t operations = (uint64_t)ceil((double)report->profile->planned * MONTH_DAYS * of_plan);
    struct sn_usage month = sn_usage_scale(&report->cost.load, operations, ended),
                    beyond = sn_usage_beyond_month(&month);
    crowd.month_nusd = sn_usage_cost_nusd(&report->cost.prices, &month);
    crowd.beyond_nusd = sn_usage_cost_nusd(&report->cost.prices, &beyond);
    return crowd;
}

static bool has_users(const struct sn_report *report) {
    return report->cost.users > 0 && report->counts.completed + report->counts.failed > 0;
}

static double users_of(const struct sn_report *report, double per_s) {
    return floor(per_s / sn_profile_peak_per_s(report->profile) * (double)report->cost.users);
}

/* --- JSON ---------------------------------------------------------------------------------------------------------- */

static void put_known(struct sn_json_writer *j, const char *name, double value, unsigned decimals) {
    if (value > 0)
        sn_json_put_fixed(j, name, value, decimals);
    else
        sn_json_put_null(j, name);
}

static void put_law(struct sn_json_writer *j, const struct sn_usl *usl) {
    sn_json_open(j, "scalability", '{');
    sn_json_put_text(j, "outcome", sn_usl_outcome_name(usl->outcome));
    sn_json_put_uint(j, "levels", usl->steps);
    sn_json_put_fixed(j, "measuredCalls", usl->measured_calls, 1);
    if (usl->outcome == SN_USL_FITTED) {
        bool beyond = usl->peak_calls > usl->measured_calls;
        sn_json_put_fixed(j, "oneCallPerS", usl->lambda_per_s, 2);
        sn_json_put_number(j, "contention", usl->sigma);
        sn_json_put_number(j, "contentionError", usl->sigma_error);
        sn_json_put_number(j, "coherency", usl->kappa);
        sn_json_put_number(j, "coherencyError", usl->kappa_error);
        sn_json_put_fixed(j, "residualPerS", usl->residual_per_s, 2);
        sn_json_put_fixed(j, "r2", usl->r2, 4);
        put_known(j, "peakCalls", usl->peak_calls, 1);
        put_known(j, "peakPerS", usl->peak_per_s, 1);
        sn_json_put_bool(j, "extrapolated", beyond || usl->peak_calls <= 0);
        sn_json_put_fixed(j, "trustCalls", usl->trust_calls, 1);
        struct sn_usl_band band = sn_usl_band(usl, usl->trust_calls);
        sn_json_open(j, "atTrustCalls", '{');
        sn_json_put_fixed(j, "perS", sn_usl_per_s(usl, usl->trust_calls), 1);
        sn_json_put_fixed(j, "lowPerS", band.low_per_s, 1);
        sn_json_put_fixed(j, "highPerS", band.high_per_s, 1);
        sn_json_put_bool(j, "extrapolated", true);
        sn_json_close(j, '}');
    }
    sn_json_close(j, '}');
}

static void put_limit(struct sn_json_writer *j, const struct sn_report *report, const struct first *first) {
    if (first->limit == LIMIT_NONE) {
        sn_json_put_null(j, "firstLimit");
        return;
    }
    sn_json_open(j, "firstLimit", '{');
    sn_json_put_text(j, "what", limit_names[first->limit]);
    sn_json_put_fixed(j, "fromPerS", first->from_per_s, 1);
    if (has_users(report)) sn_json_put_fixed(j, "fromUsers", users_of(report, first->from_per_s), 0);
    if (first->limit != LIMIT_LAW) {
        const struct sn_kind *kind = &report->workload->kinds[first->kind];
        struct sn_span system = sn_report_pooled(report, kind->system),
                       operation = sn_report_pooled(report, kind->name);
        sn_json_put_span(j, "system", system.data, system.len);
        sn_json_put_span(j, "operation", operation.data, operation.len);
    }
    sn_json_put_bool(j, "extrapolated", first->limit != LIMIT_TARGET);
    sn_json_close(j, '}');
}

static void put_crowds(struct sn_json_writer *j, const struct sn_report *report, const struct sn_capacity *all,
                       const struct first *first) {
    sn_json_open(j, "users", '[');
    for (size_t i = 0; i < CROWDS && has_users(report); i++) {
        struct crowd crowd = crowd_of(report, crowds[i], all, first);
        sn_json_open(j, NULL, '{');
        sn_json_put_uint(j, "users", crowd.users);
        sn_json_put_number(j, "perS", crowd.per_s);
        put_known(j, "callsInFlight", crowd.calls, 2);
        sn_json_put_usd(j, "monthUsd", crowd.month_nusd);
        sn_json_put_usd(j, "monthBeyondUsd", crowd.beyond_nusd);
        sn_json_put_bool(j, "limited", crowd.limited);
        if (crowd.limited)
            sn_json_put_fixed(j, "timesTheLimit", crowd.per_s / first->from_per_s, 1);
        else
            sn_json_put_null(j, "timesTheLimit");
        sn_json_put_bool(j, "extrapolated", crowd.extrapolated);
        sn_json_close(j, '}');
    }
    sn_json_close(j, ']');
}

void sn_report_json_scale(struct sn_json_writer *j, const struct sn_report *report, const struct sn_capacity *all,
                          uint32_t bottleneck) {
    struct sn_usl usl = {.outcome = SN_USL_FEW};
    if (sn_report_believable(report)) fit(report, &usl);
    struct first first = first_limit(report, all, bottleneck, &usl);
    put_law(j, &usl);
    put_limit(j, report, &first);
    put_crowds(j, report, all, &first);
}

/* --- Text ---------------------------------------------------------------------------------------------------------- */

static void say(struct sn_sentence *s, const char *text) {
    sn_put_text(&s->w, text);
}

static void say_number(struct sn_sentence *s, const char *before, double value, const char *after) {
    say(s, before);
    if (value >= 100)
        sn_put_fixed(&s->w, value, 0);
    else if (value >= 1)
        sn_lines_decimal(&s->w, value);
    else
        sn_put_fixed(&s->w, value, 3);
    say(s, after);
}

static void text_law(struct sn_writer *w, const struct sn_usl *usl) {
    struct sn_sentence s;
    if (usl->outcome != SN_USL_FITTED) return;
    sn_sentence_begin(&s);
    say_number(&s, "One call after the other comes to ", usl->lambda_per_s,
               " a second. Of more of them at once contention takes ");
    say_number(&s, "", 100 * usl->sigma, SN_STICKY "%");
    if (usl->kappa > 0) {
        say(&s, " and coherency ");
        sn_put_fixed(&s.w, 100 * usl->kappa, 4);
        say(&s, SN_STICKY "%");
    }
    say(&s, " (R² ");
    sn_put_fixed(&s.w, usl->r2, 2);
    say(&s, " over ");
    sn_lines_count(&s.w, usl->steps, "level", "levels");
    say_number(&s, ", up to ", usl->measured_calls, " calls in flight)");
    if (usl->peak_calls > 0 && trusted(usl, usl->peak_calls)) {
        say_number(&s, ": most comes of ", usl->peak_calls, " calls, ");
        say_number(&s, "", usl->peak_per_s, " a second");
        if (usl->peak_calls > usl->measured_calls) say(&s, " (extrapolated)");
    }
    say_number(&s, ". Nothing of this is to be trusted beyond ", usl->trust_calls, " calls in flight.");
    sn_lines_sentence(w, "Scaling", LABEL, &s);
}

static void say_limit(struct sn_sentence *s, const struct sn_report *report, const struct first *first) {
    static const char *const words[] = {"", "saturates", "writes one key more than once a second",
                                        "the law of its scaling has its peak (extrapolated)"};
    if (first->limit == LIMIT_NONE) return;
    say(s, "The first limit: ");
    if (first->limit != LIMIT_LAW) {
        const struct sn_kind *kind = &report->workload->kinds[first->kind];
        struct sn_span name = sn_report_pooled(report, first->limit == LIMIT_KEY ? kind->name : kind->system);
        sn_put_bytes(&s->w, name.data, name.len);
        say(s, " ");
    }
    say(s, words[first->limit]);
    say_number(s, " at ", first->from_per_s, " operations a second, which is ");
    say_number(s, "", users_of(report, first->from_per_s), " users.");
}

static void text_crowds(struct sn_writer *w, const struct sn_report *report, const struct sn_capacity *all,
                        const struct first *first) {
    struct sn_sentence s;
    for (size_t i = 0; i < CROWDS; i++) {
        struct crowd crowd = crowd_of(report, crowds[i], all, first);
        sn_sentence_begin(&s);
        sn_put_dec(&s.w, crowd.users);
        say_number(&s, " users: ", crowd.per_s, " a second");
        if (crowd.calls > 0) say_number(&s, ", ", crowd.calls, " calls in flight");
        say(&s, ", ");
        sn_put_usd(&s.w, crowd.month_nusd);
        say(&s, " a month, of which ");
        sn_put_usd(&s.w, crowd.beyond_nusd);
        say(&s, " beyond what it includes");
        if (crowd.limited) say_number(&s, "; ", crowd.per_s / first->from_per_s, " times the first limit");
        say(&s, crowd.extrapolated ? " (extrapolated)." : ".");
        sn_lines_sentence(w, i == 0 ? "Users" : "", LABEL, &s);
    }
    sn_sentence_begin(&s);
    say_limit(&s, report, first);
    if (s.w.len > 0) sn_lines_sentence(w, "", LABEL, &s);
}

void sn_report_text_scale(struct sn_writer *w, const struct sn_report *report, const struct sn_capacity *all,
                          uint32_t bottleneck) {
    struct sn_usl usl;
    fit(report, &usl);
    text_law(w, &usl);
    struct first first = first_limit(report, all, bottleneck, &usl);
    if (has_users(report)) text_crowds(w, report, all, &first);
}
