/* JSON, read strictly and written without surprises.  The only module that sees cJSON.
 *
 * Reading: RFC 8259, valid UTF-8, no duplicate names, no byte order mark, no lone surrogates, no \u0000, no number that
 * a double cannot hold, depth at most SN_JSON_DEPTH_MAX, at most SN_JSON_NAMES_MAX names in an object, nothing after the
 * value.  The tree lives in the caller's arena and dies with it. */
#ifndef SENTINEL_JSON_JSON_H
#define SENTINEL_JSON_JSON_H

#include "sentinel/base/arena.h"
#include "sentinel/base/bytes.h"
#include "sentinel/base/status.h"

struct sn_json; /* a value; never modified */

enum sn_json_type {
    SN_JSON_ABSENT,
    SN_JSON_NULL,
    SN_JSON_BOOL,
    SN_JSON_NUMBER,
    SN_JSON_STRING,
    SN_JSON_ARRAY,
    SN_JSON_OBJECT
};

struct sn_json_error {
    const char *code;   /* stable: "json.syntax", "json.duplicate-name", "json.number", "json.size" */
    size_t offset;      /* byte at which it went wrong; 0 where the whole tree was needed to see it */
    char path[64];      /* of a duplicate name or a number: "$.spikeConfig.multiplier"; "$" otherwise */
    const char *reason; /* what was expected: "a comma or the end of the array" */
};

/* NULL when the text is not JSON as above, or the arena is too small; `error` then says where and what. */
const struct sn_json *sn_json_parse(struct sn_arena *arena, const char *text, size_t len, struct sn_json_error *error);

/* Whether the text is one JSON value as above, but for what only the tree shows (duplicate names, numbers out of range).
 * Neither allocates nor recurses.  False: `error` says where and what was expected. */
bool sn_json_check(const char *text, size_t len, struct sn_json_error *error);

/* The text of a member of the object `root`, which was read from `text` and has that member. */
struct sn_span sn_json_slice(const char *text, const struct sn_json *root, const char *name);

/* Writes the step from an object to one of its members: .name, or ["two words"] when the name is no word.  A long name
 * is cut, control characters are shown as "?", quotes and backslashes have a backslash before them. */
void sn_json_put_step(struct sn_writer *w, const char *name);

/* All of these take NULL for an absent value. */
enum sn_json_type sn_json_type(const struct sn_json *value);
const struct sn_json *sn_json_get(const struct sn_json *object, const char *name); /* NULL when absent */
const struct sn_json *sn_json_first(const struct sn_json *container);              /* first member or element */
const struct sn_json *sn_json_next(const struct sn_json *value);                   /* its next sibling */
const char *sn_json_name(const struct sn_json *member);                            /* of an object's member */
size_t sn_json_count(const struct sn_json *container);
size_t sn_json_values(const struct sn_json *root);       /* of the whole text, with the root itself */
double sn_json_number(const struct sn_json *value);      /* 0 unless a number */
const char *sn_json_string(const struct sn_json *value); /* NULL unless a string; zero-terminated */
bool sn_json_bool(const struct sn_json *value);          /* false unless true */

/* Writing: a small state that puts commas where they belong.  Strings are escaped; names are taken as they are. */
struct sn_json_writer {
    struct sn_writer *w;
    bool comma; /* the next value needs one before it */
};

struct sn_json_writer sn_json_writer(struct sn_writer *w);
void sn_json_open(struct sn_json_writer *j, const char *name, char bracket); /* '{' or '['; name NULL inside arrays */
void sn_json_close(struct sn_json_writer *j, char bracket);                  /* '}' or ']' */
void sn_json_put_text(struct sn_json_writer *j, const char *name, const char *text); /* NULL text: null */
void sn_json_put_span(struct sn_json_writer *j, const char *name, const void *text, size_t len);
void sn_json_put_uint(struct sn_json_writer *j, const char *name, uint64_t value);
void sn_json_put_int(struct sn_json_writer *j, const char *name, int64_t value);
void sn_json_put_number(struct sn_json_writer *j, const char *name, double value);
void sn_json_put_fixed(struct sn_json_writer *j, const char *name, double value, unsigned decimals);
void sn_json_put_bool(struct sn_json_writer *j, const char *name, bool value);
/* A value that is JSON already. */
void sn_json_put_json(struct sn_json_writer *j, const char *name, const void *json, size_t len);
void sn_json_put_null(struct sn_json_writer *j, const char *name);
void sn_json_put_time(struct sn_json_writer *j, const char *name, int64_t at_us); /* ISO; INT64_MAX or 0: null */

#endif
