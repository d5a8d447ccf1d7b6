/* A finite double is f·2^e, a decimal text is d·10^n, with integers f, e, d and n.  Both are fractions of integers, so
 * with integers that are long enough everything can be compared exactly, and nothing needs to be estimated.
 *
 * This is algorithm M of W. D. Clinger, "How to read floating point numbers accurately" (PLDI 1990): bring the text to
 * u/v, and divide by hand, bit for bit, until the double is full; what remains says how to round. */
#include <math.h>
#include <string.h>

#include "big.h"
#include "sentinel/base/decimal.h"

/* No double, and no middle between two, has more significant digits than 768.  Of more it only matters whether any is
 * not 0. */
#define DIGITS_KEPT 768

struct number {
    struct sn_big digits;
    int64_t exponent; /* the number is digits · 10^exponent */
    int kept;
    bool cut; /* something followed that is neither kept nor 0 */
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/* Adds the digits from `at` on; those after the point lower the exponent.  Returns where they end. */
static size_t scan_digits(struct number *number, const char *text, size_t len, size_t at, bool after_point) {
    for (; at < len && is_digit(text[at]); at++) {
        uint32_t digit = (uint32_t)(text[at] - '0');
        if (number->kept < DIGITS_KEPT) {
            sn_big_multiply(&number->digits, 10, digit);
            number->kept += number->digits.len > 0; /* zeros in front do not count */
            number->exponent -= after_point;
        } else {
            number->cut = number->cut || digit != 0;
            number->exponent += !after_point;
        }
    }
    return at;
}

/* Adds the exponent at `at`, if there is one.  Returns where it ends. */
static size_t scan_exponent(struct number *number, const char *text, size_t len, size_t at) {
    size_t from = at + 1;
    if (at == len || (text[at] != 'e' && text[at] != 'E')) return at;
    bool minus = from < len && text[from] == '-';
    if (from < len && (minus || text[from] == '+')) from++;
    if (from == len || !is_digit(text[from])) return at;
    int64_t exponent = 0;
    for (; from < len && is_digit(text[from]); from++)
        if (exponent < INT64_C(1) << 40) exponent = exponent * 10 + (text[from] - '0');
    number->exponent += minus ? -exponent : exponent;
    return from;
}

/* Bits of the double nearest to u/v. */
static uint64_t nearest(struct sn_big *u, struct sn_big *v) {
    /* With scale = log2(u/v), rounded down, u/v · 2^-scale is at least 1 and less than 2. */
    int scale = sn_big_bits(u) - sn_big_bits(v);
    sn_big_times_2(scale > 0 ? v : u, scale > 0 ? scale : -scale);
    if (sn_big_compare(u, v) < 0) {
        sn_big_multiply(u, 2, 0);
        scale--;
    }
    if (scale > 1023) return UINT64_C(0x7ff) << 52;
    int width = scale >= -1022 ? 53 : 53 - (-1022 - scale); /* below 2^-1022 doubles have fewer bits */
    if (width < 0) return 0;
    uint64_t mantissa = 0;
    for (int i = 0; i < width; i++) {
        mantissa = mantissa * 2 + sn_big_take(u, v);
        sn_big_multiply(u, 2, 0);
    }
    int rest = sn_big_compare(u, v); /* against half a unit, since u is doubled */
    mantissa += rest > 0 || (rest == 0 && mantissa % 2 == 1);
    /* The mantissa's top bit counts as one step of the exponent, and so does a carry out of it, even into infinity. */
    return scale >= -1022 ? mantissa + ((uint64_t)(scale + 1022) << 52) : mantissa;
}

static double magnitude(struct number *number) {
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    struct sn_big *u = &number->digits, v;
    int64_t exponent = number->exponent;
    if (u->len == 0) return 0;
    /* Nearly always both parts are exact as doubles, and one operation rounds once. */
    uint64_t low = sn_big_low(u);
    if (u->len <= 2 && low <= UINT64_C(1) << 53 && exponent >= -22 && exponent <= 22)
        return exponent < 0 ? (double)low / powers[-exponent] : (double)low * powers[exponent];

    if (exponent + number->kept > 310) return (double)INFINITY;
    if (exponent + number->kept < -330) return 0;
    if (number->cut) { /* any digit but 0 does for those that were cut */
        sn_big_multiply(u, 10, 1);
        exponent--;
    }
    sn_big_set(&v, 1);
    sn_big_times_10(exponent > 0 ? u : &v, exponent > 0 ? exponent : -exponent);
    uint64_t bits = nearest(u, &v);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Most numbers are digits only, and few: as integers they are exact.  False for all others. */
static bool read_short(const char *text, size_t len, double *value) {
    uint64_t whole = 0;
    if (len == 0 || len > 15) return false;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i])) return false;
        whole = whole * 10 + (uint64_t)(text[i] - '0');
    }
    *value = (double)whole;
    return true;
}

double sn_decimal_read(const char *text, size_t len, size_t *used) {
    struct number number;
    double value;
    if (read_short(text, len, &value)) {
        *used = len;
        return value;
    }
    number.exponent = number.kept = number.cut = 0;
    sn_big_set(&number.digits, 0);
    bool minus = len > 0 && text[0] == '-';
    size_t start = len > 0 && (minus || text[0] == '+');
    size_t at = scan_digits(&number, text, len, start, false), digits = at - start;
    if (at < len && text[at] == '.') {
        size_t end = scan_digits(&number, text, len, at + 1, true);
        digits += end - at - 1;
        at = end;
    }
    *used = digits > 0 ? scan_exponent(&number, text, len, at) : 0;
    value = digits > 0 ? magnitude(&number) : 0;
    return minus && digits > 0 ? -value : value;
}
