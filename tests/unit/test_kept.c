#include "plan_help.h"

/* Data that outlives its run: what it is known by, and what a workload has to say for it to be kept. */

#define REUSE(more) \
    "{\"profileType\":\"sustained\",\"targetOperations\":10,\"durationSeconds\":1,\"prepare\":\"reuse\"" more "}"
#define PUT "{\"d1\":\"INSERT INTO t VALUES (?1)\",\"bind\":[\"${data}_${i}\"]}"
#define WORKLOAD(prepare, cleanup, step)                                                                                                     \
    ",\"workload\":{\"keys\":{\"things\":{\"count\":10,\"distribution\":\"uniform\"}},\"operations\":[{\"operation\":\"o\",\"steps\":[" step \
    "]}],"                                                                                                                                   \
    "\"prepare\":[" prepare "],\"cleanup\":[" cleanup "]}"
#define GET "{\"kv\":\"get\",\"key\":\"${data}_${key(things)}\"}"

static char mark[48];

static const char *mark_of(const char *json) {
    compiles(json);
    strcpy(mark, plan.data);
    return mark;
}

static void the_mark_is_the_runs_id_unless_the_data_is_kept(void **state) {
    (void)state;
    compiles("{\"profileType\":\"sustained\",\"targetOperations\":10,\"durationSeconds\":1,\"workload\":\"grove\"}");
    assert_string_equal(plan.data, owner.run_id);
    assert_int_equal(plan.data_hash, 0);
    compiles(REUSE(",\"workload\":\"grove\""));
    assert_int_equal(strlen(plan.data), 21);
    assert_memory_equal(plan.data, "data-", 5);
    assert_int_equal(plan.prepare, SN_PREPARE_REUSE);
}

/* One is the other with something changed. */
static void what_changes_the_data_changes_its_mark(void **state) {
    (void)state;
    static const struct {
        const char *a, *b;
        bool same;
    } rows[] = {
        {REUSE(",\"workload\":\"grove\""), REUSE(",\"workload\":\"grove\",\"concurrency\":7"), true},
        {REUSE(",\"workload\":\"grove\""), REUSE(",\"workload\":\"launch-day\""),
         true}, /* of grove, and sends other things */
        {REUSE(",\"workload\":\"grove\""), REUSE(",\"workload\":\"grove\",\"seed\":1"), false},
        {REUSE(",\"workload\":\"grove\",\"seed\":1"), REUSE(",\"workload\":\"grove\",\"seed\":2"), false},
        {REUSE(",\"workload\":\"grove\",\"seed\":1"), REUSE(",\"workload\":\"grove-seven\",\"seed\":1"), true},
        {REUSE(",\"workload\":\"grove\""), REUSE(",\"workload\":\"grove\",\"data\":{\"posts\":110}"), false},
        {REUSE(",\"workload\":\"grove\""), REUSE(",\"workload\":\"grove\",\"data\":{\"posts\":100}"), true},
        {REUSE(",\"workload\":\"grove\""), REUSE(",\"workload\":\"grove\",\"tenants\":2"), false},
        {REUSE(",\"workload\":\"grove\",\"tenants\":2"),
         REUSE(",\"workload\":\"grove\",\"tenants\":[\"tenant-1\",\"b\"]"), false},
        {REUSE(",\"workload\":\"grove\",\"tenants\":2"),
         REUSE(",\"workload\":\"grove\",\"tenants\":[\"tenant-1\",\"tenant-2\"]"), true},
        {REUSE(",\"workload\":\"ycsb-a\""), REUSE(",\"workload\":\"ycsb-f\""), true},
        {REUSE(",\"targetSystems\":[\"d1_reads\"]"), REUSE(",\"targetSystems\":[\"d1_reads\",\"d1_writes\"]"), true},
        {REUSE(",\"targetSystems\":[\"d1_reads\"]"), REUSE(",\"targetSystems\":[\"d1_reads\",\"kv_get\"]"), false},
        {REUSE(WORKLOAD("{\"count\":10,\"steps\":[" PUT "]}", "", GET)),
         REUSE(WORKLOAD("{\"count\":11,\"steps\":[" PUT "]}", "", GET)), false},
        {REUSE(WORKLOAD("{\"count\":10,\"steps\":[" PUT "]}", "", GET)),
         REUSE(WORKLOAD("{\"count\":10,\"steps\":[" PUT "]}", "", GET ",{\"kv\":\"delete\",\"key\":\"${run}\"}")),
         true},
        {REUSE(WORKLOAD("{\"count\":10,\"steps\":[" PUT "]}", "", GET)),
         REUSE(WORKLOAD("{\"count\":10,\"steps\":[{\"d1\":\"INSERT INTO u VALUES (?1)\",\"bind\":[\"${data}_${i}\"]}]}",
                        "", GET)),
         false},
        {REUSE(WORKLOAD("{\"count\":10,\"steps\":[" PUT "]}", "", GET)),
         REUSE(WORKLOAD("{\"count\":10,\"steps\":[{\"d1\":\"INSERT INTO t VALUES (?1)\",\"bind\":[\"${data}-${i}\"]}]}",
                        "", GET)),
         false},
        {REUSE(WORKLOAD("{\"count\":10,\"steps\":[" PUT "]}", "", GET)),
         REUSE(WORKLOAD(
             "{\"count\":10,\"steps\":[{\"d1\":\"INSERT INTO t VALUES (?1)\",\"binding\":\"OTHER_DB\",\"bind\":["
             "\"${data}_${i}\"]}]}",
             "", GET)),
         false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *a = mark_of(rows[i].a);
        compiles(rows[i].b);
        if ((strcmp(a, plan.data) == 0) != rows[i].same) fail_msg("row %zu: %s and %s", i, a, plan.data);
    }
}

static void whose_data_it_is_is_part_of_its_mark(void **state) {
    (void)state;
    const char *json = REUSE(",\"workload\":\"grove\",\"tenants\":[\"a\"]");
    const char *own = mark_of(json);
    owner.tenant = "somebody-else";
    compiles(json);
    owner.tenant = "default";
    assert_string_not_equal(own, plan.data);
}

/* Rows of a feed, and choices, are told by what they say. */
static void what_prepare_picks_from_is_part_of_the_mark(void **state) {
    (void)state;
#define PICKS(rows, what)                                                                                             \
    REUSE(                                                                                                            \
        ",\"workload\":{\"feeds\":{\"f\":{\"rows\":[" rows                                                            \
        "]}},\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":"                                                \
        "\"get\",\"key\":\"${data}\"}]}],\"prepare\":[{\"count\":3,\"steps\":[{\"d1\":\"INSERT INTO t VALUES (?1)\"," \
        "\"bind\":[\"${data} " what "\"]}]}]}")
    static const char *const plans[] = {
        PICKS("{\"c\":\"x\"},{\"c\":\"y\"}", "${feed.f.c}"),
        PICKS("{\"c\":\"x\"},{\"c\":\"z\"}", "${feed.f.c}"),
        PICKS("{\"c\":\"x\"}", "${choice('a','b')}"),
        PICKS("{\"c\":\"x\"}", "${choice('a','b':2)}"),
        PICKS("{\"c\":\"x\"}", "${choice('a','b')#2}"),
        PICKS("{\"c\":\"x\"}", "${number(1,2)}"),
        PICKS("{\"c\":\"x\"}", "${number(1,3)}"),
        PICKS("{\"c\":\"x\"}", "${text(10)}"),
    };
    static char marks[8][48];
    for (size_t i = 0; i < 8; i++) {
        strcpy(marks[i], mark_of(plans[i]));
        for (size_t j = 0; j < i; j++)
            if (strcmp(marks[i], marks[j]) == 0) fail_msg("%zu and %zu are the same data", i, j);
    }
}

/* The same load, so runs of both can be compared, and both find the same data. */
static void removing_is_the_same_load_on_the_same_data(void **state) {
    (void)state;
    const char *kept = mark_of(REUSE(",\"workload\":\"grove\""));
    uint64_t hash = plan.hash, seed = plan.seed;
    compiles(
        "{\"profileType\":\"sustained\",\"targetOperations\":10,\"durationSeconds\":1,\"workload\":\"grove\",\"prepare\":"
        "\"remove\"}");
    assert_string_equal(plan.data, kept);
    assert_int_equal(plan.prepare, SN_PREPARE_REMOVE);
    assert_true(plan.hash == hash && plan.seed == seed);
    assert_int_equal(sn_plan_data_target(&plan), plan.workload.steps[plan.workload.jobs[0].steps].target);
}

/* 42 items take away what 44 have prepared; what operations write is found by jobs of its own. */
static void the_clean_up_leaves_what_is_kept(void **state) {
    (void)state;
    static const struct {
        const char *prepare;
        uint64_t prepared, cleaned, swept;
    } rows[] = {
        {"run", 44, 42 + 1 + 20, 42 + 1 + 20},
        {"none", 0, 42 + 1 + 20, 42 + 1 + 20},
        {"reuse", 44, 1 + 20, 1 + 20},
        {"remove", 44, 42 + 1 + 20, 1 + 20}, /* another run may have found it by the time of the sweep */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char json[300];
        snprintf(
            json, sizeof json,
            "{\"profileType\":\"sustained\",\"targetOperations\":10,\"durationSeconds\":1,\"workload\":\"grove\",\"data\":{"
            "\"posts\":10},\"prepare\":\"%s\"}",
            rows[i].prepare);
        compiles(json);
        assert_int_equal(sn_plan_items(&plan, SN_STAGE_PREPARE, 0), rows[i].prepared);
        assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 10), rows[i].cleaned);
        assert_int_equal(sn_plan_items(&plan, SN_STAGE_SWEEP, 10), rows[i].swept);
    }
}

#define KEY(mark) "{\"kv\":\"put\",\"key\":\"" mark "_${i}\",\"value\":\"v\",\"ttl\":600}"
#define KEYS(prepare)                                                                                     \
    "{\"profileType\":\"sustained\",\"targetOperations\":10,\"durationSeconds\":1,\"prepare\":\"" prepare \
    "\"" WORKLOAD(                                                                                        \
        "{\"count\":1,\"steps\":[" PUT "," KEY("${data}") "]}", "",                                       \
        "{\"kv\":\"put\",\"key\":\"${data}_${key(things)}\",\"value\":\"v\",\"ttl\":600},{\"kv\":\"put\",\"key\":\"${run}_${k}\",\"value\":\"v\",\"ttl\":600}") "}"

/* Whoever writes it: only what has the run's own name still expires. */
static void kept_keys_do_not_expire(void **state) {
    (void)state;
    static const struct {
        const char *json;
        unsigned expiring;
    } rows[] = {{KEYS("run"), 3}, {KEYS("reuse"), 1}, {KEYS("remove"), 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        unsigned expiring = 0;
        compiles(rows[i].json);
        for (uint32_t s = 0; s < plan.workload.steps_len; s++) {
            const struct sn_step *step = &plan.workload.steps[s];
            if (step->action != SN_ACTION_KV_PUT) continue;
            uint32_t at = plan.workload.groups[step->groups].arguments + 2;
            expiring += plan.workload.arguments[at].type != SN_VALUE_NULL;
        }
        assert_int_equal(expiring, rows[i].expiring);
    }
}

static void what_cannot_be_kept_is_refused_with_its_place(void **state) {
    (void)state;
    static const struct {
        const char *json, *code, *path, *expected;
    } rows[] = {
        {REUSE(",\"seed\":\"random\",\"workload\":\"grove\""), "plan.conflict", "$.seed", "found again by it"},
        {REUSE(",\"targetSystems\":[\"kv_get\"]"), "plan.conflict", "$.prepare", "a D1 database"},
        {REUSE(",\"workload\":\"reaction-race\""), "plan.conflict", "$.prepare", "a D1 database"},
        {REUSE(",\"workload\":\"session-fan-out\""), "plan.conflict", "$.prepare", "belongs to its run"},
        {REUSE(WORKLOAD("{\"count\":1,\"steps\":[{\"kv\":\"put\",\"key\":\"${run}_${i}\",\"value\":\"\"}]}", "", GET)),
         "plan.template", "$.workload.prepare[0].steps[0].key", "${data} instead of ${run}"},
        {REUSE(WORKLOAD("", "{\"count\":1,\"steps\":[{\"kv\":\"delete\",\"key\":\"${data}_${i}\"}]}", GET)),
         "plan.template", "$.workload.cleanup[0].steps[0].key", "\"data\": true"},
        {REUSE(
             WORKLOAD("", "{\"count\":1,\"data\":true,\"steps\":[{\"kv\":\"delete\",\"key\":\"${run}_${i}\"}]}", GET)),
         "plan.template", "$.workload.cleanup[0].steps[0].key", "${data} instead of ${run}"},
        {REUSE(WORKLOAD("{\"count\":1,\"data\":true,\"steps\":[" PUT "]}", "", GET)), "plan.conflict",
         "$.workload.prepare[0].data", "all of prepare is data"},
        {REUSE(
             WORKLOAD("", "{\"every\":5,\"data\":true,\"steps\":[{\"kv\":\"delete\",\"key\":\"${data}_${i}\"}]}", GET)),
         "plan.conflict", "$.workload.cleanup[0].data", "\"count\""},
        {REUSE(WORKLOAD("", "{\"count\":1,\"data\":false,\"steps\":[{\"kv\":\"delete\",\"key\":\"a\"}]}", GET)),
         "plan.value", "$.workload.cleanup[0].data", "true"},
    };
    owner.entropy = (struct sn_span){(const uint8_t *)"eight random", 12};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(compile(rows[i].json), SN_E_RANGE);
        assert_string_equal(error.path, rows[i].path);
        assert_string_equal(error.code, rows[i].code);
        if (strstr(error.expected, rows[i].expected) == NULL) fail_msg("row %zu expected %s", i, error.expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_mark_is_the_runs_id_unless_the_data_is_kept),
        cmocka_unit_test(what_changes_the_data_changes_its_mark),
        cmocka_unit_test(whose_data_it_is_is_part_of_its_mark),
        cmocka_unit_test(what_prepare_picks_from_is_part_of_the_mark),
        cmocka_unit_test(removing_is_the_same_load_on_the_same_data),
        cmocka_unit_test(the_clean_up_leaves_what_is_kept),
        cmocka_unit_test(kept_keys_do_not_expire),
        cmocka_unit_test(what_cannot_be_kept_is_refused_with_its_place),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
