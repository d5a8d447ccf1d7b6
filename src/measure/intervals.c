#include "sentinel/measure/intervals.h"

#include <string.h>

#include "sentinel/base/assert.h"

/* A slot is a key in its high bits and a part of a count in its low ones:
 *
 *     block 7 | kind 0 to 5 | bucket 12 | digit 2 | part of the count, 11 to 6
 *
 * A count is as many slots as it has digits, in the base that a part can hold: nearly all have one.  Slots are sorted by their
 * value, so that the digits of a count follow each other. */
#define BUCKET_BITS 12u
#define DIGIT_BITS 2u
#define PART_BITS 11u /* where kinds are not told apart */
#define DIGITS (1u << DIGIT_BITS)
_Static_assert(SN_HIST_BUCKETS <= 1 << BUCKET_BITS && SN_BLOCKS_MAX <= 1 << 7, "a key has room for them");
_Static_assert(SN_KINDS_MAX <= 1 << 5, "five bits are left for the kind");
_Static_assert(sizeof(struct sn_intervals) == 40, "bits and slots follow without a gap");

/* While so many blocks remain, blocks become longer before kinds are given up. */
#define BLOCKS_OF_KINDS 30u

static uint32_t heard_words(uint32_t seconds) {
    return (seconds + 31) / 32;
}

size_t sn_intervals_size(uint32_t seconds, uint32_t slots) {
    return sizeof(struct sn_intervals) + (heard_words(seconds) + slots) * sizeof(uint32_t);
}

static uint32_t *heard_of(struct sn_intervals *intervals) {
    return (uint32_t *)(void *)(intervals + 1);
}

static uint32_t *slots_of(struct sn_intervals *intervals) {
    return heard_of(intervals) + heard_words(intervals->seconds_len);
}

static const uint32_t *slots_in(const struct sn_intervals *intervals) {
    return (const uint32_t *)(const void *)(intervals + 1) + heard_words(intervals->seconds_len);
}

void sn_intervals_init(struct sn_intervals *intervals, uint32_t seconds, uint32_t expected, uint32_t from_second,
                       uint32_t kinds, uint32_t slots) {
    SN_ASSERT(seconds > 0 && seconds <= SN_INTERVALS_SECONDS_MAX && slots >= DIGITS);
    SN_ASSERT(expected > 0 && expected <= seconds);
    SN_ASSERT(kinds > 0 && kinds <= SN_KINDS_MAX);
    memset(intervals, 0, sn_intervals_size(seconds, slots));
    intervals->seconds_len = seconds;
    intervals->expected_seconds = expected;
    intervals->from_second = from_second;
    intervals->slots_cap = slots;
    intervals->kinds = kinds;
    intervals->block_seconds = 1;
    while (intervals->block_seconds * SN_BLOCKS_MAX < expected) intervals->block_seconds *= 2;
}

size_t sn_intervals_used(const struct sn_intervals *intervals) {
    return sn_intervals_size(intervals->seconds_len, intervals->slots_len);
}

/* --- Slots ------------------------------------------------------------------------------------------------------- */

static uint32_t kind_bits(const struct sn_intervals *intervals) {
    return intervals->kinds > 1 ? 32 - (uint32_t)__builtin_clz(intervals->kinds - 1) : 0;
}

/* Where the bits of a slot begin. */
struct layout {
    uint32_t digit, bucket, kind, block;
};

static struct layout layout_of(const struct sn_intervals *intervals) {
    struct layout layout = {.digit = PART_BITS - kind_bits(intervals)};
    layout.bucket = layout.digit + DIGIT_BITS;
    layout.kind = layout.bucket + BUCKET_BITS;
    layout.block = layout.kind + kind_bits(intervals);
    return layout;
}

static uint32_t key_of(const struct layout *layout, const struct sn_interval *interval) {
    uint32_t kind = layout->kind < layout->block ? interval->kind << layout->kind : 0;
    return interval->block << layout->block | kind | interval->bucket << layout->bucket;
}

static struct sn_interval interval_of(const struct layout *layout, uint32_t slot) {
    struct sn_interval interval = {.block = slot >> layout->block};
    interval.kind = slot >> layout->kind & ((1u << (layout->block - layout->kind)) - 1);
    interval.bucket = slot >> layout->bucket & ((1u << BUCKET_BITS) - 1);
    return interval;
}

/* Slots from `at` on that are of one count, and what they come to. */
static uint32_t read_count(const uint32_t *slots, uint32_t at, uint32_t len, const struct layout *layout,
                           uint64_t *count) {
    uint32_t begin = at;
    for (*count = 0; at < len && slots[at] >> layout->bucket == slots[begin] >> layout->bucket; at++) {
        uint32_t digit = slots[at] >> layout->digit & (DIGITS - 1);
        *count += (uint64_t)(slots[at] & ((1u << layout->digit) - 1)) << (digit * layout->digit);
    }
    return at - begin;
}

static uint32_t digits_of(uint64_t count, const struct layout *layout) {
    uint32_t digits = 1;
    while (digits < DIGITS && count >> (digits * layout->digit) != 0) digits++;
    return digits;
}

static void write_count(uint32_t *slots, uint32_t key, uint64_t count, uint32_t digits, const struct layout *layout) {
    for (uint32_t digit = 0; digit < digits; digit++) {
        uint32_t part = (uint32_t)(count >> (digit * layout->digit)) & ((1u << layout->digit) - 1);
        slots[digit] = key | digit << layout->digit | part;
    }
}

/* --- Becoming coarser ---------------------------------------------------------------------------------------------- */

/* Heapsort: in place, and never slow. */
static void sink(uint32_t *slots, uint32_t hole, uint32_t len, uint32_t item) {
    for (uint32_t child; (child = 2 * hole + 1) < len; hole = child) {
        if (child + 1 < len && slots[child] < slots[child + 1]) child++;
        if (slots[child] <= item) break;
        slots[hole] = slots[child];
    }
    slots[hole] = item;
}

static void sort(uint32_t *slots, uint32_t len) {
    for (uint32_t i = len / 2; i-- > 0;) sink(slots, i, len, slots[i]);
    for (uint32_t i = len; i-- > 1;) {
        uint32_t item = slots[i];
        slots[i] = slots[0];
        sink(slots, 0, i, item);
    }
}

/* Counts of the same key become one.  k of them had at least k digits, of which their sum has no more. */
static void join(struct sn_intervals *intervals, const struct layout *layout) {
    uint32_t *slots = slots_of(intervals), len = 0;
    for (uint32_t at = 0; at < intervals->slots_len;) {
        uint32_t key = slots[at] >> layout->bucket << layout->bucket;
        uint64_t count;
        at += read_count(slots, at, intervals->slots_len, layout, &count);
        uint32_t digits = digits_of(count, layout);
        SN_ASSERT(len + digits <= at);
        write_count(&slots[len], key, count, digits, layout);
        len += digits;
    }
    intervals->slots_len = len;
}

/* Everything moves to where it belongs in longer blocks, or without kinds. */
static void move(struct sn_intervals *intervals, bool fold) {
    struct layout before = layout_of(intervals);
    uint32_t *slots = slots_of(intervals), len = 0;
    if (fold)
        intervals->kinds = 0;
    else
        intervals->block_seconds *= 2;
    struct layout now = layout_of(intervals);
    for (uint32_t at = 0; at < intervals->slots_len;) {
        struct sn_interval interval = interval_of(&before, slots[at]);
        at += read_count(slots, at, intervals->slots_len, &before, &interval.count);
        if (fold)
            interval.kind = 0;
        else
            interval.block /= 2;
        uint32_t digits = digits_of(interval.count, &now);
        write_count(&slots[len], key_of(&now, &interval), interval.count, digits, &now);
        len += digits;
    }
    sort(slots, len);
    intervals->slots_len = len;
    join(intervals, &now);
}

void sn_intervals_coarsen(struct sn_intervals *intervals, uint32_t block_seconds) {
    while (intervals->block_seconds < block_seconds) move(intervals, false);
}

/* False when there is no coarser step. */
static bool coarsen(struct sn_intervals *intervals) {
    bool many = intervals->expected_seconds / (2 * intervals->block_seconds) >= BLOCKS_OF_KINDS;
    bool fold = intervals->kinds > 1 && !many;
    if (!fold && intervals->block_seconds >= intervals->end_second) return false;
    move(intervals, fold);
    return true;
}

/* --- Counting -------------------------------------------------------------------------------------------------------- */

static void hear(struct sn_intervals *intervals, uint32_t second) {
    uint32_t bit = 1u << second % 32, *word = &heard_of(intervals)[second / 32];
    intervals->heard += (*word & bit) == 0;
    *word |= bit;
    if (second >= intervals->end_second) intervals->end_second = second + 1;
}

/* The first slot that is not below the key: most are of the last block. */
static uint32_t find(const uint32_t *slots, uint32_t len, uint32_t key) {
    uint32_t low = 0, high = len;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (slots[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* False when there is no room for another digit. */
static bool add(struct sn_intervals *intervals, const struct sn_interval *interval) {
    struct layout layout = layout_of(intervals);
    uint32_t *slots = slots_of(intervals), key = key_of(&layout, interval), had = 0;
    uint32_t at = find(slots, intervals->slots_len, key);
    uint64_t count = 0;
    if (at < intervals->slots_len && slots[at] >> layout.bucket == key >> layout.bucket)
        had = read_count(slots, at, intervals->slots_len, &layout, &count);
    uint64_t most = (UINT64_C(1) << (DIGITS * layout.digit)) - 1, beyond = 0;
    count += interval->count;
    if (count > most) {
        beyond = count - most;
        count = most;
    }
    uint32_t digits = digits_of(count, &layout), more = digits - had;
    if (more > intervals->slots_cap - intervals->slots_len) return false;
    intervals->lost = sn_add_sat_u32(intervals->lost, (uint32_t)beyond);
    if (more > 0) {
        memmove(&slots[at + digits], &slots[at + had], (intervals->slots_len - at - had) * sizeof *slots);
        intervals->slots_len += more;
    }
    write_count(&slots[at], key, count, digits, &layout);
    return true;
}

void sn_intervals_count(struct sn_intervals *intervals, uint32_t second, uint32_t kind, uint32_t bucket,
                        uint32_t count) {
    SN_ASSERT(bucket < SN_HIST_BUCKETS && (intervals->kinds == 0 || kind < intervals->kinds));
    if (count == 0 || second < intervals->from_second) return;
    if (second >= intervals->seconds_len) second = intervals->seconds_len - 1;
    hear(intervals, second);
    while (second / intervals->block_seconds >= SN_BLOCKS_MAX) move(intervals, false);
    struct sn_interval interval = {.kind = kind, .bucket = bucket, .count = count};
    do {
        interval.block = second / intervals->block_seconds;
        if (intervals->kinds <= 1) interval.kind = 0;
        if (add(intervals, &interval)) return;
    } while (coarsen(intervals));
    intervals->lost = sn_add_sat_u32(intervals->lost, count);
}

bool sn_intervals_next(const struct sn_intervals *intervals, uint32_t *at, struct sn_interval *interval) {
    const uint32_t *slots = slots_in(intervals);
    struct layout layout = layout_of(intervals);
    if (*at >= intervals->slots_len) return false;
    *interval = interval_of(&layout, slots[*at]);
    *at += read_count(slots, *at, intervals->slots_len, &layout, &interval->count);
    return true;
}
