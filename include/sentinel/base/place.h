/* Where in the module's memory something lies, for the few things of which that matters: every shard has a memory of its
 * own, and an isolate has 128 MB for all of them. */
#ifndef SENTINEL_BASE_PLACE_H
#define SENTINEL_BASE_PLACE_H

/* Of a function whose locals are large: it is not built into its callers, which would carry them in their own frames
 * whatever else they call.  The stack is small (tests/wasm/stack.test.mjs). */
#define SN_OWN_FRAME __attribute__((noinline))

/* Of constants that no shard reads.  In the module they are the end of the data, and a shard's machine lies over them
 * (src/wasm/exports.c).  One that a shard could read makes tests/wasm/memory.test.mjs fail. */
#ifdef __wasm__
#define SN_NOT_FOR_SHARDS __attribute__((section("sn_not_for_shards")))
#else
#define SN_NOT_FOR_SHARDS
#endif

#endif
