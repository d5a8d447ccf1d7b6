/* Steps: one host call each.  Every form but SQL's is a row of a table: its action, and its fields in the order of the
 * call's values. */
#include <string.h>

#include "read.h"
#include "steps.h"

#define FIELDS_MAX 5

/* What every step may have beside its own fields. */
#define COMMON_MAX 3
enum { EXPECT, CAPTURE, BINDING };
static const char *const common[COMMON_MAX] = {"expect", "capture", "binding"};

static const struct form {
    const char *service, *verb;
    enum sn_action action;
    uint32_t may; /* enum sn_may: what can be expected of the answer */
    struct {
        const char *name;
        sn_value_writer *put;
    } fields[FIELDS_MAX - 1]; /* as the call's values come */
} forms[] = {
    {"kv",
     "get",
     SN_ACTION_KV_GET,
     SN_MAY_ROWS | SN_MAY_BYTES | SN_MAY_TEXT,
     {{"key", sn_put_kv_key}, {"type", sn_put_kv_type}}},
    {"kv",
     "put",
     SN_ACTION_KV_PUT,
     0,
     {{"key", sn_put_kv_key}, {"value", sn_put_stored}, {"ttl", sn_put_ttl}, {"metadata", sn_put_kv_metadata}}},
    {"kv", "list", SN_ACTION_KV_LIST, SN_MAY_ROWS, {{"prefix", sn_put_kv_key}, {"limit", sn_put_limit}}},
    {"kv", "delete", SN_ACTION_KV_DELETE, 0, {{"key", sn_put_kv_key}}},
    {"r2", "get", SN_ACTION_R2_GET, SN_MAY_ROWS | SN_MAY_BYTES | SN_MAY_TEXT, {{"key", sn_put_r2_key}}},
    {"r2",
     "put",
     SN_ACTION_R2_PUT,
     0,
     {{"key", sn_put_r2_key},
      {"value", sn_put_stored},
      {"contentType", sn_put_content_type},
      {"metadata", sn_put_r2_metadata}}},
    {"r2", "list", SN_ACTION_R2_LIST, SN_MAY_ROWS, {{"prefix", sn_put_r2_key}, {"limit", sn_put_limit}}},
    {"r2", "head", SN_ACTION_R2_HEAD, SN_MAY_ROWS, {{"key", sn_put_r2_key}}},
    {"r2", "delete", SN_ACTION_R2_DELETE, 0, {{"key", sn_put_r2_key}}},
};
#define FORMS (sizeof forms / sizeof *forms)

/* What is known of a step before and beside its values. */
struct reading {
    enum sn_service service;
    uint32_t may;
    const struct sn_json *members[COMMON_MAX]; /* NULL where it has none */
};

/* The names of a step's own fields become all that it may have; one that has nothing to expect takes no expectation. */
static bool read_fields(struct sn_builder *b, const struct sn_json *json, struct reading *reading, const char **names,
                        size_t own, const struct sn_json **members) {
    size_t first = reading->may != 0 ? EXPECT : BINDING, len = own;
    for (size_t i = first; i < COMMON_MAX; i++) names[len++] = common[i];
    if (!sn_read_members(b->trail, json, names, len, members)) return false;
    for (size_t i = first; i < COMMON_MAX; i++) reading->members[i] = members[own + i - first];
    return true;
}

static bool put_common(struct sn_builder *b, const struct reading *reading, struct sn_step *step) {
    return sn_put_expect(b, reading->members[EXPECT], reading->may, step) &&
           sn_put_capture(b, reading->members[CAPTURE], reading->may, step);
}

/* A binding that is meant without being named is refused where its service stands. */
static bool put_target(struct sn_builder *b, const struct reading *reading, const char *service, struct sn_step *step) {
    const struct sn_json *named = reading->members[BINDING];
    size_t mark = b->trail->len;
    if (named == NULL) sn_trail_name(b->trail, service);
    if (!sn_put_binding(b, reading->service, named, step)) return false;
    sn_trail_back(b->trail, mark);
    return true;
}

static bool put_fields(struct sn_builder *b, const struct form *form, const struct sn_json *json,
                       struct reading *reading, struct sn_step *step) {
    const char *names[FIELDS_MAX + COMMON_MAX];
    const struct sn_json *members[FIELDS_MAX + COMMON_MAX];
    size_t len = 0;
    names[len++] = form->service;
    for (size_t i = 0; i < FIELDS_MAX - 1 && form->fields[i].name != NULL; i++) names[len++] = form->fields[i].name;
    reading->may = form->may;
    if (!read_fields(b, json, reading, names, len, members)) return false;
    if (!put_target(b, reading, form->service, step)) return false;
    struct sn_group group = {.times = 1, .arguments = b->view.arguments_len};
    for (size_t i = 0; i < FIELDS_MAX - 1 && form->fields[i].name != NULL; i++) {
        size_t mark = sn_trail_name(b->trail, form->fields[i].name);
        if (!form->fields[i].put(b, members[i + 1])) return false;
        sn_trail_back(b->trail, mark);
    }
    group.arguments_len = b->view.arguments_len - group.arguments;
    return sn_build_group(b, &group) && put_common(b, reading, step);
}

static bool stored_step(struct sn_builder *b, const char *service, const struct sn_json *json, struct reading *reading,
                        struct sn_step *step) {
    const char *verbs[FORMS];
    const struct form *of[FORMS];
    size_t len = 0, index;
    for (size_t i = 0; i < FORMS; i++) {
        if (strcmp(forms[i].service, service) != 0) continue;
        of[len] = &forms[i];
        verbs[len++] = forms[i].verb;
    }
    size_t mark = sn_trail_name(b->trail, service);
    if (!sn_read_word(b->trail, sn_json_get(json, service), verbs, len, &index)) return false;
    sn_trail_back(b->trail, mark);
    step->action = (uint32_t)of[index]->action;
    return put_fields(b, of[index], json, reading, step);
}

static bool sql_step(struct sn_builder *b, const struct sn_json *json, struct reading *reading, struct sn_step *step) {
    const char *one[2 + COMMON_MAX] = {"d1", "bind"}, *many[2 + COMMON_MAX] = {"d1", "statements"};
    const struct sn_json *members[2 + COMMON_MAX];
    const char *sql = sn_json_string(sn_json_get(json, "d1"));
    if (sql != NULL && strcmp(sql, "batch") == 0) {
        step->action = SN_ACTION_D1_BATCH;
        return read_fields(b, json, reading, many, 2, members) && put_target(b, reading, "d1", step) &&
               sn_put_batch(b, members[1]);
    }
    step->action = SN_ACTION_D1_ALL;
    reading->may = SN_MAY_ROWS | SN_MAY_TEXT | SN_MAY_COLUMN;
    return read_fields(b, json, reading, one, 2, members) && put_target(b, reading, "d1", step) &&
           sn_put_statement(b, members[0], members[1]) && put_common(b, reading, step);
}

static const struct {
    const char *name;
    enum sn_service service;
} services[] = {
#define SN_X(name, value, text, binding) {text, SN_SERVICE_##name},
    SN_SERVICE_LIST(SN_X)
#undef SN_X
};
#define SERVICES (sizeof services / sizeof *services)

static bool refuse_step(struct sn_builder *b) {
    const char *names[SERVICES];
    struct sn_writer w = sn_trail_expected(b->trail, "plan.missing");
    for (size_t i = 0; i < SERVICES; i++) names[i] = services[i].name;
    sn_put_text(&w, "a step: an object with ");
    sn_put_choice(&w, names, SERVICES);
    return false;
}

bool sn_step_compile(struct sn_builder *b, const struct sn_json *json) {
    struct sn_step step = {.groups = b->view.groups_len, .rows_max = UINT32_MAX};
    size_t i = 0;
    while (i < SERVICES && sn_json_get(json, services[i].name) == NULL) i++;
    if (i == SERVICES) return refuse_step(b);
    struct reading reading = {.service = services[i].service};
    bool built = reading.service == SN_SERVICE_D1 ? sql_step(b, json, &reading, &step)
                                                  : stored_step(b, services[i].name, json, &reading, &step);
    if (!built) return false;
    step.groups_len = b->view.groups_len - step.groups;
    uint64_t bytes = sn_step_bytes_max(&b->view, &step);
    if (bytes <= SN_EFFECT_MAX) return sn_build_step(b, &step);
    struct sn_writer w = sn_trail_expected(b->trail, "plan.range");
    sn_put_text(&w, "a step of at most 65536 bytes; this one can come to ");
    sn_put_dec(&w, bytes);
    return false;
}
