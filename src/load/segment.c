#include "segment.h"

#include <math.h>

#define PI 3.141592653589793

static double seconds(int64_t us) {
    return (double)us / 1e6;
}

/* Folded into the first quarter, where the series needs eleven terms for the last bit but one. */
double sn_sine(double turns) {
    double sign = 1, sum = 1;
    if (turns >= 0.5) {
        turns -= 0.5;
        sign = -1;
    }
    if (turns > 0.25) turns = 0.5 - turns;
    double x = turns * (2 * PI);
    for (int n = 22; n > 0; n -= 2) sum = 1 - x * x / (n * (n + 1)) * sum;
    return sign * x * sum;
}

static double middle(const struct sn_segment *segment) {
    return (segment->from_per_s + segment->to_per_s) / 2;
}

/* How far into its wave a moment is, from 0 up to 1. */
static double turns(const struct sn_segment *segment, int64_t at_us) {
    int64_t rest_us = (at_us - segment->start_us) % segment->period_us;
    return (double)rest_us / (double)segment->period_us;
}

static double wave_rate(const struct sn_segment *segment, int64_t at_us) {
    double height = segment->to_per_s - middle(segment);
    return fmax(middle(segment) + height * sn_sine(turns(segment, at_us)), 0);
}

/* The integral of sin is 1 − cos, which is 2·sin² of half the angle: without the difference of two large numbers. */
static double wave_area(const struct sn_segment *segment, int64_t at_us) {
    double height = segment->to_per_s - middle(segment);
    double half = sn_sine(turns(segment, at_us) / 2);
    return middle(segment) * seconds(at_us - segment->start_us) +
           height * seconds(segment->period_us) / PI * (half * half);
}

double sn_segment_rate_per_s(const struct sn_segment *segment, int64_t at_us) {
    if (segment->shape == SN_SHAPE_SINE) return wave_rate(segment, at_us);
    double share = (double)(at_us - segment->start_us) / (double)(segment->end_us - segment->start_us);
    return segment->from_per_s + (segment->to_per_s - segment->from_per_s) * share;
}

double sn_segment_peak_per_s(const struct sn_segment *segment) {
    if (segment->shape != SN_SHAPE_SINE) return fmax(segment->from_per_s, segment->to_per_s);
    bool reached = segment->end_us - segment->start_us >= segment->period_us / 4;
    return reached ? segment->to_per_s : wave_rate(segment, segment->end_us);
}

double sn_segment_area(const struct sn_segment *segment) {
    if (segment->shape == SN_SHAPE_SINE) return wave_area(segment, segment->end_us);
    return middle(segment) * seconds(segment->end_us - segment->start_us);
}

double sn_segment_integral(const struct sn_segment *segment, int64_t at_us) {
    if (segment->shape == SN_SHAPE_SINE) return segment->before + wave_area(segment, at_us);
    double x = seconds(at_us - segment->start_us);
    double length = seconds(segment->end_us - segment->start_us);
    double slope = (segment->to_per_s - segment->from_per_s) / length;
    return segment->before + x * (segment->from_per_s + 0.5 * slope * x);
}

/* A line: from x·a + x²·slope/2 = n, in the form that is stable for a level one too.  A wave: as if it were level. */
int64_t sn_segment_guess_us(const struct sn_segment *segment, double n) {
    double from = segment->shape == SN_SHAPE_SINE ? middle(segment) : segment->from_per_s;
    double to = segment->shape == SN_SHAPE_SINE ? from : segment->to_per_s;
    double length = seconds(segment->end_us - segment->start_us);
    double slope = (to - from) / length;
    n = fmax(n - segment->before, 0);
    double divisor = from + sqrt(fmax(from * from + 2.0 * n * slope, 0));
    double x = divisor > 0 ? 2.0 * n / divisor : length;
    return segment->start_us + (int64_t)(fmin(x, length) * 1e6);
}
