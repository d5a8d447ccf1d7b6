/* Whether operations made their steps as their workload says, and all of them were counted. */
#include <string.h>

#include "sentinel/load/flow.h"
#include "world.h"

static bool marked(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t step, uint32_t mark) {
    return (workload->steps[kind->steps + step].flow.marks & mark) != 0;
}

/* A step is sent once, if it was drawn, and when what it has to wait for was answered: all steps of the stages before its
 * own that are waited for. */
void audit_flow(struct auditor *auditor, uint64_t k, uint32_t step) {
    const struct sn_plan *plan = auditor->plan;
    const struct sn_workload *workload = &plan->workload;
    const struct sn_kind *kind = &workload->kinds[sn_operation_kind(&plan->mix, k)];
    uint32_t drawn = sn_flow_drawn(workload, kind, plan->seed, k), first = step, earlier = 0;
    if (step >= kind->steps_len || (drawn >> step & 1) == 0) {
        audit_violation(auditor, "a step that was not drawn", k);
        return;
    }
    struct operation *operation = &auditor->operations[k];
    if ((operation->sent >> step & 1) != 0) audit_violation(auditor, "a step sent twice", k);
    while (marked(workload, kind, first, SN_FLOW_TOGETHER)) first--;
    for (uint32_t i = 0; i < first; i++)
        if (!marked(workload, kind, i, SN_FLOW_BACKGROUND)) earlier |= 1u << i;
    if ((drawn & earlier & ~(uint32_t)operation->answered) != 0)
        audit_violation(auditor, "a step sent before those before it were answered", k);
    operation->sent |= (uint16_t)(1u << step);
    bool lead_in = plan->lead_in && sn_profile_due_us(&plan->profile, k) <= plan->profile.phases[0].end_us;
    if (sn_kind_tells_steps(workload, kind) && !lead_in) auditor->calls[kind - workload->kinds] += 1;
}

bool audit_thinks(const struct auditor *auditor) {
    const struct sn_workload *workload = &auditor->plan->workload;
    for (uint32_t i = 0; i < workload->steps_len; i++)
        if (workload->steps[i].flow.think != SN_THINK_NONE) return true;
    return false;
}

void audit_answer(struct world *world, uint64_t k, uint32_t step) {
    struct auditor *auditor = &world->auditor;
    if (k < auditor->operations_len) auditor->operations[k].answered |= (uint16_t)(1u << step);
}

/* Of the operation's calls as many as the report has outcomes of its steps, also of those that nobody waited for.  A shard
 * that dies takes some with it, and one that gives up a call never sends what comes after it. */
static void check_operation(struct world *world, const struct sn_json *operation, uint32_t kind) {
    uint64_t outcomes = 0;
    for (const struct sn_json *at = sn_json_first(sn_json_get(operation, "steps")); at != NULL; at = sn_json_next(at)) {
        outcomes += (uint64_t)sn_json_number(sn_json_get(at, "completed"));
        outcomes += (uint64_t)sn_json_number(sn_json_get(at, "failed"));
    }
    if (outcomes != world->auditor.calls[kind])
        audit_violation(&world->auditor, "steps with an outcome are not those that were sent", outcomes);
}

void audit_steps(struct world *world, const struct sn_json *report, const struct sn_sim_outcome *outcome) {
    const struct sn_workload *workload = &world->plan.workload;
    const struct sn_sim_options *options = world->options;
    bool disturbed = options->faults != 0 || options->evictions + options->run_evictions + options->losses > 0;
    if (disturbed || options->steerings > 0 || outcome->unaccounted > 0) return;
    const struct sn_json *at = sn_json_first(sn_json_get(report, "operations"));
    for (; at != NULL; at = sn_json_next(at)) {
        const char *name = sn_json_string(sn_json_get(at, "operation"));
        for (uint32_t kind = 0; kind < workload->kinds_len && sn_json_get(at, "steps") != NULL; kind++) {
            struct sn_text text = workload->kinds[kind].name;
            struct sn_span own = {(const uint8_t *)workload->pool + text.offset, text.len};
            if (name != NULL && sn_span_is(own, name)) check_operation(world, at, kind);
        }
    }
}
