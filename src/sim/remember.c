#include <string.h>

#include "sentinel/base/sql.h"
#include "world.h"

/* The table in which a database remembers data that outlives runs, of which a world has one row at most; and the data itself,
 * as far as it is keys. */

enum { NOTHING, BEGUN, READY };

bool remember_is_data(const struct world *world, struct sn_span key) {
    struct sn_span mark = {(const uint8_t *)world->plan.data, strlen(world->plan.data)};
    for (size_t at = 0; sn_plan_keeps_data(&world->plan) && at + mark.len <= key.len; at++)
        if (memcmp(key.data + at, mark.data, mark.len) == 0) return true;
    return false;
}

bool remember_found(const struct world *world, struct sn_span key) {
    return world->options->data_there && remember_is_data(world, key);
}

static uint64_t kept(const struct world *world) {
    uint64_t count = 0;
    for (size_t i = 0; i < TARGETS_LISTS; i++)
        for (const struct entry *entry = world->targets[i]; entry != NULL; entry = entry->next)
            count += remember_is_data(world, (struct sn_span){entry->key, entry->key_len});
    return count;
}

static uint64_t prepared(const struct world *world) {
    const struct sn_workload *workload = &world->plan.workload;
    uint64_t count = 0;
    for (uint32_t i = 0; i < workload->jobs_len; i++) {
        const struct sn_job *job = &workload->jobs[i];
        for (uint32_t s = 0; job->stage == SN_STAGE_PREPARE && s < job->steps_len; s++) {
            uint32_t action = workload->steps[job->steps + s].action;
            bool puts = action == SN_ACTION_KV_PUT || action == SN_ACTION_R2_PUT;
            if (puts) count += (uint64_t)job->count * sn_plan_tenants(&world->plan);
        }
    }
    return count;
}

static const char *find(const struct world *world) {
    if (world->remembered == READY) return "[{\"rows\":[{\"ready_at\":1}],\"changes\":0},{\"rows\":[],\"changes\":0}]";
    if (world->remembered == BEGUN)
        return "[{\"rows\":[{\"ready_at\":null}],\"changes\":0},{\"rows\":[],\"changes\":0}]";
    return "[{\"rows\":[],\"changes\":0},{\"rows\":[],\"changes\":1}]";
}

void remember_begin(struct world *world) {
    world->remembered = world->options->data_there ? READY : NOTHING;
}

/* The first statement says which of the few batches it is that a target is sent. */
const char *remember_asked(struct world *world, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    sn_get_span(&r); /* the binding */
    sn_get_u64(&r);
    sn_get_u16(&r);
    uint32_t statement = sn_get_u32(&r);
    if (statement == SN_SQL_TARGET_OWN) return "[{\"rows\":[{\"name\":\"sentinel_data\"}],\"changes\":0}]";
    if (statement == SN_SQL_DATA_FIND) {
        const char *answer = find(world);
        if (world->remembered == NOTHING || world->plan.prepare == SN_PREPARE_REMOVE)
            world->remembered =
                world->plan.prepare == SN_PREPARE_REMOVE && world->remembered == NOTHING ? NOTHING : BEGUN;
        return answer;
    }
    if (statement == SN_SQL_DATA_READY) {
        if (kept(world) != prepared(world))
            audit_violation(&world->auditor, "data is said to be ready, and so many keys are there", kept(world));
        world->remembered = READY;
    }
    if (statement == SN_SQL_DATA_GONE) world->remembered = NOTHING;
    return "[{\"rows\":[],\"changes\":1}]";
}

void remember_end(struct world *world, struct sn_sim_outcome *outcome) {
    outcome->data_ready = world->remembered == READY;
    outcome->data_keys = kept(world);
}
