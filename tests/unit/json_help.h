/* What the tests of JSON share: reading a text that ends where its bytes do, and looking at what was written. */
#ifndef SENTINEL_TESTS_JSON_HELP_H
#define SENTINEL_TESTS_JSON_HELP_H

#define ARENA_BYTES (1024 * 1024)
#include "arena_help.h"
#include "sentinel/json/json.h"

#define TEXT(literal) literal, sizeof literal - 1

/* Parses a copy that ends exactly where its memory ends. */
static inline const struct sn_json *parse(const char *text, size_t len, struct sn_json_error *error) {
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    sn_arena_reset(&arena);
    const struct sn_json *value = sn_json_parse(&arena, copy, len, error);
    free(copy); /* the tree does not point into the text */
    return value;
}

static inline const char *escaped_copy(struct sn_writer *w) {
    sn_put_u8(w, 0);
    assert_false(w->full);
    return (const char *)w->data;
}

#endif
