/* Who is to hear of a run, and which component of the status page is in maintenance while it goes on: the members "alerts"
 * and "maintenance" of a plan, and of a schedule, whose own take the place of its plan's. */
#ifndef SENTINEL_PLAN_ALERTS_H
#define SENTINEL_PLAN_ALERTS_H

#include "sentinel/plan/trail.h"

/* Both check what the trail stands at, as far as trail->outside knows of the operator's settings.  False: refused, with the
 * place in the trail's error. */
bool sn_alerts_check(struct sn_trail *trail, const struct sn_json *value);
bool sn_maintenance_check(struct sn_trail *trail, const struct sn_json *value);

#endif
