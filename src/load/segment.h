/* One piece of a rate curve: its rate and its integral, in closed form. */
#ifndef SENTINEL_LOAD_SEGMENT_H
#define SENTINEL_LOAD_SEGMENT_H

#include "sentinel/load/profile.h"

/* Sine of a part of a full turn, from 0 up to 1.  Our own: + − × ÷ give the same bits everywhere, which libm does not. */
double sn_sine(double turns);

/* The rate at a moment in (start, end]. */
double sn_segment_rate_per_s(const struct sn_segment *segment, int64_t at_us);
double sn_segment_peak_per_s(const struct sn_segment *segment);
/* Operations in the whole of it, and in (0, at_us], those before the segment included. */
double sn_segment_area(const struct sn_segment *segment);
double sn_segment_integral(const struct sn_segment *segment, int64_t at_us);
/* About when the integral reaches n. */
int64_t sn_segment_guess_us(const struct sn_segment *segment, double n);

#endif
