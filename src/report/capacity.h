/* Where the run's target saturated, as a member of the JSON and a paragraph of the text. */
#ifndef SENTINEL_REPORT_CAPACITY_H
#define SENTINEL_REPORT_CAPACITY_H

#include "sentinel/json/json.h"
#include "sentinel/measure/capacity.h"
#include "sentinel/report/report.h"

void sn_report_json_capacity(struct sn_json_writer *j, const struct sn_report *report);
/* None when too little was measured to say anything. */
void sn_report_text_capacity(struct sn_writer *w, const struct sn_report *report);

/* The load's levels as a report sees them, of all operations together. */
struct sn_report_seen {
    const struct sn_report *report;
    uint32_t first, len; /* levels[i] is the window first + i */
    struct sn_capacity_level levels[SN_LEVELS_MAX];
};

/* For both: the first level that counts, whether the run says anything of its target, and of all operations that come due
 * the share that is of this kind. */
uint32_t sn_report_first_level(const struct sn_report *report);
bool sn_report_believable(const struct sn_report *report);
double sn_report_kind_share(const struct sn_report *report, uint32_t kind);

/* Whether the kind left its quiet level for a reason that is its target's. */
bool sn_report_to_blame(const struct sn_report_seen *seen, uint32_t kind);
/* Of the targets that the bottleneck's steps call the one that operations to blame have in common, and others do not
 * (blame.c); NULL where it calls none. */
const struct sn_target *sn_report_blamed_target(const struct sn_report_seen *seen, uint32_t bottleneck);

/* How far that reaches (scale.c): members "scalability", "firstLimit", "users", and paragraphs.  `bottleneck`: the kind that
 * is to blame, UINT32_MAX where none is. */
void sn_report_json_scale(struct sn_json_writer *j, const struct sn_report *report, const struct sn_capacity *all,
                          uint32_t bottleneck);
void sn_report_text_scale(struct sn_writer *w, const struct sn_report *report, const struct sn_capacity *all,
                          uint32_t bottleneck);

/* Of a run that searches a rate (search.c): member "search", null in others, and a paragraph. */
void sn_report_json_search(struct sn_json_writer *j, const struct sn_report *report);
void sn_report_text_search(struct sn_writer *w, const struct sn_report *report);

#endif
