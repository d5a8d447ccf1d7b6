/* What the files of `sentinel compare` share. */
#ifndef SN_CLI_COMPARE_H
#define SN_CLI_COMPARE_H

#include "cli.h"
#include "sentinel/measure/compared.h"
#include "sentinel/report/comparison.h"

/* A side: the run after, or the run before, which may be several baselines one behind the other. */
struct sn_cli_side {
    struct sn_blocks blocks;
    uint32_t pages[SN_BLOCKS_PAGES][SN_HIST_PAGE];
};

/* A report, open for as long as names from it are used. */
struct sn_cli_report {
    const char *name; /* of the file */
    struct sn_cli_text text;
    struct sn_cli_json json;
    struct sn_compared run;
    uint8_t intervals[SN_INTERVALS_BYTES_MAX]; /* of `run` */
};

/* One operation of both reports, by itself. */
struct sn_cli_operation {
    const char *name;
    struct sn_compare_result result;
};

/* What is compared and what came of it. */
struct sn_cli_comparison {
    const char *before, *after; /* names of the files; the first one of several baselines */
    int baselines;
    const struct sn_blocks *blocks[2];
    struct sn_compare_options options;
    struct sn_compare_result result;
    enum sn_change change; /* of the whole */

    bool reports; /* of runs: they tell of errors and of what was planned too */
    struct sn_cli_report report[2];
    struct sn_comparison found; /* of reports */
    bool seconds_unknown;       /* one of them has no intervals */
    uint32_t operations_len;    /* that both tell apart */
    struct sn_cli_operation operations[SN_KINDS_MAX];
    char invalid[200]; /* why nothing can be concluded; "" where something can */
};

/* --- compare_read.c ------------------------------------------------------------------------------------------ */

/* Takes files of intervals into a side, one behind the other: lines `second value_us count`.  False, and said on stderr, when
 * one cannot be used. */
bool sn_cli_intervals_read(struct sn_cli_side *side, char *const paths[], int len);

/* A file's text, stdin's for "-", which is to be freed even so.  False, and said on stderr, when it cannot be read. */
bool sn_cli_text_read(const char *path, struct sn_cli_text *text);

/* --- compare_report.c ---------------------------------------------------------------------------------------- */

/* Takes the report in JSON that report->text holds; report->name is whose it is.  False, and said on stderr, when it cannot be used.  To
 * be closed even so. */
bool sn_cli_report_take(struct sn_cli_report *report);
void sn_cli_report_close(struct sn_cli_report *report);
/* Takes two reports in JSON and judges them.  False, and said on stderr, when they cannot be used, or are not of the same plan.
 * To be closed even so. */
bool sn_cli_reports_compare(struct sn_cli_comparison *comparison, const struct sn_cli_options *options);
void sn_cli_reports_close(struct sn_cli_comparison *comparison);
/* What reports tell beside response times, as members of the object that is open. */
void sn_cli_comparison_put_runs(struct sn_json_writer *j, const struct sn_cli_comparison *comparison);

/* --- compare_intervals.c -------------------------------------------------------------------------------------- */

/* A report's member `intervals` as bytes that sn_intervals_check() accepts.  False, and said on stderr, when it is none. */
bool sn_cli_report_intervals(const char *name, const struct sn_json *intervals, uint8_t *memory, size_t cap,
                             struct sn_span *bytes);

/* --- compare_text.c ------------------------------------------------------------------------------------------ */

/* For people: a table with the intervals, and both distributions drawn, as wide as the terminal. */
void sn_cli_comparison_print(const struct sn_cli_comparison *comparison);

#endif
