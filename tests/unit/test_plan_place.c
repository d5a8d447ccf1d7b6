/* Where shards are, and what comes before the load. */
#include "plan_help.h"

static void regions_get_whole_shards_by_weight(void **state) {
    (void)state;
    static const struct {
        const char *json;
        uint32_t shards;
        struct {
            enum sn_region region;
            uint32_t count;
        } of[4];
    } rows[] = {
        {SMOKE("\"concurrency\":50,\"regions\":[\"weur\",\"enam\"]"), 10, {{SN_REGION_ENAM, 5}, {SN_REGION_WEUR, 5}}},
        {SMOKE("\"concurrency\":50,\"regions\":{\"weur\":3,\"enam\":1}"),
         10,
         {{SN_REGION_ENAM, 3}, {SN_REGION_WEUR, 7}}},
        /* No region goes without, however small its share. */
        {SMOKE("\"concurrency\":50,\"regions\":{\"oc\":1,\"apac\":1000}"),
         10,
         {{SN_REGION_APAC, 9}, {SN_REGION_OC, 1}}},
        /* More regions than five to a shard need. */
        {SMOKE("\"regions\":[\"wnam\",\"weur\",\"apac-se\"]"),
         3,
         {{SN_REGION_WNAM, 1}, {SN_REGION_WEUR, 1}, {SN_REGION_APAC_SE, 1}}},
        {SMOKE("\"concurrency\":500,\"regions\":{\"me\":1}"), 100, {{SN_REGION_ME, 100}}},
        {SMOKE("\"concurrency\":20,\"regions\":[\"wnam\",\"enam\",\"sam\"]"),
         4,
         {{SN_REGION_WNAM, 2}, {SN_REGION_ENAM, 1}, {SN_REGION_SAM, 1}}},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        uint32_t counts[SN_REGIONS_LEN] = {0}, sum = 0, before = 0;
        compiles(rows[i].json);
        assert_int_equal(plan.shards, rows[i].shards);
        assert_true(plan.slots * plan.shards >= plan.concurrency);
        for (uint32_t shard = 0; shard < plan.shards; shard++) {
            uint32_t region = sn_plan_region(&plan, shard);
            assert_true(region >= before && region < SN_REGIONS_LEN);
            counts[before = region] += 1;
        }
        for (size_t k = 0; k < 4 && rows[i].of[k].count > 0; k++) {
            assert_int_equal(counts[rows[i].of[k].region], rows[i].of[k].count);
            sum += rows[i].of[k].count;
        }
        assert_int_equal(sum, plan.shards);
    }
}

static void expect_name(uint32_t index, const char *expected) {
    char text[64];
    struct sn_writer w = sn_writer(text, sizeof text);
    sn_plan_put_shard_name(&w, &plan, index, index);
    assert_int_equal(w.len, strlen(expected));
    assert_memory_equal(text, expected, w.len);
}

static void a_shards_name_has_its_region(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    assert_int_equal(sn_plan_region(&plan, 0), SN_REGIONS_LEN);
    expect_name(0, "7c9e6679-7425-40de-944b-e07fc1f90ae7:0");
    compiles(SMOKE("\"concurrency\":10,\"regions\":[\"weur\",\"apac-ne\"]"));
    expect_name(0, "7c9e6679-7425-40de-944b-e07fc1f90ae7:weur:0");
    expect_name(1, "7c9e6679-7425-40de-944b-e07fc1f90ae7:apac-ne:1");
}

/* Where an object is to be counts with the first call only: so each call says it. */
static void a_shard_is_called_where_it_is_to_be(void **state) {
    (void)state;
    static const struct {
        const char *json, *name, *hint;
        uint32_t place, shard;
    } rows[] = {
        {"{\"preset\":\"smoke\"}", "7c9e6679-7425-40de-944b-e07fc1f90ae7:0", "", 0, 0},
        {SMOKE("\"concurrency\":10,\"regions\":[\"weur\",\"apac-ne\"]"),
         "7c9e6679-7425-40de-944b-e07fc1f90ae7:apac-ne:1", "apac-ne", 1, 1},
        /* Who takes a lost one's place is where that one was. */
        {SMOKE("\"concurrency\":10,\"regions\":[\"weur\",\"apac-ne\"]"), "7c9e6679-7425-40de-944b-e07fc1f90ae7:weur:2",
         "weur", 0, 2},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        uint8_t address[128];
        struct sn_writer w = sn_writer(address, sizeof address);
        compiles(rows[i].json);
        sn_plan_put_shard_address(&w, &plan, rows[i].place, rows[i].shard);
        struct sn_reader r = sn_reader(address, w.len);
        struct sn_span name = sn_get_span(&r), hint = sn_get_span(&r);
        assert_true(sn_span_is(name, rows[i].name));
        assert_true(sn_span_is(hint, rows[i].hint));
        assert_int_equal(sn_reader_left(&r), 0);
    }
}

static void regions_shape_the_load(void **state) {
    (void)state;
    compiles(SMOKE("\"regions\":[\"weur\"]"));
    uint64_t hash = plan.hash;
    compiles(SMOKE("\"regions\":{\"weur\":1}"));
    assert_true(plan.hash == hash);
    compiles(SMOKE("\"regions\":[\"eeur\"]"));
    assert_true(plan.hash != hash);
    compiles("{\"preset\":\"smoke\"}");
    assert_true(plan.hash != hash);
}

static void a_lead_in_comes_before_the_load(void **state) {
    (void)state;
    static const struct {
        const char *json;
        uint64_t planned, lead_in;
        double seconds;
    } rows[] = {
        {"{\"preset\":\"soak\",\"durationSeconds\":600,\"targetOperations\":6000,\"warmUpSeconds\":60}", 6300, 300, 60},
        {"{\"preset\":\"three-phase\",\"warmUpSeconds\":30}", 18889 + 472, 472, 30},
        {"{\"preset\":\"spike\",\"warmUpSeconds\":1}", 10017, 17, 1},
        {WAVE("\"targetOperations\":1000,\"durationSeconds\":100,\"warmUpSeconds\":10"), 1050, 50, 10},
        {SMOKE("\"targetOperations\":1,\"warmUpSeconds\":600"), 11, 10, 600},
        {SMOKE("\"targetOperations\":1,\"durationSeconds\":30,\"warmUpSeconds\":1"), 2, 1, 1}, /* at least one */
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t length_us = (int64_t)(rows[i].seconds * 1e6);
        compiles(rows[i].json);
        assert_int_equal(plan.lead_in, 1);
        assert_string_equal(plan.profile.phases[0].name, "lead-in");
        assert_int_equal(plan.profile.phases[0].end_us, length_us);
        assert_int_equal(plan.profile.planned, rows[i].planned);
        assert_int_equal(sn_profile_count(&plan.profile, length_us), rows[i].lead_in);
        /* Once per second from 0 up to the load's mean. */
        double mean = (double)(rows[i].planned - rows[i].lead_in) * 1e6 / (double)(plan.profile.end_us - length_us);
        double reached = sn_profile_rate_per_s(&plan.profile, length_us);
        assert_true(rows[i].lead_in < 20 || (reached > mean * 0.97 && reached < mean * 1.03));
    }
    compiles("{\"preset\":\"three-phase\"}");
    struct sn_profile without = plan.profile;
    compiles("{\"preset\":\"three-phase\",\"warmUpSeconds\":30}");
    for (uint64_t k = 1; k <= without.planned; k += 97) { /* the load itself only comes later */
        int64_t moved_us = sn_profile_due_us(&plan.profile, k + 472) - 30 * SN_SECOND_US;
        int64_t due_us = sn_profile_due_us(&without, k);
        assert_true(moved_us - due_us <= 1 && due_us - moved_us <= 1);
    }
}

static const struct {
    const char *json, *code, *path, *expected;
} refused[] = {
    {SMOKE("\"regions\":[]"), "plan.range", "$.regions", "at least one region"},
    {SMOKE("\"regions\":{}"), "plan.range", "$.regions", "at least one region"},
    {SMOKE("\"regions\":\"weur\""), "plan.type", "$.regions", "a list of regions"},
    {SMOKE("\"regions\":[\"weur\",\"mars\"]"), "plan.value", "$.regions[1]", "one of wnam, enam"},
    {SMOKE("\"regions\":[1]"), "plan.type", "$.regions[0]", "one of wnam"},
    {SMOKE("\"regions\":{\"WEUR\":1}"), "plan.value", "$.regions.WEUR", "one of wnam"},
    {SMOKE("\"regions\":[\"weur\",\"weur\"]"), "plan.duplicate", "$.regions[1]", "each region once"},
    {SMOKE("\"regions\":{\"weur\":0}"), "plan.range", "$.regions.weur", "from 1 to 1000"},
    {SMOKE("\"regions\":{\"weur\":1001}"), "plan.range", "$.regions.weur", "from 1 to 1000"},
    {SMOKE("\"regions\":{\"weur\":1.5}"), "plan.range", "$.regions.weur", "a whole number"},
    {SMOKE("\"concurrency\":1,\"regions\":[\"weur\",\"oc\"]"), "plan.conflict", "$.regions", "no more regions"},
    {SMOKE("\"warmUpSeconds\":0"), "plan.range", "$.warmUpSeconds", "from 1 to 600"},
    {SMOKE("\"warmUpSeconds\":601"), "plan.range", "$.warmUpSeconds", "from 1 to 600"},
    {SMOKE("\"warmUpSeconds\":\"10\""), "plan.type", "$.warmUpSeconds", "a whole number"},
    {SMOKE("\"durationSeconds\":3600,\"warmUpSeconds\":1"), "plan.range", "$.warmUpSeconds", "3600 seconds together"},
    {SMOKE("\"targetOperations\":1000000,\"durationSeconds\":600,\"warmUpSeconds\":1"), "plan.range",
     "$.targetOperations", "at most 1000000 operations in all"},
};

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        if (compile(refused[i].json) != SN_E_RANGE) fail_msg("%s was not refused", refused[i].json);
        assert_string_equal(error.code, refused[i].code);
        assert_string_equal(error.path, refused[i].path);
        if (strstr(error.expected, refused[i].expected) == NULL) fail_msg("%s: %s", refused[i].json, error.expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regions_get_whole_shards_by_weight),  cmocka_unit_test(a_shards_name_has_its_region),
        cmocka_unit_test(a_shard_is_called_where_it_is_to_be), cmocka_unit_test(regions_shape_the_load),
        cmocka_unit_test(a_lead_in_comes_before_the_load),     cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
