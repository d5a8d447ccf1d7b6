#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/service/clearing.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

#define OK SN_COMPONENT_OPERATIONAL
#define UPKEEP SN_COMPONENT_MAINTENANCE
#define DEGRADED SN_COMPONENT_DEGRADED
#define PARTIAL SN_COMPONENT_PARTIAL_OUTAGE
#define MAJOR SN_COMPONENT_MAJOR_OUTAGE

/* The predecessor's ladder: above 5, 20 and 50 %. */
static void ladder(void **state) {
    static const struct {
        double rate;
        enum sn_component rung;
    } rows[] = {{0, OK},          {0.05, OK},     {0.0501, DEGRADED}, {0.2, DEGRADED},
                {0.201, PARTIAL}, {0.5, PARTIAL}, {0.501, MAJOR},     {1, MAJOR}};
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) assert_int_equal(sn_clearing_rung(rows[i].rate), rows[i].rung);
    for (int i = 0; i < SN_COMPONENTS_LEN; i++) {
        enum sn_component meant = i == UPKEEP ? OK : (enum sn_component)i; /* which it has no rung for */
        assert_int_equal(sn_clearing_rung(sn_clearing_rate((enum sn_component)i)), meant);
    }
}

static struct sn_facts run_of(const char *status, double failed, enum sn_component before) {
    return (struct sn_facts){.run_id = "r",
                             .tenant = "t",
                             .name = "n",
                             .key = "n",
                             .status = status,
                             .validity = "valid",
                             .verdict = "none",
                             .reason = "",
                             .component = "api",
                             .before = before,
                             .maintained = before != SN_COMPONENTS_LEN,
                             .total = 100,
                             .succeeded = 100 - failed,
                             .failed = failed};
}

/* Nothing was told before. */
static void ends(void **state) {
    static const struct {
        enum sn_component before, now;
        double failed;
        enum sn_component then;
        bool open;
    } rows[] = {
        {OK, UPKEEP, 0, OK, false},
        {OK, UPKEEP, 6, DEGRADED, false},
        {OK, UPKEEP, 10, DEGRADED, false},
        {OK, UPKEEP, 11, DEGRADED, true},
        {OK, UPKEEP, 30, PARTIAL, true},
        {OK, UPKEEP, 60, MAJOR, true},
        /* An outage stays one, however well the run went. */
        {PARTIAL, UPKEEP, 0, PARTIAL, false},
        {MAJOR, UPKEEP, 30, MAJOR, true},
        {DEGRADED, UPKEEP, 30, PARTIAL, true},
        /* Somebody has set another state while the run went on. */
        {OK, MAJOR, 0, MAJOR, false},
        {MAJOR, OK, 0, OK, false},
        {OK, DEGRADED, 30, PARTIAL, true},
        /* Maintenance that was there before the run is not the run's to end. */
        {UPKEEP, UPKEEP, 0, UPKEEP, false},
        {UPKEEP, UPKEEP, 30, PARTIAL, true},
        /* Maintenance that could not be put on. */
        {SN_COMPONENTS_LEN, OK, 0, OK, false},
        {SN_COMPONENTS_LEN, PARTIAL, 0, PARTIAL, false},
        {SN_COMPONENTS_LEN, UPKEEP, 0, UPKEEP, false},
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_facts facts = run_of("completed", rows[i].failed, rows[i].before);
        struct sn_told told = {0};
        struct sn_clearing_word word = sn_clearing_end(&facts, rows[i].now, &told);
        assert_int_equal(word.state, rows[i].then);
        assert_int_equal(word.open, rows[i].open);
        assert_false(word.resolve || word.lift);
        enum sn_component known = rows[i].now == UPKEEP && facts.maintained ? facts.before : rows[i].now;
        assert_true(word.state >= known); /* never better than it was known to be */
    }
}

/* What no run says something about: one that was cancelled before it began, one that measured nothing to be believed. */
static void runs_without_results(void **state) {
    struct sn_told told = {0};
    (void)state;
    struct sn_facts facts = run_of("failed", 100, PARTIAL);
    facts.validity = "invalid";
    struct sn_clearing_word word = sn_clearing_end(&facts, UPKEEP, &told);
    assert_int_equal(word.state, PARTIAL);
    assert_false(word.open || word.silent);
    facts.validity = "unknown";
    facts.total = facts.failed = 0;
    assert_int_equal(sn_clearing_end(&facts, UPKEEP, &told).state, PARTIAL);
    assert_true(sn_clearing_end(&facts, MAJOR, &told).silent);
    /* A cancelled run has measured what it has measured. */
    facts = run_of("cancelled", 30, OK);
    assert_int_equal(sn_clearing_end(&facts, UPKEEP, &told).state, PARTIAL);
}

/* One schedule, run after run: the first is bad, the next too, then a good one takes back what they said. */
static void told_and_taken_back(void **state) {
    (void)state;
    struct sn_told told = {0};
    struct sn_facts facts = run_of("completed", 30, OK);
    struct sn_clearing_word word = sn_clearing_end(&facts, UPKEEP, &told);
    assert_true(word.open && word.keep && !word.lift);
    assert_int_equal(word.state, PARTIAL);
    assert_int_equal(word.before, OK);

    told = (struct sn_told){.any = true, .state = PARTIAL, .before = OK, .incident = "i-1"};
    facts = run_of("completed", 60, PARTIAL); /* it finds what we said ourselves */
    word = sn_clearing_end(&facts, UPKEEP, &told);
    assert_true(!word.open && word.keep && !word.lift && !word.resolve);
    assert_int_equal(word.state, MAJOR);
    assert_int_equal(word.before, OK);

    told.state = MAJOR;
    facts = run_of("cancelled", 0, MAJOR); /* neither good nor bad */
    word = sn_clearing_end(&facts, UPKEEP, &told);
    assert_true(!word.lift && !word.resolve);
    assert_int_equal(word.state, MAJOR);

    facts = run_of("completed", 0, MAJOR);
    facts.verdict = "failed";
    assert_false(sn_clearing_end(&facts, UPKEEP, &told).lift);
    facts.verdict = "passed";
    word = sn_clearing_end(&facts, UPKEEP, &told);
    assert_true(word.lift && word.resolve && !word.keep);
    assert_int_equal(word.state, OK);

    /* Meanwhile people have found an outage of their own: the incident is over, the outage is not. */
    facts = run_of("completed", 0, PARTIAL);
    word = sn_clearing_end(&facts, UPKEEP, &told);
    assert_true(word.lift && word.resolve);
    assert_int_equal(word.state, PARTIAL);
}

static void bodies(void **state) {
    char text[2048];
    (void)state;
    struct sn_facts facts = run_of("completed", 0, PARTIAL);
    struct sn_told told = {0};
    struct sn_clearing_word word = sn_clearing_end(&facts, UPKEEP, &told);
    struct sn_writer w = sn_writer(text, sizeof text);
    sn_clearing_put_end(&w, &facts, &word, &told);
    sn_put_u8(&w, 0);
    /* errorRate stands for the state where componentStatus is not known. */
    assert_string_equal(text, "{\"runId\":\"r\",\"tenantId\":\"t\",\"status\":\"completed\",\"componentSlug\":\"api\","
                              "\"componentStatus\":\"partial_outage\",\"createIncident\":false,\"results\":{"
                              "\"totalOperations\":100,\"successfulOperations\":100,\"failedOperations\":0,"
                              "\"errorRate\":0.21,\"measuredErrorRate\":0,\"avgLatencyMs\":0,\"p95LatencyMs\":0,"
                              "\"throughputOpsPerSec\":0}}");
    facts = (struct sn_facts){.run_id = "r", .tenant = "t", .component = "api", .before = MAJOR};
    w = sn_writer(text, sizeof text);
    sn_clearing_put_on(&w, &facts, "a \"test\"");
    sn_put_u8(&w, 0);
    assert_string_equal(text, "{\"runId\":\"r\",\"tenantId\":\"t\",\"status\":\"completed\",\"componentSlug\":\"api\","
                              "\"componentStatus\":\"maintenance\",\"message\":\"a \\\"test\\\"\","
                              "\"createIncident\":false,\"results\":{\"totalOperations\":0,\"successfulOperations\":0,"
                              "\"failedOperations\":0,\"errorRate\":0.51,\"measuredErrorRate\":0,\"avgLatencyMs\":0,"
                              "\"p95LatencyMs\":0,\"throughputOpsPerSec\":0}}");
}

static void states_in_an_answer(void **state) {
    static const struct {
        const char *json;
        enum sn_component is;
    } rows[] = {
        {"{\"components\":[{\"slug\":\"cdn\",\"status\":\"operational\"},{\"slug\":\"api\",\"status\":\"degraded\"}]}",
         DEGRADED},
        {"{\"components\":[{\"slug\":\"api\",\"status\":\"maintenance\"}]}", UPKEEP},
        {"{\"components\":[{\"slug\":\"api\",\"status\":\"splendid\"}]}", SN_COMPONENTS_LEN},
        {"{\"components\":[{\"slug\":\"api\"}]}", SN_COMPONENTS_LEN},
        {"{\"components\":[{\"slug\":\"api2\",\"status\":\"operational\"}]}", SN_COMPONENTS_LEN},
        {"{\"components\":{\"api\":\"operational\"}}", SN_COMPONENTS_LEN},
        {"[7]", SN_COMPONENTS_LEN},
    };
    static _Alignas(16) uint8_t memory[65536];
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_arena arena;
        struct sn_json_error error;
        sn_arena_init(&arena, memory, sizeof memory);
        const struct sn_json *json = sn_json_parse(&arena, rows[i].json, strlen(rows[i].json), &error);
        assert_int_equal(sn_clearing_state_in(json, "api"), rows[i].is);
    }
    assert_int_equal(sn_clearing_state_in(NULL, "api"), SN_COMPONENTS_LEN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ladder),
        cmocka_unit_test(ends),
        cmocka_unit_test(runs_without_results),
        cmocka_unit_test(told_and_taken_back),
        cmocka_unit_test(bodies),
        cmocka_unit_test(states_in_an_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
