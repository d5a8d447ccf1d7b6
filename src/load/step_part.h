/* The parts of a template, and what becomes of each when its step crosses to the host. */
#ifndef SENTINEL_LOAD_STEP_PART_H
#define SENTINEL_LOAD_STEP_PART_H

#include "sentinel/load/operation.h"

/* Where a part is rendered. */
struct place {
    const struct sn_workload *workload;
    const struct sn_render *render;
    uint32_t times; /* position in a repeated group */
};

/* Whether it is the same in every operation of a run, at the same place. */
bool sn_part_is_constant(const struct sn_part *part);
bool sn_argument_is_constant(const struct sn_workload *workload, const struct sn_argument *argument);
/* Whether it takes a hole of its own.  The operation's number and the time have one in every step. */
bool sn_part_is_hole(const struct sn_part *part);

/* The bytes of any part but TEXT: the plan's own, or put into `digits`. */
struct sn_span sn_part_text(const struct place *place, const struct sn_part *part, char digits[SN_NUMBER_TEXT_MAX]);
/* The number that an argument of type NUMBER makes. */
double sn_argument_number(const struct place *place, const struct sn_argument *argument);

#endif
