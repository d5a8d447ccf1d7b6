#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/record.h"
#include "sentinel/base/vocab.h"
#include "sentinel/plan/builtin.h"
#include "sentinel/plan/plan.h"

#define LEN(array) (sizeof(array) / sizeof *(array))
#define ARENA_BYTES (256 * 1024)

static struct sn_arena arena;
static struct sn_workload workload;
static struct sn_plan_error error;
static _Alignas(16) uint8_t bytes[SN_PLAN_BYTES_MAX];
static size_t bytes_len;

static int set_up(void **state) {
    (void)state;
    sn_arena_init(&arena, aligned_alloc(16, ARENA_BYTES), ARENA_BYTES);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    free(arena.memory);
    return 0;
}

static enum sn_status compile(const char *json, const char *const *systems, size_t systems_len) {
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

static const char *builtin(void) {
    for (size_t i = 0; i < sn_builtins_len; i++)
        if (strcmp(sn_builtins[i].name, "systems") == 0) return sn_builtins[i].text;
    fail_msg("the workload \"systems\" is not built in");
    return NULL;
}

static bool text_is(struct sn_text text, const char *expected) {
    return text.len == strlen(expected) && memcmp(workload.pool + text.offset, expected, text.len) == 0;
}

/* --- The built-in workload ---------------------------------------------------------------------------------- */

/* Shares in percent of the whole, from the predecessor's weights .60 .05 .15 .05 .08 .02 and .10 three times, which sum to 1.25. */
static const struct {
    const char *system;
    double share;
    uint32_t kinds;
} shares[] = {
    {"d1_reads", 60 / 125.0, 3},   {"d1_writes", 5 / 125.0, 3},  {"kv_get", 15 / 125.0, 3},
    {"kv_put", 5 / 125.0, 2},      {"r2_upload", 2 / 125.0, 2},  {"r2_download", 8 / 125.0, 2},
    {"auth_flows", 10 / 125.0, 2}, {"post_crud", 10 / 125.0, 2}, {"media_ops", 10 / 125.0, 2},
};

static void systems_get_the_shares_of_their_weights(void **state) {
    (void)state;
    uint32_t total = 0;
    assert_int_equal(compile(builtin(), NULL, 0), SN_OK);
    assert_int_equal(workload.kinds_len, 21);
    for (uint32_t i = 0; i < workload.kinds_len; i++) total += workload.kinds[i].weight;
    for (size_t s = 0; s < LEN(shares); s++) {
        uint32_t sum = 0, kinds = 0, first = 0;
        for (uint32_t i = 0; i < workload.kinds_len; i++) {
            if (!text_is(workload.kinds[i].system, shares[s].system)) continue;
            if (kinds++ == 0) first = workload.kinds[i].weight;
            assert_int_equal(workload.kinds[i].weight, first); /* a system's operations share it evenly */
            sum += workload.kinds[i].weight;
        }
        assert_int_equal(kinds, shares[s].kinds);
        assert_true((double)sum / total - shares[s].share < 1e-12 && shares[s].share - (double)sum / total < 1e-12);
    }
    assert_int_equal(total, 750); /* in lowest terms: 125 times the common multiple 6 of 2 and 3 */
}

/* Only what the chosen systems need is prepared and cleaned up. */
static const struct {
    const char *systems[3];
    uint32_t kinds, prepared, cleaned; /* kinds; items of prepare and of cleanup after 100 operations */
} chosen[] = {
    {{"d1_reads"}, 3, 2, 2},  /* records, posts; the same again */
    {{"d1_writes"}, 3, 1, 2}, /* records; those, and what was inserted */
    {{"kv_get"}, 3, 150, 150},
    {{"kv_put"}, 2, 0, 150},
    {{"kv_get", "kv_put"}, 5, 150, 200},
    {{"r2_download"}, 2, 100, 100},
    {{"r2_upload"}, 2, 0, 200}, /* two kinds of upload, each k of one of them */
    {{"auth_flows"}, 2, 51, 307},
    {{"post_crud"}, 2, 1, 1},
    {{"media_ops"}, 2, 51, 51},
    {{"d1_reads", "post_crud"}, 5, 2, 2}, /* the posts once */
};

static uint32_t items(uint32_t stage) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < workload.jobs_len; i++) {
        const struct sn_job *job = &workload.jobs[i];
        if (job->stage != stage) continue;
        count += job->kind != UINT32_MAX ? 100 : job->every > 0 ? 100 / job->every : job->count;
    }
    return count;
}

static void jobs_follow_the_systems(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(chosen); i++) {
        size_t len = 0;
        while (len < 3 && chosen[i].systems[len] != NULL) len++;
        assert_int_equal(compile(builtin(), chosen[i].systems, len), SN_OK);
        assert_int_equal(workload.kinds_len, chosen[i].kinds);
        assert_int_equal(items(SN_STAGE_PREPARE), chosen[i].prepared);
        assert_int_equal(items(SN_STAGE_CLEANUP), chosen[i].cleaned);
    }
}

/* One run's keys are never the beginning of another's, so lists and deletes stay at home. */
static void keys_name_the_run_first(void **state) {
    (void)state;
    assert_int_equal(compile(builtin(), NULL, 0), SN_OK);
    for (uint32_t i = 0; i < workload.steps_len; i++) {
        const struct sn_step *step = &workload.steps[i];
        if (step->binding == SN_BINDING_TARGET_DB) continue;
        const struct sn_argument *key = &workload.arguments[workload.groups[step->groups].arguments];
        const struct sn_part *part = &workload.parts[key->parts];
        assert_true(key->parts_len >= 4);
        assert_int_equal(part[0].kind, SN_PART_LITERAL);
        assert_true(text_is((struct sn_text){part[0].a, part[0].b}, "sentinel_test_"));
        assert_int_equal(part[1].kind, SN_PART_RUN);
        assert_int_equal(part[2].kind, SN_PART_LITERAL);
        assert_int_equal(workload.pool[part[2].a], '_');
        assert_int_equal(part[3].kind, SN_PART_TENANT);
    }
}

/* Every read says what it expects, every statement that touches rows names the tenant and the run, or one row's id. */
static void reads_expect_their_data(void **state) {
    (void)state;
    assert_int_equal(compile(builtin(), NULL, 0), SN_OK);
    for (uint32_t i = 0; i < workload.kinds_len; i++) {
        const struct sn_kind *kind = &workload.kinds[i];
        const struct sn_step *step = &workload.steps[kind->steps];
        if (text_is(kind->system, "auth_flows") || text_is(kind->system, "post_crud") ||
            text_is(kind->system, "media_ops")) {
            /* These write too, or read what may not be there yet. */
            bool may_miss = text_is(kind->name, "rate_limit_check") || text_is(kind->name, "create_post");
            for (uint32_t s = 0; s < kind->steps_len; s++)
                assert_int_equal(!may_miss, step[s].expect != 0 || step[s].rows_min > 0);
            continue;
        }
        bool reads = text_is(workload.kinds[i].system, "d1_reads") || text_is(workload.kinds[i].system, "kv_get") ||
                     text_is(workload.kinds[i].system, "r2_download") ||
                     text_is(workload.kinds[i].name, "update_test_record");
        bool expects = step->expect != 0 || step->rows_min > 0;
        assert_int_equal(reads, expects);
    }
}

static void equal_text_gives_equal_bytes(void **state) {
    (void)state;
    static uint8_t first[SN_PLAN_BYTES_MAX];
    assert_int_equal(compile(builtin(), NULL, 0), SN_OK);
    size_t len = bytes_len;
    memcpy(first, bytes, len);
    memset(bytes, 0xa5, sizeof bytes);
    memset(arena.memory, 0x5a, ARENA_BYTES); /* nothing depends on what was there before */
    assert_int_equal(compile(builtin(), NULL, 0), SN_OK);
    assert_int_equal(bytes_len, len);
    assert_memory_equal(bytes, first, len);
}

static void every_failing_allocation_is_an_error(void **state) {
    (void)state;
    size_t failed = 0;
    for (;; failed++) {
        arena.fail_after = failed;
        enum sn_status status = compile(builtin(), NULL, 0);
        arena.fail_after = SIZE_MAX;
        if (status == SN_OK) break;
        assert_int_equal(status, SN_E_LIMIT);
        assert_non_null(error.code);
        assert_true(error.expected[0] != 0);
    }
    assert_true(failed > 100);
}

/* --- Weights -------------------------------------------------------------------------------------------------- */

#define O(name, system, weight) \
    "{\"operation\":\"" name "\",\"system\":\"" system "\"" weight ",\"steps\":[{\"d1\":\"X\"}]}"

static const struct {
    const char *json;
    uint32_t weights[4];
} weighted[] = {
    {"{\"systems\":{\"a\":1},\"operations\":[" O("x", "a", "") "]}", {1}},
    {"{\"systems\":{\"a\":60,\"b\":40},\"operations\":[" O("x", "a", "") "," O("y", "b", "") "]}", {3, 2}},
    /* 1/3 and 2/3 of a half; the other half whole */
    {"{\"systems\":{\"a\":1,\"b\":1},\"operations\":[" O("x", "a", ",\"weight\":1") "," O(
         "y", "a", ",\"weight\":2") "," O("z", "b", "") "]}",
     {1, 2, 3}},
    {"{\"systems\":{\"a\":1,\"b\":0},\"operations\":[" O("x", "a", ",\"weight\":0") "," O("y", "a", "") "," O("z", "b",
                                                                                                              "") "]}",
     {0, 1, 0}},
    {"{\"systems\":{\"a\":5,\"b\":7},\"operations\":[" O("w", "a", "") "," O("x", "a", "") "," O("y", "b", "") "," O(
         "z", "b", "") "]}",
     {5, 5, 7, 7}},
};

/* Sums of 1,000 in each of four systems: their common multiple is 1,000, their product would be refused. */
static void equal_sums_have_a_small_common_multiple(void **state) {
    (void)state;
    static char json[2000];
    size_t len = (size_t)sprintf(json, "{\"systems\":{\"a\":1,\"b\":1,\"c\":1,\"d\":1},\"operations\":[");
    for (int i = 0; i < 8; i++)
        len += (size_t)sprintf(json + len,
                               "%s{\"operation\":\"o%d\",\"system\":\"%c\",\"weight\":%d,\"steps\":[{\"d1\":\"X\"}]}",
                               i > 0 ? "," : "", i, 'a' + i / 2, i % 2 ? 999 : 1);
    sprintf(json + len, "]}");
    assert_int_equal(compile(json, NULL, 0), SN_OK);
    for (uint32_t i = 0; i < 8; i++) assert_int_equal(workload.kinds[i].weight, i % 2 ? 999 : 1);
}

static void weights_are_shared_in_lowest_terms(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(weighted); i++) {
        if (compile(weighted[i].json, NULL, 0) != SN_OK) fail_msg("%s at %s", error.code, error.path);
        for (uint32_t kind = 0; kind < workload.kinds_len; kind++)
            assert_int_equal(workload.kinds[kind].weight, weighted[i].weights[kind]);
    }
}

/* --- Refusals --------------------------------------------------------------------------------------------------- */

#define S "{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"a\",\"steps\":["
#define STEP(step) S step "]}]}"
#define JOBS(jobs) S "{\"d1\":\"X\"}]}]," jobs "}"
#define AT "$.operations[0].steps[0]"

static const struct {
    const char *json, *code, *path, *expected; /* expected: a part of the sentence, or NULL */
} refused[] = {
    {"[]", "plan.type", "$", "an object"},
    {"{", "json.syntax", "$", "at byte 1"},
    {"{\"a\":1,\"a\":1}", "json.duplicate-name", "$.a", NULL},
    {"{\"sytems\":{}}", "plan.unknown-field", "$.sytems", "systems, operations, prepare, cleanup"},
    {"{}", "plan.type", "$.systems", "1 to 16 systems"},
    {"{\"systems\":{}}", "plan.type", "$.systems", NULL},
    {"{\"systems\":{\"a\":-1}}", "plan.range", "$.systems.a", "a whole number from 0 to 1000000"},
    {"{\"systems\":{\"a\":0.5}}", "plan.range", "$.systems.a", NULL},
    {"{\"systems\":{\"a\":\"1\"}}", "plan.type", "$.systems.a", NULL},
    {"{\"systems\":{\"A b\":1}}", "plan.value", "$.systems[\"A b\"]", NULL},
    {"{\"systems\":{\"\":1}}", "plan.value", "$.systems[\"\"]", NULL},
    {"{\"systems\":{\"a\":1}}", "plan.type", "$.operations", "an array"},
    {"{\"systems\":{\"a\":1},\"operations\":[]}", "plan.range", "$.operations", "an array from 1 to 200 elements"},
    {"{\"systems\":{\"a\":1},\"operations\":[1]}", "plan.type", "$.operations[0]", "an object"},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"name\":1}]}", "plan.unknown-field", "$.operations[0].name", NULL},
    {"{\"systems\":{\"a\":1},\"operations\":[{}]}", "plan.type", "$.operations[0].operation", "a text"},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"X\"}]}", "plan.value", "$.operations[0].operation", NULL},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\"}]}", "plan.value", "$.operations[0].system", "a"},
    {"{\"systems\":{\"a\":1,\"c\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"b\"}]}", "plan.value",
     "$.operations[0].system", "one of a, c"},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"a\",\"weight\":1001}]}", "plan.range",
     "$.operations[0].weight", "a whole number from 0 to 1000"},
    {"{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"a\"}]}", "plan.type",
     "$.operations[0].steps", "an array"},
    {"{\"systems\":{\"a\":1},\"operations\":[" O("x", "a", "") "," O("x", "a", "") "]}", "plan.duplicate",
     "$.operations[1].operation", NULL},
    {"{\"systems\":{\"a\":1,\"b\":1},\"operations\":[" O("x", "a", "") "]}", "plan.missing", "$.systems.b", NULL},
    {"{\"systems\":{\"a\":1},\"operations\":[" O("x", "a", ",\"weight\":0") "]}", "plan.missing", "$.systems.a", NULL},
    {"{\"systems\":{\"a\":0},\"operations\":[" O("x", "a", "") "]}", "plan.range", "$.systems", "a weight above 0"},
    /* 999983 is a prime: shared by 997 and 991 parts it has no small common multiple */
    {"{\"systems\":{\"a\":999983,\"b\":999979},\"operations\":[" O("w", "a", ",\"weight\":991") "," O(
         "x", "a", ",\"weight\":6") "," O("y", "b", ",\"weight\":983") "," O("z", "b", ",\"weight\":8") "]}",
     "plan.range", "$.systems", "smaller common multiples"},

    {STEP(""), "plan.range", "$.operations[0].steps", "an array from 1 to 16 elements"},
    {STEP("{}"), "plan.missing", AT, "\"d1\", \"kv\" or \"r2\""},
    {STEP("7"), "plan.missing", AT, NULL},
    {STEP("{\"kv\":\"get\",\"d1\":\"X\"}"), "plan.unknown-field", AT ".kv", "d1, bind, expect"},
    {STEP("{\"d1\":1}"), "plan.type", AT ".d1", "SQL"},
    {STEP("{\"d1\":\"\"}"), "plan.type", AT ".d1", NULL},
    {STEP("{\"d1\":\"SELECT ${k}\"}"), "plan.template", AT ".d1", "bind"},
    {STEP("{\"d1\":\"X\",\"bind\":1}"), "plan.type", AT ".bind", "an array"},
    {STEP("{\"d1\":\"X\",\"bind\":[1,true]}"), "plan.type", AT ".bind[1]", NULL},
    {STEP("{\"d1\":\"X\",\"bind\":[[]]}"), "plan.type", AT ".bind[0]", NULL},
    {STEP("{\"d1\":\"X\",\"bind\":[{\"num\":1}]}"), "plan.unknown-field", AT ".bind[0].num", "number"},
    {STEP("{\"d1\":\"X\",\"bind\":[{\"number\":1}]}"), "plan.type", AT ".bind[0]", NULL},
    {STEP("{\"d1\":\"X\",\"bind\":[{}]}"), "plan.type", AT ".bind[0]", NULL},
    {STEP("{\"d1\":\"X\",\"bind\":[{\"number\":\"x\"}]}"), "plan.template", AT ".bind[0]", "digits"},
    {STEP("{\"d1\":\"X\",\"bind\":[{\"number\":\"\"}]}"), "plan.template", AT ".bind[0]", "digits"},
    {STEP("{\"d1\":\"X\",\"bind\":[{\"number\":\"1-${k}\"}]}"), "plan.template", AT ".bind[0]", "digits"},
    {STEP("{\"d1\":\"X\",\"bind\":[{\"number\":\"${hex(2)}\"}]}"), "plan.template", AT ".bind[0]", "digits"},
    {STEP("{\"d1\":\"X\",\"bind\":[{\"number\":\"${k}${k}${k}${k}\"}]}"), "plan.template", AT ".bind[0]", NULL},
    {STEP("{\"d1\":\"X\",\"bind\":[\"${times}\"]}"), "plan.template", AT ".bind[0]", "instead of ${times}"},
    {STEP("{\"d1\":\"batch\"}"), "plan.type", AT ".statements", "an array"},
    {STEP("{\"d1\":\"batch\",\"bind\":[]}"), "plan.unknown-field", AT ".bind", "d1, statements"},
    {STEP("{\"d1\":\"batch\",\"statements\":[]}"), "plan.range", AT ".statements", NULL},
    {STEP("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"X\"},{\"sql\":2}]}"), "plan.type", AT ".statements[1].sql",
     NULL},
    {STEP("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"X\",\"times\":0}]}"), "plan.range", AT ".statements[0].times",
     "a whole number from 1 to 100"},
    {STEP("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"X\",\"times\":60},{\"sql\":\"X\",\"times\":41}]}"),
     "plan.range", AT ".statements", "at most 100 statements"},

    {STEP("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"X\"}]},{\"d1\":\"X\",\"bind\":[\"${times}\"]}"),
     "plan.template", "$.operations[0].steps[1].bind[0]", "instead of ${times}"},
    {STEP("{\"kv\":\"set\"}"), "plan.value", AT ".kv", "one of get, put, list, delete"},
    {STEP("{\"kv\":1}"), "plan.type", AT ".kv", NULL},
    {STEP("{\"kv\":\"get\"}"), "plan.type", AT ".key", "a text"},
    {STEP("{\"kv\":\"get\",\"key\":\"\"}"), "plan.range", AT ".key", "not empty"},
    {STEP("{\"kv\":\"get\",\"key\":\"${text(513)}\"}"), "plan.range", AT ".key",
     "at most 512 bytes; this can come to 513"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"type\":\"blob\"}"), "plan.value", AT ".type", "one of text, json"},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"limit\":5}"), "plan.unknown-field", AT ".limit", "kv, key, type, expect"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\"}"), "plan.type", AT ".value", "a text"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"ttl\":59}"), "plan.range", AT ".ttl", "from 60 to"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":[]}"), "plan.type", AT ".metadata", "an object"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"x\":[]}}"), "plan.type", AT ".metadata.x",
     NULL},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"$x\":1}}"), "plan.value",
     AT ".metadata[\"$x\"]", NULL},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"x\":\"${text(1024)}\"}}"), "plan.range",
     AT ".metadata", "metadata of at most 1024 bytes"},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"expect\":{}}"), "plan.unknown-field", AT ".expect", NULL},
    {STEP("{\"kv\":\"list\",\"prefix\":\"a\",\"limit\":1001}"), "plan.range", AT ".limit", "from 1 to 1000"},
    {STEP("{\"kv\":\"delete\",\"key\":5}"), "plan.type", AT ".key", NULL},
    {STEP("{\"r2\":\"copy\"}"), "plan.value", AT ".r2", "one of get, put, list, head, delete"},
    {STEP("{\"r2\":\"get\",\"key\":\"${text(1025)}\"}"), "plan.range", AT ".key", "at most 1024 bytes"},
    {STEP("{\"r2\":\"put\",\"key\":\"a\",\"value\":\"b\",\"ttl\":60}"), "plan.unknown-field", AT ".ttl", NULL},
    {STEP("{\"r2\":\"put\",\"key\":\"a\",\"value\":\"b\",\"metadata\":{\"x\":1}}"), "plan.type", AT ".metadata.x",
     "a text"},
    {STEP("{\"r2\":\"put\",\"key\":\"a\",\"value\":\"x${text(65536)}\"}"), "plan.range", AT,
     "a step of at most 65536 bytes"},

    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"expect\":[]}"), "plan.type", AT ".expect", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"expect\":{\"rows\":1}}"), "plan.unknown-field", AT ".expect.rows", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"a\",\"expect\":{\"found\":false}}"), "plan.value", AT ".expect.found", "true"},
    {STEP("{\"d1\":\"X\",\"expect\":{\"bytes\":1}}"), "plan.unknown-field", AT ".expect.bytes", NULL},
    {STEP("{\"d1\":\"X\",\"expect\":{\"rowsAtLeast\":-1}}"), "plan.range", AT ".expect.rowsAtLeast", NULL},
    {STEP("{\"d1\":\"X\",\"expect\":{\"rowsAtLeast\":2,\"rowsAtMost\":1}}"), "plan.range", AT ".expect", NULL},

    {STEP("{\"kv\":\"get\",\"key\":\"${foo}\"}"), "plan.template", AT ".key",
     "one of ${k}, ${k%100}, ${key(posts)}, ${run}, ${tenant}, ${time}, ${hex(8)}, ${number(1,100)}, ${text(1000)} instead of ${foo}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${i}\"}"), "plan.template", AT ".key", "instead of ${i}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${K}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${k\"}"), "plan.template", AT ".key", "$$"},
    {STEP("{\"kv\":\"get\",\"key\":\"cost: $5\"}"), "plan.template", AT ".key", "$$"},
    {STEP("{\"kv\":\"get\",\"key\":\"$\"}"), "plan.template", AT ".key", "$$"},
    {STEP("{\"kv\":\"get\",\"key\":\"${k%0}\"}"), "plan.template", AT ".key", "something like ${k}, ${k%100}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${k%x}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${k%4294967296}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${k 5}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${run%5}\"}"), "plan.template", AT ".key", "something like ${run}"},
    {STEP("{\"kv\":\"get\",\"key\":\"${hex}\"}"), "plan.template", AT ".key", "a number from 1 to 16"},
    {STEP("{\"kv\":\"get\",\"key\":\"${hex(17)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${hex(8}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${hex(8,8)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${number(5,1)}\"}"), "plan.template", AT ".key", "the smaller first"},
    {STEP("{\"kv\":\"get\",\"key\":\"${number(5)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${number(0,4294967295)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"get\",\"key\":\"${text(0)}\"}"), "plan.template", AT ".key", NULL},
    {STEP("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"${text(1048577)}\"}"), "plan.template", AT ".value", "to 1048576"},

    {JOBS("\"prepare\":{}"), "plan.type", "$.prepare", "an array"},
    {JOBS("\"prepare\":[{}]"), "plan.missing", "$.prepare[0]", "\"count\""},
    {JOBS("\"prepare\":[{\"every\":5}]"), "plan.missing", "$.prepare[0]", "\"count\""},
    {JOBS("\"prepare\":[{\"per\":\"x\"}]"), "plan.missing", "$.prepare[0]", NULL},
    {JOBS("\"prepare\":[{\"count\":0}]"), "plan.range", "$.prepare[0].count", "from 1 to 1000000"},
    {JOBS("\"prepare\":[{\"count\":1}]"), "plan.type", "$.prepare[0].steps", NULL},
    {JOBS("\"prepare\":[{\"count\":1,\"system\":\"b\"}]"), "plan.value", "$.prepare[0].system", "a"},
    {JOBS("\"prepare\":[{\"count\":1,\"systems\":[\"a\",\"b\"]}]"), "plan.value", "$.prepare[0].systems[1]", NULL},
    {JOBS("\"prepare\":[{\"count\":1,\"systems\":[]}]"), "plan.range", "$.prepare[0].systems", NULL},
    {JOBS("\"prepare\":[{\"count\":1,\"steps\":[{\"kv\":\"delete\",\"key\":\"${k}\"}]}]"), "plan.template",
     "$.prepare[0].steps[0].key", "one of ${i}"},
    {JOBS("\"prepare\":[{\"number\":1}]"), "plan.unknown-field", "$.prepare[0].number", NULL},
    {JOBS("\"cleanup\":[{\"count\":1,\"per\":\"x\"}]"), "plan.missing", "$.cleanup[0]", "one of"},
    {JOBS("\"cleanup\":[{\"per\":\"y\"}]"), "plan.value", "$.cleanup[0].per", NULL},
    {JOBS("\"cleanup\":[{\"per\":\"x\",\"system\":\"a\"}]"), "plan.conflict", "$.cleanup[0]", NULL},
    {JOBS("\"cleanup\":[{\"per\":\"x\",\"steps\":[{\"kv\":\"delete\",\"key\":\"${i}\"}]}]"), "plan.template",
     "$.cleanup[0].steps[0].key", "one of ${k}"},
    {JOBS("\"cleanup\":[{\"every\":0,\"steps\":[]}]"), "plan.range", "$.cleanup[0].every", NULL},
};

static void refuses_with_the_place_and_what_was_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        enum sn_status status = compile(refused[i].json, NULL, 0);
        if (status == SN_OK) fail_msg("accepted: %s", refused[i].json);
        bool json = strncmp(refused[i].code, "json.", 5) == 0;
        if (status != (json ? SN_E_FORMAT : SN_E_RANGE) || strcmp(error.code, refused[i].code) != 0 ||
            strcmp(error.path, refused[i].path) != 0 || error.expected[0] == 0 ||
            (refused[i].expected != NULL && strstr(error.expected, refused[i].expected) == NULL))
            fail_msg("%s\n  gave %d %s at %s: expected %s", refused[i].json, status, error.code, error.path,
                     error.expected);
    }
}

static void refuses_systems_that_the_workload_does_not_have(void **state) {
    (void)state;
    const char *const systems[] = {"d1_reads", "do_call"};
    assert_int_equal(compile(builtin(), systems, 2), SN_E_RANGE);
    assert_string_equal(error.code, "plan.value");
    assert_string_equal(error.path, "$.targetSystems[1]");
    assert_string_equal(
        error.expected,
        "one of d1_reads, d1_writes, kv_get, kv_put, r2_download, r2_upload, auth_flows, post_crud, media_ops");
}

/* 33 operations are one too many, unless some of their systems are left out. */
static void bounds_the_kinds_in_use(void **state) {
    (void)state;
    static char json[8000];
    size_t len = (size_t)sprintf(json, "{\"systems\":{\"a\":1,\"b\":1},\"operations\":[");
    for (int i = 0; i < 33; i++)
        len += (size_t)sprintf(json + len, "%s{\"operation\":\"o%d\",\"system\":\"%s\",\"steps\":[{\"d1\":\"X\"}]}",
                               i > 0 ? "," : "", i, i < 32 ? "a" : "b");
    sprintf(json + len, "]}");
    const char *const a[] = {"a"};
    assert_int_equal(compile(json, a, 1), SN_OK);
    assert_int_equal(workload.kinds_len, 32);
    assert_int_equal(compile(json, NULL, 0), SN_E_LIMIT);
    assert_string_equal(error.path, "$.operations[32]");
}

/* The same text is stored once, the same SQL is one statement. */
static void texts_are_stored_once(void **state) {
    (void)state;
    assert_int_equal(
        compile("{\"systems\":{\"a\":1},\"operations\":[" O("x", "a", "") "," O("y", "a", "") "]}", NULL, 0), SN_OK);
    assert_int_equal(workload.statements_len, 1);
    assert_int_equal(workload.kinds[0].system.offset, workload.kinds[1].system.offset);
}

/* The output says when it is too small, and nothing is written past it. */
static void says_when_the_output_is_too_small(void **state) {
    (void)state;
    uint8_t *small = malloc(1000);
    assert_non_null(small);
    struct sn_writer out = sn_writer(small, 1000);
    sn_arena_reset(&arena);
    assert_int_equal(sn_workload_compile(builtin(), strlen(builtin()), NULL, 0, &arena, &out, &error), SN_E_LIMIT);
    free(small);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(systems_get_the_shares_of_their_weights),
        cmocka_unit_test(jobs_follow_the_systems),
        cmocka_unit_test(keys_name_the_run_first),
        cmocka_unit_test(reads_expect_their_data),
        cmocka_unit_test(equal_text_gives_equal_bytes),
        cmocka_unit_test(every_failing_allocation_is_an_error),
        cmocka_unit_test(weights_are_shared_in_lowest_terms),
        cmocka_unit_test(equal_sums_have_a_small_common_multiple),
        cmocka_unit_test(refuses_with_the_place_and_what_was_expected),
        cmocka_unit_test(refuses_systems_that_the_workload_does_not_have),
        cmocka_unit_test(bounds_the_kinds_in_use),
        cmocka_unit_test(texts_are_stored_once),
        cmocka_unit_test(says_when_the_output_is_too_small),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
