/* What a plan would do, before anybody does it: for the command line and for the API's dry run. */
#ifndef SENTINEL_REPORT_PLAN_H
#define SENTINEL_REPORT_PLAN_H

#include "sentinel/base/bounds.h"
#include "sentinel/base/platform.h"
#include "sentinel/base/vocab.h"
#include "sentinel/json/json.h"
#include "sentinel/load/profile.h"
#include "sentinel/load/workload.h"
#include "sentinel/measure/cost.h"
#include "sentinel/measure/threshold.h"

struct sn_report_plan {
    const char *name, *preset; /* preset "": none was named */
    uint64_t hash, seed;
    enum sn_profile_type profile_type;
    enum sn_platform platform;
    enum sn_bounds bounds;
    enum sn_prepare prepare;
    uint32_t concurrency, slots, shards;
    int64_t max_late_us, timeout_us;
    uint32_t search_step_s; /* the highest rate that keeps the thresholds is searched, in steps so long; 0: none is */
    uint32_t thresholds_len;
    const struct sn_threshold *thresholds;
    size_t bytes; /* of the compiled form */
    struct sn_ledger estimate, on_free_plan;
    struct sn_prices prices;
    uint64_t max_cost_nusd; /* 0: nobody said */
    const struct sn_profile *profile;
    const struct sn_workload *workload;
};

/* One object, documented in docs/api.md; `name` as sn_json_open() takes it. */
void sn_report_put_plan_json(struct sn_json_writer *j, const char *name, const struct sn_report_plan *plan);
/* For a terminal. */
void sn_report_put_plan_text(struct sn_writer *w, const struct sn_report_plan *plan);

/* A step that writes its busiest key more often than the platform takes it. */
#define SN_WARNINGS_MAX 8u
struct sn_report_warning {
    const struct sn_kind *kind;
    uint32_t step; /* index among its steps */
    double per_s;  /* writes of that key, at the peak */
};
/* The first SN_WARNINGS_MAX; returns how many.  As JSON "warnings", a list of path and message; and as lines. */
size_t sn_report_warnings(const struct sn_report_plan *plan, struct sn_report_warning *warnings);
void sn_report_put_warnings(struct sn_json_writer *j, const struct sn_report_plan *plan);
void sn_report_put_warning_lines(struct sn_writer *w, const struct sn_report_plan *plan);

/* What the plan is estimated to cost, and how much of the free plan's day it takes: "cost", and as lines. */
void sn_report_put_estimate(struct sn_json_writer *j, const struct sn_report_plan *plan);
void sn_report_put_estimate_lines(struct sn_writer *w, const struct sn_report_plan *plan);

/* Phases with their ends, operations and rates: "phases", a list. */
void sn_report_put_phases(struct sn_json_writer *j, const struct sn_profile *profile);
/* The systems of a workload's operations, each once, in their order: a list. */
void sn_report_put_systems(struct sn_json_writer *j, const char *name, const struct sn_workload *workload);

#endif
