/* Sentinel's own side of an estimate, from how its objects work (docs/architecture.md); docs/cost.md explains each number. */
#include "demand.h"

#include <math.h>

#include "sentinel/base/time.h"
#include "sentinel/measure/delta.h"

#define OBJECT_MB 128.0       /* what an object is charged for while it is awake */
#define CALL_S 0.02           /* what a call of prepare or clean-up is taken to last */
#define LEAD_S 3.0            /* from the last item of prepare to the first operation, and from the last to clean-up */
#define DEADMAN_EVERY_S 5.0   /* an alarm that moves ahead is set so often */
#define STAGES 4.0            /* each is ordered and told of once by each shard */
#define ROW_WRITES 4.0        /* of the run's row in the control database */
#define ROW_ROWS 3.0          /* rows that each of those writes, and reads */
#define SNAPSHOT_EVERY_S 45.0 /* the run's log becomes a snapshot */
#define SNAPSHOT_ROWS 5.0     /* that a snapshot has */
#define STATS_ROWS 2.0        /* written for each cell */
#define EXEMPLAR_ROWS 3.0     /* written for each operation that is kept whole */
#define CHECKPOINT_S 30.0     /* between two rows of sentinel_checkpoints */
#define REQUEST_CPU_MS 5.0    /* what a request to the Worker is taken to cost */
#define REQUESTS 3.0          /* one creates the run, one follows it, one reads its report */

static double least(double a, double b) {
    return a < b ? a : b;
}

/* Between two reports of a shard. */
static double interval_s(const struct sn_plan *plan) {
    return plan->shards > SN_REPORTS_PER_S_MAX ? (double)plan->shards / SN_REPORTS_PER_S_MAX : 1;
}

/* How long the objects are awake, the sweep included. */
static double awake_s(const struct sn_plan *plan, const struct sn_demand *demand) {
    double at_once = least(plan->concurrency, (double)plan->shards * plan->slots);
    double jobs = demand->prepare_calls + 2 * demand->cleanup_calls;
    return (double)plan->profile.end_us / SN_SECOND_US + demand->thinking_s + LEAD_S + jobs * CALL_S / at_once +
           plan->shards * ((double)SN_ARM_SPACING_US / SN_SECOND_US);
}

static void add_objects(const struct sn_plan *plan, enum sn_platform platform, const struct sn_demand *demand,
                        double units[SN_METERS_LEN]) {
    double awake = awake_s(plan, demand), shards = plan->shards;
    double reports = shards * (awake / interval_s(plan) + STAGES);
    double calls = demand->prepare_calls + demand->load_calls + 2 * demand->cleanup_calls;
    double slices = shards * (awake * SN_SECOND_US / SN_SLICE_US + STAGES) + calls / sn_platform_slice_calls(platform);
    units[SN_METER_OBJECT_REQUESTS] = reports + slices + shards * (STAGES + 2) + REQUESTS; /* to arm, and to forget */
    units[SN_METER_OBJECT_DURATION] = (shards + 1) * awake * 1000 * OBJECT_MB;
    /* A checkpoint is the shard's state and a delta, which is erased when the run has it; the run has a log. */
    units[SN_METER_OBJECT_ROWS_WRITTEN] = 3 * reports + slices + shards * awake / DEADMAN_EVERY_S +
                                          awake * (2 + 1 / DEADMAN_EVERY_S + SNAPSHOT_ROWS / SNAPSHOT_EVERY_S);
    units[SN_METER_HTTP_REQUESTS] = REQUESTS + awake / 60;
    units[SN_METER_WORKERS_CPU] = units[SN_METER_HTTP_REQUESTS] * REQUEST_CPU_MS;
}

static void add_control(const struct sn_plan *plan, double units[SN_METERS_LEN]) {
    double load_s = (double)plan->profile.end_us / SN_SECOND_US;
    double cells = (double)plan->workload.kinds_len * plan->profile.phases_len;
    double exemplars = least(SN_EXEMPLARS_MAX, SN_DELTA_EXEMPLARS_MAX * plan->shards * (load_s / interval_s(plan) + 1));
    exemplars = least(exemplars, (double)plan->profile.planned);
    units[SN_METER_D1_ROWS_READ] = ROW_WRITES * (ROW_ROWS + 1);
    units[SN_METER_D1_ROWS_WRITTEN] = ROW_WRITES * ROW_ROWS + 2 * ceil(load_s / 60) + STATS_ROWS * cells +
                                      EXEMPLAR_ROWS * exemplars + 2 * floor(load_s / CHECKPOINT_S);
}

struct sn_ledger sn_plan_estimate(const struct sn_plan *plan, enum sn_platform platform) {
    struct sn_demand demand = sn_plan_demand(plan, platform);
    double own[SN_METERS_LEN] = {0};
    struct sn_ledger ledger;
    add_objects(plan, platform, &demand, own);
    add_control(plan, own);
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        ledger.target.units[i] = (uint64_t)ceil(demand.units[i]);
        ledger.own.units[i] = (uint64_t)ceil(own[i]);
    }
    return ledger;
}
