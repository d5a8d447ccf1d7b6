#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "hist_help.h"
#include "sentinel/measure/blocks.h"

struct side {
    struct sn_blocks blocks;
    uint32_t (*pages)[SN_HIST_PAGE];
};

/* Exactly as many pages as are said, so that one too many is noticed. */
static void begin(struct side *side, uint32_t seconds, uint32_t pages) {
    side->pages = malloc(pages * sizeof *side->pages);
    sn_blocks_init(&side->blocks, seconds, side->pages, pages);
}

static uint32_t percentile(const struct side *side, double p) {
    uint32_t bucket;
    sn_blocks_percentiles(&side->blocks, NULL, &p, 1, &bucket);
    return bucket;
}

static void blocks_are_of_whole_seconds(void **state) {
    (void)state;
    static const struct {
        uint32_t seconds, block_seconds, len;
    } rows[] = {{1, 1, 1},     {60, 1, 60},     {120, 1, 120},   {121, 2, 61},
                {300, 3, 100}, {3600, 30, 120}, {3601, 31, 117}, {SN_BLOCKS_SECONDS_MAX, 720, 120}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct side side;
        begin(&side, rows[i].seconds, SN_BLOCKS_PAGES_MIN);
        assert_int_equal(side.blocks.block_seconds, rows[i].block_seconds);
        assert_int_equal(side.blocks.len, rows[i].len);
        sn_blocks_add(&side.blocks, rows[i].seconds - 1, 5, 1); /* the last second has a block */
        sn_blocks_seal(&side.blocks);
        assert_int_equal(side.blocks.len, 1);
        assert_int_equal(side.blocks.intervals, 1);
        free(side.pages);
    }
}

/* Whatever shape the values have, and however often blocks had to be merged. */
static void percentiles_are_those_of_one_histogram(void **state) {
    (void)state;
    static const uint32_t pages[] = {SN_BLOCKS_PAGES_MIN, 60, 300, SN_BLOCKS_PAGES};
    for (uint64_t seed = 0; seed < 24; seed++) {
        struct side side;
        struct own whole;
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_VALUE, 1);
        own_init(&whole);
        begin(&side, 200, pages[seed % 4]);
        for (uint32_t i = 0; i < 5000; i++) {
            uint32_t value = draw(&rng, (unsigned)seed % 6), count = 1 + sn_rng_below(&rng, 3);
            record(&whole, value, count);
            sn_blocks_add(&side.blocks, sn_rng_below(&rng, 200), sn_hist_bucket(value), count);
        }
        sn_blocks_seal(&side.blocks);
        assert_int_equal(side.blocks.count, whole.hist.count);
        assert_int_equal(side.blocks.intervals, 200);
        for (double p = 0.5; p < 100; p += 0.5) /* the histogram knows its extremes better than by the bucket */
            assert_int_equal(percentile(&side, p), sn_hist_bucket(sn_hist_percentile_us(&whole.hist, &whole.pages, p)));
        free(side.pages);
    }
}

static void the_order_does_not_matter(void **state) {
    (void)state;
    uint64_t hashes[2];
    for (int turn = 0; turn < 2; turn++) {
        struct side side;
        begin(&side, 100, 90);
        for (uint32_t i = 0; i < 4000; i++) {
            struct sn_rng rng = sn_rng(3, SN_PURPOSE_VALUE, turn == 0 ? i : 3999 - i);
            sn_blocks_add(&side.blocks, sn_rng_below(&rng, 100), sn_hist_bucket(draw(&rng, 5)), 1);
        }
        assert_true(side.blocks.block_seconds > 1); /* pages did not suffice */
        sn_blocks_seal(&side.blocks);
        hashes[turn] = sn_blocks_hash(&side.blocks);
        free(side.pages);
    }
    assert_true(hashes[0] == hashes[1]);
}

static void weights_count_blocks_again(void **state) {
    (void)state;
    struct side side;
    uint32_t weights[SN_BLOCKS_MAX] = {1, 0, 7}, bucket;
    const double median = 50;
    begin(&side, 3, SN_BLOCKS_PAGES);
    sn_blocks_add(&side.blocks, 0, 10, 3);
    sn_blocks_add(&side.blocks, 1, 3000, 90);
    sn_blocks_add(&side.blocks, 2, 200, 1);
    sn_blocks_seal(&side.blocks);
    assert_int_equal(percentile(&side, 50), 3000);
    sn_blocks_percentiles(&side.blocks, weights, &median, 1, &bucket);
    assert_int_equal(bucket, 200); /* 3 of 10 are below */
    assert_int_equal(sn_blocks_upto(&side.blocks, 1, 2999), 0);
    assert_int_equal(sn_blocks_upto(&side.blocks, 1, 3000), 90);
    free(side.pages);
}

/* More values than a counter counts: shares stay what they are. */
static void counts_may_have_64_bits(void **state) {
    (void)state;
    struct side side;
    begin(&side, 240, SN_BLOCKS_PAGES);
    for (uint32_t second = 0; second < 240; second++) {
        sn_blocks_add(&side.blocks, second, 100, UINT64_C(9000000000000000));
        sn_blocks_add(&side.blocks, second, 900, UINT64_C(900000000000000));
        sn_blocks_add(&side.blocks, second, 2000, UINT64_C(100000000000000));
    }
    sn_blocks_add(&side.blocks, 1, 100, UINT64_MAX);
    sn_blocks_add(&side.blocks, 1, 100, UINT64_MAX);
    assert_true(side.blocks.count == UINT64_MAX && side.blocks.shift > 0);
    sn_blocks_seal(&side.blocks);
    assert_int_equal(percentile(&side, 50), 100);
    assert_int_equal(percentile(&side, 99.9), 900);
    assert_int_equal(percentile(&side, 99.999), 2000);
    free(side.pages);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_are_of_whole_seconds), cmocka_unit_test(percentiles_are_those_of_one_histogram),
        cmocka_unit_test(the_order_does_not_matter), cmocka_unit_test(weights_count_blocks_again),
        cmocka_unit_test(counts_may_have_64_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
