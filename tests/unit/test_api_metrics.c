#include "api_harness.h"

/* GET /api/sentinel/metrics, line by line. */

#define TARGET "/api/sentinel/metrics"
#define COUNTS(active)                                                                                        \
    "[{\"rows\":[{\"status\":\"completed\",\"runs\":12},{\"status\":\"running\",\"runs\":1}],\"changes\":0}," \
    "{\"rows\":[" active "],\"changes\":0}]"
#define ACTIVE "{\"id\":\"" RUN "\"}"
#define STATE                                                                                                  \
    "{\"status\":\"running\",\"elapsedS\":12.5,\"durationS\":30,\"counts\":{\"planned\":100,\"completed\":40," \
    "\"failed\":2,\"dropped\":{\"slots\":1,\"harness\":0,\"shardDown\":3},\"cancelled\":0,\"unaccounted\":0,"  \
    "\"inFlight\":5,\"notYetDue\":49},\"response\":{\"p50Ms\":12,\"p95Ms\":250,\"p99Ms\":null}}"

static char values[256];

static void ask(struct host *host) {
    static const enum sn_sql batch[] = {SN_SQL_RUNS_BY_STATUS, SN_SQL_RUN_ACTIVE};
    host_get(host, TARGET);
    expect_batch(host, batch, 2, values, sizeof values);
    assert_string_equal(values, "default ; default");
}

/* The answer as a text; every line is a comment or a sample, and every sample's family has its two comments. */
static char *text_of(struct host *host) {
    struct response r = expect_response(host, 200);
    assert_string_equal(member(r.headers, "content-type"), "text/plain; version=0.0.4; charset=utf-8");
    char *text = malloc(r.body.len + 1);
    memcpy(text, r.body.data, r.body.len);
    text[r.body.len] = '\0';
    assert_int_equal(text[r.body.len - 1], '\n');
    char family[64] = "";
    for (char *line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
        if (sscanf(line, "# HELP %63s ", family) == 1) {
            char type[64];
            assert_int_equal(sscanf(strchr(line, '\n') + 1, "# TYPE %63s ", type), 1);
            assert_string_equal(type, family);
        }
        assert_true(line[0] == '#' || strncmp(line, family, strlen(family)) == 0);
        assert_memory_equal(family, "sentinel_", 9);
    }
    return text;
}

static void assert_line(const char *text, const char *line) {
    const char *at = strstr(text, line);
    while (at != NULL && (at > text && at[-1] != '\n')) at = strstr(at + 1, line);
    assert_non_null(at);
    assert_int_equal(at[strlen(line)], '\n');
}

static void no_run_is_active(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host);
    host_done(host, COUNTS(""));
    char *text = text_of(host);
    assert_line(text, "sentinel_build_info{version=\"0.1.0\"} 1");
    assert_line(text, "sentinel_runs{status=\"pending\"} 0");
    assert_line(text, "sentinel_runs{status=\"running\"} 1");
    assert_line(text, "sentinel_runs{status=\"completed\"} 12");
    assert_null(strstr(text, "sentinel_run_"));
    free(text);
    host_close(host);
}

static const char *const lines[] = {
    "sentinel_run_up{run=\"" RUN "\"} 1",
    "# TYPE sentinel_run_operations_total counter",
    "sentinel_run_planned_operations{run=\"" RUN "\"} 100",
    "sentinel_run_operations_total{outcome=\"completed\",run=\"" RUN "\"} 40",
    "sentinel_run_operations_total{outcome=\"failed\",run=\"" RUN "\"} 2",
    "sentinel_run_operations_total{outcome=\"unaccounted\",run=\"" RUN "\"} 0",
    "sentinel_run_dropped_operations_total{cause=\"slots\",run=\"" RUN "\"} 1",
    "sentinel_run_dropped_operations_total{cause=\"shardDown\",run=\"" RUN "\"} 3",
    "sentinel_run_in_flight_operations{run=\"" RUN "\"} 5",
    "sentinel_run_elapsed_seconds{run=\"" RUN "\"} 12.5",
    "sentinel_run_duration_seconds{run=\"" RUN "\"} 30",
    "sentinel_run_response_seconds{quantile=\"0.5\",run=\"" RUN "\"} 0.012",
    "sentinel_run_response_seconds{quantile=\"0.95\",run=\"" RUN "\"} 0.25",
};

static void the_active_run_tells(void **state) {
    (void)state;
    struct host *host = host_open();
    ask(host);
    host_done(host, COUNTS(ACTIVE));
    expect_message(host, RUN, SN_MESSAGE_READ);
    host_done(host, STATE);
    char *text = text_of(host);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) assert_line(text, lines[i]);
    assert_null(strstr(text, "quantile=\"0.99\"")); /* too few operations have ended to say */
    free(text);
    host_close(host);
}

/* A run that cannot be asked, or talks nonsense, is no reason to have no metrics. */
static void a_run_that_does_not_answer(void **state) {
    (void)state;
    static const char *const answers[] = {NULL, "nonsense", "", "{\"counts\":3,\"elapsedS\":\"a\"}", "[]"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct host *host = host_open();
        ask(host);
        host_done(host, COUNTS(ACTIVE));
        if (answers[i] == NULL)
            host_failed(host, "Error: Network connection lost.");
        else
            host_done(host, answers[i]);
        char *text = text_of(host);
        assert_line(text, i < 3 ? "sentinel_run_up{run=\"" RUN "\"} 0" : "sentinel_run_up{run=\"" RUN "\"} 1");
        assert_null(strstr(text, "sentinel_run_elapsed_seconds{"));
        free(text);
        host_close(host);
    }
}

static void answers_that_are_none(void **state) {
    (void)state;
    static const char *const answers[] = {"", "[]", "[{\"rows\":[]}]", "[{\"rows\":[]},{\"rows\":3}]"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct host *host = host_open();
        ask(host);
        host_done(host, answers[i]);
        expect_problem(host, 503, "database.unreachable", "");
        host_close(host);
    }
    struct host *host = host_open();
    ask(host);
    host_done(host,
              "[{\"rows\":[{\"status\":\"gone\",\"runs\":1},{\"status\":7},3]},{\"rows\":[{\"id\":\"01234567890123"
              "456789012345678901234567890\"}]}]");
    char *text = text_of(host);
    assert_null(strstr(text, "sentinel_run_up"));
    free(text);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_run_is_active),
        cmocka_unit_test(the_active_run_tells),
        cmocka_unit_test(a_run_that_does_not_answer),
        cmocka_unit_test(answers_that_are_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
