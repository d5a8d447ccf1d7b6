/* Runs of hundreds of shards, which start each other. */
#include "simulate.h"

/* Far objects take their time to answer a first call.  All the same a thousand of them come at twenty a second, before the
 * load begins, of a hundred calls; that no second has more than twenty starts, and that none comes later, the auditor sees. */
static void a_thousand_shards_start_each_other(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"sustained\",\"targetOperations\":1000,\"durationSeconds\":5,\"concurrency\":5000,"
        "\"regions\":[\"weur\",\"enam\",\"apac\"],\"targetSystems\":[\"d1_reads\"]}";
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 5, .waking_ms = 500};
    bounds = SN_BOUNDS_OPERATOR;
    struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
    bounds = SN_BOUNDS_DEFAULT;
    assert_string_equal(outcome.status, "completed");
    assert_string_equal(outcome.validity, "valid");
    assert_int_equal(outcome.completed, 1000);
    assert_int_equal(outcome.shards_called, 1000);
    assert_int_equal(outcome.run_calls, 100);
    /* 999 times 50 ms, and what the last group takes longer: groups begin half a second apart */
    assert_true(outcome.called_us >= 49000000 && outcome.called_us <= 51000000);
}

/* Up to two hundred the run calls each itself. */
static void two_hundred_shards_are_called_by_the_run(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"sustained\",\"targetOperations\":2000,\"durationSeconds\":10,\"concurrency\":%u,"
        "\"targetSystems\":[\"d1_reads\"]}";
    static const struct { unsigned shards, calls; } rows[] = {{200, 200}, {201, 21}};
    bounds = SN_BOUNDS_OPERATOR;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[300];
        snprintf(text, sizeof text, plan, 5 * rows[i].shards);
        struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 5};
        struct sn_sim_outcome outcome = simulate(text, &options, report, sizeof report);
        assert_int_equal(outcome.shards_called, rows[i].shards);
        assert_int_equal(outcome.run_calls, rows[i].calls);
        assert_true(outcome.called_us >= (rows[i].shards - 1) * 50000);
    }
    bounds = SN_BOUNDS_DEFAULT;
}

/* Whoever dies before it has called those that come after it, whatever message is lost, late or doubled: they come, or it is
 * said that they did not, and nothing is done twice. */
static void starting_each_other_survives_everything(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"sustained\",\"targetOperations\":600,\"durationSeconds\":6,\"concurrency\":1005,"
        "\"targetSystems\":[\"kv_get\",\"kv_put\"]}";
    /* Two of them are cancelled while their shards come.  In 30014 the run restarts 480 times, and reads no more of its log each
     * time.  In 30017 a shard is cut off while the run restarts every few seconds: the clean-up waits for it no longer than in
     * a run that stays up. */
    static const uint64_t seeds[] = {20261, 20262, 20263, 20264, 20265, 20266, 20267,
                                     20268, 30007, 30009, 30014, 30017, 30030, 30052};
    uint64_t completed = 0;
    bounds = SN_BOUNDS_OPERATOR;
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        uint64_t seed = seeds[i];
        struct sn_sim_options options = {
            .seed = seed,
            .faults = faults_remembered(seed),
            .target_mean_ms = 5,
            .waking_ms = (double)(seed % 4) * 200,
        };
        struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
        assert_true(outcome.ended);
        completed += strcmp(outcome.status, "completed") == 0;
    }
    assert_true(completed > 0);
    bounds = SN_BOUNDS_DEFAULT;
}

/* Three hundred shards report every second and a half: what waits for a report waits longer, and everything else holds. */
static void many_shards_keep_the_promises(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"sustained\",\"targetOperations\":9000,\"durationSeconds\":60,\"concurrency\":1500,"
        "\"targetSystems\":[\"d1_writes\",\"kv_put\"]}";
    bounds = SN_BOUNDS_OPERATOR;
    for (uint64_t i = 0; i < 4; i++) {
        struct sn_sim_options options = {.seed = first_seed() + i, .target_mean_ms = 5};
        if (i > 0) options.evictions = options.losses = options.steerings = 2;
        if (i > 1) options.run_evictions = 1;
        struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
        assert_string_equal(outcome.status, never_began() ? "failed" : "completed");
        if (i > 0) continue;
        assert_string_equal(outcome.validity, "valid");
        assert_int_equal(outcome.completed, 9000);
    }
    bounds = SN_BOUNDS_DEFAULT;
}

/* The run dies again and again while three hundred shards send it what it has missed: it catches up. */
static void a_storm_of_reports_passes(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"sustained\",\"targetOperations\":9000,\"durationSeconds\":60,\"concurrency\":1500,"
        "\"targetSystems\":[\"d1_writes\",\"kv_put\"]}";
    struct sn_sim_options options = {
        .seed = 40043, .faults = faults_remembered(40043), .target_mean_ms = 5, .steerings = 3};
    bounds = SN_BOUNDS_OPERATOR;
    struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
    bounds = SN_BOUNDS_DEFAULT;
    assert_true(outcome.ended);
    assert_true(outcome.virtual_us < 600 * INT64_C(1000000));
}

int main(void) {
    printf("# first seed %llu\n", (unsigned long long)first_seed());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thousand_shards_start_each_other),
        cmocka_unit_test(two_hundred_shards_are_called_by_the_run),
        cmocka_unit_test(starting_each_other_survives_everything),
        cmocka_unit_test(many_shards_keep_the_promises),
        cmocka_unit_test(a_storm_of_reports_passes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
