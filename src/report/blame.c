/* Whom the operations that became slow have in common. */
#include "capacity.h"

static bool touches(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t target) {
    for (uint32_t s = 0; s < kind->steps_len; s++) {
        if (workload->steps[kind->steps + s].target == target) return true;
    }
    return false;
}

/* Each operation that is to blame and calls it speaks for it, each that is not and calls it as well against it. */
static int votes(const struct sn_report *report, const bool blamed[], uint32_t target) {
    const struct sn_workload *workload = report->workload;
    int sum = 0;
    for (uint32_t kind = 0; kind < workload->kinds_len; kind++) {
        if (workload->kinds[kind].weight == 0 || !touches(workload, &workload->kinds[kind], target)) continue;
        sum += blamed[kind] ? 1 : -1;
    }
    return sum;
}

const struct sn_target *sn_report_blamed_target(const struct sn_report_seen *seen, uint32_t bottleneck) {
    const struct sn_report *report = seen->report;
    const struct sn_workload *workload = report->workload;
    bool blamed[SN_KINDS_MAX] = {false};
    uint32_t best = UINT32_MAX;
    int most = 0;
    if (bottleneck >= workload->kinds_len) return NULL;
    for (uint32_t kind = 0; kind < workload->kinds_len; kind++) blamed[kind] = sn_report_to_blame(seen, kind);
    for (uint32_t target = 0; target < workload->targets_len; target++) {
        int sum = votes(report, blamed, target);
        if (!touches(workload, &workload->kinds[bottleneck], target) || (best != UINT32_MAX && sum <= most)) continue;
        best = target;
        most = sum;
    }
    return best != UINT32_MAX ? &workload->targets[best] : NULL;
}
