#include "plan_help.h"
#include "sentinel/plan/catalog.h"

/* --- What plans become ---------------------------------------------------------------------------------------- */

static const struct {
    const char *json;
    uint64_t planned;
    double end_s, peak_per_s;
    const char *phases; /* name and end of each */
    uint32_t concurrency, shards, slots, kinds;
} shapes[] = {
    {"{\"preset\":\"smoke\"}", 100, 30, 100 / 30.0, "steady 30", 5, 1, 5, 21},
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
    {"{\"preset\":\"three-phase\"}", 18889, 600, 18889 / 340.0, "ramp-up 120, peak 300, steady 600", 500, 100, 5, 11},
    /* The scenarios: a twentieth of the users at any time, so half the area of each ramp and the whole of each level. */
    {"{\"preset\":\"launch-day\"}", (150000 + 600000 + 360000 + 30000) / 20, 3000, 50,
     "ramp-up 300, peak 900, steady 2700, ramp-down 3000", 50, 10, 5, 4},
    {"{\"preset\":\"multi-tenant-chaos\"}", (30000 + 150000 + 38400 + 3840) / 20, 780, 25,
     "ramp-up 120, peak 420, steady 720, ramp-down 780", 50, 10, 5, 4},
    {"{\"preset\":\"auth-stress\"}", 48750 / 20, 390, 10, "ramp-up 60, peak 240, steady 360, ramp-down 390", 50, 10, 5,
     2},
    /* In a tenth of the time as many users do a tenth; a number of operations changes the rate alone. */
    {"{\"preset\":\"launch-day\",\"durationSeconds\":300}", 5700, 300, 50,
     "ramp-up 30, peak 90, steady 270, ramp-down 300", 50, 10, 5, 4},
    {"{\"preset\":\"launch-day\",\"targetOperations\":5700}", 5700, 3000, 5,
     "ramp-up 300, peak 900, steady 2700, ramp-down 3000", 50, 10, 5, 4},
    {"{\"preset\":\"auth-stress\",\"workload\":\"grove\"}", 2437, 390, 10,
     "ramp-up 60, peak 240, steady 360, ramp-down 390", 50, 10, 5, 9},
    /* A type without a preset gets the defaults of the preset of its name. */
    {"{\"profileType\":\"sustained\"}", 50000, 600, 50000 / 600.0, "steady 600", 100, 20, 5, 11},
    {"{\"profileType\":\"ramp\"}", 100000, 900, 500 * 100000 / 292815.0, "ramp-up 360, peak 630, ramp-down 900", 200,
     40, 5, 11},
    /* Every preset can be overridden. */
    {"{\"preset\":\"smoke\",\"targetOperations\":60,\"durationSeconds\":6,\"concurrency\":12,\"targetSystems\":[\"kv_"
     "put\"]}",
     60, 6, 10, "steady 6", 12, 3, 4, 2},
    {"{\"preset\":\"smoke\",\"profileType\":\"ramp\",\"targetOperations\":29281,\"durationSeconds\":900}", 29281, 900,
     500 * 29281 / 292815.0, "ramp-up 360, peak 630, ramp-down 900", 5, 1, 5, 21},
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
    {"{\"preset\":\"smoke\",\"maxOpsPerSecond\":3}", 90, 30, 3, "steady 30", 5, 1, 5, 21},
    {"{\"preset\":\"three-phase\",\"maxOpsPerSecond\":30}", 10200, 600, 30, "ramp-up 120, peak 300, steady 600", 500,
     100, 5, 11},
    {"{\"preset\":\"smoke\",\"maxOpsPerSecond\":4,\"targetOperations\":100}", 100, 30, 100 / 30.0, "steady 30", 5, 1, 5,
     21},
    {"{\"preset\":\"smoke\",\"users\":12,\"opsPerUser\":5}", 60, 30, 2, "steady 30", 5, 1, 5, 21},
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
     100, 25, 5, "ramp-up 10, peak 20, steady 25", 500, 100, 5, 11},
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
     12, 2.5, 5, "custom 2.5", 5, 1, 5, 21},
    /* The bounds themselves are allowed. */
    {"{\"preset\":\"smoke\",\"targetOperations\":1000000,\"durationSeconds\":3600,\"concurrency\":500}", 1000000, 3600,
     1000000 / 3600.0, "steady 3600", 500, 100, 5, 21},
    {"{\"preset\":\"smoke\",\"targetOperations\":1,\"durationSeconds\":1,\"concurrency\":1,\"maxOpsPerSecond\":1}", 1,
     1, 1, "steady 1", 1, 1, 1, 21},
    {"{\"preset\":\"smoke\",\"targetOperations\":10000,\"durationSeconds\":1,\"concurrency\":7}", 10000, 1, 10000,
     "steady 1", 7, 7, 1, 21}, /* 500 a second and shard, as far as the concurrency goes */
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

static void shards_carry_the_concurrency_and_no_more(void **state) {
    (void)state;
    for (uint32_t concurrency = 1; concurrency <= SN_CONCURRENCY_MAX; concurrency += concurrency < 40 ? 1 : 23) {
        char json[80];
        snprintf(json, sizeof json, "{\"preset\":\"smoke\",\"concurrency\":%u}", concurrency);
        compiles(json);
        assert_int_equal(plan.shards, (concurrency + 4) / 5);
        assert_int_equal(plan.shards, (concurrency + plan.slots - 1) / plan.slots);
        assert_true(plan.slots <= 5 && plan.slots * plan.shards >= concurrency);
        uint32_t slots = 0;
        for (uint32_t place = 0; place < plan.shards; place++) {
            assert_in_range(sn_plan_slots(&plan, place), plan.slots - 1, plan.slots);
            slots += sn_plan_slots(&plan, place);
        }
        assert_int_equal(slots, concurrency);
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

/* Each preset, evenly and as Poisson (but for one that searches a rate): every operation is due once, in the run, and of one
 * shard alone. */
static void every_preset_plans_exactly_its_operations(void **state) {
    (void)state;
    for (size_t i = 0; i < 2 * sn_presets_len; i++) {
        char json[80];
        if (i % 2 == 1 && sn_presets[i / 2].search_step_s > 0) continue;
        snprintf(json, sizeof json, "{\"preset\":\"%s\",\"arrivals\":\"%s\"}", sn_presets[i / 2].name,
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
        for (uint32_t shard = 0; shard < 7; shard++) {
            struct sn_share share = sn_share_of(&schedule, shard);
            owned += sn_share_count(&share, planned);
        }
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_have_the_shape_that_was_asked_for),
        cmocka_unit_test(every_preset_plans_exactly_its_operations),
        cmocka_unit_test(poisson_times_come_from_the_seed),
        cmocka_unit_test(shards_carry_the_concurrency_and_no_more),
        cmocka_unit_test(fields_are_carried_over),
        cmocka_unit_test(names_in_many_scripts),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
