#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "sentinel/measure/validity.h"

/* Fields that differ from those of a good run. */
struct row {
    uint64_t planned; /* 0: 10,000 */
    uint64_t harness, slots, down, cancelled, unaccounted, in_flight, not_yet_due, missing, surplus, harness_failed;
    uint32_t lag_us, lag_none, lost, replaced, epochs_late, restarts, reopened, errors, skew_us;
    double timers_late;
    uint64_t detail, seconds;
    bool prepare_failed, running;
    enum sn_validity validity;
    const char *reason; /* the first one; NULL: none */
};

static struct sn_validity_input input_of(const struct row *row) {
    struct sn_validity_input input;
    memset(&input, 0, sizeof input);
    struct sn_counts *counts = &input.counts;
    counts->planned = row->planned != 0 ? row->planned : 10000;
    counts->dropped[SN_DROP_HARNESS] = row->harness;
    counts->dropped[SN_DROP_SLOTS] = row->slots;
    counts->dropped[SN_DROP_SHARD_DOWN] = row->down;
    counts->cancelled = row->cancelled;
    counts->unaccounted = row->unaccounted;
    counts->in_flight = row->in_flight;
    counts->not_yet_due = row->not_yet_due;
    counts->failed = counts->errors[SN_ERROR_HARNESS] = row->harness_failed;
    uint64_t others = row->harness + row->slots + row->down + row->cancelled + row->unaccounted + row->in_flight +
                      row->not_yet_due + row->harness_failed + row->missing;
    counts->completed = counts->planned - others + row->surplus;
    input.lag_percentile = 99;
    input.lag_harness_us = row->lag_us != 0 ? row->lag_us : 2000;
    input.lag_harness_count = row->lag_none != 0 ? 0 : 9000;
    input.shards_lost = row->lost;
    input.shards_replaced = row->replaced;
    input.epochs_late = row->epochs_late;
    input.restarts = row->restarts;
    input.run_restarts = row->reopened;
    input.harness_errors = row->errors;
    input.clock_skew_us = row->skew_us;
    input.timers_late = row->timers_late;
    input.detail_lost = row->detail;
    input.seconds_lost = row->seconds;
    input.prepare_failed = row->prepare_failed;
    input.ended = !row->running;
    return input;
}

#define INVALID .validity = SN_VALIDITY_INVALID, .reason
#define DEGRADED .validity = SN_VALIDITY_DEGRADED, .reason
#define VALID .validity = SN_VALIDITY_VALID

static void the_bounds_are_exact(void **state) {
    (void)state;
    static const struct row rows[] = {
        {VALID},
        {.slots = 5000, VALID}, /* past the knee: a finding */
        {.cancelled = 9000, VALID},
        {.harness = 10, VALID}, /* 0.1 % */
        {.harness = 11,
         INVALID = "0.11 % of the operations (11 of 10000) were dropped because Sentinel was slow (at "
                   "most 0.1 %)."},
        {.planned = 999,
         .harness = 1,
         INVALID = "0.10 % of the operations (1 of 999) was dropped because Sentinel was slow (at most 0.1 %)."},
        {.planned = 1000, .harness = 1, VALID},
        {.lag_us = 50000, VALID},
        {.lag_us = 50001,
         INVALID = "Sentinel was slow: 1 % of the operations started more than 50 ms late though a "
                   "slot was free (at most 50 ms)."},
        {.lag_us = 3000000, .lag_none = 1, VALID}, /* nothing was measured, so nothing is judged */
        {.unaccounted = 101,
         INVALID = "1.01 % of the operations (101 of 10000) have no known outcome after a restart (at most 1 %)."},
        {.unaccounted = 100,
         DEGRADED = "100 operations have no known outcome after a restart; nothing was sent twice."},
        {.unaccounted = 1, DEGRADED = "1 operation has no known outcome after a restart; nothing was sent twice."},
        {.lost = 1, INVALID = "1 shard was lost for good, and a part of the load with it (none may be)."},
        {.lost = 2, INVALID = "2 shards were lost for good, and a part of the load with it (none may be)."},
        {.prepare_failed = true,
         INVALID = "Preparing the data failed, so the operations did not find what they expect."},
        {.errors = 1, DEGRADED = "Sentinel's own machinery failed 1 time; that says nothing about the targets."},
        {.harness_failed = 4,
         DEGRADED = "Sentinel's own machinery failed 4 times; that says nothing about the targets."},
        {.errors = 6,
         .harness_failed = 4, /* the same ones, and two of jobs */
         DEGRADED = "Sentinel's own machinery failed 6 times; that says nothing about the targets."},
        {.restarts = 1,
         DEGRADED = "Shards were away and restarted 1 time; 0 operations that came due meanwhile were "
                    "dropped."},
        {.restarts = 2,
         .down = 1,
         DEGRADED = "Shards were away and restarted 2 times; 1 operation that came due meanwhile was dropped."},
        {.down = 3, DEGRADED = "Shards were away; 3 operations that came due meanwhile were dropped."},
        {.replaced = 1, DEGRADED = "1 shard fell silent for half a minute, and another went on in its place."},
        {.replaced = 2, DEGRADED = "2 shards fell silent for half a minute, and others went on in their places."},
        {.epochs_late = 3,
         DEGRADED = "A change of the load reached shards late 3 times; until then they went on as before."},
        {.reopened = 1,
         DEGRADED = "The object that owns the run restarted 1 time and took up what its shards still had."},
        {.skew_us = 100000, VALID},
        {.skew_us = 100001,
         DEGRADED =
             "The shards' clocks differ by up to 101 ms (at most 100 ms), which blurs the seconds of the charts."},
        {.timers_late = 0.1, VALID},
        {.timers_late = 0.234,
         DEGRADED = "The machine that runs Sentinel was saturated: for 23.4 % of the load shards stood still, since "
                    "timers were late (at most 10 %)."},
        {.detail = 7,
         DEGRADED = "7 measured times found no room in the histograms: the counts are right, percentiles "
                    "may be off."},
        {.seconds = 9,
         DEGRADED = "9 measured times are missing from the percentiles of single seconds; those of the whole run have "
                    "them."},
        {.in_flight = 4, .not_yet_due = 5000, .running = true, VALID}, /* it is still going on */
        {.in_flight = 4,
         .not_yet_due = 1,
         INVALID = "5 operations cannot be accounted for: the run ended while it waited for them."},
        {.missing = 1, .running = true, VALID}, /* reports of shards arrive one after the other */
        {.missing = 1,
         INVALID = "1 operation cannot be accounted for: fewer outcomes were counted than operations planned."},
        {.surplus = 2,
         INVALID = "2 operations cannot be accounted for: more outcomes were counted than operations planned."},
        {.missing = 4,
         .in_flight = 4, /* one does not make up for the other */
         .surplus = 4,
         INVALID = "4 operations cannot be accounted for: the run ended while it waited for them."},
        {.harness = 11,
         .running = true,
         INVALID = "0.11 % of the operations (11 of 10000) were dropped because Sentinel "
                   "was slow (at most 0.1 %)."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_validity_input input = input_of(&rows[i]);
        struct sn_validity_result result;
        memset(&result, 0xee, sizeof result);
        sn_validity_judge(&input, &result);
        if (result.validity != rows[i].validity) fail_msg("row %zu: %s", i, sn_validity_name(result.validity));
        if (result.reasons_len != (rows[i].reason != NULL)) fail_msg("row %zu: %u reasons", i, result.reasons_len);
        if (rows[i].reason != NULL) assert_string_equal(result.reasons[0], rows[i].reason);
    }
}

static void everything_at_once_is_said_with_the_worst_first(void **state) {
    (void)state;
    struct row row = {.harness = 500, .down = 3, .unaccounted = 50, .in_flight = 2, .missing = 1, .lag_us = 90000};
    row.lost = row.replaced = row.epochs_late = row.restarts = row.reopened = row.errors = 1;
    row.skew_us = 500000;
    row.timers_late = 1;
    row.detail = row.seconds = 1;
    row.prepare_failed = true;
    struct sn_validity_input input = input_of(&row);
    struct sn_validity_result result;
    sn_validity_judge(&input, &result);
    assert_int_equal(result.validity, SN_VALIDITY_INVALID);
    assert_int_equal(result.reasons_len, SN_REASONS_MAX);
    static const char *const words[SN_REASONS_MAX] = {
        "Preparing",
        "lost for good",
        "dropped because Sentinel was slow",
        "late though",
        "fewer outcomes",
        "ended while", /* so far invalid, now degraded */
        "no known outcome",
        "Shards were away",
        "in its place",
        "reached shards late",
        "The object",
        "machinery",
        "clocks",
        "saturated",
        "no room",
        "single seconds",
    };
    for (uint32_t i = 0; i < SN_REASONS_MAX; i++) {
        if (strstr(result.reasons[i], words[i]) == NULL) fail_msg("%u: %s", i, result.reasons[i]);
    }
}

/* Whatever the figures, a sentence ends within its place; the ones that can happen are whole. */
static void sentences_fit(void **state) {
    (void)state;
    struct sn_validity_input *input = malloc(sizeof *input);
    struct sn_validity_result *result = malloc(sizeof *result);
    static const uint8_t fills[] = {0xff, 0x7f, 0x80, 0x33};
    for (size_t i = 0; i < sizeof fills; i++) {
        memset(input, fills[i], sizeof *input);
        input->prepare_failed = input->ended = true;
        sn_validity_judge(input, result);
        assert_in_range(result->reasons_len, 1, SN_REASONS_MAX);
        for (uint32_t j = 0; j < result->reasons_len; j++) {
            assert_in_range(strlen(result->reasons[j]), 1, sizeof result->reasons[j] - 1);
            assert_int_equal(result->reasons[j][strlen(result->reasons[j]) - 1], '.');
        }
    }
    free(input);
    free(result);
}

static void nothing_planned_is_no_division(void **state) {
    (void)state;
    struct sn_validity_input input;
    struct sn_validity_result result;
    memset(&input, 0, sizeof input);
    input.ended = true;
    sn_validity_judge(&input, &result);
    assert_int_equal(result.validity, SN_VALIDITY_VALID);
    input.counts.dropped[SN_DROP_HARNESS] = 1;
    sn_validity_judge(&input, &result);
    assert_int_equal(result.validity, SN_VALIDITY_INVALID);
}

/* Each part of the sum alone tips it; what is counted beside (late, errors) does not. */
static void the_difference_has_every_part(void **state) {
    (void)state;
    struct sn_counts counts;
    memset(&counts, 0, sizeof counts);
    assert_int_equal(sn_counts_difference(&counts), 0);
    counts.planned = 10;
    assert_int_equal(sn_counts_difference(&counts), 10);
    uint64_t *const parts[] = {&counts.completed,   &counts.failed,    &counts.dropped[0],  &counts.dropped[1],
                               &counts.dropped[2],  &counts.cancelled, &counts.unaccounted, &counts.in_flight,
                               &counts.not_yet_due, &counts.completed};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        *parts[i] += 1;
        assert_int_equal(sn_counts_difference(&counts), 9 - (int)i);
    }
    counts.failed += 3;
    assert_int_equal(sn_counts_difference(&counts), -3);
    counts.late = counts.errors[0] = 5;
    assert_int_equal(sn_counts_difference(&counts), -3);
}

static void adding_adds_every_field(void **state) {
    (void)state;
    struct sn_counts into, from;
    uint64_t *numbers = (uint64_t *)(void *)&into, *others = (uint64_t *)(void *)&from;
    for (size_t i = 0; i < sizeof into / sizeof *numbers; i++) {
        numbers[i] = i + 1;
        others[i] = 100 * (i + 1);
    }
    sn_counts_add(&into, &from);
    for (size_t i = 0; i < sizeof into / sizeof *numbers; i++) assert_int_equal(numbers[i], 101 * (i + 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_bounds_are_exact),
        cmocka_unit_test(everything_at_once_is_said_with_the_worst_first),
        cmocka_unit_test(sentences_fit),
        cmocka_unit_test(nothing_planned_is_no_division),
        cmocka_unit_test(the_difference_has_every_part),
        cmocka_unit_test(adding_adds_every_field),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
