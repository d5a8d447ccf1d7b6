/* The boundary: one record format for events into the core and effects out of it.
 *
 * A record is a 32-byte header and a payload, padded to 8 bytes.  Times are absolute microseconds as f64 (exact up
 * to the year 2255).  An effect that expects an answer gets exactly one DONE or FAILED (or STEP_DONE, STEP_FAILED)
 * event with the same id; an unknown id is counted and otherwise ignored. */
#ifndef SENTINEL_BASE_RECORD_H
#define SENTINEL_BASE_RECORD_H

#include <assert.h>

#include "sentinel/base/bytes.h"

struct sn_record {
    uint16_t kind;   /* enum sn_event or enum sn_effect */
    int16_t status;  /* events: 0, or an enum sn_status; effects: 0 */
    uint32_t size;   /* bytes of payload, without the padding */
    uint32_t id;     /* pairs an effect with its answer; 0 expects none */
    uint32_t target; /* enum sn_binding for calls, else as the kind says */
    double at_us;    /* events: when it happened; effects: when it is to happen, where that applies */
    uint32_t arg0;
    uint32_t arg1;
};
_Static_assert(sizeof(struct sn_record) == 32, "a record header is 32 bytes on the wire");

/* What happened.  (name, payload) */
#define SN_EVENT_LIST(X)                                                                                            \
    X(OPENED, 1)          /* all LOADED are in; payload: span its name, and span name of each of its bindings */    \
    X(LOADED, 2)          /* one stored value: span key, then the bytes */                                          \
    X(TIMER, 3)           /* the deadline's timer fired: control went through the event loop */                     \
    X(ALARM, 4)           /* the platform's alarm fired */                                                          \
    X(CALL, 5)            /* another object or the API asks; id: to be answered by REPLY; payload: message */       \
    X(DONE, 6)            /* an effect succeeded; payload: its result */                                            \
    X(FAILED, 7)          /* an effect failed; payload: error text */                                               \
    X(STEP_DONE, 8)       /* a host call was answered; payload: 1 + arg0 sn_answer, then captures as spans */       \
    X(STEP_FAILED, 9)     /* a host call failed; payload: error text */                                             \
    X(REQUEST, 10)        /* an HTTP request; arg0, payload: see service/api.h */                                   \
    X(SOCKET_OPENED, 11)  /* target: socket number; arg0: 1 when it is older than this object in memory;          \
                             payload: the query of its address, "?" included, or nothing */ \
    X(SOCKET_MESSAGE, 12) /* target: socket number; payload: text */                                                \
    X(TICK, 13)           /* the cron trigger; at_us: scheduled time */

/* What is to be done.  "asks" marks those that are answered. */
#define SN_EFFECT_LIST(X)                                                                                                       \
    X(STEP, 32)      /* asks: one host call at a target; arg0: enum sn_action; payload: step.h;                      \
                       arg1: enum sn_stage (LOAD for operations, whenever they are sent) | number of the step << 8   \
                       | number of its shape << 16 */          \
    X(DEFINE, 33)    /* a later step's SQL; arg0: its number; payload: text */                                                  \
    X(STORE, 34)     /* asks: write entries at once, answered when durable; payload: (span key, span value)… */               \
    X(ERASE, 35)     /* delete keys; payload: span key…, SN_STORE_ENTRIES_MAX at most; none: all, the alarm too */            \
    X(SET_ALARM, 36) /* at_us: when; replaces the one alarm of the object */                                                    \
    X(SLICE_END, 37) /* the running alarm handler may return */                                                                 \
    X(CALL_OBJECT, 38) /* asks: target: RUNS or SHARDS; payload: span name, span location hint, then the message */             \
    X(REPLY, 39)       /* id: of a CALL event; status; payload: message */                                                      \
    X(SQL,                                                                                                                      \
      40) /* asks: statements at a database as one batch; payload: sql.h; target: binding, or 0: the payload begins           \
             with span its name; DONE has rows as JSON, and how many were read (arg0) and written (arg1) */ \
    X(PUBLISH, 41) /* payload: text for every live socket */                                                                    \
    X(SEND, 42)    /* payload: text for the socket in target */                                                                 \
    X(CLOSE, 43)   /* close the socket in target; arg0: close code; payload: reason.  Target 0: every socket */                 \
    X(RESPOND, 44) /* answer the HTTP request; arg0: status; payload: span headers JSON, then the body */                       \
    X(UPGRADE, 45) /* hand the HTTP request to the RunObject named in the payload, as a WebSocket */                            \
    X(LOG, 46)     /* one structured line; payload: JSON text */                                                                \
    X(SHAPE, 47)   /* what later steps have in common; arg0: its number; payload: step.h */                                     \
    X(ZONE,                                                                                                                     \
      48) /* asks: a stretch of a time zone; payload: span name, f64 from, f64 to, in seconds; DONE has what zone.h writes */   \
    X(FETCH,                                                                                                                    \
      49) /* asks: HTTP; payload: span of the service's binding ("": the open network), span URL, span method, span    \
                     headers JSON, then the body; arg0: milliseconds until it counts as failed; DONE: arg0 is the status,       \
                     payload: span Retry-After header, then the body's first arg1 bytes */

enum sn_event {
#define SN_X(name, value) SN_EVENT_##name = value,
    SN_EVENT_LIST(SN_X)
#undef SN_X
};
enum sn_effect {
#define SN_X(name, value) SN_EFFECT_##name = value,
    SN_EFFECT_LIST(SN_X)
#undef SN_X
};

/* Who a wasm instance is. */
#define SN_ROLE_LIST(X) X(API, 0) X(RUN, 1) X(SHARD, 2)
enum sn_role {
#define SN_X(name, value) SN_ROLE_##name = value,
    SN_ROLE_LIST(SN_X)
#undef SN_X
};

/* Sentinel's own bindings by number; the name is the one in wrangler.toml.  None of them is ever a target. */
#define SN_BINDING_LIST(X) X(DB, 1) X(RUNS, 2) X(SHARDS, 3)
enum sn_binding {
#define SN_X(name, value) SN_BINDING_##name = value,
    SN_BINDING_LIST(SN_X)
#undef SN_X
};

/* Appends a record.  The payload is copied; the padding is zero. */
void sn_record_put(struct sn_writer *w, const struct sn_record *header, const void *payload, size_t len);
/* Begins a record whose payload is written in place; `header->size` is filled by sn_record_end(). */
size_t sn_record_begin(struct sn_writer *w, const struct sn_record *header);
/* Ends the record begun at `mark`.  False (and nothing written) when it did not fit. */
bool sn_record_end(struct sn_writer *w, size_t mark);
/* Takes the next record off a batch.  False at the end; `r->bad` when what is left is not a record. */
bool sn_record_next(struct sn_reader *r, struct sn_record *header, struct sn_span *payload);

#endif
