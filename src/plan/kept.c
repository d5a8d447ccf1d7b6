/* Data that outlives the run that has prepared it: what it is known by, and who remembers it. */
#include <string.h>

#include "sentinel/plan/plan.h"

#define DATA_VERSION 1 /* to be raised when the same plan prepares something else than before */

bool sn_plan_keeps_data(const struct sn_plan *plan) {
    return plan->prepare == SN_PREPARE_REUSE || plan->prepare == SN_PREPARE_REMOVE;
}

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t len) {
    return sn_hash64_add_number(sn_hash64_add_number(hash, len), sn_hash64(bytes, len));
}

static uint64_t add_text(uint64_t hash, const struct sn_workload *workload, struct sn_text text) {
    return add_bytes(hash, workload->pool + text.offset, text.len);
}

/* Rows with their weights.  The same texts elsewhere in the plan are the same list. */
static uint64_t add_list(uint64_t hash, const struct sn_workload *workload, const struct sn_list *list) {
    hash = sn_hash64_add_number(sn_hash64_add_number(hash, list->rows), list->columns);
    hash = sn_hash64_add_number(sn_hash64_add_number(hash, list->total), list->salt);
    for (uint32_t i = 0; i < list->rows * list->columns; i++) {
        const struct sn_option *option = &workload->options[list->options + i];
        hash = sn_hash64_add_number(add_text(hash, workload, option->text), option->upto);
    }
    return hash;
}

/* Jobs name neither keys nor what was captured. */
static uint64_t add_part(uint64_t hash, const struct sn_workload *workload, const struct sn_part *part) {
    hash = sn_hash64_add_number(hash, part->kind);
    switch (part->kind) {
    case SN_PART_LITERAL: return add_text(hash, workload, (struct sn_text){part->a, part->b});
    case SN_PART_PICK:
        hash = add_list(hash, workload, &workload->lists[part->a]);
        return sn_hash64_add_number(sn_hash64_add_number(hash, part->b), part->c);
    default: break;
    }
    hash = sn_hash64_add_number(sn_hash64_add_number(hash, part->a), part->b);
    return sn_hash64_add_number(hash, part->c);
}

static uint64_t add_group(uint64_t hash, const struct sn_workload *workload, const struct sn_step *step,
                          const struct sn_group *group) {
    bool sql = sn_step_target(workload, step)->service == SN_SERVICE_D1;
    hash = sn_hash64_add_number(sn_hash64_add_number(hash, group->times), group->arguments_len);
    if (sql) hash = add_text(hash, workload, workload->statements[group->statement]);
    for (uint32_t i = 0; i < group->arguments_len; i++) {
        const struct sn_argument *argument = &workload->arguments[group->arguments + i];
        bool keyed = argument->type != SN_VALUE_TEXT && argument->key != UINT32_MAX;
        hash = sn_hash64_add_number(sn_hash64_add_number(hash, argument->type), argument->parts_len);
        hash = sn_hash64_add_number(hash, keyed); /* by the key, which stands before it */
        for (uint32_t p = 0; p < argument->parts_len; p++)
            hash = add_part(hash, workload, &workload->parts[argument->parts + p]);
    }
    return hash;
}

static uint64_t add_job(uint64_t hash, const struct sn_workload *workload, const struct sn_job *job) {
    hash = sn_hash64_add_number(sn_hash64_add_number(hash, job->count), job->steps_len);
    for (uint32_t i = 0; i < job->steps_len; i++) {
        const struct sn_step *step = &workload->steps[job->steps + i];
        const struct sn_target *target = sn_step_target(workload, step);
        hash = sn_hash64_add_number(sn_hash64_add_number(hash, step->action), step->groups_len);
        hash = add_text(sn_hash64_add_number(hash, target->service), workload, target->name);
        for (uint32_t g = 0; g < step->groups_len; g++)
            hash = add_group(hash, workload, step, &workload->groups[step->groups + g]);
    }
    return hash;
}

uint64_t sn_plan_data_hash(const struct sn_plan *plan, uint64_t seed) {
    const struct sn_workload *workload = &plan->workload;
    uint64_t hash = sn_hash64_add_number(sn_hash64_add_number(SN_HASH64_BEGIN, DATA_VERSION), seed);
    hash = add_bytes(hash, plan->tenant, strlen(plan->tenant));
    hash = sn_hash64_add_number(hash, workload->tenants > 0);
    if (workload->tenants > 0) hash = add_list(hash, workload, &workload->lists[workload->tenants - 1]);
    for (uint32_t i = 0; i < workload->jobs_len; i++)
        if (workload->jobs[i].stage == SN_STAGE_PREPARE) hash = add_job(hash, workload, &workload->jobs[i]);
    return sn_hash64_end(hash);
}

uint32_t sn_plan_data_target(const struct sn_plan *plan) {
    const struct sn_workload *workload = &plan->workload;
    for (uint32_t i = 0; i < workload->jobs_len; i++) {
        const struct sn_job *job = &workload->jobs[i];
        for (uint32_t s = job->steps; job->stage == SN_STAGE_PREPARE && s < job->steps + job->steps_len; s++)
            if (sn_step_target(workload, &workload->steps[s])->service == SN_SERVICE_D1)
                return workload->steps[s].target;
    }
    return workload->targets_len;
}
