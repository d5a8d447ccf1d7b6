/* DELETE /api/sentinel/:id: a run is forgotten, with everything that was kept of it.
 *
 *     SELECT the row ─► DELETE at the run's object ─► DELETE the row, what hangs on it goes along ─► 204
 *
 * The object forgets first.  When the row then stays, because the database went away, asking again finds an object that
 * knows no run and deletes the row; the other way round the object would keep its storage for ever. */
#include "service.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/time.h"
#include "sentinel/base/vocab.h"

enum { ROW_READ = 1, FORGOTTEN, ROW_DELETED };

#define SWEEP_MARGIN_S 5u /* what the sweep itself takes */
#define SWEEP_LOST_S 120u /* the tick, and two sweeps a minute apart */

void sn_delete(struct sn_api *api, const struct sn_principal *who, const struct sn_http *http) {
    (void)http;
    sn_wait(api, ROW_READ, sn_ask_run(api, who));
}

static bool has_ended(enum sn_run_status status) {
    return status == SN_RUN_COMPLETED || status == SN_RUN_FAILED || status == SN_RUN_CANCELLED;
}

static void answer_sweeping(struct sn_api *api, const char *status, int64_t sweep_us) {
    char detail[160];
    struct sn_writer w = sn_writer(detail, sizeof detail);
    bool waits = sweep_us > api->now_us;
    sn_put_text(&w, "This run has ended, and sweeps up once more what arrived late");
    if (waits) sn_put_text(&w, ", at ");
    if (waits) sn_put_iso(&w, sweep_us);
    sn_put_text(&w, waits ? ". After that it can be deleted." : ", just now. In a moment it can be deleted.");
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    sn_answer_problem(
        api, &(struct sn_problem){
                 .kind = SN_PROBLEM_RUN_SWEEPING,
                 .detail = detail,
                 .run_status = status,
                 .retry_after_s = SWEEP_MARGIN_S + (waits ? (uint32_t)((sweep_us - api->now_us) / SN_SECOND_US) : 0),
             });
}

/* `state` is what the object said of itself. */
static void answer_not_over(struct sn_api *api, struct sn_span state) {
    struct sn_json_error error;
    const struct sn_json *json = sn_json_parse(&api->arena, (const char *)state.data, state.len, &error);
    const char *status = sn_json_string(sn_json_get(json, "status"));
    const char *ended = sn_json_string(sn_json_get(json, "endedAt"));
    int64_t ended_us;
    if (has_ended(sn_status_in(json)) && ended != NULL && sn_iso_parse(ended, strlen(ended), &ended_us) == SN_OK) {
        answer_sweeping(api, status, ended_us + SN_SWEEP_US);
        return;
    }
    sn_answer_problem(api, &(struct sn_problem){
                               .kind = SN_PROBLEM_RUN_STATE,
                               .detail = "This run is active. Cancel it first, or wait until it has ended.",
                               .run_status = status,
                           });
}

/* What such a run left in its targets follows from its row, so the row stays until the tick has seen to it. */
static const struct sn_problem lost = {
    .kind = SN_PROBLEM_RUN_SWEEPING,
    .detail = "This run was lost, and what it left behind is still being swept up. After that it can be deleted.",
    .retry_after_s = SWEEP_LOST_S,
};

static void ask_deletion(struct sn_api *api, const struct sn_principal *who) {
    struct sn_args args;
    struct sn_audit audit = sn_audit_of(api, who, "delete", NULL);
    size_t mark = sn_ask_batch_begin(api, &args);
    sn_audit_put(&args, &audit);
    sn_args_group(&args, SN_SQL_RUN_DELETE);
    sn_args_text(&args, api->run_id);
    sn_args_text(&args, who->tenant);
    sn_args_group(&args, SN_SQL_KEY_FORGET);
    sn_args_text(&args, api->run_id);
    sn_wait(api, ROW_DELETED, sn_ask_end(api, mark));
}

static void forgotten(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    bool missing = !reply->done && reply->status == SN_E_MISSING;
    if (missing && sn_is_young(api)) {
        sn_answer_not_ready(api);
    } else if (missing && api->row_active) {
        sn_answer_problem(api, &lost);
    } else if (reply->done || missing) {
        ask_deletion(api, who);
    } else if (reply->status == SN_E_STATE) {
        answer_not_over(api, reply->body);
    } else {
        sn_answer_object_failed(api, reply);
    }
}

static void row_deleted(struct sn_api *api, const struct sn_reply *reply) {
    uint32_t changes;
    if (!sn_reply_changes(api, reply, 1, &changes)) {
        sn_answer_database_failed(api, reply);
    } else if (changes == 0) { /* somebody else was as quick */
        sn_answer_unknown_run(api);
    } else {
        sn_answer_end(api, sn_answer_begin(api, 204, &(struct sn_headers){0}));
    }
}

void sn_delete_then(struct sn_api *api, const struct sn_principal *who, const struct sn_reply *reply) {
    switch (api->stage) {
    case ROW_READ:
        if (sn_reply_run(api, reply) != NULL) {
            sn_wait(api, FORGOTTEN, sn_ask_object(api, api->run_id, SN_MESSAGE_DELETE));
        }
        break;
    case FORGOTTEN: forgotten(api, who, reply); break;
    case ROW_DELETED: row_deleted(api, reply); break;
    default: SN_ASSERT(false);
    }
}
