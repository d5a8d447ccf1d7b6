/* Whether the load was the one that was asked for: no operation sent before it was due, and as many of them in all as lie
 * under the curve.
 *
 * The auditor adds up rate times time in steps of a millisecond, by the profile's rate and by what the report says was
 * done to the load.  It asks neither the integral nor the schedule. */
#include <math.h>
#include <string.h>

#include "sentinel/base/time.h"
#include "world.h"

#define STEP_US 1000
#define EARLY_US 3000   /* the clock's step, twice, and the walk's own */
#define SKEWED_US 92000 /* by which two clocks may differ */

struct change {
    char what[16];
    int64_t at_us;
    double value;
};

/* An operation is due when the walk reaches it, a little more or less. */
struct front {
    uint64_t early_k, late_k; /* the next that the walk may just have reached, and the next that it has for sure */
};

struct walk {
    struct change changes[SN_EPOCHS_MAX];
    uint32_t len;
    int64_t end_us; /* where the curve ends on the run clock */
    int64_t clock_us;
    int64_t at_us; /* where it is */
    uint32_t next; /* change */
    struct front front;
    double factor, area;
    bool paused, stopped;
    bool missed; /* it knows only the first changes */
};

static double number(const struct sn_json *object, const char *name) {
    return sn_json_number(sn_json_get(object, name));
}

/* A cancel is on the timeline beside the stop that comes of it. */
static bool read_timeline(struct walk *walk, const struct sn_json *timeline) {
    for (const struct sn_json *at = sn_json_first(timeline); at != NULL; at = sn_json_next(at)) {
        const char *what = sn_json_string(sn_json_get(at, "what")), *time = sn_json_string(sn_json_get(at, "at"));
        if (what == NULL || time == NULL || strlen(what) >= sizeof walk->changes[0].what) return false;
        if (strcmp(what, "cancel") == 0) continue;
        if (walk->len == SN_EPOCHS_MAX) return false;
        struct change *change = &walk->changes[walk->len++];
        memcpy(change->what, what, strlen(what) + 1);
        if (sn_iso_parse(time, strlen(time), &change->at_us) != SN_OK) return false;
        change->value = number(at, sn_json_get(at, "seconds") != NULL ? "seconds" : "factor");
    }
    return walk->len == 0 || strcmp(walk->changes[0].what, "start") == 0;
}

static void obey(struct walk *walk, const struct change *change) {
    if (strcmp(change->what, "pause") == 0) walk->paused = true;
    if (strcmp(change->what, "resume") == 0) walk->paused = false;
    if (strcmp(change->what, "stop") == 0) walk->stopped = true;
    if (strcmp(change->what, "scale") == 0) walk->factor = change->value;
    if (strcmp(change->what, "extend") == 0) walk->end_us += (int64_t)change->value * SN_SECOND_US;
}

static double rate_now(const struct walk *walk, const struct sn_profile *profile) {
    int64_t middle_us = walk->clock_us + STEP_US / 2;
    double rate =
        middle_us > profile->end_us ? sn_profile_end_rate_per_s(profile) : sn_profile_rate_per_s(profile, middle_us);
    return rate * walk->factor;
}

/* Poisson arrivals are drawn, so the profile is asked where they lie on the run clock.  `slack`: of an operation, since the
 * walk's steps are not the machines'. */
static bool reached(const struct sn_profile *profile, const struct walk *walk, uint64_t k, double slack) {
    if (profile->arrivals != SN_ARRIVALS_POISSON) return (double)k <= walk->area + slack;
    return k <= profile->planned && sn_profile_due_us(profile, k) <= walk->clock_us;
}

/* What the walk has only now reached must not have been sent long before, nor by a shard that came to be only after it.  Who
 * may have missed a change is not held to this walk, but to one of all. */
static void check_sent(struct world *world, struct front *front, const struct walk *walk, int64_t at_us) {
    struct auditor *auditor = &world->auditor;
    const struct sn_profile *profile = &world->plan.profile;
    uint64_t len = auditor->operations_len;
    int64_t early_us = EARLY_US;
    if ((world->options->faults & SN_FAULT_BIT(SN_FAULT_SKEW)) != 0) early_us += SKEWED_US;
    for (uint64_t *k = &front->early_k; *k < len && reached(profile, walk, *k, 0.1); ++*k) {
        struct operation *operation = &auditor->operations[*k];
        int64_t sent_us = WORLD_START_US + (int64_t)operation->sent_at * SENT_STEP_US;
        bool early = sent_us < at_us - early_us;
        operation->was_due = operation->was_due || !early;
        if (early && !walk->missed && operation->sent > 0 && !operation->behind)
            audit_violation(auditor, "sent before it was due", *k);
    }
    for (uint64_t *k = &front->late_k; *k < len && reached(profile, walk, *k, -0.1); ++*k) {
        const struct operation *operation = &auditor->operations[*k];
        int64_t opened_us = WORLD_START_US + (int64_t)operation->opened_at * SENT_STEP_US;
        if (opened_us > at_us + early_us && !walk->missed && operation->sent > 0 && !operation->behind)
            audit_violation(auditor, "sent although its shard was away when it was due", *k);
    }
}

/* Whether somebody may have missed a change of the load, and gone on as before. */
static bool behind(const struct world *world, const struct walk *walk) {
    return walk->len > 1 && (world->options->faults & ~SN_FAULTS_CALM) != 0;
}

static void walk_on(struct world *world, struct walk *walk);

/* By the load as it was before the change that comes next, and ever after. */
static void walk_without(struct world *world, const struct walk *walk) {
    struct walk before = *walk;
    before.len = walk->next;
    before.missed = true;
    if (strcmp(walk->changes[walk->next].what, "replace") != 0) walk_on(world, &before);
    if (before.area > world->auditor.most) world->auditor.most = before.area;
}

static void walk_on(struct world *world, struct walk *walk) {
    while (walk->clock_us < walk->end_us && !walk->stopped) {
        while (walk->next < walk->len && walk->changes[walk->next].at_us <= walk->at_us) {
            if (!walk->missed) walk_without(world, walk);
            obey(walk, &walk->changes[walk->next++]);
        }
        if (walk->paused && walk->next == walk->len) return; /* it was cancelled while it was paused */
        if (!walk->paused && !walk->stopped) {
            walk->area += rate_now(walk, &world->plan.profile) * STEP_US / 1e6;
            walk->clock_us += STEP_US;
        }
        walk->at_us += STEP_US;
        check_sent(world, &walk->front, walk, walk->at_us);
    }
}

/* Whoever missed a change goes by the load before it, so nobody sends what was due by none of them.  (Poisson arrivals behind
 * the plan's are not drawn here.) */
static void walk_along(struct world *world, struct walk *walk) {
    const struct sn_profile *profile = &world->plan.profile;
    struct auditor *auditor = &world->auditor;
    walk_on(world, walk);
    if (walk->area > auditor->most) auditor->most = walk->area;
    for (uint64_t k = 1; k < auditor->operations_len; k++) {
        bool drawn = profile->arrivals != SN_ARRIVALS_POISSON || k <= profile->planned;
        const struct operation *operation = &auditor->operations[k];
        if (operation->sent == 0 || operation->was_due || !drawn) continue;
        if (k < walk->front.early_k || (double)k > auditor->most + 2)
            audit_violation(auditor, "sent although no load that its shard may have known had it due", k);
    }
    for (uint64_t k = walk->front.early_k; !behind(world, walk) && !walk->stopped && k < auditor->operations_len; k++) {
        if (auditor->operations[k].sent > 0 && (double)k > walk->area + 2)
            audit_violation(auditor, "sent although it is not under the curve", k);
    }
}

static uint64_t sum_at(const struct sn_json *columns, const char *name, size_t second) {
    const struct sn_json *at = sn_json_first(sn_json_get(columns, name));
    while (at != NULL && second-- > 0) at = sn_json_next(at);
    return at != NULL ? (uint64_t)sn_json_number(at) : 0;
}

/* Second by second: what was started and what was dropped is what was asked for.  A crash loses some of its own results, and
 * a lost shard's drops are known in sum only. */
static void check_seconds(struct world *world, const struct sn_json *report) {
    const struct sn_json *series = sn_json_get(report, "series");
    size_t len = sn_json_count(sn_json_get(series, "started"));
    if (len == 0) audit_violation(&world->auditor, "the report has no seconds", 0);
    for (size_t second = 0; second < len; second++) {
        uint64_t happened = sum_at(series, "started", second) + sum_at(series, "dropped", second);
        if (happened != sum_at(series, "planned", second))
            audit_violation(&world->auditor, "started and dropped are not what was planned for second", second);
    }
}

/* Whoever died, each second says of what came due in it whether it was started, or dropped, or is untold; and what is untold
 * is no more than what is accounted for without a second.  (Of a stop shards learn in their own time: what they start until
 * then is not asked for any more, and what waited for a slot is cancelled.) */
static void check_untold(struct world *world, const struct sn_json *report) {
    const struct sn_json *series = sn_json_get(report, "series");
    const struct sn_json *terms = sn_json_get(sn_json_get(sn_json_get(report, "validity"), "accounting"), "terms");
    double most = number(terms, "unaccounted") + number(sn_json_get(terms, "dropped"), "shardDown");
    uint64_t untold = 0;
    size_t len = sn_json_count(sn_json_get(series, "started"));
    for (size_t second = 0; second < len; second++) {
        uint64_t told = sum_at(series, "started", second) + sum_at(series, "dropped", second);
        uint64_t missing = sum_at(series, "untold", second);
        if (told + missing != sum_at(series, "planned", second))
            audit_violation(&world->auditor, "a second does not say what became of all that was due in it", second);
        untold += missing;
    }
    if ((double)untold > most)
        audit_violation(&world->auditor, "more is untold than is accounted for without a second", untold);
}

static bool seconds_hold(const struct world *world, const struct walk *walk, const struct sn_sim_outcome *outcome) {
    static const uint32_t deaths = SN_FAULT_BIT(SN_FAULT_SHARDS_DIE) | SN_FAULT_BIT(SN_FAULT_RUN_DIES) |
                                   SN_FAULT_BIT(SN_FAULT_SHARDS_VANISH) | SN_FAULT_BIT(SN_FAULT_SHARDS_RETURN) |
                                   SN_FAULT_BIT(SN_FAULT_DEPLOYS) | SN_FAULT_BIT(SN_FAULT_NEW_VERSION) |
                                   SN_FAULT_BIT(SN_FAULT_STEERED_DIES);
    const struct sn_sim_options *options = world->options;
    bool died = (options->faults & deaths) != 0 || options->evictions + options->run_evictions + options->losses > 0;
    bool replaced = false;
    for (uint32_t i = 0; i < walk->len; i++) replaced = replaced || strcmp(walk->changes[i].what, "replace") == 0;
    return !died && !behind(world, walk) && !replaced && !walk->stopped && outcome->unaccounted == 0;
}

void audit_load(struct world *world, const struct sn_json *report, const struct sn_sim_outcome *outcome) {
    struct walk walk = {.end_us = world->plan.profile.end_us, .factor = 1, .next = 1, .front = {1, 1}};
    if (!read_timeline(&walk, sn_json_get(sn_json_get(report, "load"), "timeline"))) {
        audit_violation(&world->auditor, "the report's timeline cannot be read", walk.len);
        return;
    }
    if (walk.len == 0) return; /* it never came to a load */
    walk.at_us = walk.changes[0].at_us;
    walk_along(world, &walk);
    if (seconds_hold(world, &walk, outcome)) check_seconds(world, report);
    bool unheard =
        walk.len > 1 && world->options->losses > 0; /* who was cut off cannot tell that it heard of a change late */
    if (!behind(world, &walk) && !walk.stopped && !unheard) check_untold(world, report);
    bool whole = !walk.stopped && walk.clock_us >= walk.end_us;
    bool poisson = world->plan.profile.arrivals == SN_ARRIVALS_POISSON;
    double off = fabs((double)outcome->planned - walk.area);
    if (whole && !poisson && !behind(world, &walk) && off > 1.5 + walk.area * 1e-5 + (double)outcome->unaccounted)
        audit_violation(&world->auditor, "planned is not what lies under the curve", outcome->planned);
}
