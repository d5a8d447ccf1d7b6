/* What operation k does, rendered for the host.  A function of (seed, k), but for the time and the run's name. */
#ifndef SENTINEL_LOAD_OPERATION_H
#define SENTINEL_LOAD_OPERATION_H

#include "sentinel/load/mix.h"
#include "sentinel/load/workload.h"

struct sn_render {
    uint64_t seed;
    uint64_t k;                 /* operation number from 1, or a job's item index from 0 */
    int64_t now_us;             /* for time parts */
    struct sn_span run, tenant; /* texts */
    uint32_t kept;              /* how many arguments' constant texts the host keeps, from sn_kept_define() */
};

/* The mix of the workload's kinds.  SN_E_RANGE when their weights do not mix, as sn_mix_init() has it. */
enum sn_status sn_workload_mix(const struct sn_workload *workload, struct sn_mix *mix);
/* The kind of operation k. */
uint32_t sn_operation_kind(const struct sn_mix *mix, uint64_t seed, uint64_t k);

/* Writes DEFINE records of the texts that are the same in all operations of a run, at most SN_KEPT_BYTES_MAX, and returns
 * the number of arguments that they are enough for: `kept` from then on. */
uint32_t sn_kept_define(const struct sn_workload *workload, const struct sn_render *render, struct sn_writer *w);

/* Appends a STEP record's payload (base/step.h).  `w->full` when it does not fit. */
void sn_step_render(const struct sn_workload *workload, const struct sn_step *step, const struct sn_render *render,
                    struct sn_writer *w);

/* Writes the payload of a STEP again as it would be if nothing were kept: what the host makes of it.  False when it is
 * not one, or does not fit. */
bool sn_step_plain(const struct sn_workload *workload, const struct sn_render *render, struct sn_span payload,
                   struct sn_writer *w);

/* Whether the answer is what the step expects.  False is an error of class data. */
bool sn_step_satisfied(const struct sn_step *step, const struct sn_answer *answer);

#endif
