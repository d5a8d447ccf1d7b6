#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "hist_help.h"

#define PAGE_BYTES (SN_HIST_PAGE * sizeof(uint32_t))
#define VALUES 2000

static void buckets_are_where_they_should_be(void **state) {
    (void)state;
    static const struct {
        uint32_t value, bucket, low, mid;
    } rows[] = {
        {0, 0, 0, 0},
        {1, 1, 1, 1},
        {255, 255, 255, 255},
        {256, 256, 256, 257}, /* the first bucket of two values */
        {257, 256, 256, 257},
        {511, 383, 510, 511},
        {512, 384, 512, 514},
        {1000000, 1780, 999424, 1001472},
        {3600000000u, 3286, 3590324224u, 3598712832u}, /* an hour */
        {UINT32_MAX, 3327, 4278190080u, 4286578688u},  /* the very last */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(sn_hist_bucket(rows[i].value), rows[i].bucket);
        assert_int_equal(sn_hist_bucket_low_us(rows[i].bucket), rows[i].low);
        assert_int_equal(sn_hist_bucket_mid_us(rows[i].bucket), rows[i].mid);
    }
}

static void buckets_leave_no_gap(void **state) {
    (void)state;
    for (uint32_t bucket = 0; bucket < SN_HIST_BUCKETS; bucket++) {
        uint32_t low = sn_hist_bucket_low_us(bucket);
        assert_int_equal(sn_hist_bucket(low), bucket);
        if (bucket > 0) assert_int_equal(sn_hist_bucket(low - 1), bucket - 1);
        assert_int_equal(sn_hist_bucket(sn_hist_bucket_mid_us(bucket)), bucket);
        uint32_t high = bucket + 1 < SN_HIST_BUCKETS ? sn_hist_bucket_low_us(bucket + 1) - 1 : UINT32_MAX;
        uint64_t width = (uint64_t)high - low + 1;
        assert_true(width == 1 || width * 128 <= low); /* 0.78 % */
    }
}

static void ranks_are_the_nearest(void **state) {
    (void)state;
    static const struct {
        uint32_t count; /* values 1 … count, all of them exact */
        double p;
        uint32_t value;
    } rows[] = {
        {100, 0, 1},     {100, 0.5, 1},     {100, 1, 1},      {100, 1.000001, 2}, /* just above rank 1 */
        {100, 50, 50},   {100, 99, 99},     {100, 99.9, 100}, {100, 100, 100},    {101, 50, 51},
        {1, 0, 1},       {1, 50, 1},        {1, 100, 1},      {200, 99.5, 199}, /* 99.5 · 200 / 100 is 199 and not a hair more */
        {7, 14.2857, 1}, {7, 14.285715, 2},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct own own;
        own_init(&own);
        for (uint32_t value = 1; value <= rows[i].count; value++) record(&own, value, 1);
        assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, rows[i].p), rows[i].value);
    }
}

/* In floating point 99.9 · 1,000 / 100 may come out a hair above 999, and the rank would be one too high. */
static void ranks_of_round_numbers_are_round(void **state) {
    (void)state;
    struct own own;
    own_init(&own);
    record(&own, 10, 999);
    record(&own, 20, 1);
    record(&own, 30, 999000);
    assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, 0.0999), 10);
    assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, 0.1), 20);
    assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, 0.1001), 30);
}

static void percentile_needs_ten_above(void **state) {
    (void)state;
    static const struct {
        uint32_t count;
        double p;
        bool has;
    } rows[] = {
        {0, 50, false},   {19, 50, false},     {20, 50, true},      {999, 99, false},
        {1000, 99, true}, {9999, 99.9, false}, {10000, 99.9, true}, {1000000, 100, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct own own;
        own_init(&own);
        record(&own, 5, rows[i].count);
        assert_int_equal(sn_hist_has_percentile(&own.hist, rows[i].p), rows[i].has);
    }
}

static void empty_is_zero(void **state) {
    (void)state;
    struct own own;
    own_init(&own);
    assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, 50), 0);
    assert_true(sn_hist_mean_us(&own.hist) == 0);
    assert_int_equal(own.hist.min_us, UINT32_MAX);
    record(&own, 7, 0); /* nothing, no times */
    assert_int_equal(own.hist.count, 0);
    assert_int_equal(own.pages.used, 1);
}

static void sums_are_exact(void **state) {
    (void)state;
    struct own own;
    own_init(&own);
    record(&own, 1234567, 3);
    record(&own, 1000, 1);
    assert_int_equal(own.hist.count, 4);
    assert_int_equal(own.hist.sum_us, 3704701);
    assert_int_equal(own.hist.min_us, 1000);
    assert_int_equal(own.hist.max_us, 1234567);
    assert_true(sn_hist_mean_us(&own.hist) == 926175.25);
    assert_int_equal(counter_of(&own, sn_hist_bucket(1234567)), 3);
    assert_int_equal(counter_of(&own, 0), 0);
    assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, 0), 1000);
    assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, 100), 1234567);
    /* The middle of 1,234,567's bucket lies above it; no percentile is above the maximum. */
    assert_in_range(sn_hist_percentile_us(&own.hist, &own.pages, 60), 1229629, 1234567);
}

/* 1,008 to 1,011 share a bucket with 1,010 in its middle. */
static void percentiles_stay_between_minimum_and_maximum(void **state) {
    (void)state;
    for (uint32_t value = 1008; value <= 1011; value++) {
        struct own own;
        own_init(&own);
        record(&own, value, 3);
        assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, 50), value);
    }
}

static void what_is_too_large_is_clamped_and_said(void **state) {
    (void)state;
    struct own own;
    own_init(&own);
    record(&own, UINT32_MAX, 1); /* fits */
    assert_int_equal(own.hist.clamped, 0);
    record(&own, UINT64_C(1) << 32, 2);
    record(&own, UINT64_MAX, 1);
    assert_int_equal(own.hist.clamped, 3);
    assert_int_equal(own.hist.max_us, UINT32_MAX);
    assert_int_equal(own.hist.sum_us, 4 * (uint64_t)UINT32_MAX);
    struct own again;
    own_init(&again);
    struct bytes bytes = encode(&own);
    struct sn_reader r = sn_reader(bytes.data, bytes.len);
    assert_int_equal(add_encoded(&r, &again), SN_OK);
    assert_int_equal(again.hist.clamped, 3);
    free(bytes.data);
}

static void counters_saturate_and_counts_do_not(void **state) {
    (void)state;
    struct own own;
    own_init(&own);
    record(&own, 50, UINT32_MAX);
    record(&own, 50, 10);
    record(&own, 60, 5);
    assert_int_equal(counter_of(&own, 50), UINT32_MAX);
    assert_int_equal(own.hist.count, (uint64_t)UINT32_MAX + 15);
    assert_int_equal(sn_hist_percentile_us(&own.hist, &own.pages, 50), 50);
    struct own again;
    own_init(&again);
    struct bytes bytes = encode(&own);
    struct sn_reader r = sn_reader(bytes.data, bytes.len);
    assert_int_equal(add_encoded(&r, &again), SN_OK);
    assert_same(&own, &again);
    free(bytes.data);
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void percentiles_agree_with_an_exact_sort(void **state) {
    (void)state;
    static const uint32_t per_mille[] = {0, 1, 10, 50, 250, 500, 750, 900, 950, 990, 999, 1000};
    static uint32_t values[VALUES];
    for (unsigned set = 0; set < 60; set++) {
        struct sn_rng rng = sn_rng(42, SN_PURPOSE_VALUE, set);
        uint32_t len = 1 + sn_rng_below(&rng, VALUES);
        struct own own;
        own_init(&own);
        for (uint32_t i = 0; i < len; i++) {
            values[i] = draw(&rng, set % 6);
            record(&own, values[i], 1);
        }
        qsort(values, len, sizeof *values, by_value);
        assert_int_equal(own.hist.min_us, values[0]);
        assert_int_equal(own.hist.max_us, values[len - 1]);
        for (size_t i = 0; i < sizeof per_mille / sizeof *per_mille; i++) {
            uint64_t rank = ((uint64_t)per_mille[i] * len + 999) / 1000;
            uint64_t exact = values[rank > 0 ? rank - 1 : 0];
            uint64_t got = sn_hist_percentile_us(&own.hist, &own.pages, per_mille[i] / 10.0);
            uint64_t off = got > exact ? got - exact : exact - got;
            if (off * 1000 > exact * 4) fail_msg("set %u, %u per mille: %lu for %lu", set, per_mille[i], got, exact);
        }
    }
}

static void merging_is_commutative_and_associative(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct own a, b, c, left, right, swapped;
        own_init(&a);
        own_init(&b);
        own_init(&c);
        fill(&a, seed * 3, 200);
        fill(&b, seed * 3 + 1, (uint32_t)seed % 4 * 40); /* empty now and then */
        fill(&c, seed * 3 + 2, 77);
        left = a; /* (a + b) + c; pages are named by number, so a copy only has to look into its own memory */
        left.pages.page = left.memory;
        merge(&left, &b);
        merge(&left, &c);
        own_init(&right); /* a + (c + b), in fresh pages */
        merge(&right, &c);
        merge(&right, &b);
        merge(&right, &a);
        assert_same(&left, &right);
        own_init(&swapped);
        merge(&swapped, &b);
        merge(&swapped, &a);
        merge(&swapped, &c);
        assert_same(&left, &swapped);
        assert_int_equal(left.hist.count, a.hist.count + b.hist.count + c.hist.count);
    }
}

static void bytes_do_not_tell_in_which_order_pages_were_taken(void **state) {
    (void)state;
    struct own up, down;
    own_init(&up);
    own_init(&down);
    for (uint32_t i = 0; i < 32; i++) {
        record(&up, UINT64_C(1) << i, i + 1);
        record(&down, UINT64_C(1) << (31 - i), 32 - i);
    }
    assert_memory_not_equal(up.hist.pages, down.hist.pages, sizeof up.hist.pages);
    assert_same(&up, &down);
}

static void a_pool_that_is_empty_changes_nothing(void **state) {
    (void)state;
    struct own wide, narrow;
    own_init(&wide);
    own_init(&narrow);
    sn_pages_init(&narrow.pages, narrow.memory, 3 * PAGE_BYTES + 100); /* two pages to give, and a useless rest */
    record(&wide, 10, 1);
    record(&wide, 1000, 1);
    record(&wide, 100000, 1);
    record(&narrow, 20, 1);
    record(&narrow, 20000, 4);
    struct own before = narrow;

    assert_int_equal(sn_hist_record(&narrow.hist, &narrow.pages, 2000000, 1), SN_E_MEMORY);
    assert_int_equal(sn_hist_merge(&narrow.hist, &narrow.pages, &wide.hist, &wide.pages), SN_E_MEMORY);
    assert_memory_equal(&narrow, &before, sizeof before);
    record(&narrow, 21, 1); /* pages that it has still count */

    struct sn_pages none;
    sn_pages_init(&none, NULL, 0);
    struct sn_hist hist;
    sn_hist_init(&hist);
    assert_int_equal(sn_hist_record(&hist, &none, 1, 1), SN_E_MEMORY);
    assert_int_equal(hist.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_are_where_they_should_be),
        cmocka_unit_test(buckets_leave_no_gap),
        cmocka_unit_test(ranks_are_the_nearest),
        cmocka_unit_test(ranks_of_round_numbers_are_round),
        cmocka_unit_test(percentile_needs_ten_above),
        cmocka_unit_test(empty_is_zero),
        cmocka_unit_test(sums_are_exact),
        cmocka_unit_test(percentiles_stay_between_minimum_and_maximum),
        cmocka_unit_test(what_is_too_large_is_clamped_and_said),
        cmocka_unit_test(counters_saturate_and_counts_do_not),
        cmocka_unit_test(percentiles_agree_with_an_exact_sort),
        cmocka_unit_test(merging_is_commutative_and_associative),
        cmocka_unit_test(bytes_do_not_tell_in_which_order_pages_were_taken),
        cmocka_unit_test(a_pool_that_is_empty_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
