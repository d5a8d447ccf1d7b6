#include "sentinel/base/assert.h"
#include "sentinel/base/planted.h"
#include "sentinel/load/flow.h"
#include "shard_machine.h"

/* --- Which steps come next --------------------------------------------------------------------------------- */

static const struct sn_kind *kind_of(const struct sn_shard *shard, const struct open_work *work) {
    return &shard->plan.workload.kinds[work->kind];
}

const struct sn_step *shard_step_of(const struct sn_shard *shard, const struct open_work *work, uint32_t step) {
    uint32_t first = work->job != NULL ? work->job->steps : kind_of(shard, work)->steps;
    return &shard->plan.workload.steps[first + step];
}

/* The steps of an item come one after the other. */
static bool next_of_item(struct open_work *work, int64_t at_us) {
    if (work->left == 0) return false;
    work->ready = work->left & (uint16_t)-work->left;
    work->left ^= work->ready;
    work->wake_us = at_us;
    return true;
}

bool shard_go_on(struct sn_shard *shard, struct open_work *work, int64_t at_us) {
    const struct sn_workload *workload = &shard->plan.workload;
    const struct sn_kind *kind = kind_of(shard, work);
    if (work->job != NULL) return next_of_item(work, at_us);
    while (sn_flow_waited(workload, kind, work->left) != 0) {
        uint32_t stage = sn_flow_stage(workload, kind, work->left);
        int64_t think_us = work->thought ? 0 : sn_flow_think_us(workload, kind, stage, shard->plan.seed, work->k);
        work->thought = think_us > 0;
        work->think_us += think_us;
        work->wake_us = at_us + think_us;
        if (think_us > 0) return true;
        work->left &= (uint16_t)~stage;
        if (!sn_flow_in_background(workload, kind, (uint32_t)__builtin_ctz(stage))) {
            work->ready = (uint16_t)stage;
            return true;
        }
        work->aside |= (uint16_t)stage;
    }
    work->aside |= work->left; /* nothing that is waited for comes after it: it is sent at once */
    work->left = 0;
    return false;
}

/* Nobody thinks before the first steps: when those are due the schedule says. */
void shard_begin(struct sn_shard *shard, struct open_work *work, int64_t at_us) {
    const struct sn_kind *kind = kind_of(shard, work);
    uint32_t drawn = work->job != NULL ? (1u << work->job->steps_len) - 1
                                       : sn_flow_drawn(&shard->plan.workload, kind, shard->plan.seed, work->k);
    work->state = OPEN_RUNNING;
    work->left = (uint16_t)drawn;
    work->thought = true;
    for (uint32_t i = 0; i < SN_CAPTURES_MAX; i++) shard_captured(shard, work)[i].len = 0;
    bool some = shard_go_on(shard, work, at_us);
    SN_ASSERT(some);
}

bool shard_is_thinking(const struct open_work *work) {
    return work->state == OPEN_RUNNING && work->ready == 0 && work->calls == 0;
}

bool shard_has_ready(const struct open_work *work, int64_t now_us) {
    if (work->state == OPEN_FREE) return false;
    if (work->aside != 0) return true;
    bool waits = work->state == OPEN_AGAIN || work->ready != 0 || shard_is_thinking(work);
    return waits && work->wake_us <= now_us;
}

int64_t shard_time_up_us(const struct sn_shard *shard, const struct open_work *work) {
    return work->first_sent_us + work->think_us + shard->plan.timeout_us;
}

/* --- What steps are rendered with -------------------------------------------------------------------------- */

struct captured_text *shard_captured(struct sn_shard *shard, const struct open_work *work) {
    return shard->captured[work - shard->open];
}

const struct sn_render *shard_render(struct sn_shard *shard, const struct open_work *work, int64_t now_us) {
    const struct captured_text *captured = shard_captured(shard, work);
    for (uint32_t i = 0; i < SN_CAPTURES_MAX; i++)
        shard->captured_now[i] = (struct sn_span){captured[i].bytes, captured[i].len};
    shard->render.k = work->k;
    shard->render.now_us = now_us;
    shard->render.item_tenant = work->tenant;
    shard->render.captured = shard->captured_now;
    return &shard->render;
}

/* --- Calls --------------------------------------------------------------------------------------------------- */

struct open_call *shard_find_call(struct sn_shard *shard, uint32_t id) {
    struct open_call *call = &shard->calls[id % SHARD_CALLS_MAX];
    return id != 0 && call->id == id ? call : NULL;
}

static struct open_call *free_call(struct sn_shard *shard) {
    uint32_t at = 0;
    while (at < SHARD_CALLS_MAX && shard->calls[at].id != 0) at++;
    SN_ASSERT(at < SHARD_CALLS_MAX);
    return &shard->calls[at];
}

/* A slot's number, below how often one was taken: so a late answer to an earlier call is told from one to this. */
static uint32_t id_of(struct sn_shard *shard, const struct open_call *call) {
    shard->generation = (shard->generation + 1) & 0x0fffffffu;
    return (shard->generation << 3 | (uint32_t)(call - shard->calls)) |
           0x80000000u; /* control ids have the top bit 0 */
}

void shard_settle(struct sn_shard *shard, struct open_call *call, int64_t now_us) {
    SN_ASSERT(shard->calls_in_flight > 0);
    shard->calls_in_flight -= 1;
    call->id = 0;
    shard_note_room(shard, now_us);
}

/* What has waited for something is sent first, then what the operation does not wait for. */
static void choose(struct sn_shard *shard, struct open_work *work, int64_t now_us) {
    if (work->state == OPEN_AGAIN) {
        work->tries += 1;
        work->first_sent_us = now_us;
        shard_begin(shard, work, now_us);
    }
    if (work->aside == 0 && shard_is_thinking(work)) shard_go_on(shard, work, work->wake_us);
}

bool shard_send_step(struct sn_shard *shard, struct open_work *work, int64_t now_us, struct sn_writer *w) {
    choose(shard, work, now_us);
    bool waited = work->aside == 0;
    uint16_t *from = waited ? &work->ready : &work->aside;
    uint32_t number = (uint32_t)__builtin_ctz(*from);
    uint32_t stage = work->job != NULL ? shard->state.stage : (uint32_t)SN_STAGE_LOAD;
    const struct sn_step *step = shard_step_of(shard, work, number);
    if (step->calls > 1 && !shard_may_call(shard, step->calls)) { /* one call alone always has room: see slice_over */
        shard->slice_over = true;
        return false;
    }
    struct open_call *call = free_call(shard);
    struct open_call taken = {
        id_of(shard, call), (uint8_t)(work - shard->open), (uint8_t)number, waited, false, now_us};
    struct sn_record header = {.id = taken.id, .at_us = (double)now_us, .arg1 = stage | number << 8};
    const struct sn_render *render = shard_render(shard, work, now_us);
    if (!sn_step_put(w, &shard->shapes, &shard->plan.workload, step, render, header)) {
        w->full = false; /* this step waits for the next round; what is written is whole */
        return false;
    }
    *call = taken;
    *from &= (uint16_t)(*from - 1);
    work->calls += waited;
    work->behind += !waited;
    shard->calls_in_flight += 1;
    shard->state.calls += step->calls;
    struct sn_charge charge = sn_step_charge(&shard->plan.workload, step);
    if (charge.meter < SN_METERS_COUNTED) shard->delta.spent.units[charge.meter] += charge.units;
    shard_spend_calls(shard, step->calls);
    shard_note_room(shard, now_us);
    return true;
}

void shard_send_ready(struct sn_shard *shard, struct open_work *work, int64_t now_us, struct sn_writer *w) {
    while (!shard->slice_over && shard_slot_free(shard) && shard_has_ready(work, now_us))
        if (!shard_send_step(shard, work, now_us, w)) break;
}
