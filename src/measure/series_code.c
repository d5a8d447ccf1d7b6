#include <string.h>

#include "hist_code.h"
#include "series_table.h"
#include "wire.h"

/* Says the layout of hist.h and the order here: u8 layout, from, to; per second the started, completed, failed and dropped
 * by cause, then per kind: kind + 1 and a list (wire.h), 0 ends; a CRC-32 at the end.  Numbers are varints. */
#define SN_SERIES_LAYOUT 1

/* So many seconds are looked for in one scan of the table. */
#define SN_SECONDS_PER_SCAN 16

/* Which pages of buckets each kind has touched, second by second. */
struct presence {
    uint32_t pages[SN_SECONDS_PER_SCAN][SN_KINDS_MAX];
};

static void find_presence(const struct sn_series *series, uint32_t from, struct presence *presence) {
    memset(presence, 0, sizeof *presence);
    const struct sn_series_slot *slots = sn_series_slots(series);
    for (uint32_t i = 0; i < series->slots_len; i++) {
        if (sn_series_slot_key(&slots[i]) == 0) continue;
        struct sn_series_key key = sn_series_key(&slots[i]);
        if (key.second < from || key.second - from >= SN_SECONDS_PER_SCAN) continue;
        presence->pages[key.second - from][key.kind] |= 1u << (key.bucket / SN_HIST_PAGE);
    }
}

static void put_kind(struct sn_writer *w, const struct sn_series *series, uint32_t second, uint32_t kind,
                     uint32_t page_mask) {
    uint32_t next = 0;
    for (uint32_t page = 0; page < SN_HIST_PAGES; page++) {
        if ((page_mask >> page & 1) == 0) continue;
        for (uint32_t bucket = page * SN_HIST_PAGE; bucket < (page + 1) * SN_HIST_PAGE; bucket++) {
            uint32_t count = sn_series_counter(series, second, kind, bucket);
            if (count > 0) sn_wire_put_pair(w, &next, bucket, count);
        }
    }
    sn_wire_put_end(w);
}

static void put_second(struct sn_writer *w, const struct sn_series *series, uint32_t second,
                       const uint32_t page_masks[SN_KINDS_MAX]) {
    const struct sn_second *counts = &sn_series_seconds(series)[second];
    sn_put_varint(w, counts->started);
    sn_put_varint(w, counts->completed);
    sn_put_varint(w, counts->failed);
    for (uint32_t cause = 0; cause < SN_DROPS_LEN; cause++) sn_put_varint(w, counts->dropped[cause]);
    for (uint32_t kind = 0; kind < SN_KINDS_MAX; kind++) {
        if (page_masks[kind] == 0) continue;
        sn_put_varint(w, kind + 1);
        put_kind(w, series, second, kind, page_masks[kind]);
    }
    sn_put_varint(w, 0);
}

void sn_series_put(struct sn_writer *w, const struct sn_series *series, uint32_t from, uint32_t to) {
    if (to > series->seconds_len) to = series->seconds_len;
    if (from > to) from = to;
    size_t begin = w->len;
    sn_put_u8(w, SN_SERIES_LAYOUT);
    sn_put_varint(w, from);
    sn_put_varint(w, to);
    struct presence presence;
    for (uint32_t second = from; second < to; second++) {
        uint32_t ahead = (second - from) % SN_SECONDS_PER_SCAN;
        if (ahead == 0) find_presence(series, second, &presence);
        put_second(w, series, second, presence.pages[ahead]);
    }
    sn_put_u32(w, w->full ? 0 : sn_crc32(w->data + begin, w->len - begin));
}
