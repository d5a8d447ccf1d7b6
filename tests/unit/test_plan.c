#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/load/operation.h"
#include "sentinel/load/schedule.h"
#include "sentinel/plan/plan.h"

#define LEN(array) (sizeof(array) / sizeof *(array))
#define ARENA_BYTES (256 * 1024)

static struct sn_arena arena;
static struct sn_plan plan;
static struct sn_plan_error error;
static _Alignas(16) uint8_t bytes[SN_PLAN_BYTES_MAX];
static size_t bytes_len;
static struct sn_plan_owner owner = {.run_id = "7c9e6679-7425-40de-944b-e07fc1f90ae7", .tenant = "default"};

static int set_up(void **state) {
    (void)state;
    sn_arena_init(&arena, aligned_alloc(16, ARENA_BYTES), ARENA_BYTES);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    free(arena.memory);
    return 0;
}

static enum sn_status compile_len(const char *json, size_t len) {
    char *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    memcpy(copy, json, len);
    struct sn_writer out = sn_writer(bytes, sizeof bytes);
    size_t fail_after = arena.fail_after;
    sn_arena_reset(&arena);
    arena.fail_after = fail_after;
    enum sn_status status = sn_plan_compile(copy, len, &owner, &arena, &out, &error);
    free(copy);
    bytes_len = out.len;
    if (status == SN_OK) assert_int_equal(sn_plan_open(&plan, bytes, out.len), SN_OK);
    return status;
}

static enum sn_status compile(const char *json) {
    return compile_len(json, strlen(json));
}

static void compiles(const char *json) {
    if (compile(json) != SN_OK)
        fail_msg("%s\n  gave %s at %s: expected %s", json, error.code, error.path, error.expected);
}

static bool near(double a, double b) {
    return a - b < 1e-9 * (b + 1) && b - a < 1e-9 * (b + 1);
}

/* --- What plans become ---------------------------------------------------------------------------------------- */

static const struct {
    const char *json;
    uint64_t planned;
    double end_s, peak_per_s;
    const char *phases; /* name and end of each */
    uint32_t concurrency, shards, slots, kinds;
} shapes[] = {
    {"{\"preset\":\"smoke\"}", 100, 30, 100 / 30.0, "steady 30", 5, 1, 5, 15},
    {"{\"preset\":\"sustained\"}", 50000, 600, 50000 / 600.0, "steady 600", 100, 20, 5, 11},
    /* The predecessor's ramp has an integral of 292,815 and asked for 100,000: the shape stays, the number is met. */
    {"{\"preset\":\"ramp\"}", 100000, 900, 500 * 100000 / 292815.0, "ramp-up 360, peak 630, ramp-down 900", 200, 40, 5,
     11},
    {"{\"preset\":\"spike\"}", 10000, 300, 100000 / 1046.25, "warm-up 45, spike 135, cool-down 300", 50, 10, 5, 9},
    {"{\"preset\":\"oscillation\"}", 30000, 600, 50 * 2.5 / 1.35, "oscillation 600", 50, 10, 5, 6},
    {"{\"preset\":\"stress\"}", 500000, 1800, 1000 * 500000 / 1170630.0, "ramp-up 720, peak 1260, ramp-down 1800", 500,
     100, 5, 13},
    {"{\"preset\":\"soak\"}", 360000, 3600, 100, "steady 3600", 50, 10, 5, 9},
    /* The predecessor's 18,889 is a rounded-up integral. */
    {"{\"preset\":\"three-phase\"}", 18889, 600, 18889 / 340.0, "ramp-up 120, peak 300, steady 600", 500, 100, 5, 9},
    /* A type without a preset gets the defaults of the preset of its name. */
    {"{\"profileType\":\"sustained\"}", 50000, 600, 50000 / 600.0, "steady 600", 100, 20, 5, 11},
    {"{\"profileType\":\"ramp\"}", 100000, 900, 500 * 100000 / 292815.0, "ramp-up 360, peak 630, ramp-down 900", 200,
     40, 5, 11},
    /* Every preset can be overridden. */
    {"{\"preset\":\"smoke\",\"targetOperations\":60,\"durationSeconds\":6,\"concurrency\":12,\"targetSystems\":[\"kv_"
     "put\"]}",
     60, 6, 10, "steady 6", 12, 3, 4, 2},
    {"{\"preset\":\"smoke\",\"profileType\":\"ramp\",\"targetOperations\":29281,\"durationSeconds\":900}", 29281, 900,
     500 * 29281 / 292815.0, "ramp-up 360, peak 630, ramp-down 900", 5, 1, 5, 15},
    /* Ramps: rates that are given without a number of operations stand. */
    {"{\"preset\":\"ramp\",\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":10,\"rampUpSeconds\":10,"
     "\"holdSeconds\":10,\"rampDownSeconds\":10}}",
     200, 30, 10, "ramp-up 10, peak 20, ramp-down 30", 200, 40, 5, 11},
    {"{\"preset\":\"ramp\",\"targetOperations\":400,\"scale\":true,\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":10,"
     "\"rampUpSeconds\":10,\"holdSeconds\":10,\"rampDownSeconds\":10}}",
     400, 30, 20, "ramp-up 10, peak 20, ramp-down 30", 200, 40, 5, 11},
    {"{\"preset\":\"ramp\",\"durationSeconds\":30,\"rampConfig\":{\"startOpsPerSecond\":5,\"endOpsPerSecond\":5}}", 150,
     30, 5, "ramp-up 12, peak 21, ramp-down 30", 200, 40, 5, 11},
    {"{\"profileType\":\"ramp\",\"rampConfig\":{\"endOpsPerSecond\":10,\"rampUpSeconds\":0,\"holdSeconds\":20,"
     "\"rampDownSeconds\":0}}",
     200, 20, 10, "peak 20", 200, 40, 5, 11},
    /* The predecessor's maxOpsPerSecond was the ramp's peak. */
    {"{\"preset\":\"ramp\",\"maxOpsPerSecond\":101,\"durationSeconds\":100}", 6600, 100, 101,
     "ramp-up 40, peak 70, ramp-down 100", 200, 40, 5, 11},
    /* Scaled to the very peak that is allowed, which rounding puts a hair above it. */
    {"{\"preset\":\"ramp\",\"maxOpsPerSecond\":101,\"durationSeconds\":13,\"targetOperations\":858}", 858, 13, 101,
     "ramp-up 5.2, peak 9.1, ramp-down 13", 200, 40, 5, 11},
    /* A ceiling without a number of operations is the peak, and the operations follow. */
    {"{\"preset\":\"smoke\",\"maxOpsPerSecond\":3}", 90, 30, 3, "steady 30", 5, 1, 5, 15},
    {"{\"preset\":\"three-phase\",\"maxOpsPerSecond\":30}", 10200, 600, 30, "ramp-up 120, peak 300, steady 600", 500,
     100, 5, 9},
    {"{\"preset\":\"smoke\",\"maxOpsPerSecond\":4,\"targetOperations\":100}", 100, 30, 100 / 30.0, "steady 30", 5, 1, 5,
     15},
    {"{\"preset\":\"smoke\",\"users\":12,\"opsPerUser\":5}", 60, 30, 2, "steady 30", 5, 1, 5, 15},
    /* Within one in a hundred: the number that was asked for is met. */
    {"{\"preset\":\"ramp\",\"targetOperations\":202,\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":10,"
     "\"rampUpSeconds\":10,\"sustainSeconds\":10,\"rampDownSeconds\":10}}",
     202, 30, 10.1, "ramp-up 10, peak 20, ramp-down 30", 200, 40, 5, 11},
    /* Spikes and three phases. */
    {"{\"preset\":\"spike\",\"targetOperations\":235,\"spikeMultiplier\":2,\"spikeConfig\":{\"warmupSeconds\":0,"
     "\"spikeDurationSeconds\":10,\"cooldownSeconds\":20}}",
     235, 30, 470 / 35.0, "spike 10, cool-down 30", 50, 10, 5, 9},
    {"{\"profileType\":\"three-phase\",\"targetOperations\":100,\"threePhase\":{\"rampUpSeconds\":10,"
     "\"peakSeconds\":10,\"steadyStateSeconds\":5,\"peakMultiplier\":1}}",
     100, 25, 5, "ramp-up 10, peak 20, steady 25", 500, 100, 5, 9},
    /* Waves: rates that are given stand; a part of a period is a part of a wave. */
    {"{\"profileType\":\"oscillation\",\"durationSeconds\":120,\"oscillationConfig\":{\"minOpsPerSecond\":2,"
     "\"maxOpsPerSecond\":8,\"periodSeconds\":30}}",
     600, 120, 8, "oscillation 120", 50, 10, 5, 6},
    {"{\"profileType\":\"oscillation\",\"durationSeconds\":15,\"periodSeconds\":10,\"oscillationConfig\":{"
     "\"waveform\":\"square\",\"minOpsPerSecond\":2,\"maxOpsPerSecond\":8}}",
     90, 15, 8, "oscillation 15", 50, 10, 5, 6},
    {"{\"profileType\":\"oscillation\",\"durationSeconds\":15,\"periodSeconds\":10,\"oscillationConfig\":{"
     "\"waveform\":\"sawtooth\",\"minOpsPerSecond\":0,\"maxOpsPerSecond\":8}}",
     50, 15, 8, "oscillation 15", 50, 10, 5, 6},
    {"{\"preset\":\"oscillation\",\"durationSeconds\":600,\"targetOperations\":810,\"periodSeconds\":4.6875,"
     "\"oscillationConfig\":{\"waveform\":\"square\"}}",
     810, 600, 2.5, "oscillation 600", 50, 10, 5, 6},
    /* Custom: straight lines, 0 before the first point and after the last, two points at one second are a step. */
    {"{\"profileType\":\"custom\",\"loadCurve\":[{\"second\":0,\"opsPerSecond\":0},{\"second\":10,\"opsPerSecond\":10},"
     "{\"second\":10,\"opsPerSecond\":2},{\"second\":20,\"opsPerSecond\":2}]}",
     70, 20, 10, "custom 20", 10, 2, 5, 6},
    {"{\"profileType\":\"custom\",\"durationSeconds\":30,\"loadCurve\":[{\"second\":10,\"opsPerSecond\":1},"
     "{\"second\":20,\"opsPerSecond\":3}]}",
     20, 30, 3, "custom 30", 10, 2, 5, 6},
    {"{\"profileType\":\"custom\",\"scale\":true,\"targetOperations\":700,\"loadCurve\":[{\"second\":0,\"opsPerSecond\":0},"
     "{\"second\":10,\"opsPerSecond\":14}]}",
     700, 10, 140, "custom 10", 10, 2, 5, 6},
    {"{\"preset\":\"smoke\",\"profileType\":\"custom\",\"loadCurve\":[{\"second\":0,\"opsPerSecond\":5},"
     "{\"second\":2.5,\"opsPerSecond\":5}]}",
     12, 2.5, 5, "custom 2.5", 5, 1, 5, 15},
    /* The bounds themselves are allowed. */
    {"{\"preset\":\"smoke\",\"targetOperations\":1000000,\"durationSeconds\":3600,\"concurrency\":500}", 1000000, 3600,
     1000000 / 3600.0, "steady 3600", 500, 100, 5, 15},
    {"{\"preset\":\"smoke\",\"targetOperations\":1,\"durationSeconds\":1,\"concurrency\":1,\"maxOpsPerSecond\":1}", 1,
     1, 1, "steady 1", 1, 1, 1, 15},
    {"{\"preset\":\"smoke\",\"targetOperations\":10000,\"durationSeconds\":1,\"concurrency\":7}", 10000, 1, 10000,
     "steady 1", 7, 2, 4, 15},
};

static void put_phases(char *text, size_t cap) {
    struct sn_writer w = sn_writer(text, cap - 1);
    for (uint32_t i = 0; i < plan.profile.phases_len; i++) {
        if (i > 0) sn_put_text(&w, ", ");
        sn_put_text(&w, plan.profile.phases[i].name);
        sn_put_text(&w, " ");
        sn_put_number(&w, (double)plan.profile.phases[i].end_us / 1e6);
    }
    text[w.len] = 0;
}

static void plans_have_the_shape_that_was_asked_for(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(shapes); i++) {
        char phases[100];
        compiles(shapes[i].json);
        put_phases(phases, sizeof phases);
        if (plan.profile.planned != shapes[i].planned || !near((double)plan.profile.end_us / 1e6, shapes[i].end_s) ||
            !near(sn_profile_peak_per_s(&plan.profile), shapes[i].peak_per_s))
            fail_msg("%s: %llu operations in %f s, peak %f", shapes[i].json, (unsigned long long)plan.profile.planned,
                     (double)plan.profile.end_us / 1e6, sn_profile_peak_per_s(&plan.profile));
        assert_string_equal(phases, shapes[i].phases);
        assert_int_equal(plan.concurrency, shapes[i].concurrency);
        assert_int_equal(plan.shards, shapes[i].shards);
        assert_int_equal(plan.slots, shapes[i].slots);
        assert_int_equal(plan.workload.kinds_len, shapes[i].kinds);
        assert_int_equal(sn_profile_count(&plan.profile, plan.profile.end_us), shapes[i].planned);
        assert_int_equal(plan.mix.len, shapes[i].kinds);
    }
}

static void shards_carry_the_concurrency_and_little_more(void **state) {
    (void)state;
    for (uint32_t concurrency = 1; concurrency <= SN_CONCURRENCY_MAX; concurrency += concurrency < 40 ? 1 : 23) {
        char json[80];
        snprintf(json, sizeof json, "{\"preset\":\"smoke\",\"concurrency\":%u}", concurrency);
        compiles(json);
        assert_int_equal(plan.shards, (concurrency + 4) / 5);
        assert_int_equal(plan.shards, (concurrency + plan.slots - 1) / plan.slots);
        assert_true(plan.slots <= 5 && plan.slots * plan.shards >= concurrency);
        assert_true(plan.slots * plan.shards < concurrency + plan.shards);
    }
}

static void fields_are_carried_over(void **state) {
    (void)state;
    compiles(
        "{\"name\":\"Größe 7\",\"description\":\"é – d\",\"preset\":\"smoke\",\"maxLateMs\":10,\"timeoutMs\":60000,"
        "\"seed\":7,\"startImmediately\":false}");
    assert_string_equal(plan.name, "Größe 7");
    assert_string_equal(plan.preset, "smoke");
    assert_string_equal(plan.run_id, owner.run_id);
    assert_string_equal(plan.tenant, "default");
    assert_int_equal(plan.max_late_us, 10000);
    assert_int_equal(plan.timeout_us, 60000000);
    assert_int_equal(plan.seed, 7);
    compiles("{\"profileType\":\"ramp\"}");
    assert_string_equal(plan.name, "ramp"); /* something to call it by */
    assert_string_equal(plan.preset, "");
    assert_int_equal(plan.profile_type, SN_PROFILE_RAMP);
    assert_int_equal(plan.max_late_us, SN_MAX_LATE_US_DEFAULT);
    assert_int_equal(plan.timeout_us, SN_TIMEOUT_US_DEFAULT);
}

/* The neighbours of what is refused as a control character. */
static void names_in_many_scripts(void **state) {
    (void)state;
    static const char *const names[] = {"\xc2\xa0",     "\xc3\x80",        "\xe2\x80\xa9", "\xe2\x80\xaf",
                                        "\xe2\x81\xa5", "\xe2\x81\xaa",    "\xe2\x82\xaa", "\xe3\x80\xaa",
                                        "\xd7\xa9",     "\xf0\x9f\x98\x80"};
    char json[100];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        sprintf(json, "{\"preset\":\"smoke\",\"name\":\"%s\",\"description\":\"%s\"}", names[i], names[i]);
        compiles(json);
        assert_string_equal(plan.name, names[i]);
    }
}

/* Each preset, evenly and as Poisson: every operation is due once, in the run, and of one shard alone. */
static void every_preset_plans_exactly_its_operations(void **state) {
    (void)state;
    static const char *const names[] = {"smoke", "spike",  "sustained", "oscillation",
                                        "ramp",  "stress", "soak",      "three-phase"};
    for (size_t i = 0; i < 2 * LEN(names); i++) {
        char json[80];
        snprintf(json, sizeof json, "{\"preset\":\"%s\",\"arrivals\":\"%s\"}", names[i / 2],
                 i % 2 == 0 ? "even" : "poisson");
        compiles(json);
        uint64_t planned = plan.profile.planned, in_phases = 0, owned = 0;
        int64_t before_us = 0, step = 1 + (int64_t)planned / 2000;
        for (uint64_t k = 1; k <= planned; k += (uint64_t)step) {
            int64_t due_us = sn_profile_due_us(&plan.profile, k);
            assert_true(due_us >= before_us && due_us <= plan.profile.end_us);
            assert_true(sn_profile_count(&plan.profile, due_us) >= k);
            assert_true(sn_profile_count(&plan.profile, due_us - 1) < k);
            before_us = due_us;
        }
        before_us = 0;
        for (uint32_t p = 0; p < plan.profile.phases_len; p++) {
            int64_t end_us = plan.profile.phases[p].end_us;
            in_phases += sn_profile_count(&plan.profile, end_us) - sn_profile_count(&plan.profile, before_us);
            before_us = end_us;
        }
        assert_int_equal(in_phases, planned);
        struct sn_schedule schedule;
        struct sn_epoch start = {.seq = 1, .kind = SN_EPOCH_START, .shards = 7};
        sn_schedule_init(&schedule, &plan.profile);
        assert_int_equal(sn_schedule_add(&schedule, &start), SN_OK);
        for (uint32_t shard = 0; shard < 7; shard++) owned += sn_schedule_owned_count(&schedule, shard, planned);
        assert_int_equal(owned, planned);
    }
}

static void poisson_times_come_from_the_seed(void **state) {
    (void)state;
    int64_t due_us[3];
    for (int i = 0; i < 3; i++) {
        compiles(i < 2 ? "{\"preset\":\"smoke\",\"arrivals\":\"poisson\",\"seed\":1}"
                       : "{\"preset\":\"smoke\",\"arrivals\":\"poisson\",\"seed\":2}");
        due_us[i] = sn_profile_due_us(&plan.profile, 50);
    }
    assert_true(due_us[0] == due_us[1] && due_us[1] != due_us[2]);
}

/* --- Refusals --------------------------------------------------------------------------------------------------- */

#define SMOKE(more) "{\"preset\":\"smoke\"," more "}"
#define CUSTOM(more) "{\"profileType\":\"custom\"," more "}"
#define SPIKE(more) "{\"profileType\":\"spike\"," more "}"
#define WAVE(more) "{\"profileType\":\"oscillation\"," more "}"
#define RAMP(more) "{\"profileType\":\"ramp\"," more "}"

static const struct {
    const char *json, *code, *path, *expected; /* expected: a part of the sentence */
} refused[] = {
    {"", "json.syntax", "$", "a value, but the text ends here, at byte 0"},
    {"{\"preset\":\"smoke\",}", "json.syntax", "$", "a name in double quotes, at byte 18"},
    {"{\"seed\":1,\"seed\":1}", "json.duplicate-name", "$.seed", "each name once"},
    {"{\"seed\":1e999}", "json.number", "$.seed", "64-bit"},
    {"null", "plan.type", "$", "an object"},
    {"{}", "plan.missing", "$",
     "a preset (one of smoke, spike, sustained, oscillation, ramp, stress, soak, three-phase) or a "
     "profileType (one of sustained, ramp, custom, spike, oscillation, three-phase)"},
    {"{\"name\":\"x\"}", "plan.missing", "$", "a preset"},
    {SMOKE("\"spikemultiplier\":10"), "plan.unknown-field", "$.spikemultiplier",
     "a known field: one of name, description"},
    {SMOKE("\"Seed\":10"), "plan.unknown-field", "$.Seed", "seed"},
    {SMOKE("\"tar get\":10"), "plan.unknown-field", "$[\"tar get\"]", "startImmediately"},
    {SMOKE("\"\":10"), "plan.unknown-field", "$[\"\"]", "a known field"},
    {SMOKE("\"a\\nb\":10"), "plan.unknown-field", "$[\"a?b\"]", "a known field"},
    {SMOKE("\"aaaaaaaaaabbbbbbbbbbccccccccccdddddddddéééé\":1"), "plan.unknown-field",
     "$[\"aaaaaaaaaabbbbbbbbbbccccccccccddddddddd…\"]", "a known field"}, /* cut before the é, not inside */
    {"{\"preset\":\"burst\"}", "plan.value", "$.preset",
     "one of smoke, spike, sustained, oscillation, ramp, stress, soak, three-phase"},
    {"{\"preset\":7}", "plan.type", "$.preset", "one of smoke"},
    {"{\"profileType\":\"smoke\"}", "plan.value", "$.profileType",
     "one of sustained, ramp, custom, spike, oscillation, three-phase"},
    {"{\"profileType\":null}", "plan.type", "$.profileType", "one of sustained"},
    {SMOKE("\"name\":\"\""), "plan.range", "$.name", "a text from 1 to 120 bytes long"},
    {SMOKE("\"name\":\"a\\tb\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\x7f\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"\\u0080\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\\u009f\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\\u202Ab\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\\u202e\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"a\\u2066\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":\"\\u2069a\""), "plan.value", "$.name", "without control characters"},
    {SMOKE("\"name\":5"), "plan.type", "$.name", "a text"},
    {SMOKE("\"description\":5"), "plan.type", "$.description", "a text"},
    {SMOKE("\"description\":\"\\u001b[2J\""), "plan.value", "$.description", "without control characters"},
    {SMOKE("\"description\":\"\\u202e\""), "plan.value", "$.description", "without control characters"},
    {SMOKE("\"targetOperations\":0"), "plan.range", "$.targetOperations", "a whole number from 1 to 1000000"},
    {SMOKE("\"targetOperations\":1000001"), "plan.range", "$.targetOperations", "1000000"},
    {SMOKE("\"targetOperations\":1.5"), "plan.range", "$.targetOperations", "a whole number"},
    {SMOKE("\"targetOperations\":\"100\""), "plan.type", "$.targetOperations", "a whole number"},
    {SMOKE("\"durationSeconds\":0"), "plan.range", "$.durationSeconds", "a whole number from 1 to 3600"},
    {SMOKE("\"durationSeconds\":3601"), "plan.range", "$.durationSeconds", "3600"},
    {SMOKE("\"concurrency\":0"), "plan.range", "$.concurrency", "a whole number from 1 to 500"},
    {SMOKE("\"concurrency\":501"), "plan.range", "$.concurrency", "500"},
    {SMOKE("\"targetSystems\":[]"), "plan.range", "$.targetSystems", "from 1 to 16 elements"},
    {SMOKE("\"targetSystems\":\"d1_reads\""), "plan.type", "$.targetSystems", "an array"},
    {SMOKE("\"targetSystems\":[\"d1_reads\",1]"), "plan.type", "$.targetSystems[1]", "a text"},
    {SMOKE("\"targetSystems\":[\"d1_reads\",\"d1_reads\"]"), "plan.duplicate", "$.targetSystems[1]", "once"},
    {SMOKE("\"targetSystems\":[\"kv_get\",\"auth_flows\"]"), "plan.value", "$.targetSystems[1]", "one of d1_reads"},
    {SMOKE("\"targetSystems\":[\"a-name-that-is-longer-than-any-system\"]"), "plan.range", "$.targetSystems[0]", "31"},
    {SMOKE("\"maxOpsPerSecond\":0.5"), "plan.range", "$.maxOpsPerSecond", "a number from 1 to 10000"},
    {SMOKE("\"maxOpsPerSecond\":10001"), "plan.range", "$.maxOpsPerSecond", "10000"},
    {SMOKE("\"maxOpsPerSecond\":3,\"targetOperations\":100"), "plan.rate", "$.targetOperations",
     "at most 3 operations a second at any time; this plan needs 3.33"},
    {SMOKE("\"maxOpsPerSecond\":3,\"users\":10,\"opsPerUser\":10"), "plan.rate", "$.users", "needs 3.33"},
    {SMOKE("\"durationSeconds\":3600,\"maxOpsPerSecond\":300"), "plan.range", "$.maxOpsPerSecond",
     "at most 1000000 operations in all; this plan has 1080000"},
    {SMOKE("\"users\":10"), "plan.missing", "$.users", "users and opsPerUser together"},
    {SMOKE("\"opsPerUser\":10"), "plan.missing", "$.users", "users and opsPerUser together"},
    {SMOKE("\"users\":0,\"opsPerUser\":10"), "plan.range", "$.users", "from 1 to 10000000"},
    {SMOKE("\"users\":10,\"opsPerUser\":10,\"targetOperations\":100"), "plan.conflict", "$.users", "either users"},
    {SMOKE("\"users\":10000000,\"opsPerUser\":1000000"), "plan.range", "$.users", "this plan has 10000000000000"},
    {SMOKE("\"scale\":1"), "plan.type", "$.scale", "true or false"},
    {SMOKE("\"arrivals\":\"random\""), "plan.value", "$.arrivals", "one of even, poisson"},
    {SMOKE("\"targetOperations\":10001,\"durationSeconds\":1"), "plan.rate", "$.targetOperations",
     "at most 10000 operations a second at any time; this plan needs 10001"},
    {"{\"preset\":\"sustained\",\"durationSeconds\":4}", "plan.rate", "$.durationSeconds", "this plan needs 12500"},
    {SMOKE("\"maxLateMs\":9"), "plan.range", "$.maxLateMs", "from 10 to 60000"},
    {SMOKE("\"timeoutMs\":60001"), "plan.range", "$.timeoutMs", "from 10 to 60000"},
    {SMOKE("\"startImmediately\":1"), "plan.type", "$.startImmediately", "true or false"},
    {SMOKE("\"seed\":-1"), "plan.range", "$.seed", "from 0 to 9007199254740991"},
    {SMOKE("\"seed\":9007199254740992"), "plan.range", "$.seed", "9007199254740991"},
    {SMOKE("\"seed\":9007199254740993"), "plan.range", "$.seed", "a text of digits"}, /* read as …992 */
    {SMOKE("\"seed\":0.5"), "plan.range", "$.seed", "a whole number"},
    {SMOKE("\"seed\":true"), "plan.type", "$.seed", "\"random\""},
    {SMOKE("\"seed\":\"\""), "plan.value", "$.seed", "\"random\""},
    {SMOKE("\"seed\":\"12x\""), "plan.value", "$.seed", "\"random\""},
    {SMOKE("\"seed\":\"18446744073709551616\""), "plan.value", "$.seed", "18446744073709551615"},
    {SMOKE("\"seed\":\"random\""), "plan.value", "$.seed", "no source of random seeds"},
    /* The first fault in the order of the text, whatever the order of our tables. */
    {SMOKE("\"concurrency\":0,\"name\":\"\""), "plan.range", "$.concurrency", "500"},
    {SMOKE("\"seed\":-1,\"nonsense\":1"), "plan.range", "$.seed", "0"},

    {SMOKE("\"rampConfig\":{}"), "plan.conflict", "$.rampConfig", "profileType \"ramp\""},
    {SMOKE("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":1,\"opsPerSecond\":1}]"), "plan.conflict",
     "$.loadCurve", "profileType \"custom\""},
    {RAMP("\"rampConfig\":[]"), "plan.type", "$.rampConfig", "an object"},
    {RAMP("\"rampConfig\":{\"peak\":1}"), "plan.unknown-field", "$.rampConfig.peak", "startOpsPerSecond"},
    {RAMP("\"rampConfig\":{\"endOpsPerSecond\":10001}"), "plan.range", "$.rampConfig.endOpsPerSecond",
     "a number from 0 to 10000"},
    {RAMP("\"rampConfig\":{\"endOpsPerSecond\":null}"), "plan.type", "$.rampConfig.endOpsPerSecond", "a number"},
    {RAMP("\"rampConfig\":{\"rampUpSeconds\":5}"), "plan.missing", "$.rampConfig", "together, or none"},
    {RAMP("\"rampConfig\":{\"rampUpSeconds\":0,\"holdSeconds\":0,\"rampDownSeconds\":0}"), "plan.range", "$.rampConfig",
     "1 to 3600 seconds"},
    {RAMP("\"rampConfig\":{\"rampUpSeconds\":3000,\"holdSeconds\":600,\"rampDownSeconds\":1}"), "plan.range",
     "$.rampConfig", "1 to 3600 seconds"},
    {RAMP("\"durationSeconds\":20,\"rampConfig\":{\"rampUpSeconds\":5,\"holdSeconds\":5,\"rampDownSeconds\":5}"),
     "plan.conflict", "$.durationSeconds", "the sum of the three lengths"},
    {RAMP("\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":0}"), "plan.range", "$.rampConfig",
     "at least one operation"},
    {RAMP("\"targetOperations\":5,\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":0}"), "plan.range",
     "$.targetOperations", "above 0 somewhere"},
    {RAMP("\"rampConfig\":{\"endOpsPerSecond\":5000}"), "plan.range", "$.rampConfig",
     "at most 1000000 operations in all"},
    {RAMP("\"maxOpsPerSecond\":100,\"targetOperations\":100000"), "plan.rate", "$.targetOperations",
     "at most 100 operations a second at any time; this plan needs 170"},
    {RAMP("\"maxOpsPerSecond\":2,\"rampConfig\":{\"endOpsPerSecond\":3}"), "plan.rate", "$.rampConfig", "needs 3"},

    {RAMP(
         "\"targetOperations\":203,\"rampConfig\":{\"startOpsPerSecond\":0,\"endOpsPerSecond\":10,\"rampUpSeconds\":10,"
         "\"holdSeconds\":10,\"rampDownSeconds\":10}"),
     "plan.conflict", "$.targetOperations",
     "a number within 1 % of the operations under the curve, 200, or \"scale\": true"},
    {RAMP("\"rampConfig\":{\"holdSeconds\":1,\"sustainSeconds\":1}"), "plan.conflict", "$.rampConfig.sustainSeconds",
     "in one place only"},

    {SMOKE("\"spikeMultiplier\":10"), "plan.conflict", "$.spikeMultiplier", "profileType \"spike\" beside this field"},
    {SMOKE("\"spikeConfig\":{}"), "plan.conflict", "$.spikeConfig", "profileType \"spike\""},
    {SMOKE("\"periodSeconds\":10"), "plan.conflict", "$.periodSeconds", "profileType \"oscillation\""},
    {SMOKE("\"oscillationConfig\":{}"), "plan.conflict", "$.oscillationConfig", "profileType \"oscillation\""},
    {SMOKE("\"threePhase\":{}"), "plan.conflict", "$.threePhase", "profileType \"three-phase\""},
    {SPIKE("\"spikeMultiplier\":0.5"), "plan.range", "$.spikeMultiplier", "a number from 1 to 100"},
    {SPIKE("\"spikeMultiplier\":101"), "plan.range", "$.spikeMultiplier", "a number from 1 to 100"},
    {SPIKE("\"spikeMultiplier\":5,\"spikeConfig\":{\"spikeMultiplier\":5}"), "plan.conflict",
     "$.spikeConfig.spikeMultiplier", "this value in one place only"},
    {SPIKE("\"spikeConfig\":{\"warmupSeconds\":5}"), "plan.missing", "$.spikeConfig", "all three lengths together"},
    {SPIKE("\"spikeConfig\":{\"seconds\":5}"), "plan.unknown-field", "$.spikeConfig.seconds", "cooldownSeconds"},
    {SPIKE("\"threePhase\":{\"peakMultiplier\":5}"), "plan.conflict", "$.threePhase", "\"three-phase\""},
    {"{\"preset\":\"three-phase\",\"threePhase\":{\"peakMultiplier\":0.9}}", "plan.range",
     "$.threePhase.peakMultiplier", "from 1 to 100"},
    {WAVE("\"periodSeconds\":0"), "plan.range", "$.periodSeconds", "a number from 1 to 3600"},
    {WAVE("\"oscillationConfig\":{\"waveform\":\"triangle\"}"), "plan.value", "$.oscillationConfig.waveform",
     "one of sine, square, sawtooth"},
    {WAVE("\"oscillationConfig\":{\"minOpsPerSecond\":1}"), "plan.missing", "$.oscillationConfig", "together, or none"},
    {WAVE("\"oscillationConfig\":{\"minOpsPerSecond\":2,\"maxOpsPerSecond\":1}"), "plan.range", "$.oscillationConfig",
     "up to maxOpsPerSecond"},
    {WAVE("\"targetOperations\":100,\"oscillationConfig\":{\"minOpsPerSecond\":2,\"maxOpsPerSecond\":4}"),
     "plan.conflict", "$.targetOperations", "the operations under the curve, 1800"},
    {WAVE("\"oscillationConfig\":{\"waveform\":\"square\",\"periodSeconds\":4}"), "plan.range", "$.oscillationConfig",
     "a period of at least 4.688 seconds, since a curve has at most 256 pieces"},
    {WAVE("\"periodSeconds\":2,\"oscillationConfig\":{\"waveform\":\"sawtooth\"}"), "plan.range", "$.oscillationConfig",
     "at least 2.344 seconds"},

    {"{\"profileType\":\"custom\"}", "plan.missing", "$.loadCurve", "the points of the curve"},
    {CUSTOM("\"loadCurve\":[]"), "plan.range", "$.loadCurve", "from 2 to 257 elements"},
    {CUSTOM("\"loadCurve\":[3,4]"), "plan.type", "$.loadCurve[0]", "an object"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":1}]"), "plan.missing", "$.loadCurve[1]",
     "second and opsPerSecond"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":1,\"opsPerSecond\":1},{\"second\":2,"
            "\"opsPerSecond\":10001}]"),
     "plan.range", "$.loadCurve[2].opsPerSecond", "a number from 0 to 10000"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":-1},7]"), "plan.range", "$.loadCurve[0].opsPerSecond", "0"},
    {CUSTOM("\"loadCurve\":[{\"second\":3601,\"opsPerSecond\":1},7]"), "plan.range", "$.loadCurve[0].second", "3600"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"ops\":1},7]"), "plan.unknown-field", "$.loadCurve[0].ops", "second"},
    {CUSTOM("\"loadCurve\":[{\"second\":5,\"opsPerSecond\":1},{\"second\":4,\"opsPerSecond\":1}]"), "plan.range",
     "$.loadCurve[1].second", "in the order of time"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1}]"), "plan.range", "$.loadCurve", "from 2 to 257"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":9},{\"second\":0.9,\"opsPerSecond\":9}]"), "plan.range",
     "$.loadCurve", "at least a second"},
    {CUSTOM(
         "\"durationSeconds\":5,\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":6,\"opsPerSecond\":1}]"),
     "plan.conflict", "$.durationSeconds", "reaches the curve's last point"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":0},{\"second\":9,\"opsPerSecond\":0}]"), "plan.range",
     "$.loadCurve", "at least one operation"},
    {CUSTOM("\"loadCurve\":[{\"second\":0,\"opsPerSecond\":10000},{\"second\":101,\"opsPerSecond\":10000}]"),
     "plan.range", "$.loadCurve", "this plan has 1010000"},
    {CUSTOM(
         "\"maxOpsPerSecond\":5,\"loadCurve\":[{\"second\":0,\"opsPerSecond\":1},{\"second\":9,\"opsPerSecond\":6}]"),
     "plan.rate", "$.loadCurve", "this plan needs 6"},
};

static void refuses_with_the_place_and_what_was_expected(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(refused); i++) {
        enum sn_status status = compile(refused[i].json);
        if (status == SN_OK) fail_msg("accepted: %s", refused[i].json);
        bool json = strncmp(refused[i].code, "json.", 5) == 0;
        if (status != (json ? SN_E_FORMAT : SN_E_RANGE) || strcmp(error.code, refused[i].code) != 0 ||
            strcmp(error.path, refused[i].path) != 0 || strstr(error.expected, refused[i].expected) == NULL)
            fail_msg("%s\n  gave %d %s at %s: expected %s", refused[i].json, status, error.code, error.path,
                     error.expected);
    }
}

static void long_texts_have_bounds(void **state) {
    (void)state;
    static char json[SN_PLAN_TEXT_MAX + 100];
    for (size_t over = 0; over < 2; over++) {
        size_t len = (size_t)sprintf(json, "{\"preset\":\"smoke\",\"name\":\"");
        memset(json + len, 'n', SN_NAME_MAX + over);
        sprintf(json + len + SN_NAME_MAX + over, "\"}");
        assert_int_equal(compile(json), over ? SN_E_RANGE : SN_OK);
        len = (size_t)sprintf(json, "{\"preset\":\"smoke\",\"description\":\"");
        memset(json + len, 'd', SN_DESCRIPTION_MAX + over);
        sprintf(json + len + SN_DESCRIPTION_MAX + over, "\"}");
        assert_int_equal(compile(json), over ? SN_E_RANGE : SN_OK);
        len = (size_t)sprintf(json, "{\"preset\":\"smoke\"}");
        memset(json + len, ' ', SN_PLAN_TEXT_MAX + over - len);
        assert_int_equal(compile_len(json, SN_PLAN_TEXT_MAX + over), over ? SN_E_LIMIT : SN_OK);
    }
    assert_string_equal(error.code, "plan.size");
    assert_string_equal(error.path, "$");
}

static size_t put_curve(char *json, uint32_t points, double first, double step) {
    size_t len = (size_t)sprintf(json, "{\"profileType\":\"custom\",\"loadCurve\":[");
    for (uint32_t i = 0; i < points; i++)
        len += (size_t)sprintf(json + len, "%s{\"second\":%.3f,\"opsPerSecond\":%u}", i > 0 ? "," : "",
                               first + i * step, 1 + i % 7);
    return len;
}

/* 257 points are 256 pieces; a piece before the first point is one too many. */
static void the_largest_curve_fits_the_arena_and_the_form(void **state) {
    (void)state;
    static char json[40000];
    size_t len = put_curve(json, 257, 0, 1.125);
    sprintf(json + len, "]}");
    compiles(json);
    assert_int_equal(plan.profile.segments_len, 256);
    assert_true(bytes_len < SN_PLAN_BYTES_MAX);
    len = put_curve(json, 258, 0, 1.125);
    sprintf(json + len, "]}");
    assert_int_equal(compile(json), SN_E_RANGE);
    assert_string_equal(error.path, "$.loadCurve");
    len = put_curve(json, 257, 0.5, 1.125);
    sprintf(json + len, "]}");
    assert_int_equal(compile(json), SN_E_RANGE);
    assert_string_equal(error.expected, "a curve of at most 256 pieces");
}

static const struct {
    const char *run_id, *tenant;
} bad_owners[] = {
    {"", "default"},
    {"run_1", "default"}, /* "run" and "run_1" would share the beginning of their keys */
    {"run/1", "default"},
    {"0123456789012345678901234567890123456789", "default"}, /* 40 */
    {"r", ""},
    {"r", "a b"},
    {"r", "a\"b"},
    {"r", "ä"},
    {"r", "0123456789012345678901234567890123456789012345678901234567890123"}, /* 64 */
};

static void owners_fit_into_keys(void **state) {
    (void)state;
    struct sn_plan_owner was = owner;
    for (size_t i = 0; i < LEN(bad_owners); i++) {
        owner = (struct sn_plan_owner){.run_id = bad_owners[i].run_id, .tenant = bad_owners[i].tenant};
        assert_int_equal(compile("{\"preset\":\"smoke\"}"), SN_E_RANGE);
        assert_string_equal(error.code, "plan.owner");
    }
    owner = (struct sn_plan_owner){
        .run_id = "012345678901234567890123456789012345678",
        .tenant = "A.b_c-678901234567890123456789012345678901234567890123456789012",
    };
    compiles("{\"preset\":\"smoke\"}");
    assert_string_equal(plan.run_id, owner.run_id);
    assert_string_equal(plan.tenant, owner.tenant);
    owner = was;
}

/* --- Seed and hash ------------------------------------------------------------------------------------------------ */

static void seeds(void **state) {
    (void)state;
    compiles(SMOKE("\"seed\":0"));
    assert_true(plan.seed == 0);
    compiles(SMOKE("\"seed\":9007199254740991"));
    assert_true(plan.seed == UINT64_C(9007199254740991));
    compiles(SMOKE("\"seed\":\"9007199254740993\""));
    assert_true(plan.seed == UINT64_C(9007199254740993));
    compiles(SMOKE("\"seed\":\"18446744073709551615\""));
    assert_true(plan.seed == UINT64_MAX);
    compiles(SMOKE("\"seed\":\"007\""));
    assert_true(plan.seed == 7);
    compiles("{\"preset\":\"smoke\"}"); /* one under which every operation is sent */
    assert_true(plan.seed == 5);
    compiles("{\"preset\":\"soak\"}");
    assert_true(plan.seed != 0 && plan.seed < UINT64_C(1) << 53); /* can be typed back as a number */
    uint64_t derived = plan.seed;
    compiles("{\"preset\":\"soak\",\"name\":\"another\"}");
    assert_true(plan.seed == derived);
    compiles("{\"preset\":\"soak\",\"concurrency\":6}");
    assert_true(plan.seed != derived);
}

static void random_seeds_come_from_lent_entropy(void **state) {
    (void)state;
    uint64_t drawn[2];
    for (uint8_t i = 0; i < 2; i++) {
        uint8_t entropy[16] = {1, 2, 3, i};
        owner.entropy = (struct sn_span){entropy, sizeof entropy};
        compiles(SMOKE("\"seed\":\"random\""));
        drawn[i] = plan.seed;
        assert_true(plan.seed < UINT64_C(1) << 53);
    }
    owner.entropy = (struct sn_span){0};
    assert_true(drawn[0] != drawn[1]);
}

static const char *const same_load[] = {
    "{\"preset\":\"smoke\"}",
    "{\"preset\":\"smoke\",\"name\":\"n\",\"description\":\"d\",\"seed\":5,\"startImmediately\":true}",
    " { \"preset\" : \"smoke\" } ",
    "{\"concurrency\":5,\"preset\":\"smoke\",\"maxLateMs\":30000}",
    /* The same load without the preset's name: the name is a label. */
    ("{\"profileType\":\"sustained\",\"targetOperations\":100,\"durationSeconds\":30,\"concurrency\":5,"
     "\"targetSystems\":[\"r2_upload\",\"d1_reads\",\"d1_writes\",\"kv_get\",\"kv_put\",\"r2_download\"]}"),
};

static const char *const other_loads[] = {
    SMOKE("\"targetOperations\":101"),
    SMOKE("\"durationSeconds\":31"),
    SMOKE("\"concurrency\":4"),
    SMOKE("\"targetSystems\":[\"d1_reads\"]"),
    SMOKE("\"maxLateMs\":29999"),
    SMOKE("\"timeoutMs\":29999"),
    SMOKE("\"profileType\":\"ramp\""),
    SMOKE("\"arrivals\":\"poisson\""),
    SMOKE("\"profileType\":\"oscillation\""),
    SMOKE("\"profileType\":\"oscillation\",\"periodSeconds\":15"),
    SMOKE("\"profileType\":\"spike\""),
    SMOKE("\"profileType\":\"three-phase\""),
};

static void the_hash_covers_what_shapes_the_load(void **state) {
    (void)state;
    compiles(same_load[0]);
    uint64_t hash = plan.hash;
    for (size_t i = 1; i < LEN(same_load); i++) {
        compiles(same_load[i]);
        assert_true(plan.hash == hash);
    }
    struct sn_plan_owner was = owner;
    owner = (struct sn_plan_owner){.run_id = "other", .tenant = "other"};
    compiles(same_load[0]);
    assert_true(plan.hash == hash);
    owner = was;
    uint64_t seen[LEN(other_loads)];
    for (size_t i = 0; i < LEN(other_loads); i++) {
        compiles(other_loads[i]);
        seen[i] = plan.hash;
        assert_true(seen[i] != hash);
        for (size_t before = 0; before < i; before++) assert_true(seen[before] != seen[i]);
    }
}

static void equal_text_gives_equal_bytes(void **state) {
    (void)state;
    static uint8_t first[SN_PLAN_BYTES_MAX];
    compiles("{\"preset\":\"ramp\"}");
    size_t len = bytes_len;
    memcpy(first, bytes, len);
    memset(bytes, 0xa5, sizeof bytes);
    memset(arena.memory, 0x5a, ARENA_BYTES);
    compiles("{\"preset\":\"ramp\"}");
    assert_int_equal(bytes_len, len);
    assert_memory_equal(bytes, first, len);
}

/* --- The compiled form ---------------------------------------------------------------------------------------------- */

static void opens_and_writes_the_same_again(void **state) {
    (void)state;
    static uint8_t again[SN_PLAN_BYTES_MAX + 5];
    compiles("{\"preset\":\"ramp\",\"name\":\"n\"}");
    assert_int_equal(bytes_len % 8, 0);
    struct sn_writer w = sn_writer(again, sizeof again);
    sn_put_zeros(&w, 5); /* behind something else */
    sn_plan_put(&w, &plan);
    assert_int_equal(w.len, bytes_len + 5);
    assert_memory_equal(again + 5, bytes, bytes_len);
    assert_true((const uint8_t *)plan.workload.pool > bytes && (const uint8_t *)plan.workload.pool < bytes + bytes_len);
}

static void writing_into_too_little_room_is_noticed(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    for (size_t cap = 0; cap < bytes_len; cap += 97) {
        uint8_t *small = malloc(cap > 0 ? cap : 1);
        assert_non_null(small);
        struct sn_writer w = sn_writer(small, cap);
        sn_plan_put(&w, &plan);
        assert_true(w.full);
        free(small);
    }
}

/* Opens a copy that ends where its memory ends. */
static enum sn_status open_copy(const uint8_t *from, size_t len) {
    static struct sn_plan opened;
    uint8_t *copy = aligned_alloc(8, len > 0 ? (len + 7) / 8 * 8 : 8);
    assert_non_null(copy);
    memcpy(copy, from, len);
    enum sn_status status = sn_plan_open(&opened, copy, len);
    free(copy);
    return status;
}

static void refuses_truncated_bytes(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    for (size_t len = 0; len < bytes_len; len++) assert_int_equal(open_copy(bytes, len), SN_E_FORMAT);
}

static void refuses_flipped_bits(void **state) {
    (void)state;
    compiles("{\"preset\":\"smoke\"}");
    for (size_t bit = 0; bit < bytes_len * 8; bit += bit < 400 * 8 ? 1 : 13) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(open_copy(bytes, bytes_len), SN_OK);
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    assert_int_equal(open_copy(bytes, bytes_len), SN_OK);
    bytes[4]++;
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_VERSION);
    bytes[4]--;
    bytes[bytes_len - 1] ^= 1;
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_CHECKSUM);
}

/* A checksum guards against accidents only: behind a right one every word may still be wrong. */
static void survives_hostile_words_with_a_right_checksum(void **state) {
    (void)state;
    static const uint32_t hostile[] = {0, 1, 7, 100, 0x10000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff};
    compiles("{\"preset\":\"ramp\",\"targetSystems\":[\"kv_put\"]}");
    size_t opened = 0, tried = 0;
    for (size_t at = 16; at + 4 <= bytes_len; at += 4) {
        uint32_t was;
        memcpy(&was, bytes + at, 4);
        for (size_t i = 0; i < LEN(hostile); i++) {
            memcpy(bytes + at, &hostile[i], 4);
            uint32_t crc = sn_crc32(bytes + 16, bytes_len - 16);
            memcpy(bytes + 12, &crc, 4);
            tried++;
            opened += open_copy(bytes, bytes_len) == SN_OK;
        }
        memcpy(bytes + at, &was, 4);
    }
    assert_true(opened < tried / 2);
}

/* The lengths of profile and workload, 32 bytes into the body, which follows the head. */
#define LENGTHS_AT (280 + 32)

static void patch(size_t at, uint32_t value) {
    memcpy(bytes + at, &value, 4);
    uint32_t crc = sn_crc32(bytes + 16, bytes_len - 16);
    memcpy(bytes + 12, &crc, 4);
}

static void the_workload_stays_aligned_and_next_to_the_profile(void **state) {
    (void)state;
    uint32_t lengths[2];
    compiles("{\"preset\":\"smoke\"}");
    memcpy(lengths, bytes + LENGTHS_AT, sizeof lengths);
    assert_int_equal(280 + 40 + lengths[0] + lengths[1], bytes_len);
    patch(LENGTHS_AT, lengths[0] + 4);
    patch(LENGTHS_AT + 4, lengths[1] - 4);
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_FORMAT);
    /* Eight bytes of nothing between the two. */
    size_t gap = 280 + 40 + lengths[0];
    memmove(bytes + gap + 8, bytes + gap, lengths[1]);
    memset(bytes + gap, 0, 8);
    bytes_len += 8;
    patch(LENGTHS_AT, lengths[0] + 8);
    patch(LENGTHS_AT + 4, lengths[1]);
    patch(8, (uint32_t)bytes_len);
    assert_int_equal(open_copy(bytes, bytes_len), SN_E_FORMAT);
}

/* 32 operations in 6 phases are more cells than a run has room for. */
static void bounds_operations_times_phases(void **state) {
    (void)state;
    static char json[4000];
    static _Alignas(16) uint8_t compiled[SN_PLAN_BYTES_MAX];
    size_t len = (size_t)sprintf(json, "{\"systems\":{\"a\":1},\"operations\":[");
    for (int i = 0; i < 32; i++)
        len += (size_t)sprintf(json + len, "%s{\"operation\":\"o%d\",\"system\":\"a\",\"steps\":[{\"d1\":\"X\"}]}",
                               i > 0 ? "," : "", i);
    len += (size_t)sprintf(json + len, "]}");
    for (uint32_t phases = 5; phases <= 6; phases++) {
        struct sn_writer w = sn_writer(compiled, sizeof compiled);
        compiles("{\"preset\":\"smoke\"}");
        sn_arena_reset(&arena);
        assert_int_equal(sn_workload_compile(json, len, NULL, 0, &arena, &w, &error), SN_OK);
        assert_int_equal(sn_workload_open(&plan.workload, compiled, w.len), SN_OK);
        plan.profile.phases_len = 0;
        for (uint32_t i = 1; i <= phases; i++) assert_int_equal(sn_profile_phase(&plan.profile, "p", i), SN_OK);
        w = sn_writer(bytes, sizeof bytes);
        sn_plan_put(&w, &plan);
        assert_int_equal(open_copy(bytes, w.len), phases == 5 ? SN_OK : SN_E_FORMAT);
    }
}

static void every_failing_allocation_is_an_error(void **state) {
    (void)state;
    size_t failed = 0;
    for (;; failed++) {
        arena.fail_after = failed;
        enum sn_status status = compile(SMOKE("\"targetSystems\":[\"r2_upload\"],\"name\":\"x\""));
        arena.fail_after = SIZE_MAX;
        if (status == SN_OK) break;
        assert_int_equal(status, SN_E_LIMIT);
        assert_non_null(error.code);
        assert_true(error.expected[0] != 0);
    }
    assert_true(failed > 100);
}

/* --- Items ------------------------------------------------------------------------------------------------------------ */

static void items_are_numbered_through(void **state) {
    (void)state;
    compiles(SMOKE("\"targetSystems\":[\"d1_writes\",\"r2_upload\",\"r2_download\"],\"targetOperations\":1000"));
    /* records, then 100 objects */
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_PREPARE, 0), 101);
    struct sn_item item = sn_plan_item(&plan, SN_STAGE_PREPARE, 0, 0);
    assert_int_equal(item.number, 0);
    assert_int_equal(item.job->count, 1);
    item = sn_plan_item(&plan, SN_STAGE_PREPARE, 0, 100);
    assert_int_equal(item.number, 99);
    assert_int_equal(item.job->count, 100);
    /* Cleanup: 1 for the records, 3 for 250 operations in hundreds, 100 objects, then 250 for each kind of upload. */
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 250), 1 + 3 + 100 + 2 * 250);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_SWEEP, 250), 1 + 3 + 100 + 2 * 250);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_CLEANUP, 0), 1 + 100);
    item = sn_plan_item(&plan, SN_STAGE_SWEEP, 250, 3);
    assert_int_equal(item.job->every, 100);
    assert_int_equal(item.number, 2);
    assert_int_equal(sn_plan_item(&plan, SN_STAGE_CLEANUP, 250, 4).number, 0);
    assert_int_equal(sn_plan_items(&plan, SN_STAGE_LOAD, 250), 0);
}

/* Each operation of a kind that needs it is cleaned up exactly once, the others not at all. */
static void per_kind_items_cover_their_kind(void **state) {
    (void)state;
    compiles(SMOKE("\"targetSystems\":[\"r2_upload\",\"kv_get\"],\"targetOperations\":1000"));
    uint32_t cleaned[1001] = {0};
    uint64_t last_k = 1000, items = sn_plan_items(&plan, SN_STAGE_CLEANUP, last_k);
    assert_int_equal(items, 150 + 2000);
    for (uint64_t k = 1; k <= 1000; k++)
        assert_int_equal(sn_plan_item(&plan, SN_STAGE_CLEANUP, last_k, 150 + k - 1).number, k);
    for (uint64_t i = 0; i < items; i++) {
        struct sn_item item = sn_plan_item(&plan, SN_STAGE_CLEANUP, last_k, i);
        if (item.job == NULL || item.job->kind == UINT32_MAX) continue;
        assert_true(item.number >= 1 && item.number <= 1000);
        assert_int_equal(item.job->kind, sn_operation_kind(&plan.mix, plan.seed, item.number));
        cleaned[item.number]++;
    }
    uint32_t uploads = 0;
    for (uint64_t k = 1; k <= 1000; k++) {
        const struct sn_kind *kind = &plan.workload.kinds[sn_operation_kind(&plan.mix, plan.seed, k)];
        bool upload = kind->system.len == 9 && memcmp(plan.workload.pool + kind->system.offset, "r2_upload", 9) == 0;
        assert_int_equal(cleaned[k], upload);
        uploads += upload;
    }
    assert_true(uploads > 50); /* 2 of 17 */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_have_the_shape_that_was_asked_for),
        cmocka_unit_test(every_preset_plans_exactly_its_operations),
        cmocka_unit_test(poisson_times_come_from_the_seed),
        cmocka_unit_test(shards_carry_the_concurrency_and_little_more),
        cmocka_unit_test(fields_are_carried_over),
        cmocka_unit_test(refuses_with_the_place_and_what_was_expected),
        cmocka_unit_test(long_texts_have_bounds),
        cmocka_unit_test(the_largest_curve_fits_the_arena_and_the_form),
        cmocka_unit_test(owners_fit_into_keys),
        cmocka_unit_test(names_in_many_scripts),
        cmocka_unit_test(seeds),
        cmocka_unit_test(random_seeds_come_from_lent_entropy),
        cmocka_unit_test(the_hash_covers_what_shapes_the_load),
        cmocka_unit_test(equal_text_gives_equal_bytes),
        cmocka_unit_test(opens_and_writes_the_same_again),
        cmocka_unit_test(writing_into_too_little_room_is_noticed),
        cmocka_unit_test(refuses_truncated_bytes),
        cmocka_unit_test(refuses_flipped_bits),
        cmocka_unit_test(survives_hostile_words_with_a_right_checksum),
        cmocka_unit_test(the_workload_stays_aligned_and_next_to_the_profile),
        cmocka_unit_test(bounds_operations_times_phases),
        cmocka_unit_test(every_failing_allocation_is_an_error),
        cmocka_unit_test(items_are_numbered_through),
        cmocka_unit_test(per_kind_items_cover_their_kind),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
