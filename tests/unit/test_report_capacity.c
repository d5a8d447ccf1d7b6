/* What the report says of a load's levels: where it saturated, what was the bottleneck, whether it recovered. */
#include <math.h>

#include "report_read.h"

#define LEVELS 30u
#define KINDS 2u

/* A load that rises from 10 to 310 a second in a minute; of what is over 200 a second nothing ends.  Cells are set as they
 * would be: the second kind queues from 180 a second on, the first only waits for slots. */
struct ramp {
    struct view *v;
    struct sn_levels *levels;
    struct sn_level_cell *cells;
};

static struct sn_level_cell *cell_of(const struct ramp *ramp, uint32_t window, uint32_t kind) {
    return &ramp->cells[window * (KINDS + 1) + kind];
}

static void put_load(struct view *v) {
    sn_profile_begin(&v->profile);
    assert_int_equal(sn_profile_phase(&v->profile, "ramp", INT64_C(60000000)), SN_OK);
    assert_int_equal(sn_profile_add(&v->profile, INT64_C(60000000), 10, 310), SN_OK);
    assert_int_equal(sn_profile_finish(&v->profile, 0), SN_OK);
    sn_schedule_init(&v->schedule, &v->profile);
    v->report.counts.planned = v->report.counts.completed = v->profile.planned;
    v->report.counts.not_yet_due = 0;
}

static struct ramp ramp_new(void) {
    struct ramp ramp = {.v = view_new(KINDS, 1, 60, 100, 2), .levels = malloc(sn_levels_size(KINDS))};
    struct view *v = ramp.v;
    assert_non_null(ramp.levels);
    memcpy(v->pool + 8, "kv_get", 6);
    v->kinds[0].system = (struct sn_text){8, 6};
    v->kinds[1].weight = 3;
    put_load(v);
    view_start(v);
    sn_levels_init(ramp.levels, KINDS, 60);
    ramp.levels->window_s = 60 / LEVELS;
    ramp.levels->len = LEVELS;
    ramp.cells = (struct sn_level_cell *)(void *)(ramp.levels + 1);
    for (uint32_t i = 0; i < LEVELS; i++) {
        uint32_t per_s = 15 + 10 * i, ended = per_s < 200 ? per_s : 200;
        for (uint32_t s = 2 * i; s < 2 * i + 2; s++) sn_series_second(v->report.series, s)->completed = ended;
        bool queues = per_s >= 180;
        for (uint32_t kind = 0; kind <= KINDS; kind++)
            *cell_of(&ramp, i, kind) = (struct sn_level_cell){.counted = 2 * ended,
                                                              .p95_us = queues ? 900000 : 12000,
                                                              .ended = 2 * ended,
                                                              .service_us = kind > 0 && queues ? 80000 : 8000,
                                                              .sql_us = kind == 0 ? 0 : 400};
    }
    v->report.levels = ramp.levels;
    view_end(v, SN_RUN_COMPLETED);
    return ramp;
}

static void ramp_free(struct ramp *ramp) {
    view_free(ramp->v);
    free(ramp->levels);
}

static const struct sn_json *told(const struct ramp *ramp, char **text, void **memory) {
    char *json = written(sn_report_put_json, &ramp->v->report);
    const struct sn_json *root = parsed(json, memory);
    free(json);
    *text = written(sn_report_put_text, &ramp->v->report);
    expect_narrow(*text);
    for (char *at = *text; *at != 0; at++) { /* lines break where they will */
        if (*at == '\n') *at = ' ';
    }
    return at(root, "capacity");
}

static bool says(const char *text, const char *sentence) {
    for (const char *from = text; *from != 0; from++) {
        const char *a = from, *b = sentence;
        while (*b != 0 && *a == *b) {
            bool blank = *a == ' ';
            for (a++, b++; blank && *a == ' ';) a++;
        }
        if (*b == 0) return true;
    }
    return false;
}

static void a_bottleneck_is_named(void **state) {
    (void)state;
    struct ramp ramp = ramp_new();
    char *text;
    void *memory;
    const struct sn_json *capacity = told(&ramp, &text, &memory);
    expect_text(capacity, "outcome", "found");
    expect_number(capacity, "saturatedAtPerS", 200);
    expect_number(capacity, "carriedPerS", 200);
    expect_number(capacity, "fromPerS", 185);
    expect_number(capacity, "wellPerS", 175);
    expect_number(capacity, "highestPerS", 305);
    expect_text(capacity, "sign", "response");
    expect_text(capacity, "symptom", "queueing");
    expect_text(capacity, "bottleneck.system", "d1_reads");
    expect_text(capacity, "bottleneck.operation", "operation_01");
    expect_number(capacity, "limitMs", 24);
    expect_number(capacity, "quiet.p95Ms", 12);
    expect_number(capacity, "beyond.p95Ms", 900);
    expect_number(capacity, "beyond.serviceMs", 80);
    expect_number(capacity, "beyond.sqlMs", 0.4);
    expect_null(capacity, "recovery");
    expect_number(capacity, "levels", LEVELS);
    expect_number(capacity, "levelS", 2);
    assert_int_equal(sn_json_count(at(capacity, "systems")), 1);
    expect_text(capacity, "systems.0.system", "d1_reads");
    expect_number(capacity, "systems.0.ownFromPerS", 138.8); /* three of four are of this kind */
    assert_int_equal(sn_json_count(at(capacity, "operations")), 2);
    expect_text(capacity, "operations.0.system", "kv_get");
    expect_text(capacity, "operations.0.symptom", "slots");
    assert_true(
        says(text, "Saturated at 200 operations a second, which is what it carried when it was asked for more."));
    assert_true(says(text, "; at 175 all was well. The bottleneck is d1_reads. Calls of operation_01 took"));
    assert_true(says(text, "the statements themselves were"));
    free(text);
    free(memory);
    ramp_free(&ramp);
}

static void what_fell_and_did_not_recover_is_told(void **state) {
    (void)state;
    struct ramp ramp = ramp_new();
    char *text;
    void *memory;
    struct sn_epoch scale = {.seq = 2, .kind = SN_EPOCH_SCALE, .effective_us = ZERO_US + 40000000, .factor = 0.1};
    assert_int_equal(sn_schedule_add(&ramp.v->schedule, &scale), SN_OK);
    const struct sn_json *capacity = told(&ramp, &text, &memory);
    assert_int_equal(sn_json_type(at(capacity, "recovery.recovered")), SN_JSON_BOOL);
    assert_false(sn_json_bool(at(capacity, "recovery.recovered")));
    expect_null(capacity, "recovery.withinS");
    expect_number(capacity, "recovery.watchedS", 20);
    assert_true(says(text, "When the load fell it was not well again for the 20"));
    free(text);
    free(memory);
    ramp_free(&ramp);
}

static void refusals_are_told(void **state) {
    (void)state;
    struct ramp ramp = ramp_new();
    char *text;
    void *memory;
    for (uint32_t i = 0; i < LEVELS; i++) {
        for (uint32_t kind = 0; kind <= KINDS; kind++) {
            struct sn_level_cell *cell = cell_of(&ramp, i, kind);
            cell->p95_us = 12000;
            cell->service_us = 8000;
            if (i >= 20 && kind > 0) cell->failed = cell->throttled = cell->ended / 4;
        }
    }
    const struct sn_json *capacity = told(&ramp, &text, &memory);
    expect_text(capacity, "symptom", "throttling");
    expect_text(capacity, "bottleneck.operation", "operation_01");
    expect_number(capacity, "beyond.throttledShare", 0.25);
    assert_true(says(text, ": 25"));
    free(text);
    free(memory);
    ramp_free(&ramp);
}

/* Twice the users are twice the load; what lies beyond the highest level that was measured is marked wherever it stands. */
static void users_are_told_what_they_need(void **state) {
    (void)state;
    struct ramp ramp = ramp_new();
    char *text;
    void *memory;
    ramp.v->report.cost.users = 10000;
    ramp.v->report.cost.load.units[SN_METER_D1_ROWS_WRITTEN] = 96000;
    const struct sn_json *capacity = told(&ramp, &text, &memory);
    expect_number(capacity, "users.0.users", 10);
    expect_number(capacity, "users.1.users", 10000);
    expect_number(capacity, "users.1.perS", 310);
    expect_number(capacity, "users.2.perS", 310000);
    expect_number(capacity, "users.1.callsInFlight", 2.48); /* 310 a second, 8 ms each */
    assert_true(sn_json_bool(at(capacity, "users.1.limited")) && !sn_json_bool(at(capacity, "users.0.limited")));
    expect_number(capacity, "users.2.timesTheLimit", 1550);
    assert_true(sn_json_bool(at(capacity, "users.2.extrapolated")) &&
                !sn_json_bool(at(capacity, "users.0.extrapolated")));
    /* Ten rows for each of 9,600 operations, thirty days: 2.88 million rows are $2.88, and 2.88 billion less the month's fifty
     * million $2,830. */
    expect_number(capacity, "users.1.monthUsd", 2.88);
    expect_number(capacity, "users.1.monthBeyondUsd", 0);
    expect_number(capacity, "users.2.monthUsd", 2880);
    expect_number(capacity, "users.2.monthBeyondUsd", 2830);
    expect_text(capacity, "firstLimit.what", "saturation");
    expect_text(capacity, "firstLimit.system", "d1_reads");
    expect_number(capacity, "firstLimit.fromPerS", 200);
    expect_number(capacity, "firstLimit.fromUsers", 6451);
    assert_true(says(text, "10000000 users: 310000 a second"));
    assert_true(says(text, "1550 times the first limit (extrapolated)."));
    assert_true(says(text, "The first limit: d1_reads saturates at 200 operations a second, which is 6451 users."));
    free(text);
    free(memory);
    ramp_free(&ramp);
}

/* 1 to 16 calls in flight that hinder each other by a twentieth. */
static void the_law_of_its_scaling_is_told(void **state) {
    (void)state;
    struct ramp ramp = ramp_new();
    char *text;
    void *memory;
    for (uint32_t i = 0; i < LEVELS; i++) {
        double calls = 1 + i / 2.0, per_s = 40 * calls / (1 + 0.05 * (calls - 1) + 0.004 * calls * (calls - 1));
        uint32_t whole = (uint32_t)(per_s + 0.5);
        for (uint32_t s = 2 * i; s < 2 * i + 2; s++) sn_series_second(ramp.v->report.series, s)->completed = whole;
        for (uint32_t kind = 0; kind <= KINDS; kind++) {
            cell_of(&ramp, i, kind)->p95_us = 12000;
            cell_of(&ramp, i, kind)->service_us = (uint32_t)(calls / whole * 1e6);
        }
    }
    const struct sn_json *capacity = told(&ramp, &text, &memory);
    expect_text(capacity, "scalability.outcome", "fitted");
    assert_true(fabs(sn_json_number(at(capacity, "scalability.contention")) - 0.05) < 0.005);
    assert_true(fabs(sn_json_number(at(capacity, "scalability.coherency")) - 0.004) < 0.0005);
    assert_true(sn_json_number(at(capacity, "scalability.r2")) > 0.99);
    expect_number(capacity, "scalability.measuredCalls", 15.5);
    expect_number(capacity, "scalability.trustCalls", 31);
    assert_false(sn_json_bool(at(capacity, "scalability.extrapolated"))); /* the peak was passed */
    assert_true(sn_json_bool(at(capacity, "scalability.atTrustCalls.extrapolated")));
    assert_true(says(text, "One call after the other comes to 40"));
    assert_true(says(text, "Nothing of this is to be trusted beyond 31 calls in flight."));
    assert_int_equal(sn_json_count(at(capacity, "users")), 0); /* the plan has none */
    free(text);
    free(memory);
    ramp_free(&ramp);
}

/* Who measured badly says nothing, and a machine that was saturated itself names nobody. */
static void it_is_silent_where_it_cannot_know(void **state) {
    (void)state;
    struct ramp ramp = ramp_new();
    char *text;
    void *memory;
    ramp.v->report.limited_by = "machine";
    const struct sn_json *capacity = told(&ramp, &text, &memory);
    expect_text(capacity, "symptom", "machine");
    expect_null(capacity, "bottleneck");
    assert_true(says(text, "The machine that runs Sentinel was saturated itself"));
    free(text);
    free(memory);
    ramp.v->report.limited_by = NULL;
    ramp.v->report.validity.validity = SN_VALIDITY_INVALID;
    capacity = told(&ramp, &text, &memory);
    expect_text(capacity, "outcome", "unknown");
    expect_null(capacity, "saturatedAtPerS");
    assert_int_equal(sn_json_count(at(capacity, "operations")), 0);
    assert_null(strstr(text, "Capacity"));
    free(text);
    free(memory);
    ramp_free(&ramp);
}

/* A lead-in may be as bad as it likes. */
static void a_lead_in_is_left_out(void **state) {
    (void)state;
    struct ramp ramp = ramp_new();
    char *text;
    void *memory;
    for (uint32_t i = 0; i < LEVELS; i++) {
        for (uint32_t kind = 0; kind <= KINDS; kind++) cell_of(&ramp, i, kind)->p95_us = i < 15 ? 900000 : 12000;
        for (uint32_t s = 2 * i; s < 2 * i + 2; s++) sn_series_second(ramp.v->report.series, s)->completed = 400;
    }
    ramp.v->profile.phases[0].end_us = 30000000;
    ramp.v->report.lead_in = true;
    const struct sn_json *capacity = told(&ramp, &text, &memory);
    expect_text(capacity, "outcome", "above");
    expect_number(capacity, "levels", 15);
    assert_true(says(text, "Nothing saturated up to 305 operations a second, and 95"));
    free(text);
    free(memory);
    ramp_free(&ramp);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_bottleneck_is_named),
        cmocka_unit_test(what_fell_and_did_not_recover_is_told),
        cmocka_unit_test(refusals_are_told),
        cmocka_unit_test(it_is_silent_where_it_cannot_know),
        cmocka_unit_test(a_lead_in_is_left_out),
        cmocka_unit_test(users_are_told_what_they_need),
        cmocka_unit_test(the_law_of_its_scaling_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
