#include "api_harness.h"

/* The cron tick starts what is due: each run by itself, so that none is in another's way. */

#define DAY_AGO (NOW_S - 86400)
#define CHANGED(n) "[{\"rows\":[],\"changes\":" n "}]"
#define STATE "{\"status\":\"running\",\"stage\":\"arm\"}"
#define UNIQUE "Error: D1_ERROR: UNIQUE constraint failed: sentinel_runs.tenant_id"
#define LOST "Error: Network connection lost."

static char values[4096];

/* Answers the list with no active run and n due ones, of a tenant each. */
static void give_due(struct host *host, unsigned n, int scheduled_s, int updated_s) {
    char more[120], *text = malloc(n * 300u + 128);
    snprintf(more, sizeof more, "\"tenant_id\":\"tenant%%u\",\"scheduled_at\":%d,\"revision\":0,\"updated_at\":%d",
             scheduled_s, updated_s);
    char *rows = rows_of_runs(n, more);
    host_tick(host, values, sizeof values);
    sprintf(text, "[{\"rows\":[],\"changes\":0},{\"rows\":[%s],\"changes\":0},{\"rows\":[],\"changes\":3}]", rows);
    host_done(host, text);
    free(rows);
    free(text);
}

#define FIRST "0f0f0f0f-1111-4222-8333-444444444400"

static void a_run_that_is_due_is_started(void **state) {
    (void)state;
    struct host *host = host_open();
    give_due(host, 1, NOW_S, NOW_S - 600);
    expect_sql(host, SN_SQL_RUN_ACTIVATE_DUE, values, sizeof values);
    assert_string_equal(values, FIRST "|1790000000|1789999400"); /* fenced by what the row said */
    host_done(host, CHANGED("1"));
    expect_message(host, FIRST, SN_MESSAGE_START);
    host_done(host, STATE);
    expect_sql(host, SN_SQL_AUDIT_INSERT, values, sizeof values);
    assert_string_equal(values, "1790000000000000|tenant0|schedule|start|" FIRST "|null");
    host_done(host, CHANGED("1"));
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

enum answer { DONE, FAILED, REFUSED };

struct course {
    int scheduled_s, updated_s;
    enum answer first; /* to the UPDATE, or to EXPIRE when it is overdue */
    const char *text;
    enum sn_status status;
    int then;          /* 1: START is told; else the statement that follows, or 0 */
    enum answer start; /* to START */
    enum sn_status start_status;
};

static const struct course courses[] = {
    {NOW_S, NOW_S - 600, FAILED, UNIQUE, SN_OK, 0, DONE, SN_OK},     /* another run of the tenant was quicker */
    {NOW_S, NOW_S - 600, FAILED, LOST, SN_OK, 0, DONE, SN_OK},       /* the next tick sees what became of it */
    {NOW_S, NOW_S - 600, DONE, CHANGED("0"), SN_OK, 0, DONE, SN_OK}, /* it was started by hand, or cancelled */
    {NOW_S, NOW_S - 600, DONE, "nonsense", SN_OK, 0, DONE, SN_OK},
    {NOW_S, NOW_S - 600, DONE, CHANGED("1"), SN_OK, 1, REFUSED, SN_E_STATE}, /* cancelled, and the row not told yet */
    {NOW_S, NOW_S - 600, DONE, CHANGED("1"), SN_OK, 1, REFUSED, SN_E_MISSING},
    {NOW_S, NOW_S - 600, DONE, CHANGED("1"), SN_OK, 1, FAILED, SN_OK},
    {DAY_AGO, NOW_S - 600, DONE, CHANGED("1"), SN_OK, 1, FAILED, SN_OK}, /* to the second */
    {DAY_AGO - 1, NOW_S - 600, DONE, STATE, SN_OK, 0, DONE, SN_OK},
    {DAY_AGO - 1, NOW_S - 600, REFUSED, STATE, SN_E_STATE, 0, DONE, SN_OK},
    {DAY_AGO - 1, NOW_S - 600, REFUSED, "", SN_E_MISSING, SN_SQL_RUN_ABANDON, DONE, SN_OK},
    {DAY_AGO - 1, NOW_S - 59, REFUSED, "", SN_E_MISSING, 0, DONE, SN_OK},
    {DAY_AGO - 1, NOW_S - 600, FAILED, LOST, SN_OK, 0, DONE, SN_OK},
};

static void reply(struct host *host, enum answer answer, enum sn_status status, const char *text) {
    if (answer == DONE) host_done(host, text);
    if (answer == FAILED) host_failed(host, text);
    if (answer == REFUSED) host_refused(host, status, text);
}

static void what_can_become_of_it(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof courses / sizeof courses[0]; i++) {
        const struct course *row = &courses[i];
        struct host *host = host_open();
        give_due(host, 1, row->scheduled_s, row->updated_s);
        if (row->scheduled_s < DAY_AGO)
            expect_message(host, FIRST, SN_MESSAGE_EXPIRE);
        else
            expect_sql(host, SN_SQL_RUN_ACTIVATE_DUE, NULL, 0);
        reply(host, row->first, row->status, row->text);
        if (row->then == 1) {
            expect_message(host, FIRST, SN_MESSAGE_START);
            reply(host, row->start, row->start_status, row->start == DONE ? STATE : LOST);
        } else if (row->then != 0) {
            expect_abandoned(host, values, sizeof values);
            host_done(host, CHANGED("1"));
        }
        only_effect(host, SN_EFFECT_SLICE_END);
        host_close(host);
    }
}

/* Twenty runs of twenty tenants, of which every other one fails in one way or another: the others start all the same. */
static void one_that_fails_is_in_nobodys_way(void **state) {
    (void)state;
    struct host *host = host_open();
    struct sn_record open[8];
    uint32_t open_len = 0, activations = 0, starts = 0, audits = 0;
    give_due(host, 20, NOW_S, NOW_S - 600);
    for (;;) {
        for (uint32_t i = 0; i < host->effects_len; i++) {
            if (host->effects[i].record.id == 0) continue;
            assert_true(open_len < 5);
            open[open_len++] = host->effects[i].record;
            struct sn_reader r = sn_reader(host->effects[i].payload.data + 10, 4);
            bool sql = host->effects[i].record.kind == SN_EFFECT_SQL;
            open[open_len - 1].arg1 = sql ? sn_get_u32(&r) : 0; /* which statement */
        }
        if (open_len == 0) break;
        struct sn_record asked = open[0];
        memmove(open, open + 1, --open_len * sizeof open[0]);
        bool activation = asked.arg1 == SN_SQL_RUN_ACTIVATE_DUE, start = asked.kind == SN_EFFECT_CALL_OBJECT;
        bool fails = (activation && activations++ % 2 == 0) || (start && starts++ % 2 == 0);
        audits += asked.arg1 == SN_SQL_AUDIT_INSERT;
        host_answer_id(host, asked.id, fails ? SN_EVENT_FAILED : SN_EVENT_DONE, SN_OK, fails ? LOST : CHANGED("1"));
    }
    only_effect(host, SN_EFFECT_SLICE_END);
    assert_int_equal(activations, 20);
    assert_int_equal(starts, 10);
    assert_int_equal(audits, 5);
    host_close(host);
}

static void strange_rows(void **state) {
    (void)state;
    struct host *host = host_open();
    host_tick(host, values, sizeof values);
    host_done(host, "[{\"rows\":[]},{\"rows\":[{},3,{\"id\":\"" RUN "\"},{\"id\":7,\"tenant_id\":\"a\"},{\"id\":\"" RUN
                    "\",\"tenant_id\":\"0123456789012345678901234567890123456789012345678901234567890123\"}]}]");
    only_effect(host, SN_EFFECT_SLICE_END);

    host_tick(host, values, sizeof values);
    host->outbox_cap = 64; /* no room to ask: the next tick may have better luck */
    host_done(host, "[{\"rows\":[]},{\"rows\":[{\"id\":\"" RUN "\",\"tenant_id\":\"a\",\"scheduled_at\":1}]}]");
    only_effect(host, SN_EFFECT_SLICE_END);
    host_close(host);
}

/* Active runs come first, due ones follow. */
static void both_are_looked_after(void **state) {
    (void)state;
    struct host *host = host_open();
    host_tick(host, values, sizeof values);
    host_done(host, "[{\"rows\":[{\"id\":\"" RUN "\",\"status\":\"running\"}]},"
                    "{\"rows\":[{\"id\":\"" OTHER_RUN "\",\"tenant_id\":\"a\",\"scheduled_at\":1789999999}]}]");
    assert_int_equal(host->effects_len, 2);
    assert_int_equal(host->effects[0].record.kind, SN_EFFECT_CALL_OBJECT);
    assert_int_equal(host->effects[1].record.kind, SN_EFFECT_SQL);
    host_close(host);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_run_that_is_due_is_started),
        cmocka_unit_test(what_can_become_of_it),
        cmocka_unit_test(one_that_fails_is_in_nobodys_way),
        cmocka_unit_test(strange_rows),
        cmocka_unit_test(both_are_looked_after),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
