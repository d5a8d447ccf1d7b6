#include "api_harness.h"

/* Everything is stopped: one batch decides, then the runs are told one after the other. */

#define PATH "/api/sentinel/stop-all"
#define FIRST "0f0f0f0f-1111-4222-8333-444444444400"
#define SECOND "0f0f0f0f-1111-4222-8333-444444444401"
#define NOTHING "{\"rows\":[],\"changes\":0}"
#define RUN_ROW_FOR(reason, id, name, status, of) \
    "{\"id\":\"" id "\",\"name\":\"" name "\",\"status\":\"" status "\",\"stop_reason\":" reason ",\"stopping\":" of "}"
#define RUN_ROW(id, name, status, of) RUN_ROW_FOR("null", id, name, status, of)
#define TWO_RUNS RUN_ROW(FIRST, "a", "running", "2") "," RUN_ROW(SECOND, "b", "pending", "2")
#define ANSWER(runs, schedules)                                                         \
    "[" NOTHING "," NOTHING "," NOTHING ",{\"rows\":[" runs "],\"changes\":0}," NOTHING \
    ",{\"rows\":[],\"changes\":" schedules "}]"

static char values[4096];

static void ask(struct host *host, const char *body) {
    host_call(host, &(struct call){.method = "POST", .target = PATH, .body = body});
}

static void expect_all(struct host *host) {
    static const enum sn_sql batch[] = {SN_SQL_AUDIT_INSERT,  SN_SQL_STOP_AUDIT_RUNS,      SN_SQL_STOP_RUNS,
                                        SN_SQL_RUNS_STOPPING, SN_SQL_STOP_AUDIT_SCHEDULES, SN_SQL_STOP_SCHEDULES};
    expect_batch(host, batch, 6, values, sizeof values);
}

static void expect_told(struct host *host, const char *id, const char *reason) {
    struct sn_reader message = expect_message(host, id, SN_MESSAGE_STOP);
    struct sn_span span = sn_get_span(&message);
    assert_int_equal(span.len, strlen(reason));
    assert_memory_equal(span.data, reason, span.len);
}

static void expect_answer(struct host *host, const char *json) {
    struct response response = expect_response(host, 200);
    assert_int_equal(response.body.len, strlen(json));
    assert_memory_equal(response.body.data, json, response.body.len);
}

static void runs_are_marked_and_told(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host, NULL);
    expect_all(host);
    assert_string_equal(values,
                        "1790000000000000|default|admin|stop-all|null|null ; "
                        "1790000000000000|default|admin|stop-all|null ; default|1790000000|null ; default ; "
                        "1790000000000000|default|admin|stop-all|null ; default|Everything was stopped.|1790000000");
    host_done(host, ANSWER(TWO_RUNS, "3"));
    expect_told(host, FIRST, "");
    host_done(host, "{\"status\":\"draining\",\"stage\":\"load\"}");
    expect_told(host, SECOND, "");
    host_done(host, "{\"status\":\"cancelled\",\"stage\":\"done\"}");
    expect_answer(
        host, "{\"runs\":[{\"id\":\"" FIRST "\",\"name\":\"a\",\"status\":\"draining\",\"told\":true},{\"id\":\"" SECOND
              "\",\"name\":\"b\",\"status\":\"cancelled\",\"told\":true}],\"runsToTell\":0,\"schedulesPaused\":3}");
    host_close(host);
}

static void the_reason_goes_everywhere(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host, "{\"reason\":\"an incident\"}");
    expect_all(host);
    assert_string_equal(
        values,
        "1790000000000000|default|admin|stop-all|null|an incident ; "
        "1790000000000000|default|admin|stop-all|an incident ; default|1790000000|an incident ; default ; "
        "1790000000000000|default|admin|stop-all|an incident ; default|Everything was stopped: an incident|1790000000");
    host_done(host, ANSWER(RUN_ROW_FOR("\"an incident\"", FIRST, "a", "running", "1"), "0"));
    expect_told(host, FIRST, "an incident");
    host_close(host);
}

/* A run that was stopped before, and has not been reached until now, hears what its audit says. */
static void the_first_reason_holds(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host, "{\"reason\":\"the next one\"}");
    host_done(host, ANSWER(RUN_ROW_FOR("\"an incident\"", FIRST, "a", "running",
                                       "2") "," RUN_ROW_FOR("\"the next one\"", SECOND, "b", "running", "2"),
                           "0"));
    expect_told(host, FIRST, "an incident");
    host_done(host, "{\"status\":\"draining\",\"stage\":\"load\"}");
    expect_told(host, SECOND, "the next one");
    host_close(host);
}

static void schedules_can_be_kept(void **state) {
    static const enum sn_sql batch[] = {SN_SQL_AUDIT_INSERT, SN_SQL_STOP_AUDIT_RUNS, SN_SQL_STOP_RUNS,
                                        SN_SQL_RUNS_STOPPING};
    (void)state;
    struct host *host = host_open();
    ask(host, "{\"schedules\":\"keep\"}");
    expect_batch(host, batch, 4, values, sizeof values);
    host_done(host, "[" NOTHING "," NOTHING "," NOTHING "," NOTHING "]");
    expect_answer(host, "{\"runs\":[],\"runsToTell\":0,\"schedulesPaused\":0}");
    host_close(host);
}

/* What an object says of itself counts; one that says nothing is left to the tick, and holds up no other. */
static void some_are_not_reached(void **state) {
    static const struct {
        enum sn_status status; /* SN_OK: the call failed */
        const char *said, *told;
    } rows[] = {
        {SN_OK, "Error: Network connection lost.", "\"running\",\"told\":false"},
        {SN_E_MISSING, "", "\"running\",\"told\":false"},
        {SN_E_STATE, "{\"status\":\"completed\",\"stage\":\"done\"}", "\"completed\",\"told\":true"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        char expected[400];
        bool told = rows[i].status == SN_E_STATE;
        ask(host, "{}");
        host_done(host, ANSWER(TWO_RUNS, "0"));
        expect_told(host, FIRST, "");
        if (rows[i].status == SN_OK)
            host_failed(host, rows[i].said);
        else
            host_refused(host, rows[i].status, rows[i].said);
        assert_int_equal(strstr(host->logged, "stop") != NULL, !told);
        expect_told(host, SECOND, "");
        host_done(host, "{\"status\":\"cancelled\",\"stage\":\"done\"}");
        snprintf(expected, sizeof expected,
                 "{\"runs\":[{\"id\":\"" FIRST "\",\"name\":\"a\",\"status\":%s},{\"id\":\"" SECOND
                 "\",\"name\":\"b\",\"status\":\"cancelled\",\"told\":true}],\"runsToTell\":%d,\"schedulesPaused\":0}",
                 rows[i].told, !told);
        expect_answer(host, expected);
        host_close(host);
    }
}

/* More than one request tells: the others are counted, and the tick's. */
static void many_runs(void **state) {
    (void)state;
    struct host *host = host_open();
    char *rows = rows_of_runs(25, "\"name\":\"a\",\"status\":\"pending\",\"stopping\":31"),
         *text = malloc(strlen(rows) + 512);
    ask(host, NULL);
    sprintf(text, ANSWER("%s", "0"), rows);
    host_done(host, text);
    for (int i = 0; i < 20; i++) {
        only_effect(host, SN_EFFECT_CALL_OBJECT);
        host_done(host, "{\"status\":\"cancelled\",\"stage\":\"done\"}");
    }
    struct response response = expect_response(host, 200);
    assert_int_equal(sn_json_count(sn_json_get(response.json, "runs")), 20);
    assert_true(sn_json_number(sn_json_get(response.json, "runsToTell")) == 11);
    free(text);
    free(rows);
    host_close(host);
}

static void without_a_database_nothing_is_said_to_be_done(void **state) {
    static const char *const answers[] = {"nonsense", "[]", "[" NOTHING "]", ANSWER("", "null")};
    (void)state;
    for (size_t i = 0; i <= sizeof answers / sizeof *answers; i++) {
        struct host *host = host_open();
        ask(host, NULL);
        if (i == sizeof answers / sizeof *answers)
            host_failed(host, "Error: D1_ERROR: no such column: stop_asked_at");
        else
            host_done(host, answers[i]);
        expect_response(host, 503);
        host_close(host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_are_marked_and_told),
        cmocka_unit_test(the_reason_goes_everywhere),
        cmocka_unit_test(the_first_reason_holds),
        cmocka_unit_test(schedules_can_be_kept),
        cmocka_unit_test(some_are_not_reached),
        cmocka_unit_test(many_runs),
        cmocka_unit_test(without_a_database_nothing_is_said_to_be_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
