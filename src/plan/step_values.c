/* The values of host calls, one argument each. */
#include <string.h>

#include "read.h"
#include "sentinel/base/escape.h"
#include "steps.h"

static bool put_null(struct sn_builder *b) {
    return sn_build_argument(b, &(struct sn_argument){.type = SN_VALUE_NULL, .parts = b->view.parts_len});
}

static bool put_number(struct sn_builder *b, double number) {
    char text[SN_NUMBER_TEXT_MAX];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_argument argument = {.type = SN_VALUE_NUMBER, .parts = b->view.parts_len, .parts_len = 1};
    struct sn_text piece;
    sn_put_number(&w, number);
    if (!sn_build_text(b, text, w.len, &piece)) return false;
    return sn_build_part(b, &(struct sn_part){SN_PART_LITERAL, piece.offset, piece.len, 0}) &&
           sn_build_argument(b, &argument);
}

bool sn_put_literal(struct sn_builder *b, const char *text) {
    struct sn_argument argument = {.type = SN_VALUE_TEXT, .parts = b->view.parts_len, .parts_len = *text != 0};
    struct sn_text piece = {0, 0};
    if (*text != 0 && !(sn_build_text(b, text, strlen(text), &piece) &&
                        sn_build_part(b, &(struct sn_part){SN_PART_LITERAL, piece.offset, piece.len, 0})))
        return false;
    return sn_build_argument(b, &argument);
}

static const struct sn_argument *last_argument(const struct sn_builder *b) {
    return &b->arguments[b->view.arguments_len - 1];
}

static bool put_template(struct sn_builder *b, const struct sn_json *value) {
    const char *text = sn_json_string(value);
    if (text == NULL) return sn_trail_refuse(b->trail, "plan.type", "a text");
    return sn_template_compile(b, text, SN_VALUE_TEXT);
}

bool sn_check_length(struct sn_builder *b, uint64_t max, const char *what) {
    uint64_t len = sn_argument_bytes_max(&b->view, last_argument(b));
    if (len <= max) return true;
    struct sn_writer w = sn_trail_expected(b->trail, "plan.range");
    sn_put_text(&w, what);
    sn_put_text(&w, " of at most ");
    sn_put_dec(&w, max);
    sn_put_text(&w, " bytes; this can come to ");
    sn_put_dec(&w, len);
    return false;
}

static bool put_key(struct sn_builder *b, const struct sn_json *value, uint64_t max) {
    if (!put_template(b, value)) return false;
    if (last_argument(b)->parts_len == 0) return sn_trail_refuse(b->trail, "plan.range", "a key that is not empty");
    return sn_check_length(b, max, "a key");
}

bool sn_put_kv_key(struct sn_builder *b, const struct sn_json *value) {
    return put_key(b, value, SN_KV_KEY_MAX);
}

bool sn_put_r2_key(struct sn_builder *b, const struct sn_json *value) {
    return put_key(b, value, SN_R2_KEY_MAX);
}

/* Whether the argument is ${text(n)} and nothing else: then its bytes stay a slice of the payload block. */
static bool is_slice(const struct sn_builder *b) {
    const struct sn_argument *argument = last_argument(b);
    return argument->parts_len == 1 && b->parts[argument->parts].kind == SN_PART_TEXT;
}

/* A stored value.  A slice of it is chosen by the key, the value before it. */
bool sn_put_stored(struct sn_builder *b, const struct sn_json *value) {
    if (!put_template(b, value)) return false;
    if (!is_slice(b)) return true;
    struct sn_argument *argument = &b->arguments[b->view.arguments_len - 1];
    argument->type = SN_VALUE_SLICE;
    argument->key = b->view.arguments_len - 2;
    return true;
}

bool sn_put_kv_type(struct sn_builder *b, const struct sn_json *value) {
    static const char *const words[] = {"text", "json"};
    size_t index = 0;
    if (value != NULL && !sn_read_word(b->trail, value, words, 2, &index)) return false;
    return sn_template_compile(b, words[index], SN_VALUE_TEXT);
}

static bool whole(struct sn_builder *b, const struct sn_json *value, uint64_t min, uint64_t max) {
    uint64_t number;
    if (value == NULL) return put_null(b);
    return sn_read_whole(b->trail, value, min, max, &number) && put_number(b, (double)number);
}

bool sn_put_kv_keep(struct sn_builder *b, const struct sn_json *value) {
    return whole(b, value, SN_KV_KEEP_S_MIN, INT32_MAX);
}

bool sn_put_kv_keys(struct sn_builder *b, const struct sn_json *value) {
    size_t index = 0;
    if (!sn_read_array(b->trail, value, 1, SN_KV_KEYS_MAX)) return false;
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_index(b->trail, index++);
        if (!sn_put_kv_key(b, at)) return false;
        sn_trail_back(b->trail, mark);
    }
    return true;
}

bool sn_put_ttl(struct sn_builder *b, const struct sn_json *value) {
    return whole(b, value, SN_KV_TTL_S_MIN, INT32_MAX);
}

bool sn_put_limit(struct sn_builder *b, const struct sn_json *value) {
    return whole(b, value, 1, SN_LIST_MAX);
}

bool sn_put_content_type(struct sn_builder *b, const struct sn_json *value) {
    return value == NULL ? put_null(b) : put_template(b, value);
}

static bool is_plain_name(const char *name) {
    for (const char *c = name; *c != 0; c++)
        if (*c < 0x20 || *c > 0x7e || strchr("\"\\$", *c) != NULL) return false;
    return *name != 0;
}

/* The text as JSON, but for what stands in ${…}: that is read as it is, and escaped when it is filled in. */
static bool put_metadata_text(struct sn_builder *b, struct sn_json_writer *j, const char *name, const char *text) {
    sn_json_put_json(j, name, "\"", 1);
    while (*text != 0) {
        size_t plain = strcspn(text, "$");
        sn_put_escaped(j->w, text, plain);
        text += plain;
        if (*text == 0) break;
        const char *close = text[1] == '$' ? text + 1 : text[1] == '{' ? strchr(text, '}') : NULL;
        if (close == NULL) return sn_template_refuse_dollar(b);
        sn_put_bytes(j->w, text, (size_t)(close - text) + 1);
        text = close + 1;
    }
    sn_put_u8(j->w, '"');
    return true;
}

static bool put_metadata_member(struct sn_builder *b, struct sn_json_writer *j, const struct sn_json *member,
                                bool texts_only) {
    const char *name = sn_json_name(member), *text = sn_json_string(member);
    enum sn_json_type type = sn_json_type(member);
    if (!is_plain_name(name))
        return sn_trail_refuse(b->trail, "plan.value", "names of plain letters, without quotes and dollars");
    if (text != NULL) return put_metadata_text(b, j, name, text);
    if (type == SN_JSON_NUMBER && !texts_only) {
        sn_json_put_number(j, name, sn_json_number(member));
    } else if (type == SN_JSON_BOOL && !texts_only) {
        sn_json_put_bool(j, name, sn_json_bool(member));
    } else {
        return sn_trail_refuse(b->trail, "plan.type", texts_only ? "a text" : "a text, a number, true or false");
    }
    return true;
}

/* Metadata crosses as JSON text: the object is written out and becomes a template as a whole. */
static bool put_metadata(struct sn_builder *b, const struct sn_json *value, size_t max, bool texts_only) {
    if (value == NULL) return put_null(b);
    if (sn_json_type(value) != SN_JSON_OBJECT) return sn_trail_refuse(b->trail, "plan.type", "an object");
    struct sn_writer w = sn_writer(b->scratch, SN_BUILD_SCRATCH_MAX - 1);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        size_t mark = sn_trail_name(b->trail, sn_json_name(at));
        if (!put_metadata_member(b, &j, at, texts_only)) return false;
        sn_trail_back(b->trail, mark);
    }
    sn_json_close(&j, '}');
    if (w.full) return sn_trail_refuse(b->trail, "plan.range", "less metadata");
    b->scratch[w.len] = 0;
    return sn_template_compile(b, b->scratch, SN_VALUE_TEXT) && sn_check_length(b, max, "metadata");
}

bool sn_put_kv_metadata(struct sn_builder *b, const struct sn_json *value) {
    return put_metadata(b, value, SN_KV_METADATA_MAX, false);
}

bool sn_put_r2_metadata(struct sn_builder *b, const struct sn_json *value) {
    return put_metadata(b, value, SN_R2_METADATA_MAX, true);
}

/* A header is a line: no row that may be picked for it has a control character. */
static bool check_lines(struct sn_builder *b) {
    const struct sn_argument *argument = last_argument(b);
    for (uint32_t i = 0; i < argument->parts_len; i++) {
        const struct sn_part *part = &b->parts[argument->parts + i];
        if (part->kind != SN_PART_PICK) continue;
        const struct sn_list *list = &b->lists[part->a];
        for (uint32_t row = 0; row < list->rows; row++) {
            struct sn_text text = b->options[list->options + row * list->columns + part->b].text;
            for (uint32_t at = 0; at < text.len; at++)
                if ((uint8_t)b->pool[text.offset + at] < 0x20)
                    return sn_trail_refuse(b->trail, "plan.template", "a text of one line for a header");
        }
    }
    return true;
}

bool sn_put_headers(struct sn_builder *b, const struct sn_json *value) {
    static const char marks[] = " ()<>@,;:/[]?={}"; /* a header's name is a token: RFC 9110, 5.6.2 */
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at)) {
        const char *text = sn_json_string(at);
        size_t mark = sn_trail_name(b->trail, sn_json_name(at));
        if (strpbrk(sn_json_name(at), marks) != NULL)
            return sn_trail_refuse(b->trail, "plan.value", "the name of a header");
        if (text != NULL && strpbrk(text, "\r\n") != NULL)
            return sn_trail_refuse(b->trail, "plan.value", "a text of one line for a header");
        sn_trail_back(b->trail, mark);
    }
    return put_metadata(b, value, SN_R2_METADATA_MAX, true) && check_lines(b);
}

static bool number_template(struct sn_builder *b, const struct sn_json *value) {
    static const char *const names[] = {"number"};
    const struct sn_json *text;
    if (!sn_read_members(b->trail, value, names, 1, &text)) return false;
    if (sn_json_string(text) == NULL)
        return sn_trail_refuse(b->trail, "plan.type", "{\"number\": \"…\"} with a text such as \"${k%100}\"");
    if (!sn_template_compile(b, sn_json_string(text), SN_VALUE_NUMBER)) return false;
    const struct sn_argument *argument = last_argument(b);
    bool digits = argument->parts_len > 0 && sn_argument_bytes_max(&b->view, argument) <= SN_NUMBER_TEXT_MAX;
    for (uint32_t i = 0; i < argument->parts_len; i++) {
        const struct sn_part *part = &b->parts[argument->parts + i];
        uint32_t minus = i == 0 && part->kind == SN_PART_LITERAL && b->pool[part->a] == '-';
        if (part->kind == SN_PART_RUN || part->kind == SN_PART_DATA || part->kind == SN_PART_TENANT ||
            part->kind == SN_PART_HEX || part->kind == SN_PART_TEXT || part->kind == SN_PART_PICK ||
            part->kind == SN_PART_CAPTURED)
            digits = false;
        if (part->kind != SN_PART_LITERAL) continue;
        if (argument->parts_len == 1 && part->b == minus) digits = false;
        for (uint32_t at = minus; at < part->b; at++)
            digits = digits && b->pool[part->a + at] >= '0' && b->pool[part->a + at] <= '9';
    }
    return digits || sn_trail_refuse(b->trail, "plan.template", "a template that gives digits");
}

bool sn_put_bound(struct sn_builder *b, const struct sn_json *value) {
    switch (sn_json_type(value)) {
    case SN_JSON_NULL: return put_null(b);
    case SN_JSON_NUMBER: return put_number(b, sn_json_number(value));
    case SN_JSON_OBJECT: return number_template(b, value);
    case SN_JSON_STRING: break;
    default: return sn_trail_refuse(b->trail, "plan.type", "a text, a number, {\"number\": \"…\"} or null");
    }
    if (!put_template(b, value)) return false;
    if (!is_slice(b)) return true;
    struct sn_argument *argument = &b->arguments[b->view.arguments_len - 1];
    argument->type = b->bytes ? SN_VALUE_SLICE : SN_VALUE_SLICE_TEXT;
    argument->key = UINT32_MAX;
    return true;
}
