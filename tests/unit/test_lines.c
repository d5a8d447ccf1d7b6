/* Names and texts of others in a report for people. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/report/lines.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static const struct {
    const char *text, *cell; /* of eight columns */
} cells[] = {
    {"", "        "},
    {"name", "name    "},
    {"\x1b[1m", "?[1m    "},
    {"a\x7f\n", "a??     "},
    {"a\xc2\x9b\xc2\xa0z", "a? z    "},                             /* C1, and SN_STICKY behind it */
    {"a\xe2\x80\xaa\xe2\x80\xae", "a??     "},                      /* what turns the direction of writing around */
    {"\xe2\x81\xa6\xe2\x81\xa9z", "??z     "},                      /* likewise */
    {"\xe2\x80\xa9\xe2\x81\xaa", "\xe2\x80\xa9\xe2\x81\xaa      "}, /* their neighbours */
    {"12345678\xe2\x80\xae", "1234567~"},
    {"a\xe2\x80", "a\xe2\x80      "}, /* cut in the middle of a character */
    {"a\xc2", "a\xc2      "},
};

static void nothing_moves_the_cursor(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS(cells); i++) {
        char cell[32];
        size_t len = strlen(cells[i].text);
        uint8_t *exact = malloc(len + 1); /* one more, so that there is a pointer for no bytes */
        memcpy(exact + 1, cells[i].text, len);
        struct sn_writer w = sn_writer(cell, sizeof cell - 1);
        sn_lines_left(&w, exact + 1, len, 8);
        cell[w.len] = 0;
        assert_string_equal(cell, cells[i].cell);
        free(exact);
    }
}

static void a_zero_is_shown_and_ends_nothing(void **state) {
    (void)state;
    char line[32];
    struct sn_writer w = sn_writer(line, sizeof line - 1);
    sn_lines_wrap(&w, "Name", 6, "a\0b \xe2\x80\xae", 7);
    line[w.len] = 0;
    assert_string_equal(line, "Name  a?b ?\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_moves_the_cursor),
        cmocka_unit_test(a_zero_is_shown_and_ends_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
