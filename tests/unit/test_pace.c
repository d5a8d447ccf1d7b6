/* What the number of shards does to the times between a run and its shards, and to the memory of the run; and how long a
 * database is left alone. */
#include "plan_help.h"

#include "../../src/run/run_machine.h"
#include "../../src/run/run_retry.h"
#include "../../src/run/shard_machine.h"
#include "../../src/wasm/room.h"

static void no_run_hears_more_than_it_can(void **state) {
    (void)state;
    static const struct {
        uint32_t places;
        int64_t interval_ms, silence_ms;
    } rows[] = {
        {1, 1000, 10000},   {100, 1000, 10000},  {200, 1000, 10000},
        {300, 1500, 10000}, {666, 3330, 10000}, /* three intervals are less than ten seconds up to here */
        {668, 3340, 10020}, {1014, 5070, 15210},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t interval_us = sn_report_interval_us(rows[i].places);
        assert_int_equal(interval_us, rows[i].interval_ms * 1000);
        assert_int_equal(sn_silence_us(interval_us), rows[i].silence_ms * 1000);
        assert_true((int64_t)rows[i].places * SN_SECOND_US <= SN_REPORTS_PER_S_MAX * interval_us);
    }
}

/* Everybody wants to report at the same moment, and again as soon as that is done: in no second are there more turns than a run
 * takes, or twice as many where more than one report waits. */
static void places_take_turns(void **state) {
    (void)state;
    static const struct {
        uint32_t places, most, most_behind;
    } rows[] = {{41, 200, 200}, {100, 200, 200}, {101, 200, 400}, {200, 200, 400}, {201, 200, 400}, {1000, 200, 400}};
    const int64_t moment_us = INT64_C(1800000000123) * 1000;
    for (size_t i = 0; i < 2 * LEN(rows); i++) {
        bool behind = i % 2 == 1;
        uint32_t places = rows[i / 2].places, most = behind ? rows[i / 2].most_behind : rows[i / 2].most;
        uint32_t counts[20] = {0}; /* of half seconds */
        for (uint32_t place = 0; place < places; place++) {
            int64_t at_us = moment_us, first_us = shard_turn_us(place, places, behind, moment_us);
            assert_true(first_us >= moment_us && first_us - moment_us < sn_report_interval_us(places));
            assert_int_equal(shard_turn_us(place, places, behind, first_us), first_us);
            while ((at_us = shard_turn_us(place, places, behind, at_us)) < moment_us + 10 * SN_SECOND_US)
                counts[(at_us++ - moment_us) * 2 / SN_SECOND_US] += 1;
        }
        for (size_t half = 0; half + 1 < LEN(counts); half++) {
            assert_in_range(counts[half], 1, most / 2 + 1);
            assert_true(counts[half] + counts[half + 1] <= most + 1);
        }
    }
    for (uint32_t places = 1; places <= 40; places++) /* so few need none */
        assert_int_equal(shard_turn_us(places - 1, places, false, moment_us), moment_us);
}

/* A shard is asked before it falls silent, counts as lost only when it has long stopped, and hears of an epoch before. */
static void times_keep_their_order(void **state) {
    (void)state;
    static struct sn_run run;
    for (uint32_t places = 1; places <= SN_SHARDS_MAX - SN_REPLACED_MAX; places++) {
        run.plan.shards = places;
        int64_t interval_us = run_interval_us(&run);
        assert_true(3 * interval_us <= run_silence_us(&run));
        assert_true(run_lost_us(&run) >= 3 * run_silence_us(&run));
        assert_true(run_lead_us(&run) > interval_us);
        assert_true(run_steer_lead_us(&run) >= 2 * interval_us && run_steer_lead_us(&run) < run_silence_us(&run));
        assert_true(run_arm_patience_us(&run) >= places * SN_ARM_SPACING_US * 3 / 2);
    }
    run.plan.shards = 2; /* a small run's times are what they always were */
    assert_int_equal(run_lead_us(&run), 1500000);
    assert_int_equal(run_steer_lead_us(&run), 2000000);
    assert_int_equal(run_lost_us(&run), 30000000);
    assert_int_equal(run_arm_patience_us(&run), 60000000);
}

/* With as many shards, operations and phases as there may be: the run, its snapshot, its log entry. */
static void the_largest_run_has_room(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    plan.workload.kinds_len = SN_KINDS_MAX;
    plan.profile.phases_len = SN_CELLS_MAX / SN_KINDS_MAX;
    plan.workload.steps_len = 256;
    size_t size = sn_run_size(&plan);
    size_t shards = SN_SHARDS_MAX * sizeof(struct run_shard);
    size_t each =
        sizeof(struct run_shard) + sizeof(struct run_link) + sizeof(struct sn_report_shard) + sizeof(uint32_t);
    print_message("largest run: %zu of %u bytes, %zu for each shard\n", size, SN_RUN_MEMORY, each);
    assert_true(size <= SN_RUN_MEMORY);
    size_t tally = sn_tally_size(SN_KINDS_MAX, SN_CELLS_MAX / SN_KINDS_MAX, 256, RUN_PAGES_MAX);
    size_t series = sn_series_size(SN_DURATION_S_MAX + 1 + RUN_DRAIN_SECONDS, RUN_SERIES_SLOTS);
    size_t intervals = sn_intervals_size(SN_DURATION_S_MAX + 1 + RUN_DRAIN_SECONDS, SN_INTERVALS_SLOTS);
    size_t log = sizeof(struct run_state) + shards + RUN_LOG_BYTES;
    assert_true(tally + series + intervals + sizeof(struct run_state) + shards + 4096 <= SN_RUN_OUTBOX);
    assert_true(log + 256 <= SN_RUN_INBOX);
    assert_true(log <= SN_STORE_VALUE_MAX);
}

/* By what it said: the classes are those of the calls to targets. */
static void a_database_is_left_alone_by_its_own_words(void **state) {
    (void)state;
    static const struct {
        const char *said;
        int64_t pauses_s[7];
    } rows[] = {
        {"Error: D1_ERROR: Network connection lost.", {1, 2, 4, 8, 16, 30, 30}},
        {"Error: D1_ERROR: Internal error in D1 DB storage caused object to be reset.", {1, 2, 4, 8, 16, 30, 30}},
        {"", {1, 2, 4, 8, 16, 30, 30}},
        {"Error: D1_ERROR: D1 DB is overloaded. Requests queued for too long.", {5, 10, 20, 40, 60, 60, 60}},
        {"Error: D1_ERROR: no such table: sentinel_runs: SQLITE_ERROR", {300, 600, 600, 600, 600, 600, 600}},
        {"Error: D1_ERROR: Exceeded maximum DB size.", {300, 600, 600, 600, 600, 600, 600}},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        int64_t pause_us = 0;
        for (size_t n = 0; n < LEN(rows[i].pauses_s); n++) {
            pause_us =
                run_retry_pause_us(pause_us, (struct sn_span){(const uint8_t *)rows[i].said, strlen(rows[i].said)});
            assert_int_equal(pause_us, rows[i].pauses_s[n] * SN_SECOND_US);
        }
    }
    /* What it says can change: the shorter pauses hold from then on. */
    static const char lost[] = "D1_ERROR: Network connection lost.";
    struct sn_span said = {(const uint8_t *)lost, sizeof lost - 1};
    assert_int_equal(run_retry_pause_us(600 * SN_SECOND_US, said), 30 * SN_SECOND_US);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_run_hears_more_than_it_can),
        cmocka_unit_test(places_take_turns),
        cmocka_unit_test(times_keep_their_order),
        cmocka_unit_test(the_largest_run_has_room),
        cmocka_unit_test(a_database_is_left_alone_by_its_own_words),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
