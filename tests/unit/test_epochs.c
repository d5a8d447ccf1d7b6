/* Steered schedules, against a walk that adds up the rate a microsecond piece at a time and knows nothing of integrals. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "sentinel/base/random.h"
#include "sentinel/load/schedule.h"

#define S SN_SECOND_US
#define ZERO INT64_C(1800000000000000)

static struct sn_profile profile;

static void level(double seconds, double per_s) {
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_add(&profile, (int64_t)(seconds * 1e6), per_s, per_s), SN_OK);
    assert_int_equal(sn_profile_phase(&profile, "steady", profile.end_us), SN_OK);
    assert_int_equal(sn_profile_finish(&profile, 0), SN_OK);
}

static enum sn_status add(struct sn_schedule *schedule, enum sn_epoch_kind kind, double at_s, double value) {
    struct sn_epoch epoch = {
        .seq = schedule->epochs_len + 1,
        .kind = kind,
        .effective_us = ZERO + (int64_t)(at_s * 1e6),
        .factor = value,
        .shards = 3,
    };
    return sn_schedule_add(schedule, &epoch);
}

static struct sn_schedule started(void) {
    struct sn_schedule schedule;
    sn_schedule_init(&schedule, &profile);
    assert_int_equal(add(&schedule, SN_EPOCH_START, 0, 1), SN_OK);
    return schedule;
}

static void a_pause_stops_the_clock(void **state) {
    (void)state;
    level(10, 100);
    struct sn_schedule schedule = started();
    assert_int_equal(add(&schedule, SN_EPOCH_PAUSE, 4, 1), SN_OK);
    assert_true(sn_schedule_paused(&schedule));
    assert_int_equal(sn_schedule_due_us(&schedule, 400), ZERO + 4 * S); /* half-open: still due */
    assert_true(sn_schedule_due_us(&schedule, 401) == INT64_MAX);
    assert_true(sn_schedule_end_us(&schedule) == INT64_MAX);
    assert_int_equal(sn_schedule_count(&schedule, ZERO + 100 * S), 400);
    assert_int_equal(sn_schedule_clock_us(&schedule, ZERO + 100 * S), 4 * S);
    assert_int_equal(add(&schedule, SN_EPOCH_RESUME, 7, 1), SN_OK);
    assert_int_equal(sn_schedule_due_us(&schedule, 401), ZERO + 7 * S + 10000);
    assert_int_equal(sn_schedule_end_us(&schedule), ZERO + 13 * S);
    assert_int_equal(sn_schedule_planned(&schedule), 1000);
    assert_int_equal(sn_schedule_clock_us(&schedule, ZERO + 8 * S), 5 * S);
}

static void scaling_is_of_the_plans_own_rate(void **state) {
    (void)state;
    level(10, 100);
    struct sn_schedule schedule = started();
    assert_int_equal(add(&schedule, SN_EPOCH_SCALE, 5, 2), SN_OK);
    assert_int_equal(sn_schedule_planned(&schedule), 1500);
    assert_int_equal(sn_schedule_due_us(&schedule, 501), ZERO + 5 * S + 5000);
    assert_int_equal(sn_schedule_due_us(&schedule, 1500), ZERO + 10 * S);
    assert_int_equal(add(&schedule, SN_EPOCH_SCALE, 5, 2), SN_OK); /* twice 2 is 2 */
    assert_int_equal(sn_schedule_planned(&schedule), 1500);
    assert_int_equal(add(&schedule, SN_EPOCH_SCALE, 8, 0.5), SN_OK);
    assert_int_equal(sn_schedule_planned(&schedule), 500 + 600 + 100);
    assert_int_equal(sn_schedule_due_us(&schedule, 1101), ZERO + 8 * S + 20000);
    assert_int_equal(sn_schedule_count(&schedule, INT64_MAX), 1200);
    assert_true(sn_schedule_peak_per_s(&schedule) == 200);
}

static void an_extension_goes_on_at_the_rate_of_the_end(void **state) {
    (void)state;
    level(10, 100);
    struct sn_schedule schedule = started();
    assert_int_equal(add(&schedule, SN_EPOCH_EXTEND, 9, 5), SN_OK);
    assert_int_equal(sn_schedule_length_us(&schedule), 15 * S);
    assert_int_equal(sn_schedule_planned(&schedule), 1500);
    assert_int_equal(sn_schedule_due_us(&schedule, 1000), ZERO + 10 * S);
    assert_int_equal(sn_schedule_due_us(&schedule, 1001), ZERO + 10 * S + 10000);
    assert_int_equal(sn_schedule_due_us(&schedule, 1500), ZERO + 15 * S);
    assert_int_equal(sn_schedule_end_us(&schedule), ZERO + 15 * S);
    assert_int_equal(add(&schedule, SN_EPOCH_STOP, 12, 1), SN_OK);
    assert_int_equal(sn_schedule_planned(&schedule), 1500); /* what a stop takes away stays planned: it is cancelled */
    assert_int_equal(sn_schedule_total(&schedule), 1200);
    assert_int_equal(sn_schedule_count_by_clock(&schedule, 13 * S), 1300);
}

static void epochs_that_make_no_sense_are_refused(void **state) {
    (void)state;
    static const struct {
        enum sn_epoch_kind kind;
        double at_s, value;
    } rows[] = {
        {SN_EPOCH_RESUME, 2, 1},        {SN_EPOCH_SCALE, 2, 0},    {SN_EPOCH_SCALE, 2, 0.0099},
        {SN_EPOCH_SCALE, 2, 101},       {SN_EPOCH_SCALE, 2, NAN},  {SN_EPOCH_SCALE, 2, INFINITY},
        {SN_EPOCH_EXTEND, 2, 0},        {SN_EPOCH_EXTEND, 2, 1.5}, {SN_EPOCH_EXTEND, 2, 3601},
        {(enum sn_epoch_kind)99, 2, 1}, {SN_EPOCH_START, 2, 1},    {SN_EPOCH_PAUSE, -1, 1},
        {(enum sn_epoch_kind)99, 2, 1},
    };
    level(10, 100);
    struct sn_schedule schedule = started();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(add(&schedule, rows[i].kind, rows[i].at_s, rows[i].value), SN_E_RANGE);
    }
    assert_int_equal(add(&schedule, SN_EPOCH_PAUSE, 2, 1), SN_OK);
    assert_int_equal(add(&schedule, SN_EPOCH_PAUSE, 3, 1), SN_E_RANGE);
    assert_int_equal(add(&schedule, SN_EPOCH_STOP, 4, 1), SN_OK);
    assert_int_equal(add(&schedule, SN_EPOCH_RESUME, 5, 1), SN_E_RANGE);
    assert_int_equal(add(&schedule, SN_EPOCH_STOP, 5, 1), SN_E_RANGE);

    profile.arrivals = SN_ARRIVALS_POISSON;
    sn_profile_seed(&profile, 1);
    schedule = started();
    assert_int_equal(add(&schedule, SN_EPOCH_SCALE, 2, 2), SN_E_RANGE);
    assert_int_equal(add(&schedule, SN_EPOCH_EXTEND, 2, 2), SN_E_RANGE);
    assert_int_equal(add(&schedule, SN_EPOCH_PAUSE, 2, 1), SN_OK);

    sn_profile_begin(&profile);
    sn_profile_add(&profile, 10 * S, 100, 0);
    sn_profile_finish(&profile, 0);
    schedule = started();
    assert_int_equal(add(&schedule, SN_EPOCH_EXTEND, 2, 2), SN_E_RANGE); /* it ends at 0 */
}

/* --- Random steering ---------------------------------------------------------------------------------------- */

static void random_profile(struct sn_rng *rng) {
    int64_t end_us = 0;
    sn_profile_begin(&profile);
    uint32_t pieces = 1 + sn_rng_below(rng, 4);
    for (uint32_t i = 0; i < pieces; i++) {
        end_us += 200000 + sn_rng_below(rng, 1500000);
        if (sn_rng_below(rng, 4) == 0) {
            assert_int_equal(sn_profile_add_sine(&profile, end_us, 20, 200, 300000), SN_OK);
        } else {
            double from = sn_rng_below(rng, 300), to = 5 + sn_rng_below(rng, 300);
            assert_int_equal(sn_profile_add(&profile, end_us, from, to), SN_OK);
        }
    }
    assert_int_equal(sn_profile_finish(&profile, 50 + sn_rng_below(rng, 900)), SN_OK);
}

static struct sn_schedule random_schedule(struct sn_rng *rng) {
    struct sn_schedule schedule = started();
    int64_t at_us = ZERO;
    uint32_t wanted = sn_rng_below(rng, 8);
    for (uint32_t i = 0; i < wanted; i++) {
        at_us += sn_rng_below(rng, 900000);
        if (at_us >= sn_schedule_end_us(&schedule)) break;
        static const double factors[] = {0.3, 0.5, 1, 2, 3.7};
        struct sn_epoch epoch = {.seq = schedule.epochs_len + 1, .effective_us = at_us, .factor = 1};
        switch (sn_rng_below(rng, 4)) {
        case 0: epoch.kind = sn_schedule_paused(&schedule) ? SN_EPOCH_RESUME : SN_EPOCH_PAUSE; break;
        case 1:
            epoch.kind = SN_EPOCH_EXTEND;
            epoch.factor = 1 + sn_rng_below(rng, 2);
            break;
        default: epoch.kind = SN_EPOCH_SCALE; epoch.factor = factors[sn_rng_below(rng, 5)];
        }
        assert_int_equal(sn_schedule_add(&schedule, &epoch), SN_OK);
    }
    if (sn_schedule_paused(&schedule)) {
        struct sn_epoch resume = {
            .seq = schedule.epochs_len + 1, .kind = SN_EPOCH_RESUME, .effective_us = at_us + 700000};
        assert_int_equal(sn_schedule_add(&schedule, &resume), SN_OK);
    }
    return schedule;
}

static double rate_at(double clock_us) {
    if (clock_us > (double)profile.end_us) return sn_profile_end_rate_per_s(&profile);
    return sn_profile_rate_per_s(&profile, (int64_t)ceil(clock_us));
}

/* Adds up rate times time in steps of 20 µs, by the epochs alone, and asks at which moment each operation is reached. */
static void check_against_walk(const struct sn_schedule *schedule) {
    const double step_us = 20;
    double clock_us = 0, area = 0, factor = 1, length_us = (double)profile.end_us;
    bool paused = false;
    uint32_t next = 1;
    uint64_t k = 1;
    for (double at_us = 0; clock_us < length_us || paused; at_us += step_us) {
        while (next < schedule->epochs_len && (double)(schedule->epochs[next].effective_us - ZERO) <= at_us) {
            const struct sn_epoch *epoch = &schedule->epochs[next++];
            if (epoch->kind == SN_EPOCH_PAUSE) paused = true;
            if (epoch->kind == SN_EPOCH_RESUME) paused = false;
            if (epoch->kind == SN_EPOCH_SCALE) factor = epoch->factor;
            if (epoch->kind == SN_EPOCH_EXTEND) length_us += epoch->factor * 1e6;
        }
        if (paused) continue;
        area += rate_at(clock_us + step_us / 2) * factor * step_us / 1e6;
        clock_us += step_us;
        /* An epoch takes hold up to a step late here, at up to 1,100 a second: a fiftieth of an operation each. */
        double slack = 0.03 * (1 + schedule->epochs_len);
        for (; k <= schedule->planned && (double)k <= area - slack; k++) {
            int64_t due_us = sn_schedule_due_us(schedule, k) - ZERO;
            assert_true((double)due_us <= at_us + 2 * step_us);
        }
        uint64_t counted = sn_schedule_count(schedule, ZERO + (int64_t)(at_us + step_us));
        assert_true((double)counted <= area + slack + 1e-6);
        assert_true((double)counted >= area - slack - 1);
    }
    assert_true(fabs((double)schedule->planned - area) <= 1 + 0.03 * (1 + schedule->epochs_len));
}

static void check_agreement(const struct sn_schedule *schedule) {
    int64_t before_us = ZERO;
    for (uint64_t k = 1; k <= schedule->planned; k++) {
        int64_t due_us = sn_schedule_due_us(schedule, k);
        assert_true(due_us >= before_us && due_us <= sn_schedule_end_us(schedule));
        assert_true(sn_schedule_count(schedule, due_us) >= k);
        assert_true(sn_schedule_count(schedule, due_us - 1) < k);
        int64_t clock_us = sn_schedule_clock_us(schedule, due_us);
        assert_true(sn_schedule_count_by_clock(schedule, clock_us) >= k);
        before_us = due_us;
    }
    assert_int_equal(sn_schedule_count(schedule, INT64_MAX), schedule->planned);
    assert_int_equal(sn_schedule_total(schedule), schedule->planned);
}

static void steered_at_random_it_is_the_rate_added_up(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 120; seed++) {
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
        random_profile(&rng);
        struct sn_schedule schedule = random_schedule(&rng);
        check_agreement(&schedule);
        check_against_walk(&schedule);
    }
}

/* What was due before an epoch takes effect stays due when it did: nothing moves, nothing comes twice. */
static void an_epoch_changes_only_what_follows(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 60; seed++) {
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 1);
        random_profile(&rng);
        struct sn_schedule whole = random_schedule(&rng), part = started();
        for (uint32_t i = 1; i < whole.epochs_len; i++) {
            int64_t effective_us = whole.epochs[i].effective_us;
            uint64_t due = sn_schedule_count(&part, effective_us);
            for (uint64_t k = 1; k <= due; k++)
                assert_int_equal(sn_schedule_due_us(&part, k), sn_schedule_due_us(&whole, k));
            assert_int_equal(sn_schedule_count(&whole, effective_us), due);
            assert_int_equal(sn_schedule_add(&part, &whole.epochs[i]), SN_OK);
        }
    }
}

/* Whoever knows fewer epochs acts by those: the most of what each number of them makes due, each schedule built anew. */
static void who_knows_less_may_start_more(void **state) {
    (void)state;
    uint32_t more = 0;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 2);
        random_profile(&rng);
        struct sn_schedule whole = random_schedule(&rng);
        int64_t at_us = ZERO + sn_rng_below(&rng, 8000000);
        for (uint32_t known = 1; known <= whole.epochs_len; known++) {
            struct sn_schedule part = started();
            uint64_t most = 0;
            for (uint32_t i = 0; i < whole.epochs_len; i++) {
                assert_int_equal(sn_schedule_add(&part, &whole.epochs[i]), SN_OK);
                uint64_t count = sn_schedule_count(&part, at_us);
                if (i + 1 >= known && count > most) most = count;
            }
            assert_int_equal(sn_schedule_most(&whole, known, at_us), most);
            more += most > sn_schedule_count(&whole, at_us);
        }
    }
    assert_true(more > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pause_stops_the_clock),
        cmocka_unit_test(scaling_is_of_the_plans_own_rate),
        cmocka_unit_test(an_extension_goes_on_at_the_rate_of_the_end),
        cmocka_unit_test(epochs_that_make_no_sense_are_refused),
        cmocka_unit_test(steered_at_random_it_is_the_rate_added_up),
        cmocka_unit_test(an_epoch_changes_only_what_follows),
        cmocka_unit_test(who_knows_less_may_start_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
