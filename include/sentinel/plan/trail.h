/* The way from the root of a JSON text to the value that is being read, and the first thing that was wrong with it. */
#ifndef SENTINEL_PLAN_TRAIL_H
#define SENTINEL_PLAN_TRAIL_H

#include <stdbool.h>

#include "sentinel/base/bounds.h"
#include "sentinel/base/bytes.h"
#include "sentinel/json/json.h"
#include "sentinel/plan/plan.h"

struct sn_trail {
    struct sn_plan_error *error;
    enum sn_status status;         /* SN_OK until something was refused */
    size_t len;                    /* of the path in error->path */
    enum sn_bounds bounds;         /* that the text is held to; the default ones unless somebody says otherwise */
    struct sn_span targets, hosts; /* that it may touch, with spaces between them; NULL: any */
    struct sn_plan_outside outside;
};

struct sn_trail sn_trail(struct sn_plan_error *error);
/* Both return where the path stood before, for sn_trail_back().  A reader that refuses returns without going back, so that
 * the path stays where the fault is. */
size_t sn_trail_name(struct sn_trail *trail, const char *name);
size_t sn_trail_index(struct sn_trail *trail, size_t index);
void sn_trail_back(struct sn_trail *trail, size_t mark);

/* Refuses what the path points to.  Always false, so that readers can return it. */
bool sn_trail_refuse(struct sn_trail *trail, const char *code, const char *expected);
/* The same of a member of it. */
bool sn_trail_refuse_at(struct sn_trail *trail, const char *name, const char *code, const char *expected);
/* As sn_trail_refuse(); `expected` is what the caller writes. */
struct sn_writer sn_trail_expected(struct sn_trail *trail, const char *code);
/* "one of a, b, c" */
void sn_put_choice(struct sn_writer *w, const char *const *words, size_t len);
/* The text does not fit the memory or the form that there is for it. */
bool sn_trail_too_large(struct sn_trail *trail, const char *expected);

/* Parses a text; NULL, with the error filled, when it is not JSON or too large. */
const struct sn_json *sn_trail_parse(struct sn_trail *trail, struct sn_arena *arena, const char *json, size_t len);

#endif
