#include <string.h>

#include "run_machine.h"

/* What can break on Sentinel's own side, and the reason that people then read. */

#define STORE_PATIENCE_US (60 * SN_SECOND_US)

void run_note_bindings(struct sn_run *run, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    sn_get_span(&r); /* the object's own name */
    for (run->bindings.len = 0; sn_reader_left(&r) > 0 && run->bindings.len < RUN_BINDINGS_MAX;) {
        struct sn_span name = sn_get_span(&r);
        run->bindings.hashes[run->bindings.len++] = sn_hash64(name.data, name.len);
    }
}

static bool has(const struct sn_run *run, const char *name, uint32_t len) {
    uint64_t hash = sn_hash64(name, len);
    for (uint32_t i = 0; i < run->bindings.len; i++)
        if (run->bindings.hashes[i] == hash) return true;
    return run->bindings.len == RUN_BINDINGS_MAX;
}

bool run_lacks_binding(struct sn_run *run) {
    const struct sn_workload *workload = &run->plan.workload;
    char reason[sizeof run->state.reason];
    struct sn_writer w = sn_writer(reason, sizeof reason - 1);
    for (uint32_t i = 0; i < workload->targets_len; i++) {
        struct sn_text name = workload->targets[i].name;
        if (workload->targets[i].service == SN_SERVICE_HTTP || has(run, workload->pool + name.offset, name.len))
            continue;
        sn_put_text(&w, "this Worker has no binding ");
        sn_put_bytes(&w, workload->pool + name.offset, name.len);
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
    run_fail_by(run, SN_ENDING_LOST, reason);
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
