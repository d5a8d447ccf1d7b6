/* Runs whose objects die or vanish, and that somebody steers. */
#include "simulate.h"

#include "sentinel/base/limits.h"

static void objects_that_die_lose_little_and_double_nothing(void **state) {
    (void)state;
    const char *plan =
        "{\"preset\":\"sustained\",\"targetOperations\":4000,\"durationSeconds\":40,\"concurrency\":20,"
        "\"targetSystems\":[\"d1_reads\",\"d1_writes\",\"kv_get\",\"kv_put\",\"r2_upload\",\"r2_download\","
        "\"auth_flows\",\"post_crud\",\"media_ops\"]}";
    uint64_t end = end_seed(30);
    for (uint64_t seed = first_seed(); seed < end; seed++) {
        struct sn_sim_options options = {
            .seed = seed,
            .target_mean_ms = 3 + (double)(seed % 7) * 10,
            .evictions = (uint32_t)(seed % 6),
            .run_evictions = (uint32_t)(seed % 4),
        };
        struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        /* at most one lease per death: 25 operations a second and shard, two and a half seconds ahead, and slots */
        assert_true(outcome.unaccounted <= options.evictions * (63 + 5 + 1));
        bool disturbed = options.evictions + options.run_evictions > 0;
        if (options.evictions == 0) assert_int_equal(outcome.unaccounted, 0);
        if (!disturbed) assert_string_equal(outcome.validity, "valid");
    }
}

static void deaths_in_mid_flow_double_nothing(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < end_seed(10); seed++) {
        struct sn_sim_options options = {.seed = seed,
                                         .target_mean_ms = 20,
                                         .evictions = (uint32_t)(seed % 5),
                                         .run_evictions = (uint32_t)(seed % 3)};
        struct sn_sim_outcome outcome =
            simulate(read_plan("tests/sim/plans/flow.json"), &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        if (options.evictions == 0) assert_int_equal(outcome.unaccounted, 0);
    }
}

/* Whoever is lost, every operation is accounted for, none is sent twice, and somebody goes on with what comes due. */
static void shards_that_vanish_are_replaced(void **state) {
    (void)state;
    const char *plan = "{\"preset\":\"sustained\",\"targetOperations\":3000,\"durationSeconds\":90,\"concurrency\":20,"
                       "\"targetSystems\":[\"d1_writes\",\"kv_put\",\"post_crud\"]}";
    uint64_t end = end_seed(20), replaced = 0;
    for (uint64_t seed = first_seed(); seed < end; seed++) {
        struct sn_sim_options options = {
            .seed = seed,
            .target_mean_ms = 5,
            .losses = 1 + (uint32_t)(seed % 3),
            .evictions = (uint32_t)(seed % 2),
            .run_evictions = seed % 5 == 0,
            .steerings = seed % 4 == 0 ? 2 : 0,
        };
        struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
        assert_string_equal(outcome.status, never_began() ? "failed" : "completed");
        replaced += strstr(report, "\"what\":\"replace\"") != NULL;
    }
    assert_true(replaced * 2 > end - first_seed());
}

/* The auditor adds up the rate by what the report says was done to the load, and finds the sends where they belong. */
static void a_steered_load_is_the_one_that_was_asked_for(void **state) {
    (void)state;
    static const char *const plans[] = {
        "{\"preset\":\"sustained\",\"targetOperations\":2000,\"durationSeconds\":20,\"concurrency\":20}",
        "{\"preset\":\"three-phase\",\"targetOperations\":2000,\"durationSeconds\":30,\"concurrency\":35}",
        "{\"profileType\":\"oscillation\",\"periodSeconds\":7,\"targetOperations\":1500,\"durationSeconds\":25}",
        "{\"preset\":\"sustained\",\"arrivals\":\"poisson\",\"targetOperations\":2000,\"durationSeconds\":20}",
    };
    uint64_t end = end_seed(24);
    uint32_t steered = 0;
    for (uint64_t seed = first_seed(); seed < end; seed++) {
        bool deaths = seed % 3 == 0;
        struct sn_sim_options options = {
            .seed = seed,
            .target_mean_ms = 4,
            .steerings = 1 + (uint32_t)(seed % 5),
            .evictions = deaths ? 1 + (uint32_t)(seed % 2) : 0,
            .run_evictions = deaths ? (uint32_t)(seed % 3) : 0,
        };
        struct sn_sim_outcome outcome = simulate(plans[seed % 4], &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        if (!deaths) assert_int_equal(outcome.completed, outcome.planned);
        if (!deaths) assert_string_equal(outcome.validity, "valid");
        steered += strstr(report, "\"what\":\"pause\"") != NULL || strstr(report, "\"what\":\"scale\"") != NULL ||
                   strstr(report, "\"what\":\"extend\"") != NULL;
    }
    assert_true(steered * 2 >= (uint32_t)(end - first_seed())); /* and not refused each time */
}

/* Shards sleep before the sweep.  What they had leased before the load was slowed down was not started meanwhile. */
static void a_lease_ends_with_the_load(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"oscillation\",\"periodSeconds\":7,\"targetOperations\":1500,\"durationSeconds\":25}";
    struct sn_sim_options options = {.seed = 1795712294, .target_mean_ms = 4, .steerings = 5};
    struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
    assert_int_equal(outcome.unaccounted, 0);
    assert_int_equal(outcome.completed, outcome.planned);
    assert_string_equal(outcome.validity, "valid");
}

/* Deploys of another version, with and without other faults.  The auditor asks that the run ends, that nothing is left and that
 * nothing is sent twice; here, that such runs fail for that and no other reason. */
static void deploys_of_another_version_end_a_run_that_cannot_be_read(void **state) {
    (void)state;
    static const char *const plans[] = {"tests/sim/plans/flow.json", "tests/sim/plans/three-phase.json",
                                        "tests/sim/plans/four-shards.json"};
    uint64_t end = end_seed(24);
    uint32_t unreadable = 0, completed = 0;
    for (uint64_t seed = first_seed(); seed < end; seed++) {
        struct sn_sim_options options = {
            .seed = seed,
            .target_mean_ms = 5,
            .faults = SN_FAULT_BIT(SN_FAULT_NEW_VERSION) | (seed % 2 == 0 ? SN_FAULT_BIT(SN_FAULT_STEERED) : 0),
        };
        struct sn_sim_outcome outcome = simulate(read_plan(plans[seed % 3]), &options, report, sizeof report);
        bool lost = strstr(report, "another version of Sentinel") != NULL;
        if (lost) assert_string_equal(outcome.status, "failed");
        unreadable += lost;
        completed += strcmp(outcome.status, "completed") == 0;
    }
    assert_true(unreadable * 4 > end - first_seed());
    assert_true(completed > 0); /* only its shards were of another version, or it had ended before */
}

/* Whoever dies before it has erased everything has said nothing of it, and is told again. */
static void what_is_erased_is_gone_before_anybody_hears_of_it(void **state) {
    (void)state;
    uint32_t faults = SN_FAULT_BIT(SN_FAULT_GATE_SLOW) | SN_FAULT_BIT(SN_FAULT_SHARDS_DIE) |
                      SN_FAULT_BIT(SN_FAULT_RUN_DIES) | SN_FAULT_BIT(SN_FAULT_WRITES_FAIL);
    uint64_t end = end_seed(12);
    for (uint64_t seed = first_seed(); seed < end; seed++) {
        struct sn_sim_options options = {
            .seed = seed,
            .target_mean_ms = 5,
            .faults = faults | (seed % 2 == 0 ? SN_FAULT_BIT(SN_FAULT_NEW_VERSION) : 0),
        };
        simulate(read_plan("tests/sim/plans/four-shards.json"), &options, report, sizeof report);
    }
}

/* More shards are lost than others may take the places of: what nobody cleans up is counted, and the sweep is not said to be
 * done. */
static void what_nobody_cleans_up_is_told(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"sustained\",\"targetOperations\":600,\"durationSeconds\":6,\"concurrency\":500,"
        "\"targetSystems\":[\"kv_get\",\"kv_put\"]}";
    uint32_t broke_off = 0;
    for (uint64_t seed = first_seed(); seed < first_seed() + 6; seed++) {
        struct sn_sim_options options = {.seed = seed, .target_mean_ms = 5, .losses = 60};
        simulate(plan, &options, report, sizeof report);
        bool whole = strstr(report, "\"failed\":0,\"finished\":true,\"sweepFinished\":true") != NULL;
        if (strstr(report, "\"sweepBrokeOff\":true") == NULL) continue;
        assert_false(whole);
        broke_off++;
    }
    assert_true(broke_off > 0);
}

/* Keys take one write a second, and a delete is one: of those that were written last the first delete is refused.  It is tried
 * again, which takes its time, and nothing is left. */
static void deletes_that_come_too_soon_are_tried_again(void **state) {
    (void)state;
    const char *plan = "{\"preset\":\"sustained\",\"targetOperations\":600,\"durationSeconds\":10,\"concurrency\":10,"
                       "\"targetSystems\":[\"kv_put\",\"r2_upload\"]}";
    for (uint64_t seed = first_seed(); seed < first_seed() + 4; seed++) {
        struct sn_sim_options options = {.seed = seed, .target_mean_ms = 5};
        int64_t calm_us = simulate(plan, &options, report, sizeof report).virtual_us;
        options.faults = SN_FAULT_BIT(SN_FAULT_KEYS_THROTTLED);
        struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        assert_non_null(strstr(report, "\"failed\":0,\"finished\":true,\"sweepFinished\":true"));
        assert_true(outcome.virtual_us > calm_us + SN_SECOND_US / 2);
    }
}

/* Worlds in which something was left behind. */
static void worlds_that_broke_a_promise(void **state) {
    (void)state;
    static const struct {
        const char *plan;
        uint64_t seed;
    } worlds[] = {
        {"one-shard", 28},       /* the sweep's alarm was given up, and the tick looks after active runs only */
        {"captures", 2024},      /* the run was scaled, and lost: the sweep went as far as its plan */
        {"four-shards", 82},     /* a shard of another version kept what it had stored */
        {"flow", 3089},          /* a shard whose clock was ahead was lost, and went further than it was swept */
        {"captures", 1912},      /* an alarm that had waited for its handler was forgotten with it */
        {"three-phase", 1694},   /* swept up twice, and the second sweep's row counted as older than the first one's */
        {"wave", 1703},          /* it died before all that it had erased was gone */
        {"four-shards", 701570}, /* somebody cancelled the sweep before anybody swept */
        {"three-phase", 702542}, /* a shard that was somebody else before swept its old share */
    };
    for (size_t i = 0; i < sizeof worlds / sizeof worlds[0]; i++) {
        char path[80];
        struct sn_sim_options options = {
            .seed = worlds[i].seed, .target_mean_ms = 5, .faults = faults_remembered(worlds[i].seed)};
        snprintf(path, sizeof path, "tests/sim/plans/%s.json", worlds[i].plan);
        platform = worlds[i].seed % 7 == 0 ? SN_PLATFORM_FREE : SN_PLATFORM_PAID;
        run_id = "00000000-0000-4000-8000-000000000000"; /* as those of the swarm have it: targets see it */
        simulate(read_plan(path), &options, report, sizeof report);
    }
    platform = SN_PLATFORM_PAID;
}

int main(void) {
    printf("# first seed %llu\n", (unsigned long long)first_seed());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_that_die_lose_little_and_double_nothing),
        cmocka_unit_test(deaths_in_mid_flow_double_nothing),
        cmocka_unit_test(shards_that_vanish_are_replaced),
        cmocka_unit_test(a_steered_load_is_the_one_that_was_asked_for),
        cmocka_unit_test(a_lease_ends_with_the_load),
        cmocka_unit_test(deploys_of_another_version_end_a_run_that_cannot_be_read),
        cmocka_unit_test(what_is_erased_is_gone_before_anybody_hears_of_it),
        cmocka_unit_test(what_nobody_cleans_up_is_told),
        cmocka_unit_test(deletes_that_come_too_soon_are_tried_again),
        cmocka_unit_test(worlds_that_broke_a_promise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
