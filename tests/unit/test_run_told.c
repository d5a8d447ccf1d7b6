#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/run/run_machine.h"
#include "sentinel/base/random.h"

/* What a viewer has of a run's history when it follows the rule of docs/api.md, however often it leaves and comes back,
 * whatever changes meanwhile, and though the run's object dies. */

#define LEN(array) (sizeof(array) / sizeof *(array))

static struct run_told told;

static void tell(uint32_t touched, uint32_t end) {
    run_now_told(&told, run_untold(&told, touched, end));
}

static void expect_seconds(struct sn_report_seconds seconds, uint32_t from, uint32_t to) {
    assert_int_equal(seconds.from, from);
    assert_int_equal(seconds.to, to);
}

static void a_message_has_what_is_new_or_changed(void **state) {
    (void)state;
    static const struct {
        uint32_t next, touched, end, from, to;
    } rows[] = {
        {0, 0, 0, 0, 0},      {0, 0, 3, 0, 3},    {3, 0, 5, 3, 5},
        {5, 0, 5, 5, 5},      {5, 6, 6, 5, 6}, /* second 5 is new anyway */
        {20, 20, 21, 16, 21},                  /* 19 is in a point that begins at 16, when eight seconds are one */
        {20, 17, 20, 16, 20}, {20, 1, 22, 0, 22}, {20, 0, 18, 20, 20}, /* a silent shard takes back nothing */
    };
    for (size_t i = 0; i < LEN(rows); i++) {
        memset(&told, 0, sizeof told);
        told.next = rows[i].next;
        expect_seconds(run_untold(&told, rows[i].touched, rows[i].end), rows[i].from, rows[i].to);
    }
}

static void who_comes_back_is_told_from_the_first_change_on(void **state) {
    (void)state;
    memset(&told, 0, sizeof told);
    for (uint32_t end = 1; end <= 30; end++) tell(0, end);
    expect_seconds(run_missed(&told, 0), 0, 30);
    expect_seconds(run_missed(&told, 29), 29, 30);
    expect_seconds(run_missed(&told, 30), 30, 30);
    expect_seconds(run_missed(&told, 31), 0, 30); /* it was told more than there is */
    expect_seconds(run_missed(&told, UINT32_MAX), 0, 30);
    tell(12 + 1, 31); /* while it stood at 30 */
    tell(0, 32);
    expect_seconds(run_missed(&told, 30), 8, 32); /* it may have gone before that was told */
    expect_seconds(run_missed(&told, 25), 8, 32);
    expect_seconds(run_missed(&told, 3), 3, 32);
    expect_seconds(run_missed(&told, 31), 31, 32); /* this one heard it */
    memset(&told, 0, sizeof told);
    told.again = true;
    expect_seconds(run_missed(&told, 7), 0, 0); /* nothing is told yet, and what it knows is not ours */
    tell(0, 32);
    for (uint32_t since = 0; since < 40; since++) expect_seconds(run_missed(&told, since), 0, 32);
}

/* --- A run and its viewers at random ------------------------------------------------------------------------- */

enum { SECONDS = 200, DELTAS = 600, VIEWERS = 8, LATE_S = 30 };

static struct {
    struct sn_rng rng;
    uint64_t series[SECONDS]; /* what has been counted in each second: the sum of its deltas */
    uint32_t touched, end;
    struct {
        uint32_t second, due;
        bool taken;
    } deltas[DELTAS];
    struct {
        uint64_t points[SECONDS];
        uint32_t next;
        bool here;
    } viewers[VIEWERS];
} world;

/* Forgets what it has from the first of these seconds on, and adds them. */
static void hear(uint32_t viewer, struct sn_report_seconds seconds) {
    uint64_t *points = world.viewers[viewer].points;
    assert_true(seconds.from <= world.viewers[viewer].next); /* else some are missing */
    memset(points + seconds.from, 0, (SECONDS - seconds.from) * sizeof *points);
    memcpy(points + seconds.from, world.series + seconds.from, (seconds.to - seconds.from) * sizeof *points);
    world.viewers[viewer].next = seconds.to;
}

/* A delta of a second that is over comes up to half a minute late; every one counts something else. */
static void take_deltas(uint32_t now_s) {
    for (uint32_t i = 0; i < DELTAS; i++) {
        uint32_t second = world.deltas[i].second;
        if (world.deltas[i].taken || world.deltas[i].due > now_s) continue;
        world.deltas[i].taken = true;
        world.series[second] += UINT64_C(1) << 32 | i;
        if (world.touched == 0 || second + 1 < world.touched) world.touched = second + 1;
    }
}

/* What was taken last is not on disk; the shards send it again, in another order. */
static void die(uint32_t now_s) {
    memset(world.series, 0, sizeof world.series);
    for (uint32_t i = 0; i < DELTAS; i++) {
        if (!world.deltas[i].taken) continue;
        world.deltas[i].taken = world.deltas[i].due + 3 < now_s || sn_rng_below(&world.rng, 2) == 0;
        if (world.deltas[i].taken)
            world.series[world.deltas[i].second] += UINT64_C(1) << 32 | i;
        else
            world.deltas[i].due = now_s + sn_rng_below(&world.rng, 12);
    }
    memset(&told, 0, sizeof told);
    told.again = true;
    world.touched = 0;
    world.end = now_s > 4 ? now_s - sn_rng_below(&world.rng, 4) : 0;
}

static void come_and_go(uint32_t viewer) {
    if (sn_rng_below(&world.rng, 4) != 0) return;
    world.viewers[viewer].here = !world.viewers[viewer].here;
    if (world.viewers[viewer].here) hear(viewer, run_missed(&told, world.viewers[viewer].next));
}

static void publish(void) {
    struct sn_report_seconds seconds = run_untold(&told, world.touched, world.end);
    for (uint32_t v = 0; v < VIEWERS; v++) {
        if (!world.viewers[v].here) continue;
        hear(v, seconds);
        assert_memory_equal(world.viewers[v].points, world.series, world.viewers[v].next * sizeof *world.series);
    }
    run_now_told(&told, seconds);
    world.touched = 0;
}

static void walk(uint64_t seed, bool deaths) {
    memset(&world, 0, sizeof world);
    memset(&told, 0, sizeof told);
    world.rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
    for (uint32_t i = 0; i < DELTAS; i++) {
        world.deltas[i].second = sn_rng_below(&world.rng, SECONDS);
        world.deltas[i].due = world.deltas[i].second + 1;
        if (sn_rng_below(&world.rng, 5) == 0) world.deltas[i].due += sn_rng_below(&world.rng, LATE_S);
    }
    for (uint32_t now_s = 1; now_s < SECONDS + LATE_S; now_s++) {
        uint32_t known = now_s < SECONDS ? now_s : SECONDS;
        take_deltas(now_s);
        if (sn_rng_below(&world.rng, 3) != 0 && world.end < known) world.end = known;
        if (deaths && sn_rng_below(&world.rng, 40) == 0) die(known);
        for (uint32_t v = 0; v < VIEWERS; v++) come_and_go(v);
        publish();
    }
}

static void viewers_miss_nothing_and_have_nothing_twice(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) walk(seed, false);
    for (uint64_t seed = 1; seed <= 200; seed++) walk(seed, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_message_has_what_is_new_or_changed),
        cmocka_unit_test(who_comes_back_is_told_from_the_first_change_on),
        cmocka_unit_test(viewers_miss_nothing_and_have_nothing_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
