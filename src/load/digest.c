#include "sentinel/load/digest.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/load/flow.h"

/* A step's number, what it has in common with all calls of it, and what differs. */
static uint64_t add_step(uint64_t hash, const struct sn_workload *workload, const struct sn_step *step,
                         const struct sn_render *render, struct sn_digest_room *room) {
    uint32_t number = (uint32_t)(step - workload->steps);
    struct sn_writer w = sn_writer(room->bytes, sizeof room->bytes);
    bool put = sn_step_put(&w, &room->shapes, workload, step, render, (struct sn_record){0});
    SN_ASSERT(put); /* there is room for a step's shape and its call */
    struct sn_reader r = sn_reader(w.data, w.len);
    struct sn_record record;
    struct sn_span payload;
    while (sn_record_next(&r, &record, &payload)) {
        uint64_t own = sn_hash64(payload.data, payload.len);
        if (record.kind == SN_EFFECT_SHAPE)
            room->hashes[number] = own;
        else
            hash = sn_hash64_add_number(sn_hash64_add_number(hash, room->hashes[number]), own);
    }
    return hash;
}

static uint64_t hash_operation(const struct sn_workload *workload, const struct sn_mix *mix,
                               const struct sn_render *render, struct sn_digest_room *room) {
    uint32_t index = sn_operation_kind(mix, render->k);
    const struct sn_kind *kind = &workload->kinds[index];
    uint32_t left = sn_flow_drawn(workload, kind, render->seed, render->k);
    uint64_t hash = sn_hash64_add_number(sn_hash64_add_number(SN_HASH64_BEGIN, render->k), index);
    while (left != 0) {
        uint32_t stage = sn_flow_stage(workload, kind, left);
        int64_t think_us = sn_flow_think_us(workload, kind, stage, render->seed, render->k);
        hash = sn_hash64_add_number(sn_hash64_add_number(hash, stage), (uint64_t)think_us);
        for (left &= ~stage; stage != 0; stage &= stage - 1)
            hash =
                add_step(hash, workload, &workload->steps[kind->steps + (uint32_t)__builtin_ctz(stage)], render, room);
    }
    return sn_hash64_end(hash);
}

uint64_t sn_digest(const struct sn_workload *workload, uint64_t seed, const struct sn_share *share, uint64_t upto,
                   struct sn_digest_room *room) {
    struct sn_render render = {.seed = seed};
    struct sn_mix mix;
    enum sn_status status = sn_workload_mix(workload, seed, &mix);
    SN_ASSERT(status == SN_OK); /* a workload that opened has weights that mix */
    memset(&room->shapes, 0, sizeof room->shapes);
    uint64_t sum = 0;
    for (uint64_t k = sn_share_next(share, 1); k <= upto; k = sn_share_next(share, k + 1)) {
        render.k = k;
        sum += hash_operation(workload, &mix, &render, room);
        if (k == UINT64_MAX) break;
    }
    return sum;
}
