#include "api_harness.h"

/* Idempotency-Key: the same request may come twice and creates one run. */

#define ID "ffffffff-ffff-4fff-bfff-ffffffffffff"
#define PLAN "{\"name\":\"First light\",\"preset\":\"smoke\"}"
#define START "{\"name\":\"First light\",\"preset\":\"smoke\",\"startImmediately\":true}"
#define PAST "{\"preset\":\"smoke\",\"scheduledAt\":\"2026-09-21T14:13:00Z\"}"
#define STATE "{\"id\":\"" OTHER_RUN "\",\"status\":\"running\"}"
#define NO_ROWS "[{\"rows\":[],\"changes\":0}]"
#define USED "Error: D1_ERROR: UNIQUE constraint failed: sentinel_idempotency.tenant_id, sentinel_idempotency.key"
#define BUSY "Error: D1_ERROR: UNIQUE constraint failed: sentinel_runs.tenant_id"
#define LOST "Error: Network connection lost."

static char values[140000];
static char hash[32]; /* of the body that was sent last */

static const enum sn_sql batch[] = {SN_SQL_KEY_EXPIRE, SN_SQL_KEY_INSERT, SN_SQL_RUN_INSERT, SN_SQL_AUDIT_INSERT};

static void send(struct host *host, const char *body) {
    host_call(host, &(struct call){.method = "POST", .target = "/api/sentinel", .body = body, .key = "order 66"});
    expect_batch(host, batch, 4, values, sizeof values);
    const char *at = strstr(values, "default|order 66|1789913600000000 ; default|order 66|");
    assert_ptr_equal(at, values); /* a key that is a day old makes way */
    at += strlen("default|order 66|1789913600000000 ; default|order 66|");
    memcpy(hash, at, 24);
    assert_memory_equal(at + 24, "|" ID "|1790000000000000 ; " ID "|default|", 20);
}

static void give_key(struct host *host, const char *body_hash, const char *run_id) {
    char text[256];
    expect_sql(host, SN_SQL_KEY_GET, values, sizeof values);
    assert_string_equal(values, "default|order 66|1789913600000000");
    snprintf(text, sizeof text, "[{\"rows\":[{\"body_hash\":\"%s\",\"run_id\":\"%s\"}],\"changes\":0}]", body_hash,
             run_id);
    host_done(host, text);
}

static void give_row(struct host *host, const char *run_id) {
    char text[256];
    expect_sql(host, SN_SQL_RUN_GET, values, sizeof values);
    snprintf(text, sizeof text, "[{\"rows\":[{\"id\":\"%s\",\"status\":\"pending\"}],\"changes\":0}]", run_id);
    host_done(host, text);
}

static void a_new_key_creates_a_run(void **state) {
    (void)state;
    struct host *host = host_open();
    send(host, PLAN);
    host_done(host, NO_ROWS);
    expect_message(host, ID, SN_MESSAGE_CREATE);
    host_done(host, STATE);
    struct response r = expect_response(host, 201);
    assert_null(sn_json_get(r.headers, "idempotent-replayed"));
    host_close(host);
}

static void expect_replay(struct host *host, bool stale) {
    struct response r = expect_response(host, 201);
    assert_string_equal(member(r.headers, "idempotent-replayed"), "true");
    assert_string_equal(member(r.headers, "location"), "/api/sentinel/" OTHER_RUN);
    assert_string_equal(member(sn_json_get(r.json, "run"), "id"), OTHER_RUN);
    assert_int_equal(sn_json_bool(sn_json_get(r.json, "stale")), stale);
}

static void a_key_that_comes_again_gives_the_same_run(void **state) {
    (void)state;
    struct host *host = host_open();
    send(host, START);
    host_failed(host, USED);
    give_key(host, hash, OTHER_RUN);
    give_row(host, OTHER_RUN);
    expect_message(host, OTHER_RUN, SN_MESSAGE_READ);
    host_done(host, STATE);
    expect_replay(host, false);

    send(host, START); /* at the same instant: the run of the first is still on the way to its object */
    host_failed(host, USED);
    give_key(host, hash, OTHER_RUN);
    give_row(host, OTHER_RUN);
    host_refused(host, SN_E_MISSING, "");
    expect_replay(host, true);

    host_get(host, "/api/sentinel/" RUN); /* and the next request is no repetition */
    give_row(host, RUN);
    host_done(host, STATE);
    assert_null(sn_json_get(expect_response(host, 200).headers, "idempotent-replayed"));
    host_close(host);
}

static void another_body_is_refused(void **state) {
    (void)state;
    struct host *host = host_open();
    send(host, PLAN);
    char first[32];
    memcpy(first, hash, sizeof first);
    send(host, START);
    assert_memory_not_equal(first, hash, 24);
    host_failed(host, USED);
    give_key(host, first, OTHER_RUN);
    expect_problem(host, 422, "idempotency.mismatch", "");
    host_close(host);
}

/* What the batch failed for is found out by asking. */
static void a_batch_that_fails_otherwise(void **state) {
    (void)state;
    struct host *host = host_open();
    send(host, START); /* it had worked, and its answer was lost */
    host_failed(host, LOST);
    give_key(host, hash, ID);
    expect_message(host, ID, SN_MESSAGE_CREATE);

    send(host, START); /* another run is active */
    host_failed(host, BUSY);
    host_done(host, NO_ROWS);
    expect_sql(host, SN_SQL_RUN_ACTIVE, values, sizeof values);
    host_done(host, "[{\"rows\":[{\"id\":\"" OTHER_RUN "\"}],\"changes\":0}]");
    expect_problem(host, 429, "run.active", "");

    send(host, PLAN);
    host_failed(host, LOST);
    host_done(host, NO_ROWS);
    expect_problem(host, 503, "database.unreachable", "");

    static const char *const answers[] = {
        "", "[{\"rows\":[{}]}]", "[{\"rows\":[{\"body_hash\":1,\"run_id\":2}]}]",
        "[{\"rows\":[{\"body_hash\":\"\",\"run_id\":\"0123456789012345678901234567890123456789\"}]}]"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        send(host, PLAN);
        host_failed(host, USED);
        host_done(host, answers[i]);
        expect_problem(host, 503, "database.unreachable", "");
    }

    send(host, PLAN); /* its run was deleted this very moment */
    host_failed(host, USED);
    give_key(host, hash, OTHER_RUN);
    host_done(host, NO_ROWS);
    expect_problem(host, 404, "run.unknown", "");
    host_close(host);
}

/* The same request later is still the same request, though its time has passed; a new one comes too late. */
static void a_time_that_has_passed(void **state) {
    (void)state;
    struct call call = {.method = "POST", .target = "/api/sentinel", .body = PAST, .key = "order 66"};
    struct host *host = host_open();
    host_call(host, &call);
    expect_sql(host, SN_SQL_KEY_GET, values, sizeof values);
    host_done(host, NO_ROWS);
    expect_problem(host, 400, "plan.range", "$.scheduledAt");

    host_call(host, &call);
    give_key(host, "something else", OTHER_RUN);
    expect_problem(host, 422, "idempotency.mismatch", "");
    char known[32];
    struct sn_writer w = sn_writer(known, sizeof known);
    sn_put_hex(&w, sn_hash64(PAST, strlen(PAST)), 16);
    sn_put_hex(&w, strlen(PAST), 8);
    sn_put_u8(&w, 0);
    host_call(host, &call);
    give_key(host, known, OTHER_RUN);
    give_row(host, OTHER_RUN);
    host_done(host, STATE);
    expect_replay(host, false);
    host_close(host);
}

static void keys_have_a_form(void **state) {
    (void)state;
    char longest[256], longer[257];
    memset(longest, 'k', 255);
    memset(longer, 'k', 256);
    longest[255] = longer[256] = '\0';
    const struct {
        const char *key;
        bool good;
    } rows[] = {{"k", true},   {" ~", true},     {longest, true},     {longer, false}, {"", false},
                {"\t", false}, {"a\x7f", false}, {"\xc3\xa9", false}, {"a\nb", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        struct call call = {.method = "POST", .target = "/api/sentinel", .body = PLAN, .key = rows[i].key};
        host_call(host, &call);
        if (rows[i].good)
            expect_batch(host, batch, 4, values, sizeof values);
        else
            expect_problem(host, 400, "header.value", "");
        call.target = "/api/sentinel/" RUN; /* where it means nothing */
        call.body = "{\"action\":\"start\"}";
        host_call(host, &call);
        expect_sql(host, SN_SQL_RUN_GET, NULL, 0);
        host_close(host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_key_creates_a_run), cmocka_unit_test(a_key_that_comes_again_gives_the_same_run),
        cmocka_unit_test(another_body_is_refused), cmocka_unit_test(a_batch_that_fails_otherwise),
        cmocka_unit_test(a_time_that_has_passed),  cmocka_unit_test(keys_have_a_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
