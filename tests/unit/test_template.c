/* Templates, one by one. */
#include "operation_help.h"

#include "sentinel/load/payload.h"

static struct sn_workload made;
static _Alignas(16) uint8_t made_bytes[SN_PLAN_BYTES_MAX];

/* Compiles an operation with this step and gives the line of its rendering. */
static const char *rendered(const char *step, struct sn_render render) {
    static char json[4000], line[SN_EFFECT_MAX];
    int len = snprintf(json, sizeof json,
                       "{\"systems\":{\"s\":1},\"operations\":[{\"operation\":\"o\",\"system\":\"s\",\"steps\":[%s]}]}",
                       step);
    assert_true(len > 0 && (size_t)len < sizeof json);
    compile(json, (size_t)len, &made, made_bytes, sizeof made_bytes);
    step_text(&made, &made.steps[0], &render, line, sizeof line);
    return line;
}

static const struct {
    const char *step, *line;
} templates[] = {
    {"{\"kv\":\"delete\",\"key\":\"plain\"}", "kv.delete 'plain'"},
    {"{\"kv\":\"delete\",\"key\":\"${k}/${k%10}/${ k % 7 }\"}", "kv.delete '12345/5/4'"},
    {"{\"kv\":\"delete\",\"key\":\"${run}${tenant}${time}\"}", "kv.delete 'R1t11795424400123'"},
    {"{\"kv\":\"delete\",\"key\":\"$$${k}$$\"}", "kv.delete '$12345$'"},
    {"{\"kv\":\"delete\",\"key\":\"$${k}\"}", "kv.delete '${k}'"},
    {"{\"kv\":\"delete\",\"key\":\"é{}\"}", "kv.delete 'é{}'"},
    {"{\"kv\":\"delete\",\"key\":\"${number(5,5)} ${number( 0 , 0 )}\"}", "kv.delete '5 0'"},
    {"{\"kv\":\"put\",\"key\":\"a\",\"value\":\"\"}", "kv.put 'a' '' null null"},
    {"{\"kv\":\"put\",\"key\":\"a\",\"value\":\"${text(8)}\",\"ttl\":60}", "kv.put 'a' slice(45288, 8) 60 null"},
    {"{\"kv\":\"put\",\"key\":\"a\",\"value\":\"v\",\"metadata\":{\"a\":1.5,\"b\":true,\"c\":\"\\\"${k}\\\"\"}}",
     "kv.put 'a' 'v' null '{\"a\":1.5,\"b\":true,\"c\":\"\\\"12345\\\"\"}'"},
    {"{\"kv\":\"list\",\"prefix\":\"p\"}", "kv.list 'p' null"},
    {"{\"kv\":\"get\",\"key\":\"p\"}", "kv.get 'p' 'text' null"},
    {"{\"r2\":\"head\",\"key\":\"p\"}", "r2.head 'p'"},
    {"{\"r2\":\"put\",\"key\":\"p\",\"value\":\"x\"}", "r2.put 'p' 'x' null null"},
    {"{\"d1\":\"SELECT 1\"}", "d1.all SELECT 1 |"},
    {"{\"d1\":\"SELECT ?1\",\"bind\":[null,-1.5,1e300,0.1,\"\",{\"number\":\"${k%100}\"},{\"number\":\"-${k}0\"}]}",
     "d1.all SELECT ?1 | null -1.5 1e+300 0.1 '' 45 -123450"},
    {"{\"d1\":\"batch\",\"statements\":[{\"sql\":\"SELECT A\",\"times\":2,\"bind\":[{\"number\":\"${times}\"}]},{\"sql\":"
     "\"SELECT B\"}]}",
     "d1.batch SELECT A | 0 ; SELECT A | 1 ; SELECT B |"},
};

static void renders_templates(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(templates); i++)
        assert_string_equal(rendered(templates[i].step, render_of(9, 12345)), templates[i].line);
}

/* The text as a slice crosses as an offset and a length; inside a longer text it crosses as the same kind of bytes. */
static void texts_come_from_the_payload_block(void **state) {
    (void)state;
    static uint8_t block[SN_PAYLOAD_BLOCK];
    sn_payload_fill(block, 0, SN_PAYLOAD_BLOCK);
    for (uint32_t len = 1; len < 40; len++) {
        char step[100];
        snprintf(step, sizeof step, "{\"kv\":\"put\",\"key\":\"a\",\"value\":\"<${text(%u)}>\"}", len);
        const char *line = rendered(step, render_of(9, 12345));
        uint32_t offset = sn_payload_offset(sn_hash64_end(SN_HASH64_BEGIN), len); /* nothing varies */
        const char *text = strchr(line, '<') + 1;
        assert_memory_equal(text, block + offset, len);
        assert_int_equal(text[len], '>');
    }
}

/* A value's slice is chosen by its key: who reads the key back knows what to expect. */
static void slices_are_chosen_by_the_key(void **state) {
    (void)state;
    const char step[] = "{\"r2\":\"put\",\"key\":\"x${k%10}\",\"value\":\"${text(100)}\"}";
    char expected[100];
    snprintf(expected, sizeof expected, "r2.put 'x5' slice(%u, 100) null null",
             sn_payload_offset(sn_hash64_end(sn_hash64_add_number(SN_HASH64_BEGIN, 5)), 100));
    assert_string_equal(rendered(step, render_of(9, 15)), expected);
    assert_string_equal(rendered(step, render_of(4, 25)), expected); /* not by the seed, not by k */
}

/* A text bound to SQL has no key beside it: k chooses. */
static void bound_texts_are_chosen_by_k(void **state) {
    (void)state;
    char first[200];
    const char step[] = "{\"d1\":\"SELECT S\",\"bind\":[\"${text(100)}\"]}";
    strcpy(first, rendered(step, render_of(9, 15)));
    assert_memory_equal(first, "d1.all SELECT S | text(", 23);
    assert_string_equal(rendered(step, render_of(9, 15)), first);
    assert_string_not_equal(rendered(step, render_of(9, 16)), first);
    assert_string_not_equal(rendered(step, render_of(8, 15)), first);
}

static void generated_values_are_functions_of_seed_and_k(void **state) {
    (void)state;
    char first[200];
    const char step[] = "{\"kv\":\"delete\",\"key\":\"${hex(16)}${number(0,4294967294)}\"}";
    strcpy(first, rendered(step, render_of(9, 15)));
    assert_string_equal(rendered(step, render_of(9, 15)), first);
    assert_string_not_equal(rendered(step, render_of(9, 16)), first);
    assert_string_not_equal(rendered(step, render_of(10, 15)), first);
    /* The same part is the same value in every template of the operation: a cleanup can name what a step wrote. */
    char other[200];
    strcpy(other, rendered("{\"kv\":\"delete\",\"key\":\"another one: ${hex(16)}\"}", render_of(9, 15)));
    assert_memory_equal(strstr(other, ": ") + 2, first + 11, 16);
    /* A repeated statement has a value of its own each time. */
    const char *batch =
        rendered("{\"d1\":\"batch\",\"statements\":[{\"sql\":\"SELECT A\",\"times\":2,\"bind\":[\"${hex(16)}\"]}]}",
                 render_of(9, 15));
    const char *one = strchr(batch, '\'') + 1, *two = strstr(batch, "; SELECT A | '") + 14;
    assert_memory_not_equal(one, two, 16);
}

static void numbers_stay_in_their_range(void **state) {
    (void)state;
    bool seen[4] = {false};
    for (uint64_t k = 1; k <= 100; k++) {
        const char *line = rendered("{\"kv\":\"delete\",\"key\":\"${number(3,6)}\"}", render_of(1, k));
        assert_true(line[11] >= '3' && line[11] <= '6' && line[12] == '\'');
        seen[line[11] - '3'] = true;
    }
    assert_true(seen[0] && seen[1] && seen[2] && seen[3]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(renders_templates),
        cmocka_unit_test(texts_come_from_the_payload_block),
        cmocka_unit_test(slices_are_chosen_by_the_key),
        cmocka_unit_test(bound_texts_are_chosen_by_k),
        cmocka_unit_test(generated_values_are_functions_of_seed_and_k),
        cmocka_unit_test(numbers_stay_in_their_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
