/* What a plan asks of the platform, before it runs: expected numbers of calls, by what the free plan counts. */
#ifndef SENTINEL_PLAN_DEMAND_H
#define SENTINEL_PLAN_DEMAND_H

#include "sentinel/base/platform.h"
#include "sentinel/plan/plan.h"

struct sn_demand {
    double daily[SN_DAILY_LEN];
};

/* Operations by their weights, prepare, cleanup and its second sweep, the shards' own calls.  A statement that does not
 * begin with SELECT or WITH counts as one row written, indexes aside. */
struct sn_demand sn_plan_demand(const struct sn_plan *plan);

#endif
