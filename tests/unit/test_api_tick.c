#include "api_harness.h"
#include "sentinel/plan/plan.h"

/* The cron tick: pokes every active run, a few at a time, and repairs rows that no object stands behind. */

#define AT_ONCE 5
#define SETTLED (NOW_S - 60)
#define IDLE "{\"status\":\"pending\",\"stage\":\"idle\"}"

static char values[4096];

static void tick(struct host *host) {
    host_tick(host, values, sizeof values);
    assert_string_equal(values, " ; 1790000000|1789913600 ; 1789913600000000 ;  ; 1790000000 ;  ; "
                                "1790000000000000 ; 1787408000000000 ; ");
}

/* Answers the list with n runs that were touched then. */
static void give_runs(struct host *host, unsigned n, const char *status, int updated_s) {
    char more[100], *text = malloc(n * 300u + 64);
    snprintf(more, sizeof more, "\"status\":\"%s\",\"revision\":%%u,\"updated_at\":%d", status, updated_s);
    char *rows = rows_of_runs(n, more);
    sprintf(text, "[{\"rows\":[%s],\"changes\":0}]", rows);
    host_done(host, text);
    free(rows);
    free(text);
}

static void no_runs_no_work(void **state) {
    (void)state;
    struct host *host = host_open();
    tick(host);
    give_runs(host, 0, "running", 0);
    only_effect(host, SN_EFFECT_SLICE_END);
    tick(host);
    host_failed(host, "Error: D1_ERROR: D1 DB is overloaded.");
    only_effect(host, SN_EFFECT_SLICE_END);
    tick(host);
    host_done(host, "nonsense");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

/* Who wakes runs must not wait for whoever applies migrations. */
static void a_database_that_is_older_still_has_its_runs_poked(void **state) {
    (void)state;
    static const enum sn_sql reduced[] = {SN_SQL_RUNS_TO_POKE, SN_SQL_HEALTH};
    static const char *const words[] = {"Error: D1_ERROR: no such table: sentinel_outbox: SQLITE_ERROR",
                                        "Error: D1_ERROR: no such column: comparison at offset 7: SQLITE_ERROR"};
    for (size_t i = 0; i < 2; i++) {
        struct host *host = host_open();
        tick(host);
        host_failed(host, words[i]);
        expect_batch(host, reduced, 2, NULL, 0);
        host_done(host,
                  "[{\"rows\":[{\"id\":\"" RUN "\",\"status\":\"running\",\"revision\":3,\"updated_at\":1789999999}]},"
                  "{\"rows\":[{\"missing\":\"024_outbox.sql, 025_baselines.sql\"}]}]");
        assert_non_null(strstr(host->logged, "not applied: 024_outbox.sql, 025_baselines.sql"));
        only_effect(host, SN_EFFECT_CALL_OBJECT);
        host_done(host, "{\"status\":\"running\",\"stage\":\"load\"}");
        only_effect(host, SN_EFFECT_SLICE_END);
        tick(host); /* the next one asks for everything again, and gives up when not even this works */
        host_failed(host, words[i]);
        expect_batch(host, reduced, 2, NULL, 0);
        host_failed(host, words[i]);
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
}

/* Answers come in any order, some are failures; every run is poked once, and never too many at a time. */
static void every_run_is_poked(void **state) {
    (void)state;
    for (unsigned n = 1; n <= 81; n += 10) {
        struct host *host = host_open();
        uint32_t open[8], open_len = 0, poked = 0, most = 0, turn = 0;
        tick(host);
        give_runs(host, n, "running", NOW_S);
        for (;;) {
            for (uint32_t i = 0; i < host->effects_len; i++) {
                if (host->effects[i].record.kind != SN_EFFECT_CALL_OBJECT) continue;
                assert_true(open_len < 8);
                open[open_len++] = host->effects[i].record.id;
                poked++;
            }
            if (open_len > most) most = open_len;
            if (open_len == 0) break;
            uint32_t index = turn++ % open_len, id = open[index];
            open[index] = open[--open_len];
            if (turn % 3 == 0)
                host_answer_id(host, id, SN_EVENT_FAILED, SN_OK, "Error: Network connection lost.");
            else
                host_answer_id(host, id, SN_EVENT_DONE, SN_OK, "{\"status\":\"running\",\"stage\":\"load\"}");
        }
        only_effect(host, SN_EFFECT_SLICE_END);
        assert_int_equal(poked, n < 80 ? n : 80);
        assert_int_equal(most, n < AT_ONCE ? n : AT_ONCE);
        host_close(host);
    }
}

struct repair {
    const char *row_status;
    int updated_s;
    enum sn_status status;
    const char *state;
    int statement; /* 0: nothing is to be done */
};

static const struct repair repairs[] = {
    /* No object knows it. */
    {"pending", SETTLED, SN_E_MISSING, "", SN_SQL_RUN_ABANDON},
    {"running", SETTLED, SN_E_MISSING, "", SN_SQL_RUN_ABANDON},
    {"pending", SETTLED + 1, SN_E_MISSING, "", 0}, /* it may be on its way */
    {"pending", SETTLED, SN_E_FORMAT, "", 0},
    {"pending", SETTLED, SN_OK, "", 0},
    /* It was never told to start. */
    {"pending", SETTLED, SN_OK, IDLE, SN_SQL_RUN_RELEASE},
    {"pending", SETTLED + 1, SN_OK, IDLE, 0},
    {"running", SETTLED, SN_OK, IDLE, 0},
    {"pending", SETTLED, SN_OK, "{\"status\":\"pending\",\"stage\":\"arm\"}", 0}, /* being started */
    {"pending", SETTLED, SN_OK, "{\"status\":\"running\",\"stage\":\"idle\"}", 0},
    {"pending", SETTLED, SN_OK, "{\"status\":3,\"stage\":[]}", 0},
};

#define STOPPED_BEFORE \
    "[{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":[]},{\"rows\":["

/* Runs that everything was stopped for are told so, with the reason, until their rows have ended; one that no object knows
 * is closed, unless it is active: then that is POKE's to find. */
static void runs_that_are_to_stop_are_told(void **state) {
    static const struct {
        const char *active, *reason, *told;
        enum sn_status status;
        bool closed;
    } rows[] = {
        {"1", "null", "", SN_OK, false},         {"null", "\"an incident\"", "an incident", SN_OK, false},
        {"null", "null", "", SN_E_STATE, false}, {"null", "null", "", SN_E_MISSING, true},
        {"1", "null", "", SN_E_MISSING, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct host *host = host_open();
        char text[1024];
        tick(host);
        snprintf(text, sizeof text,
                 STOPPED_BEFORE "{\"id\":\"" RUN "\",\"status\":\"pending\",\"active\":%s,\"revision\":0,"
                                "\"updated_at\":%d,\"stop_reason\":%s}]}]",
                 rows[i].active, SETTLED, rows[i].reason);
        host_done(host, text);
        struct sn_reader message = expect_message(host, RUN, SN_MESSAGE_STOP);
        struct sn_span reason = sn_get_span(&message);
        assert_int_equal(reason.len, strlen(rows[i].told));
        assert_memory_equal(reason.data, rows[i].told, reason.len);
        if (rows[i].status == SN_OK)
            host_done(host, "{\"status\":\"cancelled\",\"stage\":\"done\"}");
        else
            host_refused(host, rows[i].status, "");
        if (rows[i].closed) {
            expect_abandoned(host, values, sizeof values);
            assert_non_null(strstr(values, "|kill-switch"));
            host_done(host, "[{\"rows\":[],\"changes\":1}]");
        }
        only_effect(host, SN_EFFECT_SLICE_END);
        assert_int_equal(host->logged[0] != '\0', rows[i].status == SN_E_MISSING);
        host_close(host);
    }
}

static void rows_are_repaired(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof repairs / sizeof repairs[0]; i++) {
        const struct repair *row = &repairs[i];
        struct host *host = host_open();
        tick(host);
        give_runs(host, 1, row->row_status, row->updated_s);
        expect_message(host, "0f0f0f0f-1111-4222-8333-444444444400", SN_MESSAGE_POKE);
        if (row->status != SN_OK)
            host_refused(host, row->status, row->state);
        else
            host_done(host, row->state);
        if (row->statement != 0) {
            bool abandon = row->statement == SN_SQL_RUN_ABANDON;
            if (abandon) expect_abandoned(host, values, sizeof values);
            if (!abandon) expect_sql(host, (enum sn_sql)row->statement, values, sizeof values);
            assert_non_null(strstr(values, abandon ? "|1790000000|0" : "|1790000000|1789999940"));
            if (i % 2 == 0)
                host_done(host, "[{\"rows\":[],\"changes\":1}]");
            else
                host_failed(host, "Error: D1_ERROR: gone"); /* the next tick tries again */
        }
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
}

#define DEAD "0f0f0f0f-1111-4222-8333-444444444401" /* the second of those that are given: its revision is 1 */

/* Up to the question for the plan of a run that its object has lost. */
static struct host *a_run_is_lost(void) {
    struct host *host = host_open();
    tick(host);
    give_runs(host, 2, "running", SETTLED);
    assert_int_equal(host->effects_len, 2);
    uint32_t dead = host->effects[1].record.id;
    host_answer_id(host, host->effects[0].record.id, SN_EVENT_DONE, SN_OK,
                   "{\"status\":\"running\",\"stage\":\"load\"}");
    host_answer_id(host, dead, SN_EVENT_DONE, SN_E_MISSING, "");
    expect_sql(host, SN_SQL_RUN_PLAN, values, sizeof values);
    assert_string_equal(values, DEAD);
    return host;
}

#define PLAN_ROW(plan) \
    "[{\"rows\":[{\"tenant_id\":\"default\",\"target_operations\":250,\"config_snapshot\":" plan "}],\"changes\":0}]"

/* The seed was random, and is the same again: else cleanup would look for other keys than the run has written. */
static void a_lost_run_is_swept_up(void **state) {
    (void)state;
    uint64_t seeds[2];
    for (int i = 0; i < 2; i++) {
        struct host *host = a_run_is_lost();
        host_done(host, PLAN_ROW("\"{\\\"preset\\\":\\\"smoke\\\",\\\"seed\\\":\\\"random\\\"}\""));
        struct sn_reader r = expect_message(host, DEAD, SN_MESSAGE_CREATE);
        assert_int_equal(sn_get_u32(&r), SN_CREATION_SWEEP);
        struct sn_span bytes = sn_get_span(&r);
        assert_int_equal(sn_get_u64(&r), 250); /* which somebody had extended */
        assert_int_equal(sn_get_u32(&r), 1);   /* the row's revision */
        assert_false(r.bad);
        static struct sn_plan plan;
        static _Alignas(16) uint8_t aligned[SN_PLAN_BYTES_MAX];
        memcpy(aligned, bytes.data, bytes.len);
        assert_int_equal(sn_plan_open(&plan, aligned, bytes.len), SN_OK);
        assert_string_equal(plan.run_id, DEAD);
        assert_int_equal(plan.profile.planned, 100);
        seeds[i] = plan.seed;
        if (i == 0)
            host_done(host, "{\"status\":\"running\",\"stage\":\"arm\"}");
        else
            host_failed(host, "Error: Network connection lost."); /* the next tick tries again */
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
    assert_true(seeds[0] == seeds[1]);
}

/* Whatever the row says: its object has stored something, and cannot read it. */
static void a_run_of_another_version_is_swept_up(void **state) {
    (void)state;
    struct host *host = host_open();
    tick(host);
    give_runs(host, 1, "pending", SETTLED);
    host_answer_id(host, host->effects[0].record.id, SN_EVENT_DONE, SN_E_VERSION, "");
    expect_sql(host, SN_SQL_RUN_PLAN, values, sizeof values);
    host_done(host, PLAN_ROW("\"{\\\"preset\\\":\\\"smoke\\\"}\""));
    struct sn_reader r = expect_message(host, values, SN_MESSAGE_CREATE);
    assert_int_equal(sn_get_u32(&r), SN_CREATION_SWEEP);
    host_done(host, "{\"status\":\"running\",\"stage\":\"arm\"}");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

static void a_lost_run_without_a_plan_is_closed(void **state) {
    (void)state;
    static const char *const answers[] = {PLAN_ROW("null"), PLAN_ROW("\"{\""),
                                          PLAN_ROW("\"{\\\"preset\\\":\\\"gone\\\"}\""),
                                          "[{\"rows\":[],\"changes\":0}]"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct host *host = a_run_is_lost();
        host_done(host, answers[i]);
        expect_abandoned(host, values, sizeof values);
        assert_non_null(strstr(values, "was not cleaned up"));
        assert_non_null(strstr(values, "|1790000000|1"));
        host_done(host, "[{\"rows\":[],\"changes\":1}]");
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
    struct host *host = a_run_is_lost();
    host_failed(host, "Error: D1_ERROR: gone");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

/* With an outbox that has room for one poke at a time the tick is slow, not stuck. */
static void scarce_room(void **state) {
    (void)state;
    struct host *host = host_open();
    tick(host);
    host->outbox_cap = 150;
    give_runs(host, 7, "running", NOW_S);
    unsigned poked = 0;
    while (host->effects[0].record.kind == SN_EFFECT_CALL_OBJECT) {
        poked++;
        host_done(host, "{\"status\":\"running\",\"stage\":\"load\"}");
    }
    only_effect(host, SN_EFFECT_SLICE_END);
    assert_int_equal(poked, 7);

    host->outbox_cap = 262144;
    tick(host);
    host->outbox_cap = 64; /* not even for one: the tick ends, the next may have better luck */
    give_runs(host, 7, "running", NOW_S);
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

static void strange_lists(void **state) {
    (void)state;
    struct host *host = host_open();
    tick(host);
    host_done(host, "[{\"rows\":[{},3,null,{\"id\":5},{\"id\":\"a\"},{\"status\":\"pending\"},"
                    "{\"id\":\"0123456789012345678901234567890123456789\",\"status\":\"pending\"}],\"changes\":0}]");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

static void answers_that_nobody_waits_for(void **state) {
    (void)state;
    struct host *host = host_open();
    tick(host);
    give_runs(host, 1, "running", NOW_S);
    uint32_t id = host->effects[0].record.id;
    host_answer_id(host, id + 1, SN_EVENT_DONE, SN_OK, "{}");
    assert_int_equal(host->effects_len, 0);
    host_answer_id(host, 0, SN_EVENT_DONE, SN_OK, "{}");
    assert_int_equal(host->effects_len, 0);
    host_answer_id(host, id, SN_EVENT_DONE, SN_OK, "{}");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_answer_id(host, id, SN_EVENT_DONE, SN_OK, "{}");
    assert_int_equal(host->effects_len, 0); /* one end is enough */
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_runs_no_work),
        cmocka_unit_test(a_database_that_is_older_still_has_its_runs_poked),
        cmocka_unit_test(every_run_is_poked),
        cmocka_unit_test(rows_are_repaired),
        cmocka_unit_test(runs_that_are_to_stop_are_told),
        cmocka_unit_test(scarce_room),
        cmocka_unit_test(strange_lists),
        cmocka_unit_test(answers_that_nobody_waits_for),
        cmocka_unit_test(a_lost_run_is_swept_up),
        cmocka_unit_test(a_run_of_another_version_is_swept_up),
        cmocka_unit_test(a_lost_run_without_a_plan_is_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
