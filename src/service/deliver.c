#include "sentinel/service/deliver.h"

#include "sentinel/base/sha256.h"

static bool refused_for_good(uint32_t status) {
    return status >= 300 && status < 500 && status != 408 && status != 425 && status != 429;
}

enum sn_fate sn_deliver_next(const struct sn_try *tried, int64_t *wait_us) {
    *wait_us = SN_TRY_FIRST_US;
    if (tried->status >= 200 && tried->status < 300) return SN_FATE_DELIVERED;
    if (!tried->certain && (refused_for_good(tried->status) || tried->attempt >= SN_TRIES_MAX)) return SN_FATE_DEAD;
    for (uint32_t i = 1; i < tried->attempt && *wait_us < SN_TRY_LAST_US; i++) *wait_us *= 4;
    int64_t asked_us = (int64_t)tried->retry_after_s * SN_SECOND_US;
    if (asked_us > *wait_us) *wait_us = asked_us;
    if (*wait_us > SN_TRY_LAST_US) *wait_us = SN_TRY_LAST_US;
    return SN_FATE_WAITING;
}

uint32_t sn_deliver_retry_after_s(struct sn_span header) {
    uint32_t seconds = 0;
    if (header.len == 0 || header.len > 9) return 0;
    for (size_t i = 0; i < header.len; i++) {
        if (header.data[i] < '0' || header.data[i] > '9') return 0;
        seconds = seconds * 10 + (header.data[i] - '0');
    }
    return seconds;
}

void sn_deliver_put_signature(struct sn_writer *w, struct sn_span secret, int64_t at_us, struct sn_span body) {
    uint8_t seconds[24], digest[SN_SHA256_LEN];
    struct sn_writer t = sn_writer(seconds, sizeof seconds);
    struct sn_hmac hmac;
    sn_put_int(&t, at_us / SN_SECOND_US);
    sn_hmac_begin(&hmac, secret.data, secret.len);
    sn_hmac_add(&hmac, seconds, t.len);
    sn_hmac_add(&hmac, ".", 1);
    sn_hmac_add(&hmac, body.data, body.len);
    sn_hmac_end(&hmac, digest);
    sn_put_text(w, "t=");
    sn_put_bytes(w, seconds, t.len);
    sn_put_text(w, ",v1=");
    for (unsigned i = 0; i < SN_SHA256_LEN; i++) sn_put_hex(w, digest[i], 2);
}
