/* What the tests of workloads share: compiling a text that ends where its bytes do. */
#ifndef SENTINEL_TESTS_WORKLOAD_HELP_H
#define SENTINEL_TESTS_WORKLOAD_HELP_H

#include "compile_help.h"
#include "sentinel/base/limits.h"
#include "sentinel/plan/builtin.h"

static struct sn_workload workload;

static inline enum sn_status compile(const char *json, const char *const *systems, size_t systems_len) {
    struct sn_writer out;
    size_t len = strlen(json);
    char *copy = compile_begin(json, len, &out);
    enum sn_status status = sn_workload_compile(copy, len, systems, systems_len, &arena, &out, &error);
    compile_end(copy, &out);
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
    "{\"operation\":\"" name "\",\"system\":\"" system "\"" weight ",\"steps\":[{\"d1\":\"SELECT X\"}]}"

#endif
