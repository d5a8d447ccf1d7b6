#include "api_harness.h"

/* "scheduledAt" in a plan: what is accepted, and what is answered and kept. */

#define ID "ffffffff-ffff-4fff-bfff-ffffffffffff"
#define PLAN(more) "{\"preset\":\"smoke\"," more "}"
#define AT(time) PLAN("\"scheduledAt\":\"" time "\"")

static char values[140000];

struct time {
    const char *body;
    const char *code, *path; /* NULL: accepted */
    const char *kept;        /* the row's seconds */
};

/* The present is 2026-09-21T14:13:20Z, which is 1790000000. */
static const struct time times[] = {
    {AT("2026-09-21T14:13:21Z"), NULL, NULL, "1790000001"},
    {AT("2026-09-21T16:13:21+02:00"), NULL, NULL, "1790000001"},
    {AT("2026-09-21t14:13:21.001z"), NULL, NULL, "1790000002"}, /* never before its time */
    {AT("2026-09-21T14:13:20.000001Z"), NULL, NULL, "1790000001"},
    {AT("2027-09-22T14:13:20Z"), NULL, NULL, "1821622400"}, /* 366 days ahead */
    {AT("2027-09-22T14:13:20.1Z"), "plan.range", "$.scheduledAt", NULL},
    {AT("2026-09-21T14:13:20Z"), "plan.range", "$.scheduledAt", NULL}, /* now is not ahead */
    {AT("1969-12-31T23:59:59Z"), "plan.range", "$.scheduledAt", NULL},
    {AT("0001-01-01T00:00:00.5Z"), "plan.range", "$.scheduledAt", NULL},
    {AT("9999-12-31T23:59:59Z"), "plan.range", "$.scheduledAt", NULL},
    {AT("2026-09-21T14:13:21"), "plan.value", "$.scheduledAt", NULL}, /* whose clock? */
    {AT("2026-09-21T14:13:21Z "), "plan.value", "$.scheduledAt", NULL},
    {AT("2026-09-21T14:13:21Zx"), "plan.value", "$.scheduledAt", NULL},
    {AT("2026-09-21 14:13:21Z"), "plan.value", "$.scheduledAt", NULL},
    {AT("2026-02-30T14:13:21Z"), "plan.value", "$.scheduledAt", NULL},
    {AT("2026-09-21"), "plan.value", "$.scheduledAt", NULL},
    {AT("tomorrow"), "plan.value", "$.scheduledAt", NULL},
    {AT(""), "plan.value", "$.scheduledAt", NULL},
    {PLAN("\"scheduledAt\":1790000060"), "plan.type", "$.scheduledAt", NULL},
    {PLAN("\"scheduledAt\":null"), "plan.type", "$.scheduledAt", NULL},
    {PLAN("\"startImmediately\":true,\"scheduledAt\":\"2026-09-22T00:00:00Z\""), "plan.conflict", "$.scheduledAt",
     NULL},
    {PLAN("\"scheduledAt\":\"2026-09-22T00:00:00Z\",\"startImmediately\":true"), "plan.conflict", "$.scheduledAt",
     NULL},
    {PLAN("\"scheduledAt\":\"2026-09-22T00:00:00Z\",\"startImmediately\":false"), NULL, NULL, "1790035200"},
};

static void times_are_read_whole(void **state) {
    (void)state;
    static const enum sn_sql batch[] = {SN_SQL_RUN_INSERT, SN_SQL_AUDIT_INSERT};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct host *host = host_open();
        char end[64];
        host_post(host, "/api/sentinel", times[i].body);
        if (times[i].code != NULL) {
            struct response r = expect_problem(host, 400, times[i].code, times[i].path);
            assert_string_not_equal(member(r.json, "expected"), "");
        } else {
            expect_batch(host, batch, 2, values, sizeof values);
            snprintf(end, sizeof end, "|api|1790000000|%s ; ", times[i].kept);
            assert_non_null(strstr(values, end));
            assert_non_null(strstr(values, "\"]|null|{")); /* it is not active yet */
        }
        host_close(host);
    }
}

static void the_time_is_told_and_answered(void **state) {
    (void)state;
    struct host *host = host_open();
    host_post(host, "/api/sentinel", AT("2026-09-22T02:00:00+02:00"));
    assert_int_equal(host->effects_len, 1);
    static const enum sn_sql batch[] = {SN_SQL_RUN_INSERT, SN_SQL_AUDIT_INSERT};
    expect_batch(host, batch, 2, values, sizeof values);
    assert_non_null(strstr(values, "|create|" ID "|scheduledAt 2026-09-22T00:00:00.000Z"));
    host_done(host, "[{\"rows\":[],\"changes\":1},{\"rows\":[],\"changes\":1}]");
    struct sn_reader r = expect_message(host, ID, SN_MESSAGE_CREATE);
    assert_int_equal(sn_get_u32(&r), 0);
    host_done(host, "{\"id\":\"" ID "\",\"status\":\"pending\"}\n");
    struct response response = expect_response(host, 201);
    const struct sn_json *run = sn_json_get(response.json, "run");
    assert_string_equal(member(run, "scheduledAt"), "2026-09-22T00:00:00.000Z");
    assert_string_equal(member(run, "status"), "pending");

    host_get(host, "/api/sentinel/" ID); /* nothing of the request before */
    host_done(host, "[{\"rows\":[{\"id\":\"" ID "\",\"scheduled_at\":null,\"created_at\":1790000000}],\"changes\":0}]");
    host_done(host, "{}");
    run = sn_json_get(expect_response(host, 200).json, "run");
    assert_int_equal(sn_json_type(sn_json_get(run, "scheduledAt")), SN_JSON_NULL);

    host_get(host, "/api/sentinel/" ID);
    host_done(host, "[{\"rows\":[{\"id\":\"" ID "\",\"scheduled_at\":1790035200}],\"changes\":0}]");
    host_failed(host, "Error: Network connection lost.");
    run = sn_json_get(expect_response(host, 200).json, "run");
    assert_string_equal(member(run, "scheduledAt"), "2026-09-22T00:00:00.000Z");

    host_get(host, "/api/sentinel");
    host_done(host, "[{\"rows\":[{\"id\":\"" ID "\",\"scheduled_at\":1790035200}],\"changes\":0}]");
    run = sn_json_first(sn_json_get(expect_response(host, 200).json, "runs"));
    assert_string_equal(member(run, "scheduledAt"), "2026-09-22T00:00:00.000Z");
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_whole),
        cmocka_unit_test(the_time_is_told_and_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
