#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/bytes.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])

/* A copy that ends where its memory ends, so that a sanitizer sees every byte read behind it. */
static uint8_t *exact(const void *data, size_t len) {
    uint8_t *copy = malloc(len > 0 ? len : 1);
    assert_non_null(copy);
    if (len > 0) memcpy(copy, data, len);
    return copy;
}

static void put_everything(struct sn_writer *w) {
    sn_put_u8(w, 0x12);
    sn_put_u16(w, 0x3456);
    sn_put_u32(w, UINT32_C(0x789abcde));
    sn_put_u64(w, UINT64_C(0x0123456789abcdef));
    sn_put_i64(w, INT64_MIN);
    sn_put_f64(w, -0.1);
    sn_put_varint(w, 300);
    sn_put_span(w, "span", 4);
    sn_put_zeros(w, 3);
    sn_put_bytes(w, "end", 3);
}

static void numbers_come_back(void **state) {
    (void)state;
    uint8_t memory[64];
    struct sn_writer w = sn_writer(memory, sizeof memory);
    put_everything(&w);
    assert_false(w.full);
    static const uint8_t head[] = {0x12, 0x56, 0x34, 0xde, 0xbc, 0x9a, 0x78, 0xef, 0xcd};
    assert_memory_equal(memory, head, sizeof head); /* little-endian */

    uint8_t *copy = exact(memory, w.len);
    struct sn_reader r = sn_reader(copy, w.len);
    assert_int_equal(sn_get_u8(&r), 0x12);
    assert_int_equal(sn_get_u16(&r), 0x3456);
    assert_int_equal(sn_get_u32(&r), UINT32_C(0x789abcde));
    assert_int_equal(sn_get_u64(&r), UINT64_C(0x0123456789abcdef));
    assert_true(sn_get_i64(&r) == INT64_MIN);
    assert_true(sn_get_f64(&r) == -0.1);
    assert_int_equal(sn_get_varint(&r), 300);
    struct sn_span span = sn_get_span(&r);
    assert_int_equal(span.len, 4);
    assert_memory_equal(span.data, "span", 4);
    assert_memory_equal(sn_get_bytes(&r, 6), "\0\0\0end", 6);
    assert_int_equal(sn_reader_left(&r), 0);
    assert_false(r.bad);
    assert_int_equal(sn_get_u8(&r), 0); /* one too far */
    assert_true(r.bad);
    free(copy);
}

/* With too little room whatever was written whole stays, and nothing after the first gap is added. */
static void a_full_writer_keeps_what_it_has(void **state) {
    (void)state;
    uint8_t whole[64];
    struct sn_writer all = sn_writer(whole, sizeof whole);
    put_everything(&all);
    static const size_t ends[] = {0, 1, 3, 7, 15, 23, 31, 33, 38, 41, 44}; /* after each of the writes */
    assert_int_equal(all.len, ends[ROWS(ends) - 1]);
    for (size_t cap = 0; cap <= all.len; cap++) {
        uint8_t *memory = exact(whole, cap);
        memset(memory, 0xaa, cap > 0 ? cap : 1);
        struct sn_writer w = sn_writer(memory, cap);
        put_everything(&w);
        size_t kept = 0;
        for (size_t i = 0; i < ROWS(ends); i++)
            if (ends[i] <= cap) kept = ends[i];
        assert_int_equal(w.len, kept);
        assert_int_equal(w.full, cap < all.len);
        assert_memory_equal(memory, whole, w.len);
        free(memory);
    }
}

static void a_bad_reader_gives_nothing(void **state) {
    (void)state;
    struct sn_reader r = sn_reader("\x01\x02\x03", 3);
    assert_int_equal(sn_get_u32(&r), 0);
    assert_true(r.bad);
    assert_int_equal(sn_get_u8(&r), 0); /* though a byte is there */
    assert_null(sn_get_bytes(&r, 0));
    assert_int_equal(sn_get_span(&r).len, 0);
    assert_int_equal(sn_reader_left(&r), 0); /* so that a loop over the rest ends */
}

static void nothing_is_not_an_error(void **state) {
    (void)state;
    struct sn_reader r = sn_reader(NULL, 0);
    assert_non_null(sn_get_bytes(&r, 0));
    assert_false(r.bad);
    struct sn_writer w = sn_writer(NULL, 0);
    sn_put_bytes(&w, NULL, 0);
    sn_put_zeros(&w, 0);
    assert_false(w.full);
    sn_put_u8(&w, 1);
    assert_true(w.full);

    uint8_t memory[4];
    w = sn_writer(memory, sizeof memory);
    sn_put_span(&w, NULL, 0);
    r = sn_reader(memory, w.len);
    struct sn_span span = sn_get_span(&r);
    assert_false(r.bad);
    assert_int_equal(span.len, 0);
}

static void varints(void **state) {
    (void)state;
    static const struct {
        uint64_t value;
        size_t len;
    } rows[] = {{0, 1},     {1, 1},          {127, 1},        {128, 2},         {16383, 2},
                {16384, 3}, {UINT32_MAX, 5}, {1ull << 62, 9}, {1ull << 63, 10}, {UINT64_MAX, 10}};
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint8_t memory[16];
        struct sn_writer w = sn_writer(memory, sizeof memory);
        sn_put_varint(&w, rows[i].value);
        assert_int_equal(w.len, rows[i].len);
        for (size_t len = 0; len <= w.len; len++) {
            uint8_t *copy = exact(memory, len);
            struct sn_reader r = sn_reader(copy, len);
            uint64_t value = sn_get_varint(&r);
            assert_int_equal(r.bad, len < w.len); /* cut anywhere, it is malformed */
            assert_true(value == (len < w.len ? 0 : rows[i].value));
            free(copy);
        }
    }
    struct sn_reader r = sn_reader("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10); /* 65 bits */
    assert_int_equal(sn_get_varint(&r), 0);
    assert_true(r.bad);
    r = sn_reader("\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x00", 11); /* 11 bytes, though only of 0 */
    sn_get_varint(&r);
    assert_true(r.bad);
    r = sn_reader("\x85\x80\x00", 3); /* longer than needed, as writers with a fixed width make it */
    assert_int_equal(sn_get_varint(&r), 5);
    assert_false(r.bad);
}

/* A length that would be right only modulo 2^32 must not pass where size_t has 32 bits, nor anywhere else. */
static void a_span_longer_than_its_message_is_refused(void **state) {
    (void)state;
    static const uint64_t lens[] = {2, 3, UINT32_MAX, (1ull << 32) + 1, UINT64_MAX};
    for (size_t i = 0; i < ROWS(lens); i++) {
        uint8_t memory[16];
        struct sn_writer w = sn_writer(memory, sizeof memory);
        sn_put_varint(&w, lens[i]);
        sn_put_u8(&w, 'x');
        uint8_t *copy = exact(memory, w.len);
        struct sn_reader r = sn_reader(copy, w.len);
        struct sn_span span = sn_get_span(&r);
        assert_true(r.bad);
        assert_null(span.data);
        assert_int_equal(span.len, 0);
        free(copy);
    }
}

static void checksums_and_hashes(void **state) {
    (void)state;
    assert_int_equal(sn_crc32("", 0), 0);
    assert_int_equal(sn_crc32("123456789", 9), UINT32_C(0xcbf43926));
    assert_int_equal(sn_crc32("The quick brown fox jumps over the lazy dog", 43), UINT32_C(0x414fa339));

    /* Pinned: plan hashes and keys are stored and must not change from build to build. */
    assert_int_equal(sn_hash64("", 0), UINT64_C(0xefd01f60ba992926));
    assert_int_equal(sn_hash64("a", 1), UINT64_C(0x82a2a958a9bece5b));
    assert_int_not_equal(sn_hash64("ab", 2), sn_hash64("ba", 2));
    assert_int_not_equal(sn_hash64("\0", 1), sn_hash64("\0\0", 2));
}

static void constant_time_equality(void **state) {
    (void)state;
    assert_true(sn_equal_constant_time("", 0, "", 0));
    assert_true(sn_equal_constant_time("token", 5, "token", 5));
    assert_false(sn_equal_constant_time("token", 5, "toke", 4));
    assert_false(sn_equal_constant_time("", 0, "token", 5));
    for (size_t i = 0; i < 5; i++) {
        char other[] = "token";
        other[i] = (char)(other[i] ^ 0x40);
        assert_false(sn_equal_constant_time("token", 5, other, 5));
    }
}

static void utf8(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        bool valid;
    } rows[] = {
        {"", true},
        {"plain", true},
        {"\x7f", true},
        {"\xc2\x80", true},         /* U+0080, the first of two bytes */
        {"\xdf\xbf", true},         /* U+07FF, the last */
        {"\xe0\xa0\x80", true},     /* U+0800 */
        {"\xed\x9f\xbf", true},     /* U+D7FF, before the surrogates */
        {"\xee\x80\x80", true},     /* U+E000, after them */
        {"\xef\xbf\xbf", true},     /* U+FFFF: no character, but well formed */
        {"\xf0\x90\x80\x80", true}, /* U+10000 */
        {"\xf4\x8f\xbf\xbf", true}, /* U+10FFFF, the last of all */
        {"gr\xc3\xbc\xc3\x9f", true},
        {"\x80", false}, /* begins in the middle */
        {"\xbf", false},
        {"\xc0\x80", false},         /* U+0000, overlong */
        {"\xc1\xbf", false},         /* U+007F, overlong */
        {"\xe0\x9f\xbf", false},     /* U+07FF, overlong */
        {"\xf0\x8f\xbf\xbf", false}, /* U+FFFF, overlong */
        {"\xed\xa0\x80", false},     /* U+D800, a surrogate */
        {"\xed\xbf\xbf", false},     /* U+DFFF */
        {"\xf4\x90\x80\x80", false}, /* U+110000 */
        {"\xf5\x80\x80\x80", false},
        {"\xff", false},
        {"\xfe", false},
        {"\xc3", false}, /* cut */
        {"\xe2\x82", false},
        {"\xf0\x9f\x98", false},
        {"\xc3(", false}, /* followed by something else */
        {"\xe2\x82(", false},
        {"\xf0\x9f\x98(", false},
        {"\xe2(\xa1", false},
        {"a\xc2\x80"
         "\x80",
         false}, /* one too many */
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        size_t len = strlen(rows[i].bytes);
        uint8_t *copy = exact(rows[i].bytes, len);
        if (sn_utf8_valid(copy, len) != rows[i].valid) fail_msg("row %zu", i);
        free(copy);
    }
    assert_true(sn_utf8_valid("a\0b", 3)); /* U+0000 is a character like others */
}

static void control_characters(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t len;
    } rows[] = {
        {"", 0},
        {" ", 0},
        {"\x01", 1},
        {"\n", 1},
        {"\x1f", 1},
        {"\x7f", 1},
        {"\xc2\x80", 2},
        {"\xc2\x9f", 2},
        {"\xc2\xa0", 0},
        {"\xc2", 0}, /* cut: what ends the text is no part of it */
        {"\xc2(", 0},
        {"\xc3\x80", 0},
        {"\xe2\x80\xa9", 0},
        {"\xe2\x80\xaa", 3},
        {"\xe2\x80\xae", 3},
        {"\xe2\x80\xaf", 0},
        {"\xe2\x80", 0},
        {"\xe2\x81\xa5", 0},
        {"\xe2\x81\xa6", 3},
        {"\xe2\x81\xa9", 3},
        {"\xe2\x81\xaa", 0},
        {"\xe2", 0},
    };
    for (size_t i = 0; i < ROWS(rows); i++) {
        uint8_t *copy = exact(rows[i].text, strlen(rows[i].text) + 1);
        if (sn_control_len((const char *)copy) != rows[i].len) fail_msg("row %zu", i);
        free(copy);
    }
}

static void saturation(void **state) {
    (void)state;
    assert_true(sn_add_sat(2, 3) == 5);
    assert_true(sn_add_sat(UINT64_MAX - 1, 1) == UINT64_MAX);
    assert_true(sn_add_sat(UINT64_MAX, 1) == UINT64_MAX);
    assert_true(sn_add_sat(UINT64_MAX, UINT64_MAX) == UINT64_MAX);
    assert_true(sn_add_sat_u32(2, 3) == 5);
    assert_true(sn_add_sat_u32(UINT32_MAX - 1, 1) == UINT32_MAX);
    assert_true(sn_add_sat_u32(UINT32_MAX, UINT32_MAX) == UINT32_MAX);
    assert_true(sn_mul_sat(6, 7) == 42);
    assert_true(sn_mul_sat(UINT64_MAX, 0) == 0);
    assert_true(sn_mul_sat(0, UINT64_MAX) == 0);
    assert_true(sn_mul_sat(UINT64_MAX, 1) == UINT64_MAX);
    assert_true(sn_mul_sat(1ull << 32, 1ull << 31) == 1ull << 63);
    assert_true(sn_mul_sat(1ull << 32, 1ull << 32) == UINT64_MAX);
    assert_true(sn_mul_sat(UINT64_MAX / 3, 3) == UINT64_MAX / 3 * 3);
    assert_true(sn_mul_sat(UINT64_MAX / 3 + 1, 3) == UINT64_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_come_back),
        cmocka_unit_test(a_full_writer_keeps_what_it_has),
        cmocka_unit_test(a_bad_reader_gives_nothing),
        cmocka_unit_test(nothing_is_not_an_error),
        cmocka_unit_test(varints),
        cmocka_unit_test(a_span_longer_than_its_message_is_refused),
        cmocka_unit_test(checksums_and_hashes),
        cmocka_unit_test(constant_time_equality),
        cmocka_unit_test(utf8),
        cmocka_unit_test(control_characters),
        cmocka_unit_test(saturation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
