/* How often the busiest key is written: by what varies in its template. */
#include "workload_help.h"

#include "sentinel/load/key_rate.h"
#include "sentinel/report/plan.h"

#define W(key) WITH("", key, "")
#define W_SOMETIMES(key, chance) WITH("{\"kv\":\"get\",\"key\":\"a\"},", key, ",\"probability\":" chance)
#define W_CAPTURING(key) WITH("{\"kv\":\"get\",\"key\":\"a\",\"capture\":{\"id\":{\"text\":true}}},", key, "")
#define WITH(before, key, more)                                                                                                       \
    "{\"systems\":{\"a\":1},\"keys\":{\"even\":{\"count\":50,\"distribution\":\"uniform\"},"                                          \
    "\"pop\":{\"count\":3,\"distribution\":\"zipfian:1\"},\"many\":{\"count\":1000000,\"distribution\":\"zipfian:2\"},"               \
    "\"turns\":{\"count\":10,\"distribution\":\"sequential\"},"                                                                       \
    "\"hot\":{\"count\":100,\"distribution\":\"hotset:0.2:0.8\"},\"late\":{\"count\":20,\"distribution\":\"latest:1\"}},"             \
    "\"feeds\":{\"f\":{\"csv\":\"a,b\\n1,x\\n2,x\\n3,x\\n1,y\\n\"},\"s\":{\"pick\":\"sequence\",\"csv\":\"a,b\\n1,x\\n2,x\\n3,y\\n4," \
    "y\\n\"}},"                                                                                                                       \
    "\"operations\":[{\"operation\":\"x\",\"system\":\"a\",\"steps\":[" before "{\"kv\":\"put\",\"key\":\"" key                       \
    "\",\"value\":\"v\"" more "}]}]}"

static const struct {
    const char *json;
    double per_s; /* of 600 calls a second */
} rows[] = {
    {W("one"), 600},
    {W("${run}_${tenant}"), 600}, /* the same in the whole run */
    {W("${k%100}"), 6},
    {W("${k%100}/${k%100}"), 6}, /* the same part says the same */
    {W("${k%100}/${number(1,3)}"), 2},
    {W("${k}"), 0},
    {W("${time}"), 0},
    {W_CAPTURING("${captured.id}_${k%10}"), 0}, /* nobody knows before the answers come: it is no reason to warn */
    {W("${hex(1)}"), 37.5},
    {W("${key(even)}"), 12},
    {W("${key(pop)}"), 600 * 6 / 11.0},            /* 1 of 1 + 1/2 + 1/3 */
    {W("${key(many)}"), 600 / 1.6449330668487266}, /* π²/6 less the tail from a million on */
    {W("${key(hot)}"), 24},                        /* 80 % on 20 keys */
    {W("${key(late)}"), 30},                       /* the newest moves on */
    {W_SOMETIMES("one", "0.25"), 150},
    {W_SOMETIMES("${k%100}", "0.5"), 3},
    {W("${number(1,3)}/${number(1,3)#2}"), 600 / 9.0}, /* another draw */
    {W("${k%4}/${k%6}"), 50},                          /* the same again after twelve */
    {W("${k%10}/${key(turns)}"), 60},
    {W("${choice('a','b','c')}"), 200},
    {W("${choice('a':3,'b','a':2)}"), 500},            /* 5 of 6 say a */
    {W("${choice('a','b')}/${choice('a','b')}"), 300}, /* the same words, the same draw */
    {W("${choice('a','b')}/${choice('a','b')#2}"), 150},
    {W("${choice('a','b')}/${k%3}"), 100},
    {W("${feed.f.a}"), 300}, /* 1 is in two of four rows */
    {W("${feed.f.b}"), 450},
    {W("${feed.f.a}/${feed.f.b}"), 150}, /* of one row, and each row is another key */
    {W("${feed.s.a}"), 150},
    {W("${feed.s.b}"), 300},
    {W("${feed.s.a}/${k%2}"), 150}, /* both come round with k */
    {W("${text(10)}"), 0},          /* k chooses */
    {W("key-${text(10)}"), 600},    /* what else is in it chooses, which is always the same */
    {W("${k%10}${text(10)}"), 60},
};

static void the_busiest_key_is_found(void **state) {
    (void)state;
    for (size_t i = 0; i < LEN(rows); i++) {
        if (compile(rows[i].json, NULL, 0) != SN_OK) fail_msg("%s at %s", error.code, error.path);
        const struct sn_step *last = &workload.steps[workload.steps_len - 1];
        double per_s = sn_step_key_rate(&workload, last, 600), off = per_s - rows[i].per_s;
        if (off > 0.001 || off < -0.001) fail_msg("row %zu: %f instead of %f", i, per_s, rows[i].per_s);
        assert_true(sn_step_writes_key(last));
    }
}

/* What a plan of this rate is told. */
static size_t warnings_at(double per_s, struct sn_report_warning *warnings) {
    static struct sn_profile profile;
    sn_profile_begin(&profile);
    assert_int_equal(sn_profile_add(&profile, 10 * SN_SECOND_US, per_s, per_s), SN_OK);
    assert_int_equal(sn_profile_finish(&profile, (uint64_t)(10 * per_s)), SN_OK);
    struct sn_report_plan plan = {.profile = &profile, .workload = &workload};
    return sn_report_warnings(&plan, warnings);
}

static void a_plan_is_warned_above_one_write_a_second(void **state) {
    (void)state;
    struct sn_report_warning warnings[SN_WARNINGS_MAX];
    assert_int_equal(compile(W("${k%100}"), NULL, 0), SN_OK);
    assert_int_equal(warnings_at(100, warnings), 0);
    assert_int_equal(warnings_at(110, warnings), 1);
    assert_ptr_equal(warnings[0].kind, &workload.kinds[0]);
    assert_int_equal(warnings[0].step, 0);
    assert_true(warnings[0].per_s > 1.099 && warnings[0].per_s < 1.101);
    assert_int_equal(compile("{\"systems\":{\"a\":1},\"operations\":[{\"operation\":\"x\",\"system\":\"a\",\"steps\":["
                             "{\"kv\":\"get\",\"key\":\"a\"},{\"r2\":\"head\",\"key\":\"a\"}]}]}",
                             NULL, 0),
                     SN_OK);
    assert_int_equal(warnings_at(1000, warnings), 0); /* whoever only reads may */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_busiest_key_is_found),
        cmocka_unit_test(a_plan_is_warned_above_one_write_a_second),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
