/* Inside this folder: the hash table behind the series. */
#ifndef SENTINEL_MEASURE_SERIES_TABLE_H
#define SENTINEL_MEASURE_SERIES_TABLE_H

#include "sentinel/measure/series.h"

/* A key is 1 + (second << 17 | kind << 12 | bucket). */
#define SN_SERIES_SECONDS_MAX 32768u

struct sn_series_key {
    uint32_t second, kind, bucket;
};

static inline uint32_t sn_series_slot_key(const struct sn_series_slot *slot) {
    return slot->key[0] | (uint32_t)slot->key[1] << 16;
}

const struct sn_second *sn_series_seconds(const struct sn_series *series);
const struct sn_series_slot *sn_series_slots(const struct sn_series *series);
struct sn_series_key sn_series_key(const struct sn_series_slot *slot); /* of a slot that is not free */
void sn_series_touch(struct sn_series *series, uint32_t second);       /* a delta speaks of it */
uint32_t sn_series_counter(const struct sn_series *series, uint32_t second, uint32_t kind, uint32_t bucket);

#endif
