#include "outside_help.h"

/* A run that starts has its component in maintenance before; and the outbox as people see it. */

#define STATE "{\"status\":\"running\",\"stage\":\"arm\"}"
#define ASKED "[{\"rows\":[{\"tenant_id\":\"default\",\"component\":\"api\",\"message\":null}]}]"
#define PLAN "{\"preset\":\"smoke\",\"startImmediately\":true,\"maintenance\":{\"component\":\"api\"}}"
#define NEW_RUN "ffffffff-ffff-4fff-bfff-ffffffffffff"

static void create(struct host *host) {
    struct call call = {.method = "POST", .target = "/api/sentinel", .body = PLAN};
    memcpy(call.outside, outside, sizeof outside);
    host_call(host, &call);
    expect_batch(host, (const enum sn_sql[]){SN_SQL_RUN_INSERT, SN_SQL_AUDIT_INSERT}, 2, NULL, 0);
    host_done(host, "[{\"rows\":[],\"changes\":1},{\"rows\":[],\"changes\":1}]");
    expect_sql(host, SN_SQL_MAINTENANCE_ASKED, values, sizeof values);
    assert_string_equal(values, NEW_RUN);
}

static void maintenance_is_on_before_the_run(void **state) {
    (void)state;
    struct host *host = host_open();
    create(host);
    host_done(host, ASKED);
    assert_non_null(strstr(fetched(host), "/api/status GET "));
    answer_http(host, 200, "", PAGE("degraded"));
    expect_sql(host, SN_SQL_MAINTENANCE_PUT, values, sizeof values);
    assert_string_equal(values, NEW_RUN "|default|api|degraded|wanted|1790000000000000|null");
    host_done(host, CHANGED);
    const char *text = fetched(host);
    assert_non_null(strstr(text, "/api/sentinel POST {"));
    assert_non_null(strstr(text, "\"idempotency-key\":\"" NEW_RUN ".1790000000000000\""));
    assert_non_null(strstr(text, "\"componentStatus\":\"maintenance\""));
    answer_http(host, 200, "", "{}");
    expect_sql(host, SN_SQL_MAINTENANCE_SET, values, sizeof values);
    assert_string_equal(values, NEW_RUN "|1790000000000000|on|null");
    host_done(host, CHANGED);
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);
    host_done(host, STATE);
    expect_response(host, 201);
    host_close(host);
}

/* Whatever goes wrong, the run starts; and what cannot be restored is not touched. */
static void the_run_starts_whatever_becomes_of_it(void **state) {
    (void)state;
    struct host *host = host_open();
    create(host); /* the plan asks for nothing, or the database is away */
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);

    create(host); /* its state cannot be learnt */
    host_done(host, ASKED);
    host_failed(host, TIMEOUT);
    expect_sql(host, SN_SQL_MAINTENANCE_PUT, values, sizeof values);
    assert_string_equal(values, NEW_RUN
                        "|default|api|null|failed|1790000000000000|the component's state was not read: no answer");
    host_done(host, CHANGED);
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);

    create(host); /* it cannot be written down */
    host_done(host, ASKED);
    answer_http(host, 200, "", PAGE("operational"));
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);

    create(host); /* somebody else's maintenance is on */
    host_done(host, ASKED);
    answer_http(host, 200, "", PAGE("maintenance"));
    expect_sql(host, SN_SQL_MAINTENANCE_PUT, values, sizeof values);
    assert_string_equal(values, NEW_RUN "|default|api|maintenance|on|1790000000000000|null");
    host_done(host, CHANGED);
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);

    create(host); /* the Clearing does not take it */
    host_done(host, ASKED);
    answer_http(host, 200, "", PAGE("operational"));
    host_done(host, CHANGED);
    answer_http(host, 503, "", "");
    expect_sql(host, SN_SQL_MAINTENANCE_SET, values, sizeof values);
    assert_string_equal(values, NEW_RUN "|1790000000000000|failed|the Clearing did not take it: HTTP 503");
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);
    host_close(host);
}

/* What the Worker could not do for the plan is said before anything is stored; parts of a secret are none. */
static void what_is_not_configured_is_refused(void **state) {
    static char endless[1200];
    static const struct {
        const char *body, *path, *names;
        int lacks; /* of `outside` */
    } rows[] = {
        {PLAN, "$.maintenance", NULL, 4},
        {PLAN, "$.maintenance", NULL, 5},
        {"{\"preset\":\"smoke\",\"alerts\":{\"webhooks\":[{\"to\":\"ops\"}]}}", "$.alerts", NULL, 2},
        {"{\"preset\":\"smoke\",\"alerts\":{\"webhooks\":[{\"to\":\"ops\"}]}}", "$.alerts.webhooks[0].to", "", 1},
        {"{\"preset\":\"smoke\",\"alerts\":{\"webhooks\":[{\"to\":\"ops\"}]}}", "$.alerts.webhooks[0].to", "{", 1},
        {"{\"preset\":\"smoke\",\"alerts\":{\"webhooks\":[{\"to\":\"ops\"}]}}", "$.alerts", endless, 2},
    };
    (void)state;
    memset(endless, 'x', sizeof endless - 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        struct call call = {.method = "POST", .target = "/api/sentinel", .body = rows[i].body};
        memcpy(call.outside, outside, sizeof outside);
        call.outside[rows[i].lacks] = rows[i].names;
        host_call(host, &call);
        expect_problem(host, 400, "plan.target", rows[i].path);
        host_close(host);
    }
}

/* Whoever starts a run. */
static void people_and_the_tick_do_the_same(void **state) {
    static const struct {
        const char *asked;
        bool component;
    } rows[] = {{ASKED, true},
                {"[{\"rows\":[{\"tenant_id\":\"default\",\"component\":null}]}]", false},
                {"[{\"rows\":[]}]", false}};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        struct call call = {.method = "POST", .target = "/api/sentinel/" RUN, .body = "{\"action\":\"start\"}"};
        memcpy(call.outside, outside, sizeof outside);
        if (i % 2 == 0) {
            host_call(host, &call);
            host_done(host, "[{\"rows\":[{\"id\":\"" RUN "\",\"status\":\"pending\",\"revision\":1}]}]");
        } else {
            host_tick_with(host, outside, values, sizeof values);
            host_done(host, "[{\"rows\":[]},{\"rows\":[{\"id\":\"" RUN
                            "\",\"tenant_id\":\"default\",\"scheduled_at\":1790000000,"
                            "\"revision\":1,\"updated_at\":1789999000}]},{\"rows\":[]},{\"rows\":[]}]");
        }
        host_done(host, CHANGED);
        expect_sql(host, SN_SQL_MAINTENANCE_ASKED, values, sizeof values);
        assert_string_equal(values, RUN);
        host_done(host, rows[i / 2].asked);
        if (rows[i / 2].component) {
            assert_non_null(strstr(fetched(host), "/api/status GET "));
            answer_http(host, 200, "", PAGE("operational"));
            host_done(host, CHANGED);
            assert_non_null(strstr(fetched(host), "\"componentStatus\":\"maintenance\""));
            host_failed(host, TIMEOUT);
            host_done(host, CHANGED);
        }
        expect_message(host, RUN, SN_MESSAGE_START);
        host_close(host);
    }
}

/* --- People ------------------------------------------------------------------------------------------------- */

#define ROW                                                                                                              \
    "{\"id\":\"" ID                                                                                                      \
    "\",\"run_id\":null,\"target\":\"webhook\",\"event\":\"finished\",\"url\":\"https://hooks.example/a?b\","            \
    "\"format\":\"json\",\"state\":\"dead\",\"created_us\":1790000000000000,\"due_us\":1790000060000000,\"attempts\":5," \
    "\"error\":\"HTTP 500\"}"

static void the_outbox_is_listed(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, "/api/sentinel/outbox?state=dead");
    expect_sql(host, SN_SQL_OUTBOX_LIST, values, sizeof values);
    assert_string_equal(values, "default|dead");
    host_done(host, "[{\"rows\":[" ROW "]}]");
    struct response response = expect_response(host, 200);
    const struct sn_json *message = sn_json_first(sn_json_get(response.json, "messages"));
    assert_string_equal(member(message, "to"), "hooks.example"); /* what stands behind the host may be secret */
    assert_string_equal(member(message, "dueAt"), "2026-09-21T14:14:20.000Z");
    assert_true(sn_json_number(sn_json_get(message, "attempts")) == 5);
    host_get(host, "/api/sentinel/outbox");
    expect_sql(host, SN_SQL_OUTBOX_LIST, values, sizeof values);
    assert_string_equal(values, "default|null");
    host_failed(host, "Error: D1_ERROR: no such table: sentinel_outbox");
    expect_problem(host, 503, "database.not-migrated", "");
    host_get(host, "/api/sentinel/outbox?state=gone");
    expect_problem(host, 400, "query.range", "?state");
    host_close(host);
}

static void a_message_is_sent_again(void **state) {
    static const struct {
        const char *body, *code, *path;
    } bad[] = {{"[]", "body.type", "$"},
               {"{}", "body.missing", "$.action"},
               {"{\"action\":7}", "body.type", "$.action"},
               {"{\"action\":\"burn\"}", "body.range", "$.action"},
               {"{\"action\":\"resend\",\"now\":true}", "body.unknown-field", "$.now"},
               {"{", "json.syntax", "$"}};
    (void)state;
    struct host *host = host_open();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        host_post(host, "/api/sentinel/outbox/" ID, bad[i].body);
        expect_problem(host, 400, bad[i].code, bad[i].path);
    }
    host_post(host, "/api/sentinel/outbox/" ID, "{\"action\":\"resend\"}");
    expect_sql(host, SN_SQL_OUTBOX_RESEND, values, sizeof values);
    assert_string_equal(values, ID "|default|1790000000000000");
    host_done(host, "[{\"rows\":[" ROW "]}]");
    expect_sql(host, SN_SQL_AUDIT_INSERT, values, sizeof values);
    assert_string_equal(values, "1790000000000000|default|admin|resend|null|" ID);
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    struct response response = expect_response(host, 200);
    assert_string_equal(member(sn_json_get(response.json, "message"), "id"), ID);
    host_post(host, "/api/sentinel/outbox/" ID, "{\"action\":\"resend\"}");
    host_done(host, NO_CHANGE);
    expect_problem(host, 404, "message.unknown", "");
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(maintenance_is_on_before_the_run),
        cmocka_unit_test(the_run_starts_whatever_becomes_of_it),
        cmocka_unit_test(what_is_not_configured_is_refused),
        cmocka_unit_test(people_and_the_tick_do_the_same),
        cmocka_unit_test(the_outbox_is_listed),
        cmocka_unit_test(a_message_is_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
