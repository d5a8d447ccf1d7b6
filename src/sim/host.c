#include <stdlib.h>
#include <string.h>

#include "world.h"

/* What becomes of an object's effects, and of what was planned to happen to it. */

void host_answer(struct world *world, uint32_t index, int64_t delay_us, enum sn_event kind, uint32_t id,
                 const char *text) {
    world_plan(world,
               (struct happening){.at_us = world->now_us + delay_us,
                                  .object = index,
                                  .generation = world->objects[index].generation,
                                  .what = WILL_FEED,
                                  .record = {.kind = (uint16_t)kind, .id = id}},
               text, strlen(text));
}

/* What leaves the object. */
void host_send(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    world->said = world->said || (effect->kind != SN_EFFECT_SQL && effect->kind != SN_EFFECT_SLICE_END);
    switch (effect->kind) {
    case SN_EFFECT_STEP: target_step(world, index, effect, payload); break;
    case SN_EFFECT_CALL_OBJECT: calls_send(world, index, effect, payload); break;
    case SN_EFFECT_REPLY: calls_reply(world, index, effect, payload); break;
    case SN_EFFECT_SQL: database_ask(world, index, effect, payload); break;
    default: alarm_slice_ended(world, index);
    }
}

void host_perform(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    switch (effect->kind) {
    case SN_EFFECT_STEP: audit_step(world, index, effect, payload); break;
    case SN_EFFECT_CALL_OBJECT: audit_calls(world, index, 1); break; /* it counts from here on, whenever it leaves */
    case SN_EFFECT_REPLY:
    case SN_EFFECT_SQL:
    case SN_EFFECT_SLICE_END: break;
    case SN_EFFECT_STORE: disk_store(world, index, effect, payload); return;
    case SN_EFFECT_ERASE: disk_erase(world, index, payload); return;
    case SN_EFFECT_SET_ALARM: alarm_set(world, index, (int64_t)effect->at_us - world->objects[index].skew_us); return;
    default: return; /* publishing, defining and logging reach nobody here */
    }
    if (gate_holds(&world->objects[index], effect))
        gate_hold(world, index, effect, payload);
    else
        host_send(world, index, effect, payload);
}

/* Everybody at the same instant. */
static void deploy(struct world *world) {
    world->version = version_deployed(world);
    for (uint32_t i = 0; i < world->objects_len; i++) object_evict(world, i);
}

/* The worst instant: nothing of what it was told is on its disk, and there was time to tell others of it. */
static void plan_death(struct world *world, uint32_t index) {
    int64_t at_us = world->now_us + sn_rng_below(&world->rng, 3 * (uint32_t)SN_SECOND_US);
    if (world->objects[index].unwritable_until_us < at_us) world->objects[index].unwritable_until_us = at_us;
    world_plan(world, (struct happening){.at_us = at_us, .object = index, .what = WILL_EVICT}, NULL, 0);
}

void host_happen(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    object_hibernate(world, happening->object);
    bool reaches = object->resident && happening->generation == object->generation;
    switch (happening->what) {
    case WILL_DELIVER: calls_deliver(world, happening); break;
    case WILL_ALARM: alarm_fires(world, happening); break;
    case WILL_EVICT: object_evict(world, happening->object); break;
    case WILL_CUT:
        object->cut_until_us = (int64_t)happening->record.at_us;
        object->cut_one_way = happening->record.arg0 != 0;
        break;
    case WILL_VANISH:
        object_evict(world, happening->object);
        entries_clear(&object->storage);
        object->lease_k = 0;
        object->alarm_us = 0;
        break;
    case WILL_STEER:
        happening->from = CROWD;
        calls_deliver(world, happening);
        if (fault_strikes(world, SN_FAULT_STEERED_DIES, 2)) plan_death(world, happening->object);
        break;
    case WILL_DURABLE:
        if (reaches) disk_durable(world, happening); /* a write on its way when the object died is lost */
        break;
    case WILL_ERASE:
        if (reaches) disk_erased(world, happening);
        break;
    case WILL_TIMER:
        if (!reaches || object->timer_us != happening->at_us) break;
        object->hidden_us = (int64_t)happening->record.at_us;
        if (!fault_on(world, SN_FAULT_TIMERS_LATE)) object->hidden_us = 0;
        object_feed(world, happening->object, &(struct sn_record){.kind = SN_EVENT_TIMER}, NULL, 0);
        object->hidden_us = 0;
        break;
    case WILL_ALARM_AGAIN: alarm_fires_again(world, happening->object); break;
    case WILL_TICK: database_tick(world); break;
    case WILL_DEPLOY: deploy(world); break;
    case WILL_HALT: world->now_us += (int64_t)happening->record.at_us; break;
    case WILL_FEED:
        if (!reaches) break;
        if (happening->record.kind == SN_EVENT_STEP_DONE || happening->record.kind == SN_EVENT_STEP_FAILED) {
            object->steps_in_flight -= 1;
            if (happening->from_id > 0) audit_answer(world, happening->record.target, happening->from_id - 1);
            happening->record.target = 0;
        }
        happening->record.at_us = (double)object_clock_us(world, happening->object);
        object_feed(world, happening->object, &happening->record, happening->payload, happening->payload_len);
        break;
    }
}

void host_free(struct world *world) {
    for (uint32_t i = 0; i < world->objects_len; i++) {
        object_evict(world, i);
        entries_clear(&world->objects[i].storage);
    }
    object_free_spare(world);
    for (size_t i = 0; world->targets != NULL && i < TARGETS_LISTS; i++) entries_clear(&world->targets[i]);
    free(world->targets);
    for (size_t i = 0; i < world->heap_len; i++) free(world->heap[i].payload);
    free(world->heap);
    free(world->objects);
    free(world->busy.places);
    free(world->auditor.operations);
    free(world->outbox);
}
