/* What is still to be asked where the run could not read what it had stored: that it has ended, and that nothing is left of
 * it.  What it had measured nobody knows any more. */
#include <stdio.h>
#include <string.h>

#include "world.h"

static const char *text(const struct sn_json *object, const char *name) {
    const char *value = sn_json_string(sn_json_get(object, name));
    return value != NULL ? value : "";
}

void audit_row(struct world *world, const struct sn_sim_outcome *outcome) {
    bool same = strcmp(world->row.status, outcome->status) == 0;
    if (world->row.active || !same)
        audit_violation(&world->auditor, "the run's row does not say how it ended, but of its revision",
                        (uint64_t)world->row.revision);
}

/* Somebody scaled or extended the run, and the database was away: so far nobody can know to sweep. */
static uint64_t out_of_reach(const struct world *world) {
    const struct auditor *auditor = &world->auditor;
    uint64_t beyond = 0;
    for (uint64_t k = 1; k < auditor->operations_len; k++)
        beyond += (double)k > world->row.reach && auditor->operations[k].sent != 0;
    return fault_on(world, SN_FAULT_DATABASE_AWAY) ? beyond : 0;
}

void audit_begun_anew(struct world *world, const struct sn_json *state, const struct sn_json *report,
                      const struct sn_sim_outcome *outcome) {
    struct auditor *auditor = &world->auditor;
    if (strcmp(outcome->status, "failed") != 0) audit_violation(auditor, "a run that was lost has not failed", 0);
    if (strstr(text(state, "reason"), "another version of Sentinel") == NULL)
        audit_violation(auditor, "a run that could not be read does not say so", 0);
    audit_row(world, outcome);
    audit_targets(world, audit_not_cleaned(report) + out_of_reach(world),
                  "keys left behind by a run that could not be read");
    audit_storage(world);
}

/* It had ended before, and its row says how.  What its clean-up could not delete it had said in the report that is gone, and
 * left to a second sweep that never came: so what is left is no more than what failed before the auditor's eyes, where everybody
 * was there to do it. */
void audit_unreadable(struct world *world, struct sn_sim_outcome *outcome) {
    snprintf(outcome->status, sizeof outcome->status, "%s", world->row.status);
    if (!outcome->ended || world->row.active) audit_violation(&world->auditor, "a run that was lost never ended", 0);
    bool all_there = !fault_on(world, SN_FAULT_SHARDS_VANISH) && !fault_on(world, SN_FAULT_SHARDS_RETURN);
    if (all_there) audit_targets(world, world->auditor.cleanup_failures, "keys left behind by a run that had ended");
}
