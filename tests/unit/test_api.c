#include "api_harness.h"

#include "sentinel/service/routes.h"

/* What stands before every handler: routes, tokens, methods, content types, queries; and health. */

struct route {
    const char *method, *target, *body;
    bool asks_nobody; /* it is answered at once */
};

static const struct route routes[] = {
    {"GET", "/api/sentinel/profiles", NULL, true},
    {"POST", "/api/sentinel/plan", "{\"preset\":\"smoke\"}", true},
    {"GET", "/api/sentinel/openapi.json", NULL, true},
    {"GET", "/api/sentinel/metrics", NULL, false},
    {"GET", "/api/sentinel/outbox", NULL, false},
    {"POST", "/api/sentinel/outbox/0123456789abcdef0123456789abcdef", "{\"action\":\"resend\"}", false},
    {"POST", "/api/sentinel/stop-all", NULL, false},
    {"GET", "/api/sentinel", NULL, false},
    {"POST", "/api/sentinel", "{\"name\":\"a\",\"preset\":\"smoke\"}", false},
    {"GET", "/api/sentinel/" RUN, NULL, false},
    {"POST", "/api/sentinel/" RUN, "{\"action\":\"cancel\"}", false},
    {"DELETE", "/api/sentinel/" RUN, NULL, false},
    {"GET", "/api/sentinel/schedules", NULL, false},
    {"POST", "/api/sentinel/schedules", "{\"preset\":\"daily\"}", false},
    {"POST", "/api/sentinel/schedules/preview", "{\"cron\":\"@daily\"}", true},
    {"GET", "/api/sentinel/schedules/" RUN, NULL, false},
    {"PATCH", "/api/sentinel/schedules/" RUN, "{}", false},
    {"DELETE", "/api/sentinel/schedules/" RUN, NULL, false},
    {"POST", "/api/sentinel/schedules/" RUN "/run", NULL, false},
    {"GET", "/api/sentinel/workloads", NULL, true},
    {"GET", "/api/sentinel/workloads/grove", NULL, true},
    {"POST", "/api/sentinel/workloads/check", "{}", true},
    {"GET", "/api/sentinel/baselines", NULL, false},
    {"POST", "/api/sentinel/baselines", "{\"name\":\"a\",\"runs\":[\"" RUN "\"]}", false},
    {"GET", "/api/sentinel/baselines/" RUN, NULL, false},
    {"PATCH", "/api/sentinel/baselines/" RUN, "{\"active\":true}", false},
    {"DELETE", "/api/sentinel/baselines/" RUN, NULL, false},
    {"GET", "/api/sentinel/" RUN "/report", NULL, false},
    {"GET", "/api/sentinel/" RUN "/live", NULL, false},
};
#define ROUTES_LEN (sizeof routes / sizeof routes[0])

struct access {
    const char *authorization, *token, *code; /* code NULL: let in */
};

static const struct access accesses[] = {
    {"Bearer " TOKEN, TOKEN, NULL},
    {"bearer  " TOKEN "  ", TOKEN, NULL}, /* the scheme's case and blanks around do not matter */
    {"", TOKEN, "auth.missing"},
    {"Bearer", TOKEN, "auth.missing"},
    {"Bearer   ", TOKEN, "auth.missing"},
    {"Basic " TOKEN, TOKEN, "auth.missing"},
    {TOKEN, TOKEN, "auth.missing"},
    {"Bearer" TOKEN, TOKEN, "auth.missing"},
    {"Bearer a token of some lengtx", TOKEN, "auth.wrong"},
    {"Bearer a token of some lengt", TOKEN, "auth.wrong"},
    {"Bearer " TOKEN "x", TOKEN, "auth.wrong"},
    {"Bearer \xff\xfe\x01", TOKEN, "auth.wrong"},
    {"Bearer " TOKEN, "", "auth.not-configured"},
    {"", "", "auth.not-configured"},
    {"Bearer ", "", "auth.not-configured"}, /* an empty token is not the empty configuration */
};
#define ACCESSES_LEN (sizeof accesses / sizeof accesses[0])

static void every_route_asks_for_the_token(void **state) {
    (void)state;
    assert_int_equal(ROUTES_LEN, sn_routes_len - 1); /* health is open */
    for (size_t i = 0; i < ROUTES_LEN; i++) {
        for (size_t k = 0; k < ACCESSES_LEN; k++) {
            struct host *host = host_open();
            host_call(host, &(struct call){.method = routes[i].method,
                                           .target = routes[i].target,
                                           .body = routes[i].body,
                                           .authorization = accesses[k].authorization,
                                           .token = accesses[k].token});
            if (accesses[k].code == NULL) {
                only_effect(host, routes[i].asks_nobody ? SN_EFFECT_RESPOND : SN_EFFECT_SQL);
            } else {
                struct response r = expect_problem(host, 401, accesses[k].code, "");
                assert_non_null(strstr(member(r.headers, "www-authenticate"), "Bearer"));
            }
            host_close(host);
        }
    }
}

static void the_way_to_a_token_is_told(void **state) {
    (void)state;
    struct host *host = host_open();
    host_call(host, &(struct call){.method = "GET", .target = "/api/sentinel", .token = ""});
    struct response r = expect_problem(host, 401, "auth.not-configured", "");
    assert_non_null(strstr(member(r.json, "detail"), "wrangler secret put SENTINEL_TOKEN"));
    host_close(host);
}

static void strangers_learn_no_addresses(void **state) {
    (void)state;
    static const char *const targets[] = {"/", "/api/sentinel/nothing/here", "/api/sentinel", "/api/sentinel/x"};
    for (size_t i = 0; i < 4; i++) {
        struct host *host = host_open();
        host_call(host, &(struct call){.method = "PUT", .target = targets[i], .authorization = ""});
        expect_problem(host, 401, "auth.missing", "");
        host_close(host);
    }
}

struct address {
    const char *method, *target;
    uint32_t status;
    const char *code, *allow;
};

static const struct address addresses[] = {
    {"GET", "/", 404, "route.unknown", NULL},
    {"GET", "", 404, "route.unknown", NULL},
    {"GET", "/api/sentinel/", 404, "route.unknown", NULL},
    {"GET", "/api/sentinels", 404, "route.unknown", NULL},
    {"GET", "/api/sentine", 404, "route.unknown", NULL},
    {"GET", "/api/sentinel/" RUN "/", 404, "route.unknown", NULL},
    {"GET", "/api/sentinel/" RUN "/report/x", 404, "route.unknown", NULL},
    {"GET", "/api/sentinel//report", 404, "route.unknown", NULL},
    {"GET", "/API/sentinel", 404, "route.unknown", NULL},
    {"DELETE", "/api/sentinel", 405, "route.method", "GET, POST"},
    {"OPTIONS", "/api/sentinel", 405, "route.method", "GET, POST"},
    {"get", "/api/sentinel", 405, "route.method", "GET, POST"}, /* methods have a case */
    {"", "/api/sentinel", 405, "route.method", "GET, POST"},
    {"PUT", "/api/sentinel/" RUN, 405, "route.method", "GET, POST, DELETE"},
    {"POST", "/api/sentinel/" RUN "/report", 405, "route.method", "GET"},
    {"POST", "/api/sentinel/" RUN "/live", 405, "route.method", "GET"},
    {"POST", "/api/sentinel/health", 405, "route.method", "GET"}, /* and not a run whose id is "health" */
    {"GET", "/api/sentinel/x", 404, "run.unknown", NULL},
    {"GET", "/api/sentinel/0F0F0F0F-1111-4222-8333-444444444444", 404, "run.unknown", NULL},
    {"GET", "/api/sentinel/0f0f0f0f-1111-4222-8333-44444444444", 404, "run.unknown", NULL},
    {"GET", "/api/sentinel/0f0f0f0f-1111-4222-8333-4444444444444", 404, "run.unknown", NULL},
    {"GET", "/api/sentinel/0f0f0f0f01111-4222-8333-444444444444", 404, "run.unknown", NULL},
    {"GET", "/api/sentinel/%30f0f0f0f-1111-4222-8333-444444444444", 404, "run.unknown", NULL},
    {"GET", "/api/sentinel/\xff\x01\x80/report", 404, "run.unknown", NULL},
    {"POST", "/api/sentinel/' OR 1=1 --", 404, "run.unknown", NULL},
};

static void addresses_and_methods(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        struct host *host = host_open();
        host_call(host, &(struct call){.method = addresses[i].method, .target = addresses[i].target, .body = "{}"});
        struct response r = expect_problem(host, addresses[i].status, addresses[i].code, "");
        assert_string_equal(member(r.headers, "allow"), addresses[i].allow != NULL ? addresses[i].allow : "");
        host_close(host);
    }
}

struct query {
    const char *target, *code, *path; /* code NULL: accepted */
};

#define CURSOR   \
    "006ab13b80" \
    "0f0f0f0f111142228333444444444444"

static const struct query queries[] = {
    {"/api/sentinel?", NULL, NULL},
    {"/api/sentinel?&&", NULL, NULL},
    {"/api/sentinel?limit=1", NULL, NULL},
    {"/api/sentinel?limit=100&status=draining", NULL, NULL},
    {"/api/sentinel?limit=007", NULL, NULL},
    {"/api/sentinel?cursor=" CURSOR, NULL, NULL},
    {"/api/sentinel?limit=0", "query.range", "?limit"},
    {"/api/sentinel?limit=101", "query.range", "?limit"},
    {"/api/sentinel?limit=-1", "query.range", "?limit"},
    {"/api/sentinel?limit=abc", "query.range", "?limit"},
    {"/api/sentinel?limit=", "query.range", "?limit"},
    {"/api/sentinel?limit", "query.range", "?limit"},
    {"/api/sentinel?limit=1e1", "query.range", "?limit"},
    {"/api/sentinel?limit=99999999999999999999", "query.range", "?limit"},
    {"/api/sentinel?limit=1&limit=1", "query.duplicate", "?limit"},
    {"/api/sentinel?status=Pending", "query.range", "?status"},
    {"/api/sentinel?status=", "query.range", "?status"},
    {"/api/sentinel?status=gone", "query.range", "?status"},
    {"/api/sentinel?cursor=1", "query.range", "?cursor"},
    {"/api/sentinel?cursor=" CURSOR "0", "query.range", "?cursor"},
    {"/api/sentinel?cursor=006AB13B800f0f0f0f111142228333444444444444", "query.range", "?cursor"},
    {"/api/sentinel?offset=3", "query.unknown", "?offset"},
    {"/api/sentinel?=3", "query.unknown", "?"},
    {"/api/sentinel?LIMIT=3", "query.unknown", "?LIMIT"},
    {"/api/sentinel?limi=3", "query.unknown", "?limi"},
    {"/api/sentinel?\xff\"\n=3", "query.unknown", "??\"?"},
    {"/api/sentinel/" RUN "?x", "query.unknown", "?x"},
    {"/api/sentinel/" RUN "/report?format=json", NULL, NULL},
    {"/api/sentinel/" RUN "/report?format=text", NULL, NULL},
    {"/api/sentinel/" RUN "/report?format=pdf", "query.range", "?format"},
    {"/api/sentinel/" RUN "/report?format=", "query.range", "?format"},
    {"/api/sentinel/" RUN "/report?limit=1", "query.unknown", "?limit"},
    {"/api/sentinel/" RUN "/live?ticket=1", "query.unknown", "?ticket"},
};

static void queries_are_checked(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
        struct host *host = host_open();
        host_get(host, queries[i].target);
        if (queries[i].code == NULL) {
            only_effect(host, SN_EFFECT_SQL);
        } else {
            struct response r = expect_problem(host, 400, queries[i].code, queries[i].path);
            assert_string_not_equal(member(r.json, "expected"), "");
        }
        host_close(host);
    }
}

struct type {
    const char *text;
    bool accepted;
};

static const struct type types[] = {
    {"", true},
    {"application/json", true},
    {"Application/JSON; charset=utf-8", true},
    {"application/json ;charset=utf-8", true},
    {"application/x-www-form-urlencoded", false}, /* what curl -d sends by itself */
    {"application/jsonp", false},
    {"application/json-patch+json", false},
    {"application/jso", false},
    {"text/plain", false},
    {"\xff\xff", false},
};

static void content_types(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        struct host *host = host_open();
        host_call(host, &(struct call){.method = "POST",
                                       .target = "/api/sentinel/" RUN,
                                       .type = types[i].text,
                                       .body = "{\"action\":\"cancel\"}"});
        if (types[i].accepted)
            only_effect(host, SN_EFFECT_SQL);
        else
            expect_problem(host, 415, "body.content-type", "");
        host_close(host);
    }
}

static void long_bodies_are_refused_by_length(void **state) {
    (void)state;
    struct host *host = host_open();
    char *body = malloc(65538);
    memset(body, ' ', 65537);
    memcpy(body, "{\"action\":\"cancel\"}", 19);
    body[65536] = '\0';
    host_post(host, "/api/sentinel/" RUN, body); /* as long as may be, blanks at its end */
    only_effect(host, SN_EFFECT_SQL);
    body[65536] = ' ';
    body[65537] = '\0';
    host_post(host, "/api/sentinel/" RUN, body);
    expect_problem(host, 413, "body.size", "$");
    host_post(host, "/api/sentinel", body);
    expect_problem(host, 413, "body.size", "$");
    free(body);
    host_close(host);
}

static void bodies_that_break_off(void **state) {
    (void)state;
    static const char *const targets[] = {"/api/sentinel", "/api/sentinel/" RUN};
    for (size_t i = 0; i < 2; i++) {
        struct host *host = host_open();
        struct call call = {
            .method = "POST", .target = targets[i], .body = "{\"action\":\"start\"}", .incomplete = true};
        host_call(host, &call);
        expect_problem(host, 400, "body.incomplete", "");
        call.authorization = "";
        host_call(host, &call);
        expect_problem(host, 401, "auth.missing", "");
        host_close(host);
    }
}

/* An array of `count` such values, in an object. */
static void post_many(struct host *host, const char *target, const char *value, size_t count) {
    size_t len = strlen(value), used = 6;
    char *body = malloc(count * len + 9);
    memcpy(body, "{\"x\":[", 6);
    for (size_t i = 0; i < count; i++, used += len) memcpy(body + used, value, len);
    memcpy(body + used - 1, "]}", 3);
    host_post(host, target, body);
    free(body);
}

/* As many values as always fit, in the shapes that take the most memory, and too many. */
static void bodies_of_many_values(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t values; /* in it */
    } shapes[] = {{"1,", 1}, {"\"x\",", 1}, {"{\"\":1},", 2}, {"[\"\"],", 2}};
    static const char *const targets[] = {"/api/sentinel", "/api/sentinel/" RUN};
    for (size_t i = 0; i < 8; i++) {
        struct host *host = host_open();
        const char *text = shapes[i % 4].text;
        post_many(host, targets[i / 4], text, (8000 - 2) / shapes[i % 4].values);
        /* Read, and refused for what it says. */
        expect_problem(host, 400, i < 4 ? "plan.unknown-field" : "body.unknown-field", "$.x");
        post_many(host, targets[i / 4], text, 65500 / strlen(text));
        struct response r = expect_problem(host, 400, "json.size", "$");
        assert_string_equal(member(r.json, "expected"), "at most 8000 values");
        host_close(host);
    }
}

static void health_is_open_and_checks_the_tables(void **state) {
    (void)state;
    static const struct {
        const char *authorization, *token, *says;
    } rows[] = {{"", "", "missing"}, {"", TOKEN, "configured"}, {"Bearer wrong", TOKEN, "configured"}};
    for (size_t i = 0; i < 3; i++) {
        struct host *host = host_open();
        struct call call = {.method = "GET", .target = "/api/sentinel/health"};
        call.authorization = rows[i].authorization;
        call.token = rows[i].token;
        host_call(host, &call);
        expect_sql(host, SN_SQL_HEALTH, NULL, 0);
        host_done(host, "[{\"rows\":[{\"missing\":null}],\"changes\":0}]");
        struct response r = expect_response(host, 200);
        assert_string_equal(member(r.json, "status"), "ok");
        assert_string_equal(member(r.json, "token"), rows[i].says);
        host_close(host);
    }
}

static void a_database_without_tables_is_told_apart(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, "/api/sentinel/health");
    host_failed(host, "Error: D1_ERROR: no such table: sentinel_runs: SQLITE_ERROR");
    struct response r = expect_problem(host, 503, "database.not-migrated", "");
    assert_non_null(strstr(member(r.json, "detail"), "migrations apply"));
    host_get(host, "/api/sentinel/health");
    host_done(host, "[{\"rows\":[{\"missing\":\"024_outbox.sql, 026_ended_by.sql\"}],\"changes\":0}]");
    r = expect_problem(host, 503, "database.not-migrated", "migrations");
    assert_string_equal(member(r.json, "expected"), "024_outbox.sql, 026_ended_by.sql");
    assert_non_null(strstr(member(r.json, "detail"), "migrations apply"));
    host_get(host, "/api/sentinel/health");
    host_failed(host, "Error: D1_ERROR: D1 DB is overloaded.");
    r = expect_problem(host, 503, "database.unreachable", "");
    assert_string_equal(member(r.headers, "retry-after"), "5");
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_route_asks_for_the_token),
        cmocka_unit_test(the_way_to_a_token_is_told),
        cmocka_unit_test(strangers_learn_no_addresses),
        cmocka_unit_test(addresses_and_methods),
        cmocka_unit_test(queries_are_checked),
        cmocka_unit_test(content_types),
        cmocka_unit_test(long_bodies_are_refused_by_length),
        cmocka_unit_test(bodies_that_break_off),
        cmocka_unit_test(bodies_of_many_values),
        cmocka_unit_test(health_is_open_and_checks_the_tables),
        cmocka_unit_test(a_database_without_tables_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
