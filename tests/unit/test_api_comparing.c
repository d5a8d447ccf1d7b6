#include "api_harness.h"

#include "compared_help.h"

/* A run that ended beside the baseline of its plan: when it is computed, what is kept, and where it is told. */

#define PATH "/api/sentinel/" RUN
#define BASELINE "ffffffff-ffff-4fff-bfff-ffffffffffff"
#define HASH "00ff00ff00ff00ff"
#define LOST "Error: Network connection lost."
#define ENDED_AT 1789999990
#define ROW(status, completed, comparison, baseline)                                                                      \
    "[{\"rows\":[{\"id\":\"" RUN "\",\"name\":\"a\",\"plan_hash\":\"" HASH "\",\"status\":\"" status                      \
    "\",\"validity\":\"valid\",\"verdict\":\"none\",\"revision\":7,\"created_at\":1789990000,\"completed_at\":" completed \
    ",\"comparison\":" comparison ",\"baseline_id\":" baseline ",\"baseline_name\":" baseline "}],\"changes\":0}]"
#define TO_COMPARE ROW("completed", "1789999990", "null", "\"" BASELINE "\"")
#define STATE "{\"id\":\"" RUN "\",\"status\":\"completed\"}"
#define STORED(text) "[{\"rows\":[],\"changes\":1},{\"rows\":[{\"comparison\":" text "}],\"changes\":0}]"

static char values[400000];

static void put_bytes(struct sn_writer *w, uint32_t length_s, double factor, uint64_t seed) {
    static uint8_t bytes[SN_COMPARED_BYTES_MAX];
    static const char digits[] = "0123456789ABCDEF";
    size_t len = compared_draw(bytes, length_s, factor, seed, HELP_HASH);
    sn_put_text(w, "\"");
    for (size_t i = 0; i < len; i++) {
        sn_put_u8(w, (uint8_t)digits[bytes[i] >> 4]);
        sn_put_u8(w, (uint8_t)digits[bytes[i] & 15]);
    }
    sn_put_text(w, "\"");
}

/* The baseline, and a run `factor` times as slow; 0: nothing of it is there yet. */
static uint32_t seconds = 60; /* that the run lasted */

static char *sides(double factor, const char *floors) {
    size_t cap = 300000;
    char *text = malloc(cap);
    struct sn_writer w = sn_writer(text, cap - 1);
    sn_put_text(&w, "[{\"rows\":[{\"id\":\"" BASELINE "\",\"name\":\"Monday\",\"runs\":1,\"spreads\":null,\"floors\":");
    sn_put_text(&w, floors);
    sn_put_text(&w, ",\"baseline_throughput\":100,\"compared\":");
    put_bytes(&w, 60, 1, 1);
    sn_put_text(&w, "}]},{\"rows\":[{\"status\":\"completed\",\"throughput_ops_sec\":98.5,\"compared\":");
    if (factor > 0)
        put_bytes(&w, seconds, factor, 2);
    else
        sn_put_text(&w, "\"\"");
    sn_put_text(&w, "}]}]");
    assert_false(w.full);
    text[w.len] = '\0';
    return text;
}

static void answer_sides(struct host *host, double factor, const char *floors) {
    char *text = sides(factor, floors);
    host_done(host, text);
    free(text);
}

static void expect_sides(struct host *host) {
    static const enum sn_sql batch[] = {SN_SQL_BASELINE_ACTIVE, SN_SQL_RUN_MEASURED};
    expect_batch(host, batch, 2, values, sizeof values);
    assert_string_equal(values, "default|" HASH "|1789999990 ; " RUN "|default");
}

/* What is to be stored, as it would be read again: a JSON text. */
static char *expect_storing(struct host *host) {
    static const enum sn_sql batch[] = {SN_SQL_RUN_COMPARED, SN_SQL_RUN_COMPARISON};
    static char escaped[8192];
    expect_batch(host, batch, 2, values, sizeof values);
    static const char begin[] = RUN "|default|", end[] = " ; " RUN "|default";
    assert_memory_equal(values, begin, strlen(begin));
    size_t len = strlen(values) - strlen(begin) - strlen(end);
    struct sn_writer w = sn_writer(escaped, sizeof escaped - 1);
    struct sn_json_writer j = sn_json_writer(&w);
    sn_json_put_span(&j, NULL, values + strlen(begin), len);
    assert_false(w.full);
    escaped[w.len] = '\0';
    return escaped;
}

static void answer_storing(struct host *host, const char *json_text) {
    char text[9000];
    snprintf(text, sizeof text, STORED("%s"), json_text);
    host_done(host, text);
}

static const struct sn_json *comparison_of(struct host *host) {
    expect_message(host, RUN, SN_MESSAGE_READ);
    host_done(host, STATE);
    return sn_json_get(sn_json_get(expect_response(host, 200).json, "run"), "comparison");
}

/* --- A run that is asked for -------------------------------------------------------------------------------------- */

static void whoever_asks_first_compares(void **state) {
    (void)state;
    static const struct {
        double factor;
        const char *floors, *verdict, *p50;
    } rows[] = {{2, "null", "slower", "slower"},
                {0.4, "null", "faster", "faster"},
                {1.6, "\"{\\\"50\\\":1,\\\"90\\\":1,\\\"99\\\":1}\"", "same",
                 "same"}}; /* within floors that somebody has set */
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        host_get(host, PATH);
        host_done(host, TO_COMPARE);
        expect_sides(host);
        answer_sides(host, rows[i].factor, rows[i].floors);
        answer_storing(host, expect_storing(host));
        const struct sn_json *comparison = comparison_of(host);
        assert_string_equal(member(comparison, "verdict"), rows[i].verdict);
        assert_string_equal(member(sn_json_get(comparison, "baseline"), "name"), "Monday");
        const struct sn_json *p50 = sn_json_get(sn_json_get(comparison, "percentiles"), "50");
        assert_string_equal(member(p50, "verdict"), rows[i].p50);
        assert_true(sn_json_number(sn_json_get(p50, "low")) <= sn_json_number(sn_json_get(p50, "ratio")));
        assert_true(sn_json_number(sn_json_get(p50, "ratio")) <= sn_json_number(sn_json_get(p50, "high")));
        const struct sn_json *errors = sn_json_get(comparison, "errors"),
                             *rates = sn_json_get(comparison, "achievedPerS");
        assert_string_equal(member(errors, "verdict"), "same");
        assert_true(sn_json_number(sn_json_get(sn_json_get(errors, "after"), "started")) == 6000);
        assert_true(sn_json_number(sn_json_get(rates, "after")) == 98.5);
        host_close(host);
    }
}

/* The same run and the same baseline give the same bytes, whoever computes them. */
static void nothing_of_it_is_chance(void **state) {
    (void)state;
    char first[8192];
    for (int i = 0; i < 2; i++) {
        struct host *host = host_open();
        host_get(host, PATH);
        host_done(host, TO_COMPARE);
        answer_sides(host, 1.3, "null");
        const char *text = expect_storing(host);
        if (i == 0) strcpy(first, text);
        assert_string_equal(text, first);
        host_close(host);
    }
}

static void what_is_known_is_told(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, PATH); /* decided before */
    host_done(host, ROW("completed", "1789999990", "\"{\\\"verdict\\\":\\\"faster\\\"}\"", "null"));
    assert_string_equal(member(comparison_of(host), "verdict"), "faster");
    host_get(host, PATH); /* ended, and there was none */
    host_done(host, ROW("completed", "1789999990", "\"null\"", "\"" BASELINE "\""));
    assert_int_equal(sn_json_type(comparison_of(host)), SN_JSON_NULL);
    host_get(host, PATH); /* under way */
    host_done(host, ROW("running", "null", "null", "\"" BASELINE "\""));
    const struct sn_json *comparison = comparison_of(host);
    assert_int_equal(sn_json_type(sn_json_get(comparison, "verdict")), SN_JSON_NULL);
    assert_string_equal(member(sn_json_get(comparison, "baseline"), "id"), BASELINE);
    host_get(host, PATH); /* under way, and there is none */
    host_done(host, ROW("running", "null", "null", "null"));
    assert_int_equal(sn_json_type(comparison_of(host)), SN_JSON_NULL);
    host_close(host);
}

/* The second of two who ask at once is told what the first has stored; nothing is said that was not stored. */
static void the_first_one_decides(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, PATH);
    host_done(host, TO_COMPARE);
    answer_sides(host, 2, "null");
    expect_storing(host);
    answer_storing(host, "\"{\\\"verdict\\\":\\\"same\\\"}\"");
    assert_string_equal(member(comparison_of(host), "verdict"), "same");
    host_get(host, PATH);
    host_done(host, TO_COMPARE);
    answer_sides(host, 2, "null");
    host_failed(host, LOST);
    assert_int_equal(sn_json_type(comparison_of(host)), SN_JSON_NULL);
    assert_non_null(strstr(host->logged, "connection lost"));
    host_close(host);
}

static void without_a_baseline_there_is_nothing(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, PATH);
    host_done(host, ROW("completed", "1789999990", "null", "null"));
    expect_sides(host);
    host_done(host, "[{\"rows\":[]},{\"rows\":[{\"status\":\"completed\",\"compared\":\"\"}]}]");
    assert_string_equal(expect_storing(host), "\"null\"");
    answer_storing(host, "\"null\"");
    assert_int_equal(sn_json_type(comparison_of(host)), SN_JSON_NULL);
    host_get(host, PATH); /* and a run that broke off is beside nothing */
    host_done(host, ROW("cancelled", "1789999990", "null", "\"" BASELINE "\""));
    host_done(host, "[{\"rows\":[{\"id\":\"" BASELINE "\",\"name\":\"a\"}]},"
                    "{\"rows\":[{\"status\":\"cancelled\",\"compared\":\"\"}]}]");
    assert_string_equal(expect_storing(host), "\"null\"");
    host_close(host);
}

static void figures_that_are_still_to_come(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, PATH);
    host_done(host, TO_COMPARE);
    answer_sides(host, 0, "null"); /* ten seconds after its end */
    assert_int_equal(sn_json_type(sn_json_get(comparison_of(host), "verdict")), SN_JSON_NULL);
    host->now_us += 600 * SN_SECOND_US;
    host_get(host, PATH);
    host_done(host, TO_COMPARE);
    answer_sides(host, 0, "null");
    answer_storing(host, expect_storing(host));
    const struct sn_json *comparison = comparison_of(host);
    assert_string_equal(member(comparison, "verdict"), "invalid");
    assert_non_null(strstr(member(comparison, "invalid"), "did not reach"));
    host_close(host);
}

/* A run that was extended had another load. */
static void a_run_that_was_steered(void **state) {
    (void)state;
    struct host *host = host_open();
    host_get(host, PATH);
    host_done(host, TO_COMPARE);
    seconds = 70;
    answer_sides(host, 1, "null");
    seconds = 60;
    answer_storing(host, expect_storing(host));
    const struct sn_json *comparison = comparison_of(host);
    assert_string_equal(member(comparison, "verdict"), "invalid");
    assert_non_null(strstr(member(comparison, "invalid"), "was steered"));
    host_close(host);
}

/* Of a baseline whose name nobody could have given it nothing is told, and nothing breaks. */
static void a_name_without_end(void **state) {
    (void)state;
    struct host *host = host_open();
    char *name = malloc(6001), *row = malloc(8000);
    memset(name, 'n', 6000);
    name[6000] = '\0';
    host_get(host, PATH);
    snprintf(row, 8000,
             "[{\"rows\":[{\"id\":\"" RUN "\",\"status\":\"running\",\"created_at\":1789990000,\"baseline_id\":\"b\","
             "\"baseline_name\":\"%s\"}]}]",
             name);
    host_done(host, row);
    assert_int_equal(sn_json_type(comparison_of(host)), SN_JSON_NULL);
    free(row);
    free(name);
    host_close(host);
}

/* Whatever stands in the way, the run itself is told of. */
static void a_comparison_is_in_nobodys_way(void **state) {
    (void)state;
    static const char *const answers[] = {"", "[]", "[{\"rows\":[]}]", "[{\"rows\":3},{\"rows\":[]}]",
                                          "[{\"rows\":[{}]},{\"rows\":[]}]"};
    for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
        struct host *host = host_open();
        host_get(host, PATH);
        host_done(host, TO_COMPARE);
        host_done(host, answers[i]);
        assert_int_equal(sn_json_type(sn_json_get(comparison_of(host), "verdict")), SN_JSON_NULL);
        host_close(host);
    }
    struct host *host = host_open();
    host_get(host, PATH);
    host_done(host, TO_COMPARE);
    host_failed(host, LOST);
    expect_message(host, RUN, SN_MESSAGE_READ);
    host_failed(host, LOST); /* and the run cannot be asked: the row has it too */
    struct response r = expect_response(host, 200);
    assert_true(sn_json_bool(sn_json_get(r.json, "stale")));
    assert_string_equal(member(sn_json_get(sn_json_get(sn_json_get(r.json, "run"), "comparison"), "baseline"), "id"),
                        BASELINE);
    host_close(host);
}

/* --- Reports ------------------------------------------------------------------------------------------------------ */

static struct response report(struct host *host, const char *format, const char *text) {
    char target[128];
    snprintf(target, sizeof target, PATH "/report?format=%s", format);
    host_get(host, target);
    host_done(host, TO_COMPARE);
    expect_sides(host);
    answer_sides(host, 2, "null");
    answer_storing(host, expect_storing(host));
    expect_message(host, RUN, SN_MESSAGE_REPORT);
    host_done(host, text);
    return expect_response(host, 200);
}

static void reports_have_it(void **state) {
    (void)state;
    struct host *host = host_open();
    struct response r = report(host, "json", "{\"schema\":\"sentinel.report/1\"}");
    assert_string_equal(member(r.json, "schema"), "sentinel.report/1");
    assert_string_equal(member(sn_json_get(r.json, "comparison"), "verdict"), "slower");
    r = report(host, "json", "{}\n");
    assert_string_equal(member(sn_json_get(r.json, "comparison"), "verdict"), "slower");
    r = report(host, "text", "Validity    valid.\n");
    char text[4096];
    snprintf(text, sizeof text, "%.*s", (int)r.body.len, (const char *)r.body.data);
    static const char begin[] = "Validity    valid.\n\nComparison  slower, beside the baseline \"Monday\".\n";
    assert_memory_equal(text, begin, strlen(begin));
    assert_non_null(strstr(text, "\nIn ms           before     after          by                  interval  verdict\n"
                                 "p50 "));
    assert_non_null(strstr(text, "%  slower\np90 "));
    assert_non_null(strstr(text, "%  (not judged)\n"));
    assert_non_null(strstr(text, "failed before and"));
    for (const char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        assert_true(end - line <= 102); /* a sticky blank has two bytes */
    host_close(host);
}

/* --- The tick ----------------------------------------------------------------------------------------------------- */

static void the_tick_compares_who_nobody_asks_for(void **state) {
    (void)state;
    struct host *host = host_open();
    host_tick(host, NULL, 0);
    host_done(host,
              "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[{\"id\":7},{\"id\":\"" RUN
              "\",\"tenant_id\":\"default\",\"plan_hash\":\"" HASH "\",\"completed_at\":1789999990},{\"id\":\"" RUN
              "\",\"tenant_id\":\"default\",\"plan_hash\":\"" HASH "\",\"completed_at\":1789999990}]}]");
    expect_sides(host);
    answer_sides(host, 0, "null"); /* its figures are still to come: the next */
    expect_sides(host);
    answer_sides(host, 2, "null");
    answer_storing(host, expect_storing(host));
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whoever_asks_first_compares),
        cmocka_unit_test(nothing_of_it_is_chance),
        cmocka_unit_test(what_is_known_is_told),
        cmocka_unit_test(the_first_one_decides),
        cmocka_unit_test(without_a_baseline_there_is_nothing),
        cmocka_unit_test(figures_that_are_still_to_come),
        cmocka_unit_test(a_run_that_was_steered),
        cmocka_unit_test(a_name_without_end),
        cmocka_unit_test(a_comparison_is_in_nobodys_way),
        cmocka_unit_test(reports_have_it),
        cmocka_unit_test(the_tick_compares_who_nobody_asks_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
