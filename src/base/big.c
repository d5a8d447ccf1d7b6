#include "big.h"

#include "sentinel/base/assert.h"

void sn_big_set(struct sn_big *a, uint64_t value) {
    a->limbs[0] = (uint32_t)value;
    a->limbs[1] = (uint32_t)(value >> 32);
    a->len = a->limbs[1] != 0 ? 2 : a->limbs[0] != 0;
}

void sn_big_multiply(struct sn_big *a, uint32_t factor, uint32_t plus) {
    uint64_t carry = plus;
    for (uint32_t i = 0; i < a->len; i++) {
        carry += (uint64_t)a->limbs[i] * factor;
        a->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry == 0) return;
    SN_ASSERT(a->len < SN_BIG_LIMBS);
    a->limbs[a->len++] = (uint32_t)carry;
}

void sn_big_times_10(struct sn_big *a, int64_t n) {
    for (; n >= 9; n -= 9) sn_big_multiply(a, 1000000000, 0);
    for (; n > 0; n--) sn_big_multiply(a, 10, 0);
}

void sn_big_times_2(struct sn_big *a, int64_t n) {
    for (; n >= 31; n -= 31) sn_big_multiply(a, UINT32_C(1) << 31, 0);
    if (n > 0) sn_big_multiply(a, UINT32_C(1) << n, 0);
}

static uint32_t limb(const struct sn_big *a, uint32_t i) {
    return i < a->len ? a->limbs[i] : 0;
}

/* From the lowest limb up, so that the last difference decides. */
int sn_big_compare_sum(const struct sn_big *a, const struct sn_big *b, const struct sn_big *c) {
    uint32_t len = a->len > b->len ? a->len : b->len;
    if (c->len > len) len = c->len;
    uint64_t carry = 0;
    int order = 0;
    for (uint32_t i = 0; i < len; i++) {
        carry += (uint64_t)limb(a, i) + limb(b, i);
        if ((uint32_t)carry != limb(c, i)) order = (uint32_t)carry > limb(c, i) ? 1 : -1;
        carry >>= 32;
    }
    return carry > 0 ? 1 : order;
}

int sn_big_compare(const struct sn_big *a, const struct sn_big *b) {
    if (a->len != b->len) return a->len > b->len ? 1 : -1;
    for (uint32_t i = a->len; i > 0; i--)
        if (a->limbs[i - 1] != b->limbs[i - 1]) return a->limbs[i - 1] > b->limbs[i - 1] ? 1 : -1;
    return 0;
}

bool sn_big_take(struct sn_big *a, const struct sn_big *b) {
    if (sn_big_compare(a, b) < 0) return false;
    uint64_t borrow = 0;
    for (uint32_t i = 0; i < a->len; i++) {
        uint64_t difference = (uint64_t)a->limbs[i] - limb(b, i) - borrow;
        a->limbs[i] = (uint32_t)difference;
        borrow = difference >> 63;
    }
    while (a->len > 0 && a->limbs[a->len - 1] == 0) a->len--;
    return true;
}

uint64_t sn_big_low(const struct sn_big *a) {
    return (uint64_t)limb(a, 1) << 32 | limb(a, 0);
}

int sn_big_bits(const struct sn_big *a) {
    return (int)a->len * 32 - __builtin_clz(a->limbs[a->len - 1]);
}
