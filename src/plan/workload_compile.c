/* A workload's JSON: systems with weights, operations with steps, jobs.  Only what the wanted systems need is built. */
#include <string.h>

#include "read.h"
#include "workload_read.h"

#define OPERATIONS_MAX 200 /* in one text; SN_KINDS_MAX of them can be used at once */
#define OPERATION_NAME_MAX 48
#define SYSTEM_WEIGHT_MAX 1000000
#define OPERATION_WEIGHT_MAX 1000
#define NO_SYSTEM "custom" /* where a workload has none, the control database and reports show this */

static bool refuse_system(struct sn_workload_read *read) {
    struct sn_writer w = sn_trail_expected(read->builder.trail, "plan.value");
    const char *names[SN_SYSTEMS_MAX];
    for (uint32_t i = 0; i < read->systems_len; i++) names[i] = read->systems[i].name;
    sn_put_choice(&w, names, read->systems_len);
    return false;
}

static uint32_t find_system(const struct sn_workload_read *read, const char *name) {
    for (uint32_t i = 0; i < read->systems_len; i++)
        if (strcmp(read->systems[i].name, name) == 0) return i;
    return UINT32_MAX;
}

uint32_t sn_workload_system(struct sn_workload_read *read, const struct sn_json *value) {
    const char *name = sn_json_string(value);
    if (read->plain) {
        sn_trail_refuse(read->builder.trail, "plan.conflict", "no system here: this workload has no \"systems\"");
        return UINT32_MAX;
    }
    uint32_t index = name != NULL ? find_system(read, name) : UINT32_MAX;
    if (index == UINT32_MAX) refuse_system(read);
    return index;
}

static bool is_word(const char *name, const char *marks) {
    for (; *name != 0; name++)
        if (!((*name >= 'a' && *name <= 'z') || (*name >= '0' && *name <= '9') || strchr(marks, *name) != NULL))
            return false;
    return true;
}

bool sn_workload_name(struct sn_trail *trail, const char *name) {
    if (*name != 0 && strlen(name) <= SN_SYSTEM_NAME_MAX && is_word(name, "_")) return true;
    return sn_trail_refuse(trail, "plan.value", "a name of at most 31 lower-case letters, digits and underscores");
}

/* Operations that belong to no system share one weight. */
static bool without_systems(struct sn_workload_read *read, size_t chosen) {
    struct sn_trail *trail = read->builder.trail;
    read->systems_len = 1;
    read->systems[0].name = NO_SYSTEM;
    read->systems[0].weight = 1;
    read->plain = true;
    if (chosen == 0) return true;
    sn_trail_back(trail, 1);
    sn_trail_name(trail, "targetSystems");
    return sn_trail_refuse(trail, "plan.conflict", "no targetSystems: this workload has no systems");
}

static bool read_systems(struct sn_workload_read *read, const struct sn_json *systems, size_t chosen) {
    struct sn_trail *trail = read->builder.trail;
    if (systems == NULL) return without_systems(read, chosen);
    size_t before = sn_trail_name(trail, "systems");
    if (sn_json_type(systems) != SN_JSON_OBJECT || sn_json_count(systems) < 1 ||
        sn_json_count(systems) > SN_SYSTEMS_MAX)
        return sn_trail_refuse(trail, "plan.type", "an object of 1 to 16 systems and their weights");
    for (const struct sn_json *at = sn_json_first(systems); at != NULL; at = sn_json_next(at)) {
        uint64_t weight;
        const char *name = sn_json_name(at);
        size_t mark = sn_trail_name(trail, name);
        if (!sn_workload_name(trail, name) || !sn_read_whole(trail, at, 0, SYSTEM_WEIGHT_MAX, &weight)) return false;
        read->systems[read->systems_len].name = name;
        read->systems[read->systems_len++].weight = (uint32_t)weight;
        sn_trail_back(trail, mark);
    }
    sn_trail_back(trail, before);
    return true;
}

static bool choose_systems(struct sn_workload_read *read, const char *const *names, size_t len) {
    struct sn_trail *trail = read->builder.trail;
    for (uint32_t i = 0; i < read->systems_len; i++) read->systems[i].wanted = len == 0;
    for (size_t i = 0; i < len; i++) {
        uint32_t system = find_system(read, names[i]);
        if (system == UINT32_MAX) {
            sn_trail_back(trail, 1); /* it stands in the plan */
            sn_trail_name(trail, "targetSystems");
            sn_trail_index(trail, i);
            return refuse_system(read);
        }
        read->systems[system].wanted = true;
    }
    return true;
}

static bool read_operation_name(struct sn_workload_read *read, const struct sn_json *value, const char **name) {
    struct sn_trail *trail = read->builder.trail;
    size_t mark = sn_trail_name(trail, "operation");
    if (!sn_read_text(trail, value, 1, OPERATION_NAME_MAX, name)) return false;
    if (!is_word(*name, "_-"))
        return sn_trail_refuse(trail, "plan.value", "a name of lower-case letters, digits, dashes and underscores");
    for (uint32_t i = 0; i < read->operations_len; i++)
        if (strcmp(read->operations[i].name, *name) == 0)
            return sn_trail_refuse(trail, "plan.duplicate", "a name of its own");
    sn_trail_back(trail, mark);
    return true;
}

/* The weight that stands in the kind is the operation's own until share_weights(). */
static bool build_kind(struct sn_workload_read *read, const char *name, uint32_t system, uint64_t weight,
                       const struct sn_json *steps) {
    struct sn_builder *b = &read->builder;
    struct sn_kind kind = {.weight = (uint32_t)weight};
    const char *system_name = read->systems[system].name;
    read->systems[system].operations += (uint32_t)weight;
    return sn_build_text(b, name, strlen(name), &kind.name) &&
           sn_build_text(b, system_name, strlen(system_name), &kind.system) &&
           sn_steps_compile(b, steps, &kind.steps, &kind.steps_len) && sn_build_kind(b, &kind);
}

static bool read_operation(struct sn_workload_read *read, const struct sn_json *operation) {
    static const char *const names[] = {"operation", "system", "steps", "weight", "description"};
    struct sn_trail *trail = read->builder.trail;
    const struct sn_json *members[5];
    const char *name = NULL;
    uint64_t weight = 1;
    if (!sn_read_members(trail, operation, names, 5, members)) return false;
    if (!read_operation_name(read, members[0], &name)) return false;
    size_t mark = sn_trail_name(trail, "system");
    uint32_t system = read->plain && members[1] == NULL ? 0 : sn_workload_system(read, members[1]);
    if (system == UINT32_MAX) return false;
    sn_trail_back(trail, mark);
    mark = sn_trail_name(trail, "weight");
    if (members[3] != NULL && !sn_read_whole(trail, members[3], 0, OPERATION_WEIGHT_MAX, &weight)) return false;
    sn_trail_back(trail, mark);
    bool wanted = read->systems[system].wanted;
    const struct sn_json *steps = members[2];
    if (steps == NULL && read->base != NULL) steps = sn_json_get(sn_workload_base(read, name), "steps");
    read->operations[read->operations_len].name = name;
    read->operations[read->operations_len].system = system;
    read->operations[read->operations_len++].kind = wanted ? read->builder.view.kinds_len : UINT32_MAX;
    return !wanted || build_kind(read, name, system, weight, steps);
}

static bool read_operations(struct sn_workload_read *read, struct sn_arena *arena, const struct sn_json *operations) {
    struct sn_trail *trail = read->builder.trail;
    size_t before = sn_trail_name(trail, "operations");
    if (!sn_read_array(trail, operations, 1, OPERATIONS_MAX)) return false;
    read->operations = sn_arena_alloc(arena, sn_json_count(operations) * sizeof *read->operations);
    if (read->operations == NULL) return sn_trail_too_large(trail, "a workload that fits the memory set aside");
    read->builder.names = SN_NAMES_OPERATION;
    read->builder.flows = true;
    for (const struct sn_json *at = sn_json_first(operations); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(trail, read->operations_len);
        if (!read_operation(read, at)) return false;
        sn_trail_back(trail, mark);
    }
    read->builder.flows = false;
    sn_trail_back(trail, before);
    return true;
}

/* --- Weights ------------------------------------------------------------------------------------------------ */

static uint64_t common_divisor(uint64_t a, uint64_t b) {
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The smallest number that every system's sum divides; capped, since a sum of such weights would be refused anyway. */
static uint64_t common_multiple(const struct sn_workload_read *read) {
    uint64_t multiple = 1;
    for (uint32_t i = 0; i < read->systems_len; i++) {
        uint64_t sum = read->systems[i].operations;
        if (read->systems[i].wanted && multiple < UINT32_MAX) multiple *= sum / common_divisor(multiple, sum);
    }
    return multiple;
}

/* A system's weight is shared among its operations by theirs, in whole numbers: with M the common multiple of all sums
 * an operation gets weight(system) · weight(operation) · M / sum(system), divided by what all have in common. */
static bool share_weights(struct sn_workload_read *read) {
    struct sn_builder *b = &read->builder;
    uint64_t shares[SN_KINDS_MAX], divisor = 0, total = 0;
    uint64_t multiple = common_multiple(read);
    for (uint32_t i = 0; i < read->operations_len; i++) {
        uint32_t kind = read->operations[i].kind, system = read->operations[i].system;
        if (kind == UINT32_MAX) continue;
        uint64_t each = multiple / read->systems[system].operations;
        shares[kind] = sn_mul_sat(sn_mul_sat(each, read->systems[system].weight), b->kinds[kind].weight);
        divisor = common_divisor(divisor, shares[kind]);
    }
    for (uint32_t i = 0; divisor > 0 && i < b->view.kinds_len; i++) {
        total = sn_add_sat(total, shares[i] / divisor);
        b->kinds[i].weight = (uint32_t)(shares[i] / divisor);
    }
    sn_trail_name(b->trail, read->plain ? "operations" : "systems");
    if (total == 0) return sn_trail_refuse(b->trail, "plan.range", "a weight above 0");
    if (multiple >= UINT32_MAX || sn_mul_sat(total, b->view.kinds_len) > UINT32_MAX)
        return sn_trail_refuse(b->trail, "plan.range", "weights that have smaller common multiples");
    return true;
}

static bool check_systems(struct sn_workload_read *read) {
    struct sn_trail *trail = read->builder.trail;
    for (uint32_t i = 0; i < read->systems_len; i++) {
        if (!read->systems[i].wanted || read->systems[i].operations > 0) continue;
        sn_trail_name(trail, read->plain ? "operations" : "systems");
        if (read->plain) return sn_trail_refuse(trail, "plan.range", "an operation with a weight above 0");
        sn_trail_name(trail, read->systems[i].name);
        return sn_trail_refuse(trail, "plan.missing", "an operation that has this system and a weight above 0");
    }
    return true;
}

/* --- The whole ---------------------------------------------------------------------------------------------- */

/* For people: nothing that is compiled has them. */
static bool check_words(struct sn_trail *trail, const char *name, const struct sn_json *value, size_t min, size_t max) {
    const char *text;
    size_t mark = sn_trail_name(trail, name);
    if (value != NULL && !sn_read_text(trail, value, min, max, &text)) return false;
    sn_trail_back(trail, mark);
    return true;
}

static bool read_workload(struct sn_workload_read *read, struct sn_arena *arena, const struct sn_json *text,
                          const struct sn_workload_wish *wish) {
    static const char *const names[] = {"systems", "operations", "prepare", "cleanup", "keys",
                                        "feeds",   "data",       "of",      "name",    "description"};
    const struct sn_json *members[10];
    struct sn_trail *trail = read->builder.trail;
    if (!sn_read_members(trail, text, names, 10, members)) return false;
    if (!check_words(trail, names[8], members[8], 1, SN_NAME_MAX)) return false;
    if (!check_words(trail, names[9], members[9], 0, SN_DESCRIPTION_MAX)) return false;
    if (!sn_workload_of(read, arena, members[7], &names[2], &members[2], 5)) return false;
    if (!read_systems(read, members[0], wish->systems_len)) return false;
    if (!choose_systems(read, wish->systems, wish->systems_len)) return false;
    if (!sn_workload_data(read, members[6], wish->data)) return false;
    if (!sn_workload_keys(read, members[4]) || !sn_workload_feeds(read, members[5])) return false;
    if (!read_operations(read, arena, members[1]) || !check_systems(read)) return false;
    size_t mark = trail->len;
    if (!share_weights(read)) return false;
    sn_trail_back(trail, mark);
    return sn_workload_jobs(read, "prepare", members[2], SN_STAGE_PREPARE) &&
           sn_workload_jobs(read, "cleanup", members[3], SN_STAGE_CLEANUP);
}

/* Each comes as often as the others.  Names that are only counted are tenant-1, tenant-2 and so on. */
static bool build_tenants(struct sn_builder *b, const struct sn_json *tenants) {
    bool named = sn_json_type(tenants) == SN_JSON_ARRAY;
    struct sn_list list = {.options = b->view.options_len, .columns = 1, .salt = (uint32_t)sn_hash64("tenants", 7)};
    if (tenants == NULL) return true;
    list.rows = list.total = named ? (uint32_t)sn_json_count(tenants) : (uint32_t)sn_json_number(tenants);
    const struct sn_json *at = sn_json_first(tenants);
    for (uint32_t i = 0; i < list.rows; i++, at = sn_json_next(at)) {
        char counted[24];
        struct sn_writer w = sn_writer(counted, sizeof counted);
        struct sn_option option = {.upto = i + 1};
        sn_put_text(&w, "tenant-");
        sn_put_dec(&w, i + 1);
        const char *name = named ? sn_json_string(at) : counted;
        size_t len = named ? strlen(name) : w.len;
        if (!sn_build_text(b, name, len, &option.text) || !sn_build_option(b, &option)) return false;
    }
    b->view.tenants = b->view.lists_len + 1;
    return sn_build_list(b, &list);
}

bool sn_workload_build_tree(struct sn_trail *trail, struct sn_arena *arena, const struct sn_json *tree,
                            const struct sn_workload_wish *wish, struct sn_workload *out) {
    struct sn_workload_read *read = sn_arena_alloc(arena, sizeof *read);
    if (read == NULL) return sn_trail_too_large(trail, "a workload that fits the memory set aside");
    memset(read, 0, sizeof *read);
    if (!sn_build_begin(&read->builder, trail, arena) || !build_tenants(&read->builder, wish->tenants)) return false;
    read->builder.kept = wish->kept;
    if (!read_workload(read, arena, tree, wish)) return false;
    *out = read->builder.view;
    /* Everything that people can do wrong has been named by now. */
    return sn_workload_sound(out) || sn_trail_too_large(trail, "a workload that can be rendered");
}

bool sn_workload_build(struct sn_trail *trail, struct sn_arena *arena, const char *json, size_t len,
                       const struct sn_workload_wish *wish, struct sn_workload *out) {
    const struct sn_json *tree = sn_trail_parse(trail, arena, json, len);
    return tree != NULL && sn_workload_build_tree(trail, arena, tree, wish, out);
}

static enum sn_status compile(struct sn_trail *trail, const char *json, size_t len, const char *const *systems,
                              size_t systems_len, struct sn_arena *arena, struct sn_writer *out) {
    struct sn_workload_wish wish = {.systems = systems, .systems_len = systems_len};
    struct sn_workload workload;
    if (!sn_workload_build(trail, arena, json, len, &wish, &workload)) return trail->status;
    sn_workload_put(out, &workload);
    if (out->full) sn_trail_too_large(trail, "a smaller workload");
    return trail->status;
}

enum sn_status sn_workload_compile(const char *json, size_t len, const char *const *systems, size_t systems_len,
                                   struct sn_arena *arena, struct sn_writer *out, struct sn_plan_error *error) {
    struct sn_trail trail = sn_trail(error);
    return compile(&trail, json, len, systems, systems_len, arena, out);
}

enum sn_status sn_workload_check(const char *json, size_t len, struct sn_span targets, struct sn_span hosts,
                                 struct sn_arena *arena, struct sn_writer *out, struct sn_plan_error *error) {
    struct sn_trail trail = sn_trail(error);
    trail.targets = targets;
    trail.hosts = hosts;
    return compile(&trail, json, len, NULL, 0, arena, out);
}
