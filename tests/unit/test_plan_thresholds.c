/* Thresholds in a plan: k6's form, the pattern's, and what is refused of both. */
#include "plan_help.h"
#include "sentinel/report/report.h"

#define LEN(array) (sizeof(array) / sizeof *(array))
#define THREE_PHASE(thresholds) \
    "{\"preset\":\"three-phase\",\"workload\":\"grove\",\"warmUpSeconds\":10,\"thresholds\":" thresholds "}"

static void shown(uint32_t index, const char *text) {
    char out[200];
    struct sn_writer w = sn_writer(out, sizeof out - 1);
    assert_true(index < plan.thresholds_len);
    sn_report_put_threshold(&w, &plan.thresholds[index], &plan.workload, &plan.profile);
    out[w.len] = 0;
    assert_string_equal(out, text);
}

static void the_words_of_k6_are_understood(void **state) {
    (void)state;
    compiles(THREE_PHASE("{\"op_duration{op:post-read, phase:peak}\":[\"p(95)<400\",\" p( 99.9 ) <= 2000 \"],"
                         "\"op_failed{system:custom}\":[\"rate<0.01\"],\"ops\":\"rate>500\","
                         "\"dropped_ops\":[\"count===0\"],\"schedule_lag\":[\"max<50\",\"med!=7\"]}"));
    assert_int_equal(plan.thresholds_len, 8);
    shown(0, "op_duration{op:post-read,phase:peak} p(95)<400");
    shown(1, "op_duration{op:post-read,phase:peak} p(99.9)<=2000");
    shown(2, "op_failed{system:custom} rate<0.01");
    shown(3, "ops rate>500");
    shown(4, "dropped_ops count==0");
    shown(5, "schedule_lag max<50");
    shown(6, "schedule_lag med!=7");
    shown(7, "op_failed rate<=0.5 over 10 s");
    assert_int_equal(plan.thresholds[0].kinds, 1u << 2);
    assert_int_equal(plan.thresholds[0].phases, 1u << 2); /* lead-in, ramp-up, peak, steady */
    assert_int_equal(plan.thresholds[3].kinds, (1u << plan.workload.kinds_len) - 1);
    assert_int_equal(plan.thresholds[3].phases, 0xe); /* not the lead-in */
    assert_int_equal(plan.thresholds[7].safety, 1);
    assert_int_equal(plan.thresholds[7].abort, 1);
}

static void the_long_form_says_when_and_what_follows(void **state) {
    (void)state;
    compiles(THREE_PHASE(
        "{\"op_failed\":[{\"threshold\":\"rate<0.1\",\"abortOnFail\":true,\"delayAbortEval\":\"1m30s\","
        "\"window\":10}],\"op_duration\":{\"threshold\":\"p(90)<300\",\"phase\":\"lead-in\","
        "\"window\":\"60s\"},\"ops{phase:peak,phase:peak}\":{\"threshold\":\"rate>1\",\"phase\":\"peak\"}}"));
    assert_int_equal(plan.thresholds_len, 4);
    shown(0, "op_failed rate<0.1 over 10 s");
    shown(1, "op_duration{phase:lead-in} p(90)<300 over 60 s");
    assert_int_equal(plan.thresholds[0].abort, 1);
    assert_int_equal(plan.thresholds[0].delay_s, 90);
    assert_int_equal(plan.thresholds[1].abort, 0);
    assert_int_equal(plan.thresholds[1].phases, 1);
    shown(2, "ops{phase:peak} rate>1");
}

static void the_patterns_objects_are_understood(void **state) {
    (void)state;
    compiles(
        THREE_PHASE("[{\"metric\":\"p95_latency_ms\",\"operator\":\"<\",\"value\":1000},"
                    "{\"metric\":\"p99.9_latency_ms\",\"operator\":\"<=\",\"value\":2000,\"phase\":\"peak\"},"
                    "{\"metric\":\"error_rate\",\"operator\":\"<\",\"value\":0.05,\"abortOnFail\":true,\"window\":20},"
                    "{\"metric\":\"throughput_ops_sec\",\"operator\":\">\",\"value\":500},"
                    "{\"metric\":\"max_latency_ms\",\"operator\":\"<\",\"value\":9000},"
                    "{\"metric\":\"min_latency_ms\",\"operator\":\"===\",\"value\":-1}]"));
    assert_int_equal(plan.thresholds_len, 7);
    shown(0, "op_duration p(95)<1000");
    shown(1, "op_duration{phase:peak} p(99.9)<=2000");
    shown(2, "op_failed rate<0.05 over 20 s");
    shown(3, "ops rate>500");
    shown(4, "op_duration max<9000");
    shown(5, "op_duration min==-1");
}

/* A preset's own hold for it as it is. */
static void presets_bring_their_own(void **state) {
    (void)state;
    compiles("{\"preset\":\"launch-day\",\"durationSeconds\":60}");
    assert_int_equal(plan.thresholds_len, 4);
    shown(0, "op_duration p(95)<1000");
    shown(1, "op_failed rate<0.05");
    shown(2, "ops{phase:peak} rate>25");
    compiles("{\"preset\":\"reaction-race\",\"safety\":false}");
    assert_int_equal(plan.thresholds_len, 2);
    shown(0, "op_failed count==0");
    static const char *const changed[] = {
        "{\"preset\":\"launch-day\",\"targetOperations\":100}",
        "{\"preset\":\"launch-day\",\"profileType\":\"sustained\",\"targetOperations\":100,\"durationSeconds\":10}",
        "{\"preset\":\"launch-day\",\"workload\":\"grove\"}",
        "{\"preset\":\"launch-day\",\"thresholds\":{\"cost_usd\":\"value<2\"},\"safety\":false}",
    };
    for (size_t i = 0; i < LEN(changed); i++) {
        compiles(changed[i]);
        assert_int_equal(plan.thresholds_len, 1);
    }
    shown(0, "cost_usd value<2");
}

/* They judge a load and do not shape it. */
static void they_are_no_part_of_the_hash(void **state) {
    (void)state;
    compiles(SMOKE("\"safety\":true"));
    uint64_t hash = plan.hash, seed = plan.seed;
    assert_int_equal(plan.thresholds_len, 1);
    compiles(SMOKE("\"safety\":false"));
    assert_int_equal(plan.thresholds_len, 0);
    assert_int_equal(plan.hash, hash);
    compiles(SMOKE("\"thresholds\":{\"ops\":[\"rate>1\",\"rate<900\"]}"));
    assert_int_equal(plan.thresholds_len, 3);
    assert_int_equal(plan.hash, hash);
    assert_int_equal(plan.seed, seed);
}

static void many_of_them_fit_and_no_more(void **state) {
    (void)state;
    char text[2048];
    for (uint32_t count = SN_THRESHOLDS_MAX - 1; count <= SN_THRESHOLDS_MAX; count++) {
        struct sn_writer w = sn_writer(text, sizeof text - 1);
        sn_put_text(&w, "{\"preset\":\"smoke\",\"thresholds\":{\"ops\":[\"rate>1\"");
        for (uint32_t i = 1; i < count; i++) sn_put_text(&w, ",\"rate>1\"");
        sn_put_text(&w, "]}}");
        text[w.len] = 0;
        if (count < SN_THRESHOLDS_MAX) {
            compiles(text);
            assert_int_equal(plan.thresholds_len, SN_THRESHOLDS_MAX);
        } else {
            assert_int_equal(compile(text), SN_E_RANGE);
            assert_string_equal(error.path, "$.thresholds.ops[31]");
            assert_string_equal(error.expected, "at most 31 thresholds");
        }
    }
}

static const struct {
    const char *thresholds, *code, *path, *expected; /* expected: a part of the sentence */
} refused[] = {
    {"7", "plan.type", "$.thresholds", "an object like {\"op_duration\": [\"p(95)<400\"]}"},
    {"{\"op_durations\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds.op_durations",
     "one of op_duration, op_service"},
    {"{\"\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"\"]", "a metric"},
    {"{\"op_duration{\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"op_duration{\"]", "a metric"},
    {"{\"op_duration{}\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"op_duration{}\"]", "a metric"},
    {"{\"op_duration{op}\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"op_duration{op}\"]", "a metric"},
    {"{\"op_duration{op:post-read\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"op_duration{op:post-read\"]",
     "a metric"},
    {"{\"op_duration{op:post-read}x\":[\"p(95)<400\"]}", "plan.threshold",
     "$.thresholds[\"op_duration{op:post-read}x\"]", "a metric"},
    {"{\"op_duration{op:post}\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"op_duration{op:post}\"]",
     "an operation of this plan: auth-flow, blog-list, post-read"},
    {"{\"op_duration{system:d1}\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"op_duration{system:d1}\"]",
     "a system of this plan: custom"},
    {"{\"op_duration{phase:end}\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"op_duration{phase:end}\"]",
     "a phase of this plan: one of lead-in, ramp-up, peak, steady"},
    {"{\"op_duration{region:weur}\":[\"p(95)<400\"]}", "plan.threshold", "$.thresholds[\"op_duration{region:weur}\"]",
     "op, system or phase"},
    {"{\"op_duration{phase:peak,phase:steady}\":[\"p(95)<400\"]}", "plan.threshold",
     "$.thresholds[\"op_duration{phase:peak,phase:steady}\"]", "one phase: another was named before"},
    {"{\"op_duration{phase:peak}\":[{\"threshold\":\"p(95)<400\",\"phase\":\"steady\"}]}", "plan.threshold",
     "$.thresholds[\"op_duration{phase:peak}\"][0].phase", "one phase: another was named before"},
    {"{\"op_duration{op:post-read,op:auth-flow}\":[\"p(95)<400\"]}", "plan.threshold",
     "$.thresholds[\"op_duration{op:post-read,op:auth-flow}\"]", "one operation: another was named before"},
    {"{\"dropped_ops{phase:peak}\":[\"count<1\"]}", "plan.threshold", "$.thresholds[\"dropped_ops{phase:peak}\"]",
     "all operations together"},
    {"{\"ops\":[]}", "plan.range", "$.thresholds.ops", "at least one condition"},
    {"{\"ops\":[7]}", "plan.type", "$.thresholds.ops[0]", "a condition like"},
    {"{\"ops\":[\"\"]}", "plan.threshold", "$.thresholds.ops[0]", "a condition like p(95)<400"},
    {"{\"ops\":[\"rate\"]}", "plan.threshold", "$.thresholds.ops[0]", "a condition like p(95)<400"},
    {"{\"ops\":[\"rate>\"]}", "plan.threshold", "$.thresholds.ops[0]", "a condition like p(95)<400"},
    {"{\"ops\":[\"rate=5\"]}", "plan.threshold", "$.thresholds.ops[0]", "a condition like p(95)<400"},
    {"{\"ops\":[\"rate>5ms\"]}", "plan.threshold", "$.thresholds.ops[0]", "a condition like p(95)<400"},
    {"{\"ops\":[\"rate>1e999\"]}", "plan.threshold", "$.thresholds.ops[0]", "a condition like p(95)<400"},
    {"{\"ops\":[\"rate>1\",\"p(95)<400\"]}", "plan.threshold", "$.thresholds.ops[1]", "of ops one of avg, rate, count"},
    {"{\"op_duration\":[\"rate<400\"]}", "plan.threshold", "$.thresholds.op_duration[0]",
     "of op_duration one of avg, min, med, max, p(N), count"},
    {"{\"op_duration\":[\"p(101)<400\"]}", "plan.range", "$.thresholds.op_duration[0]", "a percentile from 0 to 100"},
    {"{\"op_duration\":[\"p95<400\"]}", "plan.threshold", "$.thresholds.op_duration[0]", "a condition like"},
    {"{\"ops\":[{}]}", "plan.missing", "$.thresholds.ops[0].threshold", "a condition like"},
    {"{\"ops\":[{\"threshold\":\"rate>x\"}]}", "plan.threshold", "$.thresholds.ops[0].threshold", "a condition like"},
    {"{\"ops\":[{\"treshold\":\"rate>1\"}]}", "plan.unknown-field", "$.thresholds.ops[0].treshold", "threshold"},
    {"{\"ops\":[{\"threshold\":\"rate>1\",\"abortOnFail\":1}]}", "plan.type", "$.thresholds.ops[0].abortOnFail",
     "true"},
    {"{\"ops\":[{\"threshold\":\"rate>1\",\"window\":\"10\"}]}", "plan.type", "$.thresholds.ops[0].window",
     "10s or 1m30s"},
    {"{\"ops\":[{\"threshold\":\"rate>1\",\"window\":61}]}", "plan.range", "$.thresholds.ops[0].window",
     "from 1 to 60"},
    {"{\"ops\":[{\"threshold\":\"rate>1\",\"window\":1.5}]}", "plan.range", "$.thresholds.ops[0].window",
     "whole seconds"},
    {"{\"ops\":[{\"threshold\":\"rate>1\",\"delayAbortEval\":\"2h\"}]}", "plan.range",
     "$.thresholds.ops[0].delayAbortEval", "from 1 to 3600"},
    {"{\"ops\":[{\"threshold\":\"rate>1\",\"phase\":\"end\"}]}", "plan.threshold", "$.thresholds.ops[0].phase",
     "a phase"},
    {"{\"schedule_lag\":[{\"threshold\":\"max<1\",\"phase\":\"peak\"}]}", "plan.threshold",
     "$.thresholds.schedule_lag[0].phase", "the whole load"},
    {"{\"op_service\":[{\"threshold\":\"max<1\",\"window\":5}]}", "plan.threshold", "$.thresholds.op_service[0].window",
     "no window here"},
    {"{\"op_failed{op:post-read}\":[{\"threshold\":\"rate<1\",\"window\":5}]}", "plan.threshold",
     "$.thresholds[\"op_failed{op:post-read}\"][0].window", "no window here"},
    {"[7]", "plan.type", "$.thresholds[0]", "an object"},
    {"[{\"metric\":\"p95_latency_ms\"}]", "plan.missing", "$.thresholds[0]", "metric, operator and value"},
    {"[{\"metric\":\"p95\",\"operator\":\"<\",\"value\":1}]", "plan.value", "$.thresholds[0].metric", "p95_latency_ms"},
    {"[{\"metric\":\"px_latency_ms\",\"operator\":\"<\",\"value\":1}]", "plan.threshold", "$.thresholds[0]",
     "a condition"},
    {"[{\"metric\":\"error_rate\",\"operator\":\"=\",\"value\":1}]", "plan.value", "$.thresholds[0].operator",
     "one of <, <=, >, >=, ==, ===, !="},
    {"[{\"metric\":\"p95_latency_ms\",\"operator\":\"<1\",\"value\":500}]", "plan.value", "$.thresholds[0].operator",
     "one of <, <=,"},
    {"[{\"metric\":\"p95_latency_ms\",\"operator\":\"< -\",\"value\":500}]", "plan.value", "$.thresholds[0].operator",
     "one of <, <=,"},
    {"[{\"metric\":\"p95_latency_ms\",\"operator\":1,\"value\":500}]", "plan.type", "$.thresholds[0].operator",
     "one of <, <=,"},
};

static void refuses_with_the_place_and_what_was_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        char text[600];
        struct sn_writer w = sn_writer(text, sizeof text - 1);
        sn_put_text(&w, "{\"preset\":\"three-phase\",\"workload\":\"grove\",\"warmUpSeconds\":10,\"thresholds\":");
        sn_put_text(&w, refused[i].thresholds);
        sn_put_text(&w, "}");
        text[w.len] = 0;
        if (compile(text) == SN_OK) fail_msg("%s was accepted", refused[i].thresholds);
        if (strcmp(error.code, refused[i].code) != 0 || strcmp(error.path, refused[i].path) != 0 ||
            strstr(error.expected, refused[i].expected) == NULL)
            fail_msg("%s gave %s at %s: %s", refused[i].thresholds, error.code, error.path, error.expected);
    }
}

static void an_operation_is_of_one_system(void **state) {
    (void)state;
    assert_int_equal(compile(SMOKE("\"thresholds\":{\"ops{system:d1_reads,system:kv_get}\":\"rate>1\"}")), SN_E_RANGE);
    assert_string_equal(error.path, "$.thresholds[\"ops{system:d1_reads,system:kv_get}\"]");
    assert_string_equal(error.expected, "one system: another was named before");
    assert_int_equal(compile(SMOKE("\"thresholds\":{\"ops{system:d1_reads,op:kv_list}\":\"rate>1\"}")), SN_E_RANGE);
    assert_string_equal(error.expected, "an operation of that system");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_words_of_k6_are_understood),
        cmocka_unit_test(the_long_form_says_when_and_what_follows),
        cmocka_unit_test(the_patterns_objects_are_understood),
        cmocka_unit_test(presets_bring_their_own),
        cmocka_unit_test(they_are_no_part_of_the_hash),
        cmocka_unit_test(many_of_them_fit_and_no_more),
        cmocka_unit_test(refuses_with_the_place_and_what_was_expected),
        cmocka_unit_test(an_operation_is_of_one_system),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
