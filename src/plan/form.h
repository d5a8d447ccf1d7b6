#ifndef SENTINEL_PLAN_FORM_H
#define SENTINEL_PLAN_FORM_H

#include "sentinel/plan/plan.h"

/* Hash of what shapes the load in a compiled form: all of it but the head with run, tenant, name, preset and seed. */
uint64_t sn_plan_shape_hash(const void *form, size_t len);
/* Whether a text is 1 to `max` letters, digits and marks. */
bool sn_made_of(const char *text, size_t max, const char *marks);
/* Fills plan->mix from the kinds' weights. */
void sn_plan_make_mix(struct sn_plan *plan);

#endif
