/* Whole runs whose operations have several steps: together, in the background, after a time to think. */
#include "simulate.h"

#define GET(key) "{\"kv\":\"get\",\"key\":\"" key "\"}"
#define WORKLOAD(steps) "\"workload\":{\"operations\":[{\"operation\":\"o\",\"steps\":[" steps "]}]}"

static double reported(const char *name) {
    const char *at = strstr(report, name);
    if (at == NULL) fail_msg("the report has no %s", name);
    return strtod(at + strlen(name), NULL);
}

/* Fifty operations a second, of each four calls of 50 ms, whatever goes together: ten in flight, if nothing has to wait. */
static void calls_that_go_together_need_as_many_slots(void **state) {
    (void)state;
    static const char *const workloads[] = {
        WORKLOAD(GET("a") "," GET("b") "," GET("c") "," GET("d")),
        WORKLOAD("{\"parallel\":[" GET("a") "," GET("b") "," GET("c") "," GET("d") "]}"),
        WORKLOAD(GET("a") ",{\"kv\":\"get\",\"key\":\"b\",\"background\":true}," GET("c") "," GET("d")),
    };
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
        char plan[1000];
        struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 50};
        snprintf(
            plan, sizeof plan,
            "{\"profileType\":\"sustained\",\"targetOperations\":3000,\"durationSeconds\":60,\"concurrency\":5,%s}",
            workloads[i]);
        simulate(plan, &options, report, sizeof report);
        assert_non_null(strstr(report, "\"limitedBy\":\"concurrency\""));
        double needed = reported("\"concurrencyNeeded\":");
        if (needed < 9 || needed > 12) fail_msg("workload %zu needs %.0f", i, needed);
    }
}

/* Seconds of the day, from "…T08:00:01.250Z" behind the name. */
static double moment(const char *name) {
    const char *at = strstr(report, name);
    int hours = 0, minutes = 0;
    double seconds = 0;
    if (at == NULL || sscanf(at + strlen(name), "%*[0-9-]T%d:%d:%lfZ", &hours, &minutes, &seconds) != 3)
        fail_msg("the report has no %s", name);
    return hours * 3600 + minutes * 60 + seconds;
}

/* Whoever came in the last second thinks for longer than an operation may be late and unanswered together. */
static void those_who_think_at_the_end_are_waited_for(void **state) {
    (void)state;
    struct sn_sim_options options = {.seed = first_seed(), .target_mean_ms = 20};
    struct sn_sim_outcome outcome =
        simulate("{\"profileType\":\"sustained\",\"targetOperations\":60,\"durationSeconds\":30,\"concurrency\":50,"
                 "\"maxLateMs\":1000,\"timeoutMs\":1000," WORKLOAD(
                     GET("a") ",{\"kv\":\"get\",\"key\":\"b\",\"thinkMs\":59000}") "}",
                 &options, report, sizeof report);
    assert_string_equal(outcome.status, "completed");
    assert_int_equal(outcome.completed, 60);
}

/* Everybody thinks for 50 s after the first call. */
static void a_cancel_does_not_wait_for_those_who_think(void **state) {
    (void)state;
    unsigned cancelled = 0;
    for (uint64_t seed = first_seed(); seed < first_seed() + 8; seed++) {
        struct sn_sim_options options = {
            .seed = seed, .target_mean_ms = 20, .faults = SN_FAULT_BIT(SN_FAULT_CANCELLED)};
        simulate(
            "{\"profileType\":\"sustained\",\"targetOperations\":600,\"durationSeconds\":60,\"concurrency\":50," WORKLOAD(
                GET("a") ",{\"kv\":\"get\",\"key\":\"b\",\"thinkMs\":50000}") "}",
            &options, report, sizeof report);
        if (strstr(report, "\"what\":\"stop\"") == NULL) continue; /* it was cancelled before its load or after it */
        double waited = moment("\"endedAt\":\"") - moment("\"what\":\"cancel\",\"at\":\"");
        if (waited > 5) fail_msg("seed %llu: it ended after %.1f s", (unsigned long long)seed, waited);
        cancelled += 1;
    }
    assert_in_range(cancelled, 3, 8);
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
        assert_true(reported("\"terms\":{\"planned\":") == 600);
        const char *terms = strstr(report, "\"terms\":{");
        assert_non_null(terms);
        assert_int_equal(strtoull(strstr(terms, "\"failed\":") + 9, NULL, 10), 0);
        if (options.evictions == 0) assert_int_equal(outcome.completed, 600);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_that_go_together_need_as_many_slots),
        cmocka_unit_test(what_was_captured_is_used_or_lost),
        cmocka_unit_test(those_who_think_at_the_end_are_waited_for),
        cmocka_unit_test(a_cancel_does_not_wait_for_those_who_think),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
