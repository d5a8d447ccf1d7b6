#include "sentinel/load/mix.h"

#include "sentinel/base/assert.h"

/* Each of the `len` columns holds `total` draws.  A kind's share is weight · len of the total · len draws: a kind with
 * less than a column keeps what it has and lets one with more than a column fill the rest of it. */
enum sn_status sn_mix_init(struct sn_mix *mix, const uint32_t *weights, uint32_t len) {
    if (len == 0 || len > SN_KINDS_MAX) return SN_E_RANGE;
    uint64_t total = 0;
    for (uint32_t i = 0; i < len; i++) total += weights[i];
    if (total == 0 || total * len > UINT32_MAX) return SN_E_RANGE;

    *mix = (struct sn_mix){.len = len, .total = (uint32_t)total};
    uint32_t share[SN_KINDS_MAX], small[SN_KINDS_MAX], large[SN_KINDS_MAX];
    uint32_t small_len = 0, large_len = 0;
    for (uint32_t i = 0; i < len; i++) {
        share[i] = weights[i] * len;
        if (share[i] < mix->total)
            small[small_len++] = i;
        else
            large[large_len++] = i;
    }
    while (small_len > 0) {
        SN_ASSERT(large_len > 0); /* in integers the shares of the open columns add up to exactly those columns */
        uint32_t s = small[--small_len], l = large[large_len - 1];
        mix->threshold[s] = share[s];
        mix->alias[s] = l;
        share[l] -= mix->total - share[s];
        if (share[l] < mix->total) {
            large_len--;
            small[small_len++] = l;
        }
    }
    for (uint32_t i = 0; i < large_len; i++) {
        /* cppcheck-suppress uninitvar ; large[0 … large_len) are set above: that is how large_len grew */
        mix->threshold[large[i]] = mix->total;
        mix->alias[large[i]] = large[i];
    }
    return SN_OK;
}

uint32_t sn_mix_draws(const struct sn_mix *mix) {
    return mix->total * mix->len;
}

uint32_t sn_mix_at(const struct sn_mix *mix, uint32_t draw) {
    uint32_t column = draw / mix->total, alias = mix->alias[column]; /* read in any case: nothing to guess wrong */
    return draw - column * mix->total < mix->threshold[column] ? column : alias;
}
