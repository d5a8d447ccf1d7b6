/* Thresholds from JSON: k6's object of names and lists, or the pattern's list of objects. */
#ifndef SENTINEL_PLAN_THRESHOLDS_H
#define SENTINEL_PLAN_THRESHOLDS_H

#include "request.h"
#include "sentinel/measure/threshold.h"

struct sn_thresholds {
    uint32_t len;
    struct sn_threshold list[SN_THRESHOLDS_MAX];
};

/* Reads what the request has, or what its preset has when it is run as it is, and adds the plan's safety unless that was switched off.  `plan` has its profile and its
 * workload: thresholds name phases, operations and systems. */
bool sn_thresholds_read(struct sn_trail *trail, struct sn_arena *arena, const struct sn_request *request,
                        const struct sn_plan *plan, struct sn_thresholds *thresholds);

/* One condition, such as "p(95)<400", into a threshold whose metric is known. */
bool sn_threshold_read_condition(struct sn_trail *trail, const char *text, struct sn_threshold *threshold);
/* What a threshold is about, such as "op_duration{op:post-read,phase:peak}". */
bool sn_threshold_read_subject(struct sn_trail *trail, const char *text, const struct sn_plan *plan,
                               struct sn_threshold *threshold);
/* A phase by its name; also in the long form. */
bool sn_threshold_read_phase(struct sn_trail *trail, struct sn_span name, const struct sn_plan *plan,
                             struct sn_threshold *threshold);

/* Whether a rate can be searched by these; such a plan has no safety, since rates that are too much are what it looks for. */
bool sn_search_check(struct sn_trail *trail, const struct sn_request *request, const struct sn_thresholds *thresholds);

#endif
