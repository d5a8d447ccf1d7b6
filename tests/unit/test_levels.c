#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/measure/levels.h"

#define PAGES 100u
#define SECONDS 4000u

struct fixture {
    struct sn_tally *tally;
    struct sn_series *series;
    struct sn_levels *levels;
    struct sn_series_room room;
};

static struct fixture *make(uint32_t kinds, uint32_t length_s) {
    struct fixture *f = calloc(1, sizeof *f);
    f->tally = malloc(sn_tally_size(kinds, 2, 0, PAGES));
    f->series = malloc(sn_series_size(SECONDS, 8192));
    f->levels = malloc(sn_levels_size(kinds)); /* exactly, so that a cell too many is seen */
    sn_tally_init(f->tally, kinds, 2, 0, PAGES);
    sn_series_init(f->series, SECONDS, 8192);
    sn_levels_init(f->levels, kinds, length_s);
    return f;
}

static void drop(struct fixture *f) {
    free(f->tally);
    free(f->series);
    free(f->levels);
    free(f);
}

/* One operation of the kind ended in this second. */
static void ended(struct fixture *f, uint32_t kind, uint32_t second, uint32_t response_us, uint32_t service_us,
                  bool throttled) {
    struct sn_cell *cell = sn_tally_cell(f->tally, kind, second % 2);
    struct sn_pages pages = sn_tally_pages(f->tally);
    sn_hist_record(&cell->response, &pages, response_us, 1);
    sn_hist_record(&cell->service, &pages, service_us, 1);
    f->tally->pages_used = pages.used;
    cell->sql_us += 300;
    *(throttled ? &cell->failed : &cell->completed) += 1;
    if (throttled) cell->errors[SN_ERROR_THROTTLED] += 1;
    sn_series_count(f->series, second, kind, sn_hist_bucket(response_us), 1);
}

static void close_next(struct fixture *f) {
    sn_levels_close(f->levels, f->tally, f->series, &f->room);
}

static void a_window_has_what_came_in_it(void **state) {
    (void)state;
    struct fixture *f = make(3, 128);
    assert_int_equal(f->levels->window_s, 2);
    assert_int_equal(sn_levels_end_s(f->levels), 2);
    for (uint32_t i = 1; i <= 100; i++) ended(f, 0, i % 2, 1000 * i, 2000, i > 90);
    ended(f, 2, 1, 500000, 400000, false);
    close_next(f);
    const struct sn_level_cell *cell = sn_levels_cell(f->levels, 0, 0);
    assert_int_equal(cell->counted, 100);
    assert_in_range(cell->p95_us, 94600, 95400);
    assert_int_equal(cell->ended, 100);
    assert_int_equal(cell->failed, 10);
    assert_int_equal(cell->throttled, 10);
    assert_int_equal(cell->service_us, 2000);
    assert_int_equal(cell->sql_us, 300);
    assert_int_equal(sn_levels_cell(f->levels, 0, 1)->counted, 0); /* nothing of this kind ended */
    assert_int_equal(sn_levels_cell(f->levels, 0, 1)->p95_us, 0);
    const struct sn_level_cell *all = sn_levels_cell(f->levels, 0, 3);
    assert_int_equal(all->counted, 101);
    assert_int_equal(all->ended, 101);
    assert_int_equal(all->service_us, (100 * 2000 + 400000) / 101);
    /* The next window begins with nothing. */
    ended(f, 0, 3, 7000, 6000, false);
    close_next(f);
    assert_int_equal(sn_levels_cell(f->levels, 1, 0)->ended, 1);
    assert_int_equal(sn_levels_cell(f->levels, 1, 0)->service_us, 6000);
    assert_int_equal(sn_levels_cell(f->levels, 1, 0)->failed, 0);
    assert_in_range(sn_levels_cell(f->levels, 1, 3)->p95_us, 6950, 7050);
    assert_int_equal(sn_levels_end_s(f->levels), 6);
    drop(f);
}

/* What has left the series before its window ends is missing from the percentile, and from nothing else. */
static void detail_that_has_left_is_not_counted(void **state) {
    (void)state;
    struct fixture *f = make(1, 640);
    assert_int_equal(f->levels->window_s, 10);
    for (uint32_t s = 0; s < 10; s++) ended(f, 0, s, s < 5 ? 1000 : 9000, 1000, false);
    sn_series_forget(f->series, 5);
    close_next(f);
    assert_int_equal(sn_levels_cell(f->levels, 0, 0)->counted, 5);
    assert_in_range(sn_levels_cell(f->levels, 0, 0)->p95_us, 8900, 9100);
    assert_int_equal(sn_levels_cell(f->levels, 0, 0)->ended, 10);
    drop(f);
}

/* A load that becomes longer than it was planned to be. */
static void more_windows_than_there_are_places_are_merged(void **state) {
    (void)state;
    struct fixture *f = make(1, 64);
    assert_int_equal(f->levels->windows_max, 64);
    for (uint32_t s = 0; s < 100; s++) {
        for (uint32_t i = 0; i < 20; i++) ended(f, 0, s, s % 2 == 0 ? 4000 : 8000, 3000, i == 0);
        if (sn_levels_end_s(f->levels) == s + 1) close_next(f);
    }
    assert_int_equal(f->levels->window_s, 2);
    assert_int_equal(f->levels->len, 50);
    for (uint32_t i = 0; i < 50; i++) {
        const struct sn_level_cell *cell = sn_levels_cell(f->levels, i, 0);
        assert_int_equal(cell->counted, 40);
        assert_int_equal(cell->failed, 2);
        assert_int_equal(cell->ended, 40);
        assert_int_equal(cell->service_us, 3000);
        /* The mean of both seconds' where windows were merged, and their own percentile in the wider ones. */
        assert_in_range(cell->p95_us, i < 32 ? 5900 : 7900, i < 32 ? 6100 : 8100);
    }
    drop(f);
}

/* However many kinds there are and however long a load is, it is 16 KiB. */
static void it_is_small(void **state) {
    (void)state;
    for (uint32_t kinds = 1; kinds <= SN_KINDS_MAX; kinds++) {
        assert_true(sn_levels_size(kinds) <= 16 * 1024);
        struct fixture *f = make(kinds, 3600);
        assert_true(f->levels->windows_max >= 14);
        assert_true(f->levels->windows_max * f->levels->window_s >= 3600);
        assert_int_equal(f->levels->windows_max % 2, 0);
        drop(f);
    }
    struct fixture *f = make(3, 0); /* no load at all */
    assert_int_equal(sn_levels_end_s(f->levels), 1);
    drop(f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_window_has_what_came_in_it),
        cmocka_unit_test(detail_that_has_left_is_not_counted),
        cmocka_unit_test(more_windows_than_there_are_places_are_merged),
        cmocka_unit_test(it_is_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
