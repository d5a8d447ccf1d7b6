/* A run beside the baseline of its plan, as reports and the API have it: the members of `sentinel compare --json`, and whose
 * baseline it was.  It is stored as JSON, and so the text is made of that. */
#ifndef SENTINEL_REPORT_COMPARISON_H
#define SENTINEL_REPORT_COMPARISON_H

#include "sentinel/json/json.h"
#include "sentinel/measure/compared.h"

/* "percentiles": verdict, ratio and interval of those that are judged; "notJudged": ratio and interval of the others.  An end of
 * an interval that is not known is null. */
void sn_report_put_judged(struct sn_json_writer *j, const struct sn_compare_result *result);
void sn_report_put_shown(struct sn_json_writer *j, const struct sn_compare_result *result);
/* Verdict, percentiles, errors and sizes, as members of the object that is open; an end of an interval that is not known is null. */
void sn_report_put_comparison(struct sn_json_writer *j, const struct sn_comparison *comparison,
                              const struct sn_compared *before, const struct sn_compared *after);
/* For a terminal, at most 100 columns, no colour: what the JSON says, with an empty line before it.  Nothing for null; and
 * what is missing in it is left out. */
void sn_report_put_comparison_text(struct sn_writer *w, const struct sn_json *comparison);

#endif
