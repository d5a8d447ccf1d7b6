#include "sentinel/measure/blocks.h"

#include <string.h>

#include "hist_code.h"
#include "sentinel/base/assert.h"

void sn_blocks_init(struct sn_blocks *blocks, uint32_t seconds, uint32_t (*memory)[SN_HIST_PAGE], uint32_t pages) {
    sn_blocks_init_long(blocks, seconds, 1, memory, pages);
}

void sn_blocks_init_long(struct sn_blocks *blocks, uint32_t seconds, uint32_t block_seconds,
                         uint32_t (*memory)[SN_HIST_PAGE], uint32_t pages) {
    SN_ASSERT(seconds > 0 && seconds <= SN_BLOCKS_SECONDS_MAX);
    SN_ASSERT(pages >= SN_BLOCKS_PAGES_MIN && pages <= UINT16_MAX);
    memset(blocks, 0, sizeof *blocks);
    blocks->seconds = seconds;
    blocks->block_seconds = (seconds + SN_BLOCKS_MAX - 1) / SN_BLOCKS_MAX;
    if (blocks->block_seconds < block_seconds) blocks->block_seconds = block_seconds;
    blocks->len = (seconds + blocks->block_seconds - 1) / blocks->block_seconds;
    blocks->page = memory;
    blocks->pages_len = pages;
    blocks->pages_used = 1; /* page 0 means "none" */
}

/* --- Room ----------------------------------------------------------------------------------------------------- */

/* Pages that are free again hang on a list: the first counter of each names the next. */
static void give_back(struct sn_blocks *blocks, uint16_t *page) {
    blocks->page[*page][0] = blocks->page_free;
    blocks->page_free = *page;
    *page = SN_HIST_NO_PAGE;
}

/* False when there is none left. */
static bool take(struct sn_blocks *blocks, uint16_t *page) {
    if (blocks->page_free != SN_HIST_NO_PAGE) {
        *page = (uint16_t)blocks->page_free;
        blocks->page_free = blocks->page[*page][0];
    } else if (blocks->pages_used < blocks->pages_len) {
        *page = (uint16_t)blocks->pages_used++;
    } else {
        return false;
    }
    memset(blocks->page[*page], 0, sizeof blocks->page[*page]);
    return true;
}

/* Counters count twice as many values each.  What is lost is less than 2^-31 of the block that made it necessary. */
static void coarsen(struct sn_blocks *blocks) {
    blocks->shift++;
    for (uint32_t block = 0; block < blocks->len; block++) {
        blocks->total[block] = 0;
        for (uint32_t i = 0; i < SN_HIST_PAGES; i++) {
            if (blocks->pages[block][i] == SN_HIST_NO_PAGE) continue;
            uint32_t *counters = blocks->page[blocks->pages[block][i]];
            for (uint32_t at = 0; at < SN_HIST_PAGE; at++) blocks->total[block] += counters[at] >>= 1;
        }
    }
}

static void merge_pages(struct sn_blocks *blocks, uint16_t *into, uint16_t *from) {
    if (*from == SN_HIST_NO_PAGE) return;
    if (*into == SN_HIST_NO_PAGE) {
        *into = *from;
        *from = SN_HIST_NO_PAGE;
        return;
    }
    for (uint32_t at = 0; at < SN_HIST_PAGE; at++) blocks->page[*into][at] += blocks->page[*from][at];
    give_back(blocks, from);
}

static void merge_neighbours(struct sn_blocks *blocks) {
    for (uint32_t i = 0; i + 1 < blocks->len; i += 2)
        while ((uint64_t)blocks->total[i] + blocks->total[i + 1] > UINT32_MAX) coarsen(blocks);
    for (uint32_t i = 0; i < blocks->len; i++) {
        uint32_t into = i / 2;
        if (i == 0) continue;
        if (i % 2 == 0) { /* the first of a pair: its place is empty by now */
            memcpy(blocks->pages[into], blocks->pages[i], sizeof blocks->pages[i]);
            blocks->total[into] = blocks->total[i];
        } else {
            for (uint32_t page = 0; page < SN_HIST_PAGES; page++)
                merge_pages(blocks, &blocks->pages[into][page], &blocks->pages[i][page]);
            blocks->total[into] += blocks->total[i];
        }
    }
    uint32_t len = (blocks->len + 1) / 2;
    memset(blocks->pages[len], 0, (SN_BLOCKS_MAX - len) * sizeof blocks->pages[0]);
    memset(&blocks->total[len], 0, (SN_BLOCKS_MAX - len) * sizeof blocks->total[0]);
    blocks->len = len;
    blocks->block_seconds *= 2;
}

/* --- Adding ----------------------------------------------------------------------------------------------------- */

static void hear(struct sn_blocks *blocks, uint32_t second) {
    uint64_t bit = UINT64_C(1) << second % 64, *word = &blocks->heard[second / 64];
    blocks->intervals += (*word & bit) == 0;
    *word |= bit;
}

void sn_blocks_add(struct sn_blocks *blocks, uint32_t second, uint32_t bucket, uint64_t count) {
    SN_ASSERT(!blocks->sealed && second < blocks->seconds && bucket < SN_HIST_BUCKETS);
    if (count == 0) return;
    hear(blocks, second);
    blocks->count = sn_add_sat(blocks->count, count);
    uint32_t index = bucket / SN_HIST_PAGE;
    uint16_t *page = &blocks->pages[second / blocks->block_seconds][index];
    while (*page == SN_HIST_NO_PAGE && !take(blocks, page)) {
        merge_neighbours(blocks);
        page = &blocks->pages[second / blocks->block_seconds][index];
    }
    uint32_t *total = &blocks->total[second / blocks->block_seconds];
    while ((count >> blocks->shift) > UINT32_MAX - *total) coarsen(blocks);
    uint32_t counted = (uint32_t)(count >> blocks->shift);
    blocks->page[*page][bucket % SN_HIST_PAGE] += counted;
    *total += counted;
}

void sn_blocks_seal(struct sn_blocks *blocks) {
    uint32_t len = 0;
    SN_ASSERT(!blocks->sealed);
    blocks->sealed = true;
    for (uint32_t block = 0; block < blocks->len; block++) {
        if (blocks->total[block] == 0) continue;
        uint32_t through = 0;
        memmove(blocks->pages[len], blocks->pages[block], sizeof blocks->pages[0]);
        for (uint32_t i = 0; i < SN_HIST_PAGES; i++) {
            uint32_t sum = 0;
            if (blocks->pages[len][i] != SN_HIST_NO_PAGE) {
                uint32_t *counters = blocks->page[blocks->pages[len][i]];
                for (uint32_t at = 0; at < SN_HIST_PAGE; at++) counters[at] = sum += counters[at];
            }
            blocks->through[len][i] = through += sum;
        }
        blocks->total[len++] = through;
    }
    blocks->len = len;
}

/* --- Asking ----------------------------------------------------------------------------------------------------- */

static uint32_t within_page(const struct sn_blocks *blocks, uint32_t block, uint32_t page, uint32_t at) {
    uint16_t counters = blocks->pages[block][page];
    return counters == SN_HIST_NO_PAGE ? 0 : blocks->page[counters][at];
}

uint32_t sn_blocks_upto(const struct sn_blocks *blocks, uint32_t block, uint32_t bucket) {
    SN_ASSERT(blocks->sealed && block < blocks->len && bucket < SN_HIST_BUCKETS);
    uint32_t page = bucket / SN_HIST_PAGE;
    uint32_t below = page > 0 ? blocks->through[block][page - 1] : 0;
    return below + within_page(blocks, block, page, bucket % SN_HIST_PAGE);
}

uint64_t sn_blocks_upto_in_all(const struct sn_blocks *blocks, uint32_t bucket) {
    uint64_t sum = 0;
    for (uint32_t i = 0; i < blocks->len; i++) sum += sn_blocks_upto(blocks, i, bucket);
    return sum;
}

/* The first counter of a page with at least `rank` values up to and with it; there is one. */
static uint32_t find_in_page(const struct sn_blocks *blocks, const uint32_t *weights, uint32_t page, uint64_t rank) {
    uint32_t low = 0, high = SN_HIST_PAGE - 1;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        uint64_t upto = 0;
        for (uint32_t i = 0; i < blocks->len; i++) upto += (uint64_t)weights[i] * within_page(blocks, i, page, middle);
        if (upto >= rank)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

void sn_blocks_percentiles(const struct sn_blocks *blocks, const uint32_t *weights, const double p[], uint32_t len,
                           uint32_t buckets[]) {
    uint32_t ones[SN_BLOCKS_MAX];
    uint64_t through[SN_HIST_PAGES] = {0};
    SN_ASSERT(blocks->sealed);
    for (uint32_t i = 0; i < SN_BLOCKS_MAX; i++) ones[i] = 1;
    if (weights == NULL) weights = ones;
    for (uint32_t i = 0; i < blocks->len; i++) {
        if (weights[i] == 0) continue;
        for (uint32_t page = 0; page < SN_HIST_PAGES; page++)
            through[page] += (uint64_t)weights[i] * blocks->through[i][page];
    }
    uint64_t count = through[SN_HIST_PAGES - 1];
    SN_ASSERT(count > 0);
    for (uint32_t i = 0; i < len; i++) {
        uint64_t rank = sn_hist_rank(count, p[i]);
        uint32_t page = 0;
        while (through[page] < rank) page++;
        if (page > 0) rank -= through[page - 1];
        buckets[i] = page * SN_HIST_PAGE + find_in_page(blocks, weights, page, rank);
    }
}

uint64_t sn_blocks_hash(const struct sn_blocks *blocks) {
    uint64_t hash = sn_hash64_add_number(SN_HASH64_BEGIN, blocks->count);
    SN_ASSERT(blocks->sealed);
    for (uint32_t i = 0; i < blocks->len; i++) {
        for (uint32_t page = 0; page < SN_HIST_PAGES; page++) {
            if (blocks->pages[i][page] == SN_HIST_NO_PAGE) continue;
            hash = sn_hash64_add_number(hash, (uint64_t)i << 32 | page);
            for (uint32_t at = 0; at < SN_HIST_PAGE; at += 2)
                hash = sn_hash64_add_number(hash, (uint64_t)within_page(blocks, i, page, at) << 32 |
                                                      within_page(blocks, i, page, at + 1));
        }
    }
    return sn_hash64_end(hash);
}
