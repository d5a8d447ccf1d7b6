#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "measure_random.h"
#include "sentinel/measure/delta.h"
#include "sentinel/measure/hist.h"

static struct sn_delta delta; /* large: not for the stack */
static uint8_t first[SN_DELTA_BYTES_MAX], second[SN_DELTA_BYTES_MAX];

static size_t encode(uint8_t *out, size_t cap, uint32_t seq) {
    struct sn_delta_head head = some_head(seq);
    struct sn_writer w = sn_writer(out, cap);
    sn_delta_put(&w, &head, &delta);
    assert_false(w.full);
    return w.len;
}

static void an_empty_delta_is_small(void **state) {
    (void)state;
    sn_delta_clear(&delta);
    assert_false(sn_delta_full(&delta));
    assert_in_range(encode(first, sizeof first, 1), 1, 80);
}

static void seconds_count_what_happened_in_them(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_VALUE, 2);
    sn_delta_clear(&delta);
    for (unsigned i = 0; i < 5; i++) {
        struct sn_result result = random_result(&rng, 1, 1, 1);
        result.end_second = (uint16_t)(i < 3 ? 40 : 41);
        result.failed = i == 1 ? 1 + SN_ERROR_TIMEOUT : 0;
        sn_delta_result(&delta, &result);
    }
    sn_delta_started(&delta, 40);
    sn_delta_started(&delta, 12); /* due long ago, started only now */
    sn_delta_dropped(&delta, 12, SN_DROP_HARNESS);
    sn_delta_dropped(&delta, 12, SN_DROP_HARNESS);
    assert_int_equal(delta.seconds_len, 3);
    for (uint32_t i = 0; i < delta.seconds_len; i++) {
        const struct sn_second *counts = &delta.seconds[i].counts;
        bool is40 = delta.seconds[i].second == 40, is12 = delta.seconds[i].second == 12;
        assert_int_equal(counts->completed, is40 ? 2 : is12 ? 0 : 2);
        assert_int_equal(counts->failed, is40 ? 1 : 0);
        assert_int_equal(counts->started, is40 || is12 ? 1 : 0);
        assert_int_equal(counts->dropped[SN_DROP_HARNESS], is12 ? 2 : 0);
    }
}

/* A shard starts nothing while its delta is full, but what it has open will still end, perhaps in other seconds. */
static void full_leaves_room_for_what_is_open(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_VALUE, 3);
    sn_delta_clear(&delta);
    uint32_t added = 0;
    for (; !sn_delta_full(&delta); added++) {
        struct sn_result result = random_result(&rng, 4, 2, 5);
        sn_delta_result(&delta, &result);
    }
    assert_in_range(added, SN_RESULTS_MAX - SN_OPEN_MAX - 1, SN_RESULTS_MAX - SN_OPEN_MAX);
    for (uint32_t i = 0; i < SN_OPEN_MAX; i++) {
        struct sn_result result = random_result(&rng, 4, 2, 1);
        result.end_second = (uint16_t)(100 + i / 2);
        sn_delta_result(&delta, &result);
    }

    sn_delta_clear(&delta);
    uint32_t seconds = 0;
    for (; !sn_delta_full(&delta); seconds++) sn_delta_dropped(&delta, seconds * 3, SN_DROP_SHARD_DOWN);
    assert_in_range(seconds, 40, SN_DELTA_SECONDS_MAX - 32);
}

/* A shard that cannot store for minutes runs out of seconds, not of sums. */
static void too_many_seconds_lose_no_operation(void **state) {
    (void)state;
    struct sn_rng rng = sn_rng(1, SN_PURPOSE_VALUE, 5);
    sn_delta_clear(&delta);
    for (uint32_t i = 0; i < 2 * SN_DELTA_SECONDS_MAX; i++) {
        struct sn_result result = random_result(&rng, 1, 1, 1);
        result.end_second = (uint16_t)i;
        sn_delta_result(&delta, &result);
    }
    assert_int_equal(delta.seconds_len, SN_DELTA_SECONDS_MAX);
    uint32_t ended = 0;
    for (uint32_t i = 0; i < delta.seconds_len; i++)
        ended += delta.seconds[i].counts.completed + delta.seconds[i].counts.failed;
    assert_int_equal(ended, 2 * SN_DELTA_SECONDS_MAX);
    encode(first, sizeof first, 1);
}

/* One set of everything, put in by the given order. */
struct set {
    struct sn_result results[600];
    struct sn_exemplar exemplars[40];
    uint32_t results_len, exemplars_len;
    uint32_t started[200], dropped[50];
};

static void make_set(struct set *set, uint64_t seed) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_VALUE, 4);
    set->results_len = sn_rng_below(&rng, 600);
    set->exemplars_len = sn_rng_below(&rng, 40);
    for (uint32_t i = 0; i < set->results_len; i++) set->results[i] = random_result(&rng, 6, 3, 20);
    for (uint32_t i = 0; i < set->exemplars_len; i++) set->exemplars[i] = random_exemplar(&rng, i, 6, 3);
    for (uint32_t i = 0; i < 200; i++) set->started[i] = sn_rng_below(&rng, 40);
    for (uint32_t i = 0; i < 50; i++) set->dropped[i] = sn_rng_below(&rng, 40);
}

static void fill(const struct set *set, struct sn_rng *rng) {
    uint32_t order[600];
    sn_delta_clear(&delta);
    random_order(rng, order, 200);
    for (uint32_t i = 0; i < 200; i++) sn_delta_started(&delta, set->started[order[i]]);
    random_order(rng, order, set->results_len);
    for (uint32_t i = 0; i < set->results_len; i++) sn_delta_result(&delta, &set->results[order[i]]);
    random_order(rng, order, 50);
    for (uint32_t i = 0; i < 50; i++) sn_delta_dropped(&delta, set->dropped[order[i]], order[i] % SN_DROPS_LEN);
    random_order(rng, order, set->exemplars_len);
    for (uint32_t i = 0; i < set->exemplars_len; i++) sn_delta_exemplar(&delta, &set->exemplars[order[i]]);
}

static void bytes_do_not_depend_on_the_order(void **state) {
    (void)state;
    static struct set set;
    for (uint64_t seed = 0; seed < 15; seed++) {
        make_set(&set, seed);
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 0);
        fill(&set, &rng);
        size_t len = encode(first, sizeof first, 9);
        assert_int_equal(encode(second, sizeof second, 9), len); /* a second writing gives the same */
        assert_memory_equal(first, second, len);
        for (unsigned again = 0; again < 4; again++) {
            fill(&set, &rng);
            assert_int_equal(encode(second, sizeof second, 9), len);
            assert_memory_equal(first, second, len);
        }
    }
}

static int slowest_first(const void *a, const void *b) {
    const struct sn_exemplar *x = a, *y = b;
    if (x->response_us != y->response_us) return x->response_us > y->response_us ? -1 : 1;
    return x->k < y->k ? -1 : x->k > y->k;
}

/* By the plainest means: the lowest k of each class, in the order of classes; then the slowest of all others. */
static uint32_t expected_exemplars(const struct set *set, struct sn_exemplar *out) {
    const struct sn_exemplar *firsts[SN_ERRORS_LEN + 1] = {0};
    for (uint32_t i = 0; i < set->exemplars_len; i++) {
        const struct sn_exemplar **lowest = &firsts[set->exemplars[i].failed];
        if (*lowest == NULL || set->exemplars[i].k < (*lowest)->k) *lowest = &set->exemplars[i];
    }
    uint32_t len = 0, rest_len = 0;
    for (uint32_t class = 1; class <= SN_ERRORS_LEN; class ++) /* seven of them do not go into six places */
        if (firsts[class] != NULL && len < SN_DELTA_EXEMPLARS_MAX) out[len++] = *firsts[class];

    struct sn_exemplar rest[40];
    for (uint32_t i = 0; i < set->exemplars_len; i++) {
        uint32_t class = set->exemplars[i].failed;
        if (class == 0 || firsts[class] != &set->exemplars[i]) rest[rest_len++] = set->exemplars[i];
    }
    qsort(rest, rest_len, sizeof *rest, slowest_first);
    for (uint32_t i = 0; i < rest_len && len < SN_DELTA_EXEMPLARS_MAX; i++) out[len++] = rest[i];
    qsort(out, len, sizeof *out, slowest_first);
    return len;
}

static void exemplars_are_the_first_of_each_error_and_the_slowest(void **state) {
    (void)state;
    static struct set set;
    unsigned crowded = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        make_set(&set, seed);
        struct sn_exemplar expected[SN_DELTA_EXEMPLARS_MAX];
        uint32_t len = expected_exemplars(&set, expected);
        struct sn_rng rng = sn_rng(seed, SN_PURPOSE_MODEL, 1);
        fill(&set, &rng);
        assert_int_equal(delta.exemplars_len, len);
        assert_memory_equal(delta.exemplars, expected, len * sizeof *expected);
        bool all = len == SN_DELTA_EXEMPLARS_MAX;
        for (uint32_t i = 0; i < len; i++) all = all && expected[i].failed != 0;
        crowded += all;
    }
    assert_in_range(crowded, 10, 190); /* the sets were such that both happened */
}

static void the_head_comes_back(void **state) {
    (void)state;
    struct sn_delta_head head, back;
    memset(&head, 0, sizeof head);
    head.shard = 127;
    head.incarnation = 3;
    head.seq = UINT32_MAX;
    head.stage = SN_STAGES_LEN - 1;
    head.stage_done = 1;
    head.epoch_seq = 64;
    head.at_us = -1;
    head.lease_k = UINT64_MAX;
    head.jobs_total = 10;
    head.jobs_done = 9;
    head.jobs_failed = 8;
    head.calls = UINT64_C(1) << 40;
    head.slices = 7;
    head.harness_errors = 6;
    head.counts = (struct sn_counts){.planned = 100, .completed = 50, .failed = 3, .dropped = {4, 5, 6}};
    head.counts.cancelled = 7;
    head.counts.unaccounted = 8;
    head.counts.in_flight = 9;
    head.counts.not_yet_due = 10;
    head.counts.late = 11;
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++) head.counts.errors[i] = i * 100;
    head.words_len = sizeof head.words;
    memset(head.words, 'w', sizeof head.words);

    sn_delta_clear(&delta);
    struct sn_writer w = sn_writer(first, sizeof first);
    sn_put_u32(&w, 0xabcdef01); /* a delta may lie behind something else */
    sn_delta_put(&w, &head, &delta);
    struct sn_reader r = sn_reader(first, w.len);
    sn_get_u32(&r);
    memset(&back, 0xee, sizeof back);
    assert_int_equal(sn_delta_head_get(&r, &back), SN_OK);
    /* Field by field is what the encoding does; compare what a second encoding gives. */
    struct sn_writer again = sn_writer(second, sizeof second);
    sn_put_u32(&again, 0xabcdef01);
    sn_delta_put(&again, &back, &delta);
    assert_int_equal(again.len, w.len);
    assert_memory_equal(first, second, w.len);
    assert_int_equal(back.shard, 127);
    assert_int_equal(back.seq, UINT32_MAX);
    assert_int_equal(back.at_us, -1);
    assert_int_equal(back.harness_errors, 6);
    assert_int_equal(back.counts.not_yet_due, 10);
    assert_int_equal(back.words_len, sizeof head.words);
    assert_memory_equal(back.words, head.words, sizeof head.words);
    assert_int_equal(back.counts.errors[SN_ERRORS_LEN - 1], 100 * (SN_ERRORS_LEN - 1));
}

static void heads_that_cannot_be_are_refused(void **state) {
    (void)state;
    for (unsigned row = 0; row < 4; row++) {
        struct sn_delta_head head = some_head(1), back;
        if (row == 1) head.seq = 0;
        if (row == 2) head.stage = SN_STAGES_LEN;
        if (row == 3) head.stage_done = 2;
        sn_delta_clear(&delta);
        struct sn_writer w = sn_writer(first, sizeof first);
        sn_delta_put(&w, &head, &delta);
        struct sn_reader r = sn_reader(first, w.len);
        assert_int_equal(sn_delta_head_get(&r, &back), row == 0 ? SN_OK : SN_E_FORMAT);
    }
}

/* Every truncation and every change of a byte: none is taken. */
static void damaged_deltas_are_refused(void **state) {
    (void)state;
    static struct set set;
    make_set(&set, 3);
    set.results_len = 40;
    struct sn_rng rng = sn_rng(3, SN_PURPOSE_MODEL, 2);
    fill(&set, &rng);
    size_t len = encode(first, sizeof first, 2);
    struct sn_delta_head head;
    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = malloc(cut > 0 ? cut : 1);
        memcpy(exact, first, cut);
        struct sn_reader r = sn_reader(exact, cut);
        enum sn_status status = sn_delta_head_get(&r, &head);
        assert_true(status == SN_E_FORMAT || status == SN_E_CHECKSUM);
        assert_int_equal(r.pos, 0);
        free(exact);
    }
    uint8_t *exact = malloc(len);
    memcpy(exact, first, len);
    for (size_t at = 0; at < len; at++) {
        for (unsigned flip = 1; flip < 256; flip = flip * 2 + 1) {
            exact[at] ^= (uint8_t)flip;
            struct sn_reader r = sn_reader(exact, len);
            assert_int_equal(sn_delta_head_get(&r, &head), at < 3    ? SN_E_FORMAT
                                                           : at == 3 ? SN_E_VERSION
                                                                     : SN_E_CHECKSUM);
            exact[at] ^= (uint8_t)flip;
        }
    }
    free(exact);
}

static void writing_stops_at_the_end_of_the_buffer(void **state) {
    (void)state;
    static struct set set;
    make_set(&set, 4);
    set.results_len = 20;
    struct sn_rng rng = sn_rng(4, SN_PURPOSE_MODEL, 3);
    fill(&set, &rng);
    size_t len = encode(first, sizeof first, 2);
    for (size_t cap = 0; cap < len; cap += 7) {
        uint8_t *small = malloc(cap > 0 ? cap : 1);
        struct sn_writer w = sn_writer(small, cap);
        struct sn_delta_head head = some_head(2);
        sn_delta_put(&w, &head, &delta);
        assert_true(w.full);
        free(small);
    }
}

/* As wide as it gets: all cells, all seconds, no value twice in a bucket, every number large. */
static void the_largest_delta_fits(void **state) {
    (void)state;
    sn_delta_clear(&delta);
    struct sn_delta_head head;
    memset(&head, 0xff, sizeof head);
    for (uint32_t i = 0; i < SN_RESULTS_MAX; i++) {
        struct sn_result *result = &delta.results[delta.results_len++];
        memset(result, 0xff, sizeof *result);
        result->kind = (uint8_t)(i % SN_KINDS_MAX);
        result->phase = (uint8_t)(i / SN_KINDS_MAX % SN_PHASES_MAX);
        uint32_t bucket = 256 + (i * 3 / 2) % 3072;
        result->response_us = sn_hist_bucket_low_us(bucket);
        result->service_us = sn_hist_bucket_low_us(SN_HIST_BUCKETS - 1 - i % 3072);
        result->lag_us = result->response_us;
        result->lag_slots = (uint8_t)(i & 1);
        result->failed = (uint8_t)(i % (SN_ERRORS_LEN + 1));
        result->end_second = (uint16_t)(60000 - (i % SN_DELTA_SECONDS_MAX) * 200);
        result->cache = (uint8_t)(1 + i % 2);
    }
    delta.seconds_len = SN_DELTA_SECONDS_MAX;
    for (uint32_t i = 0; i < SN_DELTA_SECONDS_MAX; i++) {
        memset(&delta.seconds[i], 0xff, sizeof delta.seconds[i]);
        delta.seconds[i].second = i * 40000000;
    }
    delta.exemplars_len = SN_DELTA_EXEMPLARS_MAX;
    for (uint32_t i = 0; i < SN_DELTA_EXEMPLARS_MAX; i++) {
        memset(&delta.exemplars[i], 0xff, sizeof delta.exemplars[i]);
        delta.exemplars[i].text_len = sizeof delta.exemplars[i].text;
    }
    for (uint32_t i = 0; i < SN_STEP_RESULTS_MAX; i++)
        sn_delta_step(
            &delta, &(struct sn_step_result){300 + i % 256, sn_hist_bucket_low_us(256 + i * 3 / 2), i % 8, i % 8 == 0});
    head.words_len = sizeof head.words;
    struct sn_writer w = sn_writer(first, sizeof first);
    sn_delta_put(&w, &head, &delta);
    assert_false(w.full);
    assert_in_range(w.len, SN_DELTA_BYTES_MAX / 2, SN_DELTA_BYTES_MAX); /* the limit is not far off either */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_delta_is_small),
        cmocka_unit_test(seconds_count_what_happened_in_them),
        cmocka_unit_test(full_leaves_room_for_what_is_open),
        cmocka_unit_test(too_many_seconds_lose_no_operation),
        cmocka_unit_test(bytes_do_not_depend_on_the_order),
        cmocka_unit_test(exemplars_are_the_first_of_each_error_and_the_slowest),
        cmocka_unit_test(the_head_comes_back),
        cmocka_unit_test(heads_that_cannot_be_are_refused),
        cmocka_unit_test(damaged_deltas_are_refused),
        cmocka_unit_test(writing_stops_at_the_end_of_the_buffer),
        cmocka_unit_test(the_largest_delta_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
