/* What the tests of plans and those of workloads share: a text that ends where its bytes do, and is compiled into `bytes`. */
#ifndef SENTINEL_TESTS_COMPILE_HELP_H
#define SENTINEL_TESTS_COMPILE_HELP_H

#ifndef ARENA_BYTES
#define ARENA_BYTES (256 * 1024)
#endif
#include "arena_help.h"

#include "sentinel/plan/plan.h"

static struct sn_plan_error error;
static _Alignas(16) uint8_t bytes[SN_PLAN_BYTES_MAX];
static size_t bytes_len;

/* The text, to be freed by compile_end(); the arena is empty, and still fails where it was to fail. */
static inline char *compile_begin(const char *json, size_t len, struct sn_writer *out) {
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, json, len);
    *out = sn_writer(bytes, sizeof bytes);
    size_t fail_after = arena.fail_after;
    sn_arena_reset(&arena);
    arena.fail_after = fail_after;
    return copy;
}

static inline void compile_end(char *copy, const struct sn_writer *out) {
    free(copy);
    bytes_len = out->len;
}

/* Lets one allocation after the other fail until this compiles: each failure is an error that says what was expected. */
static inline void fail_each_allocation(enum sn_status (*compile_once)(void)) {
    size_t failed = 0;
    for (;; failed++) {
        arena.fail_after = failed;
        enum sn_status status = compile_once();
        arena.fail_after = SIZE_MAX;
        if (status == SN_OK) break;
        assert_int_equal(status, SN_E_LIMIT);
        assert_non_null(error.code);
        assert_true(error.expected[0] != 0);
    }
    assert_true(failed > 100);
}

#endif
