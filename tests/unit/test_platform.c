/* What the account's plan with Cloudflare makes of a plan of ours. */
#include "plan_help.h"

#include "sentinel/plan/estimate.h"

static void slices_end_before_the_platform_ends_them(void **state) {
    (void)state;
    assert_int_equal(sn_platform_slice_calls(SN_PLATFORM_PAID), 9000);
    assert_int_equal(sn_platform_slice_calls(SN_PLATFORM_FREE), 45);
    enum sn_platform found = SN_PLATFORM_PAID;
    assert_true(sn_platform_find("free", 4, &found) && found == SN_PLATFORM_FREE);
    assert_true(sn_platform_find("paid", 4, &found) && found == SN_PLATFORM_PAID);
    assert_false(sn_platform_find("Free", 4, &found));
    assert_false(sn_platform_find("free", 3, &found));
    assert_false(sn_platform_find("", 0, &found));
}

static void compile_on(enum sn_platform platform, const char *json) {
    owner.platform = platform;
    compiles(json);
    owner.platform = SN_PLATFORM_PAID;
}

/* The platform shapes the slices, not the load. */
static void the_hash_leaves_the_platform_out(void **state) {
    (void)state;
    compile_on(SN_PLATFORM_PAID, SMOKE("\"concurrency\":12"));
    uint64_t hash = plan.hash, seed = plan.seed;
    assert_int_equal(plan.platform, SN_PLATFORM_PAID);
    compile_on(SN_PLATFORM_FREE, SMOKE("\"concurrency\":12"));
    assert_int_equal(plan.platform, SN_PLATFORM_FREE);
    assert_int_equal(plan.hash, hash);
    assert_int_equal(plan.seed, seed);
}

/* A thousand operations of kv_put: each writes a key once, and cleanup deletes the 150 that there are, twice. */
static void estimates_follow_the_steps(void **state) {
    (void)state;
    compiles("{\"profileType\":\"sustained\",\"targetOperations\":1000,\"durationSeconds\":100,\"concurrency\":10,"
             "\"targetSystems\":[\"kv_put\"]}");
    struct sn_ledger estimate = sn_plan_estimate(&plan, SN_PLATFORM_PAID);
    uint64_t deleted = sn_plan_items(&plan, SN_STAGE_CLEANUP, 1000);
    assert_int_equal(estimate.target.units[SN_METER_KV_WRITES], 1000);
    assert_int_equal(estimate.target.units[SN_METER_KV_DELETES], 2 * deleted);
    for (size_t i = 0; i < SN_METERS_LEN; i++) {
        bool touched = i == SN_METER_KV_WRITES || i == SN_METER_KV_DELETES;
        assert_true((estimate.target.units[i] > 0) == touched);
    }
    estimate = sn_plan_estimate(&plan, SN_PLATFORM_FREE); /* where the sweep leaves keys to expire */
    assert_int_equal(estimate.target.units[SN_METER_KV_DELETES], deleted);
}

/* What is added is taken away once, whichever of the clean-up's statements does it. */
static void what_is_inserted_is_deleted(void **state) {
    (void)state;
    static const struct {
        const char *more;
        uint64_t read, written;
    } rows[] = {
        /* a hundred records are prepared; a third of 300 operations insert one, a third five, a third update */
        {"\"targetSystems\":[\"d1_writes\"]", 100 * 2 + 101 + 4 * 700, 100 * 3 + 500 * 3 + 100 + 300 + 700},
        {"\"targetSystems\":[\"d1_writes\"],\"prepare\":\"none\"", 100 * 2 + 4 * 600, 100 * 3 + 500 * 3 + 100 + 600},
        {"\"targetSystems\":[\"d1_reads\"],\"prepare\":\"none\"", 100 * (10 + 100 + 20), 0},
        {"\"targetSystems\":[\"post_crud\"]", 150 * 20 + 61 + 4 * 210, 150 * 4 + 240 + 210},
        {"\"targetSystems\":[\"auth_flows\"]", 150 + 51 + 50, 150 + 50},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        char json[200];
        snprintf(json, sizeof json,
                 "{\"profileType\":\"sustained\",\"targetOperations\":300,\"durationSeconds\":10,%s}", rows[i].more);
        compiles(json);
        struct sn_usage usage = sn_plan_estimate(&plan, SN_PLATFORM_PAID).target;
        uint64_t read = usage.units[SN_METER_D1_ROWS_READ], written = usage.units[SN_METER_D1_ROWS_WRITTEN];
        if (read != rows[i].read || written != rows[i].written)
            fail_msg("%s: read %llu, written %llu", rows[i].more, (unsigned long long)read,
                     (unsigned long long)written);
    }
}

/* Two shards and the run are awake for the load and a little more, and report once a second. */
static void our_own_side_follows_the_shards(void **state) {
    (void)state;
    compiles("{\"profileType\":\"sustained\",\"targetOperations\":1000,\"durationSeconds\":100,\"concurrency\":10,"
             "\"targetSystems\":[\"kv_put\"]}");
    struct sn_usage own = sn_plan_estimate(&plan, SN_PLATFORM_PAID).own;
    uint64_t second = 3 * 128000; /* of three objects, in MB-ms */
    assert_in_range(own.units[SN_METER_OBJECT_DURATION], 100 * second, 110 * second);
    assert_in_range(own.units[SN_METER_OBJECT_REQUESTS], 2 * 100, 2 * 130);
    assert_in_range(own.units[SN_METER_OBJECT_ROWS_WRITTEN], 2 * 3 * 100, 2 * 3 * 100 + 500);
    assert_int_equal(own.units[SN_METER_KV_WRITES], 0);
    uint64_t hour = own.units[SN_METER_OBJECT_DURATION];
    compiles("{\"profileType\":\"sustained\",\"targetOperations\":1000,\"durationSeconds\":200,\"concurrency\":20,"
             "\"targetSystems\":[\"kv_put\"]}");
    own = sn_plan_estimate(&plan, SN_PLATFORM_PAID).own; /* five objects for twice as long */
    assert_in_range(own.units[SN_METER_OBJECT_DURATION], hour * 3, hour * 4);
}

static void a_plan_may_say_what_it_may_cost(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\",\"maxCostUsd\":0.5}");
    assert_int_equal(plan.max_cost_nusd, 500000000);
    uint64_t hash = plan.hash;
    compiles("{\"preset\":\"smoke\"}");
    assert_int_equal(plan.max_cost_nusd, 0);
    assert_true(plan.hash == hash); /* it is the same load */
    struct sn_ledger estimate = sn_plan_estimate(&plan, SN_PLATFORM_PAID);
    uint64_t nusd = sn_ledger_cost_nusd(&plan.prices, &estimate);
    char json[80];
    snprintf(json, sizeof json, "{\"preset\":\"smoke\",\"maxCostUsd\":%.9f}", (double)nusd / 1e9);
    compiles(json);
    snprintf(json, sizeof json, "{\"preset\":\"smoke\",\"maxCostUsd\":%.9f}", (double)(nusd - 1) / 1e9);
    assert_int_equal(compile(json), SN_E_RANGE);
    assert_string_equal(error.code, "plan.cost");
    assert_string_equal(error.path, "$.maxCostUsd");
    assert_true(strstr(error.expected, "at least $0.00") == error.expected);
    assert_non_null(strstr(error.expected, "at the target and $0.000"));
    assert_int_equal(compile("{\"preset\":\"smoke\",\"maxCostUsd\":0}"), SN_E_RANGE);
    assert_string_equal(error.path, "$.maxCostUsd");
}

/* --- Prices ------------------------------------------------------------------------------------------------- */

static bool read_prices(const char *json, struct sn_prices *prices) {
    memset(&error, 0, sizeof error);
    return sn_prices_read(json, strlen(json), &arena, prices, &error);
}

static void prices_can_be_set(void **state) {
    (void)state;
    struct sn_prices prices, listed = sn_prices_listed();
    assert_true(read_prices("", &prices) && memcmp(&prices, &listed, sizeof prices) == 0);
    assert_true(read_prices("{}", &prices) && memcmp(&prices, &listed, sizeof prices) == 0);
    assert_true(read_prices("{\"d1RowsRead\": 0.0008, \"r2ClassA\": 0, \"objectDuration\": 12.5}", &prices));
    assert_int_equal(prices.nusd[SN_METER_D1_ROWS_READ], 800000);
    assert_int_equal(prices.nusd[SN_METER_R2_CLASS_A], 0);
    assert_int_equal(prices.nusd[SN_METER_OBJECT_DURATION], listed.nusd[SN_METER_OBJECT_DURATION]);
    assert_int_equal(prices.nusd[SN_METER_KV_READS], listed.nusd[SN_METER_KV_READS]);
    static const struct {
        const char *json, *code, *path, *expected;
    } rows[] = {
        {"[1]", "plan.type", "$", "an object of meters"},
        {"{\"d1\": 1}", "plan.unknown-field", "$.d1", "one of d1RowsRead, "},
        {"{\"kvReads\": -1}", "plan.range", "$.kvReads", "a number from 0 to 1000000"},
        {"{\"kvReads\": 1000001}", "plan.range", "$.kvReads", "a number from 0 to 1000000"},
        {"{\"kvReads\": \"1\"}", "plan.type", "$.kvReads", "a number from 0 to 1000000"},
        {"{\"kvReads\": 1, \"kvReads\": 2}", "json.duplicate-name", "$.kvReads", ""},
        {"{\"kvReads\":", "json.syntax", "", ""},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        assert_false(read_prices(rows[i].json, &prices));
        assert_string_equal(error.code, rows[i].code);
        if (rows[i].path[0] != 0) assert_string_equal(error.path, rows[i].path);
        if (strstr(error.expected, rows[i].expected) == NULL) fail_msg("%s: %s", rows[i].json, error.expected);
    }
    prices = listed; /* what a plan is compiled with it carries along */
    prices.nusd[SN_METER_KV_READS] = 7;
    owner.prices = &prices;
    compiles("{\"preset\":\"smoke\"}");
    owner.prices = NULL;
    assert_int_equal(plan.prices.nusd[SN_METER_KV_READS], 7);
}

static void what_a_free_day_cannot_carry_is_refused(void **state) {
    (void)state;
    static const struct {
        const char *system;
        uint32_t operations;
        const char *words; /* NULL: it is carried */
    } rows[] = {
        {"kv_put", 800, NULL},
        {"kv_put", 1001, "at most 1000 writes to KV; this one makes about 1001"},
        {"kv_get", 200000, "reads of KV"},
        {"d1_reads", 100000, NULL},
        {"d1_reads", 200000, "at most 5000000 rows read from D1; this one makes about 86"},
        {"d1_writes", 90000, "rows written to D1"},
        {"r2_download", 10000, NULL},
    };
    owner.platform = SN_PLATFORM_FREE;
    for (size_t i = 0; i < LEN(rows); i++) {
        char json[160];
        snprintf(json, sizeof json,
                 "{\"profileType\":\"sustained\",\"targetOperations\":%u,\"durationSeconds\":600,\"concurrency\":5,"
                 "\"targetSystems\":[\"%s\"]}",
                 rows[i].operations, rows[i].system);
        if (rows[i].words == NULL) {
            compiles(json);
            continue;
        }
        assert_int_equal(compile(json), SN_E_RANGE);
        assert_string_equal(error.code, "plan.limit");
        assert_string_equal(error.path, "$.targetOperations");
        if (strstr(error.expected, rows[i].words) == NULL) fail_msg("%s: %s", rows[i].system, error.expected);
    }
    compiles("{\"preset\":\"smoke\"}");
    owner.platform = SN_PLATFORM_PAID;
}

/* Keys of KV that came late are left to their time to live where deletions are few. */
static void the_free_sweep_leaves_keys_to_expire(void **state) {
    (void)state;
    const char *json = SMOKE("\"targetSystems\":[\"kv_put\",\"r2_upload\"]");
    compile_on(SN_PLATFORM_PAID, json);
    uint64_t cleaned = sn_plan_items(&plan, SN_STAGE_CLEANUP, 100);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_SWEEP, 100), cleaned);
    compile_on(SN_PLATFORM_FREE, json);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 100), cleaned);
    uint64_t swept = sn_plan_items(&plan, SN_STAGE_SWEEP, 100);
    assert_true(swept > 0 && swept < cleaned);
    for (uint64_t i = 0; i < swept; i++) {
        struct sn_item item = sn_plan_item(&plan, SN_STAGE_SWEEP, 100, i);
        if (item.job != NULL) assert_int_not_equal(plan.workload.steps[item.job->steps].action, SN_ACTION_KV_DELETE);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slices_end_before_the_platform_ends_them),
        cmocka_unit_test(the_hash_leaves_the_platform_out),
        cmocka_unit_test(estimates_follow_the_steps),
        cmocka_unit_test(what_is_inserted_is_deleted),
        cmocka_unit_test(our_own_side_follows_the_shards),
        cmocka_unit_test(a_plan_may_say_what_it_may_cost),
        cmocka_unit_test(prices_can_be_set),
        cmocka_unit_test(what_a_free_day_cannot_carry_is_refused),
        cmocka_unit_test(the_free_sweep_leaves_keys_to_expire),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
