/* What a run says of its end: the first of the things that can end it stands, whatever follows. */
#include "plan_help.h"

#include "../../src/run/run_machine.h"
#include "../../src/wasm/room.h"

#define NOW (INT64_C(1790000000) * SN_SECOND_US)

static void cancel(struct sn_run *run) {
    assert_int_equal(run_cancel(run, SN_ENDING_CANCEL, "somebody asked for it", NOW), SN_OK);
}

static void spend(struct sn_run *run) {
    assert_int_equal(run_cancel(run, SN_ENDING_BUDGET, "it had cost enough", NOW), SN_OK);
}

static void kill_all(struct sn_run *run) {
    assert_int_equal(run_cancel(run, SN_ENDING_KILL_SWITCH, "everything was stopped", NOW), SN_OK);
}

static void break_off(struct sn_run *run) {
    run_fail(run, "the clean-up went wrong");
}

static void abort_by_threshold(struct sn_run *run) {
    run_abort(run, "the threshold was not met", NOW);
}

static void lose_a_shard(struct sn_run *run) {
    run->shards[0].lost = 1;
    assert_true(run_lost_shard(run, "during the load"));
}

static void nothing(struct sn_run *run) {
    (void)run;
}

static const struct {
    void (*first)(struct sn_run *), (*then)(struct sn_run *);
    const char *ended_by, *reason;
} rows[] = {
    {nothing, nothing, "completed", ""},
    {cancel, nothing, "cancel", "somebody asked for it"},
    {cancel, break_off, "cancel", "the clean-up went wrong"},
    {spend, cancel, "budget", "it had cost enough"},
    {spend, lose_a_shard, "budget", "shard 0, one of 1, was lost during the load"},
    {kill_all, cancel, "kill-switch", "everything was stopped"},
    {cancel, kill_all, "cancel", "somebody asked for it"},
    {break_off, kill_all, "error", "the clean-up went wrong"},
    {break_off, cancel, "error", "the clean-up went wrong"},
    {abort_by_threshold, break_off, "threshold", "the threshold was not met"},
    {lose_a_shard, abort_by_threshold, "lost", "shard 0, one of 1, was lost during the load"},
};

static struct sn_run *run_new(void) {
    struct sn_run *run = sn_run_init(aligned_alloc(16, SN_RUN_MEMORY));
    assert_int_equal(run_use_plan(run, bytes, bytes_len), SN_OK);
    run->opened = true;
    return run;
}

static void what_came_first_ended_it(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\",\"concurrency\":1}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_run *run = run_new();
        assert_int_equal(run_start(run, NOW), SN_OK);
        rows[i].first(run);
        rows[i].then(run);
        assert_null(run_report(run, NOW).ended_by); /* while it goes on */
        run->state.status = SN_RUN_FAILED;
        assert_string_equal(run_report(run, NOW).ended_by, rows[i].ended_by);
        assert_string_equal(run->state.reason, rows[i].reason);
        free(run);
    }
}

static void one_that_never_started(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    struct sn_run *late = run_new(), *unwanted = run_new(), *lost = run_new();
    assert_int_equal(run_expire(late, NOW), SN_OK);
    assert_string_equal(run_report(late, NOW).ended_by, "expired");
    cancel(unwanted);
    assert_string_equal(run_report(unwanted, NOW).ended_by, "cancel");
    run_sweep_up(lost, 100, 3, NOW);
    lost->state.status = SN_RUN_FAILED;
    assert_string_equal(run_report(lost, NOW).ended_by, "lost");
    free(late);
    free(unwanted);
    free(lost);
}

/* A stop takes effect behind a scaling that was decided before it.  Until then whatever else ends the run has its stop. */
static void a_stop_that_is_pending_is_enough(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\",\"concurrency\":1}");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_run *run = run_new();
        assert_int_equal(run_start(run, NOW), SN_OK);
        run->state.stage = SN_STAGE_LOAD;
        run_add_epoch(run, SN_EPOCH_START, NOW - SN_SECOND_US);
        run_add_epoch(run, SN_EPOCH_SCALE, NOW + 2 * SN_SECOND_US);
        abort_by_threshold(run);
        assert_true(sn_schedule_stopped(&run->schedule));
        rows[i].first(run);
        rows[i].then(run);
        assert_int_equal(run->schedule.epochs_len, 3);
        assert_true(sn_schedule_end_us(&run->schedule) == NOW + 2 * SN_SECOND_US);
        free(run);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stop_that_is_pending_is_enough),
        cmocka_unit_test(what_came_first_ended_it),
        cmocka_unit_test(one_that_never_started),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
