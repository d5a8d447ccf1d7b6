#include <string.h>

#include "world.h"

/* Messages between objects, and from the world to one of them: lost, late, doubled, kept from whoever is cut off. */

#define MESSAGE_US 2000 /* one way between two objects */
#define LATE_US (8 * SN_SECOND_US)

static bool cut(const struct world *world, uint32_t index) {
    return index < world->objects_len && world->objects[index].cut_until_us > world->now_us;
}

static bool cut_off(const struct world *world, uint32_t from, uint32_t to) {
    return cut(world, from) || (cut(world, to) && !world->objects[to].cut_one_way);
}

/* Whom the name belongs to.  An object exists as soon as somebody calls it. */
static uint32_t find_object(struct world *world, struct sn_span name) {
    uint32_t i = 0;
    for (; i < world->objects_len; i++) {
        const struct object *object = &world->objects[i];
        if (strlen(object->name) == name.len && memcmp(object->name, name.data, name.len) == 0) return i;
    }
    if (i == world->objects_cap || name.len >= sizeof world->objects[i].name) return i;
    memcpy(world->objects[i].name, name.data, name.len);
    world->objects[i].place = NO_PLACE;
    world->objects[i].skew_us = fault_skew_us(world);
    world->objects_len += 1;
    return i;
}

void calls_send(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    struct sn_span name = sn_get_span(&r);
    sn_get_span(&r);
    uint32_t to = find_object(world, name);
    if (to == world->objects_cap) {
        audit_violation(&world->auditor, "a call to an object that nobody may call", effect->id);
        return;
    }
    bool first = !world->objects[to].called, wakes = first && !world->objects[to].is_run;
    int64_t waking_us = wakes ? (int64_t)(world->options->waking_ms * 1000) : 0;
    if (wakes) audit_start(world, to);
    struct sn_span message = {r.data + r.pos, sn_reader_left(&r)};
    if (world->objects[to].is_run) audit_reports(world, index, message);
    if (world->objects[index].is_run) audit_tells(world, to, message);
    world->objects[to].called = true;
    if (cut_off(world, index, to) || fault_strikes(world, SN_FAULT_LOST, 50)) return;
    struct happening delivery = {.at_us = world->now_us + MESSAGE_US + waking_us +
                                          fault_delay_us(world, SN_FAULT_LATE, 50, LATE_US),
                                 .object = to,
                                 .what = WILL_DELIVER,
                                 .from = index,
                                 .from_generation = world->objects[index].generation,
                                 .from_id = effect->id};
    world_plan(world, delivery, message.data, message.len);
    if (!fault_strikes(world, SN_FAULT_TWICE, first ? 2 : 50)) return;
    delivery.at_us += (int64_t)(sn_rng_unit(&world->rng) * LATE_US);
    delivery.from = CROWD; /* whoever asked has one answer */
    world_plan(world, delivery, message.data, message.len);
}

void calls_reply(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    struct object *object = &world->objects[index];
    for (size_t i = 0; i < sizeof object->calls / sizeof object->calls[0]; i++) {
        if (object->calls[i].id != effect->id) continue;
        object->calls[i].id = 0;
        if (object->calls[i].from == CROWD) return;
        if (object->calls[i].from == TICK) {
            database_poked(world, effect->status);
            return;
        }
        if (object->calls[i].from == AUDITOR) {
            bool lost = effect->status == SN_E_MISSING && fault_on(world, SN_FAULT_NEW_VERSION);
            if (!lost) audit_state(world, payload);
            return;
        }
        if (object->calls[i].from == AUDIENCE) {
            world->answered = true;
            world->answer_status = effect->status;
            sn_put_bytes(world->answer, payload.data, payload.len);
            return;
        }
        if (object->is_run) audit_tells(world, object->calls[i].from, payload);
        if (object->is_run) audit_answers(world, object->calls[i].from, object->calls[i].life, payload);
        if (cut_off(world, index, object->calls[i].from) || fault_strikes(world, SN_FAULT_LOST, 50)) return;
        world_plan(world,
                   (struct happening){
                       .at_us = world->now_us + MESSAGE_US + fault_delay_us(world, SN_FAULT_LATE, 50, LATE_US),
                       .object = object->calls[i].from,
                       .generation = object->calls[i].from_generation,
                       .what = WILL_FEED,
                       .record = {.kind = SN_EVENT_DONE, .id = object->calls[i].from_id, .status = effect->status}},
                   payload.data, payload.len);
        return;
    }
    audit_violation(&world->auditor, "a reply to nobody", effect->id);
}

void calls_deliver(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    if (!object_open(world, happening->object)) return;
    uint32_t id = ++object->next_call;
    size_t places = sizeof object->calls / sizeof object->calls[0], place = 0;
    while (place < places && object->calls[place].id != 0) place++; /* whoever has his answer has left his place */
    if (place == places) {
        audit_violation(&world->auditor, "more calls wait for an answer than an object has room for", id);
        return;
    }
    object->calls[place].id = id;
    object->calls[place].from = happening->from;
    object->calls[place].from_generation = happening->from_generation;
    object->calls[place].from_id = happening->from_id;
    object->calls[place].life =
        object->is_run ? audit_life((struct sn_span){happening->payload, happening->payload_len}) : 0;
    object_feed(world, happening->object, &(struct sn_record){.kind = SN_EVENT_CALL, .id = id}, happening->payload,
                happening->payload_len);
}

void calls_ask(struct world *world, uint32_t index, const void *message, size_t len) {
    world_plan(world,
               (struct happening){.at_us = world->now_us, .object = index, .what = WILL_DELIVER, .from = AUDIENCE},
               message, len);
}
