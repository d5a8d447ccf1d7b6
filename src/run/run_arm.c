/* Starting the shards: at most 20 a second, all of them before the run's time 0.
 *
 * The run calls each of up to 200 shards itself.  Five calls at a time are 20 a second only while an object answers its first
 * call within a quarter of a second, which far regions need not do.  Where there are more shards each call starts ten: the
 * shard that is called starts the nine after it and answers when it has tried.
 *
 *     run ──► 0 ──► 1 … 9          half a second later      run ──► 10 ──► 11 … 19
 *
 * Whoever did not come that way the run calls itself, and whoever started a shard, its deltas go to the run.  A call that
 * comes twice, from one or from two of them, is answered twice and does nothing the second time. */
#include "run_machine.h"

bool run_to_be_armed(const struct sn_run *run, uint32_t index) {
    const struct run_shard *shard = &run->shards[index];
    if (shard->armed || shard->lost || run->state.sweep_done) return false;
    if (index >= run_places(run)) return index < run->durable_shards; /* a restarted run would still know of it */
    if (run->state.stage != run->durable_stage) return false;
    return run_comes_late(run, index) || (run->state.stage == SN_STAGE_ARM && run_target_known(run));
}

bool run_being_armed(const struct sn_run *run, uint32_t index) {
    const struct run_link *link = &run->links[index];
    return !run->shards[index].armed && link->sent_us != 0 && (link->call_id != 0 || link->next_us == INT64_MAX);
}

/* Only such as nobody has asked yet: who did not come the first time is called by itself. */
uint32_t run_followers(const struct sn_run *run, uint32_t index) {
    if (run_places(run) <= SN_ARM_DIRECTLY_MAX || index >= run_places(run) || run->links[index].sent_us != 0) return 0;
    uint32_t followers = 0;
    while (followers < SN_FOLLOWERS_MAX) {
        uint32_t next = index + followers + 1;
        if (next >= run_places(run) || !run_to_be_armed(run, next) || run->links[next].sent_us != 0) break;
        followers += 1;
    }
    return followers;
}

void run_arming(struct sn_run *run, uint32_t index, int64_t now_us) {
    uint32_t followers = run->links[index].followers;
    for (uint32_t i = index + 1; i <= index + followers; i++) {
        run->links[i].sent_us = now_us;
        run->links[i].next_us = INT64_MAX; /* until it is known what became of them */
        run->links[i].pushed_stage = run->links[index].pushed_stage;
        run->links[i].pushed_epoch = run->links[index].pushed_epoch;
    }
    run->arm_us = now_us + (1 + followers) * SN_ARM_SPACING_US;
}

static void has_come(struct sn_run *run, uint32_t index, int64_t now_us) {
    if (run->shards[index].armed) return;
    run->shards[index].armed = 1;
    run->shards[index].heard_us = now_us;
}

/* The first `called` of them were called; of those bit n of `come` says whether follower n has come. */
static void settle_followers(struct sn_run *run, uint32_t index, uint32_t called, uint32_t come, int64_t next_us) {
    for (uint32_t n = 0; n < run->links[index].followers; n++) {
        uint32_t follower = index + 1 + n;
        run->links[follower].next_us = next_us;
        if (n >= called) run->links[follower].sent_us = 0;
        if (n < called && (come >> n & 1) != 0) has_come(run, follower, run->now_us);
    }
    run->links[index].followers = 0;
}

void run_arm_answered(struct sn_run *run, uint32_t index, bool ok, struct sn_span payload, int64_t now_us) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    sn_get_u32(&r);
    uint32_t called = sn_get_u32(&r), come = sn_get_u32(&r);
    bool told = ok && !r.bad;
    if (ok) has_come(run, index, now_us);
    settle_followers(run, index, told ? called : SN_FOLLOWERS_MAX, told ? come : 0, now_us);
}

void run_arm_timed_out(struct sn_run *run, uint32_t index, int64_t now_us) {
    settle_followers(run, index, SN_FOLLOWERS_MAX, 0, now_us + SN_SECOND_US);
}
