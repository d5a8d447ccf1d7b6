/* The simulator: the same machines in virtual time.
 *
 * It plays the shim, the platform and the targets.  A world is a plan and a seed; the same world always does the same.
 * An auditor watches the effects alone, knows nothing of the machines, and says what promise was broken. */
#ifndef SENTINEL_SIM_SIM_H
#define SENTINEL_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#include "sentinel/base/bytes.h"
#include "sentinel/base/status.h"
#include "sentinel/sim/faults.h"
#include "sentinel/sim/models.h"

struct sn_sim_options {
    uint64_t seed;
    uint32_t faults;                /* SN_FAULT_BIT(…) of what may go wrong, each as often as faults.h says */
    uint32_t evictions;             /* shards evicted at random instants of the load */
    uint32_t run_evictions;         /* the same of the object that owns the run */
    uint32_t losses;                /* shards that lose what they stored, or are out of reach for a while or for good */
    uint32_t steerings;             /* pauses, resumptions, scalings and extensions at random instants of the load */
    double waking_ms;               /* until an object that was never called takes its first call */
    const struct sn_models *models; /* targets like Cloudflare's; NULL: the simplest target */
    double target_mean_ms;          /* mean service time of the simplest target */
    double target_tail_share;       /* of its calls that take three times as long, 0 … 1 */
    double target_error_share;      /* of calls that fail, 0 … 1 */
    bool data_there;                /* what the plan would prepare and keep was there before */
    bool report_text;               /* the report as text, else as JSON */
};

struct sn_sim_outcome {
    bool ended;      /* the run reached an end state */
    char status[16]; /* as the run says */
    char validity[16];
    uint64_t planned, sent, completed, unaccounted;
    uint64_t events;        /* simulated */
    int64_t virtual_us;     /* how long it took in virtual time */
    uint32_t shards_called; /* shards that were called at all */
    uint64_t reports;       /* that shards have sent to the run */
    uint32_t run_calls;     /* calls that the run's object had made by the time the last of them was called first */
    int64_t called_us;      /* from the first shard's first call to the last one's */
    bool data_ready;        /* data that is kept: the target says that it is ready */
    uint64_t data_keys;     /* and has so many keys of it, but for those that were there before */
    uint32_t violations;    /* what the auditor found */
    char first_violation[200];
};

/* Runs a compiled plan to its end.  The report is written to `report`.  SN_E_FORMAT for a plan that does not open;
 * SN_E_MEMORY when the machine has none left. */
enum sn_status sn_simulate(const void *plan, size_t len, const struct sn_sim_options *options, struct sn_writer *report,
                           struct sn_sim_outcome *outcome);

#endif
