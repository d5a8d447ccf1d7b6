/* Breathing: leaving the runtime time for others.
 *
 * A thread that many objects share serves what is ready before it looks at timers and sockets.  Objects that start the
 * next call whenever one has ended keep it busy for ever: timers come seconds late, and nobody outside is heard.  So
 * whoever has worked for SN_BREATH_US starts nothing more until a timer has come.
 *
 *     working ──SN_BREATH_US──► breathless: a timer is wanted at breath_due_us ──TIMER──► working
 *
 * How late the timer is tells how much too much there is to do.  A late one may be chance.  After two in a row the
 * shard takes the runtime for saturated: it has one call in flight, and starts none in the first half of each second by
 * the clock.  All shards of the thread have the same clock, so all rest together, what is in flight ends, and then
 * there is time for sockets: orders are heard within a second or two.  It ends ten seconds after the last late timer. */
#include "sentinel/base/limits.h"
#include "shard_machine.h"

#define LATE_US (SN_SECOND_US / 20)
#define REST_US (SN_SECOND_US / 2)
#define SATURATED_US (10 * SN_SECOND_US)

uint32_t shard_slots(const struct sn_shard *shard) {
    return shard->now_us < shard->saturated_until_us ? 1 : shard->plan.slots;
}

bool shard_breathless(struct sn_shard *shard, int64_t now_us) {
    if (shard->breath_due_us != 0) return true;
    int64_t into_us = now_us % SN_SECOND_US;
    bool rests = now_us < shard->saturated_until_us && into_us < REST_US;
    if (!rests && now_us - shard->breath_us < SN_BREATH_US) return false;
    shard->breathless_us = now_us;
    shard->breath_due_us = rests ? now_us - into_us + REST_US : now_us;
    return true;
}

void shard_breathe(struct sn_shard *shard, int64_t now_us) {
    if (shard->breath_due_us == 0) {
        shard->breath_us = now_us;
        return;
    }
    if (now_us < shard->breath_due_us) return; /* a timer that was set for something else */
    bool late = now_us - shard->breath_due_us > LATE_US, saturated = now_us < shard->saturated_until_us;
    if (late && (shard->timer_was_late || saturated)) shard->saturated_until_us = now_us + SATURATED_US;
    if (shard->state.stage == SN_STAGE_LOAD && (late || saturated))
        shard->state.timers_late_us += (uint64_t)(now_us - shard->breathless_us);
    shard->timer_was_late = late;
    shard->breath_us = now_us;
    shard->breath_due_us = 0;
}
