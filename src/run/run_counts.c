/* What became of every operation.  A shard that is alive says so itself; of a lost one it follows from the schedule. */
#include "run_machine.h"
#include "sentinel/base/planted.h"
#include "sentinel/measure/validity.h"

static uint64_t greater(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

static uint64_t lesser(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

/* It acted by some of the epochs, at least by those that it told of; and what it started before it heard of one that slowed
 * the load down lies under its lease.  Its clock may be ahead of ours, by more than it seemed: reports take their time. */
uint64_t run_shard_reach(const struct sn_run *run, uint32_t index) {
    int64_t ahead_us = run->shards[index].skew_us > 0 ? run->shards[index].skew_us : 0;
    int64_t at_us = run->shards[index].heard_us + run_silence_us(run) + ahead_us + SN_SKEW_BOUND_US;
    uint64_t lease_k = run->shards[index].lease_k;
    uint32_t known = run->shards[index].epoch_seq > 0 ? run->shards[index].epoch_seq : 1;
    return greater(sn_schedule_most(&run->schedule, known, at_us), lease_k > 0 ? lease_k - 1 : 0);
}

/* The shard gave its operations up or started them in order, and started none later than sn_silence_us() after it was heard.
 * What may have been started is unaccounted; what came due after that was dropped; what a stop took away was cancelled; and
 * the rest lies ahead, for want of somebody who could take the place. */
static void write_off(const struct sn_run *run, uint32_t index, const struct sn_share *share,
                      struct sn_counts *counts) {
    uint64_t passed = sn_counts_passed(counts);
    bool over = run->state.stage > SN_STAGE_LOAD;
    uint64_t due = over ? sn_schedule_total(&run->schedule) : sn_schedule_count(&run->schedule, run->now_us);
    uint64_t reach = sn_share_count(share, run_shard_reach(run, index)), due_so_far = sn_share_count(share, due);
    uint64_t maybe = reach > passed ? reach - passed : 0;
    if (maybe > counts->not_yet_due) { /* it went on as it was before the load was slowed down */
        counts->planned += maybe - counts->not_yet_due;
        counts->not_yet_due = maybe;
    }
    passed += maybe;
    uint64_t down = lesser(counts->not_yet_due - maybe, due_so_far > passed ? due_so_far - passed : 0);
    counts->unaccounted += counts->in_flight + maybe;
    counts->in_flight = 0;
    counts->dropped[SN_DROP_SHARD_DOWN] += SN_PLANTED(LOST_REST) ? 0 : down;
    counts->not_yet_due -= maybe + down;
    if (!over) return;
    counts->cancelled += counts->not_yet_due;
    counts->not_yet_due = 0;
}

struct sn_counts run_shard_counts(const struct sn_run *run, uint32_t index) {
    const struct run_shard *shard = &run->shards[index];
    struct sn_counts counts = shard->counts;
    if (!sn_schedule_started(&run->schedule)) return counts;
    struct sn_share share = sn_share_of(&run->schedule, index);
    uint64_t owned = sn_share_count(&share, sn_schedule_planned(&run->schedule));
    uint64_t passed = sn_counts_passed(&counts);
    bool unheard = counts.planned == 0; /* it has not reported since the start */
    if (shard->lost || shard->replaced || unheard) {
        counts.planned = owned > passed ? owned : passed;
        counts.not_yet_due = counts.planned - passed;
    }
    if (shard->lost) write_off(run, index, &share, &counts);
    if (run->state.stage > SN_STAGE_LOAD) { /* nobody will say any more what became of these */
        counts.unaccounted += counts.in_flight + counts.not_yet_due;
        counts.in_flight = counts.not_yet_due = 0;
    }
    return counts;
}

struct sn_counts run_counts(const struct sn_run *run) {
    struct sn_counts total = {0};
    if (!sn_schedule_started(&run->schedule)) {
        total.planned = sn_schedule_planned(&run->schedule);
        *(run_ended(run) ? &total.cancelled : &total.not_yet_due) = total.planned;
        return total;
    }
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        struct sn_counts counts = run_shard_counts(run, i);
        sn_counts_add(&total, &counts);
    }
    return total;
}
