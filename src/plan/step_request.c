/* The values of calls that are requests: of parts of an object, of Durable Objects, of anything that answers to fetch. */
#include <string.h>

#include "read.h"
#include "steps.h"

static bool put_number(struct sn_builder *b, uint64_t number) {
    char text[SN_NUMBER_TEXT_MAX];
    struct sn_writer w = sn_writer(text, sizeof text - 1);
    sn_put_dec(&w, number);
    text[w.len] = 0;
    return sn_template_compile(b, text, SN_VALUE_NUMBER);
}

static bool put_null(struct sn_builder *b) {
    return sn_build_argument(b, &(struct sn_argument){.type = SN_VALUE_NULL, .parts = b->view.parts_len});
}

static struct sn_argument *last_argument(struct sn_builder *b) {
    return &b->arguments[b->view.arguments_len - 1];
}

static bool put_text(struct sn_builder *b, const struct sn_json *value) {
    const char *text = sn_json_string(value);
    if (text == NULL) return sn_trail_refuse(b->trail, "plan.type", "a text");
    return sn_template_compile(b, text, SN_VALUE_TEXT);
}

/* --- R2: a range of an object, the parts of one ---------------------------------------------------------------- */

bool sn_put_range(struct sn_builder *b, const struct sn_json *value) {
    static const char *const names[] = {"offset", "length"};
    const struct sn_json *members[2] = {NULL, NULL};
    if (value != NULL && !sn_read_members(b->trail, value, names, 2, members)) return false;
    if (value != NULL && members[0] == NULL && members[1] == NULL)
        return sn_trail_refuse(b->trail, "plan.missing", "an offset, a length, or both");
    for (size_t i = 0; i < 2; i++) {
        uint64_t number;
        size_t mark = sn_trail_name(b->trail, names[i]);
        if (members[i] == NULL) {
            if (!put_null(b)) return false;
        } else if (!sn_read_whole(b->trail, members[i], i, UINT32_MAX, &number) || !put_number(b, number)) {
            return false;
        }
        sn_trail_back(b->trail, mark);
    }
    return true;
}

/* A part is a slice of the payload block, chosen by the object's key, or the whole block several times. */
bool sn_put_part(struct sn_builder *b, const struct sn_json *value) {
    uint64_t bytes;
    if (!sn_read_whole(b->trail, value, 1, SN_PART_BYTES_MAX, &bytes)) return false;
    if (bytes > SN_PAYLOAD_BLOCK && bytes % SN_PAYLOAD_BLOCK != 0)
        return sn_trail_refuse(b->trail, "plan.range", "at most 1048576, or a multiple of that");
    uint64_t slice = bytes < SN_PAYLOAD_BLOCK ? bytes : SN_PAYLOAD_BLOCK;
    struct sn_argument argument = {SN_VALUE_SLICE, b->view.parts_len, 1, b->view.arguments_len - 1};
    return sn_build_part(b, &(struct sn_part){.kind = SN_PART_TEXT, .a = (uint32_t)slice}) &&
           sn_build_argument(b, &argument) && put_number(b, bytes / slice);
}

bool sn_put_parts(struct sn_builder *b, const struct sn_json *value) {
    uint64_t parts;
    const struct sn_argument *before = last_argument(b); /* how often a part repeats its slice of the block */
    uint32_t slice = b->parts[b->arguments[b->view.arguments_len - 2].parts].a;
    const struct sn_part *times = &b->parts[before->parts];
    if (!sn_read_whole(b->trail, value, 1, SN_PARTS_MAX, &parts)) return false;
    uint64_t bytes = (uint64_t)slice * (uint64_t)(b->pool[times->a] - '0'); /* at most 8 times: one digit */
    if (parts > 1 && bytes < SN_PART_BYTES_MIN)
        return sn_trail_refuse(b->trail, "plan.range", "one part, or a partBytes of at least 5242880");
    return put_number(b, parts);
}

/* --- Durable Objects --------------------------------------------------------------------------------------------- */

bool sn_put_object_name(struct sn_builder *b, const struct sn_json *value) {
    if (!put_text(b, value)) return false;
    if (last_argument(b)->parts_len == 0)
        return sn_trail_refuse(b->trail, "plan.range", "the name of an object, which is not empty");
    return sn_check_length(b, SN_R2_KEY_MAX, "a name");
}

/* What a stub has itself, or every object in JavaScript, would not be sent. */
static bool is_method(const char *name) {
    static const char *const own[] = {"constructor",
                                      "hasOwnProperty",
                                      "isPrototypeOf",
                                      "propertyIsEnumerable",
                                      "toString",
                                      "valueOf",
                                      "toLocaleString",
                                      "then",
                                      "fetch",
                                      "connect",
                                      "dup",
                                      "id",
                                      "name",
                                      "alarm"};
    for (const char *c = name; *c != 0; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z');
        if (!letter && !(c > name && ((*c >= '0' && *c <= '9') || *c == '_'))) return false;
    }
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i], name) == 0) return false;
    return *name != 0 && strlen(name) <= SN_BINDING_NAME_MAX;
}

bool sn_put_method(struct sn_builder *b, const struct sn_json *value) {
    const char *name = sn_json_string(value);
    if (name == NULL || !is_method(name))
        return sn_trail_refuse(b->trail, "plan.value", "the name of a method of the object's class");
    return sn_put_literal(b, name);
}

bool sn_put_arguments(struct sn_builder *b, const struct sn_json *value) {
    size_t index = 0;
    if (value == NULL) return true;
    if (!sn_read_array(b->trail, value, 0, SN_ARGUMENTS_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(b->trail, index++);
        if (!sn_put_bound(b, at)) return false;
        sn_trail_back(b->trail, mark);
    }
    return true;
}

/* --- Requests ---------------------------------------------------------------------------------------------------- */

/* Whoever is bound does not look at the host. */
bool sn_put_path(struct sn_builder *b, const struct sn_json *value) {
    const char *path = sn_json_string(value);
    if (path == NULL || *path != '/') return sn_trail_refuse(b->trail, "plan.value", "a path that begins with /");
    struct sn_writer w = sn_writer(b->scratch, SN_BUILD_SCRATCH_MAX - 1);
    sn_put_text(&w, "https://target");
    sn_put_text(&w, path);
    if (w.full) return sn_trail_refuse(b->trail, "plan.range", "a shorter path");
    b->scratch[w.len] = 0;
    return sn_template_compile(b, b->scratch, SN_VALUE_TEXT) && sn_check_length(b, SN_URL_MAX, "a URL");
}

/* The method stands two values before the body. */
static bool may_have_body(const struct sn_builder *b) {
    const struct sn_part *method = &b->parts[b->arguments[b->view.arguments_len - 2].parts];
    struct sn_span text = {(const uint8_t *)b->pool + method->a, method->b};
    return !sn_span_is(text, "GET") && !sn_span_is(text, "HEAD");
}

/* One that is a slice of the payload block is chosen by the URL. */
bool sn_put_body(struct sn_builder *b, const struct sn_json *value) {
    if (value == NULL) return put_null(b);
    if (!may_have_body(b))
        return sn_trail_refuse(b->trail, "plan.conflict", "no body: a request with GET or HEAD cannot have one");
    if (!put_text(b, value)) return false;
    struct sn_argument *argument = last_argument(b);
    if (argument->parts_len != 1 || b->parts[argument->parts].kind != SN_PART_TEXT) return true;
    argument->type = SN_VALUE_SLICE;
    argument->key = b->view.arguments_len - 4;
    return true;
}
