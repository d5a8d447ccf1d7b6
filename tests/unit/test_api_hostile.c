#include "api_harness.h"

/* What should never come, and does: answers to nobody, records in pieces, bytes that are wrong. */

static void unreadable_answers_are_no_trap(void **state) {
    (void)state;
    static const char *const answers[] = {"",     "[",    "null",           "{}",   "[]",
                                          "[[]]", "[{}]", "[{\"rows\":3}]", "\xff", "[{\"rows\":null}]"};
    static const char *const targets[] = {"/api/sentinel", "/api/sentinel/" RUN, "/api/sentinel/health",
                                          "/api/sentinel/" RUN "/report", "/api/sentinel/" RUN "/live"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        for (size_t k = 0; k < 5; k++) {
            struct host *host = host_open();
            host_get(host, targets[k]);
            host_done(host, answers[i]);
            expect_problem(host, 503, "database.unreachable", "");
            host_close(host);
        }
    }
}

static void strays_are_ignored(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, "/api/sentinel/" RUN);
    uint32_t id = host->effects[0].record.id;
    static const char text[] = "[{\"rows\":[]}]";
    struct sn_record late = {.kind = SN_EVENT_DONE, .id = id + 1000};
    host_event(host, &late, text, sizeof text - 1);
    assert_int_equal(host->effects_len, 0);
    late.id = 0;
    host_event(host, &late, text, sizeof text - 1);
    assert_int_equal(host->effects_len, 0);
    late = (struct sn_record){.kind = SN_EVENT_ALARM, .id = id};
    host_event(host, &late, NULL, 0);
    assert_int_equal(host->effects_len, 0);
    late = (struct sn_record){.kind = SN_EVENT_DONE, .id = id};
    host_event(host, &late, text, sizeof text - 1);
    expect_problem(host, 404, "run.unknown", "");
    host_event(host, &late, text, sizeof text - 1); /* the same answer again: the request is over */
    assert_int_equal(host->effects_len, 0);
    host_close(host);
}

/* A client went away: the next request takes the place of its own, and must not be given its answer. */
static void a_late_answer_finds_nobody(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, "/api/sentinel/" RUN);
    uint32_t old = host->effects[0].record.id;
    host_get(host, "/api/sentinel");
    assert_int_not_equal(host->effects[0].record.id, old);
    static const char text[] = "[{\"rows\":[]}]";
    host_event(host, &(struct sn_record){.kind = SN_EVENT_DONE, .id = old}, text, sizeof text - 1);
    assert_int_equal(host->effects_len, 0);
    host_close(host);
}

/* Every beginning of a good request, in memory that ends there: an answer or a question, never a trap. */
static void requests_in_pieces(void **state) {
    (void)state;
    struct host *host = host_open();
    uint8_t bytes[512];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    put_text_span(&w, "POST");
    put_text_span(&w, "/api/sentinel/" RUN "?x=1");
    put_text_span(&w, "Bearer " TOKEN);
    put_text_span(&w, TOKEN);
    put_text_span(&w, "application/json");
    put_text_span(&w, "{\"action\":\"start\"}");
    put_text_span(&w, "0123456789abcdef");
    put_text_span(&w, "a key");
    put_text_span(&w, "paid");
    put_text_span(&w, "operator");
    put_text_span(&w, "TARGET_DB");
    put_text_span(&w, "shop.example");
    put_text_span(&w, "{}");
    for (int i = 0; i < 6; i++) put_text_span(&w, "outside");
    for (size_t len = 0; len < w.len; len++) {
        host_event(host, &(struct sn_record){.kind = SN_EVENT_REQUEST}, bytes, len);
        expect_problem(host, 500, "internal.request", "");
    }
    host_event(host, &(struct sn_record){.kind = SN_EVENT_REQUEST}, bytes, w.len);
    expect_problem(host, 400, "query.unknown", "?x");
    host_close(host);
}

/* Records that end in the middle, and single bytes that are wrong: whatever comes, the next request is answered. */
static void spoilt_records(void **state) {
    (void)state;
    struct host *host = host_open();
    uint8_t payload[256], bytes[512], spoilt[512];
    struct sn_writer p = sn_writer(payload, sizeof payload), w = sn_writer(bytes, sizeof bytes);
    put_text_span(&p, "GET");
    put_text_span(&p, "/api/sentinel?limit=3");
    put_text_span(&p, "Bearer " TOKEN);
    put_text_span(&p, TOKEN);
    for (int i = 0; i < 14; i++) put_text_span(&p, "");
    sn_record_put(&w, &(struct sn_record){.kind = SN_EVENT_REQUEST}, payload, p.len);
    for (size_t len = 0; len < w.len; len++) host_step(host, bytes, len);
    for (size_t i = 0; i < w.len; i++) {
        for (int bit = 0; bit < 8; bit++) {
            memcpy(spoilt, bytes, w.len);
            spoilt[i] ^= (uint8_t)(1 << bit);
            host_step(host, spoilt, w.len);
        }
    }
    host_get(host, "/api/sentinel");
    expect_sql(host, SN_SQL_RUN_LIST, NULL, 0);
    host_close(host);
}

static void long_paths_and_queries(void **state) {
    (void)state;
    struct host *host = host_open();
    char *target = malloc(20001);
    memset(target, 'a', 20000);
    target[20000] = '\0';
    memcpy(target, "/api/sentinel/", 14);
    host_get(host, target);
    expect_problem(host, 404, "run.unknown", "");
    memcpy(target, "/api/sentinel?", 14);
    host_get(host, target);
    assert_true(strlen(member(expect_response(host, 400).json, "path")) < 100);
    for (size_t i = 14; i < 20000; i++) target[i] = '&';
    host_get(host, target);
    only_effect(host, SN_EFFECT_SQL);
    free(target);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unreadable_answers_are_no_trap),
        cmocka_unit_test(strays_are_ignored),
        cmocka_unit_test(a_late_answer_finds_nobody),
        cmocka_unit_test(requests_in_pieces),
        cmocka_unit_test(spoilt_records),
        cmocka_unit_test(long_paths_and_queries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
