#include "sentinel/load/operation.h"

enum sn_status sn_workload_mix(const struct sn_workload *workload, uint64_t seed, struct sn_mix *mix) {
    uint32_t weights[SN_KINDS_MAX];
    if (workload->kinds_len > SN_KINDS_MAX) return SN_E_RANGE;
    for (uint32_t i = 0; i < workload->kinds_len; i++) weights[i] = workload->kinds[i].weight;
    enum sn_status status = sn_mix_init(mix, weights, workload->kinds_len);
    if (status == SN_OK) mix->origin = sn_rng_origin(seed, SN_PURPOSE_KIND);
    return status;
}

uint32_t sn_operation_kind(const struct sn_mix *mix, uint64_t k) {
    return sn_mix_at(mix, sn_rng_first_below_of(mix->origin, k, sn_mix_draws(mix)));
}

bool sn_step_heads_captured(const struct sn_workload *workload, const struct sn_step *step, uint32_t capture) {
    bool http = step->action == SN_ACTION_HTTP_FETCH || step->action == SN_ACTION_SERVICE_FETCH;
    if (!http && step->action != SN_ACTION_DO_FETCH) return false;
    uint32_t at =
        workload->groups[step->groups].arguments + (http ? 2 : 3); /* behind URL and method, or object and those */
    const struct sn_argument *headers = &workload->arguments[at];
    for (uint32_t i = 0; i < headers->parts_len; i++) {
        const struct sn_part *part = &workload->parts[headers->parts + i];
        if (part->kind == SN_PART_CAPTURED && part->a == capture) return true;
    }
    return false;
}

bool sn_step_admits(const struct sn_step *step, uint32_t status) {
    if (status == 0) return true;
    for (uint32_t i = 0; i < SN_STATUSES_MAX && step->statuses[i] != 0; i++)
        if (status >= (step->statuses[i] & 0xffff) && status <= step->statuses[i] >> 16) return true;
    return step->statuses[0] == 0 && status < 400;
}

bool sn_step_satisfied(const struct sn_step *step, const struct sn_answer *answer) {
    if ((step->expect & SN_EXPECT_FOUND) != 0 && answer->rows == 0) return false;
    if ((step->expect & SN_EXPECT_BYTES) != 0 && answer->bytes != step->expect_bytes) return false;
    uint32_t looks = (UINT32_C(1) << step->looks_len) - 1;
    if ((answer->looked & looks) != looks) return false;
    return answer->rows >= step->rows_min && answer->rows <= step->rows_max;
}
