#include "sentinel/plan/builtin.h"

#include <string.h>

#include "sentinel/json/json.h"

const struct sn_builtin *sn_builtin_find(const char *name) {
    for (size_t i = 0; i < sn_builtins_len; i++)
        if (strcmp(sn_builtins[i].name, name) == 0) return &sn_builtins[i];
    return NULL;
}

const char *sn_builtin_about(const struct sn_builtin *builtin, struct sn_arena *arena) {
    struct sn_json_error error;
    return sn_json_string(sn_json_get(sn_json_parse(arena, builtin->text, builtin->len, &error), "description"));
}
