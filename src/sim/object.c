#include <stdlib.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "world.h"

/* Objects: how one comes into memory, is fed with what happens, and dies. */

#define IDLE_US 10000000  /* an object with nothing under way is evicted after so long */
#define SPARED_US 50000   /* one that was just opened does not die of what it says */
#define REFIRE_US 2000000 /* an alarm whose handler died comes again */

/* What an object's clock shows: whole milliseconds, and in a timer's own event the time for which that was set. */
int64_t object_clock_us(const struct world *world, uint32_t index) {
    const struct object *object = &world->objects[index];
    int64_t now_us = object->hidden_us != 0 ? object->hidden_us : world->now_us;
    return (now_us + object->skew_us) / 1000 * 1000;
}

/* --- Opening and dying --------------------------------------------------------------------------------------- */

static void load(struct world *world, uint32_t index) {
    for (struct entry *entry = world->objects[index].storage; entry != NULL; entry = entry->next) {
        size_t cap = entry->key_len + entry->value_len + 16;
        uint8_t *bytes = malloc(cap);
        if (bytes == NULL) {
            world->out_of_memory = true;
            return;
        }
        struct sn_writer w = sn_writer(bytes, cap);
        sn_put_span(&w, entry->key, entry->key_len);
        sn_put_bytes(&w, entry->value, entry->value_len);
        version_read(world, entry, bytes + w.len - entry->value_len);
        object_feed(world, index, &(struct sn_record){.kind = SN_EVENT_LOADED}, bytes, w.len);
        free(bytes);
    }
}

/* A Worker that has every binding which the plan needs. */
static void feed_opened(struct world *world, uint32_t index) {
    const struct sn_workload *workload = &world->plan.workload;
    uint8_t bytes[2048];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    sn_put_span(&w, world->objects[index].name, strlen(world->objects[index].name));
    for (uint32_t i = 0; i < workload->targets_len; i++) {
        struct sn_text name = workload->targets[i].name;
        sn_put_span(&w, workload->pool + name.offset, name.len);
    }
    SN_ASSERT(!w.full);
    object_feed(world, index, &(struct sn_record){.kind = SN_EVENT_OPENED}, bytes, w.len);
}

/* Objects come and go by the thousand, and memory that was just given back is the system's most expensive: what one leaves
 * the next one takes, filled with what nobody should read. */
struct spare {
    struct spare *next;
};

static size_t memory_size(const struct object *object) {
    size_t size = object->is_run ? SN_RUN_MEMORY : sn_shard_size();
    return (size + 15) & ~(size_t)15;
}

static void *take_memory(struct world *world, const struct object *object) {
    struct spare **spare = &world->spare[object->is_run];
    void *memory = *spare;
    if (memory == NULL) return aligned_alloc(16, memory_size(object));
    *spare = (*spare)->next;
    memset(memory, 0xa5, memory_size(object));
    return memory;
}

static void leave_memory(struct world *world, const struct object *object) {
    struct spare *left = object->memory;
    left->next = world->spare[object->is_run];
    world->spare[object->is_run] = left;
}

void object_free_spare(struct world *world) {
    for (size_t i = 0; i < sizeof world->spare / sizeof world->spare[0]; i++) {
        for (struct spare *next; world->spare[i] != NULL; world->spare[i] = next) {
            next = world->spare[i]->next;
            free(world->spare[i]);
        }
    }
}

bool object_open(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    if (object->resident) return true;
    object->memory = take_memory(world, object);
    if (object->memory == NULL) {
        world->out_of_memory = true;
        return false;
    }
    if (object->is_run) {
        sn_run_init(object->memory);
    } else {
        sn_shard_init(object->memory);
    }
    object->resident = true;
    object->generation += 1;
    object->opened_us = world->now_us;
    load(world, index);
    feed_opened(world, index);
    return true;
}

void object_evict(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    if (!object->resident) return;
    leave_memory(world, object);
    object->memory = NULL;
    object->resident = false;
    object->generation += 1; /* what was on its way to it reaches nobody */
    object->steps_in_flight = object->slice_calls = object->writes = 0;
    object->unwritten = false;
    if (object->gate_us != 0 && object->alarm_us == 0) alarm_back(world, index);
    gate_forget(object);
    memset(object->calls, 0, sizeof object->calls);
    if (!object->handling) return;
    object->handling = object->alarm_again = false;
    bool seen = object->alarm_us == 0 || sn_rng_below(&world->rng, 2) == 0;
    if (seen) /* the platform saw the handler fail and tries it again; else only the dead-man alarm is left */
        object->alarm_us = world->now_us + REFIRE_US;
    else if (object->alarm_us <= world->now_us) /* which has waited for the handler */
        object->alarm_us = world->now_us;
    else
        return;
    world_plan(world, (struct happening){.at_us = object->alarm_us, .object = index, .what = WILL_ALARM}, NULL, 0);
}

/* An object with nothing under way is put to sleep, and does not remember it: whatever wakes it opens it anew. */
void object_hibernate(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    bool idle = !object->handling && object->steps_in_flight == 0 && object->timer_us == INT64_MAX;
    if (object->resident && idle && world->now_us - object->touched_us >= IDLE_US) object_evict(world, index);
}

/* --- Feeding ------------------------------------------------------------------------------------------------ */

/* The worst instants are those in which something was said and is not written down yet.  An object that has just been opened
 * is spared: where hundreds of others speak to it in every millisecond, none of its writes would ever end. */
static bool dies_now(struct world *world, uint32_t index) {
    const struct object *object = &world->objects[index];
    bool said = world->said;
    world->said = false;
    if (world->now_us - object->opened_us < SPARED_US) return false;
    if (object->is_run)
        return said && fault_strikes(world, SN_FAULT_RUN_DIES, object->writes > 0 || object->unwritten ? 40 : 600);
    return said && fault_strikes(world, SN_FAULT_SHARDS_DIE, 600);
}

void object_feed(struct world *world, uint32_t index, const struct sn_record *event, const void *payload, size_t len) {
    struct object *object = &world->objects[index];
    size_t cap = sizeof *event + len + 8;
    uint8_t *inbox = malloc(cap);
    if (inbox == NULL) {
        world->out_of_memory = true;
        return;
    }
    struct sn_writer in = sn_writer(inbox, cap), out = sn_writer(world->outbox, OUTBOX_BYTES);
    sn_record_put(&in, event, payload, len);
    struct sn_reader events = sn_reader(inbox, in.len);
    bool said = event->kind == SN_EVENT_CALL || event->kind == SN_EVENT_DONE;
    if (said && !object->is_run) audit_hears(world, index, (struct sn_span){payload, len});
    int64_t deadline_us;
    if (object->is_run) {
        sn_run_step(object->memory, object_clock_us(world, index), &events, &out);
        deadline_us = sn_run_deadline_us(object->memory);
    } else {
        sn_shard_step(object->memory, object_clock_us(world, index), &events, &out);
        deadline_us = sn_shard_deadline_us(object->memory);
    }
    SN_ASSERT(!out.full);
    struct sn_reader effects = sn_reader(world->outbox, out.len);
    struct sn_record effect;
    struct sn_span body;
    while (sn_record_next(&effects, &effect, &body)) host_perform(world, index, &effect, body);
    SN_ASSERT(!effects.bad);
    free(inbox);
    if (event->kind != SN_EVENT_LOADED && event->kind != SN_EVENT_OPENED) audit_awake(world, index);
    if (dies_now(world, index)) {
        world_plan(world, (struct happening){.at_us = world->now_us, .object = index, .what = WILL_EVICT}, NULL, 0);
    }
    object->touched_us = world->now_us;
    object->timer_us = INT64_MAX;
    if (deadline_us == INT64_MAX) return;
    int64_t at_us = (deadline_us - object->skew_us + 999) / 1000 * 1000; /* timers know whole milliseconds */
    if (at_us <= world->now_us) at_us = world->now_us + 100;             /* a trip through the event loop */
    struct happening timer = {.object = index, .generation = object->generation, .what = WILL_TIMER};
    timer.record.at_us = (double)at_us;
    timer.at_us = object->timer_us = at_us + fault_delay_us(world, SN_FAULT_TIMERS_LATE, 20, SN_SECOND_US);
    world_plan(world, timer, NULL, 0);
}
