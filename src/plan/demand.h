/* The target's side of an estimate: expected calls and rows, by meter. */
#ifndef SENTINEL_PLAN_DEMAND_H
#define SENTINEL_PLAN_DEMAND_H

#include "sentinel/plan/estimate.h"

struct sn_demand {
    double units[SN_METERS_LEN];
    double prepare_calls, load_calls, cleanup_calls; /* that shards make; the clean-up's once */
    double thinking_s;                               /* of the operation that is expected to think longest */
};

struct sn_demand sn_plan_demand(const struct sn_plan *plan, enum sn_platform platform);

#endif
