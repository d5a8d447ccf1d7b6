/* Steps: one host call each.  Every form but SQL's is a row of a table: its action, and its fields in the order of the
 * call's values. */
#include <string.h>

#include "read.h"
#include "steps.h"

#define FIELDS_MAX 6

/* What every step may have beside its own fields. */
#define COMMON_MAX 3
enum { EXPECT, CAPTURE, BINDING };
static const char *const common[COMMON_MAX] = {"expect", "capture", "binding"};

static const char *const request_methods[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"};
#define REQUEST_METHODS (sizeof request_methods / sizeof *request_methods)

/* A request's method; GET where it has none. */
static bool put_verb(struct sn_builder *b, const struct sn_json *value) {
    size_t index = 0;
    if (value != NULL && !sn_read_word(b->trail, value, request_methods, REQUEST_METHODS, &index)) return false;
    return sn_put_literal(b, request_methods[index]);
}

#define MAY_ALL (SN_MAY_BYTES | SN_MAY_TEXT | SN_MAY_HEADER | SN_MAY_STATUS) /* of a response */

static const struct form {
    const char *service, *verb;
    enum sn_action action;
    uint32_t may;          /* enum sn_may: what can be expected of the answer */
    const char *only_with; /* the same verb means this one when the step has this field */
    struct {
        const char *name;
        sn_value_writer *put;
    } fields[FIELDS_MAX - 1]; /* as the call's values come */
} forms[] = {
    {"kv",
     "get",
     SN_ACTION_KV_GET,
     SN_MAY_ROWS | SN_MAY_BYTES | SN_MAY_TEXT,
     NULL,
     {{"key", sn_put_kv_key}, {"type", sn_put_kv_type}, {"cacheTtl", sn_put_kv_keep}}},
    {"kv",
     "get",
     SN_ACTION_KV_GET_MANY,
     SN_MAY_ROWS | SN_MAY_BYTES,
     "keys",
     {{"type", sn_put_kv_type}, {"cacheTtl", sn_put_kv_keep}, {"keys", sn_put_kv_keys}}},
    {"kv",
     "put",
     SN_ACTION_KV_PUT,
     0,
     NULL,
     {{"key", sn_put_kv_key}, {"value", sn_put_stored}, {"ttl", sn_put_ttl}, {"metadata", sn_put_kv_metadata}}},
    {"kv", "list", SN_ACTION_KV_LIST, SN_MAY_ROWS, NULL, {{"prefix", sn_put_kv_key}, {"limit", sn_put_limit}}},
    {"kv", "delete", SN_ACTION_KV_DELETE, 0, NULL, {{"key", sn_put_kv_key}}},
    {"r2",
     "get",
     SN_ACTION_R2_GET,
     SN_MAY_ROWS | SN_MAY_BYTES | SN_MAY_TEXT,
     NULL,
     {{"key", sn_put_r2_key}, {"range", sn_put_range}}},
    {"r2",
     "put",
     SN_ACTION_R2_PUT,
     0,
     NULL,
     {{"key", sn_put_r2_key},
      {"value", sn_put_stored},
      {"contentType", sn_put_content_type},
      {"metadata", sn_put_r2_metadata}}},
    {"r2",
     "multipart",
     SN_ACTION_R2_MULTIPART,
     0,
     NULL,
     {{"key", sn_put_r2_key},
      {"partBytes", sn_put_part},
      {"parts", sn_put_parts},
      {"contentType", sn_put_content_type}}},
    {"r2", "list", SN_ACTION_R2_LIST, SN_MAY_ROWS, NULL, {{"prefix", sn_put_r2_key}, {"limit", sn_put_limit}}},
    {"r2", "head", SN_ACTION_R2_HEAD, SN_MAY_ROWS, NULL, {{"key", sn_put_r2_key}}},
    {"r2", "delete", SN_ACTION_R2_DELETE, 0, NULL, {{"key", sn_put_r2_key}}},
    {"do",
     "call",
     SN_ACTION_DO_CALL,
     SN_MAY_ROWS | SN_MAY_BYTES | SN_MAY_TEXT,
     NULL,
     {{"name", sn_put_object_name}, {"method", sn_put_method}, {"args", sn_put_arguments}}},
    {"do",
     "fetch",
     SN_ACTION_DO_FETCH,
     MAY_ALL,
     NULL,
     {{"name", sn_put_object_name},
      {"path", sn_put_path},
      {"method", put_verb},
      {"headers", sn_put_headers},
      {"body", sn_put_body}}},
};
#define FORMS (sizeof forms / sizeof *forms)

/* What is known of a step before and beside its values. */
struct reading {
    enum sn_service service;
    uint32_t may;
    const struct sn_json *members[COMMON_MAX]; /* NULL where it has none */
};

/* The names of a step's own fields become all that it may have; one whose answer says nothing gives nothing to capture. */
static bool read_fields(struct sn_builder *b, const struct sn_json *json, struct reading *reading, const char **names,
                        size_t own, const struct sn_json **members) {
    size_t len = own;
    for (size_t i = 0; i < COMMON_MAX; i++)
        if (i != CAPTURE || reading->may != 0) names[len++] = common[i];
    if (!sn_step_members(b, json, names, len, members)) return false;
    for (size_t i = 0, at = own; i < COMMON_MAX; i++)
        if (i != CAPTURE || reading->may != 0) reading->members[i] = members[at++];
    return true;
}

static bool put_common(struct sn_builder *b, const struct reading *reading, struct sn_step *step) {
    if (reading->members[CAPTURE] != NULL && !b->flows) {
        sn_trail_name(b->trail, common[CAPTURE]);
        return sn_trail_refuse(b->trail, "plan.conflict",
                               "nothing captured here: prepare and cleanup compute their keys, and cannot name it");
    }
    return sn_put_expect(b, reading->members[EXPECT], reading->may | SN_MAY_LATENCY, step) &&
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

/* What is prepared and kept does not expire, whoever writes it again. */
static void keep(struct sn_builder *b, uint32_t key) {
    struct sn_argument *ttl = &b->arguments[key + 2];
    for (uint32_t i = 0; b->kept && i < b->arguments[key].parts_len; i++)
        if (b->parts[b->arguments[key].parts + i].kind == SN_PART_DATA)
            *ttl = (struct sn_argument){.type = SN_VALUE_NULL};
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
    if (form->action == SN_ACTION_KV_PUT) keep(b, group.arguments);
    group.arguments_len = b->view.arguments_len - group.arguments;
    return sn_build_group(b, &group) && put_common(b, reading, step);
}

static bool stored_step(struct sn_builder *b, const char *service, const struct sn_json *json, struct reading *reading,
                        struct sn_step *step) {
    const char *verbs[FORMS];
    const struct form *of[FORMS];
    size_t len = 0, index;
    for (size_t i = 0; i < FORMS; i++) {
        if (strcmp(forms[i].service, service) != 0 || forms[i].only_with != NULL) continue;
        of[len] = &forms[i];
        verbs[len++] = forms[i].verb;
    }
    size_t mark = sn_trail_name(b->trail, service);
    if (!sn_read_word(b->trail, sn_json_get(json, service), verbs, len, &index)) return false;
    sn_trail_back(b->trail, mark);
    const struct form *form = of[index];
    for (size_t i = 0; i < FORMS; i++)
        if (forms[i].only_with != NULL && strcmp(forms[i].service, service) == 0 &&
            strcmp(forms[i].verb, form->verb) == 0 && sn_json_get(json, forms[i].only_with) != NULL)
            form = &forms[i];
    step->action = (uint32_t)form->action;
    if (!put_fields(b, form, json, reading, step)) return false;
    if (form->action == SN_ACTION_R2_MULTIPART) step->calls = 2 + (uint32_t)sn_json_number(sn_json_get(json, "parts"));
    return true;
}

/* {"http": "GET", "url": …} and {"service": "GET", "path": …} */
static bool request_step(struct sn_builder *b, const char *service, const struct sn_json *json, struct reading *reading,
                         struct sn_step *step) {
    bool http = reading->service == SN_SERVICE_HTTP;
    const char *names[4 + COMMON_MAX] = {service, http ? "url" : "path", "headers", "body"};
    const struct sn_json *members[4 + COMMON_MAX];
    size_t method;
    step->action = http ? SN_ACTION_HTTP_FETCH : SN_ACTION_SERVICE_FETCH;
    reading->may = MAY_ALL;
    if (!read_fields(b, json, reading, names, 4, members)) return false;
    size_t mark = sn_trail_name(b->trail, service);
    if (!sn_read_word(b->trail, members[0], request_methods, REQUEST_METHODS, &method)) return false;
    sn_trail_back(b->trail, mark);
    if (http && reading->members[BINDING] != NULL) {
        sn_trail_name(b->trail, "binding");
        return sn_trail_refuse(b->trail, "plan.unknown-field", "no binding: the URL says whom it calls");
    }
    if (!http && !put_target(b, reading, service, step)) return false;
    struct sn_group group = {.times = 1, .arguments = b->view.arguments_len};
    mark = sn_trail_name(b->trail, names[1]);
    if (http ? !sn_put_url(b, members[1], step) : !sn_put_path(b, members[1])) return false;
    sn_trail_back(b->trail, mark);
    if (!sn_put_literal(b, request_methods[method])) return false;
    mark = sn_trail_name(b->trail, "headers");
    if (!sn_put_headers(b, members[2])) return false;
    sn_trail_back(b->trail, mark);
    mark = sn_trail_name(b->trail, "body");
    if (!sn_put_body(b, members[3])) return false;
    sn_trail_back(b->trail, mark);
    group.arguments_len = b->view.arguments_len - group.arguments;
    return sn_build_group(b, &group) && put_common(b, reading, step);
}

static bool put_session(struct sn_builder *b, const struct sn_json *value, struct sn_step *step) {
    static const char *const sessions[] = {
#define SN_X(session, text) text,
        SN_SESSION_LIST(SN_X)
#undef SN_X
    };
    size_t index;
    if (value == NULL) return true;
    size_t mark = sn_trail_name(b->trail, "session");
    if (!sn_read_word(b->trail, value, sessions + 1, SN_SESSIONS_LEN - 1, &index)) return false;
    step->session = (uint32_t)index + 1;
    sn_trail_back(b->trail, mark);
    return true;
}

#define SQL_FIELDS 4

static bool sql_step(struct sn_builder *b, const struct sn_json *json, struct reading *reading, struct sn_step *step) {
    const char *names[SQL_FIELDS + COMMON_MAX] = {"d1", "bind", "session", "rows"};
    const struct sn_json *members[SQL_FIELDS + COMMON_MAX];
    const char *sql = sn_json_string(sn_json_get(json, "d1"));
    bool batch = sql != NULL && strcmp(sql, "batch") == 0;
    size_t len = batch ? SQL_FIELDS - 1 : SQL_FIELDS; /* each statement of a batch has rows of its own */
    if (batch) names[1] = "statements";
    step->action = batch ? SN_ACTION_D1_BATCH : SN_ACTION_D1_ALL;
    reading->may = batch ? 0 : SN_MAY_ROWS | SN_MAY_TEXT | SN_MAY_COLUMN;
    if (!read_fields(b, json, reading, names, len, members) || !put_target(b, reading, "d1", step)) return false;
    bool put = batch ? sn_put_batch(b, members[1]) : sn_put_statement(b, members[0], members[1], members[3]);
    return put && put_session(b, members[2], step) && put_common(b, reading, step);
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

/* What later steps may name: it is there when they begin, in every operation. */
static void note_captured(struct sn_builder *b, const struct sn_step *step) {
    if ((step->flow.marks & SN_FLOW_BACKGROUND) != 0 || step->flow.chance != 0) return;
    for (uint32_t i = 0; i < step->looks_len; i++)
        if (sn_look_captures(&b->looks[step->looks + i])) b->capturing |= 1u << b->looks[step->looks + i].capture;
    if (!b->beside) b->captured |= b->capturing;
}

bool sn_step_compile(struct sn_builder *b, const struct sn_json *json, uint32_t marks) {
    struct sn_step step = {.groups = b->view.groups_len, .calls = 1, .rows_max = UINT32_MAX};
    size_t i = 0;
    while (i < SERVICES && sn_json_get(json, services[i].name) == NULL) i++;
    if (i == SERVICES) return refuse_step(b);
    struct reading reading = {.service = services[i].service};
    bool built;
    switch (reading.service) {
    case SN_SERVICE_D1: built = sql_step(b, json, &reading, &step); break;
    case SN_SERVICE_HTTP:
    case SN_SERVICE_SERVICE: built = request_step(b, services[i].name, json, &reading, &step); break;
    default: built = stored_step(b, services[i].name, json, &reading, &step); break;
    }
    if (!built || !sn_step_flow(b, json, marks, &step.flow)) return false;
    step.groups_len = b->view.groups_len - step.groups;
    note_captured(b, &step);
    uint64_t bytes = sn_step_bytes_max(&b->view, &step);
    if (bytes <= SN_EFFECT_MAX) return sn_build_step(b, &step);
    struct sn_writer w = sn_trail_expected(b->trail, "plan.range");
    sn_put_text(&w, "a step of at most 65536 bytes; this one can come to ");
    sn_put_dec(&w, bytes);
    return false;
}
