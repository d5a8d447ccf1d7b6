#include "sentinel/load/flow.h"

#include "sentinel/base/assert.h"
#include "sentinel/base/random.h"

static const struct sn_flow *flow_of(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t step) {
    SN_ASSERT(step < kind->steps_len);
    return &workload->steps[kind->steps + step].flow;
}

static uint32_t lowest(uint32_t bits) {
    SN_ASSERT(bits != 0);
    return (uint32_t)__builtin_ctz(bits);
}

/* Draws of two steps have nothing to do with each other. */
static uint64_t seed_of_step(uint64_t seed, uint32_t step) {
    uint64_t state = step;
    return seed ^ sn_splitmix64(&state);
}

uint32_t sn_flow_drawn(const struct sn_workload *workload, const struct sn_kind *kind, uint64_t seed, uint64_t k) {
    uint32_t drawn = (uint32_t)((UINT64_C(1) << kind->steps_len) - 1);
    for (uint32_t step = 0; step < kind->steps_len; step++) {
        uint32_t chance = flow_of(workload, kind, step)->chance;
        if (chance == 0) continue;
        uint32_t draw = sn_rng_first_below(seed_of_step(seed, step), SN_PURPOSE_STEP, k, SN_CHANCE_SURE);
        if (draw >= chance) drawn &= ~(1u << step);
    }
    return drawn;
}

/* The first step of the stage that a step belongs to. */
static uint32_t head_of(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t step) {
    while ((flow_of(workload, kind, step)->marks & SN_FLOW_TOGETHER) != 0) step--;
    return step;
}

uint32_t sn_flow_stage(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t left) {
    uint32_t step = lowest(left), stage = 1u << step;
    while (++step < kind->steps_len && (flow_of(workload, kind, step)->marks & SN_FLOW_TOGETHER) != 0)
        stage |= 1u << step;
    return stage & left;
}

bool sn_flow_in_background(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t step) {
    return (flow_of(workload, kind, step)->marks & SN_FLOW_BACKGROUND) != 0;
}

uint32_t sn_flow_waited(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t left) {
    for (uint32_t step = 0; step < kind->steps_len; step++)
        if (sn_flow_in_background(workload, kind, step)) left &= ~(1u << step);
    return left;
}

int64_t sn_flow_think_us(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t stage, uint64_t seed,
                         uint64_t k) {
    uint32_t step = head_of(workload, kind, lowest(stage));
    const struct sn_flow *flow = flow_of(workload, kind, step);
    if (flow->think == SN_THINK_NONE) return 0;
    struct sn_rng rng = sn_rng(seed_of_step(seed, step), SN_PURPOSE_THINK, k);
    if (flow->think == SN_THINK_EVEN) return flow->think_us + sn_rng_below(&rng, flow->spread + 1);
    return sn_rng_lognormal(&rng, flow->think_us, flow->spread, flow->think_max_us);
}

int64_t sn_flow_think_max_us(const struct sn_flow *flow) {
    if (flow->think == SN_THINK_NONE) return 0;
    return flow->think == SN_THINK_EVEN ? (int64_t)flow->think_us + flow->spread : flow->think_max_us;
}

/* --- What can be ------------------------------------------------------------------------------------------- */

static bool think_sound(const struct sn_flow *flow) {
    switch (flow->think) {
    case SN_THINK_NONE: return flow->think_us == 0 && flow->spread == 0 && flow->think_max_us == 0;
    case SN_THINK_EVEN: return flow->think_max_us == 0 && flow->spread < UINT32_MAX;
    case SN_THINK_LOGNORMAL:
        return flow->think_us >= 1 && flow->spread <= SN_SIGMA_MAX_MILLIONTHS && flow->think_max_us >= flow->think_us;
    default: return false;
    }
}

/* Together with a step before it, of which nobody thinks apart, and not in the background. */
static bool together_sound(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t step) {
    const struct sn_flow *flow = flow_of(workload, kind, step);
    if ((flow->marks & SN_FLOW_TOGETHER) == 0) return true;
    if (step == 0 || flow->think != SN_THINK_NONE || flow->marks != SN_FLOW_TOGETHER) return false;
    return !sn_flow_in_background(workload, kind, step - 1);
}

int64_t sn_flow_thinking_max_us(const struct sn_workload *workload, const struct sn_kind *kind) {
    int64_t think_us = 0;
    for (uint32_t step = 0; step < kind->steps_len; step++)
        think_us += sn_flow_think_max_us(flow_of(workload, kind, step));
    return think_us;
}

bool sn_flow_sound(const struct sn_workload *workload, const struct sn_kind *kind) {
    bool sure = false;
    for (uint32_t step = 0; step < kind->steps_len; step++) {
        const struct sn_flow *flow = flow_of(workload, kind, step);
        if ((flow->marks & ~(SN_FLOW_BACKGROUND | SN_FLOW_TOGETHER)) != 0 || flow->chance >= SN_CHANCE_SURE)
            return false;
        if (!think_sound(flow) || !together_sound(workload, kind, step)) return false;
        sure = sure || (flow->chance == 0 && (flow->marks & SN_FLOW_BACKGROUND) == 0);
    }
    return sure && kind->steps_len > 0 && workload->steps[kind->steps].flow.think == SN_THINK_NONE &&
           sn_flow_thinking_max_us(workload, kind) <= SN_THINK_MS_MAX * INT64_C(1000);
}
