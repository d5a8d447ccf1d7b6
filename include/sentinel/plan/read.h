/* Values of a JSON text, read within bounds.  Each says what it expected when it gets something else. */
#ifndef SENTINEL_PLAN_READ_H
#define SENTINEL_PLAN_READ_H

#include "sentinel/plan/trail.h"

/* Checks the names of an object alone: members[i] becomes the value of names[i], or NULL. */
bool sn_read_members(struct sn_trail *trail, const struct sn_json *value, const char *const *names, size_t len,
                     const struct sn_json **members);
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
