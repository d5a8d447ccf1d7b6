/* What Sentinel's own objects say to each other, inside CALL_OBJECT and REPLY records.
 *
 * A message begins with u32 kind and u32 version.  The API and the shards speak to a RunObject, a RunObject to its
 * ShardObjects.  Every message may arrive twice, late, or after a restart on either side; each says enough to be
 * ignored when it is old. */
#ifndef SENTINEL_BASE_MESSAGE_H
#define SENTINEL_BASE_MESSAGE_H

#include "sentinel/base/bytes.h"

#define SN_MESSAGE_VERSION 4u

#define SN_MESSAGE_LIST(X)                                                                                                         \
    /* to a RunObject */                                                                                                           \
    X(CREATE,                                                                                                                      \
      1) /* u32 enum sn_creation, span plan bytes, to SWEEP: u64 k, u32 revision → REPLY state JSON.  Known already: the same */ \
    X(START, 2)  /* → state JSON; E_STATE unless pending */                                                                      \
    X(CANCEL, 3) /* → state JSON; E_STATE when it has ended */                                                                   \
    X(READ, 4)   /* → state JSON */                                                                                              \
    X(REPORT, 5) /* u32 enum sn_report_format → the report as text; E_STATE before the start */                                  \
    X(POKE, 6)   /* from the tick: look at the time → state JSON; E_MISSING when there is no run here */                         \
    /* Steering, all → state JSON; E_STATE outside the load, E_RANGE or E_LIMIT when it asks for too much.  Asked for what \
     * is so already they change nothing, so each may be sent again. */     \
    X(PAUSE, 9)                                                                                                                    \
    X(RESUME, 10)                                                                                                                  \
    X(SCALE, 11)  /* f64 factor of the plan's own rate */                                                                          \
    X(EXTEND, 12) /* u32 seconds that the load is to last in all */                                                                \
    X(DELETE, 8)  /* → nothing: the run is forgotten; E_STATE and its state while it is active or has to sweep */                \
    X(EXPIRE, 13) /* its time has passed: it ends as failed → state JSON; E_STATE unless pending */                              \
    X(STOP, 14)   /* everything is stopped: span reason, "" for none → as CANCEL */                                              \
    X(DELTA, 7)   /* from a shard: span delta (measure/delta.h) → COMMAND message */                                             \
    /* to a ShardObject */                                                                                                         \
    /* span name of the RunObject, span plan bytes, u32 index, u32 place, u32 followers, then a command's body → u32 seq,   \
     * u32 how many followers were called, u32 bit n for follower n that has come.  They are the shards of the next indices, \
     * at places of the same numbers; the shard starts them before it works, and answers when it has tried. */    \
    X(ARM, 16)                                                                                                                     \
    X(COMMAND, 17) /* a command (run/command.h); E_MISSING when the shard knows no plan → u32 seq */                             \
    X(FORGET, 18)  /* the run is over: erase everything → nothing */

enum sn_message {
#define SN_X(name, value) SN_MESSAGE_##name = value,
    SN_MESSAGE_LIST(SN_X)
#undef SN_X
};

#define SN_REPORT_FORMAT_LIST(X) X(JSON, 1, "json") X(TEXT, 2, "text")

enum sn_report_format {
#define SN_X(name, value, text) SN_REPORT_##name = value,
    SN_REPORT_FORMAT_LIST(SN_X)
#undef SN_X
};

/* What becomes of a run once its plan is on disk.  SWEEP: the run's object has lost it, so nothing is sent any more, and what
 * the run left in its targets is cleaned up: whatever operations may have left that are not above `k`, which is more than
 * the plan has if somebody has scaled or extended the run.  `revision`: the row's, which the sweep is to write over. */
enum sn_creation { SN_CREATION_WAIT = 0, SN_CREATION_START = 1, SN_CREATION_SWEEP = 2 };

void sn_message_begin(struct sn_writer *w, enum sn_message kind);
/* Kind of the message; 0 when it is malformed or of another version. */
uint32_t sn_message_open(struct sn_reader *r);

#endif
