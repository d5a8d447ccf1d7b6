/* Workloads in plans: by name, or written out. */
#define ARENA_BYTES (2048 * 1024)
#include "plan_help.h"

#include "sentinel/plan/builtin.h"
#include "step_text.h"

#define SHOP(more)                                                                                                      \
    "{\"operations\":[{\"operation\":\"look-around\",\"weight\":9,\"steps\":[{\"kv\":\"get\",\"key\":\"p_${k%10}\"}]}," \
    "{\"operation\":\"buy\",\"weight\":3,\"steps\":[{\"kv\":\"put\",\"key\":\"o_${k}\",\"value\":\"1\"}]}]" more "}"

static struct sn_span text_of(struct sn_text text) {
    return (struct sn_span){(const uint8_t *)plan.workload.pool + text.offset, text.len};
}

static void a_workload_can_be_written_out(void **state) {
    (void)state;
    compiles(SMOKE("\"workload\":" SHOP("")));
    assert_int_equal(plan.workload.kinds_len, 2);
    assert_true(sn_span_is(text_of(plan.workload.kinds[0].name), "look-around"));
    assert_int_equal(plan.workload.kinds[0].weight, 3); /* in lowest terms */
    assert_int_equal(plan.workload.kinds[1].weight, 1);
    assert_true(sn_span_is(text_of(plan.workload.kinds[0].system), "custom"));
}

/* The preset's systems are those of the default workload; another one is taken whole, or as the plan says. */
static void systems_filter_what_has_systems(void **state) {
    (void)state;
    static const char two[] = "\"workload\":{\"systems\":{\"reading\":3,\"writing\":1},\"operations\":["
                              "{\"operation\":\"read\",\"system\":\"reading\",\"steps\":[{\"d1\":\"SELECT X\"}]},"
                              "{\"operation\":\"write\",\"system\":\"writing\",\"steps\":[{\"d1\":\"SELECT X\"}]}]}";
    char json[800];
    snprintf(json, sizeof json, "{\"preset\":\"smoke\",%s}", two);
    compiles(json);
    assert_int_equal(plan.workload.kinds_len, 2);
    snprintf(json, sizeof json, "{\"preset\":\"smoke\",%s,\"targetSystems\":[\"writing\"]}", two);
    compiles(json);
    assert_int_equal(plan.workload.kinds_len, 1);
    snprintf(json, sizeof json, "{\"preset\":\"smoke\",%s,\"targetSystems\":[\"d1_reads\"]}", two);
    assert_int_equal(compile(json), SN_E_RANGE);
    assert_string_equal(error.path, "$.targetSystems[0]");
    assert_string_equal(error.expected, "one of reading, writing");
}

static void the_default_can_be_named(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    uint64_t hash = plan.hash;
    compiles(SMOKE("\"workload\":\"systems\""));
    assert_true(plan.hash == hash);
}

static void it_is_part_of_the_hash(void **state) {
    (void)state;
    compiles(SMOKE("\"workload\":" SHOP("")));
    uint64_t hash = plan.hash;
    compiles(SMOKE("\"workload\":" SHOP(",\"description\":\"people read it\"")));
    assert_true(plan.hash == hash);
    compiles(SMOKE(
        "\"workload\":" SHOP(",\"cleanup\":[{\"per\":\"buy\",\"steps\":[{\"kv\":\"delete\",\"key\":\"o_${k}\"}]}]")));
    assert_true(plan.hash != hash);
}

static const struct {
    const char *json, *code, *path, *expected;
} refused[] = {
    {SMOKE("\"workload\":\"sytems\""), "plan.value", "$.workload", "by its name: "},
    {SMOKE("\"tenants\":\"a\""), "plan.type", "$.tenants", "a list of 1 to 64 names"},
    {SMOKE("\"tenants\":65"), "plan.range", "$.tenants", "from 1 to 64"},
    {SMOKE("\"tenants\":[\"a\",\"b c\"]"), "plan.value", "$.tenants[1]", "letters, digits"},
    {SMOKE("\"tenants\":[\"a\",\"b\",\"a\"]"), "plan.duplicate", "$.tenants[2]", "once"},
    {SMOKE("\"data\":{\"posts\":100}"), "plan.conflict", "$.data", "no data"},
    {SMOKE("\"data\":100"), "plan.type", "$.data", "an object of one name and a number"},
    {SMOKE("\"data\":{}"), "plan.type", "$.data", "an object of one name and a number"},
    {SMOKE("\"workload\":\"grove\",\"data\":{\"posts\":0}"), "plan.range", "$.data.posts", "from 1 to 1000000"},
    {SMOKE("\"workload\":\"grove\",\"data\":{\"posts\":1.5}"), "plan.range", "$.data.posts", "a whole number"},
    {SMOKE("\"workload\":\"grove\",\"data\":{\"records\":10}"), "plan.unknown-field", "$.data.records", "posts"},
    {SMOKE("\"workload\":" SHOP("") ",\"data\":{\"posts\":10}"), "plan.conflict", "$.data", "no data"},
    {SMOKE("\"workload\":" SHOP(",\"data\":{\"posts\":\"10\"}")), "plan.type", "$.workload.data.posts",
     "a whole number"},
    {SMOKE("\"data\":{\"x\":1000000},\"workload\":" SHOP(
         ",\"data\":{\"x\":1},\"prepare\":[{\"count\":2,\"steps\":[{\"kv\":\"delete\",\"key\":\"a\"}]}]")),
     "plan.range", "$.workload.prepare[0].count", "at most 1000000 items"},
    {SMOKE("\"data\":{\"x\":1000000},\"workload\":" SHOP(
         ",\"data\":{\"x\":1},\"keys\":{\"a\":{\"count\":1001,\"distribution\":\"uniform\"}}")),
     "plan.range", "$.workload.keys.a.count", "at most 1000000000 keys"},
    {SMOKE("\"workload\":7"), "plan.type", "$.workload", "a workload as an object"},
    {SMOKE("\"workload\":{}"), "plan.type", "$.workload.operations", "an array"},
    {SMOKE("\"workload\":{\"operations\":[{\"operation\":\"x\",\"steps\":[{\"kv\":\"get\",\"key\":\"${oops}\"}]}]}"),
     "plan.template", "$.workload.operations[0].steps[0].key", "instead of ${oops}"},
    {SMOKE("\"workload\":{\"operations\":[{\"operation\":\"Post read\",\"steps\":[]}]}"), "plan.value",
     "$.workload.operations[0].operation", "dashes"},
    {SMOKE("\"workload\":" SHOP("") ",\"targetSystems\":[\"d1_reads\"]"), "plan.conflict", "$.targetSystems",
     "this workload has no systems"},
};

static void refusals_lead_into_the_workload(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        assert_int_equal(compile(refused[i].json), SN_E_RANGE);
        assert_string_equal(error.code, refused[i].code);
        assert_string_equal(error.path, refused[i].path);
        if (strstr(error.expected, refused[i].expected) == NULL) fail_msg("%s", error.expected);
    }
}

/* Thirty-two operations of sixteen steps each with a text of their own: more than a shard keeps. */
static void one_that_is_too_large_is_told_its_size(void **state) {
    (void)state;
    static char json[SN_PLAN_TEXT_MAX];
    size_t len = (size_t)sprintf(json, "{\"preset\":\"smoke\",\"workload\":{\"operations\":[");
    for (int i = 0; i < 32; i++) {
        len += (size_t)sprintf(json + len, "%s{\"operation\":\"o%d\",\"steps\":[", i > 0 ? "," : "", i);
        for (int s = 0; s < 7; s++)
            len += (size_t)sprintf(json + len, "%s{\"kv\":\"put\",\"key\":\"%d_%d_${k}_${hex(4)}\",\"value\":\"%0*d\"}",
                                   s > 0 ? "," : "", i, s, 130, i * 100 + s);
        len += (size_t)sprintf(json + len, "]}");
    }
    sprintf(json + len, "]}}");
    assert_int_equal(compile(json), SN_E_LIMIT);
    assert_string_equal(error.code, "plan.size");
    assert_string_equal(error.path, "$.workload");
    assert_non_null(strstr(error.expected, "at most 49152 bytes; this one comes to "));
    uint64_t bytes_said = strtoull(strstr(error.expected, "comes to ") + 9, NULL, 10);
    assert_in_range(bytes_said, SN_PLAN_BYTES_MAX + 1, 4 * SN_PLAN_BYTES_MAX);
}

static const char *key_of(uint64_t k, uint32_t item_tenant, const struct sn_step *step) {
    static char text[SN_EFFECT_MAX];
    struct sn_render render = sn_plan_render(&plan);
    render.k = k;
    render.item_tenant = item_tenant;
    step_text(&plan.workload, step, &render, text, sizeof text);
    return text;
}

/* Each operation is of one of the tenants, evenly; what is prepared is prepared for each of them, and cleaned up. */
static void operations_are_drawn_for_tenants(void **state) {
    (void)state;
    static const char workload[] =
        "\"workload\":{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":\"get\",\"key\":\"${tenant}\"}]}],"
        "\"prepare\":[{\"count\":10,\"steps\":[{\"kv\":\"put\",\"key\":\"${tenant}_${i}\",\"value\":\"v\"}]}],"
        "\"cleanup\":[{\"every\":100,\"steps\":[{\"kv\":\"delete\",\"key\":\"${tenant}\"}]},"
        "{\"per\":\"o\",\"steps\":[{\"kv\":\"delete\",\"key\":\"${tenant}_${k}\"}]}]}";
    char json[1000];
    snprintf(json, sizeof json, "{\"preset\":\"smoke\",\"tenants\":[\"a\",\"a_b\",\"c\"],%s}", workload);
    compiles(json);
    uint32_t counts[3] = {0};
    for (uint64_t k = 1; k <= 3000; k++) {
        const char *key = key_of(k, 0, &plan.workload.steps[0]);
        counts[strcmp(key, "kv.get 'a' 'text' null") == 0 ? 0 : strcmp(key, "kv.get 'c' 'text' null") == 0 ? 2 : 1]++;
        assert_memory_equal(strchr(key, '\'') + 1, strchr(key_of(k, 0, &plan.workload.steps[3]), '\'') + 1, 1);
    }
    for (uint32_t i = 0; i < 3; i++) assert_in_range(counts[i], 1000 - 129, 1000 + 129);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_PREPARE, 0), 30);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 250), 3 * 3 + 250);
    struct sn_item item = sn_plan_item(&plan, SN_STAGE_PREPARE, 0, 7);
    assert_string_equal(key_of(item.number, item.tenant, &plan.workload.steps[item.job->steps]),
                        "kv.put 'a_b_2' 'v' null null");
    snprintf(json, sizeof json, "{\"preset\":\"smoke\",\"tenants\":5,%s}", workload);
    compiles(json);
    assert_int_equal(sn_plan_tenants(&plan), 5);
    assert_string_equal(key_of(0, 5, &plan.workload.steps[2]), "kv.delete 'tenant-5'");
}

/* Keys and counted items come to as many times as much, rounded up; what follows the operations stays. */
static void data_scale_keys_and_jobs(void **state) {
    (void)state;
    static const struct {
        const char *data;
        uint32_t posts, media;
        uint64_t
            prepared; /* tens of users, tens of posts, fives of media; sessions in KV and objects, tags, texts, media */
    } rows[] = {
        {"", 100, 50, 10 + 10 + 10 + 100 + 100 + 60 + 100 + 50},
        {",\"data\":{\"posts\":100}", 100, 50, 440},
        {",\"data\":{\"posts\":1}", 1, 1, 8},
        {",\"data\":{\"posts\":10}", 10, 5, 44},
        {",\"data\":{\"posts\":101}", 101, 51, 11 + 11 + 11 + 101 + 101 + 61 + 101 + 51},
        {",\"data\":{\"posts\":10000}", 10000, 5000, 44000},
    };
    uint64_t hash = 0;
    for (size_t i = 0; i < LEN(rows); i++) {
        char json[200];
        snprintf(json, sizeof json, "{\"preset\":\"smoke\",\"workload\":\"grove\"%s}", rows[i].data);
        compiles(json);
        assert_int_equal(plan.workload.keyspaces[0].count, rows[i].posts);
        assert_int_equal(plan.workload.keyspaces[2].count, rows[i].media);
        assert_int_equal(sn_plan_items(&plan, SN_STAGE_PREPARE, 0), rows[i].prepared);
        if (i == 0) hash = plan.hash;
        assert_int_equal(plan.hash == hash, rows[i].posts == 100); /* what the workload says need not be said */
        assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 1000),
                         sn_plan_items(&plan, SN_STAGE_CLEANUP, 0) + 2 + 2000);
    }
}

static void what_a_builtin_is_can_be_asked(void **state) {
    (void)state;
    for (size_t i = 0; i < sn_builtins_len; i++) {
        sn_arena_reset(&arena);
        const char *about = sn_builtin_about(&sn_builtins[i], &arena);
        assert_non_null(about);
        assert_true(strlen(about) > 20);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_workload_can_be_written_out),    cmocka_unit_test(systems_filter_what_has_systems),
        cmocka_unit_test(the_default_can_be_named),         cmocka_unit_test(it_is_part_of_the_hash),
        cmocka_unit_test(refusals_lead_into_the_workload),  cmocka_unit_test(one_that_is_too_large_is_told_its_size),
        cmocka_unit_test(operations_are_drawn_for_tenants), cmocka_unit_test(what_a_builtin_is_can_be_asked),
        cmocka_unit_test(data_scale_keys_and_jobs),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
