/* Where a member's own text stands in a text that has been read. */
#include "sentinel/base/assert.h"
#include "sentinel/json/json.h"

static size_t skip_blanks(const char *text, size_t at) {
    while (text[at] == ' ' || text[at] == '\t' || text[at] == '\n' || text[at] == '\r') at++;
    return at;
}

/* From a quotation mark to behind its partner. */
static size_t skip_string(const char *text, size_t at) {
    for (at++; text[at] != '"'; at++) at += text[at] == '\\';
    return at + 1;
}

static size_t skip_value(const char *text, size_t at) {
    size_t depth = 0;
    do {
        char c = text[at];
        if (c == '"') {
            at = skip_string(text, at);
            continue;
        }
        if (depth == 0 && (c == ',' || c == '}' || c == ']' || c == ' ' || c == '\t' || c == '\n' || c == '\r')) break;
        depth += c == '{' || c == '[';
        depth -= c == '}' || c == ']';
        at++;
    } while (depth > 0 || (text[at] != ',' && text[at] != '}' && text[at] != ']'));
    return at;
}

struct sn_span sn_json_slice(const char *text, const struct sn_json *root, const char *name) {
    const struct sn_json *wanted = sn_json_get(root, name);
    SN_ASSERT(wanted != NULL && sn_json_type(root) == SN_JSON_OBJECT);
    size_t at = skip_blanks(text, 0) + 1;
    for (const struct sn_json *m = sn_json_first(root);; m = sn_json_next(m)) {
        at = skip_blanks(text, skip_string(text, skip_blanks(text, at))) + 1; /* behind the colon */
        size_t begin = skip_blanks(text, at), end = skip_value(text, begin);
        if (m == wanted) return (struct sn_span){(const uint8_t *)text + begin, end - begin};
        at = skip_blanks(text, end) + 1; /* behind the comma */
    }
}
