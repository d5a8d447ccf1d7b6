/* What the report tells of steps: which one failed, how long each took, and whether it kept to its budget. */
#include "report_read.h"

static void test_failed_steps(void **state) {
    (void)state;
    struct view *v = view_new(2, 1, 10, 10, 1);
    void *memory;
    v->kinds[0].steps_len = 3;
    v->kinds[1].steps_len = 1;
    view_start(v);
    view_ended(v, 1, 0, 0, 5, 1 + SN_ERROR_DATA);
    view_exemplar(v, 1, 0, 5, 1 + SN_ERROR_DATA, "no such table");
    v->report.tally->exemplars[0].step = 2;
    view_ended(v, 2, 1, 0, 5, 1 + SN_ERROR_CLIENT);
    view_exemplar(v, 2, 1, 5, 1 + SN_ERROR_CLIENT, "too many");
    v->report.tally->exemplars[1].step = 1;
    static const uint32_t actions[] = {SN_ACTION_KV_GET, SN_ACTION_D1_ALL, SN_ACTION_KV_PUT};
    for (uint32_t i = 0; i < 3; i++) v->steps[i].action = actions[i];
    v->steps[2].flow.marks = SN_FLOW_BACKGROUND;
    struct sn_pages pages = sn_tally_pages(v->report.tally);
    struct sn_step_cell *cell = sn_tally_step(v->report.tally, 1);
    cell->failed = 1;
    assert_int_equal(sn_hist_record(&cell->service, &pages, 4000, 1), SN_OK);
    v->report.tally->pages_used = pages.used;
    char *json = written(sn_report_put_json, &v->report), *text = written(sn_report_put_text, &v->report);
    const struct sn_json *root = parsed(json, &memory);
    expect_number(root, "exemplars.errors.0.step", 2);
    expect_number(root, "exemplars.errors.1.step", 1);
    assert_non_null(strstr(text, "first in operation_00, step 2 of 3: no such table"));
    assert_non_null(strstr(text, "first in operation_01: too many"));
    expect_number(root, "operations.0.steps.1.failed", 1);
    expect_number(root, "operations.0.steps.1.serviceMs.max", 4);
    assert_non_null(strstr(json, "{\"step\":3,\"call\":\"kv.put\",\"background\":true,\"completed\":0"));
    assert_non_null(strstr(
        text, "\n                               2 d1.all              0       1       -       -       -       4\n"));
    assert_non_null(strstr(text, "3 kv.put *"));
    assert_null(strstr(text, "1 unknown")); /* of an operation with one step nobody asks */
    free(json);
    free(text);
    free(memory);
    view_free(v);
}

/* So many calls of a step ended, some of them in time. */
static void step_ended(struct view *v, uint32_t number, uint64_t completed, uint64_t failed, uint64_t within) {
    struct sn_step_cell *cell = sn_tally_step(v->report.tally, number);
    struct sn_pages pages = sn_tally_pages(v->report.tally);
    cell->completed = completed;
    cell->failed = failed;
    cell->within = within;
    if (completed + failed > 0)
        assert_int_equal(sn_hist_record(&cell->service, &pages, 4000, (uint32_t)(completed + failed)), SN_OK);
    v->report.tally->pages_used = pages.used;
}

/* Of an operation with three steps two have a budget, of which one was never sent; and one with a single step has one. */
static void test_budgets(void **state) {
    (void)state;
    struct view *v = view_new(3, 1, 10, 10, 1);
    void *memory;
    v->kinds[0].steps_len = 2;
    v->kinds[1].steps = 2;
    v->kinds[1].steps_len = 1;
    v->kinds[2].steps = 3;
    v->kinds[2].steps_len = 1;
    for (uint32_t i = 0; i < 4; i++) v->steps[i].action = SN_ACTION_KV_GET;
    v->steps[0].budget_us = 200000;
    v->steps[2].budget_us = 1000;
    view_start(v);
    step_ended(v, 0, 2999, 1, 2999);
    step_ended(v, 1, 5, 0, 0);
    char *json = written(sn_report_put_json, &v->report), *text = written(sn_report_put_text, &v->report);
    const struct sn_json *root = parsed(json, &memory);
    expect_number(root, "operations.0.steps.0.budgetMs", 200);
    expect_number(root, "operations.0.steps.0.withinBudget", 0.9996); /* not rounded up to all of them */
    expect_null(root, "operations.0.steps.1.budgetMs");
    expect_null(root, "operations.0.steps.1.withinBudget");
    expect_number(root, "operations.1.steps.0.budgetMs", 1);
    expect_null(root, "operations.1.steps.0.withinBudget");
    assert_null(at(root, "operations.2.steps")); /* a single step without a budget */
    expect_narrow(text);
    assert_non_null(strstr(text, "\nBudget of                      call             budget  within   share\n"
                                 "operation_00                   1 kv.get            200    2999  99.96%\n"
                                 "operation_01                   1 kv.get              1       0       -\n"
                                 "In ms, counted one by one; a call that failed is not within its budget.\n"));
    free(json);
    free(text);
    free(memory);
    v->steps[0].budget_us = v->steps[2].budget_us = 0;
    text = written(sn_report_put_text, &v->report);
    assert_null(strstr(text, "Budget of"));
    free(text);
    view_free(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_failed_steps),
        cmocka_unit_test(test_budgets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
