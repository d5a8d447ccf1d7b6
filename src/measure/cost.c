#include "sentinel/measure/cost.h"

#include <string.h>

static const struct sn_meter_facts meters[SN_METERS_LEN] = {
#define SN_X(name, key, words, unit, per, nusd, month, day, source) \
    {key, words, unit, per, UINT64_C(nusd), month, day, source},
    SN_METER_LIST(SN_X)
#undef SN_X
};

const struct sn_meter_facts *sn_meter(enum sn_meter meter) {
    return &meters[meter];
}

enum sn_meter sn_meter_find(const char *key) {
    size_t i = 0;
    while (i < SN_METERS_LEN && strcmp(meters[i].key, key) != 0) i++;
    return (enum sn_meter)i;
}

struct sn_prices sn_prices_listed(void) {
    struct sn_prices prices;
    for (size_t i = 0; i < SN_METERS_LEN; i++) prices.nusd[i] = meters[i].nusd;
    return prices;
}

/* The product has 128 bits, of which 64 are put together from halves; the division goes bit by bit. */
uint64_t sn_mul_div_up(uint64_t a, uint64_t b, uint64_t c) {
    uint64_t a0 = a & UINT32_MAX, a1 = a >> 32, b0 = b & UINT32_MAX, b1 = b >> 32;
    uint64_t middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (middle & UINT32_MAX);
    uint64_t high = a1 * b1 + (middle >> 32) + (other >> 32), low = a * b, quotient = 0;
    if (high >= c) return UINT64_MAX;
    for (int bit = 63; bit >= 0; bit--) { /* high is what is left of the dividend's top, always below c */
        bool carry = high >> 63 != 0;
        high = high << 1 | (low >> bit & 1);
        if (!carry && high < c) continue;
        high -= c;
        quotient |= UINT64_C(1) << bit;
    }
    return high == 0 || quotient == UINT64_MAX ? quotient : quotient + 1;
}

void sn_usage_add(struct sn_usage *into, const struct sn_usage *from) {
    for (size_t i = 0; i < SN_METERS_LEN; i++) into->units[i] = sn_add_sat(into->units[i], from->units[i]);
}

struct sn_usage sn_usage_scale(const struct sn_usage *usage, uint64_t times, uint64_t of) {
    struct sn_usage scaled;
    for (size_t i = 0; i < SN_METERS_LEN; i++) scaled.units[i] = sn_mul_div_up(usage->units[i], times, of > 0 ? of : 1);
    return scaled;
}

struct sn_usage sn_usage_beyond_month(const struct sn_usage *usage) {
    struct sn_usage beyond;
    for (size_t i = 0; i < SN_METERS_LEN; i++)
        beyond.units[i] = usage->units[i] > meters[i].month ? usage->units[i] - meters[i].month : 0;
    return beyond;
}

uint64_t sn_meter_cost_nusd(const struct sn_prices *prices, enum sn_meter meter, uint64_t units) {
    return sn_mul_div_up(units, prices->nusd[meter], meters[meter].per);
}

uint64_t sn_usage_cost_nusd(const struct sn_prices *prices, const struct sn_usage *usage) {
    uint64_t sum = 0;
    for (size_t i = 0; i < SN_METERS_LEN; i++)
        sum = sn_add_sat(sum, sn_meter_cost_nusd(prices, (enum sn_meter)i, usage->units[i]));
    return sum;
}

struct sn_usage sn_ledger_both(const struct sn_ledger *ledger) {
    struct sn_usage sum = ledger->target;
    sn_usage_add(&sum, &ledger->own);
    return sum;
}

uint64_t sn_ledger_cost_nusd(const struct sn_prices *prices, const struct sn_ledger *ledger) {
    return sn_add_sat(sn_usage_cost_nusd(prices, &ledger->target), sn_usage_cost_nusd(prices, &ledger->own));
}

void sn_put_usd(struct sn_writer *w, uint64_t nusd) {
    unsigned decimals = nusd >= SN_NUSD_PER_USD ? 2 : nusd >= SN_NUSD_PER_USD / 100 ? 4 : 6;
    uint64_t scale = decimals == 2 ? 100 : decimals == 4 ? 10000 : 1000000, step = SN_NUSD_PER_USD / scale;
    uint64_t steps = nusd / step + (nusd % step != 0);
    sn_put_text(w, "$");
    sn_put_dec(w, steps / scale);
    if (nusd == 0) return;
    sn_put_text(w, ".");
    for (uint64_t digit = scale / 10; digit > 0; digit /= 10) sn_put_dec(w, steps / digit % 10);
}
