/* Assertions stay on in production: a trap costs one instance, which is rebuilt from the last save, while a
 * wrong number in a report costs the trust of everyone who reads one. */
#ifndef SENTINEL_BASE_ASSERT_H
#define SENTINEL_BASE_ASSERT_H

#define SN_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())

/* Of a function whose locals are large: it is not built into its callers, which would carry them in their own frames
 * whatever else they call.  In the module the stack is small (tests/wasm/stack.test.mjs). */
#define SN_OWN_FRAME __attribute__((noinline))

#endif
