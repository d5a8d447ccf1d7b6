#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "sentinel/base/random.h"
#include "sentinel/load/profile.h"

#define S SN_SECOND_US

static struct sn_profile level(uint64_t planned, int64_t end_us) {
    struct sn_profile profile;
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_add(&profile, end_us, 1, 1), SN_OK);
    assert_int_equal(sn_profile_finish(&profile, planned), SN_OK);
    return profile;
}

static void a_level_curve_is_even(void **state) {
    (void)state;
    static const struct {
        uint64_t planned;
        int64_t end_us;
        uint64_t k;
        int64_t due_us;
    } rows[] = {
        {3000, 30 * S, 1, 10000},     {3000, 30 * S, 3000, 30 * S},
        {100, 30 * S, 1, 300000}, /* 3.33 a second: in doubles 3.33… × 0.3 is a hair below 1 */
        {100, 30 * S, 37, 11100000},  {100, 30 * S, 100, 30 * S},
        {1, 10 * S, 1, 10 * S}, /* one operation is due at the very end, where R reaches 1 */
        {7, 1 * S, 1, 142858},  /* 142857.14… µs: the smallest whole microsecond at or after it */
        {1000000, 3600 * S, 1, 3600}, {1000000, 3600 * S, 999999, 3599996400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sn_profile profile = level(rows[i].planned, rows[i].end_us);
        assert_int_equal(sn_profile_due_us(&profile, rows[i].k), rows[i].due_us);
    }
}

/* A ramp 0 → 20/s in 10 s has R = t², so operation k is due at √k seconds. */
static void a_ramp_follows_the_square_root(void **state) {
    (void)state;
    struct sn_profile profile;
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_add(&profile, 10 * S, 0, 20), SN_OK);
    assert_int_equal(sn_profile_finish(&profile, 0), SN_OK);
    assert_int_equal(profile.planned, 100);
    for (uint64_t k = 1; k <= 100; k++) {
        double exact_us = sqrt((double)k) * 1e6;
        int64_t due_us = sn_profile_due_us(&profile, k);
        assert_true(fabs((double)due_us - exact_us) <= 1.0);
    }
    assert_true(sn_profile_rate_per_s(&profile, 5 * S) == 10.0);
    assert_true(sn_profile_rate_per_s(&profile, 10 * S + 1) == 0.0);
    assert_true(sn_profile_peak_per_s(&profile) == 20.0);
}

static void random_curve(struct sn_profile *profile, uint64_t seed, uint64_t planned) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 1);
    uint32_t segments = 1 + sn_rng_below(&rng, 12);
    int64_t end_us = 0;
    double rate = sn_rng_below(&rng, 3) == 0 ? 0 : 100 * sn_rng_unit(&rng);
    sn_profile_begin(profile);
    for (uint32_t i = 0; i < segments; i++) {
        double next = sn_rng_below(&rng, 4) == 0 ? 0 : 200 * sn_rng_unit(&rng);
        end_us += 1 + sn_rng_below(&rng, 20 * S);
        assert_int_equal(sn_profile_add(profile, end_us, rate, next), SN_OK);
        rate = sn_rng_below(&rng, 5) == 0 ? 50 : next; /* sometimes a jump */
    }
    if (sn_profile_finish(profile, planned) != SN_OK) {
        sn_profile_begin(profile);
        sn_profile_add(profile, end_us, 1, 1);
        assert_int_equal(sn_profile_finish(profile, planned), SN_OK);
    }
}

/* R(t) by adding up trapezoids of the rate, in long double and in run order: another way to the same figure. */
static long double integrate(const struct sn_profile *profile, int64_t at_us) {
    long double sum = 0;
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        const struct sn_segment *s = &profile->segments[i];
        if (at_us <= s->start_us) break;
        int64_t end_us = at_us < s->end_us ? at_us : s->end_us;
        long double x = (long double)(end_us - s->start_us) / 1e6L;
        long double length = (long double)(s->end_us - s->start_us) / 1e6L;
        long double at_end = s->from_per_s + ((long double)s->to_per_s - s->from_per_s) * x / length;
        sum += x * (s->from_per_s + at_end) / 2;
    }
    return sum;
}

static void due_times_match_an_independent_integration(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        struct sn_profile profile;
        uint64_t planned = 1 + seed * 37;
        random_curve(&profile, seed, planned);
        assert_int_equal(profile.planned, planned);
        int64_t before_us = 0;
        for (uint64_t k = 1; k <= planned; k += 1 + planned / 97) {
            int64_t due_us = sn_profile_due_us(&profile, k);
            assert_true(due_us >= before_us && due_us <= profile.end_us);
            assert_true(sn_profile_count(&profile, due_us) >= k);
            assert_true(sn_profile_count(&profile, due_us - 1) < k);
            /* a microsecond earlier it is not due, at this one it is; rounding decides only within 1e-9 of k */
            assert_true(integrate(&profile, due_us) >= (long double)k - 1e-9L * (long double)planned);
            assert_true(integrate(&profile, due_us - 1) < (long double)k + 1e-9L * (long double)planned);
            before_us = due_us;
        }
        assert_int_equal(sn_profile_count(&profile, profile.end_us), planned);
        assert_int_equal(sn_profile_count(&profile, INT64_MAX), planned);
        assert_int_equal(sn_profile_count(&profile, 0), 0);
    }
}

static void counting_never_goes_back(void **state) {
    (void)state;
    struct sn_profile profile;
    random_curve(&profile, 4711, 100000);
    uint64_t before = 0;
    for (int64_t at_us = 0; at_us <= profile.end_us; at_us += profile.end_us / 5003 + 1) {
        uint64_t count = sn_profile_count(&profile, at_us);
        assert_true(count >= before);
        before = count;
    }
}

static void refusals(void **state) {
    (void)state;
    struct sn_profile profile;
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_finish(&profile, 10), SN_E_RANGE);
    assert_int_equal(sn_profile_add(&profile, 0, 1, 1), SN_E_RANGE);
    assert_int_equal(sn_profile_add(&profile, S, -1, 1), SN_E_RANGE);
    assert_int_equal(sn_profile_add(&profile, S, 1, NAN), SN_E_RANGE);
    assert_int_equal(sn_profile_add(&profile, S, INFINITY, 1), SN_E_RANGE);
    assert_int_equal(sn_profile_add(&profile, S, 0, 0), SN_OK);
    assert_int_equal(sn_profile_add(&profile, S, 1, 1), SN_E_RANGE);
    assert_int_equal(sn_profile_finish(&profile, 10), SN_E_RANGE); /* 0 everywhere, but ten are asked for */
    assert_int_equal(sn_profile_finish(&profile, 0), SN_OK);
    assert_int_equal(profile.planned, 0);
    for (uint32_t i = 1; i < SN_SEGMENTS_MAX; i++) {
        assert_int_equal(sn_profile_add(&profile, S + (int64_t)i, 1, 1), SN_OK);
    }
    assert_int_equal(sn_profile_add(&profile, 2 * S, 1, 1), SN_E_LIMIT);
    assert_int_equal(sn_profile_phase(&profile, "a-name-that-is-too-long", S), SN_E_RANGE);
}

static void phases_are_half_open_on_the_left(void **state) {
    (void)state;
    struct sn_profile profile = level(90, 30 * S);
    assert_int_equal(sn_profile_phase_at(&profile, 5 * S), 0); /* no phases named: all is the first */
    assert_int_equal(sn_profile_phase(&profile, "ramp-up", 10 * S), SN_OK);
    assert_int_equal(sn_profile_phase(&profile, "peak", 20 * S), SN_OK);
    assert_int_equal(sn_profile_phase(&profile, "steady", 20 * S), SN_E_RANGE);
    assert_int_equal(sn_profile_phase(&profile, "steady", 30 * S), SN_OK);
    assert_int_equal(sn_profile_phase_at(&profile, 1), 0);
    assert_int_equal(sn_profile_phase_at(&profile, 10 * S), 0);
    assert_int_equal(sn_profile_phase_at(&profile, 10 * S + 1), 1);
    assert_int_equal(sn_profile_phase_at(&profile, 30 * S), 2);
    assert_int_equal(sn_profile_phase_at(&profile, 99 * S), 2);
}

static void what_is_written_is_read_and_the_rest_is_refused(void **state) {
    (void)state;
    static uint8_t bytes[16384];
    struct sn_profile profile, read;
    random_curve(&profile, 7, 1234);
    sn_profile_phase(&profile, "all", profile.end_us);
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    sn_profile_put(&w, &profile);
    struct sn_reader r = sn_reader(bytes, w.len);
    assert_int_equal(sn_profile_get(&r, &read), SN_OK);
    assert_int_equal(sn_reader_left(&r), 0);
    assert_memory_equal(&profile, &read, sizeof profile);
    for (size_t len = 0; len < w.len; len++) { /* ends exactly at the buffer's end, for the sanitizer */
        uint8_t *exact = test_malloc(len > 0 ? len : 1);
        memcpy(exact, bytes, len);
        struct sn_reader cut = sn_reader(exact, len);
        assert_int_equal(sn_profile_get(&cut, &read), SN_E_FORMAT);
        test_free(exact);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_level_curve_is_even),
        cmocka_unit_test(a_ramp_follows_the_square_root),
        cmocka_unit_test(due_times_match_an_independent_integration),
        cmocka_unit_test(counting_never_goes_back),
        cmocka_unit_test(refusals),
        cmocka_unit_test(phases_are_half_open_on_the_left),
        cmocka_unit_test(what_is_written_is_read_and_the_rest_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
