#include <stdlib.h>
#include <string.h>

#include "sentinel/base/assert.h"
#include "world.h"

#define MESSAGE_US 2000 /* one way between two objects */
#define WRITE_US 3000   /* until a write is durable */
#define SQL_US 4000
#define LATE_US (8 * SN_SECOND_US)
#define IDLE_US 10000000  /* an object with nothing under way is evicted after so long */
#define SPARED_US 50000   /* nor does it die of what it says before */
#define REFIRE_US 2000000 /* an alarm whose handler died comes again */

/* What an object's clock shows: whole milliseconds, and in a timer's own event the time for which that was set. */
static int64_t clock_us(const struct world *world, uint32_t index) {
    const struct object *object = &world->objects[index];
    int64_t now_us = object->hidden_us != 0 ? object->hidden_us : world->now_us;
    return (now_us + object->skew_us) / 1000 * 1000;
}

/* --- Entries ---------------------------------------------------------------------------------------------- */

struct entry **host_find(struct entry **list, const void *key, size_t len) {
    for (; *list != NULL; list = &(*list)->next) {
        if ((*list)->key_len == len && memcmp((*list)->key, key, len) == 0) return list;
    }
    return list;
}

static void free_entry(struct entry *entry) {
    free(entry->key);
    free(entry->value);
    free(entry);
}

void host_erase(struct entry **list, const void *key, size_t len) {
    struct entry **place = host_find(list, key, len);
    struct entry *gone = *place;
    if (gone == NULL) return;
    *place = gone->next;
    free_entry(gone);
}

static void erase_all(struct entry **list) {
    while (*list != NULL) host_erase(list, (*list)->key, (*list)->key_len);
}

static uint8_t *copy(struct world *world, struct sn_span span) {
    uint8_t *bytes = malloc(span.len + 1);
    if (bytes == NULL) {
        world->out_of_memory = true;
    } else if (span.len > 0) {
        memcpy(bytes, span.data, span.len);
    }
    return bytes;
}

/* Kept in the order of their keys, as the platform lists them. */
void host_put(struct world *world, struct entry **list, struct sn_span key, struct sn_span value) {
    host_erase(list, key.data, key.len);
    struct entry *entry = malloc(sizeof *entry);
    if (entry == NULL) {
        world->out_of_memory = true;
        return;
    }
    *entry = (struct entry){.key_len = key.len, .value_len = value.len};
    entry->key = copy(world, key);
    entry->value = copy(world, value);
    if (world->out_of_memory) {
        free_entry(entry);
        return;
    }
    while (*list != NULL) {
        size_t common = (*list)->key_len < key.len ? (*list)->key_len : key.len;
        int order = memcmp((*list)->key, key.data, common);
        if (order > 0 || (order == 0 && (*list)->key_len > key.len)) break;
        list = &(*list)->next;
    }
    entry->next = *list;
    *list = entry;
}

/* --- Objects ----------------------------------------------------------------------------------------------- */

static void feed(struct world *world, uint32_t index, const struct sn_record *event, const void *payload, size_t len);

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
        feed(world, index, &(struct sn_record){.kind = SN_EVENT_LOADED}, bytes, w.len);
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
    feed(world, index, &(struct sn_record){.kind = SN_EVENT_OPENED}, bytes, w.len);
}

static bool open_object(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    if (object->resident) return true;
    size_t size = object->is_run ? SN_RUN_MEMORY : sn_shard_size();
    object->memory = aligned_alloc(16, (size + 15) & ~(size_t)15);
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

void host_evict(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    if (!object->resident) return;
    free(object->memory);
    object->memory = NULL;
    object->resident = false;
    object->generation += 1; /* what was on its way to it reaches nobody */
    object->steps_in_flight = object->slice_calls = object->writes = 0;
    object->unwritten = false;
    memset(object->calls, 0, sizeof object->calls);
    if (!object->handling) return;
    object->handling = object->alarm_again = false;
    bool seen = object->alarm_us == 0 || sn_rng_below(&world->rng, 2) == 0;
    if (seen) { /* the platform saw the handler fail and tries it again; else only the dead-man alarm is left */
        object->alarm_us = world->now_us + REFIRE_US;
        world_plan(world, (struct happening){.at_us = object->alarm_us, .object = index, .what = WILL_ALARM}, NULL, 0);
    }
}

void host_free(struct world *world) {
    for (uint32_t i = 0; i < world->objects_len; i++) {
        host_evict(world, i);
        erase_all(&world->objects[i].storage);
    }
    for (size_t i = 0; i < sizeof world->targets / sizeof world->targets[0]; i++) erase_all(&world->targets[i]);
    for (size_t i = 0; i < world->heap_len; i++) free(world->heap[i].payload);
    free(world->heap);
    free(world->objects);
    free(world->auditor.sent);
    free(world->auditor.answered);
    free(world->auditor.sent_at);
    free(world->auditor.opened_at);
    free(world->outbox);
}

/* --- Effects ----------------------------------------------------------------------------------------------- */

static void answer_later(struct world *world, uint32_t index, int64_t delay_us, enum sn_event kind, uint32_t id,
                         const char *text) {
    world_plan(world,
               (struct happening){.at_us = world->now_us + delay_us,
                                  .object = index,
                                  .generation = world->objects[index].generation,
                                  .what = WILL_FEED,
                                  .record = {.kind = (uint16_t)kind, .id = id}},
               text, strlen(text));
}

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

static void call_object(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    struct sn_reader r = sn_reader(payload.data, payload.len);
    struct sn_span name = sn_get_span(&r);
    sn_get_span(&r);
    uint32_t to = find_object(world, name);
    if (to == world->objects_cap) {
        audit_violation(&world->auditor, "a call to an object that nobody may call", effect->id);
        return;
    }
    audit_calls(world, index, 1);
    bool first = !world->objects[to].called, wakes = first && !world->objects[to].is_run;
    int64_t waking_us = wakes ? (int64_t)(world->options->waking_ms * 1000) : 0;
    if (wakes) audit_start(world, to);
    world->objects[to].called = true;
    if (cut_off(world, index, to) || fault_strikes(world, SN_FAULT_LOST, 50)) return;
    struct happening delivery = {.at_us = world->now_us + MESSAGE_US + waking_us +
                                          fault_delay_us(world, SN_FAULT_LATE, 50, LATE_US),
                                 .object = to,
                                 .what = WILL_DELIVER,
                                 .from = index,
                                 .from_generation = world->objects[index].generation,
                                 .from_id = effect->id};
    world_plan(world, delivery, r.data + r.pos, sn_reader_left(&r));
    if (!fault_strikes(world, SN_FAULT_TWICE, first ? 2 : 50)) return;
    delivery.at_us += (int64_t)(sn_rng_unit(&world->rng) * LATE_US);
    delivery.from = CROWD; /* whoever asked has one answer */
    world_plan(world, delivery, r.data + r.pos, sn_reader_left(&r));
}

static void reply(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    struct object *object = &world->objects[index];
    for (size_t i = 0; i < sizeof object->calls / sizeof object->calls[0]; i++) {
        if (object->calls[i].id != effect->id) continue;
        object->calls[i].id = 0;
        if (object->calls[i].from == CROWD) return;
        if (object->calls[i].from == AUDITOR) {
            audit_state(world, payload);
            return;
        }
        if (object->calls[i].from == AUDIENCE) {
            world->answered = true;
            world->answer_status = effect->status;
            sn_put_bytes(world->answer, payload.data, payload.len);
            return;
        }
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

static void erase(struct world *world, uint32_t index, struct sn_span payload) {
    struct object *object = &world->objects[index];
    struct sn_reader r = sn_reader(payload.data, payload.len);
    if (payload.len == 0) {
        erase_all(&object->storage);
        object->lease_k = 0;
        object->erased_order = world->order;
        object->alarm_us = 0;
    }
    while (sn_reader_left(&r) > 0) {
        struct sn_span key = sn_get_span(&r);
        host_erase(&object->storage, key.data, key.len);
    }
}

static void set_alarm(struct world *world, uint32_t index, int64_t at_us) {
    if (at_us < world->now_us) at_us = world->now_us;
    at_us += fault_delay_us(world, SN_FAULT_ALARMS_LATE, 10, 5 * SN_SECOND_US);
    world->objects[index].alarm_us = at_us;
    world_plan(world, (struct happening){.at_us = at_us, .object = index, .what = WILL_ALARM}, NULL, 0);
}

/* The platform did not learn that the handler was done, and calls it again before anything else. */
static void alarm_again(struct world *world, uint32_t index, int64_t at_us) {
    world->objects[index].alarm_again = false;
    world_plan(world, (struct happening){.at_us = at_us, .object = index, .what = WILL_ALARM_AGAIN}, NULL, 0);
}

static void slice_ended(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    object->handling = false;
    if (object->alarm_again) alarm_again(world, index, world->now_us - 1);
    if (object->alarm_us != 0 && object->alarm_us <= world->now_us) set_alarm(world, index, world->now_us);
}

static void perform(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    world->said = world->said || effect->kind == SN_EFFECT_STEP || effect->kind == SN_EFFECT_CALL_OBJECT ||
                  effect->kind == SN_EFFECT_REPLY;
    uint32_t generation = world->objects[index].generation;
    switch (effect->kind) {
    case SN_EFFECT_STEP:
        audit_step(world, index, effect, payload);
        target_step(world, index, effect, payload);
        break;
    case SN_EFFECT_STORE:
        if (fault_write_fails(world, index)) {
            world->objects[index].unwritten = true;
            answer_later(world, index, WRITE_US, SN_EVENT_FAILED, effect->id, "Error: storage is away");
            break;
        }
        world->objects[index].writes += 1;
        world_plan(world,
                   (struct happening){.at_us = world->now_us + WRITE_US,
                                      .object = index,
                                      .generation = generation,
                                      .what = WILL_DURABLE,
                                      .record = {.kind = SN_EVENT_DONE, .id = effect->id}},
                   payload.data, payload.len);
        break;
    case SN_EFFECT_ERASE: erase(world, index, payload); break;
    case SN_EFFECT_SET_ALARM: set_alarm(world, index, (int64_t)effect->at_us - world->objects[index].skew_us); break;
    case SN_EFFECT_SLICE_END: slice_ended(world, index); break;
    case SN_EFFECT_CALL_OBJECT: call_object(world, index, effect, payload); break;
    case SN_EFFECT_REPLY: reply(world, index, effect, payload); break;
    case SN_EFFECT_SQL:
        if (fault_database_away(world))
            answer_later(world, index, SQL_US, SN_EVENT_FAILED, effect->id, "D1_ERROR: Network connection lost.");
        else
            answer_later(world, index, SQL_US, SN_EVENT_DONE, effect->id, "[{\"rows\":[],\"changes\":0}]");
        break;
    default: break; /* publishing, defining and logging reach nobody here */
    }
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

static void feed(struct world *world, uint32_t index, const struct sn_record *event, const void *payload, size_t len) {
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
    int64_t deadline_us;
    if (object->is_run) {
        sn_run_step(object->memory, clock_us(world, index), &events, &out);
        deadline_us = sn_run_deadline_us(object->memory);
    } else {
        sn_shard_step(object->memory, clock_us(world, index), &events, &out);
        deadline_us = sn_shard_deadline_us(object->memory);
    }
    SN_ASSERT(!out.full);
    struct sn_reader effects = sn_reader(world->outbox, out.len);
    struct sn_record effect;
    struct sn_span body;
    while (sn_record_next(&effects, &effect, &body)) perform(world, index, &effect, body);
    SN_ASSERT(!effects.bad);
    free(inbox);
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

static void deliver(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    if (!open_object(world, happening->object)) return;
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
    feed(world, happening->object, &(struct sn_record){.kind = SN_EVENT_CALL, .id = id}, happening->payload,
         happening->payload_len);
}

void host_call(struct world *world, uint32_t index, const void *message, size_t len) {
    world_plan(world,
               (struct happening){.at_us = world->now_us, .object = index, .what = WILL_DELIVER, .from = AUDIENCE},
               message, len);
}

static void durable(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    object->writes -= 1;
    object->unwritten = false;
    struct sn_reader r = sn_reader(happening->payload, happening->payload_len);
    while (sn_reader_left(&r) > 0 && happening->order > object->erased_order) {
        struct sn_span key = sn_get_span(&r), value = sn_get_span(&r);
        if (r.bad) break;
        audit_durable(world, happening->object, key, value);
        host_put(world, &object->storage, key, value);
    }
    feed(world, happening->object, &happening->record, NULL, 0);
}

static void handle_alarm(struct world *world, uint32_t index, uint32_t retries) {
    struct object *object = &world->objects[index];
    if (!open_object(world, index)) return;
    object->handling = true;
    object->slice_calls = 0;
    feed(world, index, &(struct sn_record){.kind = SN_EVENT_ALARM, .arg0 = retries}, NULL, 0);
}

static void alarm_fires(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    if (object->alarm_us != happening->at_us || object->handling) return; /* it was moved, or waits for the handler */
    object->alarm_us = 0;
    if (fault_strikes(world, SN_FAULT_ALARMS_GIVEN_UP, 40)) return;
    handle_alarm(world, happening->object, 0);
    if (fault_strikes(world, SN_FAULT_ALARMS_TWICE, 10))
        alarm_again(world, happening->object, world->now_us + (int64_t)(sn_rng_unit(&world->rng) * 10e6));
}

/* An object with nothing under way is put to sleep, and does not remember it: whatever wakes it opens it anew. */
static void hibernate(struct world *world, uint32_t index) {
    struct object *object = &world->objects[index];
    bool idle = !object->handling && object->steps_in_flight == 0 && object->timer_us == INT64_MAX;
    if (object->resident && idle && world->now_us - object->touched_us >= IDLE_US) host_evict(world, index);
}

void host_happen(struct world *world, struct happening *happening) {
    struct object *object = &world->objects[happening->object];
    hibernate(world, happening->object);
    bool reaches = object->resident && happening->generation == object->generation;
    switch (happening->what) {
    case WILL_DELIVER: deliver(world, happening); break;
    case WILL_ALARM: alarm_fires(world, happening); break;
    case WILL_EVICT: host_evict(world, happening->object); break;
    case WILL_CUT:
        object->cut_until_us = (int64_t)happening->record.at_us;
        object->cut_one_way = happening->record.arg0 != 0;
        break;
    case WILL_VANISH:
        host_evict(world, happening->object);
        erase_all(&object->storage);
        object->lease_k = 0;
        object->alarm_us = 0;
        break;
    case WILL_STEER:
        happening->from = CROWD;
        deliver(world, happening);
        break;
    case WILL_DURABLE:
        if (reaches) durable(world, happening); /* a write on its way when the object died is lost */
        break;
    case WILL_TIMER:
        if (!reaches || object->timer_us != happening->at_us) break;
        object->hidden_us = (int64_t)happening->record.at_us;
        if (!fault_on(world, SN_FAULT_TIMERS_LATE)) object->hidden_us = 0;
        feed(world, happening->object, &(struct sn_record){.kind = SN_EVENT_TIMER}, NULL, 0);
        object->hidden_us = 0;
        break;
    case WILL_ALARM_AGAIN:
        if (object->handling)
            object->alarm_again = true;
        else
            handle_alarm(world, happening->object, 1);
        break;
    case WILL_TICK: story_tick(world); break;
    case WILL_HALT: world->now_us += (int64_t)happening->record.at_us; break;
    case WILL_FEED:
        if (!reaches) break;
        if (happening->record.kind == SN_EVENT_STEP_DONE || happening->record.kind == SN_EVENT_STEP_FAILED) {
            object->steps_in_flight -= 1;
            if (happening->from_id > 0) audit_answer(world, happening->record.target, happening->from_id - 1);
            happening->record.target = 0;
        }
        happening->record.at_us = (double)clock_us(world, happening->object);
        feed(world, happening->object, &happening->record, happening->payload, happening->payload_len);
        break;
    }
}
