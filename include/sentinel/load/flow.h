/* How the steps of an operation follow one another.
 *
 *     step ──► step ──► { step, step } ──► think ──► step
 *                └─ background: sent, and not waited for
 *
 * Steps are made in stages: one step, or several that are sent together, or one in the background.  A stage begins when
 * the one before it has ended, a background one ending at once, and when the time to think before it is over.  Which steps
 * are made, and how long is thought, is drawn from (seed, k, step) before the operation starts. */
#ifndef SENTINEL_LOAD_FLOW_H
#define SENTINEL_LOAD_FLOW_H

#include "sentinel/load/workload.h"

_Static_assert(SN_STEPS_MAX <= 16, "the steps of an operation are the bits of 16");

/* Which steps operation k makes: bit n for its step n.  At least one of them is waited for. */
uint32_t sn_flow_drawn(const struct sn_workload *workload, const struct sn_kind *kind, uint64_t seed, uint64_t k);
/* The stage that comes first of the steps in `left`, of which there is one. */
uint32_t sn_flow_stage(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t left);
/* Of the steps in `left` those that are waited for. */
uint32_t sn_flow_waited(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t left);
bool sn_flow_in_background(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t step);
/* How long is thought before a stage. */
int64_t sn_flow_think_us(const struct sn_workload *workload, const struct sn_kind *kind, uint32_t stage, uint64_t seed,
                         uint64_t k);
int64_t sn_flow_think_max_us(const struct sn_flow *flow);
/* In the longest of the kind's operations, all of it together. */
int64_t sn_flow_thinking_max_us(const struct sn_workload *workload, const struct sn_kind *kind);

/* Whether the kind's steps, which are in range, can follow one another as they say. */
bool sn_flow_sound(const struct sn_workload *workload, const struct sn_kind *kind);

#endif
