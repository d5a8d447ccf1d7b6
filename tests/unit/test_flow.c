/* How steps follow one another: which are made, what goes together, how long is thought. */
#include "operation_help.h"
#include <math.h>

#include "sentinel/load/flow.h"

#define KV(more) "{\"kv\":\"get\",\"key\":\"a\"" more "}"
#define ONE(steps) "{\"operations\":[{\"operation\":\"o\",\"steps\":[" steps "]}]}"

static _Alignas(16) uint8_t compiled[SN_PLAN_BYTES_MAX];
static struct sn_workload workload;

static const struct sn_kind *kind_of(const char *json) {
    compile(json, strlen(json), &workload, compiled, sizeof compiled);
    return &workload.kinds[0];
}

static void stages_are_what_goes_together(void **state) {
    (void)state;
    const struct sn_kind *kind = kind_of(
        ONE(KV("") ",{\"parallel\":[" KV("") "," KV("") "," KV("") "]}," KV(",\"background\":true") "," KV("")));
    uint32_t left = sn_flow_drawn(&workload, kind, 1, 1);
    static const uint32_t stages[] = {1, 2 | 4 | 8, 16, 32};
    assert_int_equal(left, 63);
    for (size_t i = 0; i < LEN(stages); i++, left &= ~stages[i - 1])
        assert_int_equal(sn_flow_stage(&workload, kind, left), stages[i]);
    assert_int_equal(left, 0);
    assert_int_equal(sn_flow_waited(&workload, kind, 63), 63 - 16);
    assert_int_equal(sn_flow_stage(&workload, kind, 2 | 8), 2 | 8); /* the one between them was not drawn */
}

/* Of 100,000 operations three in ten, within five deviations; draws of two steps have nothing to do with each other. */
static void steps_are_drawn_in_their_proportion(void **state) {
    (void)state;
    const struct sn_kind *kind =
        kind_of(ONE(KV("") "," KV(",\"probability\":0.3") "," KV(",\"probability\":0.3") "," KV(",\"probability\":1")));
    uint32_t first = 0, both = 0, n = 100000;
    for (uint64_t k = 1; k <= n; k++) {
        uint32_t drawn = sn_flow_drawn(&workload, kind, 7, k);
        assert_int_equal(drawn & 9, 9);
        first += drawn >> 1 & 1;
        both += (drawn & 6) == 6;
    }
    assert_in_range(first, 30000 - 725, 30000 + 725);
    assert_in_range(both, 9000 - 453, 9000 + 453);
}

static int by_value(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static const struct {
    const char *think;
    int64_t min_us, median_us, max_us; /* of 9,999 draws; the median within 3 % */
} thinks[] = {
    {"500", 500000, 500000, 500000},
    {"0.5", 500, 500, 500},
    {"{\"min\":100,\"max\":300}", 100000, 200000, 300000},
    {"{\"min\":100,\"max\":100}", 100000, 100000, 100000},
    {"{\"median\":800,\"sigma\":0.5}", 80000, 800000, 8000000},
    {"{\"median\":800,\"sigma\":0.5,\"max\":900}", 80000, 800000, 900000},
    {"{\"median\":800,\"sigma\":0}", 800000, 800000, 800000},
};

static void think_time_is_as_it_was_asked_for(void **state) {
    (void)state;
    enum { N = 9999 };
    static int64_t us[N];
    for (size_t i = 0; i < LEN(thinks); i++) {
        char json[400];
        snprintf(json, sizeof json, ONE(KV("") ",{\"kv\":\"get\",\"key\":\"b\",\"thinkMs\":%s}"), thinks[i].think);
        const struct sn_kind *kind = kind_of(json);
        for (uint64_t k = 0; k < N; k++) us[k] = sn_flow_think_us(&workload, kind, 2, 3, k + 1);
        assert_int_equal(us[5], sn_flow_think_us(&workload, kind, 2, 3, 6)); /* a function of (seed, k, step) */
        qsort(us, N, sizeof us[0], by_value);
        assert_true(us[0] >= thinks[i].min_us && us[N - 1] <= thinks[i].max_us);
        if (llabs(us[N / 2] - thinks[i].median_us) > thinks[i].median_us * 3 / 100)
            fail_msg("%s: median %lld", thinks[i].think, (long long)us[N / 2]);
        assert_int_equal(sn_flow_think_us(&workload, kind, 1, 3, 1), 0);
    }
}

/* Of a log-normal with sigma 0.5 the deviation of the logarithm is that, within a hundredth. */
static void the_spread_of_a_lognormal_is_its_sigma(void **state) {
    (void)state;
    double sum = 0, squares = 0;
    enum { N = 100000 };
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_VALUE, 1);
    for (int i = 0; i < N; i++) {
        double x = log(sn_rng_lognormal(&rng, 1000000, 500000, UINT32_MAX) / 1e6);
        sum += x;
        squares += x * x;
    }
    double mean = sum / N, deviation = sqrt(squares / N - mean * mean);
    assert_true(fabs(mean) < 0.01 && fabs(deviation - 0.5) < 0.01);
}

/* A group's time to think stands at its first step, also where that one is not drawn. */
static void one_thinks_before_a_group_once(void **state) {
    (void)state;
    const struct sn_kind *kind =
        kind_of(ONE(KV("") ",{\"parallel\":[" KV(",\"probability\":0.5") "," KV("") "],\"thinkMs\":250}"));
    assert_int_equal(sn_flow_think_us(&workload, kind, 2 | 4, 1, 1), 250000);
    assert_int_equal(sn_flow_think_us(&workload, kind, 4, 1, 1), 250000);
}

#define AT "$.operations[0].steps"
static const struct {
    const char *steps, *code, *path, *expected;
} refused[] = {
    {KV(",\"probability\":0"), "plan.range", AT "[0].probability", "from 0.000001 to 1"},
    {KV(",\"probability\":1.5"), "plan.range", AT "[0].probability", NULL},
    {KV(",\"probability\":0.5"), "plan.missing", AT, "no probability, not in the background"},
    {KV(",\"background\":true"), "plan.missing", AT, NULL},
    {KV("") "," KV(",\"background\":false"), "plan.value", AT "[1].background", "true"},
    {KV(",\"thinkMs\":5"), "plan.conflict", AT "[0].thinkMs", "before the first step"},
    {KV("") "," KV(",\"thinkMs\":60001"), "plan.range", AT "[1].thinkMs", "from 0 to 60000"},
    {KV("") "," KV(",\"thinkMs\":\"5\""), "plan.type", AT "[1].thinkMs", "milliseconds"},
    {KV("") "," KV(",\"thinkMs\":{}"), "plan.type", AT "[1].thinkMs.min", "a number"},
    {KV("") "," KV(",\"thinkMs\":{\"min\":5,\"max\":4}"), "plan.range", AT "[1].thinkMs.max", "from 5 to"},
    {KV("") "," KV(",\"thinkMs\":{\"median\":5}"), "plan.type", AT "[1].thinkMs.sigma", "from 0 to 4"},
    {KV("") "," KV(",\"thinkMs\":{\"median\":5,\"mean\":4}"), "plan.unknown-field", AT "[1].thinkMs.mean", NULL},
    {KV("") "," KV(",\"thinkMs\":40000") "," KV(",\"thinkMs\":{\"median\":3000,\"sigma\":1}"), "plan.range", AT,
     "can come to 70000"},
    {"{\"parallel\":[" KV("") "]}", "plan.range", AT "[0].parallel", "from 2 to 16"},
    {"{\"parallel\":[" KV("") "," KV(",\"background\":true") "]}", "plan.conflict", AT "[0].parallel[1].background",
     NULL},
    {KV("") ",{\"parallel\":[" KV(",\"thinkMs\":5") "," KV("") "]}", "plan.conflict", AT "[1].parallel[0].thinkMs",
     "beside \"parallel\""},
    {"{\"parallel\":[" KV("") ",{\"parallel\":[" KV("") "," KV("") "]}]}", "plan.missing", AT "[0].parallel[1]", NULL},
    {"{\"parallel\":[" KV("") "," KV("") "],\"probability\":0.5}", "plan.unknown-field", AT "[0].probability", NULL},
};

static void refuses_what_cannot_be(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        char json[1000];
        static _Alignas(16) uint8_t memory[256 * 1024];
        struct sn_arena arena;
        struct sn_plan_error error;
        struct sn_writer out = sn_writer(compiled, sizeof compiled);
        snprintf(json, sizeof json, ONE("%s"), refused[i].steps);
        sn_arena_init(&arena, memory, sizeof memory);
        if (sn_workload_compile(json, strlen(json), NULL, 0, &arena, &out, &error) != SN_E_RANGE)
            fail_msg("accepted: %s", json);
        assert_string_equal(error.code, refused[i].code);
        assert_string_equal(error.path, refused[i].path);
        if (refused[i].expected != NULL && strstr(error.expected, refused[i].expected) == NULL)
            fail_msg("%s: %s", json, error.expected);
    }
}

/* Jobs make all of their steps, one after the other. */
static void jobs_have_no_flow(void **state) {
    (void)state;
    static const char json[] = "{\"operations\":[{\"operation\":\"o\",\"steps\":[" KV(
        "") "]}],\"prepare\":[{\"count\":1,"
            "\"steps\":[{\"kv\":\"put\",\"key\":\"a\",\"value\":\"b\",\"probability\":0.5}]}]}";
    static _Alignas(16) uint8_t memory[256 * 1024];
    struct sn_arena arena;
    struct sn_plan_error error;
    struct sn_writer out = sn_writer(compiled, sizeof compiled);
    sn_arena_init(&arena, memory, sizeof memory);
    assert_int_equal(sn_workload_compile(json, strlen(json), NULL, 0, &arena, &out, &error), SN_E_RANGE);
    assert_string_equal(error.path, "$.prepare[0].steps[0].probability");
}

/* Compiled bytes that no compiler makes. */
static void damaged_flows_are_not_sound(void **state) {
    (void)state;
    static const struct sn_flow bad[] = {
        {.marks = 4},
        {.marks = SN_FLOW_TOGETHER},
        {.chance = SN_CHANCE_SURE},
        {.chance = 5},
        {.marks = SN_FLOW_BACKGROUND},
        {.think = 3},
        {.think = SN_THINK_EVEN, .think_us = 1},
        {.think_us = 1},
        {.think = SN_THINK_LOGNORMAL, .think_us = 5, .think_max_us = 4},
        {.think = SN_THINK_LOGNORMAL, .think_us = 5, .think_max_us = 9, .spread = SN_SIGMA_MAX_MILLIONTHS + 1},
    };
    const struct sn_kind *kind = kind_of(ONE(KV("")));
    struct sn_step step = workload.steps[0];
    struct sn_workload view = workload;
    view.steps = &step;
    assert_true(sn_flow_sound(&view, kind));
    for (size_t i = 0; i < LEN(bad); i++) {
        step.flow = bad[i];
        if (sn_flow_sound(&view, kind)) fail_msg("row %zu", i);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stages_are_what_goes_together),
        cmocka_unit_test(steps_are_drawn_in_their_proportion),
        cmocka_unit_test(think_time_is_as_it_was_asked_for),
        cmocka_unit_test(the_spread_of_a_lognormal_is_its_sigma),
        cmocka_unit_test(one_thinks_before_a_group_once),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(jobs_have_no_flow),
        cmocka_unit_test(damaged_flows_are_not_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
