#include "workload_help.h"

#include "sentinel/base/record.h"
#include "sentinel/base/vocab.h"

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
    {{"kv_get", "kv_put"}, 5, 150, 300},
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

/* One run's keys, and one mark's of data, are never the beginning of another's, nor one tenant's, since no tenant's name has a slash: so lists stay at
 * home. */
static void keys_name_the_run_or_its_data_first(void **state) {
    (void)state;
    assert_int_equal(compile(builtin(), NULL, 0), SN_OK);
    for (uint32_t i = 0; i < workload.steps_len; i++) {
        const struct sn_step *step = &workload.steps[i];
        if (sn_step_target(&workload, step)->service == SN_SERVICE_D1) continue;
        const struct sn_argument *key = &workload.arguments[workload.groups[step->groups].arguments];
        const struct sn_part *part = &workload.parts[key->parts];
        assert_true(key->parts_len >= 5);
        assert_int_equal(part[0].kind, SN_PART_LITERAL);
        assert_true(text_is((struct sn_text){part[0].a, part[0].b}, "sentinel_test_"));
        assert_true(part[1].kind == SN_PART_RUN || part[1].kind == SN_PART_DATA);
        assert_int_equal(part[2].kind, SN_PART_LITERAL);
        assert_int_equal(workload.pool[part[2].a], '_');
        assert_int_equal(part[3].kind, SN_PART_TENANT);
        assert_int_equal(part[4].kind, SN_PART_LITERAL);
        assert_int_equal(workload.pool[part[4].a], '/');
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

static enum sn_status compile_builtin(void) {
    return compile(builtin(), NULL, 0);
}

static void every_failing_allocation_is_an_error(void **state) {
    (void)state;
    fail_each_allocation(compile_builtin);
}

/* --- Weights -------------------------------------------------------------------------------------------------- */

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
        len += (size_t)sprintf(
            json + len, "%s{\"operation\":\"o%d\",\"system\":\"%c\",\"weight\":%d,\"steps\":[{\"d1\":\"SELECT X\"}]}",
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

/* --- A workload of another one ------------------------------------------------------------------------------ */

static void one_of_another_has_its_steps_and_jobs(void **state) {
    (void)state;
    static const char *const mixes[] = {
        "{\"of\":\"ycsb\",\"operations\":[{\"operation\":\"insert\"},{\"operation\":\"read\",\"weight\":3}]}",
        "{\"of\":\"ycsb\",\"systems\":{\"a\":3,\"b\":1},\"operations\":[{\"operation\":\"insert\",\"system\":\"b\"},"
        "{\"operation\":\"read\",\"system\":\"a\"}]}",
        /* one that it does not have comes with steps of its own */
        "{\"of\":\"ycsb\",\"operations\":[{\"operation\":\"insert\"},{\"operation\":\"mine\",\"weight\":3,\"steps\":["
        "{\"d1\":\"SELECT ?1\",\"bind\":[\"${key(records)}\"]}]}]}",
    };
    for (size_t i = 0; i < LEN(mixes); i++) {
        if (compile(mixes[i], NULL, 0) != SN_OK) fail_msg("%s at %s: %s", mixes[i], error.path, error.expected);
        assert_int_equal(workload.kinds_len, 2);
        assert_int_equal(workload.kinds[1].weight, 3 * workload.kinds[0].weight);
        assert_int_equal(workload.jobs_len, 3);
        assert_int_equal(workload.keyspaces_len, 2);
    }
    assert_true(text_is(workload.kinds[1].name, "mine"));
}

/* Grove deletes what its uploads made, one by one; where nothing is uploaded there is no such job. */
static void jobs_of_operations_that_are_left_out_are_left_out(void **state) {
    (void)state;
    assert_int_equal(compile("{\"of\":\"grove\",\"operations\":[{\"operation\":\"media-upload\"}]}", NULL, 0), SN_OK);
    uint32_t with = workload.jobs_len;
    assert_int_equal(compile("{\"of\":\"grove\",\"operations\":[{\"operation\":\"post-read\"}]}", NULL, 0), SN_OK);
    assert_int_equal(workload.jobs_len, with - 1);
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
        cmocka_unit_test(keys_name_the_run_or_its_data_first),
        cmocka_unit_test(reads_expect_their_data),
        cmocka_unit_test(equal_text_gives_equal_bytes),
        cmocka_unit_test(every_failing_allocation_is_an_error),
        cmocka_unit_test(weights_are_shared_in_lowest_terms),
        cmocka_unit_test(equal_sums_have_a_small_common_multiple),
        cmocka_unit_test(one_of_another_has_its_steps_and_jobs),
        cmocka_unit_test(jobs_of_operations_that_are_left_out_are_left_out),
        cmocka_unit_test(texts_are_stored_once),
        cmocka_unit_test(says_when_the_output_is_too_small),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
