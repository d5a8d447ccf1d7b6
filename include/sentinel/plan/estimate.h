/* What a plan will use of the platform, before it runs. */
#ifndef SENTINEL_PLAN_ESTIMATE_H
#define SENTINEL_PLAN_ESTIMATE_H

#include "sentinel/measure/cost.h"
#include "sentinel/plan/plan.h"

/* What one call of a step is charged for, in units of one meter.  SN_METERS_LEN: nothing by the call, which is so of D1,
 * whose rows are charged for, and of a bound Worker. */
struct sn_charge {
    enum sn_meter meter;
    uint32_t units;
};
struct sn_charge sn_step_charge(const struct sn_workload *workload, const struct sn_step *step);

/* Both sides of a run that does what it planned: operations by their weights and chances, prepare, clean-up, and its second
 * sweep, each meter rounded up.  `platform` says how long slices are, and whether the sweep deletes keys of KV.  Rows of D1 are those that the workload's statements are said to read and write; what its
 * INSERTs add to a table, the clean-up's DELETEs from that table take away again. */
struct sn_ledger sn_plan_estimate(const struct sn_plan *plan, enum sn_platform platform);

/* Prices as JSON: an object of meters (their keys) and dollars for the listed unit, from 0 to SN_PRICE_USD_MAX, rounded to
 * nano-dollars; what it does not name has the list's.  An empty text is the list.  False: refused, `error` says where. */
bool sn_prices_read(const char *json, size_t len, struct sn_arena *arena, struct sn_prices *prices,
                    struct sn_plan_error *error);

#endif
