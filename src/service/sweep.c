/* What a dead run left behind.
 *
 * A run whose row says that it was under way, and whose object no longer knows it (its storage is of a version that
 * cannot be read, or is gone), cannot clean up after itself.  Everything that it may have written follows from its plan,
 * its id and its seed, and those follow from the row: the plan is compiled again, and the object is told to sweep up.  How
 * many operations there may have been the row says too, since people scale and extend runs.
 *
 *     POKE: unknown ─► SELECT the plan ─► CREATE, to sweep ─► the object cleans up and closes the row itself
 *                          └─ a plan that this build refuses ─► the row is closed, and says what is left */
#include "service.h"

#include <string.h>

#include "sentinel/plan/plan.h"

uint32_t sn_sweep_ask_plan(struct sn_api *api, const struct sn_poke *poke) {
    struct sn_args args;
    size_t mark = sn_ask_sql_begin(api, SN_SQL_RUN_PLAN, &args);
    sn_args_text(&args, poke->run_id);
    return sn_ask_end(api, mark);
}

static bool compile(struct sn_api *api, const struct sn_poke *poke, const struct sn_json *row) {
    const char *tenant = sn_json_string(sn_json_get(row, "tenant_id"));
    const char *text = sn_json_string(sn_json_get(row, "config_snapshot"));
    struct sn_plan_error error;
    if (tenant == NULL || text == NULL) return false;
    return sn_body_compile(api, poke->run_id, tenant, NULL, text, strlen(text), &error) == SN_OK;
}

uint32_t sn_sweep_ask_object(struct sn_api *api, const struct sn_poke *poke, const struct sn_reply *reply) {
    const struct sn_json *rows = sn_reply_rows(api, reply, 0);
    if (rows == NULL) return 0; /* the next tick asks again */
    if (!compile(api, poke, sn_json_first(rows))) {
        return sn_ask_abandon(api, poke->run_id, poke->revision, SN_ENDING_LOST,
                              "The run's object has lost it, and its plan can no longer be read: what it left in the "
                              "targets, under its id, was not cleaned up.");
    }
    api->reach = (uint64_t)sn_json_number(sn_json_get(sn_json_first(rows), "target_operations"));
    api->row_revision = poke->revision;
    return sn_ask_creation(api, poke->run_id, SN_CREATION_SWEEP);
}
