#include "api_harness.h"

/* DELETE /api/sentinel/:id: the object forgets first, then the row goes. */

#define PATH "/api/sentinel/" RUN
#define ROW(created) "[{\"rows\":[{\"id\":\"" RUN "\",\"revision\":7,\"created_at\":" created "}],\"changes\":0}]"
#define OLD "1789990000"
#define NO_ROWS "[{\"rows\":[],\"changes\":0}]"
#define DELETED(n) "[{\"rows\":[],\"changes\":1},{\"rows\":[],\"changes\":" n "},{\"rows\":[],\"changes\":0}]"
#define LOST "Error: Network connection lost."

static char values[1024];

static void ask(struct host *host, const char *row) {
    host_call(host, &(struct call){.method = "DELETE", .target = PATH});
    expect_sql(host, SN_SQL_RUN_GET, values, sizeof values);
    assert_string_equal(values, RUN "|default");
    host_done(host, row);
}

static void expect_deletion(struct host *host) {
    static const enum sn_sql batch[] = {SN_SQL_AUDIT_INSERT, SN_SQL_RUN_DELETE, SN_SQL_KEY_FORGET};
    expect_batch(host, batch, 3, values, sizeof values);
    assert_string_equal(values, "1790000000000000|default|admin|delete|" RUN "|null ; " RUN "|default ; " RUN);
}

static void a_run_that_is_over_is_deleted(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host, ROW(OLD));
    expect_message(host, RUN, SN_MESSAGE_DELETE);
    host_done(host, "");
    expect_deletion(host);
    host_done(host, DELETED("1"));
    expect_response(host, 204);

    ask(host, NO_ROWS); /* once more */
    expect_problem(host, 404, "run.unknown", "");

    ask(host, ROW(OLD)); /* two at once: the other was quicker */
    host_done(host, "");
    host_done(host, DELETED("0"));
    expect_problem(host, 404, "run.unknown", "");
    host_close(host);
}

/* The object had forgotten it when the database went away. */
static void a_run_whose_row_alone_is_left(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host, ROW(OLD));
    host_refused(host, SN_E_MISSING, "");
    expect_deletion(host);
    host_failed(host, LOST);
    expect_problem(host, 503, "database.unreachable", "");

    ask(host, "[{\"rows\":[{\"id\":\"" RUN "\",\"active\":1,\"created_at\":" OLD "}],\"changes\":0}]");
    host_refused(host, SN_E_MISSING, ""); /* lost while it was under way: the tick needs the row to clean up */
    struct response r = expect_problem(host, 409, "run.sweeping", "");
    assert_string_equal(member(r.headers, "retry-after"), "120");

    ask(host, ROW("1789999941")); /* its creation may still be on the way */
    host_refused(host, SN_E_MISSING, "");
    expect_problem(host, 503, "run.not-ready", "");
    host_close(host);
}

struct refusal {
    enum sn_status status; /* SN_OK: not reached */
    const char *state;
    uint32_t http;
    const char *code, *run_status, *retry_after, *says;
};

static const struct refusal refusals[] = {
    {SN_E_STATE, "{\"status\":\"running\",\"endedAt\":null}", 409, "run.state", "running", "", "Cancel it first"},
    {SN_E_STATE, "{\"status\":\"pending\"}", 409, "run.state", "pending", "",
     "Cancel it first"}, /* it begins just now */
    {SN_E_STATE, "", 409, "run.state", "", "", "Cancel it first"},
    {SN_E_STATE, "{\"status\":\"completed\",\"endedAt\":\"soon\"}", 409, "run.state", "completed", "", "Cancel it"},
    /* The present is 2026-09-21T14:13:20. */
    {SN_E_STATE, "{\"status\":\"completed\",\"endedAt\":\"2026-09-21T14:13:00.500Z\"}", 409, "run.sweeping",
     "completed", "45", "at 2026-09-21T14:14:00.500Z"},
    {SN_E_STATE, "{\"status\":\"cancelled\",\"endedAt\":\"2026-09-21T14:12:20.000Z\"}", 409, "run.sweeping",
     "cancelled", "5", "just now"},
    {SN_E_STATE, "{\"status\":\"failed\",\"endedAt\":\"2026-09-20T14:12:20.000Z\"}", 409, "run.sweeping", "failed", "5",
     "just now"},
    {SN_E_VERSION, "", 503, "run.unreadable", "", "5", ""},
    {SN_OK, LOST, 503, "run.unreachable", "", "5", ""},
};

static void what_is_not_over_stays(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *row = &refusals[i];
        struct host *host = host_open();
        ask(host, ROW(OLD));
        host_answer(host, row->status == SN_OK ? SN_EVENT_FAILED : SN_EVENT_DONE, row->status, row->state);
        struct response r = expect_problem(host, row->http, row->code, "");
        assert_string_equal(member(r.json, "runStatus"), row->run_status);
        assert_string_equal(member(r.headers, "retry-after"), row->retry_after);
        assert_non_null(strstr(member(r.json, "detail"), row->says));
        host_close(host);
    }
}

static void answers_that_are_none(void **state) {
    (void)state;
    static const char *const answers[] = {"",        "[]",      "[{\"changes\":1}]", "[{},{\"changes\":-1}]",
                                          "[1,2,3]", "nonsense"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct host *host = host_open();
        ask(host, ROW(OLD));
        host_done(host, "");
        host_done(host, answers[i]);
        expect_problem(host, 503, "database.unreachable", "");
        host_close(host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_is_over_is_deleted),
        cmocka_unit_test(a_run_whose_row_alone_is_left),
        cmocka_unit_test(what_is_not_over_stays),
        cmocka_unit_test(answers_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
