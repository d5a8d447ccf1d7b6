/* Figures that the forms of the report share.  Each is worked out in one place, so no two forms can disagree. */
#ifndef SN_REPORT_FIGURES_H
#define SN_REPORT_FIGURES_H

#include "sentinel/json/json.h"
#include "sentinel/report/report.h"

#define SN_REPORT_ALL UINT32_MAX /* every kind, or every phase */
#define SN_REPORT_WINDOW_S 10u   /* what a live frame looks back on */

/* Run time in µs: 0 before the load starts, never beyond its end. */
int64_t sn_report_elapsed_us(const struct sn_report *report);
/* What the load comes to, steered as it was: operations, seconds on the run clock, and rates. */
uint64_t sn_report_planned(const struct sn_report *report);
int64_t sn_report_length_us(const struct sn_report *report);
double sn_report_peak_per_s(const struct sn_report *report);
/* The whole seconds that every shard has told of by now. */
uint32_t sn_report_known_seconds(const struct sn_report *report);
/* Room for looking into the series; what it holds is lost with the next sum. */
struct sn_series_room *sn_report_room(const struct sn_report *report);
/* Seconds worth listing: up to the last that was asked for so far, or in which anything ended. */
uint32_t sn_report_listed_seconds(const struct sn_report *report);
/* Operations that the schedule makes due in these seconds. */
uint64_t sn_report_asked(const struct sn_report *report, struct sn_report_seconds seconds);
/* Operations that have been due by now. */
uint64_t sn_report_asked_so_far(const struct sn_report *report);
/* What happened in these seconds, added up. */
struct sn_second sn_report_happened(const struct sn_report *report, struct sn_report_seconds seconds);
uint64_t sn_report_dropped_in(const struct sn_second *second);
/* What came due in one second, and no shard has said in which second it was started or dropped: it will be told of in a
 * moment, or whoever knew of it is gone.  In the counts it is unaccounted then, or dropped for a shard that was away. */
uint64_t sn_report_untold(const struct sn_report *report, struct sn_report_seconds second);
/* The same of all seconds. */
uint64_t sn_report_untold_in_all(const struct sn_report *report);
uint64_t sn_report_phase_start_us(const struct sn_report *report, uint32_t phase);
int64_t sn_report_phase_end_us(const struct sn_report *report, uint32_t phase);
double sn_report_rate_per_s(const struct sn_report *report, int64_t clock_us);
uint64_t sn_report_phase_planned(const struct sn_report *report, uint32_t phase);
/* Name of the phase that the load is in; NULL outside the load. */
const char *sn_report_phase_now(const struct sn_report *report);

/* Sum of a kind's or a phase's cells; its histograms live in the report's scratch pages until the next call. */
void sn_report_sum(const struct sn_report *report, uint32_t kind, uint32_t phase, struct sn_cell *cell,
                   struct sn_pages *pages);
/* Whether ten values lie above percentile p of `count` values: below that it is a matter of luck. */
bool sn_report_enough(uint64_t count, double p);
/* Whole milliseconds, rounded: the clock has no finer ones. */
uint64_t sn_report_ms(uint64_t us);
/* Ten-thousandths of `whole`, rounded down, so that "all" is said of nothing less.  Of nothing it is all. */
uint64_t sn_report_share(uint64_t part, uint64_t whole);

/* Something that was done to the load: an epoch, or (`epoch` NULL) that the run was cancelled. */
struct sn_report_moment {
    const char *what;
    int64_t at_us, clock_us; /* when it took effect; the run's clock then */
    const struct sn_epoch *epoch;
};
/* Moment number `index`, in the order of time.  False when there are no more. */
bool sn_report_moment(const struct sn_report *report, uint32_t index, struct sn_report_moment *moment);

uint64_t sn_report_dropped(const struct sn_counts *counts);
uint64_t sn_report_started(const struct sn_counts *counts);
/* Places whose shard is lost and that nobody took; and places that were taken. */
uint32_t sn_report_shards_lost(const struct sn_report *report);
uint32_t sn_report_shards_replaced(const struct sn_report *report);
uint32_t sn_report_restarts(const struct sn_report *report);
/* A name from the workload's pool, as bytes and length. */
struct sn_span sn_report_pooled(const struct sn_report *report, struct sn_text text);

/* One of the steps of a kind that tells them.  False behind the last, and of other kinds. */
struct sn_report_step {
    const char *call; /* "kv.get" */
    bool background;
    uint32_t budget_us; /* 0: none */
    const struct sn_step_cell *cell;
    struct sn_pages pages;
};
bool sn_report_step(const struct sn_report *report, uint32_t kind, uint32_t index, struct sn_report_step *step);

/* The exemplar that follows `last` (NULL: the first), slowest first, or among the failed ones earliest first.  NULL at
 * the end. */
const struct sn_exemplar *sn_report_slowest_after(const struct sn_report *report, const struct sn_exemplar *last);
const struct sn_exemplar *sn_report_error_after(const struct sn_report *report, const struct sn_exemplar *last);
/* Length of an exemplar's text without a character that was cut in half; 0 when it is not UTF-8 at all. */
size_t sn_report_text_len(const struct sn_exemplar *exemplar);

/* JSON that several documents hold. */
void sn_report_json_counts(struct sn_json_writer *j, const char *name, const struct sn_counts *counts);
void sn_report_json_errors(struct sn_json_writer *j, const char *name, const uint64_t errors[SN_ERRORS_LEN]);
void sn_report_json_preset(struct sn_json_writer *j, const struct sn_report *report);
void sn_report_json_hash(struct sn_json_writer *j, const char *name, uint64_t hash);     /* 16 hex digits */
void sn_report_json_decimal(struct sn_json_writer *j, const char *name, uint64_t value); /* as a string */
void sn_report_json_ms(struct sn_json_writer *j, const char *name, bool known, uint64_t us);
void sn_report_json_rate(struct sn_json_writer *j, const char *name, uint64_t count, uint32_t seconds);
void sn_report_json_percentile(struct sn_json_writer *j, const char *name, const struct sn_hist *hist,
                               const struct sn_pages *pages, double p);
void sn_report_json_per_s(struct sn_json_writer *j, const char *name, double per_s); /* null where there is none: 0 */
void sn_report_json_seconds(struct sn_json_writer *j, const char *name, int64_t us); /* with milliseconds */
/* "operations", "total" and "phases"; then "exemplars". */
void sn_report_json_operations(struct sn_json_writer *j, const struct sn_report *report);
void sn_report_json_exemplars(struct sn_json_writer *j, const struct sn_report *report);
/* "intervals": how often each response time came in each block of seconds; null before any did. */
void sn_report_json_intervals(struct sn_json_writer *j, const struct sn_report *report);
/* The lines that answer what the run was for. */
void sn_report_text_answer(struct sn_writer *w, const struct sn_report *report);
/* One row for each kind of operation, one for each step of those that have several, and one for each phase. */
void sn_report_text_tables(struct sn_writer *w, const struct sn_report *report);

/* "thresholds", and "abortedBy": the one that ended the run early, or null. */
void sn_report_json_thresholds(struct sn_json_writer *j, const struct sn_report *report);
void sn_report_json_aborted(struct sn_json_writer *j, const struct sn_report *report);
/* Who a run is, how it stands and when: the members that reports, states and frames share. */
void sn_report_json_identity(struct sn_json_writer *j, const struct sn_report *report);
/* The text's lines about them; none when there are none. */
void sn_report_text_thresholds(struct sn_writer *w, const struct sn_report *report);

/* The text's lines about it; none when nothing was done to the run. */
void sn_report_text_timeline(struct sn_writer *w, const struct sn_report *report);

#endif
