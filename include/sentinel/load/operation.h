/* What operation k does, rendered for the host.  A function of (seed, k), but for the time and the run's name. */
#ifndef SENTINEL_LOAD_OPERATION_H
#define SENTINEL_LOAD_OPERATION_H

#include "sentinel/base/record.h"
#include "sentinel/load/mix.h"
#include "sentinel/load/workload.h"

struct sn_render {
    uint64_t seed;
    uint64_t k;                     /* operation number from 1, or a job's item index from 0 */
    int64_t now_us;                 /* for time parts */
    struct sn_span run, tenant;     /* texts */
    struct sn_span data;            /* the mark of what is prepared */
    const struct sn_span *captured; /* SN_CAPTURES_MAX texts of the operation; NULL: their names stand for them */
    uint32_t item_tenant;           /* of several tenants the one that a job's item is for, from 1; 0: k draws it */
};

/* The mix of the workload's kinds, drawn by the seed.  SN_E_RANGE when their weights do not mix, as sn_mix_init() has
 * it. */
enum sn_status sn_workload_mix(const struct sn_workload *workload, uint64_t seed, struct sn_mix *mix);
/* The kind of operation k. */
uint32_t sn_operation_kind(const struct sn_mix *mix, uint64_t k);

/* --- Steps on their way to the host (base/step.h) ---------------------------------------------------------- */

#define SN_SHAPES_MAX (SN_PLAN_BYTES_MAX / sizeof(struct sn_step)) /* no plan has more steps */

/* The shapes that the host has, by the number of their step: how many holes each has.  0: it has not got that one. */
struct sn_shapes {
    uint16_t holes[SN_SHAPES_MAX];
};

/* Appends what is the same in all calls that a step of a run makes: a SHAPE record's payload.  `render` gives the run
 * and the tenant.  Returns how many holes it has. */
uint32_t sn_shape_put(struct sn_writer *w, const struct sn_workload *workload, const struct sn_step *step,
                      const struct sn_render *render);

/* Appends a STEP record, `header` with what crosses in it, and before it a SHAPE record unless the host has that.  False
 * when the two do not fit: then `w` is full, and the SHAPE alone may be written. */
bool sn_step_put(struct sn_writer *w, struct sn_shapes *shapes, const struct sn_workload *workload,
                 const struct sn_step *step, const struct sn_render *render, struct sn_record header);

/* Writes what the host makes of both: a call's arguments whole, as base/step.h has them.  False when the two are not
 * that or do not go together, or the whole does not fit. */
bool sn_shape_fill(struct sn_span shape, struct sn_span holes, struct sn_writer *w);

/* Writes which of many things the step is about: the first of its values that is not the same in every operation, such as
 * a key.  Nothing where there is none. */
void sn_step_put_subject(struct sn_writer *w, const struct sn_workload *workload, const struct sn_step *step,
                         const struct sn_render *render);

/* Whether the step sends this captured value in a header, which is one line. */
bool sn_step_heads_captured(const struct sn_workload *workload, const struct sn_step *step, uint32_t capture);

/* Whether the answer's HTTP status is one that the step expects, or, where it expects none, no error.  What has no status
 * has none to object to. */
bool sn_step_admits(const struct sn_step *step, uint32_t status);
/* Whether the answer is what the step expects beside that.  False is an error of class data. */
bool sn_step_satisfied(const struct sn_step *step, const struct sn_answer *answer);

#endif
