/* Zipf's law by rejection-inversion (W. Hörmann, G. Derflinger, "Rejection-inversion to generate variates from monotone
 * discrete distributions", ACM TOMACS 1996): exact for every exponent, in a few steps whatever n is, without a table. */
#ifndef SENTINEL_LOAD_ZIPF_H
#define SENTINEL_LOAD_ZIPF_H

#include "sentinel/base/random.h"
#include "sentinel/load/keyspace.h"

/* Fills low, high and sure from count and exponent. */
void sn_zipf_prepare(struct sn_keyspace *keyspace);
/* A rank from 0 to count − 1. */
uint32_t sn_zipf_draw(const struct sn_keyspace *keyspace, struct sn_rng *rng);

#endif
