/* Progress on stderr: two lines that are drawn again on a terminal, a plain line now and then elsewhere. */
#ifndef SN_CLI_PROGRESS_H
#define SN_CLI_PROGRESS_H

#include "cli.h"

/* What a frame says; percentiles and rates that it does not know are negative. */
struct sn_cli_view {
    char status[16], stage[16], phase[24], span[16];
    double elapsed_s, duration_s, asked_per_s, achieved_per_s, p50_ms, p95_ms, p99_ms;
    uint64_t planned, completed, failed, dropped, prepared, to_prepare, cleaned;
};

struct sn_cli_progress {
    bool quiet, terminal;
    int drawn; /* lines on the terminal that the next drawing replaces */
    int64_t printed_ms;
    char stage[16]; /* of the last plain line */
};

void sn_cli_progress_init(struct sn_cli_progress *progress, bool quiet);
void sn_cli_progress_show(struct sn_cli_progress *progress, const struct sn_cli_view *view, int64_t now_ms);
/* Leaves what is drawn where it is: what comes next begins on a line of its own. */
void sn_cli_progress_leave(struct sn_cli_progress *progress);
/* Reads a frame of the live connection. */
void sn_cli_view_read(struct sn_cli_view *view, const struct sn_json *frame);

#endif
