/* Shapes: what of a step crosses once, what with each call, and what the two make together.  What templates say is tested
 * in test_operation.c, by the same way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/record.h"
#include "sentinel/load/operation.h"
#include "sentinel/load/payload.h"

#define LEN(array) (sizeof array / sizeof *array)

static const char pool[] = "key_/20/key";
static const struct sn_render render = {.seed = 1,
                                        .k = 307,
                                        .now_us = INT64_C(1795424400123456),
                                        .run = {(const uint8_t *)"r1", 2},
                                        .tenant = {(const uint8_t *)"acme", 4}};

/* "key_${run}" | "${k}" | "key_${k%100}/${tenant}" | 20 | "${time}${hex(4)}" | null | slice(16) of the first */
static const struct sn_part parts[] = {
    {SN_PART_LITERAL, 0, 4, 0}, {SN_PART_RUN, 0, 0, 0},     {SN_PART_K, 0, 0, 0},      {SN_PART_LITERAL, 0, 4, 0},
    {SN_PART_K, 100, 0, 0},     {SN_PART_LITERAL, 4, 1, 0}, {SN_PART_TENANT, 0, 0, 0}, {SN_PART_LITERAL, 5, 2, 0},
    {SN_PART_TIME_MS, 0, 0, 0}, {SN_PART_HEX, 4, 0, 0},     {SN_PART_TEXT, 16, 0, 0},  {SN_PART_LITERAL, 7, 4, 0},
};
static const struct sn_argument arguments[] = {
    {SN_VALUE_TEXT, 0, 2, 0}, {SN_VALUE_TEXT, 2, 1, 0},  {SN_VALUE_TEXT, 3, 4, 0},   {SN_VALUE_NUMBER, 7, 1, 0},
    {SN_VALUE_TEXT, 8, 2, 0}, {SN_VALUE_NULL, 10, 0, 0}, {SN_VALUE_SLICE, 10, 1, 0}, {SN_VALUE_TEXT, 11, 1, 0},
};
static const struct sn_group groups[] = {{0, 1, 0, LEN(arguments) - 1, 0, 0, 0}, {0, 1, 0, 1, 0, 0, 0}};
static const struct sn_step steps[] = {
    {.action = SN_ACTION_R2_DELETE, .groups_len = 1, .rows_max = UINT32_MAX},
    {.action = SN_ACTION_R2_DELETE, .groups = 1, .groups_len = 1, .rows_max = UINT32_MAX},
    {.action = SN_ACTION_R2_GET, .groups = 1, .groups_len = 1, .rows_max = UINT32_MAX, .looks_len = 2},
};
static const struct sn_target targets[] = {{SN_SERVICE_R2, {0, 3}}};
/* It is "${k}", and its field "key" is captured. */
static const struct sn_look looks[] = {{SN_LOOK_SAME, 1, UINT32_MAX, {0, 0}}, {SN_LOOK_POINTER, 7, 0, {0, 4}}};
static const struct sn_workload workload = {
    .steps = steps,
    .groups = groups,
    .arguments = arguments,
    .parts = parts,
    .targets = targets,
    .looks = looks,
    .pool = pool,
    .steps_len = LEN(steps),
    .groups_len = LEN(groups),
    .arguments_len = LEN(arguments),
    .parts_len = LEN(parts),
    .targets_len = LEN(targets),
    .looks_len = LEN(looks),
    .pool_len = sizeof pool - 1,
};

/* The records of a step, the shape's included when the host has not got it; each may end the memory. */
static struct sn_span sent(struct sn_shapes *shapes, const struct sn_step *step, uint8_t *bytes, size_t cap) {
    struct sn_writer w = sn_writer(bytes, cap);
    assert_true(sn_step_put(&w, shapes, &workload, step, &render, (struct sn_record){.id = 9, .arg1 = 3 | 2 << 8}));
    return (struct sn_span){bytes, w.len};
}

static struct sn_span shape_of(const struct sn_step *step, uint8_t *bytes, size_t cap) {
    struct sn_writer w = sn_writer(bytes, cap);
    sn_shape_put(&w, &workload, step, &render);
    assert_false(w.full);
    return (struct sn_span){bytes, w.len};
}

static struct sn_span holes_of(const struct sn_step *step, uint8_t *bytes, size_t cap) {
    static struct sn_shapes shapes;
    uint8_t both[512];
    struct sn_record record;
    struct sn_span payload;
    sent(&shapes, step, both, sizeof both);
    struct sn_span second = sent(&shapes, step, both, sizeof both);
    struct sn_reader r = sn_reader(second.data, second.len);
    assert_true(sn_record_next(&r, &record, &payload));
    assert_true(payload.len <= cap);
    memcpy(bytes, payload.data, payload.len);
    return (struct sn_span){bytes, payload.len};
}

static bool fills(struct sn_span shape, struct sn_span holes, size_t cap) {
    static uint8_t bytes[SN_EFFECT_MAX];
    struct sn_writer out = sn_writer(bytes, cap);
    return sn_shape_fill(shape, holes, &out);
}

/* One group without statement, and a row of constant parts is one text. */
static void a_shape_says_what_is_the_same(void **state) {
    (void)state;
    static const uint32_t expected[] = {
        SN_VALUE_TEXT, 6, SN_VALUE_JOINED, 1, SN_VALUE_HOLE,   SN_HOLE_K, SN_VALUE_JOINED, 3, SN_VALUE_TEXT, 4,
        SN_VALUE_HOLE, 2, SN_VALUE_TEXT,   5, SN_VALUE_NUMBER, 8,         SN_VALUE_JOINED, 2, SN_VALUE_HOLE, 1,
        SN_VALUE_HEX,  4, SN_VALUE_NULL,   0, SN_VALUE_SLICE,  16,
    };
    uint8_t bytes[512];
    struct sn_span shape = shape_of(&steps[0], bytes, sizeof bytes);
    struct sn_reader r = sn_reader(shape.data, shape.len);
    assert_true(sn_span_is(sn_get_span(&r), "key")); /* the binding */
    assert_int_equal(sn_get_span(&r).len, 0);
    assert_int_equal(sn_get_u64(&r), 0);
    assert_int_equal(sn_get_u16(&r), 1);
    assert_int_equal(sn_get_u32(&r), 0);
    assert_int_equal(sn_get_u16(&r), LEN(arguments) - 1);
    for (size_t i = 0; i < LEN(expected); i += 2) {
        uint32_t type = expected[i], len = expected[i + 1];
        assert_int_equal(sn_get_u32(&r), type);
        assert_int_equal(sn_get_u32(&r), len);
        if (type == SN_VALUE_TEXT) sn_get_bytes(&r, len + (-len & 3));
        if (type == SN_VALUE_NUMBER) assert_true(sn_get_f64(&r) == 20);
        if (type == SN_VALUE_HEX) assert_int_equal(sn_get_u32(&r), 3);
        if (type == SN_VALUE_SLICE) assert_int_equal(sn_get_u32(&r), 4);
    }
    assert_false(r.bad);
    assert_int_equal(sn_reader_left(&r), 0);
}

/* Behind the call's own values, and filled in like them. */
static void what_is_looked_for_comes_last(void **state) {
    (void)state;
    uint8_t bytes[512], step[64], whole[512];
    struct sn_span shape = shape_of(&steps[2], bytes, sizeof bytes);
    struct sn_writer out = sn_writer(whole, sizeof whole);
    assert_true(sn_shape_fill(shape, holes_of(&steps[2], step, sizeof step), &out));
    struct sn_reader r = sn_reader(whole, out.len);
    static const char *const texts[] = {"307", "/key"};
    assert_int_equal(sn_get_u64(&r), 307);
    assert_int_equal(sn_get_u16(&r), 2);
    assert_int_equal(sn_get_u32(&r), 0);
    assert_int_equal(sn_get_u16(&r), 1);
    assert_int_equal(sn_get_u32(&r), SN_VALUE_TEXT);
    sn_get_bytes(&r, (sn_get_u32(&r) + 3u) & ~3u);
    assert_int_equal(sn_get_u32(&r), SN_SHAPE_LOOKS);
    assert_int_equal(sn_get_u16(&r), 4);
    for (size_t i = 0; i < LEN(texts); i++) {
        assert_int_equal(sn_get_u32(&r), SN_VALUE_NUMBER);
        assert_int_equal(sn_get_u32(&r), sizeof(double));
        assert_true(sn_get_f64(&r) == looks[i].kind);
        assert_int_equal(sn_get_u32(&r), SN_VALUE_TEXT);
        assert_int_equal(sn_get_u32(&r), strlen(texts[i]));
        assert_memory_equal(sn_get_bytes(&r, 4), texts[i], strlen(texts[i]));
    }
    assert_int_equal(sn_reader_left(&r), 0);
}

/* A comparison holds by its bit; so does what is captured. */
static void an_answer_needs_all_that_is_looked_for(void **state) {
    (void)state;
    for (uint32_t looked = 0; looked < 8; looked++) {
        struct sn_answer answer = {.looked = looked};
        assert_int_equal(sn_step_satisfied(&steps[2], &answer), (looked & 3) == 3);
        assert_true(sn_step_satisfied(&steps[1], &answer));
    }
}

/* Without an expectation what is no error; with one, nothing else. */
static void a_status_is_admitted_or_not(void **state) {
    (void)state;
    static const struct {
        uint32_t statuses[SN_STATUSES_MAX], status;
        bool admitted;
    } rows[] = {
        {{0}, 0, true}, /* what is no response has none */
        {{0}, 200, true},
        {{0}, 399, true},
        {{0}, 400, false},
        {{200 | 200u << 16}, 0, true},
        {{200 | 200u << 16}, 200, true},
        {{200 | 200u << 16}, 201, false},
        {{404 | 404u << 16, 500 | 503u << 16}, 404, true},
        {{404 | 404u << 16, 500 | 503u << 16}, 503, true},
        {{404 | 404u << 16, 500 | 503u << 16}, 504, false},
        {{404 | 404u << 16, 500 | 503u << 16}, 200, false},
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        struct sn_step step = {.action = SN_ACTION_HTTP_FETCH};
        memcpy(step.statuses, rows[i].statuses, sizeof step.statuses);
        if (sn_step_admits(&step, rows[i].status) != rows[i].admitted) fail_msg("row %zu", i);
    }
}

/* The first value that is not the same in every operation; of constants nothing. */
static void a_step_is_about_what_varies_in_it(void **state) {
    (void)state;
    static const struct sn_part secret[] = {
        {SN_PART_K, 100, 0, 0}, {SN_PART_TEXT, 16, 0, 0}, {SN_PART_LITERAL, 4, 1, 0}};
    static const struct sn_argument sliced[] = {{SN_VALUE_TEXT, 0, 3, 0}};
    static const struct sn_group group[] = {{0, 1, 0, 1, 0, 0, 0}};
    uint8_t bytes[64];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    sn_step_put_subject(&w, &workload, &steps[0], &render);
    assert_true(sn_span_is((struct sn_span){bytes, w.len}, "307"));
    w.len = 0;
    sn_step_put_subject(&w, &workload, &steps[1], &render);
    assert_int_equal(w.len, 0);
    struct sn_workload other = workload;
    other.parts = secret;
    other.arguments = sliced;
    other.groups = group;
    sn_step_put_subject(&w, &other, &steps[0], &render); /* a payload says nothing to people */
    assert_true(sn_span_is((struct sn_span){bytes, w.len}, "7/"));
}

/* The operation's number, the time, and then what the templates need, in their order. */
static void a_step_fills_in_the_rest(void **state) {
    (void)state;
    uint8_t bytes[64];
    struct sn_span holes = holes_of(&steps[0], bytes, sizeof bytes);
    struct sn_reader r = sn_reader(holes.data, holes.len);
    assert_true(sn_get_f64(&r) == 307);
    assert_true(sn_get_f64(&r) == 1795424400123);
    assert_true(sn_get_f64(&r) == 7);
    sn_get_u64(&r);
    assert_true(sn_get_f64(&r) == sn_payload_offset(sn_hash64_end(SN_HASH64_BEGIN), 16));
    assert_int_equal(sn_reader_left(&r), 0);
    assert_int_equal(holes_of(&steps[1], bytes, sizeof bytes).len, 16); /* nothing but the two */
}

/* Before the first step that needs it, and never again; each step has its own. */
static void a_shape_crosses_once(void **state) {
    (void)state;
    struct sn_shapes shapes = {0};
    for (uint32_t i = 0; i < LEN(steps); i++) {
        for (uint32_t time = 0; time < 2; time++) {
            uint8_t bytes[512], payload[512];
            struct sn_span expected = shape_of(&steps[i], payload, sizeof payload), got;
            struct sn_span records = sent(&shapes, &steps[i], bytes, sizeof bytes);
            struct sn_reader r = sn_reader(records.data, records.len);
            struct sn_record record;
            assert_true(sn_record_next(&r, &record, &got));
            if (time == 0) {
                assert_int_equal(record.kind, SN_EFFECT_SHAPE);
                assert_int_equal(record.arg0, i);
                assert_int_equal(got.len, expected.len);
                assert_memory_equal(got.data, expected.data, expected.len);
                assert_true(sn_record_next(&r, &record, &got));
            }
            assert_int_equal(record.kind, SN_EFFECT_STEP);
            assert_int_equal(record.id, 9);
            assert_int_equal(record.target, 0);
            assert_int_equal(record.arg0, steps[i].action);
            assert_int_equal(record.arg1, 3 | 2 << 8 | i << 16);
            assert_int_equal(sn_reader_left(&r), 0);
        }
    }
}

/* Every prefix of a shape, too few holes, and too little room. */
static void refuses_what_does_not_go_together(void **state) {
    (void)state;
    uint8_t outline[512], own[64], whole[512];
    struct sn_span shape = shape_of(&steps[0], outline, sizeof outline), holes = holes_of(&steps[0], own, sizeof own);
    struct sn_writer out = sn_writer(whole, sizeof whole);
    assert_true(sn_shape_fill(shape, holes, &out));
    for (size_t len = 0; len <= shape.len; len++) {
        uint8_t *exact = malloc(len + 1);
        assert_non_null(exact);
        memcpy(exact + 1, shape.data, len);
        assert_int_equal(fills((struct sn_span){exact + 1, len}, holes, SN_EFFECT_MAX), len == shape.len);
        free(exact);
    }
    for (size_t len = 0; len <= holes.len; len += 8)
        assert_int_equal(fills(shape, (struct sn_span){own, len}, SN_EFFECT_MAX), len == holes.len);
    for (size_t cap = 0; cap <= out.len; cap++) assert_int_equal(fills(shape, holes, cap), cap == out.len);
}

/* A slice begins at a multiple of eight and lies within the block. */
static void refuses_slices_that_lie_elsewhere(void **state) {
    (void)state;
    static const struct {
        double offset;
        bool fits;
    } rows[] = {{SN_PAYLOAD_BLOCK - 16, true}, {SN_PAYLOAD_BLOCK - 8, false}, {4, false}, {-8, false}, {0.5, false}};
    uint8_t outline[512], own[64];
    struct sn_span shape = shape_of(&steps[0], outline, sizeof outline), holes = holes_of(&steps[0], own, sizeof own);
    for (size_t i = 0; i < LEN(rows); i++) {
        memcpy(own + 32, &rows[i].offset, sizeof rows[i].offset);
        assert_int_equal(fills(shape, holes, SN_EFFECT_MAX), rows[i].fits);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_looked_for_comes_last),
        cmocka_unit_test(a_status_is_admitted_or_not),
        cmocka_unit_test(a_step_is_about_what_varies_in_it),
        cmocka_unit_test(an_answer_needs_all_that_is_looked_for),
        cmocka_unit_test(a_shape_says_what_is_the_same),
        cmocka_unit_test(a_step_fills_in_the_rest),
        cmocka_unit_test(a_shape_crosses_once),
        cmocka_unit_test(refuses_what_does_not_go_together),
        cmocka_unit_test(refuses_slices_that_lie_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
