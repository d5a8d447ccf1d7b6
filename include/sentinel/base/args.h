/* Writes the arguments of STEP and SQL effects (base/step.h has the layout): begin, then groups, then their values.
 * What does not fit shows in the writer's `full`. */
#ifndef SENTINEL_BASE_ARGS_H
#define SENTINEL_BASE_ARGS_H

#include "sentinel/base/bytes.h"
#include "sentinel/base/step.h"

struct sn_args {
    struct sn_writer *w;
    size_t groups_at, values_at; /* where the counts stand that are filled in as groups and values come */
    uint16_t groups, values;
};

void sn_args_begin(struct sn_args *args, struct sn_writer *w, uint64_t k);
void sn_args_group(struct sn_args *args, uint32_t statement);
void sn_args_null(struct sn_args *args);
void sn_args_text(struct sn_args *args, const char *text);                                 /* NULL: a null */
void sn_args_span(struct sn_args *args, enum sn_value type, const void *data, size_t len); /* TEXT or BYTES */
void sn_args_number(struct sn_args *args, double value);

#endif
