/* Warnings of a workload that nobody has planned a rate for. */
#ifndef SN_REPORT_WARNINGS_H
#define SN_REPORT_WARNINGS_H

#include "sentinel/json/json.h"
#include "sentinel/load/workload.h"

/* Steps that write one key of KV or R2 more than once a second, within the rates that a plan may have, and from which rate
 * on: "warnings", a list of path and message; and as lines. */
void sn_report_put_key_warnings(struct sn_json_writer *j, const struct sn_workload *workload);
void sn_report_put_key_warning_lines(struct sn_writer *w, const struct sn_workload *workload);

#endif
