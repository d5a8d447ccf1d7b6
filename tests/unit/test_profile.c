#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "../../src/load/segment.h"
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
        if (sn_rng_below(&rng, 3) == 0) {
            double low = sn_rng_below(&rng, 2) == 0 ? 0 : fmin(rate, next);
            uint32_t period_us = 1 + sn_rng_below(&rng, 10 * S);
            assert_int_equal(sn_profile_add_sine(profile, end_us, low, fmax(rate, next), period_us), SN_OK);
        } else {
            assert_int_equal(sn_profile_add(profile, end_us, rate, next), SN_OK);
        }
        rate = sn_rng_below(&rng, 5) == 0 ? 50 : next; /* sometimes a jump */
    }
    if (sn_profile_finish(profile, planned) != SN_OK) {
        sn_profile_begin(profile);
        sn_profile_add(profile, end_us, 1, 1);
        assert_int_equal(sn_profile_finish(profile, planned), SN_OK);
    }
}

/* R(t) by another way: trapezoids of the lines and Gauss's rule on an eighth of each wave at a time, with libm's sine,
 * in long double and in run order. */
static long double wave(const struct sn_segment *s, long double from_s, long double to_s) {
    static const long double nodes[] = {0.1834346424956498L, 0.5255324099163290L, 0.7966664774136267L,
                                        0.9602898564975363L};
    static const long double weights[] = {0.3626837833783620L, 0.3137066458778873L, 0.2223810344533745L,
                                          0.1012285362903763L};
    long double middle = (from_s + to_s) / 2, half = (to_s - from_s) / 2, sum = 0;
    long double mean = ((long double)s->from_per_s + s->to_per_s) / 2, height = s->to_per_s - mean;
    long double turn = 2 * acosl(-1) / ((long double)s->period_us / 1e6L);
    for (int i = 0; i < 8; i++) {
        long double x = middle + (i % 2 == 0 ? half : -half) * nodes[i / 2];
        sum += weights[i / 2] * (mean + height * sinl(turn * x));
    }
    return sum * half;
}

static long double wave_sum(const struct sn_segment *s, long double x) {
    long double piece = (long double)s->period_us / 1e6L / 8, sum = 0;
    long double whole = floorl(x / (8 * piece)); /* whole turns have the mean rate */
    sum += whole * 8 * piece * ((long double)s->from_per_s + s->to_per_s) / 2;
    x -= whole * 8 * piece;
    long double at = 0;
    for (; at + piece < x; at += piece) sum += wave(s, at, at + piece);
    return sum + wave(s, at, x);
}

static long double integrate(const struct sn_profile *profile, int64_t at_us) {
    long double sum = 0;
    for (uint32_t i = 0; i < profile->segments_len; i++) {
        const struct sn_segment *s = &profile->segments[i];
        if (at_us <= s->start_us) break;
        int64_t end_us = at_us < s->end_us ? at_us : s->end_us;
        long double x = (long double)(end_us - s->start_us) / 1e6L;
        long double length = (long double)(s->end_us - s->start_us) / 1e6L;
        long double at_end = s->from_per_s + ((long double)s->to_per_s - s->from_per_s) * x / length;
        sum += s->shape == SN_SHAPE_SINE ? wave_sum(s, x) : x * (s->from_per_s + at_end) / 2;
    }
    return sum;
}

static void the_sine_is_a_sine(void **state) {
    (void)state;
    for (uint64_t k = 0; k < 20000; k++) {
        struct sn_rng rng = sn_rng(3, SN_PURPOSE_MODEL, k);
        double turns = k < 8 ? (double)k / 8 : sn_rng_unit(&rng);
        long double exact = sinl(2 * acosl(-1) * (long double)turns);
        assert_true(fabsl((long double)sn_sine(turns) - exact) <= 1e-15L);
    }
    assert_true(sn_sine(0) == 0 && sn_sine(0.5) == 0);
}

static void waves_begin_in_the_middle_and_rise(void **state) {
    (void)state;
    struct sn_profile profile;
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_add_sine(&profile, 40 * S, 0, 20, 40 * S), SN_OK);
    assert_int_equal(sn_profile_finish(&profile, 0), SN_OK);
    assert_int_equal(profile.planned, 400);
    assert_true(fabs(sn_profile_rate_per_s(&profile, 10 * S) - 20) < 1e-12);
    assert_true(fabs(sn_profile_rate_per_s(&profile, 20 * S) - 10) < 1e-12);
    assert_true(sn_profile_rate_per_s(&profile, 30 * S) < 1e-12);
    assert_true(sn_profile_peak_per_s(&profile) == 20.0);
    /* The half above the middle has 10·20 operations and 10·40/π more. */
    assert_int_equal(sn_profile_count(&profile, 20 * S), 327);
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_add_sine(&profile, 5 * S, 0, 20, 60 * S), SN_OK); /* never reaches its top */
    assert_true(fabs(sn_profile_peak_per_s(&profile) - 15) < 1e-12);
}

static void refuses_waves_that_are_none(void **state) {
    (void)state;
    struct sn_profile profile;
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_add_sine(&profile, S, 1, 2, 0), SN_E_RANGE);
    assert_int_equal(sn_profile_add_sine(&profile, S, 2, 1, 5), SN_E_RANGE);
    assert_int_equal(sn_profile_add_sine(&profile, S, -1, 1, 5), SN_E_RANGE);
    assert_int_equal(sn_profile_add_sine(&profile, S, 0, INFINITY, 5), SN_E_RANGE);
    assert_int_equal(sn_profile_add_sine(&profile, 0, 0, 1, 5), SN_E_RANGE);
}

/* 255 pieces whose sizes do not go into doubles, then nothing: the last operation is due where the load ends, whatever
 * rounding took from the sum. */
static void a_curve_of_many_pieces_ends_on_its_last_operation(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct sn_profile profile;
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 3);
        int64_t end_us = 0;
        sn_profile_begin(&profile);
        for (int i = 0; i < 255; i++) {
            end_us += 1 + sn_rng_below(&rng, 10 * S);
            assert_int_equal(sn_profile_add(&profile, end_us, sn_rng_unit(&rng), 1 + sn_rng_unit(&rng)), SN_OK);
        }
        assert_int_equal(sn_profile_add(&profile, end_us + S, 0, 0), SN_OK);
        assert_int_equal(sn_profile_finish(&profile, 999983), SN_OK);
        int64_t last_us = sn_profile_due_us(&profile, 999983);
        assert_true(last_us >= end_us - 1 && last_us <= end_us);
    }
}

static void poisson_arrivals_are_exactly_as_many(void **state) {
    (void)state;
    static const uint64_t sizes[] = {1, 2, 3, 63, 64, 65, 1000, 20011};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct sn_profile profile;
        random_curve(&profile, 90 + i, sizes[i]);
        profile.arrivals = SN_ARRIVALS_POISSON;
        sn_profile_seed(&profile, 5 + i);
        int64_t before_us = 0;
        for (uint64_t k = 1; k <= sizes[i]; k++) {
            int64_t due_us = sn_profile_due_us(&profile, k);
            assert_true(due_us > 0 && due_us >= before_us && due_us <= profile.end_us);
            assert_true(sn_profile_count(&profile, due_us) >= k);
            assert_true(sn_profile_count(&profile, due_us - 1) < k);
            before_us = due_us;
        }
        assert_int_equal(sn_profile_count(&profile, profile.end_us), sizes[i]);
    }
}

/* Gaps of a level curve are exponential: their mean is 1, and of all gaps the share above x is e^-x.  A count in a
 * stretch has a variance near its mean.  Another seed gives other times, the same seed the same. */
static void poisson_arrivals_are_poisson(void **state) {
    (void)state;
    enum { N = 100000 };
    struct sn_profile profile = level(N, 1000 * S), other;
    profile.arrivals = SN_ARRIVALS_POISSON;
    other = profile;
    sn_profile_seed(&profile, 17);
    sn_profile_seed(&other, 18);
    uint64_t above[4] = {0}, same = 0;
    int64_t before_us = 0;
    for (uint64_t k = 1; k <= N; k++) {
        int64_t due_us = sn_profile_due_us(&profile, k);
        for (int x = 0; x < 4; x++) above[x] += due_us - before_us > (x + 1) * 10000;
        same += due_us == sn_profile_due_us(&other, k);
        before_us = due_us;
    }
    for (int x = 0; x < 4; x++) {
        double share = exp(-(x + 1)), sigma = sqrt(share * (1 - share) / N);
        assert_true(fabs((double)above[x] / N - share) < 4 * sigma);
    }
    assert_true(same < 10);
    double squares = 0;
    for (int64_t s = 0; s < 1000; s++) {
        double count = (double)(sn_profile_count(&profile, (s + 1) * S) - sn_profile_count(&profile, s * S));
        squares += (count - 100) * (count - 100);
    }
    assert_true(squares / 1000 > 80 && squares / 1000 < 120); /* 100 ± 4.5 */
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
    random_curve(&profile, 9, 1234);
    bool waves = false;
    for (uint32_t i = 0; i < profile.segments_len; i++) waves |= profile.segments[i].shape == SN_SHAPE_SINE;
    assert_true(waves);
    profile.arrivals = SN_ARRIVALS_POISSON;
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
        cmocka_unit_test(the_sine_is_a_sine),
        cmocka_unit_test(waves_begin_in_the_middle_and_rise),
        cmocka_unit_test(refuses_waves_that_are_none),
        cmocka_unit_test(a_curve_of_many_pieces_ends_on_its_last_operation),
        cmocka_unit_test(poisson_arrivals_are_exactly_as_many),
        cmocka_unit_test(poisson_arrivals_are_poisson),
        cmocka_unit_test(due_times_match_an_independent_integration),
        cmocka_unit_test(counting_never_goes_back),
        cmocka_unit_test(refusals),
        cmocka_unit_test(phases_are_half_open_on_the_left),
        cmocka_unit_test(what_is_written_is_read_and_the_rest_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
