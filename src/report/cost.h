/* Figures of cost that estimates and reports share. */
#ifndef SENTINEL_REPORT_COST_H
#define SENTINEL_REPORT_COST_H

#include "sentinel/json/json.h"
#include "sentinel/report/report.h"

/* Dollars as a number. */
void sn_json_put_usd(struct sn_json_writer *j, const char *name, uint64_t nusd);
/* One side: gross, beyond the month's allowance, and the meters that it touched, each with units and dollars. */
void sn_report_put_side(struct sn_json_writer *j, const char *name, const struct sn_prices *prices,
                        const struct sn_usage *usage);
/* The meter that costs most; SN_METERS_LEN when nothing does. */
enum sn_meter sn_report_dearest(const struct sn_prices *prices, const struct sn_usage *usage);

/* Of a run: "cost", and lines (bill.c). */
void sn_report_json_cost(struct sn_json_writer *j, const struct sn_report *report);
void sn_report_text_cost(struct sn_writer *w, const struct sn_report *report);

#endif
