#include "sentinel/base/real.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "sentinel/base/assert.h"

/* ln 2 in two parts: the first has 32 bits, so that whole multiples of it up to 2^21 are exact. */
#define LN2_HIGH 0x1.62e42feep-1
#define LN2_LOW 0x1.a39ef35793c76p-33
#define SQRT2 0x1.6a09e667f3bcdp0

#define EXPONENT_SHIFT 52
#define EXPONENT_BIAS 1023

/* 2^n of a normal number. */
static double power_of_2(int n) {
    uint64_t bits = (uint64_t)(n + EXPONENT_BIAS) << EXPONENT_SHIFT;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* 2·artanh(f) = 2·(f + f³/3 + f⁵/5 + …).  |f| ≤ 0.1716, where what follows the term of f²³ is beyond the last bit. */
static double twice_artanh(double f) {
    double square = f * f, sum = 0;
    for (int n = 23; n > 1; n -= 2) sum = square * (sum + 1.0 / n);
    return 2 * f + 2 * f * sum;
}

/* x = m·2^e with m from √½ to √2, so that ln x is a sum whose parts do not take each other away. */
double sn_ln(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    int exponent = (int)(bits >> EXPONENT_SHIFT) - EXPONENT_BIAS;
    SN_ASSERT(exponent > -EXPONENT_BIAS && exponent <= EXPONENT_BIAS); /* of a negative one the sign is part of it */
    double mantissa = x * power_of_2(-exponent / 2) * power_of_2(-exponent + exponent / 2);
    if (mantissa > SQRT2) {
        mantissa /= 2;
        exponent++;
    }
    double small = twice_artanh((mantissa - 1) / (mantissa + 1));
    return exponent * LN2_HIGH + (small + exponent * LN2_LOW);
}

/* With 1 + x = (1 + f)/(1 − f) is f = x/(2 + x), which keeps all bits of a small x.  Further out 1 + x has them. */
double sn_ln1p(double x) {
    return x > -0.29 && x < 0.41 ? twice_artanh(x / (2 + x)) : sn_ln(1 + x);
}

/* exp(x) − 1 = r + r²/2! + … with x = r + n·ln 2 and |r| ≤ ln(2)/2, where what follows the fourteenth term is beyond the
 * last bit.  *n gets the power of 2 that is left to do. */
static double reduced_expm1(double x, int *n) {
    *n = (int)(x / (LN2_HIGH + LN2_LOW) + (x < 0 ? -0.5 : 0.5));
    double r = (x - *n * LN2_HIGH) - *n * LN2_LOW, sum = 1;
    for (int i = 14; i > 1; i--) sum = 1 + r / i * sum;
    return r * sum;
}

#define EXP_MAX 709.782712893384  /* its exponential is the largest double */
#define EXP_MIN -708.396418532264 /* its exponential is 2^−1022 */

double sn_exp(double x) {
    int n;
    if (x > EXP_MAX) return (double)INFINITY;
    if (x < EXP_MIN) return 0;
    double value = 1 + reduced_expm1(x, &n);
    return value * power_of_2(n / 2) * power_of_2(n - n / 2); /* 2^1024 is no double, and the value less than 1 */
}

double sn_expm1(double x) {
    int n;
    if (x > 40 || x < -40) return sn_exp(x) - 1; /* the 1 is beyond the last bit */
    double value = reduced_expm1(x, &n);
    return n == 0 ? value : value * power_of_2(n) + (power_of_2(n) - 1);
}
