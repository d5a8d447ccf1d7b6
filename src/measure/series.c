#include "series_table.h"

#include <assert.h>
#include <string.h>

#include "sentinel/base/assert.h"

_Static_assert(SN_HIST_BUCKETS <= 1 << 12 && SN_KINDS_MAX <= 1 << 5, "bucket and kind have 12 and 5 bits of a key");
_Static_assert(sizeof(struct sn_series) == 24 && sizeof(struct sn_second) == 24 && sizeof(struct sn_series_slot) == 6,
               "seconds and slots follow without a gap");

size_t sn_series_size(uint32_t seconds, uint32_t slots) {
    return sizeof(struct sn_series) + seconds * sizeof(struct sn_second) + slots * sizeof(struct sn_series_slot);
}

void sn_series_init(struct sn_series *series, uint32_t seconds, uint32_t slots) {
    SN_ASSERT(seconds > 0 && seconds <= SN_SERIES_SECONDS_MAX && slots >= 8 && (slots & (slots - 1)) == 0);
    memset(series, 0, sn_series_size(seconds, slots));
    series->seconds_len = seconds;
    series->slots_len = slots;
}

const struct sn_second *sn_series_seconds(const struct sn_series *series) {
    return (const struct sn_second *)(const void *)(series + 1);
}

const struct sn_series_slot *sn_series_slots(const struct sn_series *series) {
    return (const struct sn_series_slot *)(const void *)(sn_series_seconds(series) + series->seconds_len);
}

static struct sn_series_slot *slots_of(struct sn_series *series) {
    void *seconds = series + 1;
    void *slots = (struct sn_second *)seconds + series->seconds_len;
    return slots;
}

static uint32_t clamp_second(const struct sn_series *series, uint32_t second) {
    return second < series->seconds_len ? second : series->seconds_len - 1;
}

struct sn_second *sn_series_second(struct sn_series *series, uint32_t second) {
    void *seconds = series + 1;
    return (struct sn_second *)seconds + clamp_second(series, second);
}

void sn_series_touch(struct sn_series *series, uint32_t second) {
    uint32_t mark = clamp_second(series, second) + 1;
    if (series->touched == 0 || mark < series->touched) series->touched = mark;
}

static uint32_t key_of(uint32_t second, uint32_t kind, uint32_t bucket) {
    return 1 + (second << 17 | kind << 12 | bucket);
}

struct sn_series_key sn_series_key(const struct sn_series_slot *slot) {
    uint32_t key = sn_series_slot_key(slot) - 1;
    return (struct sn_series_key){key >> 17, key >> 12 & 31, key & 4095};
}

/* Fibonacci hashing: only the product's highest bits depend on all bits of the key. */
static uint32_t home_of(const struct sn_series *series, uint32_t key) {
    return (key * 2654435769u) >> (__builtin_clz(series->slots_len) + 1);
}

/* At most 7 of 8 slots are taken: searching ends at a free slot, and soon. */
static bool table_full(const struct sn_series *series) {
    return series->slots_used >= series->slots_len - series->slots_len / 8;
}

/* Counts into the first slot of the key that is not full, then into one that is free.  Returns what found no room. */
static uint32_t count_into(struct sn_series *series, uint32_t key, uint32_t count) {
    struct sn_series_slot *slots = slots_of(series);
    uint32_t mask = series->slots_len - 1;
    for (uint32_t at = home_of(series, key); count > 0; at = (at + 1) & mask) {
        struct sn_series_slot *slot = &slots[at];
        uint32_t held = sn_series_slot_key(slot);
        if (held == 0) {
            if (table_full(series)) break;
            *slot = (struct sn_series_slot){{(uint16_t)key, (uint16_t)(key >> 16)}, 0};
            series->slots_used++;
        } else if (held != key) {
            continue;
        }
        uint32_t room = UINT16_MAX - slot->count, part = count < room ? count : room;
        slot->count = (uint16_t)(slot->count + part);
        count -= part;
    }
    return count;
}

void sn_series_count(struct sn_series *series, uint32_t second, uint32_t kind, uint32_t bucket, uint32_t count) {
    SN_ASSERT(kind < SN_KINDS_MAX && bucket < SN_HIST_BUCKETS);
    if (count == 0) return;
    second = clamp_second(series, second);
    uint32_t left = count;
    if (second >= series->first_second) left = count_into(series, key_of(second, kind, bucket), count);
    series->lost = sn_add_sat_u32(series->lost, left);
}

uint32_t sn_series_counter(const struct sn_series *series, uint32_t second, uint32_t kind, uint32_t bucket) {
    const struct sn_series_slot *slots = sn_series_slots(series);
    uint32_t key = key_of(second, kind, bucket), mask = series->slots_len - 1, sum = 0;
    for (uint32_t at = home_of(series, key), held; (held = sn_series_slot_key(&slots[at])) != 0; at = (at + 1) & mask)
        if (held == key) sum += slots[at].count;
    return sum;
}

/* A table with open addressing has no holes: whoever stayed is put in anew, beginning behind a slot that was free before
 * anything was removed.  No run of neighbours crosses such a slot, so each finds its place at or before its old one. */
void sn_series_forget(struct sn_series *series, uint32_t second) {
    if (second <= series->first_second) return;
    series->first_second = second;
    struct sn_series_slot *slots = slots_of(series);
    uint32_t mask = series->slots_len - 1, begin = 0;
    while (sn_series_slot_key(&slots[begin]) != 0) begin++;
    for (uint32_t i = 1; i <= mask; i++) {
        struct sn_series_slot *slot = &slots[(begin + i) & mask], kept = *slot;
        if (sn_series_slot_key(&kept) == 0) continue;
        *slot = (struct sn_series_slot){{0, 0}, 0};
        series->slots_used--;
        if (sn_series_key(&kept).second >= second) count_into(series, sn_series_slot_key(&kept), kept.count);
    }
}
