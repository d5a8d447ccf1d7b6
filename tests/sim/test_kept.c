/* Data that outlives its run, in worlds that are left alone and in such as are not: it is said to be ready only when all of it
 * is there, which the simulator's target checks, and only what was to be removed is. */
#include "simulate.h"

#define PLAN(prepare)                                                                                                       \
    "{\"profileType\":\"sustained\",\"targetOperations\":100,\"durationSeconds\":10,\"concurrency\":10,\"targetSystems\":[" \
    "\"d1_reads\",\"kv_get\"],\"prepare\":\"" prepare "\"}"
#define KEYS 150 /* that kv_get prepares */

static const char *const plans[] = {PLAN("reuse"), PLAN("remove")};

static bool reused(void) {
    return strstr(report, "\"reused\":true") != NULL;
}

static void undisturbed_runs_keep_find_and_remove(void **state) {
    (void)state;
    static const struct {
        unsigned plan;
        bool there, reused, ready;
        uint64_t keys;
    } rows[] = {
        {0, false, false, true, KEYS},
        {0, true, true, true, 0}, /* nothing was written beside what was there */
        {1, false, false, false, 0},
        {1, true, true, false, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_sim_options options = {.seed = first_seed() + i, .target_mean_ms = 10, .data_there = rows[i].there};
        struct sn_sim_outcome outcome = simulate(plans[rows[i].plan], &options, report, sizeof report);
        assert_string_equal(outcome.status, "completed");
        assert_string_equal(outcome.validity, "valid");
        assert_int_equal(reused(), rows[i].reused);
        assert_int_equal(outcome.data_ready, rows[i].ready);
        assert_int_equal(outcome.data_keys, rows[i].keys);
    }
}

/* The run's object and its shards die, the database is away, calls are lost and doubled, somebody cancels. */
static void disturbed_runs_never_claim_more_than_there_is(void **state) {
    (void)state;
    unsigned ready = 0, found = 0, cut = 0;
    for (uint64_t seed = first_seed(); seed < first_seed() + 40; seed++) {
        bool there = seed % 4 == 1, removes = seed % 4 >= 2;
        struct sn_sim_options options = {.seed = seed,
                                         .target_mean_ms = 20,
                                         .evictions = (uint32_t)(seed % 3),
                                         .run_evictions = (uint32_t)(seed % 5),
                                         .data_there = there,
                                         .faults =
                                             SN_FAULT_BIT(SN_FAULT_DATABASE_AWAY) | SN_FAULT_BIT(SN_FAULT_CANCELLED)};
        struct sn_sim_outcome outcome = simulate(plans[removes], &options, report, sizeof report);
        if (!outcome.ended) fail_msg("seed %llu did not end", (unsigned long long)seed);
        bool completed = strcmp(outcome.status, "completed") == 0;
        if (completed && removes) assert_false(outcome.data_ready && outcome.data_keys > 0);
        if (completed && !removes) assert_true(outcome.data_ready);
        if (there && !removes) assert_true(outcome.data_ready);
        if (removes) assert_int_equal(outcome.data_keys, 0);
        ready += outcome.data_ready;
        found += reused();
        cut += !completed;
    }
    assert_in_range(ready, 5, 35);
    assert_in_range(found, 3, 35);
    assert_in_range(cut, 1, 39);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(undisturbed_runs_keep_find_and_remove),
        cmocka_unit_test(disturbed_runs_never_claim_more_than_there_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
