#include <string.h>

#include "world.h"

/* What objects store: it is durable some milliseconds after they wrote it. */

#define WRITE_US 3000   /* until a write is durable */
#define GATE_US 3000000 /* most that a slow one takes */

void disk_store(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    struct object *object = &world->objects[index];
    if (fault_write_fails(world, index)) {
        object->unwritten = true;
        host_answer(world, index, WRITE_US, SN_EVENT_FAILED, effect->id, "Error: storage is away");
        return;
    }
    object->writes += 1;
    int64_t at_us = world->now_us + WRITE_US; /* what was erased before is erased first */
    world_plan(world,
               (struct happening){.at_us = at_us > object->gate_us ? at_us : object->gate_us,
                                  .object = index,
                                  .generation = object->generation,
                                  .what = WILL_DURABLE,
                                  .record = {.kind = SN_EVENT_DONE, .id = effect->id}},
               payload.data, payload.len);
}

void disk_durable(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    object->writes -= 1;
    object->unwritten = false;
    struct sn_reader r = sn_reader(happening->payload, happening->payload_len);
    while (sn_reader_left(&r) > 0 && happening->order > object->erased_order) {
        struct sn_span key = sn_get_span(&r), value = sn_get_span(&r);
        if (r.bad) break;
        audit_durable(world, happening->object, key, value);
        entries_put(world, &object->storage, key, value);
    }
    if (object->is_run) audit_run_stored(world, happening->order);
    audit_stored(world, happening->object);
    object_feed(world, happening->object, &happening->record, NULL, 0);
}

/* Confirmed: the gate is closed until it is on disk. */
static void erase_everything(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    if (object->gate_us == 0) object->unset_us = object->alarm_us;
    object->alarm_us = 0;
    if (fault_write_fails(world, index)) { /* the platform restarts an object that would have said what is not true */
        world_plan(world, (struct happening){.at_us = world->now_us, .object = index, .what = WILL_EVICT}, NULL, 0);
        gate_close(world, index, world->now_us + WRITE_US);
        return;
    }
    int64_t at_us = world->now_us + WRITE_US + fault_delay_us(world, SN_FAULT_GATE_SLOW, 2, GATE_US);
    gate_close(world, index, at_us);
    world_plan(
        world,
        (struct happening){.at_us = at_us, .object = index, .generation = object->generation, .what = WILL_ERASE}, NULL,
        0);
}

void disk_erased(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    world->begun_anew = world->begun_anew || object->is_run;
    entries_clear(&object->storage);
    object->lease_k = 0;
    object->erased_order = happening->order;
    if (object->gate_us == happening->at_us) gate_open(world, happening->object); /* else there is a newer one */
}

void disk_erase(struct world *world, uint32_t index, struct sn_span payload) {
    struct object *object = &world->objects[index];
    struct sn_reader r = sn_reader(payload.data, payload.len);
    if (payload.len == 0) erase_everything(world, index);
    while (sn_reader_left(&r) > 0) {
        struct sn_span key = sn_get_span(&r);
        entries_erase(&object->storage, key.data, key.len);
    }
}
