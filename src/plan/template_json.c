/* Templates that are JSON: bodies, metadata, headers, rows that are expected.  What an operation inserts may hold quotes and
 * line breaks, so it is escaped there, and where it would stand outside of quotes it has to be a value of JSON by itself. */
#include <string.h>

#include "build.h"

/* Writes the template with a digit for each ${…}; its form has been read. */
static void put_outline(struct sn_writer *w, const char *text) {
    while (*text != 0) {
        size_t len = strcspn(text, "$");
        sn_put_bytes(w, text, len);
        text += len;
        if (*text == 0) return;
        bool dollar = text[1] == '$';
        sn_put_text(w, dollar ? "$" : "1");
        text = dollar ? text + 2 : strchr(text, '}') + 1;
    }
}

/* Whether it is an object or an array in which a string stands.  The rest of the pool is room to see that. */
static bool is_json(const struct sn_builder *b, const char *text) {
    struct sn_json_error error;
    struct sn_writer w = sn_writer(b->pool + b->view.pool_len, SN_BUILD_POOL_MAX - b->view.pool_len);
    const char *first = text + strspn(text, " \t\r\n");
    if ((*first != '{' && *first != '[') || strchr(text, '"') == NULL) return false;
    put_outline(&w, text);
    return !w.full && sn_json_check((const char *)w.data, w.len, &error);
}

/* A number, true, false or null in every row. */
static bool picks_values(const struct sn_builder *b, const struct sn_part *part) {
    const struct sn_list *list = &b->lists[part->a];
    struct sn_json_error error;
    for (uint32_t row = 0; row < list->rows; row++) {
        struct sn_text text = b->options[list->options + row * list->columns + part->b].text;
        const char *value = b->pool + text.offset;
        if (text.len == 0 || strchr("{[\" \t\r\n", value[0]) != NULL || !sn_json_check(value, text.len, &error))
            return false;
    }
    return true;
}

static bool may_be_bare(const struct sn_builder *b, const struct sn_part *part) {
    switch (part->kind) {
    case SN_PART_K:
    case SN_PART_KEY:
    case SN_PART_NUMBER:
    case SN_PART_TIME_MS:
    case SN_PART_TIMES: return true;
    case SN_PART_PICK: return picks_values(b, part);
    default: return false;
    }
}

/* Whether the end of this literal is inside of a string, if its beginning is or is not. */
static bool in_string(const char *text, size_t len, bool inside) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '"') inside = !inside;
        if (text[i] == '\\') i++;
    }
    return inside;
}

bool sn_template_escape(struct sn_builder *b, const char *text, struct sn_argument *argument) {
    bool inside = false;
    if (!is_json(b, text)) return true;
    for (uint32_t i = 0; i < argument->parts_len; i++) {
        const struct sn_part *part = &b->parts[argument->parts + i];
        if (part->kind == SN_PART_LITERAL)
            inside = in_string(b->pool + part->a, part->b, inside);
        else if (!inside && !may_be_bare(b, part))
            return sn_trail_refuse(b->trail, "plan.template",
                                   "quotes around what is a text: this is JSON, where only numbers, true, false and "
                                   "null stand without");
        else if (part->kind == SN_PART_PICK || part->kind == SN_PART_CAPTURED)
            argument->key = SN_ARGUMENT_JSON;
    }
    return true;
}
