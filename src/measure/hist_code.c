#include "hist_code.h"

#include "sentinel/base/assert.h"
#include "wire.h"

/* Says all at once: µs, 128 sub-buckets per power of two, 0 … 2^32 - 1, and the order of the fields. */
#define SN_HIST_LAYOUT 1

void sn_hist_sums_put(struct sn_writer *w, const struct sn_hist_sums *sums) {
    sn_put_varint(w, sums->count);
    if (sums->count == 0) return;
    sn_put_varint(w, sums->sum_us);
    sn_put_varint(w, sums->min_us);
    sn_put_varint(w, sums->max_us);
    sn_put_varint(w, sums->clamped);
}

static struct sn_hist_sums get_sums(struct sn_reader *r) {
    struct sn_hist_sums sums = {.min_us = UINT32_MAX};
    sums.count = sn_get_varint(r);
    if (sums.count == 0) return sums;
    sums.sum_us = sn_get_varint(r);
    sums.min_us = sn_wire_get_u32(r);
    sums.max_us = sn_wire_get_u32(r);
    sums.clamped = sn_wire_get_u32(r);
    return sums;
}

/* One value is the minimum, one the maximum, and the others lie between them. */
static bool sums_plausible(const struct sn_hist_sums *sums) {
    uint64_t others = sums->count - 1;
    uint64_t least = sn_add_sat(sn_mul_sat(others, sums->min_us), sums->max_us);
    uint64_t most = sn_add_sat(sn_mul_sat(others, sums->max_us), sums->min_us);
    if (sums->min_us > sums->max_us || sums->sum_us < least || sums->sum_us > most) return false;
    return sums->clamped <= sums->count && (sums->clamped == 0 || sums->max_us == UINT32_MAX);
}

bool sn_hist_body_check(struct sn_reader *r, struct sn_hist_body *body) {
    *body = (struct sn_hist_body){.sums = get_sums(r)};
    if (r->bad || body->sums.count == 0) return !r->bad;
    if (!sums_plausible(&body->sums)) return false;

    uint32_t lowest = sn_hist_bucket(body->sums.min_us), highest = sn_hist_bucket(body->sums.max_us);
    uint32_t next = 0, bucket, count, first = SN_HIST_BUCKETS, last = 0;
    while (sn_wire_get_pair(r, &next, &bucket, &count)) {
        if (first == SN_HIST_BUCKETS) first = bucket;
        last = bucket;
        body->counted += count; /* 3,328 counters of 32 bits cannot overflow it */
    }
    if (r->bad || body->counted > body->sums.count) return false;
    /* Without every value in a counter the extremes may be among those that have none. */
    if (body->counted == body->sums.count) return first == lowest && last == highest;
    return body->counted == 0 || (first >= lowest && last <= highest);
}

uint64_t sn_hist_body_add(struct sn_reader *r, struct sn_hist *into, struct sn_pages *pages) {
    struct sn_hist_sums sums = get_sums(r);
    if (sums.count == 0) return 0;
    uint32_t next = 0, bucket, count;
    uint64_t lost = 0;
    while (sn_wire_get_pair(r, &next, &bucket, &count))
        if (!sn_hist_place(into, pages, bucket, count)) lost += count;
    SN_ASSERT(!r->bad); /* it was checked */
    sn_hist_sums_add(into, &sums);
    return lost;
}

void sn_hist_put(struct sn_writer *w, const struct sn_hist *hist, const struct sn_pages *pages) {
    size_t begin = w->len;
    sn_put_u8(w, SN_HIST_LAYOUT);
    struct sn_hist_sums sums = {hist->count, hist->sum_us, hist->min_us, hist->max_us, hist->clamped};
    sn_hist_sums_put(w, &sums);
    uint32_t next = 0;
    for (uint32_t page = 0; page < SN_HIST_PAGES; page++) {
        if (hist->pages[page] == SN_HIST_NO_PAGE) continue;
        for (uint32_t i = 0; i < SN_HIST_PAGE; i++) {
            uint32_t count = pages->page[hist->pages[page]][i];
            if (count > 0) sn_wire_put_pair(w, &next, page * SN_HIST_PAGE + i, count);
        }
    }
    if (hist->count > 0) sn_wire_put_end(w);
    sn_put_u32(w, w->full ? 0 : sn_crc32(w->data + begin, w->len - begin));
}
