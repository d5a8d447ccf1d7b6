/* At which load what saturated first, and what the figures are that say so.
 *
 *     levels, seconds, curve ──► of all operations together: outcome, what it carries, recovery
 *                           └──► of each kind: which one left its quiet level first, and why: the bottleneck */
#include "capacity.h"

#include <string.h>

#include "figures.h"
#include "lines.h"
#include "sentinel/base/place.h"

#define LABEL 12u
#define NOBODY UINT32_MAX

/* --- Judging ------------------------------------------------------------------------------------------------- */

static uint32_t all_kinds(const struct sn_report *report) {
    return report->workload->kinds_len;
}

/* Windows of a lead-in are left out, as everywhere. */
uint32_t sn_report_first_level(const struct sn_report *report) {
    int64_t lead_us = report->lead_in ? report->profile->phases[0].end_us : 0, window_us = report->levels->window_s;
    window_us *= SN_SECOND_US;
    return (uint32_t)((lead_us + window_us - 1) / window_us);
}

/* What there is to see of all operations, gathered once: of Poisson arrivals it takes time to say how many came due. */
static void see(const struct sn_report *report, struct sn_report_seen *seen) {
    uint32_t window_s = report->levels != NULL ? report->levels->window_s : 0;
    *seen = (struct sn_report_seen){.report = report};
    if (!sn_report_believable(report)) return;
    seen->first = sn_report_first_level(report);
    for (uint32_t i = seen->first; i < report->levels->len; i++) {
        struct sn_report_seconds seconds = {i * window_s, (i + 1) * window_s};
        struct sn_second happened = sn_report_happened(report, seconds);
        seen->levels[seen->len++] = (struct sn_capacity_level){
            .from_s = seconds.from,
            .seconds = window_s,
            .asked = (double)sn_report_asked(report, seconds),
            .ended = (double)happened.completed + happened.failed,
            .completed = happened.completed,
            .cell = sn_levels_cell(report->levels, i, all_kinds(report)),
        };
    }
}

/* How many of one kind came due nobody counts. */
static void judge(const struct sn_report_seen *seen, uint32_t kind, struct sn_capacity *result) {
    struct sn_capacity_level levels[SN_LEVELS_MAX];
    memcpy(levels, seen->levels, sizeof levels);
    for (uint32_t i = 0; kind != all_kinds(seen->report) && i < seen->len; i++) {
        levels[i].ended = levels[i].completed = -1;
        levels[i].cell = sn_levels_cell(seen->report->levels, seen->first + i, kind);
    }
    sn_capacity_judge(levels, seen->len, result);
}

/* What was measured by a Sentinel that could not do its job says nothing of the target. */
bool sn_report_believable(const struct sn_report *report) {
    return report->levels != NULL && report->validity.validity != SN_VALIDITY_INVALID;
}

static bool by_the_machine(const struct sn_report *report) {
    return report->limited_by != NULL && report->limited_by[0] == 'm';
}

static bool to_blame(const struct sn_capacity *of) {
    return of->outcome == SN_CAPACITY_FOUND && of->symptom != SN_SYMPTOM_NONE && of->symptom != SN_SYMPTOM_SLOTS;
}

bool sn_report_to_blame(const struct sn_report_seen *seen, uint32_t kind) {
    struct sn_capacity of;
    judge(seen, kind, &of);
    return to_blame(&of);
}

static double slowdown(const struct sn_capacity *of) {
    return of->quiet.service_us > 0 ? of->beyond.service_us / of->quiet.service_us : 0;
}

/* Whether the one left its quiet level before the other; of two that left it together, the one that grew slower by more. */
static bool before(const struct sn_capacity *one, const struct sn_capacity *other) {
    if (one->from_per_s < other->from_per_s) return true;
    return one->from_per_s <= other->from_per_s && slowdown(one) > slowdown(other);
}

static bool same_system(const struct sn_report *report, uint32_t a, uint32_t b) {
    struct sn_span one = sn_report_pooled(report, report->workload->kinds[a].system);
    struct sn_span other = sn_report_pooled(report, report->workload->kinds[b].system);
    return sn_span_equal(one, other);
}

/* The kind that is to blame first, of all kinds, or of those with the system of kind `like`; NOBODY when none is. */
static uint32_t first_to_blame(const struct sn_report_seen *seen, uint32_t like, struct sn_capacity *of) {
    uint32_t found = NOBODY;
    for (uint32_t kind = 0; kind < all_kinds(seen->report); kind++) {
        struct sn_capacity one;
        if (like != NOBODY && !same_system(seen->report, like, kind)) continue;
        judge(seen, kind, &one);
        if (!to_blame(&one) || (found != NOBODY && !before(&one, of))) continue;
        found = kind;
        *of = one;
    }
    return found;
}

/* Of the whole load; `bottleneck` becomes the kind that is to blame, or NOBODY, and `of` what is known of it. */
static void judge_all(const struct sn_report_seen *seen, struct sn_capacity *all, uint32_t *bottleneck,
                      struct sn_capacity *of) {
    *all = *of = (struct sn_capacity){.outcome = SN_CAPACITY_UNKNOWN};
    *bottleneck = NOBODY;
    judge(seen, all_kinds(seen->report), all);
    bool found = all->outcome == SN_CAPACITY_FOUND;
    if (found && !by_the_machine(seen->report)) *bottleneck = first_to_blame(seen, NOBODY, of);
}

/* Of all operations that come due, the share that is of this kind. */
double sn_report_kind_share(const struct sn_report *report, uint32_t kind) {
    double sum = 0;
    for (uint32_t i = 0; i < all_kinds(report); i++) sum += report->workload->kinds[i].weight;
    return sum > 0 ? report->workload->kinds[kind].weight / sum : 0;
}

static const char *symptom_name(const struct sn_report *report, const struct sn_capacity *all,
                                const struct sn_capacity *of, uint32_t bottleneck) {
    if (all->outcome == SN_CAPACITY_FOUND && by_the_machine(report)) return "machine";
    return sn_symptom_name(bottleneck != NOBODY ? of->symptom : all->symptom);
}

/* --- JSON ------------------------------------------------------------------------------------------------------ */

static void put_figures(struct sn_json_writer *j, const char *name, const struct sn_capacity_figures *figures) {
    bool known = figures->ended > 0;
    if (!known) {
        sn_json_put_null(j, name);
        return;
    }
    sn_json_open(j, name, '{');
    sn_report_json_ms(j, "p95Ms", figures->p95_us > 0, (uint64_t)figures->p95_us);
    sn_json_put_fixed(j, "serviceMs", figures->service_us / 1e3, 1);
    sn_json_put_fixed(j, "sqlMs", figures->sql_us / 1e3, 3);
    sn_json_put_fixed(j, "failedShare", figures->failed_share, 4);
    sn_json_put_fixed(j, "throttledShare", figures->throttled_share, 4);
    sn_json_close(j, '}');
}

static void put_evidence(struct sn_json_writer *j, const struct sn_capacity *of) {
    sn_report_json_ms(j, "limitMs", of->limit_us > 0, (uint64_t)of->limit_us);
    put_figures(j, "quiet", &of->quiet);
    put_figures(j, "beyond", &of->beyond);
}

static void put_recovery(struct sn_json_writer *j, const struct sn_recovery *recovery) {
    if (!recovery->asked) {
        sn_json_put_null(j, "recovery");
        return;
    }
    sn_json_open(j, "recovery", '{');
    sn_json_put_bool(j, "recovered", recovery->recovered);
    if (recovery->recovered)
        sn_json_put_fixed(j, "withinS", recovery->within_s, 0);
    else
        sn_json_put_null(j, "withinS");
    sn_json_put_fixed(j, "watchedS", recovery->watched_s, 0);
    sn_json_close(j, '}');
}

static void put_names(struct sn_json_writer *j, const struct sn_report *report, uint32_t kind) {
    struct sn_span system = sn_report_pooled(report, report->workload->kinds[kind].system);
    struct sn_span operation = sn_report_pooled(report, report->workload->kinds[kind].name);
    sn_json_put_span(j, "system", system.data, system.len);
    sn_json_put_span(j, "operation", operation.data, operation.len);
}

static void put_bottleneck(struct sn_json_writer *j, const struct sn_report_seen *seen, uint32_t kind) {
    const struct sn_report *report = seen->report;
    if (kind == NOBODY) {
        sn_json_put_null(j, "bottleneck");
        return;
    }
    sn_json_open(j, "bottleneck", '{');
    put_names(j, report, kind);
    const struct sn_target *target = sn_report_blamed_target(seen, kind);
    struct sn_span name = target != NULL ? sn_report_pooled(report, target->name) : (struct sn_span){NULL, 0};
    if (target != NULL)
        sn_json_put_span(j, "target", name.data, name.len);
    else
        sn_json_put_null(j, "target");
    sn_json_close(j, '}');
}

static void put_kind(struct sn_json_writer *j, const struct sn_report *report, uint32_t kind,
                     const struct sn_capacity *of) {
    bool found = of->outcome == SN_CAPACITY_FOUND;
    sn_json_open(j, NULL, '{');
    put_names(j, report, kind);
    sn_json_put_text(j, "outcome", sn_capacity_outcome_name(of->outcome));
    sn_report_json_per_s(j, "wellPerS", of->well_per_s);
    sn_report_json_per_s(j, "fromPerS", of->from_per_s);
    sn_report_json_per_s(j, "ownFromPerS", of->from_per_s * sn_report_kind_share(report, kind));
    sn_json_put_text(j, "sign", found ? sn_capacity_sign_name(of->sign) : NULL);
    sn_json_put_text(j, "symptom", found ? sn_symptom_name(of->symptom) : NULL);
    put_evidence(j, of);
    sn_json_close(j, '}');
}

static bool first_of_system(const struct sn_report *report, uint32_t kind) {
    for (uint32_t i = 0; i < kind; i++) {
        if (same_system(report, i, kind)) return false;
    }
    return true;
}

static void put_systems(struct sn_json_writer *j, const struct sn_report_seen *seen) {
    const struct sn_report *report = seen->report;
    sn_json_open(j, "systems", '[');
    for (uint32_t kind = 0; sn_report_believable(report) && kind < all_kinds(report); kind++) {
        struct sn_capacity of = {0};
        if (!first_of_system(report, kind)) continue;
        uint32_t first = first_to_blame(seen, kind, &of);
        if (first == NOBODY) continue;
        put_kind(j, report, first, &of);
    }
    sn_json_close(j, ']');
    sn_json_open(j, "operations", '[');
    for (uint32_t kind = 0; sn_report_believable(report) && kind < all_kinds(report); kind++) {
        struct sn_capacity of = {0};
        if (report->workload->kinds[kind].weight == 0) continue;
        judge(seen, kind, &of);
        put_kind(j, report, kind, &of);
    }
    sn_json_close(j, ']');
}

SN_OWN_FRAME void sn_report_json_capacity(struct sn_json_writer *j, const struct sn_report *report) {
    struct sn_report_seen seen;
    struct sn_capacity all, of;
    uint32_t bottleneck;
    see(report, &seen);
    judge_all(&seen, &all, &bottleneck, &of);
    bool found = all.outcome == SN_CAPACITY_FOUND;
    sn_json_open(j, "capacity", '{');
    sn_json_put_text(j, "outcome", sn_capacity_outcome_name(all.outcome));
    sn_report_json_per_s(j, "saturatedAtPerS", found ? sn_capacity_per_s(&all) : 0);
    sn_report_json_per_s(j, "wellPerS", all.well_per_s);
    sn_report_json_per_s(j, "fromPerS", all.from_per_s);
    sn_report_json_per_s(j, "behindPerS", all.behind_per_s);
    sn_report_json_per_s(j, "carriedPerS", all.carried_per_s);
    sn_report_json_per_s(j, "highestPerS", all.highest_per_s);
    sn_json_put_text(j, "sign", found ? sn_capacity_sign_name(all.sign) : NULL);
    sn_json_put_text(j, "symptom", found ? symptom_name(report, &all, &of, bottleneck) : NULL);
    put_bottleneck(j, &seen, bottleneck);
    put_evidence(j, &all);
    put_recovery(j, &all.recovery);
    sn_json_put_uint(j, "levels", all.levels);
    sn_json_put_uint(j, "levelS", report->levels != NULL ? report->levels->window_s : 0);
    put_systems(j, &seen);
    sn_report_json_scale(j, report, &all, bottleneck);
    sn_report_json_search(j, report);
    sn_json_close(j, '}');
}

/* --- Text ------------------------------------------------------------------------------------------------------ */

static void say(struct sn_sentence *s, const char *text) {
    sn_put_text(&s->w, text);
}

static void say_number(struct sn_sentence *s, const char *before_it, double value, const char *behind_it) {
    say(s, before_it);
    sn_lines_decimal(&s->w, value);
    say(s, behind_it);
}

/* An average has more digits than what it is made of. */
static void say_mean(struct sn_sentence *s, const char *before_it, double us, const char *behind_it) {
    say_number(s, before_it, us / 1e3, SN_STICKY "ms");
    say(s, behind_it);
}

static void say_limit(struct sn_sentence *s, const struct sn_capacity *all) {
    sn_put_dec(&s->w, sn_report_ms((uint64_t)all->limit_us));
    say(s, SN_STICKY "ms");
}

static void say_where(struct sn_sentence *s, const struct sn_capacity *all) {
    bool carried = all->carried_per_s > 0;
    say_number(s, "Saturated at ", sn_capacity_per_s(all), " operations a second");
    say(s, carried ? ", which is what it carried when it was asked for more. " : ". ");
    if (all->sign == SN_CAPACITY_SIGN_THROUGHPUT) return;
    say_number(s, "From ", all->from_per_s, " a second on ");
    if (all->sign == SN_CAPACITY_SIGN_FAILURES) {
        say_number(s, "more than ", 100 * (all->quiet.failed_share + SN_CAPACITY_FAILED), SN_STICKY "% failed");
    } else {
        say(s, "95" SN_STICKY "% of answers no longer came within ");
        say_limit(s, all);
    }
    if (all->well_per_s > 0) say_number(s, "; at ", all->well_per_s, " all was well");
    say(s, ". ");
}

static void say_wall(struct sn_sentence *s, const struct sn_capacity *of) {
    say_mean(s, " took ", of->beyond.service_us, " on the average instead of ");
    say_mean(s, "", of->quiet.service_us, "");
}

static void say_why(struct sn_sentence *s, const struct sn_capacity *of) {
    switch (of->symptom) {
    case SN_SYMPTOM_QUEUEING:
        say_wall(s, of);
        say_mean(s, ", of which the statements themselves were ", of->beyond.sql_us, ": they queued. ");
        break;
    case SN_SYMPTOM_STATEMENTS:
        say_wall(s, of);
        say_mean(s, ", and the statements themselves ", of->beyond.sql_us, ": they became slower. ");
        break;
    case SN_SYMPTOM_SLOWER:
        say_wall(s, of);
        say(s, ". ");
        break;
    case SN_SYMPTOM_THROTTLING:
        say_number(s, ": ", 100 * of->beyond.throttled_share, SN_STICKY "% were refused as too many. ");
        break;
    case SN_SYMPTOM_ERRORS: say_number(s, ": ", 100 * of->beyond.failed_share, SN_STICKY "% failed. "); break;
    default: break;
    }
}

static void say_bottleneck(struct sn_sentence *s, const struct sn_report_seen *seen, const struct sn_capacity *all,
                           uint32_t bottleneck, const struct sn_capacity *of) {
    const struct sn_report *report = seen->report;
    if (bottleneck != NOBODY) {
        struct sn_span system = sn_report_pooled(report, report->workload->kinds[bottleneck].system);
        struct sn_span operation = sn_report_pooled(report, report->workload->kinds[bottleneck].name);
        const struct sn_target *target = sn_report_blamed_target(seen, bottleneck);
        bool custom = target != NULL && sn_span_is(system, "custom");
        say(s, "The bottleneck is ");
        if (!custom) sn_put_bytes(&s->w, system.data, system.len);
        if (target != NULL) {
            struct sn_span name = sn_report_pooled(report, target->name);
            say(s, custom ? "" : " at ");
            sn_put_bytes(&s->w, name.data, name.len);
        }
        say(s, ". Calls of ");
        sn_put_bytes(&s->w, operation.data, operation.len);
        say_why(s, of);
    } else if (by_the_machine(report)) {
        say(s, "The machine that runs Sentinel was saturated itself, so that is as much its limit as the target's. ");
    } else if (all->symptom == SN_SYMPTOM_SLOTS) {
        say(s, "The target answered as quickly as before: what was too few is the run's own calls in flight. ");
    }
}

static void say_recovery(struct sn_sentence *s, const struct sn_recovery *recovery) {
    if (!recovery->asked) return;
    say(s, "When the load fell it ");
    if (recovery->recovered)
        say_number(s, "was well again within ", recovery->within_s, SN_STICKY "s.");
    else
        say_number(s, "was not well again for the ", recovery->watched_s, SN_STICKY "s until its end.");
}

SN_OWN_FRAME void sn_report_text_capacity(struct sn_writer *w, const struct sn_report *report) {
    struct sn_report_seen seen;
    struct sn_capacity all, of;
    struct sn_sentence s;
    uint32_t bottleneck;
    see(report, &seen);
    judge_all(&seen, &all, &bottleneck, &of);
    if (all.outcome == SN_CAPACITY_UNKNOWN) return;
    sn_sentence_begin(&s);
    if (all.outcome == SN_CAPACITY_ABOVE) {
        say_number(&s, "Nothing saturated up to ", all.highest_per_s, " operations a second");
        if (all.limit_us > 0) {
            say(&s, ", and 95" SN_STICKY "% of answers came within ");
            say_limit(&s, &all);
        }
        say(&s, ".");
    } else {
        say_where(&s, &all);
        say_bottleneck(&s, &seen, &all, bottleneck, &of);
        say_recovery(&s, &all.recovery);
    }
    sn_lines_sentence(w, "Capacity", LABEL, &s);
    sn_report_text_scale(w, report, &all, bottleneck);
}
