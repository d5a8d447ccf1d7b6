#include <math.h>
#include <string.h>

#include "build.h"
#include "form.h"
#include "request.h"
#include "sentinel/base/assert.h"
#include "sentinel/plan/estimate.h"
#include "thresholds.h"

#define SLOTS_MAX (SN_CONNECTIONS_MAX - 1) /* one connection of each shard stays free for control */
#define SEED_BITS 53                       /* a seed that nobody chose can be typed back as a JSON number */

static const char too_large[] = "a plan that fits the memory set aside";

/* --- The owner -------------------------------------------------------------------------------------------- */

bool sn_made_of(const char *text, size_t max, const char *marks) {
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        bool letter = (text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z');
        if (!letter && !(text[i] >= '0' && text[i] <= '9') && strchr(marks, text[i]) == NULL) return false;
    }
    return len >= 1 && len <= max;
}

/* Both go into keys, JSON and SQL values as they are.  A run's id has no underscore: the key "sentinel_test_" id "_" of
 * one run is then never the beginning of another's. */
static bool check_owner(struct sn_trail *trail, const struct sn_plan_owner *owner) {
    if (!sn_made_of(owner->run_id, SN_RUN_ID_MAX, "-"))
        return sn_trail_refuse(trail, "plan.owner", "a run id of at most 39 letters, digits and dashes");
    if (!sn_made_of(owner->tenant, SN_TENANT_MAX, "._-"))
        return sn_trail_refuse(trail, "plan.owner", "a tenant of at most 63 letters, digits, '.', '_' and '-'");
    return true;
}

/* --- From the request to the plan -------------------------------------------------------------------------- */

static uint32_t divide_up(uint32_t a, uint32_t b) {
    return (a + b - 1) / b;
}

static void fill(struct sn_plan *plan, const struct sn_request *request, const struct sn_plan_owner *owner) {
    const struct sn_preset *defaults = sn_request_defaults(request);
    const char *name = request->name;
    memset(plan, 0, sizeof *plan);
    memcpy(plan->run_id, owner->run_id, strlen(owner->run_id));
    memcpy(plan->tenant, owner->tenant, strlen(owner->tenant));
    if (request->preset != NULL) {
        SN_ASSERT(strlen(request->preset->name) <= SN_PRESET_NAME_MAX); /* a zero stays behind it */
        memcpy(plan->preset, request->preset->name, strlen(request->preset->name));
    }
    if (*name == 0 && owner->name != NULL) name = owner->name;
    if (*name == 0) name = request->preset != NULL ? plan->preset : sn_profile_type_name(request->type);
    memcpy(plan->name, name, strlen(name));
    plan->profile_type = (uint32_t)request->type;
    plan->concurrency = (uint32_t)(request->concurrency > 0 ? request->concurrency : defaults->concurrency);
    memcpy(plan->regions, request->regions, sizeof plan->regions);
    plan->lead_in = request->lead_in_s > 0;
    plan->search_step_s = (uint32_t)request->search_step_s;
    bool preset_searches = request->preset != NULL && !request->type_given;
    if (plan->search_step_s == 0 && preset_searches) plan->search_step_s = request->preset->search_step_s;
    plan->prepare = request->prepare;
    plan->platform = (uint32_t)owner->platform;
    plan->bounds = (uint32_t)owner->bounds;
    plan->max_cost_nusd = (uint64_t)(request->max_cost_usd * SN_NUSD_PER_USD + 0.5);
    plan->users = request->users;
    plan->prices = owner->prices != NULL ? *owner->prices : sn_prices_listed();
    plan->max_late_us = request->max_late_ms > 0 ? (int64_t)request->max_late_ms * 1000 : SN_MAX_LATE_US_DEFAULT;
    plan->timeout_us = request->timeout_ms > 0 ? (int64_t)request->timeout_ms * 1000 : SN_TIMEOUT_US_DEFAULT;
}

static uint32_t greater(uint32_t a, uint32_t b) {
    return a > b ? a : b;
}

/* As many shards as the slots need, the regions, and the rate at its peak, but each has a call in flight. */
static bool deal(struct sn_trail *trail, struct sn_plan *plan) {
    uint32_t regions = 0;
    for (uint32_t i = 0; i < SN_REGIONS_LEN; i++) regions += plan->regions[i] > 0;
    if (regions > plan->concurrency) {
        sn_trail_name(trail, "regions");
        return sn_trail_refuse(trail, "plan.conflict", "no more regions than concurrency: each has a call in flight");
    }
    uint32_t for_peak = (uint32_t)ceil(sn_profile_peak_per_s(&plan->profile) / SN_SHARD_RATE_PER_S_MAX - 1e-9);
    if (for_peak > plan->concurrency) for_peak = plan->concurrency;
    plan->shards = greater(greater(divide_up(plan->concurrency, SLOTS_MAX), regions), for_peak);
    plan->slots = divide_up(plan->concurrency, plan->shards); /* where it does not divide, some have one less */
    return true;
}

/* What the free plan cannot carry in a day is refused before it fails in the middle. */
static bool check_day(struct sn_trail *trail, const struct sn_plan *plan) {
    if (plan->platform != SN_PLATFORM_FREE) return true;
    struct sn_ledger estimate = sn_plan_estimate(plan, SN_PLATFORM_FREE);
    struct sn_usage both = sn_ledger_both(&estimate);
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        const struct sn_meter_facts *facts = sn_meter((enum sn_meter)i);
        uint64_t units = both.units[i];
        if (facts->day == 0 || units <= facts->day) continue;
        sn_trail_name(trail, "targetOperations");
        struct sn_writer w = sn_trail_expected(trail, "plan.limit");
        sn_put_text(&w, "a run that the free plan carries in a day: at most ");
        sn_put_dec(&w, facts->day);
        sn_put_text(&w, " ");
        sn_put_text(&w, facts->words);
        sn_put_text(&w, "; this one makes about ");
        sn_put_dec(&w, units);
        return false;
    }
    return true;
}

/* A plan that is estimated to cost more than it may is refused before anything is spent. */
static bool check_budget(struct sn_trail *trail, const struct sn_plan *plan) {
    if (plan->max_cost_nusd == 0) return true;
    struct sn_ledger estimate = sn_plan_estimate(plan, (enum sn_platform)plan->platform);
    uint64_t target = sn_usage_cost_nusd(&plan->prices, &estimate.target);
    uint64_t own = sn_usage_cost_nusd(&plan->prices, &estimate.own);
    if (sn_add_sat(target, own) <= plan->max_cost_nusd) return true;
    sn_trail_name(trail, "maxCostUsd");
    struct sn_writer w = sn_trail_expected(trail, "plan.cost");
    sn_put_text(&w, "at least ");
    sn_put_usd(&w, sn_add_sat(target, own));
    sn_put_text(&w, ", which is what this plan is estimated to cost: ");
    sn_put_usd(&w, target);
    sn_put_text(&w, " at the target and ");
    sn_put_usd(&w, own);
    sn_put_text(&w, " for Sentinel itself; or fewer operations");
    return false;
}

static bool check_size(struct sn_trail *trail, const struct sn_plan *plan) {
    if (plan->shards > SN_SHARDS_MAX - SN_REPLACED_MAX) {
        sn_trail_name(trail, "concurrency");
        sn_trail_too_large(trail, "");
        struct sn_writer w = sn_trail_expected(trail, "plan.size");
        sn_put_text(&w, "a concurrency that at most ");
        sn_put_dec(&w, SN_SHARDS_MAX - SN_REPLACED_MAX);
        sn_put_text(&w, " shards can carry");
        trail->status = SN_E_LIMIT;
        return false;
    }
    if (plan->profile.phases_len * plan->workload.kinds_len > SN_CELLS_MAX) {
        sn_trail_name(trail, "targetSystems");
        return sn_trail_too_large(trail, "at most 160 operations times phases: fewer systems");
    }
    return true;
}

/* --- The whole ---------------------------------------------------------------------------------------------- */

struct work {
    struct sn_plan plan;
    struct sn_request request;
    struct sn_thresholds thresholds;
};

/* Of the tree nothing is needed any more when this returns, unless what is read later is in it. */
static bool read_request(struct sn_trail *trail, struct sn_arena *arena, const char *json, size_t len,
                         struct sn_request *request) {
    if (len > SN_PLAN_TEXT_MAX) return sn_trail_too_large(trail, "at most 65536 bytes");
    size_t mark = arena->used;
    const struct sn_json *text = sn_trail_parse(trail, arena, json, len);
    bool read = text != NULL && sn_request_read(trail, text, request);
    bool later =
        request->workload != NULL || request->tenants != NULL || request->data != NULL || request->thresholds != NULL;
    if (!later) arena->used = mark;
    return read;
}

static bool refuse_bytes(struct sn_trail *trail, uint64_t bytes) {
    sn_trail_name(trail, "workload");
    sn_trail_too_large(trail, "");
    struct sn_writer w = sn_trail_expected(trail, "plan.size");
    sn_put_text(&w, "a plan that compiles to at most ");
    sn_put_dec(&w, SN_PLAN_BYTES_MAX);
    sn_put_text(&w, " bytes; this one comes to ");
    sn_put_dec(&w, bytes);
    trail->status = SN_E_LIMIT;
    return false;
}

/* Without a seed in the plan it follows from the load, or, where data is kept, from that: runs of other rates find it too. */
static uint64_t seed_of(const struct sn_request *request, const struct sn_plan *plan) {
    if (request->seed_given) return request->seed;
    if (request->preset != NULL && request->preset->seed != 0) return request->preset->seed;
    uint64_t hash = sn_plan_keeps_data(plan) ? sn_plan_data_hash(plan, 0) : plan->hash;
    return hash >> (64 - SEED_BITS);
}

/* Data can be kept where a database can remember that it is there, and where somebody can ask for it again. */
static bool check_data(struct sn_trail *trail, const struct sn_request *request, const struct sn_plan *plan) {
    if (!sn_plan_keeps_data(plan)) return true;
    if (request->seed_drawn)
        return sn_trail_refuse_at(trail, "seed", "plan.conflict",
                                  "a number, or no seed: data that is kept is found again by it");
    if (sn_plan_data_target(plan) < plan->workload.targets_len) return true;
    return sn_trail_refuse_at(trail, "prepare", "plan.conflict",
                              "run or none: data is kept only where prepare writes to a D1 database, which "
                              "remembers what there is");
}

static bool put(struct sn_trail *trail, const struct sn_request *request, struct sn_plan *plan, struct sn_writer *out) {
    size_t start = out->len;
    sn_plan_put(out, plan);
    if (out->full || out->len - start > SN_PLAN_BYTES_MAX) return refuse_bytes(trail, sn_plan_bytes(plan));
    plan->hash = sn_plan_shape_hash(out->data + start, out->len - start);
    plan->seed = seed_of(request, plan);
    if (sn_plan_keeps_data(plan)) plan->data_hash = sn_plan_data_hash(plan, plan->seed);
    out->len = start;
    sn_plan_put(out, plan);
    return true;
}

static bool judge_by(struct sn_trail *trail, struct sn_arena *arena, struct work *work) {
    if (!sn_thresholds_read(trail, arena, &work->request, &work->plan, &work->thresholds)) return false;
    work->plan.thresholds = work->thresholds.list;
    work->plan.thresholds_len = work->thresholds.len;
    return true;
}

enum sn_status sn_plan_compile(const char *json, size_t len, const struct sn_plan_owner *owner, struct sn_arena *arena,
                               struct sn_writer *out, struct sn_plan_error *error) {
    struct sn_trail trail = sn_trail(error);
    trail.bounds = owner->bounds;
    trail.targets = owner->targets;
    trail.hosts = owner->hosts;
    trail.outside = owner->outside;
    struct work *work = sn_arena_alloc(arena, sizeof *work);
    if (work == NULL) {
        sn_trail_too_large(&trail, too_large);
        return trail.status;
    }
    memset(&work->request, 0, sizeof work->request);
    work->request.entropy = owner->entropy;
    if (!check_owner(&trail, owner) || !read_request(&trail, arena, json, len, &work->request)) return trail.status;
    fill(&work->plan, &work->request, owner);
    if (sn_shape_build(&trail, &work->request, &work->plan.profile) && deal(&trail, &work->plan) &&
        sn_request_build(&trail, arena, &work->request, &work->plan.workload) &&
        check_data(&trail, &work->request, &work->plan) && check_size(&trail, &work->plan) &&
        check_day(&trail, &work->plan) && check_budget(&trail, &work->plan) && judge_by(&trail, arena, work))
        put(&trail, &work->request, &work->plan, out);
    return trail.status;
}
