#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>

#include "sentinel/measure/student.h"

#define assert_near(a, b, off) assert_true(fabs((a) - (b)) <= (off))

/* The tables of textbooks (Abramowitz and Stegun 26.10): t that is exceeded, either way, with probability p. */
static void tables_of_t_are_met(void **state) {
    (void)state;
    static const struct {
        double freedom, p, t;
    } rows[] = {{1, 0.5, 1.000},   {1, 0.05, 12.706},  {1, 0.001, 636.619}, {2, 0.05, 4.303},    {2, 0.001, 31.599},
                {3, 0.05, 3.182},  {4, 0.05, 2.776},   {4, 0.01, 4.604},    {5, 0.05, 2.571},    {10, 0.05, 2.228},
                {10, 0.01, 3.169}, {10, 0.001, 4.587}, {20, 0.05, 2.086},   {20, 0.001, 3.850},  {30, 0.05, 2.042},
                {30, 0.01, 2.750}, {60, 0.001, 3.460}, {120, 0.05, 1.980},  {120, 0.001, 3.373}, {1e7, 0.05, 1.960},
                {1e7, 0.01, 2.576}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_near(sn_student_t(rows[i].p, rows[i].freedom), rows[i].t, 0.00051);
        assert_near(sn_student_p(sn_student_t(rows[i].p, rows[i].freedom), rows[i].freedom), rows[i].p, 1e-9);
    }
}

/* Where the distribution has a closed form: 1 degree is Cauchy's, 2 and 4 are algebraic. */
static void closed_forms_are_met(void **state) {
    (void)state;
    for (int i = 1; i < 200; i++) {
        double t = i * i * 0.01, root = sqrt(2 + t * t), four = t / sqrt(4 + t * t);
        double cauchy = 2 * atan(1 / t) / 3.14159265358979323846;
        assert_near(sn_student_p(t, 1) / cauchy, 1, 1e-11);
        assert_near(sn_student_p(t, 2), 1 - t / root, 1e-12);
        assert_near(sn_student_p(t, 4), 1 - four * (1.5 - 0.5 * four * four), 1e-12);
    }
}

static void far_out_it_stays_a_probability(void **state) {
    (void)state;
    assert_near(sn_student_p(0, 7), 1, 0);
    assert_near(sn_student_p(1e-170, 7), 1, 0);
    assert_near(sn_student_p(INFINITY, 7), 0, 0);
    assert_near(sn_student_p(-2.228138852, 10), 0.05, 1e-9);
    double far = sn_student_p(100, 50);
    assert_true(far > 0 && far < 1e-50);
    double last = 1;
    for (double t = 0; t < 40; t += 0.25) {
        double p = sn_student_p(t, 12);
        assert_true(p <= last && p >= 0);
        last = p;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(tables_of_t_are_met), cmocka_unit_test(closed_forms_are_met),
                                       cmocka_unit_test(far_out_it_stays_a_probability)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
