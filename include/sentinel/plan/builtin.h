/* Workloads that come with Sentinel: src/plan/workloads, embedded by the build. */
#ifndef SENTINEL_PLAN_BUILTIN_H
#define SENTINEL_PLAN_BUILTIN_H

#include <stddef.h>

struct sn_builtin {
    const char *name; /* file name without .json */
    const char *text; /* JSON, zero-terminated */
    size_t len;
};

extern const struct sn_builtin sn_builtins[];
extern const size_t sn_builtins_len;

/* NULL when there is none of this name. */
const struct sn_builtin *sn_builtin_find(const char *name);

#endif
