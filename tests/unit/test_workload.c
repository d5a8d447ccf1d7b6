/* The stored form of a workload. */
#include "sample_workload.h"

/* The stored form in memory of exactly its size. */
static uint8_t *stored(const struct sn_workload *workload, size_t *len) {
    uint8_t big[4096];
    struct sn_writer w = sn_writer(big, sizeof big);
    sn_workload_put(&w, workload);
    assert_false(w.full);
    uint8_t *bytes = aligned_alloc(8, w.len);
    assert_non_null(bytes);
    memcpy(bytes, big, w.len);
    *len = w.len;
    return bytes;
}

static void render_all(const struct sn_workload *workload) {
    static char line[2 * SN_EFFECT_MAX];
    struct sn_render render = {
        .seed = 1,
        .k = UINT64_C(1) << 53,
        .now_us = INT64_C(9007199254740992000),
        .run = {(const uint8_t *)"0123456789012345678901234567890123456789", SN_RUN_ID_MAX},
        .tenant = {(const uint8_t *)"012345678901234567890123456789012345678901234567890123456789012", SN_TENANT_MAX},
    };
    for (uint32_t i = 0; i < workload->steps_len; i++)
        step_text(workload, &workload->steps[i], &render, line, sizeof line);
}

static void opens_what_was_put(void **state) {
    (void)state;
    size_t len, again_len;
    struct sn_workload view;
    uint8_t *bytes = stored(&sample, &len);
    assert_int_equal(len % 8, 0);
    assert_int_equal(sn_workload_open(&view, bytes, len), SN_OK);
    assert_int_equal(view.kinds_len, 2);
    assert_memory_equal(view.kinds, kinds, sizeof kinds);
    assert_memory_equal(view.jobs, jobs, sizeof jobs);
    assert_memory_equal(view.steps, steps, sizeof steps);
    assert_memory_equal(view.groups, groups, sizeof groups);
    assert_memory_equal(view.arguments, arguments, sizeof arguments);
    assert_memory_equal(view.parts, parts, sizeof parts);
    assert_memory_equal(view.statements, statements, sizeof statements);
    assert_memory_equal(view.targets, targets, sizeof targets);
    assert_memory_equal(view.looks, looks, sizeof looks);
    assert_memory_equal(view.keyspaces, keyspaces, sizeof keyspaces);
    assert_memory_equal(view.pool, pool, sizeof pool - 1);
    assert_true((const uint8_t *)view.pool > bytes && (const uint8_t *)view.pool < bytes + len); /* no copy */
    uint8_t *again = stored(&view, &again_len);
    assert_int_equal(again_len, len);
    assert_memory_equal(again, bytes, len);
    render_all(&view);
    free(again);
    free(bytes);
}

static void refuses_other_lengths(void **state) {
    (void)state;
    size_t len;
    struct sn_workload view;
    uint8_t *bytes = stored(&sample, &len);
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *part = aligned_alloc(8, cut > 0 ? (cut + 7) / 8 * 8 : 8);
        assert_non_null(part);
        memcpy(part, bytes, cut);
        assert_int_equal(sn_workload_open(&view, part, cut), SN_E_FORMAT);
        free(part);
    }
    uint8_t *longer = aligned_alloc(8, len + 8);
    assert_non_null(longer);
    memcpy(longer, bytes, len);
    memset(longer + len, 0, 8);
    assert_int_equal(sn_workload_open(&view, longer, len + 8), SN_E_FORMAT);
    free(longer);
    free(bytes);
}

/* Whatever a word of the form is set to, opening refuses it, or rendering can follow it. */
static void survives_every_hostile_word(void **state) {
    (void)state;
    static const uint32_t hostile[] = {0,       1,          2,          3,          5,          8,         9,
                                       12,      100,        101,        1000,       4096,       65536,     1048576,
                                       1048577, 0x7fffffff, 0x80000000, 0xfffffff0, 0xfffffffe, 0xffffffff};
    size_t len, refused = 0, opened = 0;
    struct sn_workload view;
    uint8_t *bytes = stored(&sample, &len);
    for (size_t at = 0; at + 4 <= len; at += 4) {
        uint32_t was;
        memcpy(&was, bytes + at, 4);
        for (size_t i = 0; i < LEN(hostile) + 32; i++) {
            uint32_t value = i < LEN(hostile) ? hostile[i] : was ^ UINT32_C(1) << (i - LEN(hostile));
            memcpy(bytes + at, &value, 4);
            if (sn_workload_open(&view, bytes, len) == SN_OK) {
                opened++;
                render_all(&view);
            } else {
                refused++;
            }
        }
        memcpy(bytes + at, &was, 4);
    }
    assert_true(refused > opened); /* most of it is indices */
    free(bytes);
}

static void tells_another_version(void **state) {
    (void)state;
    size_t len;
    struct sn_workload view;
    uint8_t *bytes = stored(&sample, &len);
    bytes[4]++;
    assert_int_equal(sn_workload_open(&view, bytes, len), SN_E_VERSION);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_was_put),
        cmocka_unit_test(refuses_other_lengths),
        cmocka_unit_test(survives_every_hostile_word),
        cmocka_unit_test(tells_another_version),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
