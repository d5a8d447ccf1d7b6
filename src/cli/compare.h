/* What the files of `sentinel compare` share. */
#ifndef SN_CLI_COMPARE_H
#define SN_CLI_COMPARE_H

#include "cli.h"
#include "sentinel/measure/compare.h"

/* A side: the run after, or the run before, which may be several baselines one behind the other. */
struct sn_cli_side {
    struct sn_blocks blocks;
    uint32_t pages[SN_BLOCKS_PAGES][SN_HIST_PAGE];
};

/* What is compared and what came of it. */
struct sn_cli_comparison {
    const char *before, *after; /* names of the files; the first one of several baselines */
    int baselines;
    bool reports; /* of runs: they tell of errors and of what was planned too */
    struct sn_cli_side sides[2];
    struct sn_compare_options options;
    struct sn_compare_result result;
    struct sn_compare_errors errors[2];
    enum sn_change error_change;
    uint64_t planned[2], started[2];
    uint32_t reported_us[2][SN_COMPARE_PERCENTILES]; /* 0: the report has none */
    char invalid[200];                               /* why nothing can be concluded; "" where something can */
    enum sn_change change;                           /* of the whole */
};

/* --- compare_read.c ------------------------------------------------------------------------------------------ */

/* Takes files of intervals into a side, one behind the other: lines `second value_us count`.  False, and said on stderr, when
 * one cannot be used. */
bool sn_cli_intervals_read(struct sn_cli_side *side, char *const paths[], int len);

/* A file's text, stdin's for "-", which is to be freed even so.  False, and said on stderr, when it cannot be read. */
bool sn_cli_text_read(const char *path, struct sn_cli_text *text);

/* --- compare_report.c ---------------------------------------------------------------------------------------- */

/* Takes two reports in JSON.  False, and said on stderr, when they cannot be used, or are not of the same plan. */
bool sn_cli_reports_read(struct sn_cli_comparison *comparison, const struct sn_cli_options *options);
/* Puts what reports tell of percentiles where the seconds' would be: sizes without an interval. */
void sn_cli_reports_figures(struct sn_cli_comparison *comparison);
/* What reports tell beside response times, as members of the object that is open. */
void sn_cli_comparison_put_runs(struct sn_json_writer *j, const struct sn_cli_comparison *comparison);

/* --- compare_text.c ------------------------------------------------------------------------------------------ */

/* For people: a table with the intervals, and both distributions drawn, as wide as the terminal. */
void sn_cli_comparison_print(const struct sn_cli_comparison *comparison);

#endif
