/* SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 2104): what goes out is signed with a secret that both ends know. */
#ifndef SENTINEL_BASE_SHA256_H
#define SENTINEL_BASE_SHA256_H

#include "sentinel/base/bytes.h"

#define SN_SHA256_LEN 32u

/* Bytes may come in pieces: begin, add as often as there are pieces, end.  What is hashed is below 2^61 bytes. */
struct sn_sha256 {
    uint32_t state[8];
    uint64_t len; /* bytes so far */
    uint8_t block[64];
};

void sn_sha256_begin(struct sn_sha256 *hash);
void sn_sha256_add(struct sn_sha256 *hash, const void *data, size_t len);
void sn_sha256_end(struct sn_sha256 *hash, uint8_t digest[SN_SHA256_LEN]);

struct sn_hmac {
    struct sn_sha256 inner, outer;
};

/* A key of any length; one above 64 bytes counts as its hash (RFC 2104, 2). */
void sn_hmac_begin(struct sn_hmac *hmac, const void *key, size_t len);
void sn_hmac_add(struct sn_hmac *hmac, const void *data, size_t len);
void sn_hmac_end(struct sn_hmac *hmac, uint8_t digest[SN_SHA256_LEN]);

#endif
