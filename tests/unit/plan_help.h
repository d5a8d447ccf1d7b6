/* What the tests of plans share: compiling a text that ends where its bytes do, into one plan. */
#ifndef SENTINEL_TESTS_PLAN_HELP_H
#define SENTINEL_TESTS_PLAN_HELP_H

#ifndef ARENA_BYTES
#define ARENA_BYTES (256 * 1024)
#endif
#include "arena_help.h"

#include "sentinel/load/operation.h"
#include "sentinel/load/schedule.h"
#include "sentinel/load/share.h"
#include "sentinel/plan/plan.h"

static struct sn_plan plan;
static struct sn_plan_error error;
static _Alignas(16) uint8_t bytes[SN_PLAN_BYTES_MAX];
static size_t bytes_len;
static struct sn_plan_owner owner = {.run_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7", .tenant = "default"};

static inline enum sn_status compile_len(const char *json, size_t len) {
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, json, len);
    struct sn_writer out = sn_writer(bytes, sizeof bytes);
    size_t fail_after = arena.fail_after;
    sn_arena_reset(&arena);
    arena.fail_after = fail_after;
    enum sn_status status = sn_plan_compile(copy, len, &owner, &arena, &out, &error);
    free(copy);
    bytes_len = out.len;
    if (status == SN_OK) assert_int_equal(sn_plan_open(&plan, bytes, out.len), SN_OK);
    return status;
}

static inline enum sn_status compile(const char *json) {
    return compile_len(json, strlen(json));
}

static inline void compiles(const char *json) {
    if (compile(json) != SN_OK)
        fail_msg("%s\n  gave %s at %s: expected %s", json, error.code, error.path, error.expected);
}

static inline bool near(double a, double b) {
    return a - b < 1e-9 * (b + 1) && b - a < 1e-9 * (b + 1);
}

#define SMOKE(more) "{\"preset\":\"smoke\"," more "}"
#define CUSTOM(more) "{\"profileType\":\"custom\"," more "}"
#define SPIKE(more) "{\"profileType\":\"spike\"," more "}"
#define WAVE(more) "{\"profileType\":\"oscillation\"," more "}"
#define RAMP(more) "{\"profileType\":\"ramp\"," more "}"

#endif
