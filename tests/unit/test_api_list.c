#include "api_harness.h"

/* GET /api/sentinel: what a page asks for, and how one leads to the next. */

static char values[4096];

static void list_asks_for_one_page(void **state) {
    (void)state;
    static const struct {
        const char *target, *values;
        enum sn_sql statement;
    } rows[] = {
        {"/api/sentinel", "default|9000000000000000||21", SN_SQL_RUN_LIST},
        {"/api/sentinel?limit=100", "default|9000000000000000||101", SN_SQL_RUN_LIST},
        {"/api/sentinel?limit=1&status=running", "default|9000000000000000||2|running", SN_SQL_RUN_LIST_STATUS},
        {"/api/sentinel?cursor=006ab13b80"
         "0f0f0f0f111142228333444444444444",
         "default|1790000000|" RUN "|21", SN_SQL_RUN_LIST},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        host_get(host, rows[i].target);
        expect_sql(host, rows[i].statement, values, sizeof values);
        assert_string_equal(values, rows[i].values);
        host_close(host);
    }
}

/* Rows 0 … n-1 of a list, the way the database gives them. */
static char *rows_of(unsigned n) {
    char *text = malloc(n * 600u + 64);
    struct sn_writer w = sn_writer(text, n * 600u + 63);
    sn_put_text(&w, "[{\"rows\":[");
    for (unsigned i = 0; i < n; i++) {
        sn_put_text(&w, i > 0 ? ",{\"id\":\"00000000-0000-4000-8000-0000000000"
                              : "{\"id\":\"00000000-0000-4000-8000-0000000000");
        sn_put_hex(&w, i, 2);
        sn_put_text(&w, "\",\"name\":\"n\",\"profile_type\":\"ramp\",\"preset\":null,\"status\":\"completed\","
                        "\"validity\":\"valid\",\"verdict\":\"none\",\"target_operations\":100,"
                        "\"duration_seconds\":30,\"concurrency\":5,\"started_at\":null,\"completed_at\":null,"
                        "\"created_at\":");
        sn_put_dec(&w, 1790000000 - i);
        sn_put_text(&w, "}");
    }
    sn_put_text(&w, "],\"changes\":0}]");
    sn_put_u8(&w, 0);
    assert_false(w.full);
    return text;
}

static void list_walks_from_page_to_page(void **state) {
    (void)state;
    static const struct {
        const char *target;
        unsigned given, shown;
        bool more;
    } rows[] = {{"/api/sentinel?limit=2", 0, 0, false},
                {"/api/sentinel?limit=2", 2, 2, false},
                {"/api/sentinel?limit=2", 3, 2, true},
                {"/api/sentinel?limit=1", 2, 1, true},
                {"/api/sentinel?limit=100", 101, 100, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct host *host = host_open();
        char *text = rows_of(rows[i].given), next[128], expected[128];
        host_get(host, rows[i].target);
        host_done(host, text);
        struct response r = expect_response(host, 200);
        assert_int_equal(sn_json_count(sn_json_get(r.json, "runs")), rows[i].shown);
        assert_int_equal(sn_json_type(sn_json_get(r.json, "cursor")) == SN_JSON_STRING, rows[i].more);
        if (rows[i].more) { /* the next page begins below the last run of this one */
            snprintf(next, sizeof next, "/api/sentinel?cursor=%s", member(r.json, "cursor"));
            snprintf(expected, sizeof expected, "default|%u|00000000-0000-4000-8000-0000000000%02x|21",
                     1790000001 - rows[i].shown, rows[i].shown - 1);
            host_get(host, next);
            expect_sql(host, SN_SQL_RUN_LIST, values, sizeof values);
            assert_string_equal(values, expected);
        }
        free(text);
        host_close(host);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(list_asks_for_one_page),
        cmocka_unit_test(list_walks_from_page_to_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
