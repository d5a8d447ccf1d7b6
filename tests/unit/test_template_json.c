/* Where a template is JSON, what it inserts stays inside the string that it was put into. */
#include "operation_help.h"

#include "sentinel/base/escape.h"

static struct sn_workload made;
static _Alignas(16) uint8_t made_bytes[SN_PLAN_BYTES_MAX];

#define FEED                                                                                                            \
    "{\"feeds\":{\"f\":{\"pick\":\"sequence\",\"rows\":[{\"a\":\"say \\\"h\\\\i\\\"\\n\\u0001\",\"n\":1.5,\"b\":true}," \
    "{\"a\":\"gr\\u00fcn\",\"n\":-2,\"b\":false}]}},"
#define STEPS(steps)                                                                                                                 \
    FEED                                                                                                                             \
        "\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":\"get\",\"key\":\"a\",\"capture\":{\"id\":{\"text\":true}}}," steps \
        "]}]}"
#define VALUE(value) STEPS("{\"kv\":\"put\",\"key\":\"k\",\"value\":\"" value "\"}")
#define METADATA(members) STEPS("{\"kv\":\"put\",\"key\":\"k\",\"value\":\"v\",\"metadata\":{" members "}}")

static const char quoted[] = "a\"}\\\n\t\x1f";

static const char *line_of(const char *json) {
    static char line[SN_EFFECT_MAX];
    static const struct sn_span captured[SN_CAPTURES_MAX] = {{(const uint8_t *)quoted, sizeof quoted - 1}};
    struct sn_render render = render_of(9, 2);
    compile(json, strlen(json), &made, made_bytes, sizeof made_bytes);
    render.captured = captured;
    step_text(&made, &made.steps[1], &render, line, sizeof line);
    return line;
}

#define CAPTURED "a\\\"}\\\\\\n\\t\\u001f" /* in JSON */
#define PICKED "say \\\"h\\\\i\\\"\\n\\u0001"

static const struct {
    const char *json, *line;
} rows[] = {
    {VALUE("{\\\"id\\\":\\\"<${captured.id}>\\\",\\\"a\\\":\\\"${feed.f.a}\\\"}"),
     "kv.put 'k' '{\"id\":\"<" CAPTURED ">\",\"a\":\"" PICKED "\"}' null null"},
    {VALUE(" [\\\"\\\\\\\"${captured.id}\\\", ${feed.f.n}, ${feed.f.b}, -${k}${k}, \\\"$$\\\"]"),
     "kv.put 'k' ' [\"\\\"" CAPTURED "\", 1.5, true, -22, \"$\"]' null null"},
    {VALUE("{\\\"${captured.id}\\\":${choice('1')}}"), "kv.put 'k' '{\"" CAPTURED "\":1}' null null"},
    {METADATA("\"m\":\"${captured.id}\""), "kv.put 'k' 'v' null '{\"m\":\"" CAPTURED "\"}'"},
    /* What stands in ${…} is escaped once, as what stands around it is. */
    {METADATA("\"m\":\"${choice('a\\\"b\\\\\\n\\t')}\""), "kv.put 'k' 'v' null '{\"m\":\"a\\\"b\\\\\\n\\t\"}'"},
    {METADATA("\"m\":\"\\\"$$\\n${choice('\\\"')}\\\\\",\"n\":\"$$\\\"\""),
     "kv.put 'k' 'v' null '{\"m\":\"\\\"$\\n\\\"\\\\\",\"n\":\"$\\\"\"}'"},
    {STEPS("{\"do\":\"fetch\",\"name\":\"n\",\"path\":\"/\",\"headers\":{\"x\":\"${choice('a\\\"b')}\"}}"),
     "do.fetch 'n' 'https://target/' 'GET' '{\"x\":\"a\\\"b\"}' null"},
    {STEPS("{\"do\":\"fetch\",\"name\":\"n\",\"path\":\"/\",\"headers\":{\"x\":\"${captured.id}\"}}"),
     "do.fetch 'n' 'https://target/' 'GET' '{\"x\":\"" CAPTURED "\"}' null"},
    {STEPS("{\"d1\":\"SELECT S\",\"expect\":{\"same\":\"[{\\\"id\\\":\\\"${captured.id}\\\"}]\"}}"),
     "d1.all SELECT S | looks 1 '[{\"id\":\"" CAPTURED "\"}]'"},
    /* These are no JSON: what is inserted is left as it is. */
    {VALUE("${captured.id}"), "kv.put 'k' 'a\"}\\\n\t\x1f' null null"},
    {VALUE("{\\\"${captured.id}\\\"}"), "kv.put 'k' '{\"a\"}\\\n\t\x1f\"}' null null"},
    {VALUE("[${captured.id}]"), "kv.put 'k' '[a\"}\\\n\t\x1f]' null null"},
    {VALUE("\\\"${captured.id}\\\""), "kv.put 'k' '\"a\"}\\\n\t\x1f\"' null null"},
};

static void what_is_inserted_is_escaped(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) assert_string_equal(line_of(rows[i].json), rows[i].line);
}

static const char *const refused[] = {
    VALUE("{\\\"id\\\":${captured.id}}"),
    VALUE("{\\\"a\\\":${feed.f.a}}"),
    VALUE("{\\\"a\\\":${choice('true','maybe')}}"),
    VALUE("{\\\"a\\\":${choice('')}}"),
    VALUE("{\\\"a\\\":${choice('[1]')}}"),
    VALUE("{\\\"a\\\":\\\"\\\\\\\"\\\",\\\"b\\\":${uuid}}"),
    VALUE("{\\\"a\\\":${hex(4)}}"),
    VALUE("{\\\"a\\\":${run}}"),
    VALUE("{\\\"a\\\":${tenant}}"),
    VALUE("{\\\"a\\\":${text(4)}}"),
    STEPS("{\"do\":\"fetch\",\"name\":\"n\",\"path\":\"/\",\"headers\":{\"x\":\"${feed.f.a}\"}}"),
};

static void what_cannot_be_safe_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        static _Alignas(16) uint8_t memory[256 * 1024];
        struct sn_arena arena;
        struct sn_plan_error error;
        struct sn_writer out = sn_writer(made_bytes, sizeof made_bytes);
        bool header = strstr(refused[i], "headers") != NULL;
        sn_arena_init(&arena, memory, sizeof memory);
        if (sn_workload_compile(refused[i], strlen(refused[i]), NULL, 0, &arena, &out, &error) != SN_E_RANGE)
            fail_msg("accepted: %s", refused[i]);
        assert_string_equal(error.code, "plan.template");
        assert_string_equal(error.path, header ? "$.operations[0].steps[1].headers" : "$.operations[0].steps[1].value");
        assert_non_null(strstr(error.expected, header ? "one line" : "quotes around what is a text"));
    }
}

/* Metadata of KV has 1,024 bytes: two captured texts of 64 always fit, three may come to more. */
static void escapes_count_where_room_is_short(void **state) {
    (void)state;
    static const char *const members[] = {"\"a\":\"${captured.id}\",\"b\":\"${captured.id}\"",
                                          "\"a\":\"${captured.id}\",\"b\":\"${captured.id}\",\"c\":\"${captured.id}\""};
    for (size_t i = 0; i < LEN(members); i++) {
        static _Alignas(16) uint8_t memory[256 * 1024];
        char json[1000];
        struct sn_arena arena;
        struct sn_plan_error error;
        struct sn_writer out = sn_writer(made_bytes, sizeof made_bytes);
        snprintf(json, sizeof json, STEPS("{\"kv\":\"put\",\"key\":\"k\",\"value\":\"v\",\"metadata\":{%s}}"),
                 members[i]);
        sn_arena_init(&arena, memory, sizeof memory);
        enum sn_status status = sn_workload_compile(json, strlen(json), NULL, 0, &arena, &out, &error);
        assert_int_equal(status, i == 0 ? SN_OK : SN_E_RANGE);
        if (i == 1) assert_non_null(strstr(error.expected, "metadata of at most 1024 bytes; this can come to 1174"));
    }
}

static const struct {
    const char *text;
    size_t len;
    const char *escaped; /* as JSON.stringify() has it */
} texts[] = {
    {"", 0, ""},
    {"plain", 5, "plain"},
    {"\"\\/", 3, "\\\"\\\\/"},
    {"\b\t\n\v\f\r\x7f", 7, "\\b\\t\\n\\u000b\\f\\r\x7f"},
    {"\0", 1, "\\u0000"},
    {"gr\xc3\xbcn \xe2\x82\xac", 9, "gr\xc3\xbcn \xe2\x82\xac"},
    {"a\xe2\x82", 3, "a\xef\xbf\xbd\xef\xbf\xbd"}, /* cut in the middle */
    {"\xff\"", 2, "\xef\xbf\xbd\\\""},
};

static void escapes_are_those_of_json(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(texts); i++) {
        uint8_t out[64];
        uint8_t *exact = malloc(texts[i].len + 1); /* one more, so that there is a pointer for no bytes */
        memcpy(exact + 1, texts[i].text, texts[i].len);
        struct sn_writer w = sn_writer(out, sizeof out);
        sn_put_escaped(&w, exact + 1, texts[i].len);
        assert_int_equal(w.len, strlen(texts[i].escaped));
        assert_memory_equal(out, texts[i].escaped, w.len);
        assert_int_equal(sn_escaped_len(exact + 1, texts[i].len), w.len);
        free(exact);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_inserted_is_escaped),
        cmocka_unit_test(what_cannot_be_safe_is_refused),
        cmocka_unit_test(escapes_count_where_room_is_short),
        cmocka_unit_test(escapes_are_those_of_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
