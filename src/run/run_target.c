/* No test ever loads the control database: before anybody is woken, each database that is to be tested is asked whether
 * it holds Sentinel's own tables.
 *
 *     ARM ──► SQL at TARGET_DB ──► rows ──► the run fails, and nothing was sent
 *                  ▲       │ └──── none ──► the next one, then shards are armed
 *                  └ a second later: it failed
 */
#include <string.h>

#include "run_machine.h"
#include "sentinel/base/args.h"
#include "sentinel/base/place.h"
#include "sentinel/base/sql.h"
#include "sentinel/json/json.h"

#define JSON_MEMORY 4096 /* the answer has two rows at most */

/* Index of the database that is to be asked next; the number of targets when there is none. */
static uint32_t pending(const struct sn_run *run) {
    const struct sn_workload *workload = &run->plan.workload;
    uint32_t i = run->target.next;
    while (i < workload->targets_len && workload->targets[i].service != SN_SERVICE_D1) i++;
    return i;
}

static struct sn_span pending_name(const struct sn_run *run) {
    const struct sn_workload *workload = &run->plan.workload;
    const struct sn_text name = workload->targets[pending(run)].name;
    return (struct sn_span){(const uint8_t *)workload->pool + name.offset, name.len};
}

bool run_target_asked(const struct sn_run *run) {
    return !run->target.own && pending(run) >= run->plan.workload.targets_len;
}

bool run_target_known(const struct sn_run *run) {
    return run->target.own || (run_target_asked(run) && run_data_known(run));
}

static bool to_be_asked(const struct sn_run *run) {
    bool arming = run->state.stage == SN_STAGE_ARM && run->durable_stage == SN_STAGE_ARM;
    return arming && run->target.call_id == 0 && !run->target.own && !run_target_asked(run);
}

void run_target_ask(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (!to_be_asked(run) || now_us < run->target.next_us) return;
    uint32_t id = ++run->next_id;
    struct sn_record record = {.kind = SN_EFFECT_SQL, .id = id};
    size_t mark = sn_record_begin(w, &record);
    struct sn_span name = pending_name(run);
    struct sn_args args;
    sn_put_span(w, name.data, name.len);
    sn_args_begin(&args, w, 0);
    sn_args_group(&args, SN_SQL_TARGET_OWN);
    if (!sn_record_end(w, mark)) {
        w->full = false; /* the next round asks */
        return;
    }
    run->target.call_id = id;
}

int64_t run_target_deadline_us(const struct sn_run *run) {
    return to_be_asked(run) ? run->target.next_us : INT64_MAX;
}

/* The rows of an answer; NULL when it is none. */
static const struct sn_json *rows_of(struct sn_arena *arena, struct sn_span body) {
    struct sn_json_error error;
    const struct sn_json *root = sn_json_parse(arena, (const char *)body.data, body.len, &error);
    const struct sn_json *rows = root != NULL ? sn_json_get(sn_json_first(root), "rows") : NULL;
    return sn_json_type(rows) == SN_JSON_ARRAY ? rows : NULL;
}

static bool has_table(const struct sn_json *rows, const char *name) {
    for (const struct sn_json *row = sn_json_first(rows); row != NULL; row = sn_json_next(row)) {
        const char *table = sn_json_string(sn_json_get(row, "name"));
        if (table != NULL && strcmp(table, name) == 0) return true;
    }
    return false;
}

static void try_again(struct sn_run *run, int64_t now_us, struct sn_span text) {
    static const char unread[] = "its answer could not be read";
    if (text.len == 0) text = (struct sn_span){(const uint8_t *)unread, sizeof unread - 1};
    run->target.trouble_len = (uint32_t)(text.len < sizeof run->target.trouble ? text.len : sizeof run->target.trouble);
    memcpy(run->target.trouble, text.data, run->target.trouble_len);
    run->target.next_us = now_us + SN_SECOND_US;
}

SN_OWN_FRAME bool run_target_answered(struct sn_run *run, const struct sn_record *event, struct sn_span payload,
                                      int64_t now_us) {
    if (event->id == 0 || event->id != run->target.call_id) return false;
    run->target.call_id = 0;
    if (event->kind == SN_EVENT_DONE) run->state.use.target_read += event->arg0;
    if (run->state.stage != SN_STAGE_ARM) return true;
    if (event->kind != SN_EVENT_DONE) {
        try_again(run, now_us, payload);
        return true;
    }
    _Alignas(16) uint8_t memory[JSON_MEMORY];
    struct sn_arena arena;
    sn_arena_init(&arena, memory, sizeof memory);
    const struct sn_json *rows = rows_of(&arena, payload);
    if (rows == NULL) {
        try_again(run, now_us, (struct sn_span){0});
        return true;
    }
    run->target.own = has_table(rows, "sentinel_runs");
    if (run->target.own) return true;
    if (pending(run) == sn_plan_data_target(&run->plan)) run->target.remembers = has_table(rows, "sentinel_data");
    run->target.next = pending(run) + 1;
    return true;
}

static struct sn_writer begin_reason(const struct sn_run *run, char *reason, size_t cap) {
    struct sn_writer w = sn_writer(reason, cap);
    struct sn_span name = pending_name(run);
    sn_put_text(&w, "the database that is bound as ");
    sn_put_bytes(&w, name.data, name.len);
    return w;
}

bool run_target_refused(struct sn_run *run) {
    char reason[sizeof run->state.reason] = "";
    if (!run->target.own && run_target_asked(run) && !run_data_known(run) && !run->target.remembers) {
        run_data_fail(run,
                      " has no table sentinel_data, which remembers data that is kept; please apply the migrations in "
                      "migrations/target to it, or leave \"prepare\" out");
        return true;
    }
    if (!run->target.own) return false;
    struct sn_writer w = begin_reason(run, reason, sizeof reason - 1);
    sn_put_text(&w,
                " holds Sentinel's own table sentinel_runs, so nothing was sent to it; please bind the database that "
                "is to be tested");
    run_fail(run, reason);
    return true;
}

void run_target_silent(struct sn_run *run) {
    if (run_target_asked(run)) {
        run_data_fail(run, " did not say within a minute whether the data is there");
        return;
    }
    char reason[sizeof run->state.reason] = "";
    struct sn_writer w = begin_reason(run, reason, sizeof reason - 1);
    sn_put_text(&w, " did not say within a minute whether it is Sentinel's own");
    run_fail_saying(run, reason, run->target.trouble, run->target.trouble_len);
}
