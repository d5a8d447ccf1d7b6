/* What can go wrong in a simulated world.  Each can be switched on by itself; a swarm test switches a random half of them on. */
#ifndef SENTINEL_SIM_FAULTS_H
#define SENTINEL_SIM_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sentinel/base/planted.h"

/* (name, text, what happens) */
#define SN_FAULT_LIST(X)                                                                                           \
    X(SHARDS_DIE, "shards-die", "shards lose their memory at random instants")                                     \
    X(RUN_DIES, "run-dies", "so does the object that owns the run")                                                \
    X(SHARDS_VANISH, "shards-vanish", "shards lose what they stored, or are out of reach for a while")             \
    X(DEPLOYS, "deploys", "every object loses its memory at the same instant")                                     \
    X(LOST, "lost", "one message or answer in fifty is lost")                                                      \
    X(LATE, "late", "one in fifty arrives up to eight seconds late, and with that after others")                   \
    X(TWICE, "twice", "one message in fifty arrives twice, and every other one that calls an object into being")   \
    X(ALARMS_LATE, "alarms-late", "one alarm in ten is up to five seconds late")                                   \
    X(ALARMS_TWICE, "alarms-twice", "one alarm in ten comes again although its handler is done")                   \
    X(ALARMS_GIVEN_UP, "alarms-given-up", "an alarm is given up now and then; the tick wakes the run each minute") \
    X(WRITES_FAIL, "writes-fail", "one write in fifty fails, and for some seconds all of an object's")             \
    X(DATABASE_AWAY, "database-away", "the control database fails for a minute")                                   \
    X(TIMERS_LATE, "timers-late", "one timer in twenty is up to a second late, and hides it")                      \
    X(SKEW, "skew", "clocks of objects differ by up to 90 ms")                                                     \
    X(HALTS, "halts", "the whole machine stands still for up to a minute")                                         \
    X(STEERED, "steered", "somebody pauses, resumes, scales and extends the load")                                 \
    X(CANCELLED, "cancelled", "somebody cancels the run")                                                          \
    X(TARGETS_ERR, "targets-err", "targets fail and are throttled")                                                \
    X(TARGETS_STALL, "targets-stall", "every target stands still for some seconds")                                \
    X(DATABASE_QUEUES, "database-queues",                                                                          \
      "D1 is one server with a queue: it is slow, and when that is long it says so")                               \
    X(KV_BEHIND, "kv-behind", "every other value written to KV is seen only up to a minute later")                 \
    X(KEYS_THROTTLED, "keys-throttled", "a key of KV or R2 takes one write a second, and refuses others")          \
    X(NEW_VERSION, "new-version",                                                                                  \
      "a deploy brings a Sentinel that cannot read some of what was stored; another one may bring the first back") \
    X(GATE_SLOW, "gate-slow",                                                                                      \
      "every other time that an object erases everything it takes up to three seconds, and what it says waits")    \
    X(STEERED_DIES, "steered-dies",                                                                                \
      "every other time that somebody steers the run it can write nothing for up to three seconds, and then dies") \
    X(SHARDS_RETURN, "shards-return", "a shard is out of reach until another one has its place, and comes back")   \
    X(DELETES_FAIL, "deletes-fail", "one key of KV or R2 in fifty cannot be deleted")

enum sn_fault {
#define SN_X(name, text, about) SN_FAULT_##name,
    SN_FAULT_LIST(SN_X)
#undef SN_X
        SN_FAULTS_LEN
};

#define SN_FAULT_BIT(fault) (1u << (fault))
#define SN_FAULTS_ALL (SN_FAULT_BIT(SN_FAULTS_LEN) - 1)

/* Of a planted bug. */
const char *sn_plant_name(enum sn_plant plant);
const char *sn_plant_about(enum sn_plant plant);

const char *sn_fault_name(enum sn_fault fault);
const char *sn_fault_about(enum sn_fault fault);
/* Those that leave every shard in touch with its run, so that the load must follow each change of it to the millisecond. */
#define SN_FAULTS_CALM                                                                                         \
    (SN_FAULT_BIT(SN_FAULT_SHARDS_DIE) | SN_FAULT_BIT(SN_FAULT_STEERED) | SN_FAULT_BIT(SN_FAULT_CANCELLED) |   \
     SN_FAULT_BIT(SN_FAULT_TARGETS_ERR) | SN_FAULT_BIT(SN_FAULT_DATABASE_AWAY) | SN_FAULT_BIT(SN_FAULT_SKEW) | \
     SN_FAULT_BIT(SN_FAULT_KV_BEHIND) | SN_FAULT_BIT(SN_FAULT_KEYS_THROTTLED) | SN_FAULT_BIT(SN_FAULT_DELETES_FAIL))

/* A random half of them, by the seed; for every third seed a random half of the calm ones.  Every sixth that is not calm
 * has another version too, and in every other one of those no shard is lost. */
uint32_t sn_faults_of_seed(uint64_t seed);
/* "lost,late", "all" or "none".  False when a word is none of that; `bad` and `bad_len` then are that word. */
bool sn_faults_parse(const char *text, uint32_t *faults, const char **bad, size_t *bad_len);
/* The words for a set, separated by commas; "none" for none.  At most SN_FAULTS_TEXT_MAX bytes with the end. */
#define SN_FAULTS_TEXT_MAX 400
void sn_faults_text(uint32_t faults, char text[SN_FAULTS_TEXT_MAX]);

#endif
