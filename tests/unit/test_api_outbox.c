#include "api_harness.h"

/* The tick sends messages; a run that starts has its component in maintenance before. */

#define ID "00112233445566778899aabbccddeeff"
#define NO_CHANGE "[{\"rows\":[],\"changes\":0}]"
#define CHANGED "[{\"rows\":[],\"changes\":1}]"
#define TIMEOUT "TimeoutError: The operation was aborted due to timeout"
#define STATE "{\"status\":\"running\",\"stage\":\"arm\"}"

/* SENTINEL_WEBHOOK_HOSTS, SENTINEL_WEBHOOKS, SENTINEL_WEBHOOK_SECRET, CLEARING, CLEARING_API_URL, CLEARING_API_KEY */
static const char *const outside[6] = {"hooks.example other.example:8443",
                                       "{\"ops\":\"https://chat.example/services/T0/secret\"}",
                                       "secret",
                                       "",
                                       "https://status.example/",
                                       "key"};

static char values[8192];

/* What is fetched: "BINDING URL METHOD HEADERS BODY". */
static const char *fetched(struct host *host) {
    static char text[8192];
    const struct effect *effect = only_effect(host, SN_EFFECT_FETCH);
    struct sn_reader r = sn_reader(effect->payload.data, effect->payload.len);
    struct sn_writer w = sn_writer(text, sizeof text);
    assert_true(effect->record.arg0 > 0 && effect->record.arg1 > 0);
    for (int i = 0; i < 4; i++) {
        struct sn_span span = sn_get_span(&r);
        sn_put_bytes(&w, span.data, span.len);
        sn_put_text(&w, " ");
    }
    assert_false(r.bad);
    sn_put_bytes(&w, r.data + r.pos, sn_reader_left(&r));
    sn_put_u8(&w, 0);
    assert_false(w.full);
    return text;
}

static void answer_http(struct host *host, uint32_t status, const char *retry_after, const char *body) {
    uint8_t bytes[1024];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    put_text_span(&w, retry_after);
    sn_put_text(&w, body);
    uint32_t id = host->effects[host->effects_len - 1].record.id;
    host_event(host, &(struct sn_record){.kind = SN_EVENT_DONE, .id = id, .arg0 = status}, bytes, w.len);
}

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
    snprintf(text, sizeof text,
             "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[{\"id\":\"" ID "\",\"attempts\":%u}]}]", attempts);
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
        host_done(host, "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[{\"id\":\"" ID "\",\"attempts\":0}]}]");
        if (answers[i] != NULL)
            host_done(host, answers[i]);
        else
            host_failed(host, "Error: D1_ERROR: Network connection lost.");
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
}

#define PAGE(state) "{\"components\":[{\"slug\":\"api\",\"status\":\"" state "\"}]}"

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

/* --- Before the start -------------------------------------------------------------------------------------- */

#define ASKED "[{\"rows\":[{\"tenant_id\":\"default\",\"component\":\"api\",\"message\":null}]}]"
#define PLAN "{\"preset\":\"smoke\",\"startImmediately\":true,\"maintenance\":{\"component\":\"api\"}}"
#define NEW_RUN "ffffffff-ffff-4fff-bfff-ffffffffffff"

static void create(struct host *host) {
    struct call call = {.method = "POST", .target = "/api/sentinel", .body = PLAN};
    memcpy(call.outside, outside, sizeof outside);
    host_call(host, &call);
    expect_batch(host, (const enum sn_sql[]){SN_SQL_RUN_INSERT, SN_SQL_AUDIT_INSERT}, 2, NULL, 0);
    host_done(host, "[{\"rows\":[],\"changes\":1},{\"rows\":[],\"changes\":1}]");
    expect_sql(host, SN_SQL_MAINTENANCE_ASKED, values, sizeof values);
    assert_string_equal(values, NEW_RUN);
}

static void maintenance_is_on_before_the_run(void **state) {
    (void)state;
    struct host *host = host_open();
    create(host);
    host_done(host, ASKED);
    assert_non_null(strstr(fetched(host), "/api/status GET "));
    answer_http(host, 200, "", PAGE("degraded"));
    expect_sql(host, SN_SQL_MAINTENANCE_PUT, values, sizeof values);
    assert_string_equal(values, NEW_RUN "|default|api|degraded|wanted|1790000000000000|null");
    host_done(host, CHANGED);
    const char *text = fetched(host);
    assert_non_null(strstr(text, "/api/sentinel POST {"));
    assert_non_null(strstr(text, "\"componentStatus\":\"maintenance\""));
    answer_http(host, 200, "", "{}");
    expect_sql(host, SN_SQL_MAINTENANCE_SET, values, sizeof values);
    assert_string_equal(values, NEW_RUN "|1790000000000000|on|null");
    host_done(host, CHANGED);
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);
    host_done(host, STATE);
    expect_response(host, 201);
    host_close(host);
}

/* Whatever goes wrong, the run starts; and what cannot be restored is not touched. */
static void the_run_starts_whatever_becomes_of_it(void **state) {
    (void)state;
    struct host *host = host_open();
    create(host); /* the plan asks for nothing, or the database is away */
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);

    create(host); /* its state cannot be learnt */
    host_done(host, ASKED);
    host_failed(host, TIMEOUT);
    expect_sql(host, SN_SQL_MAINTENANCE_PUT, values, sizeof values);
    assert_string_equal(values, NEW_RUN
                        "|default|api|null|failed|1790000000000000|the component's state was not read: no answer");
    host_done(host, CHANGED);
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);

    create(host); /* it cannot be written down */
    host_done(host, ASKED);
    answer_http(host, 200, "", PAGE("operational"));
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);

    create(host); /* somebody else's maintenance is on */
    host_done(host, ASKED);
    answer_http(host, 200, "", PAGE("maintenance"));
    expect_sql(host, SN_SQL_MAINTENANCE_PUT, values, sizeof values);
    assert_string_equal(values, NEW_RUN "|default|api|maintenance|on|1790000000000000|null");
    host_done(host, CHANGED);
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);

    create(host); /* the Clearing does not take it */
    host_done(host, ASKED);
    answer_http(host, 200, "", PAGE("operational"));
    host_done(host, CHANGED);
    answer_http(host, 503, "", "");
    expect_sql(host, SN_SQL_MAINTENANCE_SET, values, sizeof values);
    assert_string_equal(values, NEW_RUN "|1790000000000000|failed|the Clearing did not take it: HTTP 503");
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    expect_message(host, NEW_RUN, SN_MESSAGE_CREATE);
    host_close(host);
}

/* --- People ------------------------------------------------------------------------------------------------- */

#define ROW                                                                                                              \
    "{\"id\":\"" ID                                                                                                      \
    "\",\"run_id\":null,\"target\":\"webhook\",\"event\":\"finished\",\"url\":\"https://hooks.example/a?b\","            \
    "\"format\":\"json\",\"state\":\"dead\",\"created_us\":1790000000000000,\"due_us\":1790000060000000,\"attempts\":5," \
    "\"error\":\"HTTP 500\"}"

static void the_outbox_is_listed(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, "/api/sentinel/outbox?state=dead");
    expect_sql(host, SN_SQL_OUTBOX_LIST, values, sizeof values);
    assert_string_equal(values, "default|dead");
    host_done(host, "[{\"rows\":[" ROW "]}]");
    struct response response = expect_response(host, 200);
    const struct sn_json *message = sn_json_first(sn_json_get(response.json, "messages"));
    assert_string_equal(member(message, "to"), "hooks.example"); /* what stands behind the host may be secret */
    assert_string_equal(member(message, "dueAt"), "2026-09-21T14:14:20.000Z");
    assert_true(sn_json_number(sn_json_get(message, "attempts")) == 5);
    host_get(host, "/api/sentinel/outbox");
    expect_sql(host, SN_SQL_OUTBOX_LIST, values, sizeof values);
    assert_string_equal(values, "default|null");
    host_failed(host, "Error: D1_ERROR: no such table: sentinel_outbox");
    expect_problem(host, 503, "database.not-migrated", "");
    host_get(host, "/api/sentinel/outbox?state=gone");
    expect_problem(host, 400, "query.range", "?state");
    host_close(host);
}

static void a_message_is_sent_again(void **state) {
    static const struct {
        const char *body, *code, *path;
    } bad[] = {{"[]", "body.type", "$"},
               {"{}", "body.missing", "$.action"},
               {"{\"action\":7}", "body.type", "$.action"},
               {"{\"action\":\"burn\"}", "body.range", "$.action"},
               {"{\"action\":\"resend\",\"now\":true}", "body.unknown-field", "$.now"},
               {"{", "json.syntax", "$"}};
    (void)state;
    struct host *host = host_open();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        host_post(host, "/api/sentinel/outbox/" ID, bad[i].body);
        expect_problem(host, 400, bad[i].code, bad[i].path);
    }
    host_post(host, "/api/sentinel/outbox/" ID, "{\"action\":\"resend\"}");
    expect_sql(host, SN_SQL_OUTBOX_RESEND, values, sizeof values);
    assert_string_equal(values, ID "|default|1790000000000000");
    host_done(host, "[{\"rows\":[" ROW "]}]");
    expect_sql(host, SN_SQL_AUDIT_INSERT, values, sizeof values);
    assert_string_equal(values, "1790000000000000|default|admin|resend|null|" ID);
    host_failed(host, "Error: D1_ERROR: Network connection lost.");
    struct response response = expect_response(host, 200);
    assert_string_equal(member(sn_json_get(response.json, "message"), "id"), ID);
    host_post(host, "/api/sentinel/outbox/" ID, "{\"action\":\"resend\"}");
    host_done(host, NO_CHANGE);
    expect_problem(host, 404, "message.unknown", "");
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
        cmocka_unit_test(maintenance_is_on_before_the_run),
        cmocka_unit_test(the_run_starts_whatever_becomes_of_it),
        cmocka_unit_test(the_outbox_is_listed),
        cmocka_unit_test(a_message_is_sent_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
