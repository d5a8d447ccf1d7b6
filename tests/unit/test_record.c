#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/message.h"
#include "sentinel/base/record.h"
#include "sentinel/base/step.h"

static const struct sn_record header = {.kind = SN_EFFECT_STEP,
                                        .status = -3,
                                        .size = 77,
                                        .id = 9,
                                        .target = SN_BINDING_SHARDS,
                                        .at_us = 1.5e15,
                                        .arg0 = 1,
                                        .arg1 = UINT32_MAX};

static void put_three(struct sn_writer *w) {
    sn_record_put(w, &header, NULL, 0);
    sn_record_put(w, &header, "12345", 5);
    size_t mark = sn_record_begin(w, &header);
    sn_put_span(w, "in place", 8);
    sn_put_u64(w, 1);
    sn_record_end(w, mark);
}

enum { FIRST = 32, SECOND = FIRST + 32 + 8, THIRD = SECOND + 32 + 24 };

static void the_wire(void **state) {
    (void)state;
    uint8_t memory[64];
    memset(memory, 0xaa, sizeof memory);
    struct sn_writer w = sn_writer(memory, sizeof memory);
    struct sn_record small = {.kind = 0x0102, .status = -2, .id = 3, .target = 4, .at_us = 1, .arg0 = 5, .arg1 = 6};
    sn_record_put(&w, &small, "abc", 3);
    static const uint8_t expected[] = {2, 1, 0xfe, 0xff, 3, 0, 0, 0, 3, 0, 0, 0, 4,   0,   0,   0, 0, 0, 0, 0,
                                       0, 0, 0xf0, 0x3f, 5, 0, 0, 0, 6, 0, 0, 0, 'a', 'b', 'c', 0, 0, 0, 0, 0};
    assert_int_equal(w.len, sizeof expected);
    assert_memory_equal(memory, expected, sizeof expected);
}

static void records_come_back(void **state) {
    (void)state;
    uint8_t memory[THIRD];
    struct sn_writer w = sn_writer(memory, sizeof memory);
    put_three(&w);
    assert_false(w.full);
    assert_int_equal(w.len, THIRD);

    static const uint32_t sizes[] = {0, 5, 17};
    struct sn_reader r = sn_reader(memory, w.len);
    struct sn_record record;
    struct sn_span payload;
    for (int i = 0; i < 3; i++) {
        assert_true(sn_record_next(&r, &record, &payload));
        struct sn_record expected = header;
        expected.size = sizes[i]; /* whatever the header said */
        assert_memory_equal(&record, &expected, sizeof record);
        assert_int_equal(payload.len, sizes[i]);
        assert_non_null(payload.data);
        if (i == 1) assert_memory_equal(payload.data, "12345", 5);
    }
    assert_false(sn_record_next(&r, &record, &payload));
    assert_false(r.bad); /* the end is not a fault */
}

/* A batch that was cut anywhere gives the whole records before the cut, then says so. */
static void cut_batches(void **state) {
    (void)state;
    uint8_t memory[THIRD];
    struct sn_writer w = sn_writer(memory, sizeof memory);
    put_three(&w);
    for (size_t len = 0; len <= w.len; len++) {
        uint8_t *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, memory, len);
        struct sn_reader r = sn_reader(copy, len);
        struct sn_record record;
        struct sn_span payload;
        int count = 0;
        while (sn_record_next(&r, &record, &payload)) count++;
        assert_int_equal(count, (len >= FIRST) + (len >= SECOND) + (len >= THIRD));
        assert_int_equal(r.bad, !(len == 0 || len == FIRST || len == SECOND || len == THIRD));
        free(copy);
    }
}

static void a_size_beyond_the_batch_is_refused(void **state) {
    (void)state;
    static const uint32_t sizes[] = {1, 9, UINT32_MAX - 7, UINT32_MAX}; /* the last would wrap when padded in 32 bits */
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct sn_record record = header;
        record.size = sizes[i];
        uint8_t *copy = malloc(sizeof record);
        memcpy(copy, &record, sizeof record);
        struct sn_reader r = sn_reader(copy, sizeof record);
        struct sn_span payload;
        assert_false(sn_record_next(&r, &record, &payload));
        assert_true(r.bad);
        assert_int_equal(sn_reader_left(&r), 0);
        free(copy);
    }
}

/* With any room the writer ends after a whole record. */
static void records_that_do_not_fit_leave_no_trace(void **state) {
    (void)state;
    for (size_t cap = 0; cap <= THIRD; cap++) {
        uint8_t *memory = malloc(cap > 0 ? cap : 1);
        struct sn_writer w = sn_writer(memory, cap);
        put_three(&w);
        assert_int_equal(w.len, cap < FIRST ? 0 : cap < SECOND ? FIRST : cap < THIRD ? SECOND : THIRD);
        assert_int_equal(w.full, cap < THIRD);
        free(memory);
    }
}

static void the_end_says_whether_it_fit(void **state) {
    (void)state;
    uint8_t memory[40];
    struct sn_writer w = sn_writer(memory, sizeof memory);
    size_t mark = sn_record_begin(&w, &header);
    sn_put_bytes(&w, "12345678", 8);
    assert_true(sn_record_end(&w, mark));

    w = sn_writer(memory, sizeof memory);
    mark = sn_record_begin(&w, &header);
    sn_put_bytes(&w, "123456789", 9);
    assert_false(sn_record_end(&w, mark));
    assert_int_equal(w.len, 0);

    w = sn_writer(memory, 39); /* the payload fits, its padding does not */
    mark = sn_record_begin(&w, &header);
    sn_put_bytes(&w, "1234", 4);
    assert_false(sn_record_end(&w, mark));

    w = sn_writer(memory, 31); /* not even the header */
    mark = sn_record_begin(&w, &header);
    assert_false(sn_record_end(&w, mark));
    assert_int_equal(w.len, 0);
}

static void messages(void **state) {
    (void)state;
    uint8_t memory[16];
    struct sn_writer w = sn_writer(memory, sizeof memory);
    sn_message_begin(&w, SN_MESSAGE_DELTA);
    sn_put_u8(&w, 42);
    struct sn_reader r = sn_reader(memory, w.len);
    assert_int_equal(sn_message_open(&r), SN_MESSAGE_DELTA);
    assert_int_equal(sn_get_u8(&r), 42); /* the body follows */
    for (size_t len = 0; len < 8; len++) {
        uint8_t *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, memory, len);
        r = sn_reader(copy, len);
        assert_int_equal(sn_message_open(&r), 0);
        free(copy);
    }
    memory[4]++; /* another version */
    r = sn_reader(memory, w.len);
    assert_int_equal(sn_message_open(&r), 0);
}

/* A batch of statements is answered by each of them; whoever reads that gets one answer. */
static void answers_of_a_batch_add_up(void **state) {
    (void)state;
    static const struct sn_answer answers[] = {
        {.rows = 2, .rows_read = 30, .sql_us = 1250, .attempts = 1, .primary = 2, .status = 200, .looked = 3},
        {.rows = 1, .rows_read = UINT32_MAX, .rows_written = 4, .attempts = 3, .bytes = 9},
        {.rows_written = 5, .sql_us = 750, .attempts = 2, .primary = 1, .looked = 4},
    };
    uint8_t *memory = malloc(sizeof answers + 2);
    memcpy(memory, answers, sizeof answers);
    memcpy(memory + sizeof answers, "\1x", 2);
    struct sn_reader r = sn_reader(memory, sizeof answers + 2);
    struct sn_answer sum;
    assert_true(sn_answer_get(&r, 2, &sum));
    assert_int_equal(sum.rows, 3);
    assert_int_equal(sum.rows_read, UINT32_MAX);
    assert_int_equal(sum.rows_written, 9);
    assert_int_equal(sum.sql_us, 2000);
    assert_int_equal(sum.bytes, 9);
    assert_int_equal(sum.attempts, 3);
    assert_int_equal(sum.primary, 2); /* as the first says, like all that is no sum */
    assert_int_equal(sum.status, 200);
    assert_int_equal(sum.looked, 3);
    struct sn_span captured = sn_get_span(&r);
    assert_memory_equal(captured.data, "x", 1);
    free(memory);

    memory = malloc(sizeof answers); /* ends where the answers do */
    memcpy(memory, answers, sizeof answers);
    for (uint32_t more = 0; more < 5; more++) {
        r = sn_reader(memory, sizeof answers);
        assert_int_equal(sn_answer_get(&r, more, &sum), more < 3);
    }
    r = sn_reader(memory, sizeof answers);
    assert_false(sn_answer_get(&r, UINT32_MAX, &sum));
    r = sn_reader(memory, sizeof answers[0] - 1);
    assert_false(sn_answer_get(&r, 0, &sum));
    free(memory);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_wire),
        cmocka_unit_test(records_come_back),
        cmocka_unit_test(cut_batches),
        cmocka_unit_test(a_size_beyond_the_batch_is_refused),
        cmocka_unit_test(records_that_do_not_fit_leave_no_trace),
        cmocka_unit_test(the_end_says_whether_it_fit),
        cmocka_unit_test(messages),
        cmocka_unit_test(answers_of_a_batch_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
