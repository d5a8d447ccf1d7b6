#include "build.h"

#include <string.h>

bool sn_build_begin(struct sn_builder *b, struct sn_trail *trail, struct sn_arena *arena) {
    *b = (struct sn_builder){.trail = trail};
    b->kinds = sn_arena_alloc(arena, SN_KINDS_MAX * sizeof *b->kinds);
    b->jobs = sn_arena_alloc(arena, SN_BUILD_JOBS_MAX * sizeof *b->jobs);
    b->steps = sn_arena_alloc(arena, SN_BUILD_STEPS_MAX * sizeof *b->steps);
    b->groups = sn_arena_alloc(arena, SN_BUILD_GROUPS_MAX * sizeof *b->groups);
    b->arguments = sn_arena_alloc(arena, SN_BUILD_ARGUMENTS_MAX * sizeof *b->arguments);
    b->parts = sn_arena_alloc(arena, SN_BUILD_PARTS_MAX * sizeof *b->parts);
    b->statements = sn_arena_alloc(arena, SN_BUILD_STATEMENTS_MAX * sizeof *b->statements);
    b->keyspaces = sn_arena_alloc(arena, SN_KEYSPACES_MAX * sizeof *b->keyspaces);
    b->lists = sn_arena_alloc(arena, SN_LISTS_MAX * sizeof *b->lists);
    b->options = sn_arena_alloc(arena, SN_BUILD_OPTIONS_MAX * sizeof *b->options);
    b->targets = sn_arena_alloc(arena, SN_TARGETS_MAX * sizeof *b->targets);
    b->looks = sn_arena_alloc(arena, SN_BUILD_LOOKS_MAX * sizeof *b->looks);
    b->pool = sn_arena_alloc(arena, SN_BUILD_POOL_MAX);
    b->scratch = sn_arena_alloc(arena, SN_BUILD_SCRATCH_MAX);
    if (b->lists == NULL || b->options == NULL || b->scratch == NULL || b->pool == NULL || b->statements == NULL ||
        b->parts == NULL || b->arguments == NULL || b->keyspaces == NULL || b->groups == NULL || b->steps == NULL ||
        b->targets == NULL || b->looks == NULL || b->jobs == NULL || b->kinds == NULL)
        return sn_trail_too_large(trail, "a workload that fits the memory set aside");
    b->view = (struct sn_workload){
        .kinds = b->kinds,
        .jobs = b->jobs,
        .steps = b->steps,
        .groups = b->groups,
        .arguments = b->arguments,
        .parts = b->parts,
        .statements = b->statements,
        .keyspaces = b->keyspaces,
        .lists = b->lists,
        .options = b->options,
        .targets = b->targets,
        .looks = b->looks,
        .pool = b->pool,
    };
    return true;
}

static bool full(struct sn_builder *b, uint32_t len, uint32_t max, const char *expected) {
    if (len < max) return false;
    sn_trail_too_large(b->trail, expected);
    return true;
}

bool sn_build_kind(struct sn_builder *b, const struct sn_kind *kind) {
    if (full(b, b->view.kinds_len, SN_KINDS_MAX,
             "at most 32 operations in the systems that are used: fewer of them, or fewer systems"))
        return false;
    b->kinds[b->view.kinds_len++] = *kind;
    return true;
}

bool sn_build_job(struct sn_builder *b, const struct sn_job *job) {
    if (full(b, b->view.jobs_len, SN_BUILD_JOBS_MAX, "at most 64 jobs in prepare and cleanup")) return false;
    b->jobs[b->view.jobs_len++] = *job;
    return true;
}

bool sn_build_step(struct sn_builder *b, const struct sn_step *step) {
    if (full(b, b->view.steps_len, SN_BUILD_STEPS_MAX, "at most 256 steps in all")) return false;
    b->steps[b->view.steps_len++] = *step;
    return true;
}

bool sn_build_group(struct sn_builder *b, const struct sn_group *group) {
    if (full(b, b->view.groups_len, SN_BUILD_GROUPS_MAX, "at most 384 statements and calls in all")) return false;
    b->groups[b->view.groups_len++] = *group;
    return true;
}

bool sn_build_argument(struct sn_builder *b, const struct sn_argument *argument) {
    if (full(b, b->view.arguments_len, SN_BUILD_ARGUMENTS_MAX, "at most 1024 arguments in all")) return false;
    b->arguments[b->view.arguments_len++] = *argument;
    return true;
}

bool sn_build_part(struct sn_builder *b, const struct sn_part *part) {
    if (full(b, b->view.parts_len, SN_BUILD_PARTS_MAX, "shorter templates: their parts are too many")) return false;
    b->parts[b->view.parts_len++] = *part;
    return true;
}

bool sn_build_option(struct sn_builder *b, const struct sn_option *option) {
    if (full(b, b->view.options_len, SN_BUILD_OPTIONS_MAX, "at most 2048 values in feeds and choices")) return false;
    b->options[b->view.options_len++] = *option;
    return true;
}

bool sn_build_list(struct sn_builder *b, const struct sn_list *list) {
    if (full(b, b->view.lists_len, SN_LISTS_MAX, "at most 64 feeds and choices")) return false;
    b->lists[b->view.lists_len++] = *list;
    return true;
}

bool sn_build_keyspace(struct sn_builder *b, const char *name, const struct sn_keyspace *keyspace) {
    if (full(b, b->view.keyspaces_len, SN_KEYSPACES_MAX, "at most 16 keyspaces")) return false;
    b->keyspace_names[b->view.keyspaces_len] = name;
    b->keyspaces[b->view.keyspaces_len++] = *keyspace;
    return true;
}

bool sn_build_look(struct sn_builder *b, const struct sn_look *look) {
    if (full(b, b->view.looks_len, SN_BUILD_LOOKS_MAX, "at most 256 texts to look for in all")) return false;
    b->looks[b->view.looks_len++] = *look;
    return true;
}

bool sn_build_target(struct sn_builder *b, enum sn_service service, const char *name, size_t len, uint32_t *index) {
    struct sn_target target = {.service = (uint32_t)service};
    if (!sn_build_text(b, name, len, &target.name)) return false;
    for (*index = 0; *index < b->view.targets_len; *index += 1)
        if (memcmp(&b->targets[*index], &target, sizeof target) == 0) return true;
    if (full(b, b->view.targets_len, SN_TARGETS_MAX, "at most 16 bindings and hosts in all")) return false;
    b->targets[b->view.targets_len++] = target;
    return true;
}

uint32_t sn_find_capture(const struct sn_builder *b, struct sn_span name) {
    for (uint32_t i = 0; i < b->captures_len; i++)
        if (sn_span_is(name, b->captures[i])) return i;
    return UINT32_MAX;
}

bool sn_build_capture(struct sn_builder *b, const char *name, uint32_t *number) {
    *number = sn_find_capture(b, (struct sn_span){(const uint8_t *)name, strlen(name)});
    if (*number != UINT32_MAX) return true;
    if (b->captures_len == SN_CAPTURES_MAX)
        return sn_trail_refuse(b->trail, "plan.range", "at most 4 captured values in an operation");
    *number = b->captures_len++;
    b->captures[*number] = name;
    return true;
}

bool sn_build_text(struct sn_builder *b, const char *text, size_t len, struct sn_text *out) {
    size_t used = b->view.pool_len, at = 0;
    while (at + len <= used && memcmp(b->pool + at, text, len) != 0) at++;
    if (at + len > used) {
        if (len > SN_BUILD_POOL_MAX - used)
            return sn_trail_too_large(b->trail, "at most 32768 bytes of text and SQL in all");
        at = used;
        memcpy(b->pool + at, text, len);
        b->view.pool_len += (uint32_t)len;
    }
    *out = (struct sn_text){(uint32_t)at, (uint32_t)len};
    return true;
}

bool sn_build_statement(struct sn_builder *b, const char *sql, uint32_t *index) {
    struct sn_text text;
    if (!sn_build_text(b, sql, strlen(sql), &text)) return false;
    for (*index = 0; *index < b->view.statements_len; *index += 1) {
        const struct sn_text *known = &b->statements[*index];
        if (known->offset == text.offset && known->len == text.len) return true;
    }
    if (full(b, b->view.statements_len, SN_BUILD_STATEMENTS_MAX, "at most 256 SQL texts in all")) return false;
    b->statements[b->view.statements_len++] = text;
    return true;
}
