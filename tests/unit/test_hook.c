#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/service/outside.h"

#define RUN "\\\"N &amp; M\\\" failed, its verdict is failed."
#define FIGURES RUN " 8 operations, 25.0 % failed, p95 4 ms. Why\"}"

/* What people read in a chat.  Of what is no run there are no figures. */
static void sentences(void **state) {
    static const struct {
        const char *event, *json;
    } rows[] = {
        {"finished", "{\"text\":\"A run has ended: " FIGURES},
        {"threshold-failed", "{\"text\":\"A threshold failed: " FIGURES},
        {"regression", "{\"text\":\"Slower than the baseline: " FIGURES},
        {"budget-reached", "{\"text\":\"The budget was reached: " FIGURES},
        {"schedule-paused", "{\"text\":\"A schedule was paused: " RUN " Why\"}"},
        {"kill-switch", "{\"text\":\"Everything was stopped: " RUN " Why\"}"},
        {"none of the list", "{\"text\":\"A run has ended: " FIGURES},
    };
    (void)state;
    const struct sn_facts facts = {.name = "N & M",
                                   .status = "failed",
                                   .verdict = "failed",
                                   .reason = "Why",
                                   .total = 8,
                                   .failed = 2,
                                   .p95_ms = 4.2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1024];
        struct sn_writer w = sn_writer(text, sizeof text);
        sn_hook_put_slack(&w, rows[i].event, &facts);
        sn_put_u8(&w, 0);
        assert_string_equal(text, rows[i].json);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sentences)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
