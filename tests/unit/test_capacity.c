/* Systems whose limit is known, because they are simulated here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/random.h"
#include "sentinel/base/real.h"
#include "sentinel/measure/capacity.h"

#define TIMES_MAX 200000u

/* A load, and what it is put on: one server with a queue behind a network. */
struct world {
    double from_per_s, to_per_s; /* a ramp over `up_s`, then `hold_s` at its end, then `down_s` at its beginning */
    double up_s, hold_s, down_s, window_s;
    bool random;                         /* Poisson arrivals instead of even ones */
    double network_ms, serve_ms, sql_ms; /* sql grows with the queue where `sql_grows` */
    bool sql_grows;
    double refuse_above_s; /* a queue that is longer is refused at once; 0: never */
    double slots_per_s;    /* Sentinel's own slots carry no more: waiting for one is no part of a call; 0: they do */
    double stall_at_s, stall_s; /* nothing is served for a while */
    double think_s;             /* after its call an operation does nothing for so long; no part of its response */
};

struct measured {
    struct sn_level_cell cells[SN_LEVELS_MAX];
    struct sn_capacity_level levels[SN_LEVELS_MAX];
    uint32_t len;
    struct sn_capacity capacity;
};

static double rate_at(const struct world *world, double s) {
    if (s < world->up_s) return world->from_per_s + (world->to_per_s - world->from_per_s) * s / world->up_s;
    return s < world->up_s + world->hold_s ? world->to_per_s : world->from_per_s;
}

struct sums {
    double response_us[TIMES_MAX / 16], service_us, sql_us;
    uint32_t len, asked, failed;
};

static struct sums sums[SN_LEVELS_MAX];

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

static void note(const struct world *world, uint32_t windows, double end_s, double response_s, double service_s,
                 double sql_s, bool failed) {
    uint32_t window = (uint32_t)(end_s / world->window_s);
    if (window >= windows) return;
    struct sums *sum = &sums[window];
    sum->response_us[sum->len++] = response_s * 1e6;
    sum->service_us += service_s * 1e6;
    sum->sql_us += sql_s * 1e6;
    sum->failed += failed;
}

static void serve(const struct world *world, uint32_t windows, uint64_t seed) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
    double free_s = 0, slot_s = 0, length_s = world->up_s + world->hold_s + world->down_s, due_s = 0, left = 0;
    memset(sums, 0, sizeof sums);
    for (;;) {
        left += world->random ? -sn_ln(1 - sn_rng_unit(&rng)) : 1;
        for (; left > 0 && due_s < length_s; due_s += 0.0001) left -= rate_at(world, due_s) * 0.0001;
        if (due_s >= length_s) return;
        sums[(uint32_t)(due_s / world->window_s)].asked++;
        double send_s = due_s > slot_s ? due_s : slot_s;
        if (world->slots_per_s > 0) slot_s = send_s + 1 / world->slots_per_s;
        double network_s = world->network_ms / 1e3, serve_s = world->serve_ms / 1e3;
        if (world->refuse_above_s > 0 && free_s - send_s > world->refuse_above_s) {
            note(world, windows, send_s + network_s, send_s + network_s - due_s, network_s, 0, true);
            continue;
        }
        double begin_s = free_s > send_s ? free_s : send_s;
        bool stalls = begin_s > world->stall_at_s && begin_s < world->stall_at_s + world->stall_s;
        if (stalls) begin_s = world->stall_at_s + world->stall_s;
        free_s = begin_s + serve_s;
        double end_s = free_s + network_s, sql_s = world->sql_grows ? free_s - send_s : world->sql_ms / 1e3;
        note(world, windows, end_s + world->think_s, end_s - due_s, end_s - send_s, sql_s, false);
    }
}

static struct sn_level_cell cell_of(struct sums *sum, bool throttles) {
    struct sn_level_cell cell = {.counted = sum->len, .ended = sum->len, .failed = sum->failed};
    if (sum->len == 0) return cell;
    qsort(sum->response_us, sum->len, sizeof sum->response_us[0], by_size);
    cell.p95_us = (uint32_t)sum->response_us[(sum->len * 95 + 99) / 100 - 1];
    cell.service_us = (uint32_t)(sum->service_us / sum->len);
    cell.sql_us = (uint32_t)(sum->sql_us / sum->len);
    cell.throttled = throttles ? sum->failed : 0;
    return cell;
}

static void put_level(struct measured *m, uint32_t i, double window_s, double asked, double ended) {
    m->levels[i] = (struct sn_capacity_level){
        .from_s = i * window_s,
        .seconds = window_s,
        .asked = asked,
        .ended = ended,
        .completed = ended - m->cells[i].failed,
        .cell = &m->cells[i],
    };
}

static const struct sn_capacity *judge(const struct world *world, uint64_t seed, struct measured *m) {
    m->len = (uint32_t)((world->up_s + world->hold_s + world->down_s) / world->window_s);
    serve(world, m->len, seed);
    for (uint32_t i = 0; i < m->len; i++) {
        m->cells[i] = cell_of(&sums[i], true);
        put_level(m, i, world->window_s, sums[i].asked, sums[i].len);
    }
    sn_capacity_judge(m->levels, m->len, &m->capacity);
    return &m->capacity;
}

static void between(double value, double low, double high) {
    if (!(value >= low && value <= high)) fail_msg("%f lies outside of %f to %f", value, low, high);
}

/* 800 a second are what a server carries that takes 1.25 ms for each. */
static const struct world server = {
    .from_per_s = 50, .to_per_s = 1000, .up_s = 60, .window_s = 1, .network_ms = 4, .serve_ms = 1.25, .sql_ms = 0.3};

/* --- What is found ---------------------------------------------------------------------------------------------- */

static struct measured m;

/* Operations that think are under way for long, and in a rise ends lag behind by that alone. */
static void thinking_is_no_lag(void **state) {
    (void)state;
    struct world world = server;
    world.from_per_s = 1;
    world.to_per_s = 400;
    world.up_s = 120;
    world.window_s = 2;
    world.think_s = 3;
    const struct sn_capacity *found = judge(&world, 1, &m);
    assert_int_equal(found->outcome, SN_CAPACITY_ABOVE);
    world.serve_ms = 4;
    for (int i = 0; i < 2; i++) {
        world.random = i > 0;
        found = judge(&world, 1, &m);
        assert_int_equal(found->outcome, SN_CAPACITY_FOUND);
        assert_int_equal(found->symptom, SN_SYMPTOM_QUEUEING);
        between(found->from_per_s, 150, 270);
        between(found->carried_per_s, 240, 255);
    }
}

static void a_queue_is_found(void **state) {
    (void)state;
    const struct sn_capacity *found = judge(&server, 1, &m);
    assert_int_equal(found->outcome, SN_CAPACITY_FOUND);
    assert_int_equal(found->sign, SN_CAPACITY_SIGN_RESPONSE);
    assert_int_equal(found->symptom, SN_SYMPTOM_QUEUEING);
    between(found->carried_per_s, 796, 804);
    between(found->from_per_s, 795, 830);
    between(found->well_per_s, 760, found->from_per_s);
    between(found->from_per_s - found->well_per_s, 1, 20);
    between(sn_capacity_per_s(found), 796, 804);
    assert_false(found->recovery.asked);
    between(found->quiet.p95_us, 5000, 5500);
    assert_true(found->beyond.p95_us > 10 * found->quiet.p95_us);
}

/* Random arrivals queue long before the server is busy all the time: answers slow down earlier, what it carries is the same. */
static void a_queue_of_random_arrivals_is_found(void **state) {
    (void)state;
    struct world world = server;
    world.random = true;
    for (uint64_t seed = 0; seed < 20; seed++) {
        const struct sn_capacity *found = judge(&world, seed, &m);
        assert_int_equal(found->outcome, SN_CAPACITY_FOUND);
        assert_int_equal(found->symptom, SN_SYMPTOM_QUEUEING);
        between(found->carried_per_s, 780, 816);
        between(found->from_per_s, 560, 840);
    }
}

static void slow_statements_are_told_from_a_queue(void **state) {
    (void)state;
    struct world world = server;
    world.sql_grows = true;
    assert_int_equal(judge(&world, 1, &m)->symptom, SN_SYMPTOM_STATEMENTS);
    world = server;
    world.sql_ms = 0; /* nothing like a database */
    assert_int_equal(judge(&world, 1, &m)->symptom, SN_SYMPTOM_SLOWER);
    between(m.capacity.carried_per_s, 796, 804);
}

static void refusals_are_throttling(void **state) {
    (void)state;
    struct world world = server;
    world.refuse_above_s = 0.002;
    const struct sn_capacity *found = judge(&world, 1, &m);
    assert_int_equal(found->outcome, SN_CAPACITY_FOUND);
    assert_int_equal(found->symptom, SN_SYMPTOM_THROTTLING);
    assert_int_equal(found->sign, SN_CAPACITY_SIGN_FAILURES);
    between(found->carried_per_s, 780, 805);
    between(found->from_per_s, 800, 840);
    assert_true(found->beyond.throttled_share > 0.05);
    for (uint32_t i = 0; i < m.len; i++) m.cells[i].throttled = 0;
    sn_capacity_judge(m.levels, m.len, &m.capacity);
    assert_int_equal(m.capacity.symptom, SN_SYMPTOM_ERRORS);
}

/* The target answers as quickly as ever; operations wait for a slot of ours. */
static void too_few_slots_are_not_the_target(void **state) {
    (void)state;
    struct world world = server;
    world.slots_per_s = 400;
    const struct sn_capacity *found = judge(&world, 1, &m);
    assert_int_equal(found->outcome, SN_CAPACITY_FOUND);
    assert_int_equal(found->symptom, SN_SYMPTOM_SLOTS);
    between(found->carried_per_s, 396, 404);
}

/* Of one kind nobody knows how many of it came due; its response times tell. */
static void a_kind_is_judged_without_throughput(void **state) {
    (void)state;
    judge(&server, 1, &m);
    for (uint32_t i = 0; i < m.len; i++) m.levels[i].ended = m.levels[i].completed = -1;
    sn_capacity_judge(m.levels, m.len, &m.capacity);
    assert_int_equal(m.capacity.outcome, SN_CAPACITY_FOUND);
    between(m.capacity.from_per_s, 795, 830);
    between(sn_capacity_per_s(&m.capacity), 795, 830);
    assert_true(m.capacity.carried_per_s <= 0);
}

/* Without a quiet time there is no level to leave; that throughput does not follow is seen all the same. */
static void a_load_that_is_too_much_from_the_start_is_found(void **state) {
    (void)state;
    struct world world = server;
    world.from_per_s = world.to_per_s = 900;
    const struct sn_capacity *found = judge(&world, 1, &m);
    assert_int_equal(found->outcome, SN_CAPACITY_FOUND);
    assert_int_equal(found->sign, SN_CAPACITY_SIGN_THROUGHPUT);
    assert_int_equal(found->symptom, SN_SYMPTOM_NONE);
    assert_true(found->limit_us <= 0 && found->well_per_s <= 0);
    between(found->carried_per_s, 796, 804);
}

/* What overload makes slower carries less the more is asked; what counts is what it carried before. */
static void a_collapse_has_carried_more_before(void **state) {
    (void)state;
    memset(&m, 0, sizeof m);
    for (uint32_t i = 0; i < 40; i++) {
        double asked = 20 * (i + 1.0),
               ended = asked <= 500 ? asked : 1000 - asked; /* 500 at most, then less and less */
        m.cells[i] = (struct sn_level_cell){.counted = 100, .p95_us = 5000, .ended = 100, .service_us = 3000};
        put_level(&m, i, 1, asked, ended);
    }
    sn_capacity_judge(m.levels, 40, &m.capacity);
    assert_int_equal(m.capacity.outcome, SN_CAPACITY_FOUND);
    between(m.capacity.carried_per_s, 500, 500);
    between(m.capacity.behind_per_s, 520, 540);
}

/* --- Recovery --------------------------------------------------------------------------------------------------- */

static void recovery_is_when_the_queue_is_empty(void **state) {
    (void)state;
    struct world spike = server;
    spike.from_per_s = 100;
    spike.up_s = 20;
    spike.hold_s = 10;
    spike.down_s = 30;
    const struct sn_capacity *found = judge(&spike, 1, &m);
    assert_int_equal(found->outcome, SN_CAPACITY_FOUND);
    assert_true(found->recovery.asked && found->recovery.recovered);
    /* What comes above 800 a second, in the ramp's last 4.4 s and in the hold, is worked off with the 700 that are free then. */
    double behind = (1000 - 800) * (20 - 20 * 700.0 / 900) / 2 + 10 * 200, empty_s = behind / (800 - 100);
    between(found->recovery.within_s, empty_s, empty_s + 2);
    between(found->recovery.watched_s, 30, 30);
}

static void what_does_not_recover_is_said_so(void **state) {
    (void)state;
    struct world world = server;
    world.from_per_s = 700;
    world.to_per_s = 1200;
    world.up_s = 30;
    world.hold_s = 20;
    world.down_s = 10; /* thousands are waiting, and only a hundred a second are worked off */
    const struct sn_capacity *found = judge(&world, 1, &m);
    assert_int_equal(found->outcome, SN_CAPACITY_FOUND);
    assert_true(found->recovery.asked);
    assert_false(found->recovery.recovered);
    between(found->carried_per_s, 796, 804);
}

/* --- What is not found ------------------------------------------------------------------------------------------ */

static void what_carries_the_load_has_its_limit_above(void **state) {
    (void)state;
    struct world world = server;
    world.to_per_s = 700;
    assert_int_equal(judge(&world, 1, &m)->outcome, SN_CAPACITY_ABOVE);
    between(m.capacity.highest_per_s, 690, 700);
    world.random = true;
    world.to_per_s = 400;
    for (uint64_t seed = 0; seed < 20; seed++) assert_int_equal(judge(&world, seed, &m)->outcome, SN_CAPACITY_ABOVE);
}

static void a_stall_is_no_limit(void **state) {
    (void)state;
    struct world world = server;
    world.to_per_s = 400;
    world.stall_at_s = 30;
    world.stall_s = 2;
    assert_int_equal(judge(&world, 1, &m)->outcome, SN_CAPACITY_ABOVE);
}

/* Response times as real ones are: log-normal, and those of neighbouring seconds alike. */
static void noise(struct measured *into, uint64_t seed, bool ramp, uint32_t len, double per_level) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
    double drift = 0, p95s[2000];
    memset(into, 0, sizeof *into);
    for (uint32_t i = 0; i < len; i++) {
        double asked = ramp ? per_level * (i + 1.0) / len : per_level;
        uint32_t count = (uint32_t)asked;
        double draws = 0;
        for (int d = 0; d < 12; d++) draws += sn_rng_unit(&rng);
        drift = 0.8 * drift + 0.1 * (draws - 6);
        for (uint32_t n = 0; n < count; n++) {
            double normal = -6;
            for (int d = 0; d < 12; d++) normal += sn_rng_unit(&rng);
            p95s[n] = 20000 * sn_exp(drift + 0.6 * normal);
        }
        qsort(p95s, count, sizeof p95s[0], by_size);
        uint32_t p95 = count > 0 ? (uint32_t)p95s[(count * 95 + 99) / 100 - 1] : 0;
        into->cells[i] = (struct sn_level_cell){.counted = count, .p95_us = p95, .ended = count, .service_us = 20000};
        into->cells[i].failed = sn_rng_below(&rng, 100) < 30;
        put_level(into, i, 1, asked, count);
    }
    into->len = len;
    sn_capacity_judge(into->levels, len, &into->capacity);
}

static void noise_alone_finds_nothing(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        noise(&m, seed, true, 60, 400);
        if (m.capacity.outcome == SN_CAPACITY_FOUND) fail_msg("seed %u, a ramp", (unsigned)seed);
        noise(&m, seed, false, 60, 100);
        if (m.capacity.outcome == SN_CAPACITY_FOUND) fail_msg("seed %u, a steady load", (unsigned)seed);
        noise(&m, seed, true, 10, 60);
        if (m.capacity.outcome == SN_CAPACITY_FOUND) fail_msg("seed %u, few", (unsigned)seed);
    }
}

static void too_little_is_unknown(void **state) {
    (void)state;
    noise(&m, 1, true, 5, 400);
    assert_int_equal(m.capacity.outcome, SN_CAPACITY_UNKNOWN);
    noise(&m, 1, true, 60, 19); /* seconds with fewer than twenty operations say nothing */
    assert_int_equal(m.capacity.outcome, SN_CAPACITY_UNKNOWN);
    sn_capacity_judge(NULL, 0, &m.capacity);
    assert_int_equal(m.capacity.outcome, SN_CAPACITY_UNKNOWN);
    /* Two seconds of a peak that was too much are too few to say that it was, or that it was not. */
    struct world world = server;
    world.up_s = 0;
    world.down_s = 0;
    world.from_per_s = 100;
    judge(&world, 1, &m);
    assert_int_equal(m.capacity.outcome, SN_CAPACITY_UNKNOWN);
    noise(&m, 1, true, 10, 400);
    for (uint32_t i = 8; i < 10; i++) m.cells[i].p95_us = 3000000;
    sn_capacity_judge(m.levels, m.len, &m.capacity);
    assert_int_equal(m.capacity.outcome, SN_CAPACITY_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_queue_is_found),
        cmocka_unit_test(thinking_is_no_lag),
        cmocka_unit_test(a_queue_of_random_arrivals_is_found),
        cmocka_unit_test(slow_statements_are_told_from_a_queue),
        cmocka_unit_test(refusals_are_throttling),
        cmocka_unit_test(too_few_slots_are_not_the_target),
        cmocka_unit_test(a_kind_is_judged_without_throughput),
        cmocka_unit_test(a_load_that_is_too_much_from_the_start_is_found),
        cmocka_unit_test(a_collapse_has_carried_more_before),
        cmocka_unit_test(recovery_is_when_the_queue_is_empty),
        cmocka_unit_test(what_does_not_recover_is_said_so),
        cmocka_unit_test(what_carries_the_load_has_its_limit_above),
        cmocka_unit_test(a_stall_is_no_limit),
        cmocka_unit_test(noise_alone_finds_nothing),
        cmocka_unit_test(too_little_is_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
