#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/base/random.h"
#include "sentinel/measure/intervals.h"

enum { SECONDS = 300, VALUES = 6000 };

struct value {
    uint32_t second, kind, bucket, count;
};

static struct value values[VALUES];

/* A few kinds, each of its own times; kind 1 now and then by the thousand. */
static void draw_values(uint64_t seed, uint32_t seconds, uint32_t kinds) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_VALUE, 1);
    for (uint32_t i = 0; i < VALUES; i++) {
        uint32_t kind = sn_rng_below(&rng, kinds);
        uint32_t us = 1000 * (1 + kind) + sn_rng_below(&rng, 200) * 40;
        uint32_t count = kind == 1 && i % 50 == 0 ? 1 + sn_rng_below(&rng, 100000) : 1;
        values[i] = (struct value){sn_rng_below(&rng, seconds), kind, sn_hist_bucket(us), count};
    }
}

/* Exactly as many slots as are said, so that one too many is noticed. */
static struct sn_intervals *make(uint32_t expected, uint32_t from_second, uint32_t kinds, uint32_t slots) {
    struct sn_intervals *intervals = malloc(sn_intervals_size(SECONDS, slots));
    sn_intervals_init(intervals, SECONDS, expected, from_second, kinds, slots);
    return intervals;
}

static void count_all(struct sn_intervals *intervals, bool backwards) {
    for (uint32_t i = 0; i < VALUES; i++) {
        const struct value *value = &values[backwards ? VALUES - 1 - i : i];
        sn_intervals_count(intervals, value->second, value->kind, value->bucket, value->count);
    }
}

static uint8_t bytes[2][SN_INTERVALS_BYTES_MAX];

static struct sn_span put(const struct sn_intervals *intervals, int into) {
    struct sn_writer w = sn_writer(bytes[into], sizeof bytes[into]);
    sn_intervals_put(&w, intervals);
    assert_false(w.full);
    return (struct sn_span){bytes[into], w.len};
}

static uint64_t counted(const struct sn_intervals *intervals) {
    struct sn_interval one;
    uint64_t sum = 0;
    for (uint32_t at = 0; sn_intervals_next(intervals, &at, &one);) sum += one.count;
    return sum;
}

/* --- Counting --------------------------------------------------------------------------------------------------------- */

/* What one has to have counted, straight from the values. */
static uint64_t expected_count(const struct sn_intervals *intervals, const struct sn_interval *one) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < VALUES; i++) {
        bool kind = intervals->kinds == 0 || values[i].kind == one->kind;
        if (values[i].second >= intervals->from_second && kind && values[i].bucket == one->bucket &&
            values[i].second / intervals->block_seconds == one->block)
            sum += values[i].count;
    }
    return sum;
}

static void every_value_is_in_its_place(void **state) {
    (void)state;
    static const struct {
        uint32_t kinds, slots, block_seconds, left; /* left: kinds that are told apart */
    } rows[] = {
        {1, 16384, 4, 1},                                      /* 300 s in at most 120 blocks, in powers of two */
        {3, 16384, 4, 3}, {32, 16384, 4, 32}, {3, 4600, 8, 3}, /* longer blocks make room */
        {32, 4500, 8, 0},                                      /* and where fewer than 30 would remain, one kind does */
        {3, 2000, 32, 0},                                      /* and then longer blocks again */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        draw_values(i, SECONDS, rows[i].kinds);
        struct sn_intervals *intervals = make(SECONDS, 40, rows[i].kinds, rows[i].slots);
        count_all(intervals, false);
        assert_int_equal(intervals->block_seconds, rows[i].block_seconds);
        assert_int_equal(intervals->kinds, rows[i].left);
        assert_int_equal(intervals->lost, 0);
        assert_int_equal(intervals->end_second, SECONDS);
        assert_int_equal(intervals->heard, SECONDS - 40);
        struct sn_interval one, last = {0};
        uint64_t sum = 0, in_all = 0;
        for (uint32_t at = 0, first = 1; sn_intervals_next(intervals, &at, &one); first = 0, last = one) {
            bool rises = one.block != last.block ? one.block > last.block
                         : one.kind != last.kind ? one.kind > last.kind
                                                 : one.bucket > last.bucket;
            assert_true(first || rises);
            assert_int_equal(one.count, expected_count(intervals, &one));
            sum += one.count;
        }
        for (uint32_t v = 0; v < VALUES; v++) in_all += values[v].second >= 40 ? values[v].count : 0;
        assert_int_equal(sum, in_all);
        free(intervals);
    }
}

static void the_order_does_not_matter(void **state) {
    (void)state;
    static const uint32_t slots[] = {16384, 4000, 2000, 900, 300};
    for (uint64_t seed = 0; seed < 10; seed++) {
        draw_values(seed, SECONDS, 5);
        struct sn_intervals *there = make(SECONDS, 0, 5, slots[seed % 5]);
        struct sn_intervals *back = make(SECONDS, 0, 5, slots[seed % 5]);
        count_all(there, false);
        count_all(back, true);
        struct sn_span a = put(there, 0), b = put(back, 1);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len);
        assert_int_equal(sn_intervals_used(there), sn_intervals_used(back));
        free(there);
        free(back);
    }
}

/* The blocks of a run that is extended become longer. */
static void a_run_may_go_on(void **state) {
    (void)state;
    struct sn_intervals *intervals = make(60, 0, 2, 1000);
    sn_intervals_count(intervals, 0, 0, 100, 1);
    sn_intervals_count(intervals, 1, 0, 100, 1);
    sn_intervals_count(intervals, 119, 1, 100, 1);
    assert_int_equal(intervals->block_seconds, 1);
    sn_intervals_count(intervals, 120, 1, 100, 1);
    assert_int_equal(intervals->block_seconds, 2);
    sn_intervals_count(intervals, 100000, 1, 100, 1); /* clamped to the last second */
    assert_int_equal(intervals->block_seconds, 4);
    assert_int_equal(intervals->end_second, SECONDS);
    assert_int_equal(intervals->heard, 5);
    assert_int_equal(counted(intervals), 5);
    uint32_t at = 0;
    struct sn_interval one;
    assert_true(sn_intervals_next(intervals, &at, &one));
    assert_int_equal(one.count, 2);
    free(intervals);
}

/* Nothing overflows: what does not fit is said. */
static void what_has_no_room_is_told(void **state) {
    (void)state;
    struct sn_intervals *intervals = make(SECONDS, 0, 1, 4);
    for (uint32_t i = 0; i < 4; i++) sn_intervals_count(intervals, 100, 0, i, 1);
    assert_int_equal(intervals->lost, 0);
    sn_intervals_count(intervals, 299, 0, 7, 5);
    assert_int_equal(intervals->lost, 5);
    sn_intervals_count(intervals, 299, 0, 3, 7);
    assert_int_equal(intervals->lost, 5);
    assert_int_equal(counted(intervals), 11);
    free(intervals);
    intervals = make(SECONDS, 0, 32, 100);
    for (uint32_t i = 0; i < 5; i++) sn_intervals_count(intervals, 100, 31, 3000, UINT32_MAX);
    assert_int_equal(counted(intervals), (1u << 24) - 1); /* four digits in base 64 */
    assert_int_equal(intervals->lost, UINT32_MAX);
    free(intervals);
}

/* --- As bytes --------------------------------------------------------------------------------------------------------- */

static void assert_same_blocks(const struct sn_blocks *a, const struct sn_blocks *b) {
    assert_int_equal(a->len, b->len);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->block_seconds, b->block_seconds);
    assert_int_equal(sn_blocks_hash(a), sn_blocks_hash(b));
}

static void blocks_are_what_was_counted(void **state) {
    (void)state;
    static uint32_t pages[2][SN_BLOCKS_PAGES][SN_HIST_PAGE];
    static struct sn_blocks read, own;
    draw_values(3, SECONDS, 3);
    struct sn_intervals *intervals = make(SECONDS, 40, 3, 16384);
    count_all(intervals, false);
    struct sn_span span = put(intervals, 0);
    struct sn_intervals_head head;
    assert_int_equal(sn_intervals_check(span, &head), SN_OK);
    assert_int_equal(head.first_second, 40);
    assert_int_equal(head.count, counted(intervals));
    assert_int_equal(head.kinds, 3);
    for (uint32_t kind = 0; kind < 4; kind++) {
        bool all = kind == 3;
        sn_blocks_init_long(&own, SECONDS - 40, 4, pages[0], SN_BLOCKS_PAGES);
        for (uint32_t i = 0; i < VALUES; i++)
            if (values[i].second >= 40 && (all || values[i].kind == kind))
                sn_blocks_add(&own, values[i].second - 40, values[i].bucket, values[i].count);
        sn_blocks_seal(&own);
        sn_intervals_blocks(span, all ? SN_INTERVALS_ALL : kind, &read, pages[1], SN_BLOCKS_PAGES);
        assert_same_blocks(&own, &read);
        if (all) assert_int_equal(read.intervals, SECONDS - 40);
    }
    sn_intervals_blocks(span, 7, &read, pages[1], SN_BLOCKS_PAGES); /* there is no such kind */
    assert_int_equal(read.len, 0);
    free(intervals);
}

static void nothing_is_written_too(void **state) {
    (void)state;
    static uint32_t pages[SN_BLOCKS_PAGES][SN_HIST_PAGE];
    static struct sn_blocks blocks;
    struct sn_intervals *intervals = make(SECONDS, 0, 3, 100);
    struct sn_span span = put(intervals, 0);
    struct sn_intervals_head head;
    assert_int_equal(sn_intervals_check(span, &head), SN_OK);
    assert_int_equal(head.count, 0);
    sn_intervals_blocks(span, SN_INTERVALS_ALL, &blocks, pages, SN_BLOCKS_PAGES);
    assert_int_equal(blocks.len, 0);
    assert_int_equal(blocks.intervals, 0);
    free(intervals);
}

/* The worst that can be: every slot a counter of its own that takes the most bytes. */
static void the_most_fits(void **state) {
    (void)state;
    static const uint32_t kinds[] = {1, 32};
    for (size_t i = 0; i < 2; i++) {
        struct sn_intervals *intervals = malloc(sn_intervals_size(3600, SN_INTERVALS_SLOTS));
        sn_intervals_init(intervals, 3600, 3600, 0, kinds[i], SN_INTERVALS_SLOTS);
        uint32_t count = kinds[i] == 1 ? 2047 : 63, each = SN_INTERVALS_SLOTS / 113;
        for (uint32_t slot = 0; slot < 113 * each; slot++) {
            uint32_t within = slot % each, kind = within % kinds[i];
            sn_intervals_count(intervals, slot / each * 32, kind, 129 * (within / kinds[i]) % SN_HIST_BUCKETS, count);
        }
        assert_int_equal(intervals->lost, 0);
        assert_int_equal(intervals->block_seconds, 32);
        assert_int_equal(intervals->kinds, kinds[i]);
        put(intervals, 0);
        free(intervals);
    }
}

static void assert_refused(const uint8_t *data, size_t len) {
    uint8_t *exact = malloc(len > 0 ? len : 1); /* so that a byte too many is noticed */
    struct sn_intervals_head head;
    memcpy(exact, data, len);
    assert_int_not_equal(sn_intervals_check((struct sn_span){exact, len}, &head), SN_OK);
    free(exact);
}

static struct sn_span small(void) {
    struct sn_intervals *intervals = make(60, 3, 2, 100);
    for (uint32_t second = 0; second < 8; second++) {
        sn_intervals_count(intervals, second, second % 2, 1000 + second, 3 * second);
        sn_intervals_count(intervals, second, 1, 2000, 200);
    }
    struct sn_span span = put(intervals, 0);
    free(intervals);
    return span;
}

static void what_is_damaged_is_refused(void **state) {
    (void)state;
    struct sn_span span = small();
    struct sn_intervals_head head;
    for (size_t len = 0; len < span.len; len++) assert_refused(span.data, len);
    for (size_t at = 0; at < span.len; at++) {
        for (uint32_t bit = 0; bit < 8; bit++) {
            memcpy(bytes[1], span.data, span.len);
            bytes[1][at] ^= (uint8_t)(1u << bit);
            assert_refused(bytes[1], span.len);
        }
    }
    memcpy(bytes[1], span.data, span.len);
    assert_refused(bytes[1], span.len + 1);
    bytes[1][0] = 2;
    assert_int_equal(sn_intervals_check((struct sn_span){bytes[1], span.len}, &head), SN_E_VERSION);
    memcpy(bytes[1], span.data, span.len);
    bytes[1][span.len - 1] ^= 1;
    assert_int_equal(sn_intervals_check((struct sn_span){bytes[1], span.len}, &head), SN_E_CHECKSUM);
}

/* With a checksum that is right, whatever the bytes are: what is accepted can be used. */
static void what_is_forged_is_refused_or_harmless(void **state) {
    (void)state;
    static uint32_t pages[SN_BLOCKS_PAGES_MIN][SN_HIST_PAGE];
    static struct sn_blocks blocks;
    struct sn_span span = small();
    uint32_t accepted = 0;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_VALUE, 7);
        memcpy(bytes[1], span.data, span.len);
        uint32_t changes = 1 + sn_rng_below(&rng, 3);
        for (uint32_t i = 0; i < changes; i++)
            bytes[1][1 + sn_rng_below(&rng, (uint32_t)span.len - 5)] = (uint8_t)sn_rng_below(&rng, 256);
        struct sn_writer w = sn_writer(&bytes[1][span.len - 4], 4);
        sn_put_u32(&w, sn_crc32(bytes[1], span.len - 4));
        struct sn_span forged = {bytes[1], span.len};
        struct sn_intervals_head head;
        if (sn_intervals_check(forged, &head) != SN_OK) continue;
        accepted++;
        sn_intervals_blocks(forged, SN_INTERVALS_ALL, &blocks, pages, SN_BLOCKS_PAGES_MIN);
        assert_int_equal(blocks.count, head.count);
    }
    assert_true(accepted > 10);
}

/* Good checksums do not help what was never written so. */
static void what_is_never_written_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *why;
        uint8_t body[24];
        size_t len;
    } rows[] = {
        {"no length of a block", {1, 0, 1, 1, 1, 1, 1, 5, 1, 0, 0, 0}, 12},
        {"more than 120 blocks", {1, 1, 121, 1, 1, 121, 1, 5, 1, 0, 0, 0}, 12},
        {"more seconds than there are", {1, 1, 2, 3, 1, 2, 1, 5, 1, 0, 0, 0}, 12},
        {"a block behind the end", {1, 1, 1, 1, 1, 2, 1, 5, 1, 0, 0, 0}, 12},
        {"an end behind the last block", {1, 1, 2, 1, 1, 1, 1, 5, 1, 0, 0, 0}, 12},
        {"a block without kinds", {1, 1, 1, 1, 1, 1, 0, 0}, 8},
        {"a kind without values", {1, 1, 1, 1, 1, 1, 1, 0, 0, 0}, 10},
        {"a kind that there is not", {1, 1, 1, 1, 1, 1, 2, 5, 1, 0, 0, 0}, 12},
        {"a kind twice", {1, 1, 1, 1, 2, 1, 1, 5, 1, 0, 1, 5, 1, 0, 0, 0}, 16},
        {"a count of nothing", {1, 1, 1, 1, 1, 1, 1, 5, 0, 0, 0, 0}, 12},
        {"33 kinds", {1, 1, 1, 1, 33, 1, 1, 5, 1, 0, 0, 0}, 12},
        {"values that nobody heard", {1, 1, 1, 0, 1, 1, 1, 5, 1, 0, 0, 0}, 12},
        {"seconds without values", {1, 1, 1, 1, 1, 0}, 6},
        {"more behind the end", {1, 1, 1, 1, 1, 1, 1, 5, 1, 0, 0, 0, 0}, 13},
    };
    uint8_t made[32];
    struct sn_intervals_head head;
    struct sn_writer w = sn_writer(made, sizeof made);
    static const uint8_t good[] = {1, 1, 1, 1, 1, 1, 1, 5, 1, 0, 0, 0};
    sn_put_bytes(&w, good, sizeof good);
    sn_put_u32(&w, sn_crc32(made, w.len));
    assert_int_equal(sn_intervals_check((struct sn_span){made, w.len}, &head), SN_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        w = sn_writer(made, sizeof made);
        sn_put_bytes(&w, rows[i].body, rows[i].len);
        sn_put_u32(&w, sn_crc32(made, w.len));
        if (sn_intervals_check((struct sn_span){made, w.len}, &head) != SN_E_FORMAT) fail_msg("%s", rows[i].why);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_value_is_in_its_place),
        cmocka_unit_test(the_order_does_not_matter),
        cmocka_unit_test(a_run_may_go_on),
        cmocka_unit_test(what_has_no_room_is_told),
        cmocka_unit_test(blocks_are_what_was_counted),
        cmocka_unit_test(nothing_is_written_too),
        cmocka_unit_test(the_most_fits),
        cmocka_unit_test(what_is_damaged_is_refused),
        cmocka_unit_test(what_is_forged_is_refused_or_harmless),
        cmocka_unit_test(what_is_never_written_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
