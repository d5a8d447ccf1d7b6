#include "outside_help.h"

/* The tick sends what is in the outbox. */

#define FACTS                                                                                                       \
    "{\\\"runId\\\":\\\"" RUN "\\\",\\\"tenantId\\\":\\\"default\\\",\\\"name\\\":\\\"A <b>\\\",\\\"status\\\":"    \
    "\\\"completed\\\",\\\"validity\\\":\\\"valid\\\",\\\"verdict\\\":\\\"passed\\\",\\\"total\\\":1000,"           \
    "\\\"succeeded\\\":996,\\\"failed\\\":4,\\\"p95Ms\\\":38.4,\\\"key\\\":\\\"A <b>\\\",\\\"component\\\":\\\"api" \
    "\\\",\\\"before\\\":\\\"partial_outage\\\",\\\"maintenance\\\":\\\"on\\\",\\\"sinceUs\\\":5}"

/* One message is due and claimed.  `more`: members of the row; `told`, `since`: the rows beside it. */
static void claim(struct host *host, unsigned attempts, const char *more, const char *told, const char *since) {
    static const enum sn_sql batch[] = {SN_SQL_OUTBOX_CLAIM, SN_SQL_OUTBOX_TOLD, SN_SQL_OUTBOX_SINCE};
    char text[4096], expected[256];
    host_tick_with(host, outside, values, sizeof values);
    snprintf(text, sizeof text, "[" NO_ROWS_BEFORE "{\"rows\":[{\"id\":\"" ID "\",\"attempts\":%u}]}]", attempts);
    host_done(host, text);
    expect_batch(host, batch, 3, values, sizeof values);
    snprintf(expected, sizeof expected, ID "|%u|1790000120000000|1790000000000000 ; " ID " ; " ID, attempts);
    assert_string_equal(values, expected);
    snprintf(text, sizeof text,
             "[{\"rows\":[{\"tenant_id\":\"default\",\"run_id\":\"" RUN "\",\"event\":\"finished\",\"facts\":\"" FACTS
             "\",%s}]},{\"rows\":[%s]},{\"rows\":[%s]}]",
             more, told, since);
    host_done(host, text);
}

#define HOOK "\"target\":\"webhook\",\"url\":\"https://hooks.example/a?b\",\"format\":\"json\""
#define SLACK "\"target\":\"webhook\",\"url\":\"ops\",\"format\":\"slack\""
#define CLEARING "\"target\":\"clearing\",\"url\":null,\"format\":null"

static void expect_failed(struct host *host, const char *expected) {
    expect_sql(host, SN_SQL_OUTBOX_FAILED, values, sizeof values);
    assert_string_equal(values, expected);
    host_done(host, CHANGED);
    only_effect(host, SN_EFFECT_SLICE_END);
}

static void a_webhook_is_signed_and_told(void **state) {
    (void)state;
    struct host *host = host_open();
    claim(host, 1, HOOK, "", "");
    const char *text = fetched(host);
    assert_non_null(strstr(text, " https://hooks.example/a?b POST {"));
    assert_non_null(strstr(text, "\"idempotency-key\":\"" ID "\""));
    assert_non_null(strstr(text, "\"sentinel-attempt\":\"2\",\"sentinel-signature\":\"t=1790000000,v1="));
    assert_non_null(
        strstr(text, "{\"id\":\"" ID "\",\"event\":\"finished\",\"tenant\":\"default\",\"run\":{\"id\":\"" RUN));
    answer_http(host, 204, "", "");
    expect_sql(host, SN_SQL_OUTBOX_DELIVERED, values, sizeof values);
    assert_string_equal(values, ID);
    host_done(host, CHANGED);
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

static void slack_reads_a_sentence(void **state) {
    (void)state;
    struct host *host = host_open();
    claim(host, 0, SLACK, "", "");
    const char *text = fetched(host);
    assert_non_null(strstr(text, " https://chat.example/services/T0/secret POST {"));
    assert_non_null(strstr(text, "{\"text\":\"A run has ended: \\\"A &lt;b&gt;\\\" completed, its verdict is passed. "
                                 "1000 operations, 0.4 % failed, p95 38 ms.\"}"));
    host_close(host);
}

static void what_goes_wrong_is_tried_again(void **state) {
    static const struct {
        const char *message;
        unsigned attempts;
        uint32_t status; /* 0: the call failed, with `answer` */
        const char *retry_after, *answer, *written;
    } rows[] = {
        {HOOK, 0, 500, "", "trouble", ID "|1|waiting|1790000060000000|HTTP 500"},
        {HOOK, 1, 503, "600", "", ID "|2|waiting|1790000600000000|HTTP 503"},
        {HOOK, 4, 500, "", "", ID "|5|dead|1790000060000000|HTTP 500"},
        {HOOK, 0, 404, "", "", ID "|1|dead|1790000060000000|HTTP 404"},
        {HOOK, 0, 0, "", TIMEOUT, ID "|1|waiting|1790000060000000|no answer in time"},
        /* What the host says of a lost connection may have the address in it. */
        {HOOK, 0, 0, "", "Error: https://hooks.example/a?b",
         ID "|1|waiting|1790000060000000|no connection, or one that broke off"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        claim(host, rows[i].attempts, rows[i].message, "", "");
        if (rows[i].status == 0)
            host_failed(host, rows[i].answer);
        else
            answer_http(host, rows[i].status, rows[i].retry_after, rows[i].answer);
        expect_failed(host, rows[i].written);
        host_close(host);
    }
}

static void what_cannot_be_sent_says_why(void **state) {
    static const struct {
        const char *message, *error;
    } rows[] = {
        {"\"target\":\"webhook\",\"url\":\"https://evil.example/\",\"format\":\"json\"",
         "SENTINEL_WEBHOOK_HOSTS has no such host"},
        {"\"target\":\"webhook\",\"url\":\"https://hooks.example.evil/\",\"format\":\"json\"",
         "SENTINEL_WEBHOOK_HOSTS has no such host"},
        {"\"target\":\"webhook\",\"url\":\"dev\",\"format\":\"json\"", "SENTINEL_WEBHOOKS has no such name"},
        {"\"target\":\"webhook\",\"url\":null,\"format\":\"json\"", "SENTINEL_WEBHOOKS has no such name"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        char expected[160];
        claim(host, 0, rows[i].message, "", "");
        snprintf(expected, sizeof expected, ID "|1|waiting|1790000060000000|%s", rows[i].error);
        expect_failed(host, expected);
        host_close(host);
    }
}

/* Another tick has it; the database is away; the row is none of ours. */
static void a_claim_that_is_lost_is_left(void **state) {
    static const char *const answers[] = {"[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]}]", "nonsense", NULL};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct host *host = host_open();
        host_tick_with(host, outside, values, sizeof values);
        host_done(host, "[" NO_ROWS_BEFORE "{\"rows\":[{\"id\":\"" ID "\",\"attempts\":0}]}]");
        if (answers[i] != NULL)
            host_done(host, answers[i]);
        else
            host_failed(host, "Error: D1_ERROR: Network connection lost.");
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
}

static void the_clearing_is_asked_then_told(void **state) {
    static const enum sn_sql off[] = {SN_SQL_OUTBOX_DELIVERED, SN_SQL_MAINTENANCE_SET};
    (void)state;
    struct host *host = host_open();
    claim(host, 0, CLEARING, "", "{\"since_us\":5}");
    const char *text = fetched(host);
    assert_non_null(strstr(text, " https://status.example/api/status GET "));
    assert_null(strstr(text, "key")); /* which a page that everybody may read needs not */
    answer_http(host, 200, "", PAGE("maintenance"));
    text = fetched(host);
    assert_non_null(strstr(text, " https://status.example/api/sentinel POST {"));
    assert_non_null(strstr(text, "\"authorization\":\"Bearer key\""));
    assert_non_null(strstr(text, "\"componentStatus\":\"partial_outage\""));
    answer_http(host, 200, "", "{\"success\":true}");
    expect_batch(host, off, 2, values, sizeof values);
    assert_string_equal(values, ID " ; " RUN "|5|off|null");
    host_done(host, CHANGED);
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

/* What an earlier run said is taken back, and its incident resolved. */
static void a_good_run_takes_back(void **state) {
    static const enum sn_sql batch[] = {SN_SQL_OUTBOX_DELIVERED, SN_SQL_CLEARING_LIFTED, SN_SQL_MAINTENANCE_SET};
    (void)state;
    struct host *host = host_open();
    claim(host, 0, CLEARING, "{\"state\":\"partial_outage\",\"before\":\"operational\",\"incident_id\":\"i-1\"}", "");
    answer_http(host, 200, "", PAGE("maintenance"));
    const char *text = fetched(host);
    assert_non_null(strstr(text, "\"componentStatus\":\"operational\""));
    assert_non_null(strstr(text, "\"resolveIncident\":\"i-1\""));
    answer_http(host, 200, "", "{\"success\":true}");
    expect_batch(host, batch, 3, values, sizeof values);
    assert_string_equal(values, ID " ; default|A <b>|api ; " RUN "|5|off|null");
    host_close(host);
}

/* It has to arrive: nothing that the Clearing answers makes the message dead. */
static void the_clearing_is_told_for_ever(void **state) {
    (void)state;
    struct host *host = host_open();
    claim(host, 99, CLEARING, "", "");
    answer_http(host, 401, "", "");
    expect_failed(host, ID "|100|waiting|1790003840000000|HTTP 401");
    claim(host, 0, CLEARING, "", "");
    answer_http(host, 200, "", "{\"components\":[]}");
    expect_failed(host, ID "|1|waiting|1790000060000000|the Clearing lists no such component");
    claim(host, 0, CLEARING, "", "");
    answer_http(host, 200, "", PAGE("maintenance"));
    answer_http(host, 500, "", "");
    expect_failed(host, ID "|1|waiting|1790000060000000|HTTP 500");
    host_close(host);
}

/* The run was started again meanwhile, and has maintenance of its own. */
static void maintenance_that_was_taken_over_is_left(void **state) {
    (void)state;
    struct host *host = host_open();
    claim(host, 0, CLEARING, "", "{\"since_us\":6}");
    expect_sql(host, SN_SQL_OUTBOX_DELIVERED, values, sizeof values);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_webhook_is_signed_and_told),
        cmocka_unit_test(slack_reads_a_sentence),
        cmocka_unit_test(what_goes_wrong_is_tried_again),
        cmocka_unit_test(what_cannot_be_sent_says_why),
        cmocka_unit_test(a_claim_that_is_lost_is_left),
        cmocka_unit_test(the_clearing_is_asked_then_told),
        cmocka_unit_test(a_good_run_takes_back),
        cmocka_unit_test(the_clearing_is_told_for_ever),
        cmocka_unit_test(maintenance_that_was_taken_over_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
