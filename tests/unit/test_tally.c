#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "tally_help.h"

#define SLOTS 16384
#define PAGES 700
#define RESULTS 900 /* all of them fit one delta */
#define DELTAS 16
#define SAVE_MAX 400000

static void save_numbers(struct sn_writer *w, const struct sn_cell *cell) {
    sn_put_u64(w, cell->completed);
    sn_put_u64(w, cell->failed);
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++) sn_put_u64(w, cell->errors[i]);
    const uint64_t sums[] = {cell->bytes,  cell->rows,    cell->rows_read,  cell->rows_written,
                             cell->sql_us, cell->retries, cell->cache_hits, cell->cache_misses};
    sn_put_bytes(w, sums, sizeof sums);
}

/* Everything that can be seen of a run, in bytes; exemplars are what some tests leave out. */
static size_t save(const struct run *run, bool exemplars, uint8_t *out) {
    struct sn_writer w = sn_writer(out, SAVE_MAX);
    struct sn_pages pages = sn_tally_pages(run->tally);
    for (uint32_t kind = 0; kind < KINDS; kind++) {
        for (uint32_t phase = 0; phase < PHASES; phase++) {
            const struct sn_cell *cell = sn_tally_cell(run->tally, kind, phase);
            save_numbers(&w, cell);
            sn_hist_put(&w, &cell->response, &pages);
            sn_hist_put(&w, &cell->service, &pages);
        }
    }
    sn_hist_put(&w, &run->tally->lag_harness, &pages);
    sn_hist_put(&w, &run->tally->lag_slots, &pages);
    sn_put_bytes(&w, &run->tally->spent, sizeof run->tally->spent);
    sn_put_u32(&w, run->tally->coarse);
    sn_series_put(&w, run->series, 0, SECONDS);
    sn_put_u32(&w, run->series->lost);
    if (exemplars) sn_put_bytes(&w, run->tally->exemplars, run->tally->exemplars_len * sizeof *run->tally->exemplars);
    assert_false(w.full);
    return w.len;
}

static void assert_same(const struct run *a, const struct run *b, bool exemplars) {
    static uint8_t x[SAVE_MAX], y[SAVE_MAX];
    size_t len = save(a, exemplars, x);
    assert_int_equal(save(b, exemplars, y), len);
    assert_memory_equal(x, y, len);
}

static void one_operation_is_counted_everywhere_once(void **state) {
    (void)state;
    struct run run = make(40, 64);
    sn_delta_clear(&delta);
    struct sn_result result = {.response_us = 3000, .service_us = 2000, .lag_us = 1000, .sql_us = 500};
    result.rows = 10;
    result.rows_read = 11;
    result.rows_written = 12;
    result.bytes = 13;
    result.end_second = 5;
    result.retries = 2;
    result.kind = 2;
    result.phase = 1;
    result.failed = 1 + SN_ERROR_TIMEOUT;
    result.cache = 2;
    sn_delta_started(&delta, 4);
    sn_delta_dropped(&delta, 3, SN_DROP_HARNESS);
    sn_delta_result(&delta, &result);
    delta.spent.units[SN_METER_D1_ROWS_READ] = 11;
    delta.spent.units[SN_METERS_COUNTED - 1] = 14;
    delta.spent.rows_stored = 3;
    add_now(&run);

    for (uint32_t i = 0; i < SN_METERS_COUNTED; i++)
        assert_int_equal(run.tally->spent.units[i], i == SN_METER_D1_ROWS_READ   ? 11
                                                    : i + 1 == SN_METERS_COUNTED ? 14
                                                                                 : 0);
    assert_int_equal(run.tally->spent.rows_stored, 3);
    const struct sn_cell *cell = sn_tally_cell(run.tally, 2, 1);
    assert_int_equal(cell->completed, 0);
    assert_int_equal(cell->failed, 1);
    assert_int_equal(cell->errors[SN_ERROR_TIMEOUT], 1);
    assert_int_equal(cell->bytes, 13);
    assert_int_equal(cell->rows, 10);
    assert_int_equal(cell->rows_read, 11);
    assert_int_equal(cell->rows_written, 12);
    assert_int_equal(cell->sql_us, 500);
    assert_int_equal(cell->retries, 2);
    assert_int_equal(cell->cache_hits, 0);
    assert_int_equal(cell->cache_misses, 1);
    struct sn_pages pages = sn_tally_pages(run.tally);
    assert_int_equal(sn_hist_percentile_us(&cell->response, &pages, 50),
                     3000); /* whoever waits for an error has waited */
    assert_int_equal(sn_hist_percentile_us(&cell->service, &pages, 50), 2000);
    assert_int_equal(run.tally->lag_harness.count, 1);
    assert_int_equal(run.tally->lag_harness.max_us, 1000);
    assert_int_equal(run.tally->lag_slots.count, 0);
    assert_int_equal(sn_series_second(run.series, 4)->started, 1);
    assert_int_equal(sn_series_second(run.series, 3)->dropped[SN_DROP_HARNESS], 1);
    assert_int_equal(sn_series_second(run.series, 5)->failed, 1);
    assert_int_equal(run.series->touched, 1 + 3); /* the first second that the delta spoke of */
    static struct sn_series_room room;
    struct sn_series_times times[SN_SERIES_GROUPS];
    sn_series_kinds(run.series, 5, 6, (const double[]){50, 95, 99}, &room, times);
    assert_int_equal(times[2].us[0], sn_hist_bucket_mid_us(sn_hist_bucket(3000)));
    for (uint32_t i = 0; i < KINDS * PHASES; i++)
        if (i != 2 * PHASES + 1) assert_int_equal(sn_tally_cell(run.tally, i / PHASES, i % PHASES)->response.count, 0);
    drop(&run);
}

/* Results of a whole run, dealt at random to deltas. */
static struct sn_result results[RESULTS];
static struct bytes deltas[DELTAS];

static void deal(uint64_t seed, uint32_t parts) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, parts);
    static uint8_t part[RESULTS];
    static uint32_t order[RESULTS];
    for (uint32_t i = 0; i < RESULTS; i++) part[i] = (uint8_t)sn_rng_below(&rng, parts);
    random_order(&rng, order, RESULTS);
    for (uint32_t p = 0; p < parts; p++) {
        sn_delta_clear(&delta);
        for (uint32_t i = 0; i < RESULTS; i++) {
            if (part[order[i]] != p) continue;
            sn_delta_result(&delta, &results[order[i]]);
            delta.spent.units[order[i] % SN_METERS_COUNTED] += order[i];
            delta.spent.rows_stored += 2;
            sn_delta_started(&delta, order[i] % SECONDS);
            if (order[i] % 5 == 0) sn_delta_dropped(&delta, order[i] % SECONDS, order[i] % SN_DROPS_LEN);
        }
        deltas[p] = encode();
    }
}

static void add_dealt(struct run *run, uint64_t seed, uint32_t parts) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_ARRIVAL, parts);
    uint32_t order[DELTAS];
    random_order(&rng, order, parts);
    for (uint32_t i = 0; i < parts; i++) add(run, &deltas[order[i]]);
    for (uint32_t i = 0; i < parts; i++) free(deltas[i].data);
}

static int by_value(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static void assert_percentiles_of_cell(const struct run *run, uint32_t kind, uint32_t phase) {
    static uint32_t values[RESULTS];
    uint32_t len = 0;
    for (uint32_t i = 0; i < RESULTS; i++)
        if (results[i].kind == kind && results[i].phase == phase) values[len++] = results[i].response_us;
    qsort(values, len, sizeof *values, by_value);
    const struct sn_cell *cell = sn_tally_cell(run->tally, kind, phase);
    struct sn_pages pages = sn_tally_pages(run->tally);
    assert_int_equal(cell->response.count, len);
    for (uint32_t p = 0; p <= 100 && len > 0; p += 10) {
        uint64_t rank = ((uint64_t)p * len + 99) / 100;
        uint64_t exact = values[rank > 0 ? rank - 1 : 0];
        uint64_t got = sn_hist_percentile_us(&cell->response, &pages, p);
        assert_true((got > exact ? got - exact : exact - got) * 1000 <= exact * 4);
    }
}

static void any_partition_in_any_order_gives_the_same_tally(void **state) {
    (void)state;
    static const uint32_t parts[] = {2, 3, 7, DELTAS};
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_VALUE, 0);
        for (uint32_t i = 0; i < RESULTS; i++) results[i] = random_result(&rng, KINDS, PHASES, SECONDS);
        struct run whole = make(PAGES, SLOTS);
        deal(seed, 1);
        add_dealt(&whole, seed, 1);
        assert_int_equal(whole.tally->coarse, 0);
        assert_int_equal(whole.series->lost, 0);
        for (uint32_t i = 0; i < KINDS * PHASES; i++) assert_percentiles_of_cell(&whole, i / PHASES, i % PHASES);
        for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
            struct run run = make(PAGES, SLOTS);
            deal(seed, parts[i]);
            add_dealt(&run, seed + i, parts[i]);
            assert_same(&whole, &run, true);
            drop(&run);
        }
        drop(&whole);
    }
}

/* Times saturate on their way here; the histogram says how many did. */
static void saturated_times_are_counted_as_clamped(void **state) {
    (void)state;
    struct run run = make(40, 64);
    sn_delta_clear(&delta);
    for (uint32_t i = 0; i < 3; i++) {
        struct sn_result result = {.response_us = UINT32_MAX, .service_us = UINT32_MAX - 1, .lag_slots = 1};
        sn_delta_result(&delta, &result);
    }
    add_now(&run);
    add_now(&run);
    assert_int_equal(sn_tally_cell(run.tally, 0, 0)->response.clamped, 6);
    assert_int_equal(sn_tally_cell(run.tally, 0, 0)->service.clamped, 0);
    assert_int_equal(run.tally->lag_slots.count, 6);
    drop(&run);
}

static void totals_are_what_was_put_in(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(77, SN_PURPOSE_VALUE, 0);
    for (uint32_t i = 0; i < RESULTS; i++) results[i] = random_result(&rng, KINDS, PHASES, SECONDS);
    struct run run = make(PAGES, SLOTS);
    deal(77, 5);
    add_dealt(&run, 77, 5);
    static const struct {
        uint32_t kind, phase;
    } rows[] = {{UINT32_MAX, UINT32_MAX}, {1, UINT32_MAX}, {UINT32_MAX, 2}, {3, 0}};
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        uint64_t completed = 0, errors = 0, bytes = 0, hits = 0, response_us = 0;
        for (uint32_t i = 0; i < RESULTS; i++) {
            if (rows[row].kind != UINT32_MAX && results[i].kind != rows[row].kind) continue;
            if (rows[row].phase != UINT32_MAX && results[i].phase != rows[row].phase) continue;
            completed += results[i].failed == 0;
            errors += results[i].failed == 1 + SN_ERROR_DATA;
            bytes += results[i].bytes;
            hits += results[i].cache == 1;
            response_us += results[i].response_us;
        }
        static uint32_t memory[2 * SN_HIST_PAGES + 1][SN_HIST_PAGE];
        struct sn_pages pages;
        sn_pages_init(&pages, memory, sizeof memory);
        struct sn_cell sum;
        sn_tally_sum(run.tally, rows[row].kind, rows[row].phase, 0, &sum, &pages);
        assert_int_equal(sum.completed, completed);
        assert_int_equal(sum.errors[SN_ERROR_DATA], errors);
        assert_int_equal(sum.bytes, bytes);
        assert_int_equal(sum.cache_hits, hits);
        assert_int_equal(sum.response.sum_us, response_us);
        assert_int_equal(sum.response.count, sum.completed + sum.failed);
        assert_int_equal(sum.service.count, sum.completed + sum.failed);
    }
    drop(&run);
}

/* With too few pages counts, sums and extremes stay right; what has no counter ranks as slow, so that a percentile errs
 * upwards. */
static void without_pages_counts_are_still_right(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(8, SN_PURPOSE_VALUE, 0);
    for (uint32_t i = 0; i < RESULTS; i++) results[i] = random_result(&rng, KINDS, PHASES, SECONDS);
    struct run rich = make(PAGES, SLOTS), poor = make(20, 64);
    deal(8, 4);
    for (uint32_t i = 0; i < 4; i++) add(&rich, &deltas[i]);
    add_dealt(&poor, 8, 4);
    assert_in_range(poor.tally->coarse, 1, 3 * RESULTS);
    assert_true(poor.series->lost > 0);
    assert_int_equal(poor.tally->pages_used, 20);
    struct sn_pages rich_pages = sn_tally_pages(rich.tally), poor_pages = sn_tally_pages(poor.tally);
    for (uint32_t i = 0; i < KINDS * PHASES; i++) {
        const struct sn_cell *right = sn_tally_cell(rich.tally, i / PHASES, i % PHASES);
        const struct sn_cell *cell = sn_tally_cell(poor.tally, i / PHASES, i % PHASES);
        uint8_t x[256], y[256];
        struct sn_writer a = sn_writer(x, sizeof x), b = sn_writer(y, sizeof y);
        save_numbers(&a, right);
        save_numbers(&b, cell);
        assert_memory_equal(x, y, a.len);
        assert_int_equal(cell->response.count, right->response.count);
        assert_int_equal(cell->response.sum_us, right->response.sum_us);
        assert_int_equal(cell->response.min_us, right->response.min_us);
        assert_int_equal(cell->response.max_us, right->response.max_us);
        for (uint32_t p = 10; p < 100; p += 20)
            assert_true(sn_hist_percentile_us(&cell->response, &poor_pages, p) >=
                        sn_hist_percentile_us(&right->response, &rich_pages, p));
    }
    drop(&rich);
    drop(&poor);
}

static int slowest_first(const void *a, const void *b) {
    const struct sn_exemplar *x = a, *y = b;
    if (x->response_us != y->response_us) return x->response_us > y->response_us ? -1 : 1;
    return x->k < y->k ? -1 : x->k > y->k;
}

/* Two of each kind and class with the lowest k, then the slowest of all others. */
static uint32_t expected_exemplars(const struct sn_exemplar *all, uint32_t all_len, struct sn_exemplar *out) {
    static struct sn_exemplar rest[2000];
    uint32_t len = 0, rest_len = 0;
    for (uint32_t i = 0; i < all_len; i++) {
        uint32_t before = 0;
        for (uint32_t j = 0; j < all_len; j++)
            before += all[j].kind == all[i].kind && all[j].failed == all[i].failed && all[j].k < all[i].k;
        if (all[i].failed != 0 && before < 2)
            out[len++] = all[i];
        else
            rest[rest_len++] = all[i];
    }
    qsort(rest, rest_len, sizeof *rest, slowest_first);
    for (uint32_t i = 0; i < rest_len && len < SN_EXEMPLARS_MAX; i++) out[len++] = rest[i];
    qsort(out, len, sizeof *out, slowest_first);
    return len;
}

static void exemplars_are_bounded_and_the_same_in_any_order(void **state) {
    (void)state;
    static struct sn_exemplar all[1200], kept[1200], expected[SN_EXEMPLARS_MAX];
    struct sn_rng rng = sn_rng(5, SN_PURPOSE_VALUE, 1);
    uint32_t kept_len = 0;
    for (uint32_t i = 0; i < 1200; i++) all[i] = random_exemplar(&rng, i, KINDS, PHASES);

    struct bytes sixes[200];
    for (uint32_t d = 0; d < 200; d++) {
        sn_delta_clear(&delta);
        for (uint32_t i = 0; i < 6; i++) sn_delta_exemplar(&delta, &all[d * 6 + i]);
        for (uint32_t i = 0; i < delta.exemplars_len; i++) kept[kept_len++] = delta.exemplars[i];
        sixes[d] = encode();
    }
    uint32_t len = expected_exemplars(kept, kept_len, expected);
    assert_int_equal(len, SN_EXEMPLARS_MAX);
    for (unsigned again = 0; again < 3; again++) {
        struct run run = make(8, 8);
        uint32_t order[200];
        random_order(&rng, order, 200);
        for (uint32_t d = 0; d < 200; d++) add(&run, &sixes[order[d]]);
        assert_int_equal(run.tally->exemplars_len, len);
        assert_memory_equal(run.tally->exemplars, expected, sizeof expected);
        drop(&run);
    }
    for (uint32_t d = 0; d < 200; d++) free(sixes[d].data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_operation_is_counted_everywhere_once),
        cmocka_unit_test(any_partition_in_any_order_gives_the_same_tally),
        cmocka_unit_test(saturated_times_are_counted_as_clamped),
        cmocka_unit_test(totals_are_what_was_put_in),
        cmocka_unit_test(without_pages_counts_are_still_right),
        cmocka_unit_test(exemplars_are_bounded_and_the_same_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
