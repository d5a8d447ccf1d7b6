/* Poisson arrivals: places on the integral of the rate, drawn by halving.
 *
 * N places are drawn from a line of 2^32 equal places.  Each falls into the left half or the right one with equal
 * chance, so the number on the left is binomial: as many as N random bits have ones.  Each half is halved in the same
 * way until a part holds one arrival, whose place in it is one draw.  Every part's bits come from the seed and the
 * part's number, so the place of arrival k, and how many lie below a place, are found by walking down from the whole,
 * in any order, without a running sum. */
#ifndef SENTINEL_LOAD_ARRIVALS_H
#define SENTINEL_LOAD_ARRIVALS_H

#include "sentinel/load/profile.h"

#define SN_PLACES (UINT64_C(1) << 32)

/* The place of arrival k, from 1 to planned: 0 to 2^32 − 1, not falling with k. */
uint64_t sn_arrivals_place(const struct sn_profile *profile, uint64_t k);
/* How many arrivals have a place below this one. */
uint64_t sn_arrivals_below(const struct sn_profile *profile, uint64_t place);

#endif
