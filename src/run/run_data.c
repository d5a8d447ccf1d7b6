/* Data that outlives runs: the database that prepare writes to remembers, in the table sentinel_data, which there is.
 *
 *     ARM ──► is it there? ──► ready: nothing is prepared
 *                    └──────── begun, or not there: it is prepared, and then said to be ready ──► LOAD
 *     CLEANUP of a run that removes it: it was said not to be ready before anything else happened; now it is forgotten
 *
 * Of data that somebody began to prepare, or to remove, the row says that it is not ready, so whatever is cut off is done
 * again.  Every statement may be made twice. */
#include <string.h>

#include "run_machine.h"
#include "sentinel/base/args.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/place.h"
#include "sentinel/base/sql.h"
#include "sentinel/json/json.h"

#define JSON_MEMORY 4096                         /* an answer has one row at most for each statement */
#define RUN_DATA_PATIENCE_US (60 * SN_SECOND_US) /* for a database that does not take what it is told */

static bool removes(const struct sn_run *run) {
    return run->plan.prepare == SN_PREPARE_REMOVE;
}

/* A run that only cleans up needs to know nothing of data that stays. */
bool run_data_known(const struct sn_run *run) {
    bool needed = sn_plan_keeps_data(&run->plan) && (removes(run) || !run->state.swept_up);
    return !needed || run->state.data != RUN_DATA_UNKNOWN;
}

/* --- Saying it ------------------------------------------------------------------------------------------------- */

static struct sn_span mark_of(const struct sn_run *run) {
    return (struct sn_span){(const uint8_t *)run->plan.data, strlen(run->plan.data)};
}

static void put_mark(struct sn_args *args, const struct sn_run *run) {
    struct sn_span mark = mark_of(run);
    sn_args_span(args, SN_VALUE_TEXT, mark.data, mark.len);
}

static void put_row(struct sn_args *args, const struct sn_run *run, int64_t now_us) {
    put_mark(args, run);
    sn_args_number(args, (double)sn_plan_items(&run->plan, SN_STAGE_PREPARE, 0));
    sn_args_text(args, run->plan.run_id);
    sn_args_number(args, (double)(now_us / SN_SECOND_US));
}

/* Is it there?  Then what is prepared from now on, or is to go, is not ready. */
static void put_question(struct sn_args *args, const struct sn_run *run, int64_t now_us) {
    sn_args_group(args, SN_SQL_DATA_FIND);
    put_mark(args, run);
    sn_args_group(args, removes(run) ? SN_SQL_DATA_SPOIL : SN_SQL_DATA_BEGIN);
    if (removes(run))
        put_mark(args, run);
    else
        put_row(args, run, now_us);
}

static void put_statements(struct sn_args *args, const struct sn_run *run, int64_t now_us) {
    switch (run->state.stage) {
    case SN_STAGE_ARM: put_question(args, run, now_us); break;
    case SN_STAGE_PREPARE:
        sn_args_group(args, SN_SQL_DATA_READY);
        put_row(args, run, now_us);
        break;
    default:
        SN_ASSERT(removes(run));
        sn_args_group(args, SN_SQL_DATA_GONE);
        put_mark(args, run);
    }
}

static bool due(const struct sn_run *run) {
    if (run->data.call_id != 0) return false;
    if (run->state.stage == SN_STAGE_ARM)
        return run->durable_stage == SN_STAGE_ARM && run_target_asked(run) && run->target.remembers &&
               !run_data_known(run);
    return run->data.wanted;
}

int64_t run_data_deadline_us(const struct sn_run *run) {
    return due(run) ? run->data.next_us : INT64_MAX;
}

static void tell(struct sn_run *run, int64_t now_us) {
    if (run->data.wanted) return;
    run->data = (struct run_data){.wanted = true, .next_us = now_us, .since_us = now_us};
}

static bool given_up(const struct sn_run *run, int64_t now_us) {
    return now_us - run->data.since_us > RUN_DATA_PATIENCE_US;
}

bool run_data_settled(struct sn_run *run, int64_t now_us) {
    if (run->plan.prepare != SN_PREPARE_REUSE || run->state.data == RUN_DATA_READY) return true;
    tell(run, now_us);
    if (given_up(run, now_us)) run_data_fail(run, " did not take it within a minute that the data is ready");
    return false;
}

/* Also where nobody has asked for it before: it is gone all the same. */
bool run_data_forgotten(struct sn_run *run, int64_t now_us) {
    if (!removes(run) || run->state.cleaned == 0 || run->state.data == RUN_DATA_GONE) return true;
    tell(run, now_us);
    return given_up(run, now_us);
}

void run_data_drop(struct sn_run *run) {
    run->data.wanted = false;
    run->data.since_us = 0;
}

void run_data_ask(struct sn_run *run, int64_t now_us, struct sn_writer *w) {
    if (!due(run) || now_us < run->data.next_us) return;
    uint32_t id = ++run->next_id;
    const struct sn_workload *workload = &run->plan.workload;
    struct sn_text name = workload->targets[sn_plan_data_target(&run->plan)].name;
    struct sn_record record = {.kind = SN_EFFECT_SQL, .id = id};
    size_t mark = sn_record_begin(w, &record);
    struct sn_args args;
    sn_put_span(w, workload->pool + name.offset, name.len);
    sn_args_begin(&args, w, 0);
    put_statements(&args, run, now_us);
    if (!sn_record_end(w, mark)) {
        w->full = false; /* the next round asks */
        return;
    }
    run->data.call_id = id;
    run->data.stage = run->state.stage;
}

/* --- What was answered ------------------------------------------------------------------------------------------- */

/* Whether the row that was found says that all is there.  False: the answer cannot be read. */
static bool read_found(struct sn_span body, bool *ready) {
    _Alignas(16) uint8_t memory[JSON_MEMORY];
    struct sn_arena arena;
    struct sn_json_error error;
    sn_arena_init(&arena, memory, sizeof memory);
    const struct sn_json *root = sn_json_parse(&arena, (const char *)body.data, body.len, &error);
    const struct sn_json *rows = root != NULL ? sn_json_get(sn_json_first(root), "rows") : NULL;
    const struct sn_json *row = rows != NULL ? sn_json_first(rows) : NULL;
    *ready = row != NULL && sn_json_type(sn_json_get(row, "ready_at")) == SN_JSON_NUMBER;
    return sn_json_type(rows) == SN_JSON_ARRAY;
}

static void try_again(struct sn_run *run, int64_t now_us, struct sn_span text) {
    run->data.next_us = now_us + SN_SECOND_US;
    run->data.trouble_len = (uint32_t)(text.len < sizeof run->data.trouble ? text.len : sizeof run->data.trouble);
    memcpy(run->data.trouble, text.data, run->data.trouble_len);
}

static void settle(struct sn_run *run, enum run_data_state state) {
    run->state.data = state;
    run->data.wanted = false;
    run_save_soon(run);
}

SN_OWN_FRAME bool run_data_answered(struct sn_run *run, const struct sn_record *event, struct sn_span payload,
                                    int64_t now_us) {
    static const struct sn_span unread = {(const uint8_t *)"its answer could not be read", 28};
    bool ready;
    if (event->id == 0 || event->id != run->data.call_id) return false;
    run->data.call_id = 0;
    if (event->kind == SN_EVENT_DONE) {
        run->state.use.target_read += event->arg0;
        run->state.use.target_written += event->arg1;
    }
    if (run->data.stage != run->state.stage) return true; /* cancelled meanwhile */
    if (event->kind != SN_EVENT_DONE) {
        try_again(run, now_us, payload);
    } else if (run->state.stage == SN_STAGE_PREPARE) {
        settle(run, RUN_DATA_READY);
    } else if (run->state.stage != SN_STAGE_ARM) {
        settle(run, RUN_DATA_GONE);
    } else if (!read_found(payload, &ready)) {
        try_again(run, now_us, unread);
    } else {
        run->state.reused = ready;
        settle(run, ready ? RUN_DATA_FOUND : RUN_DATA_BEGUN);
    }
    return true;
}

void run_data_fail(struct sn_run *run, const char *what) {
    char reason[sizeof run->state.reason] = "";
    struct sn_writer w = sn_writer(reason, sizeof reason - 1);
    const struct sn_workload *workload = &run->plan.workload;
    struct sn_text name = workload->targets[sn_plan_data_target(&run->plan)].name;
    sn_put_text(&w, "the database that is bound as ");
    sn_put_bytes(&w, workload->pool + name.offset, name.len);
    sn_put_text(&w, what);
    run_fail_saying(run, reason, run->data.trouble, run->data.trouble_len);
}
