/* Which workload a plan has: a built-in one by name, or one that is written out in the plan. */
#include <string.h>

#include "build.h"
#include "form.h"
#include "read.h"
#include "request.h"

#define DEFAULT "systems" /* the workload whose systems the presets name */
#define BUILTINS_MAX 32

static bool refuse_workload(struct sn_trail *trail, const char *code) {
    const char *names[BUILTINS_MAX];
    size_t len = sn_builtins_len < BUILTINS_MAX ? sn_builtins_len : BUILTINS_MAX;
    for (size_t i = 0; i < len; i++) names[i] = sn_builtins[i].name;
    struct sn_writer w = sn_trail_expected(trail, code);
    sn_put_text(&w, "a workload as an object, or by its name: ");
    sn_put_choice(&w, names, len);
    return false;
}

bool sn_request_workload(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                         void *into) {
    struct sn_request *request = into;
    const char *name = sn_json_string(value);
    (void)field;
    if (sn_json_type(value) == SN_JSON_OBJECT) {
        request->workload = value;
        return true;
    }
    if (name == NULL) return refuse_workload(trail, "plan.type");
    request->builtin = sn_builtin_find(name);
    return request->builtin != NULL || refuse_workload(trail, "plan.value");
}

bool sn_request_tenants(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field, void *into) {
    struct sn_request *request = into;
    size_t index = 0;
    uint64_t count;
    (void)field;
    request->tenants = value;
    if (sn_json_type(value) == SN_JSON_NUMBER) return sn_read_whole(trail, value, 1, SN_TENANTS_MAX, &count);
    if (sn_json_type(value) != SN_JSON_ARRAY)
        return sn_trail_refuse(trail, "plan.type", "a number from 1 to 64, or a list of 1 to 64 names");
    if (!sn_read_array(trail, value, 1, SN_TENANTS_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        const char *name = sn_json_string(at);
        size_t mark = sn_trail_index(trail, index++);
        if (name == NULL || !sn_made_of(name, SN_TENANT_MAX, "._-"))
            return sn_trail_refuse(trail, name == NULL ? "plan.type" : "plan.value",
                                   "a tenant of at most 63 letters, digits, '.', '_' and '-'");
        for (const struct sn_json *before = sn_json_first(value); before != at; before = sn_json_next(before))
            if (strcmp(sn_json_string(before), name) == 0)
                return sn_trail_refuse(trail, "plan.duplicate", "each tenant once");
        sn_trail_back(trail, mark);
    }
    return true;
}

/* A preset's systems are those of the default workload; of another one it takes all. */
static size_t systems_of(const struct sn_request *request, const struct sn_builtin *builtin,
                         const char *names[SN_SYSTEMS_MAX]) {
    const char *const *defaults = sn_request_defaults(request)->systems;
    bool is_default = builtin != NULL && strcmp(builtin->name, DEFAULT) == 0;
    size_t len = 0;
    for (; len < request->systems_len; len++) names[len] = request->systems[len];
    for (; request->systems_len == 0 && is_default && defaults[len] != NULL; len++) names[len] = defaults[len];
    return len;
}

/* Of those that come with Sentinel nothing else is wrong with a template than that it names the run where it must not. */
static bool refuse_kept(struct sn_trail *trail) {
    if (strcmp(trail->error->code, "plan.template") != 0) return false;
    sn_trail_back(trail, 1);
    return sn_trail_refuse_at(trail, "prepare", "plan.conflict",
                              "run or none: what this workload prepares belongs to its run");
}

bool sn_request_build(struct sn_trail *trail, struct sn_arena *arena, const struct sn_request *request,
                      struct sn_workload *workload) {
    const char *names[SN_SYSTEMS_MAX];
    const struct sn_preset *defaults = sn_request_defaults(request);
    const struct sn_builtin *builtin = request->builtin;
    bool kept = request->prepare == SN_PREPARE_REUSE || request->prepare == SN_PREPARE_REMOVE;
    struct sn_workload_wish wish = {.systems = names, .tenants = request->tenants, .data = request->data, .kept = kept};
    if (request->workload == NULL && builtin == NULL)
        builtin = sn_builtin_find(defaults->workload != NULL ? defaults->workload : DEFAULT);
    if (wish.tenants == NULL && defaults->tenants != NULL) {
        wish.tenants = sn_trail_parse(trail, arena, defaults->tenants, strlen(defaults->tenants));
        if (wish.tenants == NULL) return false;
    }
    if (request->workload == NULL && builtin == NULL)
        return sn_trail_refuse(trail, "plan.missing", "a build with the workload \"" DEFAULT "\"");
    wish.systems_len = systems_of(request, builtin, names);
    if (request->workload == NULL)
        return sn_workload_build(trail, arena, builtin->text, builtin->len, &wish, workload) ||
               (kept && refuse_kept(trail));
    size_t mark = sn_trail_name(trail, "workload");
    if (!sn_workload_build_tree(trail, arena, request->workload, &wish, workload)) return false;
    sn_trail_back(trail, mark);
    return true;
}
