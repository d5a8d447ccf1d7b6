/* A series of figures, one of each run, and where it takes another level. */
#ifndef SN_CLI_HISTORY_H
#define SN_CLI_HISTORY_H

#include "cli.h"
#include "sentinel/measure/history.h"

struct sn_cli_series {
    uint64_t indices[SN_HISTORY_MAX]; /* as the file has them; of a plan's runs from 1 on */
    double values[SN_HISTORY_MAX];
    uint32_t len, found;
    struct sn_history_change changes[SN_HISTORY_MAX / SN_HISTORY_SEGMENT_MIN + 1];
};

/* What was found, as an array. */
void sn_cli_series_put(struct sn_json_writer *j, const char *name, const struct sn_cli_series *series);
/* The series drawn, and what was found in words. */
void sn_cli_series_print(const struct sn_cli_series *series);

/* trend.c: `sentinel history` of a plan's runs, as the Worker lists them. */
sn_cli_command sn_cli_trend;

#endif
