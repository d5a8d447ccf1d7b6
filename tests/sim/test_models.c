/* Targets like Cloudflare's, of which it is known when they are too much. */
#include "simulate.h"

#define RAMP(operations, seconds, concurrency, workload)                                         \
    "{\"profileType\":\"ramp\",\"targetOperations\":" operations ",\"durationSeconds\":" seconds \
    ",\"concurrency\":" concurrency ",\"safety\":false,\"seed\":1,\"workload\":{\"operations\":[" workload "]}}"
#define EVEN(operations, seconds, more, workload)                                                     \
    "{\"profileType\":\"sustained\",\"targetOperations\":" operations ",\"durationSeconds\":" seconds \
    ",\"concurrency\":20,\"safety\":false,\"seed\":1," more "\"workload\":" workload "}"
#define OPERATION(name, step) "{\"operation\":\"" name "\",\"weight\":1,\"steps\":[" step "]}"

#define POINT "{\"d1\":\"SELECT a FROM t WHERE id = ?1\",\"bind\":[\"${k}\"]}"
#define RANGE "{\"d1\":\"SELECT a FROM t WHERE id > ?1 LIMIT 20\",\"bind\":[\"${k}\"]}"
#define INSERT "{\"d1\":\"INSERT INTO t VALUES (?1)\",\"bind\":[\"${k}\"]}"
#define BATCH \
    "{\"d1\":\"batch\",\"statements\":[{\"sql\":\"INSERT INTO t VALUES (?1)\",\"bind\":[\"${k}_${times}\"],\"times\":11}]}"
#define OBJECT(name) "{\"do\":\"call\",\"name\":\"" name "\",\"method\":\"get\",\"args\":[]}"

static struct sn_models models;

static struct sn_sim_options world(const char *text) {
    const char *bad;
    size_t bad_len;
    assert_true(sn_models_parse(text, &models, &bad, &bad_len));
    return (struct sn_sim_options){.seed = first_seed(), .models = &models};
}

static struct sn_sim_outcome run(const char *plan, const char *text) {
    struct sn_sim_options options = world(text);
    bounds = SN_BOUNDS_OPERATOR;
    struct sn_sim_outcome outcome = simulate(plan, &options, report, sizeof report);
    bounds = SN_BOUNDS_DEFAULT;
    assert_string_equal(outcome.status, "completed");
    return outcome;
}

static double number_behind(const char *where, const char *name) {
    const char *from = strstr(report, where), *at = from != NULL ? strstr(from, name) : NULL;
    if (at == NULL) fail_msg("no %s", name);
    return strtod(at + strlen(name), NULL);
}

static void expect_saturated(double per_s, const char *symptom) {
    double found = number_behind("\"capacity\":{", "\"saturatedAtPerS\":");
    if (found < 0.96 * per_s || found > 1.04 * per_s) fail_msg("it saturates at %f and not at %f", found, per_s);
    assert_non_null(strstr(strstr(report, "\"capacity\":{"), symptom));
}

/* One server after the other: what it carries is one over the mean of its times, whatever their mix. */
static void a_database_serves_one_statement_after_the_other(void **state) {
    (void)state;
    static const struct {
        const char *plan, *models;
        double per_s;
    } rows[] = {
        {RAMP("38400", "60", "500", OPERATION("o", POINT)), "d1-point=2", 500},
        {RAMP("38400", "120", "300", OPERATION("o", RANGE)), "d1-range=4", 250},
        {RAMP("30720", "120", "200", OPERATION("o", INSERT)), "d1-write=5", 200},
        {RAMP("15360", "120", "200", OPERATION("o", BATCH)), "d1-write=5,d1-more=0.5", 100},
        {RAMP("43885", "120", "300", OPERATION("r", POINT) "," OPERATION("w", INSERT)), "d1-point=2,d1-write=5",
         1000 / 3.5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        run(rows[i].plan, rows[i].models);
        expect_saturated(rows[i].per_s, "\"symptom\":\"queueing\"");
    }
}

/* Each has its own server. */
static void an_object_is_one_server_and_two_are_two(void **state) {
    (void)state;
    run(RAMP("76800", "60", "1000", OPERATION("o", OBJECT("one"))), "do=1");
    expect_saturated(1000, "\"symptom\":\"slower\"");
    run(RAMP("76800", "60", "1000", OPERATION("o", OBJECT("object_${k%2}"))), "do=2");
    expect_saturated(1000, "\"symptom\":\"slower\"");
}

/* A queue of more than 100 ms is refused, in the platform's words; what is refused takes no time of the server's. */
static void a_queue_that_is_long_refuses(void **state) {
    (void)state;
    run(RAMP("30720", "120", "200", OPERATION("o", INSERT)), "d1-write=5,queue=100");
    assert_non_null(strstr(report, "D1_ERROR: D1 DB is overloaded. Requests queued for too long."));
    expect_saturated(200, "\"symptom\":\"throttling\"");
    run(RAMP("30720", "120", "200", OPERATION("o", OBJECT("one"))), "do=5,queue=100");
    assert_non_null(strstr(report, "Durable Object is overloaded. Requests queued for too long."));
    expect_saturated(200, "\"symptom\":\"throttling\"");
}

/* Twice a second a key is written: of two writes the second is refused.  Four keys in turn have two seconds each. */
static void a_key_takes_one_write_a_second(void **state) {
    (void)state;
    static const struct {
        const char *service, *key, *item;
        unsigned keys, completed;
        const char *error;
    } rows[] = {
        {"kv", "${run}_x", "${run}_x", 1, 20, "KV PUT failed: 429 Too Many Requests"},
        {"kv", "${run}_${k%4}", "${run}_${i}", 4, 40, NULL},
        {"r2", "${run}_x", "${run}_x", 1, 20, "(10058)"},
        {"r2", "${run}_${k%4}", "${run}_${i}", 4, 40, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char plan[1200];
        snprintf(
            plan, sizeof plan,
            EVEN("40", "20", "",
                 "{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"%s\":\"put\",\"key\":\"%s\",\"value\":\"v\"}]}],"
                 "\"cleanup\":[{\"count\":%u,\"steps\":[{\"%s\":\"delete\",\"key\":\"%s\"}]}]}"),
            rows[i].service, rows[i].key, rows[i].keys, rows[i].service, rows[i].item);
        struct sn_sim_outcome outcome = run(plan, "default");
        assert_int_equal(outcome.completed, rows[i].completed);
        if (rows[i].error != NULL) assert_non_null(strstr(report, rows[i].error));
    }
}

#define PREPARED                                                                                         \
    "\"prepare\":[{\"count\":1,\"steps\":[{\"kv\":\"put\",\"key\":\"${run}_x\",\"value\":\"12345\"}]}]," \
    "\"cleanup\":[{\"count\":1,\"steps\":[{\"kv\":\"delete\",\"key\":\"${run}_x\"}]}]"
#define TWO "\"regions\":[\"weur\",\"enam\"],"

/* Whoever wrote a key has it near, and so does who has read it within a minute: of two places one is cold at first, and again
 * after each minute. */
static void a_place_keeps_what_it_has_read_for_a_minute(void **state) {
    (void)state;
    static const char read[] =
        "{\"operations\":[{\"operation\":\"o\",\"steps\":[{\"kv\":\"get\",\"key\":\"${run}_x\",\"expect\":{\"found\":true}}]}]," PREPARED
        "}";
    char plan[1200];
    for (int two = 0; two < 2; two++) {
        snprintf(plan, sizeof plan, EVEN("500", "50", "%s", "%s"), two ? TWO : "", read);
        struct sn_sim_outcome outcome = run(plan, "kv-hot=2,kv-cold=90,kv-write=10");
        double most = number_behind("\"total\":{", "\"max\":");
        assert_int_equal(outcome.completed, 500);
        if (two ? most < 89 || most > 93 : most > 5) fail_msg("with %d places the slowest took %.0f ms", 1 + two, most);
        assert_true(number_behind("\"total\":{", "\"p99\":") <= 5);
    }
}

/* A write is seen at its own place at once, and by others when theirs is a minute old. */
static void other_places_see_a_write_later(void **state) {
    (void)state;
    static const char both[] =
        "{\"operations\":[{\"operation\":\"read\",\"weight\":200,\"steps\":[{\"kv\":\"get\",\"key\":\"${run}_x\","
        "\"expect\":{\"bytes\":5}}]},{\"operation\":\"write\",\"weight\":1,\"steps\":[{\"kv\":\"put\",\"key\":\"${run}_x\","
        "\"value\":\"1234567\"}]}]," PREPARED "}";
    uint64_t completed[2];
    char plan[1200];
    for (int two = 0; two < 2; two++) {
        snprintf(plan, sizeof plan, EVEN("500", "50", "%s", "%s"), two ? TWO : "", both);
        completed[two] = run(plan, "default").completed;
    }
    /* Everybody who reads after the first write fails; with two places only those at its own do. */
    assert_in_range(completed[0], 1, 450);
    assert_in_range(completed[1], completed[0] + (500 - completed[0]) / 3, 499);
}

/* What a call takes is what its model says: of one that has the same time for each, to the clock's step. */
static void each_call_has_its_own_time(void **state) {
    (void)state;
    static const struct {
        const char *step, *models;
        double low, high;
    } rows[] = {
        {"{\"kv\":\"get\",\"key\":\"nobody\"}", "kv-cold=30", 29, 32},
        {"{\"kv\":\"delete\",\"key\":\"nobody\"}", "kv-write=40", 39, 42},
        {"{\"r2\":\"get\",\"key\":\"nobody\"}", "r2-read=50", 49, 52},
        {"{\"r2\":\"delete\",\"key\":\"nobody\"}", "r2-write=60", 59, 62},
        {"{\"http\":\"GET\",\"url\":\"https://example.com/\"}", "http=70", 69, 72},
        {"{\"service\":\"GET\",\"path\":\"/\"}", "service=80", 79, 82},
        {OBJECT("one"), "do-way=90,do=0.01", 89, 92},
        {POINT, "d1-way=100,d1-point=0.01", 99, 102},
        /* a log-normal's mean lies above its median: exp(σ²/2) of it, with σ of ln 4 over 2.326 */
        {"{\"r2\":\"get\",\"key\":\"nobody\"}", "r2-read=50:200", 57, 63},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char plan[1200];
        snprintf(plan, sizeof plan, EVEN("2000", "100", "", "{\"operations\":[" OPERATION("o", "%s") "]}"),
                 rows[i].step);
        run(plan, rows[i].models);
        double mean = number_behind("\"total\":{", "\"mean\":");
        if (mean < rows[i].low || mean > rows[i].high) fail_msg("%s takes %f ms", rows[i].step, mean);
    }
}

static void the_same_world_does_the_same(void **state) {
    (void)state;
    static char first[sizeof report];
    static const char plan[] =
        "{\"preset\":\"ramp\",\"targetOperations\":3000,\"durationSeconds\":30,\"concurrency\":50,\"workload\":\"grove\"}";
    run(plan, "default");
    memcpy(first, report, sizeof first);
    run(plan, "default");
    assert_string_equal(first, report);
}

/* Whatever else goes wrong in it. */
static void worlds_of_models_keep_all_promises(void **state) {
    (void)state;
    for (uint64_t seed = first_seed(); seed < end_seed(6); seed++) {
        struct sn_sim_options options = world("default");
        options.seed = seed;
        options.faults = sn_faults_of_seed(seed);
        struct sn_sim_outcome outcome =
            simulate(read_plan("tests/sim/plans/four-shards.json"), &options, report, sizeof report);
        assert_true(outcome.ended);
    }
}

static void models_are_read_or_the_word_is_named(void **state) {
    (void)state;
    static const struct {
        const char *text, *bad;
    } rows[] = {
        {"default", NULL},
        {"d1-point=0.4,kv-hot=2:9", NULL},
        {"kv-hot=2", NULL},
        {"", ""},
        {"d1", "d1"},
        {"d1-point", "d1-point"},
        {"x=1", "x=1"},
        {"default,y=1", "y=1"},
        {"do=", "do="},
        {"do=0", "do=0"},
        {"do=-1", "do=-1"},
        {"do=60001", "do=60001"},
        {"do=1:2", "do=1:2"},
        {"http=9:8", "http=9:8"},
        {"http=9:", "http=9:"},
        {"do=1x", "do=1x"},
        {"http=1:2:3", "http=1:2:3"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_models read;
        const char *bad = NULL;
        size_t bad_len = 0;
        bool good = sn_models_parse(rows[i].text, &read, &bad, &bad_len);
        if (good != (rows[i].bad == NULL)) fail_msg("\"%s\"", rows[i].text);
        if (!good) assert_true(bad_len == strlen(rows[i].bad) && memcmp(bad, rows[i].bad, bad_len) == 0);
    }
    struct sn_models read, usual = sn_models_default();
    const char *bad;
    size_t bad_len;
    assert_true(sn_models_parse("d1-point=0.4,kv-hot=2:9,http=7", &read, &bad, &bad_len));
    assert_true(read.of[SN_MODEL_D1_POINT].ms == 0.4 && read.of[SN_MODEL_KV_HOT].p99_ms == 9);
    assert_true(read.of[SN_MODEL_HTTP].p99_ms == 7 && read.of[SN_MODEL_D1_WRITE].ms == usual.of[SN_MODEL_D1_WRITE].ms);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_database_serves_one_statement_after_the_other),
        cmocka_unit_test(an_object_is_one_server_and_two_are_two),
        cmocka_unit_test(a_queue_that_is_long_refuses),
        cmocka_unit_test(a_key_takes_one_write_a_second),
        cmocka_unit_test(a_place_keeps_what_it_has_read_for_a_minute),
        cmocka_unit_test(other_places_see_a_write_later),
        cmocka_unit_test(each_call_has_its_own_time),
        cmocka_unit_test(the_same_world_does_the_same),
        cmocka_unit_test(worlds_of_models_keep_all_promises),
        cmocka_unit_test(models_are_read_or_the_word_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
