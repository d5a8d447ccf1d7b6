#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sentinel/load/share.h"
#include "sentinel/run/command.h"

#define S SN_SECOND_US
#define ZERO INT64_C(1800000000000000)

static struct sn_profile profile;

static int level_hundred_per_second(void **state) {
    (void)state;
    sn_profile_begin(&profile);
    sn_profile_add(&profile, 10 * S, 100, 100);
    return sn_profile_finish(&profile, 0);
}

static struct sn_schedule started(uint32_t shards) {
    struct sn_schedule schedule;
    sn_schedule_init(&schedule, &profile);
    struct sn_epoch start = {.seq = 1, .kind = SN_EPOCH_START, .effective_us = ZERO, .factor = 1, .shards = shards};
    assert_int_equal(sn_schedule_add(&schedule, &start), SN_OK);
    return schedule;
}

static void nothing_is_due_before_a_start(void **state) {
    (void)state;
    struct sn_schedule schedule;
    sn_schedule_init(&schedule, &profile);
    assert_false(sn_schedule_started(&schedule));
    assert_true(sn_schedule_due_us(&schedule, 1) == INT64_MAX);
    assert_int_equal(sn_schedule_count(&schedule, INT64_MAX), 0);
    assert_int_equal(sn_schedule_total(&schedule), 1000);
}

static void a_start_places_the_profile(void **state) {
    (void)state;
    struct sn_schedule schedule = started(3);
    assert_int_equal(sn_schedule_due_us(&schedule, 1), ZERO + 10000);
    assert_int_equal(sn_schedule_due_us(&schedule, 1000), ZERO + 10 * S);
    assert_int_equal(sn_schedule_count(&schedule, ZERO), 0);
    assert_int_equal(sn_schedule_count(&schedule, ZERO + S), 100);
    assert_int_equal(sn_schedule_end_us(&schedule), ZERO + 10 * S);
}

static void a_stop_takes_away_what_is_due_after_it(void **state) {
    (void)state;
    struct sn_schedule schedule = started(3);
    struct sn_epoch stop = {.seq = 2, .kind = SN_EPOCH_STOP, .effective_us = ZERO + 4 * S, .factor = 1};
    assert_int_equal(sn_schedule_add(&schedule, &stop), SN_OK);
    assert_int_equal(sn_schedule_total(&schedule), 400);
    assert_int_equal(sn_schedule_due_us(&schedule, 400), ZERO + 4 * S); /* half-open: at the stop it is still due */
    assert_true(sn_schedule_due_us(&schedule, 401) == INT64_MAX);
}

static void epochs_that_are_refused(void **state) {
    (void)state;
    struct sn_schedule schedule;
    static const struct {
        struct sn_epoch epoch;
        enum sn_status status;
    } rows[] = {
        {{.seq = 0, .kind = SN_EPOCH_START, .shards = 2}, SN_E_RANGE},
        {{.seq = 2, .kind = SN_EPOCH_START, .shards = 2}, SN_E_GAP},
        {{.seq = 1, .kind = SN_EPOCH_STOP}, SN_E_RANGE}, /* the first one is a start */
        {{.seq = 1, .kind = SN_EPOCH_START, .shards = 0}, SN_E_RANGE},
        {{.seq = 1, .kind = SN_EPOCH_START, .shards = 2, .effective_us = 5}, SN_OK},
        {{.seq = 1, .kind = SN_EPOCH_START, .shards = 2, .effective_us = 5}, SN_OK},       /* known already */
        {{.seq = 2, .kind = 99, .effective_us = 9}, SN_E_RANGE},                           /* not understood */
        {{.seq = 2, .kind = SN_EPOCH_REPLACE, .place = 2, .effective_us = 9}, SN_E_RANGE}, /* no such place */
        {{.seq = 2, .kind = SN_EPOCH_STOP, .effective_us = 4}, SN_E_RANGE},                /* before the start */
        {{.seq = 3, .kind = SN_EPOCH_STOP, .effective_us = 9}, SN_E_GAP},
        {{.seq = 2, .kind = SN_EPOCH_STOP, .effective_us = 9}, SN_OK},
        {{.seq = 3, .kind = SN_EPOCH_SCALE, .factor = 2, .effective_us = 10}, SN_E_RANGE}, /* after a stop */
        {{.seq = 3, .kind = SN_EPOCH_REPLACE, .place = 1, .effective_us = 10}, SN_OK}, /* there is a cleanup to come */
    };
    sn_schedule_init(&schedule, &profile);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(sn_schedule_add(&schedule, &rows[i].epoch), rows[i].status);
    }
    assert_int_equal(schedule.epochs_len, 3);
}

/* Whatever the number of shards: every operation has one owner, and counting agrees with walking. */
static void the_shards_own_the_whole_and_nothing_twice(void **state) {
    (void)state;
    for (uint32_t shards = 1; shards <= 20; shards++) {
        struct sn_schedule schedule = started(shards);
        uint8_t owners[1001] = {0};
        for (uint32_t index = 0; index < shards; index++) {
            uint64_t walked = 0;
            struct sn_share share = sn_share_of(&schedule, index);
            for (uint64_t k = sn_share_next(&share, 1); k <= 1000; k += shards) {
                assert_int_equal(k % shards, index);
                owners[k] += 1;
                walked += 1;
                assert_int_equal(sn_share_count(&share, k), walked);
                assert_int_equal(sn_share_next(&share, k), k);
                assert_int_equal(sn_share_next(&share, k + 1), k + shards);
            }
            assert_int_equal(sn_share_count(&share, 1000), walked);
        }
        for (uint32_t k = 1; k <= 1000; k++) assert_int_equal(owners[k], 1);
    }
}

static void a_command_carries_the_epochs(void **state) {
    (void)state;
    uint8_t bytes[512];
    struct sn_schedule schedule = started(3), read;
    struct sn_command sent = {.stage = 3,
                              .places = 3,
                              .stored_seq = 7,
                              .want_seq = 9,
                              .last_k = 12,
                              .report_interval_us = S},
                      got = {0};
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    sn_command_put(&w, &sent, &schedule, schedule.epochs_len);
    for (size_t len = 0; len <= w.len; len++) {
        uint8_t *exact = test_malloc(len > 0 ? len : 1);
        memcpy(exact, bytes, len);
        struct sn_reader r = sn_reader(exact, len);
        sn_schedule_init(&read, &profile);
        assert_int_equal(sn_command_get(&r, &got, &read), len == w.len ? SN_OK : SN_E_FORMAT);
        test_free(exact);
    }
    assert_memory_equal(&sent, &got, sizeof sent);
    assert_memory_equal(schedule.epochs, read.epochs, sizeof schedule.epochs[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_due_before_a_start),
        cmocka_unit_test(a_start_places_the_profile),
        cmocka_unit_test(a_stop_takes_away_what_is_due_after_it),
        cmocka_unit_test(epochs_that_are_refused),
        cmocka_unit_test(the_shards_own_the_whole_and_nothing_twice),
        cmocka_unit_test(a_command_carries_the_epochs),
    };
    return cmocka_run_group_tests(tests, level_hundred_per_second, NULL);
}
