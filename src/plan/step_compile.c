/* Steps: one host call each.  Every form but SQL's is a row of a table: its action, and its fields in the order of the
 * call's values. */
#include <string.h>

#include "read.h"
#include "sentinel/base/record.h"
#include "steps.h"

/* What the answer has to be like. */
static bool expect(struct sn_builder *b, const struct sn_json *value, bool has_bytes, struct sn_step *step) {
    static const char *const names[] = {"found", "rowsAtLeast", "rowsAtMost", "bytes"};
    const struct sn_json *members[4] = {0};
    uint64_t numbers[4] = {0, 0, UINT32_MAX, 0};
    if (value == NULL) return true;
    size_t before = sn_trail_name(b->trail, "expect");
    if (!sn_read_members(b->trail, value, names, has_bytes ? 4 : 3, members)) return false;
    for (size_t i = 0; i < 4; i++) {
        if (members[i] == NULL) continue;
        size_t mark = sn_trail_name(b->trail, names[i]);
        if (i == 0 ? !sn_read_true(b->trail, members[i])
                   : !sn_read_whole(b->trail, members[i], 0, UINT32_MAX - 1, &numbers[i]))
            return false;
        sn_trail_back(b->trail, mark);
    }
    step->expect = (members[0] != NULL ? SN_EXPECT_FOUND : 0) | (members[3] != NULL ? SN_EXPECT_BYTES : 0);
    step->rows_min = (uint32_t)numbers[1];
    step->rows_max = (uint32_t)numbers[2];
    step->expect_bytes = (uint32_t)numbers[3];
    if (step->rows_min > step->rows_max)
        return sn_trail_refuse(b->trail, "plan.range", "rowsAtLeast not above rowsAtMost");
    sn_trail_back(b->trail, before);
    return true;
}

#define FIELDS_MAX 5

static const struct form {
    const char *service, *verb;
    enum sn_action action;
    bool expects, expects_bytes;
    struct {
        const char *name;
        sn_value_writer *put;
    } fields[FIELDS_MAX - 1]; /* as the call's values come */
} forms[] = {
    {"kv", "get", SN_ACTION_KV_GET, true, true, {{"key", sn_put_kv_key}, {"type", sn_put_kv_type}}},
    {"kv",
     "put",
     SN_ACTION_KV_PUT,
     false,
     false,
     {{"key", sn_put_kv_key}, {"value", sn_put_stored}, {"ttl", sn_put_ttl}, {"metadata", sn_put_kv_metadata}}},
    {"kv", "list", SN_ACTION_KV_LIST, true, false, {{"prefix", sn_put_kv_key}, {"limit", sn_put_limit}}},
    {"kv", "delete", SN_ACTION_KV_DELETE, false, false, {{"key", sn_put_kv_key}}},
    {"r2", "get", SN_ACTION_R2_GET, true, true, {{"key", sn_put_r2_key}}},
    {"r2",
     "put",
     SN_ACTION_R2_PUT,
     false,
     false,
     {{"key", sn_put_r2_key},
      {"value", sn_put_stored},
      {"contentType", sn_put_content_type},
      {"metadata", sn_put_r2_metadata}}},
    {"r2", "list", SN_ACTION_R2_LIST, true, false, {{"prefix", sn_put_r2_key}, {"limit", sn_put_limit}}},
    {"r2", "head", SN_ACTION_R2_HEAD, true, false, {{"key", sn_put_r2_key}}},
    {"r2", "delete", SN_ACTION_R2_DELETE, false, false, {{"key", sn_put_r2_key}}},
};
#define FORMS (sizeof forms / sizeof *forms)

static bool put_fields(struct sn_builder *b, const struct form *form, const struct sn_json *json,
                       struct sn_step *step) {
    const char *names[FIELDS_MAX + 1];
    const struct sn_json *members[FIELDS_MAX + 1];
    size_t len = 0;
    names[len++] = form->service;
    for (size_t i = 0; i < FIELDS_MAX - 1 && form->fields[i].name != NULL; i++) names[len++] = form->fields[i].name;
    if (form->expects) names[len++] = "expect";
    if (!sn_step_members(b, json, names, len, members)) return false;
    struct sn_group group = {.times = 1, .arguments = b->view.arguments_len};
    for (size_t i = 0; i < FIELDS_MAX - 1 && form->fields[i].name != NULL; i++) {
        size_t mark = sn_trail_name(b->trail, form->fields[i].name);
        if (!form->fields[i].put(b, members[i + 1])) return false;
        sn_trail_back(b->trail, mark);
    }
    group.arguments_len = b->view.arguments_len - group.arguments;
    if (!sn_build_group(b, &group)) return false;
    return !form->expects || expect(b, members[len - 1], form->expects_bytes, step);
}

static bool stored_step(struct sn_builder *b, const char *service, const struct sn_json *json, struct sn_step *step) {
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
    step->binding = strcmp(service, "kv") == 0 ? SN_BINDING_TARGET_KV : SN_BINDING_TARGET_R2;
    return put_fields(b, of[index], json, step);
}

static bool sql_step(struct sn_builder *b, const struct sn_json *json, struct sn_step *step) {
    static const char *const one[] = {"d1", "bind", "expect"};
    static const char *const many[] = {"d1", "statements"};
    const struct sn_json *members[3];
    const char *sql = sn_json_string(sn_json_get(json, "d1"));
    step->binding = SN_BINDING_TARGET_DB;
    if (sql != NULL && strcmp(sql, "batch") == 0) {
        step->action = SN_ACTION_D1_BATCH;
        return sn_step_members(b, json, many, 2, members) && sn_put_batch(b, members[1]);
    }
    step->action = SN_ACTION_D1_ALL;
    return sn_step_members(b, json, one, 3, members) && sn_put_statement(b, members[0], members[1]) &&
           expect(b, members[2], false, step);
}

bool sn_step_compile(struct sn_builder *b, const struct sn_json *json, uint32_t marks) {
    struct sn_step step = {.groups = b->view.groups_len, .rows_max = UINT32_MAX};
    bool built;
    if (sn_json_get(json, "d1") != NULL) {
        built = sql_step(b, json, &step);
    } else if (sn_json_get(json, "kv") != NULL) {
        built = stored_step(b, "kv", json, &step);
    } else if (sn_json_get(json, "r2") != NULL) {
        built = stored_step(b, "r2", json, &step);
    } else {
        return sn_trail_refuse(b->trail, "plan.missing", "a step: an object with \"d1\", \"kv\" or \"r2\"");
    }
    if (!built || !sn_step_flow(b, json, marks, &step.flow)) return false;
    step.groups_len = b->view.groups_len - step.groups;
    uint64_t bytes = sn_step_bytes_max(&b->view, &step);
    if (bytes <= SN_EFFECT_MAX) return sn_build_step(b, &step);
    struct sn_writer w = sn_trail_expected(b->trail, "plan.range");
    sn_put_text(&w, "a step of at most 65536 bytes; this one can come to ");
    sn_put_dec(&w, bytes);
    return false;
}
