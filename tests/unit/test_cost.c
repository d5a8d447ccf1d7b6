/* What things cost: prices from the list, exact at every size, and rounded up. */
#include "sentinel/measure/cost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LEN(array) (sizeof(array) / sizeof *(array))
#define M UINT64_C(1000000)

static uint64_t cost(enum sn_meter meter, uint64_t units) {
    struct sn_prices prices = sn_prices_listed();
    return sn_meter_cost_nusd(&prices, meter, units);
}

static void every_meter_costs_what_the_list_says(void **state) {
    (void)state;
    static const struct {
        enum sn_meter meter;
        uint64_t units, nusd;
    } rows[] = {
        {SN_METER_D1_ROWS_READ, M, 1000000},
        {SN_METER_D1_ROWS_READ, 1, 1},
        {SN_METER_D1_ROWS_WRITTEN, 1, 1000},
        {SN_METER_KV_READS, 3, 1500},
        {SN_METER_KV_WRITES, M, 5000 * M},
        {SN_METER_KV_DELETES, 1, 5000},
        {SN_METER_KV_LISTS, 1, 5000},
        {SN_METER_R2_CLASS_A, M, 4500 * M},
        {SN_METER_R2_CLASS_B, 7, 2520},
        {SN_METER_R2_DELETES, UINT64_MAX, 0}, /* free, however many */
        {SN_METER_OBJECT_REQUESTS, 1, 150},
        {SN_METER_HTTP_REQUESTS, 1, 300},
        {SN_METER_OBJECT_MESSAGES, 20, 150},                                 /* twenty are one request */
        {SN_METER_OBJECT_MESSAGES, 1, 8},                                    /* 7.5, rounded up */
        {SN_METER_OBJECT_DURATION, 128000 * UINT64_C(3600) * 84, 483840000}, /* 84 shards for an hour */
        {SN_METER_OBJECT_DURATION, 1, 1},                                    /* a fraction of a nano-dollar */
        {SN_METER_WORKERS_CPU, 1, 20},
        {SN_METER_D1_STORED, SN_PER_GB_MONTH, 750 * M},
        {SN_METER_R2_STORED, SN_PER_GB_MONTH / 2, 7500000},
        {SN_METER_KV_READS, 0, 0},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        uint64_t got = cost(rows[i].meter, rows[i].units);
        if (got != rows[i].nusd)
            fail_msg("%s × %llu: %llu", sn_meter(rows[i].meter)->key, (unsigned long long)rows[i].units,
                     (unsigned long long)got);
    }
}

static void a_product_is_exact_or_saturates(void **state) {
    (void)state;
    static const struct {
        uint64_t a, b, c, want;
    } rows[] = {
        {0, 0, 1, 0},
        {1, 1, 3, 1},
        {9, 1, 3, 3},
        {UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX},
        {UINT64_MAX, 1, 1, UINT64_MAX},
        {UINT64_MAX, 2, 1, UINT64_MAX},         /* does not fit */
        {UINT64_MAX, 2, 4, UINT64_MAX / 2 + 1}, /* half of an odd number, rounded up */
        {UINT64_C(1) << 63, 6, 12, UINT64_C(1) << 62},
        {UINT64_MAX - 1, UINT64_MAX, UINT64_MAX - 1, UINT64_MAX},
        {UINT64_MAX, UINT64_MAX - 1, UINT64_MAX, UINT64_MAX - 1},
        {12345678901234567, 98765432109876543, 1000000007, UINT64_MAX},
        {12345678901234567, 9876543210, 1000000007, UINT64_C(121932630271300112)},
        {5, 5, 0, UINT64_MAX},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        uint64_t got = sn_mul_div_up(rows[i].a, rows[i].b, rows[i].c);
        if (got != rows[i].want) fail_msg("row %zu: %llu", i, (unsigned long long)got);
    }
}

/* Two hundred million operations of sixteen steps of a hundred statements that read a million rows each. */
static void the_largest_run_there_is_has_a_price(void **state) {
    (void)state;
    uint64_t rows = 200 * M * 16 * 100 * M;
    assert_true(cost(SN_METER_D1_ROWS_READ, rows) == rows); /* a nano-dollar each: 320 million dollars */
    assert_true(cost(SN_METER_D1_ROWS_WRITTEN, UINT64_MAX / 1000) == UINT64_MAX / 1000 * 1000);
    assert_true(cost(SN_METER_D1_ROWS_WRITTEN, UINT64_MAX / 1000 + 1) == UINT64_MAX); /* and no further */
    struct sn_prices dearest;
    for (size_t i = 0; i < SN_METERS_LEN; i++) dearest.nusd[i] = (uint64_t)SN_PRICE_USD_MAX * SN_NUSD_PER_USD;
    assert_true(sn_meter_cost_nusd(&dearest, SN_METER_KV_READS, 100 * M) == 100 * M * 1000000000);
    struct sn_ledger ledger;
    memset(&ledger, 0xff, sizeof ledger);
    assert_true(sn_ledger_cost_nusd(&dearest, &ledger) == UINT64_MAX);
}

static void usage_adds_up_and_scales(void **state) {
    (void)state;
    struct sn_usage usage = {{0}}, more = {{0}};
    struct sn_prices prices = sn_prices_listed();
    usage.units[SN_METER_KV_READS] = 10 * M + 5;
    usage.units[SN_METER_KV_WRITES] = 3;
    more.units[SN_METER_KV_READS] = UINT64_MAX - 10 * M;
    struct sn_usage third = sn_usage_scale(&usage, 1, 3);
    assert_true(third.units[SN_METER_KV_READS] == 3333335 && third.units[SN_METER_KV_WRITES] == 1);
    assert_true(sn_usage_scale(&usage, 2, 0).units[SN_METER_KV_WRITES] == 6);
    struct sn_usage beyond = sn_usage_beyond_month(&usage);
    assert_true(beyond.units[SN_METER_KV_READS] == 5 && beyond.units[SN_METER_KV_WRITES] == 0);
    assert_true(sn_usage_cost_nusd(&prices, &beyond) == 2500);
    sn_usage_add(&usage, &more);
    assert_true(usage.units[SN_METER_KV_READS] == UINT64_MAX && usage.units[SN_METER_KV_WRITES] == 3);
}

static void meters_are_found_by_their_keys(void **state) {
    (void)state;
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        const struct sn_meter_facts *facts = sn_meter((enum sn_meter)i);
        assert_int_equal(sn_meter_find(facts->key), i);
        assert_true(facts->per > 0 && strstr(facts->source, ", 2026") != NULL);
    }
    assert_int_equal(sn_meter_find("kvRead"), SN_METERS_LEN);
    assert_int_equal(sn_meter_find(""), SN_METERS_LEN);
}

static void dollars_are_rounded_up(void **state) {
    (void)state;
    static const struct {
        uint64_t nusd;
        const char *text;
    } rows[] = {{0, "$0"},
                {1, "$0.000001"},
                {1250000, "$0.001250"},
                {1250001, "$0.001251"},
                {42100000, "$0.0421"},
                {9999999, "$0.010000"},
                {999999999, "$1.0000"},
                {1000000000, "$1.00"},
                {12340000001, "$12.35"},
                {99999999999, "$100.00"},
                {UINT64_MAX, "$18446744073.71"}};
    for (size_t i = 0; i < LEN(rows); i++) {
        char text[32];
        struct sn_writer w = sn_writer(text, sizeof text - 1);
        sn_put_usd(&w, rows[i].nusd);
        text[w.len] = 0;
        assert_string_equal(text, rows[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_meter_costs_what_the_list_says), cmocka_unit_test(a_product_is_exact_or_saturates),
        cmocka_unit_test(the_largest_run_there_is_has_a_price), cmocka_unit_test(usage_adds_up_and_scales),
        cmocka_unit_test(meters_are_found_by_their_keys),       cmocka_unit_test(dollars_are_rounded_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
