/* What a workload may not be, whoever compiled it. */
#include "sample_workload.h"

/* One thing wrong at a time, each with its own way to spoil the sample. */
static const struct {
    const char *what;
    void *field;
    uint32_t value;
} unsound[] = {
    {"a literal beyond the pool", &parts[0].b, 8},
    {"a literal that begins beyond the pool", &parts[0].a, 0xfffffffe},
    {"no hex digits", &parts[4].a, 0},
    {"17 hex digits", &parts[4].a, 17},
    {"a range upside down", &parts[5].a, 7},
    {"an empty text", &parts[3].a, 0},
    {"a text larger than the block", &parts[3].a, SN_PAYLOAD_BLOCK + 1},
    {"an unknown part", &parts[9].kind, SN_PART_DATA + 1},
    {"a part of no kind", &parts[9].kind, 0},
    {"a job of prepare that takes data away", &jobs[0].data, 1},
    {"a job for each operation that takes data away", &jobs[1].data, 1},
    {"a job that takes data away twice over", &jobs[2].data, 2},
    {"an unknown keyspace", &parts[10].a, 2},
    {"a keyspace without keys", &keyspaces[0].count, 0},
    {"a keyspace of more hot keys than it has", &keyspaces[0].hot, 101},
    {"a keyspace whose draws would not be its own", &keyspaces[1].count, 999},
    {"parts beyond the array", &arguments[7].parts_len, 13},
    {"an unknown list", &parts[11].a, 2},
    {"a column that the list has not", &parts[11].b, 2},
    {"a median above the most", &parts[12].b, 201},
    {"a list without rows", &lists[0].rows, 0},
    {"a list without columns", &lists[1].columns, 0},
    {"a list beyond the options", &lists[1].rows, 4},
    {"weights that are not the list's", &lists[0].total, 5},
    {"weights that fall", &options[0].upto, 5},
    {"a weight at another column", &options[1].upto, 1},
    {"a weight where rows come in their order", &options[4].upto, 1},
    {"an option beyond the pool", &options[1].text.len, 40},
    {"bytes as a value", &arguments[7].type, SN_VALUE_BYTES},
    {"a null with parts", &arguments[2].parts_len, 1},
    {"a slice of two parts", &arguments[1].parts_len, 2},
    {"a slice of no text", &arguments[1].parts, 4},
    {"a slice that is its own key", &arguments[1].key, 1},
    {"a key of another group", &arguments[1].key, 6},
    {"a key in the next group", &arguments[5].key, 6},
    {"a key beyond the array", &arguments[1].key, 10},
    {"a number made of letters", &arguments[4].parts, 7},
    {"a number of nothing", &arguments[4].parts_len, 0},
    {"a group done no times", &groups[0].times, 0},
    {"a put done twice", &groups[0].times, 2},
    {"a batch of 101 statements", &groups[1].times, SN_BATCH_MAX},
    {"arguments beyond the array", &groups[4].arguments, 10},
    {"a put of three values", &groups[0].arguments_len, 3},
    {"a get of two values", &groups[3].arguments_len, 2},
    {"an unknown statement", &groups[4].statement, 2},
    {"a statement of a KV call", &groups[0].statement, 1},
    {"an action of no kind", &steps[0].action, 0},
    {"an unknown action", &steps[0].action, SN_ACTION_SERVICE_FETCH + 1},
    {"a KV call at the database", &steps[0].target, 0},
    {"an unknown target", &steps[3].target, 2},
    {"a target of no service", &targets[0].service, 0},
    {"a target of an unknown service", &targets[1].service, SN_SERVICES_END},
    {"a target without a name", &targets[1].name.len, 0},
    {"a target beyond the pool", &targets[1].name.offset, 40},
    {"a session of KV", &steps[0].session, SN_SESSION_FIRST_PRIMARY},
    {"an unknown session", &steps[3].session, SN_SESSIONS_LEN},
    {"a step of no calls", &steps[0].calls, 0},
    {"a step of more calls than a slice has", &steps[0].calls, SN_PARTS_MAX + 3},
    {"looks beyond the array", &steps[2].looks, 1},
    {"more looks than an answer has bits for", &steps[2].looks_len, SN_LOOKS_MAX + 1},
    {"a look of no kind", &looks[0].kind, 0},
    {"an unknown look", &looks[1].kind, SN_LOOK_WHOLE + 1},
    {"a look at nothing", &looks[0].argument, 10},
    {"a comparison with a number", &looks[0].argument, 4},
    {"a comparison that captures", &looks[0].capture, 0},
    {"a comparison with what another key chose", &arguments[9].key, 0},
    {"a capture of no number", &looks[1].capture, NONE},
    {"a capture too many", &looks[1].capture, SN_CAPTURES_MAX},
    {"a capture without a name", &looks[1].name.len, 0},
    {"a capture's name beyond the pool", &looks[1].name.offset, 40},
    {"a comparison with a name", &looks[0].name.len, 1},
    {"a text of another sort than JSON", &arguments[0].key, SN_ARGUMENT_JSON + 1},
    {"a captured value too many", &parts[13].a, SN_CAPTURES_MAX},
    {"a captured value's template beyond the pool", &parts[13].b, 40},
    {"a captured value's template that is too long", &parts[13].c, SN_CAPTURE_MAX + 1},
    {"a pointer that is a slice", &looks[1].argument, 9},
    {"a whole text that is somewhere", &looks[1].kind, SN_LOOK_WHOLE},
    {"two statements outside of a batch", &steps[1].action, SN_ACTION_D1_ALL},
    {"groups beyond the array", &steps[3].groups, 5},
    {"no groups", &steps[3].groups_len, 0},
    {"an unknown expectation", &steps[2].expect, 4},
    {"at least 3, at most 2 rows", &steps[3].rows_min, 3},
    {"a statement beyond the pool", &statements[1].offset, 26},
    {"an empty statement", &statements[1].len, 0},
    {"a kind without a name", &kinds[0].name.len, 0},
    {"a system beyond the pool", &kinds[0].system.offset, 40},
    {"steps beyond the array", &kinds[0].steps, 4},
    {"a kind without steps", &kinds[0].steps_len, 0},
    {"weights too large to mix", &kinds[0].weight, 0x7fffffff},
    {"a job in the load", &jobs[0].stage, SN_STAGE_LOAD},
    {"a prepare job per kind", &jobs[0].kind, 1},
    {"a prepare job of no items", &jobs[0].count, 0},
    {"a prepare job for every 5", &jobs[0].every, 5},
    {"a job of an unknown kind", &jobs[1].kind, 2},
    {"a job per kind and counted", &jobs[1].count, 1},
    {"a job per kind and for every 5", &jobs[1].every, 5},
    {"a job counted and for every 100", &jobs[2].count, 1},
    {"a job's steps beyond the array", &jobs[1].steps, 4},
    {"a job without steps", &jobs[1].steps_len, 0},
};

static void refuses_what_is_unsound(void **state) {
    (void)state;
    assert_true(sn_workload_sound(&sample));
    for (size_t i = 0; i < LEN(unsound); i++) {
        uint32_t was;
        memcpy(&was, unsound[i].field, 4);
        memcpy(unsound[i].field, &unsound[i].value, 4);
        if (sn_workload_sound(&sample)) fail_msg("opened: %s", unsound[i].what);
        memcpy(unsound[i].field, &was, 4);
    }
    assert_true(sn_workload_sound(&sample));
}

static void bounds_the_keyspaces(void **state) {
    (void)state;
    struct sn_keyspace many[SN_KEYSPACES_MAX + 1];
    struct sn_workload workload = sample;
    for (size_t i = 0; i < LEN(many); i++) many[i] = keyspaces[i % 2];
    workload.keyspaces = many;
    workload.keyspaces_len = SN_KEYSPACES_MAX;
    assert_true(sn_workload_sound(&workload));
    workload.keyspaces_len = SN_KEYSPACES_MAX + 1;
    assert_false(sn_workload_sound(&workload));
}

static void refuses_weights_of_zero(void **state) {
    (void)state;
    kinds[0].weight = 0;
    assert_true(sn_workload_sound(&sample)); /* one kind is never picked */
    kinds[1].weight = 0;
    assert_false(sn_workload_sound(&sample));
    kinds[0].weight = 7;
    kinds[1].weight = 3;
}

/* 66 texts of 1,000 bytes are more than SN_EFFECT_MAX; 65 are not. */
static void refuses_a_step_that_would_not_fit(void **state) {
    (void)state;
    struct sn_part many[66];
    struct sn_argument wide[] = {{SN_VALUE_TEXT, 0, 65, 0}};
    struct sn_group one[] = {{0, 1, 0, 1, 0, 0, 0}};
    struct sn_step call[] = {{.action = SN_ACTION_D1_ALL, .groups_len = 1, .calls = 1, .rows_max = NONE}};
    struct sn_kind kind[] = {{{0, 4}, {9, 3}, 1, 0, 1, 0}};
    for (size_t i = 0; i < LEN(many); i++) many[i] = (struct sn_part){SN_PART_TEXT, 1000, 0, 0};
    struct sn_workload workload = {
        .kinds = kind,
        .steps = call,
        .groups = one,
        .arguments = wide,
        .parts = many,
        .statements = statements,
        .targets = targets,
        .pool = pool,
        .kinds_len = 1,
        .steps_len = 1,
        .groups_len = 1,
        .arguments_len = 1,
        .parts_len = LEN(many),
        .statements_len = 2,
        .targets_len = LEN(targets),
        .pool_len = sizeof pool - 1,
    };
    assert_true(sn_workload_sound(&workload));
    wide[0].parts_len = 66;
    assert_false(sn_workload_sound(&workload));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_unsound),
        cmocka_unit_test(bounds_the_keyspaces),
        cmocka_unit_test(refuses_weights_of_zero),
        cmocka_unit_test(refuses_a_step_that_would_not_fit),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
