/* How much crosses the boundary at once, by role.  exports.c sets it aside, abi.js tells the shim. */
#ifndef SENTINEL_WASM_ROOM_H
#define SENTINEL_WASM_ROOM_H

#include "sentinel/base/limits.h"
#include "sentinel/measure/delta.h"

/* A request's parts are cut here.  Each is far above what the API accepts, so the core still sees that a part is too
 * long and says so itself.  A URL on the platform has at most 16 KB. */
#define SN_REQUEST_BODY_MAX 131072
#define SN_REQUEST_URL_MAX 16384
#define SN_REQUEST_HEADER_MAX 4096
#define SN_SOCKET_TEXT_MAX 4104 /* more than is accepted, likewise */
#define SN_ERROR_TEXT_MAX 512

/* The API takes a request whole, the rows of a page of runs, and the JSON report of an hour's run. */
#define SN_API_INBOX 524288
#define SN_API_OUTBOX 589824
/* A run loads what it has stored one value at a time: a chunk, or its own state with that of all shards and a log entry's
 * deltas behind it.  It writes a snapshot at once. */
#define SN_RUN_INBOX 368640
#define SN_RUN_OUTBOX 1441792
/* A shard takes a plan at most, with its run's epochs, or a delta that it has stored.  What it sends at once is a step's
 * shape at most; a checkpoint, a report or a step for which there is no more room waits for its next step. */
#define SN_SHARD_INBOX 53248
#define SN_SHARD_OUTBOX 69632

/* Changes whenever a list, a record or an export does: the shim refuses a core of another version. */
#define SN_ABI_VERSION 8u

_Static_assert(SN_API_INBOX % 16 == 0 && SN_RUN_INBOX % 16 == 0 && SN_SHARD_INBOX % 16 == 0,
               "the outbox follows, aligned");
_Static_assert(SN_SHARD_INBOX >= SN_PLAN_BYTES_MAX + 4096 && SN_SHARD_INBOX >= SN_DELTA_BYTES_MAX + 4096,
               "a plan arrives in one record, with its epochs, and so does a delta");
_Static_assert(SN_SHARD_OUTBOX >= SN_EFFECT_MAX + 4096 && SN_SHARD_OUTBOX >= SN_PLAN_BYTES_MAX + 8192 &&
                   SN_SHARD_OUTBOX >= SN_DELTA_BYTES_MAX + 8192,
               "a shape, a plan and a delta with the shard's state leave in one record each");

#endif
