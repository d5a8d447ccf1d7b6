/* What the encoded forms of this folder share: small numbers, and lists of (bucket, count).
 *
 * A list is pairs of varints (distance from the bucket before, count ≥ 1), the first distance counted from bucket -1, so
 * that it is never 0; a distance of 0 ends the list.  There is one way to write a list, and no length that could lie. */
#ifndef SENTINEL_MEASURE_WIRE_H
#define SENTINEL_MEASURE_WIRE_H

#include "sentinel/base/bytes.h"

/* A varint that must fit; `r->bad` and 0 when it does not. */
uint32_t sn_wire_get_u32(struct sn_reader *r);

/* `next` is the smallest bucket that may follow; begin with 0. */
void sn_wire_put_pair(struct sn_writer *w, uint32_t *next, uint32_t bucket, uint32_t count);
void sn_wire_put_end(struct sn_writer *w);
/* False at the end of the list, and when it is malformed: then `r->bad`. */
bool sn_wire_get_pair(struct sn_reader *r, uint32_t *next, uint32_t *bucket, uint32_t *count);

#endif
