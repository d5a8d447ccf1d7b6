#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "sentinel/service/deliver.h"

#define ROWS(table) (sizeof(table) / sizeof(table)[0])
#define MINUTE_US (60 * SN_SECOND_US)

static void fates(void **state) {
    static const struct {
        struct sn_try tried;
        enum sn_fate fate;
        int64_t minutes; /* until the next try */
    } rows[] = {
        {{.status = 200, .attempt = 1}, SN_FATE_DELIVERED, 0},
        {{.status = 204, .attempt = 5}, SN_FATE_DELIVERED, 0},
        {{.status = 0, .attempt = 1}, SN_FATE_WAITING, 1},
        {{.status = 500, .attempt = 2}, SN_FATE_WAITING, 4},
        {{.status = 503, .attempt = 3}, SN_FATE_WAITING, 16},
        {{.status = 500, .attempt = 4}, SN_FATE_WAITING, 64},
        {{.status = 500, .attempt = 5}, SN_FATE_DEAD, 0},
        {{.status = 0, .attempt = 6}, SN_FATE_DEAD, 0},
        /* The same bytes again would be refused again. */
        {{.status = 400, .attempt = 1}, SN_FATE_DEAD, 0},
        {{.status = 401, .attempt = 1}, SN_FATE_DEAD, 0},
        {{.status = 410, .attempt = 1}, SN_FATE_DEAD, 0},
        {{.status = 302, .attempt = 1}, SN_FATE_DEAD, 0},
        /* These say that it is a matter of time. */
        {{.status = 408, .attempt = 1}, SN_FATE_WAITING, 1},
        {{.status = 425, .attempt = 1}, SN_FATE_WAITING, 1},
        {{.status = 429, .attempt = 1}, SN_FATE_WAITING, 1},
        {{.status = 429, .attempt = 5}, SN_FATE_DEAD, 0},
        /* Who asks for patience gets it, but not more than the longest pause, nor less than the next one. */
        {{.status = 503, .attempt = 1, .retry_after_s = 600}, SN_FATE_WAITING, 10},
        {{.status = 503, .attempt = 1, .retry_after_s = 999999999}, SN_FATE_WAITING, 64},
        {{.status = 503, .attempt = 2, .retry_after_s = 1}, SN_FATE_WAITING, 4},
        /* What has to arrive is tried for ever. */
        {{.status = 401, .attempt = 1, .certain = true}, SN_FATE_WAITING, 1},
        {{.status = 500, .attempt = 5, .certain = true}, SN_FATE_WAITING, 64},
        {{.status = 0, .attempt = UINT32_MAX, .certain = true}, SN_FATE_WAITING, 64},
    };
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        int64_t wait_us;
        assert_int_equal(sn_deliver_next(&rows[i].tried, &wait_us), rows[i].fate);
        if (rows[i].fate == SN_FATE_WAITING) assert_int_equal(wait_us, rows[i].minutes * MINUTE_US);
    }
}

static void retry_after(void **state) {
    static const struct {
        const char *header;
        uint32_t seconds;
    } rows[] = {{"", 0},
                {"0", 0},
                {"120", 120},
                {"999999999", 999999999},
                {"1000000000", 0},
                {"-1", 0},
                {"12 minutes", 0},
                {"1.5", 0},
                {"Fri, 27 Nov 2026 07:28:00 GMT", 0}};
    (void)state;
    for (size_t i = 0; i < ROWS(rows); i++) {
        struct sn_span header = {(const uint8_t *)rows[i].header, strlen(rows[i].header)};
        assert_int_equal(sn_deliver_retry_after_s(header), rows[i].seconds);
    }
}

/* The digest is that of `printf '1790000000.{"a":1}' | openssl dgst -sha256 -hmac secret`. */
static void signature(void **state) {
    char text[128];
    struct sn_writer w = sn_writer(text, sizeof text);
    struct sn_span secret = {(const uint8_t *)"secret", 6}, body = {(const uint8_t *)"{\"a\":1}", 7};
    (void)state;
    sn_deliver_put_signature(&w, secret, 1790000000 * SN_SECOND_US + 999999, body);
    sn_put_u8(&w, 0);
    assert_string_equal(text, "t=1790000000,v1=da8fe498621aaab99d5b11c51346b13d1a2bf2914b865b8d3edd3531cab25a3e");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fates),
        cmocka_unit_test(retry_after),
        cmocka_unit_test(signature),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
