#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/record.h"
#include "sentinel/base/vocab.h"
#include "sentinel/load/operation.h"
#include "step_text.h"

#define LEN(array) (sizeof(array) / sizeof *(array))
#define NONE UINT32_MAX

/* A workload of every sort of thing, made by hand: two kinds, three jobs, a batch, a slice. */
static const char pool[] = "readwritesysSELECTINSERTkeytext";
static struct sn_part parts[] = {
    {SN_PART_LITERAL, 24, 3, 0},  /* 0: key */
    {SN_PART_K, 100, 0, 0},       /* 1 */
    {SN_PART_LITERAL, 27, 4, 0},  /* 2: text */
    {SN_PART_TEXT, 1000, 0, 0},   /* 3 */
    {SN_PART_HEX, 8, 0, 0},       /* 4 */
    {SN_PART_NUMBER, 1, 6, 0},    /* 5 */
    {SN_PART_TIMES, 0, 0, 0},     /* 6 */
    {SN_PART_RUN, 0, 0, 0},       /* 7 */
    {SN_PART_TENANT, 0, 0, 0},    /* 8 */
    {SN_PART_TIME_MS, 0, 0, 0},   /* 9 */
    {SN_PART_KEY, 1, 0, 0},       /* 10 */
    {SN_PART_PICK, 0, 1, 5},      /* 11 */
    {SN_PART_TEXT, 200, 50, 500}, /* 12 */
};
static struct sn_argument arguments[] = {
    {SN_VALUE_TEXT, 0, 2, 0},          /* 0: key of the put */
    {SN_VALUE_SLICE, 3, 1, 0},         /* 1: its value, chosen by argument 0 */
    {SN_VALUE_NULL, 0, 0, 0},          /* 2 */
    {SN_VALUE_TEXT, 4, 7, 0},          /* 3: its metadata */
    {SN_VALUE_NUMBER, 6, 1, 0},        /* 4: bound to SELECT */
    {SN_VALUE_SLICE_TEXT, 3, 1, NONE}, /* 5: bound to INSERT */
    {SN_VALUE_TEXT, 0, 2, 0},          /* 6: key of the get */
    {SN_VALUE_TEXT, 2, 1, 0},          /* 7: its type */
    {SN_VALUE_NULL, 0, 0, 0},          /* 8: and no cacheTtl */
    {SN_VALUE_SLICE_TEXT, 3, 1, 6},    /* 9: what it has to give, chosen by argument 6 */
};
static struct sn_group groups[] = {
    {0, 1, 0, 4, 0, 0, 0}, /* 0: put */
    {0, 2, 4, 1, 0, 0, 0}, /* 1: batch: SELECT twice, */
    {1, 1, 5, 1, 0, 0, 0}, /* 2: INSERT once */
    {0, 1, 6, 3, 0, 0, 0}, /* 3: get */
    {1, 1, 4, 1, 0, 0, 0}, /* 4: INSERT */
};
static struct sn_step steps[] = {
    {.action = SN_ACTION_KV_PUT, .target = 1, .groups = 0, .groups_len = 1, .calls = 1, .rows_max = NONE},
    {.action = SN_ACTION_D1_BATCH, .target = 0, .groups = 1, .groups_len = 2, .calls = 1, .rows_max = NONE},
    {.action = SN_ACTION_KV_GET,
     .target = 1,
     .groups = 3,
     .groups_len = 1,
     .expect = SN_EXPECT_FOUND | SN_EXPECT_BYTES,
     .rows_max = NONE,
     .expect_bytes = 1000,
     .calls = 1,
     .looks = 0,
     .looks_len = 2},
    {.action = SN_ACTION_D1_ALL, .target = 0, .groups = 4, .groups_len = 1, .calls = 1, .rows_min = 1, .rows_max = 2},
};
static struct sn_target targets[] = {{SN_SERVICE_D1, {12, 6}}, {SN_SERVICE_KV, {24, 3}}};
static struct sn_look looks[] = {{SN_LOOK_SAME, 9, NONE}, {SN_LOOK_POINTER, 7, 0}};
static struct sn_text statements[] = {{12, 6}, {18, 6}};
static struct sn_keyspace keyspaces[2];
static struct sn_list lists[] = {{0, 2, 2, 4, 77}, {4, 3, 1, 0, 78}};
static struct sn_option options[] = {{{0, 4}, 1}, {{4, 5}, 0}, {{9, 3}, 4}, {{0, 0}, 0},
                                     {{0, 1}, 0}, {{1, 1}, 0}, {{2, 1}, 0}};
static struct sn_kind kinds[] = {
    {{0, 4}, {9, 3}, 7, 2, 1, 0},
    {{4, 5}, {9, 3}, 3, 0, 2, 0},
};
static struct sn_job jobs[] = {
    {SN_STAGE_PREPARE, NONE, 100, 0, 1, 0},
    {SN_STAGE_CLEANUP, 1, 0, 3, 1, 0},
    {SN_STAGE_CLEANUP, NONE, 0, 3, 1, 100},
};
static const struct sn_workload sample = {
    .kinds = kinds,
    .jobs = jobs,
    .steps = steps,
    .groups = groups,
    .arguments = arguments,
    .parts = parts,
    .statements = statements,
    .keyspaces = keyspaces,
    .lists = lists,
    .options = options,
    .targets = targets,
    .looks = looks,
    .pool = pool,
    .kinds_len = LEN(kinds),
    .jobs_len = LEN(jobs),
    .steps_len = LEN(steps),
    .groups_len = LEN(groups),
    .arguments_len = LEN(arguments),
    .parts_len = LEN(parts),
    .statements_len = LEN(statements),
    .keyspaces_len = LEN(keyspaces),
    .lists_len = LEN(lists),
    .options_len = LEN(options),
    .targets_len = LEN(targets),
    .looks_len = LEN(looks),
    .pool_len = sizeof pool - 1,
};

static int set_up(void **state) {
    (void)state;
    assert_int_equal(sn_keyspace_read(&keyspaces[0], "hotset:0.2:0.8", 100, 1), SN_OK);
    assert_int_equal(sn_keyspace_read(&keyspaces[1], "zipfian:0.99", 1000, 2), SN_OK);
    return 0;
}

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

/* One thing wrong at a time, each with its own way to spoil the sample. */
static const struct {
    const char *what;
    void *field;
    uint32_t value;
} unsound[] = {
    {"a literal beyond the pool", &parts[0].b, 8},
    {"a literal that begins beyond the pool", &parts[0].a, 0xfffffffe},
    {"no hex digits", &parts[4].a, 0},
    {"17 hex digits", &parts[4].a, 17},
    {"a range upside down", &parts[5].a, 7},
    {"an empty text", &parts[3].a, 0},
    {"a text larger than the block", &parts[3].a, SN_PAYLOAD_BLOCK + 1},
    {"an unknown part", &parts[9].kind, SN_PART_PICK + 1},
    {"a part of no kind", &parts[9].kind, 0},
    {"an unknown keyspace", &parts[10].a, 2},
    {"a keyspace without keys", &keyspaces[0].count, 0},
    {"a keyspace of more hot keys than it has", &keyspaces[0].hot, 101},
    {"a keyspace whose draws would not be its own", &keyspaces[1].count, 999},
    {"parts beyond the array", &arguments[7].parts_len, 12},
    {"an unknown list", &parts[11].a, 2},
    {"a column that the list has not", &parts[11].b, 2},
    {"a median above the most", &parts[12].b, 201},
    {"a list without rows", &lists[0].rows, 0},
    {"a list without columns", &lists[1].columns, 0},
    {"a list beyond the options", &lists[1].rows, 4},
    {"weights that are not the list's", &lists[0].total, 5},
    {"weights that fall", &options[0].upto, 5},
    {"a weight at another column", &options[1].upto, 1},
    {"a weight where rows come in their order", &options[4].upto, 1},
    {"an option beyond the pool", &options[1].text.len, 40},
    {"bytes as a value", &arguments[7].type, SN_VALUE_BYTES},
    {"a null with parts", &arguments[2].parts_len, 1},
    {"a slice of two parts", &arguments[1].parts_len, 2},
    {"a slice of no text", &arguments[1].parts, 4},
    {"a slice that is its own key", &arguments[1].key, 1},
    {"a key of another group", &arguments[1].key, 6},
    {"a key in the next group", &arguments[5].key, 6},
    {"a key beyond the array", &arguments[1].key, 10},
    {"a number made of letters", &arguments[4].parts, 7},
    {"a number of nothing", &arguments[4].parts_len, 0},
    {"a group done no times", &groups[0].times, 0},
    {"a put done twice", &groups[0].times, 2},
    {"a batch of 101 statements", &groups[1].times, SN_BATCH_MAX},
    {"arguments beyond the array", &groups[4].arguments, 10},
    {"a put of three values", &groups[0].arguments_len, 3},
    {"a get of two values", &groups[3].arguments_len, 2},
    {"an unknown statement", &groups[4].statement, 2},
    {"a statement of a KV call", &groups[0].statement, 1},
    {"an action of no kind", &steps[0].action, 0},
    {"an unknown action", &steps[0].action, SN_ACTION_SERVICE_FETCH + 1},
    {"a KV call at the database", &steps[0].target, 0},
    {"an unknown target", &steps[3].target, 2},
    {"a target of no service", &targets[0].service, 0},
    {"a target of an unknown service", &targets[1].service, SN_SERVICES_END},
    {"a target without a name", &targets[1].name.len, 0},
    {"a target beyond the pool", &targets[1].name.offset, 40},
    {"a session of KV", &steps[0].session, SN_SESSION_FIRST_PRIMARY},
    {"an unknown session", &steps[3].session, SN_SESSIONS_LEN},
    {"a step of no calls", &steps[0].calls, 0},
    {"a step of more calls than a slice has", &steps[0].calls, SN_PARTS_MAX + 3},
    {"looks beyond the array", &steps[2].looks, 1},
    {"more looks than an answer has bits for", &steps[2].looks_len, SN_LOOKS_MAX + 1},
    {"a look of no kind", &looks[0].kind, 0},
    {"an unknown look", &looks[1].kind, SN_LOOK_WHOLE + 1},
    {"a look at nothing", &looks[0].argument, 10},
    {"a comparison with a number", &looks[0].argument, 4},
    {"a comparison that captures", &looks[0].capture, 0},
    {"a comparison with what another key chose", &arguments[9].key, 0},
    {"a capture of no number", &looks[1].capture, NONE},
    {"a capture too many", &looks[1].capture, SN_CAPTURES_MAX},
    {"a pointer that is a slice", &looks[1].argument, 9},
    {"a whole text that is somewhere", &looks[1].kind, SN_LOOK_WHOLE},
    {"two statements outside of a batch", &steps[1].action, SN_ACTION_D1_ALL},
    {"groups beyond the array", &steps[3].groups, 5},
    {"no groups", &steps[3].groups_len, 0},
    {"an unknown expectation", &steps[2].expect, 4},
    {"at least 3, at most 2 rows", &steps[3].rows_min, 3},
    {"a statement beyond the pool", &statements[1].offset, 26},
    {"an empty statement", &statements[1].len, 0},
    {"a kind without a name", &kinds[0].name.len, 0},
    {"a system beyond the pool", &kinds[0].system.offset, 40},
    {"steps beyond the array", &kinds[0].steps, 4},
    {"a kind without steps", &kinds[0].steps_len, 0},
    {"weights too large to mix", &kinds[0].weight, 0x7fffffff},
    {"a job in the load", &jobs[0].stage, SN_STAGE_LOAD},
    {"a prepare job per kind", &jobs[0].kind, 1},
    {"a prepare job of no items", &jobs[0].count, 0},
    {"a prepare job for every 5", &jobs[0].every, 5},
    {"a job of an unknown kind", &jobs[1].kind, 2},
    {"a job per kind and counted", &jobs[1].count, 1},
    {"a job per kind and for every 5", &jobs[1].every, 5},
    {"a job counted and for every 100", &jobs[2].count, 1},
    {"a job's steps beyond the array", &jobs[1].steps, 4},
    {"a job without steps", &jobs[1].steps_len, 0},
};

static void refuses_what_is_unsound(void **state) {
    (void)state;
    assert_true(sn_workload_sound(&sample));
    for (size_t i = 0; i < LEN(unsound); i++) {
        uint32_t was;
        memcpy(&was, unsound[i].field, 4);
        memcpy(unsound[i].field, &unsound[i].value, 4);
        if (sn_workload_sound(&sample)) fail_msg("opened: %s", unsound[i].what);
        memcpy(unsound[i].field, &was, 4);
    }
    assert_true(sn_workload_sound(&sample));
}

static void bounds_the_keyspaces(void **state) {
    (void)state;
    struct sn_keyspace many[SN_KEYSPACES_MAX + 1];
    struct sn_workload workload = sample;
    for (size_t i = 0; i < LEN(many); i++) many[i] = keyspaces[i % 2];
    workload.keyspaces = many;
    workload.keyspaces_len = SN_KEYSPACES_MAX;
    assert_true(sn_workload_sound(&workload));
    workload.keyspaces_len = SN_KEYSPACES_MAX + 1;
    assert_false(sn_workload_sound(&workload));
}

static void refuses_weights_of_zero(void **state) {
    (void)state;
    kinds[0].weight = 0;
    assert_true(sn_workload_sound(&sample)); /* one kind is never picked */
    kinds[1].weight = 0;
    assert_false(sn_workload_sound(&sample));
    kinds[0].weight = 7;
    kinds[1].weight = 3;
}

/* 66 texts of 1,000 bytes are more than SN_EFFECT_MAX; 65 are not. */
static void refuses_a_step_that_would_not_fit(void **state) {
    (void)state;
    struct sn_part many[66];
    struct sn_argument wide[] = {{SN_VALUE_TEXT, 0, 65, 0}};
    struct sn_group one[] = {{0, 1, 0, 1, 0, 0, 0}};
    struct sn_step call[] = {{.action = SN_ACTION_D1_ALL, .groups_len = 1, .calls = 1, .rows_max = NONE}};
    struct sn_kind kind[] = {{{0, 4}, {9, 3}, 1, 0, 1, 0}};
    for (size_t i = 0; i < LEN(many); i++) many[i] = (struct sn_part){SN_PART_TEXT, 1000, 0, 0};
    struct sn_workload workload = {
        .kinds = kind,
        .steps = call,
        .groups = one,
        .arguments = wide,
        .parts = many,
        .statements = statements,
        .targets = targets,
        .pool = pool,
        .kinds_len = 1,
        .steps_len = 1,
        .groups_len = 1,
        .arguments_len = 1,
        .parts_len = LEN(many),
        .statements_len = 2,
        .targets_len = LEN(targets),
        .pool_len = sizeof pool - 1,
    };
    assert_true(sn_workload_sound(&workload));
    wide[0].parts_len = 66;
    assert_false(sn_workload_sound(&workload));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opens_what_was_put),          cmocka_unit_test(refuses_other_lengths),
        cmocka_unit_test(survives_every_hostile_word), cmocka_unit_test(tells_another_version),
        cmocka_unit_test(refuses_what_is_unsound),     cmocka_unit_test(bounds_the_keyspaces),
        cmocka_unit_test(refuses_weights_of_zero),     cmocka_unit_test(refuses_a_step_that_would_not_fit),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
