#include "sentinel/load/keyspace.h"

#include <string.h>

#include "sentinel/base/assert.h"
#include "sentinel/base/decimal.h"
#include "sentinel/base/random.h"
#include "zipf.h"

#define EXPONENT_MAX 100 /* from 60 on the first rank gets every draw */

/* --- Making one ------------------------------------------------------------------------------------------- */

static bool is_zipf(const struct sn_keyspace *keyspace) {
    return keyspace->distribution == SN_DISTRIBUTION_ZIPFIAN || keyspace->distribution == SN_DISTRIBUTION_LATEST;
}

static bool exponent_sound(const struct sn_keyspace *keyspace) {
    if (!is_zipf(keyspace)) return keyspace->exponent == 0;
    return keyspace->exponent > 0 && keyspace->exponent <= EXPONENT_MAX;
}

static bool hot_sound(const struct sn_keyspace *keyspace) {
    if (keyspace->distribution != SN_DISTRIBUTION_HOTSET) return keyspace->hot == 0 && keyspace->share == 0;
    return keyspace->hot >= 1 && keyspace->hot <= keyspace->count && keyspace->share >= 0 && keyspace->share <= 1;
}

/* Fills what follows from the rest.  False when the rest is not sound. */
static bool complete(struct sn_keyspace *keyspace) {
    if (keyspace->count < 1 || keyspace->count > SN_KEYS_MAX || keyspace->reserved != 0) return false;
    if (keyspace->distribution < SN_DISTRIBUTION_UNIFORM || keyspace->distribution > SN_DISTRIBUTION_LATEST)
        return false;
    if (!exponent_sound(keyspace) || !hot_sound(keyspace)) return false;
    keyspace->low = keyspace->high = keyspace->sure = 0;
    if (is_zipf(keyspace)) sn_zipf_prepare(keyspace);
    return true;
}

bool sn_keyspace_sound(const struct sn_keyspace *keyspace) {
    struct sn_keyspace again = *keyspace;
    return complete(&again) && memcmp(&again, keyspace, sizeof again) == 0;
}

/* --- From text --------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    uint32_t distribution;
    size_t numbers;
} forms[] = {
#define SN_X(id, value, text, numbers) {text, value, numbers},
    SN_DISTRIBUTION_LIST(SN_X)
#undef SN_X
};

static bool read_numbers(const char *text, double *numbers, size_t len) {
    for (size_t i = 0; i < len; i++) {
        size_t used;
        if (*text++ != ':') return false;
        numbers[i] = sn_decimal_read(text, strlen(text), &used);
        if (used == 0) return false;
        text += used;
    }
    return *text == 0;
}

static bool read_form(struct sn_keyspace *keyspace, const char *text) {
    double numbers[2] = {0};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        size_t len = strlen(forms[i].name);
        if (strncmp(text, forms[i].name, len) != 0) continue;
        keyspace->distribution = forms[i].distribution;
        if (!read_numbers(text + len, numbers, forms[i].numbers)) return false;
    }
    if (keyspace->distribution == SN_DISTRIBUTION_HOTSET) {
        if (!(numbers[0] > 0 && numbers[0] < 1)) return false;
        keyspace->hot = (uint32_t)(numbers[0] * keyspace->count + 0.5);
        keyspace->hot += keyspace->hot == 0;
        keyspace->share = numbers[1];
    } else {
        keyspace->exponent = numbers[0];
    }
    return true;
}

enum sn_status sn_keyspace_read(struct sn_keyspace *keyspace, const char *text, uint32_t count, uint64_t salt) {
    *keyspace = (struct sn_keyspace){.count = count, .salt = salt};
    if (count < 1 || count > SN_KEYS_MAX) return SN_E_RANGE;
    return read_form(keyspace, text) && complete(keyspace) ? SN_OK : SN_E_FORMAT;
}

/* --- Drawing ------------------------------------------------------------------------------------------------ */

/* Where every key is hot there is nothing else to draw from. */
static uint32_t draw_hotset(const struct sn_keyspace *keyspace, struct sn_rng *rng) {
    bool hot = sn_rng_unit(rng) < keyspace->share || keyspace->hot == keyspace->count;
    if (hot) return sn_rng_below(rng, keyspace->hot);
    return keyspace->hot + sn_rng_below(rng, keyspace->count - keyspace->hot);
}

uint32_t sn_keyspace_rank(const struct sn_keyspace *keyspace, uint64_t seed, uint64_t k) {
    uint64_t own = seed ^ keyspace->salt;
    if (keyspace->distribution == SN_DISTRIBUTION_UNIFORM)
        return sn_rng_first_below(own, SN_PURPOSE_KEY, k, keyspace->count);
    struct sn_rng rng = sn_rng(own, SN_PURPOSE_KEY, k);
    switch (keyspace->distribution) {
    case SN_DISTRIBUTION_SEQUENTIAL: return (uint32_t)(k % keyspace->count);
    case SN_DISTRIBUTION_ZIPFIAN:
    case SN_DISTRIBUTION_LATEST: return sn_zipf_draw(keyspace, &rng);
    default: SN_ASSERT(keyspace->distribution == SN_DISTRIBUTION_HOTSET); return draw_hotset(keyspace, &rng);
    }
}

/* Each step is one to one on the numbers of so many bits: an addition, an odd factor, and the high bits brought down
 * into the low ones.  What comes out too large goes through again: since the way back is one to one as well, it ends at
 * the latest where it began, and no two ways meet. */
uint32_t sn_keyspace_scatter(uint32_t rank, uint32_t count) {
    uint32_t bits = count > 1 ? 32 - (uint32_t)__builtin_clz(count - 1) : 0;
    uint32_t mask = (uint32_t)((UINT64_C(1) << bits) - 1), shift = bits / 2 + 1, x = rank;
    do {
        x = ((x + 0x3c6ef372) * 0x9e3779b1) & mask;
        x ^= x >> shift;
        x = (x * 0x85ebca6b) & mask;
        x ^= x >> shift;
    } while (x >= count);
    return x;
}

uint32_t sn_keyspace_key(const struct sn_keyspace *keyspace, uint64_t seed, uint64_t k) {
    uint32_t rank = sn_keyspace_rank(keyspace, seed, k);
    if (keyspace->distribution == SN_DISTRIBUTION_ZIPFIAN) return sn_keyspace_scatter(rank, keyspace->count);
    if (keyspace->distribution != SN_DISTRIBUTION_LATEST) return rank;
    uint32_t newest = (uint32_t)(k % keyspace->count);
    return newest >= rank ? newest - rank : newest + (keyspace->count - rank);
}
