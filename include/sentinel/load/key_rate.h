/* How often a step touches the key that it touches most.  KV takes one write a second for a key, and so does R2. */
#ifndef SENTINEL_LOAD_KEY_RATE_H
#define SENTINEL_LOAD_KEY_RATE_H

#include "sentinel/load/workload.h"

#define SN_KEY_WRITES_PER_S 1.0 /* KV limits, 2026-04-21; R2 limits, 2026-10-08 */

/* Whether the step writes a key of KV or R2: its first value. */
bool sn_step_writes_key(const struct sn_step *step);
/* Calls a second for the busiest key, when the step's operation is done `per_s` times a second: fewer where the step is made
 * by chance.  What comes round with k (k modulo something, rows in their order, sequential keys) does so together, after the
 * least common multiple; what is drawn is taken to be drawn independently, but for the columns of one row.  Of keyspaces,
 * choices and rows the share of the most frequent text counts.  A key that holds what was captured is taken to be another each
 * time: what answers say is not known before. */
double sn_step_key_rate(const struct sn_workload *workload, const struct sn_step *step, double per_s);

#endif
