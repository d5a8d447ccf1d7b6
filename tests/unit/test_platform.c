/* What the account's plan with Cloudflare makes of a plan of ours. */
#include "plan_help.h"

#include "../../src/plan/demand.h"

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

/* A thousand operations of kv_put: each writes a key once, cleanup deletes the 150 that there are; half of kv_get reads as
 * text, half as JSON or lists. */
static void demand_follows_the_steps(void **state) {
    (void)state;
    compiles("{\"profileType\":\"sustained\",\"targetOperations\":1000,\"durationSeconds\":100,\"concurrency\":10,"
             "\"targetSystems\":[\"kv_put\"]}");
    struct sn_demand demand = sn_plan_demand(&plan);
    assert_true(near(demand.daily[SN_DAILY_KV_WRITES], 1000));
    assert_true(demand.daily[SN_DAILY_KV_READS] == 0 && demand.daily[SN_DAILY_D1_WRITES] == 0);
    assert_true(demand.daily[SN_DAILY_KV_DELETES] == (double)sn_plan_items(&plan, SN_STAGE_CLEANUP, 1000));
    /* two shards that report once a second, a slice every thirty seconds, and the 0.11 that a thousand calls fill */
    assert_true(near(demand.daily[SN_DAILY_OBJECT_REQUESTS], 2 * 100 + 2 * 100 / 30.0 + 1000 / 9000.0));
    compiles("{\"profileType\":\"sustained\",\"targetOperations\":1000,\"durationSeconds\":100,"
             "\"targetSystems\":[\"d1_reads\"],\"prepare\":\"none\"}");
    demand = sn_plan_demand(&plan);
    assert_true(demand.daily[SN_DAILY_D1_WRITES] <= 10); /* cleaning up, twice */
    compiles("{\"profileType\":\"sustained\",\"targetOperations\":1000,\"durationSeconds\":100,"
             "\"targetSystems\":[\"d1_writes\"]}");
    demand = sn_plan_demand(&plan);
    assert_true(demand.daily[SN_DAILY_D1_WRITES] > 1000); /* a batch writes five rows */
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
        {"d1_reads", 200000, NULL}, /* rows read depend on the target, and there are millions of them */
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
        cmocka_unit_test(demand_follows_the_steps),
        cmocka_unit_test(what_a_free_day_cannot_carry_is_refused),
        cmocka_unit_test(the_free_sweep_leaves_keys_to_expire),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
