/* What the account's plan with Cloudflare allows, where that shapes a run.
 *
 * A shard works in slices, one invocation each; a slice ends before it has used up what one invocation may.  On the free
 * plan a slice is a few dozen calls long, so a run works there too, slowly, as long as its day's allowance lasts. */
#ifndef SENTINEL_BASE_PLATFORM_H
#define SENTINEL_BASE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* (name, text, calls to other services per invocation, µs of CPU per invocation)
 * Free: 50 D1 queries and 10 ms; paid: what wrangler.toml asks for under [limits].  Workers limits, 2026-09-04; D1 limits,
 * 2026-04-21. */
#define SN_PLATFORM_LIST(X)          \
    X(PAID, "paid", 10000, 30000000) \
    X(FREE, "free", 50, 10000)

enum sn_platform {
#define SN_X(name, text, calls, cpu_us) SN_PLATFORM_##name,
    SN_PLATFORM_LIST(SN_X)
#undef SN_X
        SN_PLATFORMS_LEN
};

const char *sn_platform_name(enum sn_platform platform);
/* The platform of this name, as in "free"; false when there is none. */
bool sn_platform_find(const char *name, size_t len, enum sn_platform *platform);
/* Calls that an invocation may make at most. */
uint32_t sn_platform_calls(enum sn_platform platform);
/* Calls after which a slice ends: nine tenths of what an invocation may make, and no more than half of its CPU is enough
 * for at SN_CALL_CPU_US each. */
uint32_t sn_platform_slice_calls(enum sn_platform platform);

#endif
