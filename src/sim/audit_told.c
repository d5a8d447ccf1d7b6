/* What a run and its shards tell each other, against what they told before and what is on their disks. */
#include <string.h>

#include "sentinel/base/time.h"
#include "world.h"

/* A command, wherever it travels.  False: the message has none. */
static bool read_command(struct sn_span message, struct told *told) {
    struct sn_reader r = sn_reader(message.data, message.len);
    uint32_t kind = sn_message_open(&r);
    if (kind != SN_MESSAGE_ARM && kind != SN_MESSAGE_COMMAND) return false;
    if (kind == SN_MESSAGE_ARM) {
        sn_get_span(&r); /* the run's name */
        sn_get_span(&r); /* the plan */
        sn_get_bytes(&r, 3 * sizeof(uint32_t));
    }
    sn_get_bytes(&r, 2 * sizeof(uint32_t)); /* stage, places */
    told->stored_seq = sn_get_u32(&r);
    told->want_seq = sn_get_u32(&r);
    sn_get_bytes(&r, 2 * sizeof(uint64_t)); /* how far the clean-up goes, and how often the shard reports */
    told->epochs_len = sn_get_u32(&r);
    told->epochs = (struct sn_span){r.data + r.pos, sn_reader_left(&r)};
    return !r.bad && told->epochs_len <= SN_EPOCHS_MAX &&
           told->epochs.len >= told->epochs_len * sizeof(struct sn_epoch);
}

/* --- The run --------------------------------------------------------------------------------------------------- */

/* What shards have heard of holds, whatever the run forgets: they act by it. */
static void check_epochs(struct auditor *auditor, const struct told *told) {
    uint32_t both = told->epochs_len < auditor->epochs_len ? told->epochs_len : auditor->epochs_len;
    if (memcmp(auditor->epochs, told->epochs.data, both * sizeof auditor->epochs[0]) != 0)
        audit_violation(auditor, "the run tells something else of an epoch than before", both);
    if (told->epochs_len < auditor->epochs_len)
        audit_violation(auditor, "the run has forgotten an epoch that it told of", auditor->epochs_len);
    memcpy(auditor->epochs, told->epochs.data, told->epochs_len * sizeof auditor->epochs[0]);
    auditor->epochs_len = told->epochs_len;
}

/* The shard will erase what the run says it has stored.  So the report was sent before a write of the run was begun that has
 * come to its end. */
static void check_stored(struct auditor *auditor, const struct object *object, const struct told *told) {
    const struct sent *sent = &object->sent[told->stored_seq % AUDIT_SENT_MAX];
    if (told->stored_seq > 0 && sent->seq == told->stored_seq && sent->order > auditor->stored_order)
        audit_violation(auditor, "the run says that it has stored a report, and has not", told->stored_seq);
}

void audit_tells(struct world *world, uint32_t to, struct sn_span message) {
    struct told told;
    if (world->begun_anew || to >= world->objects_len || !read_command(message, &told)) return;
    check_epochs(&world->auditor, &told);
    check_stored(&world->auditor, &world->objects[to], &told);
}

/* A shard that has lost what it had stored, and was armed afresh, begins to count again: the run must not take it for the one
 * that it knows. */
void audit_answers(struct world *world, uint32_t to, int64_t life, struct sn_span message) {
    struct told told;
    if (life == 0 || world->begun_anew || to >= world->objects_len || !read_command(message, &told)) return;
    struct object *object = &world->objects[to];
    if (object->stored_life == 0 && told.stored_seq > 0) object->stored_life = life;
    if (object->stored_life != 0 && object->stored_life != life)
        audit_violation(&world->auditor, "the run takes a shard that was armed afresh for the one that it knew",
                        to - 1);
}

void audit_run_stored(struct world *world, uint64_t order) {
    if (order > world->auditor.stored_order) world->auditor.stored_order = order;
}

/* --- Its shards ------------------------------------------------------------------------------------------------ */

void audit_hears(struct world *world, uint32_t index, struct sn_span message) {
    struct object *object = &world->objects[index];
    struct told told;
    if (object->heard != object->generation) object->want_seq = 0;
    object->heard = object->generation;
    if (read_command(message, &told) && told.want_seq > object->want_seq) object->want_seq = told.want_seq;
}

/* A shard that was opened again reports first what is oldest on its disk, unless the run has said that it has that. */
static void check_oldest(struct world *world, uint32_t index, uint32_t seq) {
    const struct object *object = &world->objects[index];
    uint32_t want_seq = object->heard == object->generation ? object->want_seq : 0;
    if (seq <= want_seq) return;
    for (const struct entry *entry = object->storage; entry != NULL; entry = entry->next) {
        struct sn_reader r = sn_reader(entry->value, entry->value_len);
        struct sn_delta_head head;
        bool readable =
            entry->version == world->version && audit_is_delta((struct sn_span){entry->key, entry->key_len});
        if (!readable || sn_delta_head_get(&r, &head) != SN_OK) continue;
        if (head.seq < seq && head.seq >= want_seq)
            audit_violation(&world->auditor, "a shard passes over a report that is on its disk", head.seq);
    }
}

static bool read_report(struct sn_span message, struct sn_delta_head *head, bool *bad) {
    struct sn_reader r = sn_reader(message.data, message.len);
    if (sn_message_open(&r) != SN_MESSAGE_DELTA) return false;
    struct sn_span delta = sn_get_span(&r);
    struct sn_reader body = sn_reader(delta.data, delta.len);
    *bad = sn_delta_head_get(&body, head) != SN_OK;
    return true;
}

int64_t audit_life(struct sn_span message) {
    struct sn_delta_head head;
    bool bad;
    return read_report(message, &head, &bad) && !bad ? head.armed_us : 0;
}

void audit_reports(struct world *world, uint32_t index, struct sn_span message) {
    struct sn_delta_head head;
    bool bad;
    if (!read_report(message, &head, &bad)) return;
    if (bad) {
        audit_violation(&world->auditor, "a report that cannot be read", index);
        return;
    }
    struct sent *sent = &world->objects[index].sent[head.seq % AUDIT_SENT_MAX];
    if (sent->seq != head.seq) *sent = (struct sent){.seq = head.seq, .order = world->order};
    check_oldest(world, index, head.seq);
    audit_report(world, index, &head);
}
