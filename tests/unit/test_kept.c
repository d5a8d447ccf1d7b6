/* Texts that the host keeps: what is defined, under which number, and how much of it.  That a step says the same whether
 * they are kept or not is tested wherever a step is rendered (step_text.h). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/record.h"
#include "sentinel/load/operation.h"

#define LEN(array) (sizeof array / sizeof *array)

static const char pool[] = "key_/";
static const struct sn_render render = {
    .seed = 1, .k = 7, .run = {(const uint8_t *)"r1", 2}, .tenant = {(const uint8_t *)"acme", 4}};

/* "key_${run}" | "${k}" | "key_${k}/${tenant}" | 20 | "${tenant}${hex(4)}" */
static struct sn_part parts[] = {
    {SN_PART_LITERAL, 0, 4}, {SN_PART_RUN, 0, 0},     {SN_PART_K, 0, 0},      {SN_PART_LITERAL, 0, 4},
    {SN_PART_K, 0, 0},       {SN_PART_LITERAL, 4, 1}, {SN_PART_TENANT, 0, 0}, {SN_PART_LITERAL, 0, 1},
    {SN_PART_TENANT, 0, 0},  {SN_PART_HEX, 4, 0},
};
static struct sn_argument arguments[] = {
    {SN_VALUE_TEXT, 0, 2, 0},   {SN_VALUE_TEXT, 2, 1, 0}, {SN_VALUE_TEXT, 3, 4, 0},
    {SN_VALUE_NUMBER, 7, 1, 0}, {SN_VALUE_TEXT, 8, 2, 0},
};
static struct sn_text statements[] = {{0, 3}, {0, 3}};

static struct sn_workload workload_of(void) {
    return (struct sn_workload){
        .arguments = arguments,
        .parts = parts,
        .statements = statements,
        .pool = pool,
        .arguments_len = LEN(arguments),
        .parts_len = LEN(parts),
        .statements_len = LEN(statements),
        .pool_len = sizeof pool - 1,
    };
}

/* Defines into `cap` bytes and gives "number=text " for each record. */
static uint32_t define(const struct sn_workload *workload, size_t cap, char *line, size_t line_cap) {
    uint8_t *bytes = malloc(cap);
    assert_non_null(bytes);
    struct sn_writer w = sn_writer(bytes, cap), text = sn_writer(line, line_cap - 1);
    uint32_t kept = sn_kept_define(workload, &render, &w);
    assert_false(w.full);
    struct sn_reader r = sn_reader(bytes, w.len);
    struct sn_record record;
    struct sn_span payload;
    while (sn_record_next(&r, &record, &payload)) {
        assert_int_equal(record.kind, SN_EFFECT_DEFINE);
        sn_put_dec(&text, record.arg0);
        sn_put_text(&text, "=");
        sn_put_bytes(&text, payload.data, payload.len);
        sn_put_text(&text, " ");
    }
    assert_false(r.bad || text.full);
    line[text.len] = 0;
    free(bytes);
    return kept;
}

/* Numbers begin behind the statements and name the part that a row begins at; numbers (20) do not cross as texts. */
static void defines_each_row_once(void **state) {
    (void)state;
    char line[200];
    struct sn_workload workload = workload_of();
    assert_int_equal(define(&workload, 4096, line, sizeof line), LEN(arguments));
    assert_string_equal(line, "2=key_r1 5=key_ 7=/acme 10=acme ");
}

/* A record is 32 bytes and its text, padded to 8. */
static void keeps_whole_arguments_while_there_is_room(void **state) {
    (void)state;
    static const struct {
        size_t cap;
        uint32_t kept;
        const char *line;
    } rows[] = {
        {0, 0, ""},
        {39, 0, ""},
        {40, 2, "2=key_r1 "},  /* what has no text to define needs no room */
        {119, 2, "2=key_r1 "}, /* not half an argument */
        {120, 4, "2=key_r1 5=key_ 7=/acme "},
        {160, 5, "2=key_r1 5=key_ 7=/acme 10=acme "},
    };
    struct sn_workload workload = workload_of();
    for (size_t i = 0; i < LEN(rows); i++) {
        char line[200];
        assert_int_equal(define(&workload, rows[i].cap, line, sizeof line), rows[i].kept);
        assert_string_equal(line, rows[i].line);
    }
}

/* Two arguments that share parts would give two texts one number. */
static void keeps_nothing_from_an_argument_on_that_shares_parts(void **state) {
    (void)state;
    char line[200];
    struct sn_argument shared[] = {{SN_VALUE_TEXT, 0, 2, 0}, {SN_VALUE_TEXT, 0, 1, 0}, {SN_VALUE_TEXT, 2, 1, 0}};
    struct sn_workload workload = workload_of();
    workload.arguments = shared;
    workload.arguments_len = LEN(shared);
    assert_int_equal(define(&workload, 4096, line, sizeof line), 1);
    assert_string_equal(line, "2=key_r1 ");
}

static void defines_no_more_than_its_share(void **state) {
    (void)state;
    static struct sn_part many[1000];
    static struct sn_argument texts[LEN(many)];
    static char line[20000];
    for (uint32_t i = 0; i < LEN(many); i++) {
        many[i] = (struct sn_part){SN_PART_TENANT, 0, 0};
        texts[i] = (struct sn_argument){SN_VALUE_TEXT, i, 1, 0};
    }
    struct sn_workload workload = workload_of();
    workload.parts = many;
    workload.parts_len = LEN(many);
    workload.arguments = texts;
    workload.arguments_len = LEN(many);
    assert_int_equal(define(&workload, 1u << 17, line, sizeof line), SN_KEPT_BYTES_MAX / 40);
}

/* The last text that fits is one number; the first that does not crosses whole. */
static void what_is_not_kept_crosses_as_before(void **state) {
    (void)state;
    struct sn_workload workload = workload_of();
    static const struct sn_group group = {0, 1, 0, LEN(arguments)};
    static const struct sn_step step = {SN_ACTION_R2_DELETE, SN_BINDING_TARGET_R2, 0, 1, 0, 0, UINT32_MAX, 0};
    static const uint32_t expected[2][2] = {{SN_VALUE_TEXT, 6}, {SN_VALUE_KEPT, 2}};
    workload.groups = &group;
    workload.groups_len = 1;
    for (uint32_t kept = 0; kept < 2; kept++) {
        uint8_t bytes[256];
        struct sn_writer w = sn_writer(bytes, sizeof bytes);
        struct sn_render with = render;
        with.kept = kept;
        sn_step_render(&workload, &step, &with, &w);
        struct sn_reader r = sn_reader(bytes, w.len);
        sn_get_bytes(&r, 16); /* k, groups, statement, values */
        assert_int_equal(sn_get_u32(&r), expected[kept][0]);
        assert_int_equal(sn_get_u32(&r), expected[kept][1]);
        assert_false(r.bad || w.full);
    }
}

/* Reading back: every prefix of a step, and numbers that nobody defined, are refused. */
static void refuses_what_is_no_step(void **state) {
    (void)state;
    struct sn_workload workload = workload_of();
    static const struct sn_group group = {0, 1, 0, LEN(arguments)};
    static const struct sn_step step = {SN_ACTION_R2_DELETE, SN_BINDING_TARGET_R2, 0, 1, 0, 0, UINT32_MAX, 0};
    uint8_t bytes[256], plain[256];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    struct sn_render with = render;
    workload.groups = &group;
    workload.groups_len = 1;
    with.kept = LEN(arguments);
    sn_step_render(&workload, &step, &with, &w);
    for (size_t len = 0; len <= w.len; len++) {
        struct sn_writer out = sn_writer(plain, sizeof plain);
        uint8_t *exact = malloc(len + 1);
        assert_non_null(exact);
        memcpy(exact + 1, bytes, len);
        assert_int_equal(sn_step_plain(&workload, &with, (struct sn_span){exact + 1, len}, &out), len == w.len);
        free(exact);
    }
    bytes[20] = 1; /* a statement's number */
    struct sn_writer out = sn_writer(plain, sizeof plain);
    assert_false(sn_step_plain(&workload, &with, (struct sn_span){bytes, w.len}, &out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defines_each_row_once),
        cmocka_unit_test(keeps_whole_arguments_while_there_is_room),
        cmocka_unit_test(keeps_nothing_from_an_argument_on_that_shares_parts),
        cmocka_unit_test(defines_no_more_than_its_share),
        cmocka_unit_test(what_is_not_kept_crosses_as_before),
        cmocka_unit_test(refuses_what_is_no_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
