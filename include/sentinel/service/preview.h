/* A compiled plan as what a report of it shows. */
#ifndef SENTINEL_SERVICE_PREVIEW_H
#define SENTINEL_SERVICE_PREVIEW_H

#include "sentinel/plan/plan.h"
#include "sentinel/report/plan.h"

/* `bytes` is the length of the compiled form.  What is returned points into the plan. */
struct sn_report_plan sn_preview(const struct sn_plan *plan, size_t bytes);

#endif
