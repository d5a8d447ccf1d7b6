#include "api_harness.h"

#include "compared_help.h"

/* /api/sentinel/baselines: what is asked, what is refused and why, and what is kept. */

#define BASELINES "/api/sentinel/baselines"
#define BASELINE "ffffffff-ffff-4fff-bfff-ffffffffffff"
#define HASH "00ff00ff00ff00ff"
#define LOST "Error: Network connection lost."
#define NO_ROWS "[{\"rows\":[],\"changes\":0}]"
#define ROW                                                                                                        \
    "{\"id\":\"" BASELINE "\",\"name\":\"Monday\",\"description\":null,\"plan_hash\":\"" HASH                      \
    "\",\"is_active\":1,\"source_run_ids\":\"[\\\"" RUN "\\\"]\",\"seconds\":60,\"planned\":6000,\"ended\":6000,"  \
    "\"failed\":6,\"baseline_throughput\":99.5,\"baseline_p50_latency\":6,\"baseline_p95_latency\":12,"            \
    "\"baseline_p99_latency\":16,\"baseline_error_rate\":0.001,\"spreads\":\"{\\\"50\\\":0.01,\\\"90\\\":0.04}\"," \
    "\"floors\":\"{\\\"99\\\":0.25}\",\"created_at\":1789990000,\"updated_at\":1789990001,"                        \
    "\"activated_at\":1789990000}"

static char values[400000];

static char *measured(const char *status, const char *validity, const char *hash, uint64_t drawn_hash,
                      const char *baselines) {
    static uint8_t bytes[SN_COMPARED_BYTES_MAX];
    static uint64_t seed = 1;
    size_t len = compared_draw(bytes, 40, 1, seed++, drawn_hash), cap = 2 * len + 400;
    char *text = malloc(cap);
    struct sn_writer w = sn_writer(text, cap - 1);
    sn_put_text(&w, "[{\"rows\":[{\"status\":\"");
    sn_put_text(&w, status);
    sn_put_text(&w, "\",\"validity\":\"");
    sn_put_text(&w, validity);
    sn_put_text(&w, "\",\"plan_hash\":\"");
    sn_put_text(&w, hash);
    sn_put_text(&w, "\",\"throughput_ops_sec\":99,\"compared\":\"");
    for (size_t i = 0; i < len; i++) {
        static const char digits[] = "0123456789ABCDEF";
        sn_put_u8(&w, (uint8_t)digits[bytes[i] >> 4]);
        sn_put_u8(&w, (uint8_t)digits[bytes[i] & 15]);
    }
    sn_put_text(&w, "\"}],\"changes\":0},{\"rows\":[{\"baselines\":");
    sn_put_text(&w, baselines);
    sn_put_text(&w, "}],\"changes\":0}]");
    assert_false(w.full);
    text[w.len] = '\0';
    return text;
}

static void answer_run(struct host *host, const char *status, const char *validity, const char *hash,
                       uint64_t drawn_hash) {
    char *text = measured(status, validity, hash, drawn_hash, "3");
    host_done(host, text);
    free(text);
}

static void expect_run(struct host *host, const char *id) {
    static const enum sn_sql batch[] = {SN_SQL_RUN_MEASURED, SN_SQL_BASELINE_COUNT};
    char expected[128];
    expect_batch(host, batch, 2, values, sizeof values);
    snprintf(expected, sizeof expected, "%s|default ; default", id);
    assert_string_equal(values, expected);
}

static void make(struct host *host, const char *body) {
    host_post(host, BASELINES, body);
}

/* --- Made --------------------------------------------------------------------------------------------------------- */

static void runs_become_a_baseline(void **state) {
    (void)state;
    static const enum sn_sql batch[] = {SN_SQL_AUDIT_INSERT, SN_SQL_BASELINE_INSERT, SN_SQL_BASELINE_SUPERSEDE,
                                        SN_SQL_BASELINE_UPDATE, SN_SQL_BASELINE_GET};
    struct host *host = host_open();
    make(host, "{\"name\":\"Monday\",\"runs\":[\"" RUN "\",\"" OTHER_RUN "\"]}");
    expect_run(host, RUN);
    answer_run(host, "completed", "valid", HASH, HELP_HASH);
    expect_run(host, OTHER_RUN);
    answer_run(host, "completed", "valid", HASH, HELP_HASH);
    expect_batch(host, batch, 5, values, sizeof values);
    static const char begin[] = "1790000000000000|default|admin|create-baseline|null|" BASELINE " ; " BASELINE
                                "|default|Monday|null|" RUN "|[\"" RUN "\",\"" OTHER_RUN "\"]|80|8000|8000|0|99|";
    static const char end[] = "|0|null||1790000000 ; default|" BASELINE "|1790000000 ; " BASELINE
                              "|default|Monday|null|null|1|1790000000 ; " BASELINE "|default";
    assert_memory_equal(values, begin, strlen(begin));
    assert_non_null(strstr(values, end)); /* no errors, no spreads of two, bytes */
    host_done(host, "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[" ROW "]}]");
    struct response r = expect_response(host, 201);
    assert_string_equal(member(r.headers, "location"), BASELINES "/" BASELINE);
    const struct sn_json *baseline = sn_json_get(r.json, "baseline");
    assert_string_equal(member(baseline, "name"), "Monday");
    assert_string_equal(member(baseline, "planHash"), HASH);
    assert_true(sn_json_bool(sn_json_get(baseline, "active")));
    assert_int_equal(sn_json_count(sn_json_get(baseline, "runs")), 1);
    assert_true(sn_json_number(sn_json_get(baseline, "achievedPerS")) == 99.5);
    /* What is usual, what its runs differ by, twice, and what somebody has set: the most of them. */
    const struct sn_json *floors = sn_json_get(baseline, "floors");
    assert_true(sn_json_number(sn_json_get(floors, "50")) == 0.05);
    assert_true(sn_json_number(sn_json_get(floors, "90")) == 0.08);
    assert_true(sn_json_number(sn_json_get(floors, "99")) == 0.25);
    host_close(host);
}

/* Three runs say how much runs differ, and one that is not to be active leaves the active one alone. */
static void three_runs_have_a_spread(void **state) {
    (void)state;
    static const enum sn_sql batch[] = {SN_SQL_AUDIT_INSERT, SN_SQL_BASELINE_INSERT, SN_SQL_BASELINE_GET};
    struct host *host = host_open();
    make(host, "{\"name\":\"a\",\"description\":\"b\",\"active\":false,\"runs\":[\"" RUN "\",\"" OTHER_RUN
               "\",\"11111111-1111-4222-8333-444444444444\"]}");
    for (int i = 0; i < 3; i++) answer_run(host, "completed", "valid", HASH, HELP_HASH);
    expect_batch(host, batch, 3, values, sizeof values);
    assert_non_null(strstr(values, "|a|b|" RUN "|"));
    assert_non_null(strstr(values, "{\"50\":0.0"));
    host_failed(host, LOST);
    expect_problem(host, 503, "database.unreachable", "");
    host_close(host);
}

static void runs_that_make_no_baseline(void **state) {
    (void)state;
    static const struct {
        const char *status, *validity, *hash, *expected;
        uint64_t drawn_hash;
    } rows[] = {
        {"running", "unknown", HASH, "a run that has completed", HELP_HASH},
        {"failed", "valid", HASH, "a run that has completed", HELP_HASH},
        {"completed", "degraded", HASH, "a run that is valid: its report says what this one lacks", HELP_HASH},
        {"completed", "valid", "", "a run that has a plan's hash", HELP_HASH},
        {"completed", "valid", "00ff00ff00ff00fe",
         "a run of the plan " HASH ", as $.runs[0] is; this one is of 00ff00ff00ff00fe", HELP_HASH},
        {"completed", "valid", HASH, "a run of the plan " HASH ", as $.runs[0] is; this one is of another", 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        make(host, "{\"name\":\"a\",\"runs\":[\"" RUN "\",\"" OTHER_RUN "\"]}");
        answer_run(host, "completed", "valid", HASH, HELP_HASH);
        answer_run(host, rows[i].status, rows[i].validity, rows[i].hash, rows[i].drawn_hash);
        struct response r = expect_problem(host, 400, "baseline.run", "$.runs[1]");
        assert_string_equal(member(r.json, "expected"), rows[i].expected);
        host_close(host);
    }
    struct host *host = host_open();
    make(host, "{\"name\":\"a\",\"runs\":[\"" RUN "\"]}");
    host_done(host, "[{\"rows\":[]},{\"rows\":[{\"baselines\":0}]}]");
    expect_problem(host, 400, "baseline.run", "$.runs[0]");
    static const char *const unreadable[] = {"null", "\"\"", "\"0\"", "\"zz\"", "\"0102\"", "7"};
    for (size_t i = 0; i < sizeof unreadable / sizeof *unreadable; i++) {
        char text[256];
        make(host, "{\"name\":\"a\",\"runs\":[\"" RUN "\"]}");
        snprintf(text, sizeof text,
                 "[{\"rows\":[{\"status\":\"completed\",\"validity\":\"valid\",\"plan_hash\":\"" HASH
                 "\",\"compared\":%s}]},{\"rows\":[{\"baselines\":0}]}]",
                 unreadable[i]);
        host_done(host, text);
        expect_problem(host, 400, "baseline.run", "$.runs[0]");
    }
    make(host, "{\"name\":\"a\",\"runs\":[\"" RUN "\"]}");
    char *text = measured("completed", "valid", HASH, HELP_HASH, "100");
    host_done(host, text);
    free(text);
    expect_problem(host, 409, "baseline.limit", "");
    make(host, "{\"name\":\"a\",\"runs\":[\"" RUN "\"]}");
    host_failed(host, LOST);
    expect_problem(host, 503, "database.unreachable", "");
    host_close(host);
}

/* --- Bodies ------------------------------------------------------------------------------------------------------- */

#define LONG                                                                                                        \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012345678" \
    "901234567890"

static void bodies_that_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *method, *body, *code, *path;
    } rows[] = {
        {"POST", "", "json.syntax", "$"},
        {"POST", "[]", "body.type", "$"},
        {"POST", "{}", "body.missing", "$.name"},
        {"POST", "{\"name\":\"a\"}", "body.missing", "$.runs"},
        {"POST", "{\"name\":7,\"runs\":[]}", "body.type", "$.name"},
        {"POST", "{\"name\":\"\",\"runs\":[]}", "body.range", "$.name"},
        {"POST", "{\"name\":\"" LONG "\",\"runs\":[]}", "body.range", "$.name"},
        {"POST", "{\"name\":\"a\\nb\",\"runs\":[]}", "body.range", "$.name"},
        {"POST", "{\"name\":\"a\",\"description\":null,\"runs\":[]}", "body.type", "$.description"},
        {"POST", "{\"name\":\"a\",\"active\":1,\"runs\":[]}", "body.type", "$.active"},
        {"POST", "{\"name\":\"a\",\"runs\":\"" RUN "\"}", "body.type", "$.runs"},
        {"POST", "{\"name\":\"a\",\"runs\":[]}", "body.range", "$.runs"},
        {"POST", "{\"name\":\"a\",\"runs\":[0,1,2,3,4,5,6,7,8,9,10]}", "body.range", "$.runs"},
        {"POST", "{\"name\":\"a\",\"runs\":[7]}", "body.type", "$.runs[0]"},
        {"POST", "{\"name\":\"a\",\"runs\":[\"" RUN "\",\"health\"]}", "body.range", "$.runs[1]"},
        {"POST", "{\"name\":\"a\",\"runs\":[\"" RUN "\",\"" RUN "\"]}", "body.range", "$.runs[1]"},
        {"POST", "{\"name\":\"a\",\"floors\":{},\"runs\":[]}", "body.unknown-field", "$.floors"},
        {"POST", "{\"name\":\"a\",\"name\":\"b\"}", "json.duplicate-name", "$.name"},
        {"PATCH", "{}", "body.missing", "$"},
        {"PATCH", "{\"runs\":[]}", "body.unknown-field", "$.runs"},
        {"PATCH", "{\"floors\":7}", "body.type", "$.floors"},
        {"PATCH", "{\"floors\":{\"95\":0.2}}", "body.unknown-field", "$.floors.95"},
        {"PATCH", "{\"floors\":{\"50\":0.2,\"90\":0.01}}", "body.range", "$.floors.90"},
        {"PATCH", "{\"floors\":{\"99\":0.05}}", "body.range", "$.floors.99"},
        {"PATCH", "{\"floors\":{\"50\":1.01}}", "body.range", "$.floors.50"},
        {"PATCH", "{\"floors\":{\"50\":\"1\"}}", "body.type", "$.floors.50"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        const char *target = rows[i].method[1] == 'O' ? BASELINES : BASELINES "/" BASELINE;
        host_call(host, &(struct call){.method = rows[i].method, .target = target, .body = rows[i].body});
        expect_problem(host, 400, rows[i].code, rows[i].path);
        host_close(host);
    }
}

/* --- Read, changed, deleted --------------------------------------------------------------------------------------- */

static void baselines_are_listed_and_shown(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, BASELINES);
    expect_sql(host, SN_SQL_BASELINE_LIST, values, sizeof values);
    assert_string_equal(values, "default|null");
    host_done(host, "[{\"rows\":[" ROW "," ROW "]}]");
    assert_int_equal(sn_json_count(sn_json_get(expect_response(host, 200).json, "baselines")), 2);
    host_get(host, BASELINES "?planHash=" HASH);
    expect_sql(host, SN_SQL_BASELINE_LIST, values, sizeof values);
    assert_string_equal(values, "default|" HASH);
    host_failed(host, LOST);
    expect_problem(host, 503, "database.unreachable", "");
    host_get(host, BASELINES "?planHash=00FF00FF00FF00FF");
    expect_problem(host, 400, "query.range", "?planHash");
    host_get(host, BASELINES "/" BASELINE);
    expect_sql(host, SN_SQL_BASELINE_GET, values, sizeof values);
    assert_string_equal(values, BASELINE "|default");
    host_done(host, "[{\"rows\":[" ROW "]}]");
    assert_string_equal(member(sn_json_get(expect_response(host, 200).json, "baseline"), "id"), BASELINE);
    host_get(host, BASELINES "/nobody%20at-all");
    host_done(host, NO_ROWS);
    expect_problem(host, 404, "baseline.unknown", "");
    host_close(host);
}

static void change(struct host *host, const char *body) {
    host_call(host, &(struct call){.method = "PATCH", .target = BASELINES "/" BASELINE, .body = body});
    expect_sql(host, SN_SQL_BASELINE_GET, values, sizeof values);
}

static void a_baseline_is_changed(void **state) {
    (void)state;
    static const enum sn_sql active[] = {SN_SQL_AUDIT_INSERT, SN_SQL_BASELINE_SUPERSEDE, SN_SQL_BASELINE_UPDATE,
                                         SN_SQL_BASELINE_GET};
    static const enum sn_sql other[] = {SN_SQL_AUDIT_INSERT, SN_SQL_BASELINE_UPDATE, SN_SQL_BASELINE_GET};
    struct host *host = host_open();
    change(host, "{\"active\":true}");
    host_done(host, "[{\"rows\":[" ROW "]}]");
    expect_batch(host, active, 4, values, sizeof values);
    assert_string_equal(values,
                        "1790000000000000|default|admin|activate-baseline|null|" BASELINE " ; default|" BASELINE
                        "|1790000000 ; " BASELINE "|default|null|null|null|1|1790000000 ; " BASELINE "|default");
    host_done(host, "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[" ROW "]}]");
    expect_response(host, 200);

    change(host, "{\"name\":\"b\",\"description\":\"\",\"floors\":{\"50\":0.2,\"99\":0.5}}");
    host_done(host, "[{\"rows\":[" ROW "]}]");
    expect_batch(host, other, 3, values, sizeof values);
    assert_string_equal(values, "1790000000000000|default|admin|change-baseline|null|" BASELINE " ; " BASELINE
                                "|default|b||{\"50\":0.2,\"99\":0.5}|null|1790000000 ; " BASELINE "|default");
    host_done(host, "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]}]"); /* deleted meanwhile */
    expect_problem(host, 404, "baseline.unknown", "");

    change(host, "{\"floors\":null,\"active\":false}");
    host_done(host, "[{\"rows\":[" ROW "]}]");
    expect_batch(host, other, 3, values, sizeof values);
    assert_non_null(strstr(values, "|null|null|{}|0|1790000000"));
    host_failed(host, LOST);
    expect_problem(host, 503, "database.unreachable", "");
    change(host, "{\"active\":true}");
    host_done(host, NO_ROWS);
    expect_problem(host, 404, "baseline.unknown", "");
    host_close(host);
}

static void a_baseline_is_deleted(void **state) {
    (void)state;
    static const enum sn_sql batch[] = {SN_SQL_AUDIT_INSERT, SN_SQL_BASELINE_DELETE};
    struct host *host = host_open();
    static const struct {
        const char *answer;
        uint32_t status;
    } rows[] = {{"[{\"rows\":[],\"changes\":1},{\"rows\":[],\"changes\":1}]", 204},
                {"[{\"rows\":[],\"changes\":1},{\"rows\":[],\"changes\":0}]", 404},
                {"[]", 503}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        host_call(host, &(struct call){.method = "DELETE", .target = BASELINES "/" BASELINE});
        expect_sql(host, SN_SQL_BASELINE_GET, values, sizeof values);
        host_done(host, "[{\"rows\":[" ROW "]}]");
        expect_batch(host, batch, 2, values, sizeof values);
        assert_string_equal(values,
                            "1790000000000000|default|admin|delete-baseline|null|" BASELINE " ; " BASELINE "|default");
        host_done(host, rows[i].answer);
        expect_response(host, rows[i].status);
    }
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_become_a_baseline),         cmocka_unit_test(three_runs_have_a_spread),
        cmocka_unit_test(runs_that_make_no_baseline),     cmocka_unit_test(bodies_that_are_refused),
        cmocka_unit_test(baselines_are_listed_and_shown), cmocka_unit_test(a_baseline_is_changed),
        cmocka_unit_test(a_baseline_is_deleted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
