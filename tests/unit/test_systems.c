/* The built-in workload's systems, each alone as a plan may ask for it: what it reads is prepared, what it writes is
 * deleted, and what it deletes is the run's. */
#include "plan_help.h"
#include "step_text.h"

#define OPERATIONS 3000

static const char *const systems[] = {"d1_reads",  "d1_writes",  "kv_get",    "kv_put",   "r2_download",
                                      "r2_upload", "auth_flows", "post_crud", "media_ops"};

/* Keys in KV and R2, each behind the name of its service. */
struct keys {
    uint32_t len;
    char texts[3 * OPERATIONS][96];
};
static struct keys prepared, read_back, written, deleted;

static int by_text(const void *a, const void *b) {
    return strcmp(a, b);
}

static void sort(struct keys *keys) {
    qsort(keys->texts, keys->len, sizeof keys->texts[0], by_text);
}

static bool has(const struct keys *keys, const char *text) {
    return bsearch(text, keys->texts, keys->len, sizeof keys->texts[0], by_text) != NULL;
}

static void note(struct keys *keys, const char *service, const char *line) {
    const char *key = strchr(line, '\'') + 1;
    assert_true(keys->len < LEN(keys->texts));
    snprintf(keys->texts[keys->len++], sizeof keys->texts[0], "%s %.*s", service, (int)strcspn(key, "'"), key);
}

/* The keys that these steps name, by what is done with them. */
static void note_steps(uint32_t first, uint32_t len, uint64_t k, bool preparing) {
    static char line[SN_EFFECT_MAX];
    struct sn_render render = {
        .seed = plan.seed,
        .k = k,
        .run = {(const uint8_t *)plan.run_id, strlen(plan.run_id)},
        .data = {(const uint8_t *)plan.data, strlen(plan.data)},
        .tenant = {(const uint8_t *)plan.tenant, strlen(plan.tenant)},
    };
    for (uint32_t i = 0; i < len; i++) {
        const struct sn_step *step = &plan.workload.steps[first + i];
        bool kv = step->action >= SN_ACTION_KV_GET && step->action <= SN_ACTION_KV_DELETE;
        const char *service = kv ? "kv" : "r2";
        if (step->action == SN_ACTION_D1_ALL || step->action == SN_ACTION_D1_BATCH) continue;
        step_text(&plan.workload, step, &render, line, sizeof line);
        bool puts = step->action == SN_ACTION_KV_PUT || step->action == SN_ACTION_R2_PUT;
        bool gets = step->action == SN_ACTION_KV_GET || step->action == SN_ACTION_R2_GET;
        if (puts) note(&written, service, line);
        if (puts && preparing) note(&prepared, service, line);
        if (gets && (step->expect & SN_EXPECT_FOUND) != 0) note(&read_back, service, line);
        if (step->action == SN_ACTION_KV_DELETE || step->action == SN_ACTION_R2_DELETE) note(&deleted, service, line);
    }
}

static void note_items(enum sn_stage stage) {
    uint64_t items = sn_plan_items(&plan, stage, OPERATIONS);
    for (uint64_t i = 0; i < items; i++) {
        struct sn_item item = sn_plan_item(&plan, stage, OPERATIONS, i);
        if (item.job != NULL) note_steps(item.job->steps, item.job->steps_len, item.number, stage == SN_STAGE_PREPARE);
    }
}

static void note_plan(const char *json) {
    prepared.len = read_back.len = written.len = deleted.len = 0;
    compiles(json);
    note_items(SN_STAGE_PREPARE);
    for (uint64_t k = 1; k <= OPERATIONS; k++) {
        const struct sn_kind *kind = &plan.workload.kinds[sn_operation_kind(&plan.mix, k)];
        note_steps(kind->steps, kind->steps_len, k, false);
    }
    note_items(SN_STAGE_CLEANUP);
    sort(&prepared);
    sort(&deleted);
}

static void each_system_finds_what_it_reads_and_leaves_nothing(void **state) {
    (void)state;
    uint32_t read = 0, wrote = 0;
    for (size_t s = 0; s < LEN(systems); s++) {
        char json[120];
        snprintf(json, sizeof json, SMOKE("\"targetOperations\":%d,\"targetSystems\":[\"%s\"]"), OPERATIONS,
                 systems[s]);
        note_plan(json);
        for (uint32_t i = 0; i < read_back.len; i++)
            if (!has(&prepared, read_back.texts[i])) fail_msg("%s reads %s", systems[s], read_back.texts[i]);
        for (uint32_t i = 0; i < written.len; i++)
            if (!has(&deleted, written.texts[i])) fail_msg("%s leaves %s", systems[s], written.texts[i]);
        read += read_back.len > 0;
        wrote += written.len > 0;
    }
    assert_int_equal(read, 4);  /* kv_get, r2_download, auth_flows, media_ops: the others read and write rows */
    assert_int_equal(wrote, 6); /* those, kv_put and r2_upload */
}

/* Whoever reads and whoever writes the same is given it once. */
static void nothing_is_prepared_twice(void **state) {
    (void)state;
    char json[300];
    size_t len = (size_t)sprintf(json, "{\"preset\":\"smoke\",\"targetSystems\":[");
    for (size_t s = 0; s < LEN(systems); s++)
        len += (size_t)sprintf(json + len, "%s\"%s\"", s > 0 ? "," : "", systems[s]);
    sprintf(json + len, "]}");
    note_plan(json);
    for (uint32_t i = 1; i < prepared.len; i++) assert_string_not_equal(prepared.texts[i - 1], prepared.texts[i]);
    for (uint32_t i = 1; i < deleted.len; i++) assert_string_not_equal(deleted.texts[i - 1], deleted.texts[i]);
    assert_int_equal(prepared.len, 100 + 50 + 100 + 50 + 50); /* texts, JSON, objects, tokens, media */
}

/* KV takes one write a second for a key: up to 256 operations a second no counter is written more often. */
static void a_counter_comes_again_after_256_operations(void **state) {
    (void)state;
    uint64_t last[256] = {0};
    compiles(SMOKE("\"targetOperations\":3000,\"targetSystems\":[\"auth_flows\"]"));
    for (uint64_t k = 1; k <= OPERATIONS; k++) {
        const struct sn_kind *kind = &plan.workload.kinds[sn_operation_kind(&plan.mix, k)];
        written.len = 0;
        note_steps(kind->steps, kind->steps_len, k, false);
        if (written.len == 0) continue;
        uint32_t address = (uint32_t)strtoul(strstr(written.texts[0], "192.168.0.") + 10, NULL, 10);
        assert_true(address < 256 && (last[address] == 0 || k - last[address] >= 256));
        last[address] = k;
    }
}

static void the_smoke_test_sends_every_operation_twice(void **state) {
    (void)state;
    uint32_t sent[SN_KINDS_MAX] = {0};
    compiles("{\"preset\":\"smoke\"}");
    for (uint64_t k = 1; k <= plan.profile.planned; k++) sent[sn_operation_kind(&plan.mix, k)]++;
    assert_int_equal(plan.workload.kinds_len, 21);
    for (uint32_t i = 0; i < plan.workload.kinds_len; i++) assert_true(sent[i] >= 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_system_finds_what_it_reads_and_leaves_nothing),
        cmocka_unit_test(nothing_is_prepared_twice),
        cmocka_unit_test(a_counter_comes_again_after_256_operations),
        cmocka_unit_test(the_smoke_test_sends_every_operation_twice),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
