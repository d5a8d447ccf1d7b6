#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sentinel/base/random.h"
#include "sentinel/measure/search.h"

/* Tries what it is told to on something that carries so much of the highest rate. */
static struct sn_search search_on(double carries) {
    struct sn_search search;
    sn_search_begin(&search);
    while (search.stage != SN_SEARCH_DONE) {
        assert_true(search.factor >= SN_SEARCH_LEAST && search.factor <= 1);
        sn_search_step(&search, search.factor <= carries ? SN_SEARCH_MET : SN_SEARCH_NOT_MET);
    }
    return search;
}

static void any_limit_is_found(void **state) {
    (void)state;
    for (double carries = 0.011; carries < 1; carries += 0.003) {
        struct sn_search search = search_on(carries);
        assert_int_equal(search.outcome, SN_SEARCH_OUTCOME_FOUND);
        assert_true(search.low <= carries && carries < search.high);
        assert_true(search.factor == search.low);
        assert_true(search.high - search.low <= SN_SEARCH_CLOSE * search.high);
        assert_true(search.steps <= 12);
    }
}

static void what_carries_everything_has_no_limit_here(void **state) {
    (void)state;
    struct sn_search search = search_on(2);
    assert_int_equal(search.outcome, SN_SEARCH_OUTCOME_CEILING);
    assert_true(search.factor == 1 && search.high == 0);
    assert_int_equal(search.steps, 6); /* 1/16, 1/8, 1/4, 1/2, 1, and 1 again */
}

static void what_carries_nothing_is_below(void **state) {
    (void)state;
    struct sn_search search = search_on(0);
    assert_int_equal(search.outcome, SN_SEARCH_OUTCOME_BELOW);
    assert_true(search.factor == 0 && search.low == 0);
    assert_true(search.steps <= 4);
}

/* What holds once and not again goes down a little, and then it is said. */
static void what_cannot_be_confirmed_is_unsteady(void **state) {
    (void)state;
    struct sn_search search;
    sn_search_begin(&search);
    while (search.stage != SN_SEARCH_DONE) {
        bool met = search.stage != SN_SEARCH_CONFIRM && search.factor <= 0.4;
        sn_search_step(&search, met ? SN_SEARCH_MET : SN_SEARCH_NOT_MET);
    }
    assert_int_equal(search.outcome, SN_SEARCH_OUTCOME_UNSTEADY);
    assert_int_equal(search.confirms, SN_SEARCH_CONFIRMS_MAX);
    assert_true(search.factor == 0);
    /* Met at the second try it is found, and its interval says so. */
    sn_search_begin(&search);
    while (search.stage != SN_SEARCH_DONE) {
        bool met = search.factor <= 0.4 && !(search.stage == SN_SEARCH_CONFIRM && search.confirms == 0);
        sn_search_step(&search, met ? SN_SEARCH_MET : SN_SEARCH_NOT_MET);
    }
    assert_int_equal(search.outcome, SN_SEARCH_OUTCOME_FOUND);
    assert_true(search.low < search.high && search.high <= 0.4);
}

/* Too few operations to judge by: it goes on to where there are enough, and confirms nothing without them. */
static void what_is_undecided_confirms_nothing(void **state) {
    (void)state;
    struct sn_search search;
    sn_search_begin(&search);
    sn_search_step(&search, SN_SEARCH_UNDECIDED);
    assert_int_equal(search.stage, SN_SEARCH_GROW);
    assert_true(search.factor == 2 * SN_SEARCH_FIRST);
    while (search.stage != SN_SEARCH_DONE) sn_search_step(&search, SN_SEARCH_UNDECIDED);
    assert_int_equal(search.outcome, SN_SEARCH_OUTCOME_UNCLEAR);
}

/* Verdicts that are nothing but luck: it ends all the same. */
static void it_always_ends(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
        struct sn_search search;
        sn_search_begin(&search);
        while (search.stage != SN_SEARCH_DONE) {
            assert_true(search.steps < SN_SEARCH_STEPS_MAX);
            assert_true(search.factor >= SN_SEARCH_LEAST && search.factor <= 1);
            sn_search_step(&search, (enum sn_search_verdict)sn_rng_below(&rng, 3));
        }
        assert_true(search.outcome != SN_SEARCH_OUTCOME_NONE);
        if (search.outcome == SN_SEARCH_OUTCOME_FOUND) assert_true(search.low > 0 && search.low < search.high);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_limit_is_found),
        cmocka_unit_test(what_carries_everything_has_no_limit_here),
        cmocka_unit_test(what_carries_nothing_is_below),
        cmocka_unit_test(what_cannot_be_confirmed_is_unsteady),
        cmocka_unit_test(what_is_undecided_confirms_nothing),
        cmocka_unit_test(it_always_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
