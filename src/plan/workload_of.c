/* A workload of another one: {"of": "grove", "operations": [{"operation": "post-read", "weight": 9}]}.  It has that one's
 * keys, jobs and the steps of its operations, and weights of its own. */
#include <string.h>

#include "read.h"
#include "sentinel/plan/builtin.h"
#include "workload_read.h"

#define BASES_MAX 32

/* Whether others can be of it: it has no systems, and is not of another itself.  The words stand nowhere else in the texts
 * that come with Sentinel. */
static bool is_base(const struct sn_builtin *builtin) {
    return strstr(builtin->text, "\"of\"") == NULL && strstr(builtin->text, "\"systems\"") == NULL;
}

static bool refuse_base(struct sn_trail *trail, const char *code) {
    const char *names[BASES_MAX];
    size_t len = 0;
    for (size_t i = 0; i < sn_builtins_len && len < BASES_MAX; i++)
        if (is_base(&sn_builtins[i])) names[len++] = sn_builtins[i].name;
    struct sn_writer w = sn_trail_expected(trail, code);
    sn_put_choice(&w, names, len);
    return false;
}

bool sn_workload_of(struct sn_workload_read *read, struct sn_arena *arena, const struct sn_json *value,
                    const char *const *names, const struct sn_json **members, size_t len) {
    struct sn_trail *trail = read->builder.trail;
    const char *name = sn_json_string(value);
    if (value == NULL) return true;
    size_t mark = sn_trail_name(trail, "of");
    if (name == NULL) return refuse_base(trail, "plan.type");
    const struct sn_builtin *builtin = sn_builtin_find(name);
    if (builtin == NULL || !is_base(builtin)) return refuse_base(trail, "plan.value");
    const struct sn_json *base = sn_trail_parse(trail, arena, builtin->text, builtin->len);
    if (base == NULL) return false;
    sn_trail_back(trail, mark);
    for (size_t i = 0; i < len; i++) {
        if (members[i] != NULL) {
            sn_trail_name(trail, names[i]);
            return sn_trail_refuse(trail, "plan.conflict", "none of its own: they come with what it is \"of\"");
        }
        members[i] = sn_json_get(base, names[i]);
    }
    read->base = sn_json_get(base, "operations");
    return true;
}

const struct sn_json *sn_workload_base(const struct sn_workload_read *read, const char *operation) {
    for (const struct sn_json *at = sn_json_first(read->base); at != NULL; at = sn_json_next(at))
        if (strcmp(sn_json_string(sn_json_get(at, "operation")), operation) == 0) return at;
    return NULL;
}
