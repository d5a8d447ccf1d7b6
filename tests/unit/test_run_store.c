/* What a run that is opened again knows from its snapshot and its log. */
#include "plan_help.h"

#include "../../src/run/run_machine.h"
#include "../../src/wasm/room.h"

static _Alignas(16) uint8_t outbox[SN_RUN_OUTBOX];

static struct sn_run *run_new(void) {
    void *memory = aligned_alloc(16, SN_RUN_MEMORY);
    assert_non_null(memory);
    struct sn_run *run = sn_run_init(memory);
    assert_int_equal(run_use_plan(run, bytes, bytes_len), SN_OK);
    run->opened = true;
    run->first_log_seq = 1;
    return run;
}

/* Lets a machine write; what it wrote is in the outbox until the next one does. */
static struct sn_span written(struct sn_run *from) {
    struct sn_writer w = sn_writer(outbox, sizeof outbox);
    run_save_soon(from);
    run_store(from, 1, &w);
    from->store_id = 0; /* durable at once */
    struct sn_reader effects = sn_reader(outbox, w.len);
    struct sn_record record;
    struct sn_span payload;
    assert_true(sn_record_next(&effects, &record, &payload));
    assert_int_equal(record.kind, SN_EFFECT_STORE);
    return payload;
}

static void read_back(struct sn_run *to, struct sn_span stored) {
    struct sn_reader entries = sn_reader(stored.data, stored.len);
    while (sn_reader_left(&entries) > 0) {
        static uint8_t loaded[SN_RUN_INBOX];
        struct sn_span key = sn_get_span(&entries), value = sn_get_span(&entries);
        struct sn_writer event = sn_writer(loaded, sizeof loaded);
        sn_put_span(&event, key.data, key.len);
        sn_put_bytes(&event, value.data, value.len);
        assert_false(event.full || entries.bad);
        run_loaded(to, (struct sn_span){loaded, event.len});
    }
}

static void carry_over(struct sn_run *from, struct sn_run *to) {
    read_back(to, written(from));
}

/* Between two snapshots the detail of many seconds leaves the series; the log has to say so, or what it brings back finds
 * no room. */
static void the_log_knows_what_has_left_the_series(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    struct sn_run *run = run_new(), *again = run_new();
    for (uint32_t second = 0; second < 9; second++) sn_series_count(run->series, second, 0, 100, 1);
    run->snapshot_wanted = true;
    carry_over(run, again);
    assert_int_equal(again->series->first_second, 0);
    assert_int_equal(again->series->slots_used, 9);
    sn_series_forget(run->series, 7);
    carry_over(run, again);
    assert_int_equal(again->series->first_second, 7);
    assert_int_equal(again->series->slots_used, 2);
    assert_int_equal(again->state.log_seq, 2);
    free(run);
    free(again);
}

/* One operation of the first kind ended, and a shard told of it: in memory, and for the log. */
static void told(struct sn_run *run, uint32_t second) {
    static struct sn_delta delta;
    static uint8_t space[SN_DELTA_BYTES_MAX];
    struct sn_delta_head head = {.incarnation = 1, .seq = second + 1, .stage = SN_STAGE_LOAD};
    struct sn_writer w = sn_writer(space, sizeof space), log;
    sn_delta_clear(&delta);
    struct sn_result result = {.response_us = 1000 * (second + 1), .service_us = 700, .end_second = (uint16_t)second};
    sn_delta_result(&delta, &result);
    sn_delta_put(&w, &head, &delta);
    log = sn_writer(run->log_bytes + run->log_used, sizeof run->log_bytes - run->log_used);
    sn_put_span(&log, space, w.len);
    run->log_used += (uint32_t)log.len;
    struct sn_reader body = sn_reader(space, w.len);
    assert_int_equal(sn_delta_head_get(&body, &head), SN_OK);
    assert_int_equal(sn_tally_add(run->tally, run->series, run->intervals, &body), SN_OK);
}

/* Windows that ended between two snapshots end again when the log is read, with the same figures; also where their detail
 * has left the series meanwhile. */
static void the_log_brings_back_what_levels_did(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\",\"targetSystems\":[\"kv_get\"]}");
    struct sn_run *run = run_new(), *again = run_new();
    assert_int_equal(run->levels->window_s, 1);
    run->snapshot_wanted = true;
    for (uint32_t second = 0; second < 20; second++) {
        told(run, second);
        run_note_levels(run, second);
        if (second == 10) sn_series_forget(run->series, 8);
        carry_over(run, again);
    }
    assert_int_equal(run->levels->len, 19);
    assert_in_range(sn_levels_cell(run->levels, 18, 0)->p95_us, 18900, 19100);
    assert_int_equal(sn_levels_cell(run->levels, 18, 0)->service_us, 700);
    assert_int_equal(run->levels_size, again->levels_size);
    assert_memory_equal(run->levels, again->levels, run->levels_size);
    free(run);
    free(again);
}

#define LIVES 4

/* Who restarts before the log is full knows how long it is already: it is replaced in time, and all of it. */
static void restarts_do_not_make_the_log_longer(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    struct sn_run *lives[LIVES];
    for (uint32_t i = 0; i < LIVES; i++) {
        lives[i] = run_new();
        lives[i]->first_log_seq = i == 0; /* only what is created knows it without reading */
    }
    for (uint32_t i = 0; i + 1 < LIVES; i++) {
        for (uint32_t entry = 0; entry < RUN_LOG_ENTRIES / (LIVES - 1); entry++) {
            struct sn_span stored = written(lives[i]);
            assert_int_equal(lives[i]->snapshot_log_seq, 0);
            for (uint32_t later = i + 1; later < LIVES; later++) read_back(lives[later], stored);
        }
        run_reopen(lives[i + 1], 2);
    }
    struct sn_run *last = lives[LIVES - 1], *next = run_new();
    next->first_log_seq = 0;
    carry_over(last, next);
    assert_int_equal(last->snapshot_log_seq, RUN_LOG_ENTRIES + 1);
    assert_int_equal(last->first_log_seq, 1);
    run_reopen(next, 2);
    assert_int_equal(next->first_log_seq, RUN_LOG_ENTRIES + 2);
    free(next);
    for (uint32_t i = 0; i < LIVES; i++) free(lives[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_knows_what_has_left_the_series),
        cmocka_unit_test(the_log_brings_back_what_levels_did),
        cmocka_unit_test(restarts_do_not_make_the_log_longer),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
