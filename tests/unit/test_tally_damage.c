#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "tally_help.h"

static struct run before; /* what the run was, to the byte */

static void make_before(const struct run *run, uint32_t pages, uint32_t slots) {
    before = make(pages, slots);
    memcpy(before.tally, run->tally, sn_tally_size(KINDS, PHASES, STEPS, pages));
    memcpy(before.series, run->series, sn_series_size(SECONDS, slots));
    memcpy(before.intervals, run->intervals, sn_intervals_size(SECONDS, INTERVALS));
}

/* Adds a body without the checksum's protection.  What is refused has changed nothing; what is accepted has been added
 * as if it were good, which the sanitizers watch. */
static bool add_body(struct run *run, const uint8_t *data, size_t len, uint32_t pages, uint32_t slots) {
    struct sn_reader r = sn_reader(data, len);
    enum sn_status status = sn_tally_add(run->tally, run->series, run->intervals, &r);
    if (status == SN_OK) {
        memcpy(run->tally, before.tally, sn_tally_size(KINDS, PHASES, STEPS, pages));
        memcpy(run->series, before.series, sn_series_size(SECONDS, slots));
        memcpy(run->intervals, before.intervals, sn_intervals_size(SECONDS, INTERVALS));
        return true;
    }
    assert_int_equal(status, SN_E_FORMAT);
    assert_int_equal(r.pos, 0);
    assert_memory_equal(run->tally, before.tally, sn_tally_size(KINDS, PHASES, STEPS, pages));
    assert_memory_equal(run->series, before.series, sn_series_size(SECONDS, slots));
    assert_memory_equal(run->intervals, before.intervals, sn_intervals_size(SECONDS, INTERVALS));
    return false;
}

static struct bytes small_delta(void) {
    struct sn_rng rng = sn_rng(9, SN_PURPOSE_VALUE, 2);
    sn_delta_clear(&delta);
    for (uint32_t i = 0; i < 25; i++) {
        struct sn_result result = random_result(&rng, KINDS, PHASES, 6);
        struct sn_exemplar exemplar = random_exemplar(&rng, i, KINDS, PHASES);
        sn_delta_result(&delta, &result);
        sn_delta_started(&delta, i % 6);
        sn_delta_exemplar(&delta, &exemplar);
    }
    return encode();
}

static void malformed_bodies_change_nothing(void **state) {
    (void)state;
    enum { FEW = 12, TABLE = 32 };
    struct run run = make(FEW, TABLE);
    struct bytes bytes = small_delta();
    add(&run, &bytes);
    make_before(&run, FEW, TABLE);
    size_t len = bytes.len - bytes.body;
    uint8_t *body = bytes.data + bytes.body;
    assert_true(add_body(&run, body, len, FEW, TABLE));

    for (size_t cut = 0; cut < len; cut++) {
        uint8_t *exact = malloc(cut > 0 ? cut : 1);
        memcpy(exact, body, cut);
        assert_false(add_body(&run, exact, cut, FEW, TABLE));
        free(exact);
    }
    uint8_t *exact = malloc(len);
    memcpy(exact, body, len);
    unsigned accepted = 0, tried = 0;
    for (size_t at = 0; at < len; at++) {
        static const uint8_t flips[] = {1, 2, 16, 0x7f, 0x80, 0xff};
        for (size_t i = 0; i < sizeof flips; i++, tried++) {
            exact[at] ^= flips[i];
            accepted += add_body(&run, exact, len, FEW, TABLE);
            exact[at] ^= flips[i];
        }
    }
    assert_in_range(accepted, 1, tried - 1); /* a text or a sum may be anything */
    struct sn_rng rng = sn_rng(9, SN_PURPOSE_MODEL, 0);
    for (unsigned i = 0; i < 1500; i++) {
        memcpy(exact, body, len);
        for (unsigned j = 0; j < 3; j++) exact[sn_rng_below(&rng, (uint32_t)len)] = (uint8_t)sn_rng_u64(&rng);
        add_body(&run, exact, len, FEW, TABLE);
    }
    free(exact);
    free(bytes.data);
    drop(&run);
    drop(&before);
}

/* Bodies as numbers, with the sections in the order of src/measure/delta_code.h.  One cell: kind 1 and phase 0 with two
 * completed, no errors, eight sums; response times 10 and 20, service times 5 and 5; the lags are 3 and 4. */
#define CELL 2, 0, 2, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8
#define RESPONSE 2, 30, 10, 20, 0, 11, 1, 10, 1, 0
#define SERVICE 2, 10, 5, 5, 0, 6, 2, 0
#define LAG 1, 3, 3, 3, 0, 4, 1, 0, 1, 4, 4, 4, 0, 5, 1, 0
#define SECOND 8, 1, 2, 0, 0, 0, 0, 0 /* second 7: one started, two completed */
#define TIMES 8, 2, 11, 1, 10, 1, 0, 0, 0
#define DONE 0, 0, 0, 0, 0 /* no lags, no seconds, no times, no exemplars */
#define NOTHING 0, 0, 0, 0, 0, 0
#define DUE 0, 0, 0, 0, 0, 0, 0, 0
#define NUMBERS(...) (const uint64_t[]){__VA_ARGS__}, sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)

static void bodies_that_contradict_themselves_are_refused(void **state) {
    (void)state;
    const uint64_t large = UINT64_C(1) << 32;
    const struct {
        const char *what;
        bool good;
        const uint64_t *numbers;
        size_t len;
    } rows[] = {
        {"units of a meter, and rows stored", true,
         NUMBERS(SN_METERS_COUNTED, 7, SN_METERS_COUNTED + 1, 1, 0, NOTHING, 0)},
        {"a meter twice", false, NUMBERS(1, 7, 1, 7, 0, NOTHING, 0)},
        {"meters that are not in their order", false, NUMBERS(2, 7, 1, 7, 0, NOTHING, 0)},
        {"a meter that shards do not count", false, NUMBERS(SN_METERS_COUNTED + 2, 1, 0, NOTHING, 0)},
        {"no units of a meter", false, NUMBERS(1, 0, 0, NOTHING, 0)},
        {"all is well", true, NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, LAG, SECOND, TIMES, 0)},
        {"nothing at all", true, NUMBERS(0, NOTHING, 0)},
        {"times are free", true, NUMBERS(0, CELL, SERVICE, RESPONSE, 0, 0, LAG, SECOND, TIMES, 0)},
        {"steps", true, NUMBERS(0, 0, 1, 1, 1, 0, SERVICE, 9, 0, 2, 0, SERVICE, 0, DONE)},
        {"steps that kept to their budget", true, NUMBERS(0, 0, 1, 1, 1, 1, SERVICE, 9, 2, 0, 2, SERVICE, 0, DONE)},
        {"more that kept to it than completed", false, NUMBERS(0, 0, 1, 1, 1, 2, SERVICE, 0, DONE)},
        {"steps that are not in their order", false, NUMBERS(0, 0, 9, 1, 1, 0, SERVICE, 1, 0, 2, 0, SERVICE, 0, DONE)},
        {"a step that there is not", false, NUMBERS(0, 0, 10, 1, 1, 0, SERVICE, 0, DONE)},
        {"a step that never ended", false, NUMBERS(0, 0, 9, 0, 0, 0, 0, 0, DONE)},
        {"a step with a time too many", false, NUMBERS(0, 0, 9, 1, 0, 0, SERVICE, 0, DONE)},
        {"more behind the end", false, NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, LAG, SECOND, TIMES, 0, 0)},
        {"a service time is missing", false,
         NUMBERS(0, CELL, RESPONSE, 1, 5, 5, 5, 0, 6, 1, 0, 0, 0, LAG, SECOND, TIMES, 0)},
        {"a response time too many", false,
         NUMBERS(0, CELL, 3, 40, 10, 20, 0, 11, 2, 10, 1, 0, SERVICE, 0, 0, LAG, SECOND, TIMES, 0)},
        {"a response time without a counter", false,
         NUMBERS(0, CELL, 3, 45, 10, 20, 0, 11, 1, 10, 1, 0, SERVICE, 0, 0, LAG, SECOND, TIMES, 0)},
        {"no cell, but lag", false, NUMBERS(0, 0, 0, LAG, SECOND, TIMES, 0)},
        {"a lag is missing", false,
         NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, 0, 1, 4, 4, 4, 0, 5, 1, 0, SECOND, TIMES, 0)},
        {"an end without a second", false,
         NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, LAG, 8, 1, 1, 0, 0, 0, 0, 0, TIMES, 0)},
        {"a response time without a second", false,
         NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, LAG, SECOND, 8, 2, 11, 1, 0, 0, 0, 0)},
        {"a kind twice in a second", false,
         NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, LAG, SECOND, 8, 2, 11, 1, 0, 2, 20, 1, 0, 0, 0, 0)},
        {"two kinds in a second", true,
         NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, LAG, SECOND, 8, 2, 11, 1, 0, 3, 20, 1, 0, 0, 0, 0)},
        {"a kind beyond the last in a second", false,
         NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, LAG, SECOND, 8, 2, 11, 1, 0, 5, 20, 1, 0, 0, 0, 0)},
        {"a bucket past the last", false,
         NUMBERS(0, CELL, RESPONSE, SERVICE, 0, 0, LAG, SECOND, 8, 2, 11, 1, 3318, 1, 0, 0, 0, 0)},
        {"a cell without operations", false,
         NUMBERS(0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0)},
        {"a cell twice", false,
         NUMBERS(0, CELL, RESPONSE, SERVICE, CELL, RESPONSE, SERVICE, 0, 0, 2, 6, 3, 3, 0, 4, 2, 0, 2, 6, 3, 3, 0, 4, 2,
                 0, 8, 1, 4, 0, 0, 0, 0, 0, 8, 2, 11, 4, 0, 0, 0, 0)},
        {"a kind that there is not", false, NUMBERS(0, 5, 0, 2)},
        {"a phase that there is not", false, NUMBERS(0, 2, 3, 2)},
        {"a kind beyond all numbers", false, NUMBERS(0, large, 0, 2)},
        {"the last of all seconds", true, NUMBERS(0, 0, 0, 0, 0, large, 1, 0, 0, 0, 0, 0, 0, 0, 0)},
        {"a second after it", false, NUMBERS(0, 0, 0, 0, 0, large, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0)},
        {"a second beyond all", false, NUMBERS(0, 0, 0, 0, 0, UINT64_MAX, 1, 0, 0, 0, 0, 0, 0, 0, 0)},
        {"more than a second can count", false, NUMBERS(0, 0, 0, 0, 0, 1, large, 0, 0, 0, 0, 0, 0, 0, 0)},
        {"an exemplar", true, NUMBERS(0, NOTHING, 1, 9, DUE, 5, 4, 3, 2, 7, 2, 1, 'x')},
        {"an exemplar of no kind", false, NUMBERS(0, NOTHING, 1, 9, DUE, 5, 4, 4, 2, 7, 2, 1, 'x')},
        {"an exemplar of no phase", false, NUMBERS(0, NOTHING, 1, 9, DUE, 5, 4, 3, 3, 7, 2, 1, 'x')},
        {"an exemplar of no error", false, NUMBERS(0, NOTHING, 1, 9, DUE, 5, 4, 3, 2, 8, 2, 1, 'x')},
        {"an exemplar with half a text", false, NUMBERS(0, NOTHING, 1, 9, DUE, 5, 4, 3, 2, 7, 2, 6, 'x')},
        {"exemplars that are not there", false, NUMBERS(0, NOTHING, 2, 9, DUE, 5, 4, 3, 2, 7, 2, 1, 'x')},
    };
    enum { FEW = 12, TABLE = 32 };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t data[256];
        struct sn_writer w = sn_writer(data, sizeof data);
        for (size_t j = 0; j < rows[i].len; j++) sn_put_varint(&w, rows[i].numbers[j]);
        sn_put_u32(&w, 0); /* the checksum is the business of sn_delta_head_get() */
        struct run run = make(FEW, TABLE);
        make_before(&run, FEW, TABLE);
        if (add_body(&run, data, w.len, FEW, TABLE) != rows[i].good) fail_msg("%s", rows[i].what);
        drop(&run);
        drop(&before);
    }
}

static void a_text_that_is_too_long_is_refused(void **state) {
    (void)state;
    for (size_t len = 95; len <= 98; len++) {
        uint8_t data[256];
        struct sn_writer w = sn_writer(data, sizeof data);
        const uint8_t begin[] = {0, NOTHING, 1, 9, DUE, 5, 4, 3, 2, 7, 2};
        sn_put_bytes(&w, begin, sizeof begin);
        sn_put_varint(&w, len);
        sn_put_zeros(&w, len + 4);
        struct run run = make(8, 8);
        make_before(&run, 8, 8);
        assert_int_equal(add_body(&run, data, w.len, 8, 8), len <= 96);
        drop(&run);
        drop(&before);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_bodies_change_nothing),
        cmocka_unit_test(bodies_that_contradict_themselves_are_refused),
        cmocka_unit_test(a_text_that_is_too_long_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
