/* When a shard may report.  A run takes at most SN_REPORTS_PER_S_MAX reports a second from all of its shards together, and what
 * happens to all of them happens at the same moment: the load begins, and it ends.  So places take turns by the clock, five
 * milliseconds apart, and nobody has to be asked whose turn it is.
 *
 *     place 0   |▏             |▏             |▏
 *     place 1   | ▏            | ▏            | ▏         one turn in places × 5 ms;
 *     place 2   |  ▏           |  ▏           |  ▏        two of more than 100 places, where more than one report waits
 *
 * The first report after an object was opened, before the load's end, waits for none: without its answer a shard starts
 * nothing. */
#include "sentinel/base/planted.h"
#include "shard_machine.h"

#define SPACING_US (SN_SECOND_US / SN_REPORTS_PER_S_MAX)
#define FEW 40u /* of which each may report five times in a second, more often than it ever has to */
#define STORED_US (SN_SECOND_US / 4) /* a checkpoint is on disk by then */

int64_t shard_turn_us(uint32_t place, uint32_t places, bool behind, int64_t at_us) {
    if (places <= FEW) return at_us;
    int64_t period_us = places * SPACING_US;
    if (behind && 2 * period_us > SN_REPORT_INTERVAL_US)
        period_us /= 2; /* else there is a turn between two checkpoints */
    int64_t late_us = (at_us - place * SPACING_US) % period_us;
    if (late_us < 0) late_us += period_us;
    return late_us == 0 ? at_us : at_us + period_us - late_us;
}

/* Its reports are rarer than one a second, and each checkpoint is written just before its turn. */
static bool is_rare(const struct sn_shard *shard) {
    return shard->command.report_interval_us > SN_REPORT_INTERVAL_US;
}

/* More than this report waits, or this one came so soon after the last that it cannot be the next checkpoint's. */
static bool is_behind(const struct sn_shard *shard, const struct backlog_entry *next, int64_t now_us) {
    if (next != NULL && next->durable) return true;
    return is_rare(shard) && now_us - shard->report_sent_us < shard->command.report_interval_us / 2;
}

int64_t shard_report_turn_us(struct sn_shard *shard, uint32_t seq, int64_t now_us) {
    const struct shard_state *state = &shard->state;
    if (shard->report_sent_us == 0 && state->stage <= SN_STAGE_LOAD) return now_us;
    if (SN_PLANTED(TURN_IGNORED)) return now_us;
    if (shard->report_turn_us == 0) {
        bool behind = is_behind(shard, shard_backlog_find(shard, seq + 1), now_us);
        shard->report_turn_us = shard_turn_us(state->place, state->places, behind, now_us);
    }
    return shard->report_turn_us;
}

int64_t shard_next_checkpoint_us(const struct sn_shard *shard, int64_t now_us) {
    const struct shard_state *state = &shard->state;
    if (!is_rare(shard)) return now_us + shard->command.report_interval_us;
    return shard_turn_us(state->place, state->places, false, now_us + STORED_US + 1) - STORED_US;
}
