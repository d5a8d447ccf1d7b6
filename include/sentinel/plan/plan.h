/* The plan: what a run will do, compiled once from the JSON that people write.
 *
 * JSON exists only up to here.  What RunObjects, shards, the simulator and the command line get is the compiled form:
 * checked, sized, self-contained, the same bytes for the same JSON. */
#ifndef SENTINEL_PLAN_PLAN_H
#define SENTINEL_PLAN_PLAN_H

#include "sentinel/base/arena.h"
#include "sentinel/base/bounds.h"
#include "sentinel/base/platform.h"
#include "sentinel/base/vocab.h"
#include "sentinel/load/mix.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/profile.h"
#include "sentinel/load/workload.h"
#include "sentinel/measure/cost.h"
#include "sentinel/measure/threshold.h"

struct sn_plan {
    char run_id[SN_RUN_ID_MAX + 1]; /* lower-case UUID; zero-terminated, as all texts here */
    char tenant[SN_TENANT_MAX + 1];
    char name[SN_NAME_MAX + 1];
    char preset[SN_PRESET_NAME_MAX + 1]; /* "" when none was named */
    uint32_t profile_type;               /* enum sn_profile_type */
    uint32_t concurrency;                /* host calls in flight, at most */
    uint32_t slots;                      /* of a shard at most, for steps, 1 to 5; one more is kept for control */
    uint32_t
        shards; /* at most concurrency: ceil(concurrency / slots), one for each region, and for every 500 a second at the peak */
    uint32_t lead_in;  /* 1: the first phase is a lead-in, measured and kept apart */
    uint32_t prepare;  /* enum sn_prepare */
    uint32_t platform; /* enum sn_platform: how long a slice may be */
    uint32_t bounds;   /* enum sn_bounds: what the plan was held to, and its run is */
    uint32_t
        search_step_s; /* the run searches the highest rate that keeps its thresholds, in steps so long; 0: it does not */
    uint16_t regions[SN_REGIONS_LEN + 1]; /* by enum sn_region: its share of the shards; all 0: wherever the run is */
    uint64_t seed;
    uint64_t data_hash; /* of what is prepared, where that is kept: sn_plan_data_hash() */
    uint64_t
        hash; /* of everything that shapes the load: not name, preset, seed, thresholds, run, tenant, platform, bounds, costs */
    uint64_t max_cost_nusd;  /* what the run may cost, gross, both sides together; 0: nobody said */
    uint64_t users;          /* visitors whose operations it is; 0: nobody said */
    struct sn_prices prices; /* that it is reckoned with */
    int64_t max_late_us;     /* an operation that could not start this long after due is dropped */
    int64_t timeout_us;      /* an operation without an answer this long after its first send has failed */
    uint32_t thresholds_len;
    const struct sn_threshold *thresholds; /* the plan's safety is the last of them */
    struct sn_profile profile;
    struct sn_workload workload;
    struct sn_mix mix;            /* of the workload's kinds; made by sn_plan_open(), not stored */
    char data[SN_RUN_ID_MAX + 1]; /* the mark of what is prepared; made by sn_plan_open() too */
};

/* What was wrong with the JSON.  In a plan the first fault in the order of the text; faults between fields come last. */
struct sn_plan_error {
    const char *code;   /* stable: "plan.range", "plan.unknown-field", "json.syntax", … */
    char path[96];      /* "$.loadCurve[2].opsPerSecond" */
    char expected[512]; /* "a number from 0 to 10000" */
};

/* What leaves Sentinel for a plan's sake, by the Worker's settings.  All 0: nothing is held to anything. */
struct sn_plan_outside {
    struct sn_span hosts, names; /* of webhooks: hosts with their ports, and names that the operator gave; NULL: any */
    bool no_secret;              /* to sign what goes to webhooks */
    bool no_clearing;            /* no status page is configured */
};

/* Who runs the plan; stays outside the hash. */
struct sn_plan_owner {
    const char
        *run_id; /* letters, digits and "-", at most 39: what is named after one run never begins like another's */
    const char *tenant; /* letters, digits, ".", "_" and "-", at most 63 */
    const char *name;   /* of a plan that has none, at most SN_NAME_MAX bytes; NULL: its preset's, or its type's */
    enum sn_platform platform; /* of the account that runs it */
    enum sn_bounds bounds;     /* how large a plan the operator lets pass */
    struct sn_span targets;    /* bindings that may be touched, by name, with spaces between them; NULL: any */
    struct sn_span hosts;      /* the same of hosts, with their ports */
    struct sn_plan_outside outside;
    const struct sn_prices *prices; /* NULL: those of the list */
    struct sn_span entropy;         /* random bytes for "seed": "random"; without any (len 0) that seed is refused */
};

/* Compiles JSON text.  Writes the compiled bytes to `out` (SN_PLAN_BYTES_MAX is enough for every plan that is accepted).
 * `arena` is scratch (256 KiB is enough).  On anything but SN_OK `error` is filled and `out` is to be ignored.
 * SN_E_FORMAT: not JSON; SN_E_RANGE: refused, with the path; SN_E_LIMIT: a plan that would not fit. */
enum sn_status sn_plan_compile(const char *json, size_t len, const struct sn_plan_owner *owner, struct sn_arena *arena,
                               struct sn_writer *out, struct sn_plan_error *error);

/* Opens compiled bytes (8-aligned; the plan's workload points into them).  SN_E_FORMAT, SN_E_VERSION, SN_E_CHECKSUM. */
enum sn_status sn_plan_open(struct sn_plan *plan, const void *bytes, size_t len);
/* What is the same in the rendering of all of a plan's steps; it points into the plan. */
struct sn_render sn_plan_render(const struct sn_plan *plan);
/* Writes the compiled form. */
void sn_plan_put(struct sn_writer *w, const struct sn_plan *plan);
uint64_t sn_plan_bytes(const struct sn_plan *plan); /* that this writes */

/* Where the shard at this place (load/share.h) is to be: an enum sn_region, or SN_REGIONS_LEN when the plan names none.
 * Places of one region follow one another; shares are whole shards by largest remainder, and no region that is named goes
 * without. */
uint32_t sn_plan_region(const struct sn_plan *plan, uint32_t place);
/* Of who sits there, from 1 to plan->slots; those of all places together are the concurrency. */
uint32_t sn_plan_slots(const struct sn_plan *plan, uint32_t place);
/* The name of a shard's object.  The region is part of it, since an object never moves from where it was first. */
void sn_plan_put_shard_name(struct sn_writer *w, const struct sn_plan *plan, uint32_t place, uint32_t shard);
/* How CALL_OBJECT begins: the shard's name and the hint where it is to be, each as a span. */
void sn_plan_put_shard_address(struct sn_writer *w, const struct sn_plan *plan, uint32_t place, uint32_t shard);

/* --- Data that is kept ---------------------------------------------------------------------------------------
 *
 * What is prepared is marked with ${data}: the run's id, or, where it outlives the run, "data-" and a hash in 16 digits,
 * so that a run finds what another one has prepared that wanted the same. */

/* Whether the plan's data outlives its run, or may have been there before it. */
bool sn_plan_keeps_data(const struct sn_plan *plan);
/* Hash of all that what is prepared follows from: whose it is, the seed, and what the wanted jobs of prepare do, by what
 * they say and not by where it lies in the plan. */
uint64_t sn_plan_data_hash(const struct sn_plan *plan, uint64_t seed);
/* Index in the workload's targets of the database that remembers which data there is: the first one that prepare calls.
 * targets_len: prepare calls none. */
uint32_t sn_plan_data_target(const struct sn_plan *plan);

/* Items of a job stage: items of every counted job one after the other, then, for each job that is per kind, one item
 * for every k from 1 to `last_k`.  An item finds its job and its number; the job is NULL when there is nothing to do,
 * because k is not of the job's kind.  Of a plan with several tenants each has all items that are not per kind.  `index` is below sn_plan_items().  SWEEP has the items of CLEANUP, and PREPARE
 * has none in a plan that says so.  In a plan that keeps its data CLEANUP leaves that alone, unless it is to be removed;
 * and SWEEP always does, since the next run may have found it by then. */
uint64_t sn_plan_items(const struct sn_plan *plan, enum sn_stage stage, uint64_t last_k);
struct sn_item {
    const struct sn_job *job;
    uint64_t number; /* index from 0, or k from 1 */
    uint32_t tenant; /* of several, from 1; 0: the one that k draws, or the run's own */
};
/* Tenants that operations are drawn for: 1 when it is the run's own. */
uint32_t sn_plan_tenants(const struct sn_plan *plan);
struct sn_item sn_plan_item(const struct sn_plan *plan, enum sn_stage stage, uint64_t last_k, uint64_t index);

/* Compiles a workload's JSON, restricted to `systems` (systems_len 0: all), into `out`.  Paths in `error` start with
 * "$".  Weights: a system's weight is shared among its operations by theirs. */
enum sn_status sn_workload_compile(const char *json, size_t len, const char *const *systems, size_t systems_len,
                                   struct sn_arena *arena, struct sn_writer *out, struct sn_plan_error *error);
/* The same of all systems, held to the operator's list of bindings and hosts, as in struct sn_plan_owner. */
enum sn_status sn_workload_check(const char *json, size_t len, struct sn_span targets, struct sn_span hosts,
                                 struct sn_arena *arena, struct sn_writer *out, struct sn_plan_error *error);

#endif
