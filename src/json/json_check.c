/* cJSON is lenient: it takes a byte order mark, control characters in strings, "01", invalid UTF-8, any bytes below 33
 * as space.  What is lenient in a plan is an error that surfaces elsewhere, so a text passes here first. */
#include <string.h>

#include "sentinel/base/limits.h"
#include "sentinel/json/json.h"

struct scan {
    const uint8_t *data;
    size_t len, pos;
    size_t depth;
    uint8_t open[SN_JSON_DEPTH_MAX]; /* '{' or '[', the innermost last */
    struct sn_json_error *error;
};

static bool fail(struct scan *s, const char *reason) {
    *s->error = (struct sn_json_error){.code = "json.syntax", .offset = s->pos, .path = "$", .reason = reason};
    return false;
}

/* It may well be JSON, but more than is read here. */
static bool too_deep(struct scan *s) {
    fail(s, "at most 64 values inside each other");
    s->error->code = "json.size";
    return false;
}

/* The next byte; 0, which is no part of any JSON, at the end. */
static uint8_t peek(const struct scan *s) {
    return s->pos < s->len ? s->data[s->pos] : 0;
}

static bool take(struct scan *s, uint8_t byte) {
    if (s->pos == s->len || s->data[s->pos] != byte) return false;
    s->pos += 1;
    return true;
}

static void skip_space(struct scan *s) {
    while (peek(s) == ' ' || peek(s) == '\t' || peek(s) == '\n' || peek(s) == '\r') s->pos += 1;
}

static bool is_digit(uint8_t byte) {
    return byte >= '0' && byte <= '9';
}

static bool digits(struct scan *s) {
    if (!is_digit(peek(s))) return fail(s, "a digit");
    while (is_digit(peek(s))) s->pos += 1;
    return true;
}

static bool number(struct scan *s) {
    take(s, '-');
    if (take(s, '0')) {
        if (is_digit(peek(s))) return fail(s, "a number without leading zeros");
    } else if (!digits(s)) {
        return false;
    }
    if (take(s, '.') && !digits(s)) return false;
    if (take(s, 'e') || take(s, 'E')) {
        if (!take(s, '+')) take(s, '-');
        return digits(s);
    }
    return true;
}

static bool literal(struct scan *s, const char *word) {
    size_t len = strlen(word);
    if (s->len - s->pos < len || memcmp(s->data + s->pos, word, len) != 0) return fail(s, "a value");
    s->pos += len;
    return true;
}

/* Four hexadecimal digits. */
static bool code_unit(struct scan *s, uint32_t *unit) {
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        static const char hex[] = "0123456789abcdefABCDEF";
        const char *found = peek(s) != 0 ? strchr(hex, peek(s)) : NULL;
        if (found == NULL) return fail(s, "four hexadecimal digits after \\u");
        uint32_t digit = (uint32_t)(found - hex);
        *unit = *unit << 4 | (digit < 16 ? digit : digit - 6);
        s->pos += 1;
    }
    return true;
}

/* Strings end at a zero byte in the tree, so \u0000 would cut them short without a word: it is refused. */
static bool unicode_escape(struct scan *s) {
    uint32_t unit;
    size_t start = s->pos - 2;
    if (!code_unit(s, &unit)) return false;
    if (unit == 0) {
        s->pos = start;
        return fail(s, "text without the character \\u0000");
    }
    if (unit < 0xd800 || unit > 0xdfff) return true;
    uint32_t low = 0;
    bool paired = unit < 0xdc00 && take(s, '\\') && take(s, 'u');
    if (paired && !code_unit(s, &low)) return false;
    if (low >= 0xdc00 && low <= 0xdfff) return true;
    s->pos = start;
    return fail(s, "surrogates in pairs");
}

static bool escape(struct scan *s) {
    uint8_t c = peek(s);
    if (c == 0 || strchr("\"\\/bfnrtu", c) == NULL) return fail(s, "an escape that JSON has");
    s->pos += 1;
    return c != 'u' || unicode_escape(s);
}

static bool multibyte(struct scan *s) {
    uint8_t first = peek(s);
    size_t len = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    if (s->len - s->pos < len || !sn_utf8_valid(s->data + s->pos, len)) return fail(s, "text in UTF-8");
    s->pos += len;
    return true;
}

static bool string(struct scan *s) {
    if (!take(s, '"')) return fail(s, "a name in double quotes");
    while (s->pos < s->len) {
        uint8_t c = s->data[s->pos];
        if (take(s, '"')) return true;
        if (c < 0x20) return fail(s, "control characters as escapes, for example \\n");
        if (c >= 0x80) {
            if (!multibyte(s)) return false;
            continue;
        }
        s->pos += 1;
        if (c == '\\' && !escape(s)) return false;
    }
    return fail(s, "the end of the string");
}

static bool name_and_colon(struct scan *s) {
    skip_space(s);
    if (!string(s)) return false;
    skip_space(s);
    return take(s, ':') || fail(s, "a colon");
}

static bool scalar(struct scan *s) {
    switch (peek(s)) {
    case '"': return string(s);
    case 't': return literal(s, "true");
    case 'f': return literal(s, "false");
    case 'n': return literal(s, "null");
    default: break;
    }
    if (peek(s) == '-' || is_digit(peek(s))) return number(s);
    return fail(s, s->pos == s->len ? "a value, but the text ends here" : "a value");
}

/* Reads a value up to its end, or up to the first value inside it. */
static bool value(struct scan *s, bool *inside) {
    *inside = false;
    skip_space(s);
    uint8_t c = peek(s);
    if (c != '{' && c != '[') return scalar(s);
    if (s->depth == SN_JSON_DEPTH_MAX) return too_deep(s);
    s->pos += 1;
    skip_space(s);
    if (take(s, c == '{' ? '}' : ']')) return true;
    s->open[s->depth++] = c;
    *inside = true;
    return c == '[' || name_and_colon(s);
}

/* After a value: closes what ends here and stands before the next value, or at the end of all. */
static bool close_and_separate(struct scan *s, bool *more) {
    while (s->depth > 0) {
        bool object = s->open[s->depth - 1] == '{';
        skip_space(s);
        if (take(s, ',')) {
            *more = true;
            return !object || name_and_colon(s);
        }
        if (!take(s, object ? '}' : ']'))
            return fail(s, object ? "a comma or the end of the object" : "a comma or the end of the array");
        s->depth -= 1;
    }
    *more = false;
    return true;
}

bool sn_json_check(const char *text, size_t len, struct sn_json_error *error) {
    struct scan s = {.data = (const uint8_t *)text, .len = len, .error = error};
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) return fail(&s, "a text without a byte order mark");
    for (bool more = true; more;) {
        bool inside = true;
        while (inside)
            if (!value(&s, &inside)) return false;
        if (!close_and_separate(&s, &more)) return false;
    }
    skip_space(&s);
    return s.pos == len || fail(&s, "nothing after the value");
}
