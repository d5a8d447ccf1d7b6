/* The two sets of bounds: what everybody gets, and what the operator may allow. */
#include "plan_help.h"

#include "sentinel/base/bounds.h"

static void sets_have_names(void **state) {
    (void)state;
    enum sn_bounds found = SN_BOUNDS_DEFAULT;
    assert_true(sn_bounds_find("operator", 8, &found) && found == SN_BOUNDS_OPERATOR);
    assert_true(sn_bounds_find("default", 7, &found) && found == SN_BOUNDS_DEFAULT);
    static const char *const others[] = {"", "Operator", "operato", "operator ", "paid"};
    for (size_t i = 0; i < LEN(others); i++) assert_false(sn_bounds_find(others[i], strlen(others[i]), &found));
    assert_string_equal(sn_bounds_name(SN_BOUNDS_OPERATOR), "operator");
}

/* Each bound of both sets: the last that passes, and the first that does not, with the sentence that it gets. */
static void each_bound_holds_in_its_set(void **state) {
    (void)state;
    static const struct {
        enum sn_bounds bounds;
        const char *form; /* %.0f: the value */
        double last;
        const char *path, *expected;
    } rows[] = {
        {SN_BOUNDS_DEFAULT, SMOKE("\"durationSeconds\":3600,\"targetOperations\":%.0f"), SN_OPERATIONS_MAX,
         "$.targetOperations", "a whole number from 1 to 1000000"},
        {SN_BOUNDS_OPERATOR, SMOKE("\"durationSeconds\":3600,\"targetOperations\":%.0f"), SN_OPERATIONS_CEILING,
         "$.targetOperations", "a whole number from 1 to 200000000"},
        {SN_BOUNDS_OPERATOR, SMOKE("\"durationSeconds\":3600,\"users\":10000000,\"opsPerUser\":%.0f"), 20, "$.users",
         "at most 200000000 operations in all; this plan has 210000000"},
        {SN_BOUNDS_DEFAULT, SMOKE("\"concurrency\":%.0f"), SN_CONCURRENCY_MAX, "$.concurrency",
         "a whole number from 1 to 500"},
        {SN_BOUNDS_OPERATOR, SMOKE("\"concurrency\":%.0f"), SN_CONCURRENCY_CEILING, "$.concurrency",
         "a whole number from 1 to "},
        {SN_BOUNDS_DEFAULT, SMOKE("\"maxOpsPerSecond\":%.0f"), SN_RATE_PER_S_MAX, "$.maxOpsPerSecond",
         "a number from 1 to 10000"},
        {SN_BOUNDS_OPERATOR, SMOKE("\"maxOpsPerSecond\":%.0f"), SN_RATE_PER_S_CEILING, "$.maxOpsPerSecond",
         "a number from 1 to 100000"},
        {SN_BOUNDS_OPERATOR, SMOKE("\"durationSeconds\":1,\"targetOperations\":%.0f"), SN_RATE_PER_S_CEILING,
         "$.targetOperations", "at most 100000 operations a second at any time; this plan needs 100001"},
        {SN_BOUNDS_OPERATOR,
         RAMP(
             "\"concurrency\":50,\"rampConfig\":{\"endOpsPerSecond\":%.0f,\"rampUpSeconds\":1,\"holdSeconds\":1,\"rampDownSeconds\":1}"),
         SN_RATE_PER_S_CEILING, "$.rampConfig.endOpsPerSecond", "a number from 0 to 100000"},
        {SN_BOUNDS_OPERATOR,
         "{\"profileType\":\"custom\",\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},"
         "{\"second\":9,\"opsPerSecond\":%.0f}]}",
         SN_RATE_PER_S_CEILING, "$.loadCurve[1].opsPerSecond", "a number from 0 to 100000"},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        char json[400];
        owner.bounds = rows[i].bounds;
        snprintf(json, sizeof json, rows[i].form, rows[i].last);
        compiles(json);
        assert_int_equal(plan.bounds, rows[i].bounds);
        snprintf(json, sizeof json, rows[i].form, rows[i].last + 1);
        assert_int_equal(compile(json), SN_E_RANGE);
        assert_string_equal(error.path, rows[i].path);
        if (strstr(error.expected, rows[i].expected) == NULL) fail_msg("row %zu: %s", i, error.expected);
    }
    owner.bounds = SN_BOUNDS_DEFAULT;
}

static void the_hash_leaves_the_set_out(void **state) {
    (void)state;
    compiles(SMOKE("\"concurrency\":12"));
    uint64_t hash = plan.hash, seed = plan.seed;
    owner.bounds = SN_BOUNDS_OPERATOR;
    compiles(SMOKE("\"concurrency\":12"));
    owner.bounds = SN_BOUNDS_DEFAULT;
    assert_int_equal(plan.bounds, SN_BOUNDS_OPERATOR);
    assert_int_equal(plan.hash, hash);
    assert_int_equal(plan.seed, seed);
}

#define BODY_AT (328 + 8 * SN_METERS_LEN + 40) /* in the compiled form: behind the head and one threshold */

/* The set's number lies 36 bytes into the head, the concurrency 4 into the body. */
static void a_form_beyond_every_set_does_not_open(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint32_t last;
    } rows[] = {{36, SN_BOUNDS_LEN - 1}, {32, SN_PLATFORMS_LEN - 1}, {BODY_AT + 4, SN_CONCURRENCY_CEILING}};
    compiles(SMOKE("\"concurrency\":12"));
    for (size_t i = 0; i < LEN(rows); i++) {
        for (uint32_t more = 0; more < 2; more++) {
            uint32_t was, value = rows[i].last + more;
            memcpy(&was, bytes + rows[i].at, 4);
            memcpy(bytes + rows[i].at, &value, 4);
            uint32_t crc = sn_crc32(bytes + 16, bytes_len - 16);
            memcpy(bytes + 12, &crc, 4);
            assert_int_equal(sn_plan_open(&plan, bytes, bytes_len), more ? SN_E_FORMAT : SN_OK);
            memcpy(bytes + rows[i].at, &was, 4);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_have_names),
        cmocka_unit_test(each_bound_holds_in_its_set),
        cmocka_unit_test(the_hash_leaves_the_set_out),
        cmocka_unit_test(a_form_beyond_every_set_does_not_open),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
