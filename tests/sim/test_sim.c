/* Whole runs in virtual time that nothing disturbs, whatever the target makes of them, watched by an auditor that sees only
 * the calls. */
#include "simulate.h"

#define SIX "\"targetSystems\":[\"d1_reads\",\"d1_writes\",\"kv_get\",\"kv_put\",\"r2_upload\",\"r2_download\"]}"

static void an_undisturbed_run_is_valid_and_complete(void **state) {
    (void)state;
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 5};
    struct sn_sim_outcome outcome = simulate("{\"preset\":\"smoke\"}", &options, report, sizeof report);
    assert_string_equal(outcome.status, "completed");
    assert_string_equal(outcome.validity, "valid");
    assert_int_equal(outcome.completed, 100);
    assert_int_equal(outcome.sent, 100);
    assert_int_equal(outcome.unaccounted, 0);
}

static void the_same_seed_does_the_same(void **state) {
    (void)state;
    static char again[sizeof report];
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 20, .evictions = 2};
    const char *plan = "{\"preset\":\"ramp\",\"targetOperations\":2000,\"durationSeconds\":20,\"concurrency\":20}";
    simulate(plan, &options, report, sizeof report);
    simulate(plan, &options, again, sizeof again);
    assert_string_equal(report, again);
}

/* Steps together, in the background, drawn, thought before: each is sent at most once and in its order, and has an outcome
 * of its own, the auditor sees to that.  Thinking is no part of any latency. */
static void steps_flow_as_they_are_asked_to(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < first_seed() + 10; seed++) {
        struct sn_sim_options options = {
            .seed = seed, .target_mean_ms = 5, .target_error_share = seed % 2 == 0 ? 0 : 0.05};
        struct sn_sim_outcome outcome =
            simulate(read_plan("tests/sim/plans/flow.json"), &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        assert_string_equal(outcome.validity, "valid");
        assert_int_equal(outcome.sent, 900);
        if (seed % 2 == 0) assert_int_equal(outcome.completed, 900);
    }
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 5};
    simulate(read_plan("tests/sim/plans/flow.json"), &options, report, sizeof report);
    const char *total = strstr(report, "\"total\":{"), *mean = total != NULL ? strstr(total, "\"mean\":") : NULL;
    assert_non_null(mean);
    assert_true(strtod(mean + 7, NULL) < 40); /* three calls one after the other; 120 ms and more were thought */
}

/* More is asked for than the target takes, by five, and by twenty-five.  A lease is written once a second all the same, as long
 * as a second, whatever share of the operations is dropped: four stages, and the load's seconds, and the first leases. */
static void an_overloaded_shard_writes_no_more_often(void **state) {
    (void)state;
    static const char plan[] =
        "{\"profileType\":\"sustained\",\"targetOperations\":15000,\"durationSeconds\":30,"
        "\"concurrency\":5,\"maxLateMs\":100,"
        "\"workload\":{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"d1\":\"SELECT 1\"}]}]}}";
    for (double mean_ms = 50; mean_ms <= 250; mean_ms += 200) {
        struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = mean_ms};
        struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
        assert_in_range(outcome.completed, 20 * 5 / (mean_ms / 1000), 40 * 5 / (mean_ms / 1000));
        assert_in_range(outcome.reports, 30, 50);
    }
}

/* A visitor who thinks keeps a place of his shard's 64, and no slot.  When all are taken what comes due waits for one, and is
 * dropped for that. */
static void places_are_bounded_apart_from_slots(void **state) {
    (void)state;
    static const char plan[] =
        "{\"profileType\":\"sustained\",\"targetOperations\":600,\"durationSeconds\":10,\"concurrency\":5,\"maxLateMs\":500,"
        "\"workload\":{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"d1\":\"SELECT 1\"},"
        "{\"d1\":\"SELECT 2\",\"thinkMs\":4000}]}]}}";
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 5};
    struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
    /* 64 in every four seconds, and a few more: 3 times in ten seconds */
    assert_in_range(outcome.completed, 150, 200);
    const char *dropped = strstr(report, "\"dropped\":{\"slots\":");
    assert_non_null(dropped);
    assert_int_equal(strtoull(dropped + 19, NULL, 10), 600 - outcome.completed);
    assert_string_equal(outcome.validity, "valid");
}

/* More times a second, of more kinds, than the series has room for until the database has taken the seconds before: what
 * finds none is counted, said, and in the totals all the same. */
static void a_series_that_is_full_says_so(void **state) {
    (void)state;
    static const struct {
        const char *plan;
        enum sn_bounds bounds;
        uint32_t faults;
        uint64_t seed, completed;
        double target_ms;
    } rows[] = {
        {"{\"profileType\":\"sustained\",\"targetOperations\":138890,\"durationSeconds\":5,\"concurrency\":1000," SIX,
         SN_BOUNDS_OPERATOR, 0, 1, 138890, 5},
        /* A slow rate fills it too, while the database is away for a minute. */
        {"{\"profileType\":\"sustained\",\"targetOperations\":60000,\"durationSeconds\":80,\"concurrency\":500," SIX,
         SN_BOUNDS_DEFAULT, SN_FAULT_BIT(SN_FAULT_DATABASE_AWAY), 2, 60000, 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sn_sim_options options = {
            .seed = rows[i].seed, .faults = rows[i].faults, .target_mean_ms = rows[i].target_ms};
        bounds = rows[i].bounds;
        struct sn_sim_outcome outcome = simulate(rows[i].plan, &options, report, sizeof report);
        bounds = SN_BOUNDS_DEFAULT;
        assert_string_equal(outcome.validity, "degraded");
        assert_int_equal(outcome.completed, rows[i].completed);
        assert_non_null(
            strstr(report, "missing from the percentiles of single seconds; those of the whole run have them."));
        assert_null(strstr(report, "found no room in the histograms"));
        assert_null(strstr(report, "\"detailLost\":0"));
    }
}

/* Past its knee a target's answers take from a millisecond to half a minute: all of that has room, of every kind. */
static void a_wide_range_of_times_has_room(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"sustained\",\"targetOperations\":16000,\"durationSeconds\":40,\"concurrency\":20," SIX;
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 80};
    struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
    assert_string_equal(outcome.validity, "valid");
    assert_non_null(strstr(report, "\"limitedBy\":\"concurrency\""));
    assert_non_null(strstr(report, "\"detailLost\":0"));
}

/* Twenty slots of 200 ms take 100 a second; 200 a second are asked for.  The target is too slow, Sentinel is not. */
static void a_target_past_its_knee_is_a_finding(void **state) {
    (void)state;
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 200};
    struct sn_sim_outcome outcome =
        simulate("{\"preset\":\"sustained\",\"targetOperations\":20000,\"durationSeconds\":100,"
                 "\"concurrency\":20,\"targetSystems\":[\"d1_reads\"]}",
                 &options, report, sizeof report);
    assert_string_equal(outcome.status, "completed");
    assert_string_equal(outcome.validity, "valid");
    assert_true(outcome.completed > 9000 && outcome.completed < 14000);
    assert_non_null(strstr(report, "\"limitedBy\""));
}

/* Forty-five calls a slice: slices follow one another, and nothing else changes. */
static void a_run_on_the_free_plan_works_in_short_slices(void **state) {
    (void)state;
    platform = SN_PLATFORM_FREE;
    for (uint64_t seed = first_seed(); seed < first_seed() + 10; seed++) {
        struct sn_sim_options options = {.seed = seed, .target_mean_ms = 5, .evictions = (uint32_t)(seed % 3)};
        struct sn_sim_outcome outcome =
            simulate("{\"preset\":\"sustained\",\"targetOperations\":3000,\"durationSeconds\":30,"
                     "\"concurrency\":10,\"targetSystems\":[\"d1_reads\",\"r2_upload\",\"post_crud\"]}",
                     &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        if (options.evictions == 0) assert_string_equal(outcome.validity, "valid");
        if (options.evictions == 0) assert_int_equal(outcome.completed, 3000);
    }
    platform = SN_PLATFORM_PAID;
}

static void errors_of_the_target_are_counted_not_hidden(void **state) {
    (void)state;
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 5, .target_error_share = 0.05};
    struct sn_sim_outcome outcome =
        simulate("{\"preset\":\"sustained\",\"targetOperations\":3000,\"durationSeconds\":30,"
                 "\"concurrency\":10,\"targetSystems\":[\"d1_reads\"]}",
                 &options, report, sizeof report);
    assert_string_equal(outcome.status, "completed");
    assert_string_equal(outcome.validity, "valid");
    assert_in_range(outcome.completed, 2750, 2950);
    assert_int_equal(outcome.sent, 3000);
}

int main(void) {
    printf("# first seed %llu\n", (unsigned long long)first_seed());
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_undisturbed_run_is_valid_and_complete),
        cmocka_unit_test(the_same_seed_does_the_same),
        cmocka_unit_test(steps_flow_as_they_are_asked_to),
        cmocka_unit_test(an_overloaded_shard_writes_no_more_often),
        cmocka_unit_test(places_are_bounded_apart_from_slots),
        cmocka_unit_test(a_series_that_is_full_says_so),
        cmocka_unit_test(a_wide_range_of_times_has_room),
        cmocka_unit_test(a_target_past_its_knee_is_a_finding),
        cmocka_unit_test(a_run_on_the_free_plan_works_in_short_slices),
        cmocka_unit_test(errors_of_the_target_are_counted_not_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
