#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sentinel/measure/limit.h"

struct row {
    uint64_t dropped, waited;
    uint32_t waited_us;
    uint64_t quiet_us, median_us;
    double peak_per_s;
    enum sn_limit limit;
    double timers_late;
};

/* 10,000 operations of four calls each, of which 20 may be in flight; `peak_per_s` is that of calls. */
#define CALLS 4
static const struct row rows[] = {
    {0, 0, 0, 5000, 5000, 100, SN_LIMIT_NONE, 0},
    {0, 99, 900000, 5000, 5000, 100, SN_LIMIT_NONE, 0}, /* one in a hundred, but for one */
    {0, 100, 50000, 5000, 5000, 100, SN_LIMIT_NONE, 0}, /* not for long */
    {0, 5000, 50001, 5000, 9501, 3900, SN_LIMIT_TARGET, 0},
    {0, 5000, 50001, 5000, 9500, 3900, SN_LIMIT_CONCURRENCY, 0}, /* half as much again and 2 ms is not slower */
    {1, 0, 0, 5000, 5000, 3900, SN_LIMIT_CONCURRENCY, 0},        /* a drop is enough to ask why */
    {1, 0, 0, 5000, 90000, 3900, SN_LIMIT_TARGET, 0},
    {1, 0, 0, 5000, 5000, 1000, SN_LIMIT_TARGET,
     0}, /* 5 of 20 slots: only a target that stood still can fill the rest */
    {0, 3000, 2900000, 3000, 3000, 40, SN_LIMIT_TARGET, 0},
    {1, 0, 0, 5000, 5000, 1001, SN_LIMIT_CONCURRENCY, 0},
    {1, 0, 0, 0, 90000, 1, SN_LIMIT_CONCURRENCY, 0}, /* it was too early to know what quick is */
    {1, 0, 0, 5000, 90000, 3900, SN_LIMIT_TARGET, 0.1},
    {1, 0, 0, 5000, 90000, 3900, SN_LIMIT_MACHINE, 0.11}, /* whose are the 90 ms? */
    {0, 99, 900000, 5000, 5000, 100, SN_LIMIT_NONE, 0.5}, /* it was late, and nothing came of it */
};

static void the_bounds_are_exact(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_limit_input input = {
            .ended = 10000,
            .dropped_slots = rows[i].dropped,
            .lag_slots_count = rows[i].waited,
            .lag_slots_us = rows[i].waited_us,
            .quiet_us = rows[i].quiet_us,
            .median_us = rows[i].median_us,
            .peak_per_s = rows[i].peak_per_s / CALLS,
            .calls = CALLS,
            .concurrency = 20,
            .timers_late = rows[i].timers_late,
        };
        enum sn_limit limit = sn_limit_judge(&input);
        if (limit != rows[i].limit) fail_msg("row %zu: %d instead of %d", i, (int)limit, (int)rows[i].limit);
    }
}

static void every_limit_has_a_name(void **state) {
    (void)state;
    assert_null(sn_limit_name(SN_LIMIT_NONE));
    assert_string_equal(sn_limit_name(SN_LIMIT_TARGET), "target");
    assert_string_equal(sn_limit_name(SN_LIMIT_CONCURRENCY), "concurrency");
    assert_string_equal(sn_limit_name(SN_LIMIT_MACHINE), "machine");
}

static void calls_in_flight_are_rate_times_time(void **state) {
    (void)state;
    static const struct {
        double peak_per_s, calls, mean_us;
        uint32_t needed;
    } needs[] = {
        {200, 1, 200000, 40},  {201, 1, 200000, 41},   /* 40.2 */
        {200, 4, 200000, 160}, {200, 0.5, 200000, 20}, /* half of them left no time behind */
        {0, 1, 200000, 0},     {1e12, 1, 4e9, UINT32_MAX},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        struct sn_limit_input input = {
            .peak_per_s = needs[i].peak_per_s, .calls = needs[i].calls, .mean_us = needs[i].mean_us};
        assert_int_equal(sn_limit_calls(&input), needs[i].needed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bounds_are_exact),
        cmocka_unit_test(every_limit_has_a_name),
        cmocka_unit_test(calls_in_flight_are_rate_times_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
