/* Random results for the tests of deltas and tallies: plausible ones, with every edge now and then. */
#ifndef TESTS_UNIT_MEASURE_RANDOM_H
#define TESTS_UNIT_MEASURE_RANDOM_H

#include <string.h>

#include "sentinel/base/random.h"
#include "sentinel/measure/delta.h"

static inline uint32_t random_us(struct sn_rng *rng) {
    if (sn_rng_below(rng, 50) == 0) return sn_rng_below(rng, 2) == 0 ? 0 : UINT32_MAX;
    return (uint32_t)(sn_rng_u64(rng) >> (34 + sn_rng_below(rng, 25)));
}

static inline struct sn_result random_result(struct sn_rng *rng, uint32_t kinds, uint32_t phases, uint32_t seconds) {
    struct sn_result result;
    memset(&result, 0, sizeof result);
    result.response_us = random_us(rng);
    result.service_us = random_us(rng);
    result.lag_us = random_us(rng);
    result.sql_us = random_us(rng);
    result.rows = sn_rng_below(rng, 20);
    result.rows_read = sn_rng_below(rng, 100);
    result.rows_written = sn_rng_below(rng, 3);
    result.bytes = random_us(rng);
    result.end_second = (uint16_t)sn_rng_below(rng, seconds);
    result.retries = (uint16_t)sn_rng_below(rng, 3);
    result.kind = (uint8_t)sn_rng_below(rng, kinds);
    result.phase = (uint8_t)sn_rng_below(rng, phases);
    result.failed = (uint8_t)(sn_rng_below(rng, 4) == 0 ? 1 + sn_rng_below(rng, SN_ERRORS_LEN) : 0);
    result.lag_slots = (uint8_t)sn_rng_below(rng, 2);
    result.cache = (uint8_t)sn_rng_below(rng, 3);
    return result;
}

static inline struct sn_exemplar random_exemplar(struct sn_rng *rng, uint64_t k, uint32_t kinds, uint32_t phases) {
    struct sn_exemplar exemplar;
    memset(&exemplar, 0, sizeof exemplar);
    exemplar.k = k;
    exemplar.due_us = (int64_t)(k * 1000) - 5;
    exemplar.response_us = sn_rng_below(rng, 500); /* few values, so that many are equal */
    exemplar.service_us = sn_rng_below(rng, 500);
    exemplar.kind = (uint8_t)sn_rng_below(rng, kinds);
    exemplar.phase = (uint8_t)sn_rng_below(rng, phases);
    exemplar.failed = (uint8_t)(sn_rng_below(rng, 3) == 0 ? 1 + sn_rng_below(rng, SN_ERRORS_LEN) : 0);
    exemplar.step = (uint8_t)(exemplar.failed != 0 ? 1 + sn_rng_below(rng, 3) : 0);
    exemplar.text_len = (uint8_t)(exemplar.failed != 0 ? sn_rng_below(rng, sizeof exemplar.text + 1) : 0);
    for (uint32_t i = 0; i < exemplar.text_len; i++) exemplar.text[i] = (char)('a' + i % 26);
    return exemplar;
}

/* Fisher and Yates: where item i goes. */
static inline void random_order(struct sn_rng *rng, uint32_t *order, uint32_t len) {
    for (uint32_t i = 0; i < len; i++) order[i] = i;
    for (uint32_t i = len; i > 1; i--) {
        uint32_t j = sn_rng_below(rng, i), held = order[i - 1];
        order[i - 1] = order[j];
        order[j] = held;
    }
}

static inline struct sn_delta_head some_head(uint32_t seq) {
    struct sn_delta_head head;
    memset(&head, 0, sizeof head);
    head.shard = 3;
    head.incarnation = 2;
    head.seq = seq;
    head.stage = SN_STAGE_LOAD;
    head.epoch_seq = 1;
    head.at_us = INT64_C(1790000000123456);
    head.lease_k = 4000;
    head.counts.planned = 1000;
    return head;
}

#endif
