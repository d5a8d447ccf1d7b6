/* A command: what a run wants of one shard.  It travels in ARM, in COMMAND and in every answer to a DELTA, so a shard
 * that missed one learns the same from the next. */
#ifndef SENTINEL_RUN_COMMAND_H
#define SENTINEL_RUN_COMMAND_H

#include "sentinel/base/message.h"
#include "sentinel/load/schedule.h"

struct sn_command {
    uint32_t stage;      /* enum sn_stage that the shard is to work on; never goes back */
    uint32_t places;     /* among which the operations are dealt */
    uint32_t stored_seq; /* deltas up to this one are durable at the run: the shard may erase them */
    uint32_t want_seq;   /* the delta that the run expects next: older ones are known, a gap is sent again from here */
    uint64_t last_k;     /* cleanup: no operation above it was ever started */
    int64_t report_interval_us;
};

/* How often each shard reports, when there are so many places: every second, and more rarely where that would be more than
 * SN_REPORTS_PER_S_MAX in all. */
int64_t sn_report_interval_us(uint32_t places);
/* A shard that reports so often and has had no answer for this long starts nothing more. */
int64_t sn_silence_us(int64_t report_interval_us);

/* Writes the command and the first so many of the schedule's epochs. */
void sn_command_put(struct sn_writer *w, const struct sn_command *command, const struct sn_schedule *schedule,
                    uint32_t epochs);
/* Reads a command and adds its epochs.  SN_E_FORMAT, or a schedule's status; nothing is half-applied to `command`. */
enum sn_status sn_command_get(struct sn_reader *r, struct sn_command *command, struct sn_schedule *schedule);

/* Whom a call to arm is for.  `place`: load/share.h. */
struct sn_arming {
    uint32_t index, place, followers;
};

/* Writes the message ARM up to where the command's body begins. */
void sn_arm_put(struct sn_writer *w, const char *run_name, struct sn_span plan, const struct sn_arming *arming);

#endif
