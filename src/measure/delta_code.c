#include "delta_code.h"

#include "hist_code.h"
#include "wire.h"

/* The results are sorted four times, each time by what is written next.  The key's low 32 bits are the value that goes
 * into a histogram, the bits above are the group that it belongs to.  Results with equal keys differ only in what is
 * summed, so that their order leaves no trace in the bytes. */
typedef uint64_t (*key_fn)(const struct sn_result *);

static uint64_t cell_of(const struct sn_result *result) {
    return (uint64_t)result->kind << 8 | result->phase;
}

static uint64_t by_response(const struct sn_result *result) {
    return cell_of(result) << 32 | result->response_us;
}

static uint64_t by_service(const struct sn_result *result) {
    return cell_of(result) << 32 | result->service_us;
}

static uint64_t by_lag(const struct sn_result *result) {
    return (uint64_t)(result->lag_slots != 0) << 32 | result->lag_us;
}

static uint64_t by_second(const struct sn_result *result) {
    return (uint64_t)result->end_second << 40 | (uint64_t)result->kind << 32 | result->response_us;
}

/* Heapsort: in place, no recursion, never slow.  `hole` sinks until `item` may lie in it. */
static void sink(struct sn_result *results, uint32_t hole, uint32_t len, struct sn_result item, key_fn key) {
    uint64_t item_key = key(&item);
    for (uint32_t child; (child = 2 * hole + 1) < len; hole = child) {
        if (child + 1 < len && key(&results[child]) < key(&results[child + 1])) child++;
        if (key(&results[child]) <= item_key) break;
        results[hole] = results[child];
    }
    results[hole] = item;
}

static void sort(struct sn_result *results, uint32_t len, key_fn key) {
    for (uint32_t i = len / 2; i-- > 0;) sink(results, i, len, results[i], key);
    for (uint32_t i = len; i-- > 1;) {
        struct sn_result item = results[i];
        results[i] = results[0];
        sink(results, 0, i, item, key);
    }
}

/* How many at the front share the first one's group. */
static uint32_t group_len(const struct sn_result *results, uint32_t len, key_fn key, unsigned shift) {
    uint32_t same = 0;
    while (same < len && key(&results[same]) >> shift == key(&results[0]) >> shift) same++;
    return same;
}

static void put_pairs(struct sn_writer *w, const struct sn_result *sorted, uint32_t len, key_fn key) {
    uint32_t next = 0;
    for (uint32_t i = 0, from = 0; i < len; i = from) {
        uint32_t bucket = sn_hist_bucket((uint32_t)key(&sorted[i]));
        while (from < len && sn_hist_bucket((uint32_t)key(&sorted[from])) == bucket) from++;
        sn_wire_put_pair(w, &next, bucket, from - i);
    }
    sn_wire_put_end(w);
}

static void put_body(struct sn_writer *w, const struct sn_result *sorted, uint32_t len, key_fn key) {
    struct sn_hist_sums sums = {.count = len};
    for (uint32_t i = 0; i < len; i++) {
        uint32_t value_us = (uint32_t)key(&sorted[i]);
        sums.sum_us += value_us;
        sums.clamped += value_us == UINT32_MAX; /* times saturate there */
    }
    if (len > 0) {
        sums.min_us = (uint32_t)key(&sorted[0]);
        sums.max_us = (uint32_t)key(&sorted[len - 1]);
    }
    sn_hist_sums_put(w, &sums);
    if (len > 0) put_pairs(w, sorted, len, key);
}

static void put_cell(struct sn_writer *w, struct sn_result *results, uint32_t len) {
    uint64_t outcomes[1 + SN_ERRORS_LEN] = {0}, bytes = 0, rows = 0, rows_read = 0, rows_written = 0, sql_us = 0;
    uint64_t retries = 0, cache_hits = 0, cache_misses = 0;
    for (uint32_t i = 0; i < len; i++) {
        const struct sn_result *result = &results[i];
        outcomes[result->failed]++;
        bytes += result->bytes;
        rows += result->rows;
        rows_read += result->rows_read;
        rows_written += result->rows_written;
        sql_us += result->sql_us;
        retries += result->retries;
        cache_hits += result->cache == 1;
        cache_misses += result->cache == 2;
    }
    sn_put_varint(w, results[0].kind + 1u);
    sn_put_varint(w, results[0].phase);
    for (uint32_t i = 0; i <= SN_ERRORS_LEN; i++) sn_put_varint(w, outcomes[i]);
    const uint64_t sums[] = {bytes, rows, rows_read, rows_written, sql_us, retries, cache_hits, cache_misses};
    for (uint32_t i = 0; i < sizeof sums / sizeof *sums; i++) sn_put_varint(w, sums[i]);
    put_body(w, results, len, by_response);
    sort(results, len, by_service);
    put_body(w, results, len, by_service);
}

static void put_cells(struct sn_writer *w, struct sn_delta *delta) {
    sort(delta->results, delta->results_len, by_response);
    for (uint32_t at = 0, len; at < delta->results_len; at += len) {
        len = group_len(&delta->results[at], delta->results_len - at, by_response, 32);
        put_cell(w, &delta->results[at], len);
    }
    sn_put_varint(w, 0);
}

/* The same sort, of numbers. */
static void sink_number(uint64_t *numbers, uint32_t hole, uint32_t len, uint64_t item) {
    for (uint32_t child; (child = 2 * hole + 1) < len; hole = child) {
        if (child + 1 < len && numbers[child] < numbers[child + 1]) child++;
        if (numbers[child] <= item) break;
        numbers[hole] = numbers[child];
    }
    numbers[hole] = item;
}

static void sort_numbers(uint64_t *numbers, uint32_t len) {
    for (uint32_t i = len / 2; i-- > 0;) sink_number(numbers, i, len, numbers[i]);
    for (uint32_t i = len; i-- > 1;) {
        uint64_t item = numbers[i];
        numbers[i] = numbers[0];
        sink_number(numbers, 0, i, item);
    }
}

static uint32_t service_of(uint64_t step) {
    return (uint32_t)(step >> 16);
}

static void put_step(struct sn_writer *w, const uint64_t *steps, uint32_t len) {
    struct sn_hist_sums sums = {.count = len, .min_us = service_of(steps[0]), .max_us = service_of(steps[len - 1])};
    uint32_t failed = 0, within = 0, next = 0;
    for (uint32_t i = 0; i < len; i++) {
        sums.sum_us += service_of(steps[i]);
        sums.clamped += service_of(steps[i]) == UINT32_MAX; /* times saturate there */
        failed += (steps[i] & UINT8_MAX) != 0;
        within += (steps[i] >> 8 & 1) != 0;
    }
    sn_put_varint(w, (steps[0] >> 48) + 1);
    sn_put_varint(w, len - failed);
    sn_put_varint(w, failed);
    sn_put_varint(w, within);
    sn_hist_sums_put(w, &sums);
    for (uint32_t i = 0, from = 0; i < len; i = from) {
        uint32_t bucket = sn_hist_bucket(service_of(steps[i]));
        while (from < len && sn_hist_bucket(service_of(steps[from])) == bucket) from++;
        sn_wire_put_pair(w, &next, bucket, from - i);
    }
    sn_wire_put_end(w);
}

static void put_steps(struct sn_writer *w, struct sn_delta *delta) {
    sort_numbers(delta->steps, delta->steps_len);
    for (uint32_t at = 0, to = 0; at < delta->steps_len; at = to) {
        while (to < delta->steps_len && delta->steps[to] >> 48 == delta->steps[at] >> 48) to++;
        put_step(w, &delta->steps[at], to - at);
    }
    sn_put_varint(w, 0);
}

static void put_lag(struct sn_writer *w, struct sn_delta *delta) {
    sort(delta->results, delta->results_len, by_lag);
    uint32_t harness = 0;
    while (harness < delta->results_len && delta->results[harness].lag_slots == 0) harness++;
    put_body(w, delta->results, harness, by_lag);
    put_body(w, delta->results + harness, delta->results_len - harness, by_lag);
}

/* Sorted by insertion: they come nearly in order, and there are less than a hundred. */
static void sort_seconds(struct sn_delta *delta) {
    for (uint32_t i = 1; i < delta->seconds_len; i++) {
        struct sn_delta_second item = delta->seconds[i];
        uint32_t at = i;
        for (; at > 0 && delta->seconds[at - 1].second > item.second; at--) delta->seconds[at] = delta->seconds[at - 1];
        delta->seconds[at] = item;
    }
}

static void put_seconds(struct sn_writer *w, struct sn_delta *delta) {
    sort_seconds(delta);
    uint64_t next = 0;
    for (uint32_t i = 0; i < delta->seconds_len; i++) {
        const struct sn_second *counts = &delta->seconds[i].counts;
        sn_put_varint(w, delta->seconds[i].second - next + 1);
        next = delta->seconds[i].second + UINT64_C(1);
        sn_put_varint(w, counts->started);
        sn_put_varint(w, counts->completed);
        sn_put_varint(w, counts->failed);
        for (uint32_t cause = 0; cause < SN_DROPS_LEN; cause++) sn_put_varint(w, counts->dropped[cause]);
    }
    sn_put_varint(w, 0);
}

static void put_response_by_second(struct sn_writer *w, struct sn_delta *delta) {
    sort(delta->results, delta->results_len, by_second);
    uint32_t next = 0, at = 0;
    while (at < delta->results_len) {
        uint32_t second = delta->results[at].end_second;
        sn_put_varint(w, second - next + 1);
        next = second + 1;
        while (at < delta->results_len && delta->results[at].end_second == second) {
            uint32_t len = group_len(&delta->results[at], delta->results_len - at, by_second, 32);
            sn_put_varint(w, delta->results[at].kind + 1u);
            put_pairs(w, &delta->results[at], len, by_second);
            at += len;
        }
        sn_put_varint(w, 0);
    }
    sn_put_varint(w, 0);
}

static void put_exemplars(struct sn_writer *w, const struct sn_delta *delta) {
    sn_put_varint(w, delta->exemplars_len);
    for (uint32_t i = 0; i < delta->exemplars_len; i++) {
        const struct sn_exemplar *exemplar = &delta->exemplars[i];
        sn_put_varint(w, exemplar->k);
        sn_put_i64(w, exemplar->due_us);
        sn_put_varint(w, exemplar->response_us);
        sn_put_varint(w, exemplar->service_us);
        sn_put_u8(w, exemplar->kind);
        sn_put_u8(w, exemplar->phase);
        sn_put_u8(w, exemplar->failed);
        sn_put_u8(w, exemplar->step);
        sn_put_span(w, exemplar->text, exemplar->text_len);
    }
}

static void put_spent(struct sn_writer *w, const struct sn_spent *spent) {
    for (uint32_t i = 0; i <= SN_METERS_COUNTED; i++) {
        uint64_t units = i < SN_METERS_COUNTED ? spent->units[i] : spent->rows_stored;
        if (units == 0) continue;
        sn_put_varint(w, i + 1);
        sn_put_varint(w, units);
    }
    sn_put_varint(w, 0);
}

void sn_delta_body_put(struct sn_writer *w, struct sn_delta *delta) {
    put_spent(w, &delta->spent);
    put_cells(w, delta);
    put_steps(w, delta);
    put_lag(w, delta);
    put_seconds(w, delta);
    put_response_by_second(w, delta);
    put_exemplars(w, delta);
}
