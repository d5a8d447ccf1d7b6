/* The items of a job stage, numbered through, so that shards can deal them out and resume by a number alone. */
#include "sentinel/base/assert.h"
#include "sentinel/load/operation.h"
#include "sentinel/plan/plan.h"

/* Sweeping is cleaning a second time.  On the free plan, which has few deletions from KV in a day, keys that arrived late are
 * left to their time to live. */
static bool in_stage(const struct sn_plan *plan, const struct sn_job *job, enum sn_stage stage) {
    bool stays = plan->prepare == SN_PREPARE_REUSE || (plan->prepare == SN_PREPARE_REMOVE && stage == SN_STAGE_SWEEP);
    if (job->data != 0 && stays) return false;
    if (stage != SN_STAGE_SWEEP) return job->stage == (uint32_t)stage;
    bool expires = plan->workload.steps[job->steps].action == SN_ACTION_KV_DELETE;
    return job->stage == SN_STAGE_CLEANUP && !(plan->platform == SN_PLATFORM_FREE && expires);
}

static bool is_per_kind(const struct sn_job *job) {
    return job->kind != UINT32_MAX;
}

uint32_t sn_plan_tenants(const struct sn_plan *plan) {
    uint32_t tenants = plan->workload.tenants;
    return tenants > 0 ? plan->workload.lists[tenants - 1].rows : 1;
}

static uint64_t job_items(const struct sn_plan *plan, const struct sn_job *job, uint64_t last_k) {
    if (is_per_kind(job)) return last_k;
    return (job->every > 0 ? (last_k + job->every - 1) / job->every : job->count) * sn_plan_tenants(plan);
}

uint64_t sn_plan_items(const struct sn_plan *plan, enum sn_stage stage, uint64_t last_k) {
    uint64_t items = 0;
    if (stage == SN_STAGE_PREPARE && plan->prepare == SN_PREPARE_NONE) return 0;
    for (uint32_t i = 0; i < plan->workload.jobs_len; i++) {
        const struct sn_job *job = &plan->workload.jobs[i];
        if (in_stage(plan, job, stage)) items += job_items(plan, job, last_k);
    }
    return items;
}

static struct sn_item item_of(const struct sn_plan *plan, const struct sn_job *job, uint64_t index) {
    uint32_t tenants = sn_plan_tenants(plan);
    if (!is_per_kind(job))
        return (struct sn_item){job, index / tenants, tenants > 1 ? 1 + (uint32_t)(index % tenants) : 0};
    uint64_t k = index + 1;
    bool of_kind = sn_operation_kind(&plan->mix, k) == job->kind;
    return (struct sn_item){of_kind ? job : NULL, k, 0};
}

struct sn_item sn_plan_item(const struct sn_plan *plan, enum sn_stage stage, uint64_t last_k, uint64_t index) {
    for (int per_kind = 0; per_kind < 2; per_kind++) {
        for (uint32_t i = 0; i < plan->workload.jobs_len; i++) {
            const struct sn_job *job = &plan->workload.jobs[i];
            if (!in_stage(plan, job, stage) || is_per_kind(job) != (per_kind == 1)) continue;
            uint64_t items = job_items(plan, job, last_k);
            if (index < items) return item_of(plan, job, index);
            index -= items;
        }
    }
    SN_ASSERT(false); /* index is below sn_plan_items() */
    return (struct sn_item){0};
}
