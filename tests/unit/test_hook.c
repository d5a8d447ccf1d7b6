#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/service/outside.h"

#define RUN "\\\"N &amp; M\\\" failed, its verdict is failed."
#define BEHIND " 8 operations, 25.0 % failed, p95 4 ms. Why\"}"
#define FIGURES RUN BEHIND

/* What people read in a chat.  Of what is no run there are no figures. */
static void sentences(void **state) {
    static const struct {
        const char *event, *json;
    } rows[] = {
        {"finished", "{\"text\":\"A run has ended: " FIGURES},
        {"threshold-failed", "{\"text\":\"A threshold failed: " FIGURES},
        {"regression", "{\"text\":\"Slower than the baseline: " RUN " The baseline is \\\"May &lt;1&gt;\\\"." BEHIND},
        {"budget-reached", "{\"text\":\"The budget was reached: " FIGURES},
        {"kill-switch", "{\"text\":\"Everything was stopped: " FIGURES},
        {"schedule-paused", "{\"text\":\"A schedule was paused: " RUN " Why\"}"},
        {"none of the list", "{\"text\":\"A run has ended: " FIGURES},
    };
    (void)state;
    struct sn_facts facts = {.name = "N & M",
                             .status = "failed",
                             .verdict = "failed",
                             .reason = "Why",
                             .total = 8,
                             .failed = 2,
                             .p95_ms = 4.2};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[1024];
        struct sn_writer w = sn_writer(text, sizeof text);
        facts.baseline = strcmp(rows[i].event, "regression") == 0 ? "May <1>" : "";
        sn_hook_put_slack(&w, rows[i].event, &facts);
        sn_put_u8(&w, 0);
        assert_string_equal(text, rows[i].json);
    }
}

/* A schedule that was paused is no run, and a message says so. */
static void a_schedule_as_json(void **state) {
    (void)state;
    char text[512];
    struct sn_writer w = sn_writer(text, sizeof text);
    const struct sn_facts facts = {.tenant = "default",
                                   .schedule_id = "s",
                                   .name = "Nightly",
                                   .status = "paused",
                                   .reason = "Why",
                                   .baseline = ""};
    sn_hook_put_json(&w, "m", "schedule-paused", &facts);
    sn_put_u8(&w, 0);
    assert_string_equal(text, "{\"id\":\"m\",\"event\":\"schedule-paused\",\"tenant\":\"default\",\"schedule\":{"
                              "\"id\":\"s\",\"name\":\"Nightly\",\"status\":\"paused\",\"reason\":\"Why\"}}");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(sentences), cmocka_unit_test(a_schedule_as_json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
