#include "json_help.h"

#include "sentinel/base/limits.h"

/* Writes a tree back. */
static void put_value(struct sn_json_writer *j, const char *name, const struct sn_json *value) {
    switch (sn_json_type(value)) {
    case SN_JSON_BOOL: sn_json_put_bool(j, name, sn_json_bool(value)); return;
    case SN_JSON_NUMBER: sn_json_put_number(j, name, sn_json_number(value)); return;
    case SN_JSON_STRING: sn_json_put_text(j, name, sn_json_string(value)); return;
    case SN_JSON_ARRAY:
    case SN_JSON_OBJECT: break;
    default: sn_json_put_null(j, name); return;
    }
    bool object = sn_json_type(value) == SN_JSON_OBJECT;
    sn_json_open(j, name, object ? '{' : '[');
    for (const struct sn_json *at = sn_json_first(value); at != NULL; at = sn_json_next(at))
        put_value(j, object ? sn_json_name(at) : NULL, at);
    sn_json_close(j, object ? '}' : ']');
}

static const struct {
    const char *text, *written;
} accepted[] = {
    {"0", "0"},
    {"-0", "-0"},
    {" \t\r\n1 ", "1"},
    {"-12.5e-1", "-1.25"},
    {"1E+2", "100"},
    {"true", "true"},
    {"false", "false"},
    {"null", "null"},
    {"\"\"", "\"\""},
    {"[]", "[]"},
    {"{}", "{}"},
    {"[ ]", "[]"},
    {"[1,[2,[3]],{\"a\":[]}]", "[1,[2,[3]],{\"a\":[]}]"},
    {"{\"a\" : {\"b\" : null} , \"c\" : [true ,false]}", "{\"a\":{\"b\":null},\"c\":[true,false]}"},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
    {"\"\\u00e9\\u20AC\\ud83d\\ude00\"", "\"é€😀\""},
    {"\"é€😀\"", "\"é€😀\""},
    {"\"\\u0001\\u001f\x7f\"", "\"\\u0001\\u001f\x7f\""},
    {"{\"\":1}", "{\"\":1}"},
    {"{\"a\":1,\"A\":2}", "{\"a\":1,\"A\":2}"}, /* names that differ in case are two names */
    {"1e-400", "0"},
    {"123456789012345678901234567890", "1.2345678901234568e+29"},
};

static void accepts_json(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(accepted); i++) {
        char text[256];
        struct sn_writer w = sn_writer(text, sizeof text);
        struct sn_json_writer j = sn_json_writer(&w);
        struct sn_json_error error = {0};
        const struct sn_json *value = parse(accepted[i].text, strlen(accepted[i].text), &error);
        if (value == NULL) fail_msg("%s: %s at %zu", accepted[i].text, error.reason, error.offset);
        put_value(&j, NULL, value);
        assert_string_equal(escaped_copy(&w), accepted[i].written);
    }
}

static const struct {
    const char *text;
    size_t len, offset;
    const char *reason;
} refused[] = {
    {TEXT(""), 0, "a value, but the text ends here"},
    {TEXT(" "), 1, "a value, but the text ends here"},
    {TEXT("\xef\xbb\xbf{}"), 0, "a text without a byte order mark"},
    {TEXT("\xef\xbb"), 0, "a value"},
    {TEXT("{}x"), 2, "nothing after the value"},
    {TEXT("1 2"), 2, "nothing after the value"},
    {TEXT("{}\0"), 2, "nothing after the value"}, /* not even a zero */
    {TEXT("1\0"), 1, "nothing after the value"},
    {TEXT("\0"), 0, "a value"},
    {TEXT("1\v"), 1, "nothing after the value"}, /* space is four characters, no more */
    {TEXT("01"), 1, "a number without leading zeros"},
    {TEXT("-"), 1, "a digit"},
    {TEXT("+1"), 0, "a value"},
    {TEXT(".5"), 0, "a value"},
    {TEXT("1."), 2, "a digit"},
    {TEXT("1e"), 2, "a digit"},
    {TEXT("1e+"), 3, "a digit"},
    {TEXT("0x10"), 1, "nothing after the value"},
    {TEXT("NaN"), 0, "a value"},
    {TEXT("-Infinity"), 1, "a digit"},
    {TEXT("tru"), 0, "a value"},
    {TEXT("truE"), 0, "a value"},
    {TEXT("nulll"), 4, "nothing after the value"},
    {TEXT("["), 1, "a value, but the text ends here"},
    {TEXT("[1"), 2, "a comma or the end of the array"},
    {TEXT("[1,"), 3, "a value, but the text ends here"},
    {TEXT("[1,]"), 3, "a value"},
    {TEXT("[,1]"), 1, "a value"},
    {TEXT("[1}"), 2, "a comma or the end of the array"},
    {TEXT("[1 2]"), 3, "a comma or the end of the array"},
    {TEXT("]"), 0, "a value"},
    {TEXT("{"), 1, "a name in double quotes"},
    {TEXT("{\"a\""), 4, "a colon"},
    {TEXT("{\"a\":"), 5, "a value, but the text ends here"},
    {TEXT("{\"a\":1"), 6, "a comma or the end of the object"},
    {TEXT("{\"a\":1,}"), 7, "a name in double quotes"},
    {TEXT("{\"a\",1}"), 4, "a colon"},
    {TEXT("{a:1}"), 1, "a name in double quotes"},
    {TEXT("{'a':1}"), 1, "a name in double quotes"},
    {TEXT("{\"a\":1]"), 6, "a comma or the end of the object"},
    {TEXT("[1] // one"), 4, "nothing after the value"},
    {TEXT("\""), 1, "the end of the string"},
    {TEXT("\"a"), 2, "the end of the string"},
    {TEXT("\"\\"), 2, "an escape that JSON has"},
    {TEXT("\"\\x\""), 2, "an escape that JSON has"},
    {TEXT("\"\\u12g4\""), 5, "four hexadecimal digits after \\u"},
    {TEXT("\"\\u12"), 5, "four hexadecimal digits after \\u"},
    {TEXT("\"\\ud83d\""), 1, "surrogates in pairs"},
    {TEXT("\"\\ude00\""), 1, "surrogates in pairs"},
    {TEXT("\"\\ude00\\ud83d\""), 1, "surrogates in pairs"},
    {TEXT("\"\\ud83d\\u0041\""), 1, "surrogates in pairs"},
    {TEXT("\"\\ud83d\\n\""), 1, "surrogates in pairs"},
    {TEXT("\"\\ud83d\\ud83d\""), 1, "surrogates in pairs"},
    {TEXT("\"a\\u0000b\""), 2, "text without the character \\u0000"},
    {TEXT("{\"a\\u0000\":1}"), 3, "text without the character \\u0000"},
    {TEXT("\"a\nb\""), 2, "control characters as escapes, for example \\n"},
    {TEXT("\"a\x1f\""), 2, "control characters as escapes, for example \\n"},
    {TEXT("\"a\0b\""), 2, "control characters as escapes, for example \\n"},
    {TEXT("\"\x80\""), 1, "text in UTF-8"},
    {TEXT("\"a\xc3\""), 2, "text in UTF-8"},
    {TEXT("\"\xc0\xaf\""), 1, "text in UTF-8"},         /* an overlong slash */
    {TEXT("\"\xed\xa0\x80\""), 1, "text in UTF-8"},     /* a surrogate as UTF-8 */
    {TEXT("\"\xf4\x90\x80\x80\""), 1, "text in UTF-8"}, /* above U+10FFFF */
    {TEXT("\"\xf0\x9f\x98"), 1, "text in UTF-8"},
    {TEXT("\"\xff\""), 1, "text in UTF-8"},
};

static void refuses_what_is_not_json(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        struct sn_json_error error = {0};
        if (parse(refused[i].text, refused[i].len, &error) != NULL) fail_msg("accepted: %s", refused[i].text);
        if (error.offset != refused[i].offset || strcmp(error.reason, refused[i].reason) != 0)
            fail_msg("%s: %s at %zu", refused[i].text, error.reason, error.offset);
        assert_string_equal(error.code, "json.syntax");
        assert_string_equal(error.path, "$");
    }
}

static const struct {
    const char *text, *code, *path;
} refused_in_tree[] = {
    {"{\"a\":1,\"a\":2}", "json.duplicate-name", "$.a"},
    {"{\"a\":1,\"\\u0061\":2}", "json.duplicate-name", "$.a"}, /* however it is written */
    {"{\"spikeConfig\":{\"x\":1,\"multiplier\":1,\"y\":[],\"multiplier\":1}}", "json.duplicate-name",
     "$.spikeConfig.multiplier"},
    {"[0,{\"a\":[{},{\"b\":1,\"b\":1}]}]", "json.duplicate-name", "$[1].a[1].b"},
    {"{\"a b\":{\"\":1,\"\":1}}", "json.duplicate-name", "$[\"a b\"][\"\"]"},
    {"[[[1e400]]]", "json.number", "$[0][0][0]"},
    {"-1e999", "json.number", "$"},
};

static void refuses_duplicates_and_infinities(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused_in_tree); i++) {
        struct sn_json_error error = {0};
        assert_null(parse(refused_in_tree[i].text, strlen(refused_in_tree[i].text), &error));
        assert_string_equal(error.code, refused_in_tree[i].code);
        assert_string_equal(error.path, refused_in_tree[i].path);
    }
}

/* The same names in different objects are no duplicates. */
static void names_are_per_object(void **state) {
    (void)state;
    struct sn_json_error error;
    const char text[] = "{\"a\":{\"a\":{\"a\":1}},\"b\":[{\"a\":1},{\"a\":1}]}";
    assert_non_null(parse(text, sizeof text - 1, &error));
}

static void a_long_path_is_cut_at_a_whole_step(void **state) {
    (void)state;
    struct sn_json_error error;
    const char text[] =
        "{\"a-name-of-thirty-characters-aaa\":{\"another-name-of-thirty-character\":{\"x\":1,\"x\":2}}}";
    assert_null(parse(text, sizeof text - 1, &error));
    assert_string_equal(error.path, "$[\"a-name-of-thirty-characters-aaa\"]");
}

static const struct {
    const char *name, *step;
} steps[] = {
    {"name", ".name"},
    {"_2", "._2"},
    {"", "[\"\"]"},
    {"two words", "[\"two words\"]"},
    {"a.b", "[\"a.b\"]"}, /* else it would be two steps */
    {"größe", "[\"größe\"]"},
    {"a\"]b\\", "[\"a\\\"]b\\\\\"]"},
    {"a\n\x7f\xc2\x85\u202e\u2069z", "[\"a?????z\"]"},
    {"\u00a0\u2029\u202f\u2065\u206a", "[\"\u00a0\u2029\u202f\u2065\u206a\"]"}, /* their neighbours */
    {"0123456789012345678901234567890123456789", ".0123456789012345678901234567890123456789"},
    {"01234567890123456789012345678901234567890", "[\"0123456789012345678901234567890123456789…\"]"},
    {"012345678901234567890123456789012345678é", "[\"012345678901234567890123456789012345678…\"]"},
};

static void steps_name_a_member(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(steps); i++) {
        char text[128];
        struct sn_writer w = sn_writer(text, sizeof text);
        sn_json_put_step(&w, steps[i].name);
        assert_string_equal(escaped_copy(&w), steps[i].step);
    }
}

static size_t nested(char *text, size_t depth, char open, char close) {
    for (size_t i = 0; i < depth; i++) {
        text[i] = open;
        text[2 * depth - 1 - i] = close;
    }
    return 2 * depth;
}

static void depth_is_bounded(void **state) {
    (void)state;
    static char text[400000];
    struct sn_json_error error = {0};
    assert_non_null(parse(text, nested(text, SN_JSON_DEPTH_MAX, '[', ']'), &error));
    assert_null(parse(text, nested(text, SN_JSON_DEPTH_MAX + 1, '[', ']'), &error));
    assert_string_equal(error.code, "json.size"); /* it may well be JSON */
    assert_string_equal(error.reason, "at most 64 values inside each other");
    assert_int_equal(error.offset, SN_JSON_DEPTH_MAX);
    assert_null(parse(text, nested(text, 200000, '[', ']'), &error));
    /* Objects count too, and a scalar may stand inside the innermost. */
    size_t len = 0;
    for (size_t i = 0; i < SN_JSON_DEPTH_MAX; i++) len += (size_t)sprintf(text + len, "{\"a\":");
    len += (size_t)sprintf(text + len, "1");
    for (size_t i = 0; i < SN_JSON_DEPTH_MAX; i++) text[len++] = '}';
    assert_non_null(parse(text, len, &error));
}

static void names_in_an_object_are_bounded(void **state) {
    (void)state;
    static char text[20000];
    struct sn_json_error error = {0};
    for (size_t names = SN_JSON_NAMES_MAX; names <= SN_JSON_NAMES_MAX + 1; names++) {
        size_t len = (size_t)sprintf(text, "[{");
        for (size_t i = 0; i < names; i++) len += (size_t)sprintf(text + len, "%s\"%zu\":1", i > 0 ? "," : "", i);
        len += (size_t)sprintf(text + len, "}]");
        const struct sn_json *value = parse(text, len, &error);
        assert_int_equal(value != NULL, names <= SN_JSON_NAMES_MAX);
    }
    assert_string_equal(error.code, "json.size");
    assert_string_equal(error.path, "$[0]");
}

static void every_failing_allocation_is_an_error(void **state) {
    (void)state;
    const char text[] = "{\"name\":\"n\",\"list\":[1,2.5,{\"deep\":[true,null,\"\\u00e9\"]}],\"x\":{}}";
    size_t failed = 0;
    for (;; failed++) {
        struct sn_json_error error = {0};
        sn_arena_reset(&arena);
        arena.fail_after = failed;
        const struct sn_json *value = sn_json_parse(&arena, text, sizeof text - 1, &error);
        arena.fail_after = SIZE_MAX;
        if (value != NULL) break;
        assert_true(arena.exhausted);
        assert_string_equal(error.code, "json.size");
        assert_string_equal(error.path, "$");
    }
    assert_true(failed > 15);
}

static void a_small_arena_is_an_error(void **state) {
    (void)state;
    static _Alignas(16) uint8_t memory[256];
    struct sn_arena small;
    struct sn_json_error error = {0};
    sn_arena_init(&small, memory, sizeof memory);
    assert_null(sn_json_parse(&small, "[1,2,3,4,5,6,7,8,9]", 19, &error));
    assert_string_equal(error.code, "json.size");
}

static void values_are_counted(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t values;
    } rows[] = {{"1", 1}, {"[]", 1}, {"[1,[2,{}],3]", 6}, {"{\"a\":{\"b\":[1]},\"c\":null}", 5}};
    for (size_t i = 0; i < LEN(rows); i++) {
        struct sn_json_error error = {0};
        assert_int_equal(sn_json_values(parse(rows[i].text, strlen(rows[i].text), &error)), rows[i].values);
    }
    assert_int_equal(sn_json_values(NULL), 0);
}

static void reads_the_tree(void **state) {
    (void)state;
    struct sn_json_error error;
    const char text[] = "{\"n\":-1.5,\"s\":\"x\",\"t\":true,\"f\":false,\"z\":null,\"a\":[1,2,3]}";
    const struct sn_json *root = parse(text, sizeof text - 1, &error);
    assert_int_equal(sn_json_type(root), SN_JSON_OBJECT);
    assert_int_equal(sn_json_count(root), 6);
    assert_true(sn_json_number(sn_json_get(root, "n")) == -1.5);
    assert_string_equal(sn_json_string(sn_json_get(root, "s")), "x");
    assert_true(sn_json_bool(sn_json_get(root, "t")));
    assert_false(sn_json_bool(sn_json_get(root, "f")));
    assert_int_equal(sn_json_type(sn_json_get(root, "f")), SN_JSON_BOOL);
    assert_int_equal(sn_json_type(sn_json_get(root, "z")), SN_JSON_NULL);
    assert_null(sn_json_get(root, "N")); /* names are not alike but for their case */
    assert_int_equal(sn_json_count(sn_json_get(root, "a")), 3);
    assert_null(sn_json_get(sn_json_get(root, "a"), "n"));
    assert_null(sn_json_name(sn_json_first(sn_json_get(root, "a"))));
    /* Absent values answer like values of no type at all. */
    assert_int_equal(sn_json_type(NULL), SN_JSON_ABSENT);
    assert_null(sn_json_get(NULL, "a"));
    assert_null(sn_json_string(NULL));
    assert_null(sn_json_string(sn_json_get(root, "n")));
    assert_true(sn_json_number(sn_json_get(root, "s")) == 0);
    assert_false(sn_json_bool(NULL));
    assert_null(sn_json_first(NULL));
    assert_null(sn_json_next(NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_json),
        cmocka_unit_test(refuses_what_is_not_json),
        cmocka_unit_test(refuses_duplicates_and_infinities),
        cmocka_unit_test(names_are_per_object),
        cmocka_unit_test(a_long_path_is_cut_at_a_whole_step),
        cmocka_unit_test(steps_name_a_member),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(names_in_an_object_are_bounded),
        cmocka_unit_test(every_failing_allocation_is_an_error),
        cmocka_unit_test(a_small_arena_is_an_error),
        cmocka_unit_test(values_are_counted),
        cmocka_unit_test(reads_the_tree),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
