#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "hist_help.h"

static void encoding_and_adding_is_merging(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 12; seed++) {
        struct own a, b, added;
        own_init(&a);
        own_init(&b);
        fill(&a, seed, (uint32_t)seed * 30);
        fill(&b, seed + 100, 50);
        added = b;
        added.pages.page = added.memory;
        struct bytes bytes = encode(&a);
        struct sn_reader r = sn_reader(bytes.data, bytes.len);
        assert_int_equal(add_encoded(&r, &added), SN_OK);
        assert_int_equal(sn_reader_left(&r), 0);
        merge(&b, &a);
        assert_same(&added, &b);
        free(bytes.data);
    }
}

/* True when the bytes are refused; then nothing may have changed. */
static bool refused(const uint8_t *data, size_t len, enum sn_status *status) {
    static struct own into, before;
    own_init(&into);
    record(&into, 77, 1);
    before = into;
    struct sn_reader r = sn_reader(data, len);
    *status = add_encoded(&r, &into);
    if (*status == SN_OK) return false;
    assert_int_equal(r.pos, 0);
    assert_memory_equal(&into, &before, sizeof before);
    return true;
}

static void damaged_bytes_are_refused(void **state) {
    (void)state;
    struct own own;
    own_init(&own);
    fill(&own, 5, 60);
    struct bytes bytes = encode(&own);
    enum sn_status status;
    for (size_t len = 0; len < bytes.len; len++) {
        uint8_t *cut = malloc(len > 0 ? len : 1);
        memcpy(cut, bytes.data, len);
        assert_true(refused(cut, len, &status));
        assert_true(status == SN_E_FORMAT || status == SN_E_CHECKSUM);
        free(cut);
    }
    for (size_t at = 0; at < bytes.len; at++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            bytes.data[at] ^= (uint8_t)(1u << bit);
            assert_true(refused(bytes.data, bytes.len, &status));
            if (at == 0) assert_int_equal(status, SN_E_VERSION); /* another layout */
            bytes.data[at] ^= (uint8_t)(1u << bit);
        }
    }
    assert_false(refused(bytes.data, bytes.len, &status));
    bytes.data[bytes.len - 1] ^= 1;
    assert_true(refused(bytes.data, bytes.len, &status));
    assert_int_equal(status, SN_E_CHECKSUM);
    free(bytes.data);
}

/* Well-formed and with the right checksum, but no histogram could say so. */
static void impossible_histograms_are_refused(void **state) {
    (void)state;
    static const struct {
        uint64_t numbers[12]; /* count, sum, min, max, clamped, then distance, counter … */
        unsigned len;
        enum sn_status status;
    } rows[] = {
        {{0}, 1, SN_OK},                                        /* empty */
        {{2, 30, 10, 20, 0, 11, 1, 10, 1, 0}, 10, SN_OK},       /* 10 and 20: the good one, for comparison */
        {{3, 30, 10, 20, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT}, /* three values cannot sum to 30 with one of 20 … */
        {{3, 45, 10, 20, 0, 11, 1, 10, 1, 0}, 10, SN_OK},       /* … but to 45: one without a counter */
        {{2, 30, 10, 20, 0, 11, 1, 5, 1, 5, 1, 0}, 12, SN_E_FORMAT}, /* more in the counters than there are */
        {{2, 31, 10, 21, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},      /* the maximum is in no counter */
        {{2, 29, 9, 20, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},       /* nor the minimum */
        {{3, 45, 11, 20, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},      /* a counter below the minimum */
        {{3, 45, 10, 19, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},      /* a counter above the maximum */
        {{2, 30, 20, 10, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},      /* minimum above maximum */
        {{2, 31, 10, 20, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},      /* sum too large */
        {{2, 29, 10, 20, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},      /* sum too small */
        {{1, 10, 10, 20, 0, 11, 1, 0}, 8, SN_E_FORMAT},              /* a single value is minimum and maximum */
        {{2, 30, 10, 20, 1, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},      /* clamped, but the maximum is not the limit */
        {{2, 30, 10, 20, 0, 11, 0, 10, 2, 0}, 10, SN_E_FORMAT},      /* a counter of 0 */
        {{2, 30, 10, 20, 0, 11, 1, 3318, 1, 0}, 10, SN_E_FORMAT},    /* one bucket past the last */
        {{2, 30, 10, 20, 0, 11, 1, UINT64_C(1) << 32, 1, 0}, 10, SN_E_FORMAT},
        {{2, 30, 10, UINT64_C(1) << 32, 0, 11, 1, 10, 1, 0}, 10, SN_E_FORMAT},
        {{1, UINT32_MAX, UINT32_MAX, UINT32_MAX, 1, 3328, 1, 0}, 8, SN_OK},       /* the last bucket */
        {{1, UINT32_MAX, UINT32_MAX, UINT32_MAX, 2, 3328, 1, 0}, 8, SN_E_FORMAT}, /* two clamped of one */
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t data[128];
        struct sn_writer w = sn_writer(data, sizeof data);
        sn_put_u8(&w, 1);
        for (unsigned j = 0; j < rows[i].len; j++) sn_put_varint(&w, rows[i].numbers[j]);
        sn_put_u32(&w, sn_crc32(data, w.len));
        enum sn_status status;
        refused(data, w.len, &status);
        if (status != rows[i].status) fail_msg("row %zu: %d", i, status);
    }
}

static void writing_stops_at_the_end_of_the_buffer(void **state) {
    (void)state;
    struct own own;
    own_init(&own);
    fill(&own, 9, 40);
    struct bytes bytes = encode(&own);
    for (size_t cap = 0; cap < bytes.len; cap++) {
        uint8_t *small = malloc(cap > 0 ? cap : 1);
        struct sn_writer w = sn_writer(small, cap);
        sn_hist_put(&w, &own.hist, &own.pages);
        assert_true(w.full);
        free(small);
    }
    free(bytes.data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_and_adding_is_merging),
        cmocka_unit_test(damaged_bytes_are_refused),
        cmocka_unit_test(impossible_histograms_are_refused),
        cmocka_unit_test(writing_stops_at_the_end_of_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
