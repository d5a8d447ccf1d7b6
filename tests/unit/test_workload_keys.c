/* Keyspaces in a workload's JSON, and ${key(…)} in its templates. */
#include "plan_help.h"
#include "step_text.h"

static struct sn_workload workload;

static enum sn_status compile_workload(const char *json) {
    struct sn_writer out = sn_writer(bytes, sizeof bytes);
    sn_arena_reset(&arena);
    enum sn_status status = sn_workload_compile(json, strlen(json), NULL, 0, &arena, &out, &error);
    if (status == SN_OK) assert_int_equal(sn_workload_open(&workload, bytes, out.len), SN_OK);
    return status;
}

/* A workload of one operation with these steps. */
#define WORKLOAD(keys, steps, more)                                                                                    \
    "{\"systems\":{\"s\":1},\"keys\":" keys ",\"operations\":[{\"operation\":\"o\",\"system\":\"s\",\"steps\":[" steps \
    "]}]" more "}"
#define KEYS(keys) WORKLOAD(keys, "{\"d1\":\"SELECT X\"}", "")
#define POSTS(posts) KEYS("{\"posts\":" posts "}")
#define TWO                                                                                                              \
    "{\"posts\":{\"count\":1000,\"distribution\":\"zipfian:0.5\"},\"users\":{\"count\":1000,\"distribution\":\"zipfian:" \
    "0.5\"}}"
#define KEYED(key) WORKLOAD(TWO, "{\"kv\":\"get\",\"key\":\"" key "\"}", "")
#define AT "$.operations[0].steps[0].key"

/* --- Refusals ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *json, *code, *path, *expected; /* expected: a part of the sentence */
} refused[] = {
    {KEYS("[]"), "plan.type", "$.keys", "an object of keyspaces"},
    {KEYS("{\"\":{}}"), "plan.value", "$.keys[\"\"]", "at most 31 lower-case letters"},
    {KEYS("{\"Posts\":{}}"), "plan.value", "$.keys.Posts", "at most 31 lower-case letters"},
    {POSTS("5"), "plan.type", "$.keys.posts", "an object"},
    {POSTS("{\"size\":5}"), "plan.unknown-field", "$.keys.posts.size", "count, distribution, description"},
    {POSTS("{\"distribution\":\"uniform\"}"), "plan.type", "$.keys.posts.count", "a whole number from 1 to 1000000000"},
    {POSTS("{\"count\":0,\"distribution\":\"uniform\"}"), "plan.range", "$.keys.posts.count", "from 1 to 1000000000"},
    {POSTS("{\"count\":1000000001,\"distribution\":\"uniform\"}"), "plan.range", "$.keys.posts.count", "to 1000000000"},
    {POSTS("{\"count\":5}"), "plan.type", "$.keys.posts.distribution", "uniform, sequential, zipfian:0.99"},
    {POSTS("{\"count\":5,\"distribution\":1}"), "plan.type", "$.keys.posts.distribution", "uniform"},
    {POSTS("{\"count\":5,\"distribution\":\"zipfian:0\"}"), "plan.value", "$.keys.posts.distribution",
     "hotset:0.2:0.8 or latest:0.99"},
    {KEYED("${key}"), "plan.template", AT, "something like ${key(posts)}"},
    {KEYED("${key()}"), "plan.template", AT, "one of posts, users"},
    {KEYED("${key(post)}"), "plan.template", AT, "one of posts, users"},
    {KEYED("${key(postss)}"), "plan.template", AT, "one of posts, users"},
    {KEYED("${key(posts}"), "plan.template", AT, "something like ${key(posts)}"},
    {KEYED("${key(posts users)}"), "plan.template", AT, "something like"},
    {KEYED("${key(posts)%5}"), "plan.template", AT, "something like"},
    {WORKLOAD("{}", "{\"kv\":\"get\",\"key\":\"${key(posts)}\"}", ""), "plan.template", AT, "this workload has none"},
    {KEYED("${count}"), "plan.template", AT, "something like ${count(posts)}"},
    {KEYED("${count(post)}"), "plan.template", AT, "one of posts, users"},
    {KEYED("${count(posts)%5}"), "plan.template", AT, "something like ${count(posts)}"},
    /* An item of prepare or cleanup has no operation whose key it could be, unless it is there for one. */
    {WORKLOAD(TWO, "{\"d1\":\"SELECT X\"}",
              ",\"prepare\":[{\"count\":1,\"steps\":[{\"kv\":\"delete\",\"key\":\"${key(posts)}\"}]}]"),
     "plan.template", "$.prepare[0].steps[0].key", "instead of ${key(posts)}"},
    {WORKLOAD(TWO, "{\"d1\":\"SELECT X\"}",
              ",\"cleanup\":[{\"every\":9,\"steps\":[{\"kv\":\"delete\",\"key\":\"${key(posts)}\"}]}]"),
     "plan.template", "$.cleanup[0].steps[0].key", "instead of ${key(posts)}"},
};

static void refuses_with_the_place_and_what_was_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        if (compile_workload(refused[i].json) == SN_E_RANGE && strcmp(error.code, refused[i].code) == 0 &&
            strcmp(error.path, refused[i].path) == 0 && strstr(error.expected, refused[i].expected) != NULL)
            continue;
        fail_msg("%s\n  gave %s at %s: expected %s", refused[i].json, error.code, error.path, error.expected);
    }
}

/* 16 keyspaces are as many as there can be. */
static void bounds_the_keyspaces(void **state) {
    (void)state;
    for (int count = SN_KEYSPACES_MAX; count <= SN_KEYSPACES_MAX + 1; count++) {
        char json[2000];
        size_t len =
            (size_t)sprintf(json, "{\"systems\":{\"s\":1},\"operations\":[{\"operation\":\"o\",\"system\":\"s\","
                                  "\"steps\":[{\"d1\":\"SELECT X\"}]}],\"keys\":{");
        for (int i = 0; i < count; i++)
            len += (size_t)sprintf(json + len, "%s\"s%d\":{\"count\":%d,\"distribution\":\"latest:1\"}",
                                   i > 0 ? "," : "", i, i + 1);
        sprintf(json + len, "}}");
        assert_int_equal(compile_workload(json), count > SN_KEYSPACES_MAX ? SN_E_LIMIT : SN_OK);
    }
    assert_string_equal(error.path, "$.keys.s16");
    assert_string_equal(error.expected, "at most 16 keyspaces");
}

/* A KV key has 512 bytes: with nine digits of ${key(…)} there is room for 503 more. */
static void keys_count_with_all_their_digits(void **state) {
    (void)state;
    for (int text = 503; text <= 504; text++) {
        char json[400];
        sprintf(json,
                WORKLOAD("{\"posts\":{\"count\":1000000000,\"distribution\":\"uniform\"}}",
                         "{\"kv\":\"get\",\"key\":\"${key(posts)}${text(%d)}\"}", ""),
                text);
        assert_int_equal(compile_workload(json), text > 503 ? SN_E_RANGE : SN_OK);
    }
    assert_string_equal(error.expected, "a key of at most 512 bytes; this can come to 513");
}

/* --- What is compiled ----------------------------------------------------------------------------------------- */

/* It is what the text says, salted by the name alone: its place and its neighbours do not count. */
static void keyspaces_are_what_the_text_says(void **state) {
    (void)state;
    struct sn_keyspace posts;
    assert_int_equal(sn_keyspace_read(&posts, "zipfian:0.99", 100, sn_hash64("posts", 5)), SN_OK);
    assert_int_equal(
        compile_workload(KEYS("{\"users\":{\"count\":5,\"distribution\":\"uniform\"},\"posts\":{\"count\":100,"
                              "\"distribution\":\"zipfian:0.99\",\"description\":\"A few are read by all.\"}}")),
        SN_OK);
    assert_int_equal(workload.keyspaces_len, 2);
    assert_memory_equal(&workload.keyspaces[1], &posts, sizeof posts);
}

static const char *rendered(const struct sn_step *step, uint64_t k) {
    static char line[300];
    struct sn_render render = {.seed = 9, .k = k};
    step_text(&workload, step, &render, line, sizeof line);
    return line;
}

/* Both keyspaces have the same shape, but each its own draw; wherever an operation names one, it is the same key. */
static void keys_are_those_of_their_keyspace(void **state) {
    (void)state;
    struct sn_keyspace posts, users;
    uint32_t equal = 0;
    assert_int_equal(sn_keyspace_read(&posts, "zipfian:0.5", 1000, sn_hash64("posts", 5)), SN_OK);
    assert_int_equal(sn_keyspace_read(&users, "zipfian:0.5", 1000, sn_hash64("users", 5)), SN_OK);
    assert_int_equal(compile_workload(WORKLOAD(
                         TWO,
                         "{\"kv\":\"get\",\"key\":\"p${key(posts)} of u${ key( users ) }\"},"
                         "{\"d1\":\"batch\",\"statements\":[{\"sql\":\"SELECT A\",\"times\":2,\"bind\":[{\"number\":"
                         "\"${key(posts)}\"}]},{\"sql\":\"SELECT B\",\"bind\":[\"${key(posts)}\"]}]}",
                         "")),
                     SN_OK);
    for (uint64_t k = 1; k <= 300; k++) {
        char expected[100];
        uint32_t post = sn_keyspace_key(&posts, 9, k), user = sn_keyspace_key(&users, 9, k);
        equal += post == user;
        sprintf(expected, "kv.get 'p%u of u%u' 'text' null", post, user);
        assert_string_equal(rendered(&workload.steps[0], k), expected);
        sprintf(expected, "d1.batch SELECT A | %u ; SELECT A | %u ; SELECT B | '%u'", post, post, post);
        assert_string_equal(rendered(&workload.steps[1], k), expected);
    }
    assert_true(equal < 10);
}

/* What an operation wrote under its key, its item in the cleanup deletes. */
static void cleanup_finds_the_operations_key(void **state) {
    (void)state;
    char head[300];
    assert_int_equal(
        compile_workload(WORKLOAD(
            "{\"posts\":{\"count\":50,\"distribution\":\"latest:1\"}}", "{\"r2\":\"head\",\"key\":\"p${key(posts)}\"}",
            ",\"cleanup\":[{\"per\":\"o\",\"steps\":[{\"r2\":\"delete\",\"key\":\"p${key(posts)}\"}]}]")),
        SN_OK);
    for (uint64_t k = 1; k <= 200; k++) {
        strcpy(head, rendered(&workload.steps[workload.kinds[0].steps], k));
        const char *delete = rendered(&workload.steps[workload.jobs[0].steps], k);
        assert_string_equal(head + strlen("r2.head"), delete + strlen("r2.delete"));
    }
}

/* How many keys there are is known in jobs too, and is a number like any other. */
static void the_count_of_a_keyspace_is_known_everywhere(void **state) {
    (void)state;
    assert_int_equal(
        compile_workload(WORKLOAD(
            TWO, "{\"d1\":\"SELECT X\",\"bind\":[{\"number\":\"${count(posts)}\"}]}",
            ",\"prepare\":[{\"count\":1,\"steps\":[{\"kv\":\"delete\",\"key\":\"of ${ count( users ) }\"}]}]")),
        SN_OK);
    assert_string_equal(rendered(&workload.steps[workload.kinds[0].steps], 5), "d1.all SELECT X | 1000");
    assert_string_equal(rendered(&workload.steps[workload.jobs[0].steps], 5), "kv.delete 'of 1000'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_with_the_place_and_what_was_expected),
        cmocka_unit_test(bounds_the_keyspaces),
        cmocka_unit_test(keys_count_with_all_their_digits),
        cmocka_unit_test(keyspaces_are_what_the_text_says),
        cmocka_unit_test(keys_are_those_of_their_keyspace),
        cmocka_unit_test(cleanup_finds_the_operations_key),
        cmocka_unit_test(the_count_of_a_keyspace_is_known_everywhere),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
