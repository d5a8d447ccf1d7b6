/* Vectors: FIPS 180-4's examples (NIST, "SHA256.pdf"), RFC 4231 for HMAC. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/base/sha256.h"

static void expect(const uint8_t digest[SN_SHA256_LEN], const char *hex) {
    char text[2 * SN_SHA256_LEN + 1];
    struct sn_writer w = sn_writer(text, sizeof text);
    for (unsigned i = 0; i < SN_SHA256_LEN; i++) sn_put_hex(&w, digest[i], 2);
    sn_put_u8(&w, 0);
    assert_string_equal(text, hex);
}

static void expect_sha256(const void *data, size_t len, size_t piece, const char *hex) {
    struct sn_sha256 hash;
    uint8_t digest[SN_SHA256_LEN];
    sn_sha256_begin(&hash);
    for (size_t at = 0; at < len; at += piece)
        sn_sha256_add(&hash, (const uint8_t *)data + at, len - at < piece ? len - at : piece);
    sn_sha256_end(&hash, digest);
    expect(digest, hex);
}

static void test_sha256(void **state) {
    static const struct {
        const char *text, *hex;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        /* 56 bytes: the length no longer fits into the block. */
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqr"
         "stu",
         "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < 130; piece += 21)
            expect_sha256(rows[i].text, strlen(rows[i].text), piece, rows[i].hex);
}

static void test_sha256_of_a_million(void **state) {
    char *text = malloc(1000000);
    (void)state;
    memset(text, 'a', 1000000);
    expect_sha256(text, 1000000, 977, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    free(text);
}

static void test_hmac(void **state) {
    static uint8_t b0[20], aa[131], dd[50], cd[50], counted[25];
    static const char large[] = "Test Using Larger Than Block-Size Key - Hash Key First";
    static const char both[] = "This is a test using a larger than block-size key and a larger than block-size data. "
                               "The key needs to be hashed before being used by the HMAC algorithm.";
    memset(b0, 0x0b, sizeof b0);
    memset(aa, 0xaa, sizeof aa);
    memset(dd, 0xdd, sizeof dd);
    memset(cd, 0xcd, sizeof cd);
    for (uint8_t i = 0; i < sizeof counted; i++) counted[i] = (uint8_t)(i + 1);
    const struct {
        const void *key, *data;
        size_t key_len, data_len;
        const char *hex;
    } rows[] = {
        {b0, "Hi There", 20, 8, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?", 4, 28,
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {aa, dd, 20, 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {counted, cd, 25, 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {aa, large, 131, sizeof large - 1, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {aa, both, 131, sizeof both - 1, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
        {"", "", 0, 0, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct sn_hmac hmac;
        uint8_t digest[SN_SHA256_LEN];
        size_t half = rows[i].data_len / 2;
        sn_hmac_begin(&hmac, rows[i].key, rows[i].key_len);
        sn_hmac_add(&hmac, rows[i].data, half);
        sn_hmac_add(&hmac, (const uint8_t *)rows[i].data + half, rows[i].data_len - half);
        sn_hmac_end(&hmac, digest);
        expect(digest, rows[i].hex);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha256),
        cmocka_unit_test(test_sha256_of_a_million),
        cmocka_unit_test(test_hmac),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
