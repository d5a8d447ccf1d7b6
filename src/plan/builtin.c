#include "sentinel/plan/builtin.h"

#include <string.h>

const struct sn_builtin *sn_builtin_find(const char *name) {
    for (size_t i = 0; i < sn_builtins_len; i++)
        if (strcmp(sn_builtins[i].name, name) == 0) return &sn_builtins[i];
    return NULL;
}
