#include "plan_help.h"

/* --- Refusals --------------------------------------------------------------------------------------------------- */

static const struct {
    const char *json, *code, *path, *expected; /* expected: a part of the sentence */
} refused[] = {
    {"", "json.syntax", "$", "a value, but the text ends here, at byte 0"},
    {"{\"preset\":\"smoke\",}", "json.syntax", "$", "a name in double quotes, at byte 18"},
    {"{\"seed\":1,\"seed\":1}", "json.duplicate-name", "$.seed", "each name once"},
    {"{\"seed\":1e999}", "json.number", "$.seed", "64-bit"},
    {"null", "plan.type", "$", "an object"},
    {"{}", "plan.missing", "$",
     "a preset (one of smoke, spike, sustained, oscillation, ramp, stress, capacity, soak, three-phase, "
     "launch-day, multi-tenant-chaos, auth-stress, "
     "session-fan-out, tenant-isolation, reaction-race) or a "
     "profileType (one of sustained, ramp, custom, spike, oscillation, three-phase)"},
    {"{\"name\":\"x\"}", "plan.missing", "$", "a preset"},
    {SMOKE("\"spikemultiplier\":10"), "plan.unknown-field", "$.spikemultiplier",
     "a known field: one of name, description"},
    {SMOKE("\"Seed\":10"), "plan.unknown-field", "$.Seed", "seed"},
    {SMOKE("\"tar get\":10"), "plan.unknown-field", "$[\"tar get\"]", "startImmediately"},
    {SMOKE("\"\":10"), "plan.unknown-field", "$[\"\"]", "a known field"},
    {SMOKE("\"a\\nb\":10"), "plan.unknown-field", "$[\"a?b\"]", "a known field"},
    {SMOKE("\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddéééé\":1"), "plan.unknown-field",
     "$[\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddd…\"]", "a known field"}, /* cut before the é, not inside */
    {"{\"preset\":\"burst\"}", "plan.value", "$.preset",
     "one of smoke, spike, sustained, oscillation, ramp, stress, capacity, soak, three-phase"},
    {"{\"preset\":7}", "plan.type", "$.preset", "one of smoke"},
    {"{\"profileType\":\"smoke\"}", "plan.value", "$.profileType",
     "one of sustained, ramp, custom, spike, oscillation, three-phase"},
    {"{\"profileType\":null}", "plan.type", "$.profileType", "one of sustained"},
    {SMOKE("\"name\":\"\""), "plan.range", "$.name", "a text from 1 to 120 bytes long"},
    {SMOKE("\"name\":\"a\\tb\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\x7f\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"\\u0080\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\\u009f\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\\u202Ab\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\\u202e\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\\u2066\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"\\u2069a\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":5"), "plan.type", "$.name", "a text"},
    {SMOKE("\"description\":5"), "plan.type", "$.description", "a text"},
    {SMOKE("\"description\":\"\\u001b[2J\""), "plan.value", "$.description", "without control characters"},
    {SMOKE("\"description\":\"\\u202e\""), "plan.value", "$.description", "without control characters"},
    {SMOKE("\"targetOperations\":0"), "plan.range", "$.targetOperations", "a whole number from 1 to 1000000"},
    {SMOKE("\"targetOperations\":1000001"), "plan.range", "$.targetOperations", "1000000"},
    {SMOKE("\"targetOperations\":1.5"), "plan.range", "$.targetOperations", "a whole number"},
    {SMOKE("\"targetOperations\":\"100\""), "plan.type", "$.targetOperations", "a whole number"},
    {SMOKE("\"durationSeconds\":0"), "plan.range", "$.durationSeconds", "a whole number from 1 to 3600"},
    {SMOKE("\"durationSeconds\":3601"), "plan.range", "$.durationSeconds", "3600"},
    {SMOKE("\"concurrency\":0"), "plan.range", "$.concurrency", "a whole number from 1 to 500"},
    {SMOKE("\"concurrency\":501"), "plan.range", "$.concurrency", "500"},
    {SMOKE("\"targetSystems\":[]"), "plan.range", "$.targetSystems", "from 1 to 16 elements"},
    {SMOKE("\"targetSystems\":\"d1_reads\""), "plan.type", "$.targetSystems", "an array"},
    {SMOKE("\"targetSystems\":[\"d1_reads\",1]"), "plan.type", "$.targetSystems[1]", "a text"},
    {SMOKE("\"targetSystems\":[\"d1_reads\",\"d1_reads\"]"), "plan.duplicate", "$.targetSystems[1]", "once"},
    {SMOKE("\"targetSystems\":[\"kv_get\",\"do_call\"]"), "plan.value", "$.targetSystems[1]", "one of d1_reads"},
    {SMOKE("\"targetSystems\":[\"a-name-that-is-longer-than-any-system\"]"), "plan.range", "$.targetSystems[0]", "31"},
    {SMOKE("\"prepare\":\"keep\""), "plan.value", "$.prepare", "one of run, none, reuse, remove"},
    {SMOKE("\"prepare\":false"), "plan.type", "$.prepare", "one of run, none, reuse, remove"},
    {SMOKE("\"maxOpsPerSecond\":0.5"), "plan.range", "$.maxOpsPerSecond", "a number from 1 to 10000"},
    {SMOKE("\"maxOpsPerSecond\":10001"), "plan.range", "$.maxOpsPerSecond", "10000"},
    {SMOKE("\"maxOpsPerSecond\":3,\"targetOperations\":100"), "plan.rate", "$.targetOperations",
     "at most 3 operations a second at any time; this plan needs 3.33"},
    {SMOKE("\"maxOpsPerSecond\":3,\"users\":10,\"opsPerUser\":10"), "plan.rate", "$.users", "needs 3.33"},
    {SMOKE("\"durationSeconds\":3600,\"maxOpsPerSecond\":300"), "plan.range", "$.maxOpsPerSecond",
     "at most 1000000 operations in all; this plan has 1080000"},
    {SMOKE("\"users\":10"), "plan.missing", "$.users", "users and opsPerUser together"},
    {SMOKE("\"opsPerUser\":10"), "plan.missing", "$.users", "users and opsPerUser together"},
    {SMOKE("\"users\":0,\"opsPerUser\":10"), "plan.range", "$.users", "from 1 to 10000000"},
    {SMOKE("\"users\":10,\"opsPerUser\":10,\"targetOperations\":100"), "plan.conflict", "$.users", "either users"},
    {SMOKE("\"users\":10000000,\"opsPerUser\":1000000"), "plan.range", "$.users", "this plan has 10000000000000"},
    {SMOKE("\"scale\":1"), "plan.type", "$.scale", "true or false"},
    {SMOKE("\"arrivals\":\"random\""), "plan.value", "$.arrivals", "one of even, poisson"},
    {SMOKE("\"targetOperations\":10001,\"durationSeconds\":1"), "plan.rate", "$.targetOperations",
     "at most 10000 operations a second at any time; this plan needs 10001"},
    {"{\"preset\":\"sustained\",\"durationSeconds\":4}", "plan.rate", "$.durationSeconds", "this plan needs 12500"},
    {SMOKE("\"maxLateMs\":9"), "plan.range", "$.maxLateMs", "from 10 to 60000"},
    {SMOKE("\"timeoutMs\":60001"), "plan.range", "$.timeoutMs", "from 10 to 60000"},
    {SMOKE("\"startImmediately\":1"), "plan.type", "$.startImmediately", "true or false"},
    {SMOKE("\"seed\":-1"), "plan.range", "$.seed", "from 0 to 9007199254740991"},
    {SMOKE("\"seed\":9007199254740992"), "plan.range", "$.seed", "9007199254740991"},
    {SMOKE("\"seed\":9007199254740993"), "plan.range", "$.seed", "a text of digits"}, /* read as …992 */
    {SMOKE("\"seed\":0.5"), "plan.range", "$.seed", "a whole number"},
    {SMOKE("\"seed\":true"), "plan.type", "$.seed", "\"random\""},
    {SMOKE("\"seed\":\"\""), "plan.value", "$.seed", "\"random\""},
    {SMOKE("\"seed\":\"12x\""), "plan.value", "$.seed", "\"random\""},
    {SMOKE("\"seed\":\"18446744073709551616\""), "plan.value", "$.seed", "18446744073709551615"},
    {SMOKE("\"seed\":\"random\""), "plan.value", "$.seed", "no source of random seeds"},
    /* The first fault in the order of the text, whatever the order of our tables. */
    {SMOKE("\"concurrency\":0,\"name\":\"\""), "plan.range", "$.concurrency", "500"},
    {SMOKE("\"seed\":-1,\"nonsense\":1"), "plan.range", "$.seed", "0"},

    {SMOKE("\"rampConfig\":{}"), "plan.conflict", "$.rampConfig", "profileType \"ramp\""},
    {SMOKE("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":1,\"opsPerSecond\":1}]"), "plan.conflict",
     "$.loadCurve", "profileType \"custom\""},
    {RAMP("\"rampConfig\":[]"), "plan.type", "$.rampConfig", "an object"},
    {RAMP("\"rampConfig\":{\"peak\":1}"), "plan.unknown-field", "$.rampConfig.peak", "startOpsPerSecond"},
    {RAMP("\"rampConfig\":{\"endOpsPerSecond\":10001}"), "plan.range", "$.rampConfig.endOpsPerSecond",
     "a number from 0 to 10000"},
    {RAMP("\"rampConfig\":{\"endOpsPerSecond\":null}"), "plan.type", "$.rampConfig.endOpsPerSecond", "a number"},
    {RAMP("\"rampConfig\":{\"rampUpSeconds\":5}"), "plan.missing", "$.rampConfig", "together, or none"},
    {RAMP("\"rampConfig\":{\"rampUpSeconds\":0,\"holdSeconds\":0,\"rampDownSeconds\":0}"), "plan.range", "$.rampConfig",
     "1 to 3600 seconds"},
    {RAMP("\"rampConfig\":{\"rampUpSeconds\":3000,\"holdSeconds\":600,\"rampDownSeconds\":1}"), "plan.range",
     "$.rampConfig", "1 to 3600 seconds"},
    {RAMP("\"durationSeconds\":20,\"rampConfig\":{\"rampUpSeconds\":5,\"holdSeconds\":5,\"rampDownSeconds\":5}"),
     "plan.conflict", "$.durationSeconds", "the sum of the three lengths"},
    {RAMP("\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":0}"), "plan.range", "$.rampConfig",
     "at least one operation"},
    {RAMP("\"targetOperations\":5,\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":0}"), "plan.range",
     "$.targetOperations", "above 0 somewhere"},
    {RAMP("\"rampConfig\":{\"endOpsPerSecond\":5000}"), "plan.range", "$.rampConfig",
     "at most 1000000 operations in all"},
    {RAMP("\"maxOpsPerSecond\":100,\"targetOperations\":100000"), "plan.rate", "$.targetOperations",
     "at most 100 operations a second at any time; this plan needs 170"},
    {RAMP("\"maxOpsPerSecond\":2,\"rampConfig\":{\"endOpsPerSecond\":3}"), "plan.rate", "$.rampConfig", "needs 3"},

    {RAMP(
         "\"targetOperations\":203,\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":10,\"rampUpSeconds\":10,"
         "\"holdSeconds\":10,\"rampDownSeconds\":10}"),
     "plan.conflict", "$.targetOperations",
     "a number within 1 % of the operations under the curve, 200, or \"scale\": true"},
    {RAMP("\"rampConfig\":{\"holdSeconds\":1,\"sustainSeconds\":1}"), "plan.conflict", "$.rampConfig.sustainSeconds",
     "in one place only"},

    {SMOKE("\"spikeMultiplier\":10"), "plan.conflict", "$.spikeMultiplier", "profileType \"spike\" beside this field"},
    {SMOKE("\"spikeConfig\":{}"), "plan.conflict", "$.spikeConfig", "profileType \"spike\""},
    {SMOKE("\"periodSeconds\":10"), "plan.conflict", "$.periodSeconds", "profileType \"oscillation\""},
    {SMOKE("\"oscillationConfig\":{}"), "plan.conflict", "$.oscillationConfig", "profileType \"oscillation\""},
    {SMOKE("\"threePhase\":{}"), "plan.conflict", "$.threePhase", "profileType \"three-phase\""},
    {SPIKE("\"spikeMultiplier\":0.5"), "plan.range", "$.spikeMultiplier", "a number from 1 to 100"},
    {SPIKE("\"spikeMultiplier\":101"), "plan.range", "$.spikeMultiplier", "a number from 1 to 100"},
    {SPIKE("\"spikeMultiplier\":5,\"spikeConfig\":{\"spikeMultiplier\":5}"), "plan.conflict",
     "$.spikeConfig.spikeMultiplier", "this value in one place only"},
    {SPIKE("\"spikeConfig\":{\"warmupSeconds\":5}"), "plan.missing", "$.spikeConfig", "all three lengths together"},
    {SPIKE("\"spikeConfig\":{\"seconds\":5}"), "plan.unknown-field", "$.spikeConfig.seconds", "cooldownSeconds"},
    {SPIKE("\"threePhase\":{\"peakMultiplier\":5}"), "plan.conflict", "$.threePhase", "\"three-phase\""},
    {"{\"preset\":\"three-phase\",\"threePhase\":{\"peakMultiplier\":0.9}}", "plan.range",
     "$.threePhase.peakMultiplier", "from 1 to 100"},
    {WAVE("\"periodSeconds\":0"), "plan.range", "$.periodSeconds", "a number from 1 to 3600"},
    {WAVE("\"oscillationConfig\":{\"waveform\":\"triangle\"}"), "plan.value", "$.oscillationConfig.waveform",
     "one of sine, square, sawtooth"},
    {WAVE("\"oscillationConfig\":{\"minOpsPerSecond\":1}"), "plan.missing", "$.oscillationConfig", "together, or none"},
    {WAVE("\"oscillationConfig\":{\"minOpsPerSecond\":2,\"maxOpsPerSecond\":1}"), "plan.range", "$.oscillationConfig",
     "up to maxOpsPerSecond"},
    {WAVE("\"targetOperations\":100,\"oscillationConfig\":{\"minOpsPerSecond\":2,\"maxOpsPerSecond\":4}"),
     "plan.conflict", "$.targetOperations", "the operations under the curve, 1800"},
    {WAVE("\"oscillationConfig\":{\"waveform\":\"square\",\"periodSeconds\":4}"), "plan.range", "$.oscillationConfig",
     "a period of at least 4.688 seconds, since a curve has at most 256 pieces"},
    {WAVE("\"periodSeconds\":2,\"oscillationConfig\":{\"waveform\":\"sawtooth\"}"), "plan.range", "$.oscillationConfig",
     "at least 2.344 seconds"},

    {"{\"profileType\":\"custom\"}", "plan.missing", "$.loadCurve", "the points of the curve"},
    {CUSTOM("\"loadCurve\":[]"), "plan.range", "$.loadCurve", "from 2 to 257 elements"},
    {CUSTOM("\"loadCurve\":[3,4]"), "plan.type", "$.loadCurve[0]", "an object"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":1}]"), "plan.missing", "$.loadCurve[1]",
     "second and opsPerSecond"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":1,\"opsPerSecond\":1},{\"second\":2,"
            "\"opsPerSecond\":10001}]"),
     "plan.range", "$.loadCurve[2].opsPerSecond", "a number from 0 to 10000"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":-1},7]"), "plan.range", "$.loadCurve[0].opsPerSecond", "0"},
    {CUSTOM("\"loadCurve\":[{\"second\":3601,\"opsPerSecond\":1},7]"), "plan.range", "$.loadCurve[0].second", "3600"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"ops\":1},7]"), "plan.unknown-field", "$.loadCurve[0].ops", "second"},
    {CUSTOM("\"loadCurve\":[{\"second\":5,\"opsPerSecond\":1},{\"second\":4,\"opsPerSecond\":1}]"), "plan.range",
     "$.loadCurve[1].second", "in the order of time"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1}]"), "plan.range", "$.loadCurve", "from 2 to 257"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":9},{\"second\":0.9,\"opsPerSecond\":9}]"), "plan.range",
     "$.loadCurve", "at least a second"},
    {CUSTOM(
         "\"durationSeconds\":5,\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":6,\"opsPerSecond\":1}]"),
     "plan.conflict", "$.durationSeconds", "reaches the curve's last point"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":0},{\"second\":9,\"opsPerSecond\":0}]"), "plan.range",
     "$.loadCurve", "at least one operation"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":10000},{\"second\":101,\"opsPerSecond\":10000}]"),
     "plan.range", "$.loadCurve", "this plan has 1010000"},
    {CUSTOM(
         "\"maxOpsPerSecond\":5,\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":9,\"opsPerSecond\":6}]"),
     "plan.rate", "$.loadCurve", "this plan needs 6"},
};

static void refuses_with_the_place_and_what_was_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        enum sn_status status = compile(refused[i].json);
        if (status == SN_OK) fail_msg("accepted: %s", refused[i].json);
        bool json = strncmp(refused[i].code, "json.", 5) == 0;
        if (status != (json ? SN_E_FORMAT : SN_E_RANGE) || strcmp(error.code, refused[i].code) != 0 ||
            strcmp(error.path, refused[i].path) != 0 || strstr(error.expected, refused[i].expected) == NULL)
            fail_msg("%s\n  gave %d %s at %s: expected %s", refused[i].json, status, error.code, error.path,
                     error.expected);
    }
}

static void long_texts_have_bounds(void **state) {
    (void)state;
    static char json[SN_PLAN_TEXT_MAX + 100];
    for (size_t over = 0; over < 2; over++) {
        size_t len = (size_t)sprintf(json, "{\"preset\":\"smoke\",\"name\":\"");
        memset(json + len, 'n', SN_NAME_MAX + over);
        sprintf(json + len + SN_NAME_MAX + over, "\"}");
        assert_int_equal(compile(json), over ? SN_E_RANGE : SN_OK);
        len = (size_t)sprintf(json, "{\"preset\":\"smoke\",\"description\":\"");
        memset(json + len, 'd', SN_DESCRIPTION_MAX + over);
        sprintf(json + len + SN_DESCRIPTION_MAX + over, "\"}");
        assert_int_equal(compile(json), over ? SN_E_RANGE : SN_OK);
        len = (size_t)sprintf(json, "{\"preset\":\"smoke\"}");
        memset(json + len, ' ', SN_PLAN_TEXT_MAX + over - len);
        assert_int_equal(compile_len(json, SN_PLAN_TEXT_MAX + over), over ? SN_E_LIMIT : SN_OK);
    }
    assert_string_equal(error.code, "plan.size");
    assert_string_equal(error.path, "$");
}

static size_t put_curve(char *json, uint32_t points, double first, double step) {
    size_t len = (size_t)sprintf(json, "{\"profileType\":\"custom\",\"loadCurve\":[");
    for (uint32_t i = 0; i < points; i++)
        len += (size_t)sprintf(json + len, "%s{\"second\":%.3f,\"opsPerSecond\":%u}", i > 0 ? "," : "",
                               first + i * step, 1 + i % 7);
    return len;
}

/* 257 points are 256 pieces; a piece before the first point is one too many. */
static void the_largest_curve_fits_the_arena_and_the_form(void **state) {
    (void)state;
    static char json[40000];
    size_t len = put_curve(json, 257, 0, 1.125);
    sprintf(json + len, "]}");
    compiles(json);
    assert_int_equal(plan.profile.segments_len, 256);
    assert_true(bytes_len < SN_PLAN_BYTES_MAX);
    len = put_curve(json, 258, 0, 1.125);
    sprintf(json + len, "]}");
    assert_int_equal(compile(json), SN_E_RANGE);
    assert_string_equal(error.path, "$.loadCurve");
    len = put_curve(json, 257, 0.5, 1.125);
    sprintf(json + len, "]}");
    assert_int_equal(compile(json), SN_E_RANGE);
    assert_string_equal(error.expected, "a curve of at most 256 pieces");
}

static const struct {
    const char *run_id, *tenant;
} bad_owners[] = {
    {"", "default"},
    {"run_1", "default"}, /* "run" and "run_1" would share the beginning of their keys */
    {"run/1", "default"},
    {"0123456789012345678901234567890123456789", "default"}, /* 40 */
    {"r", ""},
    {"r", "a b"},
    {"r", "a\"b"},
    {"r", "ä"},
    {"r", "0123456789012345678901234567890123456789012345678901234567890123"}, /* 64 */
};

static void owners_fit_into_keys(void **state) {
    (void)state;
    struct sn_plan_owner was = owner;
    for (size_t i = 0; i < LEN(bad_owners); i++) {
        owner = (struct sn_plan_owner){.run_id = bad_owners[i].run_id, .tenant = bad_owners[i].tenant};
        assert_int_equal(compile("{\"preset\":\"smoke\"}"), SN_E_RANGE);
        assert_string_equal(error.code, "plan.owner");
    }
    owner = (struct sn_plan_owner){
        .run_id = "012345678901234567890123456789012345678",
        .tenant = "A.b_c-678901234567890123456789012345678901234567890123456789012",
    };
    compiles("{\"preset\":\"smoke\"}");
    assert_string_equal(plan.run_id, owner.run_id);
    assert_string_equal(plan.tenant, owner.tenant);
    owner = was;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_with_the_place_and_what_was_expected),
        cmocka_unit_test(long_texts_have_bounds),
        cmocka_unit_test(the_largest_curve_fits_the_arena_and_the_form),
        cmocka_unit_test(owners_fit_into_keys),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
