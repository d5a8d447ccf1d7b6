#include "sentinel/plan/trail.h"

#include <string.h>

#include "sentinel/base/limits.h"

struct sn_trail sn_trail(struct sn_plan_error *error) {
    memset(error, 0, sizeof *error);
    error->path[0] = '$';
    return (struct sn_trail){.error = error, .status = SN_OK, .len = 1};
}

static struct sn_writer path_writer(struct sn_trail *trail) {
    struct sn_writer w = sn_writer(trail->error->path, sizeof trail->error->path - 1);
    w.len = trail->len;
    return w;
}

/* A step that does not fit is left out: the path then points to the nearest place that can be named. */
static size_t follow(struct sn_trail *trail, const struct sn_writer *w) {
    size_t mark = trail->len;
    if (!w->full) trail->len = w->len;
    trail->error->path[trail->len] = 0;
    return mark;
}

size_t sn_trail_name(struct sn_trail *trail, const char *name) {
    struct sn_writer w = path_writer(trail);
    sn_json_put_step(&w, name);
    return follow(trail, &w);
}

size_t sn_trail_index(struct sn_trail *trail, size_t index) {
    struct sn_writer w = path_writer(trail);
    sn_put_text(&w, "[");
    sn_put_dec(&w, index);
    sn_put_text(&w, "]");
    return follow(trail, &w);
}

void sn_trail_back(struct sn_trail *trail, size_t mark) {
    trail->len = mark;
    trail->error->path[mark] = 0;
}

struct sn_writer sn_trail_expected(struct sn_trail *trail, const char *code) {
    trail->status = SN_E_RANGE;
    trail->error->code = code;
    memset(trail->error->expected, 0, sizeof trail->error->expected);
    return sn_writer(trail->error->expected, sizeof trail->error->expected - 1);
}

bool sn_trail_refuse(struct sn_trail *trail, const char *code, const char *expected) {
    struct sn_writer w = sn_trail_expected(trail, code);
    sn_put_text(&w, expected);
    return false;
}

bool sn_trail_refuse_at(struct sn_trail *trail, const char *name, const char *code, const char *expected) {
    sn_trail_name(trail, name);
    return sn_trail_refuse(trail, code, expected);
}

bool sn_trail_too_large(struct sn_trail *trail, const char *expected) {
    sn_trail_refuse(trail, "plan.size", expected);
    trail->status = SN_E_LIMIT;
    return false;
}

static const char too_many[] = "at most 8000 values";

const struct sn_json *sn_trail_parse(struct sn_trail *trail, struct sn_arena *arena, const char *json, size_t len) {
    struct sn_json_error fault;
    const struct sn_json *value = sn_json_parse(arena, json, len, &fault);
    if (value != NULL && sn_json_values(value) <= SN_BODY_VALUES_MAX) return value;
    if (value != NULL || arena->exhausted) {
        sn_trail_refuse(trail, "json.size", too_many);
        trail->status = SN_E_LIMIT;
        return NULL;
    }
    struct sn_writer w = sn_trail_expected(trail, fault.code);
    sn_put_text(&w, fault.reason);
    if (strcmp(fault.code, "json.syntax") == 0 || fault.offset > 0) {
        sn_put_text(&w, ", at byte ");
        sn_put_dec(&w, fault.offset);
    }
    trail->len = strlen(fault.path);
    memcpy(trail->error->path, fault.path, trail->len + 1);
    trail->status = SN_E_FORMAT;
    return NULL;
}
