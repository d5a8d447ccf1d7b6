#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/status.h"
#include "sentinel/base/vocab.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

static void names(void **state) {
    (void)state;
    assert_string_equal(sn_error_name(SN_ERROR_CLIENT), "client");
    assert_string_equal(sn_error_name(SN_ERROR_HARNESS), "harness");
    assert_string_equal(sn_drop_name(SN_DROP_SHARD_DOWN), "shardDown");
    assert_string_equal(sn_run_status_name(SN_RUN_CANCELLED), "cancelled");
    assert_string_equal(sn_validity_name(SN_VALIDITY_DEGRADED), "degraded");
    assert_string_equal(sn_verdict_name(SN_VERDICT_NONE), "none");
    assert_string_equal(sn_profile_type_name(SN_PROFILE_THREE_PHASE), "three-phase");
    assert_string_equal(sn_stage_name(SN_STAGE_SWEEP), "sweep");
    assert_string_equal(sn_prepare_name(SN_PREPARE_NONE), "none");
    assert_string_equal(sn_alert_name(SN_ALERT_THRESHOLD_FAILED), "threshold-failed");
    assert_string_equal(sn_hook_format_name(SN_HOOK_SLACK), "slack");
    assert_string_equal(sn_component_name(SN_COMPONENT_PARTIAL_OUTAGE), "partial_outage");
}

/* Numbers arrive from stored bytes and from other versions: never a crash, never NULL. */
static void numbers_without_a_name(void **state) {
    (void)state;
    assert_string_equal(sn_error_name(SN_ERRORS_LEN), "?");
    assert_string_equal(sn_drop_name(SN_DROPS_LEN), "?");
    assert_string_equal(sn_run_status_name(SN_RUN_STATUSES_LEN), "?");
    assert_string_equal(sn_validity_name(SN_VALIDITIES_LEN), "?");
    assert_string_equal(sn_verdict_name(SN_VERDICTS_LEN), "?");
    assert_string_equal(sn_profile_type_name(SN_PROFILE_TYPES_LEN), "?");
    assert_string_equal(sn_stage_name((enum sn_stage)UINT32_MAX), "?");
    assert_string_equal(sn_prepare_name(SN_PREPARES_LEN), "?");
    assert_string_equal(sn_component_name(SN_COMPONENTS_LEN), "?");
}

static void values_of_names(void **state) {
    (void)state;
    assert_int_equal(sn_run_status_find("paused", 6), SN_RUN_PAUSED);
    assert_int_equal(sn_run_status_find("paused until", 6), SN_RUN_PAUSED);
    assert_int_equal(sn_run_status_find("cancelled", 9), SN_RUN_CANCELLED);
    assert_int_equal(sn_stage_find("sweep", 5), SN_STAGE_SWEEP);
    static const char *const strangers[] = {"", "pause", "pausedd", "Paused", "?"};
    for (size_t i = 0; i < ROWS(strangers); i++) {
        assert_int_equal(sn_run_status_find(strangers[i], strlen(strangers[i])), SN_RUN_STATUSES_LEN);
        assert_int_equal(sn_stage_find(strangers[i], strlen(strangers[i])), SN_STAGES_LEN);
        assert_int_equal(sn_component_find(strangers[i], strlen(strangers[i])), SN_COMPONENTS_LEN);
        assert_int_equal(sn_alert_find(strangers[i], strlen(strangers[i])), SN_ALERTS_LEN);
    }
    assert_int_equal(sn_run_status_find(NULL, 0), SN_RUN_STATUSES_LEN);
}

static void status_sentences(void **state) {
    (void)state;
    assert_string_equal(sn_status_text(SN_OK), "no fault");
    assert_string_equal(sn_status_text(SN_E_RANGE), "a value is outside its range");
    assert_string_equal(sn_status_text(SN_E_MEMORY), "the memory that was set aside is used up");
    assert_non_null(sn_status_text((enum sn_status)1));
    assert_non_null(sn_status_text((enum sn_status) - 100));
}

static void error_classes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum sn_error class;
    } rows[] = {
        /* D1 > Debug D1: the whole list. */
        {"D1_ERROR: D1 DB reset because its code was updated.", SN_ERROR_TRANSIENT},
        {"D1_ERROR: Internal error while starting up D1 DB storage caused object to be reset.", SN_ERROR_PLATFORM},
        {"D1_ERROR: Network connection lost.", SN_ERROR_TRANSIENT},
        {"D1_ERROR: Internal error in D1 DB storage caused object to be reset.", SN_ERROR_PLATFORM},
        {"D1_ERROR: Replica disconnected from primary.", SN_ERROR_TRANSIENT},
        {"D1_ERROR: Cannot resolve D1 DB due to transient issue on remote node.", SN_ERROR_TRANSIENT},
        {"D1_ERROR: Can't read from request stream because client disconnected.", SN_ERROR_TRANSIENT},
        {"D1_ERROR: D1 DB storage operation exceeded timeout which caused object to be reset.", SN_ERROR_THROTTLED},
        {"Error: D1_ERROR: D1 DB is overloaded. Requests queued for too long.", SN_ERROR_THROTTLED},
        {"D1_ERROR: D1 DB is overloaded. Too many requests queued.", SN_ERROR_THROTTLED},
        {"D1_ERROR: D1 DB's isolate exceeded its memory limit and was reset.", SN_ERROR_PLATFORM},
        {"D1_ERROR: D1 DB exceeded its CPU time limit and was reset.", SN_ERROR_PLATFORM},
        {"D1_ERROR: Exceeded maximum DB size.", SN_ERROR_CLIENT},
        {"D1_ERROR: No SQL statements detected.", SN_ERROR_CLIENT},
        {"D1_ERROR: Your account has exceeded D1's free tier daily row read limit. Upgrade to a paid plan or wait "
         "until tomorrow (midnight UTC) to continue.: SQLITE_ERROR (code: 7500)",
         SN_ERROR_CLIENT},
        /* SQL. */
        {"D1_ERROR: no such table: users: SQLITE_ERROR", SN_ERROR_CLIENT},
        {"D1_ERROR: no such column: nam at offset 7: SQLITE_ERROR", SN_ERROR_CLIENT},
        {"D1_ERROR: near \"SELCT\": syntax error at offset 0: SQLITE_ERROR", SN_ERROR_CLIENT},
        {"D1_ERROR: UNIQUE constraint failed: posts.id: SQLITE_CONSTRAINT", SN_ERROR_CLIENT},
        {"D1_ERROR: too many SQL variables at offset 500: SQLITE_ERROR", SN_ERROR_CLIENT},
        {"D1_ERROR: ambiguous column name: id: SQLITE_ERROR", SN_ERROR_CLIENT}, /* by its ending alone */
        {"D1_TYPE_ERROR: Type 'undefined' not supported for value 'undefined'", SN_ERROR_CLIENT},
        {"D1_ERROR: no such table: overloaded: SQLITE_ERROR", SN_ERROR_CLIENT}, /* a table of that name */
        {"D1_ERROR: UNIQUE constraint failed: hosts.overloaded: SQLITE_CONSTRAINT", SN_ERROR_CLIENT},
        {"D1_ERROR: D1 DB is overloaded. Too many requests queued.: SQLITE_ERROR", SN_ERROR_THROTTLED},
        /* The statement was no mistake; the database gave up. */
        {"D1_EXEC_ERROR: Error in line 1: create index i on t(a): D1 DB exceeded its CPU time limit and was reset.",
         SN_ERROR_PLATFORM},
        {"D1_EXEC_ERROR: Error in line 1: INSERTZ INTO t: sql error: near \"INSERTZ\": syntax error", SN_ERROR_CLIENT},
        {"D1_EXEC_ERROR: Error in line 1: incomplete input", SN_ERROR_CLIENT},
        /* Durable Objects > Troubleshooting. */
        {"Durable Object is overloaded. Too many requests for the same object within a 10 second window.",
         SN_ERROR_THROTTLED},
        {"Durable Object is overloaded. Too much data queued.", SN_ERROR_THROTTLED},
        {"Your account is generating too much load on Durable Objects. Please back off and try again later.",
         SN_ERROR_THROTTLED},
        {"Your account is doing too many concurrent storage operations. Please back off and try again later.",
         SN_ERROR_THROTTLED},
        {"Durable Object reset because its code was updated.", SN_ERROR_TRANSIENT},
        {"Connection closed: this Durable Object instance is no longer active. Reconnect or retry the request.",
         SN_ERROR_TRANSIENT},
        /* KV and R2. */
        {"KV PUT failed: 429 Too Many Requests", SN_ERROR_THROTTLED},
        {"KV PUT failed: 414 UTF-8 encoded length of 600 exceeds key length limit of 512.", SN_ERROR_CLIENT},
        {"KV PUT failed: 400 Invalid expiration_ttl of 30. Expiration TTL must be at least 60.", SN_ERROR_CLIENT},
        {"KV GET failed: 503 Service Unavailable", SN_ERROR_PLATFORM},
        {"KV put() limit exceeded for the day.", SN_ERROR_CLIENT},
        {"put: Reduce your concurrent request rate for the same object. (10058)", SN_ERROR_THROTTLED},
        {"put: The specified object name is not valid. (10020)", SN_ERROR_CLIENT},
        {"get: We encountered an internal error. Please try again. (10001)", SN_ERROR_PLATFORM},
        {"put: Client disconnected before request completed. (10054)", SN_ERROR_TRANSIENT},
        /* Our own. */
        {"Too many subrequests by single Worker invocation.", SN_ERROR_HARNESS},
        {"Too many API requests by single worker invocation.", SN_ERROR_HARNESS},
        {"Worker exceeded CPU time limit.", SN_ERROR_HARNESS}, /* ours; the database's is the platform's */
        {"TypeError: host.put is not a function", SN_ERROR_HARNESS},
        {"D1_ERROR: Too many API requests by single Worker invocation.: SQLITE_ERROR", SN_ERROR_HARNESS},
        /* Letters of either case, and texts that say nothing. */
        {"d1 db is OVERLOADED", SN_ERROR_THROTTLED},
        {"", SN_ERROR_PLATFORM},
        {"something new", SN_ERROR_PLATFORM},
        {"overloade", SN_ERROR_PLATFORM},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        size_t len = strlen(rows[i].text);
        char *copy = malloc(len > 0 ? len : 1); /* without a terminating zero */
        memcpy(copy, rows[i].text, len);
        enum sn_error class = sn_error_classify(copy, len);
        if (class != rows[i].class) fail_msg("%s: %s", sn_error_name(class), rows[i].text);
        free(copy);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),           cmocka_unit_test(numbers_without_a_name),
        cmocka_unit_test(values_of_names), cmocka_unit_test(status_sentences),
        cmocka_unit_test(error_classes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
