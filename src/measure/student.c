#include "sentinel/measure/student.h"

#include <math.h>
#include <stdbool.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/real.h"

/* ln Γ(x), x > 0, by Stirling's series where x is large, and the way there by Γ(x + 1) = x·Γ(x).  Terms are those of
 * Abramowitz and Stegun 6.1.41; beyond 10 what follows is below 1e-14. */
static double ln_gamma(double x) {
    static const double half_ln_2pi = 0.91893853320467274178;
    double down = 1;
    for (; x < 10; x++) down *= x;
    double square = 1 / (x * x);
    double series = 1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188)));
    return (x - 0.5) * sn_ln(x) - x + half_ln_2pi + series / x - sn_ln(down);
}

#define STEPS_MAX 500
#define ENOUGH 1e-15
#define TINY 1e-290

static double not_zero(double x) {
    return x < TINY && x > -TINY ? TINY : x;
}

/* The continued fraction of the incomplete beta function, from front to back (Lentz). */
static double beta_fraction(double x, double a, double b) {
    double c = 1, d = 1 / not_zero(1 - (a + b) * x / (a + 1)), value = d;
    for (int m = 1; m <= STEPS_MAX; m++) {
        double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1 / not_zero(1 + even * d);
        c = not_zero(1 + even / c);
        value *= c * d;
        d = 1 / not_zero(1 + odd * d);
        c = not_zero(1 + odd / c);
        value *= c * d;
        if (fabs(c * d - 1) < ENOUGH) break;
    }
    return value;
}

#define LEAST 1e-300 /* what is less has no whole logarithm */

/* I(x; a, b), with 1 − x beside it so that neither loses digits. */
static double incomplete_beta(double x, double rest, double a, double b) {
    if (x < LEAST) return 0;
    if (rest < LEAST) return 1;
    double front = a * sn_ln(x) + b * sn_ln(rest) + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b);
    if (x < (a + 1) / (a + b + 2)) return sn_exp(front) * beta_fraction(x, a, b) / a;
    return 1 - sn_exp(front) * beta_fraction(rest, b, a) / b;
}

double sn_student_p(double t, double freedom) {
    SN_ASSERT(freedom > 0);
    double square = t * t;
    if (!(square < 1e300)) return 0;
    return incomplete_beta(freedom / (freedom + square), square / (freedom + square), freedom / 2, 0.5);
}

/* Halving finds all bits that there are. */
double sn_student_t(double p, double freedom) {
    double low = 0, high = 1;
    SN_ASSERT(p > 0 && p <= 1);
    while (sn_student_p(high, freedom) > p && high < 1e140) high *= 2;
    for (int i = 0; i < 80; i++) {
        double middle = (low + high) / 2;
        if (sn_student_p(middle, freedom) > p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
