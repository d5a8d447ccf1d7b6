#include "world.h"

/* When objects are woken: one alarm each, which is tried again, comes twice, late or not at all. */

void alarm_set(struct world *world, uint32_t index, int64_t at_us) {
    if (at_us < world->now_us) at_us = world->now_us;
    at_us += fault_delay_us(world, SN_FAULT_ALARMS_LATE, 10, 5 * SN_SECOND_US);
    world->objects[index].alarm_us = at_us;
    world->objects[index].given_up = false;
    world_plan(world, (struct happening){.at_us = at_us, .object = index, .what = WILL_ALARM}, NULL, 0);
}

/* The one that was to be erased was not. */
void alarm_back(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    object->alarm_us = object->unset_us;
    if (object->alarm_us == 0) return;
    if (object->alarm_us < world->now_us) object->alarm_us = world->now_us;
    world_plan(world, (struct happening){.at_us = object->alarm_us, .object = index, .what = WILL_ALARM}, NULL, 0);
}

/* The platform did not learn that the handler was done, and calls it again before anything else. */
static void alarm_again(struct world *world, uint32_t index, int64_t at_us) {
    world->objects[index].alarm_again = false;
    world_plan(world, (struct happening){.at_us = at_us, .object = index, .what = WILL_ALARM_AGAIN}, NULL, 0);
}

void alarm_slice_ended(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    object->handling = false;
    if (object->alarm_again) alarm_again(world, index, world->now_us - 1);
    if (object->alarm_us != 0 && object->alarm_us <= world->now_us) alarm_set(world, index, world->now_us);
}

static void handle_alarm(struct world *world, uint32_t index, uint32_t retries) {
    struct object *object = &world->objects[index];
    if (!object_open(world, index)) return;
    object->handling = true;
    object->slice_calls = 0;
    object_feed(world, index, &(struct sn_record){.kind = SN_EVENT_ALARM, .arg0 = retries}, NULL, 0);
}

bool alarm_moved(const struct world *world, const struct happening *happening) {
    return happening->what == WILL_ALARM && world->objects[happening->object].alarm_us != happening->at_us;
}

void alarm_fires(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    if (object->handling) return; /* it waits for the handler */
    object->alarm_us = 0;
    object->given_up = fault_strikes(world, SN_FAULT_ALARMS_GIVEN_UP, 40);
    if (object->given_up) return;
    handle_alarm(world, happening->object, 0);
    if (fault_strikes(world, SN_FAULT_ALARMS_TWICE, 10))
        alarm_again(world, happening->object, world->now_us + (int64_t)(sn_rng_unit(&world->rng) * 10e6));
}

/* The second delivery has come: now, or when the handler is done. */
void alarm_fires_again(struct world *world, uint32_t index) {
    if (world->objects[index].handling)
        world->objects[index].alarm_again = true;
    else
        handle_alarm(world, index, 1);
}
