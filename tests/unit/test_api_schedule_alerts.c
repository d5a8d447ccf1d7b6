#include "outside_help.h"

/* What a schedule says of maintenance and alerts: checked as in a plan, and in force when the tick starts its run. */

#define PATH "/api/sentinel/schedules"
#define BODY(more) "{\"name\":\"n\",\"cron\":\"0 4 * * *\",\"plan\":{\"preset\":\"smoke\"}" more "}"
#define ALERTS(hook) BODY(",\"alerts\":{\"webhooks\":[" hook "]}")
#define HOOK "{\"url\":\"https://hooks.example/a\"}"
#define STATE "{\"status\":\"running\",\"stage\":\"arm\"}"

static void post(struct host *host, const char *body, bool configured) {
    struct call call = {.method = "POST", .target = PATH, .body = body};
    if (configured) memcpy(call.outside, outside, sizeof outside);
    host_call(host, &call);
}

static void both_are_kept_as_they_came(void **state) {
    (void)state;
    static const enum sn_sql insertion[] = {SN_SQL_SCHEDULE_INSERT, SN_SQL_SCHEDULE_AUDIT, SN_SQL_SCHEDULE_GET};
    struct host *host = host_open();
    post(host, BODY(",\"maintenance\": {\"component\" : \"api\"}, \"alerts\": {\"webhooks\" : [" HOOK "]} "), true);
    expect_batch(host, insertion, 3, values, sizeof values);
    assert_non_null(strstr(values, "|{\"component\" : \"api\"}|{\"webhooks\" : [" HOOK "]}|1|1790049600|"));
    host_close(host);
}

static void both_are_checked_as_in_a_plan(void **state) {
    static const struct {
        const char *body, *code, *path;
    } rows[] = {
        {ALERTS("{\"url\":\"https://evil.example/\"}"), "plan.target", "$.alerts.webhooks[0].url"},
        {ALERTS(HOOK ",{\"to\":\"nobody\"}"), "plan.target", "$.alerts.webhooks[1].to"},
        {ALERTS("{\"url\":\"https://hooks.example/\",\"events\":[\"begun\"]}"), "plan.value",
         "$.alerts.webhooks[0].events[0]"},
        {BODY(",\"alerts\":{}"), "plan.missing", "$.alerts"},
        {BODY(",\"alerts\":7"), "plan.type", "$.alerts"},
        {BODY(",\"maintenance\":{}"), "plan.missing", "$.maintenance.component"},
        {BODY(",\"maintenance\":{\"component\":\"A B\"}"), "plan.value", "$.maintenance.component"},
        {BODY(",\"maintenance\":{\"component\":\"api\",\"enabled\":true}"), "plan.unknown-field",
         "$.maintenance.enabled"},
    };
    (void)state;
    struct host *host = host_open();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        post(host, rows[i].body, true);
        expect_problem(host, 400, rows[i].code, rows[i].path);
    }
    post(host, ALERTS(HOOK), false); /* no secret to sign them with, and no Clearing */
    expect_problem(host, 400, "plan.target", "$.alerts");
    post(host, BODY(",\"maintenance\":{\"component\":\"api\"}"), false);
    expect_problem(host, 400, "plan.target", "$.maintenance");
    host_close(host);
}

/* --- The tick --------------------------------------------------------------------------------------------------- */

#define DUE                                                                                                     \
    "{\"id\":\"" RUN "\",\"tenant_id\":\"default\",\"cron_expression\":\"0 4 * * *\",\"dialect\":\"standard\"," \
    "\"timezone\":\"UTC\",\"overlap\":\"queue\",\"catch_up\":\"skip\",\"jitter_seconds\":0,\"revision\":7,"     \
    "\"next_run_at\":1790049600,\"failed_starts\":0,\"waiting\":0,\"busy\":"
#define PLAN_READ                                                                                   \
    "[{\"rows\":[],\"changes\":1},{\"rows\":[],\"changes\":1},{\"rows\":[{\"name\":\"n\",\"plan\":" \
    "\"{\\\"preset\\\":\\\"smoke\\\"}\",\"replaces_run_id\":null}]}]"

/* Up to where the run's row is written; gives the run's id. */
static const char *claimed(struct host *host, const char *busy) {
    static const enum sn_sql start[] = {SN_SQL_SCHEDULE_RUN_INSERT, SN_SQL_SCHEDULE_CLAIM, SN_SQL_SCHEDULE_PLAN};
    static char run_id[37];
    char text[1024];
    host->now_us = INT64_C(1790049660) * SN_SECOND_US;
    host_tick_with(host, outside, values, sizeof values);
    snprintf(text, sizeof text,
             "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[" DUE
             "%s}]},{\"rows\":[]},{\"rows\":[]},"
             "{\"rows\":[]}]",
             busy);
    host_done(host, text);
    expect_batch(host, start, 3, values, sizeof values);
    memcpy(run_id, values, 36);
    host_done(host, PLAN_READ);
    return run_id;
}

static void maintenance_is_on_before_the_tick_starts_a_run(void **state) {
    (void)state;
    struct host *host = host_open();
    const char *run_id = claimed(host, "0");
    expect_sql(host, SN_SQL_MAINTENANCE_ASKED, values, sizeof values);
    assert_string_equal(values, run_id);
    host_done(host, "[{\"rows\":[{\"tenant_id\":\"default\",\"component\":\"api\",\"message\":null}]}]");
    assert_non_null(strstr(fetched(host), "/api/status GET "));
    answer_http(host, 200, "", PAGE("operational"));
    expect_sql(host, SN_SQL_MAINTENANCE_PUT, values, sizeof values);
    host_done(host, CHANGED);
    assert_non_null(strstr(fetched(host), "\"componentStatus\":\"maintenance\""));
    answer_http(host, 200, "", "{}");
    expect_sql(host, SN_SQL_MAINTENANCE_SET, values, sizeof values);
    host_done(host, CHANGED);
    expect_message(host, run_id, SN_MESSAGE_CREATE);
    host_done(host, STATE);
    expect_batch(host, (const enum sn_sql[]){SN_SQL_SCHEDULE_STARTED, SN_SQL_SCHEDULE_AUDIT}, 2, values, sizeof values);
    host_done(host, "[]");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

/* It has its maintenance when the other has ended, like every run that is due (test_api_upkeep.c). */
static void a_run_that_waits_has_none_yet(void **state) {
    (void)state;
    struct host *host = host_open();
    const char *run_id = claimed(host, "1");
    expect_message(host, run_id, SN_MESSAGE_CREATE);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_are_kept_as_they_came),
        cmocka_unit_test(both_are_checked_as_in_a_plan),
        cmocka_unit_test(maintenance_is_on_before_the_tick_starts_a_run),
        cmocka_unit_test(a_run_that_waits_has_none_yet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
