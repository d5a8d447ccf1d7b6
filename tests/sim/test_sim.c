/* Whole runs in virtual time, with objects dying, watched by an auditor that sees only the calls.
 *
 * SEED in the environment chooses the first seed, SEEDS how many; a failure prints the command that repeats it. */
#include "sim_help.h"

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

static void objects_that_die_lose_little_and_double_nothing(void **state) {
    (void)state;
    const char *plan =
        "{\"preset\":\"sustained\",\"targetOperations\":4000,\"durationSeconds\":40,\"concurrency\":20,"
        "\"targetSystems\":[\"d1_reads\",\"d1_writes\",\"kv_get\",\"kv_put\",\"r2_upload\",\"r2_download\","
        "\"auth_flows\",\"post_crud\",\"media_ops\"]}";
    uint64_t end = first_seed() + number_from("SEEDS", 60);
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

static const char *read_plan(const char *path) {
    static char json[8192];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    json[fread(json, 1, sizeof json - 1, file)] = '\0';
    fclose(file);
    return json;
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

static void deaths_in_mid_flow_double_nothing(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < first_seed() + 20; seed++) {
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

/* What is captured is in the steps that follow: here answers give the operation's number, so a key that is made of it is found
 * again by ${k}.  Whoever dies loses what its open operations captured, and they are unaccounted, never failed. */
static void what_was_captured_is_used_or_lost(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < first_seed() + 12; seed++) {
        struct sn_sim_options options = {.seed = seed,
                                         .target_mean_ms = 20,
                                         .evictions = (uint32_t)(seed % 5),
                                         .run_evictions = (uint32_t)(seed % 3)};
        struct sn_sim_outcome outcome =
            simulate(read_plan("tests/sim/plans/captures.json"), &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        assert_null(strstr(report, "not captured"));
        const char *terms = strstr(report, "\"terms\":{"),
                   *failed = terms != NULL ? strstr(terms, "\"failed\":") : NULL;
        assert_non_null(failed);
        assert_int_equal(strtoull(failed + 9, NULL, 10), 0);
        if (options.evictions == 0) assert_int_equal(outcome.completed, 900);
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

/* Who is cut off before it could be started keeps the run from beginning, and that is said. */
static bool never_began(void) {
    return strstr(report, "not every shard could be started in time") != NULL;
}

/* Whoever dies before it has called those that come after it, whatever message is lost, late or doubled: they come, or it is
 * said that they did not, and nothing is done twice. */
static void starting_each_other_survives_everything(void **state) {
    (void)state;
    const char *plan =
        "{\"profileType\":\"sustained\",\"targetOperations\":600,\"durationSeconds\":6,\"concurrency\":1005,"
        "\"targetSystems\":[\"kv_get\",\"kv_put\"]}";
    /* Always these: docs/simulator.md says why.  The last two are cancelled while their shards come. */
    static const uint64_t seeds[] = {20261, 20262, 20263, 20264, 20265, 20266, 20267, 20268, 30009, 30030};
    uint64_t completed = 0;
    bounds = SN_BOUNDS_OPERATOR;
    for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
        uint64_t seed = seeds[i];
        struct sn_sim_options options = {
            .seed = seed,
            .faults = sn_faults_of_seed(seed),
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

/* Whoever is lost, every operation is accounted for, none is sent twice, and somebody goes on with what comes due. */
static void shards_that_vanish_are_replaced(void **state) {
    (void)state;
    const char *plan = "{\"preset\":\"sustained\",\"targetOperations\":3000,\"durationSeconds\":90,\"concurrency\":20,"
                       "\"targetSystems\":[\"d1_writes\",\"kv_put\",\"post_crud\"]}";
    uint64_t end = first_seed() + number_from("SEEDS", 40), replaced = 0;
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
    uint64_t end = first_seed() + number_from("SEEDS", 40);
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

/* Twenty slots of 200 ms take 100 a second; 200 a second are asked for.  The target is too slow, Sentinel is not. */
#define SIX "\"targetSystems\":[\"d1_reads\",\"d1_writes\",\"kv_get\",\"kv_put\",\"r2_upload\",\"r2_download\"]}"

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
        cmocka_unit_test(objects_that_die_lose_little_and_double_nothing),
        cmocka_unit_test(steps_flow_as_they_are_asked_to),
        cmocka_unit_test(deaths_in_mid_flow_double_nothing),
        cmocka_unit_test(what_was_captured_is_used_or_lost),
        cmocka_unit_test(places_are_bounded_apart_from_slots),
        cmocka_unit_test(shards_that_vanish_are_replaced),
        cmocka_unit_test(a_thousand_shards_start_each_other),
        cmocka_unit_test(two_hundred_shards_are_called_by_the_run),
        cmocka_unit_test(starting_each_other_survives_everything),
        cmocka_unit_test(many_shards_keep_the_promises),
        cmocka_unit_test(a_steered_load_is_the_one_that_was_asked_for),
        cmocka_unit_test(a_lease_ends_with_the_load),
        cmocka_unit_test(a_series_that_is_full_says_so),
        cmocka_unit_test(a_wide_range_of_times_has_room),
        cmocka_unit_test(a_target_past_its_knee_is_a_finding),
        cmocka_unit_test(a_run_on_the_free_plan_works_in_short_slices),
        cmocka_unit_test(errors_of_the_target_are_counted_not_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
