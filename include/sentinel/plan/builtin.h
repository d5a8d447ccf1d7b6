/* Workloads that come with Sentinel: src/plan/workloads, embedded by the build. */
#ifndef SENTINEL_PLAN_BUILTIN_H
#define SENTINEL_PLAN_BUILTIN_H

#include <stddef.h>

#include "sentinel/base/arena.h"

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
