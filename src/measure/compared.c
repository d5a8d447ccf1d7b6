#include "sentinel/measure/compared.h"

#include <string.h>

#include "wire.h"

#define SN_COMPARED_VERSION 1
#define CRC_LEN 4u

void sn_compared_put(struct sn_writer *w, const struct sn_compared *run) {
    size_t begin = w->len;
    sn_put_u8(w, SN_COMPARED_VERSION);
    sn_put_u64(w, run->plan_hash);
    sn_put_varint(w, (uint32_t)run->validity);
    sn_put_varint(w, run->clock_step_us);
    sn_put_varint(w, run->planned);
    sn_put_varint(w, run->started);
    sn_put_varint(w, run->completed);
    sn_put_varint(w, run->failed);
    sn_put_span(w, run->intervals.data, run->intervals.len);
    sn_put_u32(w, w->full ? 0 : sn_crc32(w->data + begin, w->len - begin));
}

enum sn_status sn_compared_get(struct sn_span bytes, struct sn_compared *run) {
    struct sn_reader r = sn_reader(bytes.data, bytes.len);
    struct sn_intervals_head head;
    uint8_t version = sn_get_u8(&r);
    if (r.bad) return SN_E_FORMAT;
    if (version != SN_COMPARED_VERSION) return SN_E_VERSION;
    struct sn_compared read = {.plan_hash = sn_get_u64(&r)};
    uint32_t validity = sn_wire_get_u32(&r);
    read.validity = (enum sn_validity)validity;
    read.clock_step_us = sn_wire_get_u32(&r);
    read.planned = sn_get_varint(&r);
    read.started = sn_get_varint(&r);
    read.completed = sn_get_varint(&r);
    read.failed = sn_get_varint(&r);
    read.intervals = sn_get_span(&r);
    if (r.bad || validity >= SN_VALIDITIES_LEN || sn_reader_left(&r) != CRC_LEN) return SN_E_FORMAT;
    size_t len = r.pos;
    if (sn_get_u32(&r) != sn_crc32(bytes.data, len)) return SN_E_CHECKSUM;
    if (read.intervals.len > 0) {
        enum sn_status status = sn_intervals_check(read.intervals, &head);
        if (status != SN_OK) return status;
    }
    *run = read;
    return SN_OK;
}

const char *sn_unfit_text(enum sn_unfit unfit) {
    static const char *const texts[] = {
#define SN_X(name, text) [SN_UNFIT_##name] = text,
        SN_UNFIT_LIST(SN_X)
#undef SN_X
    };
    return texts[unfit];
}

enum sn_unfit sn_compared_unfit(const struct sn_compared *run) {
    bool believed = run->validity == SN_VALIDITY_VALID || run->validity == SN_VALIDITY_DEGRADED;
    if (!believed) return SN_UNFIT_VALIDITY;
    return sn_compare_achieved(run->planned, run->started) ? SN_UNFIT_NONE : SN_UNFIT_ACHIEVED;
}

/* Of a run without intervals there is a side without values. */
static void open_side(const struct sn_compared *run, uint32_t kind, uint32_t block_seconds,
                      struct sn_compared_room *room, int side) {
    struct sn_blocks *blocks = &room->sides[side];
    if (run->intervals.len > 0) {
        sn_intervals_blocks_long(run->intervals, kind, block_seconds, blocks, room->pages[side], SN_COMPARED_PAGES);
        return;
    }
    sn_blocks_init_long(blocks, 1, block_seconds, room->pages[side], SN_COMPARED_PAGES);
    sn_blocks_seal(blocks);
}

/* Of blocks of one length, so that as many of them that follow each other are as many seconds on both sides. */
static void open_sides(const struct sn_compared *before, const struct sn_compared *after, uint32_t kind,
                       struct sn_compared_room *room) {
    uint32_t longest = 1;
    do {
        open_side(before, kind, longest, room, 0);
        open_side(after, kind, longest, room, 1);
        for (int side = 0; side < 2; side++)
            if (room->sides[side].block_seconds > longest) longest = room->sides[side].block_seconds;
    } while (room->sides[0].block_seconds != room->sides[1].block_seconds);
}

void sn_compare_kind(const struct sn_compared *before, const struct sn_compared *after, uint32_t kind,
                     const double spreads[SN_COMPARE_PERCENTILES], struct sn_compared_room *room,
                     struct sn_compare_result *result) {
    struct sn_compare_options options = {.clock_step_us = before->clock_step_us};
    if (after->clock_step_us > options.clock_step_us) options.clock_step_us = after->clock_step_us;
    if (spreads != NULL) memcpy(options.spreads, spreads, sizeof options.spreads);
    open_sides(before, after, kind, room);
    sn_compare(&room->sides[0], &room->sides[1], &options, &room->draws, result);
}

enum sn_status sn_compare_runs(const struct sn_compared *before, const struct sn_compared *after,
                               const double spreads[SN_COMPARE_PERCENTILES], struct sn_compared_room *room,
                               struct sn_comparison *comparison) {
    const struct sn_compared *runs[2] = {before, after};
    if (before->plan_hash != after->plan_hash) return SN_E_STATE;
    *comparison = (struct sn_comparison){0};
    for (int side = 0; side < 2; side++) {
        const struct sn_compared *run = runs[side];
        comparison->unfit[side] = sn_compared_unfit(run);
        comparison->errors[side] = (struct sn_compare_errors){sn_add_sat(run->completed, run->failed), run->failed};
    }
    sn_compare_kind(before, after, SN_INTERVALS_ALL, spreads, room, &comparison->result);
    for (int side = 0; side < 2; side++) comparison->blocks[side] = room->sides[side].len > 0;
    comparison->error_change = sn_compare_error_rate(&comparison->errors[0], &comparison->errors[1]);
    comparison->change = sn_change_worst(comparison->result.change, comparison->error_change);
    if (comparison->unfit[0] != SN_UNFIT_NONE || comparison->unfit[1] != SN_UNFIT_NONE)
        comparison->change = SN_CHANGE_INVALID;
    return SN_OK;
}
