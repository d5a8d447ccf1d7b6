/* Workloads that come with Sentinel: src/plan/workloads, embedded by the build. */
#ifndef SENTINEL_PLAN_BUILTIN_H
#define SENTINEL_PLAN_BUILTIN_H

#include <stddef.h>

#include "sentinel/base/arena.h"

/* Data that nobody but the API reads.  In the module it lies where a shard has its machine: see src/wasm/exports.c. */
#ifdef __wasm__
#define SN_API_ONLY __attribute__((section("sn_api_only")))
#else
#define SN_API_ONLY
#endif

struct sn_builtin {
    const char *name; /* file name without .json */
    const char *text; /* JSON, zero-terminated */
    size_t len;
};

extern const struct sn_builtin sn_builtins[];
extern const size_t sn_builtins_len;

/* NULL when there is none of this name. */
const struct sn_builtin *sn_builtin_find(const char *name);
/* What it is good for, in the arena: its "description".  NULL when it has none, or there is no room. */
const char *sn_builtin_about(const struct sn_builtin *builtin, struct sn_arena *arena);

#endif
