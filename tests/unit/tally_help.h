/* Tallies for tests, and deltas that are encoded in memory of exactly their size. */
#ifndef TESTS_UNIT_TALLY_HELP_H
#define TESTS_UNIT_TALLY_HELP_H

#include <stdlib.h>

#include "measure_random.h"
#include "sentinel/measure/tally.h"

#define KINDS 4
#define PHASES 3
#define STEPS 9
#define SECONDS 30

/* All that a run has measured. */
struct run {
    struct sn_tally *tally;
    struct sn_series *series;
    struct sn_intervals *intervals;
};

#define INTERVALS 4096

static inline struct run make(uint32_t pages, uint32_t slots) {
    struct run run = {malloc(sn_tally_size(KINDS, PHASES, STEPS, pages)), malloc(sn_series_size(SECONDS, slots)),
                      malloc(sn_intervals_size(SECONDS, INTERVALS))};
    sn_tally_init(run.tally, KINDS, PHASES, STEPS, pages);
    sn_series_init(run.series, SECONDS, slots);
    sn_intervals_init(run.intervals, SECONDS, SECONDS, 0, KINDS, INTERVALS);
    return run;
}

static inline void drop(struct run *run) {
    free(run->tally);
    free(run->series);
    free(run->intervals);
}

static struct sn_delta delta;

/* An encoded delta in memory of exactly its size, and where its body begins. */
struct bytes {
    uint8_t *data;
    size_t len, body;
};

static inline struct bytes encode(void) {
    static uint8_t space[SN_DELTA_BYTES_MAX];
    struct sn_delta_head head = some_head(1);
    struct sn_writer w = sn_writer(space, sizeof space);
    sn_delta_put(&w, &head, &delta);
    assert_false(w.full);
    struct bytes bytes = {malloc(w.len), w.len, 0};
    memcpy(bytes.data, space, w.len);
    struct sn_reader r = sn_reader(bytes.data, bytes.len);
    assert_int_equal(sn_delta_head_get(&r, &head), SN_OK);
    bytes.body = r.pos;
    return bytes;
}

static inline void add(struct run *run, const struct bytes *bytes) {
    struct sn_delta_head head;
    struct sn_reader r = sn_reader(bytes->data, bytes->len);
    assert_int_equal(sn_delta_head_get(&r, &head), SN_OK);
    assert_int_equal(sn_tally_add(run->tally, run->series, run->intervals, &r), SN_OK);
    assert_int_equal(sn_reader_left(&r), 0);
}

static inline void add_now(struct run *run) {
    struct bytes bytes = encode();
    add(run, &bytes);
    free(bytes.data);
}

#endif
