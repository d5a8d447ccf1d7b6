#include <string.h>

#include "run_machine.h"

/* What can break on Sentinel's own side, and the reason that people then read. */

#define STORE_PATIENCE_US (60 * SN_SECOND_US)

static const char *binding_name(uint32_t binding) {
    switch (binding) {
#define SN_X(name, value) \
    case value: return #name;
        SN_BINDING_LIST(SN_X)
#undef SN_X
    default: return "of an unknown number";
    }
}

bool run_lacks_binding(struct sn_run *run) {
    const struct sn_workload *workload = &run->plan.workload;
    char reason[sizeof run->state.reason];
    struct sn_writer w = sn_writer(reason, sizeof reason - 1);
    for (uint32_t i = 0; i < workload->steps_len; i++) {
        uint32_t binding = workload->steps[i].binding;
        if ((run->lacks >> binding & 1) == 0) continue;
        sn_put_text(&w, "this Worker has no binding ");
        sn_put_text(&w, binding_name(binding));
        sn_put_text(&w, ", which the plan needs");
        reason[w.len] = '\0';
        run_fail(run, reason);
        return true;
    }
    return false;
}

/* "shard 1, one of 2, was lost during the load"; "3 of 8 shards were lost during the load". */
bool run_lost_shard(struct sn_run *run, const char *when) {
    char reason[sizeof run->state.reason];
    struct sn_writer w = sn_writer(reason, sizeof reason - 1);
    uint32_t lost = 0, last = 0;
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        if (!run_vacant(&run->shards[i])) continue;
        lost += 1;
        last = run->shards[i].place;
    }
    if (lost == 0) return false;
    sn_put_text(&w, lost == 1 ? "shard " : "");
    sn_put_dec(&w, lost == 1 ? last : lost);
    sn_put_text(&w, lost == 1 ? ", one of " : " of ");
    sn_put_dec(&w, run_places(run));
    sn_put_text(&w, lost == 1 ? ", was lost " : " shards were lost ");
    sn_put_text(&w, when);
    reason[w.len] = '\0';
    run_fail(run, reason);
    return true;
}

/* Nobody is left to send anything.  After a halt of the whole machine all shards seem to be silent for a moment, so they
 * get the same time once more to be heard. */
bool run_alone(struct sn_run *run, int64_t now_us) {
    uint32_t lost = 0;
    for (uint32_t i = 0; i < run->state.shards_len; i++) lost += run_vacant(&run->shards[i]);
    if (lost < run_places(run)) {
        run->alone_us = INT64_MAX;
        return false;
    }
    run->alone_us = sn_earlier(run->alone_us, now_us);
    return now_us - run->alone_us >= run_lost_us(run);
}

bool run_storage_fails(const struct sn_run *run, int64_t now_us) {
    return run->store_failed_us != INT64_MAX && now_us - run->store_failed_us >= STORE_PATIENCE_US;
}

/* What the run cannot write down it cannot order either: no shard hears of anything that a restart could forget.  While
 * shards keep what they measured such a time may pass without a trace, so it is judged at the end. */
void run_check_storage(struct sn_run *run, int64_t now_us) {
    if (run_storage_fails(run, now_us)) run_fail(run, "the run's own storage took nothing for more than a minute");
}
