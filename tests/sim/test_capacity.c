/* A D1 that carries 800 queries a second, and what reports say of it. */
#include "sentinel/measure/search.h"
#include "simulate.h"

/* The number behind `name` in the report's capacity. */
static double capacity_of(const char *name) {
    const char *capacity = strstr(report, "\"capacity\":{");
    assert_non_null(capacity);
    const char *at = strstr(capacity, name);
    if (at == NULL) fail_msg("no %s", name);
    return strtod(at + strlen(name), NULL);
}

static bool capacity_says(const char *what) {
    const char *capacity = strstr(report, "\"capacity\":{"), *systems = strstr(capacity, "\"systems\":");
    const char *at = strstr(capacity, what);
    return at != NULL && at < systems;
}

static struct sn_sim_options world(uint64_t seed) {
    return (struct sn_sim_options){
        .seed = seed, .target_mean_ms = 1.25, .faults = SN_FAULT_BIT(SN_FAULT_DATABASE_QUEUES)};
}

static void between(double value, double low, double high) {
    if (!(value >= low && value <= high)) fail_msg("%f lies outside of %f to %f", value, low, high);
}

/* A call takes 1.25 ms on the average and 0.1 ms at least, so the server carries 797.5 a second.  From about two thirds of that
 * on one in twenty waits noticeably in its queue; levels are 38.5 apart, and which of them is the first is a matter of luck. */
static void expect_saturated(void) {
    assert_true(capacity_says("\"outcome\":\"found\""));
    assert_true(capacity_says("\"symptom\":\"queueing\""));
    assert_true(capacity_says("\"bottleneck\":{\"system\":\"d1_reads\""));
    between(capacity_of("\"saturatedAtPerS\":"), 775, 820);
    between(capacity_of("\"fromPerS\":"), 519, 850);
    assert_true(capacity_of("\"wellPerS\":") < capacity_of("\"fromPerS\":"));
}

static const char ramp[] =
    "{\"profileType\":\"ramp\",\"targetOperations\":72000,\"durationSeconds\":120,\"concurrency\":100,"
    "\"targetSystems\":[\"d1_reads\"]}";

static void a_database_that_queues_is_found(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < end_seed(1); seed++) {
        struct sn_sim_options options = world(seed);
        simulate(ramp, &options, report, sizeof report);
        expect_saturated();
        /* The queue of 6 s that the peak leaves is worked off while the load falls to nothing. */
        assert_true(capacity_says("\"recovered\":true"));
        between(capacity_of("\"withinS\":"), 20, 30);
    }
}

/* What a level did is told by whoever has the run's object after its death too. */
static void deaths_of_the_run_lose_no_level(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < end_seed(1); seed++) {
        struct sn_sim_options options = world(seed);
        options.run_evictions = 6;
        simulate(ramp, &options, report, sizeof report);
        expect_saturated();
        between(capacity_of("\"levels\":"), 56, 60);
    }
}

/* Operations of a workload have no system; what the slow ones have in common is the database. */
static void a_target_is_named_where_there_is_no_system(void **state) {
    (void)state;
    static const char plan[] =
        "{\"profileType\":\"ramp\",\"targetOperations\":60000,\"durationSeconds\":120,\"concurrency\":150,\"workload\":\"grove\"}";
    struct sn_sim_options options = world(first_seed());
    simulate(plan, &options, report, sizeof report);
    const char *bottleneck = strstr(report, "\"bottleneck\":{\"system\":\"custom\"");
    assert_non_null(bottleneck);
    const char *target = strstr(bottleneck, "\"target\":\"");
    assert_true(target != NULL && strncmp(target + 10, "TARGET_DB\"", 10) == 0);
}

/* Beside it a store that is quick: it waits for slots with everybody else, and is not blamed for it. */
static void the_others_are_not_blamed(void **state) {
    (void)state;
    static const char plan[] =
        "{\"profileType\":\"ramp\",\"targetOperations\":144000,\"durationSeconds\":120,\"concurrency\":200,"
        "\"targetSystems\":[\"d1_reads\",\"kv_get\"]}";
    struct sn_sim_options options = world(first_seed());
    simulate(plan, &options, report, sizeof report);
    assert_true(capacity_says("\"bottleneck\":{\"system\":\"d1_reads\""));
    const char *systems = strstr(strstr(report, "\"capacity\":{"), "\"systems\":"), *end = strchr(systems, ']');
    const char *kv = strstr(systems, "\"system\":\"kv_get\"");
    assert_true(kv > end); /* only in the list of all operations */
}

/* A thousand users that the database carries, and what ten thousand and ten million would be to it. */
static void users_are_extrapolated_and_marked(void **state) {
    (void)state;
    static const char plan[] =
        "{\"profileType\":\"ramp\",\"users\":7200,\"opsPerUser\":10,\"durationSeconds\":120,\"concurrency\":100,"
        "\"targetSystems\":[\"d1_reads\"]}";
    struct sn_sim_options options = world(first_seed());
    simulate(plan, &options, report, sizeof report);
    const char *users = strstr(strstr(report, "\"capacity\":{"), "\"users\":[");
    assert_non_null(strstr(report, "\"firstLimit\":{\"what\":\"saturation\""));
    assert_non_null(strstr(users, "\"users\":10000000"));
    assert_non_null(strstr(users, "\"extrapolated\":true"));
    /* At its peak the plan asks for 922 a second, so 798 are what 6,230 of its users do. */
    const char *from = strstr(report, "\"fromUsers\":");
    assert_non_null(from);
    between(strtod(from + 12, NULL), 6050, 6400);
    assert_non_null(strstr(report, "\"scalability\":{\"outcome\":"));
}

/* The number behind `name` in what the search came to. */
static double search_of(const char *name) {
    const char *search = strstr(report, "\"search\":{"), *at = search != NULL ? strstr(search, name) : NULL;
    if (at == NULL) fail_msg("no %s", name);
    return strtod(at + strlen(name), NULL);
}

#define SEARCH(operations) \
    "{\"preset\":\"capacity\",\"targetOperations\":" operations ",\"targetSystems\":[\"d1_reads\"]}"

/* It ends by itself, with the database's rate within its interval, or by what the tolerance of a step is above it.  Arrivals
 * that happen to lie close together may undo a rate twice, which is then lower by what the search goes back. */
static void the_highest_rate_is_searched(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < end_seed(2); seed++) {
        struct sn_sim_options options = world(seed);
        options.run_evictions = seed % 2 == 0 ? 5 : 0;
        struct sn_sim_outcome outcome = simulate(SEARCH("720000"), &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        assert_non_null(strstr(report, "\"outcome\":\"found\""));
        assert_non_null(strstr(report, "\"stage\":\"done\""));
        between(search_of("\"ratePerS\":"), 740 * SN_SEARCH_BACK * SN_SEARCH_BACK, 815);
        between(search_of("\"highPerS\":"), 785 * SN_SEARCH_BACK, 860);
        assert_true(search_of("\"ratePerS\":") < search_of("\"highPerS\":"));
        assert_true(search_of("\"tried\":") <= 14);
        assert_non_null(strstr(report, "\"verdict\":\"passed\""));
    }
}

static void a_search_ends_where_it_may_go_no_higher(void **state) {
    (void)state;
    struct sn_sim_options options = world(first_seed());
    struct sn_sim_outcome outcome = simulate(SEARCH("300000"), &options, report, sizeof report);
    assert_string_equal(outcome.status, "completed");
    assert_non_null(strstr(report, "\"outcome\":\"ceiling\""));
    between(search_of("\"ratePerS\":"), 500, 500);
    assert_non_null(strstr(report, "\"verdict\":\"passed\""));
    assert_non_null(strstr(report, "\"highPerS\":null"));
    /* Too short for it: what it knows by then is told. */
    static const char brief[] =
        "{\"preset\":\"capacity\",\"durationSeconds\":40,\"targetOperations\":48000,\"targetSystems\":[\"d1_reads\"]}";
    outcome = simulate(brief, &options, report, sizeof report);
    assert_string_equal(outcome.status, "completed");
    assert_non_null(strstr(report, "\"search\":{\"stage\":\"done\",\"outcome\":\"none\""));
    between(search_of("\"ratePerS\":"), 75, 300);
    assert_non_null(strstr(report, "\"verdict\":\"undecided\""));
}

/* Its thresholds do not hold at any rate: not that of a rate that was too much, which it would recover from. */
static void a_search_that_finds_no_rate_fails(void **state) {
    (void)state;
    struct sn_sim_options options = world(20261); /* with others what it reads cannot be prepared */
    options.target_mean_ms = 300;
    options.target_error_share = 0.5;
    struct sn_sim_outcome outcome = simulate(SEARCH("720000"), &options, report, sizeof report);
    assert_string_equal(outcome.status, "completed");
    assert_non_null(strstr(report, "\"ratePerS\":null"));
    assert_non_null(strstr(report, "\"verdict\":\"failed\""));
}

/* Whatever goes wrong, it ends, and what is found is not above what there is. */
static void a_search_survives_what_may_happen(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < end_seed(2); seed++) {
        struct sn_sim_options options = world(seed);
        options.faults |= SN_FAULT_BIT(SN_FAULT_RUN_DIES) | SN_FAULT_BIT(SN_FAULT_LATE) | SN_FAULT_BIT(SN_FAULT_LOST) |
                          SN_FAULT_BIT(SN_FAULT_SHARDS_DIE) | SN_FAULT_BIT(SN_FAULT_STEERED);
        struct sn_sim_outcome outcome = simulate(SEARCH("720000"), &options, report, sizeof report);
        assert_true(outcome.ended);
        if (strstr(report, "\"search\":{\"stage\":\"done\",\"outcome\":\"found\"") != NULL)
            between(search_of("\"ratePerS\":"), 0, 840);
    }
}

static void too_few_calls_in_flight_are_said_to_be_that(void **state) {
    (void)state;
    static const char plan[] =
        "{\"profileType\":\"ramp\",\"targetOperations\":18000,\"durationSeconds\":60,\"concurrency\":5,"
        "\"targetSystems\":[\"kv_get\"]}";
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 20};
    simulate(plan, &options, report, sizeof report);
    assert_true(capacity_says("\"outcome\":\"found\""));
    assert_true(capacity_says("\"symptom\":\"slots\""));
    assert_true(capacity_says("\"bottleneck\":null"));
    between(capacity_of("\"saturatedAtPerS\":"), 225, 275); /* five calls of 20 ms */
}

static void what_carries_its_load_has_its_limit_above(void **state) {
    (void)state;
    static const char plan[] =
        "{\"profileType\":\"ramp\",\"targetOperations\":36000,\"durationSeconds\":120,\"concurrency\":100,"
        "\"targetSystems\":[\"d1_reads\"]}";
    struct sn_sim_options options = world(first_seed());
    simulate(plan, &options, report, sizeof report);
    assert_true(capacity_says("\"outcome\":\"above\""));
    assert_true(capacity_says("\"saturatedAtPerS\":null"));
    between(capacity_of("\"highestPerS\":"), 455, 465);
    simulate("{\"preset\":\"smoke\"}", &options, report, sizeof report);
    assert_true(capacity_says("\"outcome\":\"unknown\""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_that_queues_is_found),
        cmocka_unit_test(deaths_of_the_run_lose_no_level),
        cmocka_unit_test(a_target_is_named_where_there_is_no_system),
        cmocka_unit_test(the_others_are_not_blamed),
        cmocka_unit_test(users_are_extrapolated_and_marked),
        cmocka_unit_test(the_highest_rate_is_searched),
        cmocka_unit_test(a_search_ends_where_it_may_go_no_higher),
        cmocka_unit_test(a_search_that_finds_no_rate_fails),
        cmocka_unit_test(a_search_survives_what_may_happen),
        cmocka_unit_test(too_few_calls_in_flight_are_said_to_be_that),
        cmocka_unit_test(what_carries_its_load_has_its_limit_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
