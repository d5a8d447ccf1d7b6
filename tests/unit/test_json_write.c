#include "json_help.h"

static void writes_values(void **state) {
    (void)state;
    char text[1000];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_open(&j, NULL, '{');
    sn_json_put_text(&j, "text", "\"\\\b\t\n\v\f\r\x1f/é");
    sn_json_put_text(&j, "none", NULL);
    sn_json_put_uint(&j, "big", UINT64_MAX);
    sn_json_put_int(&j, "small", INT64_MIN);
    sn_json_put_number(&j, "third", 0.1);
    sn_json_put_number(&j, "nan", strtod("nan", NULL));
    sn_json_put_fixed(&j, "fixed", 1.25, 1);
    sn_json_put_fixed(&j, "huge", 1e300, 1);
    sn_json_open(&j, "list", '[');
    sn_json_put_bool(&j, NULL, true);
    sn_json_put_null(&j, NULL);
    sn_json_open(&j, NULL, '[');
    sn_json_close(&j, ']');
    sn_json_open(&j, NULL, '{');
    sn_json_close(&j, '}');
    sn_json_close(&j, ']');
    sn_json_put_time(&j, "never", INT64_MAX);
    sn_json_put_time(&j, "unset", 0);
    sn_json_put_time(&j, "at", INT64_C(1795424400000000));
    sn_json_close(&j, '}');
    assert_string_equal(escaped_copy(&w),
                        "{\"text\":\"\\\"\\\\\\b\\t\\n\\u000b\\f\\r\\u001f/é\",\"none\":null,"
                        "\"big\":18446744073709551615,\"small\":-9223372036854775808,\"third\":0.1,\"nan\":null,"
                        "\"fixed\":1.3,\"huge\":null,\"list\":[true,null,[],{}],\"never\":null,\"unset\":null,"
                        "\"at\":\"2026-11-23T09:00:00.000Z\"}");
}

static const struct {
    const char *text;
    size_t len;
    const char *written;
} spans[] = {
    {TEXT("a\0b"), "\"a\\u0000b\""},
    {TEXT("caf\xc3"), "\"caf\xef\xbf\xbd\""}, /* cut in the middle of a character */
    {TEXT("\xff\xfe"), "\"\xef\xbf\xbd\xef\xbf\xbd\""},
    {TEXT("\xe2\x82"
          "x"),
     "\"\xef\xbf\xbd\xef\xbf\xbdx\""},
    {TEXT("\xf0\x9f\x98\x80"), "\"😀\""},
};

static void spans_become_valid_text_whatever_they_hold(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(spans); i++) {
        char text[100];
        struct sn_writer w = sn_writer(text, sizeof text);
        struct sn_json_writer j = sn_json_writer(&w);
        char *copy = malloc(spans[i].len);
        assert_non_null(copy);
        memcpy(copy, spans[i].text, spans[i].len);
        sn_json_put_span(&j, NULL, copy, spans[i].len);
        free(copy);
        assert_string_equal(escaped_copy(&w), spans[i].written);
    }
    for (unsigned byte = 0; byte < 256; byte++) { /* what was written can be read, but for the zero */
        char text[20], one = (char)byte;
        struct sn_writer w = sn_writer(text, sizeof text);
        struct sn_json_writer j = sn_json_writer(&w);
        struct sn_json_error error;
        sn_json_put_span(&j, NULL, &one, 1);
        assert_int_equal(parse(text, w.len, &error) != NULL, byte != 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_values),
        cmocka_unit_test(spans_become_valid_text_whatever_they_hold),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
