/* What templates draw: choices, rows of feeds, users, identifiers, lengths; each a function of (seed, k). */
#include <math.h>

#include "operation_help.h"

static struct sn_workload made;
static _Alignas(16) uint8_t made_bytes[SN_PLAN_BYTES_MAX];

#define HEAD                                                                                                       \
    "{\"keys\":{\"users\":{\"count\":50,\"distribution\":\"uniform\"}},\"feeds\":{"                                \
    "\"goods\":{\"csv\":\"name,price\\r\\nspade,12\\n\\\"rake, \\\"\\\"fine\\\"\\\"\\\",9.5\\nhoe,\"},"            \
    "\"days\":{\"pick\":\"sequence\",\"rows\":[{\"day\":\"mon\",\"open\":true},{\"day\":\"tue\",\"open\":0.5}]}}," \
    "\"operations\":[{\"operation\":\"o\",\"steps\":["

static void make(const char *step) {
    static char json[4000];
    int len = snprintf(json, sizeof json, HEAD "%s]}]}", step);
    assert_true(len > 0 && (size_t)len < sizeof json);
    compile(json, (size_t)len, &made, made_bytes, sizeof made_bytes);
}

static const char *line_of(uint64_t seed, uint64_t k) {
    static char line[SN_EFFECT_MAX];
    struct sn_render render = render_of(seed, k);
    step_text(&made, &made.steps[0], &render, line, sizeof line);
    return line;
}

#define DELETE(key) "{\"kv\":\"delete\",\"key\":\"" key "\"}"

static const struct {
    const char *step, *line; /* of operation 12345 with the seed 9 */
} lines[] = {
    {DELETE("${feed.days.day} ${feed.days.open}"), "kv.delete 'tue 0.5'"},
    {DELETE("${feed.days.day#1} ${feed.days.day#2}"), "kv.delete 'mon tue'"},
    {DELETE("${choice('only')}"), "kv.delete 'only'"},
    {DELETE("<${choice('')}>"), "kv.delete '<>'"},
    {DELETE("${choice( 'a, b' : 3 , 'a, b' )}"), "kv.delete 'a, b'"},
    {DELETE("${user}=${key(users)}"), "kv.delete '21=21'"},
    {"{\"d1\":\"SELECT S\",\"bind\":[\"${bytes(16)}\",\"${text(16)}\"]}",
     "d1.all SELECT S | slice(156816, 16) text(156816, 16)"},
    {"{\"kv\":\"put\",\"key\":\"a\",\"value\":\"${bytes(16)}\"}", "kv.put 'a' slice(45288, 16) null null"},
};

static void draws_as_it_was_written(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(lines); i++) {
        make(lines[i].step);
        assert_string_equal(line_of(9, 12345), lines[i].line);
    }
}

/* --- What was captured --- */

#define CAPTURING                                                                                                   \
    "{\"kv\":\"get\",\"key\":\"a\",\"capture\":{\"other\":{\"text\":true},\"id\":{\"pointer\":\"/id\"}}},"          \
    "{\"parallel\":[{\"kv\":\"get\",\"key\":\"b_${captured.id}_${k}\",\"expect\":{\"same\":\"<${captured.id}>\"}}," \
    "{\"kv\":\"put\",\"key\":\"c_${captured.id}\",\"value\":\"${text(16)}\"}]}"

static const char *step_with(uint32_t step, const struct sn_span *captured) {
    static char line[SN_EFFECT_MAX];
    struct sn_render render = render_of(9, 12345);
    render.captured = captured;
    step_text(&made, &made.steps[step], &render, line, sizeof line);
    return line;
}

/* It is part of the text; as part of a key it chooses what is stored there.  Without answers its template stands for it. */
static void captured_texts_stand_where_they_are_named(void **state) {
    (void)state;
    static const char longest[] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    struct sn_span captured[SN_CAPTURES_MAX] = {{(const uint8_t *)"no", 2}, {(const uint8_t *)"größer", 8}};
    char line[300], before[100];
    make(CAPTURING);
    assert_string_equal(step_with(1, captured), "kv.get 'b_größer_12345' 'text' null looks 1 '<größer>'");
    snprintf(before, sizeof before, "%s", step_with(2, captured));
    captured[1] = (struct sn_span){(const uint8_t *)"7", 1};
    assert_string_not_equal(step_with(2, captured), before);
    captured[1] = (struct sn_span){(const uint8_t *)longest, SN_CAPTURE_MAX};
    snprintf(line, sizeof line, "kv.get 'b_%s_12345' 'text' null looks 1 '<%s>'", longest, longest);
    assert_string_equal(step_with(1, captured), line);
    assert_string_equal(step_with(1, NULL), "kv.get 'b_${captured.id}_12345' 'text' null looks 1 '<${captured.id}>'");
}

/* Of 30,000 draws as many of each as its weight says, within five deviations. */
static void choices_come_by_their_weights(void **state) {
    (void)state;
    make(DELETE("${choice('a','b':3,'c':6)}"));
    uint32_t counts[3] = {0}, n = 30000;
    for (uint64_t k = 1; k <= n; k++) counts[line_of(3, k)[11] - 'a']++;
    for (uint32_t i = 0; i < 3; i++) {
        double share = (const double[]){0.1, 0.3, 0.6}[i];
        assert_true(fabs(counts[i] - n * share) < 5 * sqrt(n * share * (1 - share)));
    }
}

/* A row's columns belong together; rows come evenly; another draw is another. */
static void rows_come_whole(void **state) {
    (void)state;
    make(DELETE("${feed.goods.name}|${feed.goods.price}|${feed.goods.name#2}"));
    static const char *const rows[] = {"spade|12|", "rake, \"fine\"|9.5|", "hoe||"};
    uint32_t counts[3] = {0}, same = 0, n = 9000;
    for (uint64_t k = 1; k <= n; k++) {
        const char *line = line_of(4, k) + 11;
        uint32_t row = 0;
        while (strncmp(line, rows[row], strlen(rows[row])) != 0) assert_true(++row < 3);
        counts[row]++;
        same += strncmp(line, line + strlen(rows[row]), 3) == 0;
    }
    for (uint32_t i = 0; i < 3; i++) assert_in_range(counts[i], 3000 - 224, 3000 + 224);
    assert_in_range(same, 3000 - 224, 3000 + 224);
}

/* In one operation the same choice and the same identifier give the same everywhere, also in its cleanup. */
static void equal_words_say_the_same(void **state) {
    (void)state;
    make(DELETE("${uuid}|${uuid}|${uuid#2}|${hex(8)}"));
    for (uint64_t k = 1; k <= 200; k++) {
        const char *line = line_of(5, k) + 11;
        for (int i = 0; i < 36; i++) {
            bool dash = i == 8 || i == 13 || i == 18 || i == 23;
            assert_true(dash ? line[i] == '-' : strchr("0123456789abcdef", line[i]) != NULL);
        }
        assert_true(line[14] == '4' && line[19] == 'a');
        assert_memory_equal(line, line + 37, 36);
        assert_true(memcmp(line, line + 74, 36) != 0 && memcmp(line, line + 111, 8) != 0);
    }
    char before[64];
    snprintf(before, sizeof before, "%.36s", line_of(5, 7) + 11);
    assert_true(memcmp(before, line_of(5, 8) + 11, 36) != 0 && memcmp(before, line_of(6, 7) + 11, 36) != 0);
}

/* A value's length follows its key, so that who reads it knows both; the median is as asked for. */
static void lengths_are_lognormal_and_follow_the_key(void **state) {
    (void)state;
    make("{\"kv\":\"put\",\"key\":\"a_${k%500}\",\"value\":\"${text(800,0.7,4000)}\"}");
    uint32_t below = 0, most = 0;
    char first[100];
    snprintf(first, sizeof first, "%s", line_of(1, 33));
    assert_string_equal(line_of(1, 533), first);
    for (uint64_t k = 1; k <= 500; k++) {
        const char *comma = strchr(strstr(line_of(1, k), "slice("), ',');
        uint32_t len = (uint32_t)strtoul(comma + 1, NULL, 10);
        assert_in_range(len, 1, 4000);
        below += len < 800;
        most += len == 4000;
    }
    assert_in_range(below, 250 - 56, 250 + 56);
    assert_in_range(most, 0, 20); /* ln 5 is 2.3 sigma: one in a hundred */
    make("{\"kv\":\"put\",\"key\":\"a\",\"value\":\"<${text(800,0.7,4000)}>${k%9}\"}");
    assert_true(strlen(line_of(1, 1)) > 100);
}

#define AT "$.operations[0].steps[0].key"
static const struct {
    const char *key, *expected;
} refused[] = {
    {"${choice()}", "something like ${choice('a','b':3)}"},
    {"${choice('a'}", "something like"},
    {"${choice('a':0)}", "something like"},
    {"${choice('a','b)}", "something like"},
    {"${choice('a')#0}", "something like"},
    {"${feed}", "something like ${feed.products.name}"},
    {"${feed.goods}", "something like"},
    {"${feed.bads.name}", "a feed in \"feeds\": goods, days"},
    {"${feed.goods.nam}", "a column of this feed: name, price"},
    {"${uuid(4)}", "something like ${uuid}"},
    {"${user(4)}", "something like ${user}"},
    {"${text(5,0.5)}", "${text(800,0.7,4000)}"},
    {"${text(5,0.5,4)}", "the median, sigma from 0 to 4, the most"},
    {"${text(5,0.1234,40)}", "${text(800,0.7,4000)}"},
    {"a${bytes(5)}", "by itself"},
    {"${number(1,5)#x}", "something like"},
    {"${run#2}", "something like ${run}"},
    {"${captured.id}", "; none does"},
};

static void refuses_with_what_was_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        char json[2000];
        static _Alignas(16) uint8_t memory[256 * 1024];
        struct sn_arena arena;
        struct sn_plan_error error;
        struct sn_writer out = sn_writer(made_bytes, sizeof made_bytes);
        snprintf(json, sizeof json, HEAD DELETE("%s") "]}]}", refused[i].key);
        sn_arena_init(&arena, memory, sizeof memory);
        if (sn_workload_compile(json, strlen(json), NULL, 0, &arena, &out, &error) != SN_E_RANGE)
            fail_msg("accepted: %s", refused[i].key);
        assert_string_equal(error.code, "plan.template");
        assert_string_equal(error.path, AT);
        if (strstr(error.expected, refused[i].expected) == NULL) fail_msg("%s: %s", refused[i].key, error.expected);
    }
}

static const struct {
    const char *feeds, *path, *expected;
} feeds[] = {
    {"[]", "$.feeds", "at most 8 feeds"},
    {"{\"A\":{}}", "$.feeds.A", "lower-case"},
    {"{\"a\":{}}", "$.feeds.a", "either \"csv\" or \"rows\""},
    {"{\"a\":{\"csv\":\"x\\n1\",\"rows\":[]}}", "$.feeds.a", "either"},
    {"{\"a\":{\"csv\":7}}", "$.feeds.a.csv", "a text"},
    {"{\"a\":{\"csv\":\"\"}}", "$.feeds.a.csv", "at line 1"},
    {"{\"a\":{\"csv\":\"x\"}}", "$.feeds.a.csv", "at line 2"},
    {"{\"a\":{\"csv\":\"x,y\\n1,2\\n3\"}}", "$.feeds.a.csv", "at line 3"},
    {"{\"a\":{\"csv\":\"x,y\\n1,2,3\"}}", "$.feeds.a.csv", "at line 2"},
    {"{\"a\":{\"csv\":\"x\\n\\\"1\"}}", "$.feeds.a.csv", "at line 2"},
    {"{\"a\":{\"csv\":\"x\\n\\\"1\\\"2\"}}", "$.feeds.a.csv", "at line 2"},
    {"{\"a\":{\"csv\":\"\\\"x\\\"\\n1\"}}", "$.feeds.a.csv", "at line 1"},
    {"{\"a\":{\"csv\":\"x,y,x\\n1,2,3\"}}", "$.feeds.a.csv", "each name once, at line 1"},
    {"{\"a\":{\"rows\":[]}}", "$.feeds.a.rows", "from 1 to 1000"},
    {"{\"a\":{\"rows\":[{}]}}", "$.feeds.a.rows[0]", "an object of 1 to 16"},
    {"{\"a\":{\"rows\":[{\"x\":1},{\"y\":1}]}}", "$.feeds.a.rows[1].y", "the same names"},
    {"{\"a\":{\"rows\":[{\"x\":1},{\"x\":1,\"y\":1}]}}", "$.feeds.a.rows[1]", "the same names"},
    {"{\"a\":{\"rows\":[{\"x\":null}]}}", "$.feeds.a.rows[0].x", "a text, a number, true or false"},
    {"{\"a\":{\"rows\":[{\"x\":1}],\"pick\":\"last\"}}", "$.feeds.a.pick", "one of random, sequence"},
};

static void feeds_that_cannot_be_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(feeds); i++) {
        char json[1000];
        static _Alignas(16) uint8_t memory[256 * 1024];
        struct sn_arena arena;
        struct sn_plan_error error;
        struct sn_writer out = sn_writer(made_bytes, sizeof made_bytes);
        snprintf(json, sizeof json, "{\"feeds\":%s,\"operations\":[{\"operation\":\"o\",\"steps\":[" DELETE("a") "]}]}",
                 feeds[i].feeds);
        sn_arena_init(&arena, memory, sizeof memory);
        if (sn_workload_compile(json, strlen(json), NULL, 0, &arena, &out, &error) != SN_E_RANGE)
            fail_msg("accepted: %s", feeds[i].feeds);
        assert_string_equal(error.path, feeds[i].path);
        if (strstr(error.expected, feeds[i].expected) == NULL) fail_msg("%s: %s", feeds[i].feeds, error.expected);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(captured_texts_stand_where_they_are_named),
        cmocka_unit_test(draws_as_it_was_written),
        cmocka_unit_test(choices_come_by_their_weights),
        cmocka_unit_test(rows_come_whole),
        cmocka_unit_test(equal_words_say_the_same),
        cmocka_unit_test(lengths_are_lognormal_and_follow_the_key),
        cmocka_unit_test(refuses_with_what_was_expected),
        cmocka_unit_test(feeds_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
