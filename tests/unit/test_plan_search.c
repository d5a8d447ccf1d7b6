/* Plans that search the highest rate which keeps their thresholds. */
#include "plan_help.h"

static void the_preset_searches(void **state) {
    (void)state;
    compiles("{\"preset\":\"capacity\"}");
    assert_int_equal(plan.search_step_s, 10);
    assert_int_equal(plan.thresholds_len, 2); /* and no safety */
    assert_false(plan.thresholds[0].safety || plan.thresholds[1].safety);
    uint64_t hash = plan.hash;
    compiles("{\"preset\":\"capacity\",\"searchStepSeconds\":20}");
    assert_int_equal(plan.search_step_s, 20);
    assert_true(plan.hash != hash); /* another load */
    /* What it asks for it asks for of other loads too. */
    compiles("{\"preset\":\"capacity\",\"targetOperations\":1000,\"targetSystems\":[\"kv_get\"]}");
    assert_int_equal(plan.thresholds_len, 2);
    compiles("{\"preset\":\"capacity\",\"thresholds\":{\"op_duration\":[\"p(99)<50\"]}}");
    assert_int_equal(plan.thresholds_len, 1);
}

static void others_do_not(void **state) {
    (void)state;
    compiles("{\"preset\":\"sustained\"}");
    assert_int_equal(plan.search_step_s, 0);
    uint64_t hash = plan.hash;
    compiles("{\"preset\":\"capacity\",\"profileType\":\"sustained\"}"); /* a type of its own is no search */
    assert_int_equal(plan.search_step_s, 0);
    compiles("{\"preset\":\"sustained\",\"searchStepSeconds\":5,\"thresholds\":{\"op_failed\":[\"rate<0.1\"]}}");
    assert_int_equal(plan.search_step_s, 5);
    assert_true(plan.hash != hash);
}

static void what_cannot_be_searched_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *json, *code, *path;
    } rows[] = {
        {"{\"preset\":\"ramp\",\"searchStepSeconds\":10}", "plan.conflict", "$.searchStepSeconds"},
        {"{\"preset\":\"capacity\",\"arrivals\":\"poisson\"}", "plan.conflict", "$.searchStepSeconds"},
        {"{\"preset\":\"capacity\",\"warmUpSeconds\":10}", "plan.conflict", "$.searchStepSeconds"},
        {"{\"preset\":\"sustained\",\"searchStepSeconds\":10}", "plan.missing", "$.searchStepSeconds"},
        {"{\"preset\":\"capacity\",\"searchStepSeconds\":4}", "plan.range", "$.searchStepSeconds"},
        {"{\"preset\":\"capacity\",\"searchStepSeconds\":31}", "plan.range", "$.searchStepSeconds"},
        {"{\"preset\":\"capacity\",\"thresholds\":{\"cost_usd\":[\"value<1\"]}}", "plan.conflict", "$.thresholds"},
        {"{\"preset\":\"capacity\",\"thresholds\":{\"op_duration\":[\"p(95)<1\"],\"schedule_lag\":[\"p(95)<1\"]}}",
         "plan.conflict", "$.thresholds"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (compile(rows[i].json) != SN_E_RANGE) fail_msg("%s", rows[i].json);
        assert_string_equal(error.code, rows[i].code);
        assert_string_equal(error.path, rows[i].path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_preset_searches),
        cmocka_unit_test(others_do_not),
        cmocka_unit_test(what_cannot_be_searched_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
