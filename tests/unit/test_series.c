#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/base/random.h"
#include "sentinel/measure/series.h"

#define SECONDS 40
#define KINDS 3

static struct sn_series *make(uint32_t seconds, uint32_t slots) {
    struct sn_series *series = malloc(sn_series_size(seconds, slots)); /* to the byte, for the sanitizer */
    sn_series_init(series, seconds, slots);
    return series;
}

/* The same as plain as can be. */
struct model {
    struct sn_second counts[SECONDS];
    uint32_t counters[SECONDS][KINDS][SN_HIST_BUCKETS];
};
static struct model model, decoded;

static void count(struct sn_series *series, uint32_t second, uint32_t kind, uint32_t value_us, uint32_t times) {
    sn_series_count(series, second, kind, sn_hist_bucket(value_us), times);
    model.counters[second][kind][sn_hist_bucket(value_us)] += times;
}

static void fill(struct sn_series *series, uint64_t seed, uint32_t len) {
    memset(&model, 0, sizeof model);
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_VALUE, 0);
    for (uint32_t i = 0; i < len; i++) {
        uint32_t value = (uint32_t)(sn_rng_u64(&rng) >> (32 + sn_rng_below(&rng, 30)));
        count(series, sn_rng_below(&rng, SECONDS), sn_rng_below(&rng, KINDS), value, 1 + sn_rng_below(&rng, 3));
        uint32_t second = sn_rng_below(&rng, SECONDS);
        sn_series_second(series, second)->started++;
        sn_series_second(series, second)->dropped[i % SN_DROPS_LEN] += 2;
        model.counts[second].started++;
        model.counts[second].dropped[i % SN_DROPS_LEN] += 2;
    }
}

static struct sn_series_room room;

/* Of one kind, or of all (UINT32_MAX). */
static uint32_t percentile_us(const struct sn_series *series, uint32_t from, uint32_t to, uint32_t kind, double p,
                              uint64_t *found) {
    struct sn_series_times times[SN_SERIES_GROUPS];
    sn_series_kinds(series, from, to, (const double[]){50, p, 99}, &room, times);
    const struct sn_series_times *of = &times[kind == UINT32_MAX ? SN_KINDS_MAX : kind];
    *found = of->count;
    return of->us[1];
}

/* Reads a blob back as its description in series_code.c says. */
static void decode(const uint8_t *data, size_t len, uint32_t from, uint32_t to) {
    memset(&decoded, 0, sizeof decoded);
    struct sn_reader r = sn_reader(data, len);
    assert_int_equal(sn_get_u8(&r), 1);
    assert_int_equal(sn_get_varint(&r), from);
    assert_int_equal(sn_get_varint(&r), to);
    for (uint32_t second = from; second < to; second++) {
        struct sn_second *counts = &decoded.counts[second];
        counts->started = (uint32_t)sn_get_varint(&r);
        counts->completed = (uint32_t)sn_get_varint(&r);
        counts->failed = (uint32_t)sn_get_varint(&r);
        for (uint32_t i = 0; i < SN_DROPS_LEN; i++) counts->dropped[i] = (uint32_t)sn_get_varint(&r);
        uint64_t before = 0;
        for (uint64_t kind; (kind = sn_get_varint(&r)) != 0; before = kind) {
            assert_true(kind > before && kind <= KINDS);
            uint64_t next = 0;
            for (uint64_t distance; (distance = sn_get_varint(&r)) != 0; next += distance) {
                assert_true(next + distance <= SN_HIST_BUCKETS);
                decoded.counters[second][kind - 1][next + distance - 1] = (uint32_t)sn_get_varint(&r);
            }
        }
    }
    size_t body = r.pos;
    assert_int_equal(sn_get_u32(&r), sn_crc32(data, body));
    assert_false(r.bad);
    assert_int_equal(sn_reader_left(&r), 0);
}

static void counts_of_seconds_stay_in_bounds(void **state) {
    (void)state;
    struct sn_series *series = make(3, 8);
    sn_series_second(series, 0)->completed = 1;
    sn_series_second(series, 2)->completed = 2;
    assert_ptr_equal(sn_series_second(series, 3), sn_series_second(series, 2)); /* later ones count in the last */
    assert_ptr_equal(sn_series_second(series, UINT32_MAX), sn_series_second(series, 2));
    assert_int_equal(sn_series_second(series, 0)->completed, 1);
    sn_series_count(series, 99, 0, 5, 4);
    assert_int_equal(series->lost, 0);
    uint64_t found;
    assert_int_equal(percentile_us(series, 2, 3, 0, 50, &found), 5);
    assert_int_equal(found, 4);
    free(series);
}

static void blobs_hold_what_was_counted(void **state) {
    (void)state;
    static const struct {
        uint32_t from, to;
    } windows[] = {{0, SECONDS}, {0, 1}, {17, 33}, {SECONDS - 1, SECONDS}, {5, 5}};
    struct sn_series *series = make(SECONDS, 8192);
    fill(series, 1, 3000);
    assert_int_equal(series->lost, 0);
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        uint32_t from = windows[i].from, to = windows[i].to;
        static uint8_t data[65536];
        struct sn_writer w = sn_writer(data, sizeof data);
        sn_series_put(&w, series, from, to);
        assert_false(w.full);
        decode(data, w.len, from, to);
        assert_memory_equal(decoded.counts + from, model.counts + from, (to - from) * sizeof *model.counts);
        assert_memory_equal(decoded.counters + from, model.counters + from, (to - from) * sizeof *model.counters);
    }
    static uint8_t data[65536], past[65536];
    struct sn_writer w = sn_writer(data, sizeof data), beyond = sn_writer(past, sizeof past);
    sn_series_put(&w, series, 3, SECONDS);
    sn_series_put(&beyond, series, 3, UINT32_MAX); /* there are no more seconds than there are */
    assert_int_equal(w.len, beyond.len);
    assert_memory_equal(data, past, w.len);
    free(series);
}

static void blobs_do_not_depend_on_the_order(void **state) {
    (void)state;
    static uint8_t first[65536], second[65536];
    struct sn_series *up = make(SECONDS, 1024), *down = make(SECONDS, 1024);
    for (uint32_t i = 0; i < 800; i++) {
        uint32_t j = 799 - i;
        sn_series_count(up, i % SECONDS, i % KINDS, i * 4, 1 + i % 3);
        sn_series_count(down, j % SECONDS, j % KINDS, j * 4, 1 + j % 3);
    }
    struct sn_writer a = sn_writer(first, sizeof first), b = sn_writer(second, sizeof second);
    sn_series_put(&a, up, 0, SECONDS);
    sn_series_put(&b, down, 0, SECONDS);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(first, second, a.len);
    free(up);
    free(down);
}

static uint32_t expected_percentile(uint32_t from, uint32_t to, uint32_t kind, uint32_t per_mille, uint64_t *total) {
    uint64_t sums[SN_HIST_BUCKETS] = {0}, below = 0;
    *total = 0;
    for (uint32_t second = from; second < to; second++)
        for (uint32_t k = 0; k < KINDS; k++)
            for (uint32_t b = 0; b < SN_HIST_BUCKETS && (kind == UINT32_MAX || kind == k); b++) {
                sums[b] += model.counters[second][k][b];
                *total += model.counters[second][k][b];
            }
    if (*total == 0) return 0;
    uint64_t rank = (*total * per_mille + 999) / 1000;
    uint32_t bucket = 0;
    while ((below += sums[bucket]) < (rank > 0 ? rank : 1)) bucket++;
    return sn_hist_bucket_mid_us(bucket);
}

static void percentiles_are_those_of_the_window(void **state) {
    (void)state;
    static const uint32_t per_mille[] = {0, 1, 500, 900, 990, 999, 1000};
    struct sn_series *series = make(SECONDS, 4096);
    fill(series, 2, 1500);
    struct sn_rng rng = sn_rng(2, SN_PURPOSE_MODEL, 0);
    for (unsigned i = 0; i < 60; i++) {
        uint32_t from = sn_rng_below(&rng, SECONDS), to = from + sn_rng_below(&rng, SECONDS + 1 - from);
        uint32_t kind = i % 4 == 3 ? UINT32_MAX : i % 4;
        uint32_t share = per_mille[i % (sizeof per_mille / sizeof *per_mille)];
        uint64_t expected_count, found;
        uint32_t expected = expected_percentile(from, to, kind, share, &expected_count);
        assert_int_equal(percentile_us(series, from, to, kind, share / 10.0, &found), expected);
        assert_int_equal(found, expected_count);
    }
    free(series);
}

/* Points of any width: each has the percentiles of its own seconds, and the last ends where it is told to. */
static void points_have_the_percentiles_of_their_seconds(void **state) {
    (void)state;
    static const double p[SN_SERIES_PERCENTILES] = {50, 90, 99.9};
    static const uint32_t per_mille[SN_SERIES_PERCENTILES] = {500, 900, 999};
    struct sn_series *series = make(SECONDS, 4096);
    fill(series, 3, 1500);
    for (uint32_t step = 1; step <= 16; step++) {
        for (uint32_t from = 0; from < SECONDS; from += 7) {
            struct sn_series_times times[SN_SERIES_GROUPS];
            uint32_t to = from + step * SN_SERIES_GROUPS < SECONDS ? from + step * SN_SERIES_GROUPS : SECONDS - 1;
            sn_series_points(series, from, to, step, p, &room, times);
            for (uint32_t s = from, i = 0; s < to; s += step, i++) {
                for (uint32_t n = 0; n < SN_SERIES_PERCENTILES; n++) {
                    uint64_t found;
                    uint32_t end = s + step < to ? s + step : to;
                    uint32_t expected = expected_percentile(s, end, UINT32_MAX, per_mille[n], &found);
                    assert_int_equal(times[i].us[n], expected);
                    assert_int_equal(times[i].count, found);
                }
            }
        }
    }
    free(series);
}

/* The table takes up to seven eighths; what comes after is counted as lost, and nothing that is in is disturbed. */
static void a_full_table_says_what_it_lost(void **state) {
    (void)state;
    struct sn_series *series = make(SECONDS, 64);
    for (uint32_t i = 0; i < 70; i++) sn_series_count(series, i % SECONDS, 0, i * 40, 2);
    assert_int_equal(series->slots_used, 56);
    assert_int_equal(series->lost, 28);
    sn_series_count(series, 0, 0, 0, 5); /* known already: there is a place for it */
    assert_int_equal(series->lost, 28);
    uint64_t found;
    percentile_us(series, 0, SECONDS, 0, 50, &found);
    assert_int_equal(found, 56 * 2 + 5);
    sn_series_count(series, 0, 0, 0, 70000); /* more than a counter holds, and there is no other one */
    percentile_us(series, 0, SECONDS, 0, 50, &found);
    assert_int_equal(found, 55 * 2 + UINT16_MAX);
    assert_int_equal(series->lost, 28 + 70007 - UINT16_MAX);
    sn_series_count(series, 0, 0, 3, UINT32_MAX);
    sn_series_count(series, 0, 0, 3, UINT32_MAX);
    assert_int_equal(series->lost, UINT32_MAX); /* no wrapping */
    free(series);
}

/* A counter that is full is followed by another one, which stays where seconds leave the table. */
static void a_full_counter_goes_on_in_another(void **state) {
    (void)state;
    struct sn_series *series = make(SECONDS, 64);
    static uint8_t blob[1024];
    for (uint32_t i = 0; i < 20; i++) sn_series_count(series, i % 2, 0, i * 40, 1);
    sn_series_count(series, 1, 0, 500, 200000);
    sn_series_count(series, 1, 0, 500, 65535);
    assert_int_equal(series->slots_used, 20 + 5);
    sn_series_forget(series, 1);
    assert_int_equal(series->slots_used, 10 + 5);
    sn_series_count(series, 1, 0, 500, 1);
    assert_int_equal(series->slots_used, 10 + 5);
    assert_int_equal(series->lost, 0);
    uint64_t found;
    percentile_us(series, 1, 2, 0, 50, &found);
    assert_int_equal(found, 10 + 265536);
    struct sn_writer w = sn_writer(blob, sizeof blob);
    sn_series_put(&w, series, 1, 2);
    static const uint8_t varint[] = {0xc0, 0x9a, 0x10}; /* 265,536, written as one */
    bool written = false;
    for (size_t at = 0; at + sizeof varint <= w.len; at++) written |= memcmp(&blob[at], varint, sizeof varint) == 0;
    assert_true(written);
    free(series);
}

static void forgetting_makes_room_and_keeps_the_rest(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct sn_series *series = make(SECONDS, 512); /* crowded: long runs of neighbours, also around the end */
        memset(&model, 0, sizeof model);
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_VALUE, 1);
        while (series->slots_used < 440) {
            uint32_t second = sn_rng_below(&rng, SECONDS), value = sn_rng_below(&rng, 4000);
            count(series, second, sn_rng_below(&rng, KINDS), value, 1);
        }
        uint32_t until = 1 + sn_rng_below(&rng, SECONDS), stay = 0;
        sn_series_forget(series, until);
        for (uint32_t second = 0; second < SECONDS; second++)
            for (uint32_t kind = 0; kind < KINDS; kind++)
                for (uint32_t bucket = 0; bucket < SN_HIST_BUCKETS; bucket++) {
                    if (second < until) model.counters[second][kind][bucket] = 0;
                    stay += model.counters[second][kind][bucket] > 0;
                }
        assert_int_equal(series->slots_used, stay);
        static uint8_t data[65536];
        struct sn_writer w = sn_writer(data, sizeof data);
        sn_series_put(&w, series, 0, SECONDS);
        decode(data, w.len, 0, SECONDS);
        assert_memory_equal(decoded.counters, model.counters, sizeof model.counters);
        free(series);
    }
}

static void what_left_the_table_does_not_come_back(void **state) {
    (void)state;
    struct sn_series *series = make(SECONDS, 64);
    sn_series_count(series, 4, 0, 9, 1);
    sn_series_second(series, 4)->completed = 1;
    sn_series_forget(series, 5);
    sn_series_forget(series, 2); /* going back does nothing */
    assert_int_equal(series->first_second, 5);
    sn_series_count(series, 4, 0, 9, 3);
    assert_int_equal(series->lost, 3);
    sn_series_count(series, 5, 0, 9, 1);
    assert_int_equal(series->lost, 3);
    uint64_t found;
    assert_int_equal(percentile_us(series, 0, 5, UINT32_MAX, 50, &found), 0);
    assert_int_equal(found, 0);
    assert_int_equal(sn_series_second(series, 4)->completed, 1); /* counts stay for the whole run */
    sn_series_forget(series, UINT32_MAX);                        /* the run is over */
    assert_int_equal(series->slots_used, 0);
    free(series);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_of_seconds_stay_in_bounds),
        cmocka_unit_test(blobs_hold_what_was_counted),
        cmocka_unit_test(blobs_do_not_depend_on_the_order),
        cmocka_unit_test(percentiles_are_those_of_the_window),
        cmocka_unit_test(a_full_table_says_what_it_lost),
        cmocka_unit_test(a_full_counter_goes_on_in_another),
        cmocka_unit_test(points_have_the_percentiles_of_their_seconds),
        cmocka_unit_test(forgetting_makes_room_and_keeps_the_rest),
        cmocka_unit_test(what_left_the_table_does_not_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
