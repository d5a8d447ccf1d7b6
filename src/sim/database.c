#include <string.h>

#include "sentinel/base/sql.h"
#include "world.h"

/* The control database: the run's row, and the tick that looks after runs whose rows are active. */

#define SQL_US 4000
#define TICK_US (60 * SN_SECOND_US)
#define SETTLED_US (60 * SN_SECOND_US) /* a row that was written since is left alone */

void database_begin(struct world *world) {
    world->row = (struct row){
        .active = true, .reach = (double)world->plan.profile.planned, .status = "pending", .updated_us = world->now_us};
}

/* The next value of a statement; empty for a null. */
static struct sn_span get_value(struct sn_reader *r) {
    sn_get_u32(r); /* its type */
    size_t len = sn_get_u32(r);
    struct sn_span value = {sn_get_bytes(r, (len + 3) & ~(size_t)3), len};
    if (r->bad) value.len = 0;
    return value;
}

static bool ended(const struct row *row) {
    return strcmp(row->status, "completed") == 0 || strcmp(row->status, "failed") == 0 ||
           strcmp(row->status, "cancelled") == 0;
}

/* It is the last value, and only grows; the one before says what ended the run, which `by` then is. */
static void note_reach(struct world *world, struct sn_reader *r, struct sn_span *by) {
    struct sn_span value = {0};
    double reach;
    while (sn_reader_left(r) > 0 && !r->bad) {
        *by = value;
        value = get_value(r);
    }
    if (r->bad || value.len != sizeof reach) {
        audit_violation(&world->auditor, "the run's row does not say how far the run goes", world->order);
        return;
    }
    memcpy(&reach, value.data, sizeof reach);
    if (reach > world->row.reach) world->row.reach = reach;
}

/* Both statements that write the row begin alike, and neither overwrites what a newer one says. */
static void write_row(struct world *world, uint32_t statement, struct sn_reader *r) {
    struct row *row = &world->row, next = {.updated_us = world->now_us};
    get_value(r); /* the run's id */
    struct sn_span revision = get_value(r), status = get_value(r), active = get_value(r);
    if (r->bad || revision.len != sizeof next.revision || status.len >= sizeof next.status) {
        audit_violation(&world->auditor, "the run's row is written in a way that nobody can read", world->order);
        return;
    }
    memcpy(&next.revision, revision.data, sizeof next.revision);
    memcpy(next.status, status.data, status.len);
    next.reach = row->reach;
    next.active = active.len > 0;
    if (next.revision <= row->revision) return;
    if (ended(row) && strcmp(row->status, next.status) != 0)
        audit_violation(&world->auditor, "the row of a run that had ended says something else", world->order);
    *row = next;
    struct sn_span by = {0};
    if (statement == SN_SQL_RUN_UPDATE) {
        note_reach(world, r, &by);
    } else {
        while (sn_reader_left(r) > 0 && !r->bad) by = get_value(r);
    }
    bool completed = by.len == 9 && memcmp(by.data, "completed", 9) == 0;
    if (ended(row) != (by.len > 0) || completed != (strcmp(row->status, "completed") == 0))
        audit_violation(&world->auditor, "the run's row does not say what ended it, or says it of one that goes on",
                        world->order);
}

void database_ask(struct world *world, uint32_t index, const struct sn_record *effect, struct sn_span payload) {
    if (fault_database_away(world)) {
        host_answer(world, index, SQL_US, SN_EVENT_FAILED, effect->id, "D1_ERROR: Network connection lost.");
        return;
    }
    if (effect->target == 0) { /* a target's, by its name */
        host_answer(world, index, SQL_US, SN_EVENT_DONE, effect->id, remember_asked(world, payload));
        return;
    }
    struct sn_reader r = sn_reader(payload.data, payload.len);
    sn_get_u64(&r);
    sn_get_u16(&r);
    uint32_t statement = sn_get_u32(&r);
    sn_get_u16(&r);
    if (effect->target == SN_BINDING_DB && (statement == SN_SQL_RUN_UPDATE || statement == SN_SQL_RUN_SWEPT))
        write_row(world, statement, &r);
    host_answer(world, index, SQL_US, SN_EVENT_DONE, effect->id, "[{\"rows\":[],\"changes\":0}]");
}

/* --- The tick ------------------------------------------------------------------------------------------------- */

static void tell_run(struct world *world, const struct sn_writer *message) {
    world_plan(world, (struct happening){.at_us = world->now_us, .what = WILL_DELIVER, .from = TICK}, message->data,
               message->len);
}

void database_plan_tick(struct world *world) {
    world_plan(world, (struct happening){.at_us = world->now_us + TICK_US, .what = WILL_TICK}, NULL, 0);
}

/* The cron trigger ticks for ever.  Here it ends when nothing else was to happen, and nothing came of the last one. */
void database_tick(struct world *world) {
    uint8_t bytes[16];
    struct sn_writer poke = sn_writer(bytes, sizeof bytes);
    bool quiet = world->heap_len == 0;
    if (quiet && world->order == world->quiet_order && !world->row.active) return;
    sn_message_begin(&poke, SN_MESSAGE_POKE);
    if (world->row.active && !fault_database_away(world)) tell_run(world, &poke);
    database_plan_tick(world);
    world->quiet_order = quiet ? world->order : 0;
}

/* A run that its object cannot read is compiled again, and swept up. */
void database_poked(struct world *world, int16_t status) {
    uint8_t bytes[SN_PLAN_BYTES_MAX + 64];
    struct sn_writer message = sn_writer(bytes, sizeof bytes);
    bool lost = status == SN_E_VERSION || (status == SN_E_MISSING && world->row.revision > 0);
    if (!lost || world->now_us - world->row.updated_us < SETTLED_US || fault_database_away(world)) return;
    sn_message_begin(&message, SN_MESSAGE_CREATE);
    sn_put_u32(&message, SN_CREATION_SWEEP);
    sn_put_span(&message, world->plan_bytes.data, world->plan_bytes.len);
    sn_put_u64(&message, (uint64_t)world->row.reach);
    sn_put_u32(&message, (uint32_t)world->row.revision);
    tell_run(world, &message);
}
