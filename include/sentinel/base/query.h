/* The query of an address: "name=value" between ampersands.  Names and values that need percent-encoding are none of ours,
 * and are taken as they stand. */
#ifndef SENTINEL_BASE_QUERY_H
#define SENTINEL_BASE_QUERY_H

#include <stdbool.h>

#include "sentinel/base/bytes.h"

/* Takes the next pair off the front; one without "=" has an empty value.  False at the end. */
bool sn_query_next(struct sn_span *query, struct sn_span *name, struct sn_span *value);
/* The first value of this name. */
bool sn_query_get(struct sn_span query, const char *name, struct sn_span *value);
/* A whole number of 1 to `digits` digits, 9 at most; false, and `number` as it was, when the text is none. */
bool sn_query_uint(struct sn_span text, uint32_t digits, uint32_t *number);

#endif
