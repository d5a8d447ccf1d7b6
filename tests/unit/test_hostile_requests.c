#include "api_harness.h"
#include "hostile_plans.h"

/* What routes of schedules, baselines and the outbox are sent by the end-to-end test, here to the API machine alone: it
 * refuses as promised, twice alike, and asks nobody before it does, but where the list says so. */

#define REQUEST_BODY_MAX 131072 /* where the shim cuts a body off */

static void send(struct host *host, const struct hostile_request *request) {
    const struct hostile_plan *answer = &request->answer;
    size_t len = answer->len < REQUEST_BODY_MAX ? answer->len : REQUEST_BODY_MAX;
    host_call(host, &(struct call){.method = request->method,
                                   .target = request->target,
                                   .body = len > 0 ? (const char *)answer->body : "",
                                   .body_len = len,
                                   .outside = {"hooks.example", "{\"ops\":\"https://hooks.example/ops\"}", "secret", "",
                                               "https://status.example", "key"}});
}

static bool answered_as_promised(struct host *host, const struct hostile_request *request) {
    const struct hostile_plan *answer = &request->answer;
    const struct effect *effect = &host->effects[0];
    if (host->effects_len != 1) return false;
    bool asks = effect->record.kind == SN_EFFECT_SQL || effect->record.kind == SN_EFFECT_ZONE;
    if (request->late) return asks;
    if (effect->record.kind != SN_EFFECT_RESPOND || effect->record.arg0 != answer->status) return false;
    struct response response = expect_response(host, answer->status);
    return strcmp(member(response.json, "code"), answer->code) == 0 &&
           strcmp(member(response.json, "path"), answer->path) == 0 &&
           (answer->path[0] == '\0' || member(response.json, "expected")[0] != '\0');
}

static bool says_the_same_again(struct host *host, const struct hostile_request *request) {
    size_t len = host->effects[0].payload.len;
    uint8_t *said = malloc(len);
    memcpy(said, host->effects[0].payload.data, len);
    send(host, request);
    const struct effect *effect = &host->effects[0];
    bool same = host->effects_len == 1 && effect->payload.len == len && memcmp(effect->payload.data, said, len) == 0;
    free(said);
    return same;
}

static void show(const struct host *host, const struct hostile_request *request) {
    const struct effect *effect = &host->effects[0];
    int len = effect->payload.len < 600 ? (int)effect->payload.len : 600;
    printf("# %s: expected %u %s %s, got kind %u: %u %.*s\n", request->answer.name, request->answer.status,
           request->answer.code, request->answer.path, effect->record.kind, effect->record.arg0, len,
           (const char *)effect->payload.data);
}

static void each_request_is_answered_as_promised_and_twice_the_same(void **state) {
    (void)state;
    struct hostile_file *rows = hostile_open_file("tests/hostile/requests.txt");
    struct host *host = host_open();
    struct hostile_request request;
    unsigned wrong = 0, count = 0;
    for (; hostile_next_request(rows, &request); count++) {
        send(host, &request);
        bool good = answered_as_promised(host, &request) && (request.late || says_the_same_again(host, &request));
        if (!good) show(host, &request);
        wrong += !good;
        free(request.answer.body);
        free(request.target);
    }
    host_close(host);
    hostile_close(rows);
    assert_true(count >= 150);
    assert_int_equal(wrong, 0);
}

/* A list that is cut off, or is not what the database has: whoever asked gets an answer, and the core goes on. */
static void answers_that_no_database_gives(void **state) {
    (void)state;
    static const char *const targets[] = {"/api/sentinel/schedules", "/api/sentinel/baselines", "/api/sentinel/outbox",
                                          "/api/sentinel/schedules/" RUN, "/api/sentinel/baselines/" RUN};
    static const char *const unreadable[] = {"", "[", "null", "{}", "[]", "[[]]", "[{\"rows\":3}]", "\xff"};
    static const char wild[] = "[{\"rows\":[{\"id\":7,\"name\":[],\"cron_expression\":{},\"next_runs\":\"[\","
                               "\"jitter_seconds\":1e308,\"due_us\":-1e308,\"floors\":\"{\",\"spreads\":\"x\"}]}]";
    static const char *const strange[] = {"[{\"rows\":[{}]}]", "[{\"rows\":[null]}]", "[{\"rows\":[7]}]", wild};
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        struct host *host = host_open();
        for (size_t k = 0; k < sizeof unreadable / sizeof *unreadable; k++) {
            host_get(host, targets[i]);
            host_done(host, unreadable[k]);
            expect_problem(host, 503, "database.unreachable", "");
        }
        for (size_t k = 0; k < sizeof strange / sizeof *strange; k++) {
            host_get(host, targets[i]);
            host_done(host, strange[k]);
            assert_int_equal(only_effect(host, SN_EFFECT_RESPOND)->record.kind, SN_EFFECT_RESPOND);
            expect_response(host, only_effect(host, SN_EFFECT_RESPOND)->record.arg0);
        }
        host_close(host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_request_is_answered_as_promised_and_twice_the_same),
        cmocka_unit_test(answers_that_no_database_gives),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
