#include "sentinel/base/sha256.h"

#include <string.h>

#define BLOCK 64u

/* The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4, 4.2.2). */
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t turned(uint32_t x, unsigned by) {
    return x >> by | x << (32 - by);
}

static uint32_t big_endian(const uint8_t *at) {
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* FIPS 180-4, 6.2.2; the schedule's 64 words are made in place of the 16 that are needed at a time. */
static void compress(uint32_t state[8], const uint8_t block[BLOCK]) {
    uint32_t w[16], v[8];
    memcpy(v, state, sizeof v);
    for (unsigned t = 0; t < 64; t++) {
        uint32_t *word = &w[t % 16];
        if (t < 16) {
            *word = big_endian(block + 4 * t);
        } else {
            uint32_t a = w[(t + 1) % 16], b = w[(t + 14) % 16];
            *word +=
                (turned(a, 7) ^ turned(a, 18) ^ a >> 3) + w[(t + 9) % 16] + (turned(b, 17) ^ turned(b, 19) ^ b >> 10);
        }
        uint32_t sum1 = turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25);
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + sum1 + choice + constants[t] + *word;
        uint32_t sum0 = turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof *v);
        v[4] += t1;
        v[0] = t1 + sum0 + majority;
    }
    for (unsigned i = 0; i < 8; i++) state[i] += v[i];
}

void sn_sha256_begin(struct sn_sha256 *hash) {
    static const uint32_t first[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(hash->state, first, sizeof first);
    hash->len = 0;
}

void sn_sha256_add(struct sn_sha256 *hash, const void *data, size_t len) {
    const uint8_t *bytes = data;
    for (size_t i = 0; i < len; i++) {
        hash->block[hash->len % BLOCK] = bytes[i];
        if (++hash->len % BLOCK == 0) compress(hash->state, hash->block);
    }
}

void sn_sha256_end(struct sn_sha256 *hash, uint8_t digest[SN_SHA256_LEN]) {
    uint64_t bits = hash->len * 8;
    uint8_t length[8];
    for (unsigned i = 0; i < 8; i++) length[i] = (uint8_t)(bits >> (56 - 8 * i));
    sn_sha256_add(hash, "\x80", 1);
    while (hash->len % BLOCK != BLOCK - sizeof length) sn_sha256_add(hash, "", 1);
    sn_sha256_add(hash, length, sizeof length);
    for (unsigned i = 0; i < SN_SHA256_LEN; i++) digest[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void sn_hmac_begin(struct sn_hmac *hmac, const void *key, size_t len) {
    uint8_t block[BLOCK] = {0}, inner[BLOCK], outer[BLOCK];
    if (len > BLOCK) {
        sn_sha256_begin(&hmac->inner);
        sn_sha256_add(&hmac->inner, key, len);
        sn_sha256_end(&hmac->inner, block);
    } else if (len > 0) {
        memcpy(block, key, len);
    }
    for (unsigned i = 0; i < BLOCK; i++) {
        inner[i] = block[i] ^ 0x36;
        outer[i] = block[i] ^ 0x5c;
    }
    sn_sha256_begin(&hmac->inner);
    sn_sha256_add(&hmac->inner, inner, BLOCK);
    sn_sha256_begin(&hmac->outer);
    sn_sha256_add(&hmac->outer, outer, BLOCK);
}

void sn_hmac_add(struct sn_hmac *hmac, const void *data, size_t len) {
    sn_sha256_add(&hmac->inner, data, len);
}

void sn_hmac_end(struct sn_hmac *hmac, uint8_t digest[SN_SHA256_LEN]) {
    sn_sha256_end(&hmac->inner, digest);
    sn_sha256_add(&hmac->outer, digest, SN_SHA256_LEN);
    sn_sha256_end(&hmac->outer, digest);
}
