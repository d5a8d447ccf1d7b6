#include "api_run.h"

/* Reading, reporting, watching. */

static void a_run_of_another_tenant_is_unknown(void **state) {
    (void)state;
    static const struct question live = {"GET", PATH "/live", NULL, 0};
    for (size_t i = 0; i <= QUESTIONS_LEN; i++) {
        struct host *host = host_open();
        ask(host, i < QUESTIONS_LEN ? &questions[i] : &live);
        expect_sql(host, SN_SQL_RUN_GET, values, sizeof values);
        assert_string_equal(values, RUN "|default");
        host_done(host, NO_ROWS);
        expect_problem(host, 404, "run.unknown", "");
        host_close(host);
    }
}

static void the_database_fails_first(void **state) {
    (void)state;
    for (size_t i = 0; i < QUESTIONS_LEN; i++) {
        struct host *host = host_open();
        ask(host, &questions[i]);
        host_failed(host, LOST);
        expect_problem(host, 503, "database.unreachable", "");
        host_close(host);
    }
}

static void reading_asks_the_run(void **state) {
    (void)state;
    struct host *host = host_open();
    ask_object(host, &questions[0], ROW("running", OLD));
    host_done(host, STATE("draining"));
    struct response r = expect_response(host, 200);
    assert_string_equal(member(sn_json_get(r.json, "run"), "status"), "draining");
    assert_null(sn_json_get(r.json, "stale"));
    host_close(host);
}

static void a_silent_run_is_read_from_its_row(void **state) {
    (void)state;
    struct host *host = host_open();
    ask_object(host, &questions[0], ROW("running", OLD));
    host_failed(host, LOST);
    struct response r = expect_response(host, 200);
    const struct sn_json *run = sn_json_get(r.json, "run");
    assert_true(sn_json_bool(sn_json_get(r.json, "stale")));
    assert_string_equal(member(run, "id"), RUN);
    assert_string_equal(member(run, "status"), "running");
    assert_string_equal(member(run, "createdAt"), "2026-09-21T11:26:40.000Z");
    assert_int_equal(sn_json_type(sn_json_get(run, "endedAt")), SN_JSON_NULL);
    assert_true(sn_json_number(sn_json_get(run, "planned")) == 100);
    assert_true(sn_json_number(sn_json_get(sn_json_get(run, "counts"), "completed")) == 40);

    ask_object(host, &questions[0], ROW("running", OLD));
    host_refused(host, SN_E_MISSING, "");
    assert_true(sn_json_bool(sn_json_get(expect_response(host, 200).json, "stale")));
    host_close(host);
}

/* A row is data too: what does not belong into its columns is no trap. */
static void strange_rows(void **state) {
    (void)state;
    static const char *const rows[] = {
        "[{\"rows\":[{}],\"changes\":0}]",
        "[{\"rows\":[3],\"changes\":0}]",
        "[{\"rows\":[{\"id\":3,\"created_at\":1e300,\"started_at\":-1e300,\"status\":null}],\"changes\":0}]",
        "[{\"rows\":[{\"created_at\":\"now\",\"name\":\"\\u0001\\\"\xc3\xa9\"}],\"changes\":0}]",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        ask_object(host, &questions[0], rows[i]);
        host_failed(host, LOST);
        expect_response(host, 200);
        host_close(host);
    }
}

static void a_row_too_long_to_keep(void **state) {
    (void)state;
    struct host *host = host_open();
    char *row = malloc(9100), *name = malloc(9001);
    memset(name, 'n', 9000);
    name[9000] = '\0';
    snprintf(row, 9100, "[{\"rows\":[{\"id\":\"%s\",\"name\":\"%s\"}],\"changes\":0}]", RUN, name);
    ask_object(host, &questions[0], row);
    host_failed(host, LOST);
    expect_problem(host, 503, "run.unreachable", "");
    free(name);
    free(row);
    host_close(host);
}

/* --- Reports ----------------------------------------------------------------------------------------------- */

static void reports_are_handed_on(void **state) {
    (void)state;
    static const struct {
        const char *target, *type, *text, *answer;
        uint32_t format;
    } rows[] = {{PATH "/report", "application/json", "{\"schema\":\"sentinel.report/1\"}",
                 "{\"schema\":\"sentinel.report/1\",\"comparison\":null}", SN_REPORT_JSON},
                {PATH "/report?format=json", "application/json", "{\"a\":1}\n", "{\"a\":1,\"comparison\":null}\n",
                 SN_REPORT_JSON},
                {PATH "/report?format=text", "text/plain; charset=utf-8", "valid\n\n100 %\n", "valid\n\n100 %\n",
                 SN_REPORT_TEXT}};
    for (size_t i = 0; i < 3; i++) {
        struct host *host = host_open();
        host_get(host, rows[i].target);
        host_done(host, ROW("completed", OLD));
        struct sn_reader r = expect_message(host, RUN, SN_MESSAGE_REPORT);
        assert_int_equal(sn_get_u32(&r), rows[i].format);
        host_done(host, rows[i].text);
        struct response response = expect_response(host, 200);
        assert_string_equal(member(response.headers, "content-type"), rows[i].type);
        assert_int_equal(response.body.len, strlen(rows[i].answer));
        assert_memory_equal(response.body.data, rows[i].answer, response.body.len);
        host_close(host);
    }
}

struct failure {
    enum sn_status status; /* SN_OK: not reached */
    uint32_t http;
    const char *code;
};

static void reports_that_there_are_not(void **state) {
    (void)state;
    static const struct failure rows[] = {
        {SN_E_STATE, 409, "report.early"},         {SN_E_MISSING, 404, "report.missing"},
        {SN_E_LIMIT, 500, "internal.answer-size"}, {SN_E_VERSION, 503, "run.unreadable"},
        {SN_OK, 503, "run.unreachable"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        ask_object(host, &questions[1], ROW("pending", OLD));
        host_answer(host, rows[i].status == SN_OK ? SN_EVENT_FAILED : SN_EVENT_DONE, rows[i].status, LOST);
        expect_problem(host, rows[i].http, rows[i].code, "");
        host_close(host);
    }
}

/* Whether there never was one, or it is lost: the row knows whether the object has ever written it. */
static void why_there_is_no_report(void **state) {
    (void)state;
    static const char *const says[] = {"never set up", "is gone"};
    for (int revision = 0; revision < 2; revision++) {
        struct host *host = host_open();
        char row[160];
        snprintf(row, sizeof row,
                 "[{\"rows\":[{\"id\":\"" RUN "\",\"revision\":%d,\"created_at\":" OLD "}],\"changes\":0}]", revision);
        ask_object(host, &questions[1], row);
        host_refused(host, SN_E_MISSING, "");
        struct response r = expect_problem(host, 404, "report.missing", "");
        assert_non_null(strstr(member(r.json, "detail"), says[revision]));
        host_close(host);
    }
}

static void a_report_that_does_not_fit(void **state) {
    (void)state;
    struct host *host = host_open();
    char *text = malloc(5001);
    memset(text, ' ', 5000);
    text[5000] = '\0';
    ask_object(host, &questions[1], ROW("completed", OLD));
    host->outbox_cap = 4096;
    host_done(host, text);
    expect_problem(host, 500, "internal.answer-size", "");
    free(text);
    host_close(host);
}

static void watching_is_handed_to_the_run(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, PATH "/live");
    host_done(host, ROW("running", OLD));
    expect_problem(host, 426, "live.upgrade", "");
    host_call(host, &(struct call){.method = "GET", .target = PATH "/live", .websocket = true});
    host_done(host, ROW("running", OLD));
    const struct effect *effect = only_effect(host, SN_EFFECT_UPGRADE);
    assert_int_equal(effect->payload.len, sizeof RUN - 1);
    assert_memory_equal(effect->payload.data, RUN, sizeof RUN - 1);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_of_another_tenant_is_unknown),
        cmocka_unit_test(the_database_fails_first),
        cmocka_unit_test(reading_asks_the_run),
        cmocka_unit_test(a_silent_run_is_read_from_its_row),
        cmocka_unit_test(strange_rows),
        cmocka_unit_test(a_row_too_long_to_keep),
        cmocka_unit_test(reports_are_handed_on),
        cmocka_unit_test(reports_that_there_are_not),
        cmocka_unit_test(why_there_is_no_report),
        cmocka_unit_test(a_report_that_does_not_fit),
        cmocka_unit_test(watching_is_handed_to_the_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
