/* Student's t: how far a mean may lie from another by accident. */
#ifndef SENTINEL_MEASURE_STUDENT_H
#define SENTINEL_MEASURE_STUDENT_H

/* How likely |t| is at least so large by accident, with so many degrees of freedom, above 0: from 1 at t = 0 downwards.  The
 * regularised incomplete beta function I(x; ν/2, ½) at x = ν/(ν + t²), by its continued fraction (Abramowitz and Stegun
 * 26.5.8, 26.7.1).  Within 1e-11 of it, in parts of it, up to a thousand degrees, and less well beyond. */
double sn_student_p(double t, double freedom);

/* The t that |t| exceeds with probability p, from 1e-300 to 1. */
double sn_student_t(double p, double freedom);

#endif
