#include "sentinel/plan/builtin.h"

#include "api_harness.h"

/* Workloads over the API: those that come with Sentinel, and one's own, which is checked and rendered. */

#define WORKLOADS "/api/sentinel/workloads"
#define CHECK WORKLOADS "/check"

static const char small[] =
    "{\"name\":\"small\",\"description\":\"For a test.\",\"operations\":["
    "{\"operation\":\"read\",\"weight\":3,\"steps\":[{\"d1\":\"SELECT ?1\",\"bind\":[\"${run}_${k}\"]}]},"
    "{\"operation\":\"write\",\"steps\":[{\"kv\":\"put\",\"key\":\"${tenant}_${hex(8)}\",\"value\":\"v\"}]}]}";

static const struct sn_json *check(struct host *host, const char *target, const char *body) {
    host_post(host, target, body);
    return sn_json_get(expect_response(host, 200).json, "workload"); /* and nothing was asked of anybody */
}

static const struct sn_json *at(const struct sn_json *list, size_t index) {
    const struct sn_json *one = sn_json_first(list);
    while (index-- > 0) one = sn_json_next(one);
    assert_non_null(one);
    return one;
}

static const struct sn_json *operation(const struct sn_json *workload, size_t index) {
    return at(sn_json_get(workload, "operations"), index);
}

/* The first value of an operation's first call: bound to SQL, or its key. */
static const char *first_value(const struct sn_json *workload, size_t index, size_t example) {
    const struct sn_json *examples = sn_json_get(operation(workload, index), "examples");
    const struct sn_json *call = sn_json_first(sn_json_get(at(examples, example), "calls"));
    const struct sn_json *bound = sn_json_first(sn_json_get(call, "bind"));
    return bound != NULL ? sn_json_string(sn_json_first(bound)) : member(sn_json_get(call, "values"), "key");
}

static void those_that_come_with_it_are_listed_and_shown(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, WORKLOADS);
    const struct sn_json *list = sn_json_get(expect_response(host, 200).json, "workloads");
    assert_int_equal(sn_json_count(list), sn_builtins_len);
    const struct sn_json *grove = sn_json_first(list);
    while (grove != NULL && strcmp(member(grove, "name"), "grove") != 0) grove = sn_json_next(grove);
    assert_non_null(grove);
    assert_string_not_equal(member(grove, "description"), "");
    assert_int_equal(sn_json_count(sn_json_get(grove, "operations")), 9);
    assert_int_equal(sn_json_count(sn_json_get(grove, "targets")), 4);
    assert_null(sn_json_get(operation(grove, 0), "steps"));
    assert_true(sn_json_number(sn_json_get(operation(grove, 0), "share")) == 0.1);

    host_get(host, WORKLOADS "/grove");
    const struct sn_json *shown = sn_json_get(expect_response(host, 200).json, "workload");
    assert_string_equal(member(shown, "name"), "grove");
    assert_int_equal(sn_json_count(sn_json_get(operation(shown, 0), "steps")), 3);
    assert_null(sn_json_get(operation(shown, 0), "examples"));
    assert_string_equal(member(sn_json_get(shown, "definition"), "name"), "grove");
    assert_non_null(sn_json_get(sn_json_get(shown, "definition"), "prepare"));
    host_close(host);
}

static void what_is_not_there_is_said(void **state) {
    (void)state;
    struct host *host = host_open();
    static const char *const none[] = {"/forest", "/GROVE", "/grove%20", "/checks",
                                       "/an-even-longer-name-than-any-workload-that-could-come-with-it"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        char target[160];
        snprintf(target, sizeof target, WORKLOADS "%s", none[i]);
        host_get(host, target);
        struct response response = expect_problem(host, 404, "workload.unknown", "");
        assert_non_null(strstr(member(response.json, "expected"), "systems, tenant-isolation"));
    }
    host_get(host, WORKLOADS "/");
    expect_problem(host, 404, "route.unknown", "");
    host_get(host, CHECK);
    expect_problem(host, 405, "route.method", "");
    host_post(host, WORKLOADS, "{}");
    expect_problem(host, 405, "route.method", "");
    host_get(host, WORKLOADS "?limit=1");
    expect_problem(host, 400, "query.unknown", "?limit");
    host_close(host);
}

static void one_of_ones_own_is_rendered(void **state) {
    (void)state;
    struct host *host = host_open();
    const struct sn_json *workload = check(host, CHECK, small);
    assert_string_equal(member(workload, "name"), "small");
    assert_string_equal(member(workload, "description"), "For a test.");
    assert_string_equal(member(workload, "seed"), "1");
    assert_string_equal(member(sn_json_get(workload, "placeholders"), "run"), "RUN");
    assert_true(sn_json_number(sn_json_get(operation(workload, 0), "share")) == 0.75);
    assert_int_equal(sn_json_count(sn_json_get(operation(workload, 0), "examples")), 5);
    assert_string_equal(first_value(workload, 0, 0), "RUN_1");
    assert_string_equal(first_value(workload, 0, 4), "RUN_5");
    char key[64];
    strcpy(key, first_value(workload, 1, 0));
    assert_memory_equal(key, "TENANT_", 7);
    assert_int_equal(strlen(key), 15);
    assert_string_equal(first_value(check(host, CHECK, small), 1, 0), key);
    workload = check(host, CHECK "?seed=18446744073709551615&count=2", small);
    assert_string_equal(member(workload, "seed"), "18446744073709551615");
    assert_string_not_equal(first_value(workload, 1, 0), key);
    assert_int_equal(sn_json_count(sn_json_get(operation(workload, 0), "examples")), 2);
    workload = check(host, CHECK "?operation=write&count=0", small);
    assert_int_equal(sn_json_count(sn_json_get(workload, "operations")), 1);
    assert_string_equal(member(operation(workload, 0), "operation"), "write");
    assert_null(sn_json_get(operation(workload, 0), "examples"));
    host_close(host);
}

static const struct {
    const char *target, *body, *code, *path;
} refused[] = {
    {CHECK, "{", "json.syntax", "$"},
    {CHECK, "", "json.syntax", "$"},
    {CHECK, "[]", "plan.type", "$"},
    {CHECK, "{}", "plan.type", "$.operations"},
    {CHECK, "{\"name\":1}", "plan.type", "$.name"},
    {CHECK, "{\"name\":\"\"}", "plan.range", "$.name"},
    {CHECK, "{\"description\":\"a\\nb\"}", "plan.value", "$.description"},
    {CHECK, "{\"operations\":[{\"operation\":\"a\",\"steps\":[{\"d1\":\"DROP TABLE t\"}]}]}", "plan.sql",
     "$.operations[0].steps[0].d1"},
    {CHECK, "{\"operations\":[{\"operation\":\"a\",\"steps\":[{\"kv\":\"get\",\"key\":\"a\",\"binding\":\"MY_KV\"}]}]}",
     "plan.target", "$.operations[0].steps[0].binding"},
    {CHECK, "{\"operations\":[{\"operation\":\"a\",\"steps\":[{\"http\":\"GET\",\"url\":\"https://a.example/\"}]}]}",
     "plan.target", "$.operations[0].steps[0].url"},
    {CHECK "?seed=", small, "query.range", "?seed"},
    {CHECK "?seed=-1", small, "query.range", "?seed"},
    {CHECK "?seed=18446744073709551616", small, "query.range", "?seed"},
    {CHECK "?count=101", small, "query.range", "?count"},
    {CHECK "?count=x", small, "query.range", "?count"},
    {CHECK "?operation=none", small, "query.range", "?operation"},
    {CHECK "?limit=1", small, "query.unknown", "?limit"},
};

static void faults_are_named_with_their_place(void **state) {
    (void)state;
    struct host *host = host_open();
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        host_post(host, refused[i].target, refused[i].body);
        expect_problem(host, 400, refused[i].code, refused[i].path);
    }
    host_call(host, &(struct call){.method = "POST", .target = CHECK, .body = refused[8].body, .targets = "MY_KV"});
    expect_response(host, 200);
    host_close(host);
}

/* Ten operations of two thousand values each are more than an answer holds: what does not fit is counted. */
static void what_does_not_fit_is_left_out_and_counted(void **state) {
    (void)state;
    struct host *host = host_open();
    static char body[16384];
    size_t len = (size_t)sprintf(body, "{\"operations\":[");
    for (int i = 0; i < 10; i++) {
        len += (size_t)sprintf(body + len,
                               "%s{\"operation\":\"o%d\",\"steps\":[{\"d1\":\"batch\",\"statements\":["
                               "{\"sql\":\"SELECT 1\",\"times\":100,\"bind\":[",
                               i > 0 ? "," : "", i);
        for (int v = 0; v < 20; v++) len += (size_t)sprintf(body + len, "%s\"${hex(16)}\"", v > 0 ? "," : "");
        len += (size_t)sprintf(body + len, "]}]}]}");
    }
    sprintf(body + len, "]}");
    const struct sn_json *workload = check(host, CHECK, body);
    double omitted = sn_json_number(sn_json_get(workload, "examplesOmitted"));
    size_t shown = 0;
    for (size_t i = 0; i < 10; i++) shown += sn_json_count(sn_json_get(operation(workload, i), "examples"));
    assert_true(omitted > 10 && shown > 2 && (double)shown + omitted == 50);
    workload = check(host, CHECK "?operation=o9&count=1", body);
    assert_true(sn_json_number(sn_json_get(workload, "examplesOmitted")) == 0);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_that_come_with_it_are_listed_and_shown),
        cmocka_unit_test(what_is_not_there_is_said),
        cmocka_unit_test(one_of_ones_own_is_rendered),
        cmocka_unit_test(faults_are_named_with_their_place),
        cmocka_unit_test(what_does_not_fit_is_left_out_and_counted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
