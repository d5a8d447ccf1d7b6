/* The bars of height x^−s at x = 1, 2, … n are cut out from under the curve x^−s.  Its integral H, which has an inverse,
 * maps an even draw u to a place x under the curve, and the nearest whole number is the bar.  The curve between x − ½
 * and x + ½ has a little more area than the bar at x, because it is hollow; a draw that falls into the surplus is
 * rejected.  The bar of 1 alone would be too large for what lies left of 1½, so there the area is made to fit: u begins
 * at H(1½) − 1 and the bar is full.
 *
 *     low = H(1½) − 1,  high = H(n + ½);   a draw nearer than `sure` above its bar's middle is certain to be inside. */
#include "zipf.h"

#include <math.h>

#include "sentinel/base/real.h"

/* (exp(x) − 1)/x and ln(1 + x)/x, which go on smoothly through 0. */
static double expm1_ratio(double x) {
    return x == 0 ? 1 : sn_expm1(x) / x;
}

static double ln1p_ratio(double x) {
    return x == 0 ? 1 : sn_ln1p(x) / x;
}

static double height(double s, double x) {
    return sn_exp(-s * sn_ln(x));
}

/* H(x) = (x^(1−s) − 1)/(1 − s), the area from 1 to x; ln x where s is 1. */
static double area(double s, double x) {
    double log = sn_ln(x);
    return expm1_ratio((1 - s) * log) * log;
}

/* The x whose area is `u`; infinity where rounding has brought u to the area of all numbers. */
static double area_inverse(double s, double u) {
    double x = (1 - s) * u;
    return x > -1 ? sn_exp(ln1p_ratio(x) * u) : (double)INFINITY;
}

void sn_zipf_prepare(struct sn_keyspace *keyspace) {
    double s = keyspace->exponent;
    keyspace->low = area(s, 1.5) - 1;
    keyspace->high = area(s, keyspace->count + 0.5);
    keyspace->sure = 2 - area_inverse(s, area(s, 2.5) - height(s, 2));
}

uint32_t sn_zipf_draw(const struct sn_keyspace *keyspace, struct sn_rng *rng) {
    double s = keyspace->exponent;
    for (;;) {
        double u = keyspace->high + sn_rng_unit(rng) * (keyspace->low - keyspace->high);
        double x = area_inverse(s, u);
        uint32_t bar = !(x < keyspace->count) ? keyspace->count : x < 1.5 ? 1 : (uint32_t)(x + 0.5);
        if (bar - x <= keyspace->sure || u >= area(s, bar + 0.5) - height(s, bar)) return bar - 1;
    }
}
