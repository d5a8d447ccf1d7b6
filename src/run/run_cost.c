/* What a run has used.  The target's side is what its shards counted as they sent and were answered; docs/cost.md says of each
 * figure of ours whether it is counted or worked out. */
#include <string.h>

#include "run_machine.h"
#include "sentinel/base/assert.h"

#define OBJECT_MB 128u    /* what an object is charged for while it is awake */
#define REQUEST_CPU_MS 5u /* what a request to the Worker is taken to cost of its CPU */

void run_charge_event(struct sn_run *run, const struct sn_record *event, struct sn_span payload) {
    struct run_use *use = &run->state.use;
    struct sn_reader message = sn_reader(payload.data, payload.len);
    bool greeted = event->kind == SN_EVENT_SOCKET_OPENED && event->arg0 != 1;
    bool asked = event->kind == SN_EVENT_CALL && sn_message_open(&message) != SN_MESSAGE_DELTA;
    use->requests += event->kind == SN_EVENT_CALL || event->kind == SN_EVENT_ALARM || greeted;
    use->http += asked || greeted;
    use->messages += event->kind == SN_EVENT_SOCKET_MESSAGE;
}

void run_note_usage(const struct sn_run *run, uint64_t usage[SN_METERS_COUNTED]) {
    memcpy(usage, run->tally->spent.units, SN_METERS_COUNTED * sizeof *usage);
    usage[SN_METER_D1_ROWS_READ] = sn_add_sat(usage[SN_METER_D1_ROWS_READ], run->state.use.target_read);
    usage[SN_METER_D1_ROWS_WRITTEN] = sn_add_sat(usage[SN_METER_D1_ROWS_WRITTEN], run->state.use.target_written);
}

/* In milliseconds: from when it was armed, as the low 32 bits of its time say, to when it was heard last, or the run's end; but
 * no longer than the run itself, whatever its clock says. */
static uint64_t shard_awake_ms(const struct sn_run *run, const struct run_shard *shard) {
    int64_t until_us = shard->heard_us;
    if (run->state.ended_us != 0) until_us = sn_earlier(until_us, run->state.ended_us);
    if (shard->seq == 0 || until_us <= run->state.started_us) return 0;
    uint32_t awake_ms = (uint32_t)(until_us / 1000) - shard->life;
    uint64_t most_ms = (uint64_t)(until_us - run->state.started_us) / 1000;
    return awake_ms < most_ms ? awake_ms : most_ms;
}

/* How long the sweep has lasted; everybody sleeps before it. */
static uint64_t sweep_ms(const struct sn_run *run, int64_t now_us) {
    if (run->state.stage != SN_STAGE_SWEEP) return 0;
    int64_t end_us = run->state.swept_us != 0 ? run->state.swept_us : now_us;
    return end_us > run->state.stage_us ? (uint64_t)(end_us - run->state.stage_us) / 1000 : 0;
}

static uint64_t awake_ms(const struct sn_run *run, int64_t now_us) {
    int64_t end_us = run->state.ended_us != 0 ? run->state.ended_us : now_us;
    uint64_t sum = run->state.started_us != 0 ? (uint64_t)(end_us - run->state.started_us) / 1000 : 0;
    sum += sweep_ms(run, now_us);
    for (uint32_t i = 0; i < run->state.shards_len; i++) {
        sum += shard_awake_ms(run, &run->shards[i]);
        if (run->shards[i].seq > 0) sum += sweep_ms(run, now_us);
    }
    return sum;
}

struct sn_ledger run_ledger(const struct sn_run *run, int64_t now_us) {
    const struct run_use *use = &run->state.use;
    struct sn_ledger ledger = {0};
    uint64_t *own = ledger.own.units;
    run_note_usage(run, ledger.target.units);
    own[SN_METER_D1_ROWS_READ] = use->control_read;
    own[SN_METER_D1_ROWS_WRITTEN] = use->control_written;
    own[SN_METER_OBJECT_REQUESTS] = use->requests;
    own[SN_METER_OBJECT_MESSAGES] = use->messages;
    own[SN_METER_HTTP_REQUESTS] = use->http;
    own[SN_METER_WORKERS_CPU] = sn_mul_sat(use->http, REQUEST_CPU_MS);
    own[SN_METER_OBJECT_ROWS_WRITTEN] = sn_add_sat(use->rows_stored, run->tally->spent.rows_stored);
    for (uint32_t i = 0; i < run->state.shards_len; i++) /* each slice is an alarm, and each alarm a request */
        own[SN_METER_OBJECT_REQUESTS] += run->shards[i].slices;
    own[SN_METER_OBJECT_DURATION] = sn_mul_sat(awake_ms(run, now_us), OBJECT_MB);
    return ledger;
}

uint64_t run_cost_nusd(const struct sn_run *run, int64_t now_us) {
    struct sn_ledger ledger = run_ledger(run, now_us);
    return sn_ledger_cost_nusd(&run->plan.prices, &ledger);
}

void run_put_cost(const struct sn_run *run, int64_t now_us, struct sn_report_cost *cost) {
    const struct run_state *state = &run->state;
    *cost = (struct sn_report_cost){
        .ledger = run_ledger(run, now_us),
        .prices = run->plan.prices,
        .max_cost_nusd = run->plan.max_cost_nusd,
        .users = run->plan.users,
    };
    if (state->load_started_us == 0) return;
    const uint64_t *until = state->load_ended_us != 0 ? state->usage_after : cost->ledger.target.units;
    for (uint32_t m = 0; m < SN_METERS_COUNTED; m++) /* less only in a run whose object has lost what it stored */
        cost->load.units[m] = until[m] > state->usage_before[m] ? until[m] - state->usage_before[m] : 0;
}

void run_keep_budget(struct sn_run *run, int64_t now_us) {
    uint32_t stage = run->state.stage;
    bool spends = run_active(run) && stage >= SN_STAGE_ARM && stage <= SN_STAGE_LOAD && !run->state.cancel_wanted;
    if (run->plan.max_cost_nusd == 0 || !spends || now_us < run->budget_us) return;
    run->budget_us = now_us + SN_SECOND_US;
    uint64_t cost_nusd = run_cost_nusd(run, now_us);
    if (cost_nusd < run->plan.max_cost_nusd) return;
    char reason[SN_REASON_MAX];
    struct sn_writer w = sn_writer(reason, sizeof reason);
    sn_put_text(&w, "it had cost ");
    sn_put_usd(&w, cost_nusd);
    sn_put_text(&w, ", and maxCostUsd lets it cost ");
    sn_put_usd(&w, run->plan.max_cost_nusd);
    sn_put_text(&w, "; what was in flight and the clean-up come on top");
    sn_put_u8(&w, 0);
    SN_ASSERT(!w.full);
    run_cancel(run, SN_ENDING_BUDGET, reason, now_us);
}
