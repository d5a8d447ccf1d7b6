/* Histograms for tests: each with a pool of its own, filled at random, compared by their bytes. */
#ifndef TESTS_UNIT_HIST_HELP_H
#define TESTS_UNIT_HIST_HELP_H

#include <stdlib.h>
#include <string.h>

#include "../../src/measure/hist_code.h"
#include "sentinel/base/random.h"

/* A histogram with a pool of its own. */
struct own {
    struct sn_hist hist;
    struct sn_pages pages;
    uint32_t memory[SN_HIST_PAGES + 1][SN_HIST_PAGE];
};

static inline void own_init(struct own *own) {
    sn_hist_init(&own->hist);
    sn_pages_init(&own->pages, own->memory, sizeof own->memory);
}

static inline void record(struct own *own, uint64_t value_us, uint32_t count) {
    assert_int_equal(sn_hist_record(&own->hist, &own->pages, value_us, count), SN_OK);
}

/* Encodes into memory of exactly the right size. */
struct bytes {
    uint8_t *data;
    size_t len;
};

static inline struct bytes encode(const struct own *own) {
    static uint8_t space[65536];
    struct sn_writer w = sn_writer(space, sizeof space);
    sn_hist_put(&w, &own->hist, &own->pages);
    assert_false(w.full);
    struct bytes bytes = {malloc(w.len), w.len};
    memcpy(bytes.data, space, w.len);
    return bytes;
}

/* Adds what was encoded; refused, it changes neither. */
static inline enum sn_status add_encoded(struct sn_reader *r, struct own *into) {
    struct sn_reader at = *r;
    uint8_t layout = sn_get_u8(&at);
    if (at.bad) return SN_E_FORMAT;
    if (layout != 1) return SN_E_VERSION;
    struct sn_reader again = at;
    struct sn_hist_body body;
    if (!sn_hist_body_check(&at, &body)) return SN_E_FORMAT;
    size_t len = at.pos - r->pos;
    uint32_t crc = sn_get_u32(&at);
    if (at.bad) return SN_E_FORMAT;
    if (crc != sn_crc32(r->data + r->pos, len)) return SN_E_CHECKSUM;
    assert_int_equal(sn_hist_body_add(&again, &into->hist, &into->pages), 0);
    *r = at;
    return SN_OK;
}

static inline uint32_t counter_of(const struct own *own, uint32_t bucket) {
    uint16_t page = own->hist.pages[bucket / SN_HIST_PAGE];
    return page == SN_HIST_NO_PAGE ? 0 : own->pages.page[page][bucket % SN_HIST_PAGE];
}

static inline void assert_same(const struct own *a, const struct own *b) {
    struct bytes x = encode(a), y = encode(b);
    assert_int_equal(x.len, y.len);
    assert_memory_equal(x.data, y.data, x.len);
    free(x.data);
    free(y.data);
}

/* Exponential without a logarithm: each further leading zero is one more halving. */
static inline uint32_t exponential(struct sn_rng *rng, uint32_t scale_us) {
    uint32_t halvings = (uint32_t)__builtin_clzll(sn_rng_u64(rng) | 1);
    return halvings * scale_us + sn_rng_below(rng, scale_us);
}

static inline uint32_t draw(struct sn_rng *rng, unsigned shape) {
    switch (shape) {
    case 0: return sn_rng_below(rng, 200);
    case 1: return 1000 + sn_rng_below(rng, 90000);
    case 2: return exponential(rng, 12000);
    case 3: return sn_rng_below(rng, 100) < 97 ? 4000 + sn_rng_below(rng, 50) : 800000 + sn_rng_below(rng, 4000000);
    case 4: return sn_rng_below(rng, 2) == 0 ? 0 : UINT32_MAX - sn_rng_below(rng, 1000);
    default: return (uint32_t)(sn_rng_u64(rng) >> (32 + sn_rng_below(rng, 32))); /* every magnitude alike */
    }
}

static inline void fill(struct own *own, uint64_t seed, uint32_t len) {
    struct sn_rng rng = sn_rng(seed, SN_PURPOSE_VALUE, 0);
    for (uint32_t i = 0; i < len; i++) record(own, draw(&rng, (unsigned)(seed + i) % 6), 1 + sn_rng_below(&rng, 3));
}

static inline void merge(struct own *into, const struct own *from) {
    assert_int_equal(sn_hist_merge(&into->hist, &into->pages, &from->hist, &from->pages), SN_OK);
}

#endif
