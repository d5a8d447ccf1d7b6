/* Whole numbers of a few thousand bits, for the exact conversion of doubles. */
#ifndef SENTINEL_BASE_BIG_H
#define SENTINEL_BASE_BIG_H

#include <stdbool.h>
#include <stdint.h>

/* The largest is 10^1099, below the 769 digits of a number near the smallest double: 3,651 bits.  More would trap. */
#define SN_BIG_LIMBS 128

struct sn_big {
    uint32_t limbs[SN_BIG_LIMBS]; /* the lowest first */
    uint32_t len;                 /* without zeros at the top, so 0 has none */
};

void sn_big_set(struct sn_big *a, uint64_t value);
void sn_big_multiply(struct sn_big *a, uint32_t factor, uint32_t plus); /* a · factor + plus */
void sn_big_times_10(struct sn_big *a, int64_t n);                      /* a · 10^n; as it is where n ≤ 0 */
void sn_big_times_2(struct sn_big *a, int64_t n);                       /* a · 2^n; as it is where n ≤ 0 */
bool sn_big_take(struct sn_big *a, const struct sn_big *b);             /* a - b if a ≥ b, else false */
uint64_t sn_big_low(const struct sn_big *a);                            /* the low 64 bits */
int sn_big_bits(const struct sn_big *a);                                /* without leading zeros; a > 0 */
/* Below 0, 0 or above 0, as a is to b, or as a + b is to c. */
int sn_big_compare(const struct sn_big *a, const struct sn_big *b);
int sn_big_compare_sum(const struct sn_big *a, const struct sn_big *b, const struct sn_big *c);

#endif
