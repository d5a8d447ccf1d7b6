/* The grammar of JSON, apart from the tree. */
#ifndef SENTINEL_JSON_CHECK_H
#define SENTINEL_JSON_CHECK_H

#include "sentinel/json/json.h"

/* Whether the text is one JSON value as json.h has it, but for what only the tree shows (duplicate names, numbers out
 * of range).  Does not recurse.  False: `error` says where and what was expected. */
bool sn_json_check(const char *text, size_t len, struct sn_json_error *error);

#endif
