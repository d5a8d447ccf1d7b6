/* The parts of a template that are the same in every operation of a run: texts of the plan, the run, the tenant.  What
 * lies in a row of them is one text, which the host keeps by a number. */
#ifndef SENTINEL_LOAD_STEP_KEPT_H
#define SENTINEL_LOAD_STEP_KEPT_H

#include "sentinel/load/operation.h"

bool sn_part_is_constant(const struct sn_part *part);
void sn_part_put_constant(struct sn_writer *w, const struct sn_workload *workload, const struct sn_render *render,
                          const struct sn_part *part);
/* Index, among the argument's parts, of the first that does not belong to the row of constant ones at `at`. */
uint32_t sn_kept_end(const struct sn_workload *workload, const struct sn_argument *argument, uint32_t at);
/* DEFINE's number for the row that begins there; statements have the numbers before. */
uint32_t sn_kept_number(const struct sn_workload *workload, const struct sn_argument *argument, uint32_t at);

#endif
