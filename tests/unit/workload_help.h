/* What the tests of workloads share: compiling a text that ends where its bytes do. */
#ifndef SENTINEL_TESTS_WORKLOAD_HELP_H
#define SENTINEL_TESTS_WORKLOAD_HELP_H

#define ARENA_BYTES (256 * 1024)
#include "arena_help.h"
#include "sentinel/base/limits.h"
#include "sentinel/plan/builtin.h"
#include "sentinel/plan/plan.h"

static struct sn_workload workload;
static struct sn_plan_error error;
static _Alignas(16) uint8_t bytes[SN_PLAN_BYTES_MAX];
static size_t bytes_len;

static inline enum sn_status compile(const char *json, const char *const *systems, size_t systems_len) {
    size_t len = strlen(json);
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, json, len);
    struct sn_writer out = sn_writer(bytes, sizeof bytes);
    size_t fail_after = arena.fail_after;
    sn_arena_reset(&arena);
    arena.fail_after = fail_after;
    enum sn_status status = sn_workload_compile(copy, len, systems, systems_len, &arena, &out, &error);
    free(copy);
    bytes_len = out.len;
    if (status == SN_OK) assert_int_equal(sn_workload_open(&workload, bytes, out.len), SN_OK);
    return status;
}

static inline const char *builtin(void) {
    for (size_t i = 0; i < sn_builtins_len; i++)
        if (strcmp(sn_builtins[i].name, "systems") == 0) return sn_builtins[i].text;
    fail_msg("the workload \"systems\" is not built in");
    return NULL;
}

/* An operation of one step. */
#define O(name, system, weight) \
    "{\"operation\":\"" name "\",\"system\":\"" system "\"" weight ",\"steps\":[{\"d1\":\"X\"}]}"

#endif
