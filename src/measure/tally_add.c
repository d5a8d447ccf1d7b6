#include "delta_code.h"
#include "exemplar.h"
#include "hist_code.h"
#include "sentinel/base/assert.h"
#include "series_table.h"
#include "tally_code.h"
#include "wire.h"

/* A delta's body is walked twice by the same code: first to check every value in it, changing nothing, then to add.  So
 * a delta that does not check out is never half added, and the format is described once. */
struct walk {
    struct sn_reader r; /* `bad` as soon as anything is wrong */
    struct sn_tally *tally;
    struct sn_series *series;
    struct sn_intervals *intervals;
    struct sn_pages pages;
    bool adding;
    uint64_t ended; /* operations in the cells: lag, seconds and response times must have as many */
};

/* Reads a body in which every value has a counter, as it is in a delta.  Returns how many there are. */
static uint64_t walk_hist(struct walk *walk, struct sn_hist *into) {
    struct sn_reader again = walk->r;
    struct sn_hist_body body;
    if (!sn_hist_body_check(&walk->r, &body) || body.counted != body.sums.count) walk->r.bad = true;
    if (walk->adding) {
        uint64_t lost = sn_hist_body_add(&again, into, &walk->pages);
        uint32_t *coarse = &walk->tally->coarse;
        *coarse = lost < UINT32_MAX - *coarse ? *coarse + (uint32_t)lost : UINT32_MAX;
    }
    return body.counted;
}

static void walk_spent(struct walk *walk) {
    struct sn_reader *r = &walk->r;
    uint32_t before = 0; /* meters only rise */
    for (uint32_t meter; (meter = sn_wire_get_u32(r)) != 0; before = meter) {
        uint64_t units = sn_get_varint(r);
        if (meter <= before || meter > SN_METERS_COUNTED + 1 || units == 0) r->bad = true;
        if (r->bad) return;
        struct sn_spent *spent = &walk->tally->spent;
        uint64_t *into = meter <= SN_METERS_COUNTED ? &spent->units[meter - 1] : &spent->rows_stored;
        if (walk->adding) *into = sn_add_sat(*into, units);
    }
}

static struct sn_cell get_numbers(struct sn_reader *r) {
    struct sn_cell cell = {.completed = sn_wire_get_u32(r)};
    for (uint32_t i = 0; i < SN_ERRORS_LEN; i++) {
        cell.errors[i] = sn_wire_get_u32(r);
        cell.failed += cell.errors[i];
    }
    cell.bytes = sn_get_varint(r);
    cell.rows = sn_get_varint(r);
    cell.rows_read = sn_get_varint(r);
    cell.rows_written = sn_get_varint(r);
    cell.sql_us = sn_get_varint(r);
    cell.retries = sn_get_varint(r);
    cell.cache_hits = sn_get_varint(r);
    cell.cache_misses = sn_get_varint(r);
    return cell;
}

static void walk_cells(struct walk *walk) {
    struct sn_reader *r = &walk->r;
    uint32_t next = 0; /* kind × phase only rises, so no cell comes twice */
    for (uint32_t kind; (kind = sn_wire_get_u32(r)) != 0;) {
        uint32_t phase = sn_wire_get_u32(r);
        uint64_t place = (kind - UINT64_C(1)) * SN_PHASES_MAX + phase;
        if (kind > walk->tally->kinds || phase >= walk->tally->phases || place < next) r->bad = true;
        if (r->bad) return;
        next = (uint32_t)place + 1;
        struct sn_cell *into = sn_tally_cell(walk->tally, kind - 1, phase), numbers = get_numbers(r);
        if (walk->adding) sn_cell_add_numbers(into, &numbers);
        uint64_t count = walk_hist(walk, &into->response);
        if (count == 0 || count != numbers.completed + numbers.failed) r->bad = true;
        if (walk_hist(walk, &into->service) != count) r->bad = true;
        walk->ended += count;
    }
}

static void walk_steps(struct walk *walk) {
    struct sn_reader *r = &walk->r;
    uint32_t before = 0; /* numbers only rise */
    for (uint32_t number; (number = sn_wire_get_u32(r)) != 0; before = number) {
        uint32_t completed = sn_wire_get_u32(r), failed = sn_wire_get_u32(r), within = sn_wire_get_u32(r);
        if (number <= before || number > walk->tally->steps || within > completed) r->bad = true;
        if (r->bad) return;
        struct sn_step_cell *into = sn_tally_step(walk->tally, number - 1);
        uint64_t count = walk_hist(walk, &into->service);
        if (count == 0 || count != (uint64_t)completed + failed) r->bad = true;
        if (!walk->adding) continue;
        into->completed = sn_add_sat(into->completed, completed);
        into->failed = sn_add_sat(into->failed, failed);
        into->within = sn_add_sat(into->within, within);
    }
}

static void walk_lag(struct walk *walk) {
    uint64_t count = walk_hist(walk, &walk->tally->lag_harness);
    count += walk_hist(walk, &walk->tally->lag_slots);
    if (count != walk->ended) walk->r.bad = true;
}

/* The next second of a section; false at its end and when it is malformed.  `next` begins with 0. */
static bool get_second(struct sn_reader *r, uint64_t *next, uint32_t *second) {
    uint64_t distance = sn_get_varint(r);
    if (distance == 0) return false;
    if (*next > UINT32_MAX || distance - 1 > UINT32_MAX - *next) r->bad = true;
    if (r->bad) return false;
    *second = (uint32_t)(*next + distance - 1);
    *next = *second + UINT64_C(1);
    return true;
}

static void walk_seconds(struct walk *walk) {
    struct sn_reader *r = &walk->r;
    uint64_t next = 0, ended = 0;
    for (uint32_t second; get_second(r, &next, &second);) {
        struct sn_second counts = {.started = sn_wire_get_u32(r)};
        counts.completed = sn_wire_get_u32(r);
        counts.failed = sn_wire_get_u32(r);
        for (uint32_t i = 0; i < SN_DROPS_LEN; i++) counts.dropped[i] = sn_wire_get_u32(r);
        ended += (uint64_t)counts.completed + counts.failed;
        if (!walk->adding) continue;
        sn_series_touch(walk->series, second);
        struct sn_second *into = sn_series_second(walk->series, second);
        into->started += counts.started;
        into->completed += counts.completed;
        into->failed += counts.failed;
        for (uint32_t i = 0; i < SN_DROPS_LEN; i++) into->dropped[i] += counts.dropped[i];
    }
    if (ended != walk->ended) r->bad = true;
}

static void walk_responses(struct walk *walk) {
    struct sn_reader *r = &walk->r;
    uint64_t next = 0, ended = 0;
    for (uint32_t second; get_second(r, &next, &second);) {
        uint32_t kind_before = 0;
        for (uint32_t kind; (kind = sn_wire_get_u32(r)) != 0; kind_before = kind) {
            if (kind <= kind_before || kind > walk->tally->kinds) r->bad = true;
            uint32_t next_bucket = 0, bucket, count;
            while (sn_wire_get_pair(r, &next_bucket, &bucket, &count)) {
                ended += count;
                if (!walk->adding) continue;
                sn_series_count(walk->series, second, kind - 1, bucket, count);
                sn_intervals_count(walk->intervals, second, kind - 1, bucket, count);
            }
        }
    }
    if (ended != walk->ended) r->bad = true;
}

static void walk_exemplars(struct walk *walk) {
    struct sn_reader *r = &walk->r;
    uint32_t len = sn_wire_get_u32(r);
    if (len > SN_DELTA_EXEMPLARS_MAX) r->bad = true;
    for (uint32_t i = 0; i < len && !r->bad; i++) {
        struct sn_exemplar exemplar = {.k = sn_get_varint(r)};
        exemplar.due_us = sn_get_i64(r);
        exemplar.response_us = sn_wire_get_u32(r);
        exemplar.service_us = sn_wire_get_u32(r);
        exemplar.kind = sn_get_u8(r);
        exemplar.phase = sn_get_u8(r);
        exemplar.failed = sn_get_u8(r);
        exemplar.step = sn_get_u8(r);
        struct sn_span text = sn_get_span(r);
        bool known = exemplar.kind < walk->tally->kinds && exemplar.phase < walk->tally->phases &&
                     exemplar.failed <= SN_ERRORS_LEN && text.len <= sizeof exemplar.text;
        if (!known) r->bad = true;
        if (r->bad) return;
        exemplar.text_len = (uint8_t)text.len;
        for (size_t at = 0; at < text.len; at++) exemplar.text[at] = (char)text.data[at];
        if (walk->adding)
            sn_exemplar_offer(walk->tally->exemplars, &walk->tally->exemplars_len, SN_EXEMPLARS_MAX,
                              SN_EXEMPLARS_OF_RUN, &exemplar);
    }
}

/* True when the body is good from its first byte to its last. */
static bool walk_body(struct walk *walk) {
    walk_spent(walk);
    walk_cells(walk);
    walk_steps(walk);
    walk_lag(walk);
    walk_seconds(walk);
    walk_responses(walk);
    walk_exemplars(walk);
    return !walk->r.bad && sn_reader_left(&walk->r) == SN_DELTA_CRC_LEN;
}

enum sn_status sn_tally_add(struct sn_tally *tally, struct sn_series *series, struct sn_intervals *intervals,
                            struct sn_reader *body) {
    struct walk walk = {.r = *body, .tally = tally, .series = series, .intervals = intervals};
    if (!walk_body(&walk)) return SN_E_FORMAT;
    walk.r = *body;
    walk.ended = 0;
    walk.adding = true;
    walk.pages = sn_tally_pages(tally);
    bool whole = walk_body(&walk);
    SN_ASSERT(whole);
    tally->pages_used = walk.pages.used;
    sn_get_bytes(&walk.r, SN_DELTA_CRC_LEN);
    *body = walk.r;
    return SN_OK;
}
