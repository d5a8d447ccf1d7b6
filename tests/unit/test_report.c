#include "report_read.h"

static void test_good_run(void **state) {
    (void)state;
    struct view *v = good_run();
    char *text = written(sn_report_put_text, &v->report);
    expect_narrow(text);
    expect_golden("good.txt", text);
    expect_golden("good.json", in_lines(written(sn_report_put_json, &v->report)));
    view_free(v);
}

static void test_troubled_run(void **state) {
    (void)state;
    struct view *v = troubled_run();
    char *text = written(sn_report_put_text, &v->report);
    expect_narrow(text);
    expect_golden("troubled.txt", text);
    expect_golden("troubled.json", in_lines(written(sn_report_put_json, &v->report)));
    view_free(v);
}

static void test_json_figures(void **state) {
    (void)state;
    struct view *v = good_run();
    void *memory;
    char *text = written(sn_report_put_json, &v->report);
    const struct sn_json *root = parsed(text, &memory);
    expect_text(root, "schema", "sentinel.report/1");
    assert_string_equal(sn_json_name(at(root, "1") == NULL ? sn_json_next(sn_json_first(root)) : NULL), "validity");
    expect_text(root, "validity.validity", "valid");
    expect_number(root, "validity.accounting.difference", 0);
    expect_number(root, "validity.delivery.deliveredShare", 1);
    expect_number(root, "validity.clockStepMs", 1);
    expect_text(root, "run.planHash", "0123456789abcdef");
    expect_text(root, "run.seed", "18446744073709551615");
    expect_text(root, "run.loadStartedAt", "2027-01-15T08:00:00.000Z");
    /* Two kinds, each in total and in two phases; the third has no weight. */
    assert_int_equal(sn_json_count(at(root, "operations")), 6);
    expect_text(root, "operations.0.phase", "all");
    expect_number(root, "operations.0.completed", 600);
    /* 600 of them: six lie above p99, which is too few. */
    expect_null(root, "operations.0.responseMs.p99");
    expect_number(root, "operations.0.responseMs.p95", 38);
    expect_number(root, "total.completed", 1200);
    expect_number(root, "total.responseMs.p99", 41);
    expect_number(root, "total.responseMs.max", 41);
    expect_number(root, "total.responseMs.mean", 22);
    expect_number(root, "total.sqlMs", 300);
    assert_null(at(root, "total.errors.client"));
    expect_number(root, "phases.1.completed", 600);
    expect_number(root, "load.phases.1.planned", 600);
    expect_number(root, "load.phases.0.meanPerS", 100);
    assert_int_equal(sn_json_count(at(root, "series.planned")), 13); /* some ended in the second after the load */
    expect_number(root, "series.planned.0", 100);
    expect_number(root, "series.planned.12", 0);
    expect_number(root, "series.started.11", 100);
    expect_text(root, "exemplars.slowest.0.operation", "operation_01");
    expect_number(root, "exemplars.slowest.1.k", 38);
    assert_int_equal(sn_json_count(at(root, "exemplars.errors")), 0);
    assert_int_equal(sn_json_count(at(root, "shards")), 2);
    free(text);
    free(memory);
    view_free(v);
}

static void test_troubled_figures(void **state) {
    (void)state;
    struct view *v = troubled_run();
    void *memory;
    char *text = written(sn_report_put_json, &v->report);
    const struct sn_json *root = parsed(text, &memory);
    expect_text(root, "validity.validity", "invalid");
    expect_text(root, "validity.limitedBy", "target");
    /* 190 of 200 ended. */
    expect_number(root, "validity.delivery.deliveredShare", 0.95);
    expect_number(root, "validity.shards.lost", 1);
    expect_number(root, "validity.shards.restarts", 2);
    expect_number(root, "total.errors.throttled", 9);
    expect_number(root, "series.dropped.9", 10);
    /* Errors in the order in which they came, slowest by time. */
    expect_number(root, "exemplars.errors.0.k", 110);
    expect_number(root, "exemplars.slowest.0.k", 130);
    expect_text(root, "exemplars.errors.0.text", "D1 DB is overloaded \"now\"\n\x1b[2J ");
    expect_text(root, "exemplars.errors.2.text", "");
    /* Two kinds, in total and in the one phase. */
    assert_int_equal(sn_json_count(at(root, "operations")), 4);
    free(text);
    free(memory);
    view_free(v);
}

/* What the report says the run found, case by case. */
static void test_answers(void **state) {
    (void)state;
    static const struct {
        enum sn_run_status status;
        uint8_t failed;            /* of the 45th operation */
        bool dropped;              /* the last one, for want of a slot */
        const char *limited, *why; /* limited_by, reason; with concurrency 40 calls are needed */
        const char *says;          /* the line's beginning */
    } cases[] = {
        {SN_RUN_COMPLETED, 0, false, NULL, NULL, "Nothing failed and nothing had to wait too long"},
        {SN_RUN_COMPLETED, 3, false, NULL, NULL, "The first failure came 5 seconds into the load, when 10 a second"},
        {SN_RUN_COMPLETED, 0, true, NULL, NULL, "The first operation that waited too long for a free slot was due 10"},
        {SN_RUN_COMPLETED, 0, false, "target", NULL, "The target grew slower, or stood still, until"},
        {SN_RUN_COMPLETED, 0, false, "concurrency", NULL, "Every slot was busy while the target answered as quickly"},
        {SN_RUN_FAILED, 0, false, NULL, "shard 0 was lost", "The run failed: shard 0 was lost"},
        {SN_RUN_CANCELLED, 0, false, NULL, "stopped by default", "The run was cancelled: stopped by default"},
        {SN_RUN_CANCELLED, 0, false, NULL, NULL, "The run was cancelled: no reason was recorded."},
        {SN_RUN_DRAINING, 0, false, NULL, NULL, "The run has not ended yet"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct view *v = view_new(1, 1, 10, 10, 1);
        view_start(v);
        for (uint64_t k = 1; k < 100; k++) view_ended(v, k, 0, 0, 5, k == 45 ? cases[i].failed : 0);
        if (cases[i].dropped) {
            view_dropped(v, 100, SN_DROP_SLOTS);
        } else {
            view_ended(v, 100, 0, 0, 5, 0);
        }
        view_end(v, cases[i].status);
        v->report.limited_by = cases[i].limited;
        bool few = cases[i].limited != NULL && cases[i].limited[0] == 'c';
        v->report.concurrency_needed = few ? 40 : 0;
        v->report.reason = cases[i].why;
        if (cases[i].status == SN_RUN_DRAINING) v->report.ended_us = 0;
        char *text = written(sn_report_put_text, &v->report), *answer = strstr(text, "\nAnswer      ");
        assert_non_null(answer);
        answer += strlen("\nAnswer      ");
        if (strncmp(answer, cases[i].says, strlen(cases[i].says)) != 0) fail_msg("case %zu: %.90s", i, answer);
        assert_int_equal(strstr(text, "rate would need about 40 calls") != NULL, few);
        assert_int_equal(strstr(text, "Validity    valid so far") != NULL, cases[i].status == SN_RUN_DRAINING);
        free(text);
        view_free(v);
    }
}

/* Exactly one byte short of what is needed: nothing is written beyond the end, and the writer says so. */
static void test_full_writer(void **state) {
    (void)state;
    static put_fn *const puts[] = {sn_report_put_json,  sn_report_put_text,  sn_report_put_state,
                                   sn_report_put_frame, sn_report_put_hello, sn_report_put_result};
    struct view *v = troubled_run();
    v->report.history = (struct sn_report_seconds){0, sn_report_history_end(&v->report)};
    for (size_t i = 0; i < sizeof puts / sizeof *puts; i++) {
        char *whole = written(puts[i], &v->report);
        size_t len = strlen(whole);
        char *exact = malloc(len);
        assert_non_null(exact);
        struct sn_writer w = sn_writer(exact, len);
        puts[i](&w, &v->report);
        assert_false(w.full);
        assert_memory_equal(exact, whole, len);
        free(exact);
        exact = malloc(len - 1);
        assert_non_null(exact);
        w = sn_writer(exact, len - 1);
        puts[i](&w, &v->report);
        assert_true(w.full);
        free(exact);
        free(whole);
    }
    view_free(v);
}

/* The most that a plan allows: what crosses the boundary has to have room for it. */
static void test_largest_report(void **state) {
    (void)state;
    struct view *v = view_new(32, 5, 3600, 277, SN_SHARDS_MAX);
    void *memory;
    view_start(v);
    for (uint32_t kind = 0; kind < 32; kind++) {
        for (uint32_t phase = 0; phase < 5; phase++) {
            struct sn_cell *cell = sn_tally_cell(v->report.tally, kind, phase);
            struct sn_pages pages = sn_tally_pages(v->report.tally);
            cell->completed = 4600;
            cell->failed = cell->bytes = cell->rows_read = cell->sql_us = 1234567;
            for (int i = 0; i < SN_ERRORS_LEN; i++) cell->errors[i] = 1234;
            sn_hist_record(&cell->response, &pages, 12345678, 20000);
            sn_hist_record(&cell->service, &pages, 12345678, 20000);
            v->report.tally->pages_used = pages.used;
        }
    }
    for (uint32_t s = 0; s < 3660; s++) {
        *sn_series_second(v->report.series, s) = (struct sn_second){277, 150, 127, {100, 100, 100}};
    }
    char words[97];
    memset(words, '"', 96); /* each takes two bytes in JSON */
    words[96] = 0;
    for (uint32_t i = 0; i < SN_EXEMPLARS_MAX; i++) view_exemplar(v, i + 1, i % 32, 30000, 1, words);
    /* as many counters as there can be, the most of them with two digits behind a distance of three */
    for (uint32_t slot = 0; v->intervals->slots_len + 2 < SN_INTERVALS_SLOTS; slot++)
        sn_intervals_count(v->intervals, slot / 145 * 32, slot % 145 / 5, 100 + slot % 5 * 140, 63);
    assert_int_equal(v->intervals->kinds, 32);
    view_end(v, SN_RUN_COMPLETED);
    for (uint32_t i = 0; i < SN_SHARDS_MAX; i++) v->shards[i].counts = v->report.counts;
    char *text = written(sn_report_put_json, &v->report);
    parsed(text, &memory);
    print_message("largest: report %zu", strlen(text));
    assert_true(strlen(text) < 400000);
    free(text);
    free(memory);
    text = written(sn_report_put_hello, &v->report);
    print_message(", hello %zu", strlen(text));
    assert_true(strlen(text) < 90000);
    free(text);
    text = written(sn_report_put_frame, &v->report);
    print_message(", frame %zu", strlen(text));
    free(text);
    text = written(sn_report_put_text, &v->report);
    print_message(", text %zu\n", strlen(text));
    free(text);
    view_free(v);
}

/* The lines of a paragraph as one. */
static void unwrap(char *text) {
    char *to = text;
    for (const char *from = text; *from != 0; from++) {
        bool broken = *from == '\n' && from[1] == ' ';
        if (!broken) *to++ = *from;
        if (!broken) continue;
        *to++ = ' ';
        while (from[1] == ' ') from++;
    }
    *to = 0;
}

/* A run that nearly used up its budget, of a plan for 600 users, in which one operation reads fifty rows for one. */
static void test_costs(void **state) {
    (void)state;
    struct view *v = good_run();
    void *memory;
    v->report.cost.users = 600;
    v->report.cost.max_cost_nusd = 500000000;
    sn_tally_cell(v->report.tally, 1, 0)->rows_read += 2 * 47 * 600;
    char *text = written(sn_report_put_json, &v->report);
    const struct sn_json *root = parsed(text, &memory);
    /* 3,600 rows read, 40 writes to KV; 160 rows written, three objects for 16 s */
    expect_number(root, "cost.target.usd", 0.0002036);
    expect_number(root, "cost.own.usd", 0.0002368);
    expect_number(root, "cost.usd", 0.0004404);
    expect_number(root, "cost.beyondMonthUsd", 0);
    expect_number(root, "cost.maxCostUsd", 0.5);
    assert_int_equal(sn_json_count(at(root, "cost.target.meters")), 2);
    expect_text(root, "cost.target.meters.0.meter", "d1RowsRead");
    expect_number(root, "cost.target.meters.0.units", 3600);
    expect_number(root, "cost.target.meters.0.usd", 0.0000036);
    expect_number(root, "cost.load.usd", 0.0000036);
    expect_number(root, "cost.load.per1000OperationsUsd", 0.000003);
    /* twelve seconds, 216,000 times: 777.6 million rows; and thirty times what all users do */
    expect_number(root, "cost.load.monthAtThisRate.usd", 0.7776);
    expect_number(root, "cost.load.monthAtThisRate.beyondMonthUsd", 0);
    expect_number(root, "cost.load.users", 600);
    expect_number(root, "cost.load.monthOfUsers.usd", 0.000108);
    expect_number(root, "cost.estimate.usd", 0.00037);
    expect_number(root, "cost.estimate.targetUsd", 0.00022);
    expect_number(root, "cost.rows.0.readPerReturned", 3);
    expect_number(root, "cost.rows.1.readPerReturned", 97);
    assert_false(sn_json_bool(at(root, "cost.rows.0.suspect")));
    assert_true(sn_json_bool(at(root, "cost.rows.1.suspect")));
    free(text);
    free(memory);
    text = written(sn_report_put_text, &v->report);
    expect_narrow(text);
    unwrap(text);
    assert_non_null(
        strstr(text, "operation_01 reads 97 rows for each that it returns: it counts, or it lacks an index."));
    assert_non_null(
        strstr(text, "; a month in which 600 users come once a day $0.000108, of which $0 are beyond it. "));
    free(text);
    view_free(v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_run),     cmocka_unit_test(test_troubled_run),     cmocka_unit_test(test_costs),
        cmocka_unit_test(test_json_figures), cmocka_unit_test(test_troubled_figures), cmocka_unit_test(test_answers),
        cmocka_unit_test(test_full_writer),  cmocka_unit_test(test_largest_report),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
