#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/random.h"
#include "sentinel/base/real.h"

#define LEN(array) (sizeof(array) / sizeof *(array))

/* libm's are within a unit or two in the last place; ours promise four. */
static void assert_near(const char *what, double x, double got, double expected) {
    double off = expected == 0 ? fabs(got) : fabs(got - expected) / fabs(expected);
    if (!(off <= 1e-15)) fail_msg("%s(%.17g) is %.17g instead of %.17g", what, x, got, expected);
}

/* An even draw from −1 to 1, made smaller by a power of 2: every size down to 2^−60 comes equally often. */
static double of_any_size(uint64_t k) {
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_MODEL, k);
    return ldexp(2 * sn_rng_unit(&rng) - 1, -(int)(k % 61));
}

static void agree_with_libm(void **state) {
    (void)state;
    for (uint64_t k = 0; k < 400000; k++) {
        double x = of_any_size(k), wide = 700 * of_any_size(k / 8 * 8),
               large = ldexp(1.5 + x / 2, (int)(k % 2000) - 999);
        assert_near("ln", large, sn_ln(large), log(large));
        assert_near("ln", 1 + x / 2, sn_ln(1 + x / 2), log(1 + x / 2)); /* on both sides of 0 */
        assert_near("ln1p", x, sn_ln1p(x), log1p(x));
        assert_near("ln1p", large, sn_ln1p(large), log1p(large));
        assert_near("exp", x, sn_exp(x), exp(x));
        assert_near("exp", wide, sn_exp(wide), exp(wide));
        assert_near("expm1", x, sn_expm1(x), expm1(x));
        assert_near("expm1", wide, sn_expm1(wide), expm1(wide));
    }
}

/* Where one way of computing hands over to another, and where a power of 2 begins. */
static void agree_at_their_seams(void **state) {
    (void)state;
    static const double seams[] = {-0.29, 0.41, 0.5, 1, 1.4142135623730951, 2, 3, 40, -40, 0.34657359027997264, 1e-300};
    for (size_t i = 0; i < LEN(seams); i++) {
        double around[] = {nextafter(seams[i], -1000), seams[i], nextafter(seams[i], 1000)};
        for (size_t j = 0; j < LEN(around); j++) {
            double x = around[j];
            if (x >= 0x1p-1022) assert_near("ln", x, sn_ln(x), log(x));
            if (x > -1) assert_near("ln1p", x, sn_ln1p(x), log1p(x));
            assert_near("exp", x, sn_exp(x), exp(x));
            assert_near("expm1", x, sn_expm1(x), expm1(x));
        }
    }
    for (int n = -1022; n <= 1023; n++) {
        double x = ldexp(1, n);
        assert_near("ln", x, sn_ln(x), log(x));
        if (n > -1022 && n < 1023)
            assert_near("exp", n * 0.6931471805599453, sn_exp(n * 0.6931471805599453), exp(n * 0.6931471805599453));
    }
}

static void ends_of_their_ranges(void **state) {
    (void)state;
    assert_true(sn_ln(1) == 0 && sn_ln1p(0) == 0 && sn_exp(0) == 1 && sn_expm1(0) == 0);
    assert_true(signbit(sn_expm1(-0.0)) != 0 && signbit(sn_ln1p(-0.0)) != 0);
    assert_near("ln", 0x1p-1022, sn_ln(0x1p-1022), log(0x1p-1022));
    assert_near("ln", 0x1.fffffffffffffp1023, sn_ln(0x1.fffffffffffffp1023), log(0x1.fffffffffffffp1023));
    assert_near("ln1p", -1 + 0x1p-53, sn_ln1p(-1 + 0x1p-53), log1p(-1 + 0x1p-53)); /* the last before −1 */
    assert_near("exp", 709.78, sn_exp(709.78), exp(709.78));
    assert_near("exp", -708.39, sn_exp(-708.39), exp(-708.39));
    assert_true(isinf(sn_exp(709.79)) && isinf(sn_expm1(1e300)));
    assert_true(sn_exp(-708.4) == 0 && sn_exp(-1e300) == 0);
    assert_true(sn_expm1(-1e300) == -1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agree_with_libm),
        cmocka_unit_test(agree_at_their_seams),
        cmocka_unit_test(ends_of_their_ranges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
