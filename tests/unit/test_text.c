#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/bytes.h"
#include "sentinel/base/random.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static char text[64];

/* Begins a text; `written` ends it. */
static struct sn_writer begin(void) {
    return sn_writer(text, sizeof text - 1);
}

static const char *written(const struct sn_writer *w) {
    assert_false(w->full);
    text[w->len] = '\0';
    return text;
}

static const char *fixed(double value, unsigned decimals) {
    struct sn_writer w = begin();
    sn_put_fixed(&w, value, decimals);
    return written(&w);
}

static const char *number(double value) {
    struct sn_writer w = begin();
    sn_put_number(&w, value);
    return written(&w);
}

static void integers(void **state) {
    (void)state;
    static const uint64_t unsigneds[] = {0, 9, 10, 4294967296, UINT64_MAX};
    static const int64_t signeds[] = {0, -1, 7, -10, INT64_MAX, INT64_MIN};
    char expected[32];
    for (size_t i = 0; i < ROWS(unsigneds); i++) {
        struct sn_writer w = begin();
        sn_put_dec(&w, unsigneds[i]);
        snprintf(expected, sizeof expected, "%llu", (unsigned long long)unsigneds[i]);
        assert_string_equal(written(&w), expected);
    }
    for (size_t i = 0; i < ROWS(signeds); i++) {
        struct sn_writer w = begin();
        sn_put_int(&w, signeds[i]);
        snprintf(expected, sizeof expected, "%lld", (long long)signeds[i]);
        assert_string_equal(written(&w), expected);
    }
}

static void hexadecimal(void **state) {
    (void)state;
    static const struct {
        uint64_t value;
        unsigned digits;
        const char *expected;
    } rows[] = {
        {0, 1, "0"},
        {0xabc, 4, "0abc"},
        {0x12345, 2, "45"}, /* the low digits */
        {0xabcdef, 0, ""},
        {UINT64_MAX, 16, "ffffffffffffffff"},
        {1, 16, "0000000000000001"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_writer w = begin();
        sn_put_hex(&w, rows[i].value, rows[i].digits);
        assert_string_equal(written(&w), rows[i].expected);
    }
}

static void fixed_point(void **state) {
    (void)state;
    static const struct {
        double value;
        unsigned decimals;
        const char *expected;
    } rows[] = {
        {0, 0, "0"},
        {0, 3, "0.000"},
        {1.25, 1, "1.3"}, /* a tie in binary too: away from zero */
        {-1.25, 1, "-1.3"},
        {1.35, 1, "1.4"},   /* the double lies a little above 1.35 */
        {1.45, 1, "1.4"},   /* this one lies below 1.45 */
        {1.115, 2, "1.11"}, /* below; multiplying by 100 first would make it 111.5 */
        {0.285, 2, "0.28"},
        {2.5, 0, "3"},
        {0.5, 0, "1"},
        {0.49999999999999994, 0, "0"}, /* adding 0.5 first would make it 1 */
        {9.995, 2, "9.99"},
        {9.996, 2, "10.00"}, /* the carry reaches the whole part */
        {99.5, 0, "100"},
        {-0.04, 1, "0.0"}, /* no "-0.0" */
        {-0.05, 1, "-0.1"},
        {-0.0, 2, "0.00"},
        {0.00015, 4, "0.0001"}, /* the double lies below */
        {0.125, 9, "0.125000000"},
        {1e-9, 9, "0.000000001"},
        {4.9e-10, 9, "0.000000000"},
        {0x1p-1074, 9, "0.000000000"},
        {0x1p-40, 9, "0.000000000"},
        {0x1p-30, 9, "0.000000001"},
        {123456789.987654321, 6, "123456789.987654"},
        {999999999999999.0, 2, "999999999999999.00"},
        {999999999999999.9, 0, "1000000000000000"}, /* allowed as a value, one digit more as a text */
        {1e15, 0, "-"},
        {-1e15, 0, "-"},
        {DBL_MAX, 2, "-"},
    };
    for (size_t i = 0; i < ROWS(rows); i++)
        assert_string_equal(fixed(rows[i].value, rows[i].decimals), rows[i].expected);
    assert_string_equal(fixed((double)NAN, 1), "-");
    assert_string_equal(fixed((double)INFINITY, 1), "-");
    assert_string_equal(fixed(-(double)INFINITY, 1), "-");
}

/* The C library rounds exactly too, but ties to even.  Away from ties the two must agree; a tie needs at most `decimals`
 * + 1 bits below the point. */
static void fixed_point_agrees_with_the_library(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_MODEL, 0);
    for (int i = 0; i < 200000; i++) {
        int exponent = (int)sn_rng_below(&rng, 80) - 30;
        double value = ldexp(sn_rng_unit(&rng) + 1, exponent);
        unsigned decimals = sn_rng_below(&rng, 10);
        double bits = ldexp(value, (int)decimals + 1);
        if (value >= 1e15 || bits == floor(bits)) continue;
        char expected[64];
        snprintf(expected, sizeof expected, "%.*f", (int)decimals, value);
        assert_string_equal(fixed(value, decimals), expected);
    }
}

/* The digits are test_decimal's; here, that they are what is put, and what JSON cannot write. */
static void numbers_that_are_none(void **state) {
    (void)state;
    assert_string_equal(number(-0.0), "-0");
    assert_string_equal(number(0.1 + 0.2), "0.30000000000000004");
    assert_string_equal(number((double)NAN), "null");
    assert_string_equal(number((double)INFINITY), "null");
    assert_string_equal(number(-(double)INFINITY), "null");
}

static void every_number_reads_back(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(2, SN_PURPOSE_MODEL, 0);
    for (int i = 0; i < 100000; i++) {
        uint64_t bits = sn_rng_u64(&rng), back_bits;
        double value;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value)) continue;
        double back = strtod(number(value), NULL);
        memcpy(&back_bits, &back, sizeof back_bits);
        assert_int_equal(back_bits, bits);
    }
}

/* A number is written whole or not at all. */
static void numbers_are_never_cut(void **state) {
    (void)state;
    for (size_t cap = 0; cap < 6; cap++) {
        char *memory = malloc(cap > 0 ? cap : 1);
        struct sn_writer w = sn_writer(memory, cap);
        sn_put_int(&w, -12345);
        assert_int_equal(w.len, 0);
        assert_true(w.full);
        w = sn_writer(memory, cap);
        sn_put_fixed(&w, -12.345, 3);
        assert_int_equal(w.len, 0);
        w = sn_writer(memory, cap);
        sn_put_number(&w, -12.345);
        assert_int_equal(w.len, 0);
        w = sn_writer(memory, cap);
        sn_put_number(&w, -12345);
        assert_int_equal(w.len, 0);
        free(memory);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers),
        cmocka_unit_test(hexadecimal),
        cmocka_unit_test(fixed_point),
        cmocka_unit_test(fixed_point_agrees_with_the_library),
        cmocka_unit_test(numbers_that_are_none),
        cmocka_unit_test(every_number_reads_back),
        cmocka_unit_test(numbers_are_never_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
