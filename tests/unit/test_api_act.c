#include "api_run.h"

/* Starting, steering and cancelling. */

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
    host_done(host, CHANGED("1"));
    expect_response(host, 200);
    host_close(host);
}

/* It is tried again with the same time, so that a row whose answer alone was lost is written once; and at last logged. */
static void what_is_not_written_down_is_logged(void **state) {
    (void)state;
    for (int good = 1; good <= 4; good++) { /* the attempt that works; the fourth there is not */
        struct host *host = host_open();
        host_post(host, PATH, "{\"action\":\"scale\",\"factor\":2.5}");
        host_done(host, ROW("running", OLD));
        host_done(host, STATE("running"));
        for (int attempt = 1; attempt <= 3 && attempt <= good; attempt++) {
            expect_sql(host, SN_SQL_AUDIT_INSERT, values, sizeof values);
            assert_string_equal(values, "1790000000000000|default|admin|scale|" RUN "|factor 2.5");
            host->now_us += 5000;
            if (attempt == good)
                host_done(host, CHANGED("1"));
            else
                host_failed(host, LOST);
        }
        static const char told[] = "2026-09-21T14:13:20.000Z default admin scale factor 2.5: " LOST;
        if ((strstr(host->logged, told) != NULL) != (good == 4)) fail_msg("logged: %s", host->logged);
        expect_response(host, 200); /* the run does it all the same */
        host_close(host);
    }
}

/* Every action that the run has accepted, the second time too, when it changes nothing: who, when, what, and how far.  A key
 * of idempotency is no part of it. */
static void what_steering_asked_for_is_written_down(void **state) {
    (void)state;
    static const struct {
        const char *body, *told;
        enum sn_message message;
    } rows[] = {
        {"{\"action\":\"scale\",\"factor\":0.25}", "|scale|" RUN "|factor 0.25", SN_MESSAGE_SCALE},
        {"{\"action\":\"extend\",\"durationSeconds\":90}", "|extend|" RUN "|durationSeconds 90", SN_MESSAGE_EXTEND},
        {"{\"action\":\"pause\"}", "|pause|" RUN "|null", SN_MESSAGE_PAUSE},
        {"{\"action\":\"resume\"}", "|resume|" RUN "|null", SN_MESSAGE_RESUME},
        {"{\"action\":\"cancel\"}", "|cancel|" RUN "|null", SN_MESSAGE_CANCEL}};
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        char told[120];
        const char *key = i % 2 == 1 ? "the-same-key" : NULL;
        host_call(host, &(struct call){.method = "POST", .target = PATH, .body = rows[i / 2].body, .key = key});
        host_done(host, ROW("running", OLD));
        expect_message(host, RUN, rows[i / 2].message);
        host_done(host, STATE("running"));
        expect_sql(host, SN_SQL_AUDIT_INSERT, values, sizeof values);
        snprintf(told, sizeof told, "1790000000000000|default|admin%s", rows[i / 2].told);
        assert_string_equal(values, told);
        host_done(host, CHANGED("1"));
        expect_response(host, 200);
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

#define UNWRITTEN(created)                                                                                       \
    "[{\"rows\":[{\"id\":\"" RUN "\",\"status\":\"pending\",\"active\":1,\"revision\":0,\"created_at\":" created \
    "}],\"changes\":0}]"

static void runs_that_no_object_knows(void **state) {
    (void)state;
    for (size_t i = 2; i < QUESTIONS_LEN; i++) {
        struct host *host = host_open();
        ask_object(host, &questions[i], UNWRITTEN("1789999941")); /* 59 s old: being created, perhaps */
        host_refused(host, SN_E_MISSING, "");
        expect_problem(host, 503, "run.not-ready", "");
        ask_object(host, &questions[i], UNWRITTEN("1789999940"));
        host_refused(host, SN_E_MISSING, "");
        expect_abandoned(host, values, sizeof values);
        assert_non_null(strstr(values, "|1790000000|0|error ; ")); /* fenced by the revision that was read */
        host_done(host, CHANGED("1"));
        expect_problem(host, 409, "run.lost", "");
        host_close(host);
    }
}

/* Their objects have written the row, so they were lost, or are stored in another version.  The row stays as it is: while it
 * is active the tick finds it, and sweeps up. */
static void runs_that_their_objects_have_lost(void **state) {
    (void)state;
    static const char *const ages[] = {ROW("running", OLD), ROW("running", "1789999990")};
    for (size_t i = 2; i < QUESTIONS_LEN; i++) {
        struct host *host = host_open();
        ask_object(host, &questions[i], ages[i % 2]);
        host_refused(host, SN_E_MISSING, "");
        struct response r = expect_problem(host, 409, "run.lost", "");
        assert_non_null(strstr(member(r.json, "detail"), "another version"));
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
        cmocka_unit_test(actions_are_told_to_the_run),
        cmocka_unit_test(what_is_not_written_down_is_logged),
        cmocka_unit_test(what_steering_asked_for_is_written_down),
        cmocka_unit_test(states_that_are_none),
        cmocka_unit_test(a_start_needs_the_one_place),
        cmocka_unit_test(actions_in_the_wrong_state),
        cmocka_unit_test(refusals_say_what_is_possible),
        cmocka_unit_test(actions_that_are_not_heard),
        cmocka_unit_test(runs_that_no_object_knows),
        cmocka_unit_test(runs_that_their_objects_have_lost),
        cmocka_unit_test(bodies_that_name_no_action),
        cmocka_unit_test(steering_too_far_is_refused_by_the_object),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
