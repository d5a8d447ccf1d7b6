/* In a large run a shard that is started starts the shards of the next indices, at the pace of the whole, and answers when it
 * has tried.  Until then it has no work of its own, so its slots are free for these calls. */
#include <string.h>

#include "sentinel/base/assert.h"
#include "shard_machine.h"

#define PATIENCE_US (7 * SN_SECOND_US / 2) /* less than the run has for its call */

void shard_pass_begin(struct sn_shard *shard, uint32_t followers, int64_t now_us) {
    uint32_t left = shard->command.places - shard->state.place - 1;
    if (followers > SN_FOLLOWERS_MAX) followers = SN_FOLLOWERS_MAX;
    if (followers > left) followers = left;
    if (shard->state.index != shard->state.place) followers = 0; /* it took somebody's place: nobody follows */
    shard->pass = (struct shard_pass){
        .len = followers,
        .next_us = now_us + SN_ARM_SPACING_US,
        .until_us = now_us + PATIENCE_US,
    };
}

bool shard_passing(const struct sn_shard *shard) {
    return shard->pass.len > 0;
}

static uint32_t in_flight(const struct sn_shard *shard) {
    uint32_t calls = shard->calls_in_flight;
    for (uint32_t i = 0; i < shard->pass.next; i++) calls += shard->pass.ids[i] != 0;
    return calls;
}

static bool may_pass(const struct sn_shard *shard) {
    return shard->pass.next < shard->pass.len && in_flight(shard) < shard->plan.slots && shard_may_call(shard, 1);
}

/* What the follower hears is what this shard was told, but that it has reported nothing. */
static bool call(struct sn_shard *shard, uint32_t follower, struct sn_writer *w) {
    uint32_t index = shard->state.index + 1 + follower, id = ++shard->next_id & 0x7fffffffu;
    struct sn_arming arming = {.index = index, .place = index};
    struct sn_command command = shard->command;
    command.stored_seq = 0;
    command.want_seq = 1;
    size_t mark =
        sn_record_begin(w, &(struct sn_record){.kind = SN_EFFECT_CALL_OBJECT, .id = id, .target = SN_BINDING_SHARDS});
    sn_plan_put_shard_address(w, &shard->plan, index, index);
    sn_arm_put(w, shard->state.run_name, (struct sn_span){shard->plan_bytes, shard->plan_len}, &arming);
    sn_command_put(w, &command, &shard->schedule, shard->schedule.epochs_len);
    if (!sn_record_end(w, mark)) {
        w->full = false; /* the next round has room */
        return false;
    }
    shard->pass.ids[follower] = id;
    shard_spend_calls(shard, 1);
    return true;
}

void shard_pass_on(struct sn_shard *shard, int64_t now_us, struct sn_writer *w) {
    struct shard_pass *pass = &shard->pass;
    if (!shard_passing(shard)) return;
    while (may_pass(shard) && now_us >= pass->next_us && call(shard, pass->next, w)) {
        pass->next += 1;
        pass->next_us = now_us + SN_ARM_SPACING_US;
    }
    bool done = pass->next == pass->len && in_flight(shard) == shard->calls_in_flight;
    if (!done && now_us < pass->until_us) return;
    pass->len = 0; /* answers that still come are strays */
    shard_answer_arm(shard, w);
}

bool shard_pass_answered(struct sn_shard *shard, const struct sn_record *event) {
    struct shard_pass *pass = &shard->pass;
    for (uint32_t i = 0; i < pass->len && event->id != 0; i++) {
        if (pass->ids[i] != event->id) continue;
        pass->ids[i] = 0;
        if (event->kind == SN_EVENT_DONE && event->status == SN_OK) pass->come |= 1u << i;
        return true;
    }
    return false;
}

int64_t shard_pass_deadline_us(const struct sn_shard *shard) {
    if (!shard_passing(shard)) return INT64_MAX;
    return may_pass(shard) ? sn_earlier(shard->pass.next_us, shard->pass.until_us) : shard->pass.until_us;
}
