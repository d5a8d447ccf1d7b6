#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "sentinel/base/random.h"
#include "sentinel/measure/usl.h"

static void close_to(double value, double expected, double share) {
    if (!(fabs(value - expected) <= share * fabs(expected))) fail_msg("%.10g is not %.10g", value, expected);
}

/* SPEC SDM91 on a SPARCcenter 2000, as the R package usl (github.com/smoeding/usl) has it: the coefficients, their standard
 * errors, R² and the residual standard error are those that it prints. */
static void published_figures_come_out(void **state) {
    (void)state;
    static const struct sn_usl_step steps[] = {{1, 64.9},     {18, 995.9},   {36, 1652.4}, {72, 1853.2},
                                               {108, 1828.9}, {144, 1775.0}, {216, 1702.2}};
    struct sn_usl usl;
    sn_usl_fit(steps, 7, &usl);
    assert_int_equal(usl.outcome, SN_USL_FITTED);
    assert_int_equal(usl.steps, 7);
    close_to(usl.lambda_per_s, 89.9952330, 1e-5);
    close_to(usl.sigma, 0.0277285, 1e-5);
    close_to(usl.kappa, 0.0001044, 1e-3);
    close_to(usl.lambda_error, 14.2134894, 1e-4);
    close_to(usl.sigma_error, 0.0091217, 1e-4);
    close_to(usl.kappa_error, 0.0000199, 2e-3);
    close_to(usl.residual_per_s, 82.85, 1e-3);
    close_to(usl.r2, 0.9896, 1e-4);
    close_to(usl.peak_calls, sqrt((1 - 0.0277285) / 0.0001044), 1e-3);
    close_to(usl.trust_calls, 432, 1e-9);
    for (uint32_t i = 0; i < 7; i++) {
        struct sn_usl_band band = sn_usl_band(&usl, steps[i].calls);
        assert_true(band.low_per_s <= steps[i].per_s && steps[i].per_s <= band.high_per_s);
    }
    /* The farther out, the less is known. */
    struct sn_usl_band near = sn_usl_band(&usl, 216), far = sn_usl_band(&usl, 432);
    assert_true(far.high_per_s - far.low_per_s > near.high_per_s - near.low_per_s);
}

static uint32_t draw(struct sn_usl_step steps[], uint32_t len, double lambda, double sigma, double kappa, double noise,
                     uint64_t seed) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
    for (uint32_t i = 0; i < len; i++) {
        double calls = 1 + 3.0 * i, off = 0;
        for (int d = 0; d < 12; d++) off += sn_rng_unit(&rng) - 0.5;
        double per_s = lambda * calls / (1 + sigma * (calls - 1) + kappa * calls * (calls - 1));
        steps[i] = (struct sn_usl_step){calls, per_s + noise * off};
    }
    return len;
}

static void what_was_drawn_is_found(void **state) {
    (void)state;
    static const struct {
        double lambda, sigma, kappa;
    } rows[] = {{100, 0.05, 0.0004}, {800, 1, 0}, {50, 0.02, 0}, {50, 0, 0.001}, {20, 0, 0}, {4000, 0.3, 0.00001}};
    struct sn_usl_step steps[SN_USL_STEPS_MAX];
    struct sn_usl usl;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        sn_usl_fit(steps, draw(steps, 30, rows[row].lambda, rows[row].sigma, rows[row].kappa, 0, 1), &usl);
        close_to(usl.lambda_per_s, rows[row].lambda, 1e-6);
        assert_true(fabs(usl.sigma - rows[row].sigma) < 1e-6);
        assert_true(fabs(usl.kappa - rows[row].kappa) < 1e-7);
    }
}

/* Of a hundred fits some ninety-five have the next measurement in their band, and no parameter is ever below 0. */
static void the_band_holds_what_comes_next(void **state) {
    (void)state;
    struct sn_usl_step steps[SN_USL_STEPS_MAX], next[SN_USL_STEPS_MAX];
    struct sn_usl usl;
    uint32_t inside = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        sn_usl_fit(steps, draw(steps, 25, 100, 0.03, 0.0002, 20, seed), &usl);
        assert_int_equal(usl.outcome, SN_USL_FITTED);
        assert_true(usl.sigma >= 0 && usl.kappa >= 0 && usl.lambda_per_s > 0);
        draw(next, 30, 100, 0.03, 0.0002, 20, seed + 1000);
        struct sn_usl_band band = sn_usl_band(&usl, next[27].calls);
        inside += next[27].per_s >= band.low_per_s && next[27].per_s <= band.high_per_s;
        close_to(usl.peak_calls, sqrt(0.97 / 0.0002), 0.25);
    }
    assert_in_range(inside, 180, 200);
}

static void too_little_is_refused(void **state) {
    (void)state;
    struct sn_usl_step steps[SN_USL_STEPS_MAX];
    struct sn_usl usl;
    draw(steps, 30, 100, 0.05, 0.0004, 0, 1);
    sn_usl_fit(steps, 5, &usl);
    assert_int_equal(usl.outcome, SN_USL_FEW);
    sn_usl_fit(NULL, 0, &usl);
    assert_int_equal(usl.outcome, SN_USL_FEW);
    for (uint32_t i = 0; i < 10; i++) steps[i] = (struct sn_usl_step){i % 2 == 0 ? 0.4 : 0.9, 50};
    sn_usl_fit(steps, 10, &usl); /* less than a call in flight says nothing of calls at once */
    assert_int_equal(usl.outcome, SN_USL_FEW);
    for (uint32_t i = 0; i < 10; i++) steps[i] = (struct sn_usl_step){20 + i, 500};
    sn_usl_fit(steps, 10, &usl);
    assert_int_equal(usl.outcome, SN_USL_NARROW);
    for (uint32_t i = 0; i < 20; i++) steps[i] = (struct sn_usl_step){1 + i, i % 2 == 0 ? 10 : 500};
    sn_usl_fit(steps, 20, &usl);
    assert_int_equal(usl.outcome, SN_USL_OTHER);
    assert_true(usl.r2 < SN_USL_R2_MIN);
}

/* A single server: two calls at once come to no more than one. */
static void one_server_has_a_bound(void **state) {
    (void)state;
    struct sn_usl_step steps[10];
    struct sn_usl usl;
    for (uint32_t i = 0; i < 10; i++) steps[i] = (struct sn_usl_step){1 + i * i, i == 0 ? 400 : 800};
    sn_usl_fit(steps, 10, &usl);
    assert_true(usl.peak_calls == 0 || usl.peak_calls > 1);
    close_to(sn_usl_per_s(&usl, 82), 800, 0.05);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_figures_come_out),     cmocka_unit_test(what_was_drawn_is_found),
        cmocka_unit_test(the_band_holds_what_comes_next), cmocka_unit_test(too_little_is_refused),
        cmocka_unit_test(one_server_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
