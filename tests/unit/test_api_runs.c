#include "api_harness.h"

/* Reading, reporting, watching, starting and cancelling. */

#define PATH "/api/sentinel/" RUN
/* As the database has it: created long ago, unless `created` says otherwise. */
#define ROW(status, created)                                                                                        \
    "[{\"rows\":[{\"id\":\"" RUN "\",\"name\":\"a\",\"description\":null,\"profile_type\":\"sustained\","           \
    "\"preset\":\"smoke\",\"plan_hash\":\"00ff\",\"status\":\"" status "\",\"validity\":\"unknown\","               \
    "\"verdict\":\"none\",\"active\":1,\"revision\":7,\"target_operations\":100,\"duration_seconds\":30,"           \
    "\"concurrency\":5,\"successful_operations\":40,\"failed_operations\":2,\"notes\":null,\"created_at\":" created \
    ",\"started_at\":1789999000,\"completed_at\":null,\"updated_at\":1789999001}],\"changes\":0}]"
#define OLD "1789990000"
#define NO_ROWS "[{\"rows\":[],\"changes\":0}]"
#define CHANGED(n) "[{\"rows\":[],\"changes\":" n "}]"
#define STATE(status) "{\"id\":\"" RUN "\",\"status\":\"" status "\"}"
#define LOST "Error: Network connection lost."

static char values[4096];

struct question {
    const char *method, *target, *body;
    enum sn_message message;
};

/* What asks an object, and what it asks. */
static const struct question questions[] = {
    {"GET", PATH, NULL, SN_MESSAGE_READ},
    {"GET", PATH "/report", NULL, SN_MESSAGE_REPORT},
    {"POST", PATH, "{\"action\":\"cancel\"}", SN_MESSAGE_CANCEL},
    {"POST", PATH, "{\"action\":\"start\"}", SN_MESSAGE_START},
    {"POST", PATH, "{\"action\":\"pause\"}", SN_MESSAGE_PAUSE},
    {"POST", PATH, "{\"action\":\"resume\"}", SN_MESSAGE_RESUME},
    {"POST", PATH, "{\"factor\":0.01,\"action\":\"scale\"}", SN_MESSAGE_SCALE},
    {"POST", PATH, "{\"action\":\"extend\",\"durationSeconds\":3600}", SN_MESSAGE_EXTEND},
};
#define QUESTIONS_LEN (sizeof questions / sizeof questions[0])

static void ask(struct host *host, const struct question *question) {
    host_call(host, &(struct call){.method = question->method, .target = question->target, .body = question->body});
}

/* Up to the question to the object. */
static void ask_object(struct host *host, const struct question *question, const char *row) {
    ask(host, question);
    host_done(host, row);
    if (question->message == SN_MESSAGE_START) host_done(host, CHANGED("1"));
    expect_message(host, RUN, question->message);
}

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
        const char *target, *type, *text;
        uint32_t format;
    } rows[] = {{PATH "/report", "application/json", "{\"schema\":\"sentinel.report/1\"}", SN_REPORT_JSON},
                {PATH "/report?format=json", "application/json", "{\"a\":1}", SN_REPORT_JSON},
                {PATH "/report?format=text", "text/plain; charset=utf-8", "valid\n\n100 %\n", SN_REPORT_TEXT}};
    for (size_t i = 0; i < 3; i++) {
        struct host *host = host_open();
        host_get(host, rows[i].target);
        host_done(host, ROW("completed", OLD));
        struct sn_reader r = expect_message(host, RUN, SN_MESSAGE_REPORT);
        assert_int_equal(sn_get_u32(&r), rows[i].format);
        host_done(host, rows[i].text);
        struct response response = expect_response(host, 200);
        assert_string_equal(member(response.headers, "content-type"), rows[i].type);
        assert_int_equal(response.body.len, strlen(rows[i].text));
        assert_memory_equal(response.body.data, rows[i].text, response.body.len);
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
    const struct effect *effect = only_effect(host, SN_EFFECT_UPGRADE);
    assert_int_equal(effect->payload.len, sizeof RUN - 1);
    assert_memory_equal(effect->payload.data, RUN, sizeof RUN - 1);
    host_close(host);
}

/* --- Actions ------------------------------------------------------------------------------------------------- */

static void actions_are_told_to_the_run(void **state) {
    (void)state;
    struct host *host = host_open();
    ask_object(host, &questions[2], ROW("running", OLD));
    host_done(host, STATE("draining"));
    expect_sql(host, SN_SQL_AUDIT_INSERT, values, sizeof values);
    assert_string_equal(values, "1790000000000000|default|admin|cancel|" RUN "|null");
    host_done(host, CHANGED("1"));
    assert_string_equal(member(sn_json_get(expect_response(host, 200).json, "run"), "status"), "draining");

    ask(host, &questions[3]);
    host_done(host, ROW("pending", OLD));
    expect_sql(host, SN_SQL_RUN_ACTIVATE, values, sizeof values);
    assert_string_equal(values, RUN "|default|1790000000");
    host_done(host, CHANGED("1"));
    expect_message(host, RUN, SN_MESSAGE_START);
    host_done(host, STATE("running"));
    expect_sql(host, SN_SQL_AUDIT_INSERT, values, sizeof values);
    host_failed(host, LOST); /* the run has started all the same */
    expect_response(host, 200);
    host_close(host);
}

static void what_steering_asked_for_is_written_down(void **state) {
    (void)state;
    static const struct {
        const char *body, *told;
    } rows[] = {{"{\"action\":\"scale\",\"factor\":0.25}", "|scale|" RUN "|factor 0.25"},
                {"{\"action\":\"extend\",\"durationSeconds\":90}", "|extend|" RUN "|durationSeconds 90"},
                {"{\"action\":\"pause\"}", "|pause|" RUN "|null"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        host_post(host, PATH, rows[i].body);
        host_done(host, ROW("running", OLD));
        host_done(host, STATE("running"));
        expect_sql(host, SN_SQL_AUDIT_INSERT, values, sizeof values);
        assert_non_null(strstr(values, rows[i].told));
        host_close(host);
    }
}

/* An action that was accepted is written down also when its answer is nothing that could be handed on. */
static void states_that_are_none(void **state) {
    (void)state;
    char *large = malloc(9001);
    memset(large, ' ', 9000);
    memcpy(large, "{}", 2);
    large[9000] = '\0';
    const char *const states[] = {"", "null", "{", large};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct host *host = host_open();
        ask_object(host, &questions[2], ROW("running", OLD));
        host_done(host, states[i]);
        expect_sql(host, SN_SQL_AUDIT_INSERT, NULL, 0);
        host_done(host, CHANGED("1"));
        expect_problem(host, 503, "run.unreadable", "");
        host_close(host);
    }
    free(large);
}

static void a_start_needs_the_one_place(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host, &questions[3]);
    host_done(host, ROW("pending", OLD));
    host_failed(host, "Error: D1_ERROR: UNIQUE constraint failed: sentinel_runs.tenant_id");
    expect_sql(host, SN_SQL_RUN_ACTIVE, values, sizeof values);
    host_done(host, "[{\"rows\":[{\"id\":\"" OTHER_RUN "\"}],\"changes\":0}]");
    assert_string_equal(member(expect_problem(host, 429, "run.active", "").json, "activeRunId"), OTHER_RUN);

    ask(host, &questions[3]); /* the UPDATE had worked, its answer was lost */
    host_done(host, ROW("pending", OLD));
    host_failed(host, LOST);
    host_done(host, "[{\"rows\":[{\"id\":\"" RUN "\"}],\"changes\":0}]");
    expect_message(host, RUN, SN_MESSAGE_START);
    host_close(host);
}

static void actions_in_the_wrong_state(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host, &questions[3]); /* the row is no longer pending: the run need not be asked */
    host_done(host, ROW("completed", OLD));
    host_done(host, CHANGED("0"));
    expect_problem(host, 409, "run.state", "");
    for (size_t i = 2; i < QUESTIONS_LEN; i++) {
        ask_object(host, &questions[i], ROW("pending", OLD));
        host_refused(host, SN_E_STATE, STATE("completed"));
        assert_string_equal(member(expect_problem(host, 409, "run.state", "").json, "runStatus"), "completed");
        ask_object(host, &questions[i], ROW("pending", OLD));
        host_refused(host, SN_E_STATE, "");
        expect_problem(host, 409, "run.state", "");
    }
    host_close(host);
}

static void refusals_say_what_is_possible(void **state) {
    (void)state;
    static const struct {
        const char *action, *state, *ending;
    } rows[] = {
        {"pause", "{\"status\":\"running\",\"stage\":\"prepare\"}",
         " Its status is \"running\", its stage \"prepare\": now it can be told to cancel."},
        {"start", "{\"status\":\"paused\",\"stage\":\"load\"}",
         " Its status is \"paused\", its stage \"load\": now it can be told to resume or to scale or to extend or to cancel."},
        {"cancel", "{\"status\":\"draining\",\"stage\":\"cleanup\"}",
         " Its status is \"draining\", its stage \"cleanup\"."},
        /* Too near to the end of the load: the status would allow it. */
        {"pause", "{\"status\":\"running\",\"stage\":\"load\"}",
         "before its end. Its status is \"running\", its stage \"load\"."},
        {"pause", "{\"status\":\"running\",\"stage\":\"dreaming\"}", "up to two seconds before its end."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        char body[64];
        snprintf(body, sizeof body, "{\"action\":\"%s\"}", rows[i].action);
        host_post(host, PATH, body);
        host_done(host, ROW("pending", OLD));
        if (strcmp(rows[i].action, "start") == 0) host_done(host, CHANGED("1"));
        host_refused(host, SN_E_STATE, rows[i].state);
        const char *detail = member(expect_problem(host, 409, "run.state", "").json, "detail");
        size_t len = strlen(rows[i].ending);
        assert_true(strlen(detail) > len);
        assert_string_equal(detail + strlen(detail) - len, rows[i].ending);
        host_close(host);
    }
}

static void actions_that_are_not_heard(void **state) {
    (void)state;
    for (size_t i = 2; i < QUESTIONS_LEN; i++) {
        struct host *host = host_open();
        ask_object(host, &questions[i], ROW("pending", OLD));
        host_failed(host, LOST); /* not asked again, since it may have been heard */
        expect_problem(host, 503, "run.unreachable", "");
        host_close(host);
    }
}

static void runs_that_no_object_knows(void **state) {
    (void)state;
    for (size_t i = 2; i < QUESTIONS_LEN; i++) {
        struct host *host = host_open();
        ask_object(host, &questions[i], ROW("pending", "1789999941")); /* 59 s old: being created, perhaps */
        host_refused(host, SN_E_MISSING, "");
        expect_problem(host, 503, "run.not-ready", "");
        ask_object(host, &questions[i], ROW("pending", "1789999940"));
        host_refused(host, SN_E_MISSING, "");
        expect_abandoned(host, values, sizeof values);
        assert_non_null(strstr(values, "|1790000000|7")); /* fenced by the revision that was read */
        host_done(host, CHANGED("1"));
        expect_problem(host, 409, "run.lost", "");
        host_close(host);
    }
}

struct bad {
    const char *body, *code, *path, *expected; /* expected: a part of the sentence */
};

#define ACTIONS "one of start, pause, resume, scale, extend, cancel"

static void bodies_that_name_no_action(void **state) {
    (void)state;
    static const struct bad rows[] = {
        {"", "json.syntax", "$", "a value, but the text ends here, at byte 0"},
        {"null", "body.type", "$", "an object"},
        {"\"start\"", "body.type", "$", "an object"},
        {"[\"start\"]", "body.type", "$", "an object"},
        {"{\"action\":\"start\"", "json.syntax", "$", "the end of the object, at byte 17"},
        {"{}", "body.missing", "$.action", ACTIONS},
        {"{\"action\":\"stop\"}", "body.range", "$.action", ACTIONS},
        {"{\"factor\":2}", "body.missing", "$.action", ACTIONS},
        {"{\"action\":\"pause\",\"factor\":2}", "body.unknown-field", "$.factor", "\"action\" and nothing else"},
        {"{\"action\":\"scale\"}", "body.missing", "$.factor", "0.01 to 100"},
        {"{\"action\":\"scale\",\"factor\":\"2\"}", "body.type", "$.factor", "0.01 to 100"},
        {"{\"action\":\"scale\",\"factor\":0.009}", "body.range", "$.factor", "0.01 to 100"},
        {"{\"action\":\"scale\",\"factor\":100.1}", "body.range", "$.factor", "0.01 to 100"},
        {"{\"action\":\"scale\",\"durationSeconds\":9}", "body.unknown-field", "$.durationSeconds", "\"factor\""},
        {"{\"action\":\"extend\",\"durationSeconds\":0}", "body.range", "$.durationSeconds", "up to 3600"},
        {"{\"action\":\"extend\",\"durationSeconds\":9.5}", "body.range", "$.durationSeconds", "up to 3600"},
        {"{\"action\":\"extend\",\"durationSeconds\":3601}", "body.range", "$.durationSeconds", "up to 3600"},
        {"{\"action\":\"Start\"}", "body.range", "$.action", ACTIONS},
        {"{\"action\":\"\"}", "body.range", "$.action", ACTIONS},
        {"{\"action\":null}", "body.type", "$.action", ACTIONS},
        {"{\"action\":[\"start\"]}", "body.type", "$.action", ACTIONS},
        {"{\"action\":\"start\",\"action\":\"cancel\"}", "json.duplicate-name", "$.action", "each name once"},
        {"{\"action\":\"start\",\"force\":true}", "body.unknown-field", "$.force", "nothing else"},
        {"{\"x y\":1,\"action\":\"start\"}", "body.unknown-field", "$[\"x y\"]", "nothing else"},
        {"{\"\xc3\xa9\\n\":1,\"action\":\"start\"}", "body.unknown-field", "$[\"\xc3\xa9?\"]", "nothing else"},
        {"{\"action\":\"start\xff\"}", "json.syntax", "$", "text in UTF-8, at byte 16"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        host_post(host, PATH, rows[i].body);
        struct response r = expect_problem(host, 400, rows[i].code, rows[i].path);
        assert_non_null(strstr(member(r.json, "expected"), rows[i].expected));
        host_close(host);
    }
}

/* The object knows how far it has come, so it refuses what would pass a plan's bounds. */
static void steering_too_far_is_refused_by_the_object(void **state) {
    (void)state;
    static const struct {
        const char *body;
        enum sn_status status;
        uint32_t answer;
        const char *code, *path;
    } rows[] = {
        {"{\"action\":\"scale\",\"factor\":50}", SN_E_RANGE, 400, "run.bounds", "$.factor"},
        {"{\"action\":\"extend\",\"durationSeconds\":9}", SN_E_RANGE, 400, "run.bounds", "$.durationSeconds"},
        {"{\"action\":\"scale\",\"factor\":50}", SN_E_LIMIT, 409, "run.epochs", ""},
        {"{\"action\":\"pause\"}", SN_E_LIMIT, 409, "run.epochs", ""},
        {"{\"action\":\"pause\"}", SN_E_STATE, 409, "run.state", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        host_post(host, PATH, rows[i].body);
        host_done(host, ROW("running", "1790000000"));
        host_refused(host, rows[i].status, STATE("running"));
        expect_problem(host, rows[i].answer, rows[i].code, rows[i].path);
        host_close(host);
    }
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
        cmocka_unit_test(a_report_that_does_not_fit),
        cmocka_unit_test(watching_is_handed_to_the_run),
        cmocka_unit_test(actions_are_told_to_the_run),
        cmocka_unit_test(what_steering_asked_for_is_written_down),
        cmocka_unit_test(states_that_are_none),
        cmocka_unit_test(a_start_needs_the_one_place),
        cmocka_unit_test(actions_in_the_wrong_state),
        cmocka_unit_test(refusals_say_what_is_possible),
        cmocka_unit_test(actions_that_are_not_heard),
        cmocka_unit_test(runs_that_no_object_knows),
        cmocka_unit_test(bodies_that_name_no_action),
        cmocka_unit_test(steering_too_far_is_refused_by_the_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
