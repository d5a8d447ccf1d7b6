#include "api_harness.h"
#include "zone_help.h"

/* /api/sentinel/schedules: what is asked for in which order, and what is answered; then the tick's part. */

#define PATH "/api/sentinel/schedules"
#define PLAN "{\"preset\":\"smoke\"}"
#define BODY(more) "{\"name\":\"n\",\"cron\":\"0 4 * * *\",\"plan\":" PLAN more "}"
#define OVERLAPPING(overlap, more)                                                                                \
    "{\"id\":\"" RUN "\",\"tenant_id\":\"default\",\"name\":\"n\",\"cron_expression\":\"0 4 * * *\","             \
    "\"dialect\":\"standard\",\"timezone\":\"UTC\",\"overlap\":\"" overlap                                        \
    "\",\"catch_up\":\"skip\",\"jitter_seconds\":0,"                                                              \
    "\"is_active\":1,\"revision\":7,\"next_run_at\":1790049600,\"next_runs\":\"[1789000000,0,1790049600,3600]\"," \
    "\"failed_starts\":0,\"plan\":\"{\\\"preset\\\":\\\"smoke\\\"}\"" more "}"
#define ROW(more) OVERLAPPING("skip", more)
#define ROWS(rows) "{\"rows\":[" rows "],\"changes\":0}"
#define CHANGED(n) "{\"rows\":[],\"changes\":" n "}"

static char values[200000];

static void give_zone(struct host *host, const char *name, int32_t offset_s) {
    const struct effect *effect = only_effect(host, SN_EFFECT_ZONE);
    struct sn_reader r = sn_reader(effect->payload.data, effect->payload.len);
    struct sn_span asked = sn_get_span(&r);
    uint8_t bytes[64];
    struct sn_writer w = sn_writer(bytes, sizeof bytes);
    struct sn_zone zone;
    assert_true(sn_span_is(asked, name));
    int64_t from_s = (int64_t)sn_get_f64(&r), to_s = (int64_t)sn_get_f64(&r);
    assert_true(!r.bad && from_s < to_s);
    sn_zone_begin(&zone, from_s, to_s, offset_s);
    put_zone(&w, &zone);
    host_event(host, &(struct sn_record){.kind = SN_EVENT_DONE, .id = effect->record.id}, bytes, w.len);
}

static const enum sn_sql insertion[] = {SN_SQL_SCHEDULE_INSERT, SN_SQL_SCHEDULE_AUDIT, SN_SQL_SCHEDULE_GET};
static const enum sn_sql change[] = {SN_SQL_SCHEDULE_AUDIT, SN_SQL_SCHEDULE_UPDATE, SN_SQL_SCHEDULE_GET};

static void patch(struct host *host, const char *body) {
    host_call(host, &(struct call){.method = "PATCH", .target = PATH "/" RUN, .body = body});
}

/* 04:00 after 2026-09-21T14:13:20Z. */
static void a_schedule_is_created(void **state) {
    (void)state;
    struct host *host = host_open();
    host_post(host, PATH, BODY(",\"alerts\": null "));
    expect_batch(host, insertion, 3, values, sizeof values);
    assert_non_null(strstr(values, "|n|null|0 4 * * *|standard|UTC|skip|skip|0|" PLAN "|null|smoke|"));
    assert_non_null(strstr(values, "|null|null|1|1790049600|1790049600|[1790049600,0,1790136000,0,"));
    host_done(host, "[" CHANGED("1") "," CHANGED("1") "," ROWS(ROW("")) "]");
    struct response response = expect_response(host, 201);
    const struct sn_json *schedule = sn_json_get(response.json, "schedule"), *runs = sn_json_get(schedule, "nextRuns");
    assert_string_equal(member(schedule, "words"), "At 04:00 every day");
    assert_int_equal(sn_json_count(runs), 1); /* the other has passed */
    assert_string_equal(member(sn_json_first(runs), "at"), "2026-09-22T04:00:00.000Z");
    assert_string_equal(member(sn_json_first(runs), "local"), "2026-09-22T05:00:00+01:00");
    host_close(host);
}

static void a_zone_is_asked_for_until_five_runs_are_found(void **state) {
    (void)state;
    struct host *host = host_open();
    uint32_t asks = 0;
    host_post(host, PATH "/preview", "{\"cron\":\"0 0 29 2 *\",\"timezone\":\"Asia/Kolkata\"}");
    for (; host->effects[0].record.kind == SN_EFFECT_ZONE; asks++) give_zone(host, "Asia/Kolkata", 19800);
    assert_true(asks > 5 && asks < 20);
    struct response response = expect_response(host, 200);
    const struct sn_json *runs = sn_json_get(response.json, "nextRuns");
    assert_int_equal(sn_json_count(runs), 5);
    assert_string_equal(member(sn_json_first(runs), "local"), "2028-02-29T00:00:00+05:30");
    host_close(host);
}

static void a_zone_that_there_is_not(void **state) {
    (void)state;
    static const char *const answers[] = {"RangeError: Invalid time zone specified: Europe/Atlantis", "Error: gone"};
    for (size_t i = 0; i < 2; i++) {
        struct host *host = host_open();
        host_post(host, PATH, BODY(",\"timezone\":\"Europe/Atlantis\""));
        only_effect(host, SN_EFFECT_ZONE);
        host_failed(host, answers[i]);
        expect_problem(host, 400, "schedule.timezone", "$.timezone");
        host_close(host);
    }
}

/* A change keeps what it does not name, and is made again to the row that another has changed meanwhile. */
static void a_change_is_fenced(void **state) {
    (void)state;
    struct host *host = host_open();
    patch(host, "{\"name\":\"other\"}");
    for (int tries = 0; tries < 3; tries++) {
        expect_sql(host, SN_SQL_SCHEDULE_GET, values, sizeof values);
        assert_string_equal(values, RUN "|default");
        host_done(host, "[" ROWS(ROW("")) "]");
        expect_batch(host, change, 3, values, sizeof values);
        /* no plan, neither object, the same times, active, of revision 7 */
        assert_non_null(strstr(values,
                               "|other|null|0 4 * * *|standard|UTC|skip|skip|0|null|null|null|null|null|null|null|"
                               "null|null|0|null|0|null|0|1|null|null|[]|1790000000|7 ; "));
        host_done(host, "[" CHANGED("0") "," CHANGED("0") "," ROWS(ROW("")) "]");
    }
    expect_problem(host, 409, "schedule.changed", "");
    patch(host, "{\"active\":false}");
    host_done(host, "[" ROWS(ROW("")) "]");
    expect_batch(host, change, 3, values, sizeof values);
    assert_non_null(strstr(values, "|1|0|null|null|[]|1790000000|7 ; ")); /* retimed, paused, no times */
    host_done(host, "[" CHANGED("1") "," CHANGED("1") "," ROWS(ROW("")) "]");
    expect_response(host, 200);
    patch(host, "{\"preset\":\"daily\"}");
    host_done(host, "[" ROWS(ROW("")) "]");
    expect_problem(host, 400, "plan.unknown-field", "$.preset");
    host_close(host);
}

static void what_there_is_not(void **state) {
    (void)state;
    static const char *const paths[] = {PATH "/x", PATH "/" RUN "x", PATH "/x/run"};
    static const char *const methods[] = {"GET", "PATCH", "POST"};
    struct host *host = host_open();
    for (size_t i = 0; i < 3; i++) {
        host_call(host, &(struct call){.method = methods[i], .target = paths[i], .body = i > 0 ? "{}" : NULL});
        expect_problem(host, 404, "schedule.unknown", "");
    }
    host_get(host, PATH "/" RUN);
    host_done(host, "[" ROWS("") "]");
    expect_problem(host, 404, "schedule.unknown", "");
    host_post(host, PATH, BODY(""));
    host_done(host, "[" CHANGED("0") "," CHANGED("0") "," ROWS("") "]");
    expect_problem(host, 409, "schedule.limit", "");
    host_post(host, PATH, BODY(""));
    host_failed(host, "Error: D1_ERROR: no such table: sentinel_schedules");
    expect_problem(host, 503, "database.not-migrated", "");
    host_close(host);
}

static void a_run_now_is_created_as_every_run_is(void **state) {
    (void)state;
    static const enum sn_sql insert[] = {SN_SQL_SCHEDULE_RUN_INSERT, SN_SQL_SCHEDULE_AUDIT};
    struct host *host = host_open();
    host_call(host, &(struct call){.method = "POST", .target = PATH "/" RUN "/run"});
    host_done(host, "[" ROWS(ROW("")) "]");
    expect_batch(host, insert, 2, values, sizeof values);
    assert_non_null(strstr(values, "|" RUN "|default|7|1|manual|1790000000|null|null|0 ; "));
    host_failed(host, "Error: D1_ERROR: UNIQUE constraint failed: sentinel_runs.tenant_id");
    expect_sql(host, SN_SQL_RUN_ACTIVE, NULL, 0);
    host_done(host, "[" ROWS("{\"id\":\"" OTHER_RUN "\"}") "]");
    expect_problem(host, 429, "run.active", "");
    host_close(host);
}

/* --- The tick ------------------------------------------------------------------------------------------------------ */

static void give_due(struct host *host, const char *row) {
    char text[2048];
    snprintf(text, sizeof text, "[" ROWS("") "," ROWS("") "," ROWS("") "," ROWS("") "," ROWS("%s") "," ROWS("") "]",
             row);
    host_tick(host, values, sizeof values);
    host_done(host, text);
}

#define DUE(more) ROW(",\"busy\":0,\"waiting\":0" more)
static const enum sn_sql start[] = {SN_SQL_SCHEDULE_RUN_INSERT, SN_SQL_SCHEDULE_CLAIM, SN_SQL_SCHEDULE_PLAN};
static const enum sn_sql failure[] = {SN_SQL_RUN_ABANDON, SN_SQL_SCHEDULE_FAILED, SN_SQL_SCHEDULE_AUDIT,
                                      SN_SQL_SCHEDULE_AUDIT, SN_SQL_SCHEDULE_PAUSE};

static void claimed(struct host *host, const char *plan) {
    char text[512];
    host->now_us = INT64_C(1790049661) * SN_SECOND_US;
    snprintf(text, sizeof text,
             "[" CHANGED("1") "," CHANGED("1") "," ROWS("{\"name\":\"n\",\"plan\":\"%s\","
                                                        "\"replaces_run_id\":null}") "]",
             plan);
    host_done(host, text);
}

static void due_now(struct host *host, const char *row) {
    host->now_us = INT64_C(1790049660) * SN_SECOND_US;
    give_due(host, row);
}

/* The object does not answer, twice: the run is closed.  At the third such start in a row the schedule is paused too. */
static void a_start_that_fails(void **state) {
    (void)state;
    for (int failed = 0; failed < 3; failed++) {
        struct host *host = host_open();
        char row[1024] = DUE(""), run_id[37];
        strstr(row, "\"failed_starts\":0")[strlen("\"failed_starts\":")] = (char)('0' + failed);
        due_now(host, row);
        expect_batch(host, start, 3, values, sizeof values);
        assert_non_null(
            strstr(values, "|schedule|1790049660|1790049660|1790049600|0 ; " RUN "|7|1790136000|1790136000|["));
        snprintf(run_id, sizeof run_id, "%.36s", values);
        claimed(host, "{\\\"preset\\\":\\\"smoke\\\"}");
        assert_int_equal(only_effect(host, SN_EFFECT_CALL_OBJECT)->record.target, SN_BINDING_RUNS);
        host_failed(host, "Error: Network connection lost.");
        only_effect(host, SN_EFFECT_CALL_OBJECT);
        host_failed(host, "Error: Network connection lost.");
        expect_message(host, run_id, SN_MESSAGE_CANCEL);
        host_failed(host, "Error: Network connection lost.");
        expect_batch(host, failure, failed == 2 ? 5 : 3, values, sizeof values);
        assert_non_null(strstr(values, "The run's object could not be reached."));
        if (failed == 2) assert_non_null(strstr(values, RUN "|8|Three starts in a row have failed."));
        host_done(host, "[]");
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
}

/* An object that has begun the run all the same ends it, and writes its row. */
static void a_start_that_is_called_off(void **state) {
    (void)state;
    for (int ended = 0; ended < 2; ended++) {
        struct host *host = host_open();
        due_now(host, DUE(""));
        claimed(host, "{\\\"preset\\\":\\\"smoke\\\"}");
        host_failed(host, "Error: Network connection lost.");
        host_failed(host, "Error: Network connection lost.");
        if (ended == 0) host_done(host, "{\"status\":\"draining\"}");
        if (ended == 1) host_refused(host, SN_E_STATE, "{\"status\":\"failed\"}");
        expect_batch(host, failure + 1, 2, values, sizeof values);
        host_done(host, "[]");
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
}

/* A refusal says that nothing has begun. */
static void a_start_that_is_refused(void **state) {
    (void)state;
    struct host *host = host_open();
    due_now(host, DUE(""));
    claimed(host, "{\\\"preset\\\":\\\"smoke\\\"}");
    host_refused(host, SN_E_MEMORY, "");
    expect_batch(host, failure, 3, values, sizeof values);
    host_close(host);
}

/* One that was left unfinished three times is paused without another try; one that cannot be read likewise. */
static void one_that_breaks_the_tick_is_paused(void **state) {
    (void)state;
    static const enum sn_sql pausing[] = {SN_SQL_SCHEDULE_AUDIT, SN_SQL_SCHEDULE_PAUSE};
    static const char *const rows[] = {
        "{\"id\":\"" RUN "\",\"tenant_id\":\"default\",\"cron_expression\":\"0 4 * * *\",\"dialect\":\"standard\","
        "\"timezone\":\"UTC\",\"jitter_seconds\":0,\"revision\":7,\"next_run_at\":1790049600,\"failed_starts\":3}",
        "{\"id\":\"" RUN "\",\"tenant_id\":\"default\",\"cron_expression\":\"0 25 * * *\",\"dialect\":\"standard\","
        "\"timezone\":\"UTC\",\"jitter_seconds\":0,\"revision\":7,\"next_run_at\":1790049600,\"failed_starts\":0}"};
    for (size_t i = 0; i < 2; i++) {
        struct host *host = host_open();
        due_now(host, rows[i]);
        expect_batch(host, pausing, 2, values, sizeof values);
        assert_non_null(strstr(values, i == 0 ? "have broken off" : "can no longer be read"));
        host_done(host, "[" CHANGED("1") "," CHANGED("1") "]");
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
}

/* Somebody else has claimed it, or another run has become active since the list was read. */
static void a_claim_that_comes_second(void **state) {
    (void)state;
    static const enum sn_sql skip[] = {SN_SQL_SCHEDULE_CLAIM};
    struct host *host = host_open();
    due_now(host, DUE(""));
    host_done(host, "[" CHANGED("0") "," CHANGED("0") "," ROWS("") "]");
    only_effect(host, SN_EFFECT_SLICE_END);
    due_now(host, DUE(""));
    host_failed(host, "Error: D1_ERROR: UNIQUE constraint failed: sentinel_runs.tenant_id");
    expect_batch(host, skip, 1, values, sizeof values);
    assert_non_null(strstr(values, "|1790049600|skipped|Another run was active.|null|"));
    host_done(host, "[" CHANGED("1") "]");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

/* The claim's second try takes nothing from the creation, which has two of its own. */
static void a_claim_and_a_creation_that_fail_once(void **state) {
    (void)state;
    struct host *host = host_open();
    due_now(host, OVERLAPPING("queue", ",\"busy\":0,\"waiting\":0"));
    host_failed(host, "Error: D1_ERROR: UNIQUE constraint failed: sentinel_runs.tenant_id");
    expect_batch(host, start, 3, values, sizeof values);
    claimed(host, "{\\\"preset\\\":\\\"smoke\\\"}");
    only_effect(host, SN_EFFECT_CALL_OBJECT);
    host_failed(host, "Error: Network connection lost.");
    only_effect(host, SN_EFFECT_CALL_OBJECT);
    host_done(host, "{\"status\":\"pending\",\"stage\":\"idle\"}");
    expect_batch(host, (const enum sn_sql[]){SN_SQL_SCHEDULE_STARTED, SN_SQL_SCHEDULE_AUDIT}, 2, values, sizeof values);
    host_done(host, "[]");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_schedule_is_created),      cmocka_unit_test(a_zone_is_asked_for_until_five_runs_are_found),
        cmocka_unit_test(a_zone_that_there_is_not),   cmocka_unit_test(a_change_is_fenced),
        cmocka_unit_test(what_there_is_not),          cmocka_unit_test(a_run_now_is_created_as_every_run_is),
        cmocka_unit_test(a_start_that_fails),         cmocka_unit_test(one_that_breaks_the_tick_is_paused),
        cmocka_unit_test(a_claim_that_comes_second),  cmocka_unit_test(a_claim_and_a_creation_that_fail_once),
        cmocka_unit_test(a_start_that_is_called_off), cmocka_unit_test(a_start_that_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
