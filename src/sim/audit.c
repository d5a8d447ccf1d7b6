#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/base/arena.h"
#include "sentinel/base/assert.h"
#include "sentinel/json/json.h"
#include "sentinel/measure/delta.h"
#include "sentinel/plan/estimate.h"
#include "world.h"

/* The auditor sees what leaves the machines and what they say in the end, and nothing of their insides. */

void audit_violation(struct auditor *auditor, const char *what, uint64_t k) {
    auditor->violations += 1;
    if (auditor->violations > 1) return;
    snprintf(auditor->first, sizeof auditor->first, "%s (%llu)", what, (unsigned long long)k);
}

/* Who is cut off, or may have missed a change of the load, goes on for a while by what was true before. */
static bool may_be_behind(const struct world *world, const struct object *object) {
    uint32_t changing = SN_FAULT_BIT(SN_FAULT_STEERED) | SN_FAULT_BIT(SN_FAULT_CANCELLED);
    bool changes = world->options->steerings > 0 || (world->options->faults & changing) != 0 ||
                   world->plan.search_step_s > 0; /* a search steers by itself */
    return object->cut_until_us > world->now_us || (changes && (world->options->faults & ~SN_FAULTS_CALM) != 0);
}

void audit_calls(struct world *world, uint32_t index, uint32_t calls) {
    static const uint32_t most[] = {
#define SN_X(name, text, calls, cpu_us) calls,
        SN_PLATFORM_LIST(SN_X)
#undef SN_X
    };
    struct object *object = &world->objects[index];
    world->auditor.run_calls += object->is_run;
    if (!object->is_run) object->slice_calls += calls;
    if (!object->is_run && object->slice_calls > most[world->plan.platform])
        audit_violation(&world->auditor, "more calls in a slice than the platform allows", object->slice_calls);
}

/* That they come no faster than they may is judged where nothing disturbs the order in which they are started. */
void audit_start(struct world *world, uint32_t index) {
    struct auditor *auditor = &world->auditor;
    int64_t *twenty_ago_us = &auditor->starts_us[auditor->starts % AUDIT_STARTS_MAX];
    const struct sn_sim_options *options = world->options;
    bool disturbed = options->faults != 0 || options->run_evictions > 0 || options->losses > 0;
    bool soon = auditor->starts >= AUDIT_STARTS_MAX && world->now_us - *twenty_ago_us < SN_SECOND_US;
    if (soon && !disturbed) audit_violation(auditor, "more shards started in a second than may be", auditor->starts);
    if (auditor->sends > 0 && index <= auditor->plan->shards)
        audit_violation(auditor, "a shard started after the load had begun", index);
    if (auditor->starts == 0) auditor->first_start_us = world->now_us;
    *twenty_ago_us = auditor->last_start_us = world->now_us;
    auditor->starts += 1;
    auditor->run_calls_at_start = auditor->run_calls;
}

static uint32_t moment(int64_t at_us) {
    return (uint32_t)((at_us > WORLD_START_US ? at_us - WORLD_START_US : 0) / SENT_STEP_US);
}

/* NULL: no memory is left. */
static struct operation *operation_at(struct world *world, uint64_t k) {
    struct auditor *auditor = &world->auditor;
    if (k < auditor->operations_len) return &auditor->operations[k];
    uint64_t len = 2 * k < 1024 ? 1024 : 2 * k;
    struct operation *operations = realloc(auditor->operations, len * sizeof *operations);
    if (operations == NULL) {
        world->out_of_memory = true;
        return NULL;
    }
    memset(operations + auditor->operations_len, 0, (len - auditor->operations_len) * sizeof *operations);
    auditor->operations = operations;
    auditor->operations_len = len;
    return &operations[k];
}

/* All shards together have as many as were asked for.  Who took a lost one's place may have the slots of any. */
static uint32_t slots_of(const struct sn_plan *plan, uint32_t index) {
    if (index >= plan->shards) return plan->slots;
    return plan->concurrency / plan->shards + (index < plan->concurrency % plan->shards ? 1 : 0);
}

void audit_step(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    struct auditor *auditor = &world->auditor;
    struct object *object = &world->objects[index];
    object->steps_in_flight += 1;
    SN_ASSERT(effect->arg1 >> 16 < auditor->plan->workload.steps_len);
    audit_calls(world, index, auditor->plan->workload.steps[effect->arg1 >> 16].calls);
    if (object->steps_in_flight > slots_of(auditor->plan, index)) {
        audit_violation(auditor, "more calls in flight than slots", object->steps_in_flight);
    }
    struct sn_charge charge =
        sn_step_charge(&auditor->plan->workload, &auditor->plan->workload.steps[effect->arg1 >> 16]);
    if (charge.meter < SN_METERS_COUNTED) auditor->charged[charge.meter] += charge.units;
    uint32_t stage = effect->arg1 & 0xff, step = effect->arg1 >> 8 & 0xff;
    if (stage != SN_STAGE_LOAD) return;
    struct sn_reader r = sn_reader(payload.data, payload.len);
    uint64_t k = (uint64_t)sn_get_f64(&r);
    if (k == 0 || k > auditor->cap) {
        audit_violation(auditor, "an operation that is not in the plan", k);
        return;
    }
    struct operation *operation = operation_at(world, k);
    if (operation == NULL) return;
    uint32_t before = operation->sent;
    audit_flow(auditor, k, step);
    if (before != 0) return;
    auditor->sends += 1;
    if (k >= object->lease_k) audit_violation(auditor, "sent without a lease on disk", k);
    uint32_t place = (uint32_t)(k % auditor->plan->shards);
    if (object->place == NO_PLACE) object->place = index <= auditor->plan->shards ? index - 1 : place;
    if (place != object->place) audit_violation(auditor, "sent by a shard that does not own it", k);
    operation->opened_at = moment(object->opened_us);
    operation->sent_at = moment(world->now_us);
    operation->behind = may_be_behind(world, object);
}

/* Memory can be lost at every instant: whoever is at work has an alarm on its disk that would wake it. */
void audit_awake(struct world *world, uint32_t index) {
    const struct object *object = &world->objects[index];
    bool kept = object->storage != NULL && object->gate_us == 0, given_up = object->given_up;
    bool readable = !fault_on(world, SN_FAULT_NEW_VERSION);
    bool works = object->is_run ? world->row.active && readable : object->handling && object->steps_in_flight > 0;
    if (works && kept && !given_up && object->alarm_us == 0)
        audit_violation(&world->auditor, "at work without an alarm", index);
}

bool audit_is_delta(struct sn_span key) {
    static const char prefix[] = "c.delta/";
    return key.len >= sizeof prefix && memcmp(key.data, prefix, sizeof prefix - 1) == 0;
}

/* A lease counts once it is on the shard's disk, in the delta that says so. */
void audit_durable(struct world *world, uint32_t index, struct sn_span key, struct sn_span value) {
    struct sn_reader r = sn_reader(value.data, value.len);
    struct sn_delta_head head;
    if (!audit_is_delta(key)) return;
    if (sn_delta_head_get(&r, &head) != SN_OK) {
        audit_violation(&world->auditor, "a delta is stored that cannot be read", index);
    } else if (head.lease_k > world->objects[index].lease_k) {
        world->objects[index].lease_k = head.lease_k;
    }
}

#define RUN_ROWS_MAX 56 /* a log of at most 46 entries, the plan, and a snapshot in a few chunks */

/* All that a run has stored it reads back whenever it is opened. */
void audit_stored(struct world *world, uint32_t index) {
    const struct object *object = &world->objects[index];
    uint64_t rows = 0;
    for (const struct entry *at = object->is_run ? object->storage : NULL; at != NULL; at = at->next) rows += 1;
    if (rows > RUN_ROWS_MAX) audit_violation(&world->auditor, "a run that stores ever more; its rows", rows);
}

static uint64_t number(const struct sn_json *object, const char *name) {
    return (uint64_t)sn_json_number(sn_json_get(object, name));
}

static void check_totals(struct world *world, const struct sn_json *counts, struct sn_sim_outcome *outcome) {
    struct auditor *auditor = &world->auditor;
    const struct sn_json *dropped = sn_json_get(counts, "dropped");
    uint64_t drops = number(dropped, "slots") + number(dropped, "harness") + number(dropped, "shardDown");
    uint64_t ended = number(counts, "completed") + number(counts, "failed");
    uint64_t unaccounted = number(counts, "unaccounted");
    outcome->planned = number(counts, "planned");
    outcome->completed = number(counts, "completed");
    outcome->unaccounted = unaccounted;
    uint64_t sum = ended + drops + number(counts, "cancelled") + unaccounted;
    if (sum != outcome->planned) audit_violation(auditor, "the identity does not hold; the sum is", sum);
    if (number(counts, "inFlight") + number(counts, "notYetDue") != 0) audit_violation(auditor, "not at its end", 0);
    if (ended > auditor->sends) audit_violation(auditor, "more results than sends", ended);
    if (auditor->sends > ended + unaccounted + (audit_thinks(auditor) ? number(counts, "cancelled") : 0))
        audit_violation(auditor, "sends that nobody accounts for", auditor->sends);
}

/* What was merged from deltas against what the shards counted: a delta that is added twice, or never, shows here. */
static void check_tally(struct world *world, const struct sn_json *report, const struct sn_json *counts) {
    const struct sn_json *phases = sn_json_get(report, "phases");
    uint64_t completed = 0, failed = 0;
    if (phases == NULL) audit_violation(&world->auditor, "the report has no phases", 0);
    for (const struct sn_json *phase = sn_json_first(phases); phase != NULL; phase = sn_json_next(phase)) {
        completed += number(phase, "completed");
        failed += number(phase, "failed");
    }
    if (completed != number(counts, "completed"))
        audit_violation(&world->auditor, "merged results differ from those counted", completed);
    if (failed != number(counts, "failed"))
        audit_violation(&world->auditor, "merged failures differ from those counted", failed);
}

/* No more is charged for than was sent, and where nobody died nothing less. */
static void check_cost(struct world *world, const struct sn_json *report) {
    const struct sn_sim_options *options = world->options;
    bool disturbed = options->faults != 0 || options->evictions + options->run_evictions + options->losses > 0;
    const struct sn_json *meters = sn_json_get(sn_json_get(sn_json_get(report, "cost"), "target"), "meters");
    uint64_t told[SN_METERS_LEN] = {0};
    if (meters == NULL) audit_violation(&world->auditor, "the report has no cost", 0);
    for (const struct sn_json *at = sn_json_first(meters); at != NULL; at = sn_json_next(at)) {
        enum sn_meter meter = sn_meter_find(sn_json_string(sn_json_get(at, "meter")));
        if (meter < SN_METERS_LEN) told[meter] = number(at, "units");
    }
    for (uint32_t i = SN_METER_D1_ROWS_WRITTEN + 1; i < SN_METERS_COUNTED; i++) {
        uint64_t sent = world->auditor.charged[i];
        if (told[i] > sent) audit_violation(&world->auditor, "more is charged for than was sent", told[i] - sent);
        if (told[i] < sent && !disturbed)
            audit_violation(&world->auditor, "calls that are charged to nobody", sent - told[i]);
    }
}

/* Keys that an item of the clean-up deletes, at most. */
static uint64_t keys_of_item(const struct sn_workload *workload) {
    uint64_t most = 0;
    for (uint32_t i = 0; i < workload->jobs_len; i++) {
        const struct sn_job *job = &workload->jobs[i];
        uint64_t keys = 0;
        for (uint32_t s = 0; job->stage == SN_STAGE_CLEANUP && s < job->steps_len; s++) {
            uint32_t action = workload->steps[job->steps + s].action;
            keys += action == SN_ACTION_KV_DELETE || action == SN_ACTION_R2_DELETE;
        }
        if (keys > most) most = keys;
    }
    return most;
}

void audit_cleanup_failed(struct world *world) {
    world->auditor.cleanup_failures += 1;
}

uint64_t audit_not_cleaned(const struct sn_json *report) {
    return number(sn_json_get(report, "cleanup"), "failed");
}

void audit_targets(struct world *world, uint64_t items, const char *whose) {
    uint64_t left = 0, admitted = items * keys_of_item(&world->plan.workload);
    for (size_t i = 0; i < TARGETS_LISTS; i++) {
        for (const struct entry *entry = world->targets[i]; entry != NULL; entry = entry->next)
            left += world->plan.prepare != SN_PREPARE_REUSE ||
                    !remember_is_data(world, (struct sn_span){entry->key, entry->key_len});
    }
    if (left > admitted) audit_violation(&world->auditor, whose, left);
}

/* The run keeps its results; a shard has none of its own and is to forget everything, by itself if nobody tells it to. */
void audit_storage(struct world *world) {
    for (uint32_t i = 1; i < world->objects_len; i++) {
        if (world->objects[i].given_up) continue; /* nobody will ever wake it */
        if (world->objects[i].storage != NULL)
            audit_violation(&world->auditor, "a shard still stores something", i - 1);
    }
}

static void copy_text(char *into, size_t cap, const char *text) {
    snprintf(into, cap, "%s", text != NULL ? text : "");
}

static const struct sn_json *parse(struct world *world, struct sn_arena *arena, struct sn_span text) {
    struct sn_json_error error;
    const struct sn_json *value = sn_json_parse(arena, (const char *)text.data, text.len, &error);
    if (value == NULL) audit_violation(&world->auditor, "state or report is not JSON, at byte", error.offset);
    return value;
}

/* At every instant each operation has one outcome, or none yet. */
void audit_state(struct world *world, struct sn_span state_json) {
    _Alignas(16) static uint8_t memory[1u << 18];
    struct sn_arena arena;
    sn_arena_init(&arena, memory, sizeof memory);
    const struct sn_json *counts = sn_json_get(parse(world, &arena, state_json), "counts");
    const struct sn_json *dropped = sn_json_get(counts, "dropped");
    static const char *const terms[] = {"completed", "failed", "cancelled", "unaccounted", "inFlight", "notYetDue"};
    static const char *const causes[] = {"slots", "harness", "shardDown"};
    uint64_t sum = 0, planned = number(counts, "planned");
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) sum += number(counts, terms[i]);
    for (size_t i = 0; i < sizeof causes / sizeof causes[0]; i++) sum += number(dropped, causes[i]);
    if (counts == NULL || sum != planned)
        audit_violation(&world->auditor, "in mid-run the identity does not hold; the sum is", sum);
}

/* Deaths, and whatever else leaves messages and storage alone: within half a minute every shard is heard again. */
static void check_lost(struct world *world, const struct sn_json *report) {
    static const uint32_t gentle = SN_FAULTS_CALM | SN_FAULT_BIT(SN_FAULT_RUN_DIES) | SN_FAULT_BIT(SN_FAULT_DEPLOYS) |
                                   SN_FAULT_BIT(SN_FAULT_STEERED_DIES) | SN_FAULT_BIT(SN_FAULT_TWICE) |
                                   SN_FAULT_BIT(SN_FAULT_ALARMS_LATE) | SN_FAULT_BIT(SN_FAULT_ALARMS_TWICE) |
                                   SN_FAULT_BIT(SN_FAULT_TIMERS_LATE) | SN_FAULT_BIT(SN_FAULT_TARGETS_STALL) |
                                   SN_FAULT_BIT(SN_FAULT_DATABASE_QUEUES);
    const struct sn_json *shards = sn_json_get(sn_json_get(report, "validity"), "shards");
    uint64_t lost = number(shards, "lost") + number(shards, "replaced");
    if (lost > 0 && world->options->losses == 0 && (world->options->faults & ~gentle) == 0)
        audit_violation(&world->auditor, "shards were lost that nobody harmed", lost);
}

void audit_end(struct world *world, struct sn_span state_json, struct sn_span report_json,
               struct sn_sim_outcome *outcome) {
    _Alignas(16) static uint8_t memory[8u << 20];
    struct sn_arena arena;
    sn_arena_init(&arena, memory, sizeof memory);
    const struct sn_json *state = parse(world, &arena, state_json);
    const struct sn_json *report = parse(world, &arena, report_json);
    const struct sn_json *counts = sn_json_get(state, "counts");
    copy_text(outcome->status, sizeof outcome->status, sn_json_string(sn_json_get(state, "status")));
    copy_text(outcome->validity, sizeof outcome->validity, sn_json_string(sn_json_get(state, "validity")));
    if (!outcome->ended) audit_violation(&world->auditor, "the run never ended", 0);
    if (world->begun_anew) {
        audit_begun_anew(world, state, report, outcome);
        return;
    }
    check_totals(world, counts, outcome);
    check_tally(world, report, counts);
    check_cost(world, report);
    audit_steps(world, report, outcome);
    check_lost(world, report);
    audit_load(world, report, outcome);
    audit_intervals(world, report, outcome);
    audit_targets(world, audit_not_cleaned(report), "keys left behind in the targets");
    audit_storage(world);
    audit_row(world, outcome);
}
