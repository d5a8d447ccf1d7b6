/* Readers of JSON values with bounds.  Each says what it expected when it gets something else. */
#ifndef SENTINEL_PLAN_READ_H
#define SENTINEL_PLAN_READ_H

#include "sentinel/plan/trail.h"

struct sn_field;

/* Reads a member's value into the structure at `into`.  False: refused. */
typedef bool sn_field_reader(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *field,
                             void *into);

/* What an object may hold. */
struct sn_field {
    const char *name;
    sn_field_reader *read;
    size_t offset;   /* of the member in the structure, for the readers below */
    double min, max; /* of a number; of the length in bytes of a text */
};

/* Reads an object's members in the order of the text.  A name that is not in `fields` is refused with those that are. */
bool sn_read_object(struct sn_trail *trail, const struct sn_json *value, const struct sn_field *fields, size_t len,
                    void *into);
/* Checks the names alone: members[i] becomes the value of names[i], or NULL. */
bool sn_read_members(struct sn_trail *trail, const struct sn_json *value, const char *const *names, size_t len,
                     const struct sn_json **members);

/* The structure holds a double, a uint64_t, a const char * (into the tree); a switch is checked and dropped. */
sn_field_reader sn_field_number, sn_field_whole, sn_field_text, sn_field_switch;
/* The same where the most is another in each set of bounds: an enum sn_bound is in its place. */
sn_field_reader sn_field_bounded_number, sn_field_bounded_whole;
struct sn_field sn_field_within(const struct sn_trail *trail, const struct sn_field *field);

bool sn_read_array(struct sn_trail *trail, const struct sn_json *value, size_t min, size_t max);
bool sn_read_number(struct sn_trail *trail, const struct sn_json *value, double min, double max, double *out);
bool sn_read_whole(struct sn_trail *trail, const struct sn_json *value, uint64_t min, uint64_t max, uint64_t *out);
bool sn_read_true(struct sn_trail *trail, const struct sn_json *value);
/* Text of min to max bytes, without control characters. */
bool sn_read_text(struct sn_trail *trail, const struct sn_json *value, size_t min, size_t max, const char **out);
/* One of the words; `out` gets its index. */
bool sn_read_word(struct sn_trail *trail, const struct sn_json *value, const char *const *words, size_t len,
                  size_t *out);

#endif
