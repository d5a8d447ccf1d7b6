/* The free-format algorithm of G. L. Steele and J. L. White, "How to print floating-point numbers accurately" (PLDI
 * 1990), with the scaling of R. G. Burger and R. K. Dybvig (PLDI 1996): every text that is nearer to the value than half
 * the gap to its neighbour reads back as the value, so digits come until what is left out is less than that. */
#include <math.h>
#include <string.h>

#include "big.h"
#include "sentinel/base/assert.h"
#include "sentinel/base/bytes.h"
#include "sentinel/base/decimal.h"

/* The value is r/s, and half the gap to its lower neighbour is gap/s.  At a power of 2 the gap above is twice as wide. */
struct remainder {
    struct sn_big r, s, gap;
    bool wide, even;
};

static bool reaches_up(const struct remainder *left) {
    struct sn_big twice;
    const struct sn_big *gap = &left->gap;
    if (left->wide) {
        twice = left->gap;
        sn_big_multiply(&twice, 2, 0);
        gap = &twice;
    }
    int order = sn_big_compare_sum(&left->r, gap, &left->s);
    return order > 0 || (order == 0 && left->even); /* readers take the middle for the even one */
}

static bool reaches_down(const struct remainder *left) {
    int order = sn_big_compare(&left->r, &left->gap);
    return order < 0 || (order == 0 && left->even);
}

/* Scales r/s to less than 1, even with half the gap added.  Returns the power of 10 that it was divided by. */
static int begin(struct remainder *left, double value) {
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    int biased = (int)(bits >> 52);
    left->wide = mantissa == 0 && biased > 1;
    left->even = mantissa % 2 == 0;
    if (biased > 0)
        mantissa |= UINT64_C(1) << 52;
    else
        biased = 1;
    int exponent = biased - 1075;
    sn_big_set(&left->r, mantissa);
    sn_big_set(&left->s, 1);
    sn_big_set(&left->gap, 1);
    sn_big_times_2(&left->r, (exponent > 0 ? exponent : 0) + 1 + left->wide);
    sn_big_times_2(&left->s, (exponent < 0 ? -exponent : 0) + 1 + left->wide);
    sn_big_times_2(&left->gap, exponent > 0 ? exponent : 0);

    /* From a power of 10 that is surely not too large, one or two steps up: log10(2) is about 0.30103. */
    int log2 = exponent + 63 - __builtin_clzll(mantissa);
    int point = log2 * 30103 / 100000 - (log2 < 0);
    sn_big_times_10(&left->s, point);
    sn_big_times_10(&left->r, -point);
    sn_big_times_10(&left->gap, -point);
    for (; reaches_up(left); point++) sn_big_multiply(&left->s, 10, 0);
    return point;
}

/* Digits of 0.ddd · 10^*point. */
static int shortest(double value, char digits[17], int *point) {
    struct remainder left;
    *point = begin(&left, value);
    for (int len = 0;;) {
        SN_ASSERT(len < 17);
        sn_big_multiply(&left.r, 10, 0);
        sn_big_multiply(&left.gap, 10, 0);
        char digit = '0';
        while (sn_big_take(&left.r, &left.s)) digit++;
        bool down = reaches_down(&left), up = reaches_up(&left);
        if (up && down) { /* both read back, so the nearer one */
            int half = sn_big_compare_sum(&left.r, &left.r, &left.s);
            up = half > 0 || (half == 0 && digit % 2 == 1);
        }
        digits[len++] = (char)(digit + up);
        if (up || down) return len;
    }
}

size_t sn_decimal_write(double value, char out[SN_DECIMAL_TEXT_MAX]) {
    static const char zeros[] = "00000000000000000000";
    struct sn_writer w = sn_writer(out, SN_DECIMAL_TEXT_MAX);
    char digits[17] = "0";
    int point = 1, len = 1;
    SN_ASSERT(isfinite(value));
    if (signbit(value)) sn_put_text(&w, "-");
    if (value != 0) len = shortest(fabs(value), digits, &point);

    bool scientific = point > 21 || point <= -6;
    int whole = scientific ? 1 : point;
    if (whole <= 0) {
        sn_put_text(&w, "0.");
        sn_put_bytes(&w, zeros, (size_t)-whole);
        whole = 0;
    }
    int before = whole < len ? whole : len;
    sn_put_bytes(&w, digits, (size_t)before);
    sn_put_bytes(&w, zeros, (size_t)(whole - before));
    if (before > 0 && before < len) sn_put_text(&w, ".");
    sn_put_bytes(&w, digits + before, (size_t)(len - before));
    if (scientific) {
        sn_put_text(&w, point > 0 ? "e+" : "e");
        sn_put_int(&w, point - 1);
    }
    SN_ASSERT(!w.full);
    return w.len;
}
