/* Readers of the members of an object, by tables of what it may hold. */
#ifndef SN_PLAN_FIELDS_H
#define SN_PLAN_FIELDS_H

#include "sentinel/plan/read.h"

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

/* The structure holds a double, a uint64_t, a const char * (into the tree); a switch is checked and dropped. */
sn_field_reader sn_field_number, sn_field_whole, sn_field_text, sn_field_switch;
/* The same where the most is another in each set of bounds: an enum sn_bound is in its place. */
sn_field_reader sn_field_bounded_number, sn_field_bounded_whole;
struct sn_field sn_field_within(const struct sn_trail *trail, const struct sn_field *field);

#endif
