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
 * there is time for sockets: orders are heard within a second or two.  Where the rest is too short for that, its end is
 * late, and from then on every other half second is left out too, up to seven of eight seconds.
 *
 *     level 0  rest ▁ work ▔    ▁▔▁▔▁▔▁▔▁▔▁▔▁▔▁▔
 *     level 1                   ▁▁▁▔▁▁▁▔▁▁▁▔▁▁▁▔
 *     level 2                   ▁▁▁▁▁▁▁▔▁▁▁▁▁▁▁▔
 *
 * All this ends ten seconds after the last late timer. */
#include "sentinel/base/limits.h"
#include "shard_machine.h"

#define LATE_US (SN_SECOND_US / 20)
#define WORK_US (SN_SECOND_US / 2)
#define LEVEL_MAX 3u
#define SATURATED_US (10 * SN_SECOND_US)

uint32_t shard_slots(const struct sn_shard *shard) {
    return shard->now_us < shard->saturated_until_us ? 1 : sn_plan_slots(&shard->plan, shard->state.place);
}

/* When the work after the present rest begins; `now_us` when this is no time to rest. */
static int64_t rest_end_us(const struct sn_shard *shard, int64_t now_us) {
    if (now_us >= shard->saturated_until_us) return now_us;
    int64_t period_us = SN_SECOND_US << shard->rest_level;
    int64_t end_us = now_us - now_us % period_us + period_us - WORK_US;
    return end_us > now_us ? end_us : now_us;
}

bool shard_breathless(struct sn_shard *shard, int64_t now_us) {
    if (shard->breath_due_us != 0) return true;
    int64_t end_us = rest_end_us(shard, now_us);
    if (end_us == now_us && now_us - shard->breath_us < SN_BREATH_US) return false;
    shard->breathless_us = now_us;
    shard->breath_due_us = end_us;
    return true;
}

static void judge_timer(struct sn_shard *shard, bool late, int64_t now_us) {
    bool saturated = now_us<shard->saturated_until_us, rested = shard->breath_due_us> shard->breathless_us;
    if (late && !saturated) shard->rest_level = 0;
    if (late && rested && shard->rest_level < LEVEL_MAX) shard->rest_level += 1;
    if (late && (shard->timer_was_late || saturated)) shard->saturated_until_us = now_us + SATURATED_US;
    if (shard->state.stage == SN_STAGE_LOAD && (late || saturated))
        shard->state.timers_late_us += (uint64_t)(now_us - shard->breathless_us);
    shard->timer_was_late = late;
}

void shard_breathe(struct sn_shard *shard, int64_t now_us) {
    if (now_us < shard->breath_due_us) return; /* a timer that was set for something else */
    if (shard->breath_due_us != 0) judge_timer(shard, now_us - shard->breath_due_us > LATE_US, now_us);
    shard->breath_us = now_us;
    shard->breath_due_us = 0;
}
