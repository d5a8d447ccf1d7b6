#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/measure/intervals.h"
#include "wire.h"

#define SN_INTERVALS_LAYOUT 1

/* --- Writing --------------------------------------------------------------------------------------------------------- */

void sn_intervals_put_begin(struct sn_intervals_writer *into, struct sn_writer *w,
                            const struct sn_intervals_head *head) {
    *into = (struct sn_intervals_writer){.w = w, .begin = w->len, .block = UINT32_MAX};
    sn_put_u8(w, SN_INTERVALS_LAYOUT);
    sn_put_varint(w, head->block_seconds);
    sn_put_varint(w, head->end_second);
    sn_put_varint(w, head->heard);
    sn_put_varint(w, head->kinds);
}

bool sn_intervals_put_one(struct sn_intervals_writer *into, const struct sn_interval *one) {
    struct sn_writer *w = into->w;
    bool new_block = !into->any || one->block != into->block, new_kind = new_block || one->kind != into->kind;
    bool rises = !into->any || one->block > into->block || (!new_block && one->kind > into->kind) ||
                 (!new_kind && one->bucket >= into->next_bucket);
    bool good = one->block < SN_BLOCKS_MAX && one->kind < SN_KINDS_MAX && one->bucket < SN_HIST_BUCKETS;
    if (!rises || !good || one->count == 0) return false;
    if (into->any && new_kind) sn_wire_put_end(w);
    if (into->any && new_block) sn_put_varint(w, 0);
    if (new_block) sn_put_varint(w, one->block - into->block); /* from block -1 */
    if (new_kind) {
        sn_put_varint(w, one->kind + 1);
        into->next_bucket = 0;
    }
    /* Counts above what a pair can say are a run's of hours in one bucket: they saturate. */
    sn_wire_put_pair(w, &into->next_bucket, one->bucket, one->count < UINT32_MAX ? (uint32_t)one->count : UINT32_MAX);
    into->any = true;
    into->block = one->block;
    into->kind = one->kind;
    return true;
}

void sn_intervals_put_end(struct sn_intervals_writer *into) {
    struct sn_writer *w = into->w;
    if (into->any) {
        sn_wire_put_end(w);
        sn_put_varint(w, 0);
    }
    sn_put_varint(w, 0);
    sn_put_u32(w, w->full ? 0 : sn_crc32(w->data + into->begin, w->len - into->begin));
}

void sn_intervals_put(struct sn_writer *w, const struct sn_intervals *intervals) {
    struct sn_intervals_head head = {.block_seconds = intervals->block_seconds,
                                     .end_second = intervals->end_second,
                                     .heard = intervals->heard,
                                     .kinds = intervals->kinds};
    struct sn_intervals_writer into;
    struct sn_interval one;
    sn_intervals_put_begin(&into, w, &head);
    for (uint32_t at = 0; sn_intervals_next(intervals, &at, &one);) {
        bool put = sn_intervals_put_one(&into, &one);
        SN_ASSERT(put);
    }
    sn_intervals_put_end(&into);
}

/* --- Reading --------------------------------------------------------------------------------------------------------- */

typedef void take_interval(void *user, const struct sn_interval *interval);

/* Reads everything behind the layout but the checksum; `r` is bad when there is anything that was never written. */
static void walk(struct sn_reader *r, struct sn_intervals_head *head, take_interval *take, void *user) {
    *head = (struct sn_intervals_head){.block_seconds = sn_wire_get_u32(r)};
    head->end_second = sn_wire_get_u32(r);
    head->heard = sn_wire_get_u32(r);
    head->kinds = sn_wire_get_u32(r);
    if (head->block_seconds == 0 || head->block_seconds > SN_INTERVALS_SECONDS_MAX ||
        head->end_second > SN_INTERVALS_SECONDS_MAX || head->heard > head->end_second || head->kinds > SN_KINDS_MAX)
        r->bad = true;
    if (r->bad) return;
    uint32_t blocks = (head->end_second + head->block_seconds - 1) / head->block_seconds, kinds = head->kinds;
    if (blocks > SN_BLOCKS_MAX) r->bad = true;
    struct sn_interval one = {.block = UINT32_MAX};
    bool any = false;
    for (uint32_t distance; (distance = sn_wire_get_u32(r)) != 0; any = true) {
        if (distance > blocks || one.block + distance >= blocks) r->bad = true; /* from block -1, which wraps */
        if (r->bad) return;
        one.block += distance;
        if (!any) head->first_second = one.block * head->block_seconds;
        uint32_t before = 0;
        for (uint32_t kind; (kind = sn_wire_get_u32(r)) != 0; before = kind) {
            if (kind <= before || kind > (kinds > 0 ? kinds : 1)) r->bad = true;
            if (r->bad) return;
            one.kind = kind - 1;
            uint32_t next = 0, count;
            while (sn_wire_get_pair(r, &next, &one.bucket, &count)) {
                one.count = count;
                head->count += count; /* 3,328 counters of 32 bits in 120 blocks of 32 kinds cannot overflow it */
                if (take != NULL) take(user, &one);
            }
            if (next == 0) r->bad = true; /* an empty list is not written */
        }
        if (before == 0) r->bad = true;
    }
    bool none = head->heard == 0 && head->end_second == 0;
    if (any ? one.block + 1 != blocks || head->heard == 0 : !none) r->bad = true;
}

enum sn_status sn_intervals_check(struct sn_span bytes, struct sn_intervals_head *head) {
    struct sn_reader r = sn_reader(bytes.data, bytes.len);
    uint8_t layout = sn_get_u8(&r);
    if (r.bad) return SN_E_FORMAT;
    if (layout != SN_INTERVALS_LAYOUT) return SN_E_VERSION;
    walk(&r, head, NULL, NULL);
    size_t len = r.pos;
    uint32_t crc = sn_get_u32(&r);
    if (r.bad || sn_reader_left(&r) > 0) return SN_E_FORMAT;
    return crc == sn_crc32(bytes.data, len) ? SN_OK : SN_E_CHECKSUM;
}

struct filling {
    struct sn_blocks *blocks;
    uint32_t kind, first_block, block_seconds;
};

static void add_to_blocks(void *user, const struct sn_interval *one) {
    struct filling *filling = user;
    if (filling->kind != SN_INTERVALS_ALL && filling->kind != one->kind) return;
    sn_blocks_add(filling->blocks, (one->block - filling->first_block) * filling->block_seconds, one->bucket,
                  one->count);
}

void sn_intervals_blocks(struct sn_span bytes, uint32_t kind, struct sn_blocks *blocks,
                         uint32_t (*memory)[SN_HIST_PAGE], uint32_t pages) {
    sn_intervals_blocks_long(bytes, kind, 1, blocks, memory, pages);
}

void sn_intervals_blocks_long(struct sn_span bytes, uint32_t kind, uint32_t block_seconds, struct sn_blocks *blocks,
                              uint32_t (*memory)[SN_HIST_PAGE], uint32_t pages) {
    struct sn_intervals_head head;
    enum sn_status status = sn_intervals_check(bytes, &head);
    SN_ASSERT(status == SN_OK);
    bool told = kind == SN_INTERVALS_ALL || kind < head.kinds || (kind == 0 && head.kinds == 1);
    uint32_t seconds = head.end_second > head.first_second ? head.end_second - head.first_second : 1;
    sn_blocks_init_long(blocks, seconds, block_seconds > head.block_seconds ? block_seconds : head.block_seconds,
                        memory, pages);
    struct filling filling = {blocks, kind, head.first_second / head.block_seconds, head.block_seconds};
    struct sn_reader r = sn_reader(bytes.data + 1, bytes.len - 1);
    if (told) walk(&r, &head, add_to_blocks, &filling);
    sn_blocks_seal(blocks);
    /* Of a kind alone it is not known in which seconds of a block it was. */
    uint32_t most = blocks->len * blocks->block_seconds;
    blocks->intervals = head.heard < most ? head.heard : most;
}
