#include "api_harness.h"

/* What can be known before a run: a plan that is tried out, and what can be asked for by name. */

#define PLAN "/api/sentinel/plan"

static const struct sn_json *try_plan(struct host *host, const char *body) {
    host_post(host, PLAN, body);
    return sn_json_get(expect_response(host, 200).json, "plan"); /* and nothing was asked of anybody */
}

static double number(const struct sn_json *object, const char *name) {
    assert_int_equal(sn_json_type(sn_json_get(object, name)), SN_JSON_NUMBER);
    return sn_json_number(sn_json_get(object, name));
}

static double sum(const struct sn_json *list, const char *name) {
    double total = 0;
    for (const struct sn_json *at = sn_json_first(list); at != NULL; at = sn_json_next(at)) {
        total += sn_json_number(name != NULL ? sn_json_get(at, name) : at);
    }
    return total;
}

static const struct sn_json *limit(const struct sn_json *plan, const char *name) {
    const struct sn_json *at = sn_json_first(sn_json_get(plan, "limits"));
    while (at != NULL && strcmp(member(at, "limit"), name) != 0) at = sn_json_next(at);
    assert_non_null(at);
    return at;
}

static void a_plan_is_tried_out(void **state) {
    (void)state;
    struct host *host = host_open();
    const struct sn_json *plan = try_plan(host, "{\"name\":\"Before the launch\",\"preset\":\"ramp\",\"seed\":7,"
                                                "\"startImmediately\":true}");
    assert_string_equal(member(plan, "name"), "Before the launch");
    assert_string_equal(member(plan, "preset"), "ramp");
    assert_string_equal(member(plan, "profileType"), "ramp");
    assert_string_equal(member(plan, "seed"), "7");
    assert_int_equal(strlen(member(plan, "planHash")), 16);
    assert_true(number(plan, "plannedOps") == 100000);
    assert_true(number(plan, "durationS") == 900);
    assert_true(number(plan, "concurrency") == 200 && number(plan, "shards") == 40 && number(plan, "slots") == 5);
    assert_int_equal(sn_json_count(sn_json_get(plan, "perSecond")), 900);
    assert_true(sum(sn_json_get(plan, "perSecond"), NULL) == 100000);
    assert_true(sum(sn_json_get(plan, "phases"), "ops") == 100000);
    assert_int_equal(sn_json_count(sn_json_get(plan, "phases")), 3);
    assert_int_equal(sn_json_count(sn_json_get(plan, "systems")), 4);
    double share = sum(sn_json_get(plan, "operations"), "share");
    assert_true(share > 1 - 1e-9 && share < 1 + 1e-9);
    host_close(host);
}

/* The hour is the longest answer; a plan without a preset has null for one. */
static void the_longest_plan_fits(void **state) {
    (void)state;
    struct host *host = host_open();
    const struct sn_json *plan = try_plan(
        host,
        "{\"profileType\":\"sustained\",\"targetOperations\":1000000,\"durationSeconds\":3600,\"concurrency\":500}");
    assert_int_equal(sn_json_count(sn_json_get(plan, "perSecond")), 3600);
    assert_true(sum(sn_json_get(plan, "perSecond"), NULL) == 1000000);
    assert_int_equal(sn_json_type(sn_json_get(plan, "preset")), SN_JSON_NULL);
    static const char *const met[] = {"targetOperations", "durationSeconds", "concurrency"};
    for (size_t i = 0; i < 3; i++)
        assert_true(number(limit(plan, met[i]), "value") == number(limit(plan, met[i]), "max"));
    for (const struct sn_json *at = sn_json_first(sn_json_get(plan, "limits")); at != NULL; at = sn_json_next(at)) {
        assert_in_range((uint64_t)number(at, "value"), 1, (uint64_t)number(at, "max"));
    }
    host_close(host);
}

/* The operator's list of bindings: what a plan touches is in it, or the plan is refused at the step, with the list. */
static void the_operator_lists_what_may_be_touched(void **state) {
    (void)state;
    static const struct {
        const char *targets, *system, *refused; /* refused: the end of the path; NULL: it is not */
    } rows[] = {
        {NULL, "kv_put", NULL},
        {"TARGET_DB TARGET_KV", "kv_put", NULL},
        {"TARGET_KV", "kv_put", NULL},
        {"TARGET_DB", "kv_put", ".steps[0].kv"},
        {"TARGET_KVS XTARGET_KV TARGET_K", "kv_put", ".steps[0].kv"},
        {"TARGET_DB TARGET_KV", "r2_upload", ".steps[0].r2"},
        {"TARGET_KV", "d1_reads", ".steps[0].d1"},
    };
    struct host *host = host_open();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char body[160];
        snprintf(body, sizeof body, "{\"preset\":\"smoke\",\"targetSystems\":[\"%s\"]}", rows[i].system);
        host_call(host, &(struct call){.method = "POST",
                                       .target = PLAN,
                                       .type = "application/json",
                                       .body = body,
                                       .targets = rows[i].targets});
        struct response response = expect_response(host, rows[i].refused == NULL ? 200 : 400);
        if (rows[i].refused == NULL) continue;
        assert_string_equal(member(response.json, "code"), "plan.target");
        assert_non_null(strstr(member(response.json, "path"), rows[i].refused));
        assert_non_null(strstr(member(response.json, "expected"), rows[i].targets));
    }
    host_close(host);
}

/* A list is cut between two words.  `last` is what its room would have cut in the middle, so that another word were listed. */
static const char *cut_list(char *list, const char *listed, const char *cut, const char *last) {
    size_t len = SN_LISTED_MAX - 1 - strlen(cut), at = strlen(listed);
    memcpy(list, listed, at);
    memset(list + at, 'x', len - at);
    list[at] = list[len - 1] = ' ';
    strcpy(list + len, last);
    return list;
}

static void a_list_that_is_too_long_lists_no_part_of_a_word(void **state) {
    (void)state;
    static const char kv[] = "{\"preset\":\"smoke\",\"targetSystems\":[\"kv_put\"]}";
    static const char http[] = "{\"preset\":\"smoke\",\"workload\":{\"operations\":[{\"operation\":\"a\",\"steps\":"
                               "[{\"http\":\"GET\",\"url\":\"https://shop.example/\"}]}]}}";
    static const char hook[] = "{\"preset\":\"smoke\",\"alerts\":{\"webhooks\":[{\"url\":\"https://shop.example/\"}]}}";
    static char list[SN_LISTED_MAX + 64];
    struct call calls[3] = {{.body = kv}, {.body = http}, {.body = hook}};
    static const char *const words[3] = {"TARGET_KV", "shop.example", "shop.example"};
    static const char *const parts[4] = {"_COPY", ":8443", ".org", " and more"};
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 5; k++) {
            struct host *host = host_open();
            struct call *call = &calls[i];
            char last[40];
            call->method = "POST";
            call->target = PLAN;
            call->outside[2] = "secret";
            /* The word is there whole, with another one behind it; or as a part of another. */
            snprintf(last, sizeof last, "%s%s", words[i], parts[k < 4 ? k : 0]);
            cut_list(list, k < 4 ? "other" : words[i], words[i], last);
            if (i == 0) call->targets = list;
            if (i == 1) call->hosts = list;
            if (i == 2) call->outside[0] = list;
            host_call(host, call);
            struct response response = expect_response(host, k < 3 ? 400 : 200);
            if (k < 3) assert_string_equal(member(response.json, "code"), "plan.target");
            host_close(host);
        }
    }
}

/* Nothing is left of it, which is not as if there were none. */
static void a_list_of_one_word_that_is_too_long(void **state) {
    (void)state;
    static char list[SN_LISTED_MAX + 1];
    struct host *host = host_open();
    memset(list, 'X', SN_LISTED_MAX);
    host_call(host, &(struct call){.method = "POST",
                                   .target = PLAN,
                                   .body = "{\"preset\":\"smoke\",\"targetSystems\":[\"kv_put\"]}",
                                   .targets = list});
    assert_string_equal(member(expect_response(host, 400).json, "code"), "plan.target");
    host_close(host);
}

static void try_under(struct host *host, const char *limits, const char *body) {
    host_call(host, &(struct call){
                        .method = "POST", .target = PLAN, .type = "application/json", .body = body, .limits = limits});
}

/* The operator's set has room for more, and says how much; a word that is no set lets nothing pass. */
static void the_operator_may_raise_the_bounds(void **state) {
    (void)state;
    static const char body[] = "{\"preset\":\"soak\",\"users\":10000000,\"opsPerUser\":10}";
    struct host *host = host_open();
    try_under(host, "operator", body);
    const struct sn_json *plan = sn_json_get(expect_response(host, 200).json, "plan");
    assert_string_equal(member(plan, "bounds"), "operator");
    assert_true(number(limit(plan, "targetOperations"), "value") == 100000000);
    assert_true(number(limit(plan, "targetOperations"), "max") == SN_OPERATIONS_CEILING);
    assert_true(number(limit(plan, "concurrency"), "max") == SN_CONCURRENCY_CEILING);
    assert_true(number(limit(plan, "maxOpsPerSecond"), "max") == SN_RATE_PER_S_CEILING);
    assert_true(sum(sn_json_get(plan, "perSecond"), NULL) == 100000000);
    static const char *const defaults[] = {"", "default"};
    for (size_t i = 0; i < 2; i++) {
        try_under(host, defaults[i], body);
        expect_problem(host, 400, "plan.range", "$.users");
    }
    static const char *const words[] = {"Operator", "operator2", "default ", "operator-and-then-a-lot-more"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        try_under(host, words[i], "{\"preset\":\"smoke\"}");
        expect_problem(host, 400, "plan.limit", "$");
    }
    host_close(host);
}

/* What creating a run refuses is refused here, in the same words. */
static void refusals_are_the_same(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "",
        "{}",
        "[]",
        "{\"preset\":\"none\"}",
        "{\"preset\":\"smoke\",\"preset\":\"smoke\"}",
        "{\"preset\":\"smoke\",\"concurrency\":0}",
        "{\"preset\":\"smoke\",\"colour\":1}",
        "{\"profileType\":\"custom\"}",
        "{\"preset\":\"spike\",\"maxOpsPerSecond\":1,\"targetOperations\":100000}",
        "{\"preset\":\"smoke\",\"scheduledAt\":\"2026-09-21T14:13:20Z\"}",
        "{\"preset\":\"smoke\",\"scheduledAt\":\"2026-09-22T00:00:00Z\",\"startImmediately\":true}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct host *host = host_open();
        char first[1024];
        host_post(host, "/api/sentinel", bodies[i]);
        struct response r = expect_response(host, 400);
        assert_true(r.body.len < sizeof first);
        memcpy(first, r.body.data, r.body.len);
        size_t len = r.body.len;
        host_post(host, PLAN, bodies[i]);
        r = expect_response(host, 400);
        assert_int_equal(r.body.len, len);
        assert_memory_equal(r.body.data, first, len);
        host_close(host);
    }
}

static void room_that_is_too_small(void **state) {
    (void)state;
    struct host *host = host_open();
    host->outbox_cap = 1024;
    host_post(host, PLAN, "{\"preset\":\"soak\"}");
    expect_problem(host, 500, "internal.answer-size", "");
    host_get(host, "/api/sentinel/profiles");
    expect_problem(host, 500, "internal.answer-size", "");
    host_close(host);
}

/* A preset is listed with the figures that a plan gets which asks for it. */
static void presets_are_what_plans_get(void **state) {
    (void)state;
    struct host *host = host_open(), *other = host_open();
    host_get(host, "/api/sentinel/profiles");
    const struct sn_json *presets = sn_json_get(expect_response(host, 200).json, "presets");
    assert_int_equal(sn_json_count(presets), 15);
    for (const struct sn_json *at = sn_json_first(presets); at != NULL; at = sn_json_next(at)) {
        char body[64];
        snprintf(body, sizeof body, "{\"preset\":\"%s\"}", member(at, "name"));
        const struct sn_json *plan = try_plan(other, body);
        assert_string_equal(member(plan, "profileType"), member(at, "profileType"));
        assert_true(number(plan, "plannedOps") == number(at, "targetOperations"));
        assert_true(number(plan, "durationS") == number(at, "durationSeconds"));
        assert_true(number(plan, "concurrency") == number(at, "concurrency"));
        assert_true(number(plan, "peakPerS") == number(at, "peakPerS"));
        assert_true(sum(sn_json_get(plan, "phases"), "ops") == sum(sn_json_get(at, "phases"), "ops"));
        assert_true(sum(sn_json_get(plan, "phases"), "endS") == sum(sn_json_get(at, "phases"), "endS"));
        size_t systems = sn_json_count(sn_json_get(at, "targetSystems"));
        bool other_workload = sn_json_get(at, "workload") != NULL; /* none of those has systems */
        assert_int_equal(sn_json_count(sn_json_get(plan, "systems")), other_workload ? 1 : systems);
        assert_int_equal(systems == 0, other_workload);
        assert_string_not_equal(member(at, "about"), "");
    }
    host_close(host);
    host_close(other);
}

static void types_are_listed_with_their_fields(void **state) {
    (void)state;
    static const struct {
        const char *name, *fields;
    } rows[] = {{"sustained", ""},
                {"ramp", "rampConfig "},
                {"custom", "loadCurve "},
                {"spike", "spikeConfig spikeMultiplier "},
                {"oscillation", "oscillationConfig periodSeconds "},
                {"three-phase", "threePhase "}};
    struct host *host = host_open();
    host_get(host, "/api/sentinel/profiles");
    const struct sn_json *type = sn_json_first(sn_json_get(expect_response(host, 200).json, "types"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++, type = sn_json_next(type)) {
        char fields[128] = "";
        const struct sn_json *at = sn_json_first(sn_json_get(type, "fields"));
        for (; at != NULL; at = sn_json_next(at)) {
            strcat(fields, sn_json_string(at));
            strcat(fields, " ");
        }
        assert_string_equal(member(type, "name"), rows[i].name);
        assert_string_equal(fields, rows[i].fields);
        assert_string_not_equal(member(type, "about"), "");
    }
    assert_null(type);
    host_close(host);
}

static const struct sn_json *meter(const struct sn_json *side, const char *name) {
    const struct sn_json *at = sn_json_first(sn_json_get(side, "meters"));
    while (at != NULL && strcmp(member(at, "meter"), name) != 0) at = sn_json_next(at);
    return at;
}

/* A thousand writes to KV, by the list and by prices of one's own; the deletions are those of 100 keys that are used again and
 * of 50, twice. */
static void a_plan_has_a_price(void **state) {
    (void)state;
    static const char body[] = "{\"profileType\":\"sustained\",\"targetOperations\":1000,\"durationSeconds\":100,"
                               "\"targetSystems\":[\"kv_put\"],\"maxCostUsd\":1}";
    struct host *host = host_open();
    const struct sn_json *cost = sn_json_get(try_plan(host, body), "cost");
    const struct sn_json *target = sn_json_get(cost, "target");
    assert_true(number(meter(target, "kvWrites"), "units") == 1000 &&
                number(meter(target, "kvWrites"), "usd") == 0.005);
    assert_true(number(meter(target, "kvDeletes"), "units") == 300);
    assert_true(number(target, "usd") == 0.0065 && number(target, "beyondMonthUsd") == 0);
    assert_null(meter(target, "kvReads"));
    assert_true(number(cost, "maxCostUsd") == 1 && number(cost, "usd") > number(target, "usd"));
    const struct sn_json *day = sn_json_first(sn_json_get(cost, "freeDay"));
    while (strcmp(member(day, "meter"), "kvDeletes") != 0) day = sn_json_next(day);
    assert_true(number(day, "units") == 150 && number(day, "allowance") == 1000 && number(day, "share") == 0.15);

    struct call call = {.method = "POST", .target = PLAN, .body = body, .prices = "{\"kvWrites\":10,\"kvDeletes\":0}"};
    host_call(host, &call);
    cost = sn_json_get(sn_json_get(expect_response(host, 200).json, "plan"), "cost");
    assert_true(number(sn_json_get(cost, "target"), "usd") == 0.01);
    call.body = "{\"preset\":\"smoke\",\"maxCostUsd\":0.001}";
    call.prices = NULL;
    host_call(host, &call);
    expect_problem(host, 400, "plan.cost", "$.maxCostUsd");
    host_close(host);
}

static void prices_that_are_none_refuse_every_plan(void **state) {
    (void)state;
    static const struct {
        const char *prices, *expected;
    } rows[] = {
        {"{\"kvWrite\":10}", "the Worker's variable SENTINEL_PRICES to have at $.kvWrite one of d1RowsRead, "},
        {"{\"kvWrites\":-1}", "the Worker's variable SENTINEL_PRICES to have at $.kvWrites a number from 0 to 1000000; "
                              "whoever deployed this Sentinel can change it"},
        {"7", "SENTINEL_PRICES to have at $ an object of meters"},
        {"{", "SENTINEL_PRICES to have at $"},
    };
    struct host *host = host_open();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        host_call(host,
                  &(struct call){
                      .method = "POST", .target = PLAN, .body = "{\"preset\":\"smoke\"}", .prices = rows[i].prices});
        struct response problem = expect_problem(host, 400, "plan.limit", "$");
        if (strstr(member(problem.json, "expected"), rows[i].expected) == NULL)
            fail_msg("%s: %s", rows[i].prices, member(problem.json, "expected"));
    }
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plan_is_tried_out),
        cmocka_unit_test(the_longest_plan_fits),
        cmocka_unit_test(refusals_are_the_same),
        cmocka_unit_test(room_that_is_too_small),
        cmocka_unit_test(presets_are_what_plans_get),
        cmocka_unit_test(types_are_listed_with_their_fields),
        cmocka_unit_test(the_operator_lists_what_may_be_touched),
        cmocka_unit_test(a_list_that_is_too_long_lists_no_part_of_a_word),
        cmocka_unit_test(a_list_of_one_word_that_is_too_long),
        cmocka_unit_test(the_operator_may_raise_the_bounds),
        cmocka_unit_test(a_plan_has_a_price),
        cmocka_unit_test(prices_that_are_none_refuse_every_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
