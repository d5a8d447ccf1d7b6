#include "operation_help.h"

#include "sentinel/plan/builtin.h"

static struct sn_workload systems; /* the built-in workload, all of it */
static _Alignas(16) uint8_t compiled[SN_PLAN_BYTES_MAX];

static int set_up(void **state) {
    (void)state;
    for (size_t i = 0; i < sn_builtins_len; i++)
        if (strcmp(sn_builtins[i].name, "systems") == 0)
            compile(sn_builtins[i].text, sn_builtins[i].len, &systems, compiled, sizeof compiled);
    return 0;
}

static const struct sn_kind *find(const char *name) {
    for (uint32_t i = 0; i < systems.kinds_len; i++) {
        struct sn_text text = systems.kinds[i].name;
        if (text.len == strlen(name) && memcmp(systems.pool + text.offset, name, text.len) == 0)
            return &systems.kinds[i];
    }
    fail_msg("no operation %s", name);
    return NULL;
}

#define INSERT "INSERT INTO sentinel_test_data (id, tenant_id, run_id, prepared, data) VALUES (?1, ?2, ?3, 0, ?4) | "

/* Every built-in operation, seed 1, run R1 of tenant t1. */
static const struct {
    const char *operation;
    uint64_t k;
    const char *line;
    uint32_t step;
} golden[] = {
    {"insert_test_record", 1,
     "d1.all " INSERT "'sentinel_test_R1_1' 't1' 'R1' '{\"index\":1,\"timestamp\":1795424400123}'", 0},
    {"insert_test_record", 250,
     "d1.all " INSERT "'sentinel_test_R1_250' 't1' 'R1' '{\"index\":250,\"timestamp\":1795424400123}'", 0},
    {"update_test_record", 250,
     "d1.all UPDATE sentinel_test_data SET data = ?2 WHERE id = ?1 RETURNING id | 'sentinel_test_R1_t1_prepared_50' "
     "'{\"index\":250,\"timestamp\":1795424400123,\"updated\":true}'",
     0},
    {"batch_insert", 3,
     "d1.batch " INSERT "'sentinel_test_R1_batch_3_0' 't1' 'R1' '{\"batch\":3,\"item\":0}' ; " INSERT
     "'sentinel_test_R1_batch_3_1' 't1' 'R1' '{\"batch\":3,\"item\":1}' ; " INSERT
     "'sentinel_test_R1_batch_3_2' 't1' 'R1' '{\"batch\":3,\"item\":2}' ; " INSERT
     "'sentinel_test_R1_batch_3_3' 't1' 'R1' '{\"batch\":3,\"item\":3}' ; " INSERT
     "'sentinel_test_R1_batch_3_4' 't1' 'R1' '{\"batch\":3,\"item\":4}'",
     0},
    {"select_test_records", 1,
     "d1.all SELECT * FROM sentinel_test_data WHERE tenant_id = ?1 AND run_id = ?2 AND prepared = 1 LIMIT 10 "
     "| 't1' 'R1'",
     0},
    {"count_test_records", 1,
     "d1.all SELECT COUNT(*) AS records FROM sentinel_test_data WHERE tenant_id = ?1 AND run_id = ?2 "
     "AND prepared = 1 HAVING COUNT(*) = ?3 | 't1' 'R1' 100",
     0},
    {"select_posts_listing", 1,
     "d1.all SELECT id, title, slug, status FROM sentinel_posts WHERE tenant_id = ?1 AND run_id = ?2 "
     "ORDER BY created_at DESC LIMIT 20 | 't1' 'R1'",
     0},
    {"kv_get_simple", 99, "kv.get 'sentinel_test_R1_t1/99' 'text' null", 0},
    {"kv_get_simple", 1000000, "kv.get 'sentinel_test_R1_t1/0' 'text' null", 0},
    {"kv_get_json", 99, "kv.get 'sentinel_test_R1_t1/json_49' 'json' null", 0},
    {"kv_list", 1, "kv.list 'sentinel_test_R1_t1/' 20", 0},
    {"kv_put_simple", 907,
     "kv.put 'sentinel_test_R1_t1/put_7' "
     "'{\"index\":907,\"timestamp\":1795424400123,\"random\":\"227c478346bb60d7\"}' 7200 null",
     0},
    {"kv_put_with_metadata", 907,
     "kv.put 'sentinel_test_R1_t1/meta_7' '{\"index\":907,\"timestamp\":1795424400123,\"data\":\""
     "Yq8X4cipaIJrlG12qja1cyHyS16eOp5smYZ2LHr-0-myu9p7iFQ3geuA3OI4G22g2OfKDMhwhYCFni3ycJtD5_sl_qMu8iYRkHYr"
     "\"}' 7200 '{\"createdBy\":\"sentinel\",\"index\":\"907\"}'",
     0},
    {"r2_upload_small", 907,
     "r2.put 'sentinel_test_R1_t1/upload_small_907.txt' slice(464816, 1048) 'text/plain' "
     "'{\"sentinelTest\":\"true\",\"index\":\"907\"}'",
     0},
    {"r2_download", 907, "r2.get 'sentinel_test_R1_t1/small_7.txt' null null", 0},
    {"r2_list", 1, "r2.list 'sentinel_test_R1_t1/small_' 20", 0},
    {"session_lookup", 7, "kv.get 'sentinel_test_R1_t1/session_47' 'json' null", 0},
    {"session_lookup", 7,
     "d1.all SELECT id, user_id, expires_at FROM sentinel_sessions WHERE id = ?1 AND tenant_id = ?2 AN"
     "D revoked = 0 | 'sentinel_test_R1_t1_session_47' 't1'",
     1},
    {"rate_limit_check", 300, "kv.get 'sentinel_test_R1_t1/rate_192.168.0.44' 'json' null", 0},
    {"rate_limit_check", 300,
     "kv.put 'sentinel_test_R1_t1/rate_192.168.0.44' '{\"count\":300,\"timestamp\":1795424400123}' 60 "
     "null",
     1},
    {"create_post", 12,
     "d1.all INSERT INTO sentinel_posts (id, tenant_id, run_id, title, slug, status, content) VALUES ("
     "?1, ?2, ?3, ?4, ?5, 'draft', ?6) | 'sentinel_test_R1_post_k12' 't1' 'R1' 'Sentinel Test Post 12'"
     " 'sentinel-test-post-12' 'Written by a load test, and removed when it ends. _dF64rr9V5JpF0hdObmv"
     "yR7NaKwsaBrzg-QVx3myOBb2dUwbfsOZSLXveMSnEehQiqPqB8Kwmn-N9D8NtMCxez2r_asqd-OF0CryTxKs02rV5u0DQ-VR"
     "78F9UKAfDDer60S25Xciq971mGMLfECj_BMrZGiLpBn6pZFQUyak6_vxwMaqqCOYKI129Tbxrt465v3gM0xXcCEYjQ3pmkfd"
     "9zCFlNgC83pGjBo0IA3Ixjns4_xq8h2vo3X9MT147Pl6ug-0ijw8gw_lbUEniYbEnZU3SnDFFPcLsVHA31Cz8vM2-sAZ1JOT"
     "lVwg5J8vdPQDH9cgnKfDBOiJCAYaCy_G3hyjLPzKVpAq-7S15c_6aorp7PpdY6RIuWPC_V7l7w0polWN3-TUGroYDwqM'",
     0},
    {"list_posts", 1,
     "d1.all SELECT id, title, slug, created_at FROM sentinel_posts WHERE tenant_id = ?1 AND run_id = "
     "?2 AND status = 'published' ORDER BY created_at DESC LIMIT 20 | 't1' 'R1'",
     0},
    {"list_media", 1,
     "d1.all SELECT id, filename, r2_key, mime_type, size, uploaded_at FROM sentinel_media WHERE tenan"
     "t_id = ?1 AND run_id = ?2 ORDER BY uploaded_at DESC LIMIT 50 | 't1' 'R1'",
     0},
    {"fetch_media", 7,
     "d1.all SELECT r2_key, mime_type, size FROM sentinel_media WHERE id = ?1 AND tenant_id = ?2 | 'se"
     "ntinel_test_R1_t1_media_32' 't1'",
     0},
    {"fetch_media", 7, "r2.get 'sentinel_test_R1_t1/media_32.bin' null null", 1},
};

static void renders_the_built_in_operations(void **state) {
    (void)state;
    static char line[SN_EFFECT_MAX];
    for (size_t i = 0; i < LEN(golden); i++) {
        struct sn_render render = render_of(1, golden[i].k);
        step_text(&systems, &systems.steps[find(golden[i].operation)->steps + golden[i].step], &render, line,
                  sizeof line);
        assert_string_equal(line, golden[i].line);
    }
}

static void every_built_in_operation_is_among_the_golden_ones(void **state) {
    (void)state;
    for (uint32_t i = 0; i < systems.kinds_len; i++) {
        struct sn_text name = systems.kinds[i].name;
        bool medium = name.len == 16 && memcmp(systems.pool + name.offset, "r2_upload_medium", 16) == 0;
        uint32_t steps = medium; /* which has a test of its own */
        for (size_t g = 0; g < LEN(golden); g++) {
            bool of_kind = strlen(golden[g].operation) == name.len &&
                           memcmp(golden[g].operation, systems.pool + name.offset, name.len) == 0;
            if (of_kind && golden[g].step >= steps) steps = golden[g].step + 1;
        }
        if (steps != systems.kinds[i].steps_len)
            fail_msg("no golden line for every step of %.*s", (int)name.len, systems.pool + name.offset);
    }
}

/* The predecessor's size, reached where k has four digits. */
static void the_medium_upload_is_json_of_7926_bytes(void **state) {
    (void)state;
    static char line[SN_EFFECT_MAX];
    struct sn_render render = render_of(1, 1234);
    step_text(&systems, &systems.steps[find("r2_upload_medium")->steps], &render, line, sizeof line);
    const char key[] = "r2.put 'sentinel_test_R1_t1/upload_medium_1234.json' '";
    assert_memory_equal(line, key, sizeof key - 1);
    const char *value = line + sizeof key - 1, *end = strstr(value, "' 'application/json'");
    assert_non_null(end);
    assert_int_equal(end - value, 7926);
    assert_memory_equal(value, "{\"index\":1234,\"text\":\"", 22);
    assert_memory_equal(end - 2, "\"}", 2);
    assert_int_equal(strcspn(value + 22, "\"\\"), 7902); /* nothing in it needs an escape */
}

/* What the cleanup of an upload deletes is what the upload wrote, whatever k and seed. */
static void cleanup_finds_the_keys_of_uploads(void **state) {
    (void)state;
    static char put[SN_EFFECT_MAX], delete[SN_EFFECT_MAX];
    uint32_t jobs = 0;
    for (uint32_t i = 0; i < systems.jobs_len; i++) {
        const struct sn_job *job = &systems.jobs[i];
        if (job->kind == UINT32_MAX) continue;
        jobs++;
        for (uint64_t k = 1; k < 20000; k = k * 3 + 1) {
            struct sn_render render = render_of(k * 77, k);
            step_text(&systems, &systems.steps[systems.kinds[job->kind].steps], &render, put, sizeof put);
            step_text(&systems, &systems.steps[job->steps], &render, delete, sizeof delete);
            assert_memory_equal(delete, "r2.delete '", 11);
            assert_memory_equal(put + 8, delete + 11, strlen(delete) - 11);
        }
    }
    assert_int_equal(jobs, 2);
}

/* The object that a download expects is as long as the one that prepare makes. */
static void downloads_expect_what_prepare_makes(void **state) {
    (void)state;
    const struct sn_step *get = &systems.steps[find("r2_download")->steps];
    const struct sn_step *fetch = &systems.steps[find("fetch_media")->steps + 1];
    uint32_t found = 0;
    for (uint32_t i = 0; i < systems.jobs_len; i++) {
        const struct sn_job *job = &systems.jobs[i];
        const struct sn_step *step = &systems.steps[job->steps];
        if (step->action != SN_ACTION_R2_PUT) continue;
        char line[400];
        struct sn_render render = render_of(1, 7);
        step_text(&systems, step, &render, line, sizeof line);
        bool media = strstr(line, "r2.put 'sentinel_test_R1_t1/media_7.bin' slice(") != NULL;
        assert_true(media || strstr(line, "r2.put 'sentinel_test_R1_t1/small_7.txt' slice(") != NULL);
        assert_non_null(strstr(line, media ? ", 4096) " : ", 1048) "));
        assert_int_equal(job->count, media ? 50 : 100);
        found |= media ? 2 : 1;
    }
    assert_int_equal(found, 3);
    assert_int_equal(get->expect & fetch->expect, SN_EXPECT_FOUND | SN_EXPECT_BYTES);
    assert_int_equal(get->expect_bytes, 1048);
    assert_int_equal(fetch->expect_bytes, 4096);
}

/* A writer that is too small says so, and nothing is written past its end.  What is whole stays: a shape goes ahead. */
static void says_when_a_step_does_not_fit(void **state) {
    (void)state;
    for (uint32_t i = 0; i < systems.kinds_len; i++) {
        static struct sn_shapes shapes;
        static uint8_t big[2 * SN_EFFECT_MAX];
        const struct sn_step *step = &systems.steps[systems.kinds[i].steps];
        struct sn_render render = render_of(1, 1);
        struct sn_record header = {.id = 1}, record;
        struct sn_span payload;
        struct sn_writer whole = sn_writer(big, sizeof big);
        memset(&shapes, 0, sizeof shapes);
        assert_true(sn_step_put(&whole, &shapes, &systems, step, &render, header));
        for (size_t cap = 0; cap < whole.len; cap++) {
            uint8_t *bytes = malloc(cap > 0 ? cap : 1);
            assert_non_null(bytes);
            struct sn_writer w = sn_writer(bytes, cap);
            memset(&shapes, 0, sizeof shapes);
            assert_false(sn_step_put(&w, &shapes, &systems, step, &render, header));
            assert_true(w.full);
            struct sn_reader r = sn_reader(bytes, w.len);
            bool defined = sn_record_next(&r, &record, &payload);
            assert_true(!defined || record.kind == SN_EFFECT_SHAPE);
            assert_false(r.bad || sn_record_next(&r, &record, &payload));
            free(bytes);
        }
    }
}

/* --- Kinds and expectations --------------------------------------------------------------------------------- */

static void kinds_follow_the_weights(void **state) {
    (void)state;
    uint32_t counts[SN_KINDS_MAX] = {0}, total = 0;
    struct sn_mix mix;
    for (uint32_t i = 0; i < systems.kinds_len; i++) total += systems.kinds[i].weight;
    assert_int_equal(sn_workload_mix(&systems, 42, &mix), SN_OK);
    for (uint64_t k = 1; k <= 100000; k++) counts[sn_operation_kind(&mix, k)]++;
    for (uint32_t i = 0; i < systems.kinds_len; i++) {
        double share = (double)systems.kinds[i].weight / total;
        assert_true(counts[i] > 100000 * share * 0.85 && counts[i] < 100000 * share * 1.15);
    }
}

static const struct {
    struct sn_step step;
    struct sn_answer answer;
    bool satisfied;
} expectations[] = {
    {{.rows_max = UINT32_MAX}, {.rows = 0}, true}, /* nothing expected */
    {{.rows_max = UINT32_MAX, .expect = SN_EXPECT_FOUND}, {.rows = 0}, false},
    {{.rows_max = UINT32_MAX, .expect = SN_EXPECT_FOUND}, {.rows = 1}, true},
    {{.rows_min = 10, .rows_max = 10}, {.rows = 9}, false},
    {{.rows_min = 10, .rows_max = 10}, {.rows = 10}, true},
    {{.rows_min = 10, .rows_max = 10}, {.rows = 11}, false},
    {{.rows_max = UINT32_MAX, .expect = SN_EXPECT_BYTES, .expect_bytes = 8}, {.bytes = 8}, true},
    {{.rows_max = UINT32_MAX, .expect = SN_EXPECT_BYTES, .expect_bytes = 8}, {.bytes = 7}, false},
    {{.rows_max = UINT32_MAX, .expect = SN_EXPECT_BYTES, .expect_bytes = 0}, {.bytes = 1}, false},
    {{.rows_max = UINT32_MAX, .expect_bytes = 8}, {.bytes = 7}, true}, /* given, but not asked for */
};

static void answers_are_compared_with_expectations(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(expectations); i++)
        assert_int_equal(sn_step_satisfied(&expectations[i].step, &expectations[i].answer), expectations[i].satisfied);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_the_built_in_operations),
        cmocka_unit_test(every_built_in_operation_is_among_the_golden_ones),
        cmocka_unit_test(the_medium_upload_is_json_of_7926_bytes),
        cmocka_unit_test(cleanup_finds_the_keys_of_uploads),
        cmocka_unit_test(downloads_expect_what_prepare_makes),
        cmocka_unit_test(says_when_a_step_does_not_fit),
        cmocka_unit_test(kinds_follow_the_weights),
        cmocka_unit_test(answers_are_compared_with_expectations),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
