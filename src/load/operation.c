#include "sentinel/load/operation.h"

uint32_t sn_operation_kind(const struct sn_mix *mix, uint64_t seed, uint64_t k) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_KIND, k);
    return sn_mix_pick(mix, &rng);
}

bool sn_step_satisfied(const struct sn_step *step, const struct sn_answer *answer) {
    if ((step->expect & SN_EXPECT_FOUND) != 0 && answer->rows == 0) return false;
    if ((step->expect & SN_EXPECT_BYTES) != 0 && answer->bytes != step->expect_bytes) return false;
    return answer->rows >= step->rows_min && answer->rows <= step->rows_max;
}
