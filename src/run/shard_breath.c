/* Breathing: leaving the runtime time for others.
 *
 * A thread that many objects share serves calls before timers.  Objects that start the next call whenever one has ended
 * keep it busy for ever: timers come seconds late, and reports, orders and people are not heard.  So whoever has worked
 * for SN_BREATH_US starts nothing more until a timer has come.
 *
 *     working ──SN_BREATH_US──► breathless: a timer is wanted at breath_due_us ──TIMER──► working
 *
 * How late the timer is tells how much too much there is to do.  A late one may be chance.  When two in a row are, the
 * shard holds its breath: it stands still for as long as the timer was late, so that half of the time is for others,
 * and for less and less once timers are on time. */
#include "shard_machine.h"

#define LATE_US (SN_SECOND_US / 20)
#define HOLD_MAX_US SN_SECOND_US
#define HOLD_MIN_US (SN_SECOND_US / 1000)

bool shard_breathless(struct sn_shard *shard, int64_t now_us) {
    if (shard->breath_due_us != 0) return true;
    if (now_us - shard->breath_us < SN_BREATH_US) return false;
    shard->breath_due_us = now_us + shard->hold_us;
    return true;
}

static int64_t hold_after(const struct sn_shard *shard, int64_t late_us) {
    int64_t hold_us = shard->hold_us;
    if (late_us <= LATE_US) return hold_us >= HOLD_MIN_US ? hold_us - hold_us / 4 : 0;
    if (!shard->timer_was_late) return hold_us;
    return sn_earlier(late_us > hold_us ? late_us : hold_us, HOLD_MAX_US);
}

void shard_breathe(struct sn_shard *shard, int64_t now_us) {
    if (shard->breath_due_us == 0) {
        shard->breath_us = now_us;
        return;
    }
    if (now_us < shard->breath_due_us) return; /* a timer that was set for something else */
    int64_t late_us = now_us - shard->breath_due_us;
    if (shard->state.stage == SN_STAGE_LOAD) shard->state.timers_late_us += (uint64_t)late_us;
    shard->hold_us = hold_after(shard, late_us);
    shard->timer_was_late = late_us > LATE_US;
    shard->breath_us = now_us;
    shard->breath_due_us = 0;
}
