/* A step on the wire: one host call and its answer.
 *
 * Most of a call is the same in all operations of a run.  That crosses once, as SHAPE; each STEP then names its shape and
 * fills in the rest:
 *
 *   SHAPE  '{"index":' hole 0 ',"random":"' 16 digits of hole 2 '"}'
 *   STEP   41 | 1795446241462 | 0x5fae…  ─────►  {"index":41,"random":"5fae…"}
 *
 * SHAPE payload: span name of the binding that is called, span D1's session (neither: no bytes), and then, as SQL's too:
 *   u64 0, u16 groups, and per group: u32 statement (D1: number given by DEFINE; else 0), u16 values, and per value u8 type
 *   (enum sn_value), u8[3] zero, u32 length, then the bytes, padded with zeros to 4.
 *   All calls but a D1 batch have one group.  Which value means what is the action's business, below.
 *   What is looked for in the answer comes last, as a group with the statement SN_SHAPE_LOOKS: for each look its kind as
 *   a NUMBER (enum sn_look_kind), and a value.
 * STEP payload: holes of eight bytes each, and behind them texts that some holes point to.  The first two are f64: the number of the operation (or of a job's item), and
 *   the time of the call in Unix milliseconds. */
#ifndef SENTINEL_BASE_STEP_H
#define SENTINEL_BASE_STEP_H

#include <assert.h>
#include <stdint.h>

#include "sentinel/base/bytes.h"

/* Host calls.  Values in the order that is given; an absent optional value is NULL. */
#define SN_ACTION_LIST(X)                                                                                   \
    X(D1_ALL, 1, "d1.all")                /* statement with its bound values; rows are counted */           \
    X(D1_BATCH, 2, "d1.batch")            /* groups of statement and values, in one transaction */          \
    X(KV_GET, 3, "kv.get")                /* key, "text" | "json", seconds that the edge may keep it */     \
    X(KV_PUT, 4, "kv.put")                /* key, value, TTL in seconds, metadata as JSON */                \
    X(KV_LIST, 5, "kv.list")              /* prefix, limit */                                               \
    X(KV_DELETE, 6, "kv.delete")          /* key */                                                         \
    X(R2_GET, 7, "r2.get")                /* key, offset, length; the body is read to its end */            \
    X(R2_PUT, 8, "r2.put")                /* key, value, content type, custom metadata as JSON */           \
    X(R2_LIST, 9, "r2.list")              /* prefix, limit */                                               \
    X(R2_HEAD, 10, "r2.head")             /* key */                                                         \
    X(R2_DELETE, 11, "r2.delete")         /* key… (at most 1,000) */                                      \
    X(KV_GET_MANY, 12, "kv.getMany")      /* "text" | "json", seconds as for one, key… (at most 100) */   \
    X(R2_MULTIPART, 13, "r2.multipart")   /* key, value, how often a part repeats it, parts, type */        \
    X(DO_CALL, 14, "do.call")             /* object's name, method, argument… */                          \
    X(DO_FETCH, 15, "do.fetch")           /* object's name, and as below */                                 \
    X(HTTP_FETCH, 16, "http.fetch")       /* URL, method, headers as JSON, body; no redirect is followed */ \
    X(SERVICE_FETCH, 17, "service.fetch") /* the same to a bound Worker */

/* Whom a call goes to.  (name, value, how a step says so, the binding that it means unless it names one) */
#define SN_SERVICE_LIST(X)      \
    X(D1, 1, "d1", "TARGET_DB") \
    X(KV, 2, "kv", "TARGET_KV") \
    X(R2, 3, "r2", "TARGET_R2") \
    X(DO, 4, "do", "PROBES")    \
    X(HTTP, 5, "http", "")      \
    X(SERVICE, 6, "service", "TARGET_SERVICE")

enum sn_service {
#define SN_X(name, value, text, binding) SN_SERVICE_##name = value,
    SN_SERVICE_LIST(SN_X)
#undef SN_X
        SN_SERVICES_END
};

enum sn_action {
#define SN_X(name, value, text) SN_ACTION_##name = value,
    SN_ACTION_LIST(SN_X)
#undef SN_X
};

/* "kv.get"; "unknown" for what is none. */
const char *sn_action_name(uint32_t action);
/* How a query is kept consistent with those of other places; each call has a session of its own. */
#define SN_SESSION_LIST(X) X(NONE, "") X(FIRST_PRIMARY, "first-primary") X(FIRST_UNCONSTRAINED, "first-unconstrained")

enum sn_session {
#define SN_X(name, text) SN_SESSION_##name,
    SN_SESSION_LIST(SN_X)
#undef SN_X
        SN_SESSIONS_LEN
};

#define SN_HOLE_K 0u
#define SN_HOLE_TIME 1u
#define SN_HOLES_OWN 2u /* from here on they are what the step's templates need */

/* From HOLE on only in a SHAPE; and there the slices have the number of a hole instead of the offset in it. */
#define SN_VALUE_LIST(X)                                                                                              \
    X(NULL, 0)   /* no bytes */                                                                                       \
    X(TEXT, 1)   /* UTF-8 */                                                                                          \
    X(NUMBER, 2) /* f64 */                                                                                            \
    X(BYTES, 3)                                                                                                       \
    X(SLICE, 4)      /* `length` bytes of the payload block, as bytes; u32 offset, whole in eights */                 \
    X(SLICE_TEXT, 5) /* the same as a string */                                                                       \
    X(HOLE, 6)       /* the f64 in the hole with the number `length`; no bytes */                                     \
    X(HEX, 7)        /* so many lower-case hexadecimal digits, the low ones of the u64 in a hole; u32 hole */         \
    X(JOINED, 8) /* one text of the `length` TEXT, SLICE_TEXT, HOLE, HEX and TAIL that follow; numbers in decimal */  \
    X(TAIL, 9) /* in a joined one: bytes behind the holes; in a hole, whose number is `length`, u32 where they      \
                        begin in the payload, u32 how many they are */ \
    X(CUT, 10) /* a SLICE of at most `length`; u32 hole, which has u32 offset, u32 length */                          \
    X(CUT_TEXT, 11) /* the same of a SLICE_TEXT, also in a joined one */

enum sn_value {
#define SN_X(name, value) SN_VALUE_##name = value,
    SN_VALUE_LIST(SN_X)
#undef SN_X
};

#define SN_SHAPE_LOOKS UINT32_MAX /* in the place of a statement */

/* What the host looks for in an answer, whose text is a value or a body, the rows of a query as JSON, what a method gave.
 * The first two compare with a text; the others capture one, and their value says where it stands. */
#define SN_LOOK_LIST(X)                                                   \
    X(SAME, 1)     /* it is this text */                                  \
    X(CONTAINS, 2) /* this text is in it */                               \
    X(COLUMN, 3)   /* this column of the first row */                     \
    X(POINTER, 4)  /* what a JSON pointer (RFC 6901) finds in the text */ \
    X(HEADER, 5)   /* this header of a response */                        \
    X(WHOLE, 6)    /* the text; its value is NULL */

enum sn_look_kind {
#define SN_X(name, value) SN_LOOK_##name = value,
    SN_LOOK_LIST(SN_X)
#undef SN_X
};

/* The payload block: printable ASCII, the same everywhere, filled once per isolate (payload.h). */
#define SN_PAYLOAD_BLOCK 1048576u

/* What a KV namespace says of its cache, as it calls it. */
#define SN_CACHE_LIST(X) X(HIT, 1) X(MISS, 2)

/* What a host call answered, in numbers.  Fields that do not apply are 0.  Behind it stand the captured texts, a span for
 * each look that captures, in their order; one that is not there, or empty, has no bytes and no
 * bit in `looked`; one that is longer than SN_CAPTURE_MAX has its bit, and no bytes. */
struct sn_answer {
    uint32_t rows;         /* rows, keys or objects that came back; 1 for a value that was found */
    uint32_t rows_read;    /* D1 meta; billed */
    uint32_t rows_written; /* D1 meta; billed, indexes count */
    uint32_t sql_us;       /* D1 meta.timings or duration, in µs */
    uint32_t bytes;        /* of the value or body that came back */
    uint32_t body_us;      /* from the headers to the end of the body, where the two are apart */
    uint16_t attempts;     /* D1 meta.total_attempts; more than 1 is a hidden retry */
    uint8_t cache;         /* KV cacheStatus: SN_CACHE_LIST; 0 unknown */
    uint8_t primary;       /* D1 served_by_primary: 0 unknown, 1 yes, 2 no */
    char place[8];         /* D1 served_by_colo or served_by_region, zero-padded */
    uint32_t status;       /* HTTP status, where there is one */
    uint32_t looked;       /* bit n: what the step's look n looks for is there */
};
_Static_assert(sizeof(struct sn_answer) == 44, "an answer is 44 bytes on the wire");

/* Takes an answer and `more` that belong to it, and adds them up: rows, times and bytes are sums, which saturate; `attempts`
 * is the most of any; all else is the first one's.  False when there are not so many: then `answer` is not set. */
bool sn_answer_get(struct sn_reader *r, uint32_t more, struct sn_answer *answer);

#endif
