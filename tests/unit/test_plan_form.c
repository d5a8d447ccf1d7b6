#include "plan_help.h"

/* --- Seed and hash ------------------------------------------------------------------------------------------------ */

static void seeds(void **state) {
    (void)state;
    compiles(SMOKE("\"seed\":0"));
    assert_true(plan.seed == 0);
    compiles(SMOKE("\"seed\":9007199254740991"));
    assert_true(plan.seed == UINT64_C(9007199254740991));
    compiles(SMOKE("\"seed\":\"9007199254740993\""));
    assert_true(plan.seed == UINT64_C(9007199254740993));
    compiles(SMOKE("\"seed\":\"18446744073709551615\""));
    assert_true(plan.seed == UINT64_MAX);
    compiles(SMOKE("\"seed\":\"007\""));
    assert_true(plan.seed == 7);
    compiles("{\"preset\":\"smoke\"}"); /* one under which every operation is sent */
    assert_true(plan.seed == 11002);
    compiles("{\"preset\":\"soak\"}");
    assert_true(plan.seed != 0 && plan.seed < UINT64_C(1) << 53); /* can be typed back as a number */
    uint64_t derived = plan.seed;
    compiles("{\"preset\":\"soak\",\"name\":\"another\"}");
    assert_true(plan.seed == derived);
    compiles("{\"preset\":\"soak\",\"concurrency\":6}");
    assert_true(plan.seed != derived);
}

static void random_seeds_come_from_lent_entropy(void **state) {
    (void)state;
    uint64_t drawn[2];
    for (uint8_t i = 0; i < 2; i++) {
        uint8_t entropy[16] = {1, 2, 3, i};
        owner.entropy = (struct sn_span){entropy, sizeof entropy};
        compiles(SMOKE("\"seed\":\"random\""));
        drawn[i] = plan.seed;
        assert_true(plan.seed < UINT64_C(1) << 53);
    }
    owner.entropy = (struct sn_span){0};
    assert_true(drawn[0] != drawn[1]);
}

static const char *const same_load[] = {
    "{\"preset\":\"smoke\"}",
    "{\"preset\":\"smoke\",\"name\":\"n\",\"description\":\"d\",\"prepare\":\"run\",\"seed\":5,\"startImmediately\":true}",
    " { \"preset\" : \"smoke\" } ",
    "{\"concurrency\":5,\"preset\":\"smoke\",\"maxLateMs\":30000}",
    /* The same load without the preset's name: the name is a label. */
    ("{\"profileType\":\"sustained\",\"targetOperations\":100,\"durationSeconds\":30,\"concurrency\":5,"
     "\"targetSystems\":[\"r2_upload\",\"d1_reads\",\"d1_writes\",\"kv_get\",\"kv_put\",\"r2_download\",\"media_ops\",\"auth_flows\","
     "\"post_crud\"]}"),
};

static const char *const other_loads[] = {
    SMOKE("\"targetOperations\":101"),
    SMOKE("\"durationSeconds\":31"),
    SMOKE("\"concurrency\":4"),
    SMOKE("\"targetSystems\":[\"d1_reads\"]"),
    SMOKE("\"maxLateMs\":29999"),
    SMOKE("\"timeoutMs\":29999"),
    SMOKE("\"prepare\":\"none\""),
    SMOKE("\"warmUpSeconds\":1"),
    SMOKE("\"profileType\":\"ramp\""),
    SMOKE("\"arrivals\":\"poisson\""),
    SMOKE("\"profileType\":\"oscillation\""),
    SMOKE("\"profileType\":\"oscillation\",\"periodSeconds\":15"),
    SMOKE("\"profileType\":\"spike\""),
    SMOKE("\"profileType\":\"three-phase\""),
};

static void the_hash_covers_what_shapes_the_load(void **state) {
    (void)state;
    compiles(same_load[0]);
    uint64_t hash = plan.hash;
    for (size_t i = 1; i < LEN(same_load); i++) {
        compiles(same_load[i]);
        assert_true(plan.hash == hash);
    }
    struct sn_plan_owner was = owner;
    owner = (struct sn_plan_owner){.run_id = "other", .tenant = "other"};
    compiles(same_load[0]);
    assert_true(plan.hash == hash);
    owner = was;
    uint64_t seen[LEN(other_loads)];
    for (size_t i = 0; i < LEN(other_loads); i++) {
        compiles(other_loads[i]);
        seen[i] = plan.hash;
        assert_true(seen[i] != hash);
        for (size_t before = 0; before < i; before++) assert_true(seen[before] != seen[i]);
    }
}

/* Two zeros that are one number differ in a bit, and the hash sees bits. */
static void minus_zero_is_zero(void **state) {
    (void)state;
    compiles(CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":0},{\"second\":9,\"opsPerSecond\":5}]"));
    uint64_t hash = plan.hash;
    compiles(CUSTOM("\"loadCurve\":[{\"second\":-0,\"opsPerSecond\":-0},{\"second\":9,\"opsPerSecond\":5}]"));
    assert_true(plan.hash == hash);
}

static void equal_text_gives_equal_bytes(void **state) {
    (void)state;
    static uint8_t first[SN_PLAN_BYTES_MAX];
    compiles("{\"preset\":\"ramp\"}");
    size_t len = bytes_len;
    memcpy(first, bytes, len);
    memset(bytes, 0xa5, sizeof bytes);
    memset(arena.memory, 0x5a, ARENA_BYTES);
    compiles("{\"preset\":\"ramp\"}");
    assert_int_equal(bytes_len, len);
    assert_memory_equal(bytes, first, len);
}

/* --- The compiled form ---------------------------------------------------------------------------------------------- */

static void opens_and_writes_the_same_again(void **state) {
    (void)state;
    static uint8_t again[SN_PLAN_BYTES_MAX + 5];
    compiles("{\"preset\":\"ramp\",\"name\":\"n\"}");
    assert_int_equal(bytes_len % 8, 0);
    struct sn_writer w = sn_writer(again, sizeof again);
    sn_put_zeros(&w, 5); /* behind something else */
    sn_plan_put(&w, &plan);
    assert_int_equal(w.len, bytes_len + 5);
    assert_memory_equal(again + 5, bytes, bytes_len);
    assert_true((const uint8_t *)plan.workload.pool > bytes && (const uint8_t *)plan.workload.pool < bytes + bytes_len);
}

static void writing_into_too_little_room_is_noticed(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    for (size_t cap = 0; cap < bytes_len; cap += 97) {
        uint8_t *small = malloc(cap > 0 ? cap : 1);
        assert_non_null(small);
        struct sn_writer w = sn_writer(small, cap);
        sn_plan_put(&w, &plan);
        assert_true(w.full);
        free(small);
    }
}

/* Opens a copy that ends where its memory ends. */
static enum sn_status open_copy(const uint8_t *from, size_t len) {
    static struct sn_plan opened;
    uint8_t *copy = aligned_alloc(8, len > 0 ? (len + 7) / 8 * 8 : 8);
    assert_non_null(copy);
    memcpy(copy, from, len);
    enum sn_status status = sn_plan_open(&opened, copy, len);
    free(copy);
    return status;
}

static void refuses_truncated_bytes(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    for (size_t len = 0; len < bytes_len; len++) assert_int_equal(open_copy(bytes, len), SN_E_FORMAT);
}

static void refuses_flipped_bits(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    for (size_t bit = 0; bit < bytes_len * 8; bit += bit < 400 * 8 ? 1 : 13) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(open_copy(bytes, bytes_len), SN_OK);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(open_copy(bytes, bytes_len), SN_OK);
    bytes[4]++;
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_VERSION);
    bytes[4]--;
    bytes[bytes_len - 1] ^= 1;
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_CHECKSUM);
}

/* A checksum guards against accidents only: behind a right one every word may still be wrong. */
static void survives_hostile_words_with_a_right_checksum(void **state) {
    (void)state;
    static const uint32_t hostile[] = {0, 1, 7, 100, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
    compiles("{\"preset\":\"ramp\",\"targetSystems\":[\"kv_put\"]}");
    size_t opened = 0, tried = 0;
    for (size_t at = 16; at + 4 <= bytes_len; at += 4) {
        uint32_t was;
        memcpy(&was, bytes + at, 4);
        for (size_t i = 0; i < LEN(hostile); i++) {
            memcpy(bytes + at, &hostile[i], 4);
            uint32_t crc = sn_crc32(bytes + 16, bytes_len - 16);
            memcpy(bytes + 12, &crc, 4);
            tried++;
            opened += open_copy(bytes, bytes_len) == SN_OK;
        }
        memcpy(bytes + at, &was, 4);
    }
    assert_true(opened < tried / 2);
}

/* The lengths of profile and workload, 32 bytes into the body, which follows the head and one threshold: the safety. */
#define BODY_AT (328 + 8 * SN_METERS_LEN + 40)
#define LENGTHS_AT (BODY_AT + 32)
#define PREPARE_AT (BODY_AT + 44)

static void patch(size_t at, uint32_t value) {
    memcpy(bytes + at, &value, 4);
    uint32_t crc = sn_crc32(bytes + 16, bytes_len - 16);
    memcpy(bytes + 12, &crc, 4);
}

static void the_workload_stays_aligned_and_next_to_the_profile(void **state) {
    (void)state;
    uint32_t lengths[2];
    compiles("{\"preset\":\"smoke\"}");
    memcpy(lengths, bytes + LENGTHS_AT, sizeof lengths);
    assert_int_equal(BODY_AT + 72 + lengths[0] + lengths[1], bytes_len);
    patch(LENGTHS_AT, lengths[0] + 4);
    patch(LENGTHS_AT + 4, lengths[1] - 4);
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_FORMAT);
    /* Eight bytes of nothing between the two. */
    size_t gap = BODY_AT + 72 + lengths[0];
    memmove(bytes + gap + 8, bytes + gap, lengths[1]);
    memset(bytes + gap, 0, 8);
    bytes_len += 8;
    patch(LENGTHS_AT, lengths[0] + 8);
    patch(LENGTHS_AT + 4, lengths[1]);
    patch(8, (uint32_t)bytes_len);
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_FORMAT);
}

/* 32 operations in 6 phases are more cells than a run has room for. */
static void bounds_operations_times_phases(void **state) {
    (void)state;
    static char json[4000];
    static _Alignas(16) uint8_t compiled[SN_PLAN_BYTES_MAX];
    size_t len = (size_t)sprintf(json, "{\"systems\":{\"a\":1},\"operations\":[");
    for (int i = 0; i < 32; i++)
        len +=
            (size_t)sprintf(json + len, "%s{\"operation\":\"o%d\",\"system\":\"a\",\"steps\":[{\"d1\":\"SELECT X\"}]}",
                            i > 0 ? "," : "", i);
    len += (size_t)sprintf(json + len, "]}");
    for (uint32_t phases = 5; phases <= 6; phases++) {
        struct sn_writer w = sn_writer(compiled, sizeof compiled);
        compiles("{\"preset\":\"smoke\"}");
        sn_arena_reset(&arena);
        assert_int_equal(sn_workload_compile(json, len, NULL, 0, &arena, &w, &error), SN_OK);
        assert_int_equal(sn_workload_open(&plan.workload, compiled, w.len), SN_OK);
        plan.profile.phases_len = 0;
        for (uint32_t i = 1; i <= phases; i++) assert_int_equal(sn_profile_phase(&plan.profile, "p", i), SN_OK);
        w = sn_writer(bytes, sizeof bytes);
        sn_plan_put(&w, &plan);
        assert_int_equal(open_copy(bytes, w.len), phases == 5 ? SN_OK : SN_E_FORMAT);
    }
}

static enum sn_status compile_upload(void) {
    return compile(SMOKE("\"targetSystems\":[\"r2_upload\"],\"name\":\"x\""));
}

static void every_failing_allocation_is_an_error(void **state) {
    (void)state;
    fail_each_allocation(compile_upload);
}

/* --- Items ------------------------------------------------------------------------------------------------------------ */

static void items_are_numbered_through(void **state) {
    (void)state;
    compiles(SMOKE("\"targetSystems\":[\"d1_writes\",\"r2_upload\",\"r2_download\"],\"targetOperations\":1000"));
    /* records, then 100 objects */
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_PREPARE, 0), 101);
    struct sn_item item = sn_plan_item(&plan, SN_STAGE_PREPARE, 0, 0);
    assert_int_equal(item.number, 0);
    assert_int_equal(item.job->count, 1);
    item = sn_plan_item(&plan, SN_STAGE_PREPARE, 0, 100);
    assert_int_equal(item.number, 99);
    assert_int_equal(item.job->count, 100);
    /* Cleanup: 1 for the records, 3 for 250 operations in hundreds, 100 objects, then 250 for each kind of upload. */
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 250), 1 + 3 + 100 + 2 * 250);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_SWEEP, 250), 1 + 3 + 100 + 2 * 250);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 0), 1 + 100);
    item = sn_plan_item(&plan, SN_STAGE_SWEEP, 250, 3);
    assert_int_equal(item.job->every, 100);
    assert_int_equal(item.number, 2);
    assert_int_equal(sn_plan_item(&plan, SN_STAGE_CLEANUP, 250, 4).number, 0);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_LOAD, 250), 0);
}

static void a_plan_may_prepare_nothing(void **state) {
    (void)state;
    compiles(SMOKE("\"prepare\":\"none\",\"targetSystems\":[\"d1_reads\",\"r2_download\"]"));
    assert_int_equal(plan.prepare, SN_PREPARE_NONE);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_PREPARE, 0), 0);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 100), 102); /* records, posts, 100 objects: as ever */
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_SWEEP, 100), 102);
    patch(PREPARE_AT, SN_PREPARES_LEN); /* of a later build */
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_FORMAT);
    patch(PREPARE_AT, SN_PREPARE_RUN);
    assert_int_equal(open_copy(bytes, bytes_len), SN_OK);
    compiles(SMOKE("\"prepare\":\"run\""));
    assert_int_equal(plan.prepare, SN_PREPARE_RUN);
}

/* Each operation of a kind that needs it is cleaned up exactly once, the others not at all. */
static void per_kind_items_cover_their_kind(void **state) {
    (void)state;
    compiles(SMOKE("\"targetSystems\":[\"r2_upload\",\"kv_get\"],\"targetOperations\":1000"));
    uint32_t cleaned[1001] = {0};
    uint64_t last_k = 1000, items = sn_plan_items(&plan, SN_STAGE_CLEANUP, last_k);
    assert_int_equal(items, 150 + 2000);
    for (uint64_t k = 1; k <= 1000; k++)
        assert_int_equal(sn_plan_item(&plan, SN_STAGE_CLEANUP, last_k, 150 + k - 1).number, k);
    for (uint64_t i = 0; i < items; i++) {
        struct sn_item item = sn_plan_item(&plan, SN_STAGE_CLEANUP, last_k, i);
        if (item.job == NULL || item.job->kind == UINT32_MAX) continue;
        assert_true(item.number >= 1 && item.number <= 1000);
        assert_int_equal(item.job->kind, sn_operation_kind(&plan.mix, item.number));
        cleaned[item.number]++;
    }
    uint32_t uploads = 0;
    for (uint64_t k = 1; k <= 1000; k++) {
        const struct sn_kind *kind = &plan.workload.kinds[sn_operation_kind(&plan.mix, k)];
        bool upload = kind->system.len == 9 && memcmp(plan.workload.pool + kind->system.offset, "r2_upload", 9) == 0;
        assert_int_equal(cleaned[k], upload);
        uploads += upload;
    }
    assert_true(uploads > 50); /* 2 of 17 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seeds),
        cmocka_unit_test(random_seeds_come_from_lent_entropy),
        cmocka_unit_test(the_hash_covers_what_shapes_the_load),
        cmocka_unit_test(minus_zero_is_zero),
        cmocka_unit_test(equal_text_gives_equal_bytes),
        cmocka_unit_test(opens_and_writes_the_same_again),
        cmocka_unit_test(writing_into_too_little_room_is_noticed),
        cmocka_unit_test(refuses_truncated_bytes),
        cmocka_unit_test(refuses_flipped_bits),
        cmocka_unit_test(survives_hostile_words_with_a_right_checksum),
        cmocka_unit_test(the_workload_stays_aligned_and_next_to_the_profile),
        cmocka_unit_test(bounds_operations_times_phases),
        cmocka_unit_test(every_failing_allocation_is_an_error),
        cmocka_unit_test(items_are_numbered_through),
        cmocka_unit_test(a_plan_may_prepare_nothing),
        cmocka_unit_test(per_kind_items_cover_their_kind),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
