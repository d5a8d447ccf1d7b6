#include "demand.h"

#include <string.h>

#define SLICES_PER_S (1.0 * SN_SECOND_US / SN_SLICE_US) /* each is an alarm, and each alarm a request */

static bool reads_only(const struct sn_workload *workload, uint32_t statement) {
    const struct sn_text *text = &workload->statements[statement];
    const char *sql = workload->pool + text->offset;
    return (text->len >= 6 && memcmp(sql, "SELECT", 6) == 0) || (text->len >= 4 && memcmp(sql, "WITH", 4) == 0);
}

static void add_step(struct sn_demand *demand, const struct sn_workload *workload, const struct sn_step *step,
                     double times) {
    switch (step->action) {
    case SN_ACTION_KV_GET: demand->daily[SN_DAILY_KV_READS] += times; break;
    case SN_ACTION_KV_GET_MANY: /* each key counts */
        demand->daily[SN_DAILY_KV_READS] += times * (workload->groups[step->groups].arguments_len - 2);
        break;
    case SN_ACTION_DO_CALL:
    case SN_ACTION_DO_FETCH: demand->daily[SN_DAILY_OBJECT_REQUESTS] += times; break;
    case SN_ACTION_KV_PUT: demand->daily[SN_DAILY_KV_WRITES] += times; break;
    case SN_ACTION_KV_DELETE: demand->daily[SN_DAILY_KV_DELETES] += times; break;
    case SN_ACTION_KV_LIST: demand->daily[SN_DAILY_KV_LISTS] += times; break;
    case SN_ACTION_D1_ALL:
    case SN_ACTION_D1_BATCH:
        for (uint32_t i = 0; i < step->groups_len; i++) {
            const struct sn_group *group = &workload->groups[step->groups + i];
            if (!reads_only(workload, group->statement)) demand->daily[SN_DAILY_D1_WRITES] += times * group->times;
        }
        break;
    default: break; /* what the free plan counts by the month, if at all */
    }
}

static void add_steps(struct sn_demand *demand, const struct sn_workload *workload, uint32_t steps, uint32_t len,
                      double times) {
    for (uint32_t i = 0; i < len; i++) {
        const struct sn_step *step = &workload->steps[steps + i];
        double share = step->flow.chance > 0 ? (double)step->flow.chance / SN_CHANCE_SURE : 1;
        add_step(demand, workload, step, times * share);
    }
}

/* Operations of this kind to be expected. */
static double expected(const struct sn_plan *plan, uint32_t kind) {
    const struct sn_workload *workload = &plan->workload;
    double sum = 0;
    for (uint32_t i = 0; i < workload->kinds_len; i++) sum += workload->kinds[i].weight;
    return sum > 0 ? (double)plan->profile.planned * workload->kinds[kind].weight / sum : 0;
}

static double job_items(const struct sn_plan *plan, const struct sn_job *job) {
    if (job->stage == SN_STAGE_PREPARE && plan->prepare == SN_PREPARE_NONE) return 0;
    double items = job->count;
    if (job->kind != UINT32_MAX) items = expected(plan, job->kind);
    if (job->every > 0) items = (double)((plan->profile.planned + job->every - 1) / job->every);
    if (job->kind == UINT32_MAX) items *= sn_plan_tenants(plan);
    bool twice = job->stage == SN_STAGE_CLEANUP && plan->workload.steps[job->steps].action != SN_ACTION_KV_DELETE;
    return twice ? 2 * items : items; /* the second sweep, as the free plan has it */
}

struct sn_demand sn_plan_demand(const struct sn_plan *plan) {
    const struct sn_workload *workload = &plan->workload;
    struct sn_demand demand = {0};
    for (uint32_t i = 0; i < workload->kinds_len; i++) {
        const struct sn_kind *kind = &workload->kinds[i];
        add_steps(&demand, workload, kind->steps, kind->steps_len, expected(plan, i));
    }
    for (uint32_t i = 0; i < workload->jobs_len; i++) {
        const struct sn_job *job = &workload->jobs[i];
        add_steps(&demand, workload, job->steps, job->steps_len, job_items(plan, job));
    }
    double duration_s = (double)plan->profile.end_us / SN_SECOND_US;
    double slices = (double)plan->profile.planned / sn_platform_slice_calls((enum sn_platform)plan->platform);
    double reports = plan->shards * duration_s;
    demand.daily[SN_DAILY_OBJECT_REQUESTS] += reports + slices + plan->shards * duration_s * SLICES_PER_S;
    return demand;
}
