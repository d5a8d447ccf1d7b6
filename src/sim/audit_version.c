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
static bool reach_unknown(const struct world *world) {
    const struct auditor *auditor = &world->auditor;
    uint64_t end_k = auditor->operations_len;
    while (end_k > 0 && auditor->operations[end_k - 1].sent == 0) end_k--;
    return fault_on(world, SN_FAULT_DATABASE_AWAY) && (double)end_k - 1 > world->row.reach;
}

void audit_begun_anew(struct world *world, const struct sn_json *state, const struct sn_json *report,
                      const struct sn_sim_outcome *outcome) {
    struct auditor *auditor = &world->auditor;
    if (strcmp(outcome->status, "failed") != 0) audit_violation(auditor, "a run that was lost has not failed", 0);
    if (strstr(text(state, "reason"), "another version of Sentinel") == NULL)
        audit_violation(auditor, "a run that could not be read does not say so", 0);
    audit_row(world, outcome);
    if (!reach_unknown(world)) audit_targets(world, report);
    audit_storage(world);
}

/* It had ended before, and its row says how.  What its clean-up could not delete it had said in the report that is gone, and
 * left to a second sweep that never came: so nothing is left only where every delete works, and everybody is there to do it. */
void audit_unreadable(struct world *world, struct sn_sim_outcome *outcome) {
    static const uint32_t hinders = SN_FAULT_BIT(SN_FAULT_TARGETS_ERR) | SN_FAULT_BIT(SN_FAULT_TARGETS_STALL) |
                                    SN_FAULT_BIT(SN_FAULT_DATABASE_QUEUES) | SN_FAULT_BIT(SN_FAULT_KEYS_THROTTLED) |
                                    SN_FAULT_BIT(SN_FAULT_SHARDS_VANISH);
    snprintf(outcome->status, sizeof outcome->status, "%s", world->row.status);
    if (!outcome->ended || world->row.active) audit_violation(&world->auditor, "a run that was lost never ended", 0);
    if ((world->options->faults & hinders) == 0) audit_targets(world, NULL);
}
