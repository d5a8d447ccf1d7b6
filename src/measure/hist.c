#include "sentinel/measure/hist.h"

#include <string.h>

#include "hist_code.h"
#include "sentinel/base/assert.h"

_Static_assert(SN_HIST_PAGE == 128, "a page is the 128 sub-buckets of one power of two");

void sn_pages_init(struct sn_pages *pages, void *memory, size_t bytes) {
    size_t len = bytes / sizeof(uint32_t[SN_HIST_PAGE]);
    if (len > UINT16_MAX) len = UINT16_MAX; /* histograms name pages in 16 bits */
    if (len > 0) memset(memory, 0, len * sizeof(uint32_t[SN_HIST_PAGE]));
    *pages = (struct sn_pages){.page = memory, .len = (uint32_t)len, .used = 1};
}

void sn_hist_init(struct sn_hist *hist) {
    memset(hist, 0, sizeof *hist);
    hist->min_us = UINT32_MAX;
}

/* Values below 256 have a bucket each.  Above, the highest eight bits choose the bucket and `shift` bits are let go. */
uint32_t sn_hist_bucket(uint32_t value_us) {
    if (value_us < 2 * SN_HIST_PAGE) return value_us;
    uint32_t shift = 24 - (uint32_t)__builtin_clz(value_us);
    return shift * SN_HIST_PAGE + (value_us >> shift);
}

static uint32_t bucket_shift(uint32_t bucket) {
    SN_ASSERT(bucket < SN_HIST_BUCKETS);
    return bucket < 2 * SN_HIST_PAGE ? 0 : bucket / SN_HIST_PAGE - 1;
}

uint32_t sn_hist_bucket_low_us(uint32_t bucket) {
    uint32_t shift = bucket_shift(bucket);
    return (bucket - shift * SN_HIST_PAGE) << shift;
}

uint32_t sn_hist_bucket_mid_us(uint32_t bucket) {
    return sn_hist_bucket_low_us(bucket) + ((1u << bucket_shift(bucket)) >> 1);
}

void sn_hist_sums_add(struct sn_hist *hist, const struct sn_hist_sums *sums) {
    hist->count = sn_add_sat(hist->count, sums->count);
    hist->sum_us = sn_add_sat(hist->sum_us, sums->sum_us);
    if (sums->min_us < hist->min_us) hist->min_us = sums->min_us;
    if (sums->max_us > hist->max_us) hist->max_us = sums->max_us;
    hist->clamped = sn_add_sat_u32(hist->clamped, sums->clamped);
}

static uint32_t pages_left(const struct sn_pages *pages) {
    return pages->used < pages->len ? pages->len - pages->used : 0;
}

/* The counters of one power of two, from the pool when they are the first.  NULL when the pool is empty. */
static uint32_t *counters_of(struct sn_hist *hist, struct sn_pages *pages, uint32_t index) {
    uint16_t *page = &hist->pages[index];
    if (*page == SN_HIST_NO_PAGE) {
        if (pages_left(pages) == 0) return NULL;
        *page = (uint16_t)pages->used++;
    }
    return pages->page[*page];
}

bool sn_hist_place(struct sn_hist *hist, struct sn_pages *pages, uint32_t bucket, uint32_t count) {
    SN_ASSERT(bucket < SN_HIST_BUCKETS);
    uint32_t *counters = counters_of(hist, pages, bucket / SN_HIST_PAGE);
    if (counters == NULL) return false;
    counters += bucket % SN_HIST_PAGE;
    *counters = sn_add_sat_u32(*counters, count);
    return true;
}

enum sn_status sn_hist_record(struct sn_hist *hist, struct sn_pages *pages, uint64_t value_us, uint32_t count) {
    if (count == 0) return SN_OK;
    bool above = value_us > UINT32_MAX;
    uint32_t value = above ? UINT32_MAX : (uint32_t)value_us;
    if (!sn_hist_place(hist, pages, sn_hist_bucket(value), count)) return SN_E_MEMORY;
    struct sn_hist_sums sums = {count, sn_mul_sat(value, count), value, value, above ? count : 0};
    sn_hist_sums_add(hist, &sums);
    return SN_OK;
}

/* Two counters at a time: while all four are below 2^31 neither sum can reach the other's bits, or saturate. */
static void add_page(uint32_t *counters, const uint32_t *counts) {
    const uint64_t large = UINT64_C(0x8000000080000000);
    for (uint32_t i = 0; i < SN_HIST_PAGE; i += 2) {
        uint64_t a, b;
        memcpy(&a, &counters[i], sizeof a);
        memcpy(&b, &counts[i], sizeof b);
        if (((a | b) & large) == 0) {
            a += b;
            memcpy(&counters[i], &a, sizeof a);
        } else {
            counters[i] = sn_add_sat_u32(counters[i], counts[i]);
            counters[i + 1] = sn_add_sat_u32(counters[i + 1], counts[i + 1]);
        }
    }
}

uint64_t sn_hist_merge_lossy(struct sn_hist *into, struct sn_pages *into_pages, const struct sn_hist *from,
                             const struct sn_pages *from_pages) {
    struct sn_hist_sums sums = {from->count, from->sum_us, from->min_us, from->max_us, from->clamped};
    uint64_t lost = 0;
    for (uint32_t page = 0; page < SN_HIST_PAGES; page++) {
        if (from->pages[page] == SN_HIST_NO_PAGE) continue;
        const uint32_t *counts = from_pages->page[from->pages[page]];
        uint32_t *counters = counters_of(into, into_pages, page);
        if (counters != NULL)
            add_page(counters, counts);
        else
            for (uint32_t i = 0; i < SN_HIST_PAGE; i++) lost += counts[i];
    }
    sn_hist_sums_add(into, &sums);
    return lost;
}

enum sn_status sn_hist_merge(struct sn_hist *into, struct sn_pages *into_pages, const struct sn_hist *from,
                             const struct sn_pages *from_pages) {
    uint32_t needed = 0;
    for (uint32_t page = 0; page < SN_HIST_PAGES; page++)
        if (from->pages[page] != SN_HIST_NO_PAGE && into->pages[page] == SN_HIST_NO_PAGE) needed++;
    if (needed > pages_left(into_pages)) return SN_E_MEMORY;
    sn_hist_merge_lossy(into, into_pages, from, from_pages);
    return SN_OK;
}

/* In integers, so that 99.9 % of 1,000 is 999 everywhere.  p counts to a millionth. */
uint64_t sn_hist_rank(uint64_t count, double p) {
    SN_ASSERT(p >= 0 && p <= 100);
    const uint64_t whole = 100000000;
    uint64_t part = (uint64_t)(p * 1e6 + 0.5);
    uint64_t rank = count / whole * part + (count % whole * part + whole - 1) / whole;
    return rank > 0 ? rank : 1;
}

/* Values without a counter (lost for want of pages, or beyond a saturated counter) rank as the slowest: what needs a
 * page that no other value has taken before is nearly always slow, and an estimate should err to that side. */
uint32_t sn_hist_percentile_us(const struct sn_hist *hist, const struct sn_pages *pages, double p) {
    if (hist->count == 0) return 0;
    uint64_t rank = sn_hist_rank(hist->count, p), below = 0;
    if (rank == 1) return hist->min_us;
    if (rank == hist->count) return hist->max_us;
    for (uint32_t page = 0; page < SN_HIST_PAGES; page++) {
        if (hist->pages[page] == SN_HIST_NO_PAGE) continue;
        const uint32_t *counters = pages->page[hist->pages[page]];
        for (uint32_t i = 0; i < SN_HIST_PAGE; i++) {
            below += counters[i];
            if (below < rank) continue;
            uint32_t value = sn_hist_bucket_mid_us(page * SN_HIST_PAGE + i);
            if (value < hist->min_us) return hist->min_us;
            return value > hist->max_us ? hist->max_us : value;
        }
    }
    return hist->max_us;
}

bool sn_hist_has_percentile(const struct sn_hist *hist, double p) {
    return hist->count > 0 && hist->count - sn_hist_rank(hist->count, p) >= 10;
}

double sn_hist_mean_us(const struct sn_hist *hist) {
    return hist->count == 0 ? 0 : (double)hist->sum_us / (double)hist->count;
}
