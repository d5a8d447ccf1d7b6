#include "sentinel/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "world.h"

/* --- The queue: a binary heap by time, then by order of planning ------------------------------------------- */

static bool sooner(const struct happening *a, const struct happening *b) {
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

static bool grow(struct world *world) {
    if (world->heap_len < world->heap_cap) return true;
    size_t cap = world->heap_cap == 0 ? 256 : 2 * world->heap_cap;
    struct happening *heap = realloc(world->heap, cap * sizeof *heap);
    if (heap == NULL) return false;
    world->heap = heap;
    world->heap_cap = cap;
    return true;
}

void world_plan(struct world *world, struct happening happening, const void *payload, size_t len) {
    happening.order = ++world->order;
    happening.payload = len > 0 ? malloc(len) : NULL;
    if (!grow(world) || (len > 0 && happening.payload == NULL)) {
        free(happening.payload);
        world->out_of_memory = true;
        return;
    }
    if (len > 0) memcpy(happening.payload, payload, len);
    happening.payload_len = len;
    size_t i = world->heap_len++; /* a hole that rises to where the new one belongs */
    for (; i > 0 && sooner(&happening, &world->heap[(i - 1) / 2]); i = (i - 1) / 2) {
        world->heap[i] = world->heap[(i - 1) / 2];
    }
    world->heap[i] = happening;
}

static struct happening take_next(struct world *world) {
    struct happening next = world->heap[0];
    const struct happening *last = &world->heap[--world->heap_len];
    for (size_t i = 0;;) { /* a hole that sinks to where the last one belongs */
        size_t child = 2 * i + 1;
        if (child + 1 < world->heap_len && sooner(&world->heap[child + 1], &world->heap[child])) child += 1;
        if (child >= world->heap_len || !sooner(&world->heap[child], last)) {
            world->heap[i] = *last;
            return next;
        }
        world->heap[i] = world->heap[child];
        i = child;
    }
}

/* --- The story ------------------------------------------------------------------------------------------------ */

static bool step(struct world *world) {
    if (world->heap_len == 0 || world->out_of_memory) return false;
    struct happening happening = take_next(world);
    if (happening.at_us > WORLD_START_US + WORLD_END_US) {
        free(happening.payload);
        return false;
    }
    if (alarm_moved(world, &happening)) return true;
    if (happening.at_us > world->now_us) world->now_us = happening.at_us; /* else a halt came between */
    world->events += 1;
    host_happen(world, &happening);
    free(happening.payload);
    return true;
}

/* Calls the run from outside and waits for its answer. */
static bool ask(struct world *world, const struct sn_writer *message, struct sn_writer *answer) {
    world->answer = answer;
    world->answered = false;
    calls_ask(world, 0, message->data, message->len);
    while (!world->answered) {
        if (!step(world)) return false;
    }
    return world->answer_status == SN_OK;
}

static bool populate(struct world *world) {
    world->objects_len = world->plan.shards + 1;
    world->objects_cap = world->objects_len + SN_REPLACED_MAX;
    world->objects = calloc(world->objects_cap, sizeof *world->objects);
    world->outbox = malloc(OUTBOX_BYTES);
    world->targets = calloc(TARGETS_LISTS, sizeof(struct entry *));
    bool steered = world->options->steerings > 0 || fault_on(world, SN_FAULT_STEERED);
    world->auditor.cap = world->plan.profile.planned;
    if (steered) world->auditor.cap = (uint64_t)sn_bound((enum sn_bounds)world->plan.bounds, SN_BOUND_OPERATIONS);
    if (world->objects == NULL || world->outbox == NULL || world->targets == NULL) return false;
    world->auditor.plan = &world->plan;
    for (uint32_t i = 0; i < world->objects_len; i++) {
        struct object *object = &world->objects[i];
        object->is_run = i == 0;
        object->place = NO_PLACE;
        object->skew_us = fault_skew_us(world);
        if (object->is_run) {
            snprintf(object->name, sizeof object->name, "%s", world->plan.run_id);
        } else {
            struct sn_writer name = sn_writer(object->name, sizeof object->name - 1);
            sn_plan_put_shard_name(&name, &world->plan, i - 1, i - 1);
        }
    }
    return true;
}

static bool start(struct world *world, const void *plan, size_t len) {
    uint8_t *bytes = malloc(len + 64);
    uint8_t answer_bytes[16384];
    if (bytes == NULL) return false;
    struct sn_writer message = sn_writer(bytes, len + 64), answer = sn_writer(answer_bytes, sizeof answer_bytes);
    sn_message_begin(&message, SN_MESSAGE_CREATE);
    sn_put_u32(&message, 1);
    sn_put_span(&message, plan, len);
    bool ok = ask(world, &message, &answer);
    free(bytes);
    if (ok) story_plan(world);
    return ok;
}

static void read_report(struct world *world, enum sn_report_format format, struct sn_writer *report) {
    uint8_t bytes[16];
    struct sn_writer message = sn_writer(bytes, sizeof bytes);
    sn_message_begin(&message, SN_MESSAGE_REPORT);
    sn_put_u32(&message, format);
    ask(world, &message, report);
}

/* False: its object knows of no run. */
static bool read_state(struct world *world, struct sn_writer *state) {
    uint8_t bytes[16];
    struct sn_writer message = sn_writer(bytes, sizeof bytes);
    sn_message_begin(&message, SN_MESSAGE_READ);
    return ask(world, &message, state);
}

static void tell(struct world *world, const struct sn_sim_options *options, bool ended, struct sn_writer *report,
                 struct sn_sim_outcome *outcome) {
    static uint8_t state_bytes[65536], report_bytes[OUTBOX_BYTES];
    struct sn_writer state = sn_writer(state_bytes, sizeof state_bytes);
    struct sn_writer json = sn_writer(report_bytes, sizeof report_bytes);
    outcome->ended = ended;
    outcome->events = world->events;
    outcome->virtual_us = world->now_us - WORLD_START_US;
    read_report(world, options->report_text ? SN_REPORT_TEXT : SN_REPORT_JSON, report);
    read_report(world, SN_REPORT_JSON, &json);
    bool readable = read_state(world, &state);
    remember_end(world, outcome);
    if (!readable && fault_on(world, SN_FAULT_NEW_VERSION))
        audit_unreadable(world, outcome);
    else
        audit_end(world, (struct sn_span){state.data, state.len}, (struct sn_span){json.data, json.len}, outcome);
    outcome->sent = world->auditor.sends;
    outcome->shards_called = world->auditor.starts;
    outcome->reports = world->auditor.reports;
    outcome->run_calls = world->auditor.run_calls_at_start;
    if (world->auditor.starts > 0) outcome->called_us = world->auditor.last_start_us - world->auditor.first_start_us;
    outcome->violations = world->auditor.violations;
    memcpy(outcome->first_violation, world->auditor.first, sizeof outcome->first_violation);
}

enum sn_status sn_simulate(const void *plan, size_t len, const struct sn_sim_options *options, struct sn_writer *report,
                           struct sn_sim_outcome *outcome) {
    struct world world = {.options = options, .now_us = WORLD_START_US, .plan_bytes = {plan, len}};
    memset(outcome, 0, sizeof *outcome);
    enum sn_status status = sn_plan_open(&world.plan, plan, len);
    if (status != SN_OK) return status;
    database_begin(&world);
    world.rng = sn_rng(options->seed, SN_PURPOSE_MODEL, 0);
    remember_begin(&world);
    bool ready = populate(&world) && start(&world, plan, len);
    if (ready) {
        while (step(&world)) { /* until nothing is left to happen: the sweep is the last of it */
        }
        bool ended = world.heap_len == 0 && !world.out_of_memory;
        tell(&world, options, ended, report, outcome);
    }
    host_free(&world);
    if (world.out_of_memory) return SN_E_MEMORY;
    return ready ? SN_OK : SN_E_STATE;
}
