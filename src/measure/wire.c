#include "wire.h"

#include "sentinel/base/assert.h"
#include "sentinel/measure/hist.h"

uint32_t sn_wire_get_u32(struct sn_reader *r) {
    uint64_t value = sn_get_varint(r);
    if (value <= UINT32_MAX) return (uint32_t)value;
    r->bad = true;
    return 0;
}

void sn_wire_put_pair(struct sn_writer *w, uint32_t *next, uint32_t bucket, uint32_t count) {
    SN_ASSERT(bucket >= *next && bucket < SN_HIST_BUCKETS && count > 0);
    sn_put_varint(w, bucket - *next + 1);
    sn_put_varint(w, count);
    *next = bucket + 1;
}

void sn_wire_put_end(struct sn_writer *w) {
    sn_put_varint(w, 0);
}

bool sn_wire_get_pair(struct sn_reader *r, uint32_t *next, uint32_t *bucket, uint32_t *count) {
    uint32_t distance = sn_wire_get_u32(r);
    if (distance == 0) return false;
    *count = sn_wire_get_u32(r);
    if (distance > SN_HIST_BUCKETS - *next || *count == 0) r->bad = true;
    if (r->bad) return false;
    *bucket = *next + distance - 1;
    *next = *bucket + 1;
    return true;
}
