/* What the tests of operations share: compiling a workload, and what an operation is rendered with. */
#ifndef SENTINEL_TESTS_OPERATION_HELP_H
#define SENTINEL_TESTS_OPERATION_HELP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/load/operation.h"
#include "sentinel/plan/plan.h"
#include "step_text.h"

#define LEN(array) (sizeof(array) / sizeof *(array))
#define NOW_US INT64_C(1795424400123456)

static inline void compile(const char *json, size_t len, struct sn_workload *workload, void *bytes, size_t cap) {
    size_t memory = 256 * 1024;
    struct sn_arena arena;
    struct sn_plan_error error;
    struct sn_writer out = sn_writer(bytes, cap);
    sn_arena_init(&arena, aligned_alloc(16, memory), memory);
    if (sn_workload_compile(json, len, NULL, 0, &arena, &out, &error) != SN_OK)
        fail_msg("%s at %s: expected %s", error.code, error.path, error.expected);
    assert_int_equal(sn_workload_open(workload, bytes, out.len), SN_OK);
    free(arena.memory);
}

static inline struct sn_render render_of(uint64_t seed, uint64_t k) {
    return (struct sn_render){
        .seed = seed,
        .k = k,
        .now_us = NOW_US,
        .run = {(const uint8_t *)"R1", 2},
        .data = {(const uint8_t *)"R1", 2},
        .tenant = {(const uint8_t *)"t1", 2},
    };
}

#endif
