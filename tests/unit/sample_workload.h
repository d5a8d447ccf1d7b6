/* A workload made by hand, for the tests of its stored form and of what is refused in it. */
#ifndef SENTINEL_TESTS_SAMPLE_WORKLOAD_H
#define SENTINEL_TESTS_SAMPLE_WORKLOAD_H

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
    {SN_PART_CAPTURED, 3, 24, 3}, /* 13 */
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
static struct sn_look looks[] = {{SN_LOOK_SAME, 9, NONE, {0, 0}}, {SN_LOOK_POINTER, 7, 0, {24, 3}}};
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
    {SN_STAGE_PREPARE, NONE, 100, 0, 1, 0, 0},
    {SN_STAGE_CLEANUP, 1, 0, 3, 1, 0, 0},
    {SN_STAGE_CLEANUP, NONE, 0, 3, 1, 100, 0},
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

#endif
