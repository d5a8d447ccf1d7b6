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

#include "sentinel/base/decimal.h"
#include "sentinel/base/random.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define RANDOM_VALUES 200000

static uint64_t bits_of(double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits) {
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Reads a copy that ends exactly at the end of its memory. */
static double read_back(const char *text, size_t len, size_t *used) {
    char *copy = malloc(len > 0 ? len : 1);
    memcpy(copy, text, len);
    double value = sn_decimal_read(copy, len, used);
    free(copy);
    return value;
}

/* The C library reads the same, in value and in length. */
static void reads_like_the_library(const char *text) {
    size_t used;
    char *end;
    double value = read_back(text, strlen(text), &used), expected = strtod(text, &end);
    if (bits_of(value) != bits_of(expected)) fail_msg("%.60s gave %.17g, not %.17g", text, value, expected);
    if (used != (size_t)(end - text)) fail_msg("%.60s: %zu bytes", text, used);
}

static const char *written(double value) {
    static char text[SN_DECIMAL_TEXT_MAX + 1];
    text[sn_decimal_write(value, text)] = 0;
    return text;
}

static void reading(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0",
        "-0",
        "1",
        "-1",
        "+1",
        "007",
        ".5",
        "5.",
        "-.5e1",
        "1e5",
        "1E+5",
        "1e-5",
        "0.1",
        "123456789.125",
        "0e999999999999999999999",
        "-0e-99999",
        "0.000e5",
        /* the ends of the fast path */
        "9007199254740991",
        "9007199254740992e22",
        "9007199254740993e22",
        "1e22",
        "1e23",
        "1e-22",
        "1e-23",
        "3e-22",
        /* 2^53 + 1 lies in the middle: the even neighbour, until anything follows */
        "9007199254740993",
        "9007199254740993.0000000000000000000000000000000001",
        "9007199254740995",
        "9007199254740992.9999999999999999999999999",
        "18014398509481990",
        /* 1 + 2^-53 likewise */
        "1.00000000000000011102230246251565404236316680908203125",
        "1.00000000000000011102230246251565404236316680908203124",
        "1.00000000000000011102230246251565404236316680908203126",
        /* the largest, and the middle to what would be the next: infinity from there */
        "1.7976931348623157e308",
        "-1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286"
        "416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571"
        "366959622842914819860834936475292719074168444365510704342711559699508093042880",
        "179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286"
        "416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571"
        "366959622842914819860834936475292719074168444365510704342711559699508093042879.999",
        "1e309",
        "-1e309",
        "1e310",
        "1e400",
        "1e99999999999999999999",
        "0.0000000001e319",
        /* subnormals, their largest, and half of the smallest */
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "2.225073858507201e-308",
        "5e-324",
        "4.9e-324",
        "-4.9e-324",
        "2.4703282292062328e-324",
        "2.4703282292062327e-324",
        "2.5e-324",
        "7.4e-324",
        "7.5e-324",
        "1e-323",
        "1e-324",
        "1e-330",
        "1e-331",
        "1e-400",
        "1e-99999999999999999999",
        /* what is only partly a number, or not at all */
        "",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        ".e5",
        "1e",
        "1e+",
        "1e-",
        "1.5.5",
        "1-2",
        "12abc",
        "--1",
        "1e5.5",
        "x",
    };
    for (size_t i = 0; i < ROWS(texts); i++) reads_like_the_library(texts[i]);
    size_t used;
    assert_int_equal(bits_of(sn_decimal_read("1", 1, &used)), bits_of(1));
    /* What the library takes and JSON does not have. */
    static const char *const refused[] = {" 1", "inf", "nan", "-Infinity"};
    for (size_t i = 0; i < ROWS(refused); i++) {
        assert_int_equal(bits_of(read_back(refused[i], strlen(refused[i]), &used)), 0);
        assert_int_equal(used, 0);
    }
    assert_true(read_back("0x10", 4, &used) == 0);
    assert_int_equal(used, 1);
    assert_true(read_back("12345", 3, &used) == 123); /* not a byte further */
    assert_int_equal(used, 3);
}

/* The middle of two doubles has up to 767 digits; one more, far behind, decides. */
static void long_texts(void **state) {
    (void)state;
    static char text[4000];
    struct sn_rng rng = sn_rng(3, SN_PURPOSE_MODEL, 0);
    for (int i = 0; i < 300; i++) {
        uint64_t bits = sn_rng_u64(&rng) >> 1;
        if (i < 100) bits &= (UINT64_C(1) << 54) - 1; /* the smallest have the longest middles */
        long double middle = ((long double)double_of(bits) + (long double)double_of(bits + 1)) / 2;
        if (!isfinite((double)middle)) continue;
        size_t len = (size_t)snprintf(text, sizeof text, "%.1100Lf", middle);
        assert_true(len < 1500);
        reads_like_the_library(text);
        memset(text + len, '0', 1000);
        text[len + 1000] = 0;
        reads_like_the_library(text);
        text[len + 999] = '1';
        reads_like_the_library(text);
        for (size_t digit = len - 1; text[digit] != '.'; digit--) { /* a little less than the middle */
            if (text[digit] == '0') continue;
            text[digit]--;
            break;
        }
        reads_like_the_library(text);
    }
    memset(text, '9', 3000); /* infinity, and with a point in front 1 */
    text[3000] = 0;
    reads_like_the_library(text);
    text[0] = '.';
    reads_like_the_library(text);
    memcpy(text + 2990, "e-310", 6);
    reads_like_the_library(text);
    memset(text, '0', 3000); /* zeros on both sides cost nothing */
    memcpy(text + 1500, "12345.", 6);
    reads_like_the_library(text);
    memset(text, '0', 3000);
    text[1] = '.';
    memcpy(text + 2990, "1e3000", 7);
    reads_like_the_library(text);
    memset(text, '1', 3000);
    memcpy(text + 2990, "e-2980", 7);
    reads_like_the_library(text);
}

static void random_texts(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(4, SN_PURPOSE_MODEL, 0);
    for (int i = 0; i < RANDOM_VALUES; i++) {
        char text[64];
        double value = double_of(sn_rng_u64(&rng));
        if (!isfinite(value)) value = 0.1;
        int digits = (int)sn_rng_below(&rng, 25);
        if (i % 2 == 0) value = ldexp(value, -ilogb(value) + (int)sn_rng_below(&rng, 160) - 80); /* everyday sizes */
        snprintf(text, sizeof text, "%.*e", digits, value);
        reads_like_the_library(text);
    }
}

static void writing(void **state) {
    (void)state;
    static const struct {
        double value;
        const char *expected;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1, "1"},
        {-120, "-120"},
        {0.1, "0.1"},
        {0.3, "0.3"},
        {0.1 + 0.2, "0.30000000000000004"},
        {1.0 / 3, "0.3333333333333333"},
        {2.0 / 3, "0.6666666666666666"},
        {123456.789, "123456.789"},
        {1e-6, "0.000001"},
        {1.5e-7, "1.5e-7"},
        {-1.2345678901234567e-6, "-0.0000012345678901234567"}, /* as long as any */
        {1e20, "100000000000000000000"},
        {123456789012345680000.0, "123456789012345680000"},
        {1e21, "1e+21"},
        {1.5e300, "1.5e+300"},
        {1e23, "1e+23"}, /* in the middle of two doubles, and this is the even one */
        {9.5e-10, "9.5e-10"},
        {9007199254740993.0, "9007199254740992"},
        {0x1p-44, "5.684341886080802e-14"}, /* …801 is nearer, and below the narrow gap under a power of 2 */
        {5e-324, "5e-324"},
        {1.5e-323, "1.5e-323"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {2.225073858507201e-308, "2.225073858507201e-308"}, /* the largest subnormal */
        {DBL_MAX, "1.7976931348623157e+308"},
        {-DBL_MAX, "-1.7976931348623157e+308"},
        {4294967296.5, "4294967296.5"},
    };
    for (size_t i = 0; i < ROWS(rows); i++) assert_string_equal(written(rows[i].value), rows[i].expected);
}

/* Digits of a text without its point, zeros at the ends and exponent. */
static size_t significant(const char *text, char out[32]) {
    size_t len = 0;
    for (; *text != 0 && *text != 'e'; text++)
        if (*text >= '0' && *text <= '9' && (len > 0 || *text != '0')) out[len++] = *text;
    while (len > 0 && out[len - 1] == '0') len--;
    out[len] = 0;
    return len;
}

/* Reads back, is no longer than the first %.*e that reads back, and is the same digits if it is as long. */
static void is_shortest(double value) {
    char ours[32], theirs[32], text[64], mine[64];
    strcpy(mine, written(value));
    size_t used, len = significant(mine, ours);
    if (bits_of(strtod(mine, NULL)) != bits_of(value)) fail_msg("%.17g became %s", value, mine);
    if (bits_of(sn_decimal_read(mine, strlen(mine), &used)) != bits_of(value)) fail_msg("%s is not read back", mine);
    int digits = (int)len;
    if (len > 1) {
        snprintf(text, sizeof text, "%.*e", digits - 2, value);
        if (strtod(text, NULL) == value) fail_msg("%s could be %s", mine, text);
    }
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    if (strtod(text, NULL) != value) { /* only where the gaps differ */
        assert_int_equal(bits_of(value) & ((UINT64_C(1) << 52) - 1), 0);
        return;
    }
    significant(text, theirs);
    if (strcmp(ours, theirs) != 0) fail_msg("%s should be nearer: %s", mine, text);
}

static void random_values(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(5, SN_PURPOSE_MODEL, 0);
    for (int i = 0; i < RANDOM_VALUES; i++) {
        double value = double_of(sn_rng_u64(&rng));
        if (i % 4 == 0) value = (double)(sn_rng_u64(&rng) >> (i % 61)) / 1000; /* few digits, as people write them */
        if (isfinite(value) && value != 0) is_shortest(value);
    }
    for (int exponent = -1074; exponent <= 1023; exponent++) {
        double power = ldexp(1, exponent);
        is_shortest(power);
        is_shortest(nextafter(power, 0) > 0 ? nextafter(power, 0) : power);
        is_shortest(-nextafter(power, 2 * power));
    }
    for (int exponent = -323; exponent <= 308; exponent++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", exponent);
        is_shortest(strtod(text, NULL));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reading), cmocka_unit_test(long_texts),    cmocka_unit_test(random_texts),
        cmocka_unit_test(writing), cmocka_unit_test(random_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
