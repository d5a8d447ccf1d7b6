/* Where the run's target saturated, as a member of the JSON and a paragraph of the text. */
#ifndef SENTINEL_REPORT_CAPACITY_H
#define SENTINEL_REPORT_CAPACITY_H

#include "sentinel/json/json.h"
#include "sentinel/measure/capacity.h"
#include "sentinel/report/report.h"

void sn_report_json_capacity(struct sn_json_writer *j, const struct sn_report *report);
/* None when too little was measured to say anything. */
void sn_report_text_capacity(struct sn_writer *w, const struct sn_report *report);

#endif
