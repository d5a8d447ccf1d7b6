/* A deploy in mid-run: objects are opened again by a Sentinel that stores in another way than the one that wrote what they
 * find.  Nothing of another version is guessed at, older or newer: a run says that there is none, and cleans up when it is
 * told to; a shard says that it knows nothing, and is replaced like one that has lost everything.  Nobody waits for ever. */
#include "plan_help.h"

#include "../../src/run/run_machine.h"
#include "../../src/run/shard_machine.h"
#include "../../src/wasm/room.h"

static _Alignas(16) uint8_t outbox[SN_RUN_OUTBOX];
static uint8_t loaded[SN_RUN_INBOX];

static struct sn_run *run_new(void) {
    void *memory = aligned_alloc(16, SN_RUN_MEMORY);
    assert_non_null(memory);
    return sn_run_init(memory);
}

static bool begins_with(struct sn_span key, const char *prefix) {
    return key.len >= strlen(prefix) && memcmp(key.data, prefix, strlen(prefix)) == 0;
}

/* What one run writes another one reads; a number at the beginning of the values under `prefix` is another one by then. */
static void carry_over(struct sn_run *from, struct sn_run *to, const char *prefix, uint32_t more) {
    struct sn_writer w = sn_writer(outbox, sizeof outbox);
    struct sn_record record;
    struct sn_span payload;
    run_save_soon(from);
    run_store(from, 1, &w);
    from->store_id = 0;
    struct sn_reader effects = sn_reader(outbox, w.len);
    assert_true(sn_record_next(&effects, &record, &payload));
    struct sn_reader entries = sn_reader(payload.data, payload.len);
    while (sn_reader_left(&entries) > 0) {
        struct sn_span key = sn_get_span(&entries), value = sn_get_span(&entries);
        struct sn_writer event = sn_writer(loaded, sizeof loaded);
        sn_put_span(&event, key.data, key.len);
        sn_put_bytes(&event, value.data, value.len);
        assert_false(event.full || entries.bad);
        uint32_t number;
        memcpy(&number, loaded + event.len - value.len, sizeof number);
        if (begins_with(key, prefix)) number += more;
        memcpy(loaded + event.len - value.len, &number, sizeof number);
        run_loaded(to, (struct sn_span){loaded, event.len});
    }
}

static void begin(struct sn_run *run) {
    assert_int_equal(run_use_plan(run, bytes, bytes_len), SN_OK);
    run->opened = run->plan_unwritten = run->snapshot_wanted = true;
    run->first_log_seq = 1;
    assert_int_equal(run_start(run, 5), SN_OK);
}

static void put_call(struct sn_writer *w, const struct sn_writer *message) {
    sn_record_put(w, &(struct sn_record){.kind = SN_EVENT_CALL, .id = 1}, message->data, message->len);
}

/* The first effect of that kind that a step leaves which the event causes; false when there is none. */
static bool step(struct sn_run *run, int64_t now_us, struct sn_writer *event, uint16_t kind, struct sn_record *effect) {
    memset(outbox, 0, sizeof outbox);
    struct sn_writer w = sn_writer(outbox, sizeof outbox);
    struct sn_reader events = sn_reader(event->data, event->len);
    struct sn_span payload;
    sn_run_step(run, now_us, &events, &w);
    struct sn_reader effects = sn_reader(outbox, w.len);
    while (sn_record_next(&effects, effect, &payload)) {
        if (effect->kind == kind) return true;
    }
    return false;
}

/* A run that has only what the effects in the outbox store. */
static struct sn_run *opened_from(struct sn_reader effects) {
    struct sn_run *run = run_new();
    struct sn_record record;
    struct sn_span payload;
    while (sn_record_next(&effects, &record, &payload)) {
        struct sn_reader entries = sn_reader(payload.data, payload.len);
        while (record.kind == SN_EFFECT_STORE && sn_reader_left(&entries) > 0) {
            struct sn_span key = sn_get_span(&entries), value = sn_get_span(&entries);
            struct sn_writer event = sn_writer(loaded, sizeof loaded);
            sn_put_span(&event, key.data, key.len);
            sn_put_bytes(&event, value.data, value.len);
            run_loaded(run, (struct sn_span){loaded, event.len});
        }
    }
    run_reopen(run, 11);
    return run;
}

#define REACH 123456

/* Whoever dies between the write of the plan and anything else goes on with the sweep. */
static void the_sweep_is_on_disk_with_the_plan(void) {
    struct sn_run *again = opened_from(sn_reader(outbox, sizeof outbox));
    assert_true(run_active(again));
    assert_int_equal(again->state.swept_up, 1);
    assert_int_not_equal(again->state.stage, SN_STAGE_IDLE);
    assert_true(again->state.revision > RUN_REVISION_AFRESH + 7); /* the row's, and maybe one on its way to it */
    assert_int_equal(again->state.last_k, REACH);                 /* somebody had scaled or extended it */
    assert_int_not_equal(sn_run_deadline_us(again), INT64_MAX);
    free(again);
}

/* Whoever asks hears that there is no such run.  Told to sweep up, it erases what it could not read, fails, and says why. */
static void opened_again_it_knows_nothing(struct sn_run *run) {
    static uint8_t message_bytes[SN_PLAN_BYTES_MAX + 64], event_bytes[SN_PLAN_BYTES_MAX + 128];
    struct sn_writer message = sn_writer(message_bytes, sizeof message_bytes);
    struct sn_writer event = sn_writer(event_bytes, sizeof event_bytes);
    struct sn_record effect;
    run_reopen(run, 7);
    assert_false(run->planned);
    assert_int_equal(sn_run_deadline_us(run), INT64_MAX);
    sn_message_begin(&message, SN_MESSAGE_POKE);
    put_call(&event, &message);
    assert_true(step(run, 8, &event, SN_EFFECT_REPLY, &effect));
    assert_int_equal(effect.status, SN_E_VERSION);
    message.len = event.len = 0;
    sn_message_begin(&message, SN_MESSAGE_CREATE);
    sn_put_u32(&message, SN_CREATION_SWEEP);
    sn_put_span(&message, bytes, bytes_len);
    sn_put_u64(&message, REACH);
    sn_put_u32(&message, 7);
    put_call(&event, &message);
    assert_true(step(run, 9, &event, SN_EFFECT_ERASE, &effect));
    assert_int_not_equal(run->store_id, 0);
    the_sweep_is_on_disk_with_the_plan();
    event.len = 0;
    sn_record_put(&event, &(struct sn_record){.kind = SN_EVENT_DONE, .id = run->store_id}, NULL, 0);
    step(run, 10, &event, SN_EFFECT_STORE, &effect);
    assert_true(run_active(run));
    assert_int_equal(run->state.failing, 1);
    assert_non_null(strstr(run->state.reason, "another version of Sentinel"));
}

static void a_run_does_not_guess_at_another_version(void **state) {
    (void)state;
    static const struct {
        const char *prefix;
        uint32_t more;
    } cases[] = {
        {"b.snap/head", 1},
        {"b.snap/head", UINT32_MAX}, /* one less: what an older one wrote */
        {"b.snap/0001", 1u << 16},   /* the version is in the upper half of a chunk's number */
        {"b.snap/0002", (uint32_t) - (1 << 16)},
    };
    compiles("{\"preset\":\"smoke\"}");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct sn_run *run = run_new(), *again = run_new();
        begin(run);
        carry_over(run, again, cases[i].prefix, cases[i].more);
        opened_again_it_knows_nothing(again);
        free(run);
        free(again);
    }
}

static void a_log_entry_of_another_version_is_not_read(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    struct sn_run *run = run_new(), *again = run_new();
    begin(run);
    carry_over(run, again, "none", 0);
    run->plan_unwritten = false;
    carry_over(run, again, "c.log/", 1);
    opened_again_it_knows_nothing(again);
    free(run);
    free(again);
}

/* The counts of an entry know of results that nobody could add to those of the snapshot. */
static void a_log_entry_with_a_delta_of_another_version_is_not_read(void **state) {
    (void)state;
    static const char delta[] = "SND6, and what follows";
    compiles("{\"preset\":\"smoke\"}");
    struct sn_run *run = run_new(), *again = run_new();
    begin(run);
    carry_over(run, again, "none", 0);
    run->plan_unwritten = run->snapshot_wanted = false;
    struct sn_writer log = sn_writer(run->log_bytes, sizeof run->log_bytes);
    sn_put_span(&log, delta, sizeof delta);
    run->log_used = (uint32_t)log.len;
    carry_over(run, again, "none", 0);
    opened_again_it_knows_nothing(again);
    free(run);
    free(again);
}

/* With its row goes the last that knows where it is. */
static void deleted_it_leaves_nothing(void **state) {
    (void)state;
    static uint8_t message_bytes[16], event_bytes[256];
    struct sn_writer message = sn_writer(message_bytes, sizeof message_bytes);
    struct sn_writer event = sn_writer(event_bytes, sizeof event_bytes);
    struct sn_record effect;
    compiles("{\"preset\":\"smoke\"}");
    struct sn_run *run = run_new(), *again = run_new();
    begin(run);
    carry_over(run, again, "b.snap/head", 1);
    run_reopen(again, 7);
    sn_message_begin(&message, SN_MESSAGE_DELETE);
    put_call(&event, &message);
    assert_true(step(again, 8, &event, SN_EFFECT_ERASE, &effect));
    assert_true(step(again, 9, &event, SN_EFFECT_REPLY, &effect));
    assert_int_equal(effect.status, SN_E_MISSING);
    assert_false(step(again, 10, &event, SN_EFFECT_ERASE, &effect)); /* once */
    free(run);
    free(again);
}

static void load(struct sn_shard *shard, const char *key, const void *value, size_t len) {
    struct sn_writer event = sn_writer(loaded, sizeof loaded);
    sn_put_span(&event, key, strlen(key));
    sn_put_bytes(&event, value, len);
    shard_loaded(shard, (struct sn_span){loaded, event.len});
}

/* A shard that is opened with the state of this version; true when it goes on. */
static bool goes_on(uint32_t version) {
    void *memory = aligned_alloc(16, (sn_shard_size() + 15) & ~(size_t)15);
    assert_non_null(memory);
    struct sn_shard *shard = sn_shard_init(memory);
    struct shard_state stored = {.version = version, .size = sizeof stored, .places = 1, .stage = SN_STAGE_LOAD};
    struct sn_writer w = sn_writer(outbox, sizeof outbox);
    load(shard, "a.plan", bytes, bytes_len);
    load(shard, "b.state", &stored, sizeof stored);
    shard_reopen(shard, 7, &w);
    bool armed = shard->armed; /* else it answers E_MISSING to its run */
    struct sn_reader effects = sn_reader(outbox, w.len);
    struct sn_record effect;
    struct sn_span keys;
    bool erases = sn_record_next(&effects, &effect, &keys) && effect.kind == SN_EFFECT_ERASE;
    assert_true(armed != erases);
    if (erases) assert_int_equal(keys.len, 0); /* everything: nobody else would */
    assert_int_equal(armed, shard_working(shard));
    assert_true(armed || sn_shard_deadline_us(shard) == INT64_MAX);
    free(memory);
    return armed;
}

static void a_shard_does_not_guess_either(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    assert_true(goes_on(SN_SHARD_STATE_VERSION));
    assert_false(goes_on(SN_SHARD_STATE_VERSION + 1));
    assert_false(goes_on(SN_SHARD_STATE_VERSION - 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_does_not_guess_at_another_version),
        cmocka_unit_test(a_log_entry_of_another_version_is_not_read),
        cmocka_unit_test(deleted_it_leaves_nothing),
        cmocka_unit_test(a_log_entry_with_a_delta_of_another_version_is_not_read),
        cmocka_unit_test(a_shard_does_not_guess_either),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
