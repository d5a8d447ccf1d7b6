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
static inline bool sn_part_is_constant(const struct sn_part *part) {
    return ((1u << part->kind) & (1u << SN_PART_LITERAL | 1u << SN_PART_RUN | 1u << SN_PART_DATA |
                                  1u << SN_PART_TENANT | 1u << SN_PART_TIMES)) != 0;
}
bool sn_argument_is_constant(const struct sn_workload *workload, const struct sn_argument *argument);
/* Whether it takes a hole of its own.  The operation's number and the time have one in every step. */
static inline bool sn_part_is_hole(const struct sn_part *part) {
    if (part->kind == SN_PART_K) return part->a > 0;
    return !sn_part_is_constant(part) && part->kind != SN_PART_TIME_MS;
}

/* Of a PICK part. */
struct sn_span sn_part_picked(const struct place *place, const struct sn_part *part);
/* The bytes of any part but TEXT: the plan's own, or put into `digits`. */
struct sn_span sn_part_text(const struct place *place, const struct sn_part *part, char digits[SN_NUMBER_TEXT_MAX]);
/* The number that an argument of type NUMBER makes. */
double sn_argument_number(const struct place *place, const struct sn_argument *argument);

#endif
