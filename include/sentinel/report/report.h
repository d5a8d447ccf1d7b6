/* A report: what happened, first of all whether it can be believed.
 *
 * The RunObject fills this view from its state; the writers below turn it into what people and programs read.  Nothing
 * here decides anything: validity and verdict arrive decided. */
#ifndef SENTINEL_REPORT_REPORT_H
#define SENTINEL_REPORT_REPORT_H

#include "sentinel/base/message.h"
#include "sentinel/load/schedule.h"
#include "sentinel/load/workload.h"
#include "sentinel/measure/cost.h"
#include "sentinel/measure/intervals.h"
#include "sentinel/measure/levels.h"
#include "sentinel/measure/search.h"
#include "sentinel/measure/tally.h"
#include "sentinel/measure/threshold.h"
#include "sentinel/measure/validity.h"

struct sn_report_shard {
    uint32_t index, place, incarnation, slices;
    uint32_t region;     /* where it was asked to be: enum sn_region, or SN_REGIONS_LEN */
    bool lost, replaced; /* replaced: another one has its place */
    int64_t heard_us;    /* newest report; 0: never */
    struct sn_counts counts;
};

/* Run seconds [from, to); second s is (s s, s + 1 s]. */
struct sn_report_seconds {
    uint32_t from, to;
};

/* What the run has used by now. */
struct sn_report_cost {
    struct sn_ledger ledger;
    struct sn_usage load; /* the target's side of the load alone, without prepare and clean-up */
    struct sn_prices prices;
    uint64_t max_cost_nusd;           /* that it may come to, gross; 0: nobody said */
    uint64_t users;                   /* whose operations the plan has; 0: nobody said */
    const struct sn_ledger *estimate; /* of the plan; NULL where it is not asked for */
};

struct sn_report {
    const char *run_id, *tenant, *name, *preset;
    uint64_t plan_hash, seed;
    enum sn_profile_type profile_type;
    enum sn_run_status status;
    enum sn_stage stage;
    enum sn_verdict verdict;
    const char *ended_by; /* base/vocab.h: SN_ENDING_LIST; NULL until it has ended */
    const char *reason;   /* why it failed or was cancelled; NULL otherwise */
    int64_t created_us, started_us, load_started_us, ended_us; /* 0: not yet */
    int64_t cancelled_us;                                      /* when it was told to end early; 0: never */
    int64_t now_us;
    uint32_t concurrency, slots;
    uint32_t places;     /* shards that the load is dealt to */
    uint32_t shards_len; /* those, and the ones that took a lost one's place */
    const struct sn_report_shard *shards;
    int64_t interval_us; /* between two reports of a shard */
    const struct sn_workload *workload;
    const struct sn_profile *profile;
    bool lead_in; /* the first phase is one: totals leave it out */
    const struct sn_schedule *schedule;
    struct sn_counts counts;
    struct sn_validity_result validity;
    uint32_t thresholds_len, aborted; /* aborted: 1 + the one that ended the run early; 0: none did */
    const struct sn_threshold *thresholds;
    const struct sn_threshold_value *threshold_values;  /* what each comes to so far */
    const struct sn_threshold_watch *threshold_watches; /* what has been seen of it while the load went on */
    const struct sn_search *search;                     /* of a run that searches a rate, else NULL */
    uint32_t
        search_stopped_by; /* what the newest rate that was too much did not keep: 1 + the threshold; 0: throughput */
    double search_stopped_value; /* its figure */
    const struct sn_threshold *search_thresholds;
    struct sn_tally *tally;
    struct sn_series *series;
    const struct sn_intervals *intervals;
    const struct sn_levels *levels;
    uint64_t prepared, prepare_failed, cleaned, clean_failed; /* items */
    uint64_t to_prepare;                                      /* items that there are in all */
    bool reused; /* what an earlier run had prepared was there, so nothing was prepared */
    bool cleanup_finished, sweep_finished, sweep_broke_off;
    const char *limited_by;           /* NULL, "target", "concurrency" or "machine" */
    uint32_t concurrency_needed;      /* when it was that: what the highest rate would need; 0: that cannot be said */
    struct sn_report_seconds history; /* that a hello, a frame or a result tells of; nothing else looks at them */
    struct sn_report_cost cost;
    struct sn_pages scratch; /* for sums over cells; at least 120 pages */
};

/* How `intervals` count: buckets of hist.h, in microseconds. */
#define SN_REPORT_INTERVALS_LAYOUT "log-linear-128-us"

/* The whole report, schema "sentinel.report/1", documented in docs/report.md. */
void sn_report_put_json(struct sn_writer *w, const struct sn_report *report);
/* For a terminal, at most 100 columns, no colour. */
void sn_report_put_text(struct sn_writer *w, const struct sn_report *report);
/* The short state that GET /api/sentinel/:id and hello carry: life, validity, counts, no tables. */
void sn_report_put_state(struct sn_writer *w, const struct sn_report *report);

/* What a threshold is about and what is to hold: "op_duration{op:post-read,phase:peak} p(95)<400 over 10 s". */
void sn_report_put_threshold(struct sn_writer *w, const struct sn_threshold *threshold,
                             const struct sn_workload *workload, const struct sn_profile *profile);

/* What those who watch are sent, documented in docs/api.md.  Each has the history of the seconds that it is to tell of, as
 * at most 600 points: a point for each second, or for each 2, 4 or 8 of them. */
#define SN_REPORT_STEP_MAX 8u
/* Seconds that there is something to tell of: while the load goes on, those that every shard has told of; once it is over,
 * all of them, also those behind its end in which answers came. */
uint32_t sn_report_history_end(const struct sn_report *report);
/* One live frame: elapsed, phase, asked and achieved rate, percentiles of the last seconds and in total, of each kind of
 * operation and of all; errors. */
void sn_report_put_frame(struct sn_writer *w, const struct sn_report *report);
/* The first message: the state. */
void sn_report_put_hello(struct sn_writer *w, const struct sn_report *report);
/* The last message: the state at the end. */
void sn_report_put_result(struct sn_writer *w, const struct sn_report *report);

#endif
