#include <stdlib.h>
#include <string.h>

#include "world.h"

/* The output gate.  While a write that has to be confirmed is under way, what its object sends waits: calls, answers,
 * statements, steps, and that an alarm's handler is done.  Of our writes only one is of that kind, the one that erases everything; all others are made so that
 * the gate stays open (worker-shim/perform.js says which).  An object that dies meanwhile has neither erased nor said
 * anything, and one whose write fails is restarted by the platform. */

struct held {
    struct held *next;
    struct sn_record effect;
    size_t len;
    uint8_t payload[];
};

bool gate_holds(const struct object *object, const struct sn_record *effect) {
    bool leaves = effect->kind == SN_EFFECT_STEP || effect->kind == SN_EFFECT_CALL_OBJECT ||
                  effect->kind == SN_EFFECT_REPLY || effect->kind == SN_EFFECT_SQL ||
                  effect->kind == SN_EFFECT_SLICE_END;
    return object->gate_us != 0 && leaves;
}

void gate_hold(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    struct held **end = &world->objects[index].held, *held = malloc(sizeof *held + payload.len);
    if (held == NULL) {
        world->out_of_memory = true;
        return;
    }
    *held = (struct held){.effect = *effect, .len = payload.len};
    if (payload.len > 0) memcpy(held->payload, payload.data, payload.len);
    while (*end != NULL) end = &(*end)->next;
    *end = held;
}

static struct held *take_first(struct object *object) {
    struct held *first = object->held;
    if (first != NULL) object->held = first->next;
    return first;
}

void gate_close(struct world *world, uint32_t index, int64_t until_us) {
    world->objects[index].gate_us = until_us;
}

void gate_open(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    object->gate_us = 0;
    for (struct held *held; object->gate_us == 0 && (held = take_first(object)) != NULL;) {
        host_send(world, index, &held->effect, (struct sn_span){held->payload, held->len});
        free(held);
    }
}

void gate_forget(struct object *object) {
    object->gate_us = 0;
    for (struct held *held; (held = take_first(object)) != NULL;) free(held);
}
