#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "sentinel/base/random.h"
#include "sentinel/load/share.h"

#define ZERO INT64_C(1700000000000000)
#define S SN_SECOND_US

static struct sn_profile profile;

/* A hundred a second for a hundred seconds. */
static int level(void **state) {
    (void)state;
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_add(&profile, 100 * S, 100, 100), SN_OK);
    assert_int_equal(sn_profile_phase(&profile, "steady", profile.end_us), SN_OK);
    assert_int_equal(sn_profile_finish(&profile, 0), SN_OK);
    return 0;
}

static double reach; /* of the replaced shard */

static enum sn_status add(struct sn_schedule *schedule, enum sn_epoch_kind kind, double at_s, uint32_t place) {
    struct sn_epoch epoch = {
        .seq = schedule->epochs_len + 1,
        .kind = kind,
        .effective_us = ZERO + (int64_t)(at_s * 1e6),
        .factor = kind == SN_EPOCH_REPLACE ? reach : 2,
        .shards = 3,
        .place = place,
    };
    return sn_schedule_add(schedule, &epoch);
}

static struct sn_schedule started(void) {
    struct sn_schedule schedule;
    sn_schedule_init(&schedule, &profile);
    assert_int_equal(sn_share_shards(&schedule), 0);
    assert_int_equal(add(&schedule, SN_EPOCH_START, 0, 0), SN_OK);
    return schedule;
}

static void expect_share(const struct sn_schedule *schedule, uint32_t shard, uint32_t place, uint64_t first,
                         uint64_t last) {
    struct sn_share share = sn_share_of(schedule, shard);
    assert_int_equal(share.place, place);
    assert_int_equal(share.places, 3);
    assert_int_equal(share.first_k, first);
    assert_int_equal(share.last_k, last);
    assert_int_equal(sn_share_ended(&share), last != UINT64_MAX);
}

/* Place 1 is taken at 10 s by shard 3, whose own place is taken at 20 s by shard 5; place 0 at 15 s by shard 4. */
static void a_place_passes_from_shard_to_shard(void **state) {
    (void)state;
    struct sn_schedule schedule = started();
    assert_int_equal(add(&schedule, SN_EPOCH_REPLACE, 10, 1), SN_OK);
    assert_int_equal(add(&schedule, SN_EPOCH_REPLACE, 15, 0), SN_OK);
    assert_int_equal(add(&schedule, SN_EPOCH_REPLACE, 20, 1), SN_OK);
    assert_int_equal(sn_share_shards(&schedule), 6);
    expect_share(&schedule, 0, 0, 1, 1500);
    expect_share(&schedule, 1, 1, 1, 1000);
    expect_share(&schedule, 2, 2, 1, UINT64_MAX);
    expect_share(&schedule, 3, 1, 1001, 2000);
    expect_share(&schedule, 4, 0, 1501, UINT64_MAX);
    expect_share(&schedule, 5, 1, 2001, UINT64_MAX);
    struct sn_share share = sn_share_of(&schedule, 3);
    assert_int_equal(sn_share_next(&share, 1), 1003);
    assert_int_equal(sn_share_next(&share, 1003), 1003);
    assert_int_equal(sn_share_next(&share, 1004), 1006);
    assert_int_equal(sn_share_next(&share, 1999), 1999);
    assert_int_equal(sn_share_next(&share, 2000), UINT64_MAX); /* 2002 is the next one's */
    assert_int_equal(sn_share_count(&share, 1002), 0);
    assert_int_equal(sn_share_count(&share, 1003), 1);
    assert_int_equal(sn_share_count(&share, UINT64_MAX), 333);
}

/* Replacing moves no operation, whatever else was done to the load. */
static void what_is_due_stays_as_it_was(void **state) {
    (void)state;
    struct sn_schedule plain = started(), replaced = started();
    assert_int_equal(add(&plain, SN_EPOCH_SCALE, 10, 0), SN_OK);
    assert_int_equal(add(&replaced, SN_EPOCH_REPLACE, 5, 2), SN_OK);
    assert_int_equal(add(&replaced, SN_EPOCH_SCALE, 10, 0), SN_OK);
    assert_int_equal(add(&replaced, SN_EPOCH_REPLACE, 30, 0), SN_OK);
    assert_int_equal(add(&replaced, SN_EPOCH_REPLACE, 500, 1), SN_OK); /* behind the end */
    assert_int_equal(sn_schedule_planned(&plain), sn_schedule_planned(&replaced));
    assert_int_equal(sn_schedule_end_us(&plain), sn_schedule_end_us(&replaced));
    assert_int_equal(sn_schedule_clock_us(&plain, ZERO + 600 * S), sn_schedule_clock_us(&replaced, ZERO + 600 * S));
    for (uint64_t k = 1; k <= sn_schedule_planned(&plain); k += 7)
        assert_int_equal(sn_schedule_due_us(&plain, k), sn_schedule_due_us(&replaced, k));
    expect_share(&replaced, 5, 1, sn_schedule_planned(&plain) + 1, UINT64_MAX); /* only to clean up */
}

static void what_a_stop_takes_away_stays_where_it_was(void **state) {
    (void)state;
    struct sn_schedule schedule = started();
    assert_int_equal(add(&schedule, SN_EPOCH_STOP, 10, 0), SN_OK);
    int64_t end_us = sn_schedule_end_us(&schedule);
    assert_int_equal(add(&schedule, SN_EPOCH_REPLACE, 40, 1), SN_OK);
    assert_int_equal(sn_schedule_end_us(&schedule), end_us);
    assert_int_equal(sn_schedule_total(&schedule), 1000);
    assert_true(sn_schedule_stopped(&schedule));
    expect_share(&schedule, 1, 1, 1, 10000);
    expect_share(&schedule, 3, 1, 10001, UINT64_MAX);
}

static void replacing_in_a_pause_leaves_it_a_pause(void **state) {
    (void)state;
    struct sn_schedule schedule = started();
    assert_int_equal(add(&schedule, SN_EPOCH_PAUSE, 10, 0), SN_OK);
    assert_int_equal(add(&schedule, SN_EPOCH_REPLACE, 40, 1), SN_OK);
    assert_true(sn_schedule_paused(&schedule));
    assert_int_equal(add(&schedule, SN_EPOCH_RESUME, 60, 0), SN_OK);
    expect_share(&schedule, 3, 1, 1001, UINT64_MAX);
    assert_int_equal(sn_schedule_due_us(&schedule, 1001), ZERO + 60 * S + 10000);
}

/* The lost shard may have gone on at a higher rate. */
static void the_new_share_begins_behind_what_the_old_one_may_have_started(void **state) {
    (void)state;
    struct sn_schedule schedule = started();
    reach = 1700;
    assert_int_equal(add(&schedule, SN_EPOCH_REPLACE, 10, 1), SN_OK);
    reach = 0.5;
    assert_int_equal(add(&schedule, SN_EPOCH_REPLACE, 12, 1), SN_E_RANGE);
    reach = 0;
    expect_share(&schedule, 1, 1, 1, 1700);
    expect_share(&schedule, 3, 1, 1701, UINT64_MAX);
}

/* Whoever is replaced when: every operation has one owner, and counting agrees with walking. */
static void every_operation_has_one_owner(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
        struct sn_schedule schedule = started();
        static uint8_t owners[20001];
        memset(owners, 0, sizeof owners);
        double at_s = 0;
        for (uint32_t i = 0; i < 14; i++) {
            at_s += 10 * sn_rng_unit(&rng);
            bool scale = sn_rng_below(&rng, 6) == 0;
            enum sn_epoch_kind kind = scale ? SN_EPOCH_SCALE : SN_EPOCH_REPLACE;
            assert_int_equal(add(&schedule, kind, at_s, sn_rng_below(&rng, 3)), SN_OK);
        }
        uint64_t planned = sn_schedule_planned(&schedule);
        assert_true(planned < sizeof owners);
        for (uint32_t shard = 0; shard < sn_share_shards(&schedule); shard++) {
            struct sn_share share = sn_share_of(&schedule, shard);
            uint64_t walked = 0;
            for (uint64_t k = sn_share_next(&share, 1); k <= planned; k = sn_share_next(&share, k + 1)) {
                owners[k] += 1;
                walked += 1;
                assert_int_equal(sn_share_count(&share, k), walked);
            }
            assert_int_equal(sn_share_count(&share, planned), walked);
        }
        for (uint64_t k = 1; k <= planned; k++) assert_int_equal(owners[k], 1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_place_passes_from_shard_to_shard),
        cmocka_unit_test(what_is_due_stays_as_it_was),
        cmocka_unit_test(what_a_stop_takes_away_stays_where_it_was),
        cmocka_unit_test(replacing_in_a_pause_leaves_it_a_pause),
        cmocka_unit_test(the_new_share_begins_behind_what_the_old_one_may_have_started),
        cmocka_unit_test(every_operation_has_one_owner),
    };
    return cmocka_run_group_tests(tests, level, NULL);
}
