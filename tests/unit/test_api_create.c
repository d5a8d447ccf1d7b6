#include "api_harness.h"

#include "sentinel/plan/plan.h"

/* POST /api/sentinel, from the body to 201 and every way in which it can go wrong. */

/* The sixteen random bytes are all ones: version and variant show. */
#define ID "ffffffff-ffff-4fff-bfff-ffffffffffff"
#define PLAN "{\"name\":\"First light\",\"preset\":\"smoke\",\"description\":\"d\"}"
#define START "{\"name\":\"First light\",\"preset\":\"smoke\",\"startImmediately\":true}"
#define STATE "{\"id\":\"" ID "\",\"status\":\"pending\",\"stage\":\"idle\"}"
#define UNIQUE "Error: D1_ERROR: UNIQUE constraint failed: sentinel_runs.tenant_id: SQLITE_CONSTRAINT"
#define ROWS(id) "[{\"rows\":[{\"id\":\"" id "\"}],\"changes\":0}]"

static char values[140000];

static void expect_closed(struct host *host) {
    expect_abandoned(host, values, sizeof values);
    assert_memory_equal(values, ID "|", sizeof ID);
    assert_non_null(strstr(values, "|1790000000|0|error ; " ID));
}

static void expect_inserted(struct host *host) {
    static const enum sn_sql batch[] = {SN_SQL_RUN_INSERT, SN_SQL_AUDIT_INSERT};
    expect_batch(host, batch, 2, values, sizeof values);
}

static void happy_path(void **state) {
    (void)state;
    struct host *host = host_open();
    host_post(host, "/api/sentinel", PLAN);
    expect_inserted(host);
    assert_memory_equal(values, ID "|default|First light|d|sustained|smoke|100|30|5|[\"", sizeof ID + 46);
    assert_non_null(strstr(values, "|null|" PLAN "|")); /* not active, and the plan as it was sent */
    assert_non_null(strstr(values, "|api|1790000000|null ; 1790000000000000|default|admin|create|" ID "|null"));
    host_done(host, "[{\"rows\":[],\"changes\":1}]");

    struct sn_reader r = expect_message(host, ID, SN_MESSAGE_CREATE);
    assert_int_equal(sn_get_u32(&r), 0);
    struct sn_span bytes = sn_get_span(&r);
    assert_false(r.bad);
    assert_int_equal(sn_reader_left(&r), 0);
    uint8_t *aligned = aligned_alloc(16, (bytes.len + 15) / 16 * 16);
    static struct sn_plan plan;
    memcpy(aligned, bytes.data, bytes.len);
    assert_int_equal(sn_plan_open(&plan, aligned, bytes.len), SN_OK);
    assert_string_equal(plan.run_id, ID);
    assert_string_equal(plan.tenant, "default");
    free(aligned);

    host_done(host, STATE);
    struct response response = expect_response(host, 201);
    assert_string_equal(member(response.headers, "location"), "/api/sentinel/" ID);
    assert_string_equal(member(sn_json_get(response.json, "run"), "id"), ID);
    host_close(host);
}

static void start_immediately_claims_the_one_place(void **state) {
    (void)state;
    struct host *host = host_open();
    host_post(host, "/api/sentinel", START);
    expect_inserted(host);
    assert_non_null(strstr(values, "|1|{\"name\""));
    assert_non_null(strstr(values, "|create|" ID "|startImmediately"));
    host_done(host, "[{\"rows\":[],\"changes\":1}]");
    struct sn_reader r = expect_message(host, ID, SN_MESSAGE_CREATE);
    assert_int_equal(sn_get_u32(&r), 1);
    host_done(host, STATE);
    expect_response(host, 201);
    host_close(host);
}

static void one_active_run_at_a_time(void **state) {
    (void)state;
    struct host *host = host_open();
    host_post(host, "/api/sentinel", START);
    host_failed(host, UNIQUE);
    expect_sql(host, SN_SQL_RUN_ACTIVE, values, sizeof values);
    assert_string_equal(values, "default");
    host_done(host, ROWS(OTHER_RUN));
    struct response r = expect_problem(host, 429, "run.active", "");
    assert_string_equal(member(r.json, "activeRunId"), OTHER_RUN);
    assert_string_equal(member(r.headers, "retry-after"), "30");
    host_close(host);
}

/* The INSERT worked and its answer was lost: the active run is our own. */
static void an_insert_whose_answer_was_lost(void **state) {
    (void)state;
    struct host *host = host_open();
    host_post(host, "/api/sentinel", START);
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    host_done(host, ROWS(ID));
    expect_message(host, ID, SN_MESSAGE_CREATE);
    host_close(host);
}

static void the_database_fails(void **state) {
    (void)state;
    struct host *host = host_open();
    host_post(host, "/api/sentinel", PLAN); /* nothing to be in the way of: no second question */
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    expect_problem(host, 503, "database.unreachable", "");

    host_post(host, "/api/sentinel", START);
    host_failed(host, "Error: D1_ERROR: no such table: sentinel_runs");
    host_failed(host, "Error: D1_ERROR: no such table: sentinel_runs");
    expect_problem(host, 503, "database.not-migrated", "");

    host_post(host, "/api/sentinel", START); /* the one that was in the way has ended meanwhile */
    host_failed(host, UNIQUE);
    host_done(host, "[{\"rows\":[],\"changes\":0}]");
    expect_problem(host, 503, "database.unreachable", "");
    host_close(host);
}

static void an_object_that_is_not_reached(void **state) {
    (void)state;
    struct host *host = host_open();
    host_post(host, "/api/sentinel", START);
    host_done(host, "[{\"rows\":[],\"changes\":1}]");
    expect_message(host, ID, SN_MESSAGE_CREATE);
    host_failed(host, "Error: Network connection lost.");
    struct sn_reader r = expect_message(host, ID, SN_MESSAGE_CREATE); /* once more, and with the same plan */
    assert_int_equal(sn_get_u32(&r), 1);
    assert_true(sn_get_span(&r).len > 100);
    host_failed(host, "Error: Network connection lost.");
    expect_message(host, ID, SN_MESSAGE_CANCEL); /* one of them may have arrived */
    host_refused(host, SN_E_MISSING, "");
    expect_closed(host);
    host_done(host, "[{\"rows\":[],\"changes\":1}]");
    struct response response = expect_problem(host, 503, "run.unreachable", "");
    assert_string_equal(member(response.headers, "retry-after"), "5");

    host_post(host, "/api/sentinel", START); /* even when the row cannot be closed */
    host_done(host, "[{\"rows\":[],\"changes\":1}]");
    host_failed(host, "x");
    host_failed(host, "x");
    host_failed(host, "x");
    expect_closed(host);
    host_failed(host, "Error: D1_ERROR: gone");
    expect_problem(host, 503, "run.unreachable", "");

    host_post(host, "/api/sentinel", START); /* the second time it works */
    host_done(host, "[{\"rows\":[],\"changes\":1}]");
    host_failed(host, "x");
    host_done(host, STATE);
    expect_response(host, 201);
    host_close(host);
}

/* Then the object is who closes the row, when the run has ended; but the request may be sent again. */
static void an_object_that_has_begun_unheard(void **state) {
    (void)state;
    for (int ended = 0; ended < 2; ended++) {
        struct host *host = host_open();
        host_post(host, "/api/sentinel", START);
        host_done(host, "[{\"rows\":[],\"changes\":1}]");
        host_failed(host, "x");
        if (ended == 0) host_failed(host, "x");
        if (ended == 1) host_refused(host, SN_E_FORMAT, ""); /* a deployment, and the first was heard before it */
        expect_message(host, ID, SN_MESSAGE_CANCEL);
        if (ended == 0) host_done(host, "{\"id\":\"" ID "\",\"status\":\"draining\"}");
        if (ended == 1) host_refused(host, SN_E_STATE, "{\"id\":\"" ID "\",\"status\":\"failed\"}");
        expect_sql(host, SN_SQL_KEY_WITHDRAW, values, sizeof values);
        assert_string_equal(values, ID);
        host_done(host, "[{\"rows\":[],\"changes\":0}]");
        expect_problem(host, 503, "run.unreachable", "");
        host_close(host);
    }
}

struct refusal {
    enum sn_status status;
    uint32_t http;
    const char *code;
};

static void an_object_that_refuses(void **state) {
    (void)state;
    static const struct refusal rows[] = {
        {SN_E_LIMIT, 400, "plan.size"},
        {SN_E_MEMORY, 400, "plan.size"},
        {SN_E_FORMAT, 503, "run.unreachable"}, /* of another version: a deployment is under way */
        {SN_E_VERSION, 503, "run.unreachable"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (int as_failed = 0; as_failed < 2; as_failed++) { /* however the shim hands a refusal on */
            struct host *host = host_open();
            host_post(host, "/api/sentinel", PLAN);
            host_done(host, "[{\"rows\":[],\"changes\":1}]");
            if (as_failed)
                host_answer(host, SN_EVENT_FAILED, rows[i].status, "");
            else
                host_refused(host, rows[i].status, "");
            expect_closed(host); /* and not asked again */
            host_done(host, "[{\"rows\":[],\"changes\":1}]");
            expect_problem(host, rows[i].http, rows[i].code, rows[i].http == 400 ? "$" : "");
            host_close(host);
        }
    }
}

static void an_object_that_talks_nonsense(void **state) {
    (void)state;
    static const char *const answers[] = {"", "null", "[]", "{", "\xff\xff", "{} {}"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct host *host = host_open();
        host_post(host, "/api/sentinel", PLAN);
        host_done(host, "[{\"rows\":[],\"changes\":1}]");
        host_done(host, answers[i]);
        expect_problem(host, 503, "run.unreadable", "");
        host_close(host);
    }
}

struct bad {
    const char *body, *path; /* path NULL: any */
};

static const struct bad bodies[] = {
    {"", "$"},
    {" ", "$"},
    {"null", "$"},
    {"[]", "$"},
    {"3", "$"},
    {"\"smoke\"", "$"},
    {"{", "$"},
    {"{}", NULL},
    {"{\"name\":\"a\",\"preset\":\"smoke\"", "$"},
    {"{\"name\":\"a\",\"preset\":\"smoke\"}}", "$"},
    {"\xef\xbb\xbf{\"name\":\"a\",\"preset\":\"smoke\"}", "$"},
    {"{\"name\":\"\xff\",\"preset\":\"smoke\"}", NULL},
    {"{\"name\":\"a\",\"name\":\"b\",\"preset\":\"smoke\"}", "$.name"},
    {"{\"name\":3,\"preset\":\"smoke\"}", "$.name"},
    {"{\"name\":\"a\",\"preset\":\"smoked\"}", "$.preset"},
    {"{\"name\":\"a\",\"preset\":\"smoke\",\"colour\":1}", "$.colour"},
    {"{\"name\":\"a\",\"preset\":\"smoke\",\"startImmediately\":1}", "$.startImmediately"},
    {"{\"name\":\"a\",\"preset\":\"smoke\",\"startImmediately\":\"true\"}", "$.startImmediately"},
    {"{\"name\":\"a\",\"preset\":\"smoke\",\"startImmediately\":null}", "$.startImmediately"},
    {"{\"name\":\"a\",\"preset\":\"smoke\",\"targetOperations\":0}", "$.targetOperations"},
    {"{\"name\":\"a\",\"preset\":\"smoke\",\"targetOperations\":1e999}", NULL},
    {"{\"name\":\"a\",\"preset\":\"smoke\",\"concurrency\":501}", "$.concurrency"},
};

static void bad_plans_are_refused_by_place(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct host *host = host_open();
        host_post(host, "/api/sentinel", bodies[i].body);
        struct response r = expect_response(host, 400);
        if (bodies[i].path != NULL) assert_string_equal(member(r.json, "path"), bodies[i].path);
        assert_string_not_equal(member(r.json, "path"), "");
        assert_string_not_equal(member(r.json, "expected"), "");
        host_close(host);
    }
}

/* Bodies of the longest length, made to be expensive. */
static void large_nonsense(void **state) {
    (void)state;
    static const char *const patterns[] = {"[",         "{\"a\":", "[1,",     "\"",      "9",
                                           "{\"a\":1,", "[[],",    "\\u0000", "\xc0\x80"};
    for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
        char *body = malloc(65537);
        size_t len = strlen(patterns[i]);
        for (size_t k = 0; k < 65536; k++) body[k] = patterns[i][k % len];
        body[65536] = '\0';
        struct host *host = host_open();
        host_post(host, "/api/sentinel", body);
        expect_response(host, 400);
        host_close(host);
        free(body);
    }
}

/* Every beginning of a plan: 400, but for the whole. */
static void truncated_plans(void **state) {
    (void)state;
    struct host *host = host_open();
    for (size_t len = 1; len < strlen(PLAN); len++) {
        host_call(host, &(struct call){.method = "POST", .target = "/api/sentinel", .body = PLAN, .body_len = len});
        expect_response(host, 400);
    }
    host_close(host);
}

/* A message for which the outbox has no room is told as our fault, in whatever room is left. */
static void scarce_room(void **state) {
    (void)state;
    for (size_t cap = 1024; cap < 16384; cap += 512) {
        struct host *host = host_open();
        host->outbox_cap = cap;
        host_post(host, "/api/sentinel", PLAN);
        if (host->effects[0].record.kind == SN_EFFECT_SQL) {
            host_done(host, "[{\"rows\":[],\"changes\":1}]");
            if (host->effects[0].record.kind == SN_EFFECT_CALL_OBJECT) {
                host_close(host);
                continue;
            }
        }
        expect_problem(host, 500, "internal.question-size", "");
        host_close(host);
    }
}

static void no_random_no_run(void **state) {
    (void)state;
    struct host *host = host_open();
    uint8_t bytes[256];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    static const char authorization[] = "Bearer " TOKEN;
    static const char *const parts[] = {"POST",
                                        "/api/sentinel",
                                        authorization,
                                        TOKEN,
                                        "",
                                        PLAN,
                                        "15 bytes, sadly",
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        "",
                                        ""};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) put_text_span(&w, parts[i]);
    host_event(host, &(struct sn_record){.kind = SN_EVENT_REQUEST}, bytes, w.len);
    expect_problem(host, 500, "internal.random", "");
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(happy_path),
        cmocka_unit_test(start_immediately_claims_the_one_place),
        cmocka_unit_test(one_active_run_at_a_time),
        cmocka_unit_test(an_insert_whose_answer_was_lost),
        cmocka_unit_test(the_database_fails),
        cmocka_unit_test(an_object_that_is_not_reached),
        cmocka_unit_test(an_object_that_has_begun_unheard),
        cmocka_unit_test(an_object_that_refuses),
        cmocka_unit_test(an_object_that_talks_nonsense),
        cmocka_unit_test(bad_plans_are_refused_by_place),
        cmocka_unit_test(large_nonsense),
        cmocka_unit_test(truncated_plans),
        cmocka_unit_test(scarce_room),
        cmocka_unit_test(no_random_no_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
