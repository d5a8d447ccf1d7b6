#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/problem.h"

static void every_code_leads_back_to_its_kind(void **state) {
    (void)state;
    for (uint32_t i = 0; i < SN_PROBLEMS_LEN; i++) { /* which it would not if two had the same */
        const char *code = sn_problem_code((enum sn_problem_kind)i);
        assert_int_equal(sn_problem_find(code, SN_PROBLEMS_LEN), i);
        assert_non_null(strchr(code, '.'));
    }
}

static void what_is_no_code_is_something_else(void **state) {
    (void)state;
    static const char *const texts[] = {NULL, "", "run", "run.state ", "Run.state", "plan.owner"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        assert_int_equal(sn_problem_find(texts[i], SN_PROBLEM_PLAN_REFUSED), SN_PROBLEM_PLAN_REFUSED);
    }
}

static void the_list_is_in_the_order_of_statuses(void **state) {
    (void)state;
    for (uint32_t i = 0, last = 400; i < SN_PROBLEMS_LEN; i++) {
        uint32_t status = sn_problem_status((enum sn_problem_kind)i);
        assert_in_range(status, last, 599);
        last = status;
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_leads_back_to_its_kind),
        cmocka_unit_test(what_is_no_code_is_something_else),
        cmocka_unit_test(the_list_is_in_the_order_of_statuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
